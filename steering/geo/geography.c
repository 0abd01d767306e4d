/*
 * Reads mmdb files into covers of places: copies the file, walks its tree once
 * without recursion, has each record read once, lays databases over one
 * another.  Called at load time; looks nothing up for a query.
 */
#include "steering/geo/geography.h"

#include <errno.h>
#include <inttypes.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/inputs.h"
#include "base/u64map.h"
#include "steering/geo/layers.h"
#include "steering/geo/record.h"

/* The bits before the IPv4 tree in an IPv6 tree, at ::/96. */
#define IPV4_AT 96
/* A walk in address order keeps one sibling for each of 128 levels, and the two
 * children of the node it is at. */
#define WALK_STACK 130
/* Each node of a tree is read once.  Databases that share subtrees need some
 * more reads; a tree with loops would need more than any number. */
#define WALK_READS_PER_NODE 4
/* The metadata is in the last 128 KiB of a file (MaxMind DB file format). */
#define METADATA_MAX ((size_t)128 * 1024)
/* The control byte of a number of 32 bits, without its size in bytes. */
#define UINT32_NUMBER 0xc0
/* Bytes of a node with the shortest records, two of 24 bits. */
#define LEAST_NODE 6

struct geography {
	struct layers layers;
	struct geography_database *databases;
	size_t n_databases;
};

/* What a record says: its place, and what a leaf notes (layers_note()). */
struct finding {
	uint32_t place;
	uint16_t note;
};

/* One database while it is read. */
struct database {
	MMDB_s mmdb;
	const char *path;
	const struct mark *at;
	struct inputs *inputs; /* or NULL */
	struct errbuf *eb;
	struct layers *layers;
	struct record_reader records;
	struct finding *findings; /* of each record that was read */
	size_t n_findings, size;
	struct u64map decoded; /* offset of a record to its finding */
	uint64_t reads;        /* of nodes, in this walk */
	uint32_t ipv4_start;   /* node at ::/96 of an IPv6 tree, or NO_NODE */
	bool useful;           /* some record says something we read */
	struct geography_database *about;
};

#define NO_NODE UINT32_MAX

/* A record of the tree, and the prefix that it stands for. */
struct spot {
	uint64_t hi, lo;
	uint32_t node; /* of a search node */
	uint32_t data; /* offset of a data record */
	uint8_t type;  /* MMDB_RECORD_TYPE_* */
	uint8_t depth;
};

static int
fail(const struct database *db, const char *what)
{
	return errbuf_error(db->eb, db->at, "%s: %s", db->path, what);
}

/* Records. */

/* Read the record at ${at}, which is the first of its kind. */
static int
read_record(struct database *db, uint32_t at, struct finding *out)
{
	struct place place;

	switch (record_read(&db->records, at, &place)) {
	case RECORD_READ:
		break;
	case RECORD_BROKEN:
		return errbuf_error(db->eb, db->at,
		    "%s: its record at offset %" PRIu32 " is broken", db->path,
		    at);
	case RECORD_NO_MEMORY:
		return fail(db, "no memory for its cities");
	}
	out->note = layers_note(&place);
	out->place = layers_number(db->layers, &place);
	if (out->place == INTERN_NONE)
		return fail(db, "no memory for its places");
	db->useful = db->useful || out->place != PLACE_UNKNOWN;
	return 0;
}

/* What a data record says, decoded once.  0, or -1 with an error. */
static int
find_record(struct database *db, uint32_t at, struct finding *out)
{
	uint32_t number = u64map_get(&db->decoded, at);
	struct finding *findings;

	if (number != U64MAP_NONE) {
		*out = db->findings[number];
		return 0;
	}
	if (read_record(db, at, out) != 0)
		return -1;
	findings = array_grow(db->findings, db->n_findings, &db->size,
	    sizeof(*findings), INTERN_NONE);
	if (findings == NULL)
		return fail(db, "no memory for its records");
	db->findings = findings;
	if (u64map_add(&db->decoded, at, (uint32_t)db->n_findings) != 0)
		return fail(db, "no memory for its records");
	db->findings[db->n_findings++] = *out;
	return 0;
}

/* The tree. */

/* The two spots below ${spot}.  0, or -1 with an error. */
static int
read_node(struct database *db, const struct spot *spot, struct spot *left,
    struct spot *right)
{
	MMDB_search_node_s node;
	unsigned bit = 127U - spot->depth;
	int status;

