/*
 * Backups that are interrupted: meridianctl is killed in the middle, or the
 * disk is full.  There is no backup or a whole one, all of a restore or
 * nothing, and the next try works without a hand's help.  And what is said to
 * whoever wants one file.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/disk.h"
#include "tests/system/output.h"

/* So many round trips, so that copying takes some time. */
#define ROUND_TRIPS 20000
#define COUNT "20000\n"

static void
write_trips(struct harness *h)
{
	FILE *to = fopen(harness_path(h, "trips.csv"), "w");

	ck_assert_ptr_nonnull(to);
	fputs("client,region,rtt\n", to);
	for (unsigned i = 0; i < ROUND_TRIPS; i++)
		fprintf(to, "100.%u.%u.0/24,us-east,%u\n", i / 256, i % 256,
		    1 + i % 200);
	ck_assert_int_eq(fclose(to), 0);
}

static const char *
sql(struct harness *h, const char *path, const char *text)
{
	const char *out = "";

	(void)harness_run(h, &out, "/usr/bin/sqlite3", "-cmd", ".timeout 10000",
	    path, text, NULL);
	return out;
}

/* A node that has never run: its databases are made by hand, in ${folder}. */
static void
prepare(struct node *node, struct harness *h, const char *folder)
{
	const char *out;
	char history[64];

	node_init(node, h);
	harness_write(h, "meridian.yaml",
	    "listen: \"127.0.0.1:%u\"\n"
	    "geo: none\n"
	    "state: %s/state.db\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node->port, folder);
	node_records(node, node_zone);
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "pools: {v1: {endpoints: [{name: a, region: us-east, address: "
	    "192.0.2.1}]}}\n"
	    "services: {chat: {pool: v1}}\n");
	write_trips(h);
	ck_assert_msg(node_ctl(node, &out, "latency", "import",
			  harness_path(h, "trips.csv")) == 0,
	    "%s", out);
	snprintf(history, sizeof(history), "%s/history.db", folder);
	ck_assert_str_eq(sql(h, harness_path(h, history),
			     "CREATE TABLE large (n INTEGER, x BLOB);"
			     "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
			     "SELECT n + 1 FROM c WHERE n < 2000) "
			     "INSERT INTO large SELECT n, randomblob(4000) "
			     "FROM c"),
	    "");
}

static bool
is_there(struct harness *h, const char *name)
{
	return access(harness_path(h, name), F_OK) == 0;
}

/* No file of the test's folder, or of ${folder} in it, is left half. */
static void
expect_no_rest(struct harness *h, const char *folder)
{
	DIR *dir = opendir(harness_path(h, folder));
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		ck_assert_msg(strstr(entry->d_name, ".part") == NULL &&
			strstr(entry->d_name, ".new") == NULL,
		    "%s is left", entry->d_name);
	closedir(dir);
}

static int
backup(struct node *node, const char *folder, const char **out)
{
	return node_ctl(node, out, "backup", harness_path(node->h, folder));
}

static int
restore(struct node *node, const char *folder, const char **out)
{
	return node_ctl(node, out, "restore", harness_path(node->h, folder));
}

START_TEST(one_file_is_no_backup_and_a_packed_one_comes_back)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h, ".");
	ck_assert_int_eq(backup(&node, "b.tar", &out), 1);
	output_says(out, "b.tar: a backup is a folder");
	output_says(out, "pack that with tar(1)");
	ck_assert(!is_there(h, "b.tar"));
	ck_assert_int_eq(backup(&node, "trips.csv", &out), 1);
	output_says(out, "trips.csv: a backup is a folder");
	/* A folder that holds something stays as it is. */
	ck_assert_int_eq(mkdir(harness_path(h, "full"), 0700), 0);
	harness_write(h, "full/mine", "mine\n");
	ck_assert_int_eq(backup(&node, "full", &out), 1);
	output_says(out, "is there, and not empty: name a new folder");
	ck_assert_str_eq(
	    harness_read(h, harness_path(h, "full/mine")), "mine\n");
	expect_no_rest(h, ".");
	/* One that is empty may be there, and end as shells complete it. */
	ck_assert_int_eq(mkdir(harness_path(h, "b"), 0700), 0);
	ck_assert_msg(backup(&node, "b/", &out) == 0, "%s", out);
	ck_assert_int_eq(harness_run(h, &out, "/bin/sh", "-c",
			     "cd \"$0\" && tar -cf b.tar b && rm -r b",
			     harness_path(h, "."), NULL),
	    0);
	ck_assert_int_eq(restore(&node, "b.tar", &out), 1);
	output_says(out, "b.tar: is no folder: unpack the backup");
	ck_assert_int_eq(
	    harness_run(h, &out, "/bin/tar", "-xf", harness_path(h, "b.tar"),
		"-C", harness_path(h, "."), NULL),
	    0);
	ck_assert_int_eq(unlink(harness_path(h, "history.db")), 0);
	ck_assert_msg(restore(&node, "b", &out) == 0, "%s", out);
	output_says(out, "history.db: back");
	harness_destroy(h);
}
END_TEST

