/*
 * err - the one list of outcomes a call can have, and what each means to a client.
 *
 * Adding an outcome is adding one row here; the enum, the HTTP status, the stable API string and
 * the docs table are all made from it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/*      name                http  api string             retry?  who is at fault */
#define ERR_TABLE(X)                                            \
    X(OK, 200, "ok", false, NOBODY)                             \
    X(INPUT, 400, "input", false, CLIENT)                       \
    X(BAD_CODE, 400, "bad_code", false, CLIENT)                 \
    X(NEED_LOGIN, 401, "need_login", false, CLIENT)             \
    X(BAD_LOGIN, 401, "bad_login", false, CLIENT)               \
    X(FORBIDDEN, 403, "forbidden", false, CLIENT)               \
    X(CSRF, 403, "csrf", false, CLIENT)                         \
    X(NEED_PROOF, 403, "need_proof", false, CLIENT)             \
    X(MUTED, 403, "muted", false, CLIENT)                       \
    X(RULE, 403, "rule", false, CLIENT)                         \
    X(NOT_FOUND, 404, "not_found", false, CLIENT)               \
    X(METHOD, 405, "method_not_allowed", false, CLIENT)         \
    X(CONFLICT, 409, "conflict", false, CLIENT)                 \
    X(TRANSITION, 409, "invalid_transition", false, CLIENT)     \
    X(SOLD_OUT, 409, "sold_out", false, CLIENT)                 \
    X(CLOSED, 409, "closed", false, CLIENT)                     \
    X(LIMIT, 409, "limit", false, CLIENT)                       \
    X(NEED_OPTION, 409, "need_option", false, CLIENT)           \
    X(MARKET, 409, "market", false, CLIENT)                     \
    X(EXISTS, 409, "exists", false, CLIENT)                     \
    X(PRICE_CHANGED, 409, "price_changed", false, CLIENT)       \
    X(RETURN_REFUSED, 409, "return_refused", false, CLIENT)     \
    X(PRECONDITION, 412, "precondition_failed", false, CLIENT)  \
    X(TOO_LARGE, 413, "too_large", false, CLIENT)               \
    X(MEDIA_TYPE, 415, "unsupported_media_type", false, CLIENT) \
    X(SLOW_DOWN, 429, "slow_down", true, CLIENT)                \
    X(UPSTREAM, 502, "upstream", true, PEER)                    \
    X(TIMEOUT, 504, "timeout", true, PEER)                      \
    X(BUSY, 503, "busy", true, US)                              \
    X(PAY_DOWN, 503, "pay_down", true, PEER)                    \
    X(UNKNOWN, 503, "outcome_unknown", true, US)                \
    X(NO_MEMORY, 500, "no_memory", true, US)                    \
    X(IO, 500, "io", true, US)                                  \
    X(STORE, 500, "store", true, US)                            \
    X(INTERNAL, 500, "internal", false, US)

enum err {
#define X(name, http, api, retry, fault) ERR_##name,
    ERR_TABLE(X)
#undef X
};

#define NODISCARD __attribute__((warn_unused_result))

/* HTTP status to answer with for `e`; 500 for a value outside the table. */
int err_http(enum err e);
/* Stable machine-readable name, part of the public API; never NULL. */
const char *err_api(enum err e);
/* May the same request succeed if it is simply sent again later? */
bool err_retry(enum err e);
