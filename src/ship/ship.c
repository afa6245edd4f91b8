/* The room, a shop's account, and the runner: one call to ECPay for each parcel. */
#include "base/arena.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/log.h"
#include "base/text.h"
#include "ship/pick.sql.h"
#include "ship/ship.sql.h"
#include "ship/ship_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUN_ARENA = 1024 * 1024,
    URL_MAX = 300,
    SWEEP_AFTER_MS = 24 * 60 * 60 * 1000,
    SWEEP_EVERY_MS = 60 * 1000
};

const struct ship_way ship_ecpay = {.create = ecpay_ship_create, .ask = ecpay_ship_ask};

enum err ship_make(const struct ship_setup *setup, struct ship **ret_ship)
{
    struct ship *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NO_MEMORY;
    s->set = *setup;
    if (!s->set.way)
        s->set.way = &ship_ecpay;
    *ret_ship = s;
    return ERR_OK;
}

void ship_free(struct ship *s)
{
    free(s);
}

enum err ship_account_read(struct ship *s, struct db *db, struct cx *cx, int64_t shop_id,
                           struct ship_account *ret)
{
    struct ship_account a = {.c2c = false};
    const char *kind, *own;
    enum err e = db_row(db, cx->arena, &SQL_ship_sender, ARGS(V(shop_id)),
                        COLS(C(&kind), C(&a.sender), C(&a.phone), C(&own)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    a.c2c = strcmp(kind, "c2c") == 0;
    *ret = a;
    e = pay_account_read(s->set.accounts, db, cx, shop_id, ACCOUNT_ECPAY_LOGISTICS, &ret->keys);
    ret->service =
        (struct ecpay_service){.keys = {.merchant_id = ret->keys.name,
                                        .hash_key = ret->keys.key,
                                        .hash_iv = ret->keys.more},
                               .base_url = s->set.accounts->base_url[ACCOUNT_ECPAY_LOGISTICS]};
    return e;
}

json_t *ship_page_json(const struct ecpay_page *p)
{
    json_t *fields = json_object();
    for (size_t i = 0; i < p->count; i++)
        (void)json_object_set_new(fields, p->fields[i].name, json_string(p->fields[i].value));
    return json_pack("{s:s,s:o}", "action", p->action, "fields", fields);
}

enum err shipment_read(struct db *db, struct cx *cx, int64_t id, struct shipment *ret)
{
    return db_row(db, cx->arena, &SQL_ship_read, ARGS(V(id)),
                  COLS(C(&ret->id), C(&ret->parcel_id), C(&ret->order_id), C(&ret->shop_id),
                       C(&ret->amount), C(&ret->tries), C(&ret->state), C(&ret->trade_no),
                       C(&ret->sub_type), C(&ret->provider_id), C(&ret->payment_no),
                       C(&ret->validation_no), C(&ret->collect)));
}

/* ---- one shipment ---- */

struct run {
    struct ship *s;
    struct shipment row;
    struct ship_account account;
    struct ecpay_ship ask;
    char goods[ECPAY_GOODS], receiver[ECPAY_NAME], sender[ECPAY_NAME], notify[URL_MAX];
    int64_t lease_until, early_ms;
    bool taken, unclear;
    const char *parcel_state; /* as it was read: one that is void is not sent any more */
    const char *cannot;       /* why it cannot be made as it is; NULL: it can */
    bool no_account;
    /* said */
    enum err said;
    struct ecpay_shipped made;
    const char *why;
};

static const char *member(struct cx *cx, const json_t *o, const char *name)
{
    const char *t = json_string_value(json_object_get(o, name));
    return arena_dup(cx->arena, t ? t : "", t ? strlen(t) : 0);
}

/* As the people of a Taiwanese parcel counter read it best. */
static const char *title_of(json_t *title)
{
    const char *t = NULL;
    for (int i = 0; !t && i < LANG_COUNT; i++)
        t = json_string_value(json_object_get(title, lang_name(lang_order(LANG_ZH, i))));
    return t ? t : "";
}

static enum err read_goods(struct run *n, struct db *db, struct cx *cx)
{
    const char *title;
    int64_t kinds;
    enum err e = db_row(db, cx->arena, &SQL_ship_goods, ARGS(V(n->row.parcel_id)),
                        COLS(C(&title), C(&kinds)));
    if (e)
        return e;
    json_t *o = json_loads(title, 0, NULL);
    ecpay_goods(title_of(o), n->goods);
    json_decref(o);
    n->ask.goods = n->goods;
    return ERR_OK;
}

/* To whom and where, as the order says now. */
static enum err read_receiver(struct run *n, struct db *db, struct cx *cx)
{
    const char *address, *no;
    enum err e =
        db_row(db, cx->arena, &SQL_ship_order, ARGS(V(n->row.order_id)), COLS(C(&address), C(&no)));
    if (e)
        return e;
    json_t *to = json_loads(address, 0, NULL);
    const char *name = member(cx, to, "name");
    n->ask.receiver_phone = member(cx, to, "phone");
    n->ask.store_id = member(cx, to, "store_id");
    json_decref(to);
    if (!name || !n->ask.receiver_phone || !n->ask.store_id)
        return ERR_NO_MEMORY;
    n->ask.receiver = n->receiver;
    return ecpay_person(name, n->receiver)
               ? problem(cx, ERR_INPUT, "the receiver's name cannot be sent")
               : ERR_OK;
}

static enum err read_run(struct run *n, struct db *db, struct cx *cx, int64_t id)
{
    const char *slug = "";
    enum err e = shipment_read(db, cx, id, &n->row);
    if (!e)
        e = db_row(db, cx->arena, &SQL_pick_shop_slug, ARGS(V(n->row.shop_id)), COLS(C(&slug)));
    if (!e)
        e = ship_account_read(n->s, db, cx, n->row.shop_id, &n->account);
    n->no_account = e == ERR_NOT_FOUND && n->row.id;
    if (e && !n->no_account)
        return e;
    e = db_row(db, cx->arena, &SQL_notice_parcel_state, ARGS(V(n->row.parcel_id)),
               COLS(C(&n->parcel_state)));
    if (e)
        return e;
    (void)snprintf(n->notify, sizeof n->notify, "%s/api/v1/webhooks/ecpay/logistics/%s",
                   n->s->set.public_url, slug);
    n->ask.trade_no = n->row.trade_no;
    n->ask.sub_type = n->row.sub_type;
    n->ask.amount = n->row.amount;
    n->ask.collect = n->row.collect;
    n->ask.notify_url = n->notify;
    n->ask.sender = n->sender;
    n->ask.sender_phone = n->account.phone ? n->account.phone : "";
    if (ecpay_person(n->account.sender, n->sender))
        return problem(cx, ERR_INPUT, "the sender's name cannot be sent");
    e = read_goods(n, db, cx);
    return e ? e : read_receiver(n, db, cx);
}

static enum err take_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_ship_take,
                       ARGS(V(n->lease_until), V(tx->cx->now_ms), V(n->row.id), V(n->row.state),
                            V(tx->cx->now_ms + n->early_ms)),
                       &changed);
    n->taken = changed > 0;
    return e;
}

