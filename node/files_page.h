/*
 * The page "/api/v1/files": what is served, as files: for meridianctl diff,
 * which compares it with what is on disk by now.
 */
#ifndef NODE_FILES_PAGE_H
#define NODE_FILES_PAGE_H

#include "node/page.h"

extern const struct page_kind files_page;

#endif
