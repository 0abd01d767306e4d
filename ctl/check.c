/*
 * meridianctl check: everything a reload would do, with the same messages, and
 * nothing published; then what only a start would find out.
 */
#include "ctl/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "config/preset_folder.h"
#include "config/preset_store.h"
#include "ctl/check_json.h"
#include "ctl/check_probes.h"
#include "ctl/ports.h"
#include "node/identity.h"
#include "probes/ask/secret.h"
#include "steering/geo/map.h"
#include "transfer/tls_files.h"

/* "3 pools, "; without the comma at the end of a line. */
static void
print_count(size_t n, const char *what, const char *after)
{
	if (n != 1 && strcmp(what, "leaf") == 0)
		printf("%zu leaves%s", n, after);
	else
		printf("%zu %s%s%s", n, what, n == 1 ? "" : "s", after);
}

static void
print_bytes(size_t n)
{
	if (n < (size_t)1 << 20)
		printf("%.1f KiB", (double)n / (1 << 10));
	else
		printf("%.1f MiB", (double)n / (1 << 20));
}

/* What a load that took ${ms} has read and made. */
static struct check_counts
count(const struct generation *g)
{
	struct check_counts c = {.zones = g->n_zones,
	    .services = generation_services(g),
	    .endpoints = g->policy->n_endpoints};

	for (size_t i = 0; i < g->n_zones; i++) {
		c.records += zone_records(g->zone[i]);
		if (g->steering[i] == NULL)
			continue;
		c.networks += g->steering[i]->n_networks;
		c.pools += g->steering[i]->n_pools;
	}
	return c;
}

static void
print_summary(const struct generation *g, int64_t ms)
{
	const struct map_size size = map_set_size(g->maps);
	const struct check_counts c = count(g);

	printf("ok: ");
	print_count(c.zones, "zone", ", ");
	print_count(c.records, "record", ", ");
	print_count(c.services, "service", ", ");
	print_count(c.pools, "pool", ", ");
	print_count(c.endpoints, "endpoint", ", ");
	print_count(c.networks, "network", "\n");
	printf("loaded in %" PRId64 " ms: ", ms);
	print_count(size.maps, "map", " of ");
	print_count(size.leaves, "leaf", ", ");
	print_bytes(size.bytes);
	printf(", made in %" PRId64 " ms\n", size.built_us / 1000);
}

/* A file of the operator's own that was copied and forgotten asks what the
 * preset asked then. */
static void
print_replaced(const struct steering_config *steering, struct errbuf *eb)
{
	struct preset_names names;

	if (steering == NULL || steering->presets == NULL ||
	    preset_folder_names(steering->presets, &names, eb) != 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		if (preset_store_ships(names.names[i]))
			printf("preset %s: %s/%s.yaml is in place of the one "
			       "that ships, for %s\n",
			    names.names[i], steering->presets, names.names[i],
			    steering->path);
	preset_names_finish(&names);
}

/* Without its user no daemon starts. */
static void
check_user(const struct server_config *config, struct errbuf *eb)
{
	if (config->user != NULL && !daemon_is_user(config->user))
		errbuf_error(eb, &config->user_at,
		    "user: there is no user %s: no daemon would start",
		    config->user);
}

/*
 * What root alone finds out: whether the addresses can be taken.  Then become
 * the user of the node's file when root asks: the daemons read all files as
 * that user.  What is wrong with the node's file is said when all is loaded.
 */
static int
prepare(const char *path, struct errbuf *said)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config;
	int status = 0;

	if (eb == NULL)
		return -1;
	errbuf_init(eb);
	config = server_config_load(path, eb);
	if (config != NULL)
		ports_check(config, said);
	if (config != NULL && config->user != NULL && geteuid() == 0 &&
	    daemon_is_user(config->user))
		status = daemon_become(config->user);
	server_config_destroy(config);
	free(eb);
	return status;
}

/* Without a state database the server starts and answers, but as if nothing was
 * known of any endpoint. */
static void
check_state(const struct server_config *config, struct errbuf *eb)
{
	const char *path = config->state, *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	char *folder;
	struct stat st;

	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode))
			errbuf_warn(eb, &config->state_at,
			    "state: %s is not a regular file: no health would "
			    "be known",
			    path);
		return;
	}
	if (errno != ENOENT) {
		errbuf_warn(eb, &config->state_at,
		    "state: %s: %s: no health would be known", path,
		    strerror(errno));
		return;
	}
	if (len == 0)
		return;
	folder = strndup(path, len);
	if (folder != NULL && (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)))
		errbuf_warn(eb, &config->state_at,
		    "state: there is no folder %s: no health would be known",
		    folder);
	free(folder);
}

