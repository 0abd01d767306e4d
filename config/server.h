/*
 * meridian.yaml: one node.  Read by all three programs, checked, and turned
 * into plain structs.  Described for operators in meridian.yaml(5).
 */
#ifndef CONFIG_SERVER_H
#define CONFIG_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/errbuf.h"
#include "config/advise.h"
#include "config/hook.h"
#include "config/share.h"

struct inputs; /* base/inputs.h */

/* Where the file is, unless an option says otherwise. */
#define SERVER_DEFAULT_PATH "/etc/meridian/meridian.yaml"

/* The state database where the file names none. */
#define SERVER_DEFAULT_STATE "/var/lib/meridian/state.db"

/* The geography that is installed with the programs. */
#define SERVER_DEFAULT_GEO MERIDIAN_DATADIR "/iptoasn-country.mmdb"

/* Limits of one node: above them the file is refused.  They bound memory and
 * threads, and are far above what a node can serve well.  Zones are as many as
 * a file holds. */
#define SERVER_MAX_LISTEN 64
#define SERVER_MAX_WORKERS 256
#define SERVER_MAX_GEO 8
#define SERVER_MAX_IDENTITY 128 /* octets of identity, version, nsid */
#define SERVER_MAX_HTTP_NAMES 16
#define SERVER_MAX_INCLUDE_FROM 16
#define SERVER_MAX_EXEMPT 256
#define SERVER_MAX_RESOLVERS 8
#define SERVER_MAX_LOGGED 1024 /* services of query_log */
#define SERVER_MAX_STEERED \
	255 /* characters of the name of a zone with
				  steering: STATE_ZONE of state/rows.h */

/* What endpoints count as once all their vantages have been silent for
 * stale_after_ms: what was last known, up, or down. */
enum stale_then { STALE_KEEP, STALE_UP, STALE_DOWN };

struct zone_config {
	struct mark at;
	const char *name;     /* canonical: see domain_canonical() */
	const char *records;  /* path of the master file, resolved */
	const char *steering; /* path of the steering file, or NULL */
	struct mark records_at, steering_at; /* where these are named */
};

/* What TCP clients may take of the server (RFC 9210, 4.2).  The numbers in
 * these comments are the values where the file is silent. */
struct tcp_config {
	unsigned connections; /* in all, 4096 */
	unsigned per_client;  /* 64 */
	uint8_t ipv4, ipv6;   /* bits that make a client, 24 and 56 */
	uint64_t idle_ms;     /* 10 s */
	uint64_t stall_ms;    /* 5 s */
};

/* Response rate limiting. */
struct rate_limit_config {
	unsigned responses; /* a second, of a kind to a client; 0: no limit */
	unsigned all;       /* of all kinds to a client, 4 times responses */
	unsigned slip;      /* 2 */
	uint64_t window_ms; /* 1 s */
	uint8_t ipv4, ipv6; /* bits that make a client, 24 and 56 */
	unsigned table;     /* entries, 65536 */
	const struct prefix *exempt;
	size_t n_exempt;
};

/* Checks that meridian-probe has under way at once: without the key at most so
 * many, and fewer where fewer files may be open; and the least, which asks all
 * addresses that an endpoint may have. */
#define PROBE_CONCURRENCY 4096
#define PROBE_CONCURRENCY_MIN 16

/* What meridian-probe does beside its checks. */
struct probe_config {
	unsigned concurrency; /* 0: as many as there are descriptors for */
	struct endpoint_address http; /* port 0: no HTTP */
	struct mark http_at;
};

/* The history of traffic. */
struct history_config {
	bool on;             /* true */
	const char *file;    /* path, resolved; never NULL */
	struct mark file_at; /* line 0 where the file is silent */
	unsigned sample; /* of one answer in so many the client is looked up */
	uint64_t every_ms; /* between two writes, 1 min */
	unsigned max_mb;   /* 1024 */
};

/* Which messages the query log has. */
enum query_log_messages {
	QUERY_LOG_RESPONSES,
	QUERY_LOG_QUERIES,
	QUERY_LOG_BOTH
};

/* The query log. */
struct query_log_config {
	const char *path;                 /* resolved; NULL: there is no log */
	bool socket;                      /* else a file */
	unsigned sample;                  /* one message in so many, 100 */
	enum query_log_messages messages; /* QUERY_LOG_RESPONSES */
	uint64_t max_bytes;               /* of the file, 1 GiB */
	/* Canonical names of the services that are logged; none: all messages
	 * are, those of other names too. */
	const char *const *services;
	const struct mark *services_at; /* where each is in the file */
	size_t n_services;
};

