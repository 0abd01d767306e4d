/*
 * What the programs say of themselves: --help and --version everywhere, on
 * stdout and with status 0; a wrong command line on stderr, with a status of
 * its own and the word that was perhaps meant.  Starts no server.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/harness.h"

/* A command line, its status, what stdout and what stderr must hold; NULL: it
 * must be empty. */
static const struct {
	const char *line;
	int status;
	const char *out, *err;
} lines[] = {
    {"meridiand --help", 0, "usage: meridiand [-c FILE] [-v] [--strict]\n",
	NULL},
    {"meridiand -h", 0, "--config FILE", NULL},
    {"meridiand --version", 0, "meridiand 0.", NULL},
    {"meridiand -V", 0, "meridiand 0.", NULL},
    {"meridian-probe --help", 0,
	"usage: meridian-probe [-c FILE] [-v] [--strict]\n", NULL},
    {"meridian-probe --version", 0, "meridian-probe 0.", NULL},
    {"meridianctl --help", 0, "  check  ", NULL},
    {"meridianctl --help", 0, "(/etc/meridian/meridian.yaml)", NULL},
    {"meridianctl -h", 0, "COMMAND --help says more", NULL},
    {"meridianctl --version", 0, "meridianctl 0.", NULL},
    {"meridianctl check --help", 0,
	"usage: meridianctl [-c FILE] check [--files] [--json]\n", NULL},
    {"meridianctl explain --help", 0, "--client PREFIX", NULL},
    {"meridianctl explain -h", 0, "--json", NULL},
    {"meridianctl explain -h", 0, "-f, --list LIST", NULL},
    {"meridianctl explain -h", 0, "--countries", NULL},
    {"meridianctl status --help", 0, "--json", NULL},
    {"meridianctl probe --help", 0, "--check NAME", NULL},
    {"meridianctl events --help", 0, "--since LENGTH", NULL},
    {"meridianctl events --since now", 64, NULL,
	"--since takes a length (90s, 15m, 6h, 7d), not \"now\"\n"},
    {"meridianctl events --last all", 64, NULL,
	"--last takes a number, not \"all\"\n"},
    {"meridianctl events --count --follow", 64, NULL,
	"--count ends, --follow does not\n"},
    {"meridianctl reload --help", 0,
	"usage: meridianctl [-c FILE] reload [--json]\n", NULL},
    {"meridianctl reload --version", 0, "meridianctl 0.", NULL},
    /* Help is wanted whatever the node's file is. */
    {"meridianctl -c /nonexistent status --help", 0, "usage:", NULL},
    {"meridiand -c /nonexistent --help", 0, "usage:", NULL},
    {"meridiand --confg /nonexistent", 64, NULL,
	"meridiand: there is no option --confg, did you mean --config?\n"
	"usage: meridiand"},
    {"meridiand -x", 64, NULL, "there is no option -x\n"},
    {"meridianctl check --files -xh", 64, NULL,
	"meridianctl check: there is no option -x\n"},
    {"meridiand -c", 64, NULL, "--config needs a value: --config FILE\n"},
    {"meridiand /etc/meridian/meridian.yaml", 64, NULL,
	"\"/etc/meridian/meridian.yaml\" is a word too many\n"},
    {"meridian-probe --verbos=1", 64, NULL, "--verbose takes no value\n"},
    {"meridianctl", 64, NULL, "a command is needed\n"},
    {"meridianctl relaod", 64, NULL,
	"there is no command relaod, did you mean reload?\n"},
    {"meridianctl frobnicate", 64, NULL, "there is no command frobnicate\n"},
    {"meridianctl check all", 64, NULL, "\"all\" is a word too many\n"},
    /* The node's file may be named behind the command. */
    {"meridianctl check -c /nonexistent", 1, NULL,
	"/nonexistent: error: cannot open"},
    {"meridianctl check --config=/nonexistent --files", 1, NULL,
	"/nonexistent: error: cannot open"},
    {"meridianctl check --files --config", 64, NULL,
	"--config needs a value: --config FILE\n"},
    {"meridianctl status -c", 64, NULL,
	"--config needs a value: --config FILE\n"},
    {"meridianctl reload --now", 64, NULL,
	"meridianctl reload: there is no option --now\n"},
    {"meridianctl status --jsn", 64, NULL,
	"there is no option --jsn, did you mean --json?\n"},
    {"meridianctl explain a --cleint 192.0.2.1", 64, NULL,
	"there is no option --cleint, did you mean --client?\n"},
    {"meridianctl explain a --client", 64, NULL,
	"--client needs a value: --client PREFIX\n"},
    {"meridianctl explain a --countires", 64, NULL,
	"there is no option --countires, did you mean --countries?\n"},
    {"meridianctl explain a -f", 64, NULL,
	"--list needs a value: --list LIST\n"},
    {"meridianctl explain --help-me", 64, NULL,
	"meridianctl explain --help says more\n"},
};

static void
holds(const char *line, const char *text, const char *want)
{
	bool good = want != NULL ? strstr(text, want) != NULL : *text == '\0';

	ck_assert_msg(good, "%s: no \"%s\" in:\n%s", line,
	    want != NULL ? want : "", text);
}

START_TEST(help_is_no_error_and_an_error_is_not_help)
{
	struct harness *h = harness_create();
	const char *file = harness_path(h, "stderr");
	char command[4096];
	const char *out;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(command, sizeof(command), "%s 2>%s",
		    harness_built(h, lines[i].line), file);
		ck_assert_msg(harness_run(h, &out, "/bin/sh", "-c", command,
				  NULL) == lines[i].status,
		    "%s: not status %d", lines[i].line, lines[i].status);
		holds(lines[i].line, out, lines[i].out);
		holds(lines[i].line, harness_read(h, file), lines[i].err);
	}
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"help", help_is_no_error_and_an_error_is_not_help, 0},
	};

	return harness_main("help", cases, sizeof(cases) / sizeof(cases[0]));
}
