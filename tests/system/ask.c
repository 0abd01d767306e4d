/*
 * The DNS client of the system tests: ldns makes and reads the messages, the
 * sockets are our own; see ask.h.
 */
#include "tests/system/ask.h"

#include <check.h>
#include <errno.h>
#include <ldns/ldns.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "tests/system/harness.h"

#define DEFAULT_TIMEOUT_MS 2000
#define DEFAULT_UDP_SIZE 1232

/* The option of RFC 7871, 6, for ${text}. */
static ldns_edns_option *
subnet_option(const char *text)
{
	struct prefix prefix;
	uint8_t data[4 + 16];
	size_t octets;

	ck_assert_msg(prefix_parse(text, &prefix) == 0, "subnet %s", text);
	octets = (prefix.length + 7u) / 8;
	data[0] = 0;
	data[1] = prefix.address.family == 4 ? 1 : 2;
	data[2] = prefix.length;
	data[3] = 0;
	memcpy(data + 4, prefix.address.bytes, octets);
	return ldns_edns_new_from_data(
	    LDNS_EDNS_CLIENT_SUBNET, 4 + octets, data);
}

static void
add_edns(ldns_pkt *packet, const struct ask *question)
{
	ldns_edns_option_list *options;
	ldns_edns_option *option;

	ldns_pkt_set_edns_udp_size(packet,
	    question->udp_size > 0 ? question->udp_size : DEFAULT_UDP_SIZE);
	ldns_pkt_set_edns_do(packet, question->dnssec_ok);
	if (question->subnet == NULL)
		return;
	options = ldns_edns_option_list_new();
	option = subnet_option(question->subnet);
	ck_assert_ptr_nonnull(options);
	ck_assert_ptr_nonnull(option);
	ck_assert(ldns_edns_option_list_push(options, option));
	ldns_pkt_set_edns_option_list(packet, options);
}

static ldns_pkt *
make_query(const struct ask *question)
{
	ldns_rdf *name = ldns_dname_new_frm_str(question->name);
	ldns_rr_type type = ldns_get_rr_type_by_name(
	    question->type != NULL ? question->type : "A");
	ldns_pkt *packet;

	ck_assert_msg(name != NULL, "name %s", question->name);
	packet = ldns_pkt_query_new(name, type, LDNS_RR_CLASS_IN, 0);
	ck_assert_ptr_nonnull(packet);
	ldns_pkt_set_random_id(packet);
	ldns_pkt_set_rd(packet, question->recursion);
	if (!question->no_edns)
		add_edns(packet, question);
	return packet;
}

/* Wait until ${fd} is ready; false when the time is up. */
static bool
ready(int fd, short events, int64_t end)
{
	struct pollfd poller = {.fd = fd, .events = events};
	int64_t left = end - harness_ms();

	return left > 0 && poll(&poller, 1, (int)left) > 0;
}

