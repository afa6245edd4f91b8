/*
 * apple - what Apple tells us by itself: that somebody took their word back, or is gone.
 *
 * Shape:   POST {"payload":"<JWT>"}; the JWT is signed with the keys of their logins and has one
 *          event, as JSON inside a text. It may come more than once.
 * Memory:  texts lie in cx->arena.
 * Thread:  a worker; Apple's keys may have to be fetched.
 * Source:  developer.apple.com, "Processing changes for Sign in with Apple accounts"
 */
#pragma once
#include "base/crypto.h"
#include "base/cx.h"

#include <stddef.h>

struct login;
struct tx;

enum apple_event {
    APPLE_OTHER, /* of a kind we need not act on: mail by a relay is off or on */
    APPLE_CONSENT_REVOKED,
    APPLE_ACCOUNT_DELETED
};

struct apple_notice {
    enum apple_event event;
    const char *subject;
    unsigned char once[SHA256_LEN]; /* of its jti */
    int64_t until_ms;               /* how long `once` must be known */
};

enum { APPLE_NOTICE_MAX = 32 << 10, APPLE_NOTICE_DAYS = 30 };

/*
 * ERR_NOT_FOUND  Apple is not set up
 * ERR_INPUT      not such a notice
 * ERR_FORBIDDEN  not signed by Apple, not for us, or older than APPLE_NOTICE_DAYS
 * ERR_UPSTREAM, ERR_TIMEOUT, ERR_BUSY  their keys cannot be had
 */
enum err apple_notice_read(struct login *l, struct cx *cx, const char *body, size_t len,
                           struct apple_notice *ret_notice) NODISCARD;
/* A job body, first in its job. ERR_EXISTS: it was heard before. */
enum err apple_notice_once(struct tx *tx, const struct apple_notice *n) NODISCARD;
