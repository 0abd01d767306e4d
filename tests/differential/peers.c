/* The servers that are compared, see peers.h.  Called by the differential test
 * only. */
#include "tests/differential/peers.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/differential/sign.h"

#define NSD_PROGRAM "/usr/sbin/nsd"
#define KNOT_PROGRAM "/usr/sbin/knotd"
/* Under a sanitizer, on a busy machine. */
#define START_MS 60000
#define STOP_MS 20000
/* A zone that is not there this long after the last that came is refused. */
#define QUIET_MS 10000
/* Under what the kernel gives to clients by itself (32768 and up). */
#define FIRST_PORT 20000
#define PORTS 12000
/* Between the look at a port and its use another program may take it. */
#define START_TRIES 5
#define LINE_TEXT 1024

const char *const server_names[SERVERS] = {"meridian", "nsd", "knot"};

static void die(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

static void
die(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "differential: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(2);
}

static FILE *
create(const struct peers *p, const char *name)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	f = fopen(path, "w");
	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	return f;
}

static void
finish(FILE *f)
{
	if (fclose(f) != 0)
		die("writing: %s", strerror(errno));
}

static void
write_zone(const struct zone_text *z, FILE *file)
{
	char *text;

	if (z->denial == DENIAL_NONE) {
		zone_text_print(z, file);
		return;
	}
	text = sign_zone(z);
	fputs(text, file);
	free(text);
}

void
peers_write(
    struct peers *p, const struct family *f, struct load *loads, size_t *n)
{
	for (size_t i = 0; i < f->n_zones; i++) {
		struct load *load = &loads[*n];
		char name[32];
		FILE *file;

		memset(load, 0, sizeof(*load));
		memcpy(load->apex, f->zones[i].apex, sizeof(load->apex));
		snprintf(name, sizeof(name), "%zu.zone", (*n)++);
		file = create(p, name);
		write_zone(&f->zones[i], file);
		finish(file);
	}
}

static bool
can_bind(int type, uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	bool free;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	free = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
	if (fd >= 0)
		close(fd);
	return free;
}

/* Free for UDP and TCP.  Never the same twice in a row: someone else may be
 * about to take it. */
static uint16_t
free_port(struct peers *p)
{
	for (unsigned i = 0; i < PORTS; i++) {
		uint16_t port = (uint16_t)(FIRST_PORT + p->next_port++ % PORTS);

		if (can_bind(SOCK_DGRAM, port) && can_bind(SOCK_STREAM, port))
			return port;
	}
	die("no free port");
}

static void
remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	char inner[PATH_MAX];
	struct stat st;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    snprintf(inner, sizeof(inner), "%s/%s", path,
			entry->d_name) >= (int)sizeof(inner))
			continue;
		if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(inner);
		else
			(void)unlink(inner);
	}
	if (dir != NULL)
		closedir(dir);
	(void)rmdir(path);
}

/* However the test ends, but for a signal. */
static char scratch[PATH_MAX / 2];

static void
remove_scratch(void)
{
	remove_tree(scratch);
}

bool
peers_init(struct peers *p, const char *build)
{
	const char *parent = getenv("TMPDIR");
	char whole[PATH_MAX];

	memset(p, 0, sizeof(*p));
	if (build == NULL) {
		fprintf(stderr, "differential: B is the build folder\n");
		return false;
	}
	/* Tests that run side by side start apart. */
	p->next_port = (unsigned)getpid() * 97 % PORTS;
	if (access(NSD_PROGRAM, X_OK) != 0 || access(KNOT_PROGRAM, X_OK) != 0) {
		fprintf(stderr, "differential: %s and %s are needed\n",
		    NSD_PROGRAM, KNOT_PROGRAM);
		return false;
	}
	snprintf(p->meridiand, sizeof(p->meridiand), "%s/meridiand", build);
	/* The servers change their folder. */
	parent = parent != NULL ? parent : build;
	if (realpath(parent, whole) == NULL ||
	    snprintf(p->folder, sizeof(p->folder), "%s/differential-XXXXXX",
		whole) >= (int)sizeof(p->folder) ||
	    mkdtemp(p->folder) == NULL)
		die("%s: %s", parent, strerror(errno));
	memcpy(scratch, p->folder, sizeof(scratch));
	if (atexit(remove_scratch) != 0)
		die("atexit: %s", strerror(errno));
	return true;
}

/* Everything in the answer that the RFCs have a say in, nothing that is there
 * to save octets or to hold someone off. */
