/*
 * The control thread of meridiand: its loop, signals and timers, and the order
 * in which its parts start and end: the reloader loads, the follower knows of
 * health, the publisher gives both to the workers, the board shows them to the
 * pages.
 */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/serve/listeners.h"

struct control;

/*
 * control = control_create(path, strict, connection_room, eb): load all that
 * ${path} names, or of files with errors the last that loaded, unless
 * ${strict}; whatever that says, no more than ${connection_room} TCP
 * connections are taken.  NULL with errors in ${eb}; warnings may be in it in
 * either case.
 */
struct control *control_create(
    const char *path, bool strict, uint32_t connection_room, struct errbuf *eb);

/*
 * status = control_run(control, listeners, n, copies): serve until SIGTERM or
 * SIGINT; reload on SIGHUP.  0, or -1 when it could not start (logged).
 */
int control_run(struct control *control, struct listener *listeners, size_t n,
    size_t copies);

/* control_destroy(control): free it and the generation it serves.  NULL is
 * fine. */
void control_destroy(struct control *control);

#endif
