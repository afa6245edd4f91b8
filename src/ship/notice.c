/* What ECPay tells of a parcel: kept and acted on in one job, forward only. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "ship/ship.sql.h"
#include "ship/ship_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct told {
    struct ship *s;
    int64_t shop_id, inbox_id;
    const struct parcel_notice *n;
    const char *key, *body;
    bool keep_only; /* it could not be acted on */
    const char *why;
    int64_t at_ms;
};

struct found {
    int64_t id, parcel_id, order_id;
};

/* "2026/11/23 10:00:00" of Taipei; 0: no such time. */
static int64_t taipei_ms(const char *text)
{
    char iso[40];
    int64_t ms;
    if (strlen(text) != 19)
        return 0;
    (void)snprintf(iso, sizeof iso,
                   "%.4s-%.2s-%.2s"
                   "T%.8s+08:00",
                   text, text + 5, text + 8, text + 11);
    return clock_parse(iso, &ms) ? 0 : ms;
}

static enum err keep(struct tx *tx, const struct told *t, const char *state, const char *result,
                     bool *ret_new)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_notice_insert,
                       ARGS(V(t->inbox_id), V(t->shop_id), V(t->key), V(t->body), V(state),
                            V(result), V(tx->cx->now_ms)),
                       &changed);
    *ret_new = changed > 0;
    return e;
}

static struct val text_or_null(const char *s)
{
    return *s ? V(s) : VNULL;
}

static enum err write_code(struct tx *tx, const struct told *t, const struct found *f)
{
    char code[24];
    const struct parcel_notice *n = t->n;
    (void)snprintf(code, sizeof code, "%" PRId64, n->code);
    enum err e = db_do(tx->db, &SQL_notice_made, ARGS(V(n->provider_id), V(f->id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_notice_numbers,
                  ARGS(text_or_null(n->payment_no), text_or_null(n->validation_no), V(f->id)),
                  NULL);
    if (!e)
        e = db_do(tx->db, &SQL_notice_code,
                  ARGS(V((const char *)code), V(n->text), V(t->at_ms), V(tx->cx->now_ms), V(f->id)),
                  NULL);
    return e;
}

/* Before it was sent, its buyer can still choose another store. */
static enum err close_store(struct tx *tx, const struct told *t, const struct found *f)
{
    const char *state;
    int64_t changed = 0;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_notice_parcel_state, ARGS(V(f->parcel_id)),
                        COLS(C(&state)));
    if (e || (strcmp(state, "packing") != 0 && strcmp(state, "packed") != 0))
        return e;
    e = db_do(tx->db, &SQL_notice_closed, ARGS(V(t->n->text), V(tx->cx->now_ms), V(f->id)),
              &changed);
    return e || !changed ? e : order_note_step(t->s->set.orders, tx, f->order_id, "store_closed");
}

static enum err act(struct tx *tx, const struct told *t, const struct found *f)
{
    static const enum parcel_state to[] = {
        [WAY_NONE] = PARCEL_PACKED,       [WAY_SHIPPED] = PARCEL_SHIPPED,
        [WAY_AT_STORE] = PARCEL_AT_STORE, [WAY_COLLECTED] = PARCEL_COLLECTED,
        [WAY_RETURNED] = PARCEL_RETURNED, [WAY_CLOSED] = PARCEL_PACKED};
    enum ecpay_way way = ecpay_way_of(t->n->code);
    const char *number = *t->n->payment_no ? t->n->payment_no : t->n->provider_id;
    enum err e = write_code(tx, t, f);
    if (!e && way == WAY_CLOSED)
        return close_store(tx, t, f);
    return e ? e : parcel_go(t->s->set.orders, tx, f->parcel_id, to[way], number);
}

static enum err told_job(struct tx *tx, void *arg)
{
    const struct told *t = arg;
    struct found f;
    bool is_new = false;
    if (t->keep_only)
        return keep(tx, t, "failed", t->why, &is_new);
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_notice_shipment,
                        ARGS(V(t->shop_id), V(t->n->provider_id), V(t->n->trade_no)),
                        COLS(C(&f.id), C(&f.parcel_id), C(&f.order_id)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    bool ours = !e; /* one that a newer order has replaced is found no more */
    e = keep(tx, t, ours ? "done" : "ignored", ours ? NULL : "no parcel of ours", &is_new);
    return e || !is_new || !ours ? e : act(tx, t, &f);
}

enum err ship_notice(struct ship *s, struct cx *cx, int64_t shop_id, const struct parcel_notice *n)
{
    struct told t = {
        .s = s, .shop_id = shop_id, .inbox_id = id_next(), .n = n, .at_ms = taipei_ms(n->at)};
    t.key = arena_fmt(cx->arena, "%s:%" PRId64 ":%s", n->provider_id, n->code, n->at);
    t.body =
        arena_fmt(cx->arena,
                  "AllPayLogisticsID=%s MerchantTradeNo=%s RtnCode=%" PRId64 " UpdateStatusDate=%s",
                  n->provider_id, n->trade_no, n->code, n->at);
    if (!t.key || !t.body)
        return ERR_NO_MEMORY;
    enum err e = store_do(s->set.store, cx, "ship.notice", told_job, &t);
    if (e != ERR_TRANSITION && e != ERR_CONFLICT && e != ERR_NOT_FOUND)
        return e;
    /* The parcel or its money is elsewhere by hand: staff see the notice, ECPay need not repeat. */
    log_warn("a notice of a parcel could not be acted on", LOG_S("req", cx->id),
             LOG_S("parcel", n->provider_id), LOG_I("code", n->code), LOG_S("why", cx->problem));
    t.keep_only = true;
    t.why = arena_dup(cx->arena, cx->problem, strlen(cx->problem));
    cx->problem[0] = '\0';
    return store_do(s->set.store, cx, "ship.notice", told_job, &t);
}
