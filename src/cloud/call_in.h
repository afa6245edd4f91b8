/* call_in - one exchange with Stream's API: envelope, errors, retries. Private to cloud. */
#pragma once
#include "cloud/stream.h"
#include <jansson.h>

struct stream_call {
    const char *method;
    json_t *body;                /* taken over; NULL: none */
    const char *idempotency_key; /* NULL: none */
    bool repeat;                 /* safe to send again when it is unclear whether it arrived */
};

enum { CALL_PATH_MAX = 512 };

/*
 * Send it to base_url + path (made from `path` like printf). *ret_result is the envelope's
 * `result`, to be json_decref()ed; NULL ret_result: not wanted.
 */
__attribute__((format(printf, 5, 6))) enum err stream_do(struct stream *s, struct cx *cx,
                                                         const struct stream_call *call,
                                                         json_t **ret_result, const char *path,
                                                         ...) NODISCARD;
/* "/accounts/<id>": what most paths begin with. */
const char *stream_account(const struct stream *s);
