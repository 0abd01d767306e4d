/*
 * Users: a token by /v3/auth/authenticate, for all calls that wait for one, and
 * again when it is not taken any more.  A token of etcd's simple kind ends five
 * minutes after its last use, and for a member when that is started again.  One
 * of before a restored backup ends by itself: see ETCD_TOKEN_SILENT.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/errbuf.h"
#include "base/file.h"
#include "share/etcd/etcd_private.h"

#define PASSWORD_MAX 4096

int
etcd_login_init(struct etcd *etcd, const char *user, const char *password_file)
{
	if (user == NULL)
		return 0;
	etcd->login.user = strdup(user);
	etcd->login.file = strdup(password_file != NULL ? password_file : "");
	return etcd->login.user != NULL && etcd->login.file != NULL ? 0 : -1;
}

void
etcd_login_finish(struct etcd *etcd)
{
	free(etcd->login.user);
	free(etcd->login.file);
	etcd->login.user = etcd->login.file = NULL;
	etcd->login.call = NULL;
	explicit_bzero(etcd->login.token, sizeof(etcd->login.token));
}

void
etcd_login_forget(struct etcd *etcd)
{
	etcd->login.token[0] = '\0';
	etcd->login.needless = false;
}

void
etcd_login_silent(struct etcd *etcd, uint64_t token)
{
	struct etcd_login *login = &etcd->login;

	if (login->token[0] != '\0' && login->tokens == token &&
	    ++login->silent >= ETCD_TOKEN_SILENT)
		etcd_login_forget(etcd);
}

void
etcd_login_answered(struct etcd *etcd)
{
	etcd->login.silent = 0;
}

const char *
etcd_login_token(const struct etcd *etcd)
{
	return etcd->login.token[0] != '\0' ? etcd->login.token : NULL;
}

/* The calls that wait go on, or end by on_timer() as no login is tried again
 * before a while. */
static void
wake_all(struct etcd *etcd)
{
	for (struct etcd_call *call = etcd->calls; call != NULL;
	     call = call->next)
		if (call->waiting)
			etcd_call_wake(call);
}

static void
on_token(struct etcd *etcd, const char *body, size_t len)
{
	(void)etcd_json_token(body, len, etcd->login.token);
	etcd->login.tokens++;
	etcd->login.silent = 0;
}

static void
refuse(struct etcd_login *login, const char *words)
{
	snprintf(login->words, sizeof(login->words), "user %.64s: %.400s",
	    login->user, words);
	login->until_ms = clock_mono_ms() + ETCD_LOGIN_PAUSE_MS;
}

static void
on_login(void *context, const struct etcd_answer *answer)
{
	struct etcd *etcd = context;
	struct etcd_login *login = &etcd->login;

	login->call = NULL;
	if (answer->outcome == ETCD_FAILED &&
	    strstr(answer->words, "authentication is not enabled") != NULL)
		login->needless = true;
	else if (answer->outcome != ETCD_OK)
		refuse(login, answer->words);
	else if (login->token[0] == '\0')
		refuse(login, "etcd sent no token that can be used");
	login->outcome = answer->outcome == ETCD_UNREACHABLE ? ETCD_UNREACHABLE
							     : ETCD_REFUSED;
	wake_all(etcd);
}

/* The first line of the file, in ${text}, which has a NUL at its end. */
static void
cut_line(char *text)
{
	text[strcspn(text, "\r\n")] = '\0';
}

/* {"name":"...","password":"..."} */
static int
add_credentials(struct text *body, const char *user, const char *password)
{
	json_t *object =
	    json_pack("{s:s,s:s}", "name", user, "password", password);
	char *dump = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (dump == NULL)
		return -1;
	text_bytes(body, dump, strlen(dump));
	explicit_bzero(dump, strlen(dump));
	free(dump);
	return 0;
}

/* 0, or -1 when the password cannot be read or is no UTF-8. */
static int
fill_body(struct etcd_login *login, struct text *body)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	char *password = NULL;
	size_t len = 0;
	int status = -1;

	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	if (file_read(login->file, NULL, PASSWORD_MAX, &password, &len, NULL,
		eb) == 0) {
		cut_line(password);
		status = add_credentials(body, login->user, password);
		explicit_bzero(password, len);
	}
	free(password);
	free(eb);
	return status;
}

static void
begin(struct etcd *etcd)
{
	struct etcd_login *login = &etcd->login;
	struct etcd_call *call =
	    etcd_call_create(etcd, ETCD_KIND_LOGIN, "/v3/auth/authenticate");

	if (call == NULL) {
		refuse(login, "memory is out");
		return;
	}
	call->bare = true;
	call->again = true;
	call->take = on_token;
	if (fill_body(login, &call->body) != 0) {
		refuse(login, "password_file cannot be read, or is no UTF-8");
		etcd_cancel(call);
		return;
	}
	login->call = etcd_call_begin(call, on_login, etcd);
}

bool
etcd_login_needed(struct etcd *etcd, enum etcd_outcome *outcome)
{
	struct etcd_login *login = &etcd->login;

	*outcome = ETCD_OK;
	if (login->user == NULL || login->needless || login->token[0] != '\0')
		return false;
	if (login->call != NULL)
		return true;
	if (login->until_ms <= clock_mono_ms()) {
		login->outcome = ETCD_REFUSED;
		begin(etcd);
	}
	if (login->call == NULL)
		*outcome = login->outcome;
	return true;
}
