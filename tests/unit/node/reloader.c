/*
 * The reloader: one reload at a time, what becomes of what it loaded, and what
 * its report says of that.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/reloader.h"

static char folder[] = "/tmp/meridian-reloader-XXXXXX";
static char config_path[64], zone_path[64];

/* What the reloader called, and what it is to be told. */
static struct reloader *reloader;
static int adopted, reports, adopt_status, renewals;
static bool followed; /* what was adopted last */
static struct reloader_renewal renewal;
static struct generation *last;
static uv_loop_t loop;

static int
on_adopt(void *context, struct generation *next, struct errbuf *said)
{
	ck_assert_ptr_eq(context, &loop);
	if (said != NULL)
		errbuf_warn(said, NULL, "adopted by a test");
	followed = said == NULL;
	adopted++;
	last = next;
	return adopt_status;
}

static void
on_changed(void *context)
{
	ck_assert_ptr_eq(context, &loop);
	reports++;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
write_zone(const char *address)
{
	char text[128];

	snprintf(text, sizeof(text),
	    "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\nx A %s\n", address);
	write_file(zone_path, text);
}

static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return UINT32_MAX;
}

/* A reloader whose first load was good. */
static void
start(void)
{
	static const struct reloader_calls calls = {
	    .adopt = on_adopt, .changed = on_changed};
	static const struct policy_outcomes none = {.slot = no_slot};
	struct errbuf *eb = malloc(sizeof(*eb));

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(config_path, sizeof(config_path), "%s/m.yaml", folder);
	snprintf(zone_path, sizeof(zone_path), "%s/a.zone", folder);
	write_file(config_path,
	    "listen: [127.0.0.1:53]\nzones:\n"
	    "  - {name: a.example, records: a.zone}\n"
	    "  - {name: b.example, records: b.zone}\n");
	write_zone("192.0.2.1");
	snprintf(zone_path, sizeof(zone_path), "%s/b.zone", folder);
	write_zone("192.0.2.1");
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	errbuf_init(eb);
	reloader = reloader_create(config_path, &none, &calls, &loop);
	ck_assert_ptr_nonnull(reloader_first(reloader, false, eb));
	free(eb);
}

static void
stop(void)
{
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	reloader_destroy(reloader);
	unlink(config_path);
	unlink(zone_path);
	snprintf(zone_path, sizeof(zone_path), "%s/a.zone", folder);
	unlink(zone_path);
	rmdir(folder);
}

/* Until all that was asked for has ended. */
static void
settle(void)
{
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}

/* The first load is no reload, and nobody has to adopt it. */
START_TEST(first)
{
	const struct reload_report *r;

	start();
	r = reloader_report(reloader);
	ck_assert(r->ok && r->adopted && !r->under_way);
	ck_assert_uint_eq(r->done, 0);
	ck_assert_uint_eq(r->zones_read, 2);
	ck_assert_int_gt(r->at_ms, 0);
	ck_assert_int_eq(adopted + reports, 0);
	stop();
}
END_TEST

/* It begins and ends with a report; what it loaded is what there is then, and
 * what was there before is let go. */
START_TEST(reload)
{
	const struct reload_report *r;
	struct generation *before;

	start();
	r = reloader_report(reloader);
	before = generation_share(reloader_generation(reloader));
	reloader_reload(reloader, &loop);
	ck_assert(r->under_way);
	ck_assert_int_eq(reports, 1);
	settle();
	ck_assert(!r->under_way && r->ok && r->adopted);
	ck_assert_uint_eq(r->done, 1);
	ck_assert_int_eq(adopted, 1);
	ck_assert_int_eq(reports, 2);
	ck_assert_ptr_eq(reloader_generation(reloader), last);
	ck_assert_ptr_ne(last, before);
	generation_release(before);
	stop();
}
END_TEST

/* A page that is still being sent keeps what it shows, and is not the one that
 * frees it: that would stop all pages for as long as it takes. */
START_TEST(shared)
{
	struct generation *before;

	start();
	before = generation_share(reloader_generation(reloader));
	reloader_reload(reloader, &loop);
	settle();
	reloader_tick(reloader, &loop);
	ck_assert(!uv_loop_alive(&loop));
	ck_assert_uint_eq(atomic_load(&before->owners), 2);
	generation_release(before);
	ck_assert_uint_eq(atomic_load(&before->owners), 1);
	reloader_tick(reloader, &loop);
	ck_assert(uv_loop_alive(&loop));
	settle();
	/* Another one is in use to the end: it is freed with the reloader. */
	before = generation_share(reloader_generation(reloader));
	reloader_reload(reloader, &loop);
	settle();
	generation_release(before);
	stop();
}
END_TEST

