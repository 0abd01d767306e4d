/*
 * meridianctl explain: which answer a client would get, and why; or those of a
 * list of clients, or of all countries, as a table.  Asks the running server;
 * with --files, or where none answers, decides from the files and the state
 * database as they are now, with the code that the server has.
 */
#include <jansson.h>
#include <stdlib.h>

#include "ctl/command.h"
#include "ctl/explain_hand.h"
#include "ctl/explain_list.h"
#include "ctl/explain_source.h"
#include "ctl/explain_table.h"
#include "ctl/explain_text.h"

/* Options without a letter. */
enum { CLIENT = 256, RESOLVER, FILES, COUNTRIES };

static const struct options_usage usage = {
    .program = "meridianctl explain",
    .synopsis = "meridianctl [-c FILE] explain NAME [TYPE] --client PREFIX\n"
		"         [--resolver ADDRESS] [--files] [--json]\n"
		"meridianctl [-c FILE] explain NAME [TYPE] -f LIST\n"
		"         [--resolver ADDRESS] [--files] [--json]\n"
		"meridianctl [-c FILE] explain NAME [TYPE] --countries\n"
		"         [--files] [--json]",
    .about =
	"Says which answer a client of PREFIX gets for NAME, and why, step by\n"
	"step; or, as a table, those of all clients of LIST, or of all\n"
	"countries.  TYPE is A unless given.  The running server is asked.\n",
    .rows =
	(const struct option_row[]){
	    {CLIENT, "client", "PREFIX",
		"an address or a prefix: 203.0.113.0/24"},
	    {'f', "list", "LIST",
		"a file of clients, one a line; - is standard input"},
	    {COUNTRIES, "countries", NULL,
		"where the addresses of each country go"},
	    {RESOLVER, "resolver", "ADDRESS",
		"who sends the query; without --client it names no client"},
	    {FILES, "files", NULL,
		"decide from the files as they are now, ask no server"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct wishes {
	struct explain_words words;
	const char *list;
	bool files, json;
};

static void
read_option(struct wishes *w, int key, const char *value)
{
	if (key == CLIENT)
		w->words.client = value;
	else if (key == RESOLVER)
		w->words.resolver = value;
	else if (key == COUNTRIES)
		w->words.everyone = true;
	else if (key == FILES)
		w->files = true;
	else if (key == 'f')
		w->list = value;
	else
		w->json = true;
}

/* -1 to go on; else the exit status. */
static int
check_wishes(const struct wishes *w, const struct options *o)
{
	struct explain_words words = w->words;
	struct explain_question question;
	char why[EXPLAIN_WHY];

	if ((words.client != NULL) + (w->list != NULL) + words.everyone > 1)
		return options_refuse(
		    o, "--client, --list and --countries exclude each other");
	if (words.everyone && words.resolver != NULL)
		return options_refuse(o,
		    "--countries takes no --resolver: each client asks "
		    "itself");
	/* The clients of a list are looked at line by line. */
	words.everyone |= w->list != NULL;
	if (explain_question_read(&words, &question, why) != 0)
		return options_refuse(o, "%s", why);
	return -1;
}

/* -1 to go on; else the exit status. */
static int
read_wishes(int argc, char **argv, struct wishes *out)
{
	struct options o;
	int key;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0)
		read_option(out, key, o.value);
	if (o.status >= 0)
		return o.status;
	if (o.n_words < 1 || o.n_words > 2)
		return options_refuse(
		    &o, "a name, and perhaps a type, are needed");
	out->words.name = o.words[0];
	out->words.type = o.n_words == 2 ? o.words[1] : NULL;
	return check_wishes(out, &o);
}

/* One question, of one client or of all. */
static int
explain_one(struct explain_source *source, const struct wishes *w)
{
	json_t *root = explain_source_ask(source, &w->words);
	int status;

	if (root == NULL)
		return CTL_FAILED;
	explain_hand_add(root, explain_source_state(source));
	status = json_object_get(root, "error") != NULL ? CTL_FAILED : CTL_OK;
	if (w->json) {
		command_print_object(root);
	} else if (w->words.everyone) {
		explain_table_countries(root);
	} else {
		explain_text_print(root);
	}
	json_decref(root);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wishes wishes = {0};
	struct explain_source *source;
	int status = read_wishes(argc, argv, &wishes);

	if (status >= 0)
		return status;
	source = explain_source_open(path, wishes.files);
	if (source == NULL)
		return CTL_FAILED;
	status = wishes.list != NULL
	    ? explain_list(source, &wishes.words, wishes.list, wishes.json)
	    : explain_one(source, &wishes);
	explain_source_close(source);
	return status;
}

const struct command command_explain = {
    .name = "explain",
    .summary = "which answer clients get, and why",
    .run = run,
};
