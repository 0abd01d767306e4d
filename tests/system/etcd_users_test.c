/*
 * The client of etcd (share/etcd/), users of etcd and TLS: who may do what, a
 * token that ends, files that change; and no secret in what is said.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/certificates.h"
#include "tests/system/etcd_client.h"

#define PASSWORD "sesame \\\"and\\\" \xc3\xa9"

/* One member over TLS, with users: root, and meridian for what is below /m/. */
struct guarded {
	struct harness *h;
	struct etcd_cluster c;
	struct user u;
	int64_t deadline_ms; /* of the calls of a client; 0: as usual */
};

static void
post(struct guarded *x, const char *path, const char *body)
{
	const char *text = etcd_post(&x->c, 0, path, "%s", body);

	ck_assert_msg(strstr(text, "\"header\"") != NULL, "%s: %s", path, text);
}

/* Base 64 of "/m/" and "/m0". */
#define GRANT                                                           \
	"{\"name\":\"m\",\"perm\":{\"permType\":\"READWRITE\",\"key\":" \
	"\"L20v\","                                                     \
	"\"range_end\":\"L20w\"}}"

static void
begin_without_users(struct guarded *x)
{
	memset(x, 0, sizeof(*x));
	x->h = harness_create();
	certificates_make(x->h);
	x->c.option = "--auth-token-ttl=2";
	etcd_start(&x->c, x->h, 1, true);
	harness_write(x->h, "password", "sesame \"and\" \xc3\xa9\n");
}

static void
add_users(struct guarded *x)
{
	post(x, "/v3/auth/user/add", "{\"name\":\"root\",\"password\":\"r\"}");
	post(x, "/v3/auth/role/add", "{\"name\":\"root\"}");
	post(x, "/v3/auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}");
	post(x, "/v3/auth/user/add",
	    "{\"name\":\"meridian\",\"password\":\"" PASSWORD "\"}");
	post(x, "/v3/auth/role/add", "{\"name\":\"m\"}");
	post(x, "/v3/auth/role/grant", GRANT);
	post(
	    x, "/v3/auth/user/grant", "{\"user\":\"meridian\",\"role\":\"m\"}");
	post(x, "/v3/auth/enable", "{}");
}

static void
begin(struct guarded *x)
{
	begin_without_users(x);
	add_users(x);
}

static void
finish(struct guarded *x)
{
	etcd_finish(&x->c);
	harness_destroy(x->h);
}

