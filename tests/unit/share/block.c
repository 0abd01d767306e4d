/*
 * Tests of blocks: rows come out as they went in, with times by our clock;
 * versions that have other columns understand each other; of what makes no
 * sense a row is left out, or all of it.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share/block.h"
#include "state/schema.h"

/* When blocks are written, by their clock, and come, by ours. */
#define AT INT64_C(1764400000000)
#define NOW INT64_C(1764490000000)
#define OFFSET (NOW - AT)

static const struct block_clock clock_of = {.known = true, .offset_ms = OFFSET};

struct heard {
	const struct table *table;
	union schema_row row[BLOCK_ROWS];
	size_t n;
	struct block_found found;
	int status;
};

static void
take(void *context, const void *row)
{
	struct heard *h = context;

	ck_assert_uint_lt(h->n, BLOCK_ROWS);
	memcpy(&h->row[h->n++], row, h->table->size);
}

static struct heard heard;

static const struct heard *
hear(enum state_table table, const char *owner, const char *value)
{
	const struct block_of of = {.table = schema_table(table),
	    .owner = owner,
	    .clock = &clock_of,
	    .now_ms = NOW};

	memset(&heard, 0, sizeof(heard));
	heard.table = of.table;
	heard.status =
	    block_read(&of, value, strlen(value), take, &heard, &heard.found);
	ck_assert_uint_eq(heard.n, heard.found.rows);
	ck_assert((heard.found.why[0] == '\0') ==
	    (heard.status == 0 && heard.found.bad == 0));
	return &heard;
}

static const char *
say(enum state_table table, const void *const *rows, size_t n)
{
	static struct text text;

	text_finish(&text);
	text_init(&text, BLOCK_BYTES);
	block_write(schema_table(table), rows, n, AT, &text);
	ck_assert(!text.failed);
	return text.data;
}

static struct state_endpoint
an_endpoint(const char *pool, const char *name)
{
	struct state_endpoint row = {.vantage = "us-east",
	    .zone = "inference.example",
	    .health = HEALTH_UP,
	    .since_ms = AT - 60000,
	    .checked_ms = AT - 1000,
	    .connect_us = -1,
	    .first_byte_us = -1,
	    .certificate_ms = -1,
	    .first_token_us = -1,
	    .maintenance_ms = -1,
	    .held_ms = -1,
	    .hold_ms = -1};

	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", name);
	return row;
}

START_TEST(test_what_all_rows_begin_with_is_left_out)
{
	struct state_endpoint a = an_endpoint("chat-v1", "use1-a");
	struct state_endpoint b = an_endpoint("chat-v1", "use1-b");
	struct state_endpoint c = an_endpoint("chat-v2", "use1-a");
	const void *rows[] = {&a, &b, &c};

	snprintf(b.reason, sizeof(b.reason), "say \"no\" \\ twice");
	b.health = HEALTH_DOWN;
	ck_assert_str_eq(say(TABLE_ENDPOINT, rows, 3),
	    "{\"at\":1764400000000,"
	    "\"columns\":[\"endpoint\",\"health\",\"reason\",\"since_ms\","
	    "\"checked_ms\"],"
	    "\"pools\":[[\"inference.example\",\"chat-v1\",["
	    "[\"use1-a\",\"up\",\"\",1764399940000,1764399999000],"
	    "[\"use1-b\",\"down\",\"say \\\"no\\\" \\\\ twice\","
	    "1764399940000,1764399999000]]],"
	    "[\"inference.example\",\"chat-v2\",["
	    "[\"use1-a\",\"up\",\"\",1764399940000,1764399999000]]]]}");
}
END_TEST