static enum err ask(struct run *n, struct cx *cx)
{
    const struct ship_way *way = n->s->set.way;
    if (n->no_account)
        return problem(cx, n->unclear ? ERR_BUSY : ERR_INPUT, "the shop has no logistics account");
    const struct ecpay_service *service = &n->account.service;
    enum err e = n->unclear ? way->ask(cx, service, n->row.trade_no, &n->made) : ERR_NOT_FOUND;
    if (e != ERR_NOT_FOUND)
        return e;
    bool again = n->unclear;
    n->unclear = false;
    cx->problem[0] = '\0';
    if (n->cannot)
        return problem(cx, ERR_INPUT, "%s", n->cannot);
    if (strcmp(n->parcel_state, "packing") != 0 && strcmp(n->parcel_state, "packed") != 0)
        return problem(cx, ERR_INPUT, "the parcel is %s", n->parcel_state);
    e = way->create(cx, service, &n->ask, &n->made);
    if (e == ERR_INPUT && again) /* perhaps for being there, by a call that arrived late */
        e = way->ask(cx, service, n->row.trade_no, &n->made) ? ERR_INPUT : ERR_OK;
    n->unclear = e && e != ERR_BUSY && e != ERR_INPUT && e != ERR_CLOSED;
    return e;
}

static int64_t again_ms(const struct run *n, int64_t now_ms)
{
    int64_t wait_s = SHIP_WAIT_S;
    for (int64_t i = 0; i < n->row.tries && wait_s < SHIP_WAIT_MAX_S; i++)
        wait_s *= 2;
    return now_ms + (wait_s < SHIP_WAIT_MAX_S ? wait_s : SHIP_WAIT_MAX_S) * 1000;
}

static struct val text_or_null(const char *s)
{
    return *s ? V(s) : VNULL;
}

/* What the buyer follows it by. */
static enum err made(struct run *n, struct tx *tx)
{
    int64_t changed = 0;
    const struct ecpay_shipped *m = &n->made;
    enum err e =
        db_do(tx->db, &SQL_ship_made,
              ARGS(V(m->provider_id), text_or_null(m->payment_no), text_or_null(m->validation_no),
                   V(tx->cx->now_ms), V(n->row.id), V(n->row.trade_no)),
              &changed);
    if (e || !changed)
        return e;
    return parcel_go(n->s->set.orders, tx, n->row.parcel_id, PARCEL_PACKED,
                     *m->payment_no ? m->payment_no : m->provider_id);
}

