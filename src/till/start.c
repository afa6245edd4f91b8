/* A payment begins: its row is committed, then its provider is called, then the answer is kept. */
#include "base/arena.h"
#include "catalog/market.h"
#include "till/start.sql.h"
#include "till/till_in.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
    START_LEASE_MS = 45 * 1000, /* the provider is asked then, should nobody hear its answer */
    CALLS_MAX = 12,             /* of workers that wait for providers */
    LEFT_MIN_MS = 60 * 1000,
    STRETCH_MS = 30 * 60 * 1000,
    DOWN_MS = 15 * 1000,
    LOOK_MS = 5 * 1000 /* a lost answer is asked for again */
};

/* ---- where things come back to ---- */

void till_token(const struct till *t, const char *payment_public, char out[TILL_TOKEN_SIZE])
{
    unsigned char mac[SHA256_LEN];
    const struct crypto_piece of[] = {{"return:", 7}, {payment_public, strlen(payment_public)}};
    crypto_hmac_sha256_of(t->set.accounts->secret_key, SECRET_KEY_LEN, of, 2, mac);
    crypto_hex(mac, 16, out);
}

struct urls {
    char notify[TILL_URL_MAX], info[TILL_URL_MAX], back_in[TILL_URL_MAX], code[TILL_URL_MAX];
    char back[TILL_URL_MAX];
};

static void make_urls(const struct till *t, const struct order_due *due, const struct payment *p,
                      struct urls *u)
{
    const char *at = t->set.public_url, *shop = due->shop_slug;
    char token[TILL_TOKEN_SIZE], link[ORDER_LINK_SIZE];
    if (strcmp(p->provider, "ecpay") == 0) {
        (void)snprintf(u->notify, TILL_URL_MAX, "%s/api/v1/webhooks/ecpay/payment/%s", at, shop);
        (void)snprintf(u->info, TILL_URL_MAX, "%s/api/v1/webhooks/ecpay/info/%s", at, shop);
        (void)snprintf(u->back_in, TILL_URL_MAX, "%s/api/v1/pay/ecpay/return/%s", at, shop);
        (void)snprintf(u->code, TILL_URL_MAX, "%s/api/v1/pay/ecpay/code/%s", at, shop);
    } else {
        till_token(t, p->public_id, token);
        (void)snprintf(u->notify, TILL_URL_MAX, "%s/api/v1/webhooks/omise/%s", at, shop);
        (void)snprintf(u->back_in, TILL_URL_MAX, "%s/api/v1/pay/omise/return?p=%s&t=%s", at,
                       p->public_id, token);
    }
    order_link(t->orders, due->public_id, due->no, link);
    (void)snprintf(u->back, TILL_URL_MAX, "%s%s", at, link);
}

/* ---- the row ---- */

struct start {
    struct till *t;
    const struct room_who *who;
    const struct order_ref *ref;
    const struct till_ask *ask;
    struct payment_new made;
    /* made by the job */
    struct order_due due;
    struct payment p;
    bool again;
};

/*
 * A second try may take a little longer than the first, but not for ever: who keeps trying keeps
 * goods from others.
 */
static int64_t end_of(const struct order_due *due, int64_t minutes, int64_t now_ms)
{
    int64_t until = now_ms + minutes * 60000;
    int64_t most = due->created_ms + minutes * 60000 + STRETCH_MS;
    if (most < due->expires_ms)
        most = due->expires_ms;
    return until < most ? until : most;
}

static enum err check_order(struct cx *cx, const struct order_due *due)
{
    if (due->state != ORDER_AWAITING_PAYMENT)
        return problem(cx, ERR_TRANSITION, "the order is %s", order_state_name(due->state));
    if (due->expires_ms <= cx->now_ms)
        return problem(cx, ERR_TRANSITION, "the time to pay is over");
    return ERR_OK;
}

static enum err find_terms(struct tx *tx, const struct start *s, struct pay_terms *ret_terms)
{
    struct pay_terms list[PAY_METHODS_MAX];
    size_t n = 0;
    const struct order_due *due = &s->due;
    enum err e =
        pay_terms_read(tx->db, tx->cx->arena, &s->t->table, due->shop_id, due->market, list, &n);
    if (e)
        return e;
    const struct pay_terms *m = pay_terms_find(list, n, s->ask->method);
    if (!m || m->method->provider->confirms_at_once)
        return problem(tx->cx, ERR_INPUT, "'method' is not one for this order");
    const char *why = pay_terms_problem(m, due->total, due->has_deal);
    if (why && strcmp(why, "down") == 0)
        return problem(tx->cx, ERR_PAY_DOWN, "this way to pay is not there now");
    if (why)
        return problem(tx->cx, ERR_INPUT, "'method' cannot be had for this order: %s", why);
    *ret_terms = *m;
    return ERR_OK;
}

