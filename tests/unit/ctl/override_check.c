/*
 * What is looked at before an override is said: its target, the wait between
 * two changes of a region, and what is left once all that is in force has come
 * in.
 */
#include "ctl/override_check.h"

#include "base/clock.h"
#include "tests/unit/steering_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_MS INT64_C(1795961110000)
#define WAIT_MS 120000

/* Regions east and west, each with an endpoint of pool v1, of service chat. */
struct checked {
	struct fixture *f;
	struct generation g;
	struct health *health;
	struct state_override said[4];
	struct override_trail trail;
};

static void
begin(struct checked *c)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *chat = fixture_service(f, "chat");

	*c = (struct checked){.f = f};
	f->config.safety.least = 1;
	f->config.safety.wait_ms = WAIT_MS;
	f->pools[pool].checks.n = 0;
	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, west, 1);
	fixture_split(f, chat, pool, 1);
	fixture_build(f);
	c->g.policy = f->policy;
	c->health = health_create();
	ck_assert_ptr_nonnull(c->health);
	ck_assert_int_eq(
	    health_adopt(c->health, f->policy, clock_mono_ms()), 0);
	c->trail.row = c->said;
}

static void
end(struct checked *c)
{
	free(c->trail.next);
	health_destroy(c->health);
	fixture_destroy(c->f);
}

static struct state_override
row_of(
    const char *action, const char *kind, const char *target, const char *value)
{
	struct state_override row = {.length_ms = -1, .at_ms = NOW_MS};

	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "%s", kind);
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	(void)snprintf(row.value, sizeof(row.value), "%s", value);
	(void)snprintf(row.author, sizeof(row.author), "ann");
	return row;
}

/* It was said ${ago_ms} ago. */
static struct state_override *
was_said(struct checked *c, struct state_override row, int64_t ago_ms)
{
	struct state_override *to = &c->said[c->trail.n++];

	row.number = c->trail.n;
	row.at_ms = NOW_MS - ago_ms;
	*to = row;
	ck_assert_int_eq(override_trail_link(&c->trail), 0);
	return to;
}

/* What each check says of ${row}, "" for nothing. */
enum look { TARGET, WAIT, SAFETY, REST };

static const char *
look(struct checked *c, enum look what, const struct state_override *row)
{
	static char copy[1024];
	struct override_reach reach;
	struct override_look l = {
	    .g = &c->g, .trail = &c->trail, .reach = &reach, .now_ms = NOW_MS};
	struct text why;
	bool ok = true;
	int status;

	ck_assert_int_eq(override_reach_find(c->f->policy, row, &reach), 0);
	text_init(&why, sizeof(copy) - 1);
	switch (what) {
	case TARGET:
		ok = override_check_target(&l, row, &why);
		break;
	case WAIT:
		ok = override_check_wait(&l, row, &why);
		break;
	case SAFETY:
		status = override_check_safety(&l, c->health, row, &why);
		ck_assert_int_ge(status, 0);
		ok = status == 0;
		break;
	case REST:
		override_check_rest(&why, &l, row);
		ok = why.len == 0;
		break;
	}
	ck_assert_int_eq(ok, why.len == 0);
	(void)snprintf(
	    copy, sizeof(copy), "%s", why.data != NULL ? why.data : "");
	text_finish(&why);
	override_reach_finish(&reach);
	return copy;
}

#define LOOK(c, what, want, ...)                                  \
	do {                                                      \
		struct state_override row_ = row_of(__VA_ARGS__); \
		ck_assert_str_eq(look(c, what, &row_), want);     \
	} while (0)

