/*
 * Fuzz target: any octets as a file of round trips.  What is read makes sense,
 * is in order, and printed as export prints it is read as the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/latency_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"ap-south", "eu-west", "us-east"};
static const struct latency_regions regions = {names, 3};

/* Longest line that is printed. */
#define LINE 128

static struct errbuf eb;

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check(const struct latency_file *file)
{
	for (size_t i = 0; i < file->n; i++) {
		const struct latency_measure *m = &file->measures[i];

		require(m->region < regions.n && m->us > 0 &&
		    m->us <= LATENCY_MAX_US && m->samples > 0);
	}
}

/* Print ${file} and read it. */
static void
read_again(const struct latency_file *file)
{
	char *text = malloc(file->n * LINE + 1), client[ADDRESS_TEXT];
	struct latency_file again;
	size_t len = 0;

	require(text != NULL);
	for (size_t i = 0; i < file->n; i++) {
		const struct latency_measure *m = &file->measures[i];

		len += (size_t)snprintf(text + len, LINE, "%s,%s,%u.%03u,%u\n",
		    latency_file_show(m, client), names[m->region],
		    m->us / 1000, m->us % 1000, m->samples);
	}
	errbuf_init(&eb);
	require(latency_file_read("f", text, len, &regions, &again, &eb) == 0);
	require(again.n == file->n && again.joined == 0);
	for (size_t i = 0; i < file->n; i++)
		require(memcmp(&again.measures[i], &file->measures[i],
			    sizeof(again.measures[i])) == 0);
	latency_file_finish(&again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct latency_file file;

	errbuf_init(&eb);
	if (latency_file_read(
		"f", (const char *)data, size, &regions, &file, &eb) != 0) {
		require(eb.errors > 0 && file.measures == NULL);
		return 0;
	}
	require(eb.errors == 0);
	check(&file);
	read_again(&file);
	latency_file_finish(&file);
	return 0;
}
