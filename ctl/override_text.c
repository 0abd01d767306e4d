/*
 * Writes overrides as words and as JSON.  Called by the subcommands that say,
 * list and explain them; decides nothing.
 */
#include "ctl/override_text.h"

#include <string.h>

#include "base/clock.h"
#include "config/server.h"
#include "steering/overrides.h"
#include "node/page_json.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

bool
override_text_again(const struct state_override *row)
{
	return strcmp(row->action, "canary") == 0 &&
	    strcmp(row->value, OVERRIDE_AGAIN) == 0;
}

bool
override_text_ends(const struct state_override *row)
{
	return strcmp(row->action, "undrain") == 0 ||
	    strcmp(row->value, "off") == 0 || override_text_again(row);
}

int64_t
override_text_until(const struct state_override *row)
{
	return row->length_ms >= 0 ? row->at_ms + row->length_ms : -1;
}

/* The ${len} bytes of ${text}, in UTF-8 or not. */
static void
add_clean(struct text *t, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned char next =
		    i + 1 < len ? (unsigned char)text[i + 1] : 0;

		/* U+0080..9F take two bytes. */
		if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
			text_add(t, "?");
			i++;
		} else if (c < ' ' || c == 0x7f) {
			text_add(t, "?");
		} else {
			text_bytes(t, text + i, 1);
		}
	}
}

void
override_text_add(struct text *t, const char *text)
{
	add_clean(t, text, strlen(text));
}

/* What is done to a target, that it ends, and that it is not so. */
static const struct {
	const char *action, *done, *ended, *not ;
	bool value; /* behind ${done} */
} words[] = {
    {"drain", "drained", "no longer drained", "is not drained", false},
    {"undrain", "drained", "no longer drained", "is not drained", false},
    {"force", "forced ", "no longer forced", "is not forced", true},
    {"weight", "at weight ", "at its own weight again", "has its own weight",
	true},
    {"freeze", "frozen", "no longer frozen", "is not frozen", false},
    {"canary", "with the canary ", "with its own canary again",
	"has no canary by hand", true},
};

const char *
override_text_not(const struct state_override *row)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(row->action, words[i].action) == 0)
			return words[i].not ;
	return "is not so";
}

void
override_text_what(struct text *t, const struct state_override *row)
{
	bool ends = override_text_ends(row);

	override_text_add(t, row->kind);
	text_add(t, " ");
	override_text_add(t, row->target);
	text_add(t, " ");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(row->action, words[i].action) != 0)
			continue;
		text_add(t, "%s",
		    override_text_again(row) ? "with a ramp that begins again"
			: ends               ? words[i].ended
					     : words[i].done);
		if (!ends && words[i].value)
			override_text_add(t, row->value);
		return;
	}
	/* Of a newer release. */
	override_text_add(t, row->action);
	text_add(t, " ");
	override_text_add(t, row->value);
}

void
override_text_when(
    struct text *t, const struct state_override *row, int64_t now_ms)
{
	int64_t until = override_text_until(row);
	char when[CLOCK_TEXT];

	if (until < 0) {
		text_add(t, "until somebody ends it");
		return;
	}
	clock_format(until, when);
	/* "2026-01-02T03:04:05Z": the time alone on the same day. */
	text_add(t, "until %s",
	    until / DAY_MS == now_ms / DAY_MS ? when + strlen("2026-01-02T")
					      : when);
}

void
override_text_who(struct text *t, const struct state_override *row)
{
	text_add(t, "by ");
	override_text_add(t, row->author[0] != '\0' ? row->author : "nobody");
	if (row->reason[0] == '\0')
		return;
	text_add(t, ": ");
	override_text_add(t, row->reason);
}

/* ${word} as a shell reads it. */
static void
add_word(struct text *t, const char *word)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "-_./:@%+,";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		text_add(t, "%s", word);
		return;
	}
	text_add(t, "'");
	for (const char *at = word; *at != '\0';) {
		size_t len = strcspn(at, "'");

		add_clean(t, at, len);
		at += len;
		if (*at != '\'')
			continue;
		text_add(t, "'\\''");
		at++;
	}
	text_add(t, "'");
}

void
override_text_undo(
    struct text *t, const char *path, const struct state_override *row)
{
	bool drain = strcmp(row->action, "drain") == 0;

	text_add(t, "meridianctl ");
	if (path != NULL && strcmp(path, SERVER_DEFAULT_PATH) != 0) {
		text_add(t, "-c ");
		add_word(t, path);
		text_add(t, " ");
	}
	override_text_add(t, drain ? "undrain" : row->action);
	text_add(t, " ");
	/* A canary is of services alone, and its kind is not said. */
	if (strcmp(row->action, "canary") != 0) {
		override_text_add(t, row->kind);
		text_add(t, " ");
	}
	add_word(t, row->target);
	if (!drain)
		text_add(t, " off");
}

/* A length in milliseconds, null for none. */
static json_t *
length_or_null(int64_t ms)
{
	return ms >= 0 ? json_integer(ms) : json_null();
}

json_t *
override_text_object(const struct state_override *row)
{
	int64_t until = override_text_until(row);

	return json_pack("{sI so so so so so so so sI so so sb}", "number",
	    (json_int_t)row->number, "at", page_json_time(row->at_ms), "action",
	    page_json_string(row->action), "kind", page_json_string(row->kind),
	    "target", page_json_string(row->target), "value",
	    page_json_string(row->value), "until",
	    until >= 0 ? page_json_time(until) : json_null(), "length_ms",
	    length_or_null(row->length_ms), "ramp_ms", (json_int_t)row->ramp_ms,
	    "author", page_json_string(row->author), "reason",
	    page_json_string(row->reason), "forced", (int)(row->forced != 0));
}
