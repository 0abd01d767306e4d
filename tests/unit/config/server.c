/*
 * meridian.yaml: what is read, what is implied, and what is said of each
 * mistake, to the last column.
 */
#include "config/server.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The keys that must be there, behind the one under test. */
#define L "listen: 127.0.0.1:5353\n"
#define Z "zones: [{name: z.example, records: z.zone}]\n"

static struct errbuf eb;

static struct server_config *
parse(const char *path, const char *text)
{
	errbuf_init(&eb);
	return server_config_parse(path, text, strlen(text), &eb);
}

static struct server_config *
accepted(const char *says, const char *text)
{
	struct server_config *config = parse("/etc/meridian/f", text);

	ck_assert_msg(config != NULL && eb.len == 0, "%s: %s", says, eb.text);
	return config;
}

START_TEST(reads_with_whom_it_shares)
{
	struct server_config *config = accepted("an etcd with all keys",
	    "node: us-east-1a\nvantage: us-east\n"
	    "share: {etcd: [https://10.0.0.1:2379, \"http://[::1]:2379/\"],\n"
	    "  prefix: /meridian/test/, ca: ca.pem, certificate: node.pem,\n"
	    "  key: node.key, lease: 2s}\n" L Z);
	const struct share_config *share = &config->share;

	ck_assert_str_eq(config->node, "us-east-1a");
	ck_assert_uint_eq(share->n_etcd, 2);
	ck_assert_str_eq(share->etcd[0], "https://10.0.0.1:2379");
	ck_assert_str_eq(share->etcd[1], "http://[::1]:2379/");
	ck_assert_str_eq(share->prefix, "/meridian/test/");
	ck_assert_str_eq(share->ca, "/etc/meridian/ca.pem");
	ck_assert_str_eq(share->certificate, "/etc/meridian/node.pem");
	ck_assert_str_eq(share->key, "/etc/meridian/node.key");
	ck_assert_ptr_null(share->user);
	ck_assert_uint_eq(share->lease_ms, 2000);
	server_config_destroy(config);
	config = accepted("an etcd with a user",
	    "share: {etcd: \"https://etcd.example.net:2379\", user: meridian,\n"
	    "  password_file: etcd.password}\n" L Z);
	ck_assert_str_eq(config->node, "local");
	ck_assert_uint_eq(config->share.n_etcd, 1);
	ck_assert_str_eq(config->share.prefix, "/meridian/");
	ck_assert_str_eq(config->share.user, "meridian");
	ck_assert_str_eq(
	    config->share.password_file, "/etc/meridian/etcd.password");
	ck_assert_uint_eq(config->share.lease_ms, 10000);
	server_config_destroy(config);
	config = accepted("no etcd", "vantage: us-east\n" L Z);
	ck_assert_str_eq(config->node, "us-east");
	ck_assert_uint_eq(config->share.n_etcd, 0);
	server_config_destroy(config);
}
END_TEST

