/*
 * meridianctl top against a running node: plain lines into a pipe, one object
 * a look for scripts, and on a terminal a screen of its own that shows a
 * failover and gives the terminal back.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define CHECK "every: 100ms, timeout: 1500ms, fall: 1, rise: 1"

/* A screen is some kilobytes a look. */
#define SEEN (1 << 20)

struct terminal {
	int fd;
	pid_t pid;
	size_t n;
	char seen[SEEN];
};

/* The server knows of a change of ${endpoint}. */
static bool
has_event(struct node *node, const char *endpoint)
{
	char text[64];

	snprintf(text, sizeof(text), "\"endpoint\":\"%s\"", endpoint);
	return strstr(node_page(node, "/api/v1/events"), text) != NULL;
}

static void
begin(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standins(node);
	node_pair(node, "", CHECK);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(15000, has_event(node, "us") && has_event(node, "eu"));
}

/* --- without a terminal --- */

START_TEST(a_pipe_gets_plain_lines_once)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	begin(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drain", "endpoint", "us", "--for", "10m",
		"--reason", "a fan", "--author", "ann"),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "top"), 0);
	output_fits(out);
	ck_assert_ptr_null(strchr(out, '\033'));
	ck_assert_ptr_null(strstr(out, " \n"));
	output_contains(out, " answers a second, health heard 0 s ago\n");
	output_contains(out, "region               health ");
	output_contains(out, "us-east              drained ");
	output_contains(out, "eu-west              up ");
	output_contains(out, "one.inference.example ");
	output_contains(out, "by hand  drain endpoint us by ann, 9 min left: ");
	output_contains(out, "vantage  test ");
	output_contains(out, " eu unknown to up");
	harness_destroy(h);
}
END_TEST

START_TEST(a_script_gets_an_object_a_look)
{
	static const char *const lists[] = {
	    "services", "regions", "vantages", "overrides", "events"};
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root;

	begin(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "top", "--json", "--times", "2",
			     "--every", "100ms"),
	    0);
	for (int look = 0; look < 2; look++) {
		root = json_loads(out, JSON_DISABLE_EOF_CHECK, NULL);
		ck_assert_msg(json_is_object(root), "no object: %s", out);
		for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
			ck_assert_msg(
			    json_is_array(json_object_get(root, lists[i])),
			    "no %s", lists[i]);
		json_decref(root);
		out = strchr(out, '\n');
		ck_assert_ptr_nonnull(out);
		out++;
	}
	ck_assert_str_eq(out, "");
	harness_destroy(h);
}
END_TEST

START_TEST(without_a_server_it_says_so)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_pair(&node, "", CHECK);
	ck_assert_int_eq(node_ctl(&node, &out, "top"), 1);
	output_contains(out, "meridiand does not answer at http://127.0.0.1:");
	ck_assert_int_eq(node_ctl(&node, &out, "top", "--every", "1ms"), 64);
	output_contains(out, "--every takes a length from 100ms to 1h");
	ck_assert_int_eq(node_ctl(&node, &out, "top", "--times", "0"), 64);
	ck_assert_int_eq(node_ctl(&node, &out, "top", "chat"), 64);
	harness_destroy(h);
}
END_TEST

/* --- on a terminal --- */

static void
open_terminal(struct terminal *t, struct node *node, int rows)
{
	static char term[] = "TERM=xterm";
	char *environment[] = {term, NULL};
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = 80};
	const char *program = harness_built(node->h, "meridianctl");
	const char *file = harness_path(node->h, "meridian.yaml");
	char path[64];
	int other;

	t->n = 0;
	t->fd = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(t->fd, 0);
	ck_assert_int_eq(grantpt(t->fd), 0);
	ck_assert_int_eq(unlockpt(t->fd), 0);
	ck_assert_int_eq(ptsname_r(t->fd, path, sizeof(path)), 0);
	other = open(path, O_RDWR | O_NOCTTY);
	ck_assert_int_ge(other, 0);
	ck_assert_int_eq(ioctl(other, TIOCSWINSZ, &size), 0);
	t->pid = fork();
	ck_assert_int_ge(t->pid, 0);
	if (t->pid == 0) {
		for (int i = 0; i < 3; i++)
			dup2(other, i);
		execle(program, program, "-c", file, "top", "--every", "200ms",
		    (char *)NULL, environment);
		_exit(127);
	}
	close(other);
}

