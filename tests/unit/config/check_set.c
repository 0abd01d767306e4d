/*
 * Tests the `check` of pools and endpoints: one check, or a set of them and how
 * many must be up, and every way to write it wrong.
 */
#include <stdio.h>

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Pool p with a set of checks, and an endpoint with more than its name. */
#define TEXT                                                             \
	"regions: {a: {at: [1, 2]}}\n"                                   \
	"checks: {chat: {}, disk: {}, gpu: {}, far: {quorum: any}, v4: " \
	"{families: ipv4}, m: {preset: vllm, model: x, load: "           \
	"{max_running: 9}}, n: {preset: vllm, model: y, load: "          \
	"{max_running: 9}}}\n"                                           \
	"services: {s: {pool: p}}\n"                                     \
	"pools: {p: {check: %s,\n"                                       \
	" endpoints: [{name: x, region: a, %s}]}}\n"
#define ADDRESS "address: 192.0.2.1"

static const struct {
	const char *says, *check, *endpoint, *messages;
} mistakes[] = {
    {"a check that nobody knows", "[chat, dsk]", ADDRESS,
	"f:4:27: error: unknown check \"dsk\", did you mean \"disk\"?\n"},
    {"one alone", "dsk", ADDRESS,
	"f:4:20: error: unknown check \"dsk\", did you mean \"disk\"?\n"},
    {"named twice", "[chat, disk, chat]", ADDRESS,
	"f:4:33: error: check: the check \"chat\" is named twice\n"},
    {"an empty list", "[]", ADDRESS,
	"f:4:20: error: check: the list is empty, expected at least 1\n"},
    {"an empty list of all", "{all: []}", ADDRESS,
	"f:4:26: error: all: the list is empty, expected at least 1\n"},
    {"nothing", "", ADDRESS,
	"f:4:13: error: check: expected the name of a check, found nothing\n"},
    {"an empty mapping", "{}", ADDRESS,
	"f:4:20: error: check: expected one of {all: [a, b]}, {any: [a, b]} "
	"and {need: 2, of: [a, b, c]}\n"},
    {"all and any", "{all: [chat], any: [disk]}", ADDRESS,
	"f:4:20: error: check: expected one of {all: [a, b]}, {any: [a, b]} "
	"and {need: 2, of: [a, b, c]}\n"},
    {"any, and how many", "{any: [chat, disk], need: 1}", ADDRESS,
	"f:4:20: error: check: expected one of {all: [a, b]}, {any: [a, b]} "
	"and {need: 2, of: [a, b, c]}\n"},
    {"so many of nothing", "{need: 2}", ADDRESS,
	"f:4:20: error: check: \"need\" and \"of\" go together ({need: 2, of: "
	"[a, b, c]})\n"},
    {"nobody knows how many", "{of: [chat, disk]}", ADDRESS,
	"f:4:20: error: check: \"need\" and \"of\" go together ({need: 2, of: "
	"[a, b, c]})\n"},
    {"none is needed", "{need: 0, of: [chat, disk]}", ADDRESS,
	"f:4:27: error: need: expected a whole number from 1 to 8, found "
	"\"0\"\n"},
    {"more than there are", "{need: 3, of: [chat, disk]}", ADDRESS,
	"f:4:27: error: need: 3 of 2 checks cannot be up: write 1 to 2\n"},
    {"two of one", "{need: 2, of: chat}", ADDRESS,
	"f:4:27: error: need: 2 of 1 checks cannot be up: write 1 to 1\n"},
    {"no number", "{need: most, of: [chat, disk]}", ADDRESS,
	"f:4:27: error: need: expected a whole number from 1 to 8, found "
	"\"most\"\n"},
    {"more than a set may have", "[chat, disk, gpu, far, v4, m, n, chat, disk]",
	ADDRESS,
	"f:4:20: error: check: the list has 9 items, at most 8 are accepted\n"},
    {"a key that is none", "{each: [chat, disk]}", ADDRESS,
	"f:4:21: error: unknown key \"each\", known are: all, any, need, of\n"},
    {"a set in a set", "[chat, [disk, gpu]]", ADDRESS,
	"f:4:27: error: check: expected the name of a check, found a list\n"},
    {"vantages that vote in two ways", "[chat, far]", ADDRESS,
	"f:4:20: error: check: check \"far\" has another \"quorum\" than "
	"\"chat\": vantages vote on an endpoint as a whole, so write the same "
	"in both\n"},
    {"two loads", "{any: [m, n]}", ADDRESS,
	"f:4:26: error: any: checks \"m\" and \"n\" both have \"load\", and an "
	"endpoint has one: leave it in one of them\n"},
    {"a check that looks at nothing of an endpoint", "[chat, v4]",
	"address: \"2001:db8::1\"",
	"f:5:14: error: endpoint \"x\" of pool \"p\" has no address of the "
	"families that check \"v4\" looks at\n"},
    {"another set of the endpoint does", "chat",
	"address: \"2001:db8::1\", check: [chat, v4]",
	"f:5:14: error: endpoint \"x\" of pool \"p\" has no address of the "
	"families that check \"v4\" looks at\n"},
    {"addresses of a name that not all look at", "[chat, v4]",
	"resolve: lb.example.net",
	"f:5:14: error: endpoint \"x\" of pool \"p\" has the addresses of a "
	"name, and checks \"chat\" and \"v4\" differ in \"families\": each "
	"address is judged by all of them, so write the same in both\n"},
    {"a mistake in the set of an endpoint", "chat",
	"address: 192.0.2.1, check: [chat, dsk]",
	"f:5:69: error: unknown check \"dsk\", did you mean \"disk\"?\n"},
};

