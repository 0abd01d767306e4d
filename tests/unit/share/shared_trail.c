/*
 * Tests of the trail that all nodes share: what was accepted is never lost,
 * all nodes have the same, and its order is that of acceptance.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/shared_trail.h"

#define NOW_MS INT64_C(1795961110000)

static struct state_override
row_of(const char *id, uint64_t number, const char *action, const char *target,
    uint32_t shared)
{
	struct state_override row = {.number = number,
	    .at_ms = NOW_MS - 1000,
	    .length_ms = -1,
	    .shared = shared};

	(void)snprintf(row.id, sizeof(row.id), "%s", id);
	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "region");
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	return row;
}

/* What etcd has when it was read. */
static void
read_rows(struct shared_trail *t, const struct state_override *rows, size_t n)
{
	shared_trail_begin(t);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(shared_trail_row(t, &rows[i]), 0);
	shared_trail_end(t);
}

START_TEST(what_is_said_gets_the_next_number)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override theirs =
	    row_of("a", 7, "drain", "west", STATE_SHARED_ACCEPTED);
	struct state_override mine =
	    row_of("b", 7, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	/* Nothing is offered before etcd was read. */
	ck_assert(!shared_trail_offer(t, NOW_MS, &out));
	read_rows(t, &theirs, 1);
	ck_assert(shared_trail_take(t, &out));
	ck_assert_str_eq(out.id, "a");
	ck_assert(!shared_trail_take(t, &out));
	ck_assert_uint_eq(shared_trail_waiting(t, NOW_MS), 1);
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 8);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	/* One at a time. */
	ck_assert(!shared_trail_offer(t, NOW_MS, &(struct state_override){0}));
	shared_trail_settle(t, true);
	ck_assert_uint_eq(shared_trail_waiting(t, NOW_MS), 0);
	/* And so it has to be here. */
	ck_assert(shared_trail_take(t, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 8);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	ck_assert(!shared_trail_take(t, &out));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_race_that_is_lost_is_run_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override mine =
	    row_of("b", 1, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override other =
	    row_of("a", 1, "undrain", "east", STATE_SHARED_ACCEPTED);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, NULL, 0);
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 1);
	ck_assert_int_eq(shared_trail_row(t, &other), 0);
	shared_trail_settle(t, false);
	/* Said with the link: the later of two counts, it is not refused. */
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 2);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	shared_trail_destroy(t);
}
END_TEST

static const struct {
	const char *what;
	uint64_t number;             /* of the row that etcd has */
	const char *action, *target; /* the same */
	uint32_t shared;             /* the same */
	bool refused;
} meanwhile[] = {
    {"the same was drained", 5, "drain", "east", STATE_SHARED_ACCEPTED, true},
    {"its drain was ended", 6, "undrain", "east", STATE_SHARED_ACCEPTED, true},
    {"before: it was known", 4, "undrain", "east", STATE_SHARED_ACCEPTED,
	false},
    {"another region", 6, "drain", "west", STATE_SHARED_ACCEPTED, false},
    {"another thing", 6, "weight", "east", STATE_SHARED_ACCEPTED, false},
    {"what was refused", 6, "drain", "east", STATE_SHARED_REFUSED, false},
};

START_TEST(what_was_said_while_cut_off_gives_way_to_what_came_later)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override mine =
	    row_of("b", 5, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override theirs = row_of("a", meanwhile[_i].number,
	    meanwhile[_i].action, meanwhile[_i].target, meanwhile[_i].shared);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, true), 0);
	read_rows(t, &theirs, 1);
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, meanwhile[_i].number + 1);
	ck_assert_msg(
	    (out.shared == STATE_SHARED_REFUSED) == meanwhile[_i].refused, "%s",
	    meanwhile[_i].what);
	ck_assert_int_eq(out.refused[0] != '\0', meanwhile[_i].refused);
	shared_trail_destroy(t);
}
END_TEST

