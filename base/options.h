/*
 * The command line of a program or of one of its subcommands: a table of
 * options, from which they are read, what --help prints comes, and what is said
 * of one that is mistyped.  Used by every main() and by each subcommand of
 * meridianctl; bash completion reads what --help prints.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

/* The exit status after a command line that is wrong: EX_USAGE of sysexits(3),
 * so that small numbers are free for what a program found. */
#define OPTIONS_WRONG 64

/* An option; of a table the last one has no help. */
struct option_row {
	int key;           /* its letter, or a number above 255 for none */
	const char *name;  /* what stands after "--" */
	const char *value; /* what it takes, "FILE"; NULL: nothing */
	const char *help;  /* what it does, in a line */
};

/* A subcommand in the list of --help; the last one has no name. */
struct option_command {
	const char *name, *help;
};

struct options_usage {
	const char *program;           /* "meridianctl explain" */
	const char *synopsis;          /* the whole line; more forms after \n */
	const char *about;             /* what it does: whole lines */
	const struct option_row *rows; /* NULL: only --help and --version */
	const struct option_command *commands; /* NULL: none */
};

struct options {
	const struct options_usage *usage;
	int argc;
	char **argv;
	const char *value; /* of the option that was read last */
	int status;        /* to end with; -1: go on */
	/* When all options are read: the words that are none. */
	int n_words;
	char **words;
};

/* options_begin(o, usage, argc, argv): to read ${argv}, whose first word is the
 * program's or subcommand's name.  All of it stays the caller's. */
void options_begin(struct options *o, const struct options_usage *usage,
    int argc, char **argv);

/*
 * key = options_next(o): the key of the next option, with its value in ${o}.
 * -1 when there are no more, or the program has to end: --help or --version was
 * asked for and has been printed to stdout (status 0), or an option is wrong,
 * which was said to stderr (status OPTIONS_WRONG).  With a list of subcommands
 * reading ends at the first word, which is one of them.
 */
int options_next(struct options *o);

/*
 * status = options_refuse(o, fmt, ...): say to stderr what is wrong with the
 * command line, its form, and how to see more.  OPTIONS_WRONG.
 */
int options_refuse(const struct options *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* status = options_no_command(o, word): the same of a ${word} that is none of
 * the list of subcommands, with the one that is nearest. */
int options_no_command(const struct options *o, const char *word);

#endif
