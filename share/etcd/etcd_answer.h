/*
 * What etcd is asked for and what it answers, as values.  Used by all of
 * share/etcd/ and by its callers.
 */
#ifndef SHARE_ETCD_ETCD_ANSWER_H
#define SHARE_ETCD_ETCD_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Keys and values are any octets. */
struct etcd_bytes {
	const char *data;
	size_t len;
};

/* bytes = etcd_text(text): of a text, without its NUL. */
static inline struct etcd_bytes
etcd_text(const char *text)
{
	return (struct etcd_bytes){text, strlen(text)};
}

/* The most a key has; etcd has no limit of its own. */
#define ETCD_KEY_MAX 1024

/*
 * end = etcd_prefix_end(prefix, out): the end of the range of all keys that
 * begin with ${prefix}, written to ${out} of ETCD_KEY_MAX octets.  For a prefix
 * that has none, as the empty one, it is "\0": up to the last key.
 */
struct etcd_bytes etcd_prefix_end(struct etcd_bytes prefix, char *out);

/* Keys from ${key} to before ${end}; an empty ${end}: ${key} alone. */
struct etcd_range {
	struct etcd_bytes key, end;
	/* As they were at this revision; 0: now.  Pages of one picture: the
	 * first with 0, the next with header.revision of its answer and ${key}
	 * the last one and a NUL. */
	int64_t revision;
	/* Keys at most; 0: all.  An answer over answer_max of the options
	 * is dropped (ETCD_TOO_LARGE): ask for fewer. */
	int64_t limit;
	bool keys_only, count_only;
	bool serializable; /* what this member knows, perhaps old */
};

/* Longest words for an operator, the NUL counted. */
#define ETCD_WORDS 512

enum etcd_outcome {
	ETCD_OK,
	ETCD_UNREACHABLE, /* no endpoint answered: nothing was carried out */
	ETCD_UNCERTAIN,   /* sent, not answered: may have been carried out */
	ETCD_REFUSED,     /* user, password or permission */
	ETCD_COMPACTED,   /* the revision asked for is gone */
	ETCD_FUTURE,      /* the revision asked for is still to come */
	ETCD_NO_LEASE,    /* it has ended, or never was */
	ETCD_TOO_LARGE,   /* the request or its answer passes a bound */
	ETCD_FAILED       /* etcd says why: see words */
};

/* Of each answer.  All 0 when there was none. */
struct etcd_header {
	uint64_t cluster, member;
	int64_t revision; /* of the store, when it answered */
	uint64_t term;
};

struct etcd_pair {
	struct etcd_bytes key, value;
	int64_t create_revision, mod_revision, version;
	int64_t lease; /* 0: none */
};

/* Keys that were found. */
struct etcd_found {
	const struct etcd_pair *pairs;
	size_t n;
	int64_t count; /* in the range, without the limit */
	bool more;     /* there are, after these */
};

/* etcd takes no more compares, nor operations of one list (--max-txn-ops), and
 * no larger request (--max-request-bytes, less what is around keys and values).
 * Who has more splits it. */
#define ETCD_TXN_OPS 128
#define ETCD_TXN_BYTES ((size_t)1536 << 10)

enum etcd_op_kind { ETCD_PUT, ETCD_DELETE, ETCD_GET };

/* What came of one operation of a transaction. */
struct etcd_op {
	enum etcd_op_kind kind;
	int64_t deleted;         /* of ETCD_DELETE */
	struct etcd_found found; /* of ETCD_GET */
};

/* A change, as a watch tells it. */
struct etcd_event {
	bool deleted;          /* or put */
	struct etcd_pair pair; /* of a deletion: key and mod_revision only */
};

/* What came of a call; all in it lives until the done() that gets it returns.
 * Only what belongs to the kind of call is set. */
struct etcd_answer {
	enum etcd_outcome outcome;
	const char *words; /* for the operator; "" when it is ETCD_OK */
	struct etcd_header header;
	struct etcd_found found; /* of a range */
	bool succeeded;          /* of a transaction: all compares held */
	const struct etcd_op *ops;
	size_t n_ops;
	int64_t lease, ttl_s; /* of a lease */
	const char *version;  /* of a status */
	uint64_t leader;      /* 0: it knows none */
	int64_t size;         /* bytes of its database */
};

typedef void (*etcd_done)(void *context, const struct etcd_answer *answer);

#endif
