/*
 * Writes metrics in the Prometheus text format.  Called in the thread of the
 * pages; knows nothing of what is counted.
 */
#include "web/metrics.h"

#include <math.h>
#include <string.h>

void
metrics_head(
    struct text *t, const char *name, const char *type, const char *help)
{
	text_add(t, "# HELP meridian_%s %s\n# TYPE meridian_%s %s\n", name,
	    help, name, type);
}

void
metrics_label(struct text *t, const char *name, const char *value)
{
	text_add(t, "%s=\"", name);
	for (;;) {
		size_t plain = strcspn(value, "\n\"\\");

		text_bytes(t, value, plain);
		value += plain;
		if (*value == '\0')
			break;
		text_add(t, "\\%c", *value == '\n' ? 'n' : *value);
		value++;
	}
	text_bytes(t, "\"", 1);
}

void
metrics_bound(struct text *t, double bound)
{
	text_add(t, "le=\"%g%s\"", bound, fmod(bound, 1) == 0 ? ".0" : "");
}

void
metrics_single(struct text *t, const char *name, const char *type,
    const char *help, double value)
{
	metrics_head(t, name, type, help);
	text_add(t, "meridian_%s %.15g\n", name, value);
}
