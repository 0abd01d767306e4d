/*
 * The clients of a rule in words, as explain and warnings say them.  Never used
 * for a query.
 */
#ifndef STEERING_CLIENTS_WORDS_H
#define STEERING_CLIENTS_WORDS_H

#include "base/text.h"
#include "config/steering.h"

/* clients_words(t, config, clients): append what ${clients}, of a rule of
 * ${config}, have in common: "continents EU; countries GB, CH". */
void clients_words(struct text *t, const struct steering_config *config,
    const struct clients_config *clients);

/* clients_city(t, city): append a city as a steering file names it. */
void clients_city(struct text *t, const struct city_config *city);

#endif
