/*
 * Finds the mistake in a text that is no YAML.  Looks at brackets over the
 * whole text, then at the lines around the place where libfyaml gave up.
 * Called by yaml.c; allocates nothing.
 */
#include "config/yaml_mistake.h"

#include <stdio.h>
#include <string.h>

#include "config/shown.h"

/* Brackets within brackets: twice as many as yaml.c reads. */
#define MAX_OPEN 32

/* A line without its indent, its comment and the blanks at its end. */
struct line {
	unsigned number; /* 0: there is none */
	unsigned indent;
	const char *text;
	size_t len;
	bool tab; /* in its indent */
};

/* A text and where libfyaml gave up. */
struct refused {
	const char *text, *end;
	const struct mark *at;
	struct errbuf *eb;
};

/* Bracketed text while it is read. */
struct scan {
	const char *next, *end;
	const char *file;
	unsigned line, column; /* of ${next} */
	bool start;            /* a value or a key may begin there */
	unsigned closed;       /* the line in which the last bracket ended */
	unsigned loose;        /* opened inside a text of this line */
	struct {
		char bracket;
		struct mark at;
	} open[MAX_OPEN];
	size_t n;
};

/* How many bytes from ${p} on, before ${end}, are in ${set}, or are not in it
 * when ${in} is false: strspn() and strcspn() of a text without a NUL. */
static size_t
span(const char *p, const char *end, const char *set, bool in)
{
	const char *begin = p;

	while (p < end && *p != '\0' && (strchr(set, *p) != NULL) == in)
		p++;
	return (size_t)(p - begin);
}

/* Lines. */

/* What of a line of ${len} bytes is no comment and no blank at its end. */
static size_t
content_length(const char *text, size_t len)
{
	char quote = '\0';
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quote == '\0' && c == '#' &&
		    (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
			break;
		if (c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '"' || c == '\'') &&
		    (i == 0 || strchr(" [{,", text[i - 1]) != NULL))
			quote = c;
		if (c != ' ' && c != '\t' && c != '\r')
			end = i + 1;
	}
	return end;
}

/* The line that begins at ${begin}. */
static struct line
cut_line(const struct refused *r, const char *begin, unsigned number)
{
	const char *end = memchr(begin, '\n', (size_t)(r->end - begin));
	struct line line = {.number = number, .text = begin};

	if (end == NULL)
		end = r->end;
	while (line.text < end && (*line.text == ' ' || *line.text == '\t'))
		line.tab = *line.text++ == '\t' || line.tab;
	line.indent = (unsigned)(line.text - begin);
	line.len = content_length(line.text, (size_t)(end - line.text));
	return line;
}

/* The line after ${line}; one of number 0 after the last. */
static struct line
next_line(const struct refused *r, const struct line *line)
{
	const char *end =
	    memchr(line->text, '\n', (size_t)(r->end - line->text));

	return end == NULL ? (struct line){.text = ""}
			   : cut_line(r, end + 1, line->number + 1);
}

/* The line ${number}; one of number 0 when the text has fewer. */
static struct line
find_line(const struct refused *r, unsigned number)
{
	struct line line = cut_line(r, r->text, 1);

	while (line.number != 0 && line.number < number)
		line = next_line(r, &line);
	return line;
}

/* The line with something in it that comes before the line ${number}, or after
 * ${line}; one of number 0 when there is none. */
static struct line
line_before(const struct refused *r, unsigned number)
{
	struct line line = cut_line(r, r->text, 1), last = {.text = ""};

	for (; line.number != 0 && line.number < number;
	     line = next_line(r, &line))
		if (line.len > 0)
			last = line;
	return last;
}

static struct line
line_after(const struct refused *r, const struct line *line)
{
	struct line after = next_line(r, line);

	while (after.number != 0 && after.len == 0)
		after = next_line(r, &after);
	return after;
}

/* The line in quotes. */
static const char *
show_line(const struct line *line, char out[SHOWN_SIZE])
{
	char copy[2 * SHOWN_SIZE];

	snprintf(copy, sizeof(copy), "%.*s",
	    (int)(line->len < sizeof(copy) ? line->len : sizeof(copy)),
	    line->text);
	return shown_text(copy, out);
}

