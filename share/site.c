/* Compares the site of this node with that of etcd.  Called by the link; writes
 * neither. */
#include "share/site.h"

#include <stdio.h>
#include <string.h>

#include "state/random_id.h"

_Static_assert(RANDOM_ID == STATE_ID, "an id fits its column");

/* Of ${value}, which may be anything; false: it is none. */
static bool
parse(const struct etcd_bytes *value, char out[STATE_ID])
{
	if (value->len != STATE_ID - 1)
		return false;
	for (size_t i = 0; i < value->len; i++) {
		char c = value->data[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	memcpy(out, value->data, value->len);
	out[value->len] = '\0';
	return true;
}

/* Who holds the id writes it in the place of what makes no sense. */
static enum site_step
hear_odd(struct site *site, const struct etcd_pair *pair)
{
	site->there[0] = '\0';
	site->expects = pair->mod_revision;
	return site->held[0] != '\0' ? SITE_WRITE : SITE_ODD;
}

enum site_step
site_hear(struct site *site, const struct etcd_pair *pair)
{
	site->empty_ms = 0;
	if (!parse(&pair->value, site->there))
		return hear_odd(site, pair);
	if (site->held[0] != '\0')
		return strcmp(site->held, site->there) == 0 ? SITE_SHARE
							    : SITE_OTHER;
	/* It was written though nobody said so. */
	if (strcmp(site->made, site->there) == 0)
		site->founded = true;
	return SITE_SHARE;
}

enum site_step
site_lacks(struct site *site, bool empty, int64_t lease_ms, int64_t now_ms)
{
	site->there[0] = '\0';
	site->expects = 0;
	if (site->held[0] != '\0')
		return SITE_WRITE;
	if (!empty)
		site->empty_ms = 0;
	else if (site->empty_ms == 0)
		site->empty_ms = now_ms;
	if ((empty && now_ms - site->empty_ms < lease_ms) ||
	    (site->made[0] == '\0' && random_id(site->made) != 0))
		return SITE_WAIT;
	return SITE_WRITE;
}

const char *
site_id(const struct site *site)
{
	return site->held[0] != '\0' ? site->held : site->made;
}

void
site_wrote(struct site *site)
{
	memcpy(site->there, site_id(site), sizeof(site->there));
	site->founded |= site->held[0] == '\0';
}

void
site_take(struct site *site)
{
	memcpy(site->held, site->there, sizeof(site->held));
}

void
site_words(enum site_step step, const char *path, const char *key,
    char out[SITE_WORDS])
{
	if (step == SITE_OTHER)
		(void)snprintf(out, SITE_WORDS,
		    STATE_LINK_SITE
		    ": end the programs of this node and move %.160s* away, or "
		    "give `share` a `prefix` of its own",
		    path);
	else
		(void)snprintf(out, SITE_WORDS,
		    "what etcd has at %.160s " STATE_LINK_NO_SITE
		    ", and this node holds none: a node that shared with it "
		    "writes it again, or delete it",
		    key);
}
