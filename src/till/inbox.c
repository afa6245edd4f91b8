/* Messages that say too little to act on: what they are about is read again at the provider. */
#include "base/arena.h"
#include "base/clock.h"
#include "till/inbox.sql.h"
#include "till/take.sql.h"
#include "till/till_in.h"

#include <string.h>

enum { MESSAGES_PER_ROUND = 20, LEASE_MS = 60 * 1000, BACKOFF_MAX_MS = 10 * 60 * 1000 };
#define GIVE_UP_MS (INT64_C(3) * 24 * 3600 * 1000)

struct message {
    int64_t id, shop_id, tries, at_ms;
    const char *provider, *ref;
};

struct ending {
    struct till *t;
    const struct message *m;
    const struct gateway_news *news; /* NULL: it is given up */
    const char *result;
    /* made by the job */
    struct till_done done;
};

static enum err end_row(struct tx *tx, const struct ending *x, const char *state,
                        const char *result, int64_t payment_id)
{
    return db_do(tx->db, &SQL_inbox_end,
                 ARGS(V(state), V(result), payment_id ? V(payment_id) : VNULL, V(tx->cx->now_ms),
                      V(x->m->id)),
                 NULL);
}

/* Charges of others on the same account are nobody's here, and harmless. */
static enum err find_ours(struct tx *tx, const struct ending *x, struct payment *p)
{
    int64_t shop_id;
    if (!x->news->our_ref)
        return ERR_NOT_FOUND;
    enum err e = payment_by_our_ref(tx->db, tx->cx->arena, x->news->our_ref, p);
    if (!e)
        e = db_i64(tx->db, &SQL_take_shop, ARGS(V(p->id)), &shop_id);
    return !e && (shop_id != x->m->shop_id || strcmp(p->provider, x->m->provider) != 0)
               ? ERR_NOT_FOUND
               : e;
}

static enum err end_job(struct tx *tx, void *arg)
{
    struct ending *x = arg;
    struct payment p;
    x->done = (struct till_done){.result = x->result, .ignored = true};
    if (!x->news)
        return end_row(tx, x, "failed", x->result, 0);
    enum err e = find_ours(tx, x, &p);
    if (e == ERR_NOT_FOUND) {
        x->done.result = "no such payment";
        x->done.unknown = true;
        return end_row(tx, x, "ignored", x->done.result, 0);
    }
    if (!e)
        e = end_row(tx, x, "done", gateway_says_name(x->news->says), p.id);
    return e ? e : till_apply(x->t, tx, p.id, HEARD_NOTICE, x->news, &x->done);
}

static enum err fetch(struct till *t, struct cx *cx, const struct message *m,
                      struct gateway_news *news)
{
    struct gateway *g = till_gateway(t, m->shop_id, m->provider);
    if (!g || !t->set.fetch) {
        till_gateway_end(t, g);
        return problem(cx, ERR_PAY_DOWN, "the shop has no gateway for it");
    }
    t->count.asked++;
    enum err e = t->set.fetch(g, cx, m->ref, news);
    till_gateway_end(t, g);
    t->count.ask_errors += e != ERR_OK;
    return e;
}

static enum err handle(struct till *t, struct cx *cx, const struct message *m)
{
    struct gateway_news news = {.our_ref = NULL};
    struct ending x = {.t = t, .m = m, .news = &news};
    enum err e = fetch(t, cx, m, &news);
    if (e && cx->now_ms - m->at_ms < GIVE_UP_MS)
        return e;
    if (e) {
        x.news = NULL;
        x.result = "given up";
    }
    e = store_do(t->set.store, cx, "till.message", end_job, &x);
    if (!e && x.news)
        till_count(t, news.our_ref, &x.done);
    return e;
}

/* ---- a round ---- */

struct claim {
    int64_t id, seen_ms, to_ms;
    bool mine;
};

static enum err claim_job(struct tx *tx, void *arg)
{
    struct claim *c = arg;
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_inbox_claim, ARGS(V(c->to_ms), V(c->id), V(c->seen_ms)), &changed);
    c->mine = changed == 1;
    return e;
}

static enum err later_job(struct tx *tx, void *arg)
{
    const struct claim *c = arg;
    return db_do(tx->db, &SQL_inbox_later, ARGS(V(c->to_ms), V(c->id)), NULL);
}

static int64_t again_at(const struct message *m, int64_t now_ms)
{
    int64_t wait = 1000;
    for (int64_t i = 0; i < m->tries && wait < BACKOFF_MAX_MS; i++)
        wait *= 2;
    return now_ms + (wait < BACKOFF_MAX_MS ? wait : BACKOFF_MAX_MS);
}

static enum err read_message(struct till *t, struct cx *cx, int64_t id, struct message *m)
{
    struct db *db = NULL;
    enum err e = store_read(t->set.store, &db);
    m->id = id;
    if (!e)
        e = db_row(db, cx->arena, &SQL_inbox_get, ARGS(V(id)),
                   COLS(C(&m->shop_id), C(&m->provider), C(&m->ref), C(&m->tries), C(&m->at_ms)));
    store_read_end(db);
    return e;
}

/* False: its provider does not answer, so the others wait too. */
static bool handle_due(struct till *t, struct cx *cx, int64_t id, int64_t seen_ms)
{
    struct message m = {.tries = 0};
    struct claim c = {id, seen_ms, cx->now_ms + LEASE_MS, false};
    enum err e = store_do(t->set.store, cx, "till.claim", claim_job, &c);
    if (e || !c.mine)
        return true;
    e = read_message(t, cx, id, &m);
    if (!e)
        e = handle(t, cx, &m);
    if (!e)
        return true;
    int64_t more = 0;
    if (log_pace(&t->slow_log, clock_mono_ms(), &more))
        log_warn("a provider's message waits", LOG_I("tries", m.tries), LOG_S("err", err_api(e)),
                 LOG_S("why", cx->problem), LOG_I("more", more));
    c.to_ms = again_at(&m, cx->now_ms);
    (void)!store_do(t->set.store, cx, "till.later", later_job, &c);
    return e != ERR_TIMEOUT && e != ERR_BUSY;
}

void till_inbox_round(struct till *t, struct cx *cx)
{
    struct db *db = NULL;
    int64_t ids[MESSAGES_PER_ROUND], at[MESSAGES_PER_ROUND], waiting = 0;
    size_t n = 0;
    enum err e = store_read(t->set.store, &db);
    if (!e) {
        struct rows r =
            db_rows(db, &SQL_inbox_due, ARGS(V(cx->now_ms), V((int64_t)MESSAGES_PER_ROUND)));
        while (n < MESSAGES_PER_ROUND && rows_next(&r, NULL, COLS(C(&ids[n]), C(&at[n]))))
            n++;
        e = rows_end(&r);
    }
    if (!e)
        e = db_i64(db, &SQL_inbox_waiting, ARGS(), &waiting);
    store_read_end(db);
    t->count.inbox_waiting = waiting;
    int64_t mono = till_mono_ms(t);
    bool there = !e;
    for (size_t i = 0; there && i < n; i++) {
        struct cx one = {.arena = arena_make(TILL_ARENA), .now_ms = cx->now_ms};
        there = one.arena && handle_due(t, &one, ids[i], at[i]);
        arena_free(one.arena);
        till_go_on(t, cx, &mono);
    }
}
