/*
 * A node whose status page a browser looks at: what tests of the page have in
 * common.  Built on the node; included by tests only.
 */
#ifndef TESTS_SYSTEM_PAGE_H
#define TESTS_SYSTEM_PAGE_H

#include <stdbool.h>

#include "tests/system/node.h"

/* The stand-in that alone carries eu-west of the service chat. */
#define PAGE_EU 1

/* there = page_browser(): Chromium and its driver are installed; says what is
 * missing. */
bool page_browser(void);

/*
 * page_start(node, h, shares): a node with three regions and three services,
 * checked at stand-ins, all healthy; clients of some countries have asked.
 * ${shares}: with two others, from which it is cut off.
 */
void page_start(struct node *node, struct harness *h, bool shares);

/* pid = page_begin(node, part, first, second): start that part of
 * tests/browser/status_page.py, with what it takes besides the node's address;
 * NULL: nothing. */
pid_t page_begin(
    struct node *node, const char *part, const char *first, const char *second);

/* page_end(node, pid): wait for it; what it measured is printed, and the test
 * fails when it found something wrong. */
void page_end(struct node *node, pid_t pid);

/* page_stop(node): stop the daemons. */
void page_stop(struct node *node);

#endif
