/*
 * meridian.yaml to a struct server_config.  Called by the three programs when
 * they start or reload; opens none of the files it names.
 */
#include "config/server.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "config/domain.h"
#include "config/scalar.h"
#include "config/server_parts.h"

#define DEFAULT_PORT 53 /* RFC 1035, 4.2 */
#define DEFAULT_VANTAGE "local"
/* The name alone: a version would say which of its faults it still has. */
#define DEFAULT_VERSION "meridian"

/* "::1:5300" is an address; whoever writes that means a port, which is in
 * decimal and, unless it is that of DNS, has four digits or five. */
static void
warn_of_port(struct schema *s, const struct yaml_node *item,
    const struct endpoint_address *e)
{
	const char *last = strrchr(item->text, ':'), *text = item->text;

	if (e->address.family != 6 || text[0] == '[' || last == NULL ||
	    strlen(last + 1) != 4 || last[1 + strspn(last + 1, "0123456789")])
		return;
	errbuf_warn(s->eb, &item->at,
	    "listen: \"%s\" is an address, with the port %u: for the port %s "
	    "write \"[%.*s]:%s\"",
	    text, e->port, last + 1, (int)(last - text), text, last + 1);
}

/* An address and port that is listed twice would get two sockets, which would
 * share its queries between them. */
static void
read_listen(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;
	struct endpoint_address *listen;
	const struct yaml_node *item;
	struct mark *at;
	char shown[ADDRESS_TEXT];
	size_t n;

	(void)key;
	item = schema_list(s, value, SERVER_MAX_LISTEN, &n);
	if (item == NULL)
		return;
	listen = schema_array(s, n, sizeof(*listen));
	at = schema_array(s, n, sizeof(*at));
	for (size_t i = 0; listen != NULL && at != NULL && i < n; i++) {
		at[i] = item->at;
		if (item->kind != YAML_SCALAR ||
		    endpoint_address_parse(
			item->text, DEFAULT_PORT, &listen[i]) != 0)
			schema_expected(s, item,
			    "an address or address:port (192.0.2.1, "
			    "\"[2001:db8::1]:53\")");
		else
			warn_of_port(s, item, &listen[i]);
		for (size_t j = 0; j < i && listen[i].port != 0; j++)
			if (listen[j].port == listen[i].port &&
			    address_equal(
				&listen[j].address, &listen[i].address))
				schema_error(s, item, "%s is listed twice",
				    endpoint_address_format(&listen[i], shown));
		item = schema_next(value, item);
	}
	config->listen = listen;
	config->listen_at = at;
	config->n_listen = n;
}

static bool
is_loopback(const struct address *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (a->family == 4)
		return a->bytes[0] == 127;
	return memcmp(a->bytes, one, sizeof(one)) == 0;
}

/* Metrics and status know names, places and loads; nothing protects them but
 * the address that they are served on. */
void
server_read_pages(struct schema *s, const struct yaml_node *value,
    struct endpoint_address *out)
{
	struct endpoint_address http;
	char shown[ADDRESS_TEXT];

	if (value->kind != YAML_SCALAR ||
	    endpoint_address_parse(value->text, 0, &http) != 0) {
		schema_expected(s, value, "address:port (127.0.0.1:8053)");
		return;
	}
	if (!is_loopback(&http.address))
		errbuf_warn(s->eb, &value->at,
		    "http: %s is not a loopback address: whoever reaches it "
		    "reads metrics and status",
		    endpoint_address_format(&http, shown));
	*out = http;
}

static void
read_http(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	(void)key;
	server_read_pages(s, value, &config->http);
	config->http_at = value->at;
}

/* As browsers and scrapers write it in Host, where the port is passed over: a
 * scheme or a port in it would never be found. */
static void
read_http_name(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_.";

	if (value->kind != YAML_SCALAR ||
	    value->text[strspn(value->text, characters)] != '\0')
		schema_expected(s, value,
		    "the name of a host, without scheme and port "
		    "(dns1.example.com)");
	else
		scalar_text(s, value, key, name);
}

