/*
 * The rows of the state database as plain structs, for whatever writes, reads
 * or carries them.  The columns are documented in meridian-state(5).
 */
#ifndef STATE_ROWS_H
#define STATE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "state/boot.h"

/* Longest texts, the NUL counted; longer names are refused in the files. */
#define STATE_NAME 64     /* vantage, pool, endpoint */
#define STATE_ZONE 256    /* zone, without the last dot */
#define STATE_ADDRESS 64  /* of an address: ADDRESS_TEXT */
#define STATE_ID 33       /* random_id.h */
#define STATE_LINK 384    /* which endpoint of etcd has which trouble */
#define STATE_REASON 96   /* "refused", "timeout", "status 503", … */
#define STATE_REFUSED 512 /* who would be left with nothing, and by what */

/* How a reason begins that is of generations, as is the streak beside it then.
 */
#define STATE_DEEP "deep: "

/* HEALTH_DEGRADED: up, and not as it should be: of events, and what is told of
 * an endpoint, alone. */
enum state_health { HEALTH_UNKNOWN, HEALTH_UP, HEALTH_DOWN, HEALTH_DEGRADED };

/* One row a vantage: its daemon is alive. */
struct state_vantage {
	char name[STATE_NAME];
	char version[32];
	int64_t heartbeat_ms;    /* its wall clock */
	int64_t lease_until_ms;  /* its wall clock; 0: it ended in good order */
	char region[STATE_NAME]; /* where it looks from; "": not said */
	/* From where its rows came; "": a daemon of this node writes them. */
	char node[STATE_NAME];
	uint64_t sequence; /* the last it wrote */
};

/* One row an endpoint and vantage. */
/* Of a vantage of another node, a row of which nothing changed but times of
 * checks comes within this time. */
#define STATE_CARRIED_MS 900000

struct state_endpoint {
	char vantage[STATE_NAME];
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char endpoint[STATE_NAME];
	enum state_health health;
	char reason[STATE_REASON]; /* of the last failure, or "" */
	int64_t since_ms;          /* wall clock: when health became so */
	int64_t checked_ms;        /* wall clock: the last check; 0 never */
	uint32_t passes, fails;    /* streak of the last checks; one is 0 */
	int64_t connect_us;        /* of the last check; -1 unknown */
	int64_t first_byte_us;     /* of the last check; -1 unknown */
	/* It is up and not as it should be, and why; or "". */
	char degraded[STATE_REASON];
	int64_t certificate_ms; /* wall clock: the first of its certificates
				   ends; -1 unknown */
	int64_t first_token_us; /* of the last generation; -1 unknown */
	/* Until when it is in maintenance, wall clock, -1: it is not; and why,
	 * or "". */
	int64_t maintenance_ms;
	char maintenance[STATE_REASON];
	/* As hooks were told last; HEALTH_UNKNOWN: nobody was. */
	enum state_health told;
	/* Until when it was held down last as it flaps, wall clock, and for how
	 * long; -1: it was not. */
	int64_t held_ms, hold_ms;
	uint64_t sequence;
};

/* The load of an endpoint, as a vantage measured it.  NaN is unknown. */
struct state_load {
	char vantage[STATE_NAME];
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char endpoint[STATE_NAME];
	int64_t measured_ms; /* wall clock: the last good value; 0 never */
	double saturation;   /* smoothed; 1 is full, and it goes on */
	double waiting, running, max_running; /* requests */
	double kv_cache;                      /* share in use */
	double utilization; /* as the server says, 1 is full */
	double preemptions, requests, errors, tokens; /* a second */
	double busy; /* share of generations that were refused as too many */
	/* Of requests, -1 unknown: to the first token, median and 95th
	 * percentile; between two tokens. */
	int64_t first_token_us, first_token_95_us, token_us;
	char source[STATE_NAME];   /* "metrics", "json", "orca", or "" */
	char reason[STATE_REASON]; /* why it is unknown, or "" */
	uint64_t sequence;
};

