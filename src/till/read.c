/* Payments read again: by their buyers, by browsers that come back, by staff. */
#include "base/arena.h"
#include "till/ask.sql.h"
#include "till/start.sql.h"
#include "till/till_in.h"

#include <stdio.h>
#include <string.h>

enum { RETURN_AGAIN_MS = 10 * 1000 };

static enum err no_payment(struct cx *cx)
{
    return problem(cx, ERR_NOT_FOUND, "there is no such payment");
}

static json_t *payment_json(const struct payment *p, const struct order_due *due)
{
    json_t *j = order_payment_json(p, due->no);
    if (j)
        (void)json_object_set_new(j, "order_state", json_string(order_state_name(due->state)));
    return j;
}

enum err till_read(struct till *t, struct cx *cx, const struct room_who *who, const char *payment,
                   const char *secret, json_t **ret_payment)
{
    struct db *db = NULL;
    struct payment p;
    struct order_due due, mine;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = payment_by_public_id(db, cx->arena, payment, &p);
    if (!e)
        e = order_due_by_id(db, cx, p.order_id, &due);
    if (!e)
        e = order_due_for(db, cx, who, &(struct order_ref){.no = due.public_id, .secret = secret},
                          &mine);
    store_read_end(db);
    if (e)
        return e == ERR_NOT_FOUND ? no_payment(cx) : e;
    json_t *j = payment_json(&p, &due);
    if (!j)
        return ERR_NO_MEMORY;
    *ret_payment = j;
    return ERR_OK;
}

typedef enum err payment_by(struct db *db, struct arena *arena, const char *name,
                            struct payment *ret_payment);

/* A payment by one of its names, and its order. */
static enum err find(struct till *t, struct cx *cx, payment_by *by, const char *name,
                     struct payment *ret_payment, struct order_due *ret_due)
{
    struct db *db = NULL;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = by(db, cx->arena, name, ret_payment);
    if (!e)
        e = order_due_by_id(db, cx, ret_payment->order_id, ret_due);
    store_read_end(db);
    return e;
}

/* ---- browsers that come back ---- */

struct returned {
    int64_t payment_id;
};

static enum err returned_job(struct tx *tx, void *arg)
{
    const struct returned *r = arg;
    return db_do(tx->db, &SQL_start_returned,
                 ARGS(V(tx->cx->now_ms), V(r->payment_id), V(tx->cx->now_ms - RETURN_AGAIN_MS)),
                 NULL);
}

static enum err come_back(struct till *t, struct cx *cx, const struct payment *p,
                          const struct order_due *due, char ret_url[TILL_URL_MAX])
{
    char link[ORDER_LINK_SIZE];
    struct returned r = {p->id};
    bool open = p->state == PAYMENT_CREATED || p->state == PAYMENT_PENDING;
    enum err e = open ? store_do(t->set.store, cx, "till.returned", returned_job, &r) : ERR_OK;
    if (e) /* the buyer goes on all the same */
        log_warn("a return was not noted", LOG_S("err", err_api(e)));
    order_link(t->orders, due->public_id, due->no, link);
    (void)snprintf(ret_url, TILL_URL_MAX, "%s%s&paid=%s", t->set.public_url, link, p->public_id);
    return ERR_OK;
}

enum err till_returned(struct till *t, struct cx *cx, const char *payment, const char *token,
                       char ret_url[TILL_URL_MAX])
{
    char right[TILL_TOKEN_SIZE];
    struct payment p;
    struct order_due due;
    if (!id_ok(payment, "pay"))
        return no_payment(cx);
    till_token(t, payment, right);
    if (!crypto_same(right, strlen(right), token, strlen(token)))
        return no_payment(cx);
    enum err e = find(t, cx, payment_by_public_id, payment, &p, &due);
    return e ? e : come_back(t, cx, &p, &due, ret_url);
}

enum err till_returned_ref(struct till *t, struct cx *cx, int64_t shop_id, const char *our_ref,
                           char ret_url[TILL_URL_MAX])
{
    struct payment p;
    struct order_due due;
    enum err e = find(t, cx, payment_by_our_ref, our_ref, &p, &due);
    if (!e && due.shop_id != shop_id)
        e = no_payment(cx);
    return e ? e : come_back(t, cx, &p, &due, ret_url);
}

struct rumour {
    int64_t shop_id;
    const char *provider, *ref;
};

static enum err rumour_job(struct tx *tx, void *arg)
{
    const struct rumour *r = arg;
    return db_do(tx->db, &SQL_start_rumour,
                 ARGS(V(tx->cx->now_ms), V(r->provider), V(r->ref),
                      V(tx->cx->now_ms - RETURN_AGAIN_MS), V(r->shop_id)),
                 NULL);
}

enum err till_rumour(struct till *t, struct cx *cx, int64_t shop_id, const char *provider,
                     const char *provider_ref)
{
    struct rumour r = {shop_id, provider, provider_ref};
    return store_do(t->set.store, cx, "till.rumour", rumour_job, &r);
}

/* ---- staff ---- */

enum err till_ask_now(struct till *t, struct cx *cx, const struct room_who *who,
                      const char *payment, json_t **ret_payment)
{
    struct payment p;
    struct order_due due;
    enum err e = find(t, cx, payment_by_public_id, payment, &p, &due);
    if (e == ERR_NOT_FOUND || (!e && room_role(who, due.shop_id) == ROLE_NONE))
        return no_payment(cx);
    if (e)
        return e;
    if (!account_may(room_role(who, due.shop_id), ACTION_ORDER_REFUND))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    if (!p.started_ms)
        return problem(cx, ERR_TRANSITION, "nobody was sent on with it yet");
    e = till_ask_payment(t, cx, p.id);
    if (e == ERR_BUSY || e == ERR_UPSTREAM || e == ERR_TIMEOUT)
        e = problem(cx, ERR_PAY_DOWN, "the payment service does not answer");
    return e ? e : till_read_staff(t, cx, p.id, ret_payment);
}

enum err till_read_staff(struct till *t, struct cx *cx, int64_t payment_id, json_t **ret_payment)
{
    struct db *db = NULL;
    struct payment p;
    struct order_due due;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = payment_by_id(db, cx->arena, payment_id, &p);
    if (!e)
        e = order_due_by_id(db, cx, p.order_id, &due);
    store_read_end(db);
    json_t *j = e ? NULL : payment_json(&p, &due);
    if (!e && !j)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_payment = j;
    return e;
}