/* A domain name as text has no more characters. */
static const struct schema_key http_name_item = {
    .read = read_http_name, .max = 255};

static const struct schema_key path_item = {.read = scalar_path};

/* Their places in the file are kept too: whether a database can be read is
 * known only when it is loaded, and the error is shown here. */
static void
read_geo(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	(void)key;
	config->geo = NULL;
	config->n_geo = 0;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "none") == 0)
		return;
	config->geo = schema_values(s, value, SERVER_MAX_GEO,
	    sizeof(config->geo[0]), &path_item, &config->n_geo);
	if (config->geo == NULL)
		return;
	config->geo_at = schema_marks(s, value, config->n_geo);
	if (config->geo_at == NULL)
		config->n_geo = 0;
}

static const struct schema_word thens[] = {
    {"keep", STALE_KEEP}, {"up", STALE_UP}, {"down", STALE_DOWN}, {NULL, 0}};

/* Below 100 ms a heartbeat that is a little late would be a vantage lost. */
static const struct schema_key stale_keys[] = {
    {.name = "after",
	.read = scalar_ms,
	.offset = offsetof(struct server_config, stale_after_ms),
	.min = 100,
	.max = 24 * 3600 * 1000},
    {.name = "then",
	.read = scalar_word,
	.offset = offsetof(struct server_config, stale_then),
	.words = thens},
    /* Under an hour a vantage that is moved would be forgotten on the way. */
    {.name = "forget",
	.read = scalar_ms,
	.offset = offsetof(struct server_config, stale_forget_ms),
	.min = 3600 * 1000,
	.max = INT64_C(3650) * 24 * 3600 * 1000},
};

/* The bounds keep out slips: a client of fewer than 8 bits (16 of IPv6) would
 * be a good part of the Internet, and in less than 100 ms a client far away
 * cannot answer. */
static const struct schema_key tcp_keys[] = {
    {.name = "connections",
	.read = scalar_unsigned,
	.offset = offsetof(struct tcp_config, connections),
	.min = 1,
	.max = 1000000},
    {.name = "per_client",
	.read = scalar_unsigned,
	.offset = offsetof(struct tcp_config, per_client),
	.min = 1,
	.max = 1000000},
    {.name = "ipv4",
	.read = scalar_u8,
	.offset = offsetof(struct tcp_config, ipv4),
	.min = 8,
	.max = 32},
    {.name = "ipv6",
	.read = scalar_u8,
	.offset = offsetof(struct tcp_config, ipv6),
	.min = 16,
	.max = 128},
    {.name = "idle",
	.read = scalar_ms,
	.offset = offsetof(struct tcp_config, idle_ms),
	.min = 100,
	.max = 3600 * 1000},
    {.name = "stall",
	.read = scalar_ms,
	.offset = offsetof(struct tcp_config, stall_ms),
	.min = 100,
	.max = 600 * 1000},
};

static const struct schema_key identity_text = {
    .read = scalar_text, .max = SERVER_MAX_IDENTITY};

/* A text that clients get when they ask for it, or "none". */
static void
read_identity(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *text)
{
	(void)key;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "none") == 0)
		*(const char **)text = NULL;
	else
		scalar_text(s, value, &identity_text, text);
}

/* RFC 5001 leaves open what an NSID is: a text, "0x" and octets, or "none". */
static void
read_nsid(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;
	uint8_t octets[SERVER_MAX_IDENTITY], *copy;
	const char *text = NULL;
	size_t n = 0;

	(void)key;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "none") == 0) {
		config->nsid = (const uint8_t *)"";
		config->nsid_len = 0;
		return;
	}
	if (value->kind != YAML_SCALAR || strncmp(value->text, "0x", 2) != 0) {
		scalar_text(s, value, &identity_text, &text);
		if (text == NULL)
			return;
		config->nsid = (const uint8_t *)text;
		config->nsid_len = (uint8_t)strlen(text);
		return;
	}
	text = value->text + 2;
	if (codec_decode(CODEC_HEX, text, strlen(text), octets, sizeof(octets),
		&n) != 0 ||
	    n == 0) {
		schema_expected(s, value,
		    "a text, none, or 0x and 1 to %d octets in hexadecimal",
		    SERVER_MAX_IDENTITY);
		return;
	}
	copy = schema_array(s, n, 1);
	if (copy == NULL)
		return;
	memcpy(copy, octets, n);
	config->nsid = copy;
	config->nsid_len = (uint8_t)n;
}

