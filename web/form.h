/*
 * Another form of a page, for clients that ask for it by Accept.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stddef.h>

#include "base/text.h"

struct http_form {
	const char *type; /* Content-Type */
	/* write(data, len, out): append ${len} bytes of a piece in this form.
	 */
	void (*write)(const char *data, size_t len, struct text *out);
	const char *end; /* what it has after the last piece */
};

#endif
