/* Who asks a node all the while; see asker.h. */
#include "tests/system/asker.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/system/ask.h"
#include "tests/system/harness.h"

/* Between two questions: a client's answer is at most a few ms old. */
#define PAUSE_NS 1000000

static int
last_octet(const char *address)
{
	const char *dot = strrchr(address, '.');

	return dot != NULL ? (int)strtol(dot + 1, NULL, 10) : -1;
}

static void
take(struct asker *a, int client, const struct reply *reply)
{
	int given = reply->rcode == 0 && reply->n_answer > 0
	    ? last_octet(reply->answer[0].data)
	    : -1;

	if (given == atomic_load(&a->given[client]))
		return;
	atomic_store(&a->since_ms[client], clock_wall_ms());
	atomic_store(&a->given[client], given);
}

static void
question(struct asker *a, int client, struct reply *reply)
{
	char subnet[32];
	const struct ask ask_for = {.port = a->port,
	    .name = a->name,
	    .subnet = subnet,
	    .timeout_ms = ASKER_MS};
	bool excused = atomic_load(&a->excused);
	unsigned kills = atomic_load(&a->kills);
	int64_t began = harness_ms(), took;

	(void)snprintf(subnet, sizeof(subnet), "5.%d.7.0/24", client);
	if (ask(&ask_for, reply)) {
		atomic_fetch_add(&a->answered, 1);
		take(a, client, reply);
		took = harness_ms() - began;
		if (took > (int64_t)atomic_load(&a->longest_ms))
			atomic_store(&a->longest_ms, (unsigned long)took);
		return;
	}
	/* An excuse that began or ended while it waited is one. */
	if (!excused && kills == atomic_load(&a->kills))
		atomic_fetch_add(&a->lost, 1);
}

static void
run(struct asker *a)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	static struct reply reply;

	a->enter(a->context);
	for (int client = 0; !atomic_load(&a->stop);
	     client = (client + 1) % ASKER_CLIENTS) {
		atomic_fetch_add(&a->asked, 1);
		question(a, client, &reply);
		nanosleep(&pause, NULL);
	}
}

struct asker *
asker_create(void)
{
	struct asker *a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(a, MAP_FAILED);
	return a;
}

void
asker_destroy(struct asker *a)
{
	ck_assert_int_eq(munmap(a, sizeof(*a)), 0);
}

void
asker_start(struct asker *a)
{
	pid_t test = getpid(), pid;

	for (int i = 0; i < ASKER_CLIENTS; i++)
		atomic_store(&a->given[i], -1);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid > 0) {
		a->pid = pid;
		return;
	}
	/* However the test ends, this ends with it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == test)
		run(a);
	_exit(0);
}

void
asker_stop(struct asker *a)
{
	int status;

	atomic_store(&a->stop, true);
	ck_assert_int_eq(waitpid(a->pid, &status, 0), a->pid);
	ck_assert_int_eq(status, 0);
}