START_TEST(a_target_is_needed)
{
	struct checked c;

	begin(&c);
	LOOK(&c, TARGET, "", "drain", "region", "east", "");
	LOOK(&c, TARGET, "", "freeze", "service", "chat.test.example", "on");
	LOOK(&c, TARGET, "there is no region \"eastt\", did you mean east?",
	    "drain", "region", "eastt", "");
	LOOK(&c, TARGET, "there is no region \"x\"; there are east, west",
	    "drain", "region", "x", "");
	LOOK(&c, TARGET, "\"x*\" matches no pool; there is v1", "drain", "pool",
	    "x*", "");
	LOOK(&c, TARGET,
	    "there is no service \"chat\", did you mean chat.test.example?",
	    "drain", "service", "chat", "");
	LOOK(&c, TARGET,
	    "there is no endpoint \"v1\", but there is a pool of that name: "
	    "say pool v1",
	    "drain", "endpoint", "v1", "");
	end(&c);
}
END_TEST

START_TEST(only_what_is_in_force_is_ended)
{
	struct policy_endpoint endpoints[2];
	struct policy policy;
	struct checked c;

	begin(&c);
	was_said(&c, row_of("drain", "region", "e*", ""), 5);
	LOOK(&c, TARGET, "", "undrain", "region", "e*", "");
	LOOK(&c, TARGET,
	    "region east is not drained; 1 endpoint of it still is: region e* "
	    "drained (override 1), undo: meridianctl undrain region 'e*'",
	    "undrain", "region", "east", "");
	LOOK(&c, TARGET, "region west is not drained", "undrain", "region",
	    "west", "");
	LOOK(&c, TARGET, "region e* is not forced", "force", "region", "e*",
	    "off");
	/* What the file drains is ended in the file. */
	policy = *c.f->policy;
	memcpy(endpoints, policy.endpoints, sizeof(endpoints));
	endpoints[1].drained = true;
	policy.endpoints = endpoints;
	c.g.policy = &policy;
	LOOK(&c, TARGET,
	    "region west is not drained; 1 endpoint of it is drained by the "
	    "file (drained: true)",
	    "undrain", "region", "west", "");
	LOOK(&c, REST,
	    "; 1 endpoint of it is drained by the file (drained: true)",
	    "undrain", "region", "west", "");
	LOOK(&c, TARGET, "region west is not forced", "force", "region", "west",
	    "off");
	/* Of something that has left the files. */
	was_said(&c, row_of("drain", "pool", "gone", ""), 5);
	LOOK(&c, TARGET, "", "undrain", "pool", "gone", "");
	LOOK(&c, REST, "", "undrain", "pool", "gone", "");
	end(&c);
}
END_TEST

static const struct {
	const char *what;
	int64_t ago_ms, length_ms;
	const char *action, *kind, *target, *value; /* that was said */
	bool waits;                                 /* then the drain of east */
} waits[] = {
    {"an undrain", 1000, -1, "undrain", "region", "east", "", true},
    {"a glob", 1000, -1, "undrain", "region", "*", "", true},
    {"another region", 1000, -1, "undrain", "region", "west", "", false},
    {"the last moment", WAIT_MS - 1, -1, "force", "region", "east", "up", true},
    {"and that is over", WAIT_MS, -1, "force", "region", "east", "up", false},
    {"a length that was over a moment ago", 2 * WAIT_MS, WAIT_MS + 1000,
	"weight", "region", "east", "50%", true},
    {"said before the clock was set back by more than the wait", -WAIT_MS, -1,
	"undrain", "region", "east", "", false},
    {"and by less", -1000, -1, "undrain", "region", "east", "", true},
    {"a freeze changes nothing", 1000, -1, "freeze", "region", "east", "on",
	false},
    {"a pool is no region", 1000, -1, "drain", "pool", "v1", "", false},
    {"said again it changes nothing", 1000, -1, "drain", "region", "east", "",
	false},
};

START_TEST(a_region_waits)
{
	struct state_override drain = row_of("drain", "region", "east", "");
	struct checked c;
	const char *why;

	begin(&c);
	was_said(&c,
	    row_of(waits[_i].action, waits[_i].kind, waits[_i].target,
		waits[_i].value),
	    waits[_i].ago_ms)
	    ->length_ms = waits[_i].length_ms;
	why = look(&c, WAIT, &drain);
	ck_assert_msg(
	    (why[0] != '\0') == waits[_i].waits, "%s: %s", waits[_i].what, why);
	end(&c);
}
END_TEST

