/*
 * Notices whether verdicts have to be decided again.  Called by the health
 * model with each change and each `live`; looks at vantages, never at votes.
 */
#include "steering/basis.h"

void
basis_init(struct basis *b)
{
	b->n = 0;
	b->number = 1;
}

void
basis_change(struct basis *b)
{
	b->number++;
}

/* Take over what ${v} is worth.  True when that is news. */
static bool
take(struct basis_vantage *known, const struct vantage *v,
    enum vantage_trust trust)
{
	const struct basis_vantage now = {.place = v->place,
	    .life = v->life,
	    .trust = (uint8_t)trust,
	    .sight = v->sight.state,
	    .away = v->node[0] != '\0'};
	bool news = known->place != now.place || known->life != now.life ||
	    known->trust != now.trust || known->sight != now.sight ||
	    known->away != now.away;

	*known = now;
	return news;
}

uint64_t
basis_look(struct basis *b, const struct quorum *q)
{
	const struct vantage_table *table = q->vantages;
	bool news = b->n != table->n ||
	    b->stale_after_ms != table->stale_after_ms ||
	    b->joined_ms != q->joined_ms || b->then != q->then ||
	    b->cut != q->cut;

	b->n = table->n;
	b->stale_after_ms = table->stale_after_ms;
	b->joined_ms = q->joined_ms;
	b->then = q->then;
	b->cut = q->cut;
	for (uint32_t i = 0; i < table->n; i++)
		news |= take(&b->of[i], &table->of[i],
		    vantage_trust(table, &table->of[i], q->mono_ms));
	if (news)
		basis_change(b);
	return b->number;
}
