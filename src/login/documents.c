/*
 * Discovery documents and key sets, kept in memory. One thread asks at a time; while it does, the
 * others go on with what was known, or wait if nothing was (few of them, and not for long). After a
 * failure the provider is left alone for a moment, and what was known is used for a day.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "login/discovery_in.h"
#include "login/engine_in.h"
#include "login/id_token_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 5500, QUIET_MS = 5000, LOOKS = 3, LOOK_EVERY_MS = 30000 };
static const int64_t stale_ms = INT64_C(86400) * 1000;

struct source *login_source(struct login *l, const struct provider *p)
{
    return &l->source[p - l->set.list->item];
}

/* ---- one flight at a time ---- */

enum turn { USE_IT, FETCH_IT, GIVE_UP };

static bool usable(const struct document *d, int64_t now_ms)
{
    return d->known && now_ms < d->fresh_ms + stale_ms;
}

static void wait_locked(struct login *l, const struct document *d)
{
    int64_t until_ms = clock_mono_ms() + WAIT_MS;
    while (d->flying && login_wait_locked(l, until_ms))
        ;
}

/* What to do now about this document; FETCH_IT makes the caller its pilot. */
static enum turn turn_locked(struct login *l, struct document *d, int64_t now_ms, bool again)
{
    if (d->known && now_ms < d->fresh_ms && !again)
        return USE_IT;
    if (d->flying && !usable(d, now_ms) && l->waiters < WAITERS_MAX)
        wait_locked(l, d);
    else if (!d->flying && now_ms >= d->quiet_ms) {
        d->flying = true;
        return FETCH_IT;
    }
    return usable(d, now_ms) ? USE_IT : GIVE_UP;
}

static void land_locked(struct login *l, struct document *d, enum err e, int64_t now_ms,
                        int64_t keep_ms)
{
    d->flying = false;
    d->quiet_ms = e ? now_ms + QUIET_MS : 0;
    if (!e) {
        d->known = true;
        d->fetched_ms = now_ms;
        d->fresh_ms = now_ms + keep_ms;
    }
    (void)pthread_cond_broadcast(&l->landed);
}

static enum err get_document(struct login *l, struct cx *cx, const struct provider *p,
                             const char *url, struct client_answer *a, int64_t *ret_keep_ms)
{
    static const char *const accept[] = {"Accept: application/json", NULL};
    char kept[200] = "";
    const struct login_call call = {
        .method = "GET", .url = url, .headers = accept, .in_turn = true};
    enum err e = login_call(l, cx, p, &call, a);
    if (!e && a->status != 200)
        e = problem(cx, ERR_UPSTREAM, "%s: a document of it answers %d", p->name, a->status);
    (void)client_answer_header(a, "cache-control", kept, sizeof kept);
    *ret_keep_ms = fresh_for_ms(kept);
    return e;
}

/* Said once for each failure: nothing of it shows while what was known still serves. */
static void tell(struct cx *cx, const struct provider *p, bool stale)
{
    log_warn("login provider cannot be asked", LOG_S("provider", p->name),
             LOG_S("why", cx->problem), LOG_S("using", stale ? "what was known" : "nothing"));
    if (stale)
        cx->problem[0] = '\0';
}

/* ---- discovery ---- */

static enum err fetch_discovery(struct login *l, struct cx *cx, const struct provider *p,
                                struct discovery *ret_discovery, int64_t *ret_keep_ms)
{
    struct client_answer a = {.status = 0};
    assert(p);
    size_t n = strlen(p->issuer);
    const char *url = arena_fmt(cx->arena, "%.*s/.well-known/openid-configuration",
                                (int)(n && p->issuer[n - 1] == '/' ? n - 1 : n), p->issuer);
    if (!url)
        return ERR_NO_MEMORY;
    enum err e = get_document(l, cx, p, url, &a, ret_keep_ms);
    if (!e && discovery_read(cx, p, a.body.data ? a.body.data : "", a.body.len, ret_discovery))
        e = ERR_UPSTREAM;
    client_answer_done(&a);
    return e;
}

