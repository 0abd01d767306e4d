/*
 * meridian-share: shares with other nodes, through etcd, what this node knows.
 * Reads its command line and the node's file, drops its rights, and hands over
 * to the sharer.  Never answers DNS and never checks an endpoint.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "base/daemon.h"
#include "base/log.h"
#include "share/judge.h"
#include "share/sharer.h"
#include "state/recorder.h"
#include "state/watch.h"

static int
run(const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config;

	if (eb == NULL)
		return -1;
	daemon_raise_file_limit();
	errbuf_init(eb);
	config = server_config_load(path, eb);
	daemon_log_messages(eb);
	free(eb);
	if (config == NULL)
		return -1;
	if (config->share.n_etcd == 0)
		log_error("%s has no `share`: there is nobody to share with, "
			  "see meridian.yaml(5)",
		    path);
	/* The password and the token of etcd are in memory. */
	else if (daemon_become(config->user) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0) == 0)
		return sharer_run(config);
	server_config_destroy(config);
	return -1;
}

int
main(int argc, char **argv)
{
	static const char about[] =
	    "Shares with other nodes, through the etcd that the node's file "
	    "names,\nwhat this node knows; without -c that file "
	    "is\n" SERVER_DEFAULT_PATH ".  Runs in the foreground and logs "
	    "to\nstderr; SIGHUP reloads, SIGTERM ends.\n";
	const char *path = SERVER_DEFAULT_PATH;
	int status;

	if (state_recorder_is_child(argc, argv)) {
		log_open("meridian-share", LOG_LEVEL_INFO);
		return state_recorder_child(argc, argv);
	}
	if (state_watch_is_child(argc, argv)) {
		log_open("meridian-share", LOG_LEVEL_INFO);
		return state_watch_child(argc, argv);
	}
	if (judge_is_child(argc, argv)) {
		log_open("meridian-share", LOG_LEVEL_ERROR);
		return judge_child(argc, argv);
	}
	status =
	    daemon_options("meridian-share", about, argc, argv, &path, NULL);
	if (status >= 0)
		return status;
	return run(path) == 0 ? 0 : 1;
}