START_TEST(refuses)
{
	char text[1024];
	struct config_row row = {.says = mistakes[_i].says,
	    .text = text,
	    .messages = mistakes[_i].messages};

	snprintf(text, sizeof(text), TEXT, mistakes[_i].check,
	    mistakes[_i].endpoint);
	config_rows(&row, 1, false);
}
END_TEST

static const struct {
	const char *what, *pool, *endpoint;
	size_t n;
	unsigned need;
	uint32_t checks[3];
} sets[] = {
    {"one", "check: disk,", "", 1, 1, {1}},
    {"all, as a list", "check: [disk, chat],", "", 2, 2, {1, 0}},
    {"all", "check: {all: [chat, disk, gpu]},", "", 3, 3, {0, 1, 2}},
    {"all of one", "check: {all: chat},", "", 1, 1, {0}},
    {"any", "check: {any: [chat, gpu]},", "", 2, 1, {0, 2}},
    {"some", "check: {need: 2, of: [gpu, chat, disk]},", "", 3, 2, {2, 0, 1}},
    {"none", "", "", 0, 0, {0}},
    {"that of the endpoint", "check: [chat, disk],", ", check: gpu", 1, 1, {2}},
    {"its own set, in place of the pool's", "check: chat,",
	", check: {any: [disk, gpu]}", 2, 1, {1, 2}},
    {"its own alone", "", ", check: [disk, gpu]", 2, 2, {1, 2}},
};

START_TEST(reads)
{
	static struct errbuf eb;
	const struct pool_config *pool;
	const struct check_set *set;
	struct steering_config *config;
	char text[1024];

	snprintf(text, sizeof(text),
	    "regions: {a: {at: [1, 2]}}\n"
	    "checks: {chat: {}, disk: {}, gpu: {}}\n"
	    "services: {s: {pool: p}}\n"
	    "pools: {p: {%s endpoints: [{name: x, region: a, address: "
	    "192.0.2.1%s}]}}\n",
	    sets[_i].pool, sets[_i].endpoint);
	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s: %s", sets[_i].what, eb.text);
	pool = &config->pools[0];
	set = steering_checks_of(pool, &pool->endpoints[0]);
	ck_assert_msg(set->n == sets[_i].n, "%s", sets[_i].what);
	ck_assert_msg(set->need == sets[_i].need, "%s", sets[_i].what);
	for (size_t i = 0; i < set->n; i++)
		ck_assert_uint_eq(set->checks[i], sets[_i].checks[i]);
	ck_assert(steering_is_checked(pool) == (set->n > 0));
	steering_config_destroy(config);
}
END_TEST

/* One that only an endpoint names is used; one that nobody does is told. */
START_TEST(says_what_nobody_uses)
{
	static const char text[] =
	    "regions: {a: {at: [1, 2]}}\n"
	    "checks: {chat: {}, disk: {}, gpu: {}, old: {}}\n"
	    "services: {s: {pool: p}}\n"
	    "pools: {p: {check: {any: [chat, disk]}, endpoints: [{name: x, "
	    "region: a, address: 192.0.2.1, check: gpu}]}}\n";
	static struct errbuf eb;
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_ptr_nonnull(config);
	ck_assert_str_eq(eb.text,
	    "f:2:39: warning: check \"old\" is not used by any pool\n");
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_check_set");
	TCase *tcase = tcase_create("check_set");

	tcase_add_loop_test(tcase, refuses, 0, (int)COUNT(mistakes));
	tcase_add_loop_test(tcase, reads, 0, (int)COUNT(sets));
	tcase_add_test(tcase, says_what_nobody_uses);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
