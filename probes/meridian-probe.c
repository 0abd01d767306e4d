/*
 * meridian-probe: checks the endpoints of a node's zones and writes what it
 * finds to the state database.  Reads its command line and the files, drops its
 * rights, and hands over to the prober.  Never answers DNS.
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
#include "probes/prober.h"
#include "state/record.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: meridian-probe -c FILE [-v]\n"
	    "  -c FILE  the node's file, meridian.yaml(5)\n"
	    "  -v       log more\n"
	    "  -V       print the version\n"
	    "SIGHUP reloads, SIGTERM ends.\n");
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

/* Each check under way is a descriptor: take what the hard limit allows. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void
log_messages(const struct errbuf *eb)
{
	log_lines(errbuf_ok(eb) ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, eb->text);
	if (eb->lost > 0)
		log_warn("%u more messages", eb->lost);
}

/* The node's file says who to be; all files are then read as who will read
 * them at a reload. */
static int
drop_rights(const char *path, struct errbuf *eb)
{
	struct server_config *config = server_config_load(path, eb);
	int status = -1;

	if (config == NULL)
		log_messages(eb);
	else
		status = become(config->user);
	server_config_destroy(config);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return status;
}

static int
run(const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	struct target_table *table;
	int status = -1;

	if (eb == NULL)
		return -1;
	raise_file_limit();
	errbuf_init(eb);
	if (drop_rights(path, eb) != 0)
		goto out;
	errbuf_init(eb);
	table = target_table_load(path, &config, eb);
	log_messages(eb);
	if (table != NULL)
		status = prober_run(path, config, table);
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

	if (state_record_is_child(argc, argv)) {
		log_open("meridian-probe", LOG_LEVEL_INFO);
		return state_record_child(argc, argv);
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
			puts("meridian-probe " MERIDIAN_VERSION);
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
	log_open("meridian-probe", level);
	signal(SIGPIPE, SIG_IGN);
	return run(path) == 0 ? 0 : 1;
}
