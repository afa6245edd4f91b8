/* engine_in - the engine's state, and what its own files share. Private to login's OpenID part. */
#pragma once
#include "login/jwks_in.h"
#include "login/login_in.h"

#include <pthread.h>

/* One document of a provider as last seen. All of it is read and written under the engine's lock.
 */
struct document {
    bool known, flying; /* has one; somebody asks for it just now */
    int64_t fetched_ms; /* when it was asked for last with success */
    int64_t fresh_ms;   /* good until then */
    int64_t quiet_ms;   /* after a failure: not asked again before */
};

/* Threads that wait for a place or a document, of all providers together. */
enum { WAITERS_MAX = 8 };

/* What we know of one provider, by its place in the list. */
struct source {
    struct document about, keys;
    struct discovery discovery;
    struct jwks *jwks;
    int64_t looked_ms; /* how far the looks for unknown kids have used up their time */
    int calls;
};

struct login {
    struct login_setup set;
    char public_url[PROVIDER_URL_MAX];
    pthread_mutex_t lock;
    pthread_cond_t landed; /* some document or call came to its end */
    int calls, waiters;
    struct source source[PROVIDERS_MAX];
};

/* Waits for `landed` until that time of CLOCK_MONOTONIC; false: it is past. */
bool login_wait_locked(struct login *l, int64_t until_mono_ms);
struct source *login_source(struct login *l, const struct provider *p);

void form_escape(struct buf *out, const char *value);
