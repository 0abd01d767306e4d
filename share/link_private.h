/*
 * The link from inside, for its files: link.c, which has its state, its
 * beginning and its end, link_lease.c, which has the lease and what is bound to
 * it, link_reading.c, which has what is read and followed, and link_site.c,
 * which asks etcd before that of which site it is.
 */
#ifndef SHARE_LINK_PRIVATE_H
#define SHARE_LINK_PRIVATE_H

#include "share/claim.h"
#include "share/link.h"
#include "share/site.h"
#include "state/rows.h"

/* Keys of a page: 512 blocks of 25 kB are more than etcd sends at once, so that
 * fewer are asked for then. */
#define LINK_PAGE_MAX 512

/* Between two readings, when one was not believed or broke off, at first. */
#define LINK_AGAIN_MS 200

/* A key that is bound to the lease. */
struct bound {
	char *key, *value;
	int64_t lease; /* with which it is written; 0: it is to be */
	struct bound *next;
};

enum reading { IDLE, ASKING, READING, WATCHING };

/* What etcd may refuse while it renews leases, for which a user needs no role
 * and a database no space. */
enum { READS, WRITES, USES };

struct link {
	struct etcd *etcd;
	uv_timer_t timer;
	const struct link_calls *calls;
	void *context;
	char *prefix;
	char end[ETCD_KEY_MAX];
	struct etcd_bytes end_key;
	int64_t lease_ms;
	enum link_state state;
	char words[STATE_LINK];
	/* The lease; and monotonic: when it was begun or renewed last. */
	int64_t lease, kept_ms, asked_ms;
	struct etcd_call *lease_call, *bind_call, *page_call;
	/* Monotonic: when etcd refused it first and last; 0: it does not.  And
	 * how, the last time. */
	int64_t refused_ms[USES], refused_last_ms[USES];
	char refusal[256];
	bool relieved; /* it does not any more, which is to be told */
	struct bound *bound;
	struct claim claim;
	/* The site, its key and that of the trail, and the state database. */
	struct site site;
	char *site_key, *trail_key, *state_path;
	bool admitted;               /* etcd is of the site of this node */
	char site_words[SITE_WORDS]; /* why it is not, or "" */
	/* The reading. */
	enum reading reading;
	struct etcd_header header;
	char *last; /* the last key of the last page, and a NUL */
	size_t last_len;
	int64_t page;
	unsigned fits;   /* pages of now that fitted, in a row */
	size_t read;     /* keys that were, of the reading */
	int64_t read_ms; /* monotonic: it was begun */
	struct etcd_watch *watch;
	bool torn; /* its stream has ended, and it begins another */
	int64_t again_ms, pause_ms; /* monotonic: the next may begin */
	bool anew;                  /* the next reading is of another history */
	/* What is known may lack something, so that it is read again; and what
	 * is being read is of a history that ended. */
	bool doubt, broken;
	bool stopping;
};

/*
 * link_set_state(l, state, words): tell it, if it is another.
 * link_gets_on(l, state): the same, with what is wrong with members, if any.
 * link_note(l, words): what is wrong now, or "".
 * link_note_failure(l, answer): why a call failed; but what is refused again to
 * a node that is cut off for it has been said, with what it means.
 * link_take_outcome(l, use, answer): whether etcd refuses what this node reads
 * or writes; refused = link_is_refused(l): it does.
 */
void link_set_state(struct link *l, enum link_state state, const char *words);
void link_gets_on(struct link *l, enum link_state state);
void link_note(struct link *l, const char *words);
void link_note_failure(struct link *l, const struct etcd_answer *answer);
void link_take_outcome(
    struct link *l, int use, const struct etcd_answer *answer);
bool link_is_refused(const struct link *l);

/*
 * link_keep_lease(l, now_ms): renew it, or ask for another, where that is due.
 * link_bind_keys(l, now_ms): write what is not written with it.
 * link_look_whether_cut(l, now_ms): nobody renewed it for as long as it lasts,
 * or etcd refused for as long what this node reads or writes, or another
 * process has the name of this node.
 * link_free_bound(b): a key that was bound.
 */
void link_keep_lease(struct link *l, int64_t now_ms);
void link_bind_keys(struct link *l, int64_t now_ms);
void link_look_whether_cut(struct link *l, int64_t now_ms);
void link_free_bound(struct bound *b);

/* link_let_lease_go(l): what is bound to it goes, and another is asked for. */
void link_let_lease_go(struct link *l);

/*
 * link_keep_reading(l, now_ms): begin what is due.  link_stop_watch(l): what is
 * followed is not any more.
 * link_ask_site(l): of which site etcd is; then link_read(l): all of it, or
 * link_give_up_reading(l): begin again, later each time.
 */
void link_keep_reading(struct link *l, int64_t now_ms);
void link_stop_watch(struct link *l);
void link_ask_site(struct link *l);
void link_read(struct link *l);
void link_give_up_reading(struct link *l);

#endif