static enum err make_row(struct tx *tx, struct start *s, const struct pay_terms *m,
                         int64_t until_ms)
{
    int64_t id, now = tx->cx->now_ms, ask = now + START_LEASE_MS;
    const struct order_due *due = &s->due;
    enum err e = db_i64(
        tx->db, &SQL_start_fresh,
        ARGS(V(s->ask->idem), V(now), V(until_ms), V(ask), V(due->id), V(m->method->id)), &id);
    if (e == ERR_NOT_FOUND) {
        id = s->made.id;
        e = payment_start(tx, &s->made, due->id, m->method, due->total, due->currency, until_ms);
        if (!e)
            e = db_do(tx->db, &SQL_start_mark, ARGS(V(s->ask->idem), V(now), V(ask), V(id)), NULL);
    }
    return e ? e : payment_by_id(tx->db, tx->cx->arena, id, &s->p);
}

static enum err begin(struct tx *tx, struct start *s)
{
    struct stock_turn turn;
    struct pay_terms m = {.method = NULL};
    int64_t tries = 0;
    enum err e = check_order(tx->cx, &s->due);
    if (!e)
        e = find_terms(tx, s, &m);
    if (!e)
        e = db_i64(tx->db, &SQL_start_tries, ARGS(V(s->due.id)), &tries);
    if (!e && tries >= TILL_TRIES_MAX)
        e = problem(tx->cx, ERR_LIMIT, "it was tried %d times: ask the shop", TILL_TRIES_MAX);
    if (e)
        return e;
    assert(m.method);
    int64_t until = end_of(&s->due, m.minutes, tx->cx->now_ms);
    if (until < tx->cx->now_ms + LEFT_MIN_MS)
        return problem(tx->cx, ERR_TRANSITION, "the time to pay is over");
    turn_begin(&turn, tx, s->t->set.watch);
    e = order_wait_until(&turn, s->due.id, until);
    if (!e)
        e = make_row(tx, s, &m, until);
    return e ? e : turn_end(&turn);
}

static enum err start_job(struct tx *tx, void *arg)
{
    struct start *s = arg;
    enum err e = order_due_for(tx->db, tx->cx, s->who, s->ref, &s->due);
    s->again = false;
    if (e)
        return e;
    e = payment_by_idem(tx->db, tx->cx->arena, s->due.id, s->ask->idem, &s->p);
    s->again = !e;
    if (s->again && strcmp(s->p.method, s->ask->method) != 0)
        return problem(tx->cx, ERR_CONFLICT, "this Idempotency-Key began another payment");
    return e == ERR_NOT_FOUND ? begin(tx, s) : e;
}

static enum err undo_job(struct tx *tx, void *arg)
{
    const struct start *s = arg;
    return db_do(tx->db, &SQL_start_undo, ARGS(V(s->p.id)), NULL);
}

/* ---- the call ---- */

static const char *lang_of(const struct start *s)
{
    const struct market *m = market_find(s->due.market);
    return s->ask->lang ? s->ask->lang : s->who->lang ? s->who->lang : m ? m->lang : "en";
}

static enum err call(struct start *s, struct cx *cx, struct gateway *g, struct gateway_next *next,
                     struct gateway_news *news)
{
    const struct order_due *due = &s->due;
    struct urls *u = arena_new(cx->arena, struct urls);
    if (!u)
        return ERR_NO_MEMORY;
    make_urls(s->t, due, &s->p, u);
    const struct gateway_start ask = {.our_ref = s->p.our_ref,
                                      .method = s->p.method,
                                      .order_no = due->no,
                                      .shop_name = due->shop_name,
                                      .items = due->items,
                                      .item_count = due->item_count,
                                      .amount = s->p.amount,
                                      .currency = s->p.currency,
                                      .expires_ms = s->p.expires_ms,
                                      .lang = lang_of(s),
                                      .notify_url = u->notify,
                                      .info_url = u->info,
                                      .return_url = u->back_in,
                                      .code_url = u->code,
                                      .back_url = u->back,
                                      .token = s->ask->token,
                                      .phone = s->ask->phone && s->ask->phone[0] ? s->ask->phone
                                                                                 : due->phone,
                                      .platform = s->ask->platform ? s->ask->platform : "WEB"};
    return g->way->start(g, cx, &ask, next, news);
}

