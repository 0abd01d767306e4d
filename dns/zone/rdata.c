/*
 * Judges RDATA by the fields of its type.  Called by the zone builder for each
 * record; allocates nothing.
 */
#include "dns/zone/rdata.h"

#include <limits.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/nsec.h"
#include "dns/zone/rdata_rules.h"
#include "dns/zone/svcparam.h"
#include "dns/zone/type.h"

/* What is wrong with a field, when it is not just short. */
static const char no_name[] = "the RDATA holds no valid name where one belongs";
static const char no_bitmap[] =
    "the type bitmap is not well formed (RFC 4034, 4.1.2)";
static const char too_short[] = "the RDATA is too short";

/* Fields of which all are of one size. */
static const uint8_t fixed_sizes[128] = {
    ['1'] = 1,
    ['g'] = 1,
    ['U'] = 1,
    ['V'] = 1,
    ['W'] = 1,
    ['2'] = 2,
    ['y'] = 2,
    ['c'] = 2,
    ['4'] = 4,
    ['t'] = 4,
    ['T'] = 4,
    ['a'] = 4,
    ['e'] = 6,
    ['8'] = 8,
    ['E'] = 8,
    ['i'] = 8,
    ['A'] = 16,
    ['o'] = 16,
};

/* Character strings up to the end, of which there are ${most} at most. */
static size_t
strings_size(
    const uint8_t *rdata, size_t len, unsigned most, const char **wrong)
{
	size_t size = 0;
	unsigned n = 0;

	do {
		size += size < len ? rdata[size] + 1u : 1;
		n++;
	} while (size < len);
	if (size == len && n > most)
		*wrong = "there are more than two strings (RFC 1183, 3.2)";
	return size;
}

/* Octets of the field ${kind} (type_fields()) that begins ${rdata}; with
 * ${wrong} set when the ${len} octets that are left hold no such field. */
static size_t
take_field(char kind, const uint8_t *rdata, size_t len, const char **wrong)
{
	size_t size = fixed_sizes[(unsigned char)kind];

	switch (kind) {
	case 'n':
	case 'u':
		size = name_measure(rdata, len);
		*wrong = size == 0 ? no_name : NULL;
		return size;
	case 's':
	case 'k':
	case 'z':
	case 'q':
		size = len > 0 ? rdata[0] + 1u : 1;
		break;
	case 'S':
		size = strings_size(rdata, len, UINT_MAX, wrong);
		break;
	case 'f':
		size = strings_size(rdata, len, 2, wrong);
		break;
	case 'b':
	case 'B':
		if (!nsec_is_bitmap(rdata, len) || (kind == 'b' && len == 0))
			*wrong = no_bitmap;
		return len;
	case 'p':
		*wrong = svcparam_check(rdata, len);
		return len;
	case 'L':
	case 'H':
	case 'M':
		size = len > 0 ? len : 1;
		break;
	default:
		if (size == 0) /* whatever is left */
			size = len;
		break;
	}
	if (size > len)
		*wrong = too_short;
	return size;
}

/* The fields of ${type} without the mark that it has no text; NULL when it is
 * not known. */
static const char *
fields_of(uint16_t type)
{
	const char *fields = type_fields(type);

	return fields != NULL && *fields == TYPE_NO_TEXT ? fields + 1 : fields;
}

const char *
rdata_check(uint16_t type, const uint8_t *rdata, size_t len)
{
	const char *kind = fields_of(type), *wrong = NULL;
	size_t at = 0;

	if (kind == NULL)
		return NULL;
	for (; *kind != '\0'; kind++) {
		at += take_field(*kind, rdata + at, len - at, &wrong);
		if (wrong != NULL)
			return wrong;
	}
	if (at < len)
		return "the RDATA is too long";
	return rdata_rules_fault(type, rdata, len);
}

static const char *
odd_naptr(const uint8_t *rdata)
{
	const uint8_t *flags = rdata + 4, *services = flags + flags[0] + 1;
	const uint8_t *regexp = services + services[0] + 1;

	return regexp[0] == 0 || regexp[regexp[0] + 1] == 0
	    ? NULL
	    : "a regular expression and a replacement exclude each other (RFC "
	      "3403, 4.1)";
}

