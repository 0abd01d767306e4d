/* The quorum in numbers.  Called for each endpoint that is judged; keeps
 * nothing. */
#include "steering/agreement.h"

bool
agreement_is_up(enum quorum_kind quorum, unsigned least, size_t up, size_t down)
{
	switch (quorum) {
	case QUORUM_ANY:
		return up > 0;
	case QUORUM_ALL:
		return down == 0;
	case QUORUM_COUNT:
		return up >= least || down == 0;
	case QUORUM_MAJORITY:
		break;
	}
	return up >= down;
}