static const struct schema_key cookie_keys[] = {
    {.name = "enable",
	.read = scalar_bool,
	.offset = offsetof(struct server_config, cookies)},
    {.name = "secrets",
	.read = scalar_path,
	.offset = offsetof(struct server_config, cookie_secrets)},
    {.name = "require",
	.read = scalar_bool,
	.offset = offsetof(struct server_config, cookies_require)},
};

/* `require` means nothing for a server that sends no cookies. */
static void
read_cookies(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	(void)key;
	if (value->kind == YAML_SCALAR && !yaml_empty(value)) {
		schema_expected(s, value, "{enable: true}");
		return;
	}
	schema_map(s, value, cookie_keys,
	    sizeof(cookie_keys) / sizeof(cookie_keys[0]), config);
	if (config->cookies_require && !config->cookies)
		errbuf_warn(s->eb, &value->at,
		    "cookies: require does nothing while enable is false");
}

static void
read_user(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	config->user_at = value->at;
	scalar_text(s, value, key, &config->user);
}

static void
read_state(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	config->state_at = value->at;
	scalar_path(s, value, key, &config->state);
}

static void
read_vantage_region(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	config->vantage_at = value->at;
	scalar_name(s, value, key, &config->vantage_region);
}

static const struct schema_key vantage_keys[] = {
    {.name = "name",
	.read = scalar_name,
	.offset = offsetof(struct server_config, vantage),
	.required = true},
    {.name = "region", .read = read_vantage_region},
};

/* A name, or a name and the region that it looks from. */
static void
read_vantage(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct server_config *config = out;

	if (value->kind == YAML_MAP)
		schema_map(s, value, vantage_keys,
		    sizeof(vantage_keys) / sizeof(vantage_keys[0]), config);
	else
		scalar_name(s, value, key, &config->vantage);
}

static void
read_resolver(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *resolver)
{
	(void)key;
	if (value->kind != YAML_SCALAR ||
	    endpoint_address_parse(value->text, DEFAULT_PORT, resolver) != 0)
		schema_expected(s, value,
		    "an address or address:port of a resolver (192.0.2.1, "
		    "\"[2001:db8::1]:53\")");
}

static const struct schema_key resolver_item = {.read = read_resolver};

