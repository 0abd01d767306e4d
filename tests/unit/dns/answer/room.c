/*
 * Answers in every room from 512 octets up: whole, or cut as RFC 2181, 9 says,
 * and never a thing between.
 */
#include <check.h>
#include <stdlib.h>

#include "dns/answer/respond.h"
#include "dns/answer/source.h"
#include "dns/zone/zone_table.h"
#include "tests/fuzz/walker.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

#define ROOM_MIN 512
#define ROOM_MAX 4096
/* A label and names of it that are not short. */
#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

static struct zone *zone;
static struct zone_table *set;
static struct counters *counters;

/* Eight endpoints of ten addresses each. */
#define SERVICE_SETS ANSWER_MAX_SETS
#define SERVICE_COUNT 10
static uint8_t image[SERVICE_SETS][SERVICE_COUNT * 16];

static void
eight_endpoints(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	static struct answer_set sets[SERVICE_SETS];

	(void)snapshot;
	(void)request;
	memset(out, 0, sizeof(*out));
	out->kind = ANSWER_RECORDS;
	out->n_sets = SERVICE_SETS;
	for (int i = 0; i < SERVICE_SETS; i++) {
		sets[i] = (struct answer_set){
		    image[i], sizeof(image[i]), SERVICE_COUNT};
		out->sets[i] = &sets[i];
	}
	out->ttl_s = 60;
	out->scope = 20;
	out->outcome = UINT32_MAX;
}

static const struct answer_source source = {eight_endpoints};
static struct snapshot snapshot = {.source = &source, .udp_size = ROOM_MAX};

static void
make_image(void)
{
	for (int i = 0; i < SERVICE_SETS; i++)
		for (int k = 0; k < SERVICE_COUNT; k++) {
			uint8_t *p = image[i] + 16 * k;

			wire_put16(p, POINTER_QNAME);
			wire_put16(p + 2, TYPE_A);
			wire_put16(p + 4, CLASS_IN);
			wire_put16(p + 10, 4);
			p[12] = 192;
			p[14] = (uint8_t)i;
			p[15] = (uint8_t)k;
		}
}

