/*
 * Signed zones, signed here and now by ldns: every kind of question is answered
 * by respond(), and every answer is judged by its signatures and proofs alone.
 */
#include <check.h>
#include <stdlib.h>

#include "dns/answer/respond.h"
#include "dns/zone/zone_table.h"
#include "tests/judge.h"
#include "tests/signed_zone.h"
#include "tests/signer.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

/* The zone, with a DS that leads nowhere. */
static char zone_text[sizeof(signed_zone) + 100];

static const char *const glue_text[] = {
    "ns.sub.example. A 192.0.2.7", "ns.safe.example. A 192.0.2.8"};
#define N_GLUE (sizeof(glue_text) / sizeof(glue_text[0]))

static const uint16_t types[] = {LDNS_RR_TYPE_A, LDNS_RR_TYPE_NS,
    LDNS_RR_TYPE_CNAME, LDNS_RR_TYPE_SOA, LDNS_RR_TYPE_MX, LDNS_RR_TYPE_TXT,
    LDNS_RR_TYPE_DNAME, LDNS_RR_TYPE_DS, LDNS_RR_TYPE_RRSIG, LDNS_RR_TYPE_NSEC,
    LDNS_RR_TYPE_DNSKEY, LDNS_RR_TYPE_NSEC3, LDNS_RR_TYPE_NSEC3PARAM,
    LDNS_RR_TYPE_ANY, 65280};
#define N_TYPES (sizeof(types) / sizeof(types[0]))

/* How the zone is signed. */
static const struct {
	const char *says;
	enum signer_chain chain;
	uint16_t iterations;
	const char *salt;
} ways[] = {
    {"NSEC", SIGNER_NSEC, 0, ""},
    {"NSEC3", SIGNER_NSEC3, 0, ""},
    {"NSEC3 with salt and iterations", SIGNER_NSEC3, 5, "salt"},
    {"NSEC3 with opt-out", SIGNER_OPT_OUT, 0, ""},
};
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

/* What a test has. */
static struct errbuf eb;
static struct signer signer;
static struct zone *zone;
static struct zone_table *set;
static struct counters *counters;
static struct snapshot snapshot;
static struct judge judge;
static ldns_rdf *apex;
static ldns_rr_list *glue;
static uint8_t reply[MESSAGE_MAX];