enum err login_discovery(struct login *l, struct cx *cx, const struct provider *p,
                         struct discovery *ret_discovery)
{
    struct source *s = login_source(l, p);
    struct discovery fresh;
    int64_t keep_ms = 0;
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&l->lock);
    enum turn turn = turn_locked(l, &s->about, cx->now_ms, false);
    if (turn == FETCH_IT) {
        (void)pthread_mutex_unlock(&l->lock);
        e = fetch_discovery(l, cx, p, &fresh, &keep_ms);
        (void)pthread_mutex_lock(&l->lock);
        if (!e)
            s->discovery = fresh;
        land_locked(l, &s->about, e, cx->now_ms, keep_ms);
        bool stale = usable(&s->about, cx->now_ms);
        if (e)
            tell(cx, p, stale);
        e = stale ? ERR_OK : e;
    } else if (turn == GIVE_UP) {
        e = problem(cx, s->about.flying ? ERR_BUSY : ERR_UPSTREAM, "%s: cannot be asked", p->name);
    }
    if (!e)
        *ret_discovery = s->discovery;
    (void)pthread_mutex_unlock(&l->lock);
    return e;
}

/* ---- keys ---- */

static enum err fetch_keys(struct login *l, struct cx *cx, const struct provider *p,
                           struct jwks **ret_set, int64_t *ret_keep_ms)
{
    struct discovery d;
    struct client_answer a = {.status = 0};
    enum err e = login_discovery(l, cx, p, &d);
    if (!e)
        e = get_document(l, cx, p, d.jwks, &a, ret_keep_ms);
    if (!e && jwks_read(cx, a.body.data ? a.body.data : "", a.body.len, ret_set)) {
        (void)problem(cx, ERR_UPSTREAM, "%s: its keys cannot be read", p->name);
        e = ERR_UPSTREAM;
    }
    client_answer_done(&a);
    return e;
}

/* The keys of now, or of before; with `again` they are asked for although they are fresh. */
static enum err keys_locked(struct login *l, struct cx *cx, const struct provider *p, bool again)
{
    struct source *s = login_source(l, p);
    struct jwks *fresh = NULL;
    int64_t keep_ms = 0;
    enum turn turn = turn_locked(l, &s->keys, cx->now_ms, again);
    if (turn == GIVE_UP)
        return problem(cx, s->keys.flying ? ERR_BUSY : ERR_UPSTREAM, "%s: cannot be asked",
                       p->name);
    if (turn == USE_IT)
        return ERR_OK;
    (void)pthread_mutex_unlock(&l->lock);
    enum err e = fetch_keys(l, cx, p, &fresh, &keep_ms);
    (void)pthread_mutex_lock(&l->lock);
    if (!e) {
        free(s->jwks);
        s->jwks = fresh;
    }
    land_locked(l, &s->keys, e, cx->now_ms, keep_ms);
    bool stale = usable(&s->keys, cx->now_ms);
    if (e)
        tell(cx, p, stale);
    return stale ? ERR_OK : e;
}

/*
 * A kid that nobody knows may be of a key that is new. Strangers make kids up: LOOKS times at once,
 * and then one each LOOK_EVERY_MS.
 */
static bool may_look_again(struct source *s, int64_t now_ms)
{
    int64_t since_ms = now_ms - (int64_t)LOOKS * LOOK_EVERY_MS;
    if (s->keys.fetched_ms == now_ms)
        return false;
    if (s->looked_ms < since_ms)
        s->looked_ms = since_ms;
    if (s->looked_ms + LOOK_EVERY_MS > now_ms)
        return false;
    s->looked_ms += LOOK_EVERY_MS;
    return true;
}

enum err login_key_of(struct login *l, struct cx *cx, const struct provider *p, enum id_alg alg,
                      const char *kid, struct jwk *ret_key)
{
    struct source *s = login_source(l, p);
    (void)pthread_mutex_lock(&l->lock);
    enum err e = keys_locked(l, cx, p, false);
    const struct jwk *k = e ? NULL : jwks_find(s->jwks, alg, kid);
    if (!e && !k && may_look_again(s, cx->now_ms)) {
        e = keys_locked(l, cx, p, true);
        k = e ? NULL : jwks_find(s->jwks, alg, kid);
    }
    if (k)
        *ret_key = *k;
    (void)pthread_mutex_unlock(&l->lock);
    return e ? e : k ? ERR_OK : ERR_NOT_FOUND;
}