static void
sleep_us(unsigned us)
{
	const struct timespec pause = {us / 1000000, (us % 1000000) * 1000L};

	nanosleep(&pause, NULL);
}

/* Run ${verb} with the folder "b" and kill it after ${us}.  Whether that was in
 * the middle. */
static bool
kill_in_the_middle(struct node *node, const char *verb, unsigned us)
{
	struct harness *h = node->h;
	pid_t pid = harness_start(h, "killed.log", "meridianctl", "-c",
	    harness_path(h, "meridian.yaml"), verb, harness_path(h, "b"), NULL);
	bool running;

	sleep_us(us);
	running = harness_running(h, pid);
	if (running)
		harness_kill(h, pid);
	else
		(void)harness_wait(h, pid, 30000);
	return running;
}

static void
remove_folder(struct harness *h, const char *name)
{
	ck_assert_int_eq(
	    harness_run(h, NULL, "/bin/rm", "-rf", harness_path(h, name), NULL),
	    0);
}

/* Later and later, until it ends before it is killed. */
START_TEST(a_backup_that_is_killed_is_whole_or_not_there)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	unsigned killed = 0;

	prepare(&node, h, ".");
	for (unsigned us = 2000; kill_in_the_middle(&node, "backup", us);
	     us += us / 3) {
		killed++;
		if (!is_there(h, "b"))
			continue;
		ck_assert_msg(restore(&node, "b", &out) == 0, "%s", out);
		remove_folder(h, "b");
	}
	ck_assert_uint_gt(killed, 3);
	ck_assert_msg(restore(&node, "b", &out) == 0, "%s", out);
	/* And what one left is in nobody's way. */
	expect_no_rest(h, ".");
	ck_assert_int_eq(mkdir(harness_path(h, "c.part"), 0700), 0);
	harness_write(h, "c.part/state.db", "half\n");
	harness_write(h, "c.part/state.db-journal", "half\n");
	ck_assert_int_eq(mkdir(harness_path(h, "c.part/last-good"), 0700), 0);
	ck_assert_int_eq(mkdir(harness_path(h, "c.part/last-good/1"), 0700), 0);
	harness_write(h, "c.part/last-good/1/0-meridian.yaml", "half\n");
	ck_assert_msg(backup(&node, "c", &out) == 0, "%s", out);
	ck_assert_msg(restore(&node, "c", &out) == 0, "%s", out);
	expect_no_rest(h, ".");
	/* Somebody's own files are no rest of a backup. */
	ck_assert_int_eq(mkdir(harness_path(h, "d.part"), 0700), 0);
	harness_write(h, "d.part/mine", "mine\n");
	ck_assert_int_eq(backup(&node, "d", &out), 1);
	output_says(out, "d.part: cannot be replaced");
	ck_assert(is_there(h, "d.part/mine"));
	harness_destroy(h);
}
END_TEST

static void
lose_databases(struct harness *h)
{
	static const char *const files[] = {"state.db", "state.db-wal",
	    "state.db-shm", "history.db", "history.db-wal", "history.db-shm"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(harness_path(h, files[i]));
}

/* All round trips came back, or none did. */
static void
expect_all_or_nothing(struct harness *h)
{
	const char *found;

	if (!is_there(h, "state.db"))
		return;
	found = sql(h, harness_path(h, "state.db"),
	    "SELECT count(*) FROM sqlite_schema WHERE name = 'latency'");
	if (strcmp(found, "0\n") == 0)
		return;
	found =
	    sql(h, harness_path(h, "state.db"), "SELECT count(*) FROM latency");
	ck_assert_msg(strcmp(found, COUNT) == 0 || strcmp(found, "0\n") == 0,
	    "%s", found);
}

START_TEST(a_restore_that_is_killed_is_done_by_the_next)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	unsigned killed = 0;

	prepare(&node, h, ".");
	ck_assert_msg(backup(&node, "b", &out) == 0, "%s", out);
	lose_databases(h);
	for (unsigned us = 2000; kill_in_the_middle(&node, "restore", us);
	     us += us / 3) {
		killed++;
		expect_all_or_nothing(h);
		if (is_there(h, "history.db"))
			ck_assert_str_eq(sql(h, harness_path(h, "history.db"),
					     "SELECT count(*) FROM large"),
			    "2000\n");
		/* From the beginning, each second time. */
		if (killed % 2 == 0)
			lose_databases(h);
	}
	ck_assert_uint_gt(killed, 3);
	ck_assert_msg(restore(&node, "b", &out) == 0, "%s", out);
	ck_assert_str_eq(
	    sql(h, harness_path(h, "state.db"), "SELECT count(*) FROM latency"),
	    COUNT);
	ck_assert_str_eq(
	    sql(h, harness_path(h, "history.db"), "PRAGMA quick_check"),
	    "ok\n");
	expect_no_rest(h, ".");
	harness_destroy(h);
}
END_TEST