/* Serve the zone of ${text}, signed in that way with so many keys. */
static void
serve(const char *text, int way, unsigned keys)
{
	const struct zone *list[1];
	char *signed_text;

	signer_init(&signer, "example.", 300, ways[way].chain);
	for (unsigned i = 1; i < keys; i++)
		signer_add_key(&signer, "example.", 300);
	signer.iterations = ways[way].iterations;
	signer.salt_len = (uint8_t)strlen(ways[way].salt);
	memcpy(signer.salt, ways[way].salt, signer.salt_len);
	signed_text = signer_sign(&signer, text);
	zone = fixture_zone("example.", signed_text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	free(signed_text);
	list[0] = zone;
	set = zone_table_create(list, 1);
	counters = calloc(1, sizeof(*counters));
	apex = ldns_dname_new_frm_str("example.");
	snapshot = (struct snapshot){.zones = set, .udp_size = 1232};
	glue = ldns_rr_list_new();
	for (size_t i = 0; i < N_GLUE; i++) {
		ldns_rr *rr;

		ck_assert_int_eq(
		    ldns_rr_new_frm_str(&rr, glue_text[i], 0, NULL, NULL),
		    LDNS_STATUS_OK);
		ldns_rr_list_push_rr(glue, rr);
	}
	judge = (struct judge){
	    .keys = signer.public_keys, .apex = apex, .glue = glue};
}

static void
stop(void)
{
	signer_finish(&signer);
	zone_table_destroy(set);
	zone_destroy(zone);
	free(counters);
	ldns_rdf_deep_free(apex);
	ldns_rr_list_deep_free(glue);
}

static size_t
ask(const char *name, uint16_t type, bool dnssec_ok, enum transport transport,
    uint16_t udp_size)
{
	struct responder responder = {.counters = counters};
	struct address source;
	uint8_t query[512];
	size_t len = make_query(query, name, type, udp_size, NULL, 0);

	if (dnssec_ok)
		query[len - 4] |= 0x80; /* of the OPT's TTL */
	address_parse("192.0.2.200", &source);
	return respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
}

/* Call ${check} with each question; a name that is too long is none. */
static void
each_question(void (*check)(const char *name, uint16_t type, unsigned n))
{
	unsigned n = 0;

	for (size_t i = 0; i < SIGNED_NAMES; i++)
		for (size_t k = 0; k < SIGNED_FRONT; k++)
			for (size_t t = 0; t < N_TYPES; t++) {
				char name[1024];

				snprintf(name, sizeof(name), "%s%s",
				    signed_front[k], signed_names[i]);
				check(name, types[t], n++);
			}
}

/* Of the answers that are made, every so many is judged: where a sanitizer
 * watches, it watches the answering, and the judge is slow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JUDGED 7 /* with no factor of N_TYPES, so that all types come */
#else
#define JUDGED 1
#endif

static void
check_judged(const char *name, uint16_t type, unsigned n)
{
	size_t len = ask(name, type, true, TRANSPORT_TCP, 1232);
	const char *fault;

	if (n % JUDGED != 0)
		return;
	fault = judge_message(&judge, reply, len);
	ck_assert_msg(fault == NULL, "%s %u: %s: %s", name, type, fault,
	    describe(reply, len));
}

START_TEST(every_answer_is_proved)
{
	serve(zone_text, _i, 1);
	each_question(check_judged);
	stop();
}
END_TEST

/* The reply without its ${n}th record of answer and authority, to ${out}; 0
 * when it has not so many, or when that is one which nothing rests on. */
static size_t
drop_record(size_t len, size_t n, uint8_t *out)
{
	ldns_rr_list *list;
	ldns_pkt *pkt = NULL;
	uint8_t *wire = NULL;
	size_t size = 0;
	ldns_rr *rr;

	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, len), LDNS_STATUS_OK);
	list = ldns_pkt_answer(pkt);
	if (n >= ldns_rr_list_rr_count(list)) {
		n -= ldns_rr_list_rr_count(list);
		list = ldns_pkt_authority(pkt);
	}
	if (n >= ldns_rr_list_rr_count(list))
		goto out;
	rr = ldns_rr_list_rr(list, n);
	for (; n + 1 < ldns_rr_list_rr_count(list); n++)
		ldns_rr_list_set_rr(list, ldns_rr_list_rr(list, n + 1), n);
	ldns_rr_list_pop_rr(list);
	if (list == ldns_pkt_answer(pkt))
		ldns_pkt_set_ancount(
		    pkt, (uint16_t)(ldns_pkt_ancount(pkt) - 1));
	else
		ldns_pkt_set_nscount(
		    pkt, (uint16_t)(ldns_pkt_nscount(pkt) - 1));
	ck_assert_int_eq(ldns_pkt2wire(&wire, pkt, &size), LDNS_STATUS_OK);
	memcpy(out, wire, size);
	LDNS_FREE(wire);
	ldns_rr_free(rr);
out:
	ldns_pkt_free(pkt);
	return size;
}

/* NS of a referral, of which nobody knows how many there are. */
static bool
is_referral(size_t len)
{
	const char *text = describe(reply, len);

	return strstr(text, " NS ns") != NULL &&
	    strstr(text, "IN RRSIG NS ") == NULL;
}

/* Without any one of its records, an answer would not be believed. */
static void
check_needed(const char *name, uint16_t type, unsigned n)
{
	static uint8_t less[MESSAGE_MAX];
	size_t len, less_len;

	/* RRSIG may be fewer, and ANY may be anything. */
	if (n % 13 != 0 || type == LDNS_RR_TYPE_RRSIG ||
	    type == LDNS_RR_TYPE_ANY)
		return;
	len = ask(name, type, true, TRANSPORT_TCP, 1232);
	if (is_referral(len))
		return;
	for (size_t i = 0; (less_len = drop_record(len, i, less)) > 0; i++)
		ck_assert_msg(judge_message(&judge, less, less_len) != NULL,
		    "%s %u: record %zu is of no use: %s", name, type, i,
		    describe(reply, len));
}