static struct mark
line_mark(const struct refused *r, const struct line *line)
{
	return (struct mark){r->at->file, line->number, line->indent + 1};
}

/* Without the "- " that items begin with, of which there may be several. */
static struct line
without_dash(struct line line)
{
	while (line.len >= 2 && line.text[0] == '-' && line.text[1] == ' ') {
		do {
			line.text++;
			line.indent++;
			line.len--;
		} while (line.len > 0 && line.text[0] == ' ');
	}
	return line;
}

static bool
is_item(const struct line *line)
{
	return line->len > 0 && line->text[0] == '-' &&
	    (line->len == 1 || line->text[1] == ' ');
}

/* The length of the key that a line begins with, without its colon; 0 when it
 * begins with none. */
static size_t
key_length(const struct line *line)
{
	const struct line l = without_dash(*line);
	char quote = l.len > 0 && (l.text[0] == '"' || l.text[0] == '\'')
	    ? l.text[0]
	    : '\0';
	size_t i = quote != '\0' ? 1 : 0;

	while (quote != '\0' && i < l.len && l.text[i] != quote)
		i++;
	for (; i < l.len; i++)
		if (l.text[i] == ':' &&
		    (i + 1 == l.len || l.text[i + 1] == ' '))
			return i;
	return 0;
}

/* The line has a key and its value. */
static bool
has_value(const struct line *line)
{
	size_t key = key_length(line);

	return key > 0 && key + 1 < without_dash(*line).len;
}

/* Brackets. */

static void
step(struct scan *s)
{
	if (*s->next == '\n') {
		s->line++;
		s->column = 0;
		s->loose = 0;
		s->start = true;
	}
	/* Columns count characters, as libfyaml does. */
	s->column += ((unsigned char)*s->next & 0xc0) != 0x80;
	s->next++;
}

/* Over the text in quotes that begins here. */
static void
skip_quoted(struct scan *s)
{
	char quote = *s->next;

	step(s);
	while (s->next < s->end && *s->next != quote) {
		if (*s->next == '\\' && quote == '"' && s->next + 1 < s->end)
			step(s);
		step(s);
	}
	if (s->next < s->end)
		step(s);
	s->start = false;
}

/* A closing bracket: false with an error when it closes another one. */
static bool
close_bracket(struct scan *s, struct errbuf *eb)
{
	char open = *s->next == ']' ? '[' : '{';
	struct mark at = {s->file, s->line, s->column};

	s->start = false;
	/* A text outside brackets may have one. */
	if (s->n == 0 && (s->closed != s->line || s->loose > 0))
		return true;
	if (s->n == 0) {
		errbuf_error(eb, &at,
		    "this \"%c\" closes nothing: take it out, or write the "
		    "\"%c\" that is missing before it",
		    *s->next, open);
		return false;
	}
	s->n--;
	s->closed = s->n == 0 ? s->line : 0;
	if (s->open[s->n].bracket == open)
		return true;
	errbuf_error(eb, &at,
	    "\"%c\" is closed by \"%c\": the \"%c\" of line %u, column %u "
	    "needs "
	    "its \"%c\" first",
	    s->open[s->n].bracket, *s->next, s->open[s->n].bracket,
	    s->open[s->n].at.line, s->open[s->n].at.column,
	    s->open[s->n].bracket == '[' ? ']' : '}');
	return false;
}

