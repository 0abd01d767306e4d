/* The table of the fields of load.  Read by all; nobody writes it. */
#include "config/load_field.h"

const struct load_field_kind load_fields[LOAD_FIELDS] = {
    [LOAD_WAITING] = {"waiting", METRIC_GAUGE, OVER_SUM, 1e9},
    [LOAD_RUNNING] = {"running", METRIC_GAUGE, OVER_SUM, 1e9},
    [LOAD_MAX_RUNNING] = {"max_running", METRIC_GAUGE, OVER_SUM, 1e9},
    [LOAD_KV_CACHE] = {"kv_cache", METRIC_GAUGE, OVER_MAX, 1},
    [LOAD_UTILIZATION] = {"utilization", METRIC_GAUGE, OVER_MEAN, 1000},
    [LOAD_PREEMPTIONS] = {"preemptions", METRIC_COUNTER, OVER_SUM,
	LOAD_NUMBER_MAX},
    [LOAD_REQUESTS] = {"requests", METRIC_COUNTER, OVER_SUM, LOAD_NUMBER_MAX},
    [LOAD_ERRORS] = {"errors", METRIC_COUNTER, OVER_SUM, LOAD_NUMBER_MAX},
    [LOAD_TOKENS] = {"tokens", METRIC_COUNTER, OVER_SUM, LOAD_NUMBER_MAX},
    [LOAD_FIRST_TOKEN] = {"first_token", METRIC_HISTOGRAM, OVER_SUM, 86400},
    [LOAD_FIRST_TOKEN_95] = {"first_token_95", METRIC_HISTOGRAM, OVER_SUM,
	86400},
    [LOAD_TOKEN_TIME] = {"token_time", METRIC_HISTOGRAM, OVER_SUM, 86400},
};