START_TEST(every_record_is_needed)
{
	serve(zone_text, _i, 1);
	each_question(check_needed);
	stop();
}
END_TEST

/* Take from a section what only those who set DO get. */
static void
plain_section(ldns_rr_list *list, bool answer, uint16_t type)
{
	size_t kept = 0, n = ldns_rr_list_rr_count(list);

	for (size_t i = 0; i < n; i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type t = ldns_rr_get_type(rr);
		bool drop = t == LDNS_RR_TYPE_RRSIG ||
		    (!answer &&
			(t == LDNS_RR_TYPE_NSEC || t == LDNS_RR_TYPE_NSEC3 ||
			    t == LDNS_RR_TYPE_DS));

		if (drop && !(answer && t == type))
			ldns_rr_free(rr);
		else
			ldns_rr_list_set_rr(list, rr, kept++);
	}
	ldns_rr_list_set_rr_count(list, kept);
}

/* RFC 4035, 3.1: without DO there is nothing that has to do with it. */
static void
check_plain(const char *name, uint16_t type, unsigned n)
{
	size_t len = ask(name, type, true, TRANSPORT_TCP, 1232);
	char want[8192] = "";
	ldns_pkt *pkt = NULL;

	if (n % 3 != 0)
		return;
	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, len), LDNS_STATUS_OK);
	plain_section(ldns_pkt_answer(pkt), true, type);
	plain_section(ldns_pkt_authority(pkt), false, type);
	plain_section(ldns_pkt_additional(pkt), false, type);
	add_records(want, sizeof(want), "AN ", ldns_pkt_answer(pkt));
	add_records(want, sizeof(want), "NS ", ldns_pkt_authority(pkt));
	add_records(want, sizeof(want), "AR ", ldns_pkt_additional(pkt));
	ldns_pkt_free(pkt);
	len = ask(name, type, false, TRANSPORT_TCP, 1232);
	ck_assert_msg(strstr(describe(reply, len), want) != NULL,
	    "%s %u: %s\nnot %s", name, type, describe(reply, len), want);
}

START_TEST(without_do)
{
	serve(zone_text, _i, 1);
	each_question(check_plain);
	stop();
}
END_TEST

/* What comes over UDP is either all that is needed, or truncated. */
static void
check_cut_short(const char *name, uint16_t type, unsigned n)
{
	uint16_t size = (uint16_t)(512 + n * 37 % 1000);
	size_t len = ask(name, type, true, TRANSPORT_UDP, size);
	const char *fault;

	ck_assert_uint_le(len, size);
	if (wire_get16(reply + 2) & FLAG_TC) {
		ck_assert_uint_gt(
		    ask(name, type, true, TRANSPORT_TCP, 1232), size);
		return;
	}
	fault = n % 5 == 0 ? judge_message(&judge, reply, len) : NULL;
	/* Addresses beside the answer may come without signatures. */
	ck_assert_msg(fault == NULL ||
		(strcmp(fault, "a set is not signed") == 0 &&
		    strstr(describe(reply, len), "; AR ") != NULL),
	    "%s %u: %s: %s", name, type, fault, describe(reply, len));
}

START_TEST(truncation)
{
	serve(zone_text, _i, 1);
	snapshot.udp_size = 4096;
	each_question(check_cut_short);
	stop();
}
END_TEST

/* The apex's NS and both their addresses fit with all signatures, with some,
 * with none: TC only when those of the NS do not, and no signature takes the
 * room of an address (RFC 4035, 3.1.1). */
START_TEST(optional_signatures)
{
	size_t whole, before = 0;

	serve(zone_text, 0, 2);
	snapshot.udp_size = 4096;
	whole = ask("example.", TYPE_NS, true, TRANSPORT_UDP, 4096);
	ck_assert_ptr_nonnull(
	    strstr(describe(reply, whole), "; ns1.example. 300 IN RRSIG AAAA"));
	for (size_t size = 512; size <= whole; size++) {
		size_t len = ask(
		    "example.", TYPE_NS, true, TRANSPORT_UDP, (uint16_t)size);
		const char *text = describe(reply, len);

		ck_assert_msg(
		    strncmp(text, "0 aa AN ", 8) == 0, "%zu: %s", size, text);
		ck_assert_ptr_nonnull(strstr(text, "IN RRSIG NS "));
		ck_assert_msg(strstr(text, " IN RRSIG A") == NULL ||
			(strstr(text, "ns.safe.example. 300 IN A ") != NULL &&
			    strstr(text, "ns1.example. 300 IN AAAA ") != NULL),
		    "%zu: %s", size, text);
		ck_assert_uint_ge(len, before);
		before = len;
	}
	ck_assert_uint_eq(before, whole);
	stop();
}
END_TEST

