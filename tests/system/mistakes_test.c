/*
 * Mistakes as operators type them, one at a time, into good files: each must
 * get a message of `meridianctl check` that names file, line, column and value,
 * and says what to write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/harness.h"

/* The good files.  The first is for printf(): two ports of DNS, one of HTTP,
 * the geography. */
static const char meridian_yaml[] =
    "listen: [127.0.0.1:%u, \"[::1]:%u\"]\n"
    "http: 127.0.0.1:%u\n"
    "state: state.db\n"
    "vantage: us-east\n"
    "geo: [%s]\n"
    "stale: {after: 30s, then: keep}\n"
    "rate_limit: {responses: 200}\n"
    "zones:\n"
    "  - name: inference.example.com\n"
    "    records: inference.zone\n"
    "    steering: inference.yaml\n"
    "  - {name: example.net, records: net.zone}\n";

static const char inference_yaml[] =
    "networks:\n"
    "  office: {prefixes: [10.0.0.0/8, \"2001:db8:ff00::/40\"], country: IE}\n"
    "  partner: {file: partner.txt, country: US}\n"
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "  eu-west: {at: [53.3, -6.3], bias: 10}\n"
    "checks:\n"
    "  chat: {preset: vllm, model: llama-3-70b, port: 8000, every: 5s, "
    "timeout: 2s}\n"
    "  web:\n"
    "    preset: http\n"
    "    scheme: https\n"
    "    port: 443\n"
    "    path: /health\n"
    "    host: web.inference.example.com\n"
    "    fall: 3\n"
    "    rise: 2\n"
    "    quorum: majority\n"
    "pools:\n"
    "  chat-v1:\n"
    "    check: chat\n"
    "    endpoints:\n"
    "      - {name: use1-a, region: us-east, address: [192.0.2.10, "
    "\"2001:db8:1::10\"], weight: 3}\n"
    "      - {name: euw1-a, region: eu-west, address: [198.51.100.10, "
    "\"2001:db8:2::10\"]}\n"
    "  chat-v2:\n"
    "    check: chat\n"
    "    endpoints:\n"
    "      - {name: use1-b, region: us-east, address: [192.0.2.20, "
    "\"2001:db8:1::20\"]}\n"
    "      - {name: euw1-b, region: eu-west, address: [198.51.100.20, "
    "\"2001:db8:2::20\"]}\n"
    "  web:\n"
    "    check: web\n"
    "    endpoints:\n"
    "      - name: use1-w\n"
    "        region: us-east\n"
    "        address: 192.0.2.30\n"
    "      - name: euw1-w\n"
    "        region: eu-west\n"
    "        address: 198.51.100.30\n"
    "services:\n"
    "  chat:\n"
    "    split: {chat-v1: 95, chat-v2: 5}\n"
    "    fence:\n"
    "      - {clients: {continents: [EU], networks: [office]}, regions: "
    "[eu-west], hard: true}\n"
    "      - {clients: unknown, regions: [us-east, eu-west], hard: true}\n"
    "    rank: nearest\n"
    "    ttl: {max: 60s, min: 5s}\n"
    "    last_resort: [records]\n"
    "  web:\n"
    "    pool: web\n"
    "    rank: {listed: [us-east, eu-west]}\n"
    "    fence:\n"
    "      - {clients: {networks: [partner], countries: [CA]}, regions: "
    "[us-east]}\n";

static const char inference_zone[] =
    "$TTL 300\n"
    "@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
    "@ NS ns1\n"
    "@ NS ns2\n"
    "ns1 A 192.0.2.53\n"
    "ns2 A 198.51.100.53\n"
    "chat A 192.0.2.99\n"
    " AAAA 2001:db8:1::99\n"
    "api CNAME chat\n"
    "docs A 192.0.2.80\n"
    " TXT \"documentation\"\n"
    "@ MX 10 docs\n"
    "svc HTTPS 1 docs alpn=h2\n";

static const char net_zone[] =
    "$TTL 300\n"
    "@ SOA ns1.inference.example.com. hostmaster 1 3600 600 86400 60\n"
    "@ NS ns1.inference.example.com.\n";

static const char partner_txt[] = "203.0.113.0/24\n"
				  "198.51.100.0/25 # the new office\n";

enum { NODE, STEERING, RECORDS, PARTNER, FILES };

static const struct {
	const char *name, *text;
} good[FILES] = {
    [NODE] = {"meridian.yaml", meridian_yaml},
    [STEERING] = {"inference.yaml", inference_yaml},
    [RECORDS] = {"inference.zone", inference_zone},
    [PARTNER] = {"partner.txt", partner_txt},
};

/* The file that the mistake is typed into, the words in it that are replaced,
 * what is typed in their place, and all that is said. */
