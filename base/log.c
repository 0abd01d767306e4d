/*
 * Log lines to standard error, each in one write so that lines of threads and
 * processes do not mix.  Called by all programs, not by workers under load.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* Longer messages are cut.  A line of an errbuf fits, if its path is of
 * ordinary length, and so do the bytes that are written to a pipe without
 * mixing with those of other processes: PIPE_BUF, 4096 on Linux. */
#define LINE_MAX_BYTES 2048

static const char *program_name = "meridian";
static enum log_level least = LOG_LEVEL_INFO;
static int to_journal;

void
log_open(const char *program, enum log_level level)
{
	program_name = program;
	least = level;
	/* systemd sets it for a service whose standard error it reads. */
	to_journal = getenv("JOURNAL_STREAM") != NULL;
}

/* Whatever is in a message, it is one line, and no terminal obeys it. */
static void
clean(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		/* One of U+0080 to U+009F. */
		bool high = c == 0xc2 && i + 1 < len &&
		    (unsigned char)text[i + 1] >= 0x80 &&
		    (unsigned char)text[i + 1] < 0xa0;

		if (c < 0x20 || c == 0x7f || high)
			text[i] = '?';
		if (high)
			text[++i] = '?';
	}
}

static void log_message(enum log_level level, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
log_message(enum log_level level, const char *fmt, va_list args)
{
	/* The priorities of syslog(3), which journald takes from "<N>". */
	static const int priority[] = {3, 4, 6, 7};
	static const char *const word[] = {"error", "warning", "info", "debug"};
	char line[LINE_MAX_BYTES], when[CLOCK_TEXT];
	size_t room = sizeof(line) - 1;
	int head, n;

	if (level > least)
		return;
	if (to_journal)
		head = snprintf(line, room, "<%d>", priority[level]);
	else
		head = snprintf(line, room,
		    "%s %s %s: ", clock_format(clock_wall_ms(), when),
		    program_name, word[level]);
	n = vsnprintf(line + head, room - (size_t)head, fmt, args);
	if (n < 0)
		return;
	if ((size_t)n >= room - (size_t)head)
		n = (int)(room - (size_t)head) - 1;
	clean(line + head, (size_t)n);
	line[head + n] = '\n';
	/* Nothing can be done about a standard error that is gone. */
	(void)!write(STDERR_FILENO, line, (size_t)(head + n) + 1);
}

void
log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_message(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
}

void
log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_message(LOG_LEVEL_WARN, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_message(LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_message(LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