static const struct schema_key server_keys[] = {
    {.name = "listen", .read = read_listen, .required = true},
    {.name = "http", .read = read_http},
    {.name = "http_names",
	SCHEMA_LIST(struct server_config, http_names, n_http_names,
	    &http_name_item, SERVER_MAX_HTTP_NAMES)},
    /* useradd(8) makes no longer names. */
    {.name = "user", .read = read_user, .max = 32},
    {.name = "state", .read = read_state},
    {.name = "vantage", .read = read_vantage},
    {.name = "node",
	.read = scalar_name,
	.offset = offsetof(struct server_config, node)},
    {.name = "share",
	.read = server_read_share,
	.offset = offsetof(struct server_config, share)},
    {.name = "alone",
	.read = scalar_bool,
	.offset = offsetof(struct server_config, alone)},
    {.name = "blind",
	.read = scalar_share,
	.offset = offsetof(struct server_config, blind_ppm)},
    {.name = "geo", .read = read_geo},
    /* A change is seen by its time, which local file systems have to some
     * milliseconds. */
    {.name = "geo_follow",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct server_config, geo_follow_ms),
	.min = 100,
	.max = 24 * 3600 * 1000},
    /* The most often that any is published is once a day. */
    {.name = "geo_max_age",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct server_config, geo_max_age_ms),
	.min = 24 * 3600 * 1000,
	.max = INT64_C(3650) * 24 * 3600 * 1000},
    /* Less than a minute would end before the next import. */
    {.name = "latency_max_age",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct server_config, latency_max_age_ms),
	.min = 60 * 1000,
	.max = INT64_C(3650) * 24 * 3600 * 1000},
    {.name = "include_from",
	SCHEMA_LIST(struct server_config, include_from, n_include_from,
	    &path_item, SERVER_MAX_INCLUDE_FROM)},
    {.name = "zones", .read = server_read_zones, .required = true},
    {.name = "stale",
	SCHEMA_KEYS(stale_keys),
	.form = "{after: 30s, then: keep}"},
    {.name = "workers",
	.read = scalar_unsigned,
	.offset = offsetof(struct server_config, workers),
	.min = 0,
	.max = SERVER_MAX_WORKERS},
    /* RFC 6891, 6.2.3: 512 at least; 4096 is what middleboxes still let
     * pass. */
    {.name = "udp_size",
	.read = scalar_u16,
	.offset = offsetof(struct server_config, udp_size),
	.min = 512,
	.max = 4096},
    {.name = "tcp",
	.offset = offsetof(struct server_config, tcp),
	SCHEMA_KEYS(tcp_keys),
	.form = "{connections: 4096, per_client: 64}"},
    {.name = "identity",
	.read = read_identity,
	.offset = offsetof(struct server_config, identity)},
    {.name = "version",
	.read = read_identity,
	.offset = offsetof(struct server_config, version)},
    {.name = "nsid", .read = read_nsid},
    {.name = "cookies", .read = read_cookies},
    {.name = "rate_limit",
	.read = server_read_rate_limit,
	.offset = offsetof(struct server_config, rate_limit)},
    {.name = "history",
	.read = server_read_history,
	.offset = offsetof(struct server_config, history)},
    {.name = "query_log",
	.read = server_read_query_log,
	.offset = offsetof(struct server_config, query_log)},
    {.name = "probe",
	.read = server_read_probe,
	.offset = offsetof(struct server_config, probe)},
    {.name = "hooks", .read = server_read_hooks},
    {.name = "advise",
	.read = server_read_advise,
	.offset = offsetof(struct server_config, advise)},
    {.name = "resolvers",
	SCHEMA_LIST(struct server_config, resolvers, n_resolvers,
	    &resolver_item, SERVER_MAX_RESOLVERS)},
    /* Longer than a day an address may have become somebody else's. */
    {.name = "resolve_keep",
	.read = scalar_ms,
	.offset = offsetof(struct server_config, resolve_keep_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
};

/* The geography that came with the programs, where it is installed. */
static void
set_default_geo(struct schema *s, struct server_config *config)
{
	static const char *const paths[] = {SERVER_DEFAULT_GEO};
	struct mark *at;

	if (access(SERVER_DEFAULT_GEO, F_OK) != 0)
		return;
	at = schema_array(s, 1, sizeof(*at));
	if (at == NULL)
		return;
	*at = (struct mark){.file = config->path};
	config->geo = paths;
	config->geo_at = at;
	config->n_geo = 1;
}

static bool
is_any(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, address_bits(a) / 8) == 0;
}

/* DNS over TCP and HTTP cannot share a port of an address; an address of all is
 * one of each. */
static void
check_http_differs(struct schema *s, const struct server_config *config,
    const struct endpoint_address *http, const struct mark *where)
{
	const struct endpoint_address *at;
	char shown[ADDRESS_TEXT];

	for (size_t i = 0; i < config->n_listen; i++) {
		at = &config->listen[i];
		if (at->port == 0 || at->port != http->port ||
		    at->address.family != http->address.family)
			continue;
		if (!address_equal(&at->address, &http->address) &&
		    !is_any(&at->address) && !is_any(&http->address))
			continue;
		errbuf_error(s->eb, where,
		    "http: the port of %s is that of listen in line %u, which "
		    "answers DNS there over TCP: write another port",
		    endpoint_address_format(http, shown),
		    config->listen_at[i].line);
		return;
	}
}

