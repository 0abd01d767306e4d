/*
 * Two probes that share a state database: one controls what regions keep.  When
 * it is killed the other takes over and goes on from what is stored; when it is
 * back it controls again, and nothing jumps.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/spilled.h"

/* More than a step and less than a fresh start would be. */
#define JUMP 0.05

/* A second probe, of a vantage that comes after "test". */
static pid_t
start_second(struct node *node)
{
	harness_write(node->h, "second.yaml",
	    "listen: 127.0.0.1:%u\n"
	    "vantage: tost\n"
	    "state: state.db\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, steering: "
	    "inference.yaml}\n",
	    node->port);
	return harness_start(node->h, "second.log", "meridian-probe", "-c",
	    harness_path(node->h, "second.yaml"), NULL);
}

static bool
says(struct node *node, const char *log, const char *words)
{
	return strstr(harness_read(node->h, harness_path(node->h, log)),
		   words) != NULL;
}

/* For as long as it is true, what us-east keeps moves in small steps. */
static void
watch(struct node *node, double *keep)
{
	double now = spilled_kept(node, "us-east");

	ck_assert_msg(
	    fabs(now - *keep) < JUMP, "keep jumps from %f to %f", *keep, now);
	*keep = now;
}

START_TEST(another_goes_on)
{
	struct harness *h = harness_create();
	struct node node;
	double keep, before;
	pid_t second;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s}");
	second = start_second(&node);
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.97);
	HARNESS_WAIT(20000,
	    says(&node, "second.log", "another vantage controls") ||
		says(&node, "probe.log", "vantage test controls"));
	harness_kill(h, node.probe);
	keep = before = spilled_kept(&node, "us-east");
	HARNESS_WAIT(60000, (watch(&node, &keep), keep < before - 0.01));
	ck_assert(says(&node, "second.log", "vantage tost controls"));
	printf("measured: killed at %.3f, the other went on to %.3f\n", before,
	    keep);
	/* Nothing is full any more: either would give all back, by steps. */
	node_order(&node, 2, "running=30");
	node_check(&node);
	HARNESS_WAIT(60000,
	    (watch(&node, &keep),
		says(&node, "second.log", "another vantage controls")));
	before = keep;
	HARNESS_WAIT(60000, (watch(&node, &keep), keep > before + 0.01));
	harness_stop(h, second);
	spilled_stop(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"another goes on", another_goes_on, 240},
	};

	return harness_main(
	    "takeover", cases, sizeof(cases) / sizeof(cases[0]));
}
