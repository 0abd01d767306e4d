/*
 * Rows by tables of their fields: to and from statements and frames.  Called by
 * the reader, the writer and both ends of the helper processes; decides nothing
 * but whether a value can be what its column says.
 */
#include "state/fields.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "state/rows.h"

#define FIELD(row, member, kind)                           \
	{                                                  \
		.column = #member, .type = (kind),         \
		.offset = offsetof(struct row, member),    \
		.size = sizeof(((struct row *)0)->member), \
	}
#define FIELDS(array, row)                                                 \
	{                                                                  \
		.field = (array), .n = sizeof(array) / sizeof((array)[0]), \
		.size = sizeof(struct row),                                \
	}

static const struct field vantage[] = {
    FIELD(state_vantage, name, FIELD_NAME),
    FIELD(state_vantage, version, FIELD_WORDS),
    FIELD(state_vantage, heartbeat_ms, FIELD_TIME),
    FIELD(state_vantage, sequence, FIELD_SEQUENCE),
};

static const struct field endpoint[] = {
    FIELD(state_endpoint, vantage, FIELD_NAME),
    FIELD(state_endpoint, zone, FIELD_NAME),
    FIELD(state_endpoint, pool, FIELD_NAME),
    FIELD(state_endpoint, endpoint, FIELD_NAME),
    FIELD(state_endpoint, health, FIELD_HEALTH),
    FIELD(state_endpoint, reason, FIELD_WORDS),
    FIELD(state_endpoint, since_ms, FIELD_TIME),
    FIELD(state_endpoint, checked_ms, FIELD_TIME),
    FIELD(state_endpoint, passes, FIELD_COUNT),
    FIELD(state_endpoint, fails, FIELD_COUNT),
    FIELD(state_endpoint, connect_us, FIELD_LATENCY),
    FIELD(state_endpoint, first_byte_us, FIELD_LATENCY),
    FIELD(state_endpoint, sequence, FIELD_SEQUENCE),
};

/* An event may be about less than an endpoint: then names are empty. */
static const struct field event[] = {
    FIELD(state_event, sequence, FIELD_SEQUENCE),
    FIELD(state_event, at_ms, FIELD_TIME),
    FIELD(state_event, vantage, FIELD_NAME),
    FIELD(state_event, zone, FIELD_WORDS),
    FIELD(state_event, pool, FIELD_WORDS),
    FIELD(state_event, endpoint, FIELD_WORDS),
    FIELD(state_event, before, FIELD_HEALTH),
    FIELD(state_event, after, FIELD_HEALTH),
    FIELD(state_event, reason, FIELD_WORDS),
};

const struct fields fields_vantage = FIELDS(vantage, state_vantage);
const struct fields fields_endpoint = FIELDS(endpoint, state_endpoint);
const struct fields fields_event = FIELDS(event, state_event);

static bool
is_text(const struct field *f)
{
	return f->type == FIELD_NAME || f->type == FIELD_WORDS;
}

/* The number in the field at ${p}, of any of the types that hold one. */
static int64_t
get_number(const struct field *f, const void *p)
{
	enum state_health health;
	uint32_t count;
	int64_t number;

	switch (f->type) {
	case FIELD_HEALTH:
		memcpy(&health, p, sizeof(health));
		return (int64_t)health;
	case FIELD_COUNT:
		memcpy(&count, p, sizeof(count));
		return count;
	case FIELD_TIME:
	case FIELD_LATENCY:
	case FIELD_SEQUENCE:
	case FIELD_NAME:
	case FIELD_WORDS:
		break;
	}
	memcpy(&number, p, sizeof(number));
	return number;
}

/* Put ${number} to the field at ${p}; false when it is out of its range. */
static bool
set_number(const struct field *f, void *p, int64_t number)
{
	int64_t min = 0, max = INT64_MAX;
	enum state_health health;
	uint32_t count;

	switch (f->type) {
	case FIELD_HEALTH:
		max = HEALTH_DOWN;
		break;
	case FIELD_COUNT:
		max = UINT32_MAX;
		break;
	case FIELD_TIME:
		max = FIELD_TIME_MAX;
		break;
	case FIELD_LATENCY:
		min = -1;
		break;
	case FIELD_SEQUENCE:
		max = FIELD_SEQUENCE_MAX;
		break;
	case FIELD_NAME:
	case FIELD_WORDS:
		break;
	}
	if (number < min || number > max)
		return false;
	if (f->type == FIELD_HEALTH) {
		health = (enum state_health)number;
		memcpy(p, &health, sizeof(health));
	} else if (f->type == FIELD_COUNT) {
		count = (uint32_t)number;
		memcpy(p, &count, sizeof(count));
	} else {
		memcpy(p, &number, sizeof(number));
	}
	return true;
}