/* What begins with the next character; false with an error. */
static bool
scan_one(struct scan *s, struct errbuf *eb)
{
	char c = *s->next;
	bool blank = s->next + 1 == s->end || s->next[1] == ' ' ||
	    s->next[1] == '\n' || s->next[1] == '\r';

	if (c == '#' && (s->column == 1 || s->next[-1] == ' ')) {
		while (s->next < s->end && *s->next != '\n')
			step(s);
		return true;
	}
	if (s->start && (c == '"' || c == '\'')) {
		skip_quoted(s);
		return true;
	}
	if ((c == '[' || c == '{') && (s->start || s->n > 0)) {
		if (s->n < MAX_OPEN) {
			s->open[s->n].bracket = c;
			s->open[s->n++].at =
			    (struct mark){s->file, s->line, s->column};
		}
		s->start = true;
	} else if (c == '[' || c == '{') {
		s->loose++;
		s->start = false;
	} else if (c == ']' || c == '}') {
		if (!close_bracket(s, eb))
			return false;
	} else if ((c == ',' && s->n > 0) || (c == ':' && blank) ||
	    (c == '-' && s->start && blank))
		s->start = true;
	else if (c != ' ' && c != '\t' && c != '\n')
		s->start = false;
	step(s);
	return true;
}

/* Whether brackets are the mistake; the error is added then. */
static bool
wrong_brackets(const struct refused *r)
{
	struct scan s = {.next = r->text,
	    .end = r->end,
	    .file = r->at->file,
	    .line = 1,
	    .column = 1,
	    .start = true};

	while (s.next < s.end)
		if (!scan_one(&s, r->eb))
			return true;
	if (s.n == 0)
		return false;
	errbuf_error(r->eb, &s.open[0].at,
	    "this \"%c\" is never closed: \"%c\" "
	    "is missing",
	    s.open[0].bracket, s.open[0].bracket == '[' ? ']' : '}');
	return true;
}

bool
yaml_mistake_brackets(
    const char *text, size_t len, const struct mark *at, struct errbuf *eb)
{
	const struct refused r = {text, text + len, at, eb};
	const struct line line = find_line(&r, at->line);

	for (size_t i = 0; i < line.len; i++) {
		const char *p = line.text + i;
		size_t left = line.len - i, n, port;
		struct mark here = line_mark(&r, &line);

		if (*p != '[' || (i > 0 && strchr("\"'", p[-1]) != NULL))
			continue;
		n = span(p + 1, line.text + line.len,
		    "0123456789abcdefABCDEF:.", true);
		if (n + 2 > left || p[n + 1] != ']' ||
		    memchr(p + 1, ':', n) == NULL)
			continue;
		port =
		    span(p + n + 2, line.text + line.len, ":0123456789", true);
		here.column += (unsigned)i;
		errbuf_error(eb, &here,
		    "an IPv6 address in brackets is quoted: write "
		    "\"%.*s\", quotes included",
		    (int)(n + 2 + port), p);
		return true;
	}
	return false;
}

/* Colons. */

/* A line that should begin with a key and does not, or whose key runs into its
 * value; the error is added then.  An item may have no key, unless ${after},
 * the line after it, goes on in it. */
static bool
wrong_colon(
    const struct refused *r, const struct line *line, const struct line *after)
{
	const struct line l = without_dash(*line);
	struct mark at = line_mark(r, &l);
	char shown[SHOWN_SIZE];
	size_t key = key_length(line), bracket;

	if (l.len == 0 || strchr("[{\"'", l.text[0]) != NULL)
		return false;
	for (bracket = 0; bracket < key; bracket++)
		if (l.text[bracket] == '{' || l.text[bracket] == '[')
			break;
	if (key > 0 && bracket == key)
		return false;
	if (key == 0 && is_item(line) &&
	    (after->indent <= line->indent || key_length(after) == 0))
		return false;
	errbuf_error(r->eb, &at,
	    "expected \"key: value\", found %s: a colon and a blank belong "
	    "after the key",
	    show_line(&l, shown));
	return true;
}

/* "-name: x" instead of "- name: x". */
static bool
wrong_dash(const struct refused *r, const struct line *line)
{
	struct mark at = line_mark(r, line);
	char shown[SHOWN_SIZE];

	if (line->len < 2 || line->text[0] != '-' ||
	    strchr(" -.0123456789", line->text[1]) != NULL)
		return false;
	errbuf_error(r->eb, &at,
	    "a blank is missing after \"-\": write \"- %.*s\", found %s",
	    (int)span(line->text + 1, line->text + line->len, ": ", false),
	    line->text + 1, show_line(line, shown));
	return true;
}

/* Indents. */