/* RFC 5155, 7.2.8: the names at which NSEC3 stand are no names. */
START_TEST(owners_of_nsec3)
{
	static const uint16_t asked[] = {LDNS_RR_TYPE_NSEC3, LDNS_RR_TYPE_RRSIG,
	    LDNS_RR_TYPE_A, LDNS_RR_TYPE_ANY};

	serve(zone_text, 1, 1);
	for (size_t i = 0; i < 4; i++) {
		const char *fault;
		size_t len;

		/* The hash of the apex. */
		len = ask("3msev9usmd4br9s97v51r2tdvmr9iqo1.example.", asked[i],
		    true, TRANSPORT_TCP, 1232);
		fault = judge_message(&judge, reply, len);
		ck_assert_msg(fault == NULL, "%s", fault);
		ck_assert_int_eq(
		    strncmp(describe(reply, len), "3 aa NS ", 8), 0);
	}
	stop();
}
END_TEST

/* ${text} without the lines that begin with ${name}; free it. */
static char *
without_lines(const char *text, const char *name)
{
	char *out = malloc(strlen(text) + 1), *end = out;

	ck_assert_ptr_nonnull(out);
	while (*text != '\0') {
		size_t n = strcspn(text, "\n") + 1;

		if (strncmp(text, name, strlen(name)) != 0) {
			memcpy(end, text, n);
			end += n;
		}
		text += n;
	}
	*end = '\0';
	return out;
}

static const char ghost_text[] =
    "$ORIGIN example.\n$TTL 300\n"
    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n"
    "a A 192.0.2.1\n*.a A 192.0.2.1\nghost A 192.0.2.2\n"
    "toghost CNAME x.ghost\n*.w TXT x\nghost.w A 192.0.2.3\n"
    "*.v CNAME q.w\nghost.v A 192.0.2.3\n"
    "*.h MX 1 a\n*.h HTTPS 1 .\n*.h A 192.0.2.1\nghost.h A 192.0.2.3\n"
    "*.c CNAME x.sub\nghost.c A 192.0.2.3\nsub NS ns.sub\nsub NS a\n"
    "ns.sub A 192.0.2.4\n";

/* Lines of names that vanish from it once it is signed; of NSEC3, not those. */
static const char *const ghosts[] = {"ghost.example.", "*.a.example.",
    "ghost.w.example.", "ghost.v.example.", "ghost.h.example.",
    "ghost.c.example."};
#define N_GHOSTS (sizeof(ghosts) / sizeof(ghosts[0]))

/* An NSEC3 is there of a name that is not: whoever asks for it, or for what is
 * below it, cannot be told so (RFC 5155, 7.2.9). */
