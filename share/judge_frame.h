/* What the sharer and the process that judges say to each other.  For
 * share/judge and share/judge_child alone. */
#ifndef SHARE_JUDGE_FRAME_H
#define SHARE_JUDGE_FRAME_H

/* By which main() knows it. */
#define JUDGE_ARGUMENT "--judge"

enum judge_frame {
	JUDGE_READY = 1, /* from it: it waits */
	JUDGE_ROW,       /* to it: the row, packed */
	JUDGE_FINE,      /* from it: it breaks no rule */
	JUDGE_UNSAFE,    /* it does, and why, in words */
	JUDGE_UNKNOWN    /* nobody can tell */
};

#endif
