/*
 * Steering files that are refused: each row a sentence, a text and all that is
 * said of it, to the last column.  Nothing of such a file is loaded.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The rest of a file whose section under test stands in its first line. */
#define R "regions: {a: {at: [1, 2]}, b: {at: [3, 4]}}\n"
#define P                                                                    \
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1}, " \
	"{name: y, region: b, address: 192.0.2.2}]}, "                       \
	"q: {endpoints: [{name: z, region: b, address: 192.0.2.3}]}}\n"
/* A checked pool of two, one in a network of ours, and one at ${place}. */
#define TO(place)                                                          \
	"pools: {p: {check: c, endpoints: [{name: x, region: a, address: " \
	"10.0.0.1}, {name: y, region: b, " place "}]}}\n" R S1
#define S "services: {s: {split: {p: 1, q: 1}}}\n"
#define S1 "services: {s: {pool: p}}\n"
#define C "checks: {c: {}, v4: {families: ipv4}}\n"
#define W(windows)                                        \
	"regions: {a: {at: [1, 2], maintenance: " windows \
	"}, b: {at: [3, 4]}}\n" P S
#define N "networks: {office: 10.0.0.0/8}\n"

#define NEAR                                                                  \
	"f:1:37: error: near_equal: expected a share (from 0% to 100%), a "   \
	"time (10ms, at most 10000ms) or a distance (200km, at most 20015km)" \
	", found "

static const struct config_row files[] = {
    {"a scalar is no steering file", "hello\n",
	"f:1:1: error: expected a mapping {regions: ..., pools: ..., "
	"services: ...}, found \"hello\"\n"},
    {"a list is none", "[regions]\n",
	"f:1:1: error: expected a mapping {regions: ..., pools: ..., "
	"services: ...}, found a list\n"},
    {"all that must be there is named", "{}\n",
	"f:1:1: error: the key \"regions\" is missing\n"
	"f:1:1: error: the key \"pools\" is missing\n"
	"f:1:1: error: the key \"services\" is missing\n"},
    {"an unknown section",
	"{servces: {}, regions: {}, pools: {}, services: {}}\n",
	"f:1:2: error: unknown key \"servces\", did you mean "
	"\"services\"?\n"},
    {"a key far from any", "{zzz: 1, regions: 1, pools: [], services: x}\n",
	"f:1:2: error: unknown key \"zzz\", known are: networks, regions, "
	"presets, "
	"checks, pools, services, safety\n"
	"f:1:19: error: regions: expected a mapping (name: ...), found \"1\"\n"
	"f:1:29: error: pools: expected a mapping (name: ...), found a list\n"
	"f:1:43: error: services: expected a mapping (name: ...), found "
	"\"x\"\n"},
    {"a colon that is missing in braces",
	"regions: {a: {at: [1, 2], bias 5}}\n" P S,
	"f:1:27: error: unknown key \"bias 5\": write \"bias: 5\", with a "
	"colon and a blank after the key\n"
	"f:2:85: error: unknown region \"b\", known are: a\n"
	"f:2:145: error: unknown region \"b\", known are: a\n"},
    {"a list without brackets", "regions: {a: {at: 39.0, -77.5}}\n" P S,
	"f:1:25: error: unknown key \"-77.5\": is it part of \"at\"? A "
	"list is written in brackets: at: [a, b]\n"
	"f:2:85: error: unknown region \"b\", known are: a\n"
	"f:2:145: error: unknown region \"b\", known are: a\n"},
    {"a key of a region where sections are", "{at: [1, 2], regions: {}}\n",
	"f:1:2: error: unknown key \"at\", known are: networks, regions, "
	"presets, "
	"checks, pools, services, safety\n"
	"f:1:1: error: the key \"pools\" is missing\n"
	"f:1:1: error: the key \"services\" is missing\n"},
    {"a key as another program calls it",
	"{datacenters: {}, regions: {}, pools: {}, services: {}}\n",
	"f:1:2: error: unknown key \"datacenters\", did you mean "
	"\"regions\"?\n"
	"f:1:53: error: services: expected at least 1 service\n"},
};

static const struct config_row networks[] = {
    {"a prefix with host bits names the right one",
	"networks: {n: 10.1.2.3/8}\n" R P S,
	"f:1:15: error: prefix \"10.1.2.3/8\" has bits set behind its length, "
	"write 10.0.0.0/8\n"},
    {"an IPv6 prefix with host bits",
	"networks: {n: [\"2001:db8::1/32\"]}\n" R P S,
	"f:1:16: error: prefix \"2001:db8::1/32\" has bits set behind its "
	"length, write 2001:db8::/32\n"},
    {"a prefix that is none", "networks: {n: [10.0.0.0/33]}\n" R P S,
	"f:1:16: error: expected a prefix (10.0.0.0/8, 2001:db8::/32), found "
	"\"10.0.0.0/33\"\n"},
    {"Norway is no prefix", "networks: {n: NO}\n" R P S,
	"f:1:15: error: expected a prefix (10.0.0.0/8, 2001:db8::/32), found "
	"\"NO\"\n"},
    {"a list inside the list", "networks: {n: [[10.0.0.0/8]]}\n" R P S,
	"f:1:16: error: n: expected a prefix (10.0.0.0/8, 2001:db8::/32), "
	"found a list\n"},
    {"an empty list", "networks: {n: []}\n" R P S,
	"f:1:15: error: n: the list is empty, expected at least 1\n"},
    {"nothing at all", "networks: {n: }\n" R P S,
	"f:1:12: error: n: the list is empty, expected at least 1\n"},
    {"neither prefixes nor a file", "networks: {n: {country: DE}}\n" R P S,
	"f:1:15: error: n: the key \"prefixes\" or \"file\" is missing\n"},
    {"both prefixes and a file",
	"networks: {n: {prefixes: 10.0.0.0/8, file: x}}\n" R P S,
	"f:1:38: error: \"file\" and \"prefixes\" exclude each other\n"},
    {"an unknown key of a network",
	"networks: {n: {prefixes: 10.0.0.0/8, contry: DE}}\n" R P S,
	"f:1:38: error: unknown key \"contry\", did you mean \"country\"?\n"},
    {"the United Kingdom is GB",
	"networks: {n: {prefixes: 10.0.0.0/8, country: uk}}\n" R P S,
	"f:1:47: error: country: expected GB for the United Kingdom, found "
	"\"uk\"\n"},
    {"Greece is GR",
	"networks: {n: {prefixes: 10.0.0.0/8, country: EL}}\n" R P S,
	"f:1:47: error: country: expected GR for Greece, found \"EL\"\n"},
    {"a country nobody knows",
	"networks: {n: {prefixes: 10.0.0.0/8, country: XX}}\n" R P S,
	"f:1:47: error: country: expected a country code of ISO 3166-1 (DE, "
	"GB), found \"XX\"\n"},
    {"a country by its name",
	"networks: {n: {prefixes: 10.0.0.0/8, country: Germany}}\n" R P S,
	"f:1:47: error: country: expected a country as two letters of ISO "
	"3166-1 (DE, GB), found \"Germany\"\n"},
    {"an AS number of 0",
	"networks: {n: {prefixes: 10.0.0.0/8, asn: 0}}\n" R P S,
	"f:1:43: error: asn: expected an AS number from 1 to 4294967295 "
	"(64500, AS64500), found \"0\"\n"},
    {"an AS number of 33 bits",
	"networks: {n: {prefixes: 10.0.0.0/8, asn: AS4294967296}}\n" R P S,
	"f:1:43: error: asn: expected an AS number from 1 to 4294967295 "
	"(64500, AS64500), found \"AS4294967296\"\n"},
    {"a position of one number",
	"networks: {n: {prefixes: 10.0.0.0/8, at: 5}}\n" R P S,
	"f:1:42: error: at: expected [latitude, longitude] in degrees, found "
	"\"5\"\n"},
    {"a name with a blank", "networks: {\"a b\": 10.0.0.0/8}\n" R P S,
	"f:1:12: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found \"a b\"\n"},
    {"an empty name", "networks: {\"\": 10.0.0.0/8}\n" R P S,
	"f:1:12: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found \"\"\n"},
    {"networks as a list", "networks: [10.0.0.0/8]\n" R P S,
	"f:1:11: error: networks: expected a mapping (name: ...), found a "
	"list\n"},
};

static const struct config_row regions[] = {
    {"no region at all leaves references unknown", "regions: {}\n" P S,
	"f:2:43: error: unknown region \"a\", the file defines none\n"
	"f:2:85: error: unknown region \"b\", the file defines none\n"
	"f:2:145: error: unknown region \"b\", the file defines none\n"},
    {"a region without a position", "regions: {a: {}, b: {at: [1, 2]}}\n" P S,
	"f:1:14: error: a: the key \"at\" is missing\n"},
    {"nothing behind a region's name", "regions: {a: , b: {at: [1, 2]}}\n" P S,
	"f:1:11: error: a: the key \"at\" is missing\n"},
    {"a latitude beyond the pole",
	"regions: {a: {at: [90.1, 100]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: error: at: expected a latitude from -90 to 90, found "
	"\"90.1\"\n"},
    {"a latitude just beyond the pole, which may be a longitude",
	"regions: {a: {at: [90.1, 0]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: error: at: 90.1 is no latitude, which is from -90 to 90 and "
	"comes first: is [0, 90.1] meant?\n"},
    {"a longitude of Asia where the latitude belongs",
	"regions: {a: {at: [139.7, 35.7]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: error: at: 139.7 is no latitude, which is from -90 to 90 and "
	"comes first: is [35.7, 139.7] meant?\n"},
    {"a longitude of America where the latitude belongs",
	"regions: {a: {at: [-122.4, 37.8]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: error: at: -122.4 is no latitude, which is from -90 to 90 "
	"and comes first: is [37.8, -122.4] meant?\n"},
    {"a longitude beyond the date line",
	"regions: {a: {at: [0, -180.5]}, b: {at: [1, 2]}}\n" P S,
	"f:1:23: error: at: expected a longitude from -180 to 180, found "
	"\"-180.5\"\n"},
    {"latitude and longitude in three parts",
	"regions: {a: {at: [1, 2, 3]}, b: {at: [1, 2]}}\n" P S,
	"f:1:19: error: at: expected [latitude, longitude] in degrees, found 3 "
	"items: decimals follow a point ([53.3, -6.3])\n"},
    {"a latitude in words",
	"regions: {a: {at: [nan, 2]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: error: at: expected a latitude from -90 to 90, found "
	"\"nan\"\n"},
    {"a bias that would take all distance away",
	"regions: {a: {at: [1, 2], bias: 100}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: bias: expected a whole number from -99 to 99, found "
	"\"100\"\n"},
    {"a cost below nothing",
	"regions: {a: {at: [1, 2], cost: -1}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: cost: expected a number from 0 to 1000000 with at most "
	"4 digits after the point, found \"-1\"\n"},
    {"a cost with its currency",
	"regions: {a: {at: [1, 2], cost: $2.5}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: cost: expected a number from 0 to 1000000 with at most "
	"4 digits after the point, found \"$2.5\"\n"},
    {"a cost finer than costs are kept",
	"regions: {a: {at: [1, 2], cost: 0.00001}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: cost: expected a number from 0 to 1000000 with at most "
	"4 digits after the point, found \"0.00001\"\n"},
    {"a cost above all costs",
	"regions: {a: {at: [1, 2], cost: 1000000.0001}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: cost: expected a number from 0 to 1000000 with at most "
	"4 digits after the point, found \"1000000.0001\"\n"},
    {"a bias with a fraction",
	"regions: {a: {at: [1, 2], bias: 1.5}, b: {at: [1, 2]}}\n" P S,
	"f:1:33: error: bias: expected a whole number from -99 to 99, found "
	"\"1.5\"\n"},
    {"a region's name with a slash",
	"regions: {a: {at: [1, 2]}, b: {at: [1, 2]}, c/d: {at: [1, 2]}}\n" P S,
	"f:1:45: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found \"c/d\"\n"},
    {"a name of 64 letters",
	"regions: {a: {at: [1, 2]}, b: {at: [1, 2]}, "
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: "
	"{at: [1, 2]}}\n" P S,
	"f:1:45: error: expected a name of 1 to 63 letters, digits, \"-\", "
	"\"_\" or \".\", found "
	"\"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\""
	"\n"},
    {"a region that stands twice",
	"regions: {a: {at: [1, 2]}, b: {at: [1, 2]}, a: {at: [1, 2]}}\n" P S,
	"f:1:45: error: key \"a\" is given twice: it is in line 1 "
	"already\n"},
};