START_TEST(test_an_endpoint_comes_as_it_went)
{
	struct state_endpoint row = an_endpoint("chat-v1", "use1-a");
	const void *rows[] = {&row};
	const struct heard *h;

	row.health = HEALTH_DOWN;
	snprintf(row.reason, sizeof(row.reason), "status 503");
	row.passes = 1;
	row.fails = 2;
	row.connect_us = 0;
	row.first_byte_us = 1234;
	snprintf(row.degraded, sizeof(row.degraded), "slow");
	row.certificate_ms = AT + 5000;
	row.first_token_us = 99;
	row.maintenance_ms = AT + 3600000;
	snprintf(row.maintenance, sizeof(row.maintenance), "switches");
	row.told = HEALTH_DEGRADED;
	row.held_ms = AT + 30000;
	row.hold_ms = 60000;
	row.sequence = 77;
	h = hear(TABLE_ENDPOINT, "us-east", say(TABLE_ENDPOINT, rows, 1));
	ck_assert_int_eq(h->status, 0);
	ck_assert_uint_eq(h->n, 1);
	/* Moments by our clock; a length and a date stay; no sequence. */
	row.since_ms += OFFSET;
	row.checked_ms += OFFSET;
	row.maintenance_ms += OFFSET;
	row.held_ms += OFFSET;
	row.sequence = 0;
	ck_assert_mem_eq(&h->row[0].endpoint, &row, sizeof(row));
}
END_TEST

START_TEST(test_a_load_comes_as_it_went)
{
	struct state_load row = {.vantage = "us-east",
	    .zone = "inference.example",
	    .pool = "chat-v1",
	    .endpoint = "use1-a",
	    .saturation = 0.1,
	    .waiting = 1.0 / 3,
	    .running = 0,
	    .max_running = 1e9,
	    .kv_cache = (double)NAN,
	    .utilization = (double)NAN,
	    .preemptions = (double)NAN,
	    .requests = (double)NAN,
	    .errors = (double)NAN,
	    .tokens = (double)NAN,
	    .busy = (double)NAN,
	    .first_token_us = -1,
	    .first_token_95_us = -1,
	    .token_us = 7,
	    .source = "metrics"};
	const void *rows[] = {&row};
	const struct heard *h;

	h = hear(TABLE_LOAD, "us-east", say(TABLE_LOAD, rows, 1));
	ck_assert_int_eq(h->status, 0);
	ck_assert_uint_eq(h->n, 1);
	/* Never measured is never measured here, too. */
	ck_assert_int_eq(h->row[0].load.measured_ms, 0);
	ck_assert_mem_eq(&h->row[0].load, &row, sizeof(row));
}
END_TEST

START_TEST(test_rows_of_other_tables_are_blocks_too)
{
	struct state_keep keep = {.zone = "a.example",
	    .pool = "p",
	    .region = "us-east",
	    .keep = 0.75,
	    .at_ms = AT};
	struct state_override said = {.number = 42,
	    .at_ms = AT - 5,
	    .action = "drain",
	    .kind = "region",
	    .target = "us-east",
	    .length_ms = 600000,
	    .ramp_ms = 1000,
	    .author = "root",
	    .reason = "switches"};
	struct state_demand demand = {.node = "n",
	    .zone = "a.example",
	    .pool = "p",
	    .class = "us-east eu-west",
	    .answers = 12.5,
	    .window_ms = 5000,
	    .at_ms = AT};
	const void *rows[] = {&keep};
	const struct heard *h;

	h = hear(TABLE_KEEP, "", say(TABLE_KEEP, rows, 1));
	ck_assert_uint_eq(h->n, 1);
	keep.at_ms = NOW;
	ck_assert_mem_eq(&h->row[0].keep, &keep, sizeof(keep));

	rows[0] = &said;
	h = hear(TABLE_OVERRIDE, "", say(TABLE_OVERRIDE, rows, 1));
	ck_assert_uint_eq(h->n, 1);
	said.at_ms = NOW - 5;
	ck_assert_mem_eq(&h->row[0].override, &said, sizeof(said));

	rows[0] = &demand;
	h = hear(TABLE_DEMAND, "n", say(TABLE_DEMAND, rows, 1));
	ck_assert_uint_eq(h->n, 1);
	demand.at_ms = NOW;
	ck_assert_mem_eq(&h->row[0].demand, &demand, sizeof(demand));
}
END_TEST