	if (++db->reads >
	    (uint64_t)db->mmdb.metadata.node_count * WALK_READS_PER_NODE)
		return fail(db, "its tree has loops");
	status = MMDB_read_node(&db->mmdb, spot->node, &node);
	if (status != MMDB_SUCCESS)
		return fail(db, MMDB_strerror(status));
	*left = *right = *spot;
	left->depth = right->depth = (uint8_t)(spot->depth + 1);
	if (bit >= 64)
		right->hi |= UINT64_C(1) << (bit - 64);
	else
		right->lo |= UINT64_C(1) << bit;
	left->type = node.left_record_type;
	right->type = node.right_record_type;
	left->node = (uint32_t)node.left_record;
	right->node = (uint32_t)node.right_record;
	left->data = node.left_record_entry.offset;
	right->data = node.right_record_entry.offset;
	return 0;
}

/* Databases hang the IPv4 tree into IPv6 at several places (2002::/16,
 * 2001::/32); it is read once, as IPv4. */
static bool
is_ipv4_again(const struct database *db, const struct spot *spot)
{
	return spot->type == MMDB_RECORD_TYPE_SEARCH_NODE &&
	    spot->node == db->ipv4_start;
}

/* The place of the first address below ${top} that has a record: it counts for
 * all of a prefix that is as fine as we read. */
static int
first_place(struct database *db, const struct spot *top, unsigned bits,
    struct finding *out)
{
	struct spot stack[WALK_STACK], spot;
	size_t n = 0;

	*out = (struct finding){.place = PLACE_UNKNOWN};
	stack[n++] = *top;
	while (n > 0) {
		spot = stack[--n];
		if (is_ipv4_again(db, &spot))
			continue;
		switch (spot.type) {
		case MMDB_RECORD_TYPE_EMPTY:
			break;
		case MMDB_RECORD_TYPE_DATA:
			return find_record(db, spot.data, out);
		case MMDB_RECORD_TYPE_SEARCH_NODE:
			if (spot.depth >= bits)
				return fail(db, "its tree is too deep");
			if (read_node(db, &spot, &stack[n + 1], &stack[n]) != 0)
				return -1;
			n += 2;
			break;
		default:
			return fail(db, "its tree points nowhere");
		}
	}
	return 0;
}

/* Whether ${spot} is all one place; then ${out} is that. */
static int
spot_place(struct database *db, const struct spot *spot, unsigned finest,
    unsigned bits, bool *whole, struct finding *out)
{
	*whole = true;
	*out = (struct finding){.place = PLACE_UNKNOWN};
	switch (spot->type) {
	case MMDB_RECORD_TYPE_EMPTY:
		return 0;
	case MMDB_RECORD_TYPE_DATA:
		return find_record(db, spot->data, out);
	case MMDB_RECORD_TYPE_SEARCH_NODE:
		if (is_ipv4_again(db, spot))
			return 0;
		if (spot->depth >= finest)
			return first_place(db, spot, bits, out);
		*whole = false;
		return 0;
	default:
		return fail(db, "its tree points nowhere");
	}
}

/* A database has few records at once in the caches of a processor. */
static void
expect_record(const struct database *db, const struct spot *spot)
{
	if (spot->type == MMDB_RECORD_TYPE_DATA)
		u64map_expect(&db->decoded, spot->data);
}

/* The tree below ${top}, in address order.  0, or -1 with an error. */
static int
walk(struct database *db, const struct spot *top, unsigned finest,
    unsigned bits, struct cover *out)
{
	struct spot stack[WALK_STACK], spot;
	size_t n = 0;

	db->reads = 0;
	stack[n++] = *top;
	while (n > 0) {
		struct cover_leaf leaf;
		struct finding found;
		bool whole;

		spot = stack[--n];
		if (spot_place(db, &spot, finest, bits, &whole, &found) != 0)
			return -1;
		if (!whole) {
			if (read_node(db, &spot, &stack[n + 1], &stack[n]) != 0)
				return -1;
			expect_record(db, &stack[n + 1]);
			expect_record(db, &stack[n]);
			n += 2;
			continue;
		}
		leaf.hi = spot.hi;
		leaf.lo = spot.lo;
		leaf.depth = spot.depth;
		leaf.value = found.place;
		leaf.note = found.note;
		if (cover_append(out, &leaf) != 0)
			return fail(db, "no memory for its prefixes");
	}
	return 0;
}