static enum err say_down(struct cx *cx)
{
    return problem(cx, ERR_PAY_DOWN,
                   "the payment service does not answer; nothing was charged, and "
                   "the order waits");
}

/* Nothing came of it there: the buyer is told so, and may try again with the same key. */
static enum err down(struct start *s, struct cx *cx, int64_t later_ms, int64_t *ret_later_ms)
{
    enum err e = store_do(s->t->set.store, cx, "till.undo", undo_job, s);
    *ret_later_ms = later_ms > cx->now_ms ? later_ms - cx->now_ms : DOWN_MS;
    return e ? e : say_down(cx);
}

/*
 * The answer was lost. It is asked for once at once; where there is no answer either, the round
 * goes on asking, and the same key says later what came of it. Where nothing is known there, it may
 * still be on its way: this try is over, is ended there when it does arrive, and is never sent
 * again.
 */
static enum err look(struct start *s, struct cx *cx, struct gateway *g, struct gateway_news *news)
{
    const struct gateway_payment gp = till_gateway_payment(&s->p);
    s->t->count.asked++;
    enum err e = g->way->ask(g, cx, &gp, news);
    s->t->count.ask_errors += e != ERR_OK;
    if (!e && news->says == SAYS_UNKNOWN)
        *news = (struct gateway_news){.says = SAYS_FAILED, .fail_code = "provider"};
    return e;
}

static enum err soon_job(struct tx *tx, void *arg)
{
    const struct start *s = arg;
    return db_do(tx->db, &SQL_start_soon, ARGS(V(tx->cx->now_ms + LOOK_MS), V(s->p.id)), NULL);
}

/* Nobody knows yet: that nothing was charged is not said here. */
static enum err look_soon(struct start *s, struct cx *cx, int64_t *ret_later_ms)
{
    enum err e = store_do(s->t->set.store, cx, "till.soon", soon_job, s);
    *ret_later_ms = 2 * LOOK_MS;
    return e ? e
             : problem(cx, ERR_PAY_DOWN,
                       "the payment service does not answer; whether this payment arrived there is "
                       "asked, so wait a moment and do not pay in another way");
}

static enum err refused(struct start *s, struct cx *cx, struct gateway_news *news)
{
    log_warn("a gateway refused a payment", LOG_S("payment", s->p.public_id),
             LOG_S("method", s->p.method), LOG_S("why", cx->problem));
    cx->problem[0] = '\0';
    *news = (struct gateway_news){.says = SAYS_FAILED, .fail_code = "provider"};
    return ERR_OK;
}

static enum err call_and_keep(struct start *s, struct cx *cx, struct gateway *g,
                              struct gateway_next *next, int64_t *ret_later_ms)
{
    struct gateway_news news = {.our_ref = NULL};
    struct till_done done;
    enum err e = call(s, cx, g, next, &news);
    bool lost = e == ERR_TIMEOUT || e == ERR_UPSTREAM;
    s->t->count.start_errors += e != ERR_OK;
    if (e == ERR_BUSY)
        return down(s, cx, gateway_later(g), ret_later_ms);
    if (lost && look(s, cx, g, &news))
        return look_soon(s, cx, ret_later_ms);
    if (lost)
        e = ERR_OK;
    else if (e == ERR_INPUT)
        e = refused(s, cx, &news);
    if (e)
        return e;
    news.our_ref = s->p.our_ref;
    e = till_apply_do(s->t, cx, s->p.id, &news, &done);
    s->t->count.started += !e;
    return !e && lost && news.says == SAYS_FAILED ? say_down(cx) : e;
}

/* A provider that hangs may keep some workers waiting, never all of them. */
static enum err call_if_free(struct start *s, struct cx *cx, struct gateway *g,
                             struct gateway_next *next, int64_t *ret_later_ms)
{
    bool waits = !g->way->start_is_local;
    bool full = waits && atomic_fetch_add(&s->t->calling, 1) >= CALLS_MAX;
    enum err e = full ? down(s, cx, 0, ret_later_ms) : call_and_keep(s, cx, g, next, ret_later_ms);
    if (waits)
        atomic_fetch_sub(&s->t->calling, 1);
    return e;
}

