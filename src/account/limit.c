#include "account/limit.h"
#include "base/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAYS = 8,     /* buckets of one set */
    SKEW = 60000, /* requests come in any order; further back the clock was set back */
    TOKEN = 60000 /* one token: so `per_minute` is what a millisecond adds */
};

static const struct {
    int64_t burst, per_minute;
} rates[LIMIT_COUNT] = {
#define X(name, burst, per_minute) {burst, per_minute},
    LIMIT_TABLE(X)
#undef X
};

struct bucket {
    uint64_t tag; /* 0: free */
    int64_t level, at_ms;
    enum limit what;
};

struct limits {
    unsigned char secret[SHA256_LEN]; /* so that nobody can aim keys at one set */
    pthread_mutex_t lock;             /* guards the buckets */
    size_t sets;
    struct bucket buckets[];
};

struct limits *limits_make(size_t max)
{
    size_t sets = max / WAYS + 1;
    struct limits *l = calloc(1, sizeof *l + sets * WAYS * sizeof(struct bucket));
    if (!l)
        return NULL;
    l->sets = sets;
    crypto_random(l->secret, sizeof l->secret);
    (void)pthread_mutex_init(&l->lock, NULL);
    return l;
}

void limits_free(struct limits *l)
{
    if (!l)
        return;
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

/* What the bucket holds at now_ms. */
static void refill(struct bucket *b, int64_t now_ms)
{
    int64_t full = rates[b->what].burst * TOKEN;
    int64_t passed = now_ms - b->at_ms;
    if (passed < -SKEW)
        b->at_ms = now_ms;
    if (passed <= 0)
        return;
    b->at_ms = now_ms;
    int64_t until_full = (full - b->level) / rates[b->what].per_minute + 1;
    b->level = passed >= until_full ? full : b->level + passed * rates[b->what].per_minute;
}

/* How much of its burst is there, in thousandths: comparable between rates. */
static int64_t share_left(const struct bucket *b)
{
    return b->level * 1000 / (rates[b->what].burst * TOKEN);
}

/* The bucket of this key, refilled; a new one is full and may push another out. */
static struct bucket *find_locked(struct limits *l, enum limit what, const uint64_t hash[2],
                                  int64_t now_ms)
{
    struct bucket *set = &l->buckets[hash[0] % l->sets * WAYS];
    uint64_t tag = hash[1] | 1;
    struct bucket *out = set;
    for (struct bucket *b = set; b < set + WAYS; b++) {
        if (b->tag == tag && b->what == what) {
            refill(b, now_ms);
            return b;
        }
        if (b->tag)
            refill(b, now_ms);
        if (out->tag && (!b->tag || share_left(b) > share_left(out)))
            out = b;
    }
    *out = (struct bucket){tag, rates[what].burst * TOKEN, now_ms, what};
    return out;
}

static void hash_key(const struct limits *l, const char *key, uint64_t ret_hash[2])
{
    unsigned char h[SHA256_LEN];
    crypto_hmac_sha256(l->secret, sizeof l->secret, key, strlen(key), h);
    memcpy(ret_hash, h, 2 * sizeof *ret_hash);
}

enum err limit_take(struct limits *l, enum limit what, const char *key, int64_t now_ms,
                    int64_t *ret_wait_ms)
{
    uint64_t hash[2];
    hash_key(l, key, hash);
    (void)pthread_mutex_lock(&l->lock);
    struct bucket *b = find_locked(l, what, hash, now_ms);
    int64_t missing = TOKEN - b->level;
    if (missing <= 0)
        b->level -= TOKEN;
    (void)pthread_mutex_unlock(&l->lock);
    if (missing <= 0)
        return ERR_OK;
    if (ret_wait_ms)
        *ret_wait_ms = (missing + rates[what].per_minute - 1) / rates[what].per_minute;
    return ERR_SLOW_DOWN;
}

enum err limit_take_both(struct limits *l, enum limit narrow, const char *key, enum limit wide,
                         const char *wide_key, int64_t now_ms, int64_t *ret_wait_ms)
{
    enum err e = key ? limit_take(l, narrow, key, now_ms, ret_wait_ms) : ERR_OK;
    if (e || !wide_key)
        return e;
    e = limit_take(l, wide, wide_key, now_ms, ret_wait_ms);
    if (e && key)
        limit_give(l, narrow, key, now_ms);
    return e;
}

void limit_give(struct limits *l, enum limit what, const char *key, int64_t now_ms)
{
    uint64_t hash[2];
    hash_key(l, key, hash);
    (void)pthread_mutex_lock(&l->lock);
    struct bucket *b = find_locked(l, what, hash, now_ms);
    int64_t full = rates[what].burst * TOKEN;
    b->level = b->level + TOKEN > full ? full : b->level + TOKEN;
    (void)pthread_mutex_unlock(&l->lock);
}