static const struct config_row checks[] = {
    {"a program that is a text", "checks: {c: {exec: /bin/true}}\n" R P S,
	"f:1:20: error: exec: expected a program and its arguments, at most 64 "
	"([/usr/local/bin/check-gpu, \"--fast\"]), found \"/bin/true\"\n"},
    {"a program without one", "checks: {c: {exec: []}}\n" R P S,
	"f:1:20: error: exec: expected a program and its arguments, at most 64 "
	"([/usr/local/bin/check-gpu, \"--fast\"]), found a list\n"},
    {"a program with an argument that is none",
	"checks: {c: {exec: [/bin/true, [a]]}}\n" R P S,
	"f:1:32: error: exec: expected a text: no shell reads it, found a "
	"list\n"},
    {"a program and a preset",
	"checks: {c: {preset: http, exec: [/bin/true]}}\n" R P S,
	"f:1:34: error: exec: and \"preset\" are two things to ask\n"},
    {"a program and what only HTTP has",
	"checks: {c: {exec: [/bin/true], path: /health}}\n" R P S,
	"f:1:39: error: path: is of presets of HTTP, and exec is none\n"},
    {"a program and generations",
	"checks: {c: {exec: [/bin/true], deep: true}}\n" R P S,
	"f:1:39: error: deep: the preset exec has no generation: write another "
	"one (preset: vllm), or one of your own\n"},
    {"a duration without its unit", "checks: {c: {every: 5}}\n" R P S,
	"f:1:21: error: every: expected a duration with its unit (ms, s, m, h, "
	"d) "
	"from 100ms to 1h, found \"5\"\n"},
    {"a duration with a fraction has no unit either",
	"checks: {c: {every: 0.5}}\n" R P S,
	"f:1:21: error: every: expected a duration with its unit (ms, s, m, h, "
	"d) "
	"from 100ms to 1h, found \"0.5\"\n"},
    {"a unit nobody knows", "checks: {c: {every: 5sec}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"5sec\"\n"},
    {"a fraction of a second is written in ms",
	"checks: {c: {every: 1.5s}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"1.5s\"\n"},
    {"a period below 100 ms", "checks: {c: {every: 99ms}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"99ms\"\n"},
    {"a period above an hour", "checks: {c: {every: 2h}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"2h\"\n"},
    {"a duration beyond all numbers",
	"checks: {c: {every: 99999999999999999999s}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"99999999999999999999s\"\n"},
    {"a negative duration", "checks: {c: {every: -5s}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found \"-5s\"\n"},
    {"a list as a duration", "checks: {c: {every: [5s]}}\n" R P S,
	"f:1:21: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"100ms to 1h, found a list\n"},
    {"a timeout far longer than the period",
	"checks: {c: {every: 1s, timeout: 17s}}\n" R P S,
	"f:1:34: error: timeout: 17s is more than 16 times \"every\", which "
	"is 1s\n"},
    {"a recheck that is no sooner",
	"checks: {c: {every: 1s, recheck: 1s}}\n" R P S,
	"f:1:34: error: recheck: 1s is not shorter than \"every\", which is "
	"1s\n"},
    {"a slow that is quicker", "checks: {c: {every: 5s, slow: 2s}}\n" R P S,
	"f:1:31: error: slow: 2s is shorter than \"every\", which is 5s\n"},
    {"generations of a preset that has none",
	"checks: {c: {deep: true}}\n" R P S,
	"f:1:20: error: deep: the preset http has no generation: write "
	"another one (preset: vllm), or one of your own\n"},
    {"generations of no model",
	"checks: {c: {preset: vllm, deep: {every: 30s}}}\n" R P S,
	"f:1:34: error: deep: needs the key \"model\": a generation is of "
	"one\n"},
    {"generations that take longer than they may",
	"checks: {c: {preset: vllm, model: m, deep: {every: 10s}}}\n" R P S,
	"f:1:44: error: deep: its timeout is longer than its \"every\"\n"},
    {"slower than there is time",
	"checks: {c: {preset: vllm, slower: 2s, timeout: 2s}}\n" R P S,
	"f:1:36: error: slower: 2s is not shorter than \"timeout\", which is "
	"2s: what takes longer is down\n"},
    {"load that is stale before it comes",
	"checks: {c: {preset: vllm, load: {max_running: 9, stale: 1s}}}\n" R P
	    S,
	"f:1:34: error: load: its \"stale\" is shorter than its \"every\": it "
	"would not be known most of the time\n"},
    {"a header twice", "checks: {c: {headers: {X-A: 1, x-a: 2}}}\n" R P S,
	"f:1:37: error: x-a: is there twice\n"},
    {"a first hold that is longer than any",
	"checks: {c: {flap: {hold: 1h}}}\n" R P S,
	"f:1:20: error: flap: \"hold\" is longer than \"max\"\n"},
    {"flap as a word", "checks: {c: {flap: true}}\n" R P S,
	"f:1:20: error: flap: expected a mapping ({changes: 4, within: 10m, "
	"hold: 1m, max: 30m}), found \"true\"\n"},
    {"two credentials",
	"checks: {c: {scheme: https, token_file: t, basic: {user: u, "
	"password_file: p}}}\n" R P S,
	"f:1:41: error: token_file: and \"basic\" are two credentials\n"},
    {"a certificate without its key",
	"checks: {c: {scheme: https, certificate: c.pem}}\n" R P S,
	"f:1:42: error: certificate: needs the key \"key\" too\n"},
    {"a certificate in plain HTTP",
	"checks: {c: {certificate: c.pem, key: k.pem}}\n" R P S,
	"f:1:27: error: certificate: needs \"scheme: https\"\n"
	"f:1:39: error: key: needs \"scheme: https\"\n"},
    {"what is sent to a server of HTTP", "checks: {c: {send: x}}\n" R P S,
	"f:1:20: error: send: is of presets of tcp and tls, and http is "
	"none\n"},
    {"a path on a bare connection",
	"checks: {c: {preset: tcp, port: 1, path: /}}\n" R P S,
	"f:1:42: error: path: is of presets of HTTP, and tcp is none\n"},
    {"a bare connection to nowhere", "checks: {c: {preset: tcp}}\n" R P S,
	"f:1:13: error: c: the preset tcp needs the key \"port\"\n"},
    {"a header that is made for each request",
	"checks: {c: {headers: {content-length: 3}}}\n" R P S,
	"f:1:24: error: the header Content-Length is not said here: it "
	"follows from the body\n"},
    {"a port in no header", "checks: {c: {host_port: false}}\n" R P S,
	"f:1:25: error: host_port: needs the key \"host\"\n"},
    {"a body that nothing sends", "checks: {c: {request_body: x}}\n" R P S,
	"f:1:28: error: request_body: needs a method that sends one (method: "
	"POST)\n"},
    {"a method in small letters", "checks: {c: {method: get}}\n" R P S,
	"f:1:22: error: method: expected a method in capitals (GET, POST), "
	"found \"get\"\n"},
    {"no model for a preset that needs one",
	"checks: {c: {preset: tfserving}}\n" R P S,
	"f:1:13: error: c: the preset tfserving needs the key \"model\"\n"},
    {"a preset that is misspelt", "checks: {c: {preset: vlm}}\n" R P S,
	"f:1:22: error: unknown preset \"vlm\", did you mean "
	"\"vllm\"?\n"},
    {"a scheme that is not spoken", "checks: {c: {scheme: ftp}}\n" R P S,
	"f:1:22: error: scheme: expected http or https, found \"ftp\"\n"},
    {"port 0", "checks: {c: {port: 0}}\n" R P S,
	"f:1:20: error: port: expected a whole number from 1 to 65535, found "
	"\"0\"\n"},
    {"a port of 17 bits", "checks: {c: {port: 65536}}\n" R P S,
	"f:1:20: error: port: expected a whole number from 1 to 65535, found "
	"\"65536\"\n"},
    {"a port in words", "checks: {c: {port: http}}\n" R P S,
	"f:1:20: error: port: expected a whole number from 1 to 65535, found "
	"\"http\"\n"},
    {"a path without its slash", "checks: {c: {path: health}}\n" R P S,
	"f:1:20: error: path: expected a path that starts with \"/\", in "
	"ASCII without blanks (/health); the name of the server goes to "
	"\"host\", found \"health\"\n"},
    {"a path with a blank", "checks: {c: {path: /a b}}\n" R P S,
	"f:1:20: error: path: expected a path that starts with \"/\", in "
	"ASCII without blanks (/health); the name of the server goes to "
	"\"host\", found \"/a b\"\n"},
    {"a path with a fragment", "checks: {c: {path: \"/a#b\"}}\n" R P S,
	"f:1:20: error: path: expected a path that starts with \"/\", in "
	"ASCII without blanks (/health); the name of the server goes to "
	"\"host\", found \"/a#b\"\n"},
    {"a host with a line break", "checks: {c: {host: \"a\\r\\nX: y\"}}\n" R P S,
	"f:1:20: error: host: expected a host name and no more "
	"(chat.example.com), found \"a??X: y\"\n"},
    {"an empty host", "checks: {c: {host: \"\"}}\n" R P S,
	"f:1:20: error: host: expected a text of 1 to 253 printable "
	"characters, found \"\"\n"},
    {"a model that no preset asks for", "checks: {c: {model: llama}}\n" R P S,
	"f:1:21: error: model: the preset http asks for no model: "
	"write another one (preset: vllm)\n"},
    {"a list of models that no preset asks for",
	"checks: {c: {models_path: /v1/models}}\n" R P S,
	"f:1:27: error: models_path: the preset http asks for no list of "
	"models: write another one (preset: vllm)\n"},
    {"a body of an answer that has none",
	"checks: {c: {method: HEAD, body: {has: ok}}}\n" R P S,
	"f:1:34: error: body: an answer to HEAD has none: write \"method: "
	"GET\"\n"},
    {"an empty model", "checks: {c: {preset: vllm, model: \"\"}}\n" R P S,
	"f:1:35: error: model: expected a text of 1 to 255 printable "
	"characters, found \"\"\n"},
    {"verify without https", "checks: {c: {verify: false}}\n" R P S,
	"f:1:22: error: verify: needs \"scheme: https\"\n"},
    {"yes is not true", "checks: {c: {scheme: https, verify: yes}}\n" R P S,
	"f:1:37: error: verify: expected true or false, found \"yes\"\n"},
    {"ca without https", "checks: {c: {ca: /etc/hostname}}\n" R P S,
	"f:1:18: error: ca: needs \"scheme: https\"\n"},
    {"a code below 100", "checks: {c: {expect: [99]}}\n" R P S,
	"f:1:23: error: expect: expected an HTTP code or a range of codes from "
	"100 to 599 (200, 200-299), found \"99\"\n"},
    {"a code above 599", "checks: {c: {expect: 600}}\n" R P S,
	"f:1:22: error: expect: expected an HTTP code or a range of codes from "
	"100 to 599 (200, 200-299), found \"600\"\n"},
    {"a range that runs backwards",
	"checks: {c: {expect: [200, 399-300]}}\n" R P S,
	"f:1:28: error: expect: expected an HTTP code or a range of codes from "
	"100 to 599 (200, 200-299), found \"399-300\"\n"},
    {"a range in words", "checks: {c: {expect: 2xx}}\n" R P S,
	"f:1:22: error: expect: expected an HTTP code or a range of codes from "
	"100 to 599 (200, 200-299), found \"2xx\"\n"},
    {"fall of 0", "checks: {c: {fall: 0}}\n" R P S,
	"f:1:20: error: fall: expected a whole number from 1 to 100, found "
	"\"0\"\n"},
    {"rise above 100", "checks: {c: {rise: 101}}\n" R P S,
	"f:1:20: error: rise: expected a whole number from 1 to 100, found "
	"\"101\"\n"},
    {"a quorum of nobody", "checks: {c: {quorum: 0}}\n" R P S,
	"f:1:22: error: quorum: expected majority, any, all or a number of "
	"vantages from 1 to 1000, found \"0\"\n"},
    {"a quorum of others", "checks: {c: {quorum: {of: zones}}}\n" R P S,
	"f:1:27: error: of: expected vantages or regions, found \"zones\"\n"},
    {"a quorum of none that are near",
	"checks: {c: {quorum: {near: 0}}}\n" R P S,
	"f:1:29: error: near: expected a whole number from 1 to 1000, found "
	"\"0\"\n"},
    {"a quorum in other words", "checks: {c: {quorum: most}}\n" R P S,
	"f:1:22: error: quorum: expected majority, any, all or a number of "
	"vantages from 1 to 1000, found \"most\"\n"},
    {"a family that is none", "checks: {c: {families: [ipv4, ipv5]}}\n" R P S,
	"f:1:31: error: families: expected ipv4 or ipv6, found \"ipv5\"\n"},
    {"a family twice", "checks: {c: {families: [ipv4, ipv4]}}\n" R P S,
	"f:1:24: error: families: \"ipv4\" is listed twice\n"},
    {"no family", "checks: {c: {families: []}}\n" R P S,
	"f:1:24: error: families: the list is empty, expected at least 1\n"},
    {"a check's key that is misspelt", "checks: {c: {evry: 5s}}\n" R P S,
	"f:1:14: error: unknown key \"evry\", did you mean \"every\"?\n"},
    {"keys of a check by name when none is near",
	"checks: {c: {zzz: 1}}\n" R P S,
	"f:1:14: error: unknown key \"zzz\", known are: preset, exec, scheme, "
	"port, "
	"path, host, model, models_path, method, headers, request_body, body, "
	"host_port, token_file, basic, certificate, ...\n"},
    {"a check that is a word", "checks: {c: vllm}\n" R P S,
	"f:1:13: error: c: expected a mapping {preset: ...}, found "
	"\"vllm\"\n"},
    {"two errors of one check are both told",
	"checks: {c: {fall: x, rise: y}}\n" R P S,
	"f:1:20: error: fall: expected a whole number from 1 to 100, found "
	"\"x\"\n"
	"f:1:29: error: rise: expected a whole number from 1 to 100, found "
	"\"y\"\n"},
    {"a preset that nobody has", "checks: {c: {preset: apache2}}\n" R P S,
	"f:1:22: error: unknown preset \"apache2\", known are: epp, grpc, "
	"http, kserve, llamacpp, nim, oip, ollama, ray-serve, sglang, tcp, "
	"tfserving, tgi, tls, torchserve, triton, trtllm, vllm, and files "
	"NAME.yaml "
	"in the folder of the key "
	"\"presets\"; http asks any server, by port and path\n"},
    /* Once it ended the program that read it. */
    {"a path in JSON that is none, of a check",
	"checks: {c: {body: {json: [{path: \"a..b\"}]}}}\n" R P S,
	"f:1:35: error: path: a..b is no path: a name is missing "
	"(data[*].id)\n"},
    {"a word in place of a schedule",
	"checks: {c: {preset: vllm, model: m, deep: 60s}}\n" R P S,
	"f:1:44: error: deep: expected true, false or {every: 60s, timeout: "
	"20s}, found \"60s\"\n"},
    {"a path in place of load",
	"checks: {c: {preset: vllm, load: /metrics}}\n" R P S,
	"f:1:34: error: load: expected true, false or {every: 10s, "
	"max_running: 256}, found \"/metrics\"\n"},
    {"limits that are none",
	"checks: {c: {preset: vllm, load: {max_running: -5, queue_limit: 0, "
	"kv_limit: 0%}}}\n" R P S,
	"f:1:48: error: max_running: expected a number above 0 (256), found "
	"\"-5\"\n"
	"f:1:65: error: queue_limit: expected a number above 0 (256), found "
	"\"0\"\n"
	"f:1:78: error: kv_limit: expected a share above 0 (0.9, 90%), found "
	"\"0%\"\n"},
    {"a scheme as the preset", "checks: {c: {preset: https}}\n" R P S,
	"f:1:22: error: preset: \"https\" is a scheme: write \"preset: "
	"http\" and \"scheme: https\"\n"},
    {"a list as the preset", "checks: {c: {preset: [vllm]}}\n" R P S,
	"f:1:22: error: preset: expected the name of a preset (http, "
	"vllm), found a list\n"},
    {"the address in the path",
	"checks: {c: {path: \"https://a/health\"}}\n" R P S,
	"f:1:20: error: path: expected a path that starts with \"/\", in "
	"ASCII without blanks (/health); the name of the server goes to "
	"\"host\", found \"https://a/health\"\n"},
    {"the period as another program calls it",
	"checks: {c: {interval: 5s}}\n" R P S,
	"f:1:14: error: unknown key \"interval\", did you mean \"every\"?\n"},
    {"a colon without its blank", "checks: {c: {port:80}}\n" R P S,
	"f:1:14: error: unknown key \"port:80\": write \"port: 80\", with "
	"a colon and a blank after the key\n"},
};

static const struct config_row endpoints[] = {
    {"an endpoint without a name",
	"pools: {p: {endpoints: [{region: a, address: 192.0.2.1}]}}\n" R S1,
	"f:1:25: error: endpoints: the key \"name\" is missing\n"},
    {"an endpoint without a region",
	"pools: {p: {endpoints: [{name: x, address: 192.0.2.1}]}}\n" R S1,
	"f:1:25: error: endpoints: the key \"region\" is missing\n"},
    {"an endpoint without an address",
	"pools: {p: {endpoints: [{name: x, region: a}]}}\n" R S1,
	"f:1:25: error: endpoints: the key \"address\", \"resolve\" or "
	"\"cname\" is "
	"missing\n"},
    {"a region that is misspelt",
	"pools: {p: {endpoints: [{name: x, region: aa, address: "
	"192.0.2.1}]}}\n" R S1,
	"f:1:43: error: unknown region \"aa\", did you mean \"a\"?\n"},
    {"a region far from any",
	"pools: {p: {endpoints: [{name: x, region: us-east, address: "
	"192.0.2.1}]}}\n" R S1,
	"f:1:43: error: unknown region \"us-east\", known are: a, b\n"},
    {"a list of regions",
	"pools: {p: {endpoints: [{name: x, region: [a], address: "
	"192.0.2.1}]}}\n" R S1,
	"f:1:43: error: region: expected the name of a region, found a list\n"},
    {"a name as an address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"www.example}]}}\n" R S1,
	"f:1:55: error: address: \"www.example\" is a name: write its IPv4 and "
	"IPv6 addresses, or give it as \"resolve\" or \"cname\"\n"},
    {"a prefix as an address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"192.0.2.1/24}]}}\n" R S1,
	"f:1:55: error: address: \"192.0.2.1/24\" is a prefix: write the "
	"address of one host\n"},
    {"an address with a port",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"192.0.2.1:80\"}]}}\n" R S1,
	"f:1:55: error: address: \"192.0.2.1:80\" has a port, and an "
	"answer names none: write 192.0.2.1, and the port in the check "
	"(port: 80)\n"},
    {"an address twice",
	"pools: {p: {endpoints: [{name: x, region: a, address: [192.0.2.1, "
	"192.0.2.1]}]}}\n" R S1,
	"f:1:67: error: address: 192.0.2.1 is listed twice\n"},
    {"one IPv6 address in two spellings",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"[\"2001:db8::1\", \"2001:DB8:0::1\"]}]}}\n" R S1,
	"f:1:71: error: address: 2001:db8::1 is listed twice\n"},
    {"no address in the list",
	"pools: {p: {endpoints: [{name: x, region: a, address: []}]}}\n" R S1,
	"f:1:55: error: address: the list is empty, expected at least 1\n"},
    {"nine of one family",
	"pools: {p: {endpoints: [{name: x, region: a, address: [192.0.2.1, "
	"192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, 192.0.2.6, 192.0.2.7, "
	"192.0.2.8, 192.0.2.9]}]}}\n" R S1,
	"f:1:144: error: address: at most 8 addresses of a family are "
	"accepted\n"},
    {"the unspecified address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"[0.0.0.0]}]}}\n" R S1,
	"f:1:56: error: address: 0.0.0.0 is no address of one host that a "
	"client can reach\n"},
    {"the unspecified IPv6 address",
	"pools: {p: {endpoints: [{name: x, region: a, address: \"::\"}]}}\n" R
	    S1,
	"f:1:55: error: address: :: is no address of one host that a client "
	"can reach\n"},
    {"a multicast address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"224.0.0.1}]}}\n" R S1,
	"f:1:55: error: address: 224.0.0.1 is no address of one host that a "
	"client can reach\n"},
    {"an IPv6 multicast address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"ff02::1\"}]}}\n" R S1,
	"f:1:55: error: address: ff02::1 is no address of one host that a "
	"client can reach\n"},
    {"a mapped address",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"::ffff:192.0.2.1\"}]}}\n" R S1,
	"f:1:55: error: address: ::ffff:192.0.2.1 is an IPv4 address in IPv6: "
	"write the IPv4 address\n"},
    {"a negative weight",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"weight: -1}]}}\n" R S1,
	"f:1:74: error: weight: expected a whole number from 0 to 1000000, "
	"found \"-1\"\n"},
    {"a weight above a million",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"weight: 1000001}]}}\n" R S1,
	"f:1:74: error: weight: expected a whole number from 0 to 1000000, "
	"found \"1000001\"\n"},
    {"a weight in per cents is no weight here",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"weight: 5%}]}}\n" R S1,
	"f:1:74: error: weight: expected a whole number from 0 to 1000000, "
	"found \"5%\"\n"},
    {"a capacity of 0",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"capacity: 0}]}}\n" R S1,
	"f:1:76: error: capacity: expected a whole number from 1 to "
	"1000000000, found \"0\"\n"},
    {"a probe address that is a name",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"check_at: www.example}]}}\n" R S1,
	"f:1:76: error: check_at: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:8000\"), found \"www.example\"\n"},
    {"a probe address with port 0",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"check_at: 192.0.2.1:0}]}}\n" R S1,
	"f:1:76: error: check_at: expected an address or address:port "
	"(192.0.2.1, \"[2001:db8::1]:8000\"), found \"192.0.2.1:0\"\n"},
    {"no probe address in the list",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"check_at: []}]}}\n" R S1,
	"f:1:76: error: check_at: the list is empty, expected at least 1\n"},
    {"an endpoint's key that is misspelt",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"wieght: 3}]}}\n" R S1,
	"f:1:66: error: unknown key \"wieght\", did you mean \"weight\"?\n"},
    {"an IPv6 address with a port",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"[2001:db8::1]:8000\"}]}}\n" R S1 C,
	"f:1:55: error: address: \"[2001:db8::1]:8000\" has a port, and an "
	"answer names none: write 2001:db8::1, and the port in the check "
	"(port: 8000)\n"},
    {"a prefix with bits behind it",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"10.1.2.3/8}]}}\n" R S1 C,
	"f:1:55: error: address: \"10.1.2.3/8\" is a prefix: write the "
	"address of one host\n"},
    {"an IPv4 address of one link",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"169.254.1.1}]}}\n" R S1 C,
	"f:1:55: error: address: 169.254.1.1 is valid on one link only, "
	"where no client is: write an address that clients can reach\n"},
    {"an IPv6 address of one link",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"fe80::1\"}]}}\n" R S1 C,
	"f:1:55: error: address: fe80::1 is valid on one link only, where "
	"no client is: write an address that clients can reach\n"},
    {"the last IPv6 address of one link",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"febf:ffff::1\"}]}}\n" R S1 C,
	"f:1:55: error: address: febf:ffff::1 is valid on one link only, "
	"where no client is: write an address that clients can reach\n"},
    {"an address with one group too many",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"192.0.2.1.1}]}}\n" R S1 C,
	"f:1:55: error: address: expected an IPv4 or IPv6 address "
	"(192.0.2.1, \"2001:db8::1\"), found \"192.0.2.1.1\"\n"},
    {"an address with its scheme",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"http://192.0.2.1\"}]}}\n" R S1 C,
	"f:1:55: error: address: expected an IPv4 or IPv6 address "
	"(192.0.2.1, \"2001:db8::1\"), found \"http://192.0.2.1\"\n"},
};