START_TEST(an_etcd_that_is_empty_is_filled)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    rows[] = {row_of("c", 3, "drain", "north", STATE_SHARED_ACCEPTED),
		row_of("a", 1, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of("b", 2, "drain", "west", STATE_SHARED_REFUSED),
		row_of("d", 4, "drain", "south", STATE_SHARED_OFFERED),
		row_of("e", 5, "drain", "here", STATE_SHARED_NOT),
		row_of("", 6, "drain", "old", STATE_SHARED_NOT)};
	static const char *const order[] = {"a", "b", "c", "d", "e"};
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(shared_trail_local(t, &rows[i], false), 0);
	read_rows(t, NULL, 0);
	for (size_t i = 0; i < 5; i++) {
		ck_assert(shared_trail_offer(t, NOW_MS, &out));
		ck_assert_str_eq(out.id, order[i]);
		ck_assert_uint_eq(out.number, i + 1);
		ck_assert_uint_eq(out.shared,
		    i == 1 ? STATE_SHARED_REFUSED : STATE_SHARED_ACCEPTED);
		shared_trail_settle(t, true);
	}
	ck_assert(!shared_trail_offer(t, NOW_MS, &out));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(what_is_too_old_to_count_is_not_written_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    row = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED);

	row.at_ms = NOW_MS - STATE_OVERRIDES_AGE_MS;
	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	read_rows(t, NULL, 0);
	ck_assert_uint_eq(shared_trail_waiting(t, NOW_MS), 0);
	ck_assert(!shared_trail_offer(t, NOW_MS, &out));
	ck_assert(shared_trail_offer(t, NOW_MS - 1, &out));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_number_that_another_row_has_got_is_not_taken)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override theirs =
	    row_of("x", 3, "drain", "west", STATE_SHARED_ACCEPTED);
	struct state_override out,
	    mine = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED);

	/* An older backup was restored, and number 3 given again. */
	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, &theirs, 1);
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 4);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_row_that_was_deleted_is_offered_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    row = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED);

	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	read_rows(t, &row, 1);
	ck_assert(!shared_trail_take(t, &out));
	ck_assert(!shared_trail_offer(t, NOW_MS, &out));
	shared_trail_gone(t, 3);
	ck_assert(shared_trail_offer(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 3);
	shared_trail_destroy(t);
}
END_TEST

/* --- nodes and an etcd, at random --- */

#define NODES 3
#define ROWS 64
#define STEPS 2000

struct model_node {
	struct shared_trail *trail;
	struct state_override rows[ROWS]; /* its database */
	size_t n;
	bool cut;
};

struct model {
	struct model_node node[NODES];
	struct state_override etcd[ROWS], backup[ROWS];
	size_t n, n_backup;
	unsigned said, seed;
	/* The ids of what was accepted. */
	char accepted[ROWS * 2][STATE_ID];
	size_t n_accepted;
};

static unsigned
draw(struct model *m, unsigned below)
{
	m->seed = m->seed * 1103515245 + 12345;
	return m->seed / 65536 % below;
}

/* The database as its carrier writes it: by id, and what was not accepted makes
 * way. */
static void
put(struct model_node *node, const struct state_override *row)
{
	size_t at = node->n;
	uint64_t top = row->number;

	for (size_t i = 0; i < node->n; i++)
		if (strcmp(node->rows[i].id, row->id) == 0)
			at = i;
	if (at == node->n) {
		ck_assert_uint_lt(at, ROWS);
		node->n++;
	}
	node->rows[at] = *row;
	for (size_t i = 0; i < node->n; i++)
		if (node->rows[i].number > top)
			top = node->rows[i].number;
	for (size_t i = 0; i < node->n; i++)
		if (i != at && node->rows[i].number == row->number) {
			node->rows[i].number = ++top;
			ck_assert_int_eq(shared_trail_local(node->trail,
					     &node->rows[i], node->cut),
			    0);
		}
	ck_assert_int_eq(
	    shared_trail_local(node->trail, &node->rows[at], node->cut), 0);
}

static void
take_all(struct model_node *node)
{
	struct state_override row;

	while (shared_trail_take(node->trail, &row))
		put(node, &row);
}

static void
read_etcd(struct model *m, struct model_node *node)
{
	read_rows(node->trail, m->etcd, m->n);
	take_all(node);
}

static void
say(struct model *m, struct model_node *node)
{
	static const char *const targets[] = {"east", "west", "north"};
	char id[STATE_ID];
	struct state_override row;
	uint64_t top = 0;

	if (m->said + 1 == ROWS)
		return;
	for (size_t i = 0; i < node->n; i++)
		if (node->rows[i].number > top)
			top = node->rows[i].number;
	(void)snprintf(id, sizeof(id), "id%u", ++m->said);
	row = row_of(id, top + 1, draw(m, 2) == 0 ? "drain" : "undrain",
	    targets[draw(m, 3)], STATE_SHARED_OFFERED);
	put(node, &row);
}

/* One transaction: nobody has the number, nor wrote any since it was read. */
static void
offer(struct model *m, struct model_node *node)
{
	struct state_override row;
	bool free_number = true;

	if (node->cut || !shared_trail_offer(node->trail, NOW_MS, &row))
		return;
	for (size_t i = 0; i < m->n; i++)
		free_number = free_number && m->etcd[i].number != row.number &&
		    strcmp(m->etcd[i].id, row.id) != 0;
	if (!free_number) {
		read_etcd(m, node);
		return;
	}
	ck_assert_uint_lt(m->n, ROWS);
	m->etcd[m->n++] = row;
	/* The answer may be lost: then nobody was told that it is accepted. */
	if (draw(m, 4) == 0)
		return;
	if (row.shared == STATE_SHARED_ACCEPTED)
		(void)snprintf(m->accepted[m->n_accepted++ % (2 * ROWS)],
		    STATE_ID, "%s", row.id);
	shared_trail_settle(node->trail, true);
	take_all(node);
}

