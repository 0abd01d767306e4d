/*
 * Cuts master files into entries and tokens.  Called by zonefile.c; every
 * buffer has its size from the start, whatever a file holds.
 */
#include "dns/zone/lexer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"

/* Octets read at a time. */
#define PIECE ((size_t)64 << 10)
#define END (-1)

/* Of a path in a message; its end is what tells files apart. */
#define PATH_SHOWN 512

int
lexer_entry_init(struct lexer_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->tokens = calloc(ENTRY_TOKENS, sizeof(*entry->tokens));
	entry->text = malloc(ENTRY_MAX);
	if (entry->tokens != NULL && entry->text != NULL)
		return 0;
	lexer_entry_finish(entry);
	return -1;
}

void
lexer_entry_finish(struct lexer_entry *entry)
{
	free(entry->tokens);
	free(entry->text);
	entry->tokens = NULL;
	entry->text = NULL;
}

void
lexer_memory(
    struct lexer *lexer, const char *name, const char *text, size_t len)
{
	*lexer = (struct lexer){.name = name,
	    .fd = -1,
	    .at = text,
	    .end = text + len,
	    .line = 1,
	    .column = 1};
}

int
lexer_open(struct lexer *lexer, const char *path, uint64_t *left,
    const struct mark *at, struct errbuf *eb)
{
	struct mark self = {path, 0, 0};
	char shown[PATH_SHOWN];
	struct stat st;
	/* A FIFO must not block a reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (at == NULL)
		at = &self;
	token_show(path, shown, sizeof(shown));
	if (fd < 0)
		return errbuf_error(
		    eb, at, "cannot open \"%s\": %s", shown, strerror(errno));
	*lexer = (struct lexer){
	    .name = path, .fd = fd, .line = 1, .column = 1, .left = left};
	if (fstat(fd, &st) != 0)
		errbuf_error(
		    eb, at, "cannot read \"%s\": %s", shown, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		errbuf_error(eb, at, "\"%s\" is not a regular file", shown);
	else if ((lexer->buffer = malloc(PIECE)) == NULL)
		errbuf_error(eb, at, "no memory to read \"%s\"", shown);
	else {
		lexer->at = lexer->end = lexer->buffer;
		return 0;
	}
	close(fd);
	return -1;
}

void
lexer_close(struct lexer *lexer)
{
	if (lexer->fd >= 0)
		close(lexer->fd);
	free(lexer->buffer);
	lexer->fd = -1;
	lexer->buffer = NULL;
}

static struct mark
here(const struct lexer *lexer)
{
	return (struct mark){lexer->name, lexer->line, lexer->column};
}

/* Read the next piece; false at the end or when that fails. */
static bool
refill(struct lexer *lexer, struct errbuf *eb)
{
	struct mark at = here(lexer);
	ssize_t n;

	if (lexer->fd < 0 || lexer->failed)
		return false;
	do
		n = read(lexer->fd, lexer->buffer, PIECE);
	while (n < 0 && errno == EINTR);
	lexer->failed = n < 0 || (uint64_t)n > *lexer->left;
	if (n < 0)
		errbuf_error(eb, &at, "cannot read on: %s", strerror(errno));
	else if (lexer->failed)
		errbuf_error(eb, &at, "the files of the zone are too large");
	if (n <= 0 || lexer->failed)
		return false;
	*lexer->left -= (uint64_t)n;
	lexer->at = lexer->buffer;
	lexer->end = lexer->buffer + n;
	return true;
}

/* The next octet, not taken; END after the last. */
static int
peek(struct lexer *lexer, struct errbuf *eb)
{
	if (lexer->at == lexer->end && !refill(lexer, eb))
		return END;
	return (unsigned char)*lexer->at;
}

static void
take(struct lexer *lexer)
{
	if (*lexer->at++ == '\n') {
		lexer->line++;
		lexer->column = 1;
	} else
		lexer->column++;
}

/* Up to the end of the line, which stays. */
static void
skip_line(struct lexer *lexer, struct errbuf *eb)
{
	int c;

	while ((c = peek(lexer, eb)) != END && c != '\n')
		take(lexer);
}

/* One error an entry: what follows from it is not said. */
static void
fail(struct lexer *lexer, struct lexer_entry *entry, const struct mark *at,
    const char *words, struct errbuf *eb)
{
	if (!entry->bad)
		errbuf_error(eb, at, "%s", words);
	entry->bad = true;
	skip_line(lexer, eb);
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t';
}

static bool
is_end_of_word(int c)
{
	return c == END || c == '\n' || c == '\r' || is_blank(c) || c == ';' ||
	    c == '(' || c == ')';
}

/* Add ${c} to the token that is being read; false when the entry is full. */
static bool
put(struct lexer_entry *entry, int c)
{
	if (entry->used == ENTRY_MAX)
		return false;
	entry->text[entry->used++] = (char)c;
	return true;
}

/* Take one octet into the token.  NULL, or what is wrong with it. */
static const char *
take_octet(struct lexer *lexer, struct lexer_entry *entry, int c)
{
	if (c == END || c == '\n')
		return "the line ends inside quotes or after a backslash";
	if (c < ' ' && c != '\t')
		return "a control character; \\DDD writes one";
	if (c == 0x7f)
		return "a control character; \\127 writes it";
	if (!put(entry, c))
		return "the entry is longer than 512 KiB";
	take(lexer);
	return NULL;
}

/* Take an escape, its backslash too: \DDD or \X (RFC 1035, 5.1). */
static const char *
take_escape(struct lexer *lexer, struct lexer_entry *entry, struct errbuf *eb)
{
	const char *wrong = take_octet(lexer, entry, '\\');
	uint64_t value;
	int c = peek(lexer, eb);

	if (wrong != NULL)
		return wrong;
	if (c < '0' || c > '9')
		return take_octet(lexer, entry, c);
	for (size_t i = 0; i < 3; i++) {
		c = peek(lexer, eb);
		if (c < '0' || c > '9')
			return "a backslash and a digit need three digits";
		wrong = take_octet(lexer, entry, c);
		if (wrong != NULL)
			return wrong;
	}
	return number_parse(entry->text + entry->used - 3, 3, 0, 255, &value)
	    ? "an escape is above \\255"
	    : NULL;
}

/* Take what stands between quotes, the closing one not. */
static const char *
take_quoted(struct lexer *lexer, struct lexer_entry *entry, struct errbuf *eb)
{
	const char *wrong = NULL;
	int c;

	while (wrong == NULL && (c = peek(lexer, eb)) != '"')
		wrong = c == '\\' ? take_escape(lexer, entry, eb)
				  : take_octet(lexer, entry, c);
	return wrong;
}

/* Take a word; quotes may stand inside it, as in alpn="h2,h3". */
static const char *
take_word(struct lexer *lexer, struct lexer_entry *entry, struct token *token,
    struct errbuf *eb)
{
	const char *wrong = NULL;
	int c;

	while (wrong == NULL && !is_end_of_word(c = peek(lexer, eb))) {
		if (c == '\\') {
			wrong = take_escape(lexer, entry, eb);
			continue;
		}
		wrong = take_octet(lexer, entry, c);
		if (c != '"' || wrong != NULL)
			continue;
		token->has_quotes = true;
		wrong = take_quoted(lexer, entry, eb);
		if (wrong == NULL)
			wrong = take_octet(lexer, entry, '"');
	}
	return wrong;
}

/* Take a whole token and end it with a NUL. */
static const char *
take_token(struct lexer *lexer, struct lexer_entry *entry, struct errbuf *eb)
{
	struct token *token = &entry->tokens[entry->n];
	size_t start = entry->used;
	const char *wrong;
	int c;

	if (entry->n == ENTRY_TOKENS)
		return "the entry has more than 66000 words";
	*token = (struct token){.text = entry->text + start,
	    .line = lexer->line,
	    .column = lexer->column,
	    .quoted = peek(lexer, eb) == '"'};
	if (token->quoted) {
		take(lexer);
		wrong = take_quoted(lexer, entry, eb);
		if (wrong == NULL)
			take(lexer);
	} else
		wrong = take_word(lexer, entry, token, eb);
	if (wrong != NULL)
		return wrong;
	token->len = entry->used - start;
	if (!put(entry, '\0'))
		return "the entry is longer than 512 KiB";
	c = peek(lexer, eb);
	token->commented = c == ';';
	if (token->quoted && c != '"' && !is_end_of_word(c))
		return "a blank is missing behind the closing quote";
	entry->n++;
	return NULL;
}

/* After an error inside parentheses: does the next entry begin here? */
static bool
seems_new_entry(struct lexer *lexer, struct errbuf *eb)
{
	int c = peek(lexer, eb);

	return !is_blank(c) && c != '\n' && c != '\r' && c != ';' && c != ')';
}

/*
 * Take what comes next in an entry, which is ${depth} parentheses deep.  False
 * when that was its end.
 */
static bool
take_next(struct lexer *lexer, struct lexer_entry *entry, unsigned *depth,
    struct mark *open, struct errbuf *eb)
{
	struct mark at = here(lexer);
	int c = peek(lexer, eb);
	const char *wrong = NULL;

	switch (c) {
	case END:
		if (*depth > 0)
			fail(lexer, entry, open, "this ( is never closed", eb);
		return false;
	case '\n':
		take(lexer);
		return *depth > 0 &&
		    !(entry->bad && seems_new_entry(lexer, eb));
	case '\r':
		take(lexer);
		if (peek(lexer, eb) != '\n')
			wrong = "a carriage return inside a line";
		break;
	case ' ':
	case '\t':
		take(lexer);
		break;
	case ';':
		skip_line(lexer, eb);
		break;
	case '(':
		take(lexer);
		if ((*depth)++ == 0)
			*open = at;
		break;
	case ')':
		take(lexer);
		if (*depth == 0)
			wrong = "this ) closes nothing";
		else
			(*depth)--;
		break;
	default:
		wrong = take_token(lexer, entry, eb);
		break;
	}
	if (wrong != NULL)
		fail(lexer, entry, &at, wrong, eb);
	return true;
}

enum lexer_found
lexer_next(struct lexer *lexer, struct lexer_entry *entry, struct errbuf *eb)
{
	do {
		unsigned depth = 0;
		struct mark open = {0};

		if (peek(lexer, eb) == END)
			return LEX_END;
		entry->n = entry->used = 0;
		entry->bad = false;
		entry->blank = is_blank(peek(lexer, eb));
		while (take_next(lexer, entry, &depth, &open, eb))
			continue;
	} while (entry->n == 0 && !entry->bad);
	return LEX_ENTRY;
}
