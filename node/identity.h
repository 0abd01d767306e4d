/*
 * The node's identity: what the server says of itself to clients, as
 * meridian.yaml has it, and the secrets of its cookies.  Called by the control
 * thread for each load, and by meridianctl check; other commands never need to
 * read the secrets.
 */
#ifndef NODE_IDENTITY_H
#define NODE_IDENTITY_H

#include "base/errbuf.h"
#include "config/server.h"
#include "dns/wire/identity.h"

/*
 * status = identity_load(config, out, eb): fill ${out}; its texts stay those of
 * ${config}.  Cookies have no secret when they are off, or when ${config} names
 * no file of secrets.  That file has one secret a line, of 32 hexadecimal
 * digits; a "#" begins a comment.  No message shows what is in it.  0, or
 * -1 with errors in ${eb}; a file that everybody may read or change brings a
 * warning.
 */
int identity_load(const struct server_config *config, struct identity *out,
    struct errbuf *eb);

#endif