static void
check_password(const struct share_config *share, struct errbuf *eb)
{
	struct secret_store *store = secret_store_create();
	const char *why = "no memory";

	if (store == NULL ||
	    secret_read(store, share->password_file, &why) == NULL)
		errbuf_error(eb, &share->at,
		    "password_file: %s: %s: user %s cannot log in to etcd",
		    share->password_file, why, share->user);
	secret_store_destroy(store);
}

/* The files by which its meridian-share and etcd know each other. */
static void
check_share(const struct server_config *config, struct errbuf *eb)
{
	const struct share_config *share = &config->share;
	const struct tls_files files = {
	    share->ca, share->certificate, share->key};

	if (server_share_secure(share))
		tls_files_check(&files, clock_wall_ms(), &share->at, eb);
	if (share->password_file != NULL)
		check_password(share, eb);
}

/* What a start on this machine needs, and a reload does not look at. */
static void
check_start(struct generation *g, struct errbuf *eb)
{
	(void)identity_load(g->config, &g->identity, eb);
	check_user(g->config, eb);
	check_probes(g, eb);
	check_share(g->config, eb);
	if (generation_is_checked(g))
		check_state(g->config, eb);
}

/* Check the files, and with ${here} this machine; what was ${said} of it so far
 * comes after what is wrong with the files. */
static int
check(const char *path, bool here, struct errbuf *said)
{
	struct generation *g;
	int64_t ms;
	bool ok;

	if (here && prepare(path, said) != 0)
		return CTL_FAILED;
	ms = clock_mono_ms();
	g = command_load(path);
	ms = clock_mono_ms() - ms;
	if (g != NULL && here)
		check_start(g, said);
	command_print_messages(said);
	ok = g != NULL && errbuf_ok(said);
	if (ok)
		print_summary(g, ms);
	for (size_t i = 0; ok && i < g->n_zones; i++)
		print_replaced(g->steering[i], said);
	generation_release(g);
	return ok ? CTL_OK : CTL_FAILED;
}

/* The same as one object. */
static int
check_for_script(const char *path, bool here, struct errbuf *said)
{
	struct errbuf *files = malloc(sizeof(*files));
	struct generation *g = NULL;
	struct check_counts counts;
	int64_t ms = clock_mono_ms();
	bool ok;

	if (files == NULL)
		return CTL_FAILED;
	errbuf_init(files);
	if (!here || prepare(path, said) == 0)
		g = command_load_into(path, files);
	ms = clock_mono_ms() - ms;
	if (g != NULL && here)
		check_start(g, said);
	ok = g != NULL && errbuf_ok(said);
	if (ok)
		counts = count(g);
	check_json_print(ok ? &counts : NULL, ms, files, said);
	generation_release(g);
	free(files);
	return ok ? CTL_OK : CTL_FAILED;
}

static const struct options_usage usage = {
    .program = "meridianctl check",
    .synopsis = "meridianctl [-c FILE] check [--files] [--json]",
    .about = "Reads all files of the node as a reload would, and says what is "
	     "wrong\n"
	     "with file, line and column; then what only a start would find "
	     "out: that\n"
	     "another program has the port, or that the user is missing.  Root "
	     "becomes\n"
	     "the user that the node's file names, as the daemons do.\n"
	     "Status: 0 no errors, 1 errors.\n",
    .rows =
	(const struct option_row[]){
	    {'f', "files", NULL, "only the files, as those of another machine"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct errbuf *said = malloc(sizeof(*said));
	struct options options;
	bool here = true, json = false;
	int key, status;

	options_begin(&options, &usage, argc, argv);
	while ((key = options_next(&options)) >= 0) {
		here = here && key != 'f';
		json = json || key == 'j';
	}
	status = options.status;
	if (status < 0 && options.n_words > 0)
		status = options_refuse(
		    &options, "\"%s\" is a word too many", options.words[0]);
	if (status < 0 && said != NULL) {
		errbuf_init(said);
		status = json ? check_for_script(path, here, said)
			      : check(path, here, said);
	}
	free(said);
	return status >= 0 ? status : CTL_FAILED;
}

const struct command command_check = {
    .name = "check",
    .summary = "read all files as a reload would",
    .run = run,
};