/* The top of the IPv4 tree: what is at ::/96 of an IPv6 tree. */
static int
find_ipv4(struct database *db, struct spot *top)
{
	struct spot right;

	db->reads = 0;
	*top = (struct spot){.type = MMDB_RECORD_TYPE_SEARCH_NODE};
	if (db->mmdb.metadata.ip_version != 6)
		return 0;
	for (unsigned depth = 0;
	     depth < IPV4_AT && top->type == MMDB_RECORD_TYPE_SEARCH_NODE;
	     depth++)
		if (read_node(db, &(struct spot){.node = top->node}, top,
			&right) != 0)
			return -1;
	top->depth = 0;
	return 0;
}

/* Both trees of a database.  0, or -1 with an error. */
static int
walk_both(struct database *db, struct cover *ipv4, struct cover *ipv6)
{
	struct spot top, empty = {.type = MMDB_RECORD_TYPE_EMPTY};
	struct spot root = {.type = MMDB_RECORD_TYPE_SEARCH_NODE};

	db->ipv4_start = NO_NODE;
	if (find_ipv4(db, &top) != 0 ||
	    walk(db, &top, PLACE_FINEST_IPV4, 32, ipv4) != 0)
		return -1;
	if (db->mmdb.metadata.ip_version != 6)
		return walk(db, &empty, PLACE_FINEST_IPV6, 128, ipv6);
	if (top.type == MMDB_RECORD_TYPE_SEARCH_NODE)
		db->ipv4_start = top.node;
	return walk(db, &root, PLACE_FINEST_IPV6, 128, ipv6);
}

