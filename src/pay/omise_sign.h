/*
 * omise_sign - the signature under Omise's webhooks.
 *
 * Shape:   Omise-Signature is hex(HMAC-SHA256(key, timestamp "." raw body)), where key is the
 *          webhook secret DECODED from base64 and timestamp is the text of the header
 *          Omise-Signature-Timestamp (Unix seconds). While a secret rotates both sides may have
 *          several: ours in `secrets`, separated by commas, theirs in the header likewise. One
 *          pair that agrees is enough.
 * Memory:  nothing is allocated; keys are wiped from the stack.
 * Thread:  any; no state.
 * Source:  docs.omise.co/api-webhooks; the vector in omise_sign_test.c.
 */
#pragma once
#include "base/cx.h"
#include <stddef.h>

enum {
    OMISE_SECRETS_MAX = 4,        /* in one list */
    OMISE_SIGN_WINDOW_S = 5 * 60, /* how far the sender's clock may be from ours */
    OMISE_SIGN_TEXT = OMISE_SECRETS_MAX * 65
};

/*
 * Is `secrets` a list of 1..OMISE_SECRETS_MAX secrets in base64? Spaces around them are fine.
 * ERR_INPUT
 */
enum err omise_secrets_check(const char *secrets) NODISCARD;

/* The header for a body sent at `unix_s`: one signature for each secret. ERR_INPUT: as above. */
enum err omise_sign(const char *secrets, int64_t unix_s, const void *body, size_t len,
                    char out[OMISE_SIGN_TEXT]) NODISCARD;

/*
 * Was this body sent by someone who has one of `secrets`, within OMISE_SIGN_WINDOW_S of
 * cx->now_ms? Headers are NULL when there were none. Compared in constant time.
 *
 * ERR_FORBIDDEN  not signed, wrongly signed, or too old or new
 * ERR_INPUT      `secrets` is no such list: ours to mend
 */
enum err omise_sign_check(struct cx *cx, const char *secrets, const char *signature,
                          const char *timestamp, const void *body, size_t len) NODISCARD;