static const struct config_row pools[] = {
    {"a check that is not there",
	"pools: {p: {check: x, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:20: error: unknown check \"x\", known are: c, v4\n"},
    {"a check that is misspelt",
	"pools: {p: {check: V4, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:20: error: unknown check \"V4\", did you mean \"v4\"?\n"},
    {"a pool without endpoints", "pools: {p: {}}\n" S1 R C,
	"f:1:12: error: p: the key \"endpoints\" is missing\n"},
    {"an empty list of endpoints", "pools: {p: {endpoints: []}}\n" S1 R C,
	"f:1:24: error: endpoints: the list is empty, expected at least 1\n"},
    {"one endpoint without a list",
	"pools: {p: {endpoints: {name: x, region: a, address: 192.0.2.1}}}\n" S1
	    R C,
	"f:1:24: error: endpoints: expected a list of endpoints (- {name: "
	"..., region: ..., address: ...}), found a mapping\n"},
    {"an endpoint that is a word", "pools: {p: {endpoints: [x]}}\n" S1 R C,
	"f:1:25: error: endpoints: expected a mapping {name: ..., region: "
	"...}, found \"x\"\n"},
    {"a share above all",
	"pools: {p: {min_up: 50, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:21: error: min_up: expected a share, from 0 to 1 or from 0% to "
	"100%, found \"50\"\n"},
    {"a share above 100 per cent",
	"pools: {p: {min_up: 100.1%, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:21: error: min_up: expected a share, from 0 to 1 or from 0% to "
	"100%, found \"100.1%\"\n"},
    {"a share with too many digits",
	"pools: {p: {min_up: 0.1234567, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1}]}}\n" S1 R C,
	"f:1:21: error: min_up: expected a share, from 0 to 1 or from 0% to "
	"100%, found \"0.1234567\"\n"},
    {"a region that keeps clients without an endpoint",
	"pools: {p: {keep: {b: 50%}, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:20: error: keep: the pool has no endpoint in region \"b\"\n"},
    {"a region that keeps clients and is none",
	"pools: {p: {keep: {z: 50%}, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:20: error: unknown region \"z\", known are: a, b\n"},
    {"nothing that must be left", "safety: {least: 0}\n" R P S,
	"f:1:17: error: least: expected a whole number from 1 to 65536, found "
	"\"0\"\n"},
    {"more that must be left than there is", "safety: {least: 4}\n" R P S,
	"f:1:17: error: least: expected at most as many as the file has "
	"endpoints, 3, found \"4\"\n"},
    {"all and more must be left", "safety: {share: 101%}\n" R P S,
	"f:1:17: error: share: expected a share, from 0 to 1 or from 0% to "
	"100%, found \"101%\"\n"},
    {"a wait without a unit", "safety: {wait: 120}\n" R P S,
	"f:1:16: error: wait: expected a duration with its unit (ms, s, m, h, "
	"d) from 1s to 24h, found \"120\"\n"},
    {"a number in place of what must be left", "safety: 1\n" R P S,
	"f:1:9: error: safety: expected a mapping {least: ...}, found "
	"\"1\"\n"},
    {"what all regions keep",
	"pools: {p: {keep: 50%, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:19: error: keep: expected {region: share, ...} ({us-east: 80%}), "
	"found \"50%\"\n"},
    {"a region that keeps more than all",
	"pools: {p: {keep: {a: 101%}, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1}]}}\n" S1 R C,
	"f:1:23: error: a: expected a share, from 0 to 1 or from 0% to 100%, "
	"found \"101%\"\n"},
    {"a trickle without standby endpoints",
	"pools: {p: {trickle: 1%, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:22: error: trickle: the pool has no standby endpoint that clients "
	"could trickle to: write \"standby: true\" at an endpoint or a "
	"region\n"},
    {"a trickle of most clients",
	"pools: {p: {trickle: 51%, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:22: error: trickle: expected a share of at most 50%: what serves "
	"more is no standby, found \"51%\"\n"},
    {"a spread of what is no edge",
	"pools: {p: {spread: 2, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:21: error: spread: needs \"kind: edge\"\n"},
    {"a spread over more than there may be",
	"pools: {p: {kind: edge, spread: 17, endpoints: [{name: x, region: a, "
	"address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:33: error: spread: expected a whole number from 1 to 16, found "
	"\"17\"\n"},
    {"an origin of what is no edge",
	"pools: {p: {origin: p, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:21: error: origin: needs \"kind: edge\"\n"},
    {"an origin that there is not",
	"pools: {p: {kind: edge, origin: q, endpoints: [{name: x, region: a, "
	"address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:33: error: unknown pool \"q\", known are: p\n"},
    {"an origin of itself",
	"pools: {p: {kind: edge, origin: p, endpoints: [{name: x, region: a, "
	"address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:33: error: origin: a pool is no origin of itself\n"},
    {"an origin of an origin",
	"pools: {p: {kind: edge, origin: q, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1}]}, q: {kind: edge, origin: r, endpoints: [{name: "
	"x, region: a, address: 192.0.2.2}]}, r: {endpoints: [{name: x, "
	"region: a, address: 192.0.2.3}]}}\n" S1 R C,
	"f:1:33: error: origin: \"q\" has an origin itself, \"r\": an origin "
	"is "
	"the last place to go to\n"},
    {"an origin that lacks a family",
	"pools: {p: {kind: edge, origin: q, endpoints: [{name: x, region: a, "
	"address: "
	"192.0.2.1}]}, q: {endpoints: [{name: x, "
	"region: a, address: \"2001:db8::1\"}]}}\n" S1 R C,
	"f:1:33: error: origin: \"q\" has no IPv4 address, which clients of "
	"this "
	"pool may need\n"},
    {"an order without the region of an origin, inside another service",
	"pools: {p: {kind: edge, origin: q, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1}]}, q: {endpoints: [{name: x, region: b, address: "
	"192.0.2.2}]}, r: {service: s}}\n"
	"services: {s: {pool: p}, t: {pool: r, rank: {listed: [a]}}}\n" R C,
	"f:2:54: error: listed: region \"b\" is missing, the service has "
	"endpoints there\n"},
    {"an endpoint twice in a pool",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1},\n "
	"{name: x, region: b, address: 192.0.2.2}]}}\n" S1 R C,
	"f:2:2: error: endpoint \"x\" is given twice in the pool: it is "
	"in line 1 already\n"},
    {"endpoints of different families",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1},\n "
	"{name: y, region: b, address: [\"2001:db8::1\", 192.0.2.2]}]}}\n" S1 R
	    C,
	"f:2:2: error: endpoint \"y\" has IPv4 and IPv6, but \"x\" in line 1 "
	"has only IPv4: give all endpoints the same, or say \"families: "
	"mixed\" of the pool\n"},
    {"one of each family",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1},\n "
	"{name: y, region: b, address: \"2001:db8::1\"}]}}\n" S1 R C,
	"f:2:2: error: endpoint \"y\" has only IPv6, but \"x\" in line 1 has "
	"only IPv4: give all endpoints the same, or say \"families: mixed\" of "
	"the pool\n"},
    {"families in a word that is none",
	"pools: {p: {families: any, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:23: error: families: expected same or mixed, found \"any\"\n"},
    {"a check that looks at none of its addresses",
	"pools: {p: {check: v4, endpoints: [{name: x, region: a, address: "
	"\"2001:db8::1\"}]}}\n" S1 R C,
	"f:1:36: error: endpoint \"x\" of pool \"p\" has no address of the "
	"families that check \"v4\" looks at\n"},
    {"a check that looks at none of its probe addresses",
	"pools: {p: {check: v4, endpoints: [{name: x, region: a, address: "
	"192.0.2.1, check_at: \"[2001:db8::1]:80\"}]}}\n" S1 R C,
	"f:1:36: error: endpoint \"x\" of pool \"p\" has no address of the "
	"families that check \"v4\" looks at\n"},
    {"a region whose weights add up to 0",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1}, "
	"{name: y, region: b, address: 192.0.2.2, weight: 0}]}}\n" S1 R C,
	"f:1:12: error: p: the weights of region \"b\" add up to 0\n"},
    {"a pool's key that is misspelt",
	"pools: {p: {endpoint: [{name: x, region: a, address: "
	"192.0.2.1}]}}\n" S1 R C,
	"f:1:13: error: unknown key \"endpoint\", did you mean "
	"\"endpoints\"?\n"},
};

