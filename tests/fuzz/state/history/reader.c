/*
 * Fuzz target: any octets as a history, read in each way there is.  What comes
 * out is within what was asked for, printable, and the same the next time.
 */
#include <stdbool.h>
#include <stdint.h>

#include "state/history/reader.h"
#include "tests/fuzz/history_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	const struct history_question *question;
	const struct history_answer *answer;
	uint64_t rows, answers;
};

static void
look_at_text(const char *text)
{
	require(text == NULL || strlen(text) < HISTORY_TEXT);
	for (; text != NULL && *text != '\0'; text++)
		require(*text >= ' ' && *text <= '~');
}

static void
take_row(void *context, const struct history_row *row)
{
	struct seen *seen = context;
	unsigned by = seen->question->by;

	look_at_text(row->service);
	look_at_text(row->pool);
	look_at_text(row->region);
	look_at_text(row->reason);
	look_at_text(row->country);
	require((row->service != NULL) == ((by & HISTORY_SERVICE) != 0));
	require((row->country != NULL) == ((by & HISTORY_COUNTRY) != 0));
	require((by & HISTORY_TIME) == 0 ||
	    (row->at_ms >= seen->answer->from_ms &&
		row->at_ms < seen->answer->to_ms));
	require(row->length <= 128 && row->answers > 0);
	seen->rows++;
	seen->answers += row->answers;
}

static void
take_name(void *context, const char *name)
{
	(void)context;
	look_at_text(name);
}

static void
take_failover(void *context, const struct history_failover *failover)
{
	const struct history_question *question = context;

	look_at_text(failover->service);
	look_at_text(failover->pool);
	look_at_text(failover->endpoint);
	require(failover->wall_ms >= question->from_ms &&
	    failover->wall_ms < question->to_ms);
}

static void
take_gap(void *context, int64_t from_ms, int64_t to_ms)
{
	const struct history_question *question = context;

	require(from_ms < to_ms && from_ms >= question->from_ms &&
	    to_ms <= question->to_ms);
}

static void
ask(struct history_reader *reader, const struct history_question *question)
{
	struct history_answer answer = {.rows = 0};
	struct seen once = {.question = question, .answer = &answer};
	struct seen twice = once;
	static struct errbuf eb;
	int status;

	errbuf_init(&eb);
	status = history_sum(reader, question, &answer, take_row, &once, &eb);
	require((status == 0) == errbuf_ok(&eb));
	errbuf_init(&eb);
	require(history_sum(reader, question, &answer, take_row, &twice, &eb) ==
	    status);
	require(once.rows == twice.rows && once.answers == twice.answers);
	require(status != 0 || answer.rows == once.rows);
	require(answer.counted_minutes <=
	    (uint64_t)(answer.to_ms - answer.from_ms) / 60000);
}

static const struct history_question questions[] = {
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_POOL | HISTORY_REGION |
	    HISTORY_REASON,
	.every = HISTORY_MINUTE},
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_REGION,
	.every = HISTORY_HOUR},
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_REASON,
	.every = HISTORY_DAY},
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_COUNTRY | HISTORY_REGION},
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_AS},
    {.by = HISTORY_TIME | HISTORY_SERVICE | HISTORY_SCOPE},
    {.by = HISTORY_SERVICE, .service = "a.example"},
    {.by = HISTORY_REGION, .country = "DE"},
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = history_file_write(data, size);
	struct history_question q;
	struct history_bounds bounds;
	struct history_reader *reader;
	static struct errbuf eb;

	errbuf_init(&eb);
	reader = history_reader_open(path, &eb);
	require((reader != NULL) == errbuf_ok(&eb));
	if (reader == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		q = questions[i];
		q.from_ms = HISTORY_FILE_MS;
		q.to_ms =
		    HISTORY_FILE_MS + HISTORY_FILE_DAYS * INT64_C(86400000);
		ask(reader, &q);
		q.to_ms = HISTORY_FILE_MS + INT64_C(3600000);
		ask(reader, &q);
	}
	(void)history_failovers(
	    reader, q.from_ms, q.to_ms, NULL, take_failover, &q, &eb);
	(void)history_gaps(reader, q.from_ms, q.to_ms, take_gap, &q, &eb);
	(void)history_names(reader, HISTORY_SERVICE, take_name, NULL, &eb);
	if (history_bounds(reader, &bounds, &eb) == 0)
		look_at_text(bounds.node);
	history_reader_close(reader);
	return 0;
}
