/* Notices that never came: what a provider says has happened is taken as if it had told us. */
#include "base/arena.h"
#include "till/missed.sql.h"
#include "till/till_in.h"

#define MINUTE INT64_C(60000)

enum { EVERY_MS = 5 * 60 * 1000, AGAIN_MS = 60 * 1000 };
/* Before the first look, and of what was looked at before: their list may lag behind, and so may
 * their clock. */
#define FIRST_MS   (24 * 60 * MINUTE)
#define OVERLAP_MS (10 * MINUTE)

/* A gateway whose turn it is, in use; a look is under way from now on. NULL: none. */
static struct gateway *next_due(struct till *t, int64_t now_ms, int64_t *ret_shop,
                                int64_t *ret_since)
{
    struct gateway *g = NULL;
    (void)pthread_mutex_lock(&t->lock);
    for (size_t i = 0; !g && i < t->gateway_count; i++) {
        struct till_gateway *at = &t->gateways[i];
        if (at->gone || !at->g || !at->g->way->missed || now_ms < at->look_ms)
            continue;
        at->users++;
        at->look_ms = now_ms + AGAIN_MS;
        *ret_shop = at->shop_id;
        if (!at->since_ms)
            at->since_ms = now_ms - FIRST_MS;
        *ret_since = at->since_ms;
        g = at->g;
    }
    (void)pthread_mutex_unlock(&t->lock);
    return g;
}

/* Where the next look begins: at once after what was told, while there is more. */
static void looked(struct till *t, const struct gateway *g, int64_t until_ms, int64_t now_ms)
{
    bool more = until_ms < now_ms;
    (void)pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->gateway_count; i++) {
        struct till_gateway *at = &t->gateways[i];
        if (at->g != g)
            continue;
        at->since_ms = more ? until_ms : now_ms - OVERLAP_MS;
        at->look_ms = more ? now_ms : now_ms + EVERY_MS;
    }
    (void)pthread_mutex_unlock(&t->lock);
}

static enum err was_told(struct till *t, int64_t shop_id, const char *provider, const char *key,
                         bool *ret_told)
{
    struct db *db = NULL;
    int64_t n = 0;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = db_i64(db, &SQL_missed_known, ARGS(V(shop_id), V(provider), V(key)), &n);
    store_read_end(db);
    *ret_told = n > 0;
    return e;
}

static enum err take(struct till *t, struct cx *cx, int64_t shop_id, const char *provider,
                     const struct gateway_event *ev)
{
    bool told = false;
    const char *body = arena_fmt(cx->arena, "{\"id\":\"%s\",\"key\":\"%s\",\"charge\":\"%s\"}",
                                 ev->key, ev->kind, ev->ref);
    /* Staff see by it that the notice did not come. */
    const char *kind = arena_fmt(cx->arena, "%s (asked)", ev->kind);
    enum err e = body && kind ? was_told(t, shop_id, provider, ev->key, &told) : ERR_NO_MEMORY;
    if (e || told)
        return e;
    return till_take(t, cx,
                     &(struct till_message){.shop_id = shop_id,
                                            .provider = provider,
                                            .event_key = ev->key,
                                            .kind = kind,
                                            .body = body,
                                            .provider_ref = ev->ref});
}

static enum err look(struct till *t, struct cx *cx, struct gateway *g, int64_t shop_id,
                     int64_t since_ms)
{
    size_t n = 0;
    int64_t until_ms = 0;
    struct gateway_event *events = arena_array(cx->arena, struct gateway_event, GATEWAY_EVENTS_MAX);
    if (!events)
        return ERR_NO_MEMORY;
    enum err e = g->way->missed(g, cx, since_ms, events, &n, &until_ms);
    for (size_t i = 0; !e && i < n; i++)
        e = take(t, cx, shop_id, g->way->provider, &events[i]);
    if (!e)
        looked(t, g, until_ms, cx->now_ms);
    return e;
}

/* One gateway a round: what waits behind it waits half a second. */
void till_missed_round(struct till *t, struct cx *cx)
{
    int64_t shop_id = 0, since_ms = 0;
    struct gateway *g = next_due(t, cx->now_ms, &shop_id, &since_ms);
    if (!g)
        return;
    enum err e = look(t, cx, g, shop_id, since_ms);
    if (e)
        log_warn("a provider does not say what happened", LOG_S("provider", g->way->provider),
                 LOG_S("err", err_api(e)), LOG_S("why", cx->problem));
    till_gateway_end(t, g);
}