START_TEST(the_wait_says_how_long)
{
	struct checked c;

	begin(&c);
	was_said(&c, row_of("undrain", "region", "east", ""), 40000);
	LOOK(&c, WAIT,
	    "region east was changed 40 s ago (override 1, by ann), and safety "
	    "waits 2m between two changes: 80 s are left",
	    "drain", "region", "*", "");
	LOOK(&c, WAIT, "", "drain", "endpoint", "e0", "");
	LOOK(&c, WAIT, "", "freeze", "region", "east", "on");
	c.f->config.safety.wait_ms = 0;
	LOOK(&c, WAIT, "", "drain", "region", "*", "");
	/* Without a wait none, whatever the clock says. */
	c.said[0].at_ms += (int64_t)3600 * 1000;
	LOOK(&c, WAIT, "", "drain", "region", "*", "");
	end(&c);
}
END_TEST

static const struct {
	const char *what;
	const char *before[4]; /* action, kind, target, value */
	const char *then[4];
	bool refused;
} safeties[] = {
    {"the other region is left", {NULL}, {"drain", "region", "east", ""},
	false},
    {"nothing is", {NULL}, {"drain", "pool", "v1", ""}, true},
    {"the other was drained", {"drain", "region", "west", ""},
	{"drain", "region", "east", ""}, true},
    {"the other was forced down", {"force", "endpoint", "e1", "down"},
	{"drain", "region", "east", ""}, true},
    {"forced down is taken, too", {"drain", "region", "west", ""},
	{"force", "region", "east", "down"}, true},
    {"the other is frozen", {"freeze", "region", "west", "on"},
	{"drain", "region", "east", ""}, false},
    {"it is drained already", {"drain", "region", "west", ""},
	{"drain", "endpoint", "e1", ""}, false},
    {"an undrain gives", {"drain", "region", "west", ""},
	{"undrain", "region", "west", ""}, false},
    {"it is said again", {"drain", "region", "west", ""},
	{"drain", "region", "west", ""}, false},
    {"a weight takes nobody out", {"drain", "region", "west", ""},
	{"weight", "region", "east", "1%"}, false},
    {"forced up is drained", {"force", "region", "west", "up"},
	{"drain", "region", "*", ""}, true},
};

START_TEST(all_that_is_in_force_counts)
{
	const char *const *before = safeties[_i].before;
	const char *const *then = safeties[_i].then;
	struct state_override row = row_of(then[0], then[1], then[2], then[3]);
	struct checked c;
	const char *why;

	begin(&c);
	if (before[0] != NULL)
		was_said(&c, row_of(before[0], before[1], before[2], before[3]),
		    1000);
	why = look(&c, SAFETY, &row);
	ck_assert_msg((why[0] != '\0') == safeties[_i].refused, "%s: %s",
	    safeties[_i].what, why);
	end(&c);
}
END_TEST

/* A ramp that has only begun is out in the end. */
START_TEST(what_comes_in_slowly_counts_as_in)
{
	struct checked c;

	begin(&c);
	was_said(&c, row_of("drain", "region", "west", ""), 1000)->ramp_ms =
	    3600000;
	LOOK(&c, SAFETY,
	    "all clients of chat.test.example would be left with nothing: e0 "
	    "of pool v1 in east is the last endpoint up and not drained (west "
	    "is not)",
	    "drain", "region", "east", "");
	/* And what is over is in no more. */
	c.said[0].length_ms = 1000;
	LOOK(&c, SAFETY, "", "drain", "region", "east", "");
	end(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_override_check");
	TCase *tc = tcase_create("override_check");

	tcase_add_test(tc, a_target_is_needed);
	tcase_add_test(tc, only_what_is_in_force_is_ended);
	tcase_add_loop_test(tc, a_region_waits, 0, COUNT(waits));
	tcase_add_test(tc, the_wait_says_how_long);
	tcase_add_loop_test(
	    tc, all_that_is_in_force_counts, 0, COUNT(safeties));
	tcase_add_test(tc, what_comes_in_slowly_counts_as_in);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