static void
write_nsd(const struct peers *p, const struct load *loads, size_t n)
{
	FILE *f = create(p, "nsd.conf");

	fprintf(f,
	    "server:\n"
	    "  ip-address: 127.0.0.1@%u\n"
	    "  port: %u\n"
	    "  server-count: 1\n"
	    "  username: \"\"\n"
	    "  database: \"\"\n"
	    "  zonesdir: \"%s\"\n"
	    "  pidfile: \"%s/nsd.pid\"\n"
	    "  xfrdfile: \"%s/xfrd.state\"\n"
	    "  xfrdir: \"%s\"\n"
	    "  zonelistfile: \"%s/zone.list\"\n"
	    "  ipv4-edns-size: 4096\n"
	    "  minimal-responses: no\n"
	    "  refuse-any: no\n"
	    "  round-robin: no\n"
	    "  confine-to-zone: no\n"
	    "  rrl-ratelimit: 0\n"
	    "  rrl-whitelist-ratelimit: 0\n"
	    "remote-control:\n"
	    "  control-enable: no\n",
	    p->ports[NSD], p->ports[NSD], p->folder, p->folder, p->folder,
	    p->folder, p->folder);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "zone:\n  name: \"%s\"\n  zonefile: \"%zu.zone\"\n",
		    loads[i].apex, i);
	finish(f);
}

static void
write_knot(const struct peers *p, const struct load *loads, size_t n)
{
	FILE *f = create(p, "knot.conf");

	fprintf(f,
	    "server:\n"
	    "  listen: 127.0.0.1@%u\n"
	    "  rundir: \"%s\"\n"
	    "  udp-workers: 1\n"
	    "  tcp-workers: 1\n"
	    "  background-workers: 1\n"
	    "  udp-max-payload: 4096\n"
	    "  answer-rotation: off\n"
	    "log:\n"
	    "  - target: stderr\n"
	    "    any: warning\n"
	    "database:\n"
	    "  storage: \"%s/knot\"\n"
	    "template:\n"
	    "  - id: default\n"
	    "    storage: \"%s\"\n"
	    "    zonefile-load: whole\n"
	    "    zonefile-sync: -1\n"
	    "    journal-content: none\n"
	    "    semantic-checks: off\n"
	    "zone:\n",
	    p->ports[KNOT], p->folder, p->folder, p->folder);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "  - domain: \"%s\"\n    file: \"%zu.zone\"\n",
		    loads[i].apex, i);
	finish(f);
}

static void
write_meridian(const struct peers *p, const struct load *loads, size_t n)
{
	FILE *f = create(p, "meridian.yaml");

	fprintf(f,
	    "listen: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "workers: 1\n"
	    "udp_size: 4096\n"
	    "zones:\n",
	    p->ports[MERIDIAN]);
	for (size_t i = 0; i < n; i++)
		if (loads[i].why[0] == '\0')
			fprintf(f, "  - {name: \"%s\", records: %zu.zone}\n",
			    loads[i].apex, i);
	finish(f);
}

static pid_t
start(const struct peers *p, enum server server, char *const argv[])
{
	char log[PATH_MAX];
	pid_t pid, parent = getpid();

	snprintf(
	    log, sizeof(log), "%s/%s.log", p->folder, server_names[server]);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		/* NSD's own processes end with the first, if it may. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent || fd < 0)
			_exit(126);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void
start_one(struct peers *p, enum server server)
{
	char config[PATH_MAX], meridiand[PATH_MAX];
	char nsd[] = NSD_PROGRAM, knot[] = KNOT_PROGRAM;
	char dash_c[] = "-c", foreground[] = "-d";
	static const char *const files[SERVERS] = {
	    "meridian.yaml", "nsd.conf", "knot.conf"};
	char *programs[SERVERS] = {meridiand, nsd, knot};
	char *argv[] = {programs[server], dash_c, config,
	    server == NSD ? foreground : NULL, NULL};

	snprintf(config, sizeof(config), "%s/%s", p->folder, files[server]);
	snprintf(meridiand, sizeof(meridiand), "%s", p->meridiand);
	p->pids[server] = start(p, server, argv);
}

static bool
ended(struct peers *p, enum server server)
{
	if (p->pids[server] == 0)
		return true;
	if (waitpid(p->pids[server], NULL, WNOHANG) != p->pids[server])
		return false;
	p->pids[server] = 0;
	return true;
}

static FILE *
open_log(const struct peers *p, unsigned server)
{
	char path[PATH_MAX];

	snprintf(
	    path, sizeof(path), "%s/%s.log", p->folder, server_names[server]);
	return fopen(path, "r");
}

/* Errors begin with the file, "FOLDER/7.zone:1:2: error: ...". */
static bool
note_refused(const struct peers *p, struct load *loads, size_t n)
{
	char line[LINE_TEXT];
	bool any = false;
	FILE *f = open_log(p, MERIDIAN);

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *file = strstr(line, ".zone:");
		const char *error =
		    file != NULL ? strstr(file, " error: ") : NULL;
		size_t i;

		if (error == NULL)
			continue;
		while (file > line && file[-1] >= '0' && file[-1] <= '9')
			file--;
		i = (size_t)strtoul(file, NULL, 10);
		if (i >= n || loads[i].why[0] != '\0')
			continue;
		snprintf(loads[i].why, sizeof(loads[i].why), "%.*s",
		    (int)strcspn(error + 1, "\n"), error + 1);
		any = true;
	}
	if (f != NULL)
		fclose(f);
	return any;
}

