/*
 * A stream cut into lines, wherever the pieces it comes in end.  Bounded; knows
 * nothing of what the lines say.
 */
#ifndef SHARE_ETCD_ETCD_LINES_H
#define SHARE_ETCD_ETCD_LINES_H

#include <stddef.h>

struct etcd_lines {
	char *data;
	size_t start, end; /* what is not taken yet */
	size_t scanned;    /* up to here there is no end of a line */
	size_t size, max;
};

/* etcd_lines_init(l, max): nothing yet; at most ${max} bytes wait. */
void etcd_lines_init(struct etcd_lines *l, size_t max);

/* etcd_lines_finish(l): free what ${l} holds. */
void etcd_lines_finish(struct etcd_lines *l);

/* etcd_lines_add(l, data, len): a piece came.  0, or -1 when more would wait
 * than may, or without memory: ${l} is as it was. */
int etcd_lines_add(struct etcd_lines *l, const char *data, size_t len);

/* line = etcd_lines_next(l, len): the next whole line without its end, valid
 * until the next etcd_lines_add(); NULL when there is none yet. */
const char *etcd_lines_next(struct etcd_lines *l, size_t *len);

#endif
