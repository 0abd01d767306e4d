/*
 * What tests expect of the output of a program, as a person at a terminal reads
 * it.  Each fails the test, and shows the output, when it does not hold.
 */
#ifndef TESTS_SYSTEM_OUTPUT_H
#define TESTS_SYSTEM_OUTPUT_H

#include <stdbool.h>

/* output_contains(out, want): ${want} is in ${out}, to the letter. */
void output_contains(const char *out, const char *want);

/* output_says(out, want): the same, wherever the lines of ${out} end. */
void output_says(const char *out, const char *want);

/* output_means(out, want): the same, however many spaces and ends of lines its
 * words are apart.  tells = output_tells(out, want): whether it does. */
void output_means(const char *out, const char *want);
bool output_tells(const char *out, const char *want);

/* output_fits(out): no line of ${out} is longer than 80 columns. */
void output_fits(const char *out);

#endif
