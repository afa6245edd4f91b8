/* status_in - the status object of a live input as JSON. Private to library. */
#pragma once
#include "streamd/library/state_in.h"
#include <jansson.h>

/* null before the first broadcast, else {"current": …, "history": […]}. NULL: out of memory. */
json_t *status_json(const struct input_rec *in);
