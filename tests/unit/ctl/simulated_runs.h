/*
 * A run of the simulator made by hand, for the tests of what writes it: two
 * regions, three steps.  Included by tests only.
 */
#ifndef TESTS_UNIT_CTL_SIMULATED_RUNS_H
#define TESTS_UNIT_CTL_SIMULATED_RUNS_H

#include <math.h>

#include "ctl/simulated.h"

/* A name that no file may have, since it must not break what is written. */
#define NASTY "a<b>&\"c\", d"

static const struct simulated_region made_regions[] = {{.name = "us-east",
							   .capacity = 100,
							   .demand = 42.5,
							   .mean = 0.85,
							   .most = 1.01,
							   .over = 0.0123,
							   .excess = 0.25},
    {.name = NASTY,
	.capacity = 60,
	.demand = 150,
	.mean = 0.5,
	.most = 0.999,
	.over = 0,
	.excess = 0}};

static const struct simulated_step made_steps[] = {
    {.at_s = 0, .demand = 136, .moved = 0, .hits = 0.9, .queries = 400},
    {.at_s = 5,
	.demand = 136.5,
	.moved = 0.01,
	.away = 0.5,
	.lost = 0.125,
	.hits = 0.95,
	.queries = 300},
    {.at_s = 10, .demand = 137, .moved = 0, .hits = NAN, .queries = 250.5}};

static const struct simulated_cell made_cells[] = {{100, 85, 1}, {60, 30, 1},
    {100, 101, 0.95}, {60, 31, 1}, {0, 0, 0.9}, {60, 59.94, 1}};

static const struct simulated_mark made_marks[] = {
    {5, "us-east is down"}, {6, "a <crowd> & more"}};

static const struct simulated made = {.service = "chat.inference.example",
    .scenario = "outage",
    .law = "product",
    .subject = "us-east",
    .about = "us-east is down for a while",
    .settings = "demand 85\xc2\xa0% of capacity, seed\xc2\xa0"
		"1",
    .regions = made_regions,
    .n_regions = 2,
    .steps = made_steps,
    .n_steps = 3,
    .cells = made_cells,
    .marks = made_marks,
    .n_marks = 2,
    .over = 0.0123,
    .most = 1.01,
    .excess = 0.25,
    .least = 0.2,
    .moved = 0.004,
    .moved_most = 0.01,
    .moved_endpoint = 0.02,
    .unevenness = 1.125,
    .away = 0.25,
    .lost = 0.001,
    .hits = 0.93,
    .queries = 317.25};

#endif
