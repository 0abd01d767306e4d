/*
 * The last files that loaded, with real daemons: whatever becomes of a file, a
 * start serves what loaded last and says so everywhere; a copy that is damaged
 * ends that; secrets are in no copy; and `--strict` refuses.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define NAME "chat.inference.example."

#define STEERING                                                              \
	"networks:\n"                                                         \
	"  office: {file: office.txt}\n"                                      \
	"presets: presets\n"                                                  \
	"regions:\n"                                                          \
	"  us-east: {at: [39.0, -77.5]}\n"                                    \
	"  eu-west: {at: [53.3, -6.3]}\n"                                     \
	"checks:\n"                                                           \
	"  own: {preset: mine, every: 200ms, timeout: 2s, fall: 2, rise: 1, " \
	"token_file: token}\n"                                                \
	"pools:\n"                                                            \
	"  v1:\n"                                                             \
	"    check: own\n"                                                    \
	"    endpoints:\n"                                                    \
	"      - {name: us, region: us-east, address: 192.0.2.1, check_at: "  \
	"\"127.0.0.1:%u\"}\n"                                                 \
	"      - {name: eu, region: eu-west, address: 192.0.2.2, check_at: "  \
	"\"127.0.0.1:%u\"}\n"                                                 \
	"services:\n"                                                         \
	"  chat:\n"                                                           \
	"    pool: v1\n"                                                      \
	"    rank: {listed: [us-east, eu-west]}\n"                            \
	"    fence:\n"                                                        \
	"      - {clients: {networks: [office]}, regions: [eu-west], hard: "  \
	"true}\n"                                                             \
	"    last_resort: [all]\n"

static void
copy_geography(struct harness *h)
{
	ck_assert_int_eq(harness_run(h, NULL, "/bin/cp",
			     harness_built(h, "geo/iptoasn-country.mmdb"),
			     harness_path(h, "geo.mmdb"), NULL),
	    0);
}

static void
write_node(struct node *node)
{
	harness_write(node->h, "meridian.yaml",
	    "listen: \"127.0.0.1:%u\"\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "vantage: test\n"
	    "geo: [geo.mmdb]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    node->port, node->http);
}

static void
write_files(struct node *node)
{
	struct harness *h = node->h;

	write_node(node);
	harness_write(h, "inference.zone", "%s$INCLUDE more.zone\n", node_zone);
	harness_write(h, "more.zone", "more A 192.0.2.81\n");
	harness_write(h, "office.txt", "198.51.100.0/24\n");
	harness_write(h, "token", "very-secret-token\n");
	(void)mkdir(harness_path(h, "presets"), 0755);
	harness_write(h, "presets/mine.yaml",
	    "preset: mine\nabout: one page\npath: /health\nexpect: 200\n"
	    "steps:\n  - path: \"{path}\"\n");
	node_steering(
	    node, STEERING, node->standin_port[0], node->standin_port[1]);
	copy_geography(h);
}

/* Both answers that tell what is served: of a fence of a file of networks, and
 * of a record that is included. */
static bool
is_served(struct node *node)
{
	return strcmp(node_ask(node, NAME, "A", "198.51.100.0/24"),
		   "192.0.2.2") == 0 &&
	    strcmp(node_ask(node, "more.inference.example.", "A", NULL),
		"192.0.2.81") == 0;
}

static bool
is_kept(struct node *node)
{
	return node_metric(node, "meridian_last_good_timestamp_seconds") > 0 &&
	    strstr(node_page(node, "/api/v1/status"), "\"trouble\": null") !=
	    NULL;
}

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	write_files(node);
	node_serve(node);
	HARNESS_WAIT(10000, is_kept(node));
	ck_assert(is_served(node));
	ck_assert(node_metric(node, "meridian_last_good_served") == 0);
}

static pid_t
start_again(struct node *node, const char *option)
{
	return harness_start(node->h, "again.log", "meridiand", "-c",
	    harness_path(node->h, "meridian.yaml"), option, NULL);
}

static const struct damage {
	const char *file, *text; /* NULL: it is gone */
	const char *said;
} damages[] = {
    {"meridian.yaml", "listen: [\nstate: state.db\n", "meridian.yaml:"},
    {"inference.yaml", "regions: nonsense\n", "inference.yaml:1:10"},
    {"inference.yaml", NULL, "inference.yaml"},
    {"inference.zone", "@ 60 SOA\n", "inference.zone:1"},
    {"more.zone", "more A nonsense\n", "more.zone:1"},
    {"more.zone", NULL, "more.zone"},
    {"office.txt", "nonsense\n", "office.txt:1"},
    {"presets/mine.yaml", "steps: nonsense\n", "mine.yaml:1"},
    {"geo.mmdb", "nonsense", "geo.mmdb"},
};

static void
try_damage(struct node *node, const struct damage *d)
{
	struct harness *h = node->h;
	const char *out;

	if (d->text != NULL)
		harness_write(h, d->file, "%s", d->text);
	else
		ck_assert_int_eq(unlink(harness_path(h, d->file)), 0);
	ck_assert_int_eq(
	    harness_wait(h, start_again(node, "--strict"), 20000), 1);
	node_serve(node);
	ck_assert_msg(is_served(node), "%s", d->file);
	out = harness_read(h, harness_path(h, "meridiand.log"));
	output_says(out,
	    "error: the files have errors, and the last that "
	    "loaded, of 20");
	output_says(out, d->said);
	ck_assert(node_metric(node, "meridian_last_good_served") == 1);
	ck_assert_int_eq(node_ctl(node, &out, "check"), 1);
	/* 2 when it is old enough to miss its probe. */
	ck_assert_int_ge(node_ctl(node, &out, "status"), 1);
	output_says(out, "LAST GOOD FILES SERVED: ");
	output_contains(out, "serving     the last files that loaded, of 20");
	if (strcmp(d->file, "meridian.yaml") != 0) {
		/* A reload finds the same, and goes on. */
		ck_assert_int_eq(node_ctl(node, &out, "reload"), 1);
		ck_assert(is_served(node));
		ck_assert(node_metric(node, "meridian_last_good_served") == 1);
	}
	write_files(node);
	ck_assert_int_eq(node_ctl(node, &out, "reload"), 0);
	ck_assert(node_metric(node, "meridian_last_good_served") == 0);
	ck_assert(is_served(node));
	harness_stop(h, node->server);
}