START_TEST(run_time_collision)
{
	static const struct {
		const char *says, *name;
		uint16_t type;
		char rcode;
	} rows[] = {
	    {"the name itself", "ghost.example.", TYPE_A, '2'},
	    {"below it", "x.ghost.example.", TYPE_A, '2'},
	    {"where it would be a wildcard", "x.a.example.", TYPE_A, '2'},
	    {"a CNAME before it is taken back", "toghost.example.", TYPE_A,
		'2'},
	    {"a wildcard stands in", "ghost.w.example.", 16, '2'},
	    {"a wildcard that has not the type", "ghost.w.example.", TYPE_A,
		'2'},
	    {"the first of two wildcards", "ghost.v.example.", 16, '2'},
	    {"hosts of what was taken back", "ghost.h.example.", 15, '2'},
	    {"a host that is the name", "ghost.h.example.", 65, '2'},
	    {"a referral behind it", "ghost.c.example.", TYPE_A, '2'},
	    {"others are denied as ever", "ghosts.example.", TYPE_A, '3'},
	    {"or answered", "ghosts.w.example.", 16, '0'},
	};
	char *text;

	serve(ghost_text, 1, 1);
	text = signer_sign(&signer, ghost_text);
	for (size_t i = 0; i < N_GHOSTS; i++) {
		char *less = without_lines(text, ghosts[i]);

		free(text);
		text = less;
	}
	zone_table_destroy(set);
	zone_destroy(zone);
	zone = fixture_zone("example.", text, &eb);
	free(text);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	/* A hash each, and the CNAME whose target has gone with them. */
	ck_assert_uint_eq(eb.warnings, N_GHOSTS + 1);
	set = zone_table_create((const struct zone *const *)&zone, 1);
	snapshot.zones = set;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len =
		    ask(rows[i].name, rows[i].type, true, TRANSPORT_TCP, 1232);

		ck_assert_msg(describe(reply, len)[0] == rows[i].rcode,
		    "%s: %s", rows[i].says, describe(reply, len));
		ck_assert(rows[i].rcode != '2' ||
		    strcmp(describe(reply, len), "2 ") == 0);
		/* Who does not want it proved is told. */
		len =
		    ask(rows[i].name, rows[i].type, false, TRANSPORT_TCP, 1232);
		ck_assert_int_ne(describe(reply, len)[0], '2');
	}
	stop();
}
END_TEST

/* A wildcard of one signed zone leads into another: the proofs of both. */
START_TEST(two_zones)
{
	static const struct {
		const char *says, *name;
		char rcode;
	} rows[] = {
	    {"a name that is there", "q.wout.example.", '0'},
	    {"one that is not", "q.wnix.example.", '3'},
	    {"another wildcard", "q.wwild.example.", '0'},
	};
	static const char other[] =
	    "$ORIGIN other.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1\n"
	    "www A 192.0.2.1\n*.wild A 192.0.2.2\n";
	const struct zone *both[2];
	ldns_rdf *name = ldns_dname_new_frm_str("other.");
	struct zone *second;
	struct signer another;
	char *text;

	serve("$ORIGIN example.\n$TTL 300\n"
	      "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n"
	      "*.wout CNAME www.other.\n*.wnix CNAME nix.other.\n"
	      "*.wwild CNAME q.wild.other.\n",
	    _i, 1);
	signer_init(&another, "other.", 300, ways[_i].chain);
	text = signer_sign(&another, other);
	second = fixture_zone("other.", text, &eb);
	ck_assert_msg(second != NULL, "%s", eb.text);
	free(text);
	both[0] = zone;
	both[1] = second;
	zone_table_destroy(set);
	snapshot.zones = set = zone_table_create(both, 2);
	ldns_rr_list_cat(another.public_keys, signer.public_keys);
	judge.keys = another.public_keys;
	judge.apex = name;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len =
		    ask(rows[i].name, TYPE_A, true, TRANSPORT_TCP, 1232);
		const char *fault = judge_message(&judge, reply, len);

		ck_assert_msg(fault == NULL, "%s: %s: %s", rows[i].says, fault,
		    describe(reply, len));
		ck_assert_int_eq(describe(reply, len)[0], rows[i].rcode);
		ck_assert_uint_eq(judge.expected, i == 2 ? 2 : 1);
	}
	ldns_rr_list_pop_rr(another.public_keys);
	signer_finish(&another);
	ldns_rdf_deep_free(name);
	stop();
	zone_destroy(second);
}
END_TEST

