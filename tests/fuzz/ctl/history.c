/*
 * Fuzz target: any octets as a history, as meridianctl history, report and
 * advise print it: whatever is in it, what they print goes to nobody here.
 */
#include <stdint.h>
#include <stdio.h>

#include "advice/advice.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/history_show.h"
#include "ctl/report_table.h"
#include "tests/fuzz/history_file.h"

#define END_MS (HISTORY_FILE_MS + HISTORY_FILE_DAYS * INT64_C(86400000))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct generation *node;

static void
write_file(const char *name, const char *text)
{
	char path[96];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", history_file.folder, name);
	f = fopen(path, "w");
	require(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void
end(void)
{
	static const char *const names[] = {
	    "meridian.yaml", "zone", "steering"};
	char path[96];

	generation_release(node);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", history_file.folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(history_file.folder);
}

/* The node whose history it is; what is printed goes nowhere. */
static void
begin(void)
{
	char path[96];

	history_file_begin();
	write_file("meridian.yaml",
	    "listen: 127.0.0.1:5300\nstate: state.db\nalone: true\n"
	    "zones: [{name: example, records: zone, steering: steering}]\n");
	write_file("zone",
	    "@ 60 SOA ns1 root 1 60 60 60 60\n@ 60 NS ns1\n"
	    "ns1 60 A 192.0.2.1\n");
	write_file("steering",
	    "regions:\n  eu-west: {at: [53, -6]}\n  us-east: {at: [39, -77]}\n"
	    "pools:\n"
	    "  v1: {endpoints: [{name: e1, region: eu-west, address: "
	    "192.0.2.2}]}\n"
	    "  v2: {endpoints: [{name: e2, region: us-east, address: "
	    "192.0.2.3}]}\n"
	    "services:\n  a: {split: {v1: 95, v2: 5}, rank: {listed: [eu-west, "
	    "us-east]}}\n"
	    "  b: {pool: v2, rank: {listed: [us-east]}}\n");
	snprintf(path, sizeof(path), "%s/meridian.yaml", history_file.folder);
	node = command_load_quietly(path);
	require(node != NULL);
	(void)atexit(end);
	require(freopen("/dev/null", "w", stdout) != NULL);
}

static const struct history_show shows[] = {
    {.question = {.by = HISTORY_SERVICE | HISTORY_POOL | HISTORY_REGION |
	     HISTORY_REASON | HISTORY_TIME,
	 .every = HISTORY_HOUR}},
    {.question = {.by = HISTORY_SERVICE | HISTORY_SHOW_SUBNET}, .csv = true},
    {.question = {.by = HISTORY_COUNTRY | HISTORY_REGION}, .json = true},
    {.question = {.by = HISTORY_AS}},
    {.question = {.by = HISTORY_SCOPE, .service = "a.example"}, .csv = true},
    {.failovers = true},
    {.failovers = true, .csv = true},
    {.failovers = true, .json = true},
};

static void
show_all(const char *path, struct errbuf *eb)
{
	struct history_reader *reader = history_reader_open(path, eb);

	if (reader == NULL)
		return;
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		struct history_show show = shows[i];

		show.question.from_ms = HISTORY_FILE_MS;
		show.question.to_ms = END_MS;
		errbuf_init(eb);
		(void)history_show(reader, &show, eb);
	}
	history_reader_close(reader);
}

static void
report_all(struct facts *facts)
{
	struct report report;
	struct advice advice;

	if (report_make(&report, facts) == 0) {
		report_text(&report, stdout);
		report_csv(&report, stdout);
		report_html(&report, stdout);
	}
	report_finish(&report);
	advice_find(&facts->advice, &node->config->advise, &advice);
	advice_finish(&advice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct facts_wish wish = {
	    .from_ms = HISTORY_FILE_MS, .to_ms = END_MS};
	static struct errbuf eb;
	struct facts facts;
	const char *path;

	if (node == NULL)
		begin();
	path = history_file_write(data, size);
	errbuf_init(&eb);
	show_all(path, &eb);
	errbuf_init(&eb);
	if (facts_collect(&facts, node, &wish, &eb) == 0)
		report_all(&facts);
	facts_finish(&facts);
	return 0;
}