/* A client with the files of ${name}, as ${user}. */
static void
create(struct guarded *x, const char *name, const char *user)
{
	static char certificate[32], key[32];
	const char *urls[] = {x->c.members[0].url};
	struct etcd_options o = {.endpoints = urls,
	    .n_endpoints = 1,
	    .user = user,
	    .deadline_ms = x->deadline_ms};

	snprintf(certificate, sizeof(certificate), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key", name);
	o.ca = harness_path(x->h, "ca.pem");
	o.certificate = harness_path(x->h, certificate);
	o.key = harness_path(x->h, key);
	o.password_file = harness_path(x->h, "password");
	user_create(&x->u, &o);
}

static void
expect(struct guarded *x, const char *key, enum etcd_outcome outcome,
    const char *words)
{
	const struct said *said = user_try(&x->u, key, "x");

	ck_assert_msg(said->answer.outcome == outcome &&
		strstr(said->words, words) != NULL,
	    "outcome %d: %s", (int)said->answer.outcome, said->words);
	ck_assert_ptr_null(strstr(said->words, "sesame"));
	ck_assert_ptr_null(strstr(x->u.news, "sesame"));
}

START_TEST(a_user_may_what_its_role_may)
{
	struct guarded x;
	static struct seen seen;

	begin(&x);
	create(&x, ETCD_CLIENT, "meridian");
	expect(&x, "/m/a", ETCD_OK, "");
	expect(&x, "/n/a", ETCD_REFUSED, "permission denied");
	user_watch(&x.u, "/n/", 1, &seen);
	USER_WAIT(&x.u, seen.ended);
	ck_assert_int_eq(seen.why, ETCD_WATCH_REFUSED);
	user_finish(&x.u);
	/* As certificates usually are. */
	create(&x, "client", "meridian");
	expect(&x, "/m/a", ETCD_REFUSED, "has a CommonName");
	user_finish(&x.u);
	create(&x, ETCD_CLIENT, NULL);
	expect(&x, "/m/a", ETCD_REFUSED, "none is given");
	user_finish(&x.u);
	harness_write(x.h, "password", "wrong");
	create(&x, ETCD_CLIENT, "meridian");
	expect(&x, "/m/a", ETCD_REFUSED, "user meridian: ");
	/* Put right, it is read again. */
	harness_write(x.h, "password", "sesame \"and\" \xc3\xa9");
	USER_WAIT(&x.u, user_try(&x.u, "/m/a", "x")->answer.outcome == ETCD_OK);
	user_finish(&x.u);
	finish(&x);
}
END_TEST

START_TEST(a_token_that_ended_is_renewed)
{
	struct guarded x;
	static struct seen seen;
	int64_t revision;

	begin(&x);
	create(&x, ETCD_CLIENT, "meridian");
	revision = user_put(&x.u, "/m/a", "0");
	user_watch(&x.u, "/m/", revision, &seen);
	USER_WAIT(&x.u, seen.live);
	/* Twice as long as it lives unused. */
	for (int64_t end = harness_ms() + 5000; harness_ms() < end;)
		user_run(&x.u);
	user_put(&x.u, "/m/a", "1");
	USER_WAIT(&x.u, seen.n == 1);
	/* A member that is started again knows none. */
	etcd_kill(&x.c, 0);
	etcd_run(&x.c, 0);
	etcd_await(&x.c, 0);
	user_put(&x.u, "/m/a", "2");
	USER_WAIT(&x.u, seen.n == 2);
	ck_assert_int_eq(x.u.histories, 0);
	user_finish(&x.u);
	finish(&x);
}
END_TEST

/* More than what users take, which are made again after a wipe. */
#define MANY 40

/* A token says up to where etcd must have come before it is looked at.  An etcd
 * that was made anew, or put back from an older backup, waits for that and does
 * not answer. */
START_TEST(a_token_of_before_a_wipe_is_renewed)
{
	struct guarded x;
	char body[32];

	begin_without_users(&x);
	for (int i = 0; i < MANY; i++) {
		snprintf(body, sizeof(body), "{\"name\":\"r%d\"}", i);
		post(&x, "/v3/auth/role/add", body);
	}
	add_users(&x);
	create(&x, ETCD_CLIENT, "meridian");
	user_put(&x.u, "/m/a", "0");
	etcd_wipe(&x.c, 0);
	etcd_run(&x.c, 0);
	etcd_await(&x.c, 0);
	add_users(&x);
	USER_WAIT(&x.u, user_try(&x.u, "/m/a", "x")->answer.outcome == ETCD_OK);
	user_finish(&x.u);
	finish(&x);
}
END_TEST

START_TEST(files_that_change_are_read_again)
{
	struct guarded x;
	struct certificate client = {
	    .file = "moving", .issuer = "ca", .subject = "/O=a", .days = 9};
	struct certificate stranger = {.file = "moving", .days = 9};

	begin(&x);
	certificate_make(x.h, &stranger);
	create(&x, "moving", "meridian");
	expect(&x, "/m/a", ETCD_UNREACHABLE, "certificate");
	certificate_make(x.h, &client);
	USER_WAIT(&x.u, user_try(&x.u, "/m/a", "x")->answer.outcome == ETCD_OK);
	/* Not with the connection that was made before.  With TLS 1.3 the
	 * refusal may arrive after a request was sent: unreachable, or
	 * uncertain. */
	certificate_make(x.h, &stranger);
	USER_WAIT(&x.u, user_try(&x.u, "/m/a", "x")->answer.outcome != ETCD_OK);
	ck_assert_msg(strstr(x.u.said.words, "certificate") != NULL, "%s",
	    x.u.said.words);
	user_finish(&x.u);
	finish(&x);
}
END_TEST

/* What is said of a failure, until ${words} are in it: TLS 1.3 refuses after
 * the handshake, so that a connection may break before the reason is read. */
static void
expect_reason(struct guarded *x, const char *words)
{
	bool refused = true;

	USER_WAIT(&x->u,
	    (refused &= user_try(&x->u, "/m/a", "x")->answer.outcome != ETCD_OK,
		strstr(x->u.said.words, words) != NULL));
	ck_assert_msg(refused, "%s", x->u.said.words);
	/* And then it stays, whole. */
	for (int i = 0; i < 3; i++) {
		(void)user_try(&x->u, "/m/a", "x");
		ck_assert_msg(strstr(x->u.said.words, words) != NULL, "%s",
		    x->u.said.words);
		ck_assert_ptr_null(strstr(x->u.said.words, "error:0"));
	}
	user_finish(&x->u);
}

START_TEST(why_tls_fails_is_said_whole)
{
	struct guarded x;
	struct certificate old = {.file = "old",
	    .issuer = "ca",
	    .subject = "/O=a",
	    .since = "-40d",
	    .days = 30};
	const char *plain[1], *urls[1];
	char url[256];

	begin_without_users(&x);
	certificate_make(x.h, &old);
	urls[0] = x.c.members[0].url;
	x.deadline_ms = 1000;
	create(&x, "old", NULL);
	expect_reason(&x, "it refuses the certificate of this node: ");
	create(&x, "stranger", NULL);
	expect_reason(&x, "it refuses the certificate of this node: ");
	user_create(&x.u,
	    &(struct etcd_options){.endpoints = urls,
		.n_endpoints = 1,
		.ca = harness_path(x.h, "stranger.pem"),
		.deadline_ms = x.deadline_ms});
	expect_reason(&x, "its certificate is no good: ");
	(void)snprintf(url, sizeof(url), "http%s", urls[0] + strlen("https"));
	plain[0] = url;
	user_create(&x.u,
	    &(struct etcd_options){.endpoints = plain,
		.n_endpoints = 1,
		.deadline_ms = x.deadline_ms});
	expect_reason(&x, "write https:// for it");
	finish(&x);
}
END_TEST

START_TEST(users_may_come_later)
{
	struct guarded x;

	memset(&x, 0, sizeof(x));
	begin_without_users(&x);
	create(&x, ETCD_CLIENT, "meridian");
	expect(&x, "/n/a", ETCD_OK, "");
	add_users(&x);
	expect(&x, "/n/a", ETCD_REFUSED, "permission denied");
	expect(&x, "/m/a", ETCD_OK, "");
	user_finish(&x.u);
	finish(&x);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a_user_may_what_its_role_may", a_user_may_what_its_role_may, 0},
	    {"a_token_that_ended_is_renewed", a_token_that_ended_is_renewed, 0},
	    {"a_token_of_before_a_wipe_is_renewed",
		a_token_of_before_a_wipe_is_renewed, 0},
	    {"files_that_change_are_read_again",
		files_that_change_are_read_again, 0},
	    {"why_tls_fails_is_said_whole", why_tls_fails_is_said_whole, 0},
	    {"users_may_come_later", users_may_come_later, 0},
	};

	return harness_main(
	    "etcd_users", cases, sizeof(cases) / sizeof(cases[0]));
}
