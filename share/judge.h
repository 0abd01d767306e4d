/*
 * Whether an override that was said while this node was cut off breaks the
 * safety rule by what is known now.  Called by the sharer; the files and the
 * state database are read by a process of its own, which ends then, so that
 * nothing of it delays or ends what is shared.
 */
#ifndef SHARE_JUDGE_H
#define SHARE_JUDGE_H

#include <stdbool.h>
#include <uv.h>

#include "state/rows.h"

struct judge;

/* ${words}: why it breaks the rule; "": it does not; NULL: nobody can tell, as
 * the files have errors or the process died. */
typedef void (*judge_told)(void *context, const char *id, const char *words);

/*
 * judge = judge_start(loop, path, row, told, context): look at ${row} with the
 * files that ${path}, the node's, names.  ${told} is called once, from the
 * loop; then judge_stop().  NULL without memory.
 * judge_stop(judge): NULL is fine.
 */
struct judge *judge_start(uv_loop_t *loop, const char *path,
    const struct state_override *row, judge_told told, void *context);
void judge_stop(struct judge *judge);

/* is = judge_is_child(argc, argv): this process was started to judge.
 * status = judge_child(argc, argv): do that; for main() to return. */
bool judge_is_child(int argc, char **argv);
int judge_child(int argc, char **argv);

#endif
