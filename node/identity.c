/*
 * From meridian.yaml to struct identity.  Called in the background by a reload
 * and by meridianctl check; keeps no secret but in what it fills.
 */
#include "node/identity.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

/* Far more than COOKIE_SECRETS lines with a comment each. */
#define SECRETS_FILE_MAX 65536

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One secret of ${len} characters; false when it is none. */
static bool
read_secret(const char *text, size_t len, uint8_t out[COOKIE_SECRET])
{
	if (len != 2 * (size_t)COOKIE_SECRET)
		return false;
	for (size_t i = 0; i < COOKIE_SECRET; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* The secrets in ${text}, one a line. */
static int
read_secrets(const char *path, const char *text, struct cookie_secrets *out,
    struct errbuf *eb)
{
	struct mark at = {path, 0, 1};

	while (*text != '\0') {
		size_t line = strcspn(text, "\n");
		size_t blank = strspn(text, " \t");
		size_t len = strcspn(text + blank, " \t\r\n#");
		const char *rest = text + blank + len;

		at.line++;
		rest += strspn(rest, " \t\r");
		if (*rest != '\n' && *rest != '#' && *rest != '\0')
			return errbuf_error(
			    eb, &at, "expected one secret a line");
		if (len > 0 && out->n == COOKIE_SECRETS)
			return errbuf_error(eb, &at,
			    "expected at most %d secrets", COOKIE_SECRETS);
		if (len > 0 &&
		    !read_secret(text + blank, len, out->secret[out->n++]))
			return errbuf_error(eb, &at,
			    "expected a secret of %d hexadecimal digits",
			    2 * COOKIE_SECRET);
		text += line + (text[line] == '\n');
	}
	at.line = at.column = 0;
	if (out->n == 0)
		return errbuf_error(eb, &at, "has no secret");
	return 0;
}

static void
warn_if_public(const char *path, struct errbuf *eb)
{
	struct mark at = {path, 0, 0};
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)))
		errbuf_warn(eb, &at,
		    "everybody may read or change these secrets, and forge "
		    "cookies with them: chmod o-rw");
}

static int
load_secrets(const char *path, struct cookie_secrets *out, struct errbuf *eb)
{
	struct mark at = {path, 0, 0};
	size_t len;
	char *text;
	int status;

	if (file_read(path, NULL, SECRETS_FILE_MAX, &text, &len, NULL, eb) != 0)
		return -1;
	warn_if_public(path, eb);
	if (strlen(text) == len)
		status = read_secrets(path, text, out, eb);
	else
		status = errbuf_error(eb, &at, "is no text: it has a NUL");
	explicit_bzero(text, len);
	free(text);
	return status;
}

int
identity_load(
    const struct server_config *config, struct identity *out, struct errbuf *eb)
{
	*out = (struct identity){
	    .version = config->version,
	    .name = config->identity,
	    .nsid = config->nsid,
	    .nsid_len = config->nsid_len,
	    .cookies.require = config->cookies_require,
	};
	if (!config->cookies || config->cookie_secrets == NULL)
		return 0;
	return load_secrets(config->cookie_secrets, &out->cookies, eb);
}