/* One row an address of an endpoint with a name, and vantage. */
struct state_address {
	char vantage[STATE_NAME];
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char endpoint[STATE_NAME];
	char address[STATE_ADDRESS]; /* as address_format() writes it */
	/* Of this address alone, as the columns of an endpoint. */
	enum state_health health;
	char reason[STATE_REASON];
	int64_t since_ms;
	int64_t checked_ms;
	uint32_t passes, fails;
	int64_t connect_us;
	int64_t first_byte_us;
	int64_t resolved_ms; /* wall clock: the last answer that had it */
	int64_t held_ms, hold_ms;
	uint64_t sequence;
};

/* How the reason of an event begins that came in maintenance. */
#define STATE_MAINTENANCE "maintenance"

/* An event: what changed and why. */
struct state_event {
	uint64_t sequence;
	int64_t at_ms; /* wall clock */
	char vantage[STATE_NAME];
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char endpoint[STATE_NAME];
	enum state_health before, after;
	char reason[STATE_REASON];
};

/* One measured round trip: of the clients of a prefix, an AS number or a
 * country to a region. */
struct state_latency {
	char client[STATE_NAME]; /* "192.0.2.0/24", "AS64500", "DE" */
	char region[STATE_NAME];
	int64_t rtt_us; /* that counts; -1: it is too old to count */
	int64_t smoothed_us;
	uint32_t samples;    /* that it was made from */
	int64_t measured_ms; /* wall clock, of the last of them */
	uint64_t sequence;   /* of the last change of rtt_us */
};

/*
 * What an operator said.  Rows are added, never changed but for what becomes of
 * their sharing: of each target the last one that was not refused counts, while
 * its length is not over.
 */
struct state_override {
	uint64_t number; /* grows by one: the order in which it was said */
	int64_t at_ms;   /* wall clock */
	/* drain undrain force weight freeze canary */
	char action[16];
	char kind[16];           /* region pool endpoint service */
	char target[STATE_ZONE]; /* a name or a glob */
	/* Of force: up, down, off; of weight: "50%", off; of freeze: on, off;
	 * of canary: "POOL 10%", off; of others "". */
	char value[STATE_NAME];
	int64_t length_ms; /* from at_ms on; -1: until somebody ends it */
	int64_t ramp_ms;   /* it takes so long to come in; 0: at once */
	char author[STATE_NAME];
	char reason[STATE_ZONE];
	uint32_t forced; /* 1: against the safety rule */
	/* Made by who says it, so that what is offered twice is one row; "" of
	 * older releases. */
	char id[STATE_ID];
	char node[STATE_NAME]; /* where it was said; "": nothing is shared */
	uint32_t shared;       /* STATE_SHARED_... */
	char refused[STATE_REFUSED]; /* why, or "" */
	/* When it was said, by the clock of that boot of this machine that
	 * nobody sets: override_clock.h.  "": it is not known. */
	char boot[STATE_BOOT];
	int64_t steady_ms;
	uint64_t sequence;
};

/* What has become of the sharing of an override: there is none; offered, which
 * may still give it another number; accepted by all; or refused, and not in
 * force anywhere. */
#define STATE_SHARED_NOT UINT32_MAX
#define STATE_SHARED_OFFERED 0
#define STATE_SHARED_ACCEPTED 1
#define STATE_SHARED_REFUSED 2

/* What was said longer ago, and is not in force any more, is forgotten. */
#define STATE_OVERRIDES_AGE_MS (INT64_C(90) * 24 * 3600 * 1000)

/* How much of its clients a region of a pool keeps, as the controller says. */
struct state_keep {
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char region[STATE_NAME];
	double keep; /* 0 .. 1 */
	char reason[STATE_REASON];
	int64_t at_ms; /* wall clock */
	uint64_t sequence;
};

/* A factor on the weight of an endpoint, as the controller says. */
struct state_factor {
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char endpoint[STATE_NAME];
	uint32_t sixteenths; /* 4 .. 16 */
	int64_t at_ms;       /* wall clock */
	uint64_t sequence;
};

/* How far a ramp has come. */
struct state_ramp {
	char zone[STATE_ZONE];
	char service[STATE_NAME];
	char made_for[STATE_NAME]; /* fingerprint of the ramp it is of, hex */
	char pool[STATE_NAME];     /* the canary */
	char state[16];            /* walking holding back done */
	double share, next;        /* 0 .. 1; NaN of next: no step is pending */
	int64_t next_ms;           /* wall clock; -1 */
	int64_t since_ms;          /* wall clock: when the share became so */
	char reason[STATE_REASON];
	int64_t at_ms; /* wall clock */
	uint64_t sequence;
};

