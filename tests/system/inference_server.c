/*
 * Plays inference servers.  Used by system tests; a thread for each connection.
 */
#include "tests/system/inference_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LISTED \
	"{\"object\":\"list\",\"data\":[{\"id\":\"" INFERENCE_MODEL "\"}]}"
#define NOT_LISTED "{\"object\":\"list\",\"data\":[{\"id\":\"other\"}]}"
#define TOKEN "{\"choices\":[{\"index\":0,\"text\":\" a\"}]}"
#define UNAVAILABLE "503 Service Unavailable"

const char *const inference_shape_names[INFERENCE_SHAPES] = {
    [SHAPE_READY] = "ready",
    [SHAPE_LOADING] = "loading",
    [SHAPE_ANOTHER_MODEL] = "another-model",
    [SHAPE_DEAD_ENGINE] = "dead-engine",
    [SHAPE_NO_TOKEN] = "no-token",
    [SHAPE_SATURATED] = "saturated",
    [SHAPE_BUSY] = "busy",
    [SHAPE_UNAVAILABLE] = "unavailable",
    [SHAPE_HUNG] = "hung",
    [SHAPE_GARBAGE] = "garbage",
    [SHAPE_HALF] = "half",
    [SHAPE_DRIP] = "drip",
    [SHAPE_RESET] = "reset",
    [SHAPE_ENDLESS_HEADERS] = "endless-headers",
    [SHAPE_RENAMED_METRICS] = "renamed-metrics",
    [SHAPE_ADAPTERS] = "adapters",
    [SHAPE_KEY] = "key",
};