static const struct {
	const char *says;
	int file;
	const char *words, *mistake, *messages;
} mistakes[] = {
    {"an IPv6 address with its port, without quotes", NODE, "listen: [",
	"listen: [[::]:53, ",
	"meridian.yaml:1:10: error: an IPv6 address in brackets is "
	"quoted: write \"[::]:53\", quotes included\n"},
    {"the name of this machine in place of its address", NODE, "listen: [",
	"listen: [localhost:53, ",
	"meridian.yaml:1:10: error: listen: expected an address or "
	"address:port (192.0.2.1, \"[2001:db8::1]:53\"), found "
	"\"localhost:53\"\n"},
    {"the name of an interface", NODE, "listen: [", "listen: [eth0, ",
	"meridian.yaml:1:10: error: listen: expected an address or "
	"address:port (192.0.2.1, \"[2001:db8::1]:53\"), found \"eth0\"\n"},
    {"HTTP by its port alone", NODE, "http: 127.0.0.1:", "http: 8053 #",
	"meridian.yaml:2:7: error: http: expected address:port "
	"(127.0.0.1:8053), found \"8053\"\n"},
    {"a colon that was forgotten", NODE, "vantage: us", "vantage us",
	"meridian.yaml:4:1: error: expected \"key: value\", found "
	"\"vantage us-east\": a colon and a blank belong after the key\n"},
    {"a blank after the colon that was forgotten", NODE, "vantage: us",
	"vantage:us",
	"meridian.yaml:4:1: error: expected \"key: value\", found "
	"\"vantage:us-east\": a colon and a blank belong after the key\n"},
    {"a line that begins with a blank", NODE, "vantage: us", " vantage: us",
	"meridian.yaml:4:2: error: \"vantage: us-east\" is indented by 1 "
	"blanks, more than line 3, which has its value already: indent "
	"it by 0\n"},
    {"a line that begins with a tab", NODE, "    records: inf",
	"\trecords: inf",
	"meridian.yaml:10:1: error: a tab indents this line: indent with "
	"blanks instead\n"},
    {"a duration where a mapping is", NODE, "{after: 30s, then: keep}", "30s",
	"meridian.yaml:6:8: error: stale: expected {after: 30s, then: "
	"keep}, found \"30s\"\n"},
    {"a duration without its unit", NODE, "after: 30s", "after: 30",
	"meridian.yaml:6:16: error: after: expected a duration with its "
	"unit (ms, s, m, h, d) from 100ms to 24h, found \"30\"\n"},
    {"a word that is none of three", NODE, "then: keep", "then: last",
	"meridian.yaml:6:27: error: then: expected keep, up or down, "
	"found \"last\"\n"},
    {"a colon inside braces", NODE, "after: 30s", "after 30s",
	"meridian.yaml:6:9: error: unknown key \"after 30s\": write "
	"\"after: 30s\", with a colon and a blank after the key\n"},
    {"a comma inside braces", NODE, "30s, then", "30s then",
	"meridian.yaml:6:24: error: a comma is missing in \"30s then\": "
	"write {a: 1, b: 2}, [a, b]\n"},
    {"a brace that is not closed", NODE, "then: keep}", "then: keep",
	"meridian.yaml:6:8: error: this \"{\" is never closed: \"}\" is "
	"missing\n"},
    {"keys that lost their indent", NODE, "stale: {after: 30s, then: keep}",
	"stale:\n"
	"after: 30s",
	"meridian.yaml:7:1: error: unknown key \"after\" here: it "
	"belongs to \"stale\", so indent it below that\n"},
    {"a number where a mapping is", NODE, "{responses: 200}", "200",
	"meridian.yaml:7:13: error: rate_limit: expected {responses: "
	"200}, found \"200\"\n"},
    {"a master file that is not there", NODE, "records: inference.zone",
	"records: db.inference",
	"meridian.yaml:10:14: error: cannot open \"db.inference\": No "
	"such file or directory\n"},
    {"a steering file that is not there", NODE, "steering: inference.yaml",
	"steering: steer.yml",
	"meridian.yaml:11:15: error: cannot open \"steer.yml\": No such "
	"file or directory\n"},
    {"a database that is not there", NODE, "geo: [",
	"geo: [GeoLite2-City.mmdb, ",
	"meridian.yaml:5:7: error: GeoLite2-City.mmdb: No such file or "
	"directory\n"},
    {"a user that is not there", NODE, "vantage: us-east", "user: nosuchuser",
	"meridian.yaml:4:7: error: user: there is no user nosuchuser: no "
	"daemon would start\n"},
    {"a zone without a dash", NODE, "  - {name: example.net, ",
	"  {name: example.net, ",
	"meridian.yaml:12:3: error: \"{name: example.net, records: "
	"net.zone}\" is no part of the item of line 9: indent it by 4 "
	"blanks, as the text after \"-\", or begin it with \"- \"\n"},
    {"a dash without a blank", NODE, "  - name: inference",
	"  -name: inference",
	"meridian.yaml:9:3: error: a blank is missing after \"-\": write "
	"\"- name\", found \"-name: inference.example.com\"\n"},
    {"an item that goes on at its dash", NODE, "    steering: inf",
	"  steering: inf",
	"meridian.yaml:11:3: error: \"steering: inference.yaml\" is no "
	"part of the item of line 9: indent it by 4 blanks, as the text "
	"after \"-\", or begin it with \"- \"\n"},
    {"an item that goes on too deep", NODE, "    steering: inf",
	"      steering: inf",
	"meridian.yaml:11:7: error: \"steering: inference.yaml\" is "
	"indented by 6 blanks, more than line 10, which has its value "
	"already: indent it by 4\n"},
    {"the file of a zone by another key", NODE, "    records: inf",
	"    file: inf",
	"meridian.yaml:10:5: error: unknown key \"file\", did you mean "
	"\"records\"?\n"},
    {"a zone with two dots", NODE, "- name: inference.example",
	"- name: inference..example",
	"meridian.yaml:9:11: error: name: expected the name of a zone "
	"(inference.example; a blank in it is written \\032), found "
	"\"inference..example.com\"\n"},
    {"a zone twice", NODE, "{name: example.net, ",
	"{name: INFERENCE.example.com., ",
	"meridian.yaml:12:5: error: zone \"inference.example.com\" is "
	"given twice: it is in line 9 already\n"},
    {"a key that is misspelt", NODE, "zones:", "zone:",
	"meridian.yaml:8:1: error: unknown key \"zone\", did you mean "
	"\"zones\"?\n"},
    {"a key that nobody has", NODE, "vantage: us-east", "loglevel: debug",
	"meridian.yaml:4:1: error: unknown key \"loglevel\", known are: "
	"listen, "
	"http, http_names, user, state, vantage, node, share, alone, blind, "
	"geo, geo_follow, geo_max_age, latency_max_age, include_from, zones, "
	"...\n"},
    {"a key twice", NODE, "vantage: us-east",
	"vantage: us-east\n"
	"vantage: eu-west",
	"meridian.yaml:5:1: error: key \"vantage\" is given twice: it is "
	"in line 4 already\n"},
    {"latitude and longitude swapped", STEERING, "at: [39.0, -77.5]",
	"at: [-77.5, 39.0]",
	"inference.yaml:5:18: warning: at: the latitude comes first, and "
	"-77.5 is one of Antarctica: is [39.0, -77.5] meant?\n"},
    {"a position without brackets", STEERING, "at: [39.0, -77.5]",
	"at: 39.0, -77.5",
	"inference.yaml:5:23: error: unknown key \"-77.5\": is it part "
	"of \"at\"? A list is written in brackets: at: [a, b]\n"},
    {"a position by two keys", STEERING, "at: [39.0, -77.5]",
	"lat: 39.0, lon: -77.5",
	"inference.yaml:5:13: error: unknown key \"lat\", did you mean "
	"\"at\"?\n"
	"inference.yaml:5:24: error: unknown key \"lon\", did you mean "
	"\"at\"?\n"},
    {"a position in letters", STEERING, "at: [39.0, -77.5]", "at: [39N, 77W]",
	"inference.yaml:5:18: error: at: expected a latitude from -90 to "
	"90, found \"39N\"\n"},
    {"a region that is deeper than the others", STEERING, "  eu-west: {at",
	"   eu-west: {at",
	"inference.yaml:6:4: error: \"eu-west: {at: [53.3, -6.3], bias: "
	"10}\" is indented by 3 blanks, more than line 5, which has its "
	"value already: indent it by 2\n"},
    {"a bracket that a brace closes", STEERING, "at: [39.0, -77.5]}",
	"at: [39.0, -77.5}",
	"inference.yaml:5:29: error: \"[\" is closed by \"}\": the \"[\" "
	"of line 5, column 17 needs its \"]\" first\n"},
    {"a preset that is misspelt", STEERING, "preset: vllm", "preset: vlm",
	"inference.yaml:8:18: error: unknown preset \"vlm\", did you "
	"mean \"vllm\"?\n"},
    {"a preset that nobody has", STEERING, "preset: vllm", "preset: apache2",
	"inference.yaml:8:18: error: unknown preset \"apache2\", known "
	"are: epp, grpc, http, kserve, llamacpp, nim, oip, ollama, ray-serve, "
	"sglang, tcp, tfserving, tgi, tls, torchserve, triton, trtllm, vllm, "
	"and files NAME.yaml in the folder of the key \"presets\"; http asks "
	"any "
	"server, by port and path\n"},
    {"https as a preset", STEERING, "preset: http\n", "preset: https\n",
	"inference.yaml:10:13: error: preset: \"https\" is a scheme: "
	"write \"preset: http\" and \"scheme: https\"\n"},
    {"port 443 in plain HTTP", STEERING, "    scheme: https\n", "",
	"inference.yaml:11:11: warning: port: 443 is asked in plain "
	"HTTP: write \"scheme: https\" too, or \"scheme: http\" if that "
	"is meant\n"},
    {"https at the port of plain HTTP", STEERING, "port: 8000,",
	"scheme: https,",
	"inference.yaml:8:52: warning: scheme: https is asked at port "
	"8000, which is that of the preset vllm in plain HTTP: write the "
	"port (port: 443)\n"},
    {"the period by another word", STEERING, "every: 5s", "interval: 5s",
	"inference.yaml:8:56: error: unknown key \"interval\", did you "
	"mean \"every\"?\n"},
    {"a duration in words", STEERING, "every: 5s", "every: 5 seconds",
	"inference.yaml:8:63: error: every: expected a duration (200ms, "
	"5s, 1m, 2h) from 100ms to 1h, found \"5 seconds\"\n"},
    {"a timeout above the period", STEERING, "timeout: 2s", "timeout: 90s",
	"inference.yaml:8:76: error: timeout: 90s is more than 16 "
	"times \"every\", which is 5s\n"},
    {"a path without a slash", STEERING, "path: /health", "path: health",
	"inference.yaml:13:11: error: path: expected a path that starts "
	"with \"/\", in ASCII without blanks (/health); the name of the "
	"server goes to \"host\", found \"health\"\n"},
    {"a whole URL as the path", STEERING, "path: /health",
	"path: https://web.example.com/health",
	"inference.yaml:13:11: error: path: expected a path that starts "
	"with \"/\", in ASCII without blanks (/health); the name of the "
	"server goes to \"host\", found "
	"\"https://web.example.com/health\"\n"},
    {"a whole URL as the host", STEERING, "host: web", "host: https://web",
	"inference.yaml:14:11: error: host: expected a host name and no "
	"more (chat.example.com), found "
	"\"https://web.inference.example.com\"\n"},
    {"a file of authorities that is not there", STEERING, "    fall: 3\n",
	"    ca: missing.pem\n",
	"inference.yaml:9:3: error: ca: missing.pem: No such file or "
	"directory: the check cannot be made\n"},
    {"a quorum in per cents", STEERING, "quorum: majority", "quorum: 50%",
	"inference.yaml:17:13: error: quorum: expected majority, any, "
	"all or a number of vantages from 1 to 1000, found \"50%\"\n"},
    {"a quote that is not closed", STEERING, "path: /health", "path: \"/health",
	"inference.yaml:13:11: error: the quote that begins here is "
	"never closed, found \"path: \"/health\"\n"},
    {"a name as the address", STEERING, "address: 192.0.2.30",
	"address: use1.example.com",
	"inference.yaml:34:18: error: address: \"use1.example.com\" is a "
	"name: write its IPv4 and IPv6 addresses, or give it as "
	"\"resolve\" or \"cname\"\n"},
    {"an address with its port", STEERING, "address: 192.0.2.30",
	"address: 192.0.2.30:443",
	"inference.yaml:34:18: error: address: \"192.0.2.30:443\" has a "
	"port, and an answer names none: write 192.0.2.30, and the port "
	"in the check (port: 443)\n"},
    {"an address that is none", STEERING, "address: 192.0.2.30",
	"address: 192.0.2.300",
	"inference.yaml:34:18: error: address: expected an IPv4 or IPv6 "
	"address (192.0.2.1, \"2001:db8::1\"), found \"192.0.2.300\"\n"},
    {"a prefix as the address", STEERING, "address: 192.0.2.30",
	"address: 192.0.2.0/24",
	"inference.yaml:34:18: error: address: \"192.0.2.0/24\" is a "
	"prefix: write the address of one host\n"},
    {"an address of one link", STEERING, "address: 192.0.2.30",
	"address: 169.254.10.1",
	"inference.yaml:34:18: error: address: 169.254.10.1 is valid on "
	"one link only, where no client is: write an address that "
	"clients can reach\n"},
    {"addresses without brackets", STEERING, "[192.0.2.20, \"2001:db8:1::20\"]",
	"192.0.2.20, 2001:db8:1::20",
	"inference.yaml:27:62: error: unknown key \"2001:db8:1::20\": is "
	"it part of \"address\"? A list is written in brackets: address: "
	"[a, b]\n"},
    {"the address of another endpoint", STEERING, "address: 198.51.100.30",
	"address: 192.0.2.30",
	"inference.yaml:35:9: warning: endpoint \"euw1-w\" has the "
	"address 192.0.2.30 of \"use1-w\" in line 32: it gets the "
	"clients of both\n"},
    {"families that differ", STEERING, "[192.0.2.20, \"2001:db8:1::20\"]",
	"192.0.2.20",
	"inference.yaml:28:9: error: endpoint \"euw1-b\" has IPv4 and "
	"IPv6, but \"use1-b\" in line 27 has only IPv4: give all "
	"endpoints the same, or say \"families: mixed\" of the pool\n"},
    {"an endpoint twice", STEERING, "name: euw1-b", "name: use1-b",
	"inference.yaml:28:9: error: endpoint \"use1-b\" is given twice "
	"in the pool: it is in line 27 already\n"},
    {"a name with a blank", STEERING, "name: use1-w", "name: use1 w",
	"inference.yaml:32:15: error: expected a name of 1 to 63 "
	"letters, digits, \"-\", \"_\" or \".\", found \"use1 w\"\n"},
    {"a region that is misspelt", STEERING,
	"region: us-east, address: [192.0.2.20",
	"region: useast, address: [192.0.2.20",
	"inference.yaml:27:32: error: unknown region \"useast\", did you "
	"mean \"us-east\"?\n"},
    {"a key that is missing", STEERING, "region: us-east, address: [192.0.2.20",
	"address: [192.0.2.20",
	"inference.yaml:27:9: error: endpoints: the key \"region\" is "
	"missing\n"},
    {"a weight in per cents", STEERING, "weight: 3", "weight: 30%",
	"inference.yaml:22:90: error: weight: expected a whole number "
	"from 0 to 1000000, found \"30%\"\n"},
    {"a check that is not there", STEERING, "    check: web", "    check: http",
	"inference.yaml:30:12: error: unknown check \"http\", known are: "
	"chat, web\n"},
    {"a service in full without its last dot", STEERING,
	"  chat:\n"
	"    split",
	"  chat.inference.example.com:\n"
	"    split",
	"inference.yaml:39:3: error: service "
	"\"chat.inference.example.com\" has no last dot, so that it "
	"would be chat.inference.example.com.inference.example.com.: "
	"write \"chat.inference.example.com.\", or the part before the "
	"zone's name alone\n"},
    {"a service of another zone", STEERING,
	"  chat:\n"
	"    split",
	"  chat.example.org.:\n"
	"    split",
	"inference.yaml:39:3: error: service 'chat.example.org.' is not "
	"in the zone inference.example.com.\n"},
    {"a service that has a CNAME", STEERING,
	"  chat:\n"
	"    split",
	"  api:\n"
	"    split",
	"inference.yaml:39:3: error: service api.inference.example.com.: "
	"cannot be steered: the zone file has a CNAME at "
	"api.inference.example.com.\n"},
    {"a wildcard without quotes", STEERING,
	"  chat:\n"
	"    split",
	"  *.img:\n"
	"    split",
	"inference.yaml:39:4: error: aliases (*name) are not accepted: "
	"write it out, or quote a text that starts with *\n"},
    {"the apex without quotes", STEERING,
	"  chat:\n"
	"    split",
	"  @:\n"
	"    split",
	"inference.yaml:39:3: error: a text that begins with \"@\" is "
	"quoted: write \"@\", quotes included\n"},
    {"a service twice", STEERING,
	"  web:\n"
	"    pool",
	"  chat:\n"
	"    pool",
	"inference.yaml:47:3: error: key \"chat\" is given twice: it is "
	"in line 39 already\n"},
    {"per cents that are more than all", STEERING, "chat-v1: 95, chat-v2: 5",
	"chat-v1: 95%, chat-v2: 10%",
	"inference.yaml:40:12: error: split: the per cents add up to "
	"105%, expected 100%\n"},
    {"pools as a list", STEERING, "{chat-v1: 95, chat-v2: 5}",
	"[chat-v1, chat-v2]",
	"inference.yaml:40:12: error: split: expected {pool: weight, "
	"...} ({chat-v1: 95, chat-v2: 5}), found a list\n"},
    {"the continent by its name", STEERING, "continents: [EU]",
	"continents: [Europe]",
	"inference.yaml:42:33: error: continents: expected AF, AN, AS, "
	"EU, NA, OC or SA, found \"Europe\"\n"},
    {"the European Union as a country", STEERING, "countries: [CA]",
	"countries: [EU]",
	"inference.yaml:51:53: error: countries: EU is no country, write "
	"\"continents: [EU]\" for the continent or \"unions: [EU]\" for "
	"the union\n"},
    {"the United Kingdom as people say it", STEERING, "countries: [CA]",
	"countries: [UK]",
	"inference.yaml:51:53: error: countries: expected GB for the "
	"United Kingdom, found \"UK\"\n"},
    {"countries without brackets", STEERING, "countries: [CA]",
	"countries: CA, MX",
	"inference.yaml:51:56: error: unknown key \"MX\": is it part of "
	"\"countries\"? A list is written in brackets: countries: [a, "
	"b]\n"},
    {"a prefix where a network is", STEERING, "networks: [office]",
	"networks: [10.0.0.0/8]",
	"inference.yaml:42:49: error: unknown network \"10.0.0.0/8\", "
	"known are: office, partner\n"},
    {"yes for true", STEERING, "regions: [eu-west], hard: true",
	"regions: [eu-west], hard: yes",
	"inference.yaml:42:85: error: hard: expected true or false, "
	"found \"yes\"\n"},
    {"a state of the United States by its name", STEERING, "countries: [CA]",
	"subdivisions: [California]",
	"inference.yaml:51:56: error: subdivisions: expected a subdivision of "
	"a country as ISO 3166-2 has it (US-CA, GB-ENG), found "
	"\"California\"\n"},
    {"states by another server's word", STEERING, "countries: [CA]",
	"states: [US-CA]",
	"inference.yaml:51:41: error: unknown key \"states\", did you mean "
	"\"subdivisions\"?\n"},
    {"a city by its name alone", STEERING, "countries: [CA]",
	"cities: [London]",
	"inference.yaml:51:50: error: cities: expected a city by its number at "
	"GeoNames, or by its name after its country or subdivision (5391959, "
	"GB/London, US-CA/San Francisco), found \"London\"\n"},
    {"a radius in metres", STEERING, "countries: [CA]",
	"near: {at: [52.5, 13.4], km: 300000}",
	"inference.yaml:51:70: error: km: expected a whole number from 1 to "
	"20015, found \"300000\"\n"},
    {"a middle with its longitude first", STEERING, "countries: [CA]",
	"near: {at: [-122.4, 37.8], km: 300}",
	"inference.yaml:51:53: error: at: -122.4 is no latitude, which is from "
	"-90 to 90 and comes first: is [37.8, -122.4] meant?\n"},
    {"subdivisions without a database of them", STEERING, "countries: [CA]",
	"subdivisions: [US-CA]",
	"inference.yaml:51:19: warning: clients: subdivisions: no database of "
	"geo knows subdivisions, so that this matches nobody: name one that "
	"does, such as GeoLite2-City\n"},
    {"AS numbers without a database of them", STEERING, "countries: [CA]",
	"asns: [64500]",
	"inference.yaml:51:19: warning: clients: asns: no database of geo "
	"knows AS numbers, so that this matches nobody: name one that does, "
	"such as GeoLite2-ASN\n"},
    {"a rank by another word", STEERING, "rank: nearest", "rank: geo",
	"inference.yaml:44:11: error: rank: expected nearest, latency, "
	"{listed: "
	"[region, ...]} or {rules: [{clients: ..., regions: [region, ...]}, "
	"...]}, found \"geo\"\n"},
    {"a rank as a list", STEERING, "{listed: [us-east, eu-west]}",
	"[us-east, eu-west]",
	"inference.yaml:49:11: error: rank: expected nearest, latency, "
	"{listed: "
	"[region, ...]} or {rules: [{clients: ..., regions: [region, ...]}, "
	"...]}, found a list\n"},
    {"a rank by what it measures", STEERING, "rank: nearest", "rank: rtt",
	"inference.yaml:44:11: error: rank: expected nearest, latency, "
	"{listed: [region, ...]} or {rules: [{clients: ..., regions: "
	"[region, ...]}, ...]}, found \"rtt\"\n"},
    {"a share of what is near without its sign", STEERING, "rank: nearest",
	"near_equal: 0.15",
	"inference.yaml:44:17: error: near_equal: expected a share (from 0% to "
	"100%), a time (10ms, at most 10000ms) or a distance (200km, at most "
	"20015km), found \"0.15\"\n"},
    {"near in miles", STEERING, "rank: nearest", "near_equal: 100mi",
	"inference.yaml:44:17: error: near_equal: expected a share (from 0% to "
	"100%), a time (10ms, at most 10000ms) or a distance (200km, at most "
	"20015km), found \"100mi\"\n"},
    {"near in time where the order is by distance", STEERING, "rank: nearest",
	"near_equal: 10ms",
	"inference.yaml:44:17: error: near_equal: 10ms is a time, and without "
	"\"rank: latency\" the order is by distance: write a distance "
	"(200km) or a share (15%)\n"},
    {"near in a list", STEERING, "rank: {listed: [us-east, eu-west]}",
	"rank: {listed: [us-east, eu-west]}\n    near_equal: 15%",
	"inference.yaml:50:17: error: near_equal: a list is its own order, in "
	"which nothing is equal: take near_equal or \"rank: {listed: ...}\" "
	"away\n"},
    {"what is near is misspelt", STEERING, "rank: nearest", "near_eqal: 15%",
	"inference.yaml:44:5: error: unknown key \"near_eqal\", did you mean "
	"\"near_equal\"?\n"},
    {"near, and nothing has a cost", STEERING, "rank: nearest",
	"near_equal: 15%",
	"inference.yaml:44:17: warning: near_equal: nothing of the service "
	"says its cost, so that of regions that are near equal the first by "
	"name gets all clients: give regions or endpoints a cost\n"},
    {"a cost that nothing asks for", STEERING, "at: [39.0, -77.5]}",
	"at: [39.0, -77.5], cost: 2.5}",
	"inference.yaml:5:3: warning: cost: no service has near_equal, and "
	"cost decides among regions that are near equal only\n"},
    {"a cost with its currency", STEERING, "at: [39.0, -77.5]}",
	"at: [39.0, -77.5], cost: 2.5 USD}",
	"inference.yaml:5:38: error: cost: expected a number from 0 to 1000000 "
	"with at most 4 digits after the point, found \"2.5 USD\"\n"},
    {"a cost below 0", STEERING, "at: [39.0, -77.5]}",
	"at: [39.0, -77.5], cost: -1}",
	"inference.yaml:5:38: error: cost: expected a number from 0 to 1000000 "
	"with at most 4 digits after the point, found \"-1\"\n"},
    {"a price", STEERING, "weight: 3", "price: 3",
	"inference.yaml:22:82: error: unknown key \"price\", did you mean "
	"\"cost\"?\n"},
    {"rules by another server's word", STEERING, "{listed: [us-east, eu-west]}",
	"{targets: [{clients: all, regions: us-east}]}",
	"inference.yaml:49:12: error: unknown key \"targets\", did you mean "
	"\"rules\"?\n"},
    {"a rule of a rank without its regions", STEERING,
	"{listed: [us-east, eu-west]}", "{rules: [{clients: all}]}",
	"inference.yaml:49:20: error: rules: the key \"regions\" is "
	"missing\n"},
    {"rules that leave a region out", STEERING, "{listed: [us-east, eu-west]}",
	"{rules: [{clients: all, regions: us-east}]}",
	"inference.yaml:49:20: warning: rank: no rule names region "
	"\"eu-west\", where the service has endpoints: they are used only "
	"when nothing in the regions of a client's rule is\n"},
    {"rules after one for everyone", STEERING, "{listed: [us-east, eu-west]}",
	"{rules: [{clients: all, regions: [us-east, eu-west]}, {clients: "
	"{countries: DE}, regions: eu-west}]}",
	"inference.yaml:49:20: warning: rank: the rules after \"clients: "
	"all\" are never reached\n"},
    {"a region that a list leaves out", STEERING,
	"{listed: [us-east, eu-west]}", "{listed: [us-east]}",
	"inference.yaml:49:20: error: listed: region \"eu-west\" is "
	"missing, the service has endpoints there\n"},
    {"a TTL without its unit", STEERING, "{max: 60s, min: 5s}", "60",
	"inference.yaml:45:10: error: ttl: expected a duration with its "
	"unit (s, m, h, d) from 0s to 24h, found \"60\"\n"},
    {"a TTL whose bounds are swapped", STEERING, "{max: 60s, min: 5s}",
	"{max: 5s, min: 60s}",
	"inference.yaml:45:10: error: ttl: min, 60s, is above max, 5s\n"},
    {"a last resort by another word", STEERING, "last_resort: [records]",
	"fallback: 192.0.2.99",
	"inference.yaml:46:5: error: unknown key \"fallback\", did you "
	"mean \"last_resort\"?\n"},
    {"a last resort after the last", STEERING, "last_resort: [records]",
	"last_resort: [all, records]",
	"inference.yaml:46:19: error: last_resort: all ends the list, "
	"nothing may follow it\n"},
    {"a prefix with bits after its length", STEERING, "prefixes: [10.0.0.0/8",
	"prefixes: [10.1.0.0/8",
	"inference.yaml:2:23: error: prefix \"10.1.0.0/8\" has bits set "
	"behind its length, write 10.0.0.0/8\n"},
    {"a file of prefixes that is not there", STEERING, "file: partner.txt",
	"file: partners.txt",
	"inference.yaml:3:19: error: cannot open \"partners.txt\": No "
	"such file or directory\n"},
    {"two prefixes in one line", PARTNER, "203.0.113.0/24",
	"203.0.113.0/24, 192.0.2.0/24",
	"partner.txt:1:1: error: expected a prefix (10.0.0.0/8, "
	"2001:db8::/32), found \"203.0.113.0/24, 192.0.2.0/24\"\n"},
    {"a prefix of 33 bits", PARTNER, "203.0.113.0/24", "203.0.113.0/33",
	"partner.txt:1:1: error: expected a prefix (10.0.0.0/8, "
	"2001:db8::/32), found \"203.0.113.0/33\"\n"},
    {"an owner without its last dot", RECORDS, "docs A",
	"docs.inference.example.com A",
	"inference.zone:10:1: warning: \"docs.inference.example.com\" "
	"has no last dot, so that it is "
	"docs.inference.example.com.inference.example.com.: write "
	"\"docs.inference.example.com.\"\n"
	"inference.zone:12:1: warning: inference.example.com. MX: the host "
	"docs.inference.example.com. has no A or AAAA record\n"
	"inference.zone:13:1: warning: svc.inference.example.com. HTTPS: "
	"its target docs.inference.example.com. is not in the zone\n"},
    {"a target without its last dot", RECORDS, "api CNAME chat",
	"api CNAME chat.inference.example.com",
	"inference.zone:9:11: warning: \"chat.inference.example.com\" "
	"has no last dot, so that it is "
	"chat.inference.example.com.inference.example.com.: write "
	"\"chat.inference.example.com.\"\n"},
    {"a target that is not there", RECORDS, "api CNAME chat", "api CNAME chta",
	"inference.zone:9:1: warning: api.inference.example.com. CNAME: "
	"its target chta.inference.example.com. is not in the zone\n"},
    {"a name server without an address", RECORDS, "@ NS ns2", "@ NS ns3",
	"inference.zone:4:1: warning: inference.example.com. NS: the host "
	"ns3.inference.example.com. has no A or AAAA record\n"},
    {"a mailbox with an @", RECORDS, "ns1 hostmaster",
	"ns1 hostmaster@example.com.",
	"inference.zone:2:11: warning: SOA: \"hostmaster@example.com.\" "
	"has an \"@\", and a mailbox is written with a dot instead: "
	"write \"hostmaster.example.com.\"\n"},
    {"an IPv6 address in an A record", RECORDS, "docs A 192.0.2.80",
	"docs A 2001:db8::80",
	"inference.zone:10:8: error: A: \"2001:db8::80\" is no IPv4 "
	"address; an AAAA record has IPv6 addresses\n"},
    {"a name in an A record", RECORDS, "docs A 192.0.2.80",
	"docs A docs.example.net.",
	"inference.zone:10:8: error: A: \"docs.example.net.\" is no IPv4 "
	"address; a CNAME record has a name\n"},
    {"a TTL after the type", RECORDS, "docs A 192.0.2.80",
	"docs A 300 192.0.2.80",
	"inference.zone:10:8: error: A: \"300\" is no IPv4 address; a "
	"TTL is written before the type\n"},
    {"an MX without its preference", RECORDS, "@ MX 10 docs", "@ MX docs",
	"inference.zone:12:6: error: MX: \"docs\" is no number from 0 to "
	"65535; an MX has a preference before its host (10 mail)\n"},
    {"a type of another server", RECORDS, "docs A 192.0.2.80",
	"docs ALIAS www.example.net.",
	"inference.zone:10:6: error: \"ALIAS\" is a type of other "
	"servers: what chooses addresses by client and health is a "
	"service of the zone's steering file here "
	"(meridian-steering(5))\n"},
    {"a record with a script", RECORDS, "docs A 192.0.2.80",
	"docs LUA A \"ifportup(443)\"",
	"inference.zone:10:6: error: \"LUA\" is a type of other servers: "
	"what chooses addresses by client and health is a service of the "
	"zone's steering file here (meridian-steering(5))\n"},
    {"a comment of another kind of file", RECORDS, "$TTL 300",
	"# our zone\n"
	"$TTL 300",
	"inference.zone:1:1: error: \"#\" begins no comment; a comment "
	"begins with ;\n"},
    {"a directive without its sign", RECORDS, "$TTL 300", "TTL 300",
	"inference.zone:1:1: error: \"TTL\" begins no record; a "
	"directive begins with $ ($TTL, $ORIGIN, $INCLUDE)\n"},
    {"a record of another zone", RECORDS, "svc HTTPS", "svc.example.net. HTTPS",
	"inference.zone:13:1: error: svc.example.net.: is not in the "
	"zone inference.example.com.\n"},
    {"data beside a CNAME", RECORDS, "api CNAME chat", "docs CNAME chat",
	"inference.zone:10:1: error: docs.inference.example.com.: A beside "
	"a CNAME, which stands at line 9 (RFC 2181, 10.1)\n"
	"inference.zone:12:1: warning: inference.example.com. MX: the host "
	"docs.inference.example.com. is a CNAME (RFC 2181, 10.3)\n"},
    {"an address hint at a steered name", RECORDS, "svc HTTPS 1 docs alpn=h2",
	"chat HTTPS 1 . ipv4hint=192.0.2.1",
	"inference.zone:13:1: warning: chat.inference.example.com. HTTPS: "
	"its ipv4hint is not given out: clients might use it in place of the "
	"addresses to which chat.inference.example.com. is steered\n"},
    {"a parenthesis that is not closed", RECORDS, "hostmaster 1 3600",
	"hostmaster ( 1 3600",
	"inference.zone:2:22: error: this ( is never closed\n"},
    {"a text that is not closed", RECORDS, "\"documentation\"",
	"\"documentation",
	"inference.zone:11:6: error: the line ends inside quotes or "
	"after a backslash\n"},
    {"an SOA without its serial", RECORDS, "hostmaster 1 3600",
	"hostmaster 3600",
	"inference.zone:2:3: error: SOA: the record ends too early: it "
	"has a server, a mailbox, a serial, refresh, retry, expire and "
	"minimum\n"},
    {"no SOA", RECORDS, "@ SOA ns1 hostmaster 1 3600 600 86400 60\n", "",
	"inference.zone: error: inference.example.com.: the zone has no "
	"SOA record (@ SOA ns1 hostmaster 1 3600 600 86400 60)\n"},
    {"the records of the last resort are missing", RECORDS,
	"chat A 192.0.2.99\n"
	" AAAA 2001:db8:1::99\n",
	"chat TXT x\n",
	"inference.yaml:39:3: error: last_resort: records: the zone file "
	"has no A record at chat.inference.example.com., but endpoints "
	"have IPv4 addresses\n"
	"inference.yaml:39:3: error: last_resort: records: the zone file "
	"has no AAAA record at chat.inference.example.com., but "
	"endpoints have IPv6 addresses\n"},
    {"a region whose decimals follow a comma", STEERING, "at: [39.0, -77.5]",
	"at: [39,0, -77,5]",
	"inference.yaml:5:17: error: at: expected [latitude, "
	"longitude] in degrees, found 4 items: decimals follow a "
	"point ([53.3, -6.3])\n"},
    {"an address that ends with a colon", STEERING, "address: 192.0.2.30",
	"address: 2001:db8::",
	"inference.yaml:34:27: error: a value with a colon and a "
	"blank in it is quoted: write \"2001:db8::\", or begin a new "
	"line after \"address:\"\n"},
    {"such an address inside braces", STEERING,
	"address: [192.0.2.20, \"2001:db8:1::20\"]", "address: 2001:db8::",
	"inference.yaml:27:50: error: an IPv6 address that ends with "
	"a colon is quoted: write \"2001:db8::\", quotes included\n"},
    {"such an address inside brackets", NODE, "listen: [", "listen: [::, ",
	"meridian.yaml:1:10: error: listen: expected an address or "
	"address:port (192.0.2.1, \"[2001:db8::1]:53\"), found an "
	"address that ends with a colon: write it in quotes\n"},
    {"a brace too many", STEERING, "bias: 10}", "bias: 10}}",
	"inference.yaml:6:40: error: this \"}\" closes nothing: take "
	"it out, or write the \"{\" that is missing before it\n"},
    {"a key behind a brace", STEERING, "weight: 3}", "} weight: 3",
	"inference.yaml:22:9: error: expected a key, found a "
	"mapping: nothing may follow its \"}\" in the line\n"},
    {"an item that is deeper than the one before", STEERING,
	"      - {clients: unknown", "       - {clients: unknown",
	"inference.yaml:43:8: error: \"- {clients: unknown, regions: "
	"[us-east, eu-west], hard: true}\" is indented by 7 blanks, "
	"more than line 42, which has its value already: indent it "
	"by 6\n"},
    {"two colons", STEERING, "pool: web", "pool:: web",
	"inference.yaml:48:5: error: unknown key \"pool:\": one "
	"colon ends a key: write \"pool:\"\n"},
    {"the first endpoint has another family", STEERING, "address: 192.0.2.30",
	"address: [192.0.2.30, \"2001:db8:1::30\"]",
	"inference.yaml:35:9: error: endpoint \"euw1-w\" has only "
	"IPv4, but \"use1-w\" in line 32 has IPv4 and IPv6: give all "
	"endpoints the same, or say \"families: mixed\" of the pool\n"},
    {"a service twice, in two cases", STEERING,
	"  web:\n"
	"    pool",
	"  CHAT:\n"
	"    pool",
	"inference.yaml:47:3: error: service "
	"chat.inference.example.com. is given twice: it is in line "
	"39 already\n"},
    {"a TTL that is none", RECORDS, "$TTL 300", "$TTL one",
	"inference.zone:1:6: error: \"one\" is no TTL up to "
	"2147483647 s (300, 5m, 1h30m)\n"},
    {"an owner that is no name", RECORDS, "docs A", "do..cs A",
	"inference.zone:10:1: error: \"do..cs\" is no domain name "
	"(labels of 1 to 63 octets, 255 in all)\n"},
    {"a parenthesis too many", RECORDS, "86400 60", "86400 60 )",
	"inference.zone:2:42: error: this ) closes nothing\n"},
    {"a comment of another kind after a record", RECORDS, "192.0.2.80",
	"192.0.2.80 # docs",
	"inference.zone:10:19: error: A: \"#\" begins no comment; a "
	"comment begins with ;\n"},
    {"such a comment with strokes", RECORDS, "192.0.2.80", "192.0.2.80 // docs",
	"inference.zone:10:19: error: A: \"//\" begins no comment; a "
	"comment begins with ;\n"},
    {"regions as a list", STEERING,
	"regions:\n"
	"  us-east: {at: [39.0, -77.5]}\n"
	"  eu-west: {at: [53.3, -6.3], bias: 10}\n",
	"regions: [us-east, eu-west]\n",
	"inference.yaml:4:10: error: regions: expected a mapping (name: ...), "
	"found a list\n"},
    {"a check of a port alone", STEERING, "preset: http", "preset: tcp",
	"inference.yaml:13:11: error: path: is of presets of HTTP, and tcp "
	"is none\n"},
    {"a rule after one that has all of its clients", STEERING,
	"      - {clients: unknown, ",
	"      - {clients: {countries: [DE, FR]}, regions: [us-east]}\n"
	"      - {clients: unknown, ",
	"inference.yaml:43:9: warning: fence: this rule is never reached: that "
	"of line 42 has all of its clients\n"},
    {"the same clients twice", STEERING, "      - {clients: unknown, ",
	"      - {clients: {networks: [office]}, regions: [us-east]}\n"
	"      - {clients: unknown, ",
	"inference.yaml:43:9: warning: fence: this rule is never reached: that "
	"of line 42 has all of its clients\n"},
    {"a text with a semicolon, without quotes", RECORDS, "\"documentation\"",
	"v=DMARC1; p=none",
	"inference.zone:11:6: warning: TXT: \"v=DMARC1\" ends at the \";\", "
	"which begins a comment: put the text in quotes if it goes on there\n"},
    {"an address as the name server", RECORDS, "@ NS ns2", "@ NS 198.51.100.53",
	"inference.zone:4:1: warning: inference.example.com. NS: the host "
	"198.51.100.53.inference.example.com. has no A or AAAA record\n"
	"inference.zone:4:6: warning: NS: \"198.51.100.53\" is an address, and "
	"a name belongs here: give the host a name with an A or AAAA record, "
	"and write that\n"},
    {"an address as the host of mail", RECORDS, "@ MX 10 docs",
	"@ MX 10 192.0.2.80.",
	"inference.zone:12:9: warning: MX: \"192.0.2.80.\" is an address, and "
	"a name belongs here: give the host a name with an A or AAAA record, "
	"and write that\n"},
    {"an origin of another zone", RECORDS, "$TTL 300\n",
	"$TTL 300\n"
	"$ORIGIN inference.exmple.com.\n",
	"inference.zone:2:9: error: $ORIGIN: inference.exmple.com. is not in "
	"the zone inference.example.com.; nor is any name that follows it\n"},
    {"the records of another zone", RECORDS, "@ SOA",
	"inference.example.org. SOA",
	"inference.zone:2:1: error: this is the zone inference.example.org., "
	"not inference.example.com.: the zone's name in the node's file or its "
	"file of records is wrong\n"},
    {"a zone in UTF-16", RECORDS, "$TTL 300", "\xff\xfe$TTL 300",
	"inference.zone:1:1: error: the file is UTF-16 text: save it as "
	"UTF-8\n"},
    {"a steering file in UTF-16", STEERING, "networks:", "\xfe\xffnetworks:",
	"inference.yaml:1:1: error: the file is UTF-16 text: save it as "
	"UTF-8\n"},
    {"prefixes in UTF-16", PARTNER, "203.0.113.0/24",
	"\xff\xfe"
	"203.0.113.0/24",
	"partner.txt: error: the file is UTF-16 text: save it as UTF-8\n"},
    {"a byte order mark, which some editors write", PARTNER, "203.0.113.0/24",
	"\xef\xbb\xbf"
	"203.0.113.0/24",
	""},
};

