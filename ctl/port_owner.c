/*
 * Looks for a socket in /proc/net, and for the process that has it open in
 * /proc/PID/fd, proc(5).  Called by ports.c; opens no socket.
 */
#include "ctl/port_owner.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/number.h"
#include "config/server.h"

/* As the kernel numbers the states of a TCP socket. */
#define TCP_LISTENING 0x0a
/* "/proc/", the longest name in a folder, and a little. */
#define PATH_ROOM 320
/* The name of a file may have as much. */
#define COMMAND_MAX 4096

/* One address as /proc/net has it: words of 32 bits, as the machine holds them,
 * in hexadecimal. */
static bool
read_address(const char *text, struct address *out)
{
	size_t len = strlen(text);

	if (len != 8 && len != 32)
		return false;
	*out = (struct address){.family = len == 8 ? 4 : 6};
	for (size_t i = 0; i < len / 8; i++) {
		char word[9] = "";
		uint32_t value;

		memcpy(word, text + 8 * i, 8);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(out->bytes + 4 * i, &value, sizeof(value));
	}
	return true;
}

static bool
is_any(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, address_bits(a) / 8) == 0;
}

/* Whether a socket at ${had} is in the way of one at ${wanted}.  One for all
 * addresses of IPv6 may be one for those of IPv4, too. */
static bool
overlaps(
    const struct endpoint_address *had, const struct endpoint_address *wanted)
{
	if (had->port != wanted->port)
		return false;
	if (had->address.family != wanted->address.family)
		return had->address.family == 6 && is_any(&had->address);
	return is_any(&had->address) || is_any(&wanted->address) ||
	    address_equal(&had->address, &wanted->address);
}

/* The words of a line of /proc/net that are read. */
enum { LOCAL = 1, STATE = 3, INODE = 9, WORDS };

/* A line: the address of a socket, its state and its inode; false for the
 * headings. */
static bool
read_line(char *line, struct endpoint_address *at, unsigned long *state,
    unsigned long *inode)
{
	const char *word[WORDS];
	char *rest = NULL, *port;
	int n = 0;

	for (char *next = strtok_r(line, " ", &rest); next != NULL && n < WORDS;
	     next = strtok_r(NULL, " ", &rest))
		word[n++] = next;
	if (n < WORDS)
		return false;
	port = strchr(word[LOCAL], ':');
	if (port == NULL)
		return false;
	*port++ = '\0';
	at->port = (uint16_t)strtoul(port, NULL, 16);
	*state = strtoul(word[STATE], NULL, 16);
	*inode = strtoul(word[INODE], NULL, 10);
	return read_address(word[LOCAL], &at->address);
}

/* The inode of the first such socket in a file of /proc/net; 0 for none. */
static unsigned long
find_inode(const char *file, const struct endpoint_address *wanted,
    bool listening, struct endpoint_address *had)
{
	char line[512];
	unsigned long found = 0, state, inode;
	FILE *f = fopen(file, "re");

	while (f != NULL && found == 0 && fgets(line, sizeof(line), f) != NULL)
		if (read_line(line, had, &state, &inode) &&
		    (!listening || state == TCP_LISTENING) &&
		    overlaps(had, wanted))
			found = inode;
	if (f != NULL)
		fclose(f);
	return found;
}

/* Whether a process has the socket open. */
static bool
has_open(const char *pid, unsigned long inode)
{
	char path[PATH_ROOM], link[64], wanted[64];
	const struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		ssize_t n =
		    readlinkat(dirfd(dir), entry->d_name, link, sizeof(link));

		found = n > 0 && (size_t)n == strlen(wanted) &&
		    memcmp(link, wanted, (size_t)n) == 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static void
read_name(const char *pid, char out[PORT_OWNER_NAME])
{
	char path[PATH_ROOM];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f == NULL || fgets(out, PORT_OWNER_NAME, f) == NULL)
		snprintf(out, PORT_OWNER_NAME, "a program");
	out[strcspn(out, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static void
find_process(unsigned long inode, struct port_owner *out)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc");
	uint64_t pid;

	while (dir != NULL && out->pid == 0 && (entry = readdir(dir)) != NULL) {
		if (number_parse(entry->d_name, strlen(entry->d_name), 1,
			INT32_MAX, &pid) != 0 ||
		    !has_open(entry->d_name, inode))
			continue;
		out->pid = (pid_t)pid;
		read_name(entry->d_name, out->name);
	}
	if (dir != NULL)
		closedir(dir);
}

bool
port_owner_find(
    const struct endpoint_address *at, int type, struct port_owner *out)
{
	static const char *const files[2][2] = {
	    {"/proc/net/udp", "/proc/net/udp6"},
	    {"/proc/net/tcp", "/proc/net/tcp6"}};
	bool stream = type == SOCK_STREAM;
	unsigned long inode = 0;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < 2 && inode == 0; i++)
		inode = find_inode(files[stream][i], at, stream, &out->at);
	if (inode == 0)
		return false;
	find_process(inode, out);
	return true;
}

/* The value of -c in the words of a command line, which end in NUL each; the
 * default without one. */
static const char *
file_of_command(const char *words, size_t len)
{
	const char *end = words + len, *word = words;
	bool next = false;

	for (; word < end; word += strlen(word) + 1) {
		if (next)
			return word;
		if (strncmp(word, "--config=", 9) == 0)
			return word + 9;
		next = strcmp(word, "-c") == 0 || strcmp(word, "--config") == 0;
	}
	return SERVER_DEFAULT_PATH;
}

bool
port_owner_reads(const struct port_owner *owner, const char *path)
{
	char from[PATH_ROOM], words[COMMAND_MAX + 1], file[2 * COMMAND_MAX];
	struct stat ours, theirs;
	const char *named;
	size_t len;
	FILE *f;

	if (owner->pid == 0 || strcmp(owner->name, "meridiand") != 0)
		return false;
	snprintf(from, sizeof(from), "/proc/%d/cmdline", (int)owner->pid);
	f = fopen(from, "re");
	if (f == NULL)
		return false;
	len = fread(words, 1, COMMAND_MAX, f);
	fclose(f);
	words[len] = '\0';
	named = file_of_command(words, len);
	/* A relative name is one in the folder that it was started in. */
	snprintf(file, sizeof(file), "/proc/%d/%s%s", (int)owner->pid,
	    *named == '/' ? "root" : "cwd/", named);
	return stat(path, &ours) == 0 && stat(file, &theirs) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}
