/*
 * How large a year of history is, how long a minute takes to be written, and
 * how long a day's question and `meridianctl report` of it: 1,000 services, 250
 * countries, 12 regions, 2,000 AS numbers, answers by Zipf.  Under `make check`
 * fewer services, with as much less room.  The year is made of days, then of
 * hours, then of minutes, as far back as each is kept.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "state/history/reader.h"
#include "tests/full.h"
#include "tests/history_made.h"

#define SERVICES 1000
#define REGIONS 12
#define COUNTRIES 250

/* The goals, at the full size. */
#define YEAR_BYTES (200LL << 20)
#define QUESTION_MS 2000
#define REPORT_MS 2000 /* of CPU */

/* Answers a second of all services: some 86 million a day. */
#define ANSWERS_S 1000.0

/* 2025-01-01T00:00Z */
#define BEGIN_MS INT64_C(1735689600000)
#define DAY_MS INT64_C(86400000)

static char services[SERVICES][40], regions[REGIONS][16],
    countries[COUNTRIES][3];
static const char *service_list[SERVICES], *region_list[REGIONS],
    *country_list[COUNTRIES];

static void
name_all(void)
{
	for (int i = 0; i < SERVICES; i++) {
		snprintf(services[i], sizeof(services[i]),
		    "s%03d.inference.example", i);
		service_list[i] = services[i];
	}
	for (int i = 0; i < REGIONS; i++) {
		snprintf(regions[i], sizeof(regions[i]), "region-%d", i);
		region_list[i] = regions[i];
	}
	for (int i = 0; i < COUNTRIES; i++) {
		snprintf(countries[i], sizeof(countries[i]), "%c%c",
		    'A' + i / 26, 'A' + i % 26);
		country_list[i] = countries[i];
	}
}

/* Some regions fail over all the time. */
static void
fail_over(void *context, struct history_made_cell *cell)
{
	size_t day = (size_t)(cell->at_ms / DAY_MS);

	(void)context;
	if ((cell->service_at + cell->place_at + day) % 97 == 0)
		cell->reason = "failover";
}

/* Of a part of the year, in milliseconds a batch. */
static double
make_part(struct history_made *made, unsigned days, unsigned step)
{
	int64_t began = clock_mono_ms();
	const char *why;
	unsigned batches = days * 1440 / step;

	made->days = days;
	made->step_minutes = step;
	made->run++;
	why = history_made_write(made);
	if (why != NULL) {
		fprintf(stderr, "history: %s\n", why);
		exit(EXIT_FAILURE);
	}
	made->from_ms += days * DAY_MS;
	return (double)(clock_mono_ms() - began) / (batches > 0 ? batches : 1);
}

/* What the history takes, as max_mb of the node's file counts it: pages in use.
 * The file was larger for some days: what is made in steps of an hour has
 * larger counts in its minutes than there are in true ones. */
static long long
bytes_of(const char *file)
{
	struct history_writer *w = history_writer_create(file, UINT64_MAX >> 1);
	long long bytes = -1;

	if (w != NULL && history_writer_open(w) == 0 &&
	    history_writer_tidy(w) == 0)
		bytes = (long long)history_writer_bytes(w);
	history_writer_destroy(w);
	if (bytes < 0) {
		fprintf(stderr, "history: its size is not known\n");
		exit(EXIT_FAILURE);
	}
	return bytes;
}

static void
count_row(void *context, const struct history_row *row)
{
	uint64_t *answers = context;

	*answers += row->answers;
}

/* How long a question of ${ms} before ${end_ms} takes, in milliseconds. */
static double
ask(const char *file, int64_t end_ms, int64_t ms, unsigned by)
{
	const struct history_question question = {
	    .from_ms = end_ms - ms, .to_ms = end_ms, .by = by};
	static struct errbuf eb;
	int64_t began = clock_mono_ms();
	struct history_reader *reader;
	struct history_answer answer;
	uint64_t answers = 0;

	errbuf_init(&eb);
	reader = history_reader_open(file, &eb);
	if (reader == NULL ||
	    history_sum(reader, &question, &answer, count_row, &answers, &eb) !=
		0 ||
	    answers == 0) {
		fprintf(stderr, "history: no answer: %s\n", eb.text);
		exit(EXIT_FAILURE);
	}
	history_reader_close(reader);
	return (double)(clock_mono_ms() - began);
}

/* --- a report of the last day --- */

static FILE *
begin_file(const char *folder, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	return f;
}

