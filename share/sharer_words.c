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

/* Of a line on the state database: a path, and what is wrong with it. */
#define LINE_BYTES 8192

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
		text_add(&t, STATE_LINK_STATE "written: %.160s", write);
	else if (read[0] != '\0')
		text_add(&t, STATE_LINK_STATE "read: %.160s", read);
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
	/* At the beginning there may be none to read, which is not said. */
	if ((why != NULL ? s->ready : s->unread) &&
	    ration_say(&s->read_lines, why != NULL, now_ms)) {
		if (why != NULL)
			log_error("state: cannot read %s: %s; what this node "
				  "finds is not told to others",
			    s->config->state, why);
		else
			log_info("state: %s is read again", s->config->state);
	}
	s->unread = why != NULL && (s->ready || s->unread);
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

/* Each is news, so that it is told at once; those that are left out are named
 * later, as many as there is room for. */
void
sharer_say_forgotten(
    struct sharer *s, const struct state_forgotten *row, int64_t now_ms)
{
	size_t len = strlen(s->left_forgotten);

	if (ration_say(&s->forgotten_lines, true, now_ms))
		log_warn("node %s is forgotten, as %s says at node %s",
		    row->name, row->author, row->node);
	else if (len + STATE_NAME + 2 < sizeof(s->left_forgotten))
		(void)snprintf(s->left_forgotten + len,
		    sizeof(s->left_forgotten) - len, "%s%s",
		    len > 0 ? ", " : "", row->name);
}

static void
say_left_forgotten(struct sharer *s, unsigned times)
{
	log_warn("%u more node%s forgotten in the last minute: %s: see "
		 "meridianctl events",
	    times, times == 1 ? " was" : "s were", s->left_forgotten);
	s->left_forgotten[0] = '\0';
}

/* What was left out of the log as it came too often: how often it broke, if
 * that was left out, and in any case how it is. */
static void
say_left(const char *broke, unsigned times, const char *last, const char *now)
{
	if (times == 0)
		log_info("%s", now);
	else
		log_warn("%s %u time%s in the last minute, which was not said "
			 "each time%s%s; %s",
		    broke, times, text_plural(times),
		    last[0] != '\0' ? ", the last time by: " : "", last, now);
}

static void
say_left_link(struct sharer *s, unsigned times)
{
	const char *words = s->link_trouble.words;
	char now[REMINDER_WORDS + 64] = "the link to etcd is well now";

	if (words[0] != '\0')
		(void)snprintf(now, sizeof(now),
		    "the link to etcd is broken now: %s", words);
	say_left("etcd: the link broke", times,
	    words[0] == '\0' ? s->broke : "", now);
}

/* Of the state database, what is ${done} with it; ${why}: it cannot be. */
static void
say_left_state(
    struct sharer *s, const char *done, unsigned times, const char *why)
{
	struct text broke, now;

	text_init(&broke, LINE_BYTES);
	text_init(&now, LINE_BYTES);
	text_add(&broke, "state: %s could not be %s", s->config->state, done);
	if (times == 0)
		text_add(&now, "state: %s ", s->config->state);
	else
		text_add(&now, "it ");
	text_add(&now, "%s be %s now%s%s", why[0] != '\0' ? "cannot" : "can",
	    done, why[0] != '\0' ? ": " : "", why);
	if (broke.data != NULL && now.data != NULL)
		say_left(broke.data, times, "", now.data);
	text_finish(&broke);
	text_finish(&now);
}

/* What lasts, and what was left out of the log. */
void
sharer_say_again(struct sharer *s, int64_t now_ms)
{
	int64_t lasts_ms;
	unsigned times;

	if (reminder_due(&s->link_trouble, now_ms))
		log_warn("etcd: %s, for %lld s now", s->link_trouble.words,
		    (long long)reminder_lasts_s(&s->link_trouble, now_ms));
	if (ration_due(&s->link_lines, now_ms, &times))
		say_left_link(s, times);
	if (ration_due(&s->cut_lines, now_ms, &times))
		say_left("cut off from etcd", times, "",
		    s->self.cut_ms >= 0 ? "this node is cut off now"
					: "this node is not cut off now");
	if (ration_due(&s->reading_lines, now_ms, &times)) {
		(void)link_reads(s->link, &lasts_ms);
		say_left("etcd: a reading took long", times, "",
		    lasts_ms >= 0 ? "etcd is being read now"
				  : "etcd is not being read now");
	}
	if (ration_due(&s->state_lines, now_ms, &times))
		say_left_state(s, "written", times, s->state_trouble.words);
	if (ration_due(&s->read_lines, now_ms, &times))
		say_left_state(s, "read", times, s->read_trouble.words);
	if (ration_due(&s->forgotten_lines, now_ms, &times))
		say_left_forgotten(s, times);
	odd_log_look(&s->odd);
}