static const struct config_row services[] = {
    {"no service", "services: {}\n" R P N,
	"f:1:11: error: services: expected at least 1 service\n"},
    {"services as a list", "services: [s]\n" R P N,
	"f:1:11: error: services: expected a mapping (name: ...), found a "
	"list\n"},
    {"pools as a list bring no error where they are named",
	"pools: [p]\nservices: {s: {pool: p}}\n" R N,
	"f:1:8: error: pools: expected a mapping (name: ...), found a list\n"},
    {"nothing behind a service's name", "services: {s: }\n" R P N,
	"f:1:12: error: s: the key \"split\" or \"pool\" is missing\n"},
    {"neither a split nor a pool", "services: {s: {rank: nearest}}\n" R P N,
	"f:1:15: error: s: the key \"split\" or \"pool\" is missing\n"},
    {"both a split and a pool",
	"services: {s: {pool: p, split: {q: 1}}}\n" R P N,
	"f:1:25: error: \"pool\" and \"split\" exclude each other\n"},
    {"a pool that is not there", "services: {s: {pool: chat}}\n" R P N,
	"f:1:22: error: unknown pool \"chat\", known are: p, q\n"},
    {"a split of a pool that is misspelt",
	"services: {s: {split: {p: 1, Q: 1}}}\n" R P N,
	"f:1:30: error: unknown pool \"Q\", did you mean \"q\"?\n"},
    {"a list of pools", "services: {s: {pool: [p, q]}}\n" R P N,
	"f:1:22: error: pool: expected the name of a pool, found a list\n"},
    {"a split that is a word", "services: {s: {split: p}}\n" R P N,
	"f:1:23: error: split: expected {pool: weight, ...} ({chat-v1: 95, "
	"chat-v2: 5}), found \"p\"\n"},
    {"an empty split", "services: {s: {split: {}}}\n" R P N,
	"f:1:23: error: split: expected at least 1 pool\n"},
    {"weights that add up to 0", "services: {s: {split: {p: 0, q: 0}}}\n" R P N,
	"f:1:23: error: split: the weights add up to 0\n"},
    {"a negative weight of a split",
	"services: {s: {split: {p: -1, q: 2}}}\n" R P N,
	"f:1:27: error: p: expected a weight from 0 to 1000000, or per cents "
	"from 0% to 100%, found \"-1\"\n"},
    {"a weight with a fraction",
	"services: {s: {split: {p: 0.95, q: 0.05}}}\n" R P N,
	"f:1:27: error: p: expected a weight from 0 to 1000000, or per cents "
	"from 0% to 100%, found \"0.95\"\n"
	"f:1:36: error: q: expected a weight from 0 to 1000000, or per cents "
	"from 0% to 100%, found \"0.05\"\n"},
    {"a weight above 100 per cent",
	"services: {s: {split: {p: 101%, q: 0%}}}\n" R P N,
	"f:1:27: error: p: expected a weight from 0 to 1000000, or per cents "
	"from 0% to 100%, found \"101%\"\n"},
    {"weights of two kinds", "services: {s: {split: {p: 95, q: 5%}}}\n" R P N,
	"f:1:23: error: split: whole numbers and per cents are mixed, write "
	"all weights in one way\n"},
    {"per cents that are not a whole",
	"services: {s: {split: {p: 95%, q: 10%}}}\n" R P N,
	"f:1:23: error: split: the per cents add up to 105%, expected 100%\n"},
    {"a rank that is misspelt",
	"services: {s: {pool: p, rank: nearst}}\n" R P N,
	"f:1:31: error: rank: expected nearest, latency, {listed: [region, "
	"...]} or "
	"{rules: [{clients: ..., regions: [region, ...]}, ...]}, "
	"found \"nearst\"\n"},
    {"a rank that is a list", "services: {s: {pool: p, rank: [a, b]}}\n" R P N,
	"f:1:31: error: rank: expected nearest, latency, {listed: [region, "
	"...]} or "
	"{rules: [{clients: ..., regions: [region, ...]}, ...]}, "
	"found a list\n"},
    {"a listed rank without a list",
	"services: {s: {pool: p, rank: {}}}\n" R P N,
	"f:1:31: error: rank: the key \"listed\" or \"rules\" is missing\n"},
    {"a list and rules",
	"services: {s: {pool: p, rank: {listed: [a, b], rules: []}}}\n" R P N,
	"f:1:48: error: \"listed\" and \"rules\" exclude each other\n"},
    {"a rank by a key that is none",
	"services: {s: {pool: p, rank: {order: [a, b]}}}\n" R P N,
	"f:1:32: error: unknown key \"order\", known are: listed, rules\n"},
    {"rules that are a list of regions",
	"services: {s: {pool: p, rank: {rules: [a]}}}\n" R P N,
	"f:1:40: error: rules: expected a mapping {clients: ..., regions: "
	"...}, found \"a\"\n"},
    {"rules of nothing", "services: {s: {pool: p, rank: {rules: []}}}\n" R P N,
	"f:1:39: error: rules: the list is empty, expected at least 1\n"},
    {"a rule that is not in a list",
	"services: {s: {pool: p, rank: {rules: {clients: all, regions: "
	"a}}}}\n" R P N,
	"f:1:39: error: rules: expected a list of rules (- {clients: ..., "
	"regions: [...]}), found a mapping\n"},
    {"a rule without clients",
	"services: {s: {pool: p, rank: {rules: [{regions: a}]}}}\n" R P N,
	"f:1:40: error: rules: the key \"clients\" is missing\n"},
    {"a rule without regions",
	"services: {s: {pool: p, rank: {rules: [{clients: all}]}}}\n" R P N,
	"f:1:40: error: rules: the key \"regions\" is missing\n"},
    {"a region twice in a rule",
	"services: {s: {pool: p, rank: {rules: [{clients: all, regions: [a, "
	"a]}]}}}\n" R P N,
	"f:1:68: error: regions: region \"a\" is listed twice\n"},
    {"a region of a rule that is not there",
	"services: {s: {pool: p, rank: {rules: [{clients: all, regions: "
	"[c]}]}}}\n" R P N,
	"f:1:65: error: unknown region \"c\", known are: a, b\n"},
    {"a rule of a rank that is hard",
	"services: {s: {pool: p, rank: {rules: [{clients: all, regions: a, "
	"hard: true}]}}}\n" R P N,
	"f:1:67: error: unknown key \"hard\", known are: clients, regions\n"},
    {"a listed region that is not there",
	"services: {s: {pool: p, rank: {listed: [a, c]}}}\n" R P N,
	"f:1:44: error: unknown region \"c\", known are: a, b\n"},
    {"a listed rank that lacks a region",
	"services: {s: {pool: p, rank: {listed: [b]}}}\n" R P N,
	"f:1:40: error: listed: region \"a\" is missing, the service has "
	"endpoints there\n"},
    {"a listed region twice",
	"services: {s: {pool: p, rank: {listed: [a, b, a]}}}\n" R P N,
	"f:1:47: error: listed: region \"a\" is listed twice\n"},
    {"a rank by latency with keys",
	"services: {s: {pool: p, rank: {latency: 10ms}}}\n" R P N,
	"f:1:32: error: unknown key \"latency\", known are: listed, rules\n"},
    {"near enough without a unit",
	"services: {s: {pool: p, near_equal: 200}}\n" R P N, NEAR "\"200\"\n"},
    /* Once it ended the program that read it. */
    {"near and equal to a region that is not known",
	"services: {s: {pool: p, near_equal: 5%}}\n"
	"pools: {p: {endpoints: [{name: x, region: nowhere, address: "
	"192.0.2.1}, {name: y, region: a, address: 192.0.2.2, cost: 1}]}}\n"
	"regions: {a: {at: [1, 2]}}\n",
	"f:2:43: error: unknown region \"nowhere\", known are: a\n"},
    {"near enough as a share without its sign",
	"services: {s: {pool: p, near_equal: 0.15}}\n" R P N,
	NEAR "\"0.15\"\n"},
    {"near enough in miles",
	"services: {s: {pool: p, near_equal: 120mi}}\n" R P N,
	NEAR "\"120mi\"\n"},
    {"near enough in minutes",
	"services: {s: {pool: p, rank: latency, near_equal: 10m}}\n" R P N,
	"f:1:52: error: near_equal: expected a share (from 0% to 100%), a "
	"time (10ms, at most 10000ms) or a distance (200km, at most 20015km), "
	"found \"10m\"\n"},
    {"near enough with a blank before the unit",
	"services: {s: {pool: p, near_equal: 200 km}}\n" R P N,
	NEAR "\"200 km\"\n"},
    {"more than twice as far is not near",
	"services: {s: {pool: p, near_equal: 100.0001%}}\n" R P N,
	NEAR "\"100.0001%\"\n"},
    {"less than nothing", "services: {s: {pool: p, near_equal: -5%}}\n" R P N,
	NEAR "\"-5%\"\n"},
    {"no distance at all", "services: {s: {pool: p, near_equal: 0km}}\n" R P N,
	NEAR "\"0km\"\n"},
    {"farther than anything",
	"services: {s: {pool: p, near_equal: 20016km}}\n" R P N,
	NEAR "\"20016km\"\n"},
    {"a fraction of a kilometre",
	"services: {s: {pool: p, near_equal: 1.5km}}\n" R P N,
	NEAR "\"1.5km\"\n"},
    {"no time at all", "services: {s: {pool: p, near_equal: 0ms}}\n" R P N,
	NEAR "\"0ms\"\n"},
    {"a time longer than ten seconds",
	"services: {s: {pool: p, near_equal: 10000.001ms}}\n" R P N,
	NEAR "\"10000.001ms\"\n"},
    {"a unit without a number",
	"services: {s: {pool: p, near_equal: km}}\n" R P N, NEAR "\"km\"\n"},
    {"near enough in two units",
	"services: {s: {pool: p, near_equal: [10ms, 200km]}}\n" R P N,
	NEAR "a list\n"},
    {"near enough in a list that is an order",
	"services: {s: {pool: p, rank: {listed: [a, b]}, near_equal: 15%}}\n" R
	    P N,
	"f:1:61: error: near_equal: a list is its own order, in which nothing "
	"is equal: take near_equal or \"rank: {listed: ...}\" away\n"},
    {"a time where distances make the order",
	"services: {s: {pool: p, near_equal: 10ms}}\n" R P N,
	"f:1:37: error: near_equal: 10ms is a time, and without \"rank: "
	"latency\" the order is by distance: write a distance (200km) or a "
	"share (15%)\n"},
    {"an affinity that is none",
	"services: {s: {pool: p, affinity: server}}\n" R P N,
	"f:1:35: error: affinity: expected client, name or none, found "
	"\"server\"\n"},
    {"no answer", "services: {s: {pool: p, answers: 0}}\n" R P N,
	"f:1:34: error: answers: expected a whole number from 1 to 8, found "
	"\"0\"\n"},
    {"nine answers, from wherever",
	"services: {s: {pool: p, answers: {count: 9}}}\n" R P N,
	"f:1:42: error: count: expected a whole number from 1 to 8, found "
	"\"9\"\n"},
    {"answers from nowhere",
	"services: {s: {pool: p, answers: {count: 2, from: all}}}\n" R P N,
	"f:1:51: error: from: expected region or regions, found \"all\"\n"},
    {"answers without their number",
	"services: {s: {pool: p, answers: {from: regions}}}\n" R P N,
	"f:1:34: error: answers: the key \"count\" is missing\n"},
    {"nine answers", "services: {s: {pool: p, answers: 9}}\n" R P N,
	"f:1:34: error: answers: expected a whole number from 1 to 8, found "
	"\"9\"\n"},
    {"client subnets that count a little",
	"services: {s: {pool: p, ecs: yes}}\n" R P N,
	"f:1:30: error: ecs: expected on, off or a list of the prefixes of "
	"resolvers ([192.0.2.0/24, 2001:db8::/32]), found \"yes\"\n"},
    {"client subnets as a mapping",
	"services: {s: {pool: p, ecs: {from: 192.0.2.0/24}}}\n" R P N,
	"f:1:30: error: ecs: expected on, off or a list of the prefixes of "
	"resolvers ([192.0.2.0/24, 2001:db8::/32]), found a mapping\n"},
    {"client subnets of nobody, as an empty list",
	"services: {s: {pool: p, ecs: []}}\n" R P N,
	"f:1:30: error: ecs: the list is empty, expected at least 1\n"},
    {"a resolver that is no prefix",
	"services: {s: {pool: p, ecs: [192.0.2.0/24, google]}}\n" R P N,
	"f:1:45: error: expected a prefix (10.0.0.0/8, 2001:db8::/32), found "
	"\"google\"\n"},
    {"resolvers with bits after the length",
	"services: {s: {pool: p, ecs: 192.0.2.1/24}}\n" R P N,
	"f:1:30: error: prefix \"192.0.2.1/24\" has bits set behind its "
	"length, write 192.0.2.0/24\n"},
    {"a sticky prefix of 33 bits",
	"services: {s: {pool: p, sticky: {ipv4: 33}}}\n" R P N,
	"f:1:40: error: ipv4: expected a whole number from 1 to 32, found "
	"\"33\"\n"},
    {"a sticky prefix of 0 bits",
	"services: {s: {pool: p, sticky: {ipv6: 0}}}\n" R P N,
	"f:1:40: error: ipv6: expected a whole number from 1 to 128, found "
	"\"0\"\n"},
    {"a sticky prefix without its family",
	"services: {s: {pool: p, sticky: 20}}\n" R P N,
	"f:1:33: error: sticky: expected {ipv4: 20, ipv6: 40}, found "
	"\"20\"\n"},
    {"a block finer than what is told apart",
	"services: {s: {pool: p, split_block: {ipv4: 25}}}\n" R P N,
	"f:1:45: error: ipv4: expected a whole number from 8 to 24, found "
	"\"25\"\n"},
    {"a block of half the world",
	"services: {s: {pool: p, split_block: {ipv6: 1}}}\n" R P N,
	"f:1:45: error: ipv6: expected a whole number from 16 to 48, found "
	"\"1\"\n"},
    {"a block without its family",
	"services: {s: {pool: p, split_block: 14}}\n" R P N,
	"f:1:38: error: split_block: expected {ipv4: 14, ipv6: 32}, found "
	"\"14\"\n"},
    {"a TTL without its unit", "services: {s: {pool: p, ttl: 60}}\n" R P N,
	"f:1:30: error: ttl: expected a duration with its unit (s, m, h, "
	"d) "
	"from 0s to 24h, found \"60\"\n"},
    {"a TTL of half a second",
	"services: {s: {pool: p, ttl: {min: 500ms}}}\n" R P N,
	"f:1:36: error: min: expected a duration of whole seconds (5s, 1m, 2h) "
	"from 0s to 24h, found \"500ms\"\n"},
    {"a TTL above a day", "services: {s: {pool: p, ttl: {max: 25h}}}\n" R P N,
	"f:1:36: error: max: expected a duration of whole seconds (5s, 1m, 2h) "
	"from 0s to 24h, found \"25h\"\n"},
    {"a least TTL above the largest",
	"services: {s: {pool: p, ttl: {max: 10s, min: 1m}}}\n" R P N,
	"f:1:30: error: ttl: min, 60s, is above max, 10s\n"},
    {"a least TTL above the default largest",
	"services: {s: {pool: p, ttl: {min: 2m}}}\n" R P N,
	"f:1:30: error: ttl: min, 120s, is above max, 60s\n"},
    {"a last resort that is none",
	"services: {s: {pool: p, last_resort: [pool]}}\n" R P N,
	"f:1:39: error: last_resort: expected pools, unfenced, all, records or "
	"servfail, found \"pool\"\n"},
    {"a last resort twice",
	"services: {s: {pool: p, last_resort: [pools, pools]}}\n" R P N,
	"f:1:46: error: last_resort: pools is listed twice\n"},
    {"a last resort behind the end",
	"services: {s: {pool: p, last_resort: [all, pools]}}\n" R P N,
	"f:1:39: error: last_resort: all ends the list, nothing may follow "
	"it\n"},
    {"two ends",
	"services: {s: {pool: p, last_resort: [records, servfail]}}\n" R P N,
	"f:1:39: error: last_resort: records ends the list, nothing may follow "
	"it\n"},
    {"no last resort in the list",
	"services: {s: {pool: p, last_resort: []}}\n" R P N,
	"f:1:38: error: last_resort: the list is empty, expected at least 1\n"},
    {"a service's key that is misspelt",
	"services: {s: {pool: p, fences: []}}\n" R P N,
	"f:1:25: error: unknown key \"fences\", did you mean \"fence\"?\n"},
    {"a service's name with a blank",
	"services: {s: {pool: p}, \"a b\": {pool: p}}\n" R P N,
	"f:1:26: error: expected the name of a service (chat, \"@\", "
	"\"*.img\"), found \"a b\"\n"},
    {"a service that is a word", "services: {s: p}\n" R P N,
	"f:1:15: error: s: expected a mapping {pool: ...}, found \"p\"\n"},
};

