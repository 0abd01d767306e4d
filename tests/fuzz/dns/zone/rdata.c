/*
 * Fuzz target: any octets as the data of a type, which is the first two of
 * them.  What is taken for good can be folded, and is still good.
 */
#include <stdlib.h>
#include <string.h>

#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *rdata;
	uint16_t type;

	if (size < 2 || size - 2 > 65535)
		return 0;
	type = wire_get16(data);
	size -= 2;
	/* In memory of just that size, so that a sanitizer sees its end. */
	rdata = malloc(size > 0 ? size : 1);
	if (rdata == NULL)
		return 0;
	memcpy(rdata, data + 2, size);
	if (rdata_check(type, rdata, size) == NULL) {
		(void)rdata_odd(type, rdata, size);
		rdata_fold(type, rdata, size);
		if (rdata_check(type, rdata, size) != NULL)
			abort();
	}
	free(rdata);
	return 0;
}
