/*
 * A check: what is asked of an endpoint, how often, and with which answers it
 * passes.  Plain structs, made from the `checks` of a steering file and the
 * preset that each names, so that who runs checks knows no presets; described
 * for operators in meridian-steering(5) and meridian-presets(5).
 */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"

/* Checks of one endpoint: as many as anybody needs, and the state of each is
 * looked through at every result. */
#define CHECK_SET_MAX 8

/* Expected HTTP codes are ranges: 200-299 is {200, 299}. */
struct code_range {
	uint16_t first, last;
};

enum quorum_kind { QUORUM_MAJORITY, QUORUM_ANY, QUORUM_ALL, QUORUM_COUNT };

/* What a step is, and what of it is looked at. */
enum step_kind {
	STEP_HTTP, /* a request and its answer */
	STEP_TCP,  /* a connection, and what is said on it */
	STEP_TLS,  /* the same after a handshake */
	STEP_GRPC, /* grpc.health.v1.Health/Check, by HTTP/2 */
	STEP_EXEC  /* a program of the operator */
};

struct step_header {
	const char *name, *value;
};

/* A value in a body that is JSON, by its path (json_paths.h). */
struct json_rule {
	const char *path; /* "data[*].id" */
	/* A text, or a number, true, false or null as it is written; one value
	 * at the path must be it.  NULL: any value must be there. */
	const char *is;
	bool negated;      /* no value at the path may be it */
	const char *words; /* the reason when it does not hold, after "body: ";
			      NULL: made from path and value */
};

/* One exchange with the endpoint; it passes, then the next one begins. */
struct check_step {
	enum step_kind kind;
	/* For reasons and people: a path, or what the file calls it. */
	const char *name;
	/* STEP_HTTP; {model} is filled in already. */
	const char *method, *path;
	const struct step_header *headers;
	size_t n_headers;
	const char *body; /* of the request; NULL: none */
	const struct code_range *expect;
	size_t n_expect;
	/* With these it is alive and full: 429; and 503 where the answer has
	 * Retry-After, if that counts. */
	const struct code_range *busy;
	size_t n_busy;
	bool busy_retry_after;
	/* Of the body of an answer with an expected code: texts that it must
	 * hold, and must not; values of its JSON. */
	const char *const *has, *const *lacks;
	size_t n_has, n_lacks;
	/* Of the body of any answer that fails: texts of a server that is
	 * loading what it serves, for the reason. */
	const char *const *loading;
	size_t n_loading;
	const struct json_rule *json;
	size_t n_json;
	/* STEP_TCP, STEP_TLS: octets to send, or NULL, and a text that what
	 * comes back must hold, or NULL. */
	const char *send, *receive;
	size_t send_len;
	/* STEP_GRPC: the service that is asked for; "": all of the server. */
	const char *service;
	/* STEP_EXEC: the program and its arguments; NULL ends them. */
	const char *const *argv;
};

/* Steps on a schedule of their own. */
struct check_plan {
	const struct check_step *steps;
	size_t n_steps; /* 0: there is none */
	uint64_t every_ms, timeout_ms;
	unsigned fall, rise;
};

/* What a server says of its load. */
enum load_field {
	LOAD_WAITING,        /* requests */
	LOAD_RUNNING,        /* requests */
	LOAD_MAX_RUNNING,    /* requests */
	LOAD_KV_CACHE,       /* share in use, 0 to 1 */
	LOAD_UTILIZATION,    /* share in use, may be above 1 */
	LOAD_PREEMPTIONS,    /* a second */
	LOAD_REQUESTS,       /* answered, a second */
	LOAD_ERRORS,         /* a second */
	LOAD_TOKENS,         /* made, a second */
	LOAD_FIRST_TOKEN,    /* seconds to it, median */
	LOAD_FIRST_TOKEN_95, /* 95th percentile */
	LOAD_TOKEN_TIME,     /* seconds between two tokens, median */
	LOAD_FIELDS
};

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };
enum metric_over { OVER_SUM, OVER_MAX, OVER_MEAN, OVER_MIN };