#define N_MISTAKES (sizeof(mistakes) / sizeof(mistakes[0]))

/* Write ${text} as ${name}, with ${mistake} in place of the first ${words}. */
static void
write_file(struct harness *h, const char *name, const char *text,
    const char *words, const char *mistake)
{
	const char *at = words != NULL ? strstr(text, words) : text;

	if (words == NULL) {
		harness_write(h, name, "%s", text);
		return;
	}
	ck_assert_msg(at != NULL, "no \"%s\" in %s", words, name);
	harness_write(h, name, "%.*s%s%s", (int)(at - text), text, mistake,
	    at + strlen(words));
}

/* The good files, but for the mistake ${row}; good ones for N_MISTAKES. */
static void
write_files(struct harness *h, const char *node, size_t row)
{
	for (int i = 0; i < FILES; i++) {
		bool wrong = row < N_MISTAKES && mistakes[row].file == i;

		write_file(h, good[i].name, i == NODE ? node : good[i].text,
		    wrong ? mistakes[row].words : NULL,
		    wrong ? mistakes[row].mistake : NULL);
	}
	harness_write(h, "net.zone", "%s", net_zone);
}

/* The node's file with ports and geography. */
static void
make_node(struct harness *h, char *node, size_t size)
{
	unsigned port = harness_port(h), http = harness_port(h);
	int len = snprintf(node, size, meridian_yaml, port, port, http,
	    harness_built(h, "geo/iptoasn-country.mmdb"));

	ck_assert(len > 0 && (size_t)len < size);
}

