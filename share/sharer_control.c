/*
 * The sharer, and who steps for which pool: the locks in etcd and what their
 * holders decided, both ways.  Called by the sharer's loop.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/block.h"
#include "share/etcd/etcd_txn.h"
#include "share/sharer_parts.h"

/* A meridian-probe that wrote nothing for the time of a lease, or for this
 * long, steps for nobody: it writes once a second. */
#define SILENT_MIN_MS 5000

/* --- what the files want --- */

static void
on_wanted(void *context, const struct wanted_pool *pools, size_t n)
{
	struct sharer *s = context;
	size_t lacks = 0;

	sharer_time(s);
	locks_want_begin(s->locks);
	for (size_t i = 0; i < n; i++)
		lacks += locks_want(s->locks, pools[i].zone, pools[i].pool,
			     pools[i].step_s) != 0;
	locks_want_end(s->locks);
	if (lacks > 0)
		log_error("this node controls none of %zu pools of its files: "
			  "no memory, or etcd has locks of more than %d pools "
			  "below %slock/: delete those of pools that are not "
			  "yours, and start meridian-share again",
		    lacks, LOCKS_MAX, s->config->share.prefix);
}

/* --- what etcd has --- */

static void
say_odd(void *context, const struct key *key, const char *words)
{
	struct sharer *s = context;

	odd_log_say(&s->odd, ODD_CONTROL,
	    "what etcd says of who controls %s/%s makes no sense and is left "
	    "out: %s",
	    key->name[0], key->name[1], words);
}

static void
take_row(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_lock));
}

static void
put_lock(struct sharer *s, const struct key *key, const struct etcd_pair *pair)
{
	static const struct block_clock no_clock;
	const struct block_of of = {.table = schema_table(TABLE_LOCK),
	    .owner = "",
	    .clock = &no_clock,
	    .now_ms = clock_wall_ms()};
	struct state_lock row = {.node = ""};
	struct block_found found;

	/* It ends with no node. */
	if (pair->lease == 0) {
		say_odd(s, key, "a lock without a lease, which is taken");
		locks_put_unbound(
		    s->locks, key->name[0], key->name[1], pair->mod_revision);
		return;
	}
	if (block_read(&of, pair->value.data, pair->value.len, take_row, &row,
		&found) != 0 ||
	    found.rows != 1 || row.node[0] == '\0')
		say_odd(s, key, "no lock that names its node");
	/* Nobody steps for the pool until it is gone. */
	if (row.node[0] == '\0')
		(void)snprintf(row.node, sizeof(row.node), "?");
	locks_put(s->locks, key->name[0], key->name[1], row.node,
	    (uint64_t)pair->create_revision, pair->lease);
}

static bool
is_sheet(const struct key *key)
{
	return key->kind == KEY_KEEP || key->kind == KEY_FACTOR ||
	    key->kind == KEY_RAMP;
}

bool
sharer_control_put(
    struct sharer *s, const struct key *key, const struct etcd_pair *pair)
{
	if (key->kind == KEY_LOCK) {
		put_lock(s, key, pair);
		return true;
	}
	if (!is_sheet(key))
		return false;
	controls_put(s->controls, key, pair->value.data, pair->value.len,
	    clock_wall_ms());
	controls_written(s->controls, key, pair->mod_revision);
	return true;
}

bool
sharer_control_gone(struct sharer *s, const struct key *key)
{
	if (key->kind == KEY_LOCK)
		locks_gone(s->locks, key->name[0], key->name[1]);
	else if (is_sheet(key))
		controls_gone(s->controls, key);
	else
		return false;
	return true;
}

/* --- what the state database lacks --- */

static void
put_locks(struct sharer *s, bool ours)
{
	union schema_row row;
	bool gone;

	memset(&row, 0, sizeof(row));
	while (locks_row(s->locks, ours, &row.lock, &gone)) {
		if (!gone) {
			sharer_put(s, TABLE_LOCK, &row);
			continue;
		}
		state_recorder_take(s->recorder, TABLE_LOCK, &row);
		s->changed = true;
	}
}

