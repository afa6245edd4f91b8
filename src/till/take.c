/* What a provider says is acted on: one function, one job, whatever came first. */
#include "base/arena.h"
#include "base/json.h"
#include "till/take.sql.h"
#include "till/till_in.h"

#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 8000, KEY_MAX = 200 };

/* ---- what is known of it ---- */

/* Members of the news beside those that were known. NULL: nothing new, or it does not fit. */
static enum err merge(struct cx *cx, const char *known, const char *news, const char **ret_text)
{
    *ret_text = NULL;
    json_t *add = news ? json_loads(news, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_t *all = known ? json_loads(known, 0, NULL) : NULL;
    if (!json_is_object(add)) {
        json_decref(add);
        json_decref(all);
        return ERR_OK;
    }
    if (!json_is_object(all)) {
        json_decref(all);
        all = json_object();
    }
    (void)json_object_update(all, add);
    json_decref(add);
    char *text = json_text_of(all);
    size_t len = text ? strlen(text) : 0;
    if (text && len <= GATEWAY_DETAILS_MAX)
        *ret_text = arena_dup(cx->arena, text, len);
    bool lost = !text || (len <= GATEWAY_DETAILS_MAX && !*ret_text);
    free(text);
    return lost ? ERR_NO_MEMORY : ERR_OK;
}

static enum err note_facts(struct tx *tx, const struct payment *p, const struct gateway_news *n)
{
    const char *details = NULL;
    enum err e = merge(tx->cx, p->details, n->details, &details);
    if (e || (!details && !n->provider_ref))
        return e;
    return db_do(tx->db, &SQL_take_facts,
                 ARGS(V(n->provider_ref), V(details), V(tx->cx->now_ms), V(p->id)), NULL);
}

static bool is_open(const struct payment *p)
{
    return p->state == PAYMENT_CREATED || p->state == PAYMENT_PENDING;
}

/* ---- each thing that may be said ---- */

static enum err say_waits(struct tx *tx, struct payment *p, struct till_done *d)
{
    d->result = "waits";
    if (p->state != PAYMENT_CREATED)
        d->ignored = true;
    return p->state == PAYMENT_CREATED ? payment_move(tx, p, PAYMENT_PENDING) : ERR_OK;
}

static enum err say_over(struct tx *tx, struct payment *p, const struct gateway_news *n,
                         struct till_done *d)
{
    bool failed = n->says == SAYS_FAILED;
    if (!is_open(p)) {
        d->result = "over before";
        d->ignored = true;
        return ERR_OK;
    }
    d->result = failed ? "failed" : "expired";
    d->failed = true;
    const char *why = failed ? pay_fail_known(n->fail_code) ? n->fail_code : "declined" : "timeout";
    enum err e = payment_move(tx, p, failed ? PAYMENT_FAILED : PAYMENT_EXPIRED);
    return e ? e : db_do(tx->db, &SQL_take_failed, ARGS(V(why), V(p->id)), NULL);
}

static bool has_money(const struct payment *p)
{
    return payment_counts(p->state) || p->state == PAYMENT_REFUNDED || p->state == PAYMENT_ORPHANED;
}

static enum err say_paid(const struct orders *o, struct stock_turn *turn, struct payment *p,
                         const struct gateway_news *n, struct till_done *d)
{
    struct tx *tx = turn->tx;
    if (has_money(p)) {
        d->result = "told before";
        d->ignored = true;
        return ERR_OK;
    }
    if (n->amount < 1)
        return problem(tx->cx, ERR_INPUT, "paid, but not how much");
    if (!n->currency)
        return problem(tx->cx, ERR_UPSTREAM, "paid, but not in which money");
    int64_t at = n->paid_ms ? n->paid_ms : tx->cx->now_ms;
    enum err e = db_do(tx->db, &SQL_take_paid_at, ARGS(V(at), V(p->id)), NULL);
    if (!e)
        e = order_paid(o, turn, p->id, n->amount, n->currency);
    if (!e)
        e = payment_by_id(tx->db, tx->cx->arena, p->id, p);
    if (!e)
        e = db_do(tx->db, &SQL_take_others_end, ARGS(V(tx->cx->now_ms), V(p->order_id), V(p->id)),
                  NULL);
    d->orphaned = p->state == PAYMENT_ORPHANED;
    d->paid = payment_counts(p->state);
    d->result = d->orphaned ? "orphaned" : "paid";
    return e;
}

/* Test notices move nothing: they are marked, and that is all (no revenue, no parcel). */
static enum err say_simulated(struct tx *tx, const struct payment *p, struct till_done *d)
{
    d->result = "simulated";
    d->simulated = d->ignored = true;
    return db_do(tx->db, &SQL_take_simulated, ARGS(V(tx->cx->now_ms), V(p->id)), NULL);
}

/*
 * ECPay's answers do not say whether money moved: what is known to be simulated counts by a notice
 * of real money alone, never because it was asked about. What is simulated is what was asked for:
 * other money is real.
 */
static bool is_simulated(const struct payment *p, enum till_heard how, const struct gateway_news *n)
{
    return n->simulated || (p->simulated && how == HEARD_ANSWER && n->amount == p->amount &&
                            n->currency && strcmp(n->currency, p->currency) == 0);
}

static enum err say(const struct orders *o, struct stock_turn *turn, struct payment *p,
                    enum till_heard how, const struct gateway_news *n, struct till_done *d)
{
    switch (n->says) {
    case SAYS_PENDING:
    case SAYS_CODE: return say_waits(turn->tx, p, d);
    case SAYS_FAILED:
    case SAYS_EXPIRED: return say_over(turn->tx, p, n, d);
    case SAYS_PAID:
        return is_simulated(p, how, n) ? say_simulated(turn->tx, p, d) : say_paid(o, turn, p, n, d);
    case SAYS_UNKNOWN: break;
    }
    d->result = "unknown there";
    d->ignored = true;
    return ERR_OK;
}

/* When it is to be asked about next, as it is by now. */
static enum err set_next_ask(struct tx *tx, int64_t payment_id, enum till_heard how)
{
    struct payment p;
    int64_t returned = 0;
    enum err e = payment_by_id(tx->db, tx->cx->arena, payment_id, &p);
    if (!e)
        e = db_i64(tx->db, &SQL_take_returned, ARGS(V(payment_id)), &returned);
    if (e || !p.next_ask_ms)
        return e;
    int64_t next = till_next_ask(&p, returned, tx->cx->now_ms);
    if (next && how == HEARD_NOTICE && p.next_ask_ms < next)
        return ERR_OK;
    return db_do(tx->db, &SQL_take_next_ask, ARGS(next ? V(next) : VNULL, V(payment_id)), NULL);
}

enum err till_apply(struct till *t, struct tx *tx, int64_t payment_id, enum till_heard how,
                    const struct gateway_news *news, struct till_done *ret_done)
{
    struct payment p;
    struct stock_turn turn;
    struct till_done d = {.result = ""};
    enum err e = payment_by_id(tx->db, tx->cx->arena, payment_id, &p);
    if (e)
        return e;
    turn_begin(&turn, tx, t->set.watch);
    e = note_facts(tx, &p, news);
    if (!e)
        e = say(t->orders, &turn, &p, how, news, &d);
    if (!e)
        e = set_next_ask(tx, p.id, how);
    if (!e)
        e = turn_end(&turn);
    if (!e && !d.ignored)
        e = order_tell_payment(t->orders, tx, p.id, d.failed ? "pay_failed" : NULL);
    if (!e)
        *ret_done = d;
    return e;
}

/* ---- as jobs ---- */

void till_count(struct till *t, const char *payment, const struct till_done *d)
{
    t->count.paid += d->paid;
    t->count.failed += d->failed;
    t->count.orphaned += d->orphaned;
    t->count.simulated += d->simulated;
    t->count.unknown += d->unknown;
    if (d->orphaned)
        log_error("money that no order can take", LOG_S("payment", payment));
    if (d->doubted)
        log_error("a notice names other money than ours: its provider is asked",
                  LOG_S("payment", payment));
}

struct apply {
    struct till *t;
    int64_t payment_id;
    const struct gateway_news *news;
    struct till_done done;
};

static enum err apply_job(struct tx *tx, void *arg)
{
    struct apply *a = arg;
    return till_apply(a->t, tx, a->payment_id, HEARD_ANSWER, a->news, &a->done);
}

enum err till_apply_do(struct till *t, struct cx *cx, int64_t payment_id,
                       const struct gateway_news *news, struct till_done *ret_done)
{
    struct apply a = {.t = t, .payment_id = payment_id, .news = news};
    enum err e = store_do(t->set.store, cx, "till.apply", apply_job, &a);
    if (e)
        return e;
    till_count(t, news->our_ref, &a.done);
    if (a.done.simulated)
        log_warn("a provider calls paid what it had told as a simulation: look in its back office",
                 LOG_S("payment", news->our_ref));
    *ret_done = a.done;
    return ERR_OK;
}

/* ---- messages ---- */

struct take {
    struct till *t;
    const struct till_message *m;
    int64_t inbox_id;
    /* made by the job */
    bool again;
    struct till_done done;
};

/* Whose it is: ours, of this shop, and with this provider. ERR_NOT_FOUND */
static enum err find_payment(struct tx *tx, const struct till_message *m, struct payment *p)
{
    int64_t shop_id;
    if (!m->news->our_ref)
        return ERR_NOT_FOUND;
    enum err e = payment_by_our_ref(tx->db, tx->cx->arena, m->news->our_ref, p);
    if (!e)
        e = db_i64(tx->db, &SQL_take_shop, ARGS(V(p->id)), &shop_id);
    if (!e && (shop_id != m->shop_id || strcmp(p->provider, m->provider) != 0))
        e = ERR_NOT_FOUND;
    return e;
}

static enum err insert(struct tx *tx, struct take *k, int64_t payment_id)
{
    const struct till_message *m = k->m;
    const struct till_done *d = &k->done;
    int64_t changed = 0, now = tx->cx->now_ms;
    bool later = !m->news && m->provider_ref && m->provider_ref[0];
    enum err e =
        db_do(tx->db, &SQL_inbox_insert,
              ARGS(V(k->inbox_id), V(m->shop_id), V(m->provider), V(m->event_key), V(m->kind),
                   V(m->body), V(m->provider_ref), payment_id ? V(payment_id) : VNULL,
                   V(later        ? "new"
                     : d->ignored ? "ignored"
                                  : "done"),
                   later ? V(now) : VNULL, V(d->result), V(now), later ? VNULL : V(now)),
              &changed);
    k->again = !e && !changed;
    return e;
}

/*
 * A notice of other money than ours may be somebody's who has the key. It is not acted on: what the
 * provider itself says when asked is, and that may be that other money has come (I10).
 */
static bool doubtful(const struct payment *p, const struct gateway_news *n)
{
    return n->says == SAYS_PAID && !n->simulated && n->amount > 0 && !has_money(p) &&
           (n->amount != p->amount || (n->currency && strcmp(n->currency, p->currency) != 0));
}

static enum err doubt(struct tx *tx, struct take *k, const struct payment *p)
{
    k->done = (struct till_done){.result = "other money: asked", .ignored = true, .doubted = true};
    enum err e = insert(tx, k, p->id);
    return e || k->again
               ? e
               : db_do(tx->db, &SQL_take_next_ask, ARGS(V(tx->cx->now_ms), V(p->id)), NULL);
}

/*
 * The row is written before anything is done: a message that was taken before is left at once. Its
 * result is known by then, since what it will do depends on the payment alone.
 */
static enum err take_job(struct tx *tx, void *arg)
{
    struct take *k = arg;
    struct payment p;
    k->done = (struct till_done){.result = NULL, .ignored = true};
    k->again = false;
    enum err e = k->m->news ? find_payment(tx, k->m, &p) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND) {
        k->done.unknown = k->m->news != NULL;
        k->done.result = k->done.unknown ? "no such payment" : NULL;
        return insert(tx, k, 0);
    }
    if (e)
        return e;
    if (doubtful(&p, k->m->news))
        return doubt(tx, k, &p);
    k->done.result = k->m->news->simulated ? "simulated" : gateway_says_name(k->m->news->says);
    k->done.ignored = k->m->news->simulated;
    e = insert(tx, k, p.id);
    return e || k->again ? e : till_apply(k->t, tx, p.id, HEARD_NOTICE, k->m->news, &k->done);
}

enum err till_take(struct till *t, struct cx *cx, const struct till_message *m)
{
    struct take k = {.t = t, .m = m, .inbox_id = id_next()};
    if (strlen(m->event_key) > KEY_MAX || strlen(m->body) > BODY_MAX)
        return problem(cx, ERR_INPUT, "the message is too long");
    enum err e = store_do(t->set.store, cx, "till.take", take_job, &k);
    if (e)
        return e;
    t->count.taken++;
    t->count.repeated += k.again;
    if (k.again || !m->news)
        return ERR_OK;
    if (k.done.unknown && m->news->says == SAYS_PAID)
        log_error("money for a payment that is not ours", LOG_S("provider", m->provider),
                  LOG_S("ref", m->news->our_ref));
    till_count(t, m->news->our_ref, &k.done);
    return ERR_OK;
}
