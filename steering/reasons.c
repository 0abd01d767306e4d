/*
 * The names of the reasons of steered answers.  Called by whoever tells people
 * or files of them; never by workers.
 */
#include "steering/reasons.h"

static const struct {
	const char *name, *words;
} reasons[REASONS] = {
    [REASON_FIRST] = {"first", "the first region of the client's order"},
    [REASON_FAILOVER] = {"failover",
	"the first region of the client's order has nothing usable"},
    [REASON_DRAINED] = {"drained",
	"the first region of the client's order is drained"},
    [REASON_LOAD] = {"load",
	"the first region of the client's order passes it on"},
    [REASON_POOL] = {"pool", "the client's own pool has nothing usable"},
    [REASON_STANDBY] = {"standby",
	"the client's pool has nothing usable but its standby endpoints"},
    [REASON_SPARE] = {"spare",
	"a last resort: no pool with a weight has anything usable"},
    [REASON_UNFENCED] = {"unfenced",
	"a last resort: nothing is usable inside the client's soft fence"},
    [REASON_AS_IF_UP] = {"as_if_up",
	"a last resort: nothing is usable, all count as up"},
    [REASON_ALL_DRAINED] = {"all_drained",
	"a last resort: nothing is left but what is drained"},
    [REASON_RECORDS] = {"records",
	"a last resort: the records of the zone file"},
    [REASON_NONE] = {"none", "a last resort: SERVFAIL"},
    [REASON_NODATA] = {"nodata",
	"what was chosen has no address of this family"},
};

const char *
reason_name(unsigned number)
{
	return number < REASONS ? reasons[number].name : "other";
}

const char *
reason_words(unsigned number)
{
	return number < REASONS ? reasons[number].words
				: "a reason that this version does not know";
}

bool
reason_is_resort(unsigned number)
{
	return number >= REASON_SPARE && number <= REASON_NONE;
}
