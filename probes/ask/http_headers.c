/*
 * What the headers of an answer say, line by line.  Called by http_check.c with
 * octets of servers that are not trusted; sends nothing.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "probes/ask/http_parts.h"

/* Seconds in decimal, all of ${text}; -1 when it is no such number.  Those
 * beyond our bound are as good as it. */
static int64_t
seconds_of(const char *text)
{
	int64_t s = 0;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return -1;
	for (; *text != '\0' && s < HTTP_CHECK_RETRY_MAX; text++)
		s = s * 10 + (*text - '0');
	return s < HTTP_CHECK_RETRY_MAX ? s : HTTP_CHECK_RETRY_MAX;
}

/* The end of the year 9999, in seconds: dates have four digits for it, but
 * libcurl reads more, up to times that milliseconds cannot hold. */
#define DATE_MAX_S INT64_C(253402300799)

/* A date of RFC 9110, 5.6.7; 0 when it is none. */
static int64_t
date_of(const char *text)
{
	time_t t = curl_getdate(text, NULL);

	return t > 0 && t <= DATE_MAX_S ? (int64_t)t * 1000 : 0;
}

static void
keep(char out[HTTP_DATE_MAX], const char *value)
{
	size_t len = strlen(value);

	if (len >= HTTP_DATE_MAX)
		len = 0;
	memcpy(out, value, len);
	out[len] = '\0';
}

/* The ones that we understand ourselves.  Dates are read when they are needed:
 * that takes as long as all the rest. */
static void
understand(struct http_check *check, const char *name, const char *value)
{
	if (strcasecmp(name, "Retry-After") == 0) {
		keep(check->retry, value);
	} else if (strcasecmp(name, "Date") == 0) {
		keep(check->date, value);
	} else if (strcasecmp(name, "Content-Encoding") == 0) {
		check->encoded =
		    value[0] != '\0' && strcasecmp(value, "identity") != 0;
	}
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A version and a code of three digits (RFC 9112, 4; of HTTP/2 libcurl writes
 * one).  libcurl takes whatever else begins so for a 200 of HTTP/1.0. */
static bool
is_status_line(const char *line, size_t len)
{
	size_t at = strlen("HTTP/");

	while (at < len && (is_digit(line[at]) || line[at] == '.'))
		at++;
	if (at == strlen("HTTP/") || len < at + 4 || line[at] != ' ')
		return false;
	for (size_t i = 1; i <= 3; i++)
		if (!is_digit(line[at + i]))
			return false;
	return len == at + 4 || strchr(" \r\n", line[at + 4]) != NULL;
}

/* "HTTP/1.1 103 Early Hints": an interim answer (RFC 9110, 15.2) is none, and
 * what the headers of an earlier one said is over. */
static void
begin_answer(struct http_check *check, const char *line, size_t len)
{
	const char *code = memchr(line, ' ', len);

	check->garbled |= !is_status_line(line, len);
	check->interim =
	    code != NULL && code + 1 < line + len && code[1] == '1';
	check->retry[0] = check->date[0] = '\0';
	check->encoded = false;
}

void
http_headers_take(struct http_check *check, const char *line, size_t len)
{
	char text[HTTP_CHECK_LINE_MAX], *value;

	/* The empty line at their end. */
	check->headers_ended = line[0] == '\r' || line[0] == '\n';
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		begin_answer(check, line, len);
		return;
	}
	if (check->interim || len >= sizeof(text))
		return;
	for (size_t i = 0; i < len; i++)
		text[i] = line[i] < 0x20 || line[i] > 0x7e ? ' ' : line[i];
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	value = strchr(text, ':');
	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " ");
	understand(check, text, value);
	if (check->header != NULL)
		check->header(check->context, text, value);
}

/* A date is counted from the server's own, where it says that one: its clock
 * and ours may differ. */
int64_t
http_headers_retry(const struct http_check *check)
{
	int64_t s = seconds_of(check->retry), at_ms, now_ms;

	if (s >= 0 || check->retry[0] == '\0')
		return s;
	at_ms = date_of(check->retry);
	if (at_ms == 0)
		return -1;
	now_ms = date_of(check->date);
	if (now_ms == 0)
		now_ms = clock_wall_ms();
	s = (at_ms - now_ms + 999) / 1000;
	if (s < 0)
		return 0;
	return s < HTTP_CHECK_RETRY_MAX ? s : HTTP_CHECK_RETRY_MAX;
}
