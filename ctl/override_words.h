/*
 * The command lines of all that an operator says by hand: drain, undrain,
 * force, weight, freeze, canary.  Read to the row of an override, with what is
 * wrong said so that it can be put right; asks neither files nor database.
 */
#ifndef CTL_OVERRIDE_WORDS_H
#define CTL_OVERRIDE_WORDS_H

#include <stdbool.h>

#include "base/options.h"
#include "state/rows.h"

/* Options without a letter. */
enum override_option {
	OVERRIDE_FOR = 256,
	OVERRIDE_RAMP,
	OVERRIDE_REASON,
	OVERRIDE_AUTHOR,
	OVERRIDE_ANYWAY,
	OVERRIDE_SETTLE, /* these two of drills alone */
	OVERRIDE_LIMIT
};

/* Rows of a table of options: of what comes in and ends by itself, and what all
 * have. */
#define OVERRIDE_ROW_FOR                                                \
	{                                                               \
		OVERRIDE_FOR, "for", "LENGTH",                          \
		    "it ends by itself after so long: 90s, 10m, 2h, 7d" \
	}
#define OVERRIDE_ROW_RAMP                                          \
	{                                                          \
		OVERRIDE_RAMP, "ramp", "LENGTH",                   \
		    "it comes in evenly over so long, not at once" \
	}
#define OVERRIDE_ROWS_ALL                                                     \
	{OVERRIDE_REASON, "reason", "TEXT", "why, for those who look later"}, \
	    {OVERRIDE_AUTHOR, "author", "NAME",                               \
		"who says so (the user who calls it, at this host)"},         \
	    {OVERRIDE_ANYWAY, "force-anyway", NULL,                           \
		"against the safety rule, and without the wait"},             \
	    {'j', "json", NULL, "print one JSON object"},                     \
	{                                                                     \
		'n', "dry-run", NULL, "say what it would do, and do nothing"  \
	}

/* What is to be said, but for its number and time. */
struct override_wish {
	struct state_override row;
	bool anyway, dry_run, json;
	/* Of drills alone: how long is watched before and after; the load of
	 * another region that ends one, a share. */
	int64_t settle_ms;
	double limit;
};

/*
 * status = override_words_read(wish, o, usage, action, argc, argv): read the
 * options of ${usage}, made of the rows above, for ${action}; the words are
 * left in ${o}.  -1 to go on, else the exit status.
 */
int override_words_read(struct override_wish *wish, struct options *o,
    const struct options_usage *usage, const char *action, int argc,
    char **argv);

/*
 * status = override_words_target(wish, o, n, form): the words of ${o} are a
 * kind, a target and ${n} more, as in ${form}: "drain KIND TARGET".  -1 to go
 * on, else the exit status.
 */
int override_words_target(struct override_wish *wish, const struct options *o,
    int n, const char *form);

/* status = override_words_refuse_value(o, what, word, form): ${word} is no
 * ${what}, as in "a weight", of which ${form} is the form. */
int override_words_refuse_value(const struct options *o, const char *what,
    const char *word, const char *form);

#endif