/* The zone of which all names are, whose apex is no label at all. */
START_TEST(root)
{
	static const char text[] =
	    "$ORIGIN .\n$TTL 300\n@ SOA a. b. 7 3600 600 86400 300\n@ NS a.\n"
	    "a. A 192.0.2.1\nnet. NS ns.net.\nns.net. A 192.0.2.2\n"
	    "org. NS ns.net.\n"
	    "org. DS 1 13 2 "
	    "0101010101010101010101010101010101010101010101010101010101010101\n"
	    "*.b.c. TXT x\n";
	static const char *const asked[] = {".", "a.", "net.", "www.net.",
	    "org.", "www.org.", "c.", "q.b.c.", "*.b.c.", "nix.", "x.nix."};
	char *signed_text;

	signer_init(&signer, ".", 300, ways[_i].chain);
	signed_text = signer_sign(&signer, text);
	zone = fixture_zone(".", signed_text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text, "");
	free(signed_text);
	set = zone_table_create((const struct zone *const *)&zone, 1);
	counters = calloc(1, sizeof(*counters));
	apex = ldns_dname_new_frm_str(".");
	glue = ldns_rr_list_new();
	snapshot = (struct snapshot){.zones = set, .udp_size = 1232};
	judge = (struct judge){
	    .keys = signer.public_keys, .apex = apex, .glue = glue};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		for (size_t t = 0; t < N_TYPES; t++) {
			size_t len =
			    ask(asked[i], types[t], true, TRANSPORT_TCP, 1232);
			const char *fault = judge_message(&judge, reply, len);

			/* Glue is not signed. */
			ck_assert_msg(fault == NULL ||
				strstr(describe(reply, len), "AR ns.net.") !=
				    NULL,
			    "%s %u: %s: %s", asked[i], types[t], fault,
			    describe(reply, len));
		}
	stop();
}
END_TEST

/* Records that should be signed and are not come without. */
START_TEST(chain_without_signatures)
{
	static const char text[] =
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n";
	char *signed_text, *less;
	size_t len;

	serve(text, _i, 1);
	signed_text = signer_sign(&signer, text);
	less = without_lines(signed_text,
	    _i == 0 ? "example.\t300\tIN\tRRSIG\tNSEC "
		    : "3msev9usmd4br9s97v51r2tdvmr9iqo1.example.\t300\tIN\t"
		      "RRSIG\tNSEC3 ");
	ck_assert_uint_lt(strlen(less), strlen(signed_text));
	zone_table_destroy(set);
	zone_destroy(zone);
	zone = fixture_zone("example.", less, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_ptr_nonnull(strstr(eb.text, ": is not signed\n"));
	set = zone_table_create((const struct zone *const *)&zone, 1);
	snapshot.zones = set;
	len = ask("example.", LDNS_RR_TYPE_TXT, true, TRANSPORT_TCP, 1232);
	ck_assert_ptr_nonnull(
	    strstr(describe(reply, len), _i == 0 ? " NSEC " : " NSEC3 "));
	ck_assert_str_eq(
	    judge_message(&judge, reply, len), "a set is not signed");
	free(signed_text);
	free(less);
	stop();
}
END_TEST

/*
 * Opt-out leaves an empty non-terminal without NSEC3, and the wildcard above it
 * has one: it does not reach the name (RFC 4592), which nothing can prove.
 */
START_TEST(wildcard_above_opt_out)
{
	size_t len;

	serve("$ORIGIN example.\n$TTL 300\n"
	      "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n"
	      "*.w A 192.0.2.1\nsub.ent.w NS ns1.other.\n",
	    3, 1);
	len = ask("q.ent.w.example.", TYPE_A, true, TRANSPORT_TCP, 1232);
	ck_assert_int_eq(describe(reply, len)[0], '3');
	ck_assert_str_eq(judge_message(&judge, reply, len),
	    "nothing proves that there is no wildcard");
	ck_assert(judge.opt_out);
	len = ask("q.w.example.", TYPE_A, true, TRANSPORT_TCP, 1232);
	ck_assert_ptr_null(judge_message(&judge, reply, len));
	stop();
}
END_TEST

/* A chain ends where its next name would be too far off to be pointed to; who
 * asked goes on by himself. */
START_TEST(far_chain)
{
	char text[1024];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n");
	ldns_pkt *pkt = NULL;
	size_t n;

	for (int i = 0; i < 11; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "c%d CNAME c%d\n", i, i + 1);
	snprintf(text + len, sizeof(text) - len, "c11 A 192.0.2.1\n");
	serve(text, 0, 18);
	len = ask("c0.example.", TYPE_A, true, TRANSPORT_TCP, 1232);
	ck_assert_uint_gt(len, POINTER_MAX - NAME_MAX_WIRE);
	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, len), LDNS_STATUS_OK);
	ck_assert(!ldns_pkt_tc(pkt));
	ck_assert_uint_eq(ldns_pkt_nscount(pkt), 0);
	n = ldns_pkt_ancount(pkt);
	ck_assert_uint_eq(n % 19, 0); /* CNAMEs and their signatures */
	ck_assert_uint_lt(n / 19, 11);
	ldns_pkt_free(pkt);
	len = ask("c3.example.", TYPE_A, true, TRANSPORT_TCP, 1232);
	ck_assert_ptr_null(judge_message(&judge, reply, len));
	stop();
}
END_TEST

