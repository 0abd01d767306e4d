/*
 * Layers: the places of several databases, numbered once each, and two covers
 * in which the databases lie over one another.  What geography is made of; used
 * by geography.c alone, at load time.
 */
#ifndef STEERING_GEO_LAYERS_H
#define STEERING_GEO_LAYERS_H

#include "steering/geo/cover.h"
#include "base/u64map.h"
#include "steering/geo/place.h"

struct layers {
	struct place *places; /* distinct; the first is unknown */
	size_t n, size;
	struct u64map index; /* places by hash */
	struct cover ipv4, ipv6;
};

/* layers_init(layers, max): everything unknown; covers of at most ${max}
 * leaves.  0, or -1 without memory; layers_finish() is needed in either case.
 */
int layers_init(struct layers *layers, size_t max);

/* layers_finish(layers): free what they hold. */
void layers_finish(struct layers *layers);

/* number = layers_number(layers, place): the number of a place equal to
 * ${place}, a new one if need be.  U64MAP_NONE without memory. */
uint32_t layers_number(struct layers *layers, const struct place *place);

/*
 * layers_add(layers, ipv4, ipv6): lay two covers below what is there: they fill
 * the fields that are not known yet.  0, or -1 without memory or with too many
 * leaves.
 */
int layers_add(
    struct layers *layers, const struct cover *ipv4, const struct cover *ipv6);

/*
 * layers_complete(layers): complete the places from the table of countries,
 * forget those no leaf has, and make unknown in IPv6 what stands for IPv4:
 * ::/48 and 2002::/16.  0, or -1 as above, and the layers are spoilt.
 */
int layers_complete(struct layers *layers);

#endif
