/*
 * Secrets from files, in memory that is not dumped.  Called by the HTTP checker
 * when a request begins.
 */
#include "probes/ask/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file_identity.h"
#include "base/log.h"

#define LOOK_MS 1000

/* A file that was asked for. */
struct secret {
	struct secret *next;
	struct file_identity identity;
	int64_t looked_ms; /* monotonic */
	uint64_t stamp;    /* 0: no regular file */
	bool wanted;       /* its text, too */
	char *text;        /* in pages of its own; NULL: see ${why} */
	const char *why;
	char path[];
};

struct secret_store {
	struct secret *files;
	uint64_t stamp; /* the last that was given */
};

struct secret_store *
secret_store_create(void)
{
	return calloc(1, sizeof(struct secret_store));
}

void
secret_guard(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
}

/* Pages that go into no core file and to no child, or NULL. */
static char *
pages(void)
{
	char *p = mmap(NULL, SECRET_FILE_MAX, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, SECRET_FILE_MAX, MADV_DONTDUMP);
	(void)madvise(p, SECRET_FILE_MAX, MADV_WIPEONFORK);
	/* Not into swap either, where the limit of locked memory allows. */
	(void)mlock(p, SECRET_FILE_MAX);
	return p;
}

static void
wipe(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, SECRET_FILE_MAX);
	(void)munmap(text, SECRET_FILE_MAX);
}

void
secret_store_destroy(struct secret_store *store)
{
	struct secret *next;

	if (store == NULL)
		return;
	for (struct secret *s = store->files; s != NULL; s = next) {
		next = s->next;
		wipe(s->text);
		free(s);
	}
	free(store);
}

/* Keep of ${text} the first line without blanks around it.  NULL, or what is
 * wrong with it. */
static const char *
first_line(char *text, size_t len)
{
	size_t from = 0, end = 0;

	while (end < len && text[end] != '\n')
		end++;
	while (from < end && (text[from] == ' ' || text[from] == '\t'))
		from++;
	while (end > from &&
	    (text[end - 1] == ' ' || text[end - 1] == '\t' ||
		text[end - 1] == '\r'))
		end--;
	if (from == end)
		return "the first line is empty";
	for (size_t i = from; i < end; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return "not printable ASCII";
	memmove(text, text + from, end - from);
	explicit_bzero(text + (end - from), SECRET_FILE_MAX - (end - from));
	return NULL;
}

/* Read ${fd}, a regular file, into fresh pages of ${s}. */
static void
read_text(struct secret *s, int fd)
{
	char *text = pages();
	size_t len = 0;
	ssize_t n = 1;

	if (text == NULL) {
		s->why = "no memory";
		return;
	}
	while (n > 0 && len < SECRET_FILE_MAX) {
		n = read(fd, text + len, SECRET_FILE_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		s->why = "cannot be read";
	else if (len == SECRET_FILE_MAX)
		s->why = "16 KiB or more";
	else
		s->why = first_line(text, len);
	if (s->why != NULL) {
		wipe(text);
		return;
	}
	s->text = text;
	/* Copies are made where it is sent. */
	secret_guard();
}

/* The file is another: take what it says now. */
static void
take(struct secret *s, int fd)
{
	struct stat st;

	wipe(s->text);
	s->text = NULL;
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IROTH) != 0)
		log_warn("%s can be read by every user of this host", s->path);
	read_text(s, fd);
}

static bool
is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Look at the file.  What is no regular file might block. */
static void
look(struct secret_store *store, struct secret *s, bool wanted)
{
	struct file_identity now;
	int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error = errno;
	bool there =
	    fd >= 0 && is_regular(fd) && file_identify_open(fd, &now) == 0;

	if (!there) {
		memset(&s->identity, 0, sizeof(s->identity));
		s->stamp = 0;
		wipe(s->text);
		s->text = NULL;
		s->why = fd >= 0      ? "no regular file"
		    : error == ENOENT ? "is not there"
		    : error == EACCES ? "may not be read by this user"
				      : "cannot be opened";
	} else {
		if (s->stamp == 0 || !file_identity_same(&now, &s->identity)) {
			s->stamp = ++store->stamp;
			s->wanted = false;
		}
		s->identity = now;
		if (wanted && !s->wanted)
			take(s, fd);
		s->wanted = s->wanted || wanted;
	}
	if (fd >= 0)
		close(fd);
}

/* The entry of ${path}, looked at if it is time; NULL without memory. */
static struct secret *
find(struct secret_store *store, const char *path, bool wanted)
{
	int64_t now = clock_mono_ms();
	struct secret *s = store->files;
	size_t size = strlen(path) + 1;

	while (s != NULL && strcmp(s->path, path) != 0)
		s = s->next;
	if (s == NULL) {
		s = calloc(1, sizeof(*s) + size);
		if (s == NULL)
			return NULL;
		memcpy(s->path, path, size);
		s->looked_ms = now - LOOK_MS;
		s->next = store->files;
		store->files = s;
	}
	if (now - s->looked_ms >= LOOK_MS ||
	    (wanted && !s->wanted && s->stamp != 0)) {
		s->looked_ms = now;
		look(store, s, wanted);
	}
	return s;
}

const char *
secret_read(struct secret_store *store, const char *path, const char **why)
{
	struct secret *s = find(store, path, true);

	*why = s == NULL ? "no memory" : s->why;
	return s != NULL ? s->text : NULL;
}

uint64_t
secret_stamp(struct secret_store *store, const char *path)
{
	struct secret *s = find(store, path, false);

	return s != NULL ? s->stamp : 0;
}