START_TEST(test_a_vantage_travels_without_its_clock)
{
	struct state_vantage row = {.name = "us-east",
	    .version = "1.0",
	    .heartbeat_ms = AT,
	    .region = "us-east"};
	const void *rows[] = {&row};
	const struct heard *h;

	ck_assert_ptr_null(strstr(say(TABLE_VANTAGE, rows, 1), "_ms"));
	h = hear(TABLE_VANTAGE, "us-east", say(TABLE_VANTAGE, rows, 1));
	ck_assert_uint_eq(h->n, 1);
	row.heartbeat_ms = NOW;
	ck_assert_mem_eq(&h->row[0].vantage, &row, sizeof(row));
}
END_TEST

START_TEST(test_no_rows_are_a_block)
{
	const struct heard *h =
	    hear(TABLE_ENDPOINT, "v", say(TABLE_ENDPOINT, NULL, 0));

	ck_assert_int_eq(h->status, 0);
	ck_assert_uint_eq(h->n, 0);
}
END_TEST

/* --- what comes may be anything --- */

#define HEAD "{\"at\":1764400000000,\"columns\":[\"endpoint\",\"health\""
#define ROWS "],\"pools\":[[\"z\",\"p\",["
#define TAIL "]]]}"

static const struct {
	const char *what, *value;
	int status;
	size_t rows, bad;
} values[] = {
    {"columns of another version are left out",
	HEAD ",\"mood\"" ROWS "[\"e\",\"up\",{\"a\":[1]}]" TAIL, 0, 1, 0},
    {"what follows of another version is left out",
	HEAD "],\"more\":7,\"pools\":[]}", 0, 0, 0},
    {"a row of a column too few", HEAD ROWS "[\"e\"],[\"f\",\"up\"]" TAIL, 0, 1,
	1},
    {"a row of a column too many", HEAD ROWS "[\"e\",\"up\",1]" TAIL, 0, 0, 1},
    {"a row that is none", HEAD ROWS "7,\"e\",null,{},[\"f\",\"up\"]" TAIL, 0,
	1, 4},
    {"a health that is none", HEAD ROWS "[\"e\",\"ill\"],[\"f\",\"up\"]" TAIL,
	0, 1, 1},
    {"a health that no check finds", HEAD ROWS "[\"e\",\"degraded\"]" TAIL, 0,
	0, 1},
    {"a health that is a number", HEAD ROWS "[\"e\",1]" TAIL, 0, 0, 1},
    {"a health that is NULL", HEAD ROWS "[\"e\",null]" TAIL, 0, 0, 1},
    {"a name that is empty", HEAD ROWS "[\"\",\"up\"]" TAIL, 0, 0, 1},
    {"a name that is a number", HEAD ROWS "[7,\"up\"]" TAIL, 0, 0, 1},
    {"a name that is NULL", HEAD ROWS "[null,\"up\"]" TAIL, 0, 0, 1},
    {"a name with an odd character", HEAD ROWS "[\"a\\nb\",\"up\"]" TAIL, 0, 0,
	1},
    {"a name that is too long",
	HEAD ROWS "[\"0123456789012345678901234567890123456789"
		  "012345678901234567890123\",\"up\"]" TAIL,
	0, 0, 1},
    {"a pool whose zone is empty",
	HEAD "],\"pools\":[[\"\",\"p\",[[\"e\",\"up\"],[\"f\",\"up\"]]],"
	     "[\"z\",\"p\",[[\"e\",\"up\"]]]]}",
	0, 1, 2},
    {"a pool whose name is a number",
	HEAD "],\"pools\":[[\"z\",7,[[\"e\",\"up\"]]]]}", 0, 0, 1},
    {"a time before 1970", HEAD ",\"held_ms\"" ROWS "[\"e\",\"up\",-7]" TAIL, 0,
	0, 1},
    {"a time that stands for NULL",
	HEAD ",\"held_ms\"" ROWS "[\"e\",\"up\",-1]" TAIL, 0, 0, 1},
    {"a time that is NULL", HEAD ",\"held_ms\"" ROWS "[\"e\",\"up\",null]" TAIL,
	0, 1, 0},
    {"a time that must not be NULL",
	HEAD ",\"since_ms\"" ROWS "[\"e\",\"up\",null]" TAIL, 0, 0, 1},
    {"a time with a fraction",
	HEAD ",\"since_ms\"" ROWS "[\"e\",\"up\",1.5]" TAIL, 0, 0, 1},
    {"a time after the year 9999",
	HEAD ",\"since_ms\"" ROWS "[\"e\",\"up\",253402300800000]" TAIL, 0, 0,
	1},
    {"a count that is too large",
	HEAD ",\"passes\"" ROWS "[\"e\",\"up\",4294967296]" TAIL, 0, 0, 1},
    {"the largest count",
	HEAD ",\"passes\"" ROWS "[\"e\",\"up\",4294967295]" TAIL, 0, 1, 0},
    {"a count below 0", HEAD ",\"passes\"" ROWS "[\"e\",\"up\",-1]" TAIL, 0, 0,
	1},
    {"a sequence is not ours, and so unknown",
	HEAD ",\"sequence\"" ROWS "[\"e\",\"up\",-1]" TAIL, 0, 1, 0},
    {"the name of the vantage is not the block's to say",
	HEAD ",\"vantage\"" ROWS "[\"e\",\"up\",\"other\"]" TAIL, 0, 1, 0},
    {"nothing", "", -1, 0, 0},
    {"no JSON", "{\"at\":1764400000000,", -1, 0, 0},
    {"something after it", HEAD "],\"pools\":[]}x", -1, 0, 0},
    {"no object", "[1764400000000]", -1, 0, 0},
    {"it does not begin with its time",
	"{\"columns\":[\"endpoint\",\"health\"],\"at\":1,\"pools\":[]}", -1, 0,
	0},
    {"its time is no number",
	"{\"at\":\"1\",\"columns\":[\"endpoint\",\"health\"],\"pools\":[]}", -1,
	0, 0},
    {"its time is 0",
	"{\"at\":0,\"columns\":[\"endpoint\",\"health\"],\"pools\":[]}", -1, 0,
	0},
    {"its time is said twice", HEAD "],\"at\":1,\"pools\":[]}", -1, 0, 0},
    {"no columns", "{\"at\":1764400000000,\"pools\":[]}", -1, 0, 0},
    {"columns that are no list",
	"{\"at\":1764400000000,\"columns\":{},\"pools\":[]}", -1, 0, 0},
    {"a column that is no name", HEAD ",7],\"pools\":[]}", -1, 0, 0},
    {"a column twice", HEAD ",\"health\"],\"pools\":[]}", -1, 0, 0},
    {"a column that has to be there",
	"{\"at\":1764400000000,\"columns\":[\"endpoint\"],\"pools\":[]}", -1, 0,
	0},
    {"a key that has to be there",
	"{\"at\":1764400000000,\"columns\":[\"health\"],\"pools\":[]}", -1, 0,
	0},
    {"no pools", HEAD "]}", -1, 0, 0},
    {"pools that are no list", HEAD "],\"pools\":{}}", -1, 0, 0},
    {"a pool that is no list", HEAD "],\"pools\":[7]}", -1, 0, 0},
    {"a pool of a part too few", HEAD "],\"pools\":[[\"z\",[]]]}", -1, 0, 0},
    {"a pool of a part too many", HEAD "],\"pools\":[[\"z\",\"p\",\"q\",[]]]}",
	-1, 0, 0},
    {"a pool whose rows are no list", HEAD "],\"pools\":[[\"z\",\"p\",{}]]}",
	-1, 0, 0},
    {"what is not UTF-8", HEAD ROWS "[\"\xff\",\"up\"]" TAIL, -1, 0, 0},
};