const char *
rdata_odd(uint16_t type, const uint8_t *rdata, size_t len)
{
	switch (type) {
	case TYPE_NAPTR:
		return odd_naptr(rdata);
	case TYPE_NSEC3PARAM: /* after the hash algorithm */
		return rdata[1] == 0 ? NULL
				     : "its flags are not 0, so that servers "
				       "ignore it (RFC 5155, 4.1.2)";
	case TYPE_SVCB:
	case TYPE_HTTPS:
		return wire_get16(rdata) > 0 ||
			2 + name_length(rdata + 2) == len
		    ? NULL
		    : "parameters beside priority 0 are ignored (RFC 9460, "
		      "2.4.2)";
	default:
		return NULL;
	}
}

const char *
rdata_alone(uint16_t type, const uint8_t *rdata)
{
	if (type == TYPE_MX && rdata[2] == 0)
		return "the host . says that there is none (RFC 7505, 3)";
	if (type == TYPE_SRV && rdata[6] == 0)
		return "the host . says that there is none (RFC 2782)";
	if ((type == TYPE_CDS && rdata[2] == 0) ||
	    (type == TYPE_CDNSKEY && rdata[3] == 0))
		return "algorithm 0 takes all DS records away (RFC 8078, 4)";
	if ((type == TYPE_SVCB || type == TYPE_HTTPS) && wire_get16(rdata) == 0)
		return "priority 0 is an alias (RFC 9460, 2.4.2)";
	return NULL;
}

const char *
rdata_apex(uint16_t type, const uint8_t *rdata)
{
	switch (type) {
	case TYPE_DNSKEY: /* others than zone keys may stand anywhere */
		return rdata[0] & 1 ? "(RFC 4035, 2.1)" : NULL;
	case TYPE_NSEC3PARAM:
		return "(RFC 5155, 4)";
	case TYPE_CDS:
	case TYPE_CDNSKEY:
		return "(RFC 7344, 4.1)";
	case TYPE_CSYNC:
		return "(RFC 7477, 2.1)";
	case TYPE_ZONEMD:
		return "(RFC 8976, 2)";
	default:
		return NULL;
	}
}

void
rdata_fold(uint16_t type, uint8_t *rdata, size_t len)
{
	const char *kind = fields_of(type), *wrong = NULL;
	size_t at = 0;

	if (kind == NULL || strchr(kind, 'n') == NULL)
		return;
	for (; *kind != '\0'; kind++) {
		size_t size = take_field(*kind, rdata + at, len - at, &wrong);

		if (*kind == 'n')
			name_lower(rdata + at, rdata + at, size);
		at += size;
	}
}

const uint8_t *
rdata_host(uint16_t type, const uint8_t *rdata)
{
	switch (type) {
	case TYPE_NS:
		return rdata;
	case TYPE_MX: /* after the preference */
		return rdata + 2;
	case TYPE_SRV: /* after priority, weight, port */
		return rdata + 6;
	default:
		return NULL;
	}
}

const uint8_t *
rdata_target(uint16_t type, const uint8_t *rdata)
{
	switch (type) {
	case TYPE_CNAME:
	case TYPE_DNAME:
		return rdata;
	case TYPE_SVCB: /* after the priority */
	case TYPE_HTTPS:
		return rdata + 2;
	default:
		return NULL;
	}
}

const char *
rdata_hints(uint16_t type, const uint8_t *rdata, size_t len)
{
	size_t params;

	if ((type != TYPE_SVCB && type != TYPE_HTTPS) || wire_get16(rdata) == 0)
		return NULL;
	/* After the priority and the target. */
	params = 2 + name_length(rdata + 2);
	return svcparam_hints(rdata + params, len - params);
}

size_t
rdata_drop_hints(uint8_t *rdata, size_t len)
{
	size_t params = 2 + name_length(rdata + 2);

	return params + svcparam_drop_hints(rdata + params, len - params);
}
