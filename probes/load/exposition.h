/*
 * Reads metrics in the text format of Prometheus (0.0.4, and OpenMetrics 1.0)
 * piece by piece as they come in, and tells each series.  Pure, without
 * allocation; fed by scrapes with answers of servers that are not trusted.
 */
#ifndef PROBES_LOAD_EXPOSITION_H
#define PROBES_LOAD_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A longer line is passed over: 100 labels of 64 octets fit. */
#define EXPOSITION_LINE 16384
#define EXPOSITION_LABELS 64

struct exposition_label {
	const char *name, *value; /* without escapes */
};

struct exposition_series {
	const char *name;
	struct exposition_label label[EXPOSITION_LABELS];
	size_t n;
	double value; /* may be NaN or infinite */
};

/* found(context, series): it lives until the call returns. */
typedef void (*exposition_found)(
    void *context, const struct exposition_series *series);

struct exposition {
	exposition_found found;
	void *context;
	char line[EXPOSITION_LINE];
	size_t len;
	bool too_long;   /* the line that is read */
	uint64_t series; /* that were told */
	uint64_t odd;    /* lines that are none of the format */
};

/* exposition_init(e, found, context): begin to read. */
void exposition_init(
    struct exposition *e, exposition_found found, void *context);

/* exposition_read(e, data, len): read on. */
void exposition_read(struct exposition *e, const char *data, size_t len);

/* exposition_end(e): that was all; the last line may lack its end. */
void exposition_end(struct exposition *e);

/* value = exposition_label(series, name): NULL where it has none. */
const char *exposition_label(
    const struct exposition_series *series, const char *name);

#endif
