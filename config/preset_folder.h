/*
 * The operator's own folder of presets: which one a steering file names, and
 * which presets are in it.  For meridianctl; reads no preset.
 */
#ifndef CONFIG_PRESET_FOLDER_H
#define CONFIG_PRESET_FOLDER_H

#include <stddef.h>

#include "base/errbuf.h"

/*
 * folder = preset_folder_glance(path, eb): the folder that the steering file
 * ${path} names, whatever else is wrong with the file.  The caller frees it.
 * NULL where it names none, or with errors in ${eb} when it cannot be read.
 */
char *preset_folder_glance(const char *path, struct errbuf *eb);

/* Names of presets, in their order. */
struct preset_names {
	char **names;
	size_t n;
};

/*
 * status = preset_folder_names(folder, out, eb): each file NAME.yaml in
 * ${folder}.  0, also where it has none; -1 with an error in ${eb}.
 */
int preset_folder_names(
    const char *folder, struct preset_names *out, struct errbuf *eb);

/* preset_names_finish(names): free what they hold. */
void preset_names_finish(struct preset_names *names);

#endif
