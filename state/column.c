/*
 * One value of a row by the descriptor of its column.  Called by whatever
 * carries rows; decides nothing but whether a value can be what its column
 * says.
 */
#include "state/column.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "state/rows.h"

bool
column_is_text(const struct column *c)
{
	return c->type == COLUMN_NAME || c->type == COLUMN_WORDS;
}

bool
column_may_be_null(const struct column *c)
{
	return c->null || c->type == COLUMN_LATENCY || c->type == COLUMN_NUMBER;
}

int64_t
column_null_number(const struct column *c)
{
	if (c->type == COLUMN_COUNT)
		return UINT32_MAX;
	return c->type == COLUMN_HEALTH ? HEALTH_UNKNOWN : -1;
}

bool
column_is_null(const struct column *c, int64_t number)
{
	return column_may_be_null(c) &&
	    (number < 0 || number == column_null_number(c));
}

int64_t
column_number(const struct column *c, const void *p)
{
	enum state_health health;
	uint32_t count;
	int64_t number;

	switch (c->type) {
	case COLUMN_HEALTH:
		memcpy(&health, p, sizeof(health));
		return (int64_t)health;
	case COLUMN_COUNT:
		memcpy(&count, p, sizeof(count));
		return count;
	case COLUMN_TIME:
	case COLUMN_LATENCY:
	case COLUMN_SEQUENCE:
	case COLUMN_NAME:
	case COLUMN_WORDS:
	case COLUMN_NUMBER:
		break;
	}
	memcpy(&number, p, sizeof(number));
	return number;
}

bool
column_set_number(const struct column *c, void *p, int64_t number)
{
	int64_t max = INT64_MAX;
	enum state_health health;
	uint32_t count;

	switch (c->type) {
	case COLUMN_HEALTH:
		/* Events, and what is told, are not checked, and alone have the
		 * last one. */
		max = c->check != NULL ? HEALTH_DOWN : HEALTH_DEGRADED;
		break;
	case COLUMN_COUNT:
		max = UINT32_MAX;
		break;
	case COLUMN_TIME:
		max = COLUMN_TIME_MAX;
		break;
	case COLUMN_SEQUENCE:
		max = COLUMN_SEQUENCE_MAX;
		break;
	case COLUMN_LATENCY:
	case COLUMN_NAME:
	case COLUMN_WORDS:
	case COLUMN_NUMBER:
		break;
	}
	if ((number < 0 || number > max) &&
	    !(column_may_be_null(c) && number == column_null_number(c)))
		return false;
	if (c->type == COLUMN_HEALTH) {
		health = (enum state_health)number;
		memcpy(p, &health, sizeof(health));
	} else if (c->type == COLUMN_COUNT) {
		count = (uint32_t)number;
		memcpy(p, &count, sizeof(count));
	} else {
		memcpy(p, &number, sizeof(number));
	}
	return true;
}

bool
column_set_real(void *p, double real)
{
	if (isinf(real) || real < 0)
		return false;
	/* There is one 0. */
	if (real <= 0)
		real = 0;
	memcpy(p, &real, sizeof(real));
	return true;
}

double
column_real(const void *p)
{
	double real;

	memcpy(&real, p, sizeof(real));
	return real;
}

bool
column_set_text(const struct column *c, void *p, const void *text, size_t len)
{
	bool name = c->type == COLUMN_NAME;
	const unsigned char *from = text;
	char *to = p;

	if (len >= c->size) {
		if (name)
			return false;
		len = c->size - 1;
	}
	if (name && len == 0 && !c->null)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool odd = from[i] < ' ' || from[i] > '~';

		if (odd && name)
			return false;
		to[i] = odd ? '?' : (char)from[i];
	}
	to[len] = '\0';
	return true;
}

bool
column_set_null(const struct column *c, void *p)
{
	if (!column_may_be_null(c))
		return false;
	if (column_is_text(c))
		memset(p, 0, c->size);
	else if (c->type == COLUMN_NUMBER)
		return column_set_real(p, (double)NAN);
	else
		return column_set_number(c, p, column_null_number(c));
	return true;
}

bool
column_set_initial(const struct column *c, void *p)
{
	enum state_health health;
	char text[COLUMN_TEXT_MAX];
	uint64_t number;
	size_t len;

	if (c->initial == NULL)
		return column_set_null(c, p);
	len = strlen(c->initial);
	if (c->initial[0] != '\'')
		return number_parse(c->initial, len, 0, INT64_MAX, &number) ==
		    0 &&
		    column_set_number(c, p, (int64_t)number);
	/* In quotes, as SQL has it. */
	if (len < 2 || len >= sizeof(text))
		return false;
	memcpy(text, c->initial + 1, len - 2);
	text[len - 2] = '\0';
	if (column_is_text(c))
		return column_set_text(c, p, text, len - 2);
	return state_health_parse(text, &health) == 0 &&
	    column_set_number(c, p, (int64_t)health);
}