static void
setup(void)
{
	static struct zone_service services[1];
	static struct errbuf eb;
	static char text[65536];
	const struct zone *list[1];
	uint8_t apex[NAME_MAX_WIRE];
	size_t n = 0;

#define ADD(...) \
	(n += (size_t)snprintf(text + n, sizeof(text) - n, __VA_ARGS__))
	ADD("$TTL 300\n@ SOA ns hostmaster 1 2 3 4 60\n@ NS ns\n"
	    "ns A 192.0.2.1\n" LONG " A 192.0.2.2\n");
	for (int i = 0; i < 20; i++)
		ADD("txt TXT " LONG LONG "%d\n", i);
	for (int i = 0; i < 14; i++)
		ADD("cut NS in%d.cut\nin%d.cut A 192.0.2.%d\n"
		    "in%d.cut AAAA 2001:db8::%d\ncut NS out%d\n"
		    "out%d A 192.0.2.%d\n",
		    i, i, i, i, i, i, i, i);
	for (int i = 0; i < 12; i++)
		ADD("mx MX %d h%d\nh%d A 192.0.2.%d\nh%d AAAA 2001:db8::%d\n",
		    i, i, i, i, i, i);
	for (int i = 0; i < 12; i++)
		ADD("c%d." LONG " CNAME c%d." LONG "\n", i, i + 1);
	ADD("c12." LONG " CNAME txt\n");
	for (int i = 0; i < 7; i++)
		ADD("d%d." LONG " DNAME d%d." LONG "\n", i, i + 1);
#undef ADD
	ck_assert_uint_lt(n, sizeof(text));
	make_image();
	ck_assert_int_gt(
	    name_parse("chat.example.", NULL, services[0].owner), 0);
	ck_assert_int_gt(name_parse("example.", NULL, apex), 0);
	errbuf_init(&eb);
	zone =
	    zonefile_parse("zone", text, strlen(text), apex, services, 1, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	set = zone_table_create(list, 1);
	ck_assert_ptr_nonnull(set);
	counters = calloc(1, sizeof(*counters));
	ck_assert_ptr_nonnull(counters);
	snapshot.zones = set;
}

static void
teardown(void)
{
	zone_table_destroy(set);
	zone_destroy(zone);
	free(counters);
}

static const struct {
	const char *why, *name;
	uint16_t type;
	bool subnet;
	bool cut_small; /* TC is set in the smallest room */
} rows[] = {
    {"a set", "txt.example.", 16, false, true},
    {"a referral with glue", "www.cut.example.", TYPE_A, false, true},
    {"hosts of MX", "mx.example.", TYPE_MX, false, false},
    {"a chain of CNAMEs", "c0." LONG ".example.", 16, false, true},
    {"a chain of CNAMEs that starts near its end", "c10." LONG ".example.", 16,
	false, true},
    {"a chain of DNAMEs to nothing", "x.d0." LONG ".example.", TYPE_A, false,
	true},
    {"a service with a client subnet", "chat.example.", TYPE_A, true, true},
    {"no such name", LONG "." LONG "." LONG ".example.", TYPE_A, true, false},
};

static size_t
answer(int row, size_t room, uint8_t *reply)
{
	static const uint8_t subnet[] = {0, 8, 0, 8, 0, 1, 32, 0, 10, 1, 2, 3};
	const struct address from = {.family = 4, .bytes = {192, 0, 2, 1}};
	struct responder responder = {.counters = counters};
	uint8_t query[512];
	size_t len = make_query(query, rows[row].name, rows[row].type,
	    room > ROOM_MAX ? ROOM_MIN : (int)room, subnet,
	    rows[row].subnet ? sizeof(subnet) : 0);

	return respond(&responder, &snapshot,
	    room > ROOM_MAX ? TRANSPORT_TCP : TRANSPORT_UDP, &from, query, len,
	    reply, MESSAGE_MAX);
}

/*
 * Over UDP each answer is the one over TCP, less only additional records; or
 * TC is set, and then it is empty, or a whole referral that lacks glue.
 */
START_TEST(test_every_room)
{
	static uint8_t reply[MESSAGE_MAX];
	static struct walk whole, part;
	size_t n = answer(_i, MESSAGE_MAX, reply);
	unsigned least = 0; /* additional records in the room before */

	walk_message(&whole, reply, n);
	ck_assert(!whole.tc);
	ck_assert_uint_gt(whole.n, 0);
	for (size_t room = ROOM_MIN; room <= ROOM_MAX; room++) {
		bool was_cut = room == ROOM_MIN ? rows[_i].cut_small : part.tc;

		n = answer(_i, room, reply);
		ck_assert_uint_le(n, room);
		walk_message(&part, reply, n);
		walk_no_twins(&part);
		ck_assert_msg(
		    room == ROOM_MIN ? part.tc == was_cut : was_cut || !part.tc,
		    "%s, %zu octets: TC %d", rows[_i].why, room, part.tc);
		/* A chain that did not fit was not followed to its end. */
		ck_assert(part.rcode == whole.rcode || part.n == 0);
		if (part.n > 0) {
			ck_assert_uint_eq(part.counts[0], whole.counts[0]);
			ck_assert_uint_eq(part.counts[1], whole.counts[1]);
			ck_assert_uint_ge(part.counts[2], least);
			least = part.counts[2];
		}
		ck_assert_msg(part.tc || part.n > 0, "%s, %zu octets: nothing",
		    rows[_i].why, room);
	}
	ck_assert(!part.tc);
	ck_assert_uint_eq(part.n, whole.n);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_room");
	TCase *tc = tcase_create("room");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, test_every_room, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