const struct inference_kind inference_kinds[] = {
    {.preset = "http",
	.ready = "/",
	.ready_body = "hello",
	.loading = UNAVAILABLE,
	.loading_body = ""},
    {.preset = "oip",
	.ready = "/v2/health/ready",
	.ready_body = "{\"ready\":true}",
	.loading = UNAVAILABLE,
	.loading_body = "{\"ready\":false}",
	.models = "/v2/models/" INFERENCE_MODEL "/ready",
	.models_body = "{\"name\":\"" INFERENCE_MODEL "\",\"ready\":true}"},
    {.preset = "kserve",
	.ready = "/v2/health/ready",
	.ready_body = "{\"ready\":true}",
	.loading = UNAVAILABLE,
	.loading_body = "{\"error\":\"Model not ready\"}",
	.models = "/v2/models/" INFERENCE_MODEL "/ready",
	.models_body = "{\"name\":\"" INFERENCE_MODEL "\",\"ready\":true}"},
    {.preset = "triton",
	.ready = "/v2/health/ready",
	.ready_body = "",
	.loading = "400 Bad Request",
	.loading_body = "",
	.models = "/v2/models/" INFERENCE_MODEL "/ready",
	.models_body = "",
	.metrics = "/metrics",
	.metrics_body =
	    "nv_trt_llm_request_metrics{request_type=\"waiting\"} 7\n"
	    "nv_trt_llm_request_metrics{request_type=\"scheduled\"} 3\n"},
    {.preset = "vllm",
	.ready = "/health",
	.ready_body = "",
	.loading = UNAVAILABLE,
	.loading_body = "",
	.models = "/v1/models",
	.models_body = LISTED,
	.others_body = NOT_LISTED,
	.generation = "POST /v1/completions",
	.token_body = TOKEN,
	.metrics = "/metrics",
	.metrics_body = "vllm:num_requests_waiting{engine=\"0\"} 4.0\n"
			"vllm:num_requests_waiting{engine=\"1\"} 3.0\n"
			"vllm:num_requests_running{engine=\"0\"} 3.0\n"},
    {.preset = "sglang",
	.ready = "/health",
	.ready_body = "",
	.loading = UNAVAILABLE,
	.loading_body = "",
	.models = "/v1/models",
	.models_body = LISTED,
	.others_body = NOT_LISTED,
	.generation = "GET /health_generate",
	.token_body = "",
	.metrics = "/metrics",
	.metrics_body = "sglang:num_queue_reqs 7\nsglang:num_running_reqs 3\n"},
    {.preset = "tgi",
	.ready = "/health",
	.ready_body = "",
	.loading = UNAVAILABLE,
	.loading_body =
	    "{\"error\":\"unhealthy\",\"error_type\":\"healthcheck\"}",
	.models = "/info",
	.models_body = "{\"model_id\":\"" INFERENCE_MODEL "\"}",
	.others_body = "{\"model_id\":\"other\"}",
	.generation = "POST /generate",
	.token_body = "{\"generated_text\":\" a\"}",
	.metrics = "/metrics",
	.metrics_body = "tgi_queue_size 7\ntgi_batch_current_size 3\n"},
    {.preset = "llamacpp",
	.ready = "/health",
	.ready_body = "{\"status\":\"ok\"}",
	.loading = UNAVAILABLE,
	.loading_body =
	    "{\"error\":{\"code\":503,\"message\":\"Loading model\","
	    "\"type\":\"unavailable_error\"}}",
	.models = "/v1/models",
	.models_body = LISTED,
	.others_body = NOT_LISTED,
	.generation = "POST /completion",
	.token_body = "{\"content\":\" a\"}",
	.metrics = "/metrics",
	.metrics_body = "llamacpp:requests_deferred 7\n"
			"llamacpp:requests_processing 3\n"},
    {.preset = "tfserving",
	.ready = "/v1/models/" INFERENCE_MODEL,
	.ready_body =
	    "{\"model_version_status\":[{\"version\":\"2\",\"state\":"
	    "\"LOADING\"},{\"version\":\"1\",\"state\":\"AVAILABLE\"}]"
	    "}",
	.loading = "200 OK",
	.loading_body = "{\"model_version_status\":[{\"version\":\"1\","
			"\"state\":\"START\"}]}"},
    {.preset = "torchserve",
	.ready = "/ping",
	.ready_body = "{\"status\":\"Healthy\"}",
	.loading = "500 Internal Server Error",
	.loading_body = "{\"status\":\"Unhealthy\"}"},
    {.preset = "ray-serve",
	.ready = "/-/healthz",
	.ready_body = "success",
	.loading = UNAVAILABLE,
	.loading_body = "",
	.metrics = "/metrics",
	.metrics_body = "ray_serve_deployment_queued_queries 7\n"
			"ray_serve_replica_processing_queries 3\n"},
    {.preset = "nim",
	.ready = "/v1/health/ready",
	.ready_body = "{\"status\":\"ready\"}",
	.loading = UNAVAILABLE,
	.loading_body = "{\"status\":\"not ready\"}",
	.models = "/v1/models",
	.models_body = LISTED,
	.others_body = NOT_LISTED,
	.generation = "POST /v1/completions",
	.token_body = TOKEN,
	.metrics = "/v1/metrics",
	.metrics_body = "num_requests_waiting 7\nnum_requests_running 3\n"},
    {.preset = "trtllm",
	.ready = "/health",
	.ready_body = "",
	.loading = UNAVAILABLE,
	.loading_body = "",
	.models = "/v1/models",
	.models_body = LISTED,
	.others_body = NOT_LISTED,
	.generation = "POST /v1/completions",
	.token_body = TOKEN,
	.metrics = "/prometheus/metrics",
	.metrics_body = "trtllm_num_requests_waiting 7\n"
			"trtllm_num_requests_running 3\n"},
    {.preset = "ollama",
	.ready = "/",
	.ready_body = "Ollama is running",
	.loading = UNAVAILABLE,
	.loading_body = "",
	.models = "/api/tags",
	.models_body = "{\"models\":[{\"name\":\"" INFERENCE_MODEL "\"}]}",
	.others_body = "{\"models\":[{\"name\":\"other\"}]}",
	.generation = "POST /api/generate",
	.token_body = "{\"response\":\" a\",\"done\":true}"},
    {.preset = "grpc", .grpc = true, .ready = "/", .loading = ""},
    {.preset = "epp",
	.grpc = true,
	.ready = "/",
	.loading = "",
	.metrics = "/metrics",
	.metrics_body = "inference_extension_flow_control_queue_size 7\n"
			"inference_pool_average_running_requests 3\n"},
};

const unsigned inference_n_kinds =
    sizeof(inference_kinds) / sizeof(inference_kinds[0]);

