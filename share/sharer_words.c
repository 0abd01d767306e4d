/*
 * What the log, and the others, are told of the link to etcd and of the state
 * database: what breaks once is said, what breaks again and again is counted.
 * Called by the sharer's loop; mends nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/sharer_parts.h"

/* Of the state database first: others hear of the link's once it is over. */
void
sharer_say_trouble(struct sharer *s)
{
	const char *write = s->state_trouble.words;
	const char *read = s->read_trouble.words;
	const char *link = s->link_trouble.words;
	struct text t;

	text_init(&t, sizeof(s->self.link));
	if (write[0] != '\0')
		text_add(
		    &t, "its state database cannot be written: %.160s", write);
	else if (read[0] != '\0')
		text_add(&t, "its state database cannot be read: %.160s", read);
	if (t.len > 0 && link[0] != '\0')
		text_add(&t, "; ");
	text_add(&t, "%.*s", (int)(sizeof(s->self.link) - 1 - t.len), link);
	(void)snprintf(s->self.link, sizeof(s->self.link), "%s",
	    t.data != NULL ? t.data : "");
	text_finish(&t);
	s->beat_ms = 0;
}

void
sharer_say_state(struct sharer *s, const char *why)
{
	int64_t now_ms = clock_mono_ms();

	if (!reminder_set(&s->state_trouble, why != NULL ? why : "", now_ms))
		return;
	if (ration_say(&s->state_lines, why != NULL, now_ms)) {
		if (why != NULL)
			log_error("state: cannot write %s: %s; what other "
				  "nodes say waits",
			    s->config->state, why);
		else
			log_info(
			    "state: %s is written again", s->config->state);
	}
	sharer_say_trouble(s);
	s->said_ms = 0;
}

void
sharer_say_unread(struct sharer *s, const char *why)
{
	int64_t now_ms = clock_mono_ms();

	if (!reminder_set(&s->read_trouble, why != NULL ? why : "", now_ms))
		return;
	if (s->ready && why != NULL &&
	    ration_say(&s->state_lines, true, now_ms))
		log_error("state: cannot read %s: %s; what this node finds is "
			  "not told to others",
		    s->config->state, why);
	sharer_say_trouble(s);
	s->said_ms = 0;
}

/* What the log has of the link: that it broke, and how, and that it is mended.
 */
void
sharer_say_link(
    struct sharer *s, enum link_state state, bool news, int64_t now_ms)
{
	const char *words = s->link_trouble.words;

	if (news && words[0] != '\0') {
		(void)snprintf(s->broke, sizeof(s->broke), "%.*s",
		    (int)sizeof(s->broke) - 1, words);
		if (ration_say(&s->link_lines, true, now_ms))
			log_warn("etcd: %s", words);
	}
	if (state == LINK_CUT && s->self.cut_ms < 0) {
		s->self.cut_ms = clock_wall_ms();
		if (ration_say(&s->cut_lines, true, now_ms))
			log_error("cut off from etcd: outside its own region "
				  "this node keeps what it knew last, and what "
				  "is said here counts on this node only");
	} else if (state == LINK_LIVE && s->self.cut_ms >= 0) {
		s->self.cut_ms = -1;
		if (ration_say(&s->cut_lines, false, now_ms))
			log_info("the link to etcd is back");
	} else if (state == LINK_LIVE && news && words[0] == '\0' &&
	    ration_say(&s->link_lines, false, now_ms)) {
		log_info("etcd is read and followed");
	}
}

/* One that lasts is said: when that is seen, and at its end. */
void
sharer_say_reading(struct sharer *s)
{
	int64_t lasts_ms;
	size_t keys = link_reads(s->link, &lasts_ms);

	if (lasts_ms < SHARER_READING_MS || s->reading)
		return;
	s->reading = true;
	if (ration_say(&s->reading_lines, true, clock_mono_ms()))
		log_info("etcd is being read, which takes long: %zu keys so "
			 "far",
		    keys);
}

void
sharer_say_read(struct sharer *s)
{
	int64_t lasts_ms;
	size_t keys = link_reads(s->link, &lasts_ms);

	if ((s->reading || lasts_ms >= SHARER_READING_MS) &&
	    ration_say(&s->reading_lines, false, clock_mono_ms()))
		log_info("etcd was read: %zu keys in %lld s", keys,
		    (long long)lasts_ms / 1000);
	s->reading = false;
}

/* What lasts, and what was left out of the log as it came too often. */
void
sharer_say_again(struct sharer *s, int64_t now_ms)
{
	unsigned times;

	if (reminder_due(&s->link_trouble, now_ms))
		log_warn("etcd: %s, for %lld s now", s->link_trouble.words,
		    (long long)reminder_lasts_s(&s->link_trouble, now_ms));
	if (ration_due(&s->link_lines, now_ms, &times))
		log_warn("etcd: the link broke %u times in the last minute, "
			 "which was not said each time, the last time by: %s",
		    times, s->broke);
	if (ration_due(&s->cut_lines, now_ms, &times))
		log_error("cut off from etcd %u times in the last minute, "
			  "which was not said each time; now it is%s",
		    times, s->self.cut_ms >= 0 ? "" : " not");
	if (ration_due(&s->reading_lines, now_ms, &times))
		log_warn("etcd was read %u times in the last minute, which "
			 "takes long, and was not said each time",
		    times);
	if (ration_due(&s->state_lines, now_ms, &times))
		log_error("state: %s could not be written %u times in the last "
			  "minute, which was not said each time; now it is%s",
		    s->config->state, times,
		    s->state_trouble.words[0] != '\0' ? " not" : "");
	odd_log_look(&s->odd);
}
