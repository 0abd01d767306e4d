/*
 * Which boot of this machine this is.  Called by the lease of a vantage, by
 * the clock of overrides and by meridian-share; writes nothing.
 */
#ifndef STATE_BOOT_H
#define STATE_BOOT_H

/* Room for it, the NUL counted. */
#define STATE_BOOT 40

/* boot = state_boot(): 36 characters that no other boot has, here or elsewhere;
 * "" where the kernel does not tell. */
const char *state_boot(void);

#endif