/* A file of a secret that its group may read is warned of by its place. */
START_TEST(warns_of_a_password_that_others_read)
{
	struct server_config *config;
	char folder[] = "/tmp/meridian-share-XXXXXX", path[64], file[64];
	const char text[] = "share: {etcd: \"https://e:2379\", user: m,\n"
			    "  password_file: password}\n" L Z;
	FILE *secret;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	snprintf(file, sizeof(file), "%s/password", folder);
	secret = fopen(file, "w");
	ck_assert_ptr_nonnull(secret);
	ck_assert_int_eq(fclose(secret), 0);
	ck_assert_int_eq(chmod(file, 0600), 0);
	server_config_destroy(parse(path, text));
	ck_assert_uint_eq(eb.warnings, 0);
	ck_assert_int_eq(chmod(file, 0640), 0);
	config = parse(path, text);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(eb.warnings, 1);
	ck_assert_ptr_nonnull(strstr(eb.text, "f:2:18: warning: "));
	ck_assert_ptr_nonnull(strstr(eb.text, "chmod go= "));
	server_config_destroy(config);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(reads_the_history)
{
	struct server_config *config = accepted("a history",
	    "listen: 127.0.0.1\nzones: [{name: a, records: a.zone}]\n"
	    "history: {file: h.db, sample: 7, every: 5s, max_mb: 100}\n");

	ck_assert(config->history.on);
	ck_assert_str_eq(config->history.file, "/etc/meridian/h.db");
	ck_assert_uint_eq(config->history.sample, 7);
	ck_assert_uint_eq(config->history.every_ms, 5000);
	ck_assert_uint_eq(config->history.max_mb, 100);
	server_config_destroy(config);
	config = accepted("none",
	    "listen: 127.0.0.1\nzones: [{name: a, records: a.zone}]\n"
	    "history: off\n");
	ck_assert(!config->history.on);
	server_config_destroy(config);
	config = accepted("one beside its database",
	    "listen: 127.0.0.1\nzones: [{name: a, records: a.zone}]\n"
	    "state: here.db\n");
	ck_assert_str_eq(config->history.file, "/etc/meridian/history.db");
	server_config_destroy(config);
}
END_TEST
static void
check_rate_limit(const struct rate_limit_config *limit)
{
	char text[ADDRESS_TEXT];

	ck_assert_uint_eq(limit->responses, 7);
	ck_assert_uint_eq(limit->all, 700);
	ck_assert_uint_eq(limit->slip, 3);
	ck_assert_uint_eq(limit->window_ms, 15000);
	ck_assert_uint_eq(limit->ipv4, 32);
	ck_assert_uint_eq(limit->ipv6, 48);
	ck_assert_uint_eq(limit->table, 2048);
	ck_assert_uint_eq(limit->n_exempt, 2);
	ck_assert_str_eq(
	    prefix_format(&limit->exempt[1], text), "2001:db8::1/128");
}

static void
check_query_log(const struct query_log_config *log)
{
	ck_assert_str_eq(log->path, "/etc/meridian/q.dnstap");
	ck_assert(!log->socket);
	ck_assert_uint_eq(log->sample, 7);
	ck_assert_uint_eq(log->messages, QUERY_LOG_BOTH);
	ck_assert_uint_eq(log->n_services, 2);
	ck_assert_str_eq(log->services[0], "chat.example");
	ck_assert_uint_eq(log->max_bytes, UINT64_C(2) << 30);
}

START_TEST(reads_every_key)
{
	struct server_config *config = accepted("every key",
	    "listen: [0.0.0.0, \"[::]:5353\", \"::1\"]\n"
	    "http: \"[::1]:8053\"\n"
	    "probe: {http: 127.0.0.1:8054, concurrency: 16}\n"
	    "hooks: [{name: a, url: \"https://h/x\", on: [down, up], pools: "
	    "[v*], "
	    "timeout: 5s, retry: off, at_most: 30/m, secret_file: k}, {name: "
	    "b, "
	    "command: [page, x]}]\n"
	    "user: meridian\n"
	    "state: state.db\n"
	    "vantage: us-east\n"
	    "geo: [city.mmdb, /usr/share/asn.mmdb]\n"
	    "geo_follow: 2m\n"
	    "geo_max_age: 30d\n"
	    "latency_max_age: 60d\n"
	    "include_from: [shared, /srv/zones]\n"
	    "zones:\n"
	    "  - {name: Inference.Example., records: i.zone, steering: "
	    "i.yaml}\n"
	    "  - {name: 0/25.2.0.192.in-addr.arpa, records: /zones/r}\n"
	    "stale: {after: 1m, then: down, forget: 30d}\n"
	    "resolvers: [192.0.2.1, \"[2001:db8::1]:5353\"]\n"
	    "resolve_keep: 10m\n"
	    "workers: 4\n"
	    "udp_size: 4096\n"
	    "tcp: {connections: 100, per_client: 7, ipv4: 32, ipv6: 64, idle: "
	    "1m, stall: 500ms}\n"
	    "identity: us-east-1\n"
	    "version: 9.9\n"
	    "nsid: 0xA0ff\n"
	    "cookies: {enable: false, secrets: keys}\n"
	    "rate_limit: {responses: 7, all: 700, slip: 3, window: 15s, ipv4: "
	    "32, ipv6: "
	    "48, table: 2048, exempt: [10.0.0.0/8, \"2001:db8::1\"]}\n"
	    "query_log: {to: \"file:q.dnstap\", sample: 7, messages: both, "
	    "services: [Chat.Example., x.example], max_size: 2GiB}\n");
	char text[ADDRESS_TEXT];

	ck_assert_str_eq(config->path, "/etc/meridian/f");
	ck_assert_uint_eq(config->n_listen, 3);
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[0], text), "0.0.0.0:53");
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[1], text), "[::]:5353");
	ck_assert_str_eq(
	    endpoint_address_format(&config->listen[2], text), "[::1]:53");
	ck_assert_str_eq(
	    endpoint_address_format(&config->http, text), "[::1]:8053");
	ck_assert_str_eq(endpoint_address_format(&config->probe.http, text),
	    "127.0.0.1:8054");
	ck_assert_uint_eq(config->probe.concurrency, 16);
	ck_assert_uint_eq(config->n_hooks, 2);
	ck_assert_str_eq(config->hooks[0].url, "https://h/x");
	ck_assert_uint_eq(config->hooks[0].on, HOOK_ON_DOWN | HOOK_ON_UP);
	ck_assert_str_eq(config->hooks[0].pools[0], "v*");
	ck_assert_uint_eq(config->hooks[0].timeout_ms, 5000);
	ck_assert_uint_eq(config->hooks[0].retry_ms, 0);
	ck_assert_uint_eq(config->hooks[0].at_most, 30);
	ck_assert_str_eq(config->hooks[0].secret_file, "/etc/meridian/k");
	ck_assert_str_eq(config->hooks[1].argv[0], "/etc/meridian/page");
	ck_assert_str_eq(config->hooks[1].argv[1], "x");
	ck_assert_ptr_null(config->hooks[1].argv[2]);
	ck_assert_uint_eq(config->hooks[1].at_most, 10);
	ck_assert_str_eq(config->user, "meridian");
	ck_assert_str_eq(config->state, "/etc/meridian/state.db");
	ck_assert_str_eq(config->vantage, "us-east");
	ck_assert_uint_eq(config->n_geo, 2);
	ck_assert_str_eq(config->geo[0], "/etc/meridian/city.mmdb");
	ck_assert_str_eq(config->geo[1], "/usr/share/asn.mmdb");
	ck_assert_uint_eq(config->geo_at[1].line, 8);
	ck_assert_uint_eq(config->geo_at[1].column, 18);
	ck_assert_uint_eq(config->geo_follow_ms, 120000);
	ck_assert_uint_eq(config->geo_max_age_ms, UINT64_C(2592000000));
	ck_assert_uint_eq(config->latency_max_age_ms, UINT64_C(5184000000));
	ck_assert_uint_eq(config->n_include_from, 2);
	ck_assert_str_eq(config->include_from[0], "/etc/meridian/shared");
	ck_assert_str_eq(config->include_from[1], "/srv/zones");
	ck_assert_uint_eq(config->n_zones, 2);
	ck_assert_str_eq(config->zones[0].name, "inference.example");
	ck_assert_str_eq(config->zones[0].records, "/etc/meridian/i.zone");
	ck_assert_str_eq(config->zones[0].steering, "/etc/meridian/i.yaml");
	ck_assert_uint_eq(config->zones[0].at.line, 14);
	ck_assert_uint_eq(config->zones[0].at.column, 5);
	ck_assert_str_eq(config->zones[1].name, "0/25.2.0.192.in-addr.arpa");
	ck_assert_str_eq(config->zones[1].records, "/zones/r");
	ck_assert_ptr_null(config->zones[1].steering);
	ck_assert_uint_eq(config->stale_after_ms, 60000);
	ck_assert_uint_eq(config->stale_then, STALE_DOWN);
	ck_assert_uint_eq(config->stale_forget_ms, UINT64_C(2592000000));
	ck_assert_uint_eq(config->n_resolvers, 2);
	ck_assert_uint_eq(config->resolvers[0].port, 53);
	ck_assert_uint_eq(config->resolvers[0].address.family, 4);
	ck_assert_uint_eq(config->resolvers[1].port, 5353);
	ck_assert_uint_eq(config->resolvers[1].address.family, 6);
	ck_assert_uint_eq(config->resolve_keep_ms, 600000);
	ck_assert_uint_eq(config->workers, 4);
	ck_assert_uint_eq(config->udp_size, 4096);
	ck_assert_uint_eq(config->tcp.connections, 100);
	ck_assert_uint_eq(config->tcp.per_client, 7);
	ck_assert_uint_eq(config->tcp.ipv4, 32);
	ck_assert_uint_eq(config->tcp.ipv6, 64);
	ck_assert_uint_eq(config->tcp.idle_ms, 60000);
	ck_assert_uint_eq(config->tcp.stall_ms, 500);
	ck_assert_str_eq(config->identity, "us-east-1");
	ck_assert_str_eq(config->version, "9.9");
	ck_assert_uint_eq(config->nsid_len, 2);
	ck_assert_mem_eq(config->nsid, "\xa0\xff", 2);
	ck_assert(!config->cookies);
	ck_assert_str_eq(config->cookie_secrets, "/etc/meridian/keys");
	check_rate_limit(&config->rate_limit);
	check_query_log(&config->query_log);
	server_config_destroy(config);
}
END_TEST

