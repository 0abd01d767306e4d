/*
 * Compares a Host header with what this server may be called.  Called by
 * site.c; looks no name up.
 */
#include "web/http_host.h"

#include <string.h>
#include <strings.h>

#include "base/address.h"

/* ${host} without its port and a last dot is ${name}. */
static bool
is_called(const char *host, const char *name)
{
	size_t len = strcspn(host, ":"), want = strlen(name);

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (want > 0 && name[want - 1] == '.')
		want--;
	return len == want && strncasecmp(host, name, len) == 0;
}

bool
http_host_ok(const char *host, const char *const *names, size_t n)
{
	struct endpoint_address at;

	if (host == NULL || endpoint_address_parse(host, 80, &at) == 0 ||
	    is_called(host, "localhost"))
		return true;
	for (size_t i = 0; i < n; i++)
		if (is_called(host, names[i]))
			return true;
	return false;
}