/* Copy ${len} bytes to the text at ${p}; false when they cannot be it. */
static bool
set_text(const struct field *f, char *p, const unsigned char *text, size_t len)
{
	bool name = f->type == FIELD_NAME;

	if (len >= f->size) {
		if (name)
			return false;
		len = f->size - 1;
	}
	if (name && len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool odd = text[i] < ' ' || text[i] > '~';

		if (odd && name)
			return false;
		p[i] = odd ? '?' : (char)text[i];
	}
	p[len] = '\0';
	return true;
}

int
fields_bind(const struct fields *fields, const void *row, sqlite3_stmt *stmt)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < fields->n && code == SQLITE_OK; i++) {
		const struct field *f = &fields->field[i];
		const char *p = (const char *)row + f->offset;
		int at = (int)i + 1;
		int64_t number;

		if (is_text(f)) {
			code = sqlite3_bind_text(stmt, at, p,
			    (int)strnlen(p, f->size - 1), SQLITE_STATIC);
			continue;
		}
		number = get_number(f, p);
		if (f->type == FIELD_HEALTH)
			code = sqlite3_bind_text(stmt, at,
			    state_health_name((enum state_health)number), -1,
			    SQLITE_STATIC);
		else if (f->type == FIELD_LATENCY && number < 0)
			code = sqlite3_bind_null(stmt, at);
		else
			code = sqlite3_bind_int64(stmt, at, number);
	}
	return code;
}

static bool
read_field(const struct field *f, sqlite3_stmt *stmt, int at, char *p)
{
	int type = sqlite3_column_type(stmt, at);
	const unsigned char *text;
	enum state_health health;

	if (f->type == FIELD_LATENCY && type == SQLITE_NULL)
		return set_number(f, p, -1);
	if (!is_text(f) && f->type != FIELD_HEALTH)
		return type == SQLITE_INTEGER &&
		    sqlite3_column_int64(stmt, at) >= 0 &&
		    set_number(f, p, sqlite3_column_int64(stmt, at));
	if (type != SQLITE_TEXT)
		return false;
	text = sqlite3_column_text(stmt, at);
	if (text == NULL)
		return false;
	if (is_text(f))
		return set_text(
		    f, p, text, (size_t)sqlite3_column_bytes(stmt, at));
	return state_health_parse((const char *)text, &health) == 0 &&
	    set_number(f, p, (int64_t)health);
}

const char *
fields_read(const struct fields *fields, sqlite3_stmt *stmt, void *row)
{
	memset(row, 0, fields->size);
	for (size_t i = 0; i < fields->n; i++)
		if (!read_field(&fields->field[i], stmt, (int)i,
			(char *)row + fields->field[i].offset))
			return fields->field[i].column;
	return NULL;
}

size_t
fields_pack(const struct fields *fields, const void *row, unsigned char *out)
{
	unsigned char *p = out;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->field[i];
		const char *from = (const char *)row + f->offset;
		int64_t number;

		/* The longest text has 255 bytes: one for its length. */
		if (is_text(f)) {
			size_t len = strnlen(from, f->size - 1);

			*p++ = (unsigned char)len;
			memcpy(p, from, len);
			p += len;
		} else {
			number = get_number(f, from);
			memcpy(p, &number, sizeof(number));
			p += sizeof(number);
		}
	}
	return (size_t)(p - out);
}

int
fields_put(const struct fields *fields, const void *row, uint32_t kind,
    struct frame_buffer *out)
{
	unsigned char packed[FRAME_MAX];

	return frame_put(out, kind, packed, fields_pack(fields, row, packed));
}

int
fields_take(const struct fields *fields, const struct frame *frame, void *row)
{
	const unsigned char *p = frame->data, *end = p + frame->len;

	memset(row, 0, fields->size);
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->field[i];
		char *to = (char *)row + f->offset;
		int64_t number;

		if (is_text(f)) {
			if (p == end || (size_t)(end - p) - 1 < *p ||
			    !set_text(f, to, p + 1, *p))
				return -1;
			p += 1 + *p;
			continue;
		}
		if ((size_t)(end - p) < sizeof(number))
			return -1;
		memcpy(&number, p, sizeof(number));
		if (!set_number(f, to, number))
			return -1;
		p += sizeof(number);
	}
	return p == end ? 0 : -1;
}
