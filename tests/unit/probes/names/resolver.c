/*
 * Tests looking names up, at a DNS server of the test: what is found, what is
 * said when nothing is, answers that mean harm, and many names at once.
 */
#include "probes/names/resolver.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/names_server.h"

static uv_loop_t loop;
static struct names_server server;
static struct resolver *resolver;

/* The last answer, in words: addresses in the order they came. */
static char seen[4096];
static size_t n_seen, n_answers;
static uint32_t ttl_s;

static struct resolver_settings
settings(struct endpoint_address *at)
{
	ck_assert_int_eq(address_parse("127.0.0.1", &at->address), 0);
	at->port = server.port;
	return (struct resolver_settings){
	    .servers = at, .n = 1, .timeout_ms = 100, .port = 53};
}

static void
setup(void)
{
	struct endpoint_address at;
	struct resolver_settings s;

	ck_assert_int_eq(names_begin(&server), 0);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	s = settings(&at);
	resolver = resolver_create(&loop, &s);
	ck_assert_ptr_nonnull(resolver);
}

static void
teardown(void)
{
	resolver_close(resolver);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	names_end(&server);
}

static void
say(const char *words)
{
	size_t len = strlen(seen);

	snprintf(
	    seen + len, sizeof(seen) - len, "%s%s", len > 0 ? " " : "", words);
}

static void
on_answer(void *context, const struct resolver_answer *answer)
{
	char shown[ADDRESS_TEXT];

	(void)context;
	seen[0] = '\0';
	n_answers++;
	n_seen = answer->n;
	ttl_s = answer->ttl_s;
	for (size_t i = 0; i < answer->n && i < 8; i++)
		say(address_format(&answer->addresses[i], shown));
	for (size_t i = 0; i < answer->n_names; i++)
		say(answer->names[i]);
	for (int f = 0; f < 2; f++)
		if (answer->failed[f] != NULL) {
			say(f == 0 ? "A:" : "AAAA:");
			say(answer->failed[f]);
		}
}

static void
ask(const char *name, bool ipv4, bool ipv6)
{
	size_t before = n_answers;

	ck_assert_ptr_nonnull(
	    resolver_ask(resolver, name, ipv4, ipv6, on_answer, NULL));
	ck_assert_uint_eq(n_answers, before);
	while (n_answers == before)
		uv_run(&loop, UV_RUN_ONCE);
}

static const struct {
	const char *says, *answer, *seen;
	bool ipv4, ipv6;
} rows[] = {
    {"both families", "192.0.2.1 192.0.2.2 2001:db8::1",
	"192.0.2.1 192.0.2.2 2001:db8::1", true, true},
    {"IPv4 alone is asked for", "192.0.2.1 2001:db8::1", "192.0.2.1", true,
	false},
    {"IPv6 alone is asked for", "192.0.2.1 2001:db8::1", "2001:db8::1", false,
	true},
    {"no address", "", "", true, true},
    {"a chain", "cname=a.example cname=b.example 192.0.2.1",
	"192.0.2.1 a.example b.example", true, false},
    {"no such name", "rcode=3", "A: NXDOMAIN AAAA: NXDOMAIN", true, true},
    {"a failure", "rcode=2", "A: SERVFAIL AAAA: SERVFAIL", true, true},
    {"a refusal", "rcode=5", "A: REFUSED AAAA: REFUSED", true, true},
    {"no answer", "drop", "A: timeout AAAA: timeout", true, true},
    {"a name that points to itself", "loop", "A: an answer that makes no sense",
	true, false},
    {"a chain of 20 names",
	"cname=a.b cname=b.b cname=c.b cname=d.b cname=e.b cname=f.b cname=g.b "
	"cname=h.b cname=i.b cname=j.b cname=k.b cname=l.b cname=m.b cname=n.b "
	"cname=o.b cname=p.b cname=q.b cname=r.b cname=s.b cname=t.b 192.0.2.1",
	"a.b b.b c.b d.b e.b f.b g.b h.b i.b j.b k.b l.b m.b n.b o.b "
	"p.b A: a chain of too many names",
	true, false},
};