/* What a server tells of itself, and what it keeps to itself. */
START_TEST(reads_identities)
{
	static const struct {
		const char *says, *text;
		const char *identity, *version, *nsid;
	} rows[] = {
	    {"the defaults", "", NULL, "meridian", ""},
	    {"the NSID is the identity", "identity: n1\n", "n1", "meridian",
		"n1"},
	    {"unless it is said", "nsid: x y\nidentity: n1\n", "n1", "meridian",
		"x y"},
	    {"or said not to be", "nsid: none\nidentity: n1\n", "n1",
		"meridian", ""},
	    {"a NSID alone", "nsid: n2\n", NULL, "meridian", "n2"},
	    {"in hexadecimal", "nsid: 0x6e3300\n", NULL, "meridian", "n3\0"},
	    {"the version may be kept", "version: none\n", NULL, NULL, ""},
	    {"as the identity may", "identity: none\n", NULL, "meridian", ""},
	    {"or be any text", "version: \"0\"\n", NULL, "0", ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server_config *config;
		char text[256];

		snprintf(text, sizeof(text), L Z "%s", rows[i].text);
		config = accepted(rows[i].says, text);
		ck_assert_pstr_eq(config->identity, rows[i].identity);
		ck_assert_pstr_eq(config->version, rows[i].version);
		ck_assert_msg(memcmp(config->nsid != NULL ? config->nsid
							  : (const uint8_t *)"",
				  rows[i].nsid, config->nsid_len) == 0,
		    "%s", rows[i].says);
		ck_assert_uint_ge(config->nsid_len, strlen(rows[i].nsid));
		server_config_destroy(config);
	}
}
END_TEST

START_TEST(fills_in_the_defaults)
{
	struct server_config *config = accepted("defaults", L Z);

	ck_assert_uint_eq(config->n_listen, 1);
	ck_assert_uint_eq(config->http.port, 0);
	ck_assert_ptr_null(config->user);
	ck_assert_str_eq(config->state, "/var/lib/meridian/state.db");
	ck_assert_str_eq(config->vantage, "local");
	ck_assert(config->history.on);
	ck_assert_str_eq(config->history.file, "/var/lib/meridian/history.db");
	ck_assert_uint_eq(config->history.sample, 64);
	ck_assert_uint_eq(config->history.every_ms, 60000);
	/* What came with the programs, on a machine that has it installed. */
	ck_assert_uint_eq(
	    config->n_geo, access(SERVER_DEFAULT_GEO, F_OK) == 0 ? 1 : 0);
	ck_assert_uint_eq(config->geo_follow_ms, 10000);
	ck_assert_uint_eq(config->geo_max_age_ms, 0);
	ck_assert_uint_eq(config->latency_max_age_ms, UINT64_C(2592000000));
	ck_assert_uint_eq(config->n_include_from, 0);
	ck_assert_uint_eq(config->stale_after_ms, 30000);
	ck_assert_uint_eq(config->stale_then, STALE_KEEP);
	ck_assert_uint_eq(config->stale_forget_ms, 604800000);
	ck_assert_uint_eq(config->n_resolvers, 0);
	ck_assert_uint_eq(config->resolve_keep_ms, 300000);
	ck_assert_uint_eq(config->workers, 0);
	ck_assert_uint_eq(config->udp_size, 1232);
	ck_assert_uint_eq(config->tcp.connections, 4096);
	ck_assert_uint_eq(config->tcp.per_client, 64);
	ck_assert_uint_eq(config->tcp.ipv4, 24);
	ck_assert_uint_eq(config->tcp.ipv6, 56);
	ck_assert_uint_eq(config->tcp.idle_ms, 10000);
	ck_assert_uint_eq(config->tcp.stall_ms, 5000);
	ck_assert(config->cookies && !config->cookies_require);
	ck_assert_ptr_null(config->cookie_secrets);
	ck_assert_uint_eq(config->rate_limit.responses, 0);
	ck_assert_ptr_null(config->query_log.path);
	server_config_destroy(config);
	config =
	    accepted("a query log", "query_log: {to: \"unix:/run/x\"}\n" L Z);
	ck_assert_str_eq(config->query_log.path, "/run/x");
	ck_assert(config->query_log.socket);
	ck_assert_uint_eq(config->query_log.sample, 100);
	ck_assert_uint_eq(config->query_log.messages, QUERY_LOG_RESPONSES);
	ck_assert_uint_eq(config->query_log.n_services, 0);
	ck_assert_uint_eq(config->query_log.max_bytes, UINT64_C(1) << 30);
	server_config_destroy(config);
	config = accepted("a rate limit", "rate_limit: {responses: 200}\n" L Z);
	ck_assert_uint_eq(config->rate_limit.responses, 200);
	ck_assert_uint_eq(config->rate_limit.all, 800);
	ck_assert_uint_eq(config->rate_limit.slip, 2);
	ck_assert_uint_eq(config->rate_limit.window_ms, 1000);
	ck_assert_uint_eq(config->rate_limit.ipv4, 24);
	ck_assert_uint_eq(config->rate_limit.ipv6, 56);
	ck_assert_uint_eq(config->rate_limit.table, 65536);
	ck_assert_uint_eq(config->rate_limit.n_exempt, 0);
	ck_assert_double_eq(config->advise.threshold[ADVISE_N1], 100);
	ck_assert_double_eq(config->advise.samples[ADVISE_N1], 1000);
	ck_assert_uint_eq(config->advise.n_silence, 0);
	server_config_destroy(config);
	config = accepted("advice",
	    "advise: {silence: [n-1, \"flapping:web/*\"], thresholds: "
	    "{weights: 1.25}, samples: {weights: 3}}\n" L Z);
	ck_assert_uint_eq(config->advise.n_silence, 2);
	ck_assert_uint_eq(config->advise.silence[0].rule, ADVISE_N1);
	ck_assert_ptr_null(config->advise.silence[0].pattern);
	ck_assert_uint_eq(config->advise.silence[1].rule, ADVISE_FLAPPING);
	ck_assert_str_eq(config->advise.silence[1].pattern, "web/*");
	ck_assert_double_eq(config->advise.threshold[ADVISE_WEIGHTS], 1.25);
	ck_assert_double_eq(config->advise.samples[ADVISE_WEIGHTS], 3);
	server_config_destroy(config);
	config = accepted("half of stale", "stale: {then: up}\n" L Z);
	ck_assert_uint_eq(config->stale_after_ms, 30000);
	ck_assert_uint_eq(config->stale_then, STALE_UP);
	server_config_destroy(config);
	config = accepted("a name of a vantage", "vantage: us-east\n" L Z);
	ck_assert_str_eq(config->vantage, "us-east");
	ck_assert_ptr_null(config->vantage_region);
	ck_assert_uint_eq(config->blind_ppm, 500000);
	server_config_destroy(config);
	config = accepted("a vantage and where it is",
	    "vantage: {name: us-east-1, region: us-east}\nblind: 80%\n" L Z);
	ck_assert_str_eq(config->vantage, "us-east-1");
	ck_assert_str_eq(config->vantage_region, "us-east");
	ck_assert_uint_eq(config->vantage_at.column, 36);
	ck_assert_uint_eq(config->blind_ppm, 800000);
	server_config_destroy(config);
	config = accepted("no geography", "geo: none\n" L Z);
	ck_assert_uint_eq(config->n_geo, 0);
	server_config_destroy(config);
	config = accepted("nothing followed",
	    "geo_follow: off\ngeo_max_age: off\n"
	    "latency_max_age: off\n" L Z);
	ck_assert_uint_eq(config->geo_follow_ms, 0);
	ck_assert_uint_eq(config->geo_max_age_ms, 0);
	ck_assert_uint_eq(config->latency_max_age_ms, 0);
	server_config_destroy(config);
	config = accepted("one database", "geo: x.mmdb\n" L Z);
	ck_assert_uint_eq(config->n_geo, 1);
	ck_assert_uint_eq(config->geo_at[0].column, 6);
	server_config_destroy(config);
}
END_TEST

static const struct config_row refused[] = {
    {"an empty mapping", "{}\n",
	"f:1:1: error: the key \"listen\" is missing\n"
	"f:1:1: error: the key \"zones\" is missing\n"},
    {"an unknown key", "lsten: [::1]\n",
	"f:1:1: error: unknown key \"lsten\", did you mean \"listen\"?\n"
	"f:1:1: error: the key \"zones\" is missing\n"},
    {"an unknown key beside the others", "worker: 4\n" L Z,
	"f:1:1: error: unknown key \"worker\", did you mean \"workers\"?\n"},
    {"an etcd by its name alone", "share: {etcd: etcd1}\n" L Z,
	"f:1:15: error: etcd: expected the URL of a member of etcd, without a "
	"path (https://10.0.0.1:2379), found \"etcd1\"\n"},
    {"an etcd with a path", "share: {etcd: \"http://e/v3\"}\n" L Z,
	"f:1:15: error: etcd: expected the URL of a member of etcd, without a "
	"path (https://10.0.0.1:2379), found \"http://e/v3\"\n"},
    {"an etcd with a port too large", "share: {etcd: \"http://e:65536\"}\n" L Z,
	"f:1:15: error: etcd: expected the URL of a member of etcd, without a "
	"path (https://10.0.0.1:2379), found \"http://e:65536\"\n"},
    {"an etcd with a user in its URL",
	"share: {etcd: \"http://u:p@e:2379\"}\n" L Z,
	"f:1:15: error: etcd: expected the URL of a member of etcd, without a "
	"path (https://10.0.0.1:2379), found \"http://u:p@e:2379\"\n"},
    {"a prefix that others begin with",
	"share: {etcd: http://e, prefix: /meridian}\n" L Z,
	"f:1:33: error: prefix: expected a prefix of letters, digits, '.', "
	"'_', '-' and '/', at most 128, that begins and ends with a slash "
	"(/meridian/), found \"/meridian\"\n"},
    {"a prefix of everything", "share: {etcd: http://e, prefix: /}\n" L Z,
	"f:1:33: error: prefix: expected a prefix of letters, digits, '.', "
	"'_', '-' and '/', at most 128, that begins and ends with a slash "
	"(/meridian/), found \"/\"\n"},
    {"a certificate without its key",
	"share: {etcd: https://e, certificate: c.pem}\n" L Z,
	"f:1:8: error: share: certificate and key are needed together: write "
	"key, too\n"},
    {"a member of etcd twice",
	"share: {etcd: [\"https://e:2379\", \"https://E:2379/\"]}\n" L Z,
	"f:1:8: error: share: https://E:2379/ is listed twice\n"},
    {"a user without a password", "share: {etcd: https://e, user: m}\n" L Z,
	"f:1:8: error: share: user and password_file are needed together: "
	"write password_file, too\n"},
    {"a lease that a slow disk ends",
	"share: {etcd: https://e, lease: 1s}\n" L Z,
	"f:1:33: error: lease: expected a duration (200ms, 5s, 1m, 2h) from "
	"2s to 5m, found \"1s\"\n"},
    {"a share without an etcd", "share: {lease: 5s}\n" L Z,
	"f:1:8: error: share: the key \"etcd\" is missing\n"},
    {"a share that is a word", "share: yes\n" L Z,
	"f:1:8: error: share: expected {etcd: [https://10.0.0.1:2379]}, found "
	"\"yes\"\n"},
    {"a history in the state database",
	"history: {file: s.db}\nstate: s.db\n" L Z,
	"f:1:17: error: history: s.db is the state database: history needs a "
	"file of its own\n"},
    {"a name of HTTP with a port", "http_names: [\"ns1.example.com:80\"]\n" L Z,
	"f:1:14: error: http_names: expected the name of a host, without "
	"scheme and port (dns1.example.com), found \"ns1.example.com:80\"\n"},
    {"a name of HTTP that is an URL", "http_names: [\"http://ns1/\"]\n" L Z,
	"f:1:14: error: http_names: expected the name of a host, without "
	"scheme and port (dns1.example.com), found \"http://ns1/\"\n"},
    {"a history that is neither on nor off", "history: never\n" L Z,
	"f:1:10: error: history: expected off, or {sample: 64}, found "
	"\"never\"\n"},
    {"a list", "[a]\n",
	"f:1:1: error: expected a mapping {listen: ..., zones: ...}, found "
	"a list\n"},
    {"an address that is a name", "listen: localhost\n" Z,
	"f:1:9: error: listen: expected an address or address:port (192.0.2.1, "
	"\"[2001:db8::1]:53\"), found \"localhost\"\n"},
    {"two faults in one list",
	"listen: [127.0.0.1:x, 127.0.0.1, \"::1:53:\", 127.0.0.1:65536]\n" Z,
	"f:1:10: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"127.0.0.1:x\"\n"
	"f:1:34: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"::1:53:\"\n"
	"f:1:45: error: listen: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:53\"), found \"127.0.0.1:65536\"\n"},
    {"port 0", "listen: 127.0.0.1:0\n" Z,
	"f:1:9: error: listen: expected an address or address:port (192.0.2.1, "
	"\"[2001:db8::1]:53\"), found \"127.0.0.1:0\"\n"},
    {"an address twice, once with its port",
	"listen: [127.0.0.1, \"127.0.0.1:53\"]\n" Z,
	"f:1:21: error: listen: 127.0.0.1:53 is listed twice\n"},
    {"a port of listen for http",
	"listen: [127.0.0.2, 127.0.0.1]\nhttp: 127.0.0.1:53\n" Z,
	"f:2:7: error: http: the port of 127.0.0.1:53 is that of listen in "
	"line 1, which answers DNS there over TCP: write another port\n"},
    {"a port of listen at all addresses for http",
	"http: 127.0.0.1:53\nlisten: 0.0.0.0\n" Z,
	"f:1:7: error: http: the port of 127.0.0.1:53 is that of listen in "
	"line 2, which answers DNS there over TCP: write another port\n"},
    {"the http of meridiand for that of the probe",
	"http: 127.0.0.1:8053\nprobe: {http: 127.0.0.1:8053}\n" L Z,
	"f:2:15: error: http: 127.0.0.1:8053 is the http of meridiand, in line "
	"1: write another port\n"},
    {"a port of listen for the probe's", "probe: {http: 127.0.0.1:5353}\n" L Z,
	"f:1:15: error: http: the port of 127.0.0.1:5353 is that of listen in "
	"line 2, which answers DNS there over TCP: write another port\n"},
    {"a query log that goes nowhere", "query_log: {sample: 2}\n" L Z,
	"f:1:12: error: query_log: the key \"to\" is missing\n"},
    {"a query log to a host", "query_log: {to: \"tcp:1.2.3.4\"}\n" L Z,
	"f:1:17: error: to: expected unix: or file: and a path "
	"(unix:/run/dnstap.sock, file:/var/log/meridian/queries.dnstap), "
	"found \"tcp:1.2.3.4\"\n"},
    {"a query log without its mapping", "query_log: unix:/x\n" L Z,
	"f:1:12: error: query_log: expected {to: unix:/run/dnstap.sock, "
	"sample: 100}, found \"unix:/x\"\n"},
    {"a size without a unit",
	"query_log: {to: \"file:q\", max_size: 1000}\n" L Z,
	"f:1:37: error: max_size: expected a size from 1MiB to 1TiB (512MiB), "
	"found \"1000\"\n"},
    {"a size that is too small",
	"query_log: {to: \"file:q\", max_size: 1023KiB}\n" L Z,
	"f:1:37: error: max_size: expected a size from 1MiB to 1TiB (512MiB), "
	"found \"1023KiB\"\n"},
    {"a service that is no name",
	"query_log: {to: \"file:q\", services: [a..b]}\n" L Z,
	"f:1:38: error: services: expected the name of a service with that of "
	"its zone (chat.inference.example), found \"a..b\"\n"},
    {"a hook that tells nobody", "hooks: [{name: a}]\n" L Z,
	"f:1:9: error: hooks: a hook has either a url or a command, and not "
	"both\n"},
    {"a hook of another scheme", "hooks: [{name: a, url: \"ftp://h/\"}]\n" L Z,
	"f:1:24: error: url: expected a URL "
	"(https://hooks.example.net/meridian), found \"ftp://h/\"\n"},
    {"two hooks of one name",
	"hooks: [{name: a, url: \"http://h/\"}, {name: a, command: [p]}]\n" L Z,
	"f:1:38: error: hook \"a\" is given twice: it is in line 1 already\n"},
    {"a hook too often",
	"hooks: [{name: a, url: \"http://h/\", at_most: 10}]\n" L Z,
	"f:1:46: error: at_most: expected messages a minute, from 1/m to 600/m "
	"(10/m), found \"10\"\n"},
    {"too few checks at once", "probe: {concurrency: 15}\n" L Z,
	"f:1:22: error: concurrency: expected a whole number from 16 to 65536, "
	"found \"15\"\n"},
    {"a probe without a key", "probe: yes\n" L Z,
	"f:1:8: error: probe: expected {http: 127.0.0.1:8054}, found "
	"\"yes\"\n"},
    {"no address", "listen: []\n" Z,
	"f:1:9: error: listen: the list is empty, expected at least 1\n"},
    {"nothing behind listen", "listen:\n" Z,
	"f:1:1: error: listen: the list is empty, expected at least 1\n"},
    {"http without a port", "http: 127.0.0.1\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found "
	"\"127.0.0.1\"\n"},
    {"http with a bare port", "http: 8053\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found "
	"\"8053\"\n"},
    {"two addresses for http", "http: [127.0.0.1:1]\n" L Z,
	"f:1:7: error: http: expected address:port (127.0.0.1:8053), found a "
	"list\n"},
    {"a user without a name", "user: \"\"\n" L Z,
	"f:1:7: error: user: expected a text of 1 to 32 printable characters, "
	"found \"\"\n"},
    {"an empty path", "state: \n" L Z,
	"f:1:1: error: state: expected a text of 1 to 4095 printable "
	"characters, found nothing\n"},
    {"a path with a line break", "state: \"a\\nb\"\n" L Z,
	"f:1:8: error: state: expected a text of 1 to 4095 printable "
	"characters, found \"a?b\"\n"},
    {"a vantage with a blank", "vantage: us east\n" L Z,
	"f:1:10: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found \"us east\"\n"},
    {"a list of vantages", "vantage: [a]\n" L Z,
	"f:1:10: error: vantage: expected a name, found a list\n"},
    {"nine databases", "geo: [a, b, c, d, e, f, g, h, i]\n" L Z,
	"f:1:6: error: geo: the list has 9 items, at most 8 are accepted\n"},
    {"looks too often", "geo_follow: 99ms\n" L Z,
	"f:1:13: error: geo_follow: expected off, or a duration (10s, 1m, 2h, "
	"30d) from 100ms to 24h, found \"99ms\"\n"},
    {"an age without its unit", "geo_max_age: 30\n" L Z,
	"f:1:14: error: geo_max_age: expected a duration with its unit (ms, s, "
	"m, h, d) from 24h to 3650d, found \"30\"\n"},
    {"a round trip that is old at once", "latency_max_age: 59s\n" L Z,
	"f:1:18: error: latency_max_age: expected off, or a duration (10s, 1m, "
	"2h, 30d) from 1m to 3650d, found \"59s\"\n"},
    {"an age that nothing reaches", "geo_max_age: 23h\n" L Z,
	"f:1:14: error: geo_max_age: expected off, or a duration (10s, 1m, 2h, "
	"30d) from 24h to 3650d, found \"23h\"\n"},
    {"an age that is a list", "geo_max_age: [30d]\n" L Z,
	"f:1:14: error: geo_max_age: expected off, or a duration (10s, 1m, 2h, "
	"30d) from 24h to 3650d, found a list\n"},
    {"seventeen folders",
	"include_from: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]\n" L
	    Z,
	"f:1:15: error: include_from: the list has 17 items, at most 16 are "
	"accepted\n"},
    {"a database that is a mapping", "geo: [{a: b}]\n" L Z,
	"f:1:7: error: geo: expected a text of 1 to 4095 printable characters, "
	"found a mapping\n"},
    {"a period without its unit", "stale: {after: 30}\n" L Z,
	"f:1:16: error: after: expected a duration with its unit (ms, s, m, h, "
	"d) "
	"from 100ms to 24h, found \"30\"\n"},
    {"a vantage forgotten too soon", "stale: {forget: 59m}\n" L Z,
	"f:1:17: error: forget: expected a duration (200ms, 5s, 1m, 2h) from "
	"1h to 3650d, found \"59m\"\n"},
    {"a period below 100 ms", "stale: {after: 50ms}\n" L Z,
	"f:1:16: error: after: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 24h, found \"50ms\"\n"},
    {"a word that is none", "stale: {then: forget}\n" L Z,
	"f:1:15: error: then: expected keep, up or down, found \"forget\"\n"},
    {"stale without its keys", "stale: 30s\n" L Z,
	"f:1:8: error: stale: expected {after: 30s, then: keep}, found "
	"\"30s\"\n"},
    {"more workers than cores of any machine", "workers: 257\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"257\"\n"},
    {"workers in words", "workers: auto\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"auto\"\n"},
    {"answers below what RFC 6891 allows", "udp_size: 511\n" L Z,
	"f:1:11: error: udp_size: expected a whole number from 512 to 4096, "
	"found \"511\"\n"},
    {"no TCP at all, which RFC 7766 forbids", "tcp: {connections: 0}\n" L Z,
	"f:1:20: error: connections: expected a whole number from 1 to "
	"1000000, found \"0\"\n"},
    {"a client of half the Internet", "tcp: {ipv4: 1, ipv6: 129}\n" L Z,
	"f:1:13: error: ipv4: expected a whole number from 8 to 32, found "
	"\"1\"\n"
	"f:1:22: error: ipv6: expected a whole number from 16 to 128, found "
	"\"129\"\n"},
    {"a timeout that RFC 7828 cannot tell", "tcp: {idle: 2h}\n" L Z,
	"f:1:13: error: idle: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"2h\"\n"},
    {"a rate limit without a rate", "rate_limit: {slip: 2}\n" L Z,
	"f:1:13: error: rate_limit: the key \"responses\" is missing\n"},
    {"a rate of all below that of one kind",
	"rate_limit: {responses: 50, all: 49}\n" L Z,
	"f:1:34: error: all: expected \"responses\", which is 50, to 100 times "
	"that, found 49\n"},
    {"a rate of all that is far above it",
	"rate_limit: {all: 5001, responses: 50}\n" L Z,
	"f:1:19: error: all: expected \"responses\", which is 50, to 100 times "
	"that, found 5001\n"},
    {"a rate of nothing", "rate_limit: {responses: 0, slip: 11}\n" L Z,
	"f:1:25: error: responses: expected a whole number from 1 to 100000, "
	"found \"0\"\n"
	"f:1:34: error: slip: expected a whole number from 0 to 10, found "
	"\"11\"\n"},
    {"a network with bits behind its length",
	"rate_limit: {responses: 1, exempt: [10.0.0.0/8, 10.0.0.1/8]}\n" L Z,
	"f:1:49: error: exempt: expected a prefix with no bits behind its "
	"length (192.0.2.0/24, \"2001:db8::/32\"), found \"10.0.0.1/8\"\n"},
    {"answers that no path carries", "udp_size: 65535\n" L Z,
	"f:1:11: error: udp_size: expected a whole number from 512 to 4096, "
	"found \"65535\"\n"},
    {"an identity of nothing", "identity: \"\"\n" L Z,
	"f:1:11: error: identity: expected a text of 1 to 128 printable "
	"characters, found \"\"\n"},
    {"a version that is a list", "version: [1]\n" L Z,
	"f:1:10: error: version: expected a text of 1 to 128 printable "
	"characters, found a list\n"},
    {"a NSID of half an octet", "nsid: 0x123\n" L Z,
	"f:1:7: error: nsid: expected a text, none, or 0x and 1 to 128 octets "
	"in hexadecimal, found \"0x123\"\n"},
    {"a NSID of other digits", "nsid: 0x12g4\n" L Z,
	"f:1:7: error: nsid: expected a text, none, or 0x and 1 to 128 octets "
	"in hexadecimal, found \"0x12g4\"\n"},
    {"a NSID of no octet", "nsid: 0x\n" L Z,
	"f:1:7: error: nsid: expected a text, none, or 0x and 1 to 128 octets "
	"in hexadecimal, found \"0x\"\n"},
    {"a NSID that is a mapping", "nsid: {a: b}\n" L Z,
	"f:1:7: error: nsid: expected a text of 1 to 128 printable characters, "
	"found a mapping\n"},
    {"a secret where its file is named", "cookies: {secret: abc}\n" L Z,
	"f:1:11: error: unknown key \"secret\", did you mean \"secrets\"?\n"},
    {"cookies by a word", "cookies: false\n" L Z,
	"f:1:10: error: cookies: expected {enable: true}, found \"false\"\n"},
    {"a truth that is none", "cookies: {require: maybe}\n" L Z,
	"f:1:20: error: require: expected true or false, found \"maybe\"\n"},
    {"zones in a mapping", "zones: {z.example: z.zone}\n" L,
	"f:1:8: error: zones: expected a list of zones (- {name: ..., "
	"records: ..., steering: ...}), found a mapping\n"},
    {"no zone", "zones: []\n" L,
	"f:1:8: error: zones: the list is empty, expected at least 1\n"},
    {"a zone that is a word", "zones: [z.example]\n" L,
	"f:1:9: error: zones: expected a mapping {name: ..., records: "
	"...}, found \"z.example\"\n"},
    {"a zone without records and a name", "zones: [{}]\n" L,
	"f:1:9: error: zones: the key \"name\" is missing\n"
	"f:1:9: error: zones: the key \"records\" is missing\n"},
    {"a zone's key that is misspelt",
	"zones: [{name: z.example, record: z.zone}]\n" L,
	"f:1:27: error: unknown key \"record\", did you mean \"records\"?\n"},
    {"an empty label", "zones: [{name: z..example, records: z.zone}]\n" L,
	"f:1:16: error: name: expected the name of a zone "
	"(inference.example; a blank in it is written \\032), found "
	"\"z..example\"\n"},
    {"the root twice",
	"zones: [{name: ., records: a},\n {name: \".\", records: b}]\n" L,
	"f:2:2: error: zone \".\" is given twice: it is in line 1 "
	"already\n"},
    {"a name with an escape that is none",
	"zones: [{name: 'z\\256.x', records: a}]\n" L,
	"f:1:16: error: name: expected the name of a zone (inference.example; "
	"a blank in it is written \\032), found \"z\\256.x\"\n"},
    {"a name in other letters",
	"zones: [{name: zürich.example, records: a}]\n" L,
	"f:1:16: error: name: expected the name of a zone "
	"(inference.example; a blank in it is written \\032), found "
	"\"zürich.example\"\n"},
    {"a name with an escape twice",
	"zones: [{name: 'Z\\x.x', records: a},\n {name: zX.X., records: "
	"b}]\n" L,
	"f:2:2: error: zone \"zx.x\" is given twice: it is in line 1 "
	"already\n"},
    {"a name with a blank", "zones: [{name: z example, records: z.zone}]\n" L,
	"f:1:16: error: name: expected the name of a zone "
	"(inference.example; a blank in it is written \\032), found \"z "
	"example\"\n"},
    {"a zone twice in another spelling",
	"zones: [{name: z.example, records: a},\n {name: y.example, records: "
	"b}, {name: Z.Example., records: c}]\n" L,
	"f:2:33: error: zone \"z.example\" is given twice: it is in line 1 "
	"already\n"},
    {"a key twice", "listen: \"::1\"\nlisten: \"::1\"\n" Z,
	"f:2:1: error: key \"listen\" is given twice: it is in line 1 "
	"already\n"},
    {"a long value is cut",
	"workers: "
	"éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé\n" L Z,
	"f:1:10: error: workers: expected a whole number from 0 to 256, found "
	"\"ééééééééééééééééééééééééééééééééééééé...\"\n"},
    {"limits of TCP as a number", "tcp: 100\n" L Z,
	"f:1:6: error: tcp: expected {connections: 4096, per_client: 64}, "
	"found \"100\"\n"},
    {"advice of a rule that is none", "advise: {silence: [n1]}\n" L Z,
	"f:1:20: error: advise: there is no rule \"n1\"; did you mean "
	"\"n-1\"?\n"},
    {"a threshold that nothing passes", "advise: {thresholds: {n-1: 5}}\n" L Z,
	"f:1:28: error: n-1: expected a number from 10 to 1000, found "
	"\"5\"\n"},
    {"samples that are words", "advise: {samples: {no-rule: many}}\n" L Z,
	"f:1:29: error: no-rule: expected a number from 0 to 1000000000, found "
	"\"many\"\n"},
    {"advice as a word", "advise: false\n" L Z,
	"f:1:9: error: advise: expected {silence: [single-vantage]}, found "
	"\"false\"\n"},
    {"a limit of the rate as a number", "rate_limit: 50\n" L Z,
	"f:1:13: error: rate_limit: expected {responses: 200}, found "
	"\"50\"\n"},
    {"a key that lost its indent", "after: 30s\n" L Z,
	"f:1:1: error: unknown key \"after\" here: it belongs to "
	"\"stale\", so indent it below that\n"},
};

static const struct config_row warned[] = {
    {"metrics for everyone", "http: 0.0.0.0:8053\n" L Z,
	"f:1:7: warning: http: 0.0.0.0:8053 is not a loopback address: whoever "
	"reaches it reads metrics and status\n"},
    {"and on IPv6", "http: \"[2001:db8::1]:8053\"\n" L Z,
	"f:1:7: warning: http: [2001:db8::1]:8053 is not a loopback address: "
	"whoever reaches it reads metrics and status\n"},
    {"cookies that are required and not spoken",
	"cookies: {require: true, enable: false}\n" L Z,
	"f:1:10: warning: cookies: require does nothing while enable is "
	"false\n"},
    {"members of etcd without their port",
	"share: {etcd: [\"https://e:2379\", \"https://[::1]\", "
	"\"http://10.0.0.1/\"]}\n" L Z,
	"f:1:8: warning: share: https://[::1] has no port, and is asked at "
	"port 443: etcd listens on 2379 unless it is told another\n"
	"f:1:8: warning: share: http://10.0.0.1/ has no port, and is asked at "
	"port 80: etcd listens on 2379 unless it is told another\n"},
    {"a port after an IPv6 address without brackets",
	"listen: \"::1:5300\"\n" Z,
	"f:1:9: warning: listen: \"::1:5300\" is an address, with the port "
	"53: for the port 5300 write \"[::1]:5300\"\n"},
};

static void
check_rows(const struct config_row *rows, size_t n, bool loaded)
{
	for (size_t i = 0; i < n; i++) {
		struct server_config *config = parse("f", rows[i].text);

		config_row_check(&rows[i], &eb);
		ck_assert_msg((config != NULL) == loaded, "%s", rows[i].says);
		server_config_destroy(config);
	}
}

START_TEST(refuses)
{
	check_rows(refused, COUNT(refused), false);
}
END_TEST

START_TEST(warns)
{
	check_rows(warned, COUNT(warned), true);
}
END_TEST

#define L60 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz01234567"

START_TEST(measures_names_of_zones)
{
	static const struct {
		const char *says, *name;
		bool ok;
	} names[] = {{"a label of 63", "abc" L60, true},
	    {"a label of 64", "abcd" L60, false},
	    {"253 in all", L60 ".ab" L60 "." L60 "." L60 ".abcdefg", true},
	    {"the last dot does not count",
		L60 ".ab" L60 "." L60 "." L60 ".abcdefg.", true},
	    {"254 in all", L60 ".ab" L60 "." L60 "." L60 ".abcdefgh", false}};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct server_config *config;
		char text[512];

		snprintf(text, sizeof(text),
		    L "zones: [{name: %s, records: z}]\n", names[i].name);
		config = parse("f", text);
		ck_assert_msg(
		    (config != NULL) == names[i].ok, "%s", names[i].says);
		server_config_destroy(config);
	}
}
END_TEST

