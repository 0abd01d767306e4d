/*
 * The jury, shared by the files that it is made of (jury.c, jury_adopt.c,
 * jury_judge.c).  No other file includes it.
 */
#ifndef STEERING_JURY_PRIVATE_H
#define STEERING_JURY_PRIVATE_H

#include "steering/basis.h"
#include "steering/cutoff.h"
#include "steering/jury.h"
#include "steering/quorum.h"
#include "steering/rounds.h"
#include "steering/votes.h"

/* A vote of the change that is being taken, on an endpoint or, where it has a
 * family, on an address of it. */
struct cast {
	uint32_t endpoint;
	struct address address;
	struct vote vote;
};

struct jury {
	struct votes votes;
	/* As they are, and as the change that is being taken makes them. */
	struct vantage_table tables[2], *vantages, *next;
	struct cutoff cutoff, next_cutoff;
	struct cast *cast;
	size_t n_cast, size_cast;
	uint32_t change;  /* number of the change that is being taken */
	uint32_t adopted; /* number of the policy that was adopted last */
	bool full;
	bool dropped;      /* a row was dropped, and the log says so */
	bool crowded;      /* as was one of too many addresses */
	int64_t joined_ms; /* as in struct quorum */
	enum stale_then then;
	uint32_t blind_ppm;
	bool looked; /* for blind vantages, ever, and when */
	int64_t looked_ms;
	/* What was compared for that: until when it is the same, on which
	 * basis. */
	int64_t compared_until_ms;
	uint64_t compared_basis;
	struct basis basis;
	bool rounds; /* one of them is open, or may open */
	/* Since it sat down last: what decides besides the votes. */
	struct quorum quorum;
	struct quorum_spot spot[VANTAGE_MAX];
	/* The numbers of votes on the endpoints of a policy, so that they are
	 * looked up once; VOTES_NONE: nobody speaks of it. */
	const struct policy *numbered; /* NULL: they are not known */
	uint64_t numbering;            /* of the votes, by then */
	uint32_t *number;
	size_t size_number;
};

/* quorum = jury_quorum(jury, mono_ms): what decides besides the votes, without
 * where vantages are. */
struct quorum jury_quorum(const struct jury *jury, int64_t mono_ms);

#endif
