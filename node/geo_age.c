/*
 * Compares the dates at which databases were built with the clock.  Called when
 * generations are made, by pages and by the control thread.
 */
#include "node/geo_age.h"

#include "base/clock.h"
#include "config/scalar.h"

#define DAY_MS INT64_C(86400000)

int64_t
geo_age_ms(const struct geography_database *database, int64_t now_ms)
{
	int64_t age = now_ms - database->built_s * 1000;

	if (database->built_s == 0)
		return -1;
	return age > 0 ? age : 0;
}

bool
geo_age_is_old(const struct server_config *config,
    const struct geography_database *database, int64_t now_ms)
{
	return config->geo_max_age_ms > 0 &&
	    geo_age_ms(database, now_ms) > (int64_t)config->geo_max_age_ms;
}

size_t
geo_age_count_old(const struct server_config *config,
    const struct geography *geography, int64_t now_ms)
{
	const struct geography_database *all;
	size_t n, old = 0;

	all = geography_databases(geography, &n);
	for (size_t i = 0; i < n; i++)
		old += geo_age_is_old(config, &all[i], now_ms);
	return old;
}

void
geo_age_warn(const struct server_config *config,
    const struct geography *geography, struct errbuf *eb)
{
	int64_t now_ms = clock_wall_ms();
	const struct geography_database *all;
	char when[CLOCK_TEXT], limit[SCALAR_MS_TEXT];
	size_t n;

	all = geography_databases(geography, &n);
	for (size_t i = 0; i < n; i++)
		if (geo_age_is_old(config, &all[i], now_ms))
			errbuf_warn(eb, &config->geo_at[i],
			    "%s is old: it was built on %.10s, %lld days ago, "
			    "and geo_max_age is %s",
			    all[i].path,
			    clock_format(all[i].built_s * 1000, when),
			    (long long)(geo_age_ms(&all[i], now_ms) / DAY_MS),
			    scalar_show_ms(config->geo_max_age_ms, limit));
}