/* As it is written, and as it is shown everywhere. */
START_TEST(names_of_zones_have_one_form)
{
	static const char *const names[][2] = {{"A.Example.", "a.example"},
	    {"a.example", "a.example"}, {".", "."},
	    {"'*.example'", "*.example"}, {"'*'", "*"},
	    {"64/26.2.0.192.in-addr.arpa", "64/26.2.0.192.in-addr.arpa"},
	    {"'a\\.b.example'", "a\\.b.example"},
	    {"'a\\046b.example'", "a\\.b.example"},
	    {"'a\\032b.example'", "a\\032b.example"},
	    {"'\\097\\Z.example'", "az.example"},
	    {"'\\255\\000.example'", "\\255\\000.example"},
	    {"'a@b$.example'", "a\\@b\\$.example"},
	    {"_tcp.example", "_tcp.example"}};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct server_config *config;
		char text[512];

		snprintf(text, sizeof(text),
		    L "zones: [{name: %s, records: z}]\n", names[i][0]);
		config = parse("f", text);
		ck_assert_msg(config != NULL, "%s: %s", names[i][0], eb.text);
		ck_assert_str_eq(config->zones[0].name, names[i][1]);
		server_config_destroy(config);
	}
}
END_TEST

/* ${n} octets of a label, each as an escape. */
static void
escaped(char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(out + 4 * i, 5, "\\%03zu", 1 + i % 31);
}

