/*
 * What is known of endpoints beside their health as JSON, for pages and for
 * meridianctl where no server answers.  What is not known is null.
 */
#ifndef NODE_LOAD_ITEMS_H
#define NODE_LOAD_ITEMS_H

#include <jansson.h>

#include "node/loads.h"

/*
 * load = load_items_object(view, wanted, stale): the load of an endpoint; null
 * where nobody has looked at it and its check does not want that (${wanted}).
 */
json_t *load_items_object(
    const struct load_view *view, bool wanted, bool stale);

/* load_items_add(object, look, policy, e): add to ${object} the load of
 * endpoint number ${e} of ${policy}, why it is degraded, and when its
 * certificate ends. */
void load_items_add(json_t *object, const struct loads_look *look,
    const struct policy *policy, size_t e);

#endif