START_TEST(test_what_makes_no_sense_is_left_out)
{
	const struct heard *h =
	    hear(TABLE_ENDPOINT, "us-east", values[_i].value);

	ck_assert_msg(h->status == values[_i].status &&
		h->n == values[_i].rows && h->found.bad == values[_i].bad,
	    "%s: %d, %zu rows, %zu bad: %s", values[_i].what, h->status, h->n,
	    h->found.bad, h->found.why);
	for (size_t i = 0; i < h->n; i++)
		ck_assert_str_eq(h->row[i].endpoint.vantage, "us-east");
}
END_TEST

START_TEST(test_words_say_what_is_wrong)
{
	ck_assert_str_eq(hear(TABLE_ENDPOINT, "us-east",
			     HEAD ROWS "[\"e\",\"up\"],[\"e\",\"ill\"],"
				       "[\"\",\"up\"]" TAIL)
			     ->found.why,
	    "health of a row makes no sense");
	ck_assert_str_eq(hear(TABLE_ENDPOINT, "us-east",
			     "{\"at\":1764400000000,\"columns\":[\"endpoint\"],"
			     "\"pools\":[]}")
			     ->found.why,
	    "column health is missing");
}
END_TEST

START_TEST(test_a_block_has_at_most_256_rows_and_64_columns)
{
	static struct text t;

	for (int n = BLOCK_ROWS; n <= BLOCK_ROWS + 1; n++) {
		text_init(&t, BLOCK_BYTES);
		text_add(&t, HEAD ROWS);
		for (int i = 0; i < n; i++)
			text_add(&t, "%s[\"e%d\",\"up\"]", i > 0 ? "," : "", i);
		text_add(&t, TAIL);
		(void)hear(TABLE_ENDPOINT, "v", t.data);
		ck_assert_int_eq(heard.status, n > BLOCK_ROWS ? -1 : 0);
		ck_assert_uint_eq(heard.n, n > BLOCK_ROWS ? 0 : BLOCK_ROWS);
		text_finish(&t);
	}
	for (int n = 64; n <= 65; n++) {
		text_init(&t, BLOCK_BYTES);
		text_add(&t, HEAD);
		for (int i = 2; i < n; i++)
			text_add(&t, ",\"x%d\"", i);
		text_add(&t, "],\"pools\":[]}");
		ck_assert_int_eq(
		    hear(TABLE_ENDPOINT, "v", t.data)->status, n > 64 ? -1 : 0);
		text_finish(&t);
	}
}
END_TEST

