/*
 * Octets as text: hexadecimal, base 32 with the extended hex alphabet, base 64
 * (RFC 4648, 8, 7 and 4).  Called by the readers of files, which may cut such a
 * text anywhere, and by those who print hashes.
 *
 * libsodium has two of the three; its decoders want the whole text in one piece
 * and know no base 32.
 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The alphabets, each by the bits that one of its digits stands for. */
enum codec {
	CODEC_HEX = 4,
	CODEC_BASE32HEX = 5, /* without padding, as in NSEC3 (RFC 5155, 3.3) */
	CODEC_BASE64 = 6     /* padded to groups of four */
};

/* Characters of ${octets} octets at most, with the NUL. */
#define CODEC_TEXT(octets) (2 * (octets) + 4)

/* value = codec_value(codec, c): the value of one digit, or -1.  Letters of
 * hexadecimal and base 32 may be of either case. */
int codec_value(enum codec codec, char c);

/*
 * text = codec_encode(codec, data, len, out): write ${len} octets to ${out},
 * which has room for CODEC_TEXT(${len}), with a NUL at the end.  Letters of
 * hexadecimal and base 32 are small.  Returns ${out}.
 */
char *codec_encode(enum codec codec, const void *data, size_t len, char *out);

/*
 * codec_decode(codec, text, len, out, size, n): the octets of a whole text, at
 * most ${size} of them, to ${out}, their number to ${n}.  0, or -1 when it has
 * other characters, leaves a part of an octet, or has more octets.  An empty
 * text is no octets.
 */
int codec_decode(enum codec codec, const char *text, size_t len, void *out,
    size_t size, size_t *n);

/* A text that is read character by character; begins as {.codec = ...}. */
struct codec_reader {
	enum codec codec;
	uint32_t bits;    /* of the digits so far, the last ones lowest */
	unsigned waiting; /* of them, that are not written yet */
	unsigned place;   /* in the group of four, base 64 only */
	unsigned padding; /* characters "=" */
};

/*
 * n = codec_take(reader, c, octet): read one more character.  1 when it made an
 * octet whole, which is then in ${octet}; 0 when it did not; -1 when it cannot
 * follow those before it.
 */
int codec_take(struct codec_reader *reader, char c, uint8_t *octet);

/* whole = codec_whole(reader): the text may end here: no part of an octet is
 * left over, and base 64 is padded. */
bool codec_whole(const struct codec_reader *reader);

#endif