static void
step(struct model *m)
{
	struct model_node *node = &m->node[draw(m, NODES)];

	switch (draw(m, 12)) {
	case 0:
		say(m, node);
		break;
	case 1:
		node->cut = !node->cut;
		if (!node->cut)
			read_etcd(m, node);
		break;
	case 2:
		/* Its sharer is killed and started again. */
		shared_trail_destroy(node->trail);
		node->trail = shared_trail_create();
		for (size_t i = 0; i < node->n; i++)
			ck_assert_int_eq(shared_trail_local(
					     node->trail, &node->rows[i], true),
			    0);
		if (!node->cut)
			read_etcd(m, node);
		break;
	case 3:
		memcpy(m->backup, m->etcd, sizeof(m->backup));
		m->n_backup = m->n;
		break;
	case 4:
		if (draw(m, 8) != 0)
			break;
		/* Etcd is made anew, or a backup is restored: whoever has a
		 * link notices. */
		m->n = draw(m, 2) == 0 ? 0 : m->n_backup;
		memcpy(m->etcd, m->backup, sizeof(m->etcd));
		for (int i = 0; i < NODES; i++)
			if (!m->node[i].cut)
				read_etcd(m, &m->node[i]);
		break;
	case 5:
	case 6:
	case 7:
		if (!node->cut)
			read_etcd(m, node);
		break;
	default:
		offer(m, node);
		break;
	}
}

static bool
has(const struct model_node *node, const char *id)
{
	for (size_t i = 0; i < node->n; i++)
		if (strcmp(node->rows[i].id, id) == 0)
			return node->rows[i].shared == STATE_SHARED_ACCEPTED;
	return false;
}

static int
by_number(const void *a, const void *b)
{
	const struct state_override *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

START_TEST(all_nodes_end_with_the_same_and_nothing_accepted_is_lost)
{
	struct model *m = calloc(1, sizeof(*m));

	ck_assert_ptr_nonnull(m);
	m->seed = (unsigned)_i + 1;
	for (int i = 0; i < NODES; i++)
		m->node[i].trail = shared_trail_create();
	for (int i = 0; i < STEPS; i++)
		step(m);
	for (int i = 0; i < NODES; i++)
		m->node[i].cut = false;
	for (int round = 0; round < 4 * ROWS; round++)
		for (int i = 0; i < NODES; i++) {
			read_etcd(m, &m->node[i]);
			offer(m, &m->node[i]);
		}
	for (int i = 0; i < NODES; i++) {
		struct model_node *node = &m->node[i];

		read_etcd(m, node);
		ck_assert_uint_eq(shared_trail_waiting(node->trail, NOW_MS), 0);
		ck_assert_uint_eq(node->n, m->node[0].n);
		qsort(node->rows, node->n, sizeof(node->rows[0]), by_number);
		for (size_t k = 0; k < node->n; k++) {
			ck_assert_str_eq(
			    node->rows[k].id, m->node[0].rows[k].id);
			ck_assert_uint_eq(
			    node->rows[k].shared, m->node[0].rows[k].shared);
			ck_assert(k == 0 ||
			    node->rows[k].number > node->rows[k - 1].number);
		}
		for (size_t k = 0; k < m->n_accepted && k < 2 * ROWS; k++)
			ck_assert_msg(has(node, m->accepted[k]),
			    "seed %d: node %d lost %s", _i + 1, i,
			    m->accepted[k]);
	}
	for (int i = 0; i < NODES; i++)
		shared_trail_destroy(m->node[i].trail);
	free(m);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("shared trail");
	Suite *suite = suite_create("shared_trail");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, what_is_said_gets_the_next_number);
	tcase_add_test(tc, a_race_that_is_lost_is_run_again);
	tcase_add_loop_test(tc,
	    what_was_said_while_cut_off_gives_way_to_what_came_later, 0,
	    (int)(sizeof(meanwhile) / sizeof(meanwhile[0])));
	tcase_add_test(tc, an_etcd_that_is_empty_is_filled);
	tcase_add_test(tc, what_is_too_old_to_count_is_not_written_again);
	tcase_add_test(tc, a_number_that_another_row_has_got_is_not_taken);
	tcase_add_test(tc, a_row_that_was_deleted_is_offered_again);
	tcase_add_loop_test(tc,
	    all_nodes_end_with_the_same_and_nothing_accepted_is_lost, 0, 40);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
