/*
 * Writes the steering files that are served, as they were read, their networks,
 * and which databases go with them: enough to compile the policy once more.
 * Called in the thread of the pages.
 */
#include "node/files_page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/page_json.h"

/* Bytes of a text, and prefixes, that are one item: a fraction of a piece. */
#define CHUNK 2048
#define PREFIXES 50

/* ${path} without regard to the folder that this process is in. */
static json_t *
whole_path(const char *path)
{
	char *whole = realpath(path, NULL);
	json_t *text = page_json_string(whole != NULL ? whole : path);

	free(whole);
	return text;
}

/* A database, and what tells it from another file of its path. */
static json_t *
database_object(const struct input *file)
{
	const struct file_identity *is = &file->identity;

	return json_pack("{so sI sI sI sI sI}", "path", whole_path(file->path),
	    "device", (json_int_t)is->device, "inode", (json_int_t)is->inode,
	    "size", (json_int_t)is->size, "changed_ns",
	    (json_int_t)is->changed_ns, "modified_ns",
	    (json_int_t)is->modified_ns);
}

/* All but the zones; the object stays open. */
static size_t
write_node(struct page *page, size_t item, struct text *out)
{
	const struct generation *g = page->view.served->generation;
	const struct inputs *files = kept_inputs(g->kept_geography);
	json_t *databases = json_array();
	char when[CLOCK_TEXT];

	(void)item;
	for (size_t i = 0; i < files->n; i++)
		json_array_append_new(
		    databases, database_object(&files->files[i]));
	page_json_add(out,
	    json_pack("{ss si so ss so}", "version", MERIDIAN_VERSION, "pid",
		(int)getpid(), "path", whole_path(g->config->path), "loaded",
		clock_format(g->loaded_ms, when), "databases", databases),
	    JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	if (!out->failed)
		out->len -= strlen("\n}");
	text_add(out, ",\n  \"zones\": [");
	return PAGE_PART_ENDS;
}

/* Bytes of ${text} from ${at} on that make an item: no character is cut. */
static size_t
chunk_length(const char *text, size_t len, size_t at)
{
	size_t n = len - at;

	if (n <= CHUNK)
		return n;
	n = CHUNK;
	while (n > CHUNK - 4 && ((unsigned char)text[at + n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* The next item of the text of a steering file; false when it was the last. */
static bool
write_text(
    struct page *page, const struct steering_config *config, struct text *out)
{
	size_t n = chunk_length(config->text, config->len, page->offset);
	char chunk[CHUNK + 1];

	memcpy(chunk, config->text + page->offset, n);
	chunk[n] = '\0';
	text_add(out, page->offset > 0 ? ",\n        " : "\n        ");
	page_json_add(out, page_json_string(chunk), JSON_ENCODE_ANY);
	page->offset += n;
	return page->offset < config->len;
}

/* The next prefixes of a network; false when they were the last. */
static bool
write_prefixes(
    struct page *page, const struct network_config *network, struct text *out)
{
	for (unsigned i = 0; i < PREFIXES && page->offset < network->n_prefixes;
	     i++) {
		char text[ADDRESS_TEXT];

		prefix_format(&network->prefixes[page->offset], text);
		text_add(out, "%s\"%s\"", page->offset > 0 ? ", " : "", text);
		page->offset++;
	}
	return page->offset < network->n_prefixes;
}

/* The next network from number ${i} on that is a file; their number when there
 * is none. */
static size_t
next_file(const struct steering_config *config, size_t i)
{
	while (i < config->n_networks && config->networks[i].file == NULL)
		i++;
	return i;
}

/* Go on with network number ${i}, or end the zone. */
static void
begin_network(struct page *page, const struct steering_config *config, size_t i,
    bool first, struct text *out)
{
	page->offset = 0;
	if (i == config->n_networks) {
		text_add(out, "]}");
		page->zone++;
		page->service = 0;
		return;
	}
	text_add(out, "%s\n      {\"file\": ", first ? "" : ",");
	page_json_add(
	    out, page_json_string(config->networks[i].file), JSON_ENCODE_ANY);
	text_add(out, ", \"prefixes\": [");
	page->service = i + 1;
}

/*
 * The next item of a zone with steering: of its text, page->service being 0, or
 * of network number page->service - 1.
 */
static void
write_steering(
    struct page *page, const struct steering_config *config, struct text *out)
{
	if (page->service == 0) {
		if (write_text(page, config, out))
			return;
		text_add(out, "],\n      \"networks\": [");
		begin_network(page, config, next_file(config, 0), true, out);
		return;
	}
	if (write_prefixes(page, &config->networks[page->service - 1], out))
		return;
	text_add(out, "]}");
	begin_network(
	    page, config, next_file(config, page->service), false, out);
}

/* A zone begins: its name, and the path of its steering if it has one. */
static void
write_zone_name(struct page *page, struct text *out)
{
	const struct generation *g = page->view.served->generation;
	const struct zone_config *zone = &g->config->zones[page->zone];

	text_add(out, "%s\n    {\"zone\": ", page->zone > 0 ? "," : "");
	page_json_add(out, page_json_string(zone->name), JSON_ENCODE_ANY);
	text_add(out, ", \"steering\": ");
	page_json_add(out,
	    g->steering[page->zone] != NULL
		? page_json_string(g->steering[page->zone]->path)
		: json_null(),
	    JSON_ENCODE_ANY);
}

static size_t
write_zones(struct page *page, size_t item, struct text *out)
{
	const struct generation *g = page->view.served->generation;

	for (; page->zone < g->n_zones && !page_full(out); item++) {
		const struct steering_config *config = g->steering[page->zone];

		if (page->service == 0 && page->offset == 0)
			write_zone_name(page, out);
		if (config == NULL) {
			text_add(out, "}");
			page->zone++;
			continue;
		}
		if (page->service == 0 && page->offset == 0)
			text_add(out, ", \"text\": [");
		write_steering(page, config, out);
	}
	if (page->zone < g->n_zones)
		return item;
	text_add(out, "\n  ]\n}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_node,
    write_zones,
};

const struct page_kind files_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
