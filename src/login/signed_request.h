/*
 * signed_request - what Facebook posts to us when somebody removes our app, or asks us to forget
 * them: base64url(HMAC) "." base64url(JSON).
 *
 * Shape:   the HMAC-SHA256, keyed by the app secret, is over the second part as text: it is checked
 *          before anything of it is read. Base64url is read strictly.
 * Memory:  what comes back is the caller's; nothing is allocated that outlives the call.
 * Thread:  any; no state.
 * Source:  developers.facebook.com, "Data Deletion Callback" and "Deauthorize Callback"; the vector
 *          in signed_request_test.c
 */
#pragma once
#include "base/cx.h"

#include <stddef.h>

enum {
    SIGNED_REQUEST_MAX = 4096,
    SIGNED_USER_MAX = 64,
    SIGNED_AGE_MAX_S = 24 * 60 * 60, /* how old one may be: theirs come at once */
    SIGNED_AHEAD_S = 10 * 60         /* and how far their clock may be ahead of ours */
};

struct signed_request {
    char user_id[SIGNED_USER_MAX]; /* digits: the id they have for our app */
    int64_t issued_ms;
};

/*
 * ERR_INPUT      not the shape, or a field of it is missing
 * ERR_FORBIDDEN  signed with another key, by another algorithm, too old, or from the future
 */
enum err signed_request_read(struct cx *cx, const char *app_secret, const char *text, size_t len,
                             struct signed_request *ret_request) NODISCARD;