/* Rows of a pool come before the lock that makes them ours, and after the one
 * that makes them another's: the state database takes none of those that are
 * ours from anybody. */
void
sharer_control(struct sharer *s)
{
	/* How far rows may move at a time stands in the files. */
	if (!s->ready || !s->local_known || !s->read ||
	    link_state(s->link) == LINK_CUT || !wanted_looked(s->wanted))
		return;
	put_locks(s, false);
	controls_settle(s->controls, clock_mono_ms());
	put_locks(s, true);
}

void
sharer_control_again(struct sharer *s)
{
	locks_again(s->locks);
	sharer_control(s);
}

static void
put_row(void *context, enum state_table table, const union schema_row *row)
{
	sharer_put(context, table, row);
}

static void
take_away(void *context, enum state_table table, const union schema_row *row)
{
	struct sharer *s = context;

	state_recorder_take(s->recorder, table, row);
	s->changed = true;
}

/* --- what goes to etcd --- */

static struct sharer_flight *
free_flight(struct sharer *s)
{
	for (size_t i = 0; i < SHARER_FLIGHTS; i++)
		if (s->flights[i].sharer == NULL)
			return &s->flights[i];
	return NULL;
}

static void
end_flight(struct sharer_flight *f, bool done)
{
	struct sharer *s = f->sharer;

	sharer_time(s);
	if (f->write != NULL)
		controls_done(f->write, done);
	else
		locks_done(s->locks, &f->op);
	f->write = NULL;
	f->sharer = NULL;
}

static void
on_written(void *context, const struct etcd_answer *answer)
{
	struct sharer_flight *f = context;
	struct sharer *s = f->sharer;
	bool done = answer->outcome == ETCD_OK && answer->succeeded;

	/* What etcd has instead, or whether it has ours, has to be read. */
	if (!done && f->write != NULL)
		link_read_again(s->link);
	end_flight(f, done);
	sharer_send(s);
}

static void
send_flight(struct sharer_flight *f, struct etcd_txn *txn)
{
	if (etcd_txn_send(link_etcd(f->sharer->link), txn, on_written, f) ==
	    NULL)
		end_flight(f, false);
}

static size_t
lock_key(const struct sharer *s, const char *zone, const char *pool,
    char text[KEY_TEXT])
{
	struct key key = {.kind = KEY_LOCK};

	(void)snprintf(key.name[0], sizeof(key.name[0]), "%s", zone);
	(void)snprintf(key.name[1], sizeof(key.name[1]), "%s", pool);
	return key_build(s->config->share.prefix, &key, text);
}

struct removal {
	const struct sharer *s;
	struct etcd_txn *txn;
};

/* A pool that is given up for good: more keys than one transaction takes are
 * left to nobody, and do no harm. */
static void
delete_key(void *context, const struct key *key)
{
	const struct removal *r = context;
	const struct etcd_bytes none = {NULL, 0};
	char text[KEY_TEXT];

	if (etcd_txn_ops(r->txn) + 1 < ETCD_TXN_OPS &&
	    key_build(r->s->config->share.prefix, key, text) != 0)
		etcd_txn_delete(r->txn, etcd_text(text), none);
}

static void
say_lock(const struct sharer *s, const struct locks_op *op, struct text *out)
{
	struct state_lock row = {.token = 0};
	const void *rows[] = {&row};

	memcpy(row.zone, op->zone, sizeof(row.zone));
	memcpy(row.pool, op->pool, sizeof(row.pool));
	memcpy(row.node, s->self.name, sizeof(row.node));
	text_init(out, BLOCK_BYTES);
	block_write(schema_table(TABLE_LOCK), rows, 1, clock_wall_ms(), out);
}