START_TEST(a_start_serves_what_loaded_last)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	harness_stop(h, node.server);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		try_damage(&node, &damages[i]);
	harness_destroy(h);
}
END_TEST

/* A word to the middle of a file that is kept. */
static void
spoil(struct node *node, const char *pattern)
{
	char command[512];

	snprintf(command, sizeof(command),
	    "f=$(ls %s/*/*-%s) && [ -f \"$f\" ] && printf X | dd of=\"$f\" "
	    "bs=1 seek=5 conv=notrunc",
	    harness_path(node->h, "state.db.last-good"), pattern);
	ck_assert_int_eq(
	    harness_run(node->h, NULL, "/bin/sh", "-c", command, NULL), 0);
}

START_TEST(what_is_damaged_is_not_believed)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_stop(h, node.server);
	spoil(&node, "office.txt");
	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(harness_wait(h, start_again(&node, NULL), 20000), 1);
	out = harness_read(h, harness_path(h, "again.log"));
	output_says(out, "office.txt: is not what was kept");
	output_says(out, "meridiand does not serve");
	/* A good start makes a whole set of it, which has no damage. */
	write_files(&node);
	node_serve(&node);
	HARNESS_WAIT(10000, is_kept(&node));
	harness_stop(h, node.server);
	harness_write(h, "state.db.last-good/manifest", "nonsense\n");
	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(harness_wait(h, start_again(&node, NULL), 20000), 1);
	harness_destroy(h);
}
END_TEST

START_TEST(copies_have_the_modes_of_files_and_no_secret)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	write_files(&node);
	ck_assert_int_eq(chmod(harness_path(h, "office.txt"), 0640), 0);
	ck_assert_int_eq(chmod(harness_path(h, "more.zone"), 0600), 0);
	node_serve(&node);
	HARNESS_WAIT(10000, is_kept(&node));
	ck_assert_int_eq(harness_run(h, &out, "/bin/sh", "-c",
			     "cd \"$0\" && ! grep -r very-secret-token . && "
			     "stat -c '%a %n' */* | sed 's,[0-9]*/[0-9]*-,,'",
			     harness_path(h, "state.db.last-good"), NULL),
	    0);
	output_says(out, "640 office.txt");
	output_says(out, "600 more.zone");
	output_says(out, "mine.yaml");
	/* Each reload makes a new set in the place of the one before. */
	harness_write(h, "more.zone", "more A 192.0.2.82\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	HARNESS_WAIT(10000,
	    harness_run(h, &out, "/bin/sh", "-c",
		"cd \"$0\" && grep -l 192.0.2.82 */*more.zone && "
		"[ $(ls | wc -l) = 2 ]",
		harness_path(h, "state.db.last-good"), NULL) == 0);
	/* One that fails makes none. */
	harness_write(h, "more.zone", "more A nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	ck_assert_int_eq(harness_run(h, &out, "/bin/sh", "-c",
			     "cd \"$0\" && grep -l 192.0.2.82 */*more.zone",
			     harness_path(h, "state.db.last-good"), NULL),
	    0);
	harness_destroy(h);
}
END_TEST

START_TEST(checks_go_on_by_the_last_files)
{
	struct harness *h = harness_create();
	const char *out, *steering;
	struct node node;
	uint16_t port;

	node_init(&node, h);
	node_standin(&node, 0);
	node_standin(&node, 1);
	write_files(&node);
	port = harness_port(h);
	harness_write(h, "meridian.yaml", "%sprobe: {http: \"127.0.0.1:%u\"}\n",
	    harness_read(h, harness_path(h, "meridian.yaml")), port);
	steering = harness_read(h, harness_path(h, "inference.yaml"));
	node_serve(&node);
	HARNESS_WAIT(10000, is_kept(&node));
	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(
	    harness_wait(h,
		harness_start(h, "strict.log", "meridian-probe", "--strict",
		    "-c", harness_path(h, "meridian.yaml"), NULL),
		20000),
	    1);
	node_check(&node);
	HARNESS_WAIT(15000,
	    strcmp(node_sql(&node,
		       "SELECT count(*) FROM endpoint WHERE health = 'up'"),
		"2\n") == 0);
	out = harness_read(h, harness_path(h, "probe.log"));
	output_says(out,
	    "the files have errors, and the last that meridiand "
	    "loaded are used in their place");
	/* Loudly: meridiand has loaded the good ones and knows of nothing. */
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 1);
	output_contains(out, "PROBE: meridian-probe: the files have errors, ");
	output_contains(out, "    its checks go on; mend the files until ");
	harness_write(h, "inference.yaml", "%s", steering);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"damage", a_start_serves_what_loaded_last, 0},
	    {"copies", what_is_damaged_is_not_believed, 0},
	    {"modes", copies_have_the_modes_of_files_and_no_secret, 0},
	    {"probe", checks_go_on_by_the_last_files, 0},
	};

	return harness_main(
	    "last_good", cases, sizeof(cases) / sizeof(cases[0]));
}
