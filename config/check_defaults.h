/*
 * What a check has where neither it nor its preset says it.  For the reader of
 * checks, and for who shows presets to people.
 */
#ifndef CONFIG_CHECK_DEFAULTS_H
#define CONFIG_CHECK_DEFAULTS_H

/* An endpoint that fails is found down after three checks, some 15 s, so that
 * one lost request is no failure; it is up again after two that pass. */
#define CHECK_EVERY_MS 5000
#define CHECK_TIMEOUT_MS 2000
#define CHECK_FALL 3
#define CHECK_RISE 2

/* A generation a minute costs little, and an engine that loads takes long for
 * the first. */
#define DEEP_EVERY_MS 60000
#define DEEP_TIMEOUT_MS 20000
#define DEEP_FALL 2
#define DEEP_RISE 1

/* Load is not asked for more often than a controller can follow it; a value of
 * a minute ago still tells more than none. */
#define LOAD_EVERY_MS 10000
#define LOAD_TIMEOUT_MS 2000
#define LOAD_STALE_MS 60000
#define LOAD_SMOOTH_MS 20000

#endif