/* Read on until ${want} came after what was read before. */
static void
wait_for(struct terminal *t, const char *want)
{
	int64_t end = harness_ms() + 20000;
	size_t from = t->n;

	t->seen[t->n] = '\0';
	while (strstr(t->seen + from, want) == NULL) {
		ssize_t n = read(t->fd, t->seen + t->n, SEEN - 1 - t->n);

		ck_assert_msg(n > 0 && harness_ms() < end,
		    "no \"%s\" on the terminal:\n%s", want, t->seen + from);
		t->n += (size_t)n;
		t->seen[t->n] = '\0';
	}
}

/* The lines of the last whole look; a screen begins at its corner. */
static size_t
count_lines(const struct terminal *t)
{
	const char *at = NULL, *end = NULL;
	size_t n = 0;

	for (const char *c = t->seen; (c = strstr(c, "\033[J")) != NULL; c++)
		end = c;
	ck_assert_ptr_nonnull(end);
	for (const char *c = t->seen;
	     (c = strstr(c, "\033[H")) != NULL && c < end; c++)
		at = c;
	ck_assert_ptr_nonnull(at);
	for (; at < end; at++)
		n += *at == '\n';
	return n;
}

static void
end_by(struct terminal *t, char key)
{
	int status;

	ck_assert_int_eq(write(t->fd, &key, 1), 1);
	wait_for(t, "\033[?1049l");
	ck_assert_int_eq(waitpid(t->pid, &status, 0), t->pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(t->fd);
}

START_TEST(a_terminal_shows_a_failover_and_is_given_back)
{
	static struct terminal t;
	struct harness *h = harness_create();
	struct node node;

	begin(&node, h);
	open_terminal(&t, &node, 24);
	wait_for(&t, "\033[?1049h");
	wait_for(&t, "0 of 1 service not healthy");
	wait_for(&t, "\033[32mhealthy");
	node_order(&node, 0, "health=down");
	wait_for(&t, "1 of 1 service not healthy");
	wait_for(&t, "\033[33mdegraded");
	wait_for(&t, "us up to down");
	ck_assert_uint_le(count_lines(&t), 23);
	end_by(&t, 'q');
	harness_destroy(h);
}
END_TEST

START_TEST(a_low_terminal_is_not_scrolled)
{
	static struct terminal t;
	struct harness *h = harness_create();
	struct node node;

	begin(&node, h);
	open_terminal(&t, &node, 8);
	wait_for(&t, "0 of 1 service not healthy");
	wait_for(&t, "\033[J");
	ck_assert_uint_le(count_lines(&t), 7);
	/* Ctrl-C is a key here. */
	end_by(&t, 3);
	harness_destroy(h);
}
END_TEST

START_TEST(a_server_that_ends_is_told_and_comes_back)
{
	static struct terminal t;
	struct harness *h = harness_create();
	struct node node;

	begin(&node, h);
	open_terminal(&t, &node, 24);
	wait_for(&t, "0 of 1 service not healthy");
	harness_stop(h, node.server);
	wait_for(&t, "NO SERVER: ");
	node_serve(&node);
	wait_for(&t, "of 1 service not healthy");
	end_by(&t, 'q');
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"pipe", a_pipe_gets_plain_lines_once, 0},
	    {"json", a_script_gets_an_object_a_look, 0},
	    {"no server", without_a_server_it_says_so, 0},
	    {"terminal", a_terminal_shows_a_failover_and_is_given_back, 0},
	    {"low", a_low_terminal_is_not_scrolled, 0},
	    {"ends", a_server_that_ends_is_told_and_comes_back, 0},
	};

	return harness_main("top", cases, sizeof(cases) / sizeof(cases[0]));
}