static bool
wrong_tab(const struct refused *r, const struct line *line)
{
	struct mark at = {r->at->file, line->number, 1};

	if (line->number == 0 || !line->tab)
		return false;
	errbuf_error(
	    r->eb, &at, "a tab indents this line: indent with blanks instead");
	return true;
}

/* The nearest line before ${line} that is indented less, and in ${inner} the
 * first with something in it after that one. */
static struct line
outer_line(const struct refused *r, const struct line *line, struct line *inner)
{
	struct line l = cut_line(r, r->text, 1), outer = {0};

	*inner = outer;
	for (; l.number != 0 && l.number < line->number; l = next_line(r, &l)) {
		if (l.len == 0)
			continue;
		if (l.indent < line->indent) {
			outer = l;
			inner->number = 0;
		} else if (inner->number == 0)
			*inner = l;
	}
	return outer;
}

/* ${line} is deeper than ${before}, which has a value already. */
static int
too_deep(
    const struct refused *r, const struct line *line, const struct line *before)
{
	struct mark at = line_mark(r, line);
	char shown[SHOWN_SIZE];

	return errbuf_error(r->eb, &at,
	    "%s is indented by %u blanks, more than line %u, which has its "
	    "value already: indent it by %u",
	    show_line(line, shown), line->indent, before->number,
	    is_item(line) ? before->indent : without_dash(*before).indent);
}

/* What is wrong with the indent of ${line}, after all else was ruled out. */
static int
wrong_indent(const struct refused *r, const struct line *line)
{
	struct mark at = line_mark(r, line);
	struct line before = line_before(r, line->number), inner, outer;
	char shown[SHOWN_SIZE];

	show_line(line, shown);
	if (before.number == 0)
		return errbuf_error(
		    r->eb, &at, "%s cannot be read as YAML", shown);
	if (line->indent > before.indent && has_value(&before))
		return too_deep(r, line, &before);
	outer = outer_line(r, line, &inner);
	if (inner.number != 0 && is_item(&inner) &&
	    inner.indent == line->indent)
		return errbuf_error(r->eb, &at,
		    "%s is no part of the item of line %u: indent it by %u "
		    "blanks, as the text after \"-\", or begin it with \"- \"",
		    shown, inner.number, without_dash(inner).indent);
	if (outer.number != 0 && inner.indent > line->indent)
		return errbuf_error(r->eb, &at,
		    "%s is indented by %u blanks, but line %u by %u and line "
		    "%u by %u: indent it like one of them",
		    shown, line->indent, inner.number, inner.indent,
		    outer.number, outer.indent);
	return errbuf_error(r->eb, &at,
	    "%s cannot be read as YAML: look at the indents, colons and quotes "
	    "of this line and of line %u",
	    shown, before.number);
}

/* The whole. */

/* Whether the place is in an IPv6 address whose last character is a colon, as
 * 2001:db8::, which YAML takes for a key; then it becomes all of the address.
 */
static bool
is_address(const struct line *line, size_t *begin, size_t *end)
{
	size_t i = *end, k = *end;

	while (k < line->len && line->text[k] == ':')
		k++;
	while (i > 0 &&
	    strchr(":0123456789abcdefABCDEF", line->text[i - 1]) != NULL)
		i--;
	if (k - i < 2 || memcmp(line->text + k - 2, "::", 2) != 0)
		return false;
	*begin = i;
	*end = k;
	return true;
}

/* Between the last separator and the place: "30s then" of {a: 30s then: b}. */
static int
missing_comma(const struct refused *r)
{
	const struct line line = find_line(r, r->at->line);
	struct mark at = *r->at;
	size_t end = r->at->column > line.indent
	    ? r->at->column - line.indent - 1
	    : 0,
	       begin;

	if (end > line.len)
		end = line.len;
	for (begin = end;
	     begin > 0 && strchr(",:{[", line.text[begin - 1]) == NULL;)
		begin--;
	while (begin < end && line.text[begin] == ' ')
		begin++;
	if (begin == end && is_address(&line, &begin, &end)) {
		at.column = line.indent + (unsigned)begin + 1;
		return errbuf_error(r->eb, &at,
		    "an IPv6 address that ends with a colon is quoted: write "
		    "\"%.*s\", quotes included",
		    (int)(end - begin), line.text + begin);
	}
	return errbuf_error(r->eb, r->at,
	    "a comma is missing in \"%.*s\": write {a: 1, b: 2}, [a, b]",
	    (int)(end - begin), line.text + begin);
}

