/*
 * A token of a master file (RFC 1035, 5.1).  Made by lexer.c, read by all who
 * make something of it.
 */
#ifndef DNS_ZONE_TOKEN_H
#define DNS_ZONE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of the tokens of one entry: the largest RDATA in hexadecimal, each
 * octet a token of its own and with a NUL, and as much again. */
#define ENTRY_MAX ((size_t)512 << 10)
struct token {
	const char *text; /* NUL-terminated, no NUL inside; escapes as written,
			     checked; without the quotes around it */
	size_t len;
	unsigned line, column;
	bool quoted;
	bool has_quotes; /* quotes inside a word: key="value" */
	bool commented;  /* a comment begins where it ends, without a blank */
};

/* Longest text of a token in a message. */
#define TOKEN_SHOWN 64

/* token_show(text, out, size): the beginning of ${text}, as far as ${size}
 * octets hold it, with what no terminal should see made visible.  Returns out.
 */
const char *token_show(const char *text, char *out, size_t size);

#endif