static enum err refused(struct run *n, struct tx *tx)
{
    int64_t changed = 0;
    bool closed = n->said == ERR_CLOSED;
    enum err e = db_do(tx->db, &SQL_ship_refused,
                       ARGS(V(closed ? "closed" : "refused"), V(n->why), V(tx->cx->now_ms),
                            V(n->row.id), V(n->lease_until)),
                       &changed);
    if (e || !changed || !closed)
        return e;
    return order_note_step(n->s->set.orders, tx, n->row.order_id, "store_closed");
}

static enum err said_job(struct tx *tx, void *arg)
{
    struct run *n = arg;
    if (!n->said)
        return made(n, tx);
    if (n->said == ERR_INPUT || n->said == ERR_CLOSED)
        return refused(n, tx);
    return db_do(tx->db, &SQL_ship_later,
                 ARGS(V(n->unclear ? "sent" : "queued"), V(again_ms(n, tx->cx->now_ms)), V(n->why),
                      V(tx->cx->now_ms), V(n->row.id), V(n->lease_until)),
                 NULL);
}

/* No reader and no job is held while ECPay is called. */
static enum err run(struct run *n, struct cx *cx)
{
    struct store *store = n->s->set.store;
    n->unclear = strcmp(n->row.state, "sent") == 0;
    n->lease_until = cx->now_ms + SHIP_LEASE_S * INT64_C(1000);
    enum err took = store_do(store, cx, "ship.take", take_job, n);
    if (took || !n->taken)
        return took;
    cx->problem[0] = '\0';
    n->said = ask(n, cx);
    n->why = n->said ? arena_dup(cx->arena, cx->problem, strlen(cx->problem)) : NULL;
    return store_do(store, cx, "ship.said", said_job, n);
}

enum err shipment_run(struct ship *s, struct cx *cx, int64_t id, int64_t early_ms,
                      enum err *ret_said)
{
    struct run n = {.s = s, .row = {.state = ""}, .early_ms = early_ms, .said = ERR_BUSY};
    struct db *db = NULL;
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = read_run(&n, db, cx, id);
    store_read_end(db);
    if (e == ERR_INPUT)
        n.cannot = arena_dup(cx->arena, cx->problem, strlen(cx->problem));
    if (!e || n.cannot)
        e = run(&n, cx);
    crypto_wipe(&n.account, sizeof n.account);
    if (!e && n.taken && n.said)
        log_warn("pick-up order was not made", LOG_I("shipment", id), LOG_S("err", err_api(n.said)),
                 LOG_I("tries", n.row.tries));
    if (!e && n.why)
        (void)text_copy(cx->problem, sizeof cx->problem, n.why);
    if (!e)
        *ret_said = n.said;
    return e;
}

/* ---- the tick ---- */

static enum err sweep_job(struct tx *tx, void *arg)
{
    const int64_t *before_ms = arg;
    return db_do(tx->db, &SQL_pick_sweep, ARGS(V(*before_ms)), NULL);
}

static enum err read_due(struct ship *s, int64_t now_ms, int64_t ids[SHIP_BATCH], size_t *ret_count)
{
    struct db *db = NULL;
    size_t n = 0;
    enum err e = store_read(s->set.store, &db);
    if (e)
        return e;
    struct rows r = db_rows(db, &SQL_ship_due, ARGS(V(now_ms)));
    while (n < SHIP_BATCH && rows_next(&r, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&r);
    store_read_end(db);
    *ret_count = n;
    return e;
}

/* False: ECPay does not answer. */
static bool run_due(struct ship *s, int64_t now_ms, int64_t id)
{
    struct cx cx = {.arena = arena_make(RUN_ARENA), .now_ms = now_ms};
    enum err said = ERR_OK, e = cx.arena ? shipment_run(s, &cx, id, 0, &said) : ERR_NO_MEMORY;
    if (e)
        log_warn("shipment's step failed", LOG_I("shipment", id), LOG_S("err", err_api(e)));
    arena_free(cx.arena);
    return !said || said == ERR_INPUT || said == ERR_CLOSED;
}

void ship_tick(struct ship *s, int64_t now_ms)
{
    int64_t ids[SHIP_BATCH], before_ms = now_ms - SWEEP_AFTER_MS;
    size_t n = 0;
    enum err e = read_due(s, now_ms, ids, &n);
    for (size_t i = 0; !e && i < n && run_due(s, now_ms, ids[i]); i++)
        ;
    if (!e && now_ms >= s->sweep_ms) {
        s->sweep_ms = now_ms + SWEEP_EVERY_MS;
        struct cx cx = {.arena = NULL, .now_ms = now_ms};
        e = store_do(s->set.store, &cx, "cvs.sweep", sweep_job, &before_ms);
    }
    if (e)
        log_warn("shipments' tick failed", LOG_S("err", err_api(e)));
}
