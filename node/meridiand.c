/*
 * meridiand: the DNS server.  Reads its command line, opens the sockets, drops
 * its rights, and hands over to the control thread.  Never opens a connection
 * to an endpoint and never decides health.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/log.h"
#include "config/last_good.h"
#include "config/server.h"
#include "dns/serve/listeners.h"
#include "state/history/recorder.h"
#include "state/recorder.h"
#include "state/watch.h"
#include "node/control.h"
#include "web/places.h"

static size_t
worker_count(const struct server_config *config)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->workers > 0)
		return config->workers;
	if (cores < 1)
		return 1;
	return cores > SERVER_MAX_WORKERS ? SERVER_MAX_WORKERS : (size_t)cores;
}

/* Descriptors for files of a reload, pipes, the reader of the state database,
 * and what a library opens for a moment. */
#define OTHER_FILES 100
/* The least TCP connections that are worth to be served. */
#define LEAST_CONNECTIONS 32

/*
 * How many TCP connections leave descriptors for all else: sockets that listen,
 * the loops of the workers, every place of HTTP, and OTHER_FILES.  0, with an
 * error in the log, when so few are left that it is better not to start.
 */
static uint32_t
connection_room(const struct server_config *config, size_t copies)
{
	uint64_t others = copies * (2 * config->n_listen + 8) + OTHER_FILES +
	    (config->http.port != 0 ? PLACES : 0);
	uint64_t limit = daemon_file_limit(), room;

	if (limit < others + LEAST_CONNECTIONS) {
		log_error("the limit of open files is %llu: at least %llu are "
			  "needed, %llu for all of tcp.connections "
			  "(LimitNOFILE= of a unit, ulimit -n of a shell)",
		    (unsigned long long)limit,
		    (unsigned long long)others + LEAST_CONNECTIONS,
		    (unsigned long long)others + config->tcp.connections);
		return 0;
	}
	room = limit - others;
	if (room < config->tcp.connections)
		log_warn("the limit of open files is %llu: of tcp.connections "
			 "no more than %llu are taken; %llu would do for all",
		    (unsigned long long)limit, (unsigned long long)room,
		    (unsigned long long)others + config->tcp.connections);
	return room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
}

/* Serve with sockets that are open: the files are loaded as the user that reads
 * them again at a reload. */
static int
serve(const char *path, bool strict, const struct server_config *config,
    struct listener *listeners, size_t copies, struct errbuf *eb)
{
	uint32_t room = connection_room(config, copies);
	struct control *control;
	int status;

	if (room == 0 || daemon_become(config->user) != 0)
		return -1;
	errbuf_init(eb);
	control = control_create(path, strict, room, eb);
	daemon_log_messages(eb);
	if (control == NULL)
		return -1;
	status = control_run(control, listeners, config->n_listen, copies);
	control_destroy(control);
	return status;
}

/* The node's file, to know where to listen; of one with errors the last that
 * loaded, unless ${strict}.  What is served is loaded after that. */
static struct server_config *
load_config(const char *path, bool strict, struct errbuf *eb)
{
	struct server_config *config = server_config_load(path, eb);
	struct errbuf *said;

	if (config != NULL || strict)
		return config;
	said = malloc(sizeof(*said));
	if (said == NULL)
		return NULL;
	errbuf_init(said);
	config = last_good_config(path, said);
	if (config == NULL && !errbuf_ok(said))
		errbuf_repeat(eb, said->text, 0, said->lost);
	free(said);
	return config;
}

static int
run(const char *path, bool strict)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	struct listener *listeners = NULL;
	size_t copies;
	int status = -1;

	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	config = load_config(path, strict, eb);
	if (config == NULL) {
		daemon_log_messages(eb);
		goto out;
	}
	daemon_raise_file_limit();
	copies = worker_count(config);
	listeners =
	    listeners_open(config->listen, config->n_listen, copies, eb);
	if (listeners == NULL) {
		daemon_log_messages(eb);
		goto out;
	}
	status = serve(path, strict, config, listeners, copies, eb);
	listeners_close(listeners, config->n_listen * copies);
out:
	if (status != 0)
		log_error("meridiand does not serve: mend what is said above; "
			  "meridianctl check says whether the files are good");
	server_config_destroy(config);
	free(eb);
	return status;
}

int
main(int argc, char **argv)
{
	static const char about[] =
	    "Answers DNS for the zones of the node's file, which without -c "
	    "is\n" SERVER_DEFAULT_PATH ".  Runs in the foreground and logs to\n"
	    "stderr; SIGHUP reloads, SIGTERM ends.\n";
	const char *path = SERVER_DEFAULT_PATH;
	bool strict = false;
	int status;

	if (state_watch_is_child(argc, argv)) {
		log_open("meridiand", LOG_LEVEL_INFO);
		return state_watch_child(argc, argv);
	}
	if (state_recorder_is_child(argc, argv)) {
		log_open("meridiand", LOG_LEVEL_INFO);
		return state_recorder_child(argc, argv);
	}
	if (history_recorder_is_child(argc, argv)) {
		log_open("meridiand", LOG_LEVEL_INFO);
		return history_recorder_child(argc, argv);
	}
	status = daemon_options("meridiand", about, argc, argv, &path, &strict);
	if (status >= 0)
		return status;
	return run(path, strict) == 0 ? 0 : 1;
}