/* Run `meridianctl check`: its status, and in ${said} what it says, without the
 * folder of the test in names and without the lines of its sum. */
static int
check(struct harness *h, char *said, size_t size)
{
	const char *folder = harness_path(h, ""), *out, *at;
	size_t len = strlen(folder), used = 0;
	int status = harness_run(h, &out, "meridianctl", "-c",
	    harness_path(h, "meridian.yaml"), "check", NULL);

	ck_assert_uint_lt(strlen(out), size);
	while (*out != '\0') {
		size_t line = strcspn(out, "\n") + 1;

		if (strncmp(out, "ok: ", 4) != 0 &&
		    strncmp(out, "loaded in ", 10) != 0)
			for (at = out; at < out + line; at++) {
				if (strncmp(at, folder, len) == 0)
					at += len;
				said[used++] = *at;
			}
		out += line;
	}
	said[used] = '\0';
	return status;
}

START_TEST(good_files_bring_no_word)
{
	struct harness *h = harness_create();
	char node[4096], said[4096];

	make_node(h, node, sizeof(node));
	write_files(h, node, N_MISTAKES);
	ck_assert_int_eq(check(h, said, sizeof(said)), 0);
	ck_assert_str_eq(said, "");
	harness_destroy(h);
}
END_TEST

START_TEST(each_mistake_says_where_it_is_and_what_to_write)
{
	struct harness *h = harness_create();
	char node[4096], said[4096];

	make_node(h, node, sizeof(node));
	for (size_t i = 0; i < N_MISTAKES; i++) {
		bool error = strstr(mistakes[i].messages, ": error: ") != NULL;
		int status;

		write_files(h, node, i);
		status = check(h, said, sizeof(said));
		ck_assert_msg(strcmp(said, mistakes[i].messages) == 0,
		    "%s: wanted:\n%sgot:\n%s", mistakes[i].says,
		    mistakes[i].messages, said);
		ck_assert_msg((status != 0) == error, "%s: status %d",
		    mistakes[i].says, status);
	}
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"good files", good_files_bring_no_word, 0},
	    {"mistakes", each_mistake_says_where_it_is_and_what_to_write, 240},
	};

	return harness_main(
	    "mistakes", cases, sizeof(cases) / sizeof(cases[0]));
}
