/*
 * Publishing: one writer (the control thread) replaces a pointer, any number
 * of registered reader threads follow it at no cost, and the writer waits until
 * none can still see the old one, which it then frees.  Quiescent-state-based
 * RCU of liburcu.  All memory ordering of the project is in this module.
 *
 * Threads: publish_set() and publish_wait() belong to one writer thread.
 */
#ifndef BASE_PUBLISH_H
#define BASE_PUBLISH_H

struct published {
	void *pointer;
};

/* publish_join(), publish_leave(): a reader thread comes and goes; it is
 * online from the first on. */
void publish_join(void);
void publish_leave(void);

/* publish_offline(): this thread keeps no pointer it was given and may block,
 * as publish_wait() does not wait for it; publish_online(): it reads again. */
void publish_offline(void);
void publish_online(void);

/* p = publish_get(slot): what is published now; valid until this thread goes
 * offline or leaves. */
void *publish_get(const struct published *slot);

/* old = publish_set(slot, p): publish ${p}, return what was there before. */
void *publish_set(struct published *slot, void *p);

/* publish_wait(): return when no reader can still see what was replaced. */
void publish_wait(void);

#endif