START_TEST(says_what_was_found)
{
	const char *wanted = rows[_i].seen;

	names_set(&server, "lb.test", rows[_i].answer);
	ask("lb.test", rows[_i].ipv4, rows[_i].ipv6);
	ck_assert_msg(strcmp(seen, wanted) == 0, "%s: %s, wanted %s",
	    rows[_i].says, seen, wanted);
}
END_TEST

/* One that is too long for UDP comes over TCP; and the least TTL counts. */
START_TEST(takes_a_thousand_addresses)
{
	names_set(&server, "lb.test", "ttl=0 2001:db8::1 ttl=300 count=1000");
	ask("lb.test", true, true);
	ck_assert_uint_eq(n_seen, 1001);
	ck_assert_uint_eq(ttl_s, 0);
}
END_TEST

START_TEST(a_lookup_that_is_cancelled_is_not_heard_of)
{
	size_t before = n_answers;

	names_set(&server, "lb.test", "192.0.2.1");
	for (int i = 0; i < 600; i++)
		resolver_cancel(resolver_ask(
		    resolver, "lb.test", true, true, on_answer, NULL));
	ask("lb.test", true, true);
	ck_assert_uint_eq(n_answers, before + 1);
}
END_TEST

/* What is under way goes to those that count now. */
START_TEST(other_resolvers_take_over)
{
	struct endpoint_address at;
	struct resolver_settings s = settings(&at);
	size_t before = n_answers;

	names_set(&server, "lb.test", "192.0.2.1");
	at.port = 9; /* nobody */
	ck_assert_int_eq(resolver_set(resolver, &s), 0);
	s.timeout_ms = 60000;
	ck_assert_ptr_nonnull(
	    resolver_ask(resolver, "lb.test", true, false, on_answer, NULL));
	at.port = server.port;
	ck_assert_int_eq(resolver_set(resolver, &s), 0);
	while (n_answers == before)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_str_eq(seen, "192.0.2.1");
}
END_TEST

/* The file of the system's resolvers is read again when it changes. */
START_TEST(the_file_of_resolvers_is_followed)
{
	char path[] = "/tmp/meridian-resolv-XXXXXX";
	int fd = mkstemp(path);
	struct resolver_settings s = {
	    .resolv_conf = path, .timeout_ms = 50, .port = server.port};
	FILE *f;

	ck_assert_int_ge(fd, 0);
	names_set(&server, "lb.test", "192.0.2.1");
	ck_assert_int_eq(write(fd, "nameserver 127.9.9.9\n", 21), 21);
	close(fd);
	ck_assert_int_eq(resolver_set(resolver, &s), 0);
	ask("lb.test", true, false);
	ck_assert_str_ne(seen, "192.0.2.1");
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_gt(fprintf(f, "nameserver 127.0.0.1\n"), 0);
	ck_assert_int_eq(fclose(f), 0);
	for (int i = 0; i < 50 && strcmp(seen, "192.0.2.1") != 0; i++) {
		usleep(50000);
		ask("lb.test", true, false);
	}
	unlink(path);
	ck_assert_str_eq(seen, "192.0.2.1");
}
END_TEST

/* Ten thousand names, and the loop goes on beside them. */
START_TEST(many_names_are_looked_up_in_seconds)
{
	size_t before = n_answers;
	int64_t began, took;

	names_set(&server, "*", "192.0.2.1 2001:db8::1");
	began = clock_mono_ms();
	for (int i = 0; i < 10000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "lb-%d.example.net", i);
		ck_assert_ptr_nonnull(
		    resolver_ask(resolver, name, true, true, on_answer, NULL));
	}
	while (n_answers < before + 10000)
		uv_run(&loop, UV_RUN_ONCE);
	took = clock_mono_ms() - began;
	ck_assert_uint_ge(server.queries, 10000);
	printf("measured: 10000 names in %lld ms\n", (long long)took);
	ck_assert_int_lt(took, 20000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_names_resolver");
	TCase *tc = tcase_create("resolver");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, says_what_was_found, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, takes_a_thousand_addresses);
	tcase_add_test(tc, a_lookup_that_is_cancelled_is_not_heard_of);
	tcase_add_test(tc, other_resolvers_take_over);
	tcase_add_test(tc, the_file_of_resolvers_is_followed);
	tcase_add_test(tc, many_names_are_looked_up_in_seconds);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
