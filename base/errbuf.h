/*
 * Collects what is wrong with an operator's files, in words and with
 * file:line:column, for whoever asked for the files to be read (a reload,
 * meridianctl check).  Never prints anything itself.
 */
#ifndef BASE_ERRBUF_H
#define BASE_ERRBUF_H

#include <stdbool.h>
#include <stddef.h>

/* Enough for some two hundred messages; what does not fit is counted. */
#define ERRBUF_SIZE 32768

/* Where a message belongs.  A line or column of 0 is not shown. */
struct mark {
	const char *file;
	unsigned line;
	unsigned column;
};

struct errbuf {
	unsigned errors;
	unsigned warnings;
	unsigned lost; /* messages that did not fit any more */
	size_t len;
	char text[ERRBUF_SIZE]; /* lines that end in \n, NUL-terminated */
};

/* errbuf_init(eb): make ${eb} empty.  Nothing needs to be freed later. */
void errbuf_init(struct errbuf *eb);

/*
 * errbuf_error(eb, at, fmt, ...): append "file:line:column: error: text\n" and
 * count an error.  ${at} may be NULL: then the text stands alone.  Returns -1,
 * so that a caller may write: return errbuf_error(...).
 */
int errbuf_error(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* errbuf_warn(eb, at, fmt, ...): the same for what does not stop a load. */
void errbuf_warn(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* errbuf_ok(eb): true while no error was added; warnings do not count. */
bool errbuf_ok(const struct errbuf *eb);

#endif
