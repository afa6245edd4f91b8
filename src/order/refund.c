/* How refunds end: at their gateway, or by the hand of a person. */
#include "base/arena.h"
#include "base/json.h"
#include "order/order_in.h"
#include "order/refund.sql.h"

#include <stdlib.h>

struct found {
    struct refund f;
    struct payment p; /* the one it pays back */
    struct order_row r;
    bool by_hand;    /* a person pays it back */
    bool was_orphan; /* no order could take it when it came */
    int64_t sent_ms;
};

static enum err find_payment(struct tx *tx, struct found *d)
{
    int64_t orphan;
    const char *state;
    struct payment *p = &d->p;
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_refund_payment, ARGS(V(d->f.payment_id)),
               COLS(C(&p->id), C(&p->order_id), C(&p->provider), C(&p->method), C(&p->amount),
                    C(&p->currency), C(&state), C(&p->refunded), C(&p->settled), C(&orphan)));
    d->was_orphan = !e && orphan > 0;
    return !e && payment_state_parse(state, &p->state) ? ERR_STORE : e;
}

static enum err find(const struct orders *o, struct tx *tx, int64_t id, struct found *ret)
{
    const char *state;
    int64_t order_id, manual;
    struct found d = {.f.id = id};
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_refund_by_id, ARGS(V(id)),
               COLS(C(&d.f.public_id), C(&order_id), C(&d.f.payment_id), C(&d.f.amount), C(&state),
                    C(&manual), C(&d.sent_ms), C(&d.f.reason), C(&d.f.note), C(&d.f.created_ms)));
    if (!e && refund_state_parse(state, &d.f.state))
        e = ERR_STORE;
    if (!e)
        e = order_by_id(tx->db, tx->cx, order_id, &d.r);
    if (!e)
        e = find_payment(tx, &d);
    if (e)
        return e;
    d.by_hand = manual || pay_refund_is_manual(o->pay, d.p.provider, d.p.method);
    *ret = d;
    return ERR_OK;
}

/*
 * What a payment is without a refund that failed: as it was. Money that no order could take, or
 * whose order does not stand any more, is nobody's: it stays in sight until it is paid back (I8).
 */
static enum payment_state without(const struct orders *o, const struct found *d)
{
    const struct pay_provider *by = pay_provider_find(o->pay, d->p.provider);
    bool stands = d->r.state == ORDER_CONFIRMED || d->r.state == ORDER_COMPLETED;
    if (!stands || d->was_orphan)
        return PAYMENT_ORPHANED;
    if (by && by->confirms_at_once)
        return d->p.settled ? PAYMENT_SETTLED : PAYMENT_COLLECTED;
    return d->p.refunded > d->f.amount ? PAYMENT_PART_REFUNDED : PAYMENT_PAID;
}

static enum err move(const struct orders *o, struct tx *tx, struct found *d, enum refund_state to,
                     const char *note, int64_t by_id)
{
    const struct refund_step step = {
        .to = to, .back = without(o, d), .manual = d->by_hand, .note = note, .by_id = by_id};
    enum err e = refund_move(tx, &d->f, &step);
    if (e || (to != REFUND_DONE && to != REFUND_FAILED))
        return e;
    e = order_step(tx, d->r.id, to == REFUND_DONE ? "refund_done" : "refund_failed", by_id);
    return e || to != REFUND_DONE
               ? e
               : order_mail_refunded(o, tx, d->r.id, d->f.id, d->f.amount, d->p.currency);
}

static enum err ended(struct tx *tx, const struct found *d, const char *provider_ref,
                      const char *why)
{
    return db_do(tx->db, &SQL_refund_ended,
                 ARGS(V(provider_ref), V(why), V(tx->cx->now_ms), V(d->f.id)), NULL);
}

/* ---- at the gateway ---- */

enum err order_refund_settle(struct orders *o, struct tx *tx, int64_t refund_id,
                             const struct refund_result *result)
{
    struct found d;
    enum err e = find(o, tx, refund_id, &d);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    if (d.f.state != REFUND_SENT)
        return problem(tx->cx, ERR_TRANSITION, "the refund is %s", refund_state_name(d.f.state));
    d.by_hand = false;
    e = move(o, tx, &d, result->to, NULL, 0);
    if (!e)
        e = ended(tx, &d, result->provider_ref, result->why);
    return e ? e : order_tell(o, tx, &d.r);
}

/* ---- by staff ---- */