/* ---- the answer ---- */

static json_t *form_json(const struct gateway_next *next)
{
    json_t *fields = json_object();
    for (size_t i = 0; i < next->field_count; i++)
        (void)json_object_set_new(fields, next->fields[i].name, json_string(next->fields[i].value));
    return json_pack("{s:s,s:s,s:o}", "kind", "form", "action", next->url, "fields", fields);
}

/* Where it goes on: as the gateway said just now, or as the payment remembers. */
static json_t *next_json(const struct payment *p, const struct gateway_next *next)
{
    json_t *d = p->details ? json_loads(p->details, 0, NULL) : NULL, *out = NULL;
    const char *qr = json_string_value(json_object_get(d, "qr"));
    const char *url = json_string_value(json_object_get(d, "url"));
    bool open = p->state == PAYMENT_CREATED || p->state == PAYMENT_PENDING;
    if (open && next->what == DO_FORM)
        out = form_json(next);
    else if (open && next->what == DO_QR && next->url)
        out = json_pack("{s:s,s:s,s:I}", "kind", "qr", "image", next->url, "expires_at",
                        (json_int_t)p->expires_ms);
    else if (open && next->what == DO_REDIRECT)
        out = json_pack("{s:s,s:s}", "kind", "redirect", "url", next->url);
    else if (open && qr)
        out = json_pack("{s:s,s:s,s:I}", "kind", "qr", "image", qr, "expires_at",
                        (json_int_t)p->expires_ms);
    else if (open && url)
        out = json_pack("{s:s,s:s}", "kind", "redirect", "url", url);
    else if (open && (json_object_get(d, "account") || json_object_get(d, "code") ||
                      json_object_get(d, "barcodes")))
        out = json_pack("{s:s}", "kind", "code");
    else
        out = json_pack("{s:s}", "kind", "wait");
    json_decref(d);
    return out;
}

static enum err answer(struct start *s, struct cx *cx, const struct gateway_next *next,
                       json_t **ret_started)
{
    struct db *db = NULL;
    enum err e = store_read(s->t->set.store, &db);
    if (!e)
        e = payment_by_id(db, cx->arena, s->p.id, &s->p);
    if (!e)
        e = order_due_by_id(db, cx, s->due.id, &s->due);
    store_read_end(db);
    if (e)
        return e;
    const struct order_due *due = &s->due;
    bool waits = due->state == ORDER_AWAITING_PAYMENT;
    json_t *j = json_pack("{s:o,s:o,s:{s:s,s:s,s:o}}", "payment",
                          order_payment_json(&s->p, due->no), "next", next_json(&s->p, next),
                          "order", "no", due->no, "state", order_state_name(due->state),
                          "pay_until", waits ? json_integer(due->expires_ms) : json_null());
    if (!j)
        return ERR_NO_MEMORY;
    *ret_started = j;
    return ERR_OK;
}

/* The same key: a form makes no call and may be said again; the rest stands in the row. */
static enum err repeat(struct start *s, struct cx *cx, struct gateway *g, struct gateway_next *next)
{
    struct gateway_news news;
    bool open = s->p.state == PAYMENT_CREATED || s->p.state == PAYMENT_PENDING;
    if (!open || !g || !g->way->start_is_local || s->p.provider_ref)
        return ERR_OK;
    return call(s, cx, g, next, &news);
}

enum err till_start(struct till *t, struct cx *cx, const struct room_who *who,
                    const struct order_ref *ref, const struct till_ask *ask, json_t **ret_started,
                    bool *ret_again, int64_t *ret_later_ms)
{
    struct start s = {.t = t, .who = who, .ref = ref, .ask = ask};
    struct gateway_next next = {.what = DO_WAIT};
    *ret_later_ms = DOWN_MS;
    payment_make(&s.made);
    enum err e = store_do(t->set.store, cx, "till.start", start_job, &s);
    if (e)
        return e;
    struct gateway *g = till_gateway(t, s.due.shop_id, s.p.provider);
    if (s.again)
        e = repeat(&s, cx, g, &next);
    else if (!g)
        e = down(&s, cx, 0, ret_later_ms);
    else
        e = call_if_free(&s, cx, g, &next, ret_later_ms);
    if (!e)
        e = answer(&s, cx, &next, ret_started);
    till_gateway_end(t, g);
    if (!e)
        *ret_again = s.again;
    return e;
}