static void
show_log(const struct peers *p, unsigned server)
{
	char line[LINE_TEXT];
	FILE *f = open_log(p, server);

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		fputs(line, stderr);
	if (f != NULL)
		fclose(f);
}

/* Whether one of them found its port taken. */
static bool
lost_port(const struct peers *p)
{
	char line[LINE_TEXT];
	bool lost = false;

	for (unsigned s = 0; s < SERVERS; s++) {
		FILE *f = open_log(p, s);

		while (f != NULL && fgets(line, sizeof(line), f) != NULL)
			lost |= strcasestr(line, "already in use") != NULL;
		if (f != NULL)
			fclose(f);
	}
	return lost;
}

static bool
is_loaded(const uint8_t *data, size_t len)
{
	/* NOERROR, authoritative, with the SOA. */
	return len >= 12 && (data[3] & 0xf) == 0 && (data[2] & 4) != 0 &&
	    data[7] == 1;
}

/* Ask each zone's SOA: how many of all were loaded, and which; whether all
 * servers answer at all. */
static size_t
look(struct peers *p, struct load *loads, size_t n, bool *all_up)
{
	struct asker *a = &p->asker;
	size_t loaded = 0;
	bool up[SERVERS] = {false};

	for (size_t from = 0; from < n; from += WINDOW) {
		asker_clear(a);
		for (size_t i = from; i < n && i < from + WINDOW; i++) {
			struct question q = {.type = 6};

			memcpy(q.name, loads[i].apex, sizeof(q.name));
			asker_add(a, &q, 0);
		}
		asker_ask(a, 300);
		for (unsigned s = 0; s < SERVERS; s++)
			for (size_t i = 0; i < a->n; i++) {
				bool is =
				    is_loaded(a->answers[s][i], a->lens[s][i]);

				loads[from + i].refused[s] = !is;
				loaded += is ? 1 : 0;
				up[s] |= a->lens[s][i] > 0;
			}
	}
	*all_up = up[MERIDIAN] && up[NSD] && up[KNOT];
	return loaded;
}

static void
pause_ms(long ms)
{
	struct timespec t = {.tv_nsec = ms * 1000000};

	nanosleep(&t, NULL);
}

/* Meridian stands all or nothing: without the refused ones, again. */
static void
restart_meridian(struct peers *p, struct load *loads, size_t n)
{
	if (!note_refused(p, loads, n)) {
		show_log(p, MERIDIAN);
		die("meridiand has ended");
	}
	write_meridian(p, loads, n);
	start_one(p, MERIDIAN);
}

static void
die_of(const struct peers *p, unsigned server, const char *what)
{
	show_log(p, server);
	die("%s %s", server_names[server], what);
}

/* How many answers there are when all that can be loaded is. */
static size_t
wanted(const struct load *loads, size_t n)
{
	size_t all = SERVERS * n;

	for (size_t i = 0; i < n; i++)
		all -= loads[i].why[0] != '\0' ? 1 : 0;
	return all;
}

/* False when a port was taken. */
static bool
wait_loaded(struct peers *p, struct load *loads, size_t n)
{
	int64_t end = asker_ms() + START_MS, changed = asker_ms();
	size_t loaded = 0, now;
	bool all_up;

	for (;;) {
		if (lost_port(p))
			return false;
		if (ended(p, MERIDIAN))
			restart_meridian(p, loads, n);
		for (unsigned s = NSD; s < SERVERS; s++)
			if (ended(p, (enum server)s))
				die_of(p, s, "has ended");
		now = look(p, loads, n, &all_up);
		if (now != loaded || !all_up)
			changed = asker_ms();
		loaded = now;
		if (loaded == wanted(loads, n) ||
		    asker_ms() > changed + QUIET_MS)
			return true;
		if (asker_ms() > end)
			die("the servers have not started in %d s",
			    START_MS / 1000);
		pause_ms(20);
	}
}

void
peers_start(struct peers *p, struct load *loads, size_t n)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/knot", p->folder);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	for (int try = 0; try < START_TRIES; try++) {
		for (unsigned s = 0; s < SERVERS; s++)
			p->ports[s] = free_port(p);
		write_meridian(p, loads, n);
		write_nsd(p, loads, n);
		write_knot(p, loads, n);
		asker_open(&p->asker, p->ports);
		for (unsigned s = 0; s < SERVERS; s++)
			start_one(p, (enum server)s);
		if (wait_loaded(p, loads, n))
			return;
		peers_stop(p);
	}
	die("other programs took each port that was free");
}

void
peers_stop(struct peers *p)
{
	int64_t end = asker_ms() + STOP_MS;

	for (unsigned s = 0; s < SERVERS; s++)
		if (p->pids[s] != 0)
			kill(p->pids[s], SIGTERM);
	for (unsigned s = 0; s < SERVERS; s++)
		while (!ended(p, (enum server)s)) {
			if (asker_ms() > end)
				kill(p->pids[s], SIGKILL);
			pause_ms(5);
		}
	asker_close(&p->asker);
}