/* However many are asked for while one is under way, one more follows. */
START_TEST(burst)
{
	start();
	for (int i = 0; i < 50; i++)
		reloader_reload(reloader, &loop);
	settle();
	ck_assert_uint_eq(reloader_report(reloader)->done, 2);
	ck_assert_int_eq(adopted, 2);
	stop();
}
END_TEST

/* Nothing is adopted of files that are wrong; the next good ones are. */
START_TEST(bad_files)
{
	const struct reload_report *r;
	struct generation *before;

	start();
	r = reloader_report(reloader);
	before = reloader_generation(reloader);
	write_file(config_path, "listen: nonsense\n");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert(!r->ok && !r->adopted);
	ck_assert_uint_eq(r->failed, 1);
	ck_assert_uint_eq(r->zones_read + r->zones_kept, 0);
	ck_assert_ptr_nonnull(strstr(r->messages.text, "nonsense"));
	ck_assert_int_eq(adopted, 0);
	ck_assert_ptr_eq(reloader_generation(reloader), before);
	write_file(config_path,
	    "listen: [127.0.0.1:53]\nzones:\n"
	    "  - {name: a.example, records: a.zone}\n");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert(r->ok && r->adopted);
	ck_assert_uint_eq(r->done, 2);
	ck_assert_uint_eq(r->failed, 1);
	ck_assert_str_eq(r->messages.text, "warning: adopted by a test\n");
	stop();
}
END_TEST

/* Errors in the records of one zone: adopted, but not well. */
START_TEST(held)
{
	const struct reload_report *r;

	start();
	r = reloader_report(reloader);
	write_zone("nonsense");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert(!r->ok && r->adopted);
	ck_assert_uint_eq(r->failed, 1);
	ck_assert_uint_eq(r->zones_held, 1);
	ck_assert_int_eq(adopted, 1);
	/* A reload that fails as a whole changes nothing of that. */
	write_file(config_path, "listen: nonsense\n");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert_uint_eq(r->zones_held, 1);
	stop();
}
END_TEST

/* What cannot be published was no good reload, and the old one stays. */
START_TEST(no_memory)
{
	const struct reload_report *r;
	struct generation *before;

	start();
	r = reloader_report(reloader);
	before = reloader_generation(reloader);
	adopt_status = -1;
	write_zone("nonsense");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert_int_eq(adopted, 1);
	ck_assert(!r->ok && !r->adopted);
	ck_assert_uint_eq(r->failed, 1);
	ck_assert_uint_eq(r->zones_read + r->zones_kept, 0);
	ck_assert_uint_eq(r->zones_held, 0);
	ck_assert(!r->geography_kept);
	ck_assert_ptr_nonnull(strstr(r->messages.text, "no memory to publish"));
	ck_assert_ptr_eq(reloader_generation(reloader), before);
	stop();
}
END_TEST

/* Followed: networks. */

static void
on_renewed(void *context, const struct reloader_renewal *how)
{
	ck_assert_ptr_eq(context, &renewals);
	renewals++;
	renewal = *how;
	/* They live no longer than this call. */
	renewal.messages = NULL;
	renewal.changes = strstr(how->changes,
			      "files of networks read again: "
			      "a.example\n") != NULL
	    ? "networks"
	    : "";
}

static void
write_network(const char *prefix)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/office.txt", folder);
	write_file(path, prefix);
}

/* A look at the file of the network. */
static struct inputs
look(void)
{
	struct inputs now = {0};
	char path[64];

	snprintf(path, sizeof(path), "%s/office.txt", folder);
	ck_assert_int_eq(inputs_note(&now, path), 0);
	return now;
}

/* A reloader of a zone with a network of a file. */
static void
start_steered(void)
{
	char path[64];

	start();
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	write_file(path,
	    "networks:\n  office: {file: office.txt}\n"
	    "regions: {us: {at: [1, 1]}}\n"
	    "pools:\n  p:\n    endpoints:\n"
	    "      - {name: e, region: us, address: 192.0.2.1}\n"
	    "services:\n  s:\n    pool: p\n    fence:\n"
	    "      - {clients: {networks: [office]}, regions: [us]}\n");
	write_network("192.0.2.0/24\n");
	write_file(config_path,
	    "listen: [127.0.0.1:53]\ngeo: none\nzones:\n"
	    "  - {name: a.example, records: a.zone, steering: a.yaml}\n");
	reloader_reload(reloader, &loop);
	settle();
	ck_assert(reloader_report(reloader)->ok);
	ck_assert(!followed);
	adopted = reports = 0;
}