START_TEST(test_a_value_has_at_most_a_mebibyte)
{
	const char block[] = HEAD "],\"pools\":[]}";
	char *value = malloc(BLOCK_BYTES + 2);

	ck_assert_ptr_nonnull(value);
	memset(value, ' ', BLOCK_BYTES + 1);
	memcpy(value, block, sizeof(block) - 1);
	value[BLOCK_BYTES] = '\0';
	ck_assert_int_eq(hear(TABLE_ENDPOINT, "v", value)->status, 0);
	value[BLOCK_BYTES] = ' ';
	value[BLOCK_BYTES + 1] = '\0';
	ck_assert_int_eq(hear(TABLE_ENDPOINT, "v", value)->status, -1);
	free(value);
}
END_TEST

START_TEST(test_a_vantage_that_has_no_name_says_nothing)
{
	ck_assert_int_eq(
	    hear(TABLE_ENDPOINT, "", HEAD "],\"pools\":[]}")->status, -1);
}
END_TEST

START_TEST(test_256_rows_at_their_longest_fit_into_a_value)
{
	static struct state_endpoint longer[BLOCK_ROWS];
	const void *rows[BLOCK_ROWS];
	const struct heard *h;

	for (size_t i = 0; i < BLOCK_ROWS; i++) {
		struct state_endpoint *e = &longer[i];

		memset(e->vantage, '"', STATE_NAME - 1);
		memset(e->zone, '"', STATE_ZONE - 1);
		memset(e->pool, '"', STATE_NAME - 1);
		memset(e->endpoint, '"', STATE_NAME - 1);
		snprintf(e->zone, 8, "%zu", i);
		e->zone[strlen(e->zone)] = '"';
		memset(e->reason, '"', STATE_REASON - 1);
		memset(e->degraded, '"', STATE_REASON - 1);
		memset(e->maintenance, '"', STATE_REASON - 1);
		e->since_ms = e->checked_ms = COLUMN_TIME_MAX - OFFSET;
		e->passes = e->fails = UINT32_MAX;
		e->connect_us = e->first_byte_us = INT64_MAX;
		e->first_token_us = INT64_MAX;
		e->certificate_ms = COLUMN_TIME_MAX;
		e->told = HEALTH_DEGRADED;
		rows[i] = e;
	}
	h = hear(TABLE_ENDPOINT, longer[0].vantage,
	    say(TABLE_ENDPOINT, rows, BLOCK_ROWS));
	ck_assert_int_eq(h->status, 0);
	ck_assert_uint_eq(h->n, BLOCK_ROWS);
}
END_TEST

