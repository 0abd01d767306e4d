/* How well a node is: what is wrong with it, worst first. */
#ifndef CTL_STATUS_VERDICT_H
#define CTL_STATUS_VERDICT_H

#include <jansson.h>

/* Exit statuses of meridianctl status. */
enum { STATUS_WELL = 0, STATUS_DEGRADED = 1, STATUS_BAD = 2 };

/*
 * status = status_verdict(root): judge the object of status_collect(), of which
 * some may have been left out, and add to it "status" and "findings": a list of
 * what is wrong, worst first, each with "finding", a short name, "text", and
 * "advice", what to do or null.  One that is well has the finding "well".
 */
int status_verdict(json_t *root);

/* What to do where node_link_stuck(); the words of the link say how. */
#define STATUS_ADVICE_SITE                                         \
	"do what is said there: meridian-share reaches etcd, and " \
	"this does not pass by itself"

/* What to do about a vantage that two nodes say is theirs. */
#define STATUS_ADVICE_TWIN                                  \
	"give each node a vantage of its own: see vantage " \
	"in meridian.yaml(5)"

#endif
