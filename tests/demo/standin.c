/*
 * A stand-in for an inference server: answers the pages of vLLM that probes and
 * clients use, and takes orders at /control.  Run by `make run` and the system
 * tests, by nobody else; it infers nothing.
 */
#include <jansson.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "base/file.h"
#include "base/text.h"

#define PAGE_MAX ((size_t)64 << 10)
#define BODY_MAX ((size_t)64 << 10)
#define PEM_MAX ((size_t)1 << 20)

/* Requests that are left hanging; past these the oldest is answered, which
 * frees the descriptors of clients that went away long ago. */
#define HANGING_MAX 256

/* What it is told to be. */
struct standin {
	const char *name;
	const char *model;
	unsigned health; /* the code that /health answers with */
	bool hang;       /* answer nothing but /control */
	unsigned waiting, running;
	double kv_cache; /* 0..1 */
	unsigned long completions;
	/* As if it had so many requests a second, this share of them errors,
	 * counted up to a moment of the monotonic clock. */
	unsigned served;
	double error_share, good, bad;
	struct timespec counted;
	struct MHD_Connection *hanging[HANGING_MAX];
	size_t n_hanging;
};

/* A request while it comes in. */
struct request {
	struct text body;
	bool hung; /* was suspended: now it is answered, come what may */
};

