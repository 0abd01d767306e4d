/*
 * Layers: the places of several databases, numbered once each, and for each
 * family a cover in which the databases lie over one another: where two know
 * the same field, the earlier one is on top.  Geography is made of them; used
 * by geography.c alone, at load time.
 */
#ifndef STEERING_GEO_LAYERS_H
#define STEERING_GEO_LAYERS_H

#include "steering/geo/cover.h"
#include "base/intern.h"
#include "steering/geo/cities.h"
#include "steering/geo/place.h"

struct layers {
	struct cities cities; /* that places point to */
	struct intern places; /* distinct; the first is unknown */
	struct cover ipv4, ipv6;
};

/* layers_init(layers, max): everything unknown; covers of at most ${max}
 * leaves.  0, or -1 without memory; layers_finish() is needed in either case.
 */
int layers_init(struct layers *layers, size_t max);

/* layers_finish(layers): free what they hold. */
void layers_finish(struct layers *layers);

/* number = layers_number(layers, place): the number of a place equal to
 * ${place}, a new one if need be.  INTERN_NONE without memory. */
uint32_t layers_number(struct layers *layers, const struct place *place);

/* place = layers_place(layers, number): the place with that number, which lives
 * until the next call of layers_number(). */
const struct place *layers_place(const struct layers *layers, uint32_t number);

/* note = layers_note(place): what a leaf of ${place} notes of the accuracy of
 * its position, and km = layers_accuracy_km(note) of that; the greatest one of
 * all that were joined. */
uint16_t layers_note(const struct place *place);
uint16_t layers_accuracy_km(uint16_t note);

/*
 * layers_add(layers, ipv4, ipv6): lay two covers below what is there: they
 * fill the fields that are not known yet.  What they hold may become that of
 * the layers: they are empty then.  0, or -1 without memory or with too many
 * leaves.
 */
int layers_add(struct layers *layers, struct cover *ipv4, struct cover *ipv6);

/*
 * layers_complete(layers): complete the places from the table of countries,
 * drop those that no leaf has, keep no means to
 * find cities again, and make unknown what in IPv6 stands for IPv4:
 * ::/48 and 2002::/16.  0, or -1 as above; then the layers are of no use but
 * for layers_finish().
 */
int layers_complete(struct layers *layers);

#endif