/* A proof farther behind the names that it shares than a pointer reaches. */
START_TEST(far_proof)
{
	char text[40000];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n");
	const char *fault;

	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "*.big TXT \"%0150d\"\n", i);
	serve(text, _i, 2);
	len = ask(
	    "a.b.big.example.", LDNS_RR_TYPE_TXT, true, TRANSPORT_TCP, 1232);
	ck_assert_uint_gt(len, POINTER_MAX);
	fault = judge_message(&judge, reply, len);
	ck_assert_msg(fault == NULL, "%s", fault);
	ck_assert_uint_eq(judge.expected, 2); /* one a key */
	stop();
}
END_TEST

/* A set that no message holds behind the CNAMEs that lead to it: those are the
 * answer, with their proofs, and it is not said to be cut over TCP. */
START_TEST(far_end)
{
	static char text[1 << 17];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n"
	    "*.u CNAME x.v\n*.v CNAME x.w\n*.w CNAME big\n");
	ldns_pkt *pkt = NULL;
	const char *got;

	for (int i = 0; i < 424; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "big TXT \"%0140d\"\n", i);
	serve(text, _i, 1);
	len = ask("big.example.", LDNS_RR_TYPE_TXT, true, TRANSPORT_TCP, 1232);
	ck_assert_ptr_null(judge_message(&judge, reply, len));
	len = ask("q.u.example.", LDNS_RR_TYPE_TXT, true, TRANSPORT_TCP, 1232);
	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, len), LDNS_STATUS_OK);
	ck_assert_uint_eq(ldns_pkt_ancount(pkt), 6);
	/* An NSEC or NSEC3 for each wildcard, some the same, and signed. */
	ck_assert_uint_ge(ldns_pkt_nscount(pkt), 2);
	ldns_pkt_free(pkt);
	got = describe(reply, len);
	ck_assert_int_eq(strncmp(got, "0 aa AN q.u.example. ", 21), 0);
	ck_assert_ptr_nonnull(strstr(got, " IN CNAME big.example.; "));
	ck_assert_ptr_null(strstr(got, " TXT "));
	len = ask("q.u.example.", LDNS_RR_TYPE_TXT, true, TRANSPORT_UDP, 1232);
	ck_assert_str_eq(describe(reply, len), "0 aa tc ");
	stop();
}
END_TEST

/* ${n} signatures of 5000 octets: made up, as large as some may get. */
static size_t
add_large_sigs(
    char *out, size_t size, const char *name, const char *type, int n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		len += (size_t)snprintf(out + len, size - len,
		    "%s RRSIG %s 8 2 300 20380101000000 20200101000000 1 "
		    "example. ",
		    name, type);
		memset(out + len, digits[i], 6664);
		len += 6664;
		len += (size_t)snprintf(out + len, size - len, "\n");
	}
	return len;
}

/* Signatures that do not fit behind the CNAMEs before them: the chain ends
 * where all of it is signed and proved. */