struct set {
    struct orders *o;
    const struct room_who *who;
    const char *refund;
    const struct refund_set *ask;
    enum refund_state to;
    int64_t audit_id;
    struct refund_new anew; /* of which the reference is taken */
    int64_t order_id;       /* made */
};

static enum err audit(struct tx *tx, const struct set *s, const struct found *d)
{
    char *text = json_text_of(json_pack("{s:s,s:s?,s:o,s:s,s:b}", "state", refund_state_name(s->to),
                                        "reason", s->ask->note, "amount",
                                        order_money(d->f.amount, d->p.currency), "refund",
                                        d->f.public_id, "by_hand", d->by_hand));
    if (!text)
        return ERR_NO_MEMORY;
    const struct audit a = {.id = s->audit_id,
                            .actor_id = s->who->viewer_id,
                            .shop_id = d->r.shop_id,
                            .action = "refund.set",
                            .object = d->r.no,
                            .after = text,
                            .addr = s->who->addr};
    enum err e = audit_write(tx, &a);
    free(text);
    return e;
}

/* A gateway's refund is the runner's, unless nobody has known for long what became of it. */
static enum err check(struct tx *tx, const struct set *s, const struct found *d)
{
    bool again = d->f.state == REFUND_FAILED && s->to == REFUND_QUEUED;
    bool unclear = d->f.state == REFUND_SENT && s->to != REFUND_QUEUED &&
                   d->sent_ms + REFUND_UNCLEAR_MS <= tx->cx->now_ms;
    if (d->by_hand || again || unclear)
        return ERR_OK;
    return problem(tx->cx, ERR_TRANSITION, "the gateway pays it back by itself");
}

static enum err to_hand(struct tx *tx, const struct set *s, struct found *d)
{
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_refund_to_hand,
                       ARGS(V(s->ask->note), V(tx->cx->now_ms), V(d->f.id)), &changed);
    d->by_hand = true;
    return e || changed ? e : problem(tx->cx, ERR_TRANSITION, "it is on its way already");
}

static enum err set(struct tx *tx, const struct set *s, struct found *d)
{
    if (s->to == REFUND_QUEUED && d->f.state == REFUND_QUEUED && s->ask->by_hand)
        return to_hand(tx, s, d);
    enum err e = check(tx, s, d);
    if (!e)
        e = move(s->o, tx, d, s->to, s->ask->note, s->who->viewer_id);
    if (!e && d->by_hand)
        e = db_do(tx->db, &SQL_refund_is_by_hand, ARGS(V(d->f.id)), NULL);
    if (!e && s->to == REFUND_QUEUED) {
        d->by_hand = d->by_hand || s->ask->by_hand;
        e = db_do(tx->db, &SQL_refund_anew,
                  ARGS(V(d->by_hand), V((const char *)s->anew.our_ref), V(d->f.id)), NULL);
    } else if (!e && s->to != REFUND_SENT) {
        e = ended(tx, d, NULL, s->to == REFUND_FAILED ? "by_staff" : NULL);
    }
    return e;
}

static enum err set_job(struct tx *tx, void *arg)
{
    struct set *s = arg;
    struct found d;
    int64_t id = 0;
    enum err e = db_i64(tx->db, &SQL_refund_id, ARGS(V(s->refund)), &id);
    if (!e)
        e = find(s->o, tx, id, &d);
    if (e == ERR_NOT_FOUND || (!e && room_role(s->who, d.r.shop_id) == ROLE_NONE))
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such refund");
    if (!e && !account_may(room_role(s->who, d.r.shop_id), ACTION_ORDER_REFUND))
        return problem(tx->cx, ERR_FORBIDDEN, "your role may not do this");
    if (e)
        return e;
    s->order_id = d.r.id;
    e = set(tx, s, &d);
    if (!e)
        e = audit(tx, s, &d);
    return e ? e : order_tell(s->o, tx, &d.r);
}

enum err order_refund_set(struct orders *o, struct cx *cx, const struct room_who *who,
                          const char *refund, const struct refund_set *ask, json_t **ret_order)
{
    struct set s = {.o = o, .who = who, .refund = refund, .ask = ask, .audit_id = id_next()};
    refund_make(&s.anew);
    if (!ask->state || refund_state_parse(ask->state, &s.to))
        return problem(cx, ERR_INPUT, "'state' is not a state of a refund");
    enum err e = store_do(o->store, cx, "refund.set", set_job, &s);
    return e ? e : order_json_id(o, cx, s.order_id, true, ret_order);
}