static const struct config_row fences[] = {
    {"a fence without clients",
	"services: {s: {pool: p, fence: [{regions: a}]}}\n" R P N,
	"f:1:33: error: fence: the key \"clients\" is missing\n"},
    {"a fence without regions",
	"services: {s: {pool: p, fence: [{clients: all}]}}\n" R P N,
	"f:1:33: error: fence: the key \"regions\" is missing\n"},
    {"a fence of a region that is not there",
	"services: {s: {pool: p, fence: [{clients: all, regions: [c]}]}}\n" R P
	    N,
	"f:1:58: error: unknown region \"c\", known are: a, b\n"},
    {"a region twice in a fence",
	"services: {s: {pool: p, fence: [{clients: all, regions: [a, a]}]}}\n" R
	    P N,
	"f:1:61: error: regions: region \"a\" is listed twice\n"},
    {"clients in a word that is none",
	"services: {s: {pool: p, fence: [{clients: everybody, regions: "
	"a}]}}\n" R P N,
	"f:1:43: error: clients: expected all, unknown, or a mapping of "
	"continents, countries, unions, subdivisions, cities, near, networks "
	"or asns, found \"everybody\"\n"},
    {"clients of nothing",
	"services: {s: {pool: p, fence: [{clients: {}, regions: a}]}}\n" R P N,
	"f:1:43: error: clients: the mapping is empty, write \"all\" for "
	"everyone\n"},
    {"clients by a key that is misspelt",
	"services: {s: {pool: p, fence: [{clients: {country: DE}, regions: "
	"a}]}}\n" R P N,
	"f:1:44: error: unknown key \"country\", did you mean "
	"\"countries\"?\n"},
    {"a subdivision by its name",
	"services: {s: {pool: p, fence: [{clients: {subdivisions: California}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:58: error: subdivisions: expected a subdivision of a country as "
	"ISO 3166-2 has it (US-CA, GB-ENG), found \"California\"\n"},
    {"a subdivision without its country",
	"services: {s: {pool: p, fence: [{clients: {subdivisions: [US-CA, "
	"CA]}, regions: "
	"a}]}}\n" R P N,
	"f:1:66: error: subdivisions: CA is a country, write \"countries: "
	"[CA]\", or a subdivision of it (US-CA, GB-ENG)\n"},
    {"a subdivision of no country",
	"services: {s: {pool: p, fence: [{clients: {subdivisions: [XX-CA]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:59: error: subdivisions: expected a subdivision of a country as "
	"ISO 3166-2 has it (US-CA, GB-ENG), found \"XX-CA\"\n"},
    {"a subdivision that is too long",
	"services: {s: {pool: p, fence: [{clients: {subdivisions: [US-CALI]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:59: error: subdivisions: expected a subdivision of a country as "
	"ISO 3166-2 has it (US-CA, GB-ENG), found \"US-CALI\"\n"},
    {"a city without its country",
	"services: {s: {pool: p, fence: [{clients: {cities: [London]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:53: error: cities: expected a city by its number at GeoNames, or "
	"by its name after its country or subdivision (5391959, GB/London, "
	"US-CA/San Francisco), found \"London\"\n"},
    {"a city of no country",
	"services: {s: {pool: p, fence: [{clients: {cities: [UK/London]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:53: error: cities: expected a city by its number at GeoNames, or "
	"by its name after its country or subdivision (5391959, GB/London, "
	"US-CA/San Francisco), found \"UK/London\"\n"},
    {"a city without a name",
	"services: {s: {pool: p, fence: [{clients: {cities: [GB/]}, regions: "
	"a}]}}\n" R P N,
	"f:1:53: error: cities: expected a city by its number at GeoNames, or "
	"by its name after its country or subdivision (5391959, GB/London, "
	"US-CA/San Francisco), found \"GB/\"\n"},
    {"a city of number 0",
	"services: {s: {pool: p, fence: [{clients: {cities: [0]}, regions: "
	"a}]}}\n" R P N,
	"f:1:53: error: cities: expected a city by its number at GeoNames, or "
	"by its name after its country or subdivision (5391959, GB/London, "
	"US-CA/San Francisco), found \"0\"\n"},
    {"a circle that is a position",
	"services: {s: {pool: p, fence: [{clients: {near: [52.5, 13.4]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:51: error: near: expected {at: [52.5, 13.4], km: 300}, found "
	"\"52.5\"\nf:1:57: error: near: expected {at: [52.5, 13.4], km: 300}, "
	"found \"13.4\"\n"},
    {"a circle without a radius",
	"services: {s: {pool: p, fence: [{clients: {near: {at: [52.5, 13.4]}}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:50: error: near: the key \"km\" is missing\n"},
    {"a circle without a middle",
	"services: {s: {pool: p, fence: [{clients: {near: [{km: 300}]}, "
	"regions: "
	"a}]}}\n" R P N,
	"f:1:51: error: near: the key \"at\" is missing\n"},
    {"a radius of nothing",
	"services: {s: {pool: p, fence: [{clients: {near: {at: [52.5, 13.4], "
	"km: 0}}, regions: "
	"a}]}}\n" R P N,
	"f:1:73: error: km: expected a whole number from 1 to 20015, found "
	"\"0\"\n"},
    {"a radius of more than the Earth",
	"services: {s: {pool: p, fence: [{clients: {near: {at: [52.5, 13.4], "
	"km: 20016}}, regions: "
	"a}]}}\n" R P N,
	"f:1:73: error: km: expected a whole number from 1 to 20015, found "
	"\"20016\"\n"},
    {"a radius with its unit",
	"services: {s: {pool: p, fence: [{clients: {near: {at: [52.5, 13.4], "
	"km: 300km}}, regions: "
	"a}]}}\n" R P N,
	"f:1:73: error: km: expected a whole number from 1 to 20015, found "
	"\"300km\"\n"},
    {"a middle off the Earth",
	"services: {s: {pool: p, fence: [{clients: {near: {at: [152.5, 13.4], "
	"km: 3}}, regions: "
	"a}]}}\n" R P N,
	"f:1:56: error: at: 152.5 is no latitude, which is from -90 to 90 and "
	"comes first: is [13.4, 152.5] meant?\n"},
    {"a continent by its name",
	"services: {s: {pool: p, fence: [{clients: {continents: Europe}, "
	"regions: a}]}}\n" R P N,
	"f:1:56: error: continents: expected AF, AN, AS, EU, NA, OC or SA, "
	"found \"Europe\"\n"},
    {"a continent that is none",
	"services: {s: {pool: p, fence: [{clients: {continents: [EU, XX]}, "
	"regions: a}]}}\n" R P N,
	"f:1:61: error: continents: expected AF, AN, AS, EU, NA, OC or SA, "
	"found \"XX\"\n"},
    {"the United Kingdom again",
	"services: {s: {pool: p, fence: [{clients: {countries: [DE, UK]}, "
	"regions: a}]}}\n" R P N,
	"f:1:60: error: countries: expected GB for the United Kingdom, found "
	"\"UK\"\n"},
    {"the European Union as a country",
	"services: {s: {pool: p, fence: [{clients: {countries: [DE, EU]}, "
	"regions: a}]}}\n" R P N,
	"f:1:60: error: countries: EU is no country, write \"continents: "
	"[EU]\" for the continent or \"unions: [EU]\" for the union\n"},
    {"the European Economic Area as a country",
	"services: {s: {pool: p, fence: [{clients: {countries: eea}, "
	"regions: a}]}}\n" R P N,
	"f:1:55: error: countries: eea is no country, write \"unions: "
	"[EEA]\"\n"},
    {"a union that is none",
	"services: {s: {pool: p, fence: [{clients: {unions: [EU, NATO]}, "
	"regions: a}]}}\n" R P N,
	"f:1:57: error: unions: expected EU or EEA, found \"NATO\"\n"},
    {"Norway without its letters",
	"services: {s: {pool: p, fence: [{clients: {countries: false}, "
	"regions: a}]}}\n" R P N,
	"f:1:55: error: countries: expected a country as two letters of ISO "
	"3166-1 (DE, GB), found \"false\"\n"},
    {"a network that is misspelt",
	"services: {s: {pool: p, fence: [{clients: {networks: ofice}, regions: "
	"a}]}}\n" R P N,
	"f:1:54: error: unknown network \"ofice\", did you mean \"office\"?\n"},
    {"an AS number in words",
	"services: {s: {pool: p, fence: [{clients: {asns: [DTAG]}, regions: "
	"a}]}}\n" R P N,
	"f:1:51: error: asns: expected an AS number from 1 to 4294967295 "
	"(64500, AS64500), found \"DTAG\"\n"},
    {"hard in a word that is none",
	"services: {s: {pool: p, fence: [{clients: all, regions: a, hard: "
	"1}]}}\n" R P N,
	"f:1:66: error: hard: expected true or false, found \"1\"\n"},
    {"a fence that is not in a list",
	"services: {s: {pool: p, fence: {clients: all, regions: a}}}\n" R P N,
	"f:1:32: error: fence: expected a list of rules (- {clients: ..., "
	"regions: [...], hard: true}), found a mapping\n"},
};

