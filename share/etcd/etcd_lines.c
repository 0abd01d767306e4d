/*
 * A stream cut into lines; see etcd_lines.h.
 */
#include "share/etcd/etcd_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
etcd_lines_init(struct etcd_lines *l, size_t max)
{
	*l = (struct etcd_lines){.max = max};
}

void
etcd_lines_finish(struct etcd_lines *l)
{
	free(l->data);
	etcd_lines_init(l, l->max);
}

int
etcd_lines_add(struct etcd_lines *l, const char *data, size_t len)
{
	char *grown;

	if (len == 0)
		return 0;
	if (l->start > 0) {
		memmove(l->data, l->data + l->start, l->end - l->start);
		l->end -= l->start;
		l->scanned -= l->start;
		l->start = 0;
	}
	grown = array_reserve(l->data, l->end, len, &l->size, 1, l->max);
	if (grown == NULL)
		return -1;
	l->data = grown;
	memcpy(l->data + l->end, data, len);
	l->end += len;
	return 0;
}

const char *
etcd_lines_next(struct etcd_lines *l, size_t *len)
{
	const char *line, *end;

	if (l->scanned == l->end)
		return NULL;
	end = memchr(l->data + l->scanned, '\n', l->end - l->scanned);
	if (end == NULL) {
		l->scanned = l->end;
		return NULL;
	}
	line = l->data + l->start;
	*len = (size_t)(end - line);
	l->start += *len + 1;
	l->scanned = l->start;
	return line;
}
