/*
 * Looks at the files that checks and hooks name, as the user that the daemons
 * become.  Called by meridianctl check; a reload does not look at them, as they
 * are read when they are needed.
 */
#include "ctl/check_probes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "probes/ask/secret.h"

/* A system's bundle is a quarter of a megabyte. */
#define AUTHORITIES_MAX ((size_t)16 << 20)

/* Who names the files: a check or a hook, and what it cannot do without them.
 */
struct user {
	const struct mark *at;
	const char *what; /* "the check cannot be made" */
	struct errbuf *eb;
};

static void
check_authorities(const struct user *u, const char *path)
{
	char *text = NULL;
	size_t len;

	if (path == NULL)
		return;
	if (access(path, R_OK) != 0) {
		errbuf_error(u->eb, u->at, "ca: %s: %s: %s", path,
		    strerror(errno), u->what);
		return;
	}
	if (file_read(path, u->at, AUTHORITIES_MAX, &text, &len, NULL, u->eb) !=
	    0)
		return;
	if (strstr(text, "-----BEGIN ") == NULL)
		errbuf_error(u->eb, u->at,
		    "ca: %s has no certificate (-----BEGIN CERTIFICATE-----): "
		    "%s",
		    path, u->what);
	free(text);
}

/* By the reader of the daemon, which wants a line that can be sent. */
static void
check_secret(const struct user *u, const char *key, const char *path)
{
	struct secret_store *store;
	const char *why = "no memory";
	struct stat st;

	if (path == NULL)
		return;
	store = secret_store_create();
	if (store == NULL || secret_read(store, path, &why) == NULL)
		errbuf_error(
		    u->eb, u->at, "%s: %s: %s: %s", key, path, why, u->what);
	else if (stat(path, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		errbuf_warn(u->eb, u->at,
		    "%s: %s can be read by every user of this machine: chmod "
		    "o-r",
		    key, path);
	secret_store_destroy(store);
}

static void
check_program(const struct user *u, const char *key, const char *path)
{
	struct stat st;
	const char *why = NULL;

	if (stat(path, &st) != 0)
		why = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		why = "no regular file";
	else if (access(path, X_OK) != 0)
		why = "cannot be executed";
	if (why != NULL)
		errbuf_error(
		    u->eb, u->at, "%s: %s: %s: %s", key, path, why, u->what);
}

static void
check_readable(const struct user *u, const char *key, const char *path)
{
	if (path != NULL && access(path, R_OK) != 0)
		errbuf_error(u->eb, u->at, "%s: %s: %s: %s", key, path,
		    strerror(errno), u->what);
}

static void
check_check(const struct check_config *check, struct errbuf *eb)
{
	const struct user u = {&check->at, "the check cannot be made", eb};
	const struct client_config *client = &check->client;

	check_authorities(&u, check->ca);
	check_secret(&u, "token_file", client->token_file);
	check_secret(&u, "password_file", client->password_file);
	check_readable(&u, "certificate", client->certificate);
	check_readable(&u, "key", client->key);
	for (size_t i = 0; i < check->plan.n_steps; i++)
		if (check->plan.steps[i].kind == STEP_EXEC)
			check_program(&u, "exec", check->plan.steps[i].argv[0]);
}

static void
check_hook(const struct hook_config *hook, struct errbuf *eb)
{
	const struct user u = {&hook->at, "the hook cannot be told", eb};

	check_authorities(&u, hook->ca);
	check_secret(&u, "secret_file", hook->secret_file);
	if (hook->argv != NULL)
		check_program(&u, "command", hook->argv[0]);
}

void
check_probes(const struct generation *g, struct errbuf *eb)
{
	/* The reader of secrets warns in the log; here it is a message. */
	log_open("meridianctl", LOG_LEVEL_ERROR);
	for (size_t i = 0; i < g->n_zones; i++) {
		const struct steering_config *steering = g->steering[i];

		for (size_t k = 0; steering != NULL && k < steering->n_checks;
		     k++)
			check_check(&steering->checks[k], eb);
	}
	for (size_t i = 0; i < g->config->n_hooks; i++)
		check_hook(&g->config->hooks[i], eb);
}