/* The node whose history it is: ${n} services. */
static void
write_node(const char *folder, const char *build, size_t n)
{
	char here[PATH_MAX];
	FILE *f = begin_file(folder, "meridian.yaml");
	bool full = build[0] == '/';

	if (full || getcwd(here, sizeof(here)) == NULL)
		here[0] = '\0';
	fprintf(f,
	    "listen: 127.0.0.1:5300\nalone: true\nstate: state.db\n"
	    "geo: [%s%s%s/geo/iptoasn-country.mmdb]\nzones:\n"
	    "  - {name: inference.example, records: node.zone,"
	    " steering: node.yaml}\n",
	    here, full ? "" : "/", build);
	(void)fclose(f);
	f = begin_file(folder, "node.zone");
	fputs("$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
	      "@ NS ns1\nns1 A 192.0.2.53\n",
	    f);
	(void)fclose(f);
	f = begin_file(folder, "node.yaml");
	fputs("regions:\n", f);
	for (int i = 0; i < REGIONS; i++)
		fprintf(f, "  region-%d: {at: [%d, %d]}\n", i, 50 - 8 * i,
		    30 * i - 170);
	fputs("pools:\n  v1:\n    endpoints:\n", f);
	for (int i = 0; i < REGIONS; i++)
		fprintf(f,
		    "      - {name: e%d, region: region-%d, address: "
		    "192.0.2.%d}\n",
		    i, i, i + 1);
	fputs("services:\n", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "  s%03zu: {pool: v1}\n", i);
	(void)fclose(f);
}

/* What it took of CPU, in milliseconds. */
static double
report(const char *folder, const char *build)
{
	char program[PATH_MAX], config[128], out[128];
	struct rusage usage = {.ru_utime = {0}};
	int status = -1;
	pid_t pid;

	snprintf(program, sizeof(program), "%s/meridianctl", build);
	snprintf(config, sizeof(config), "%s/meridian.yaml", folder);
	snprintf(out, sizeof(out), "%s/report", folder);
	pid = fork();
	if (pid == 0) {
		if (freopen(out, "w", stdout) != NULL)
			execl(program, program, "-c", config, "report",
			    "--from", "2025-12-31", "--to", "2026-01-01",
			    (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "history: no report: status %d\n", status);
		exit(EXIT_FAILURE);
	}
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

/* The report has the traffic of the day in it. */
static bool
is_report(const char *folder)
{
	char path[128], line[256];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/report", folder);
	f = fopen(path, "r");
	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, "s000.inference.example") != NULL;
	if (f != NULL)
		(void)fclose(f);
	return found;
}

static void
remove_all(const char *folder)
{
	static const char *const names[] = {"history.db", "history.db-wal",
	    "history.db-shm", "history.db-lock", "meridian.yaml", "node.zone",
	    "node.yaml", "report"};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

int
main(void)
{
	const char *build = getenv("B") != NULL ? getenv("B") : "build";
	size_t n = full_size(20, SERVICES);
	char folder[] = "/tmp/meridian-history-XXXXXX", file[64];
	struct history_made made = {.from_ms = BEGIN_MS,
	    .service = service_list,
	    .n_service = n,
	    .region = region_list,
	    .n_region = REGIONS,
	    .country = country_list,
	    .n_country = COUNTRIES,
	    .pool = "v1",
	    .answers_s = ANSWERS_S * (double)n / SERVICES,
	    .wave = 0.5,
	    .subnets = 0.4,
	    .sample = 64,
	    .seed = 1,
	    .traffic = fail_over};
	/* And a megabyte, which is there with any number of services. */
	long long most = YEAR_BYTES * (long long)n / SERVICES + (1 << 20);
	unsigned hours = (unsigned)full_size(240, 60);
	unsigned minutes = (unsigned)full_size(10, 1);
	double minute_ms, day_ms, week_ms, places_ms, report_ms;
	bool small, quick, brief;
	long long bytes;

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	name_all();
	snprintf(file, sizeof(file), "%s/history.db", folder);
	made.path = file;
	(void)make_part(&made, 365 - 60, 1440);
	(void)make_part(&made, 58, hours);
	minute_ms = make_part(&made, 2, minutes);
	day_ms = ask(file, made.from_ms, DAY_MS,
	    HISTORY_SERVICE | HISTORY_REGION | HISTORY_TIME);
	week_ms = ask(file, made.from_ms, 14 * DAY_MS,
	    HISTORY_SERVICE | HISTORY_REGION | HISTORY_REASON);
	places_ms = ask(file, made.from_ms, 365 * DAY_MS,
	    HISTORY_SERVICE | HISTORY_COUNTRY);
	bytes = bytes_of(file);
	write_node(folder, build, n);
	report_ms = report(folder, build);
	printf("measured: history of a year, %zu services: %.1f MB; a batch "
	       "of a minute made and written in %.0f ms; a day by hour, "
	       "service and region in %.0f ms, 14 days in %.0f ms, countries "
	       "of the year in %.0f ms; meridianctl report of a day in %.0f ms "
	       "of CPU\n",
	    n, (double)bytes / 1048576.0, minute_ms, day_ms, week_ms, places_ms,
	    report_ms);
	small = bytes <= most;
	quick = day_ms <= QUESTION_MS;
	brief = report_ms <= REPORT_MS && is_report(folder);
	if (!small)
		printf("the year is larger than %.1f MB\n",
		    (double)most / 1048576.0);
	if (!quick)
		printf("the day took longer than %d ms\n", QUESTION_MS);
	if (!brief)
		printf("the report took more than %d ms of CPU, or is none\n",
		    REPORT_MS);
	remove_all(folder);
	return small && quick && brief ? EXIT_SUCCESS : EXIT_FAILURE;
}
