/* packing_in - text of titles and options, for lists and labels. */
#pragma once
#include "base/buf.h"
#include <jansson.h>

/* The first language that a title has, Chinese first; "" for none. */
const char *title_text(const json_t *title);
/* "黑 / M" */
void options_text(struct buf *b, const json_t *options);