static enum MHD_Result
reply(struct MHD_Connection *connection, unsigned status, const char *type,
    const char *body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Send ${value}, whose reference it takes. */
static enum MHD_Result
reply_json(struct MHD_Connection *connection, unsigned status, json_t *value)
{
	char *body = json_dumps(value, JSON_COMPACT);
	enum MHD_Result result = MHD_NO;

	if (body != NULL)
		result = reply(connection, status, "application/json", body);
	free(body);
	json_decref(value);
	return result;
}

/* The error body of the OpenAI interface. */
static enum MHD_Result
reply_error(
    struct MHD_Connection *connection, unsigned status, const char *message)
{
	return reply_json(connection, status,
	    json_pack("{s:{s:s, s:s, s:n, s:i}}", "error", "message", message,
		"type", status == 404 ? "NotFoundError" : "BadRequestError",
		"param", "code", (int)status));
}

static enum MHD_Result
page_models(struct standin *s, struct MHD_Connection *connection)
{
	json_int_t now = (json_int_t)time(NULL);

	return reply_json(connection, MHD_HTTP_OK,
	    json_pack("{s:s, s:[{s:s, s:s, s:I, s:s, s:s, s:n, s:i}]}",
		"object", "list", "data", "id", s->model, "object", "model",
		"created", now, "owned_by", "vllm", "root", s->model, "parent",
		"max_model_len", 8192));
}

/* Count what came since the last time. */
static void
count(struct standin *s)
{
	struct timespec now;
	double n;

	clock_gettime(CLOCK_MONOTONIC, &now);
	n = s->served *
	    ((double)(now.tv_sec - s->counted.tv_sec) +
		(double)(now.tv_nsec - s->counted.tv_nsec) / 1e9);
	s->bad += n * s->error_share;
	s->good += n * (1 - s->error_share);
	s->counted = now;
}

static enum MHD_Result
page_metrics(struct standin *s, struct MHD_Connection *connection)
{
	enum MHD_Result result;
	struct text t;

	count(s);
	text_init(&t, PAGE_MAX);
	text_add(&t,
	    "# HELP vllm:num_requests_running Number of requests in model "
	    "execution batches.\n"
	    "# TYPE vllm:num_requests_running gauge\n"
	    "vllm:num_requests_running{engine=\"0\",model_name=\"%s\"} %u.0\n",
	    s->model, s->running);
	text_add(&t,
	    "# HELP vllm:num_requests_waiting Number of requests waiting to be "
	    "processed.\n"
	    "# TYPE vllm:num_requests_waiting gauge\n"
	    "vllm:num_requests_waiting{engine=\"0\",model_name=\"%s\"} %u.0\n",
	    s->model, s->waiting);
	text_add(&t,
	    "# HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 "
	    "percent usage.\n"
	    "# TYPE vllm:kv_cache_usage_perc gauge\n"
	    "vllm:kv_cache_usage_perc{engine=\"0\",model_name=\"%s\"} %g\n",
	    s->model, s->kv_cache);
	text_add(&t,
	    "# HELP vllm:request_success_total Count of successfully processed "
	    "requests.\n"
	    "# TYPE vllm:request_success_total counter\n"
	    "vllm:request_success_total{engine=\"0\",finished_reason=\"stop\","
	    "model_name=\"%s\"} %.0f\n",
	    s->model, (double)s->completions + s->good);
	text_add(&t,
	    "# HELP standin_errors_total Count of requests that failed.\n"
	    "# TYPE standin_errors_total counter\n"
	    "standin_errors_total %.0f\n",
	    s->bad);
	if (t.failed)
		result = MHD_NO;
	else
		result = reply(connection, MHD_HTTP_OK,
		    "text/plain; version=0.0.4; charset=utf-8", t.data);
	text_finish(&t);
	return result;
}

static enum MHD_Result
page_completions(struct standin *s, struct MHD_Connection *connection,
    const struct request *request)
{
	json_t *asked, *model, *prompt;
	char id[32], words[256];
	enum MHD_Result result;

	if (s->health != MHD_HTTP_OK)
		return reply(connection, s->health, "text/plain", "");
	asked = json_loadb(request->body.data != NULL ? request->body.data : "",
	    request->body.len, 0, NULL);
	model = json_object_get(asked, "model");
	prompt = json_object_get(asked, "prompt");
	if (!json_is_object(asked) || !json_is_string(prompt)) {
		result = reply_error(connection, MHD_HTTP_BAD_REQUEST,
		    "a JSON object with a prompt is expected");
	} else if (model != NULL &&
	    (!json_is_string(model) ||
		strcmp(json_string_value(model), s->model) != 0)) {
		result = reply_error(connection, MHD_HTTP_NOT_FOUND,
		    "The model does not exist.");
	} else {
		snprintf(id, sizeof(id), "cmpl-%lu", ++s->completions);
		snprintf(words, sizeof(words), " This is %s, serving %s.",
		    s->name, s->model);
		result = reply_json(connection, MHD_HTTP_OK,
		    json_pack("{s:s, s:s, s:I, s:s, s:[{s:i, s:s, s:n, s:s}], "
			      "s:{s:i, s:i, s:i}}",
			"id", id, "object", "text_completion", "created",
			(json_int_t)time(NULL), "model", s->model, "choices",
			"index", 0, "text", words, "logprobs", "finish_reason",
			"stop", "usage", "prompt_tokens", 4,
			"completion_tokens", 6, "total_tokens", 10));
	}
	json_decref(asked);
	return result;
}

/* Let the suspended requests go on: they are answered as health is now. */
static void
resume_all(struct standin *s)
{
	while (s->n_hanging > 0)
		MHD_resume_connection(s->hanging[--s->n_hanging]);
}

static enum MHD_Result
suspend(struct standin *s, struct MHD_Connection *connection,
    struct request *request)
{
	if (s->n_hanging == HANGING_MAX) {
		MHD_resume_connection(s->hanging[0]);
		memmove(s->hanging, s->hanging + 1,
		    --s->n_hanging * sizeof(s->hanging[0]));
	}
	request->hung = true;
	s->hanging[s->n_hanging++] = connection;
	MHD_suspend_connection(connection);
	return MHD_YES;
}

/* A whole number of ${text}, at most ${max}; false when it is none. */
static bool
parse_number(const char *text, unsigned long max, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > max)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool
parse_share(const char *text, double *out)
{
	char *end;
	double share = strtod(text, &end);

	if (end == text || *end != '\0' || !(share >= 0 && share <= 1))
		return false;
	*out = share;
	return true;
}

static bool
obey(struct standin *s, const char *key, const char *value)
{
	unsigned status;

	if (strcmp(key, "waiting") == 0)
		return parse_number(value, 1000000, &s->waiting);
	if (strcmp(key, "running") == 0)
		return parse_number(value, 1000000, &s->running);
	if (strcmp(key, "kv") == 0)
		return parse_share(value, &s->kv_cache);
	count(s);
	if (strcmp(key, "served") == 0)
		return parse_number(value, 1000000, &s->served);
	if (strcmp(key, "errors") == 0)
		return parse_share(value, &s->error_share);
	if (strcmp(key, "refuse-status") == 0) {
		if (!parse_number(value, 599, &status) || status < 200)
			return false;
		s->health = status;
		s->hang = false;
		return true;
	}
	if (strcmp(key, "health") != 0)
		return false;
	if (strcmp(value, "up") == 0)
		s->health = MHD_HTTP_OK;
	else if (strcmp(value, "down") == 0)
		s->health = MHD_HTTP_SERVICE_UNAVAILABLE;
	else if (strcmp(value, "hang") != 0)
		return false;
	s->hang = strcmp(value, "hang") == 0;
	return true;
}

/* One call of MHD_get_connection_values() for each key. */
struct orders {
	struct standin *standin;
	bool understood;
};

static enum MHD_Result
on_order(
    void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct orders *orders = context;

	(void)kind;
	if (value == NULL || !obey(orders->standin, key, value))
		orders->understood = false;
	return MHD_YES;
}

static enum MHD_Result
page_control(
    struct standin *s, struct MHD_Connection *connection, const char *method)
{
	struct orders orders = {s, true};

	if (strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0)
		MHD_get_connection_values(
		    connection, MHD_GET_ARGUMENT_KIND, on_order, &orders);
	if (!orders.understood)
		return reply_error(connection, MHD_HTTP_BAD_REQUEST,
		    "expected health=up|down|hang, refuse-status=NNN, "
		    "waiting=N, running=N, kv=0..1, served=N, errors=0..1");
	if (!s->hang)
		resume_all(s);
	return reply_json(connection, MHD_HTTP_OK,
	    json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:f}", "name", s->name,
		"model", s->model, "hang", s->hang, "status", (int)s->health,
		"waiting", (int)s->waiting, "running", (int)s->running, "kv",
		s->kv_cache));
}

