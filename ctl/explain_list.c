/*
 * Reads a list of clients and prints the answer of each as soon as it is known.
 * Called by meridianctl explain; keeps one line at a time.
 */
#include "ctl/explain_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/explain_table.h"
#include "ctl/explain_text.h"
#include "node/page_json.h"

struct list {
	struct explain_source *source;
	struct explain_words words;
	const char *name; /* of the file, for errors */
	bool json;
	unsigned long line, rows;
	json_t *root; /* the last explanation, without its own */
	bool failed;  /* a line, or all */
};

/* What is in a line besides blanks and a comment; it is cut there. */
static char *
content(char *line)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t len;

	if (strncmp(line, mark, strlen(mark)) == 0)
		line += strlen(mark);
	line[strcspn(line, "#;\r\n")] = '\0';
	line += strspn(line, " \t");
	len = strlen(line);
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		line[--len] = '\0';
	return line;
}

static void
print_row(struct list *l, json_t *row)
{
	if (l->json) {
		fputs(l->rows > 0 ? ",\n    " : "\n    ", stdout);
		json_dumpf(row, stdout, JSON_PRESERVE_ORDER);
	} else {
		explain_table_print(row);
	}
	l->rows++;
}

/* What comes before the rows, from the first explanation; false after an error
 * that all of them would have. */
static bool
begin(struct list *l, const json_t *root)
{
	if (json_object_get(root, "error") != NULL || !l->json) {
		if (!explain_text_begin(root, "the clients of a list"))
			return false;
		explain_table_head();
		return true;
	}
	fputs("{\n  \"rows\": [", stdout);
	return true;
}

/* One client; false when no other will fare better. */
static bool
ask(struct list *l, const char *client)
{
	struct explain_question question;
	char why[EXPLAIN_WHY];
	json_t *root, *row;

	l->words.client = client;
	if (explain_question_read(&l->words, &question, why) != 0) {
		l->failed = true;
		fflush(stdout);
		fprintf(stderr, "%s:%lu:1: error: %s\n", l->name, l->line, why);
		return true;
	}
	root = explain_source_ask(l->source, &l->words);
	if (root == NULL || (l->root == NULL && !begin(l, root))) {
		json_decref(root);
		return false;
	}
	json_decref(l->root);
	l->root = root;
	row = explain_table_row(root, l->line, client);
	if (row != NULL)
		print_row(l, row);
	json_decref(row);
	return row != NULL;
}

static void
read_all(struct list *l, FILE *file)
{
	char *line = NULL;
	size_t size = 0, n = 0;

	while (getline(&line, &size, file) >= 0) {
		const char *client = content(line);

		l->line++;
		if (*client == '\0')
			continue;
		if (n++ == EXPLAIN_LIST_MAX) {
			fprintf(stderr,
			    "%s:%lu:1: error: a list has at most %d clients: "
			    "from here on none is asked for\n",
			    l->name, l->line, EXPLAIN_LIST_MAX);
			l->failed = true;
			break;
		}
		if (!ask(l, client)) {
			l->failed = true;
			break;
		}
	}
	if (ferror(file)) {
		fprintf(stderr, "%s: error: %s\n", l->name, strerror(errno));
		l->failed = true;
	} else if (n == 0) {
		fprintf(stderr,
		    "%s: error: no client is in it: write one address or "
		    "prefix a line (203.0.113.0/24)\n",
		    l->name);
		l->failed = true;
	}
	free(line);
}

/* After the rows what is the same for all of them. */
static void
end_json(const struct list *l)
{
	static const char *const keys[] = {
	    "source", "why", "pid", "loaded", "changed", "name", "type"};

	fputs("\n  ]", stdout);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *value = json_object_get(l->root, keys[i]);

		if (value == NULL)
			continue;
		printf(",\n  \"%s\": ", keys[i]);
		json_dumpf(value, stdout, JSON_ENCODE_ANY);
	}
	fputs("\n}\n", stdout);
}

int
explain_list(struct explain_source *source, const struct explain_words *words,
    const char *path, bool json)
{
	struct list l = {
	    .source = source, .words = *words, .name = path, .json = json};
	FILE *file = stdin;

	if (strcmp(path, "-") == 0) {
		l.name = "standard input";
	} else {
		file = fopen(path, "r");
		if (file == NULL) {
			fprintf(stderr, "%s: error: cannot open: %s\n", path,
			    strerror(errno));
			return CTL_FAILED;
		}
	}
	read_all(&l, file);
	if (json && l.root != NULL)
		end_json(&l);
	json_decref(l.root);
	if (file != stdin)
		fclose(file);
	return l.failed ? CTL_FAILED : CTL_OK;
}