START_TEST(a_full_disk_leaves_nothing_half)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h, ".");
	disk_make(h, "size=4m");
	ck_assert_int_eq(backup(&node, "disk/b", &out), 1);
	output_says(out, "not made: ");
	output_says(out, "full");
	ck_assert(!is_there(h, "disk/b"));
	expect_no_rest(h, "disk");
	disk_unmount(h);
	disk_mount(h, "size=64m", 0);
	ck_assert_msg(backup(&node, "disk/b", &out) == 0, "%s", out);
	/* A restore to a disk that has no room for the history. */
	ck_assert_msg(backup(&node, "b", &out) == 0, "%s", out);
	disk_unmount(h);
	disk_mount(h, "size=8m", 0);
	harness_write(h, "meridian.yaml",
	    "listen: \"127.0.0.1:%u\"\n"
	    "geo: none\n"
	    "state: disk/state.db\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node.port);
	ck_assert_int_eq(restore(&node, "b", &out), 1);
	output_says(out, "refused: ");
	expect_no_rest(h, "disk");
	ck_assert(!is_there(h, "disk/history.db"));
	disk_unmount(h);
	/* And one that has room for nothing. */
	disk_mount(h, "size=64m", 0);
	disk_fill(h);
	ck_assert_int_eq(restore(&node, "b", &out), 1);
	ck_assert(!is_there(h, "disk/history.db"));
	expect_no_rest(h, "disk");
	disk_make_room(h);
	ck_assert_msg(restore(&node, "b", &out) == 0, "%s", out);
	ck_assert_str_eq(sql(h, harness_path(h, "disk/state.db"),
			     "SELECT count(*) FROM latency"),
	    COUNT);
	disk_unmount(h);
	harness_destroy(h);
}
END_TEST

/* What ${command} prints, at a status of 0; to be released. */
static json_t *
object_of(struct node *node, const char *const command[4])
{
	const char *out = "";
	json_t *object;

	ck_assert_msg(node_ctl(node, &out, command[0], command[1], command[2],
			  command[3]) == 0,
	    "%s", out);
	object = json_loads(out, 0, NULL);
	ck_assert_msg(json_is_object(object), "no object: %s", out);
	return object;
}

static long long
number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	ck_assert_msg(json_is_integer(value), "no number %s", key);
	return json_integer_value(value);
}

START_TEST(scripts_are_told_by_one_object)
{
	struct harness *h = harness_create();
	struct node node;
	const char *folder = harness_path(h, "b");
	json_t *object;

	prepare(&node, h, ".");
	object = object_of(
	    &node, (const char *const[4]){"backup", folder, "--json"});
	ck_assert_int_gt(
	    number(json_object_get(object, "bytes"), "history.db"), 8000000);
	ck_assert_str_eq(
	    json_string_value(json_object_get(object, "folder")), folder);
	ck_assert(json_is_null(json_object_get(object, "files")));
	json_decref(object);
	ck_assert_str_eq(sql(h, harness_path(h, "state.db"),
			     "DELETE FROM latency WHERE client IN (SELECT "
			     "client FROM latency LIMIT 5)"),
	    "");
	ck_assert_int_eq(unlink(harness_path(h, "history.db")), 0);
	for (int i = 0; i < 2; i++) {
		object = object_of(&node,
		    (const char *const[4]){"restore", folder, "--json",
			i == 0 ? "--dry-run" : NULL});
		ck_assert(json_is_true(json_object_get(object, "dry_run")) ==
		    (i == 0));
		ck_assert_int_eq(
		    number(json_object_get(object, "state"), "round_trips"), 5);
		ck_assert_int_eq(is_there(h, "history.db"), i == 1);
		json_decref(object);
	}
	object = object_of(&node,
	    (const char *const[4]){
		"latency", "import", "--json", harness_path(h, "trips.csv")});
	ck_assert_int_eq(number(object, "round_trips"), ROUND_TRIPS);
	ck_assert_int_eq(number(object, "same"), ROUND_TRIPS);
	json_decref(object);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"json", scripts_are_told_by_one_object, 0},
	    {"one file", one_file_is_no_backup_and_a_packed_one_comes_back, 0},
	    {"backup killed", a_backup_that_is_killed_is_whole_or_not_there,
		120},
	    {"restore killed", a_restore_that_is_killed_is_done_by_the_next,
		120},
	    {"full disk", a_full_disk_leaves_nothing_half, 120},
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);

	/* The last one mounts disks. */
	return harness_main("backup", cases, disk_is_allowed() ? n : n - 1);
}
