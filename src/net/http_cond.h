/* http_cond - private to net/: conditional requests and ranges (RFC 9110 13, 14). */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Does an If-None-Match value name `etag`? Weak comparison; "*" names any. */
bool http_etag_listed(const char *list, const char *etag);
/* If-Range: strong comparison. */
bool http_etag_same_strong(const char *a, const char *b);

enum http_range {
    RANGE_NONE, /* no range, several, or one we do not understand: the whole body is sent */
    RANGE_PART, /* *ret_from, *ret_len */
    RANGE_BAD   /* 416 */
};
enum http_range http_range_read(const char *value, uint64_t body_len, uint64_t *ret_from,
                                uint64_t *ret_len);
