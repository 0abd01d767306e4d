/*
 * The start of a daemon: command line, limits, user.  Called by main() before
 * it starts any thread: user and signal mask are then those of all threads.
 */
#include "base/daemon.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/options.h"

/* It has no letter. */
#define OPTION_STRICT 256

static void
set_reloads(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(how, &set, NULL);
}

int
daemon_options(const char *name, const char *about, int argc, char **argv,
    const char **path, bool *strict)
{
	static const struct option_row rows[] = {
	    {'c', "config", "FILE", "the node's file, meridian.yaml(5)"},
	    {'v', "verbose", NULL, "log more"},
	    {OPTION_STRICT, "strict", NULL,
		"end when the files have errors, in place of going on with the "
		"last that loaded"},
	    {0},
	};
	static const struct option_row plain[] = {
	    {'c', "config", "FILE", "the node's file, meridian.yaml(5)"},
	    {'v', "verbose", NULL, "log more"},
	    {0},
	};
	char synopsis[64];
	const struct options_usage usage = {.program = name,
	    .synopsis = synopsis,
	    .about = about,
	    .rows = strict != NULL ? rows : plain};
	enum log_level level = LOG_LEVEL_INFO;
	struct options options;
	int key;

	snprintf(synopsis, sizeof(synopsis), "%s [-c FILE] [-v]%s", name,
	    strict != NULL ? " [--strict]" : "");
	options_begin(&options, &usage, argc, argv);
	while ((key = options_next(&options)) >= 0) {
		if (key == 'c')
			*path = options.value;
		else if (key == OPTION_STRICT && strict != NULL)
			*strict = true;
		else
			level = LOG_LEVEL_DEBUG;
	}
	if (options.status >= 0)
		return options.status;
	if (options.n_words > 0)
		return options_refuse(
		    &options, "\"%s\" is a word too many", options.words[0]);
	log_open(name, level);
	/* A peer that has gone is an error of the write, not the end of the
	 * process. */
	signal(SIGPIPE, SIG_IGN);
	set_reloads(SIG_BLOCK);
	return -1;
}

void
daemon_take_reloads(void)
{
	set_reloads(SIG_UNBLOCK);
}

void
daemon_raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

uint64_t
daemon_file_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur
						     : UINT64_MAX;
}

static int
change_user(const char *name)
{
	const struct passwd *user;

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

/*
 * Give up the capabilities that a unit file lends to a start as another user
 * than root: its port and its buffers are taken.  Those of root go with root.
 */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (geteuid() == 0)
		return 0;
	if (syscall(SYS_capset, &head, none) == 0)
		return 0;
	log_error("cannot give up capabilities: %s", strerror(errno));
	return -1;
}

int
daemon_become(const char *user)
{
	if ((user != NULL && change_user(user) != 0) ||
	    drop_capabilities() != 0)
		return -1;
	/* Nothing that this process executes can gain rights that it has not,
	 * by a set-user-ID bit for one. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return 0;
}

bool
daemon_is_user(const char *user)
{
	struct passwd entry, *found = NULL;
	char names[4096];

	return getpwnam_r(user, &entry, names, sizeof(names), &found) != 0 ||
	    found != NULL;
}

void
daemon_log_messages(const struct errbuf *eb)
{
	struct errbuf_line line;
	const char *at = eb->text;

	while ((at = errbuf_line(at, &line)) != NULL)
		(line.error ? log_error : log_warn)("%.*s%.*s", line.mark_len,
		    line.mark, line.text_len, line.text);
	if (eb->lost > 0)
		log_warn("%u more messages", eb->lost);
}
