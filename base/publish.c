/*
 * Publishing by liburcu's QSBR flavour.  Called by workers (readers) and the
 * control thread (the writer).
 */
#include "base/publish.h"

#include <urcu-qsbr.h>

/*
 * ThreadSanitizer cannot see the barriers inside liburcu.  Tell it that what a
 * reader did before it went offline is over when publish_wait() returns.
 */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
static char grace;
#define GRACE_READER_DONE() __tsan_release(&grace)
#define GRACE_OVER() __tsan_acquire(&grace)
#else
#define GRACE_READER_DONE() ((void)0)
#define GRACE_OVER() ((void)0)
#endif

void
publish_join(void)
{
	rcu_register_thread();
}

void
publish_leave(void)
{
	GRACE_READER_DONE();
	rcu_unregister_thread();
}

void
publish_offline(void)
{
	GRACE_READER_DONE();
	rcu_thread_offline();
}

void
publish_online(void)
{
	rcu_thread_online();
}

void *
publish_get(const struct published *slot)
{
	return __atomic_load_n(&slot->pointer, __ATOMIC_ACQUIRE);
}

void *
publish_set(struct published *slot, void *p)
{
	return __atomic_exchange_n(&slot->pointer, p, __ATOMIC_ACQ_REL);
}

void
publish_wait(void)
{
	synchronize_rcu();
	GRACE_OVER();
}