/* The file. */

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A file without a name that holds ${len} bytes of ${data}, or -1. */
static int
private_copy(const char *data, size_t len)
{
	int fd = memfd_create("geography", MFD_CLOEXEC);

	if (fd >= 0 && write_all(fd, data, len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Whether every node count in the metadata at the end of the file fits the
 * file.  libmaxminddb 1.7.1 believes it, and its product with the size of a
 * node overflows 32 bits: MMDB_open() would read far outside the file.
 */
static bool
node_count_fits(const char *data, size_t len)
{
	static const char key[] = "\x4anode_count"; /* a text of ten bytes */
	size_t tail = len < METADATA_MAX ? len : METADATA_MAX;
	const char *end = data + len, *at = end - tail;
	bool found = false;

	while ((at = memmem(at, (size_t)(end - at), key, sizeof(key) - 1)) !=
	    NULL) {
		uint64_t count = 0;
		unsigned size;

		at += sizeof(key) - 1;
		/* A number of 32 bits, of 0 to 4 bytes. */
		size = at < end ? (uint8_t)*at ^ UINT32_NUMBER : UINT8_MAX;
		if (size > 4 || (size_t)(end - at) <= size)
			return false;
		for (at++; size > 0; size--)
			count = count << 8 | (uint8_t)*at++;
		if (count * LEAST_NODE > len)
			return false;
		found = true;
	}
	return found;
}

/*
 * Open a copy of the file: libmaxminddb maps what it opens, and a mapped file
 * that is truncated kills the process.
 */
static int
open_copy(struct database *db)
{
	char *data, name[32];
	size_t len;
	int fd, status;

	if (inputs_on_disk(db->inputs) && access(db->path, R_OK) != 0)
		return fail(db, strerror(errno));
	if (file_read(db->path, NULL, GEOGRAPHY_MAX_FILE, &data, &len,
		db->inputs, db->eb) != 0)
		return -1;
	if (len == 0) {
		free(data);
		return fail(db, "is empty");
	}
	if (!node_count_fits(data, len)) {
		free(data);
		return fail(db, "no MaxMind database, or cut short");
	}
	db->about->hash = hash_bytes(data, len, 0);
	fd = private_copy(data, len);
	free(data);
	if (fd < 0)
		return fail(db, "no memory for a copy");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	status = MMDB_open(name, MMDB_MODE_MMAP, &db->mmdb);
	close(fd);
	if (status == MMDB_FILE_OPEN_ERROR)
		return fail(db, "its copy cannot be opened: is /proc there?");
	if (status != MMDB_SUCCESS)
		return errbuf_error(db->eb, db->at,
		    "%s: no MaxMind database, or cut short: %s", db->path,
		    MMDB_strerror(status));
	return 0;
}

/* What it says of itself.  Its type is a text from the file: what would move
 * the cursor of a terminal is left out. */
static int
describe(struct database *db)
{
	struct geography_database *about = db->about;
	const char *type = db->mmdb.metadata.database_type;
	size_t n = 0;

	about->path = strdup(db->path);
	if (about->path == NULL)
		return fail(db, "no memory for its name");
	if (db->mmdb.metadata.build_epoch < UINT32_MAX)
		about->built_s = (int64_t)db->mmdb.metadata.build_epoch;
	for (; type != NULL && *type != '\0' && n + 1 < sizeof(about->type);
	     type++)
		if (*type >= ' ' && *type <= '~')
			about->type[n++] = *type;
	about->type[n] = '\0';
	return 0;
}

/* One database into covers of its own.  0, or -1 with an error. */
static int
read_database(struct database *db, struct cover *ipv4, struct cover *ipv6)
{
	struct mmdb_section section;
	int status = -1;

	if (open_copy(db) != 0)
		return -1;
	section = (struct mmdb_section){
	    db->mmdb.data_section, db->mmdb.data_section_size};
	u64map_init(&db->decoded);
	record_init(&db->records, &section, &db->layers->cities);
	if (describe(db) == 0 && walk_both(db, ipv4, ipv6) == 0)
		status = db->useful
		    ? 0
		    : fail(db,
			  "no record in it has a country, a position or an AS "
			  "number");
	record_finish(&db->records);
	u64map_finish(&db->decoded);
	free(db->findings);
	MMDB_close(&db->mmdb);
	return status;
}

/* Read a database and lay it below those before it. */
static int
add_database(struct database *db)
{
	struct cover ipv4, ipv6;
	int status;

	cover_init(&ipv4, GEOGRAPHY_MAX_LEAVES);
	cover_init(&ipv6, GEOGRAPHY_MAX_LEAVES);
	status = read_database(db, &ipv4, &ipv6);
	if (status == 0 && layers_add(db->layers, &ipv4, &ipv6) != 0)
		status = fail(db, "no memory to lay it under the others");
	cover_finish(&ipv4);
	cover_finish(&ipv6);
	return status;
}

struct geography *
geography_load(const char *const *paths, const struct mark *at, size_t n,
    struct inputs *inputs, struct errbuf *eb)
{
	struct geography *geo = calloc(1, sizeof(*geo));
	int status = 0;

	if (geo != NULL)
		geo->databases = calloc(n + 1, sizeof(*geo->databases));
	if (geo == NULL || geo->databases == NULL ||
	    layers_init(&geo->layers, GEOGRAPHY_MAX_LEAVES) != 0) {
		errbuf_error(eb, NULL, "no memory for geography");
		geography_destroy(geo);
		return NULL;
	}
	/* All are read, so that all errors are reported. */
	for (size_t i = 0; i < n; i++) {
		struct database db = {.path = paths[i],
		    .at = &at[i],
		    .inputs = inputs,
		    .eb = eb,
		    .layers = &geo->layers,
		    .about = &geo->databases[i]};

		geo->n_databases++;
		if (add_database(&db) != 0)
			status = -1;
	}
	if (status == 0 && layers_complete(&geo->layers) != 0)
		status = errbuf_error(eb, NULL, "no memory for geography");
	if (status != 0) {
		geography_destroy(geo);
		return NULL;
	}
	return geo;
}

void
geography_destroy(struct geography *geo)
{
	if (geo == NULL)
		return;
	for (size_t i = 0; i < geo->n_databases; i++)
		free(geo->databases[i].path);
	free(geo->databases);
	layers_finish(&geo->layers);
	free(geo);
}

const struct cover *
geography_cover(const struct geography *geo, int family)
{
	return family == 4 ? &geo->layers.ipv4 : &geo->layers.ipv6;
}

const struct place *
geography_place(const struct geography *geo, uint32_t number)
{
	return layers_place(&geo->layers, number);
}

unsigned
geography_accuracy_km(
    const struct geography *geo, const struct address *address)
{
	const struct cover_leaf *leaf;
	uint64_t hi, lo;

	cover_key(address, &hi, &lo);
	leaf = cover_find(geography_cover(geo, address->family), hi, lo);
	return geography_place(geo, leaf->value)->located
	    ? layers_accuracy_km(leaf->note)
	    : 0;
}

size_t
geography_places(const struct geography *geo)
{
	return geo->layers.places.n;
}

int64_t
geography_built_s(const struct geography *geo)
{
	int64_t oldest = 0;

	for (size_t i = 0; i < geo->n_databases; i++) {
		int64_t built = geo->databases[i].built_s;

		if (built > 0 && (oldest == 0 || built < oldest))
			oldest = built;
	}
	return oldest;
}

const struct geography_database *
geography_databases(const struct geography *geo, size_t *n)
{
	*n = geo->n_databases;
	return geo->databases;
}
