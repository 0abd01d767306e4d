/*
 * A value as an error shows it: in quotes, on one line, not too long.  For the
 * readers of the files of this room; allocates nothing.
 */
#ifndef CONFIG_SHOWN_H
#define CONFIG_SHOWN_H

/* Room for a value as an error shows it. */
#define SHOWN_SIZE 80

/* shown_text(text, out): ${text} in double quotes, on one line, cut when it is
 * long.  Returns out. */
const char *shown_text(const char *text, char out[SHOWN_SIZE]);

#endif
