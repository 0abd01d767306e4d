/*
 * The part of the inference server that plays servers of gRPC: their frames of
 * HTTP/2, made by hand so that they may be wrong.  Called by
 * inference_server.c; reads nothing of the request, whose stream is 1.
 */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/system/inference_server.h"

/* An octet string with its length, as a pair of arguments. */
#define OCTETS(text) text, sizeof(text) - 1

/* Length, type, flags and stream of a frame, and what is in it. */
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
/* :status 200, and content-type as it is written */
#define HEADERS                          \
	"\0\0\x20\1\4\0\0\0\1\x88\0\x0c" \
	"content-type\x10"               \
	"application/grpc"
#define DATA "\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x8"
#define SERVING "\1"
#define NOT_SERVING "\2"
/* END_STREAM */
#define TRAILERS                     \
	"\0\0\x0f\1\5\0\0\0\1\0\x0b" \
	"grpc-status\1"              \
	"0"
/* HEADERS without an end, and a piece of more of them. */
#define OPEN_HEADERS "\0\0\1\1\0\0\0\0\1\x88"
#define MORE_HEADERS                \
	"\0\0\x0b\x9\0\0\0\0\1\0\4" \
	"x-up\4"                    \
	"more"

static bool
send_octets(int fd, const char *data, size_t len)
{
	return send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Until the client goes. */
static void
wait_for_end(int fd)
{
	char octets[512];

	while (recv(fd, octets, sizeof(octets), 0) > 0)
		continue;
}

static void
drip(int fd)
{
	static const char answer[] = SETTINGS HEADERS DATA SERVING TRAILERS;
	const struct timespec pause = {0, 50000000};

	for (size_t i = 0; i < sizeof(answer) - 1; i++) {
		if (!send_octets(fd, answer + i, 1))
			return;
		nanosleep(&pause, NULL);
	}
}

static void
send_headers_without_end(int fd)
{
	bool going = send_octets(fd, OCTETS(SETTINGS OPEN_HEADERS));

	while (going)
		going = send_octets(fd, OCTETS(MORE_HEADERS));
}

void
inference_answer_grpc(int fd, unsigned shape)
{
	switch (shape) {
	case SHAPE_LOADING:
		send_octets(
		    fd, OCTETS(SETTINGS HEADERS DATA NOT_SERVING TRAILERS));
		break;
	case SHAPE_HUNG:
		break;
	case SHAPE_GARBAGE:
		send_octets(fd, OCTETS("\x16\x03\x01\x1b[31mred\r\n\r\n"));
		break;
	case SHAPE_HALF:
		send_octets(fd, OCTETS(SETTINGS HEADERS DATA));
		shutdown(fd, SHUT_WR);
		break;
	case SHAPE_DRIP:
		drip(fd);
		break;
	case SHAPE_ENDLESS_HEADERS:
		send_headers_without_end(fd);
		break;
	default:
		send_octets(fd, OCTETS(SETTINGS HEADERS DATA SERVING TRAILERS));
		break;
	}
	if (shape == SHAPE_RESET)
		inference_reset(fd);
	else
		wait_for_end(fd);
}
