/*
 * The table of synonyms.  Called by the schema to word an error; accepts
 * nothing.
 */
#include "config/synonym.h"

#include <string.h>
#include <strings.h>

/* Words of gdnsd, PowerDNS, nginx, HAProxy, BIND and clouds, apart by blanks.
 */
static const struct {
	const char *key, *words;
} table[] = {
    {"every", "interval period frequency"},
    {"timeout", "deadline"},
    {"fall", "threshold retries max_fails failures unhealthy_threshold"},
    {"rise", "successes passes healthy_threshold"},
    {"path", "url uri endpoint request"},
    {"host", "hostname sni domain server_name"},
    {"scheme", "protocol proto tls ssl https"},
    {"expect", "status codes response"},
    {"preset", "type kind"},
    {"check", "healthcheck health_check monitor probe service_types"},
    {"check_at", "probe_at check_address"},
    {"address", "ip ips ipv4 ipv6 addr addresses target server cname a aaaa"},
    {"endpoints", "members servers backends nodes targets addresses"},
    {"at",
	"lat latitude lon longitude location coordinates coords geo position"},
    {"region", "location datacenter dc zone"},
    {"rank", "priority order failover policy method"},
    {"near_equal", "tolerance hysteresis threshold band within equal"},
    {"cost", "price costs rate"},
    {"split", "weights weighted canary"},
    {"ramp", "canary rollout analysis"},
    {"to", "max max_weight maxWeight target until weight"},
    {"step", "step_weight stepWeight steps by increment"},
    {"hold", "bake bake_time pause duration"},
    {"abort_when", "abort rollback abort_if metrics thresholds"},
    {"errors", "error_rate success_rate failures request-success-rate"},
    {"first_token", "latency ttft request-duration duration"},
    {"samples", "min_samples count requests"},
    {"last_resort", "fallback backup default"},
    {"fence", "geo geoip views countries rules"},
    {"clients", "match source from if countries"},
    {"subdivisions", "subdivision states state provinces regions region"},
    {"cities", "city towns"},
    {"rules", "targets map maps policies"},
    {"near", "radius within distance circle around"},
    {"km", "radius distance kilometers kilometres"},
    {"asns", "asn as"},
    {"prefixes", "cidr cidrs subnets nets ranges"},
    {"name", "zone origin id domain"},
    {"records", "file zonefile zone_file master"},
    {"steering", "policy geo"},
    {"listen", "bind address addresses interface interfaces port"},
    {"http", "metrics status web api"},
    {"geo", "geoip mmdb database maxmind"},
    {"state", "database db statefile"},
    {"workers", "threads cpus processes"},
    {"user", "username run_as uid"},
    {"vantage", "node location site"},
    {"checks", "healthchecks health_checks monitors probes service_types"},
    {"networks", "nets prefixes subnets"},
    {"regions", "datacenters locations sites"},
    {"pools", "groups backends resources"},
    {"services", "names hosts domains records"},
    {"max", "default"},
};

/* Whether ${text} is one of the words of ${list}. */
static bool
has_word(const char *list, const char *text)
{
	size_t len = strlen(text), n;

	for (; *list != '\0'; list += n + (list[n] == ' ')) {
		n = strcspn(list, " ");
		if (n == len && strncasecmp(list, text, n) == 0)
			return true;
	}
	return false;
}

bool
synonym_of(const char *text, const char *key)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].key, key) == 0)
			return has_word(table[i].words, text);
	return false;
}