static bool
says(const char *complaint, const char *word)
{
	return strstr(complaint, word) != NULL;
}

/* A character that begins no text without quotes; the error is added. */
static bool
wrong_start(const struct refused *r, const char *complaint)
{
	const struct line line = find_line(r, r->at->line);
	size_t i =
	    r->at->column > line.indent ? r->at->column - line.indent - 1 : 0;

	if (!says(complaint, "cannot start with") || i >= line.len)
		return false;
	errbuf_error(r->eb, r->at,
	    "a text that begins with \"%c\" is quoted: write \"%.*s\", quotes "
	    "included",
	    line.text[i],
	    (int)span(line.text + i, line.text + line.len, ": ,]}", false),
	    line.text + i);
	return true;
}

/* Texts in quotes; the error is added when they are the mistake. */
static bool
wrong_quotes(const struct refused *r, const char *complaint)
{
	const struct line line = find_line(r, r->at->line);
	char shown[SHOWN_SIZE];

	show_line(&line, shown);
	if (says(complaint, "escape"))
		errbuf_error(r->eb, r->at,
		    "this backslash is not followed by what YAML knows (\\\\, "
		    "\\\", \\n): write it in single quotes, found %s",
		    shown);
	else if (says(complaint, "trailing content after"))
		errbuf_error(r->eb, r->at,
		    "the text goes on after its closing quote, found %s: quote "
		    "all of it or nothing",
		    shown);
	else if (says(complaint, "quoted"))
		errbuf_error(r->eb, r->at,
		    "the quote that begins here is never closed, found %s",
		    shown);
	else
		return false;
	return true;
}

/* "a: b: c": the value has a colon and a blank. */
static int
second_colon(const struct refused *r, const struct line *line)
{
	size_t key = key_length(line);
	const struct line l = without_dash(*line);
	size_t begin = key + 1;

	while (begin < l.len && l.text[begin] == ' ')
		begin++;
	if (begin > l.len)
		begin = l.len;
	return errbuf_error(r->eb, r->at,
	    "a value with a colon and a blank in it is quoted: write "
	    "\"%.*s\", or begin a new line after \"%.*s:\"",
	    (int)(l.len - begin < SHOWN_SIZE ? l.len - begin : SHOWN_SIZE),
	    l.text + begin, (int)(key < SHOWN_SIZE ? key : SHOWN_SIZE), l.text);
}

int
yaml_mistake(const char *text, size_t len, const struct mark *at,
    const char *complaint, struct errbuf *eb)
{
	const struct refused r = {text, text + len, at, eb};
	struct line line = find_line(&r, at->line), before, after;

	if (line.number == 0 || line.len == 0)
		line = line_before(&r, at->line);
	/* A carriage return is the end of a line to libfyaml, not here. */
	if (line.number == 0)
		return errbuf_error(
		    eb, at, "is not YAML: end each line with a line feed");
	before = line_before(&r, line.number);
	after = line_after(&r, &line);
	if (wrong_tab(&r, &line) || wrong_tab(&r, &after) ||
	    yaml_mistake_brackets(text, len, at, eb) ||
	    wrong_start(&r, complaint))
		return -1;
	if (wrong_quotes(&r, complaint))
		return -1;
	if (wrong_dash(&r, &line) || wrong_brackets(&r))
		return -1;
	if (says(complaint, "missing comma"))
		return missing_comma(&r);
	if (says(complaint, "nested block mapping"))
		return second_colon(&r, &line);
	if (wrong_colon(&r, &line, &after) ||
	    (before.number != 0 && wrong_colon(&r, &before, &line)))
		return -1;
	if (after.indent > line.indent && has_value(&line))
		return too_deep(&r, &after, &line);
	return wrong_indent(&r, &line);
}