/* Not wrong, but hardly meant: the file is loaded. */
static const struct config_row warnings[] = {
    {"rules after one that has everyone",
	"services: {s: {split: {p: 1, q: 1}, rank: {rules: [{clients: all, "
	"regions: "
	"[a, b]}, {clients: {countries: DE}, regions: b}]}}}\n" R P,
	"f:1:52: warning: rank: the rules after \"clients: all\" are never "
	"reached\n"},
    {"a region that no rule names",
	"services: {s: {split: {p: 1, q: 1}, rank: {rules: [{clients: all, "
	"regions: "
	"a}]}}}\n" R P,
	"f:1:52: warning: rank: no rule names region \"b\", where the service "
	"has endpoints: they are used only when nothing in the regions of a "
	"client's rule is\n"},
    {"a distance where round trips make the order",
	"services: {s: {split: {p: 1, q: 1}, rank: latency, near_equal: "
	"200km}}\n"
	"regions: {a: {at: [1, 2], cost: 1}, b: {at: [3, 4], cost: 2}}\n" P,
	"f:1:64: warning: near_equal: 200km is a distance, so that with "
	"\"rank: latency\" it counts among regions without a measured round "
	"trip only: write a time (10ms) or a share (15%) for the others\n"},
    {"near enough where rules say every order",
	"services: {s: {split: {p: 1, q: 1}, rank: {rules: [{clients: all, "
	"regions: [a, b]}]}, near_equal: 15%}}\n" R P,
	"f:1:99: warning: near_equal: the rules of the rank have all clients, "
	"and their lists are the order: nothing is equal\n"},
    {"near enough, and nothing costs anything",
	"services: {s: {split: {p: 1, q: 1}, near_equal: 15%}}\n" R P,
	"f:1:49: warning: near_equal: nothing of the service says its cost, so "
	"that of regions that are near equal the first by name gets all "
	"clients: give regions or endpoints a cost\n"},
    {"near enough, and the cost of one region is missing",
	"services: {s: {split: {p: 1, q: 1}, near_equal: 15%}}\n"
	"regions: {a: {at: [1, 2], cost: 2}, b: {at: [3, 4]}}\n" P,
	"f:1:49: warning: near_equal: region \"b\" has endpoints without a "
	"cost, which count as 0, before all that have one\n"},
    {"costs that nothing looks at",
	"services: {s: {split: {p: 1, q: 1}}}\n"
	"regions: {a: {at: [1, 2]}, b: {at: [3, 4], cost: 0}}\n" P,
	"f:2:28: warning: cost: no service has near_equal, and cost decides "
	"among regions that are near equal only\n"},
    {"a cost of an endpoint that nothing looks at",
	"regions: {a: {at: [1, 2]}}\n" S1
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1, "
	"cost: 2}]}}\n",
	"f:3:25: warning: cost: no service has near_equal, and cost decides "
	"among regions that are near equal only\n"},
    {"a hard rule of a subdivision, and none of its country",
	"services: {s: {split: {p: 1, q: 1}, fence: [{clients: {subdivisions: "
	"US-CA}, "
	"regions: a, hard: true}, {clients: unknown, regions: a}]}}\n" R P,
	"f:1:45: warning: fence: this hard rule does not hold clients of US "
	"whose subdivision or city is not known, say after it where these may "
	"go: - {clients: {countries: [US]}, regions: [...], hard: true}\n"},
    {"a network that only has prefixes and nobody names",
	"networks: {n: 10.0.0.0/8}\n" R P S,
	"f:1:12: warning: network \"n\" is not used\n"},
    {"a check that no pool uses", "checks: {c: {}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"a pool and a region that nobody uses",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1}]}, "
	"q: {endpoints: [{name: x, region: a, address: 192.0.2.1}]}}\n" R S1,
	"f:1:69: warning: pool \"q\" is not used by any service\n"
	"f:2:28: warning: region \"b\" has no endpoint\n"},
    {"rules behind one for everyone",
	"services: {s: {split: {p: 1, q: 1}, fence: [{clients: all, regions: "
	"a}, {clients: all, regions: b}]}}\n" R P,
	"f:1:45: warning: fence: the rules after \"clients: all\" are "
	"never reached\n"},
    {"latitude and longitude of the American east swapped",
	"regions: {a: {at: [-77.5, 39.0]}, b: {at: [1, 2]}}\n" P S,
	"f:1:20: warning: at: the latitude comes first, and -77.5 is one of "
	"Antarctica: is [39.0, -77.5] meant?\n"},
    {"a hard fence that says nothing of clients who are nowhere",
	"services: {s: {split: {p: 1, q: 1}, fence: [{clients: {countries: "
	"DE}, regions: b}, {clients: {unions: EU}, regions: a, hard: "
	"true}]}}\n" R P,
	"f:1:85: warning: fence: this hard rule does not hold clients whose "
	"country is not known, say where these may go: - {clients: unknown, "
	"regions: [...], hard: true}\n"},
    {"the same by continents",
	"services: {s: {split: {p: 1, q: 1}, fence: [{clients: {continents: "
	"EU}, regions: a, hard: true}]}}\n" R P,
	"f:1:45: warning: fence: this hard rule does not hold clients whose "
	"country is not known, say where these may go: - {clients: unknown, "
	"regions: [...], hard: true}\n"},
    {"a prefix of clients that are read as IPv4",
	"networks: {n: {prefixes: [\"::ffff:10.0.0.0/104\", "
	"\"2002:a00::/24\"], asn: 1}}\n" R P S,
	"f:1:27: warning: ::ffff:10.0.0.0/104 matches nobody: such clients are "
	"read as the IPv4 address inside\n"
	"f:1:50: warning: 2002:a00::/24 matches nobody: such clients are read "
	"as the IPv4 address inside\n"},
    {"a CA bundle that is not there is no matter of this file",
	"checks: {c: {scheme: https, ca: /nonexistent/ca.pem}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"families that differ between regions, and what it costs",
	"pools: {p: {families: mixed, endpoints: [{name: x, region: a, "
	"address: [192.0.2.1, \"2001:db8::1\"]}, {name: y, region: a, "
	"address: [192.0.2.2, \"2001:db8::2\"]},\n {name: z, region: b, "
	"address: 192.0.2.3}]}}\n" R S1,
	"f:2:2: warning: endpoint \"z\" in region \"b\" has only IPv4, but "
	"endpoint \"x\" in region \"a\" has IPv4 and IPv6: clients sent to the "
	"former get no IPv6 "
	"address, nor do others of their resolver for \"ttl: min\"; those "
	"with IPv6 alone lose the service\n"},
    {"inside a region, the first lacks one; once a pool is enough",
	"pools: {p: {families: mixed, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1},\n {name: y, region: a, address: [192.0.2.2, "
	"\"2001:db8::2\"]}, {name: z, region: b, address: \"2001:db8::3\"}]}}"
	"\n" R S1,
	"f:1:42: warning: endpoint \"x\" in region \"a\" has only IPv4, but "
	"endpoint \"y\" in region \"a\" has IPv4 and IPv6: clients sent to the "
	"former get no IPv6 "
	"address, nor do others of their resolver for \"ttl: min\"; those "
	"with IPv6 alone lose the service\n"},
    {"each lacks what the other has",
	"pools: {p: {families: mixed, endpoints: [{name: x, region: a, "
	"address: \"2001:db8::1\"},\n {name: y, region: b, address: "
	"192.0.2.2}]}}\n" R S1,
	"f:2:2: warning: endpoint \"y\" in region \"b\" has only IPv4, but "
	"endpoint \"x\" in region \"a\" has only IPv6: clients sent to the "
	"former get no IPv6 "
	"address, nor do others of their resolver for \"ttl: min\"; those "
	"with IPv6 alone lose the service\n"},
    {"families that differ between the pools of a split",
	"pools: {p: {endpoints: [{name: x, region: a, address: "
	"\"2001:db8::1\"}]}, q: {endpoints: [{name: x, region: b, address: "
	"[192.0.2.1, \"2001:db8::2\"]}]}, r: {endpoints: [{name: x, region: "
	"b, address: 192.0.2.1}]}}\n" R "services:\n"
	" s: {split: {p: 1, q: 0}}\n t: {pool: r}\n u: {pool: q}\n",
	"f:4:2: warning: pool \"p\" has only IPv6, but pool \"q\" has IPv4 and "
	"IPv6: clients sent to the former get no IPv4 address, nor do others "
	"of their resolver for \"ttl: min\"; those with IPv4 alone lose the "
	"service\n"},
    {"the third of a split",
	"pools: {p: {endpoints: [{name: x, region: a, address: [192.0.2.1, "
	"\"2001:db8::1\"]}]}, q: {endpoints: [{name: x, region: b, address: "
	"[192.0.2.1, \"2001:db8::2\"]}]}, r: {endpoints: [{name: x, region: "
	"b, address: 192.0.2.1}]}}\n" R "services:\n"
	" s: {split: {p: 1, q: 0, r: 1}}\n",
	"f:4:2: warning: pool \"r\" has only IPv4, but pool \"p\" has IPv4 and "
	"IPv6: clients sent to the former get no IPv6 "
	"address, nor do others of their resolver for \"ttl: min\"; those "
	"with IPv6 alone lose the service\n"},
    {"an address that two endpoints have",
	"pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1},\n "
	"{name: y, region: b, address: [192.0.2.2, 192.0.2.1]}]}}\n" R S1,
	"f:2:2: warning: endpoint \"y\" has the address 192.0.2.1 of \"x\" "
	"in line 1: it gets the clients of both\n"},
    {"port 443 without a scheme", "checks: {c: {port: 443}}\n" R P S,
	"f:1:20: warning: port: 443 is asked in plain HTTP: write "
	"\"scheme: https\" too, or \"scheme: http\" if that is meant\n"
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"load of which nobody says when it is full",
	"checks: {c: {preset: vllm, load: true}}\n" R P S,
	"f:1:34: warning: how full an endpoint is will not be known: its "
	"metrics do not say how many requests it works on at most; write "
	"load: {max_running: N}, or queue_limit: N (no need for either where "
	"its answers have ORCA headers)\n"
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"load with a most",
	"checks: {c: {preset: vllm, load: {max_running: 9}}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"load with a longest queue",
	"checks: {c: {preset: tgi, load: {queue_limit: 9}}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"load that says its most itself",
	"checks: {c: {preset: nim, model: m, load: true}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"port 80 in https", "checks: {c: {port: 80, scheme: https}}\n" R P S,
	"f:1:20: warning: port: 80 is asked in https: write \"port: 443\", "
	"or leave \"scheme\" away\n"
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"a preset with https at its port of plain HTTP",
	"checks: {c: {preset: vllm, scheme: https}}\n" R P S,
	"f:1:36: warning: scheme: https is asked at port 8000, which is "
	"that of the preset vllm in plain HTTP: write the port (port: "
	"443)\n"
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"gRPC over TLS at its usual port",
	"checks: {c: {preset: grpc, scheme: https}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"port 443 in plain HTTP, said so",
	"checks: {c: {port: 443, scheme: http}}\n" R P S,
	"f:1:10: warning: check \"c\" is not used by any pool\n"},
    {"a token in plain HTTP",
	"checks: {c: {token_file: t}}\n" TO("address: 192.0.2.1"),
	"f:1:26: warning: token_file is sent to y of p in plain HTTP, which "
	"anybody on the way can read: write \"scheme: https\"\n"},
    {"a password in plain HTTP",
	"checks: {c: {basic: {user: u, password_file: p}}}\n" TO(
	    "address: 203.0.113.1"),
	"f:1:21: warning: basic is sent to y of p in plain HTTP, which "
	"anybody on the way can read: write \"scheme: https\"\n"},
    {"a token in plain HTTP to a name",
	"checks: {c: {token_file: t}}\n" TO("resolve: lb.example.com"),
	"f:1:26: warning: token_file is sent to y of p in plain HTTP, which "
	"anybody on the way can read: write \"scheme: https\"\n"},
    {"a token in plain HTTP, in a network of ours",
	"checks: {c: {token_file: t}}\n" TO(
	    "address: [172.16.0.1, 192.168.0.1]"),
	""},
    {"a token in plain HTTP, by a way of ours",
	"checks: {c: {token_file: t}}\n" TO(
	    "address: 192.0.2.1, check_at: [127.0.0.1, \"::1\"]"),
	""},
    {"a token by another way, in plain HTTP",
	"checks: {c: {token_file: t}}\n" TO(
	    "address: 10.0.0.2, check_at: \"2001:db8::1\""),
	"f:1:26: warning: token_file is sent to y of p in plain HTTP, which "
	"anybody on the way can read: write \"scheme: https\"\n"},
    {"a token in https",
	"checks: {c: {scheme: https, token_file: t}}\n" TO(
	    "address: 192.0.2.1"),
	""},
    {"a token in plain HTTP for load",
	"checks: {c: {preset: vllm, port: 443, scheme: https, token_file: t, "
	"load: {max_running: 9, port: 9100}}}\n" TO("address: 192.0.2.1"),
	"f:1:66: warning: token_file is sent for the load of y of p in "
	"plain HTTP, which anybody on the way can read: read it at the port "
	"of the check, over https\n"},
    {"a token for load in a network of ours",
	"checks: {c: {preset: vllm, port: 443, scheme: https, token_file: t, "
	"load: {max_running: 9, port: 9100}}}\n" TO(
	    "address: 192.0.2.1, load_at: 10.0.0.2"),
	""},
    {"nothing but standby endpoints",
	"pools: {p: {endpoints: [{name: x, region: a, standby: true, "
	"address: 192.0.2.1}]}}\n" S1 R C,
	"f:1:9: warning: all endpoints of pool \"p\" are standby: they serve "
	"all the time, as if none was\n"
	"f:4:10: warning: check \"c\" is not used by any pool\n"
	"f:4:17: warning: check \"v4\" is not used by any pool\n"
	"f:3:28: warning: region \"b\" has no endpoint\n"},
    {"windows of a pool without a check",
	R "pools: {p: {maintenance: [{at: \"02:00\", for: 1h}], endpoints: "
	  "[{name: x, region: a, address: 192.0.2.1}, {name: y, region: b, "
	  "address: 192.0.2.2}]}, q: {endpoints: [{name: z, region: b, "
	  "address: 192.0.2.3, maintenance: [{at: \"02:00\", for: 1h}]}]}}\n" S,
	"f:2:9: warning: pool \"p\" has no check: nothing of it is ever down, "
	"and its \"maintenance\" has no effect\n"
	"f:2:150: warning: pool \"q\" has no check: nothing of it is ever "
	"down, and its \"maintenance\" has no effect\n"},
    {"a window that is over for good",
	W("[{from: 2020-12-01T02:00Z, until: 2020-12-01T03:00Z}]"),
	"f:1:74: warning: until: 2020-12-01T03:00Z is over: the window has no "
	"effect any more, and can be taken out\n"},
};

