/*
 * How large a year of history is, how long a minute takes to be written, and
 * how long a day's question: 1,000 services, 250 countries, 12 regions, 2,000
 * AS numbers, answers by Zipf.  Under `make check` fewer services, with as much
 * less room.  The year is made of days, then of hours, then of minutes, as far
 * back as each is kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

int
main(void)
{
	size_t n = full_size(20, SERVICES);
	char folder[] = "/tmp/meridian-history-XXXXXX", file[64], end[80];
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
	double minute_ms, day_ms, week_ms, places_ms;
	bool small, quick;
	struct stat st;

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
	if (stat(file, &st) != 0)
		return EXIT_FAILURE;
	printf("measured: history of a year, %zu services: %.1f MB; a batch "
	       "of a minute made and written in %.0f ms; a day by hour, "
	       "service and region in %.0f ms, 14 days in %.0f ms, countries "
	       "of the year in %.0f ms\n",
	    n, (double)st.st_size / 1048576.0, minute_ms, day_ms, week_ms,
	    places_ms);
	small = st.st_size <= most;
	quick = day_ms <= QUESTION_MS;
	if (!small)
		printf("the year is larger than %.1f MB\n",
		    (double)most / 1048576.0);
	if (!quick)
		printf("the day took longer than %d ms\n", QUESTION_MS);
	snprintf(end, sizeof(end), "%s-wal", file);
	(void)unlink(end);
	snprintf(end, sizeof(end), "%s-shm", file);
	(void)unlink(end);
	(void)unlink(file);
	(void)rmdir(folder);
	return small && quick ? EXIT_SUCCESS : EXIT_FAILURE;
}
