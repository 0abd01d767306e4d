/*
 * The encodings of RFC 4648, one loop for all three: an alphabet differs from
 * another in its digits and in how many bits each stands for.  Called by every
 * room; allocates nothing.
 */
#include "base/codec.h"

/* Base 64 counts its digits and padding in groups of so many (RFC 4648, 4). */
#define GROUP 4

int
codec_value(enum codec codec, char c)
{
	int letter = c >= 'a' && c <= 'z' ? c - 'a'
	    : c >= 'A' && c <= 'Z'        ? c - 'A'
					  : -1;

	if (codec == CODEC_BASE64) {
		if (letter >= 0)
			return c >= 'a' ? letter + 26 : letter;
		if (c >= '0' && c <= '9')
			return c - '0' + 52;
		return c == '+' ? 62 : c == '/' ? 63 : -1;
	}
	if (c >= '0' && c <= '9')
		return c - '0';
	return letter >= 0 && letter + 10 < 1 << codec ? letter + 10 : -1;
}

static char
digit_of(enum codec codec, unsigned value)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char base32[] = "0123456789abcdefghijklmnopqrstuv";

	return codec == CODEC_BASE64 ? base64[value] : base32[value];
}

char *
codec_encode(enum codec codec, const void *data, size_t len, char *out)
{
	const unsigned mask = (1u << codec) - 1;
	const uint8_t *octets = data;
	uint32_t bits = 0;
	unsigned waiting = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | octets[i];
		for (waiting += 8; waiting >= codec; waiting -= codec)
			out[n++] =
			    digit_of(codec, bits >> (waiting - codec) & mask);
	}
	/* What is left over becomes the first bits of a last digit. */
	if (waiting > 0)
		out[n++] = digit_of(codec, bits << (codec - waiting) & mask);
	while (codec == CODEC_BASE64 && n % GROUP != 0)
		out[n++] = '=';
	out[n] = '\0';
	return out;
}

/* Bits left over that are not zero would be lost (RFC 4648, 3.5). */
static bool
loses_bits(const struct codec_reader *reader)
{
	return (reader->bits & ((1u << reader->waiting) - 1)) != 0;
}

/* Take a "=" of base 64; false when it does not belong here. */
static bool
take_padding(struct codec_reader *reader)
{
	if (reader->codec != CODEC_BASE64 || reader->place < 2)
		return false;
	reader->padding++;
	reader->place = (reader->place + 1) % GROUP;
	return reader->place != 0 || !loses_bits(reader);
}

int
codec_take(struct codec_reader *reader, char c, uint8_t *octet)
{
	int value = codec_value(reader->codec, c);

	if (c == '=')
		return take_padding(reader) ? 0 : -1;
	if (value < 0 || reader->padding > 0)
		return -1;
	reader->bits = reader->bits << reader->codec | (uint32_t)value;
	reader->waiting += reader->codec;
	reader->place = (reader->place + 1) % GROUP;
	if (reader->waiting < 8)
		return 0;
	reader->waiting -= 8;
	*octet = (uint8_t)(reader->bits >> reader->waiting);
	return 1;
}

bool
codec_whole(const struct codec_reader *reader)
{
	if (reader->codec == CODEC_BASE64)
		return reader->place == 0;
	/* A whole digit left over gave nothing, so it was one too many. */
	return reader->waiting < reader->codec && !loses_bits(reader);
}

/* Of base 64, the groups at the beginning of ${text} that are whole digits, as
 * all are but the last one: how many characters these are, of three octets a
 * group to ${out}, which has room for ${size}. */
static size_t
decode_groups(const char *text, size_t len, uint8_t *out, size_t size)
{
	size_t at = 0;

	for (; len - at >= GROUP && size >= 3; at += GROUP, size -= 3) {
		int a = codec_value(CODEC_BASE64, text[at]);
		int b = codec_value(CODEC_BASE64, text[at + 1]);
		int c = codec_value(CODEC_BASE64, text[at + 2]);
		int d = codec_value(CODEC_BASE64, text[at + 3]);

		if ((a | b | c | d) < 0)
			break;
		*out++ = (uint8_t)(a << 2 | b >> 4);
		*out++ = (uint8_t)(b << 4 | c >> 2);
		*out++ = (uint8_t)(c << 6 | d);
	}
	return at;
}

int
codec_decode(enum codec codec, const char *text, size_t len, void *out,
    size_t size, size_t *n)
{
	struct codec_reader reader = {.codec = codec};
	uint8_t *octets = out, octet;
	size_t at =
	    codec == CODEC_BASE64 ? decode_groups(text, len, octets, size) : 0;
	size_t used = at / GROUP * 3;

	for (size_t i = at; i < len; i++) {
		int made = codec_take(&reader, text[i], &octet);

		if (made < 0 || (made > 0 && used == size))
			return -1;
		if (made > 0)
			octets[used++] = octet;
	}
	if (!codec_whole(&reader))
		return -1;
	*n = used;
	return 0;
}