static const struct {
	const char *value;
	size_t len;    /* of it that is there */
	int64_t at_ms; /* 0: it is no block */
} times[] = {
    {"{\"at\":1234567890,", 17, INT64_C(1234567890)},
    {"{\"at\":1234567890", 16, INT64_C(1234567890)},
    {"{\"at\":1234567890", 15, 123456789},
    {"{\"at\":1", 7, 1},
    {"{\"at\":1", 6, 0},
    {"{\"at\":1", 5, 0},
    {"{\"at\":0,", 8, 0},
    {"{\"at\":-1,", 9, 0},
    {"{\"at\":253402300799999,", 22, COLUMN_TIME_MAX},
    {"{\"at\":253402300800000,", 22, 0},
    {"{ \"at\":1,", 9, 0},
    {"", 0, 0},
};

START_TEST(test_a_block_begins_with_when_it_was_written)
{
	int64_t at_ms = 0;

	ck_assert(block_at(times[_i].value, times[_i].len, &at_ms) ==
	    (times[_i].at_ms != 0));
	ck_assert_int_eq(at_ms, times[_i].at_ms);
}
END_TEST

static const struct {
	const char *value;
	const char *name; /* NULL: none */
} writers[] = {
    {"{\"at\":1,\"by\":\"us-east-1\",\"columns\":[],\"pools\":[]}",
	"us-east-1"},
    {"{\"at\":1,\"columns\":[],\"pools\":[]}", NULL},
    {"{\"at\":1,\"by\":\"\",\"columns\":[]}", NULL},
    {"{\"at\":1,\"by\":\"a\\\"b\",", NULL},
    {"{\"at\":1,\"by\":\"a b\"", NULL},
    {"{\"at\":1,\"by\":\"a", NULL},
    {"{\"at\":1,\"by\":7", NULL},
    {"{\"at\":1", NULL},
    {"{\"by\":\"a\"", NULL},
    {"", NULL},
};

START_TEST(test_who_wrote_a_block_may_be_said)
{
	const char *value = writers[_i].value;
	char name[STATE_NAME] = "before";

	ck_assert(
	    block_by(value, strlen(value), name) == (writers[_i].name != NULL));
	ck_assert_str_eq(
	    name, writers[_i].name != NULL ? writers[_i].name : "before");
}
END_TEST

START_TEST(test_who_wrote_a_block_is_passed_over_by_its_readers)
{
	const struct state_endpoint row = {.zone = "z",
	    .pool = "p",
	    .endpoint = "e",
	    .vantage = "v",
	    .health = HEALTH_DOWN};
	const void *rows[] = {&row};
	struct text text;
	char name[STATE_NAME] = "";

	text_init(&text, BLOCK_BYTES);
	block_write_by(
	    schema_table(TABLE_ENDPOINT), rows, 1, AT, "filler", &text);
	ck_assert(block_by(text.data, text.len, name));
	ck_assert_str_eq(name, "filler");
	hear(TABLE_ENDPOINT, "v", text.data);
	ck_assert_int_eq(heard.status, 0);
	ck_assert_uint_eq(heard.n, 1);
	ck_assert_int_eq(heard.row[0].endpoint.health, HEALTH_DOWN);
	text_finish(&text);
}
END_TEST

/* --- clocks --- */

START_TEST(test_nothing_that_was_is_yet_to_come)
{
	const struct heard *h = hear(TABLE_ENDPOINT, "v",
	    HEAD ",\"since_ms\",\"held_ms\"" ROWS
		 "[\"e\",\"up\",1764400000001,1764400000001]" TAIL);

	ck_assert_int_eq(h->row[0].endpoint.since_ms, NOW);
	ck_assert_int_eq(h->row[0].endpoint.held_ms, NOW + 1);
}
END_TEST