/* A label that a series must have with this value. */
struct metric_label {
	const char *name, *value;
};

/* One name under which a server may tell a field: the first of the list whose
 * series are there counts. */
struct metric_name {
	const char *name; /* of a Prometheus metric, or a path in JSON */
	const struct metric_label *labels;
	size_t n_labels;
	const char *divide_by; /* by this metric, over the same labels; NULL */
};

struct load_metric {
	enum load_field field;
	enum metric_kind kind;
	enum metric_over over; /* all series that fit */
	const struct metric_name *names;
	size_t n_names;
	double scale;    /* times this: 0.001 of milliseconds */
	double min, max; /* what is outside makes no sense and is refused */
};

enum load_format { LOAD_PROMETHEUS, LOAD_JSON };

/* Where load is read, and what it is measured by. */
struct load_config {
	bool wanted;
	enum load_format format;
	bool https;
	uint16_t port;
	const char *path;
	uint64_t every_ms, timeout_ms;
	uint64_t stale_ms;  /* so long a value counts */
	uint64_t smooth_ms; /* time constant of the moving average */
	const struct load_metric *metrics;
	size_t n_metrics;
	/* Of the operator, where no metric says so; 0: not said. */
	double queue_limit, max_running, kv_limit;
};

/* Flap damping: from the ${changes}th time that it goes down within ${within},
 * it is held down for ${hold}, and twice as long each time after that. */
struct damping_config {
	unsigned changes; /* 0: none */
	uint64_t within_ms, hold_ms, max_hold_ms;
};

/* Whom a request is from, and how it is sent. */
struct client_config {
	const struct step_header *headers;
	size_t n_headers;
	/* Files, read by the probes again when they change: "Authorization:
	 * Bearer" with the first line of one; the user and the password. */
	const char *token_file;
	const char *user, *password_file;
	const char *certificate, *key; /* of TLS; NULL: none */
	bool http2;                    /* is offered over TLS */
	bool host_port; /* the Host header has the port where it is not that of
			   the scheme */
	bool reuse;     /* the connection of the last check */
};

struct check_config {
	struct mark at;
	const char *name;
	const char *preset; /* its name, for people */
	bool https;
	bool verify; /* https: check the server's certificate */
	uint16_t port;
	const char *path;  /* starts with / */
	const char *host;  /* Host header and SNI; NULL: the address */
	const char *model; /* that the endpoint must list, or NULL */
	const char *ca;    /* path of a CA bundle, or NULL for the system's */
	const struct code_range *expect;
	size_t n_expect;
	uint64_t every_ms, timeout_ms;
	unsigned fall, rise;
	enum quorum_kind quorum;
	unsigned quorum_count; /* with QUORUM_COUNT: vantages that must agree */
	/* Regions vote, each by half of its vantages; and only so many count,
	 * those nearest to the endpoint, 0: all. */
	bool quorum_regions;
	unsigned quorum_near;
	bool ipv4, ipv6; /* families that are checked */
	/* What is asked: at each turn; and more rarely, whether it works. */
	struct check_plan plan, deep;
	struct client_config client;
	struct load_config load;
	/* After a failure of what is up it is checked again after so long,
	 * until it is down or has passed; 0: at its turns alone. */
	uint64_t recheck_ms;
	uint64_t slow_ms; /* `every` of what is long down grows to this; 0 */
	uint64_t fail_back_ms; /* so long it passes before it is up again */
	/* An answer that takes longer makes it degraded; 0: none does. */
	uint64_t slower_ms;
	struct damping_config damping;
};

/* copy = check_copy(arena, check): ${check} and all it points to, without the
 * mark.  NULL without memory. */
struct arena;
struct check_config *check_copy(
    struct arena *arena, const struct check_config *check);

/* status = check_keep_load(arena, load): all that ${load} points to becomes a
 * copy in ${arena}.  0, or -1 without memory. */
int check_keep_load(struct arena *arena, struct load_config *load);

/* same = check_same(a, b): both ask the same in the same way: steps, whom from,
 * how often, and whom they trust.  How results are counted may differ. */
bool check_same(const struct check_config *a, const struct check_config *b);

#endif
