/*
 * Master files as entries of tokens (RFC 1035, 5.1): blanks, comments, quotes,
 * escapes, parentheses, lines.  Reads a file piece by piece, or memory.  Used
 * by zonefile.c only; knows nothing of what the tokens mean.
 */
#ifndef DNS_ZONE_LEXER_H
#define DNS_ZONE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zone/token.h"

/* Tokens of one entry: the largest RDATA with each octet on its own. */
#define ENTRY_TOKENS 66000

/* One line, or more where parentheses join them. */
struct lexer_entry {
	struct token *tokens; /* room for ENTRY_TOKENS */
	size_t n;
	char *text; /* room for ENTRY_MAX */
	size_t used;
	bool blank; /* begins with a blank: the owner is the last one */
	bool bad;   /* an error in it was reported */
};

struct lexer {
	const char *name; /* for marks */
	int fd;           /* -1: all is in memory */
	char *buffer;     /* of what is read from fd, or NULL */
	const char *at, *end;
	unsigned line, column; /* of what comes next */
	uint64_t *left; /* octets that all files of the zone may still have */
	bool failed;    /* reading ended early; an error was reported */
};

enum lexer_found { LEX_ENTRY, LEX_END };

/* lexer_entry_init(entry): 0, or -1 without memory.  lexer_entry_finish(): free
 * what it holds; again, or after a failure, is fine. */
int lexer_entry_init(struct lexer_entry *entry);
void lexer_entry_finish(struct lexer_entry *entry);

/* lexer_memory(lexer, name, text, len): read ${text}, which stays the
 * caller's. */
void lexer_memory(
    struct lexer *lexer, const char *name, const char *text, size_t len);

/*
 * lexer_open(lexer, path, left, at, eb): read the regular file ${path} and
 * count its octets down from ${left}.  0, or -1 with an error at ${at}, or at
 * the file itself when that is NULL.  ${path} must outlive the lexer.
 */
int lexer_open(struct lexer *lexer, const char *path, uint64_t *left,
    const struct mark *at, struct errbuf *eb);

/* lexer_close(lexer): release it. */
void lexer_close(struct lexer *lexer);

/*
 * found = lexer_next(lexer, entry, eb): read the next entry that is not
 * empty.  One with an error, which is in ${eb}, is marked bad and ends where
 * the next one seems to begin.
 */
enum lexer_found lexer_next(
    struct lexer *lexer, struct lexer_entry *entry, struct errbuf *eb);

#endif