struct server_config {
	const char *path; /* of the file itself */
	const struct endpoint_address *listen;
	const struct mark *listen_at; /* where each is in the file */
	size_t n_listen;
	struct endpoint_address http; /* port 0: no HTTP */
	struct mark http_at;
	/* That browsers may ask it by, beside addresses and localhost. */
	const char *const *http_names;
	size_t n_http_names;
	struct probe_config probe;
	const struct hook_config *hooks;
	size_t n_hooks;
	const char *user; /* to become; NULL: none */
	struct mark user_at;
	const char *state;          /* path of the state database, resolved */
	struct mark state_at;       /* line 0 where the file is silent */
	const char *vantage;        /* where meridian-probe looks from */
	const char *vantage_region; /* a region of steering files, or NULL */
	struct mark vantage_at;     /* where that is named */
	/* The name of this node among all; the vantage, unless the file says.
	 */
	const char *node;
	struct share_config share; /* with no member: nothing is shared */
	/* No other name server controls by itself what this one controls, or
	 * the operator does not mind. */
	bool alone;
	/* The share of what a vantage may find down alone, outside its own
	 * region, as millionths: 50 %. */
	uint32_t blind_ppm;
	const char *const *geo;    /* paths of databases, resolved */
	const struct mark *geo_at; /* where each is in the file */
	size_t n_geo;
	/* Between two looks whether they, or files of networks, are others by
	 * now, 10 s; 0: nobody looks. */
	uint64_t geo_follow_ms;
	uint64_t geo_max_age_ms; /* above which they are old; 0: never */
	const char *const *include_from; /* folders, resolved */
	size_t n_include_from;
	const struct zone_config *zones;
	size_t n_zones;
	uint64_t stale_after_ms; /* 30 s */
	enum stale_then stale_then;
	uint64_t stale_forget_ms;    /* 7 d */
	uint64_t latency_max_age_ms; /* of a round trip that counts, 30 d; 0:
					it counts for ever */
	/* That names of endpoints are looked up at; none: those of the
	 * system. */
	const struct endpoint_address *resolvers;
	size_t n_resolvers;
	/* How long an address that left the answer of a name is kept beyond its
	 * TTL, 5 min. */
	uint64_t resolve_keep_ms;
	unsigned workers;  /* 0: one a core */
	uint16_t udp_size; /* largest UDP answer, 1232 */
	struct tcp_config tcp;
	const char *identity;       /* answer to id.server; NULL: refused */
	const char *version;        /* the same; "meridian" */
	const uint8_t *nsid;        /* the identity unless the file says */
	uint8_t nsid_len;           /* 0: no NSID is sent */
	bool cookies;               /* are understood and sent: true */
	bool cookies_require;       /* false */
	const char *cookie_secrets; /* path, resolved; NULL: one of our own */
	struct rate_limit_config rate_limit;
	struct history_config history;
	struct query_log_config query_log;
	struct advise_config advise; /* of meridianctl advise */
	struct arena *arena;         /* that holds all of it */
};

/*
 * config = server_config_load(path, eb): read and check ${path}.  Relative
 * paths in it are taken from its own folder.  NULL with errors in ${eb}, which
 * is passed by server_config_destroy(); the caller owns the config.
 */
struct server_config *server_config_load(const char *path, struct errbuf *eb);

/* config = server_config_read(path, inputs, eb): the same, with the file added
 * to ${inputs} as file_read() does. */
struct server_config *server_config_read(
    const char *path, struct inputs *inputs, struct errbuf *eb);

/*
 * config = server_config_glance(path, eb): the same in spite of errors, which
 * ${eb} gets: enough to ask a server that runs, whose file is being written,
 * and its state database; no server may be made of it.  NULL when nothing can
 * be made of the file.
 */
struct server_config *server_config_glance(const char *path, struct errbuf *eb);

/*
 * config = server_config_parse(path, text, len, eb): the same from the ${len}
 * bytes of ${text}, with ${path} for the marks and relative paths.  Keeps
 * nothing of ${text}.
 */
struct server_config *server_config_parse(
    const char *path, const char *text, size_t len, struct errbuf *eb);

/*
 * found = server_share_address(config, out): where others ask this node over
 * DNS: the address of its `share`, or else the first that it listens on which
 * is one; false when it listens on any alone ("0.0.0.0").
 */
bool server_share_address(
    const struct server_config *config, struct endpoint_address *out);

/* secure = server_share_secure(share): an URL of its etcd is of TLS. */
bool server_share_secure(const struct share_config *share);

/* same = server_share_same(a, b): both share in the same way. */
bool server_share_same(
    const struct share_config *a, const struct share_config *b);

/* server_config_destroy(config): free it.  NULL is fine. */
void server_config_destroy(struct server_config *config);

#endif
