/*
 * Reads a command line by a table, with getopt_long(3), and prints --help from
 * it.  Called at the start of every program, before it has threads.
 */
#include "base/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

/* No program has as many. */
#define MAX_ROWS 40
/* "-c, --config FILE" */
#define MAX_FORM 64
/* Columns of a terminal. */
#define LINE 80

/* Every command line has these, after its own. */
static const struct option_row common[] = {
    {'h', "help", NULL, "print this and end"},
    {'V', "version", NULL, "print the version and end"},
    {0},
};

/* The row after ${row}, or the first one for NULL; NULL after the last. */
static const struct option_row *
next_row(const struct options_usage *usage, const struct option_row *row)
{
	if (row == NULL)
		row = usage->rows != NULL ? usage->rows : common;
	else
		row++;
	if (row->help == NULL && row != &common[2])
		row = common;
	return row->help != NULL ? row : NULL;
}

static const struct option_row *
row_of(const struct options_usage *usage, int key)
{
	const struct option_row *row = NULL;

	while ((row = next_row(usage, row)) != NULL)
		if (row->key == key)
			break;
	return row;
}

/* --help. */

static void
print_synopsis(const struct options_usage *usage, FILE *to)
{
	const char *form = usage->synopsis, *end;
	const char *before = "usage:";

	for (; form != NULL; form = end != NULL ? end + 1 : NULL) {
		end = strchr(form, '\n');
		fprintf(to, "%s %.*s\n", before,
		    (int)(end != NULL ? (size_t)(end - form) : strlen(form)),
		    form);
		before = "      ";
	}
}

static void
form_of(const struct option_row *row, char out[MAX_FORM])
{
	char letter[8] = "    ";

	if (row->key < 256)
		snprintf(letter, sizeof(letter), "-%c, ", row->key);
	snprintf(out, MAX_FORM, "%s--%s%s%s", letter, row->name,
	    row->value != NULL ? " " : "",
	    row->value != NULL ? row->value : "");
}

static size_t
widest_form(const struct options_usage *usage)
{
	const struct option_row *row = NULL;
	const struct option_command *command = usage->commands;
	char form[MAX_FORM];
	size_t widest = 0, len;

	while ((row = next_row(usage, row)) != NULL) {
		form_of(row, form);
		len = strlen(form);
		widest = len > widest ? len : widest;
	}
	for (; command != NULL && command->name != NULL; command++) {
		len = strlen(command->name);
		widest = len > widest ? len : widest;
	}
	return widest;
}

/* Print ${form} in ${widest} columns and ${help} beside it, whole words in each
 * line. */
static void
print_row(int widest, const char *form, const char *help)
{
	size_t room = (size_t)(LINE - 4 - widest), len = strlen(help), end;
	int indent = widest + 4;

	printf("  %-*s  ", widest, form);
	while (len > room) {
		for (end = room; end > 0 && help[end] != ' '; end--)
			;
		if (end == 0)
			break;
		printf("%.*s\n%*s", (int)end, help, indent, "");
		help += end + 1;
		len -= end + 1;
	}
	printf("%s\n", help);
}

static void
print_help(const struct options_usage *usage)
{
	const struct option_row *row = NULL;
	const struct option_command *command = usage->commands;
	int widest = (int)widest_form(usage);
	char form[MAX_FORM];

	print_synopsis(usage, stdout);
	printf("\n%s\n", usage->about);
	for (; command != NULL && command->name != NULL; command++)
		print_row(widest, command->name, command->help);
	if (usage->commands != NULL)
		putchar('\n');
	while ((row = next_row(usage, row)) != NULL) {
		form_of(row, form);
		print_row(widest, form, row->help);
	}
}

/* Reading. */

void
options_begin(
    struct options *o, const struct options_usage *usage, int argc, char **argv)
{
	*o = (struct options){
	    .usage = usage, .argc = argc, .argv = argv, .status = -1};
	/* It may have read another command line before. */
	optind = 0;
	opterr = 0;
}

/* An option that is none, with the one that is nearest to it. */
static int
refuse_option(const struct options *o, const char *word)
{
	const struct option_row *row = NULL;
	const char *name = word + 2;
	struct nearest nearest;
	char letter[3] = {'-', (char)optopt, '\0'};

	/* One letter, perhaps of several in a word; ${word} is the one before
	 * then. */
	if (optopt != 0)
		return options_refuse(o, "there is no option %s", letter);
	nearest_init(&nearest, name);
	while ((row = next_row(o->usage, row)) != NULL)
		nearest_offer(&nearest, row->name);
	if (nearest.best == NULL)
		return options_refuse(o, "there is no option %s", word);
	return options_refuse(
	    o, "there is no option %s, did you mean --%s?", word, nearest.best);
}

/* What getopt_long() made of a word that it did not like. */
static int
refuse_word(const struct options *o, int result)
{
	const char *word = o->argv[optind - 1];
	const struct option_row *row = row_of(o->usage, optopt);

	if (result == ':' && row != NULL)
		return options_refuse(o, "--%s needs a value: --%s %s",
		    row->name, row->name, row->value);
	if (row != NULL && strncmp(word, "--", 2) == 0)
		return options_refuse(o, "--%s takes no value", row->name);
	return refuse_option(o, word);
}

static int
read_option(const struct options *o)
{
	struct option options[MAX_ROWS] = {{0}};
	char letters[2 * MAX_ROWS + 3] = "";
	const struct option_row *row = NULL;
	size_t n = 0, at = 0;

	if (o->usage->commands != NULL)
		letters[at++] = '+';
	letters[at++] = ':';
	while ((row = next_row(o->usage, row)) != NULL && n < MAX_ROWS - 1) {
		options[n++] = (struct option){row->name,
		    row->value != NULL ? required_argument : no_argument, NULL,
		    row->key};
		if (row->key < 256)
			letters[at++] = (char)row->key;
		if (row->key < 256 && row->value != NULL)
			letters[at++] = ':';
	}
	return getopt_long(o->argc, o->argv, letters, options, NULL);
}

int
options_next(struct options *o)
{
	int key = read_option(o);

	o->value = optarg;
	switch (key) {
	case -1:
		o->n_words = o->argc - optind;
		o->words = o->argv + optind;
		return -1;
	case 'h':
		print_help(o->usage);
		o->status = 0;
		return -1;
	case 'V':
		/* Of a subcommand the program's. */
		printf("%.*s %s\n", (int)strcspn(o->usage->program, " "),
		    o->usage->program, MERIDIAN_VERSION);
		o->status = 0;
		return -1;
	case ':':
	case '?':
		o->status = refuse_word(o, key);
		return -1;
	default:
		return key;
	}
}

int
options_refuse(const struct options *o, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", o->usage->program);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	print_synopsis(o->usage, stderr);
	fprintf(stderr, "%s --help says more\n", o->usage->program);
	return OPTIONS_WRONG;
}

int
options_no_command(const struct options *o, const char *word)
{
	const struct option_command *command = o->usage->commands;
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (; command->name != NULL; command++)
		nearest_offer(&nearest, command->name);
	if (nearest.best == NULL)
		return options_refuse(o, "there is no command %s", word);
	return options_refuse(
	    o, "there is no command %s, did you mean %s?", word, nearest.best);
}
