/*
 * Fuzz target: any octets as the Host of a request.  It is a name of this
 * server exactly when, its port and a last dot aside, it is one of the list in
 * whatever case, localhost, or an address.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "tests/fuzz/pieces.h"
#include "web/http_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"ns1.example.com", "b.example."};
static const char *const known[] = {
    "ns1.example.com", "b.example", "localhost"};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char host[512];
	struct endpoint_address at;
	bool ok, want;
	size_t len;

	if (size >= sizeof(host))
		return 0;
	if (size > 0)
		memcpy(host, data, size);
	host[size] = '\0';
	ok = http_host_ok(host, names, 2);
	want = endpoint_address_parse(host, 80, &at) == 0;
	len = strcspn(host, ":");
	len -= len > 0 && host[len - 1] == '.';
	for (size_t i = 0; i < 3; i++)
		want = want ||
		    (len == strlen(known[i]) &&
			strncasecmp(host, known[i], len) == 0);
	require(ok == want);
	return 0;
}
