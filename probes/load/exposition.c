/*
 * Lines of metrics made into series.  Called by scrapes; adds nothing up.
 */
#include "probes/load/exposition.h"

#include <stdlib.h>
#include <string.h>

void
exposition_init(struct exposition *e, exposition_found found, void *context)
{
	e->found = found;
	e->context = context;
	e->len = 0;
	e->too_long = false;
	e->series = e->odd = 0;
}

static char *
skip_blanks(char *p)
{
	return p + strspn(p, " \t");
}

/* The end of a name that begins at ${p}; NULL where none does. */
static char *
end_of_name(char *p)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
	static const char digits[] = "0123456789";
	char *start = p;

	while (*p != '\0' &&
	    (strchr(first, *p) != NULL ||
		(p > start && strchr(digits, *p) != NULL)))
		p++;
	return p > start ? p : NULL;
}

/* The value of a label, whose first quote is at ${p}; its escapes are undone
 * where it is.  What follows its last quote, or NULL. */
static char *
take_value(char *p, const char **value)
{
	char *out;

	if (*p != '"')
		return NULL;
	*value = out = ++p;
	while (*p != '"') {
		if (*p == '\\') {
			p++;
			if (*p == '\0')
				return NULL;
			*out++ = *p == 'n' ? '\n' : *p;
			p++;
		} else if (*p == '\0') {
			return NULL;
		} else {
			*out++ = *p++;
		}
	}
	p++;
	*out = '\0';
	return p;
}

/* "{a="b",c="d"}"; what follows, or NULL. */
static char *
take_labels(char *p, struct exposition_series *series)
{
	struct exposition_label *label;
	char *end;

	p = skip_blanks(p + 1);
	while (*p != '}') {
		end = end_of_name(p);
		if (end == NULL || series->n == EXPOSITION_LABELS)
			return NULL;
		label = &series->label[series->n++];
		label->name = p;
		p = skip_blanks(end);
		if (*p != '=')
			return NULL;
		*end = '\0';
		p = take_value(skip_blanks(p + 1), &label->value);
		if (p == NULL)
			return NULL;
		p = skip_blanks(p);
		if (*p == ',')
			p = skip_blanks(p + 1);
		else if (*p != '}')
			return NULL;
	}
	return p + 1;
}

/* A number as C reads it, which has the spellings of NaN and +Inf too, but no
 * hexadecimal one; then a blank or the end. */
static bool
take_number(const char *p, double *value)
{
	char *end;

	if (strpbrk(p, "xX") != NULL &&
	    strpbrk(p, "xX") < p + strcspn(p, " \t#"))
		return false;
	*value = strtod(p, &end);
	return end != p && (*end == '\0' || *end == ' ' || *end == '\t');
}

static bool
take_series(struct exposition *e)
{
	struct exposition_series series;
	char *p = skip_blanks(e->line), *end = end_of_name(p);

	series.n = 0;
	if (end == NULL)
		return false;
	series.name = p;
	p = skip_blanks(end);
	if (*p == '{' && (p = take_labels(p, &series)) == NULL)
		return false;
	*end = '\0';
	if (p == end || !take_number(skip_blanks(p), &series.value))
		return false;
	e->series++;
	e->found(e->context, &series);
	return true;
}

static void
end_line(struct exposition *e)
{
	size_t len = e->len;

	while (len > 0 && (e->line[len - 1] == '\r' || e->line[len - 1] == ' '))
		len--;
	e->line[len] = '\0';
	if (e->too_long || strlen(e->line) != len ||
	    (len > 0 && e->line[0] != '#' && !take_series(e)))
		e->odd++;
	e->len = 0;
	e->too_long = false;
}

void
exposition_read(struct exposition *e, const char *data, size_t len)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end != NULL ? (size_t)(end - data) : len;
		size_t room = sizeof(e->line) - 1 - e->len;

		e->too_long = e->too_long || n > room;
		if (!e->too_long) {
			memcpy(e->line + e->len, data, n);
			e->len += n;
		}
		if (end == NULL)
			return;
		end_line(e);
		data += n + 1;
		len -= n + 1;
	}
}

void
exposition_end(struct exposition *e)
{
	if (e->len > 0 || e->too_long)
		end_line(e);
}

const char *
exposition_label(const struct exposition_series *series, const char *name)
{
	for (size_t i = 0; i < series->n; i++)
		if (strcmp(series->label[i].name, name) == 0)
			return series->label[i].value;
	return NULL;
}
