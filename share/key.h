/*
 * The keys that nodes share, below their prefix in etcd: built from their
 * parts and parsed again.  Called by whatever writes or reads one; knows
 * nothing of their values, which are documented at who makes them.
 *
 * Each key has one way to be written: a name is escaped so that all but letters
 * of ASCII, digits, '.', '_' and '-' is %XX.
 */
#ifndef SHARE_KEY_H
#define SHARE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

enum key_kind {
	KEY_GENERATION, /* generation */
	KEY_NODE,       /* node/NODE */
	KEY_LIVE,       /* live/VANTAGE: there while it lives */
	KEY_VANTAGE,    /* vantage/VANTAGE */
	KEY_VERDICT,    /* verdict/VANTAGE/NUMBER: of table endpoint */
	KEY_ADDRESS,    /* address/VANTAGE/NUMBER */
	KEY_LOAD,       /* load/VANTAGE/NUMBER */
	KEY_OVERRIDE,   /* override/NUMBER, of 20 digits */
	KEY_RAMP,       /* ramp/ZONE/SERVICE */
	KEY_KEEP,       /* keep/ZONE/POOL */
	KEY_FACTOR,     /* factor/ZONE/POOL/NUMBER */
	KEY_DEMAND,     /* demand/NODE/ZONE/POOL */
	KEY_LOCK,       /* lock/ZONE/POOL */
	KEY_PRUNED,     /* pruned: the generation at which it was last */
	KEY_CALENDAR,   /* calendar */
	KEY_FORGOTTEN,  /* forgotten/NODE */
	KEY_SITE,       /* site: its id, share/site.h */
	KEY_KINDS
};

#define KEY_NAMES 3
/* Blocks are numbered below this. */
#define KEY_BLOCKS 65536

struct key {
	enum key_kind kind;
	/* Printable ASCII, in the order of the key; those it has not are "". */
	char name[KEY_NAMES][STATE_ZONE];
	uint64_t number; /* 0 where it has none */
};

/* Room for a prefix, and the longest key with all characters escaped. */
#define KEY_PREFIX_MAX 256
#define KEY_TEXT (KEY_PREFIX_MAX + KEY_NAMES * 3 * STATE_ZONE + 32)

/*
 * len = key_build(prefix, key, out): write ${prefix} and ${key} to ${out}.  How
 * many characters that is, without the NUL; 0 when a name or number is none
 * that a key may have, or the prefix is longer than KEY_PREFIX_MAX.
 */
size_t key_build(const char *prefix, const struct key *key, char out[KEY_TEXT]);

/*
 * key_parse(prefix, text, len, out): the ${len} bytes at ${text}, which may be
 * anything, are ${prefix} and a key as key_build() writes it.  0, or -1.
 */
int key_parse(
    const char *prefix, const char *text, size_t len, struct key *out);

#endif