static enum MHD_Result
answer(struct standin *s, struct MHD_Connection *connection, const char *url,
    const char *method, struct request *request)
{
	if (strcmp(url, "/control") == 0)
		return page_control(s, connection, method);
	if (s->hang && !request->hung)
		return suspend(s, connection, request);
	if (strcmp(url, "/v1/completions") == 0 && strcmp(method, "POST") == 0)
		return page_completions(s, connection, request);
	if (strcmp(method, "GET") != 0)
		return reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "application/json", "{\"detail\":\"Method Not Allowed\"}");
	if (strcmp(url, "/health") == 0)
		return reply(connection, s->health, "text/plain", "");
	if (strcmp(url, "/v1/models") == 0)
		return page_models(s, connection);
	if (strcmp(url, "/metrics") == 0)
		return page_metrics(s, connection);
	return reply(connection, MHD_HTTP_NOT_FOUND, "application/json",
	    "{\"detail\":\"Not Found\"}");
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **state)
{
	struct request *request = *state;

	(void)version;
	if (request == NULL) {
		request = calloc(1, sizeof(*request));
		if (request == NULL)
			return MHD_NO;
		text_init(&request->body, BODY_MAX);
		*state = request;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		text_bytes(&request->body, upload, *upload_size);
		*upload_size = 0;
		return request->body.failed ? MHD_NO : MHD_YES;
	}
	return answer(context, connection, url, method, request);
}

static void
on_completed(void *context, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *request = *state;

	(void)context;
	(void)connection;
	(void)why;
	if (request == NULL)
		return;
	text_finish(&request->body);
	free(request);
	*state = NULL;
}

/* TLS when ${cert} is not NULL; ${key} then is the key, both as PEM. */
static struct MHD_Daemon *
start(struct standin *s, const struct endpoint_address *at, const char *cert,
    const char *key)
{
	struct sockaddr_storage sa;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	struct MHD_OptionItem tls[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)cert},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
	    {MHD_OPTION_END, 0, NULL}};

	if (cert != NULL)
		flags |= MHD_USE_TLS;
	else
		tls[0] = tls[2];
	if (at->address.family == 6)
		flags |= MHD_USE_IPv6;
	address_to_sockaddr(&at->address, at->port, &sa);
	return MHD_start_daemon(flags, at->port, NULL, NULL, on_request, s,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&sa,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	    MHD_OPTION_CONNECTION_TIMEOUT, 60u,
	    MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_ARRAY, tls,
	    MHD_OPTION_END);
}

static volatile sig_atomic_t told_to_end;

static void
on_end(int signal_number)
{
	(void)signal_number;
	told_to_end = 1;
}

/* Run the daemon in this thread until SIGTERM or SIGINT, which are let in
 * only while it waits. */
static void
serve(struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd wait = {.fd = info->epoll_fd, .events = POLLIN};
	struct sigaction end = {.sa_handler = on_end};
	unsigned MHD_LONG_LONG wait_ms;
	sigset_t ends, before;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, &before);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	signal(SIGPIPE, SIG_IGN);
	while (!told_to_end) {
		struct timespec t;
		bool bound = MHD_get_timeout(daemon, &wait_ms) == MHD_YES;

		if (bound) {
			t.tv_sec = (time_t)(wait_ms / 1000);
			t.tv_nsec = (long)(wait_ms % 1000) * 1000000;
		}
		ppoll(&wait, 1, bound ? &t : NULL, &before);
		MHD_run(daemon);
	}
}

static void
usage(void)
{
	fputs("usage: standin ADDRESS:PORT [--model ID] [--name NAME] "
	      "[--tls CERT KEY]\n",
	    stderr);
	exit(2);
}

static char *
read_pem(const char *path)
{
	static struct errbuf eb;
	char *data;
	size_t len;

	errbuf_init(&eb);
	if (file_read(path, NULL, PEM_MAX, &data, &len, NULL, &eb) == 0)
		return data;
	fputs(eb.text, stderr);
	exit(1);
}

int
main(int argc, char **argv)
{
	static struct standin s = {
	    .name = "standin", .model = "demo-model", .health = MHD_HTTP_OK};
	char *cert = NULL, *key = NULL;
	struct endpoint_address at;
	struct MHD_Daemon *daemon;
	int i;

	if (argc < 2 || endpoint_address_parse(argv[1], 0, &at) != 0)
		usage();
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--model") == 0 && i + 1 < argc) {
			s.model = argv[++i];
		} else if (strcmp(argv[i], "--name") == 0 && i + 1 < argc) {
			s.name = argv[++i];
		} else if (strcmp(argv[i], "--tls") == 0 && i + 2 < argc) {
			cert = read_pem(argv[++i]);
			key = read_pem(argv[++i]);
		} else {
			usage();
		}
	}
	daemon = start(&s, &at, cert, key);
	if (daemon == NULL) {
		fprintf(stderr, "standin: cannot listen on %s\n", argv[1]);
		return 1;
	}
	serve(daemon);
	/* The daemon must hold no suspended request when it is stopped. */
	resume_all(&s);
	MHD_run(daemon);
	MHD_stop_daemon(daemon);
	free(cert);
	free(key);
	return 0;
}
