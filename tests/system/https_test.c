/*
 * The HTTPS record of a service: its hints are the addresses that the same
 * client is given for A and AAAA at that moment, for 500 clients while health
 * changes under them, through unbound, and as dig shows it.
 */
#include <stdio.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/resolver.h"

#define NAME "web.inference.example."
/* Both pools have an endpoint in each of the eight regions. */
#define ALL_UP 0
/* Clients that are asked for between two changes of health. */
#define EACH 25

/* Two endpoints an answer, of both families, one with two addresses. */
static void
write_steering(struct resolver *w)
{
	struct text t;

	text_init(&t, RESOLVER_STEERING);
	resolver_places(&t);
	text_add(&t,
	    "checks:\n"
	    "  c: {port: 9, every: 1h, timeout: 1s, fall: 1, rise: 1}\n"
	    "pools:\n");
	for (int pool = 1; pool <= 2; pool++) {
		text_add(&t, "  v%d:\n    check: c\n    endpoints:\n", pool);
		for (int i = 0; i < GROUPS_REGIONS; i++)
			text_add(&t,
			    "      - {name: e%d, region: r%d, address: "
			    "[192.0.2.%d, 192.0.3.%d, \"2001:db8:%d::%d\"]}\n",
			    i, i, pool * 100 + i, pool * 100 + i, pool, i + 1);
	}
	text_add(&t,
	    "services:\n"
	    "  web:\n"
	    "    split: {v1: 1, v2: 1}\n"
	    "    answers: {count: 2, from: regions}\n"
	    "    ttl: {max: 2s, min: 1s}\n"
	    "    https: {alpn: [h2, h3], port: 8443}\n"
	    "    svcb: {alpn: h2, priority: 3}\n");
	resolver_write(w, &t);
}

static struct resolver *
start(void)
{
	struct resolver *w =
	    resolver_create(4, "stale: {after: 1h, then: keep}\n");

	harness_write(
	    w->h, "inference.zone", "%splain HTTPS 1 . alpn=h2\n", node_zone);
	write_steering(w);
	resolver_health(w);
	node_serve(&w->node);
	resolver_change(w, ALL_UP);
	return w;
}

/* The answers of one client. */
struct asked {
	struct reply a, aaaa, https;
};

static void
ask_one(struct resolver *w, const struct group_client *c, const char *type,
    struct reply *out)
{
	char subnet[ADDRESS_TEXT];

	prefix_format(&c->self, subnet);
	ck_assert(node_reply(&w->node, NAME, type, subnet, out));
	ck_assert_uint_eq(out->rcode, 0);
	ck_assert_uint_gt(out->n_answer, 0);
}

/* ",address" of each record, the first without the comma, to ${out}. */
static void
add_addresses(char *out, size_t size, const struct reply *reply)
{
	size_t used = strlen(out);

	for (size_t i = 0; i < reply->n_answer; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    i > 0 ? "," : "", reply->answer[i].data);
}

/* The record that has the addresses of these answers as its hints. */
static const char *
expected(const struct asked *asked)
{
	static char out[1024];

	snprintf(out, sizeof(out), "1 . alpn=h2,h3 port=8443 ipv4hint=");
	add_addresses(out, sizeof(out), &asked->a);
	snprintf(out + strlen(out), sizeof(out) - strlen(out), " ipv6hint=");
	add_addresses(out, sizeof(out), &asked->aaaa);
	return out;
}

/* The same records in the same order; what lives on is the same answer. */
static bool
same_answer(const struct reply *a, const struct reply *b)
{
	if (a->n_answer != b->n_answer || a->scope != b->scope ||
	    a->answer[0].ttl_s != b->answer[0].ttl_s)
		return false;
	for (size_t i = 0; i < a->n_answer; i++)
		if (strcmp(a->answer[i].data, b->answer[i].data) != 0)
			return false;
	return true;
}

/*
 * Ask for A and AAAA, for HTTPS, and for A and AAAA again: where both times
 * were the same nothing changed in between, since there is at most one change
 * on its way.  True when that could be judged; it then must be right.
 */
static bool
judge(struct resolver *w, const struct group_client *c)
{
	static struct asked asked;
	static struct reply again[2];

	ask_one(w, c, "A", &asked.a);
	ask_one(w, c, "AAAA", &asked.aaaa);
	ask_one(w, c, "HTTPS", &asked.https);
	ask_one(w, c, "AAAA", &again[1]);
	ask_one(w, c, "A", &again[0]);
	if (!same_answer(&asked.a, &again[0]) ||
	    !same_answer(&asked.aaaa, &again[1]))
		return false;
	ck_assert_uint_eq(asked.https.n_answer, 1);
	ck_assert_msg(strcmp(asked.https.answer[0].data, expected(&asked)) == 0,
	    "%s: %s, not %s", c->text, asked.https.answer[0].data,
	    expected(&asked));
	ck_assert_uint_eq(asked.https.scope, asked.a.scope);
	ck_assert_uint_eq(asked.https.answer[0].ttl_s, asked.a.answer[0].ttl_s);
	return true;
}

