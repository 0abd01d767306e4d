/*
 * The log of all three programs: one line a message on standard error.  Under
 * systemd it begins with <N>, the priority that journald reads, which adds the
 * time itself; else with the time, the program and a word.  Any thread may log;
 * workers never do while they answer queries.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* log_open(program, level): name the program, hide what is below ${level}. */
void log_open(const char *program, enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
