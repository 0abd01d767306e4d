/*
 * Says of a text that is no YAML what is wrong with it, in the words of whoever
 * wrote it: a bracket that is never closed, a colon that is missing, a wrong
 * indent.  Called by yaml.c once libfyaml has refused a text; reads it again
 * and judges nothing that libfyaml takes.
 */
#ifndef CONFIG_YAML_MISTAKE_H
#define CONFIG_YAML_MISTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"

/*
 * yaml_mistake(text, len, at, complaint, eb): add one error for the ${len}
 * bytes of ${text}, which libfyaml has refused at ${at} with its ${complaint}.
 * Its place is where the mistake is, which may be another line.  Returns -1.
 */
int yaml_mistake(const char *text, size_t len, const struct mark *at,
    const char *complaint, struct errbuf *eb);

/*
 * found = yaml_mistake_brackets(text, len, at, eb): add an error when the line
 * of ${at} has an IPv6 address in brackets without quotes, which YAML reads as
 * a list.
 */
bool yaml_mistake_brackets(
    const char *text, size_t len, const struct mark *at, struct errbuf *eb);

#endif