START_TEST(reads_the_longest_name_of_a_zone)
{
	char text[4 * 254 + 256], label[4][4 * 63 + 1];
	struct server_config *config;

	for (size_t i = 0; i < 4; i++)
		escaped(label[i], i < 3 ? 63 : 61);
	snprintf(text, sizeof(text),
	    L "zones: [{name: '%s.%s.%s.%s', records: z}]\n", label[0],
	    label[1], label[2], label[3]);
	config = parse("f", text);
	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_uint_eq(strlen(config->zones[0].name), 4 * 250 + 3);
	server_config_destroy(config);
	/* One octet more. */
	escaped(label[3], 62);
	snprintf(text, sizeof(text),
	    L "zones: [{name: '%s.%s.%s.%s', records: z}]\n", label[0],
	    label[1], label[2], label[3]);
	ck_assert_ptr_null(parse("f", text));
	/* One label more. */
	escaped(label[3], 61);
	snprintf(text, sizeof(text),
	    L "zones: [{name: '%s.%s.%s.%s.x', records: z}]\n", label[0],
	    label[1], label[2], label[3]);
	ck_assert_ptr_null(parse("f", text));
	/* The state database does not hold it. */
	snprintf(text, sizeof(text),
	    L "zones: [{name: '%s.x', records: z, steering: s}]\n", label[0]);
	ck_assert_ptr_nonnull(strstr(text, "steering"));
	ck_assert_ptr_nonnull((config = parse("f", text)));
	server_config_destroy(config);
	snprintf(text, sizeof(text),
	    L "zones: [{name: '%s.xxxx', records: z, steering: s}]\n",
	    label[0]);
	ck_assert_ptr_null(parse("f", text));
	ck_assert_str_eq(eb.text,
	    "f:2:299: error: steering: the state database holds names of zones "
	    "of at most 255 characters, escapes included; this one has 257\n");
}
END_TEST