static const struct config_row maintenance[] = {
    {"a mapping in place of a list", W("{at: \"02:00\", for: 2h}"),
	"f:1:40: error: maintenance: expected a list of windows (- {from: "
	"2026-12-01T02:00Z, until: 2026-12-01T04:00Z, reason: new drivers}), "
	"found a mapping\n"},
    {"no window", W("[]"),
	"f:1:40: error: maintenance: the list is empty, expected at least 1\n"},
    {"a time without a zone",
	W("[{from: 2026-12-01T02:00, until: 2126-12-01T04:00Z}]"),
	"f:1:48: error: from: expected a time in UTC (2026-12-01T02:00Z), "
	"found \"2026-12-01T02:00\"\n"},
    {"an end before the beginning",
	W("[{from: 2126-12-01T02:00Z, until: 2126-12-01T02:00Z}]"),
	"f:1:74: error: until: expected a time after \"from\", "
	"2126-12-01T02:00Z, found \"2126-12-01T02:00Z\"\n"},
    {"half of a window", W("[{from: 2126-12-01T02:00Z}]"),
	"f:1:41: error: maintenance: a window is either once ({from: "
	"2026-12-01T02:00Z, until: 2026-12-01T04:00Z}) or comes again ({days: "
	"[sun], at: \"02:00\", for: 2h}, each day without \"days\")\n"},
    {"two kinds at once",
	W("[{from: 2126-12-01T02:00Z, until: 2126-12-02T02:00Z, days: [sun]}]"),
	"f:1:41: error: maintenance: a window is either once ({from: "
	"2026-12-01T02:00Z, until: 2026-12-01T04:00Z}) or comes again ({days: "
	"[sun], at: \"02:00\", for: 2h}, each day without \"days\")\n"},
    {"a reason alone", W("[{reason: drivers}]"),
	"f:1:41: error: maintenance: a window is either once ({from: "
	"2026-12-01T02:00Z, until: 2026-12-01T04:00Z}) or comes again ({days: "
	"[sun], at: \"02:00\", for: 2h}, each day without \"days\")\n"},
    {"no such day", W("[{days: [sunday], at: \"02:00\", for: 2h}]"),
	"f:1:49: error: days: expected mon, tue, wed, thu, fri, sat or sun, "
	"found \"sunday\"\n"},
    {"no such time", W("[{at: \"24:00\", for: 2h}]"),
	"f:1:46: error: at: expected a time of the day in UTC (\"02:00\"), "
	"found \"24:00\"\n"},
    {"a time of one digit", W("[{at: \"2:00\", for: 2h}]"),
	"f:1:46: error: at: expected a time of the day in UTC (\"02:00\"), "
	"found \"2:00\"\n"},
    {"too short", W("[{at: \"02:00\", for: 59s}]"),
	"f:1:60: error: for: expected a duration of whole seconds (5s, 1m, 2h) "
	"from 1m to 7d, found \"59s\"\n"},
    {"each day, all day", W("[{at: \"02:00\", for: 24h}]"),
	"f:1:60: error: for: it lasts until it begins again, and would never "
	"end: nobody would ever be called\n"},
    {"each week, all week", W("[{days: [sun], at: \"02:00\", for: 7d}]"),
	"f:1:73: error: for: it lasts until it begins again, and would never "
	"end: nobody would ever be called\n"},
    {"a service has those of its pools",
	R "pools: {p: {service: t, maintenance: [{at: \"02:00\", for: 1h}]}, "
	  "q: {endpoints: [{name: z, region: b, address: "
	  "192.0.2.3}]}}\nservices: {s: {pool: p}, t: {pool: q}}\n",
	"f:2:25: error: \"maintenance\" and \"service\" exclude each other: "
	"the pools of the service have their own\n"},
};