const char *
inference_address(unsigned kind, unsigned shape, char out[16])
{
	snprintf(out, 16, "127.77.%u.%u", kind, shape + 1);
	return out;
}

/* --- answers --- */

static void
send_octets(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

static void
send_answer(int fd, const char *status, const char *extra, const char *body)
{
	char head[256];

	snprintf(head, sizeof(head),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%sConnection: "
	    "close\r\n\r\n",
	    status, strlen(body), extra);
	send_octets(fd, head, strlen(head));
	send_octets(fd, body, strlen(body));
}

/* Until the client goes, or for ever. */
static void
hang(int fd)
{
	char octet;

	while (recv(fd, &octet, 1, 0) > 0)
		continue;
}

static void
drip(int fd)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
	const struct timespec pause = {0, 50000000};

	for (size_t i = 0; i < 2000; i++) {
		const char *octet = i < sizeof(answer) - 1 ? &answer[i] : "x";

		if (send(fd, octet, 1, MSG_NOSIGNAL) <= 0)
			return;
		nanosleep(&pause, NULL);
	}
}

static void
send_headers_without_end(int fd)
{
	static const char line[] = "X-More: and more and more and more\r\n";

	send_octets(fd, "HTTP/1.1 200 OK\r\n", 17);
	while (send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL) > 0)
		continue;
}

/* A list of 4,096 adapters, and the model after them, in the form of ${kind}.
 */
static void
send_adapters(int fd, const struct inference_kind *kind)
{
	const char *end = strstr(kind->models_body, "[{");
	size_t size = 4097 * 64, len;
	char *body = malloc(size);
	const char *key =
	    strstr(kind->models_body, "\"name\"") != NULL ? "name" : "id";

	if (body == NULL || end == NULL) {
		send_answer(fd, "200 OK", "", kind->models_body);
		free(body);
		return;
	}
	len = (size_t)(end - kind->models_body) + 1;
	memcpy(body, kind->models_body, len);
	for (int i = 0; i < 4096; i++)
		len += (size_t)snprintf(
		    body + len, size - len, "{\"%s\":\"adapter-%d\"},", key, i);
	snprintf(body + len, size - len, "%s", end + 1);
	send_answer(fd, "200 OK", "", body);
	free(body);
}

/* As it is asked for, or, where the server has little to do, with every value 1
 * in its place. */
static void
send_metrics(int fd, const struct inference_kind *kind, unsigned shape)
{
	const char *line = kind->metrics_body, *end, *value;
	char body[1024];
	size_t len = 0;

	for (; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		value = memrchr(line, ' ', (size_t)(end - line));
		len += (size_t)snprintf(body + len, sizeof(body) - len,
		    "%.*s 1\n", (int)(value - line), line);
	}
	if (shape == SHAPE_RENAMED_METRICS)
		send_answer(fd, "200 OK", "", "renamed_requests 7\n");
	else
		send_answer(fd, "200 OK", "",
		    shape == SHAPE_SATURATED ? kind->metrics_body : body);
}

/* --- shapes --- */

static bool
asks_for(const char *request, const char *method, const char *path)
{
	size_t m = strlen(method), n = strlen(path);

	return strncmp(request, method, m) == 0 && request[m] == ' ' &&
	    strncmp(request + m + 1, path, n) == 0 && request[m + 1 + n] == ' ';
}

