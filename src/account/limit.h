/*
 * limit - token buckets in memory: how often one key may do one thing.
 *
 * Shape:   a rate is `burst` at once and `per_minute` over time; a bucket is (rate, key). The table
 *          holds `max` buckets in small sets chosen by a keyed hash. Where a set is full, the one
 *          that has most left goes: a crowd of new keys cannot free one that is used up.
 * Thread:  any; never blocks for longer than a lock.
 *          The key of an address is an IPv4 address or an IPv6 network of 64 bits.
 * Units:   now_ms is any clock (cx->now_ms will do: a step back counts as no time passed).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct limits;

/* One list: what is limited, how much at once, how many a minute. */
#define LIMIT_TABLE(X)                                          \
    X(CHAT_VIEWER, 2, 60)            /* 1/s                  */ \
    X(CHAT_ADDR, 100, 6000)          /* the wide fence       */ \
    X(LIKE_VIEWER, 5, 120)           /* calls, each n hearts */ \
    X(LIKE_ADDR, 500, 12000)         /*                      */ \
    X(CLAIM_VIEWER, 4, 180)          /* 3/s                  */ \
    X(CLAIM_ADDR, 500, 18000)        /*                      */ \
    X(LOGIN_ACCOUNT, 5, 5)           /* failures, one net    */ \
    X(LOGIN_EMAIL, 100, 100)         /* failures, any net    */ \
    X(LOGIN_ADDR, 500, 500)          /* failures             */ \
    X(LOGIN_START_ADDR, 300, 300)    /* redirects to a login */ \
    X(LOGIN_START_ALL, 30000, 30000) /* of everybody: rows */   \
    X(LOGIN_BACK_ADDR, 600, 600)     /* and back             */ \
    X(GUEST_ADDR, 500, 500)          /* new guests           */ \
    X(SIGNUP_ADDR, 60, 60)           /* new accounts         */ \
    X(CODE_TO, 6, 1)                 /* mails to an address  */ \
    X(CODE_ADDR, 60, 60)             /* codes asked, tried   */ \
    X(HEARTBEAT_VIEWER, 5, 30)       /* one each 10 s        */ \
    X(HEARTBEAT_ADDR, 5000, 30000)   /* 5,000 watch from it  */ \
    X(WRITE_VIEWER, 20, 120)         /* any other change     */ \
    X(WRITE_ADDR, 2000, 12000)

enum limit {
#define X(name, burst, per_minute) LIMIT_##name,
    LIMIT_TABLE(X)
#undef X
        LIMIT_COUNT
};

/* NULL when out of memory. `max` buckets, 32 bytes each; crypto_init() has run. */
struct limits *limits_make(size_t max);
void limits_free(struct limits *l);

/* Take one. ERR_SLOW_DOWN: none left; *ret_wait_ms (may be NULL) is when there will be. */
enum err limit_take(struct limits *l, enum limit what, const char *key, int64_t now_ms,
                    int64_t *ret_wait_ms) NODISCARD;
/*
 * One of the narrow limit and one of the wide one, or none of either: who is over the narrow limit
 * takes nothing from those who share the wide one. A NULL key is not limited.
 */
enum err limit_take_both(struct limits *l, enum limit narrow, const char *key, enum limit wide,
                         const char *wide_key, int64_t now_ms, int64_t *ret_wait_ms) NODISCARD;
/* Give one back: it turned out not to count (a login that was right). */
void limit_give(struct limits *l, enum limit what, const char *key, int64_t now_ms);