/* Answers counted by class of clients, as a node saw them. */
struct state_demand {
	char node[STATE_NAME];
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	/* Names of the regions in its order, with spaces. */
	char class[STATE_ZONE];
	double answers;
	int64_t window_ms; /* they were counted for so long */
	int64_t at_ms;     /* wall clock: the end of that */
	uint64_t sequence;
};

/* How the words of a link begin while etcd is being read. */
#define STATE_LINK_READS "reads etcd: "

/* How they begin where the state database of a node is what is wrong. */
#define STATE_LINK_STATE "its state database cannot be "

/* The words of a node whose key went with its lease. */
#define STATE_LINK_ENDED "its lease has ended"

/* What the words of a link have where nothing is shared until somebody mends
 * that, though etcd answers. */
#define STATE_LINK_SITE "this state database is of another site"
#define STATE_LINK_NO_SITE "is no id of a site"

/* A node of those that share, this one too. */
struct state_node {
	char name[STATE_NAME];
	char region[STATE_NAME]; /* or "" */
	char vantage[STATE_NAME];
	char version[32];
	char origin[STATE_NAME]; /* whose row it is; "": this node itself */
	char link[STATE_LINK];   /* what is wrong with it, or "" */
	int64_t cut_ms; /* wall clock here: cut off since then; -1: it is not */
	int64_t seen_ms; /* wall clock here: it said something last */
	/* Hashes of its files, hex, or "". */
	char zones[STATE_NAME], steering[STATE_NAME], geography[STATE_NAME];
	/* The same of presets and of round trips, or "none". */
	char presets[STATE_NAME], latency[STATE_NAME];
	/* Where it answers DNS, with a port, or "". */
	char address[STATE_NAME];
	/* Of the program that shares: the revision of etcd that it knows, rows
	 * that it wrote here, and keys that it wrote there, since it began. */
	uint64_t revision, rows_in, keys_out;
	/* Of it, too: the generation of the trail up to which it knows what was
	 * deleted in etcd. */
	uint64_t followed;
	/* Of the row of this node: the id of the site that it shares with, or
	 * "". */
	char site[STATE_ID];
	uint64_t sequence;
};

/* What a program of this node serves: of meridiand alone, so far. */
struct state_served {
	char program[STATE_NAME];
	char version[32];
	/* Hashes of its files, hex. */
	char zones[STATE_NAME], steering[STATE_NAME], geography[STATE_NAME];
	char presets[STATE_NAME], latency[STATE_NAME]; /* or "none" */
	int64_t loaded_ms; /* wall clock: when they were read */
	uint64_t sequence;
};

/* Which node steps for a pool. */
struct state_lock {
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char node[STATE_NAME]; /* "": none */
	uint64_t token;        /* grows with each holder */
	uint64_t sequence;
};

/* A node that an operator had forgotten, or wants to have. */
struct state_forgotten {
	char name[STATE_NAME];
	int64_t at_ms; /* wall clock */
	char author[STATE_NAME];
	char reason[STATE_ZONE];
	char id[STATE_ID];           /* made by who says it */
	char node[STATE_NAME];       /* where it was said */
	uint32_t shared;             /* STATE_SHARED_OFFERED and what follows */
	char refused[STATE_REFUSED]; /* why, or "" */
	uint64_t sequence;
};

/* text = state_health_name(health): "unknown", "up", "down", "degraded". */
const char *state_health_name(enum state_health health);

/* state_health_parse(name, out): the other way; 0, or -1 when it is none. */
int state_health_parse(const char *name, enum state_health *out);

/* action = state_override_about(row): what it begins or ends: "drain". */
const char *state_override_about(const struct state_override *row);

/* same = state_override_same(a, b): both begin or end the same, of the same
 * target, so that the later one counts. */
bool state_override_same(
    const struct state_override *a, const struct state_override *b);

/* deep = state_is_deep(reason): it is of generations. */
bool state_is_deep(const char *reason);

#endif