void
inference_reset(int fd)
{
	const struct linger none = {.l_onoff = 1, .l_linger = 0};

	/* Not before it has arrived. */
	usleep(20000);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static void
answer_ready(int fd, const struct inference_kind *kind, unsigned shape)
{
	switch (shape) {
	case SHAPE_LOADING:
		send_answer(fd, kind->loading, "", kind->loading_body);
		break;
	case SHAPE_HUNG:
		hang(fd);
		break;
	case SHAPE_GARBAGE:
		send_octets(fd, "\x16\x03\x01\x1b[31mred\r\n\r\n", 15);
		break;
	case SHAPE_HALF:
		send_octets(
		    fd, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nok", 42);
		break;
	case SHAPE_DRIP:
		drip(fd);
		break;
	case SHAPE_ENDLESS_HEADERS:
		send_headers_without_end(fd);
		break;
	case SHAPE_RESET:
		send_answer(fd, "200 OK", "", kind->ready_body);
		inference_reset(fd);
		break;
	default:
		send_answer(fd, "200 OK", "", kind->ready_body);
		break;
	}
}

static void
answer_models(int fd, const struct inference_kind *kind, unsigned shape)
{
	if (shape == SHAPE_ADAPTERS)
		send_adapters(fd, kind);
	else if (shape != SHAPE_ANOTHER_MODEL)
		send_answer(fd, "200 OK", "", kind->models_body);
	else if (kind->others_body != NULL)
		send_answer(fd, "200 OK", "", kind->others_body);
	else
		send_answer(fd, "404 Not Found", "", "");
}

static void
answer_generation(int fd, const struct inference_kind *kind, unsigned shape)
{
	if (shape == SHAPE_DEAD_ENGINE)
		hang(fd);
	else if (shape == SHAPE_NO_TOKEN)
		send_answer(fd, "200 OK", "", "{\"choices\":[]}");
	else if (shape == SHAPE_BUSY)
		send_answer(fd, "429 Too Many Requests", "", "");
	else if (shape == SHAPE_UNAVAILABLE)
		send_answer(fd, UNAVAILABLE, "Retry-After: 3\r\n", "");
	else
		send_answer(fd, "200 OK", "", kind->token_body);
}

static void
answer(int fd, const struct inference_kind *kind, unsigned shape,
    const char *request)
{
	bool first = asks_for(request, "GET", kind->ready);
	char method[8] = "";
	const char *path = NULL;

	if (kind->generation != NULL) {
		path = strchr(kind->generation, ' ') + 1;
		snprintf(method, sizeof(method), "%.*s",
		    (int)(path - kind->generation - 1), kind->generation);
	}
	if (shape == SHAPE_KEY && !first &&
	    strstr(request,
		"\r\nAuthorization: Bearer " INFERENCE_KEY "\r\n") == NULL)
		send_answer(fd, "401 Unauthorized", "", "");
	else if (first)
		answer_ready(fd, kind, shape);
	else if (kind->models != NULL && asks_for(request, "GET", kind->models))
		answer_models(fd, kind, shape);
	else if (path != NULL && asks_for(request, method, path))
		answer_generation(fd, kind, shape);
	else if (kind->metrics != NULL &&
	    asks_for(request, "GET", kind->metrics))
		send_metrics(fd, kind, shape);
	else
		send_answer(fd, "404 Not Found", "", "");
}

/* --- connections --- */

/* All of a request, with its body, to ${request}; false when it ends before. */
static bool
read_request(int fd, char *request, size_t size)
{
	size_t len = 0, wanted = SIZE_MAX;

	while (len < size - 1 && len < wanted) {
		ssize_t n = recv(fd, request + len, size - 1 - len, 0);
		const char *end, *length;

		if (n <= 0)
			return false;
		len += (size_t)n;
		request[len] = '\0';
		end = strstr(request, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(request, "Content-Length: ");
		wanted = (size_t)(end - request) + 4 +
		    (length != NULL ? strtoul(length + 16, NULL, 10) : 0);
	}
	return true;
}

static void *
serve(void *argument)
{
	int fd = (int)(intptr_t)argument;
	struct sockaddr_in at = {0};
	socklen_t size = sizeof(at);
	char request[8192] = "";
	uint32_t address;

	if (getsockname(fd, (struct sockaddr *)&at, &size) == 0 &&
	    read_request(fd, request, sizeof(request))) {
		address = ntohl(at.sin_addr.s_addr);
		if (strncmp(request, "PRI * HTTP/2.0\r\n", 16) == 0)
			inference_answer_grpc(fd, (address & 0xff) - 1);
		else if ((address >> 8 & 0xff) < inference_n_kinds)
			answer(fd, &inference_kinds[address >> 8 & 0xff],
			    (address & 0xff) - 1, request);
	}
	close(fd);
	return NULL;
}

pid_t
inference_start(uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	pthread_t thread;
	pid_t pid;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(listener, 4096) != 0)
		return -1;
	pid = fork();
	if (pid != 0) {
		close(listener);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (pthread_create(
			&thread, NULL, serve, (void *)(intptr_t)fd) != 0)
			close(fd);
		else
			pthread_detach(thread);
	}
}
