/*
 * Ranges of keys.  Pure.
 */
#include "share/etcd/etcd_answer.h"

struct etcd_bytes
etcd_prefix_end(struct etcd_bytes prefix, char *out)
{
	size_t len = prefix.len;

	while (len > 0 && (unsigned char)prefix.data[len - 1] == 0xff)
		len--;
	if (len == 0 || len > ETCD_KEY_MAX) {
		out[0] = '\0';
		return (struct etcd_bytes){out, 1};
	}
	memcpy(out, prefix.data, len);
	out[len - 1] = (char)((unsigned char)out[len - 1] + 1);
	return (struct etcd_bytes){out, len};
}