static void
stop_steered(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/office.txt", folder);
	unlink(path);
	stop();
}

static size_t
n_prefixes(void)
{
	return reloader_generation(reloader)
	    ->steering[0]
	    ->networks[0]
	    .n_prefixes;
}

/* A file that is followed is no reload: the report of reloads stays; a reload
 * that is asked for meanwhile is made after it. */
START_TEST(following)
{
	struct inputs now;

	start_steered();
	write_network("192.0.2.0/24\n198.51.100.0/24\n");
	now = look();
	ck_assert(
	    reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	ck_assert(reloader_busy(reloader));
	ck_assert(!reloader_report(reloader)->under_way);
	ck_assert(
	    !reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	settle();
	ck_assert(!reloader_busy(reloader));
	ck_assert_int_eq(renewals, 1);
	ck_assert(renewal.adopted && !renewal.moved && followed);
	ck_assert_str_eq(renewal.changes, "networks");
	ck_assert_uint_eq(n_prefixes(), 2);
	ck_assert_uint_eq(reloader_report(reloader)->done, 1);
	ck_assert_int_eq(reports, 0);
	inputs_finish(&now);

	write_network("192.0.2.0/24\n");
	now = look();
	ck_assert(
	    reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	reloader_reload(reloader, &loop);
	settle();
	ck_assert_int_eq(renewals, 2);
	ck_assert_int_eq(adopted, 3);
	ck_assert_uint_eq(reloader_report(reloader)->done, 2);
	ck_assert(!followed);
	ck_assert_uint_eq(n_prefixes(), 1);
	inputs_finish(&now);
	stop_steered();
}
END_TEST

/* What is another file when it was read than when it was looked at may be half
 * of each: it is not used. */
START_TEST(following_a_file_that_is_written)
{
	struct inputs now;

	start_steered();
	write_network("192.0.2.0/24\n198.51.100.0/24\n");
	now = look();
	write_network("192.0.2.0/24\n198.51.100.0/24\n203.0.113.0/24\n");
	ck_assert(
	    reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	settle();
	ck_assert_int_eq(renewals, 1);
	ck_assert(renewal.moved && !renewal.adopted);
	ck_assert_int_eq(adopted, 0);
	ck_assert_uint_eq(n_prefixes(), 1);
	inputs_finish(&now);
	stop_steered();
}
END_TEST

/* Without memory to publish it the old one serves on. */
START_TEST(following_without_memory)
{
	struct inputs now;
	struct generation *before;

	start_steered();
	before = reloader_generation(reloader);
	adopt_status = -1;
	write_network("198.51.100.0/24\n203.0.113.0/24\n");
	now = look();
	ck_assert(
	    reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	settle();
	ck_assert(!renewal.adopted && !renewal.moved);
	ck_assert_ptr_eq(reloader_generation(reloader), before);
	/* What ends after the stop is not adopted, and nobody is called. */
	ck_assert(
	    reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	ck_assert(reloader_stop(reloader));
	settle();
	ck_assert_int_eq(renewals, 1);
	ck_assert(
	    !reloader_follow(reloader, &loop, &now, on_renewed, &renewals));
	inputs_finish(&now);
	stop_steered();
}
END_TEST

/* What ends after the stop is not adopted, and no other begins. */
START_TEST(stopped)
{
	start();
	reloader_reload(reloader, &loop);
	reloader_reload(reloader, &loop);
	ck_assert(reloader_stop(reloader));
	settle();
	reloader_reload(reloader, &loop);
	ck_assert(!reloader_stop(reloader));
	ck_assert_int_eq(adopted, 0);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_reloader");
	TCase *tcase = tcase_create("reloader");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, first);
	tcase_add_test(tcase, reload);
	tcase_add_test(tcase, shared);
	tcase_add_test(tcase, burst);
	tcase_add_test(tcase, bad_files);
	tcase_add_test(tcase, held);
	tcase_add_test(tcase, no_memory);
	tcase_add_test(tcase, stopped);
	tcase_add_test(tcase, following);
	tcase_add_test(tcase, following_a_file_that_is_written);
	tcase_add_test(tcase, following_without_memory);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
