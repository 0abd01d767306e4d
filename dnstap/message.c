/*
 * Between our struct of a message and the one that protoc-c makes of the
 * format.  Called as message.h says; what it is given to read may be anything.
 */
#include "dnstap/message.h"

#include <string.h>

#include "dnstap/dnstap.pb-c.h"

#define NS INT64_C(1000000000)

static ProtobufCBinaryData
to_binary(const struct dnstap_octets *octets)
{
	/* The library only reads it. */
	return (ProtobufCBinaryData){
	    octets->len, (uint8_t *)(uintptr_t)octets->data};
}

static ProtobufCBinaryData
to_address(const struct address *a)
{
	const struct dnstap_octets octets = {a->bytes, address_bits(a) / 8};

	return to_binary(&octets);
}

static void
set_times(const struct dnstap_message *from, Dnstap__Message *m)
{
	m->has_query_time_sec = m->has_query_time_nsec = from->query_ns != 0;
	m->query_time_sec = (uint64_t)(from->query_ns / NS);
	m->query_time_nsec = (uint32_t)(from->query_ns % NS);
	if (!from->response)
		return;
	m->has_response_time_sec = m->has_response_time_nsec =
	    from->response_ns != 0;
	m->response_time_sec = (uint64_t)(from->response_ns / NS);
	m->response_time_nsec = (uint32_t)(from->response_ns % NS);
}

static void
set_ends(const struct dnstap_message *from, Dnstap__Message *m)
{
	m->has_socket_family = true;
	m->socket_family = from->client.address.family == 4
	    ? DNSTAP__SOCKET_FAMILY__INET
	    : DNSTAP__SOCKET_FAMILY__INET6;
	m->has_socket_protocol = true;
	m->socket_protocol = from->stream ? DNSTAP__SOCKET_PROTOCOL__TCP
					  : DNSTAP__SOCKET_PROTOCOL__UDP;
	m->has_query_address = m->has_query_port =
	    from->client.address.family != 0;
	if (m->has_query_address)
		m->query_address = to_address(&from->client.address);
	m->query_port = from->client.port;
	m->has_response_address = m->has_response_port =
	    from->server.address.family != 0;
	if (m->has_response_address)
		m->response_address = to_address(&from->server.address);
	m->response_port = from->server.port;
}

size_t
dnstap_pack(const struct dnstap_message *from, uint8_t *out, size_t room)
{
	Dnstap__Message m = DNSTAP__MESSAGE__INIT;
	Dnstap__Dnstap d = DNSTAP__DNSTAP__INIT;

	m.type = from->response ? DNSTAP__MESSAGE__TYPE__AUTH_RESPONSE
				: DNSTAP__MESSAGE__TYPE__AUTH_QUERY;
	set_ends(from, &m);
	set_times(from, &m);
	m.has_query_message = from->query.data != NULL;
	m.query_message = to_binary(&from->query);
	m.has_response_message = from->answer.data != NULL;
	m.response_message = to_binary(&from->answer);
	d.type = DNSTAP__DNSTAP__TYPE__MESSAGE;
	d.message = &m;
	d.has_identity = from->identity.data != NULL;
	d.identity = to_binary(&from->identity);
	d.has_version = from->version.data != NULL;
	d.version = to_binary(&from->version);
	d.has_extra = from->extra.data != NULL;
	d.extra = to_binary(&from->extra);
	if (dnstap__dnstap__get_packed_size(&d) > room)
		return 0;
	return dnstap__dnstap__pack(&d, out);
}

static struct dnstap_octets
from_binary(protobuf_c_boolean has, const ProtobufCBinaryData *binary)
{
	if (!has || binary->data == NULL)
		return (struct dnstap_octets){NULL, 0};
	return (struct dnstap_octets){binary->data, binary->len};
}

/* An end of a conversation; one with an address that is none is not known. */
static void
get_end(protobuf_c_boolean has, const ProtobufCBinaryData *address,
    uint32_t port, struct endpoint_address *out)
{
	*out = (struct endpoint_address){.port = (uint16_t)port};
	if (!has || (address->len != 4 && address->len != 16))
		return;
	out->address.family = address->len == 4 ? 4 : 6;
	memcpy(out->address.bytes, address->data, address->len);
}

/* A time that is none, or that no clock shows, is not known. */
static int64_t
get_time(protobuf_c_boolean has, uint64_t seconds, uint32_t ns)
{
	if (!has || seconds > INT64_MAX / NS - 1 || ns >= NS)
		return 0;
	return (int64_t)seconds * NS + ns;
}

void *
dnstap_unpack(const uint8_t *frame, size_t len, struct dnstap_message *out)
{
	Dnstap__Dnstap *d;
	const Dnstap__Message *m;

	if (len > DNSTAP_FRAME_MAX)
		return NULL;
	d = dnstap__dnstap__unpack(NULL, len, frame);
	if (d == NULL)
		return NULL;
	m = d->message;
	if (m == NULL || d->type != DNSTAP__DNSTAP__TYPE__MESSAGE) {
		dnstap_free(d);
		return NULL;
	}
	*out = (struct dnstap_message){
	    .response = m->type % 2 == 0,
	    .stream = m->has_socket_protocol &&
		m->socket_protocol != DNSTAP__SOCKET_PROTOCOL__UDP,
	    .query_ns = get_time(
		m->has_query_time_sec, m->query_time_sec, m->query_time_nsec),
	    .response_ns = get_time(m->has_response_time_sec,
		m->response_time_sec, m->response_time_nsec),
	    .query = from_binary(m->has_query_message, &m->query_message),
	    .answer =
		from_binary(m->has_response_message, &m->response_message),
	    .identity = from_binary(d->has_identity, &d->identity),
	    .version = from_binary(d->has_version, &d->version),
	    .extra = from_binary(d->has_extra, &d->extra),
	};
	get_end(m->has_query_address, &m->query_address, m->query_port,
	    &out->client);
	get_end(m->has_response_address, &m->response_address, m->response_port,
	    &out->server);
	return d;
}

void
dnstap_free(void *data)
{
	if (data != NULL)
		dnstap__dnstap__free_unpacked(data, NULL);
}