START_TEST(far_signatures)
{
	static const struct {
		const char *name;
		uint16_t answer, authority;
	} rows[] = {
	    /* Two signatures, and not the eleven of the next one. */
	    {"c1.example.", 3, 0},
	    /* Those eleven, and the address behind it. */
	    {"c2.example.", 13, 0},
	    /* Nor the wildcard, whose proof has eleven. */
	    {"c3.example.", 3, 0},
	    /* With which it stands alone: its address is behind it. */
	    {"a.w.example.", 3, 12},
	};
	static char text[1 << 19];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 hostmaster 7 3600 600 86400 300\n@ NS ns1.other.\n"
	    "@ NSEC c1 NS SOA RRSIG NSEC\nc1 CNAME c2\n"
	    "c1 NSEC c2 CNAME RRSIG NSEC\nc2 CNAME t\n"
	    "c2 NSEC c3 CNAME RRSIG NSEC\nc3 CNAME a.w\n"
	    "c3 NSEC t CNAME RRSIG NSEC\nt A 192.0.2.1\n"
	    "t NSEC *.w A RRSIG NSEC\n*.w CNAME t\n"
	    "*.w NSEC @ CNAME RRSIG NSEC\n");

	len += add_large_sigs(text + len, sizeof(text) - len, "@", "SOA", 1);
	len += add_large_sigs(text + len, sizeof(text) - len, "c1", "CNAME", 2);
	len +=
	    add_large_sigs(text + len, sizeof(text) - len, "c2", "CNAME", 11);
	len += add_large_sigs(text + len, sizeof(text) - len, "c3", "CNAME", 2);
	len +=
	    add_large_sigs(text + len, sizeof(text) - len, "*.w", "CNAME", 1);
	add_large_sigs(text + len, sizeof(text) - len, "*.w", "NSEC", 11);
	zone = fixture_zone("example.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	set = zone_table_create((const struct zone *const *)&zone, 1);
	counters = calloc(1, sizeof(*counters));
	snapshot.zones = set;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(rows[i].name, TYPE_A, true, TRANSPORT_TCP, 1232);
		ck_assert_msg(
		    wire_get16(reply + 2) == (FLAG_QR | FLAG_AA | FLAG_RD),
		    "%s", rows[i].name);
		ck_assert_msg(wire_get16(reply + 6) == rows[i].answer, "%s",
		    rows[i].name);
		ck_assert_msg(wire_get16(reply + 8) == rows[i].authority, "%s",
		    rows[i].name);
	}
	zone_table_destroy(set);
	zone_destroy(zone);
	free(counters);
}
END_TEST

/* ANY gets the smallest set and what signs it (RFC 8482, 4.1), DO or not. */
START_TEST(any)
{
	size_t len;

	serve(zone_text, _i, 1);
	len = ask("a.example.", TYPE_ANY, false, TRANSPORT_TCP, 1232);
	ck_assert_str_eq(describe(reply, len),
	    "0 aa AN a.example. 300 IN A 192.0.2.2; a.example. 300 IN A "
	    "192.0.2.3; ");
	len = ask("example.", TYPE_ANY, false, TRANSPORT_TCP, 1232);
	ck_assert_str_eq(describe(reply, len),
	    "0 aa AN example. 300 IN TYPE65280 \\# 3 0a0b0c; ");
	len = ask("a.example.", TYPE_ANY, true, TRANSPORT_TCP, 1232);
	ck_assert_ptr_nonnull(strstr(describe(reply, len), "IN RRSIG A "));
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_signed");
	TCase *tcase = tcase_create("signed");
	SRunner *runner = srunner_create(suite);
	int failed;

	snprintf(zone_text, sizeof(zone_text), "%ssafe DS 1 13 2 %064d\n",
	    signed_zone, 0);
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, every_answer_is_proved, 0, N_WAYS);
	tcase_add_loop_test(tcase, every_record_is_needed, 0, N_WAYS);
	tcase_add_loop_test(tcase, without_do, 0, N_WAYS);
	tcase_add_loop_test(tcase, truncation, 0, N_WAYS);
	tcase_add_test(tcase, optional_signatures);
	tcase_add_test(tcase, owners_of_nsec3);
	tcase_add_test(tcase, run_time_collision);
	tcase_add_loop_test(tcase, two_zones, 0, N_WAYS);
	tcase_add_loop_test(tcase, root, 0, N_WAYS);
	tcase_add_loop_test(tcase, chain_without_signatures, 0, 2);
	tcase_add_test(tcase, wildcard_above_opt_out);
	tcase_add_test(tcase, far_chain);
	tcase_add_loop_test(tcase, far_proof, 0, N_WAYS);
	tcase_add_loop_test(tcase, far_end, 0, N_WAYS);
	tcase_add_test(tcase, far_signatures);
	tcase_add_loop_test(tcase, any, 0, N_WAYS);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
