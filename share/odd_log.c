/* Says what makes no sense in etcd, and not too often.  Called by the
 * sharer. */
#include "share/odd_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

static void
say(struct odd_log *log, enum odd_kind kind, int64_t now_ms)
{
	if (log->said_ms[kind] == 0)
		log_warn("%s", log->words[kind]);
	else
		log_warn("%s; %llu such since the last line", log->words[kind],
		    (unsigned long long)log->n[kind]);
	log->said_ms[kind] = now_ms;
	log->n[kind] = 0;
}

void
odd_log_say(struct odd_log *log, enum odd_kind kind, const char *fmt, ...)
{
	int64_t now_ms = clock_mono_ms();
	va_list args;

	log->n[kind]++;
	va_start(args, fmt);
	(void)vsnprintf(log->words[kind], ODD_WORDS, fmt, args);
	va_end(args);
	if (log->said_ms[kind] == 0 ||
	    now_ms - log->said_ms[kind] >= ODD_LOG_MS)
		say(log, kind, now_ms);
}

void
odd_log_look(struct odd_log *log)
{
	int64_t now_ms = clock_mono_ms();

	for (int kind = 0; kind < ODD_KINDS; kind++)
		if (log->n[kind] > 0 &&
		    now_ms - log->said_ms[kind] >= ODD_LOG_MS)
			say(log, (enum odd_kind)kind, now_ms);
}