/* Two daemons have two pages. */
static void
check_probe_differs(struct schema *s, const struct server_config *config)
{
	const struct endpoint_address *http = &config->probe.http;
	char shown[ADDRESS_TEXT];

	if (http->port != 0 && http->port == config->http.port &&
	    address_equal(&http->address, &config->http.address))
		errbuf_error(s->eb, &config->probe.http_at,
		    "http: %s is the http of meridiand, in line %u: write "
		    "another port",
		    endpoint_address_format(http, shown), config->http_at.line);
}

/* Defaults first: what the file has is written over them. */
static void *
fill(struct schema *s, const struct yaml_node *root)
{
	struct server_config *config = schema_array(s, 1, sizeof(*config));

	if (config == NULL)
		return NULL;
	config->arena = s->arena;
	config->path = s->path;
	config->state = SERVER_DEFAULT_STATE;
	config->state_at = (struct mark){s->path, 0, 0};
	config->vantage = DEFAULT_VANTAGE;
	config->blind_ppm = 500000;
	set_default_geo(s, config);
	config->geo_follow_ms = 10000;
	config->stale_after_ms = 30000;
	config->stale_then = STALE_KEEP;
	config->stale_forget_ms = UINT64_C(7) * 24 * 3600 * 1000;
	config->latency_max_age_ms = UINT64_C(30) * 24 * 3600 * 1000;
	config->resolve_keep_ms = 5 * 60 * 1000;
	/* No fragments on any path of today (DNS flag day 2020). */
	config->udp_size = 1232;
	/* A resolver in a large network has some tens of connections; idle ones
	 * are kept for as long as it takes to use them again (RFC 9210, 4.2).
	 * A client is the /24 or /56 that one customer has. */
	config->tcp = (struct tcp_config){.connections = 4096,
	    .per_client = 64,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .idle_ms = 10000,
	    .stall_ms = 5000};
	config->version = DEFAULT_VERSION;
	config->cookies = true;
	/* Off until `responses` is there.  With a slip of 2 every second answer
	 * over the limit is a short one with TC, so that a real client whose
	 * address is forged still gets its answer, over TCP. */
	config->rate_limit = (struct rate_limit_config){.slip = 2,
	    .window_ms = 1000,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 65536};
	config->history = (struct history_config){
	    .on = true, .sample = 64, .every_ms = 60 * 1000, .max_mb = 1024};
	advise_defaults(&config->advise);
	server_share_defaults(&config->share);
	config->query_log = (struct query_log_config){
	    .sample = 100, .max_bytes = UINT64_C(1) << 30};
	schema_map(s, root, server_keys,
	    sizeof(server_keys) / sizeof(server_keys[0]), config);
	if (config->node == NULL)
		config->node = config->vantage;
	server_place_history(s, config->state, &config->history);
	check_http_differs(s, config, &config->http, &config->http_at);
	check_http_differs(
	    s, config, &config->probe.http, &config->probe.http_at);
	check_probe_differs(s, config);
	if (config->nsid == NULL && config->identity != NULL) {
		config->nsid = (const uint8_t *)config->identity;
		config->nsid_len = (uint8_t)strlen(config->identity);
	}
	return config;
}

struct server_config *
server_config_parse(
    const char *path, const char *text, size_t len, struct errbuf *eb)
{
	return schema_parse(path, text, len, NULL, eb, fill);
}

struct server_config *
server_config_read(const char *path, struct inputs *inputs, struct errbuf *eb)
{
	return schema_load(path, NULL, inputs, eb, fill);
}

struct server_config *
server_config_load(const char *path, struct errbuf *eb)
{
	return server_config_read(path, NULL, eb);
}

struct server_config *
server_config_glance(const char *path, struct errbuf *eb)
{
	return schema_glance(path, eb, fill);
}

void
server_config_destroy(struct server_config *config)
{
	if (config != NULL)
		arena_destroy(config->arena);
}
