/*
 * try - one way to a provider and back, kept between the two. Private to login.
 *
 * Thread: job bodies.
 */
#pragma once
#include "login/login_in.h"

enum {
    LOGIN_SECRET_TEXT = TOKEN_TEXT, /* base64url of 32 random bytes and a NUL */
    TRY_PLAIN = 2 * LOGIN_SECRET_TEXT,
    TRY_SEALED = TRY_PLAIN + SEAL_OVERHEAD,
    TRIES_PER_BROWSER = 8,
    TRIES_SWEPT_BY_ONE = 4
};

struct try_new {
    unsigned char state_hash[SHA256_LEN], browser_hash[SHA256_LEN];
    unsigned char sealed[TRY_SEALED]; /* nonce and verifier, each with its NUL */
    const char *provider, *next;
    enum login_purpose purpose;
    int64_t viewer_id;                 /* 0: nobody's */
    const unsigned char *session_hash; /* or NULL */
};
enum err try_put(struct tx *tx, void *arg) NODISCARD; /* struct try_new */

struct try_taken {
    unsigned char state_hash[SHA256_LEN]; /* asked for */
    bool found;
    struct blob browser_hash, sealed, session_hash; /* the last may be empty */
    const char *provider, *next;
    enum login_purpose purpose;
    int64_t viewer_id, created_ms, expires_ms;
};
enum err try_take(struct tx *tx, void *arg) NODISCARD; /* struct try_taken */