START_TEST(hints_are_the_addresses_while_health_changes)
{
	struct resolver *w = start();
	unsigned rounds = (unsigned)full_size(3, 30), changes = 0;
	int judged = 0, asked = 0, met = 0;
	static struct reply first[GROUPS_CLIENTS], now;
	unsigned down = ALL_UP;

	for (int i = 0; i < GROUPS_CLIENTS; i++)
		ask_one(w, &w->groups.clients[i], "A", &first[i]);
	for (unsigned round = 0; round < rounds; round++)
		for (int i = 0; i < GROUPS_CLIENTS; i++) {
			const struct group_client *c = &w->groups.clients[i];

			/* One change at a time: the next one when meridiand
			 * knows the last. */
			if (asked % EACH == 0 && resolver_known(w, down)) {
				down = groups_draw(&w->groups, 0x10000) &
				    groups_draw(&w->groups, 0x10000);
				resolver_set(w, down);
				changes++;
			}
			judged += judge(w, c);
			asked++;
			ask_one(w, c, "A", &now);
			met += !same_answer(&first[i], &now);
		}
	printf("measured: HTTPS of %d clients, %u changes of health: %d of %d "
	       "judged, %d not as at first\n",
	    GROUPS_CLIENTS, changes, judged, asked, met);
	/* Nearly all, and of many states. */
	ck_assert_int_ge(judged * 10, asked * 9);
	ck_assert_uint_ge(changes, 10);
	ck_assert_int_ge(met * 5, asked);
	resolver_finish(w);
}
END_TEST

/* Through unbound each client has the record of its own, as meridiand gives it
 * to the client alone; so the scope of HTTPS is true. */
START_TEST(a_resolver_gives_each_client_its_own)
{
	struct resolver *w = start();
	static int order[GROUPS_CLIENTS];
	int before;

	resolver_change(w, 0x4312);
	resolver_unbound(w, 32, 56, "");
	before = resolver_arrived(w);
	groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
	for (int i = 0; i < GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[order[i]];
		static struct asked asked;
		const struct reply *reply;

		ask_one(w, c, "A", &asked.a);
		ask_one(w, c, "AAAA", &asked.aaaa);
		reply = resolver_ask(w, c, "web", "HTTPS");
		ck_assert_uint_eq(reply->n_answer, 1);
		ck_assert_msg(
		    strcmp(reply->answer[0].data, expected(&asked)) == 0,
		    "%s: %s, not %s", c->text, reply->answer[0].data,
		    expected(&asked));
	}
	printf("measured: HTTPS through unbound: %d questions, %d fetched\n",
	    w->asked, resolver_arrived(w) - before - 2 * GROUPS_CLIENTS);
	resolver_finish(w);
}
END_TEST

static const char *
dig(struct resolver *w, const char *name, const char *type)
{
	char port[8], server[] = "@127.0.0.1";
	const char *out;

	snprintf(port, sizeof(port), "%u", w->node.port);
	ck_assert_int_eq(
	    harness_run(w->h, &out, "/usr/bin/dig", server, "-p", port,
		"+short", "+subnet=127.0.0.9/32", type, name, NULL),
	    0);
	return out;
}

/* dig shows the record, and explain the endpoints whose addresses are in it. */
START_TEST(dig_and_explain_show_it)
{
	struct resolver *w = start();
	static struct asked asked;
	const struct group_client c = {
	    {{.family = 4, .bytes = {127, 0, 0, 9}}, 32}, "127.0.0.9"};
	const char *out;
	char text[1100];

	ask_one(w, &c, "A", &asked.a);
	ask_one(w, &c, "AAAA", &asked.aaaa);
	out = dig(w, NAME, "HTTPS");
	/* dig puts quotes around the protocols. */
	snprintf(text, sizeof(text), "1 . alpn=\"h2,h3\"%s\n",
	    expected(&asked) + strlen("1 . alpn=h2,h3"));
	ck_assert_str_eq(out, text);
	out = dig(w, NAME, "SVCB");
	ck_assert_ptr_eq(strstr(out, "3 . alpn=\"h2\" ipv4hint="), out);
	ck_assert_str_eq(
	    dig(w, "plain.inference.example.", "HTTPS"), "1 . alpn=\"h2\"\n");
	ck_assert_int_eq(
	    node_ctl(&w->node, &out, "explain", "web.inference.example",
		"HTTPS", "--client", "127.0.0.9", "--json"),
	    0);
	snprintf(text, sizeof(text), "\"%s\"", asked.aaaa.answer[0].data);
	ck_assert_ptr_nonnull(strstr(out, "\"hints\""));
	ck_assert_ptr_nonnull(strstr(out, text));
	resolver_finish(w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"hints are the addresses while health changes",
		hints_are_the_addresses_while_health_changes, 240},
	    {"a resolver gives each client its own",
		a_resolver_gives_each_client_its_own, 120},
	    {"dig and explain show it", dig_and_explain_show_it, 60},
	};

	return harness_main("https", cases, sizeof(cases) / sizeof(cases[0]));
}
