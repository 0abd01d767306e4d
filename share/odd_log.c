/* Says what makes no sense in etcd, and not too often.  Called by the
 * sharer. */
#include "share/odd_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"

void
odd_log_say(struct odd_log *log, enum odd_kind kind, const char *fmt, ...)
{
	int64_t now_ms = clock_mono_ms();
	char words[512];
	va_list args;

	log->n[kind]++;
	if (log->said_ms[kind] != 0 && now_ms - log->said_ms[kind] < ODD_LOG_MS)
		return;
	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	if (log->said_ms[kind] == 0)
		log_warn("%s", words);
	else
		log_warn("%s; %llu such since the last line", words,
		    (unsigned long long)log->n[kind]);
	log->said_ms[kind] = now_ms;
	log->n[kind] = 0;
}
