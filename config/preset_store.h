/*
 * The presets that a steering file may name: those that ship, and the
 * operator's own.  Each is read when it is first asked for.  Called by the
 * reader of checks, for as long as it reads one file.
 */
#ifndef CONFIG_PRESET_STORE_H
#define CONFIG_PRESET_STORE_H

#include "config/preset.h"

struct preset_store;

/* store = preset_store_create(): with presets that ship.  NULL without memory.
 */
struct preset_store *preset_store_create(void);

/* preset_store_extend(store, folder, inputs): each file NAME.yaml in ${folder}
 * is the preset NAME, in place of one that ships; files that are looked for are
 * added to ${inputs}.  Both must live as long; ${inputs} may be NULL. */
struct inputs;
void preset_store_extend(
    struct preset_store *store, const char *folder, struct inputs *inputs);

/* preset_store_destroy(store): free it and the presets that it gave. */
void preset_store_destroy(struct preset_store *store);

/* name = preset_store_name(store, index): the names of those that ship, in
 * their order; NULL after the last. */
const char *preset_store_name(const struct preset_store *store, size_t index);

/* ships = preset_store_ships(name): one of that name does. */
bool preset_store_ships(const char *name);

/* preset = preset_store_find(store, name, eb): of the store; NULL when there is
 * none of that name, or with errors in ${eb}. */
const struct preset *preset_store_find(
    struct preset_store *store, const char *name, struct errbuf *eb);

/* h = preset_store_hash(store): of the names of presets that were found, and of
 * what is in them, wherever they came from; 0: none was. */
uint64_t preset_store_hash(const struct preset_store *store);

#endif
