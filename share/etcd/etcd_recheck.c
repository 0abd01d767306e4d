/*
 * Members that failed and that nothing is asked of any more, as another one
 * answers: what is said of them would stay as it was for ever.  They are asked
 * how they are, from time to time.  See etcd_private.h.
 */
#include "base/clock.h"
#include "share/etcd/etcd_private.h"

/* The endpoint is told by the call itself. */
static void
on_status(void *context, const struct etcd_answer *answer)
{
	(void)context;
	(void)answer;
}

void
etcd_recheck(uv_timer_t *timer)
{
	struct etcd *etcd = timer->data;
	const struct etcd_endpoints *e = &etcd->endpoints;
	int64_t now_ms = clock_mono_ms();

	/* Calls go from one to the next until one answers. */
	if (e->list[e->current].failures > 0)
		return;
	for (size_t i = 0; i < e->n; i++)
		if (e->list[i].failures > 0 && e->list[i].until_ms <= now_ms)
			(void)etcd_status(etcd, i, on_status, NULL);
}
