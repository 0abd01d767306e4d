/*
 * Collects what is wrong with an operator's files, in words and with
 * file:line:column, for the caller that has the files read (a reload,
 * meridianctl check).  Never prints anything itself.
 */
#ifndef BASE_ERRBUF_H
#define BASE_ERRBUF_H

#include <stdbool.h>
#include <stddef.h>

/* Enough for some two hundred messages, more than a person reads at once; what
 * does not fit is counted. */
#define ERRBUF_SIZE 32768
/* Of that, what warnings leave free, so that a file full of warnings still
 * shows the errors that stop it: some fifty. */
#define ERRBUF_ERRORS 8192

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
	size_t room;            /* for the message that is being added */
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

/* errbuf_follows(eb): count an error that follows from one that was said, and
 * say no more of it.  Returns -1. */
int errbuf_follows(struct errbuf *eb);

/* errbuf_warn(eb, at, fmt, ...): the same for what does not stop a load. */
void errbuf_warn(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A message cut into its parts; they point into the text of its errbuf. */
struct errbuf_line {
	bool error; /* or a warning */
	int mark_len, text_len;
	const char *mark; /* "file:line:column: ", or empty */
	const char *text; /* what is wrong */
};

/*
 * next = errbuf_line(at, line): cut up the message that ${at}, a place in the
 * text of an errbuf, begins with.  The place of the next one, or NULL when
 * there is none at ${at}.
 */
const char *errbuf_line(const char *at, struct errbuf_line *line);

/* How far an errbuf was filled at some moment; all zero is its beginning.  What
 * was added since can be kept and added to another one. */
struct errbuf_mark {
	size_t len;
	unsigned warnings, lost;
};

/* mark = errbuf_now(eb): how far it is filled now. */
struct errbuf_mark errbuf_now(const struct errbuf *eb);

/*
 * errbuf_repeat(eb, text, warnings, lost): add what another errbuf held: whole
 * lines, which count as ${warnings} warnings, and ${lost} that did not fit into
 * that one.
 */
void errbuf_repeat(
    struct errbuf *eb, const char *text, unsigned warnings, unsigned lost);

/*
 * errbuf_order(eb, since): put what was added since ${since} into the order in
 * which a person reads: file by file, as they were first named, and by line and
 * column in each.  A message without a place stays after the one before it.
 * Marks taken after ${since} mean nothing any more.
 */
void errbuf_order(struct errbuf *eb, const struct errbuf_mark *since);

/* errbuf_ok(eb): true while no error was added; warnings do not count. */
bool errbuf_ok(const struct errbuf *eb);

#endif
