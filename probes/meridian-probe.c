/*
 * meridian-probe: checks the endpoints of a node's zones and writes what it
 * finds to the state database.  Reads its command line and the files, drops its
 * rights, and hands over to the prober.  Never answers DNS.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/daemon.h"
#include "base/log.h"
#include "config/last_good.h"
#include "probes/prober.h"
#include "state/recorder.h"
#include "state/watch.h"

/* Become the user that the node's file names.  All files are read again after
 * that, so that one which this user cannot read is found at the start and not
 * at the first reload. */
static int
drop_rights(const char *path, bool strict, struct errbuf *eb)
{
	struct server_config *config = server_config_load(path, eb);
	int status = -1;

	if (config == NULL) {
		daemon_log_messages(eb);
		errbuf_init(eb);
		if (!strict)
			config = last_good_config(path, eb);
	}
	if (config == NULL)
		daemon_log_messages(eb);
	else
		status = daemon_become(config->user);
	server_config_destroy(config);
	return status;
}

/* The last files that loaded, as those that are there have errors. */
static struct target_table *
load_last_good(
    const char *path, struct server_config **config, struct errbuf *eb)
{
	struct target_table *table;

	errbuf_init(eb);
	table = target_table_load_last_good(path, config, eb);
	daemon_log_messages(eb);
	if (table != NULL)
		log_error("the files have errors, and the last that meridiand "
			  "loaded are used in their place: mend what is said "
			  "above, see meridianctl check, and reload");
	return table;
}

/* Descriptors are raised before rights are dropped: the hard limit stays. */
static int
run(const char *path, bool strict)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;
	struct target_table *table;
	int status = -1;

	if (eb == NULL)
		return -1;
	daemon_raise_file_limit();
	errbuf_init(eb);
	if (drop_rights(path, strict, eb) != 0)
		goto out;
	errbuf_init(eb);
	table = target_table_load(path, &config, eb);
	daemon_log_messages(eb);
	if (table == NULL && !strict)
		table = load_last_good(path, &config, eb);
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
	static const char about[] =
	    "Checks the endpoints of the node's file, which without -c "
	    "is\n" SERVER_DEFAULT_PATH ", and writes their health to the\n"
	    "state database.  Runs in the foreground and logs to stderr; "
	    "SIGHUP\n"
	    "reloads, SIGTERM ends.\n";
	const char *path = SERVER_DEFAULT_PATH;
	bool strict = false;
	int status;

	if (state_recorder_is_child(argc, argv)) {
		log_open("meridian-probe", LOG_LEVEL_INFO);
		return state_recorder_child(argc, argv);
	}
	if (state_watch_is_child(argc, argv)) {
		log_open("meridian-probe", LOG_LEVEL_INFO);
		return state_watch_child(argc, argv);
	}
	status =
	    daemon_options("meridian-probe", about, argc, argv, &path, &strict);
	if (status >= 0)
		return status;
	return run(path, strict) == 0 ? 0 : 1;
}
