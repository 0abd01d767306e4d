/*
 * Whether meridiand could take the addresses that the node's file lists, and
 * which program has one that it could not.  For meridianctl check; disturbs no
 * server that runs.
 */
#ifndef CTL_PORTS_H
#define CTL_PORTS_H

#include "base/errbuf.h"
#include "config/server.h"

/*
 * ports_check(config, eb): try each address of listen, over UDP and TCP, and
 * that of http.  One that a start could not take is an error in ${eb}, with the
 * program that has it where the kernel lets us see; an address that the
 * meridiand of this very file has is none.
 */
void ports_check(const struct server_config *config, struct errbuf *eb);

#endif