START_TEST(refuses_files)
{
	config_rows(files, COUNT(files), false);
}
END_TEST

START_TEST(refuses_networks)
{
	config_rows(networks, COUNT(networks), false);
}
END_TEST

START_TEST(refuses_regions)
{
	config_rows(regions, COUNT(regions), false);
}
END_TEST

START_TEST(refuses_checks)
{
	config_rows(checks, COUNT(checks), false);
}
END_TEST

START_TEST(refuses_endpoints)
{
	config_rows(endpoints, COUNT(endpoints), false);
}
END_TEST

START_TEST(refuses_pools)
{
	config_rows(pools, COUNT(pools), false);
}
END_TEST

START_TEST(refuses_services)
{
	config_rows(services, COUNT(services), false);
}
END_TEST

START_TEST(refuses_fences)
{
	config_rows(fences, COUNT(fences), false);
}
END_TEST

START_TEST(refuses_maintenance)
{
	config_rows(maintenance, COUNT(maintenance), false);
}
END_TEST

START_TEST(warns)
{
	config_rows(warnings, COUNT(warnings), true);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_refused");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, refuses_files);
	tcase_add_test(tcase, refuses_networks);
	tcase_add_test(tcase, refuses_regions);
	tcase_add_test(tcase, refuses_checks);
	tcase_add_test(tcase, refuses_endpoints);
	tcase_add_test(tcase, refuses_pools);
	tcase_add_test(tcase, refuses_services);
	tcase_add_test(tcase, refuses_fences);
	tcase_add_test(tcase, refuses_maintenance);
	tcase_add_test(tcase, warns);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
