/*
 * Reads what an operator says.  Called by the subcommands drain, undrain,
 * force, weight, freeze and canary; writes nothing.
 */
#include "ctl/override_words.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "config/scalar.h"

/* What lasts longer belongs into the file (`drained: true`). */
/* A load of ten times what an endpoint is made for ends any drill. */
#define LIMIT_MAX_PPM 10000000

#define LENGTH_MAX_MS (INT64_C(366) * 24 * 3600 * 1000)

static const char *const kinds[] = {"region", "pool", "endpoint", "service"};

/* The user who calls, who may have become root for it, at this host. */
static void
default_author(char out[STATE_NAME])
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());
	char host[STATE_NAME] = "";

	(void)gethostname(host, sizeof(host) - 1);
	if (sudo != NULL && sudo[0] != '\0')
		(void)snprintf(out, STATE_NAME, "%.31s@%.31s", sudo, host);
	else if (user != NULL)
		(void)snprintf(
		    out, STATE_NAME, "%.31s@%.31s", user->pw_name, host);
	else
		(void)snprintf(
		    out, STATE_NAME, "user %u@%.31s", (unsigned)getuid(), host);
}

/* Read a length of the option ${name} to ${out}. */
static int
read_length(const struct options *o, const char *name, int64_t *out)
{
	int64_t ms;

	if (scalar_parse_ms(o->value, &ms) != 0)
		return options_refuse(o,
		    "--%s takes a length with its unit (90s, 10m, 2h, 7d), not "
		    "\"%s\"",
		    name, o->value);
	if (ms < 1000 || ms > LENGTH_MAX_MS)
		return options_refuse(o,
		    "--%s takes a length from 1s to 366d, not \"%s\"", name,
		    o->value);
	*out = ms;
	return -1;
}

/* Read a share to ${out}: "95%". */
static int
read_limit(const struct options *o, double *out)
{
	uint32_t ppm;

	if (scalar_parse_share(o->value, LIMIT_MAX_PPM, &ppm) != 0 || ppm == 0)
		return options_refuse(o,
		    "--limit takes a share above 0 (95%%), not \"%s\"",
		    o->value);
	*out = (double)ppm / 1000000;
	return -1;
}

/* A line of text for people to ${out} of ${size} bytes. */
static int
read_text(const struct options *o, const char *name, char *out, size_t size)
{
	const char *text = o->value;

	if (text[0] == '\0')
		return options_refuse(o, "--%s is empty", name);
	if (strlen(text) >= size)
		return options_refuse(
		    o, "--%s takes at most %zu bytes", name, size - 1);
	if (!utf8_valid(text, strlen(text)))
		return options_refuse(o, "--%s takes UTF-8", name);
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return options_refuse(o,
			    "--%s takes one line, without control characters",
			    name);
	(void)snprintf(out, size, "%s", text);
	return -1;
}

static int
read_option(struct override_wish *wish, const struct options *o, int key)
{
	struct state_override *row = &wish->row;

	switch (key) {
	case OVERRIDE_FOR:
		return read_length(o, "for", &row->length_ms);
	case OVERRIDE_RAMP:
		return read_length(o, "ramp", &row->ramp_ms);
	case OVERRIDE_REASON:
		return read_text(o, "reason", row->reason, sizeof(row->reason));
	case OVERRIDE_AUTHOR:
		return read_text(o, "author", row->author, sizeof(row->author));
	case OVERRIDE_ANYWAY:
		wish->anyway = true;
		return -1;
	case OVERRIDE_SETTLE:
		return read_length(o, "settle", &wish->settle_ms);
	case OVERRIDE_LIMIT:
		return read_limit(o, &wish->limit);
	case 'j':
		wish->json = true;
		return -1;
	default:
		wish->dry_run = true;
		return -1;
	}
}

int
override_words_read(struct override_wish *wish, struct options *o,
    const struct options_usage *usage, const char *action, int argc,
    char **argv)
{
	int key, status;

	*wish = (struct override_wish){.row = {.length_ms = -1}};
	(void)snprintf(
	    wish->row.action, sizeof(wish->row.action), "%s", action);
	default_author(wish->row.author);
	options_begin(o, usage, argc, argv);
	while ((key = options_next(o)) >= 0) {
		status = read_option(wish, o, key);
		if (status >= 0)
			return status;
	}
	if (o->status >= 0)
		return o->status;
	if (wish->row.length_ms >= 0 && wish->row.ramp_ms > wish->row.length_ms)
		return options_refuse(o,
		    "--ramp is longer than --for: it would end before it "
		    "has come in");
	return -1;
}

static bool
is_kind(const char *word)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i]) == 0)
			return true;
	return false;
}

int
override_words_target(struct override_wish *wish, const struct options *o,
    int n, const char *form)
{
	struct state_override *row = &wish->row;
	size_t len;

	if (o->n_words > 0 && !is_kind(o->words[0]))
		return options_refuse(o,
		    "\"%s\" is no kind: say what it is, region, pool, endpoint "
		    "or service, before its name: %s",
		    o->words[0], form);
	if (o->n_words < 2 + n)
		return options_refuse(o, "%s is needed: %s",
		    o->n_words == 0       ? "a kind and a name"
			: o->n_words == 1 ? "a name"
					  : "one word more",
		    form);
	if (o->n_words > 2 + n)
		return options_refuse(
		    o, "\"%s\" is a word too many: %s", o->words[2 + n], form);
	len = strlen(o->words[1]);
	/* A name in full may end with its dot. */
	if (len > 1 && o->words[1][len - 1] == '.' &&
	    strcmp(o->words[0], "service") == 0)
		len--;
	if (len == 0 || len >= sizeof(row->target))
		return options_refuse(o,
		    "the name of a target has 1 to %zu "
		    "characters",
		    sizeof(row->target) - 1);
	(void)snprintf(row->kind, sizeof(row->kind), "%s", o->words[0]);
	(void)snprintf(
	    row->target, sizeof(row->target), "%.*s", (int)len, o->words[1]);
	return -1;
}

int
override_words_refuse_value(const struct options *o, const char *what,
    const char *word, const char *form)
{
	return options_refuse(o, "\"%s\" is no %s: %s", word, what, form);
}
