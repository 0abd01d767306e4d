/*
 * The files of the status page, those of the folder web/page/ when the program
 * was built: made into a C file by packaging/page.  A file that is added there
 * is served after the next make, as /page/NAME; index.html is / as well.
 */
#ifndef WEB_PAGE_FILES_H
#define WEB_PAGE_FILES_H

#include <stddef.h>

#include "web/http.h"

/* file = page_file(index): number ${index}, from 0 on, by name; NULL past the
 * last one. */
const struct http_file *page_file(size_t index);

#endif