static bool
send_all(int fd, const uint8_t *data, size_t len, int64_t end)
{
	while (len > 0) {
		ssize_t n;

		if (!ready(fd, POLLOUT, end))
			return false;
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
receive_all(int fd, uint8_t *data, size_t len, int64_t end)
{
	while (len > 0) {
		ssize_t n;

		if (!ready(fd, POLLIN, end))
			return false;
		n = recv(fd, data, len, 0);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static size_t
over_udp(int fd, const uint8_t *query, size_t len, uint8_t *reply, int64_t end)
{
	ssize_t n;

	if (send(fd, query, len, MSG_NOSIGNAL) != (ssize_t)len ||
	    !ready(fd, POLLIN, end))
		return 0;
	n = recv(fd, reply, REPLY_MAX, 0);
	return n > 0 ? (size_t)n : 0;
}

static size_t
over_tcp(int fd, const uint8_t *query, size_t len, uint8_t *reply, int64_t end)
{
	uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};
	size_t n;

	if (!send_all(fd, head, 2, end) || !send_all(fd, query, len, end) ||
	    !receive_all(fd, head, 2, end))
		return 0;
	n = (size_t)(head[0] << 8 | head[1]);
	return receive_all(fd, reply, n, end) ? n : 0;
}

/* Ask from ${text}, any port of it. */
static void
bind_source(int fd, const char *text)
{
	struct address address;
	struct sockaddr_storage sa;
	socklen_t len;

	ck_assert_int_eq(address_parse(text, &address), 0);
	len = address_to_sockaddr(&address, 0, &sa);
	ck_assert_msg(bind(fd, (struct sockaddr *)&sa, len) == 0,
	    "bind to %s: %s", text, strerror(errno));
}

size_t
ask_bytes(const struct ask *question, const uint8_t *query, size_t len,
    uint8_t *reply)
{
	struct address address;
	struct sockaddr_storage sa;
	socklen_t sa_len;
	int64_t end = harness_ms();
	size_t n = 0;
	int fd;

	end += question->timeout_ms > 0 ? question->timeout_ms
					: DEFAULT_TIMEOUT_MS;
	ck_assert_int_eq(
	    address_parse(question->ipv6 ? "::1" : "127.0.0.1", &address), 0);
	sa_len = address_to_sockaddr(&address, question->port, &sa);
	fd = socket(sa.ss_family,
	    (question->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	ck_assert_msg(fd >= 0, "socket: %s", strerror(errno));
	if (question->source != NULL)
		bind_source(fd, question->source);
	if (connect(fd, (struct sockaddr *)&sa, sa_len) == 0)
		n = question->tcp ? over_tcp(fd, query, len, reply, end)
				  : over_udp(fd, query, len, reply, end);
	close(fd);
	return n;
}

/* The data of ${rr} as in a master file. */
static void
take_data(const ldns_rr *rr, char *out, size_t room)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));
		size_t n = text != NULL ? strlen(text) : 0;

		if (text == NULL || len + n + 2 > room) {
			out[0] = '\0';
			free(text);
			return;
		}
		if (i > 0)
			out[len++] = ' ';
		memcpy(out + len, text, n + 1);
		len += n;
		free(text);
	}
}

static void
take_record(const ldns_rr *rr, struct reply_record *out)
{
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	char *type = ldns_rr_type2str(ldns_rr_get_type(rr));

	ck_assert_ptr_nonnull(owner);
	ck_assert_ptr_nonnull(type);
	snprintf(out->owner, sizeof(out->owner), "%s", owner);
	snprintf(out->type, sizeof(out->type), "%s", type);
	out->ttl_s = ldns_rr_ttl(rr);
	take_data(rr, out->data, sizeof(out->data));
	free(owner);
	free(type);
}

static size_t
take_section(const ldns_rr_list *section, struct reply_record *out)
{
	size_t n = ldns_rr_list_rr_count(section);

	ck_assert_uint_le(n, REPLY_RECORDS);
	for (size_t i = 0; i < n; i++)
		take_record(ldns_rr_list_rr(section, i), &out[i]);
	return n;
}

static void
take_subnet(const ldns_edns_option *option, struct reply *reply)
{
	const uint8_t *data = ldns_edns_get_data(option);
	size_t size = ldns_edns_get_size(option);
	struct address address = {0};

	ck_assert_uint_ge(size, 4);
	address.family = data[1] == 1 ? 4 : 6;
	ck_assert_uint_le(size - 4, address.family == 4 ? 4u : 16u);
	memcpy(address.bytes, data + 4, size - 4);
	reply->subnet = true;
	reply->source_len = data[2];
	reply->scope = data[3];
	address_format(&address, reply->subnet_text);
}

static void
take_edns(ldns_pkt *packet, struct reply *reply)
{
	const ldns_edns_option_list *options;

	reply->edns = ldns_pkt_edns(packet);
	if (!reply->edns)
		return;
	reply->udp_size = ldns_pkt_edns_udp_size(packet);
	reply->rcode |= (unsigned)ldns_pkt_edns_extended_rcode(packet) << 4;
	options = ldns_pkt_edns_get_option_list(packet);
	for (size_t i = 0; i < ldns_edns_option_list_get_count(options); i++) {
		const ldns_edns_option *option =
		    ldns_edns_option_list_get_option(options, i);

		if (ldns_edns_get_code(option) == LDNS_EDNS_CLIENT_SUBNET)
			take_subnet(option, reply);
	}
}

static void
take_packet(ldns_pkt *packet, struct reply *reply)
{
	reply->rcode = (unsigned)ldns_pkt_get_rcode(packet);
	reply->aa = ldns_pkt_aa(packet);
	reply->tc = ldns_pkt_tc(packet);
	reply->rd = ldns_pkt_rd(packet);
	reply->ra = ldns_pkt_ra(packet);
	reply->ad = ldns_pkt_ad(packet);
	reply->n_answer = take_section(ldns_pkt_answer(packet), reply->answer);
	reply->n_authority =
	    take_section(ldns_pkt_authority(packet), reply->authority);
	reply->n_additional =
	    take_section(ldns_pkt_additional(packet), reply->additional);
	take_edns(packet, reply);
}

/* Whether ${got} answers ${sent}: a response, the same id and question. */
static bool
matches(const ldns_pkt *sent, const ldns_pkt *got)
{
	const ldns_rr *a = ldns_rr_list_rr(ldns_pkt_question(sent), 0);
	const ldns_rr *b;

	if (!ldns_pkt_qr(got) || ldns_pkt_id(got) != ldns_pkt_id(sent) ||
	    ldns_rr_list_rr_count(ldns_pkt_question(got)) != 1)
		return false;
	b = ldns_rr_list_rr(ldns_pkt_question(got), 0);
	return ldns_rr_get_type(a) == ldns_rr_get_type(b) &&
	    ldns_dname_compare(ldns_rr_owner(a), ldns_rr_owner(b)) == 0;
}

bool
ask(const struct ask *question, struct reply *reply)
{
	uint8_t *room = malloc(REPLY_MAX), *wire = NULL;
	ldns_pkt *sent = make_query(question), *got = NULL;
	size_t len = 0, n;
	bool good;

	memset(reply, 0, sizeof(*reply));
	ck_assert_ptr_nonnull(room);
	ck_assert_int_eq(ldns_pkt2wire(&wire, sent, &len), LDNS_STATUS_OK);
	n = ask_bytes(question, wire, len, room);
	good = n > 0 && ldns_wire2pkt(&got, room, n) == LDNS_STATUS_OK &&
	    matches(sent, got);
	if (good) {
		reply->size = n;
		take_packet(got, reply);
	}
	ldns_pkt_free(got);
	ldns_pkt_free(sent);
	LDNS_FREE(wire);
	free(room);
	return good;
}

const char *
ask_data(const struct ask *question, struct reply *reply)
{
	if (!ask(question, reply) || reply->n_answer == 0)
		return "";
	return reply->answer[0].data;
}
