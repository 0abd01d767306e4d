/*
 * The tables of names of what is counted.  Called by the pages; knows no
 * values.
 */
#include "node/labels.h"

#include <string.h>

const struct label_rcode labels_rcodes[LABELS_RCODES] = {
    {0, "NOERROR"},
    {1, "FORMERR"},
    {2, "SERVFAIL"},
    {3, "NXDOMAIN"},
    {4, "NOTIMP"},
    {5, "REFUSED"},
    {6, "YXDOMAIN"},
    {9, "NOTAUTH"},
    {16, "BADVERS"},
    {23, "BADCOOKIE"},
};

const char *const labels_transports[TRANSPORTS] = {"udp", "tcp"};

const char *const labels_tcp_ends[TCP_ENDS] = {
    [TCP_END_PEER] = "client",
    [TCP_END_IDLE] = "idle",
    [TCP_END_STALLED] = "stalled",
    [TCP_END_FULL] = "full",
    [TCP_END_UNREAD] = "unread",
    [TCP_END_QUERY] = "query",
};

const char *const labels_options[COUNTER_OPTIONS] = {
    "nsid", "cookie", "tcp-keepalive", "unknown"};

const char *const labels_cookies[COOKIE_STATES] = {
    [COOKIE_FIRST] = "first",
    [COOKIE_VALID] = "valid",
    [COOKIE_EXPIRED] = "expired",
    [COOKIE_BAD] = "bad",
};

const char *const labels_rrl[RRL_KINDS] = {
    [RRL_ANSWER] = "answer",
    [RRL_REFERRAL] = "referral",
    [RRL_NODATA] = "nodata",
    [RRL_NXDOMAIN] = "nxdomain",
    [RRL_ERROR] = "error",
    [RRL_ALL] = "all",
};

const char *
labels_region(const char *region)
{
	return region[0] != '\0' ? region : "last-resort";
}

/* A last dot that is escaped, after an odd number of backslashes, is none. */
static bool
ends_with_dot(const char *text, size_t len)
{
	size_t slashes = 0;

	if (len < 2 || text[len - 1] != '.')
		return false;
	while (slashes < len - 1 && text[len - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

const char *
labels_name(const char *name, char out[NAME_TEXT])
{
	size_t len = strnlen(name, NAME_TEXT - 1);

	for (size_t i = 0; i < len; i++)
		out[i] = name[i] >= 'A' && name[i] <= 'Z'
		    ? (char)(name[i] - 'A' + 'a')
		    : name[i];
	out[len] = '\0';
	if (ends_with_dot(out, len))
		out[len - 1] = '\0';
	return out;
}
