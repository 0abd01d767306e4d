/*
 * meridiand: the DNS server.  Reads its command line, opens the sockets, drops
 * its rights, and hands over to the control thread.  Never opens a connection
 * to an endpoint and never decides health.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "config/server.h"
#include "dns/listen.h"
#include "state/watch.h"
#include "steering/control.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: meridiand -c FILE [-v]\n"
	    "  -c FILE  the node's file, meridian.yaml(5)\n"
	    "  -v       log more\n"
	    "  -V       print the version\n"
	    "SIGHUP reloads, SIGTERM ends.\n");
}

static void
log_messages(const struct errbuf *eb)
{
	log_lines(errbuf_ok(eb) ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, eb->text);
	if (eb->lost > 0)
		log_warn("%u more messages", eb->lost);
}

/* Become ${name}, for good; -1 with a line in the log. */
static int
become(const char *name)
{
	const struct passwd *user;

	if (name == NULL)
		return 0;
	errno = 0;
	user = getpwnam(name);
	if (user == NULL) {
		log_error("user %s: %s", name,
		    errno != 0 ? strerror(errno) : "there is no such user");
		return -1;
	}
	if (geteuid() == user->pw_uid)
		return 0;
	if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
	    setuid(user->pw_uid) != 0) {
		log_error("cannot become user %s: %s", name, strerror(errno));
		return -1;
	}
	return 0;
}

/* Each connection is a descriptor: take what the hard limit allows. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

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

/* Serve with sockets that are open: load as the user who will reload. */
static int
serve(const char *path, const struct server_config *config,
    struct listener *listeners, size_t copies, struct errbuf *eb)
{
	struct control *control;
	int status;

	if (become(config->user) != 0)
		return -1;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	errbuf_init(eb);
	control = control_create(path, eb);
	log_messages(eb);
	if (control == NULL)
		return -1;
	status = control_run(control, listeners, config->n_listen, copies);
	control_destroy(control);
	return status;
}

static int
run(const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	struct listener *listeners = NULL;
	size_t copies;
	int status = -1;

	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	config = server_config_load(path, eb);
	if (config == NULL) {
		log_messages(eb);
		goto out;
	}
	raise_file_limit();
	copies = worker_count(config);
	listeners =
	    listeners_open(config->listen, config->n_listen, copies, eb);
	if (listeners == NULL) {
		log_messages(eb);
		goto out;
	}
	status = serve(path, config, listeners, copies, eb);
	listeners_close(listeners, config->n_listen * copies);
out:
	server_config_destroy(config);
	free(eb);
	return status;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	enum log_level level = LOG_LEVEL_INFO;
	int option;

	if (state_watch_is_child(argc, argv)) {
		log_open("meridiand", LOG_LEVEL_INFO);
		return state_watch_child(argc, argv);
	}
	while ((option = getopt(argc, argv, "c:vVh")) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'v':
			level = LOG_LEVEL_DEBUG;
			break;
		case 'V':
			puts("meridiand " MERIDIAN_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (path == NULL || optind != argc) {
		usage(stderr);
		return 2;
	}
	log_open("meridiand", level);
	signal(SIGPIPE, SIG_IGN);
	return run(path) == 0 ? 0 : 1;
}