START_TEST(test_a_time_stays_one_that_can_be)
{
	const struct block_clock behind = {
	    .known = true, .offset_ms = -COLUMN_TIME_MAX};
	struct block_of of = {.table = schema_table(TABLE_ENDPOINT),
	    .owner = "v",
	    .clock = &behind,
	    .now_ms = NOW};
	const char value[] =
	    HEAD ",\"since_ms\",\"held_ms\"" ROWS "[\"e\",\"up\",5,5]" TAIL;
	const struct block_clock ahead = {
	    .known = true, .offset_ms = COLUMN_TIME_MAX};

	memset(&heard, 0, sizeof(heard));
	heard.table = of.table;
	ck_assert_int_eq(block_read(&of, value, sizeof(value) - 1, take, &heard,
			     &heard.found),
	    0);
	ck_assert_int_eq(heard.row[0].endpoint.since_ms, 1);
	ck_assert_int_eq(heard.row[0].endpoint.held_ms, 1);
	of.clock = &ahead;
	ck_assert_int_eq(block_read(&of, value, sizeof(value) - 1, take, &heard,
			     &heard.found),
	    0);
	ck_assert_int_eq(heard.row[1].endpoint.since_ms, NOW);
	ck_assert_int_eq(heard.row[1].endpoint.held_ms, COLUMN_TIME_MAX);
}
END_TEST

static const struct {
	const char *what;
	int64_t known_ms; /* the offset before; -1: none */
	int64_t age_ms;   /* of what is heard */
	bool fresh;
	int64_t offset_ms; /* after */
} hearings[] = {
    {"the first says all that is known", -1, 5000, false, 5000},
    {"the first by a watch, too", -1, 5000, true, 5000},
    {"what took longer says nothing", 5000, 6000, false, 5000},
    {"however long, when it was read", 5000, 9999999, false, 5000},
    {"a minute more by a watch is a poor link", 5000, 65000, true, 5000},
    {"past that a clock was set", 5000, 65001, true, 65001},
    {"what came faster by less than a second", 5000, 4001, true, 5000},
    {"what came faster by a second is nearer", 5000, 4000, false, 4000},
    {"by a watch, too", 5000, 4000, true, 4000},
};

START_TEST(test_clocks_differ_by_the_least_that_was_heard)
{
	struct block_clock clock = {.known = hearings[_i].known_ms >= 0,
	    .offset_ms = hearings[_i].known_ms};

	block_clock_hear(
	    &clock, AT, AT + hearings[_i].age_ms, hearings[_i].fresh);
	ck_assert(clock.known);
	ck_assert_msg(clock.offset_ms == hearings[_i].offset_ms, "%s: %lld",
	    hearings[_i].what, (long long)clock.offset_ms);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("block");
	TCase *tc = tcase_create("blocks");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_what_all_rows_begin_with_is_left_out);
	tcase_add_test(tc, test_an_endpoint_comes_as_it_went);
	tcase_add_test(tc, test_a_load_comes_as_it_went);
	tcase_add_test(tc, test_rows_of_other_tables_are_blocks_too);
	tcase_add_test(tc, test_a_vantage_travels_without_its_clock);
	tcase_add_test(tc, test_no_rows_are_a_block);
	tcase_add_loop_test(tc, test_what_makes_no_sense_is_left_out, 0,
	    (int)(sizeof(values) / sizeof(values[0])));
	tcase_add_test(tc, test_words_say_what_is_wrong);
	tcase_add_test(tc, test_a_block_has_at_most_256_rows_and_64_columns);
	tcase_add_test(tc, test_a_value_has_at_most_a_mebibyte);
	tcase_add_test(tc, test_a_vantage_that_has_no_name_says_nothing);
	tcase_add_test(tc, test_256_rows_at_their_longest_fit_into_a_value);
	tcase_add_loop_test(tc, test_a_block_begins_with_when_it_was_written, 0,
	    (int)(sizeof(times) / sizeof(times[0])));
	tcase_add_loop_test(tc, test_who_wrote_a_block_may_be_said, 0,
	    (int)(sizeof(writers) / sizeof(writers[0])));
	tcase_add_test(
	    tc, test_who_wrote_a_block_is_passed_over_by_its_readers);
	tcase_add_test(tc, test_nothing_that_was_is_yet_to_come);
	tcase_add_test(tc, test_a_time_stays_one_that_can_be);
	tcase_add_loop_test(tc, test_clocks_differ_by_the_least_that_was_heard,
	    0, (int)(sizeof(hearings) / sizeof(hearings[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
