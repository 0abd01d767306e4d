/* The table of the fields of load.  Read by all; nobody writes it. */
#include "config/load_field.h"

const struct load_field_kind load_fields[LOAD_FIELDS] = {
    [LOAD_WAITING] = {"waiting", "requests", METRIC_GAUGE, OVER_SUM, 1e9},
    [LOAD_RUNNING] = {"running", "requests", METRIC_GAUGE, OVER_SUM, 1e9},
    [LOAD_MAX_RUNNING] = {"max_running", "requests", METRIC_GAUGE, OVER_SUM,
	1e9},
    [LOAD_KV_CACHE] = {"kv_cache", "share, 0 to 1", METRIC_GAUGE, OVER_MAX, 1},
    [LOAD_UTILIZATION] = {"utilization", "share, 1 is full", METRIC_GAUGE,
	OVER_MEAN, 1000},
    [LOAD_PREEMPTIONS] = {"preemptions", "a second", METRIC_COUNTER, OVER_SUM,
	LOAD_NUMBER_MAX},
    [LOAD_REQUESTS] = {"requests", "a second", METRIC_COUNTER, OVER_SUM,
	LOAD_NUMBER_MAX},
    [LOAD_ERRORS] = {"errors", "a second", METRIC_COUNTER, OVER_SUM,
	LOAD_NUMBER_MAX},
    [LOAD_TOKENS] = {"tokens", "a second", METRIC_COUNTER, OVER_SUM,
	LOAD_NUMBER_MAX},
    [LOAD_FIRST_TOKEN] = {"first_token", "s, median", METRIC_HISTOGRAM,
	OVER_SUM, 86400},
    [LOAD_FIRST_TOKEN_95] = {"first_token_95", "s, 95th percentile",
	METRIC_HISTOGRAM, OVER_SUM, 86400},
    [LOAD_TOKEN_TIME] = {"token_time", "s, median", METRIC_HISTOGRAM, OVER_SUM,
	86400},
};