START_TEST(reads_a_file)
{
	char folder[] = "/tmp/meridian-test-XXXXXX", path[64];
	struct server_config *config;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/m.yaml", folder);
	errbuf_init(&eb);
	ck_assert_ptr_null(server_config_load(path, &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "m.yaml: error: cannot open"));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert(fputs(L Z, file) >= 0);
	ck_assert_int_eq(fclose(file), 0);
	/* An error of a file before does not spoil this one. */
	ck_assert_uint_eq(eb.errors, 1);
	config = server_config_load(path, &eb);
	ck_assert_ptr_nonnull(config);
	ck_assert_uint_eq(eb.errors, 1);
	ck_assert_int_eq(
	    strncmp(config->zones[0].records, folder, strlen(folder)), 0);
	server_config_destroy(config);
	server_config_destroy(NULL);
	unlink(path);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_server");
	TCase *tcase = tcase_create("server");

	tcase_add_test(tcase, reads_every_key);
	tcase_add_test(tcase, reads_with_whom_it_shares);
	tcase_add_test(tcase, warns_of_a_password_that_others_read);
	tcase_add_test(tcase, reads_the_history);
	tcase_add_test(tcase, reads_identities);
	tcase_add_test(tcase, fills_in_the_defaults);
	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, measures_names_of_zones);
	tcase_add_test(tcase, names_of_zones_have_one_form);
	tcase_add_test(tcase, reads_the_longest_name_of_a_zone);
	tcase_add_test(tcase, reads_a_file);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