static void
send_lock(struct sharer *s, struct sharer_flight *f)
{
	const struct locks_op *op = &f->op;
	const struct etcd_bytes none = {NULL, 0};
	struct etcd_txn *txn = etcd_txn_create();
	struct removal removal = {s, txn};
	char key[KEY_TEXT];
	struct text value;

	say_lock(s, op, &value);
	/* Its rows have to be here before it is ours. */
	if (txn == NULL || value.data == NULL || value.failed ||
	    lock_key(s, op->zone, op->pool, key) == 0 ||
	    (op->what == LOCKS_TAKE &&
		!controls_settled(s->controls, op->zone, op->pool))) {
		etcd_txn_destroy(txn);
		text_finish(&value);
		end_flight(f, false);
		return;
	}
	if (op->what == LOCKS_CLEAR)
		etcd_txn_if_modified(
		    txn, etcd_text(key), ETCD_EQUAL, op->unbound);
	else
		etcd_txn_if_created(txn, etcd_text(key), ETCD_EQUAL,
		    op->what == LOCKS_TAKE ? 0 : (int64_t)op->token);
	if (op->what == LOCKS_TAKE || op->what == LOCKS_BIND)
		etcd_txn_put(txn, etcd_text(key),
		    (struct etcd_bytes){value.data, value.len},
		    link_lease(s->link));
	else
		etcd_txn_delete(txn, etcd_text(key), none);
	if (op->what == LOCKS_GIVE && op->over)
		controls_keys(
		    s->controls, op->zone, op->pool, delete_key, &removal);
	text_finish(&value);
	send_flight(f, txn);
}

static void
send_write(struct sharer *s, struct sharer_flight *f)
{
	const struct controls_write *write = f->write;
	const struct etcd_bytes none = {NULL, 0};
	struct etcd_txn *txn = etcd_txn_create();
	char key[KEY_TEXT];

	if (txn == NULL || lock_key(s, write->zone, write->pool, key) == 0) {
		etcd_txn_destroy(txn);
		end_flight(f, false);
		return;
	}
	etcd_txn_if_created(
	    txn, etcd_text(key), ETCD_EQUAL, (int64_t)write->token);
	for (size_t i = 0; i < write->n; i++) {
		const struct controls_op *op = &write->op[i];

		if (key_build(s->config->share.prefix, &op->key, key) == 0)
			continue;
		if (op->value != NULL)
			etcd_txn_put(txn, etcd_text(key),
			    (struct etcd_bytes){op->value, op->len}, 0);
		else
			etcd_txn_delete(txn, etcd_text(key), none);
	}
	send_flight(f, txn);
}

void
sharer_control_send(struct sharer *s)
{
	int64_t silent_ms = (int64_t)s->config->share.lease_ms;
	struct sharer_flight *f;

	sharer_time(s);
	locks_may(s->locks,
	    outgoing_lives(s->outgoing,
		silent_ms > SILENT_MIN_MS ? silent_ms : SILENT_MIN_MS));
	while ((f = free_flight(s)) != NULL) {
		f->write = controls_next(
		    s->controls, clock_mono_ms(), clock_wall_ms());
		if (f->write == NULL &&
		    !locks_next(s->locks, link_lease(s->link), &f->op))
			return;
		f->sharer = s;
		if (f->write != NULL)
			send_write(s, f);
		else
			send_lock(s, f);
	}
}

/* --- beginning and end --- */

static const struct controls_calls controls_calls = {
    .put = put_row, .take = take_away, .odd = say_odd};

int
sharer_control_begin(struct sharer *s)
{
	s->locks = locks_create(s->self.name);
	if (s->locks == NULL)
		return -1;
	s->controls = controls_create(s->locks, s->nodes, &controls_calls, s);
	s->wanted = wanted_start(s->loop, s->config->path, on_wanted, s);
	return s->controls != NULL && s->wanted != NULL ? 0 : -1;
}

void
sharer_control_end(struct sharer *s)
{
	for (size_t i = 0; i < SHARER_FLIGHTS; i++)
		if (s->flights[i].write != NULL)
			controls_write_destroy(s->flights[i].write);
	controls_destroy(s->controls);
	locks_destroy(s->locks);
}
