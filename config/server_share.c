/*
 * The `share` of meridian.yaml.  Called by the reader of the node's file; looks
 * at who may read the files of secrets, and opens none.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/array.h"
#include "config/scalar.h"
#include "config/server_parts.h"

#define DEFAULT_PREFIX "/meridian/"
#define DNS_PORT 53

/* ":2379", or nothing. */
static bool
is_port(const char *text, size_t len)
{
	unsigned port = 0;

	if (len == 0)
		return true;
	if (text[0] != ':' || len == 1 || len > 6)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		port = 10 * port + (unsigned)(text[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

/* "etcd1.example.net:2379", "10.0.0.1", "[2001:db8::1]:2379". */
static bool
is_authority(const char *text, size_t len)
{
	static const char in_name[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-";
	struct address address;
	char inside[ADDRESS_TEXT];
	size_t host;

	if (text[0] != '[') {
		host = strspn(text, in_name);
		return host > 0 && host <= len &&
		    is_port(text + host, len - host);
	}
	host = strcspn(text, "]");
	if (host >= len || host - 1 >= sizeof(inside))
		return false;
	memcpy(inside, text + 1, host - 1);
	inside[host - 1] = '\0';
	return address_parse(inside, &address) == 0 && address.family == 6 &&
	    is_port(text + host + 1, len - host - 1);
}

/* The scheme and the authority, and nothing behind them but a slash. */
static void
read_member(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key text = {.read = scalar_text, .max = 512};
	const char *at = NULL;
	size_t len;

	(void)key;
	if (value->kind == YAML_SCALAR &&
	    strncasecmp(value->text, "https://", 8) == 0)
		at = value->text + 8;
	else if (value->kind == YAML_SCALAR &&
	    strncasecmp(value->text, "http://", 7) == 0)
		at = value->text + 7;
	len = at != NULL ? strcspn(at, "/") : 0;
	if (at == NULL || !is_authority(at, len) ||
	    strcmp(at + len, at[len] == '/' ? "/" : "") != 0) {
		schema_expected(s, value,
		    "the URL of a member of etcd, without a path "
		    "(https://10.0.0.1:2379)");
		return;
	}
	scalar_text(s, value, &text, out);
}

/* What is below one prefix is of one site: without the slash at its end,
 * "/meridian" would hold "/meridian-test/" too. */
static void
read_prefix(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._-/";
	const char *text = value->text;
	size_t len = value->kind == YAML_SCALAR ? strlen(text) : 0;

	(void)key;
	if (len < 3 || len > SHARE_MAX_PREFIX || text[0] != '/' ||
	    text[len - 1] != '/' || text[strspn(text, may)] != '\0' ||
	    strstr(text, "//") != NULL) {
		schema_expected(s, value,
		    "a prefix of letters, digits, '.', '_', '-' and '/', at "
		    "most %d, that begins and ends with a slash (/meridian/)",
		    SHARE_MAX_PREFIX);
		return;
	}
	scalar_text(
	    s, value, &(struct schema_key){.max = SHARE_MAX_PREFIX}, out);
}

/* A path of a secret, which is the owner's alone. */
static void
read_secret(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const char *path = NULL;
	struct stat st;

	scalar_path(s, value, key, &path);
	if (path == NULL)
		return;
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
		errbuf_warn(s->eb, &value->at,
		    "%s: others than its owner may read or change %s: chmod "
		    "go= %s",
		    key->name, path, path);
	*(const char **)out = path;
}

/* An address that somebody can send to. */
static void
read_address(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct endpoint_address at;

	(void)key;
	if (value->kind != YAML_SCALAR ||
	    endpoint_address_parse(value->text, DNS_PORT, &at) != 0 ||
	    at.port == 0 || address_is_any(&at.address)) {
		schema_expected(s, value,
		    "an address of this node, with a port unless that is 53 "
		    "(192.0.2.53)");
		return;
	}
	*(struct endpoint_address *)out = at;
}

bool
server_share_address(
    const struct server_config *config, struct endpoint_address *out)
{
	if (config->share.address.port != 0) {
		*out = config->share.address;
		return true;
	}
	for (size_t i = 0; i < config->n_listen; i++) {
		if (address_is_any(&config->listen[i].address))
			continue;
		*out = config->listen[i];
		return true;
	}
	return false;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
server_share_same(const struct share_config *a, const struct share_config *b)
{
	return array_same_texts(a->etcd, a->n_etcd, b->etcd, b->n_etcd) &&
	    same_text(a->prefix, b->prefix) && same_text(a->ca, b->ca) &&
	    same_text(a->certificate, b->certificate) &&
	    same_text(a->key, b->key) && same_text(a->user, b->user) &&
	    same_text(a->password_file, b->password_file) &&
	    a->lease_ms == b->lease_ms && a->address.port == b->address.port &&
	    (a->address.port == 0 ||
		address_equal(&a->address.address, &b->address.address));
}

void
server_share_defaults(struct share_config *out)
{
	*out = (struct share_config){
	    .prefix = DEFAULT_PREFIX, .lease_ms = 10 * 1000};
}

static const struct schema_key member_item = {.read = read_member};

/* Below two seconds a slow disk of etcd is a node lost; beyond five minutes
 * nobody counts on a node that is silent. */
static const struct schema_key share_keys[] = {
    {.name = "etcd",
	SCHEMA_LIST(
	    struct share_config, etcd, n_etcd, &member_item, SHARE_MAX_MEMBERS),
	.required = true},
    {.name = "prefix",
	.read = read_prefix,
	.offset = offsetof(struct share_config, prefix)},
    {.name = "ca",
	.read = scalar_path,
	.offset = offsetof(struct share_config, ca)},
    {.name = "certificate",
	.read = scalar_path,
	.offset = offsetof(struct share_config, certificate)},
    {.name = "key",
	.read = read_secret,
	.offset = offsetof(struct share_config, key)},
    {.name = "user",
	.read = scalar_text,
	.offset = offsetof(struct share_config, user),
	.max = 128},
    {.name = "password_file",
	.read = read_secret,
	.offset = offsetof(struct share_config, password_file)},
    {.name = "lease",
	.read = scalar_ms,
	.offset = offsetof(struct share_config, lease_ms),
	.min = 2 * 1000,
	.max = 5 * 60 * 1000},
    {.name = "address",
	.read = read_address,
	.offset = offsetof(struct share_config, address)},
};

static bool
is_secure(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

static size_t
count_secure(const struct share_config *share)
{
	size_t n = 0;

	for (size_t i = 0; i < share->n_etcd; i++)
		n += share->etcd[i] != NULL && is_secure(share->etcd[i]);
	return n;
}

bool
server_share_secure(const struct share_config *share)
{
	return count_secure(share) > 0;
}

/* Whether the URL of a member says at which port it listens. */
static bool
has_port(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const char *end = host[0] == '[' ? strchr(host, ']') : host;

	return strchr(end, ':') != NULL;
}

static bool
is_same_member(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= a[n - 1] == '/';
	m -= b[m - 1] == '/';
	return n == m && strncasecmp(a, b, n) == 0;
}

static void
check_members(struct schema *s, const struct yaml_node *value,
    const struct share_config *share)
{
	for (size_t i = 0; i < share->n_etcd; i++) {
		const char *url = share->etcd[i];

		if (!has_port(url))
			errbuf_warn(s->eb, &value->at,
			    "share: %s has no port, and is asked at port %s: "
			    "etcd listens on 2379 unless it is told another",
			    url, is_secure(url) ? "443" : "80");
		for (size_t j = 0; j < i; j++)
			if (is_same_member(url, share->etcd[j]))
				schema_error(
				    s, value, "%s is listed twice", url);
	}
}

/* One of a pair without the other is a mistake; keys that nothing uses, and a
 * password that everybody on the way reads, are said. */
static void
check_share(struct schema *s, const struct yaml_node *value,
    const struct share_config *share)
{
	size_t secure = count_secure(share);

	if ((share->certificate == NULL) != (share->key == NULL))
		schema_error(s, value,
		    "certificate and key are needed together: write %s, too",
		    share->key == NULL ? "key" : "certificate");
	if ((share->user == NULL) != (share->password_file == NULL))
		schema_error(s, value,
		    "user and password_file are needed together: write %s, too",
		    share->user == NULL ? "user" : "password_file");
	if (share->n_etcd == secure)
		return;
	if (secure == 0 && (share->ca != NULL || share->certificate != NULL))
		errbuf_warn(s->eb, &value->at,
		    "share: ca, certificate and key do nothing while no URL of "
		    "etcd begins with https://");
	if (share->user != NULL)
		errbuf_warn(s->eb, &value->at,
		    "share: the password of %s goes to etcd in the clear: "
		    "write URLs that begin with https://",
		    share->user);
}

void
server_read_share(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct share_config *share = out;
	unsigned before = s->eb->errors;

	(void)key;
	if (value->kind != YAML_MAP) {
		schema_expected(s, value, "{etcd: [https://10.0.0.1:2379]}");
		return;
	}
	share->at = value->at;
	schema_map(s, value, share_keys,
	    sizeof(share_keys) / sizeof(share_keys[0]), share);
	if (s->eb->errors == before)
		check_share(s, value, share);
	if (s->eb->errors == before)
		check_members(s, value, share);
}
