#include "pay/pay.h"
#include "base/arena.h"
#include "pay/gateway.h"
#include "pay/ledger.h"
#include "pay/pay.sql.h"
#include "store/store.h"

#include <string.h>

/* ---- payments ---- */

void payment_make(struct payment_new *p)
{
    p->id = id_next();
    id_make("pay", p->public_id);
    gateway_ref_make(p->our_ref);
}

enum err payment_start(struct tx *tx, const struct payment_new *made, int64_t order_id,
                       const struct pay_method *method, int64_t amount, const char *currency,
                       int64_t expires_ms)
{
    return db_do(tx->db, &SQL_payment_insert,
                 ARGS(V(made->id), V((const char *)made->public_id), V(order_id),
                      V(method->provider->name), V(method->id), V(amount), V(currency),
                      V((const char *)made->our_ref), expires_ms ? V(expires_ms) : VNULL,
                      V(tx->cx->now_ms)),
                 NULL);
}

enum { PAYMENT_COLUMNS = 21 };

static void payment_columns(struct payment *p, const char **state,
                            struct col out[PAYMENT_COLUMNS + 1])
{
    const struct col cols[] = {C(&p->id),           C(&p->order_id),
                               C(&p->public_id),    C(&p->provider),
                               C(&p->method),       C(&p->amount),
                               C(&p->currency),     C(state),
                               C(&p->refunded),     C(&p->expires_ms),
                               C(&p->created_ms),   C(&p->settled),
                               C(&p->simulated),    C(&p->our_ref),
                               C(&p->provider_ref), C(&p->details),
                               C(&p->fail_code),    C(&p->started_ms),
                               C(&p->paid_ms),      C(&p->next_ask_ms),
                               C(&p->asks),         {0}};
    _Static_assert(sizeof cols / sizeof cols[0] == PAYMENT_COLUMNS + 1, "as in pay.sql");
    memcpy(out, cols, sizeof cols);
}

static enum err read_payment(struct db *db, struct arena *arena, const struct sql *q,
                             const struct val *args, struct payment *ret_payment)
{
    struct payment p;
    const char *state;
    struct col cols[PAYMENT_COLUMNS + 1];
    payment_columns(&p, &state, cols);
    enum err e = db_row(db, arena, q, args, cols);
    if (e)
        return e;
    if (payment_state_parse(state, &p.state))
        return ERR_STORE;
    *ret_payment = p;
    return ERR_OK;
}

enum err payment_of_order(struct db *db, struct arena *arena, int64_t order_id,
                          struct payment *ret_payment)
{
    return read_payment(db, arena, &SQL_payment_of_order, ARGS(V(order_id)), ret_payment);
}

enum err payment_by_id(struct db *db, struct arena *arena, int64_t id, struct payment *ret_payment)
{
    return read_payment(db, arena, &SQL_payment_by_id, ARGS(V(id)), ret_payment);
}

enum err payment_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                              struct payment *ret_payment)
{
    return read_payment(db, arena, &SQL_payment_by_public_id, ARGS(V(public_id)), ret_payment);
}

enum err payment_by_our_ref(struct db *db, struct arena *arena, const char *our_ref,
                            struct payment *ret_payment)
{
    return read_payment(db, arena, &SQL_payment_by_our_ref, ARGS(V(our_ref)), ret_payment);
}

enum err payment_by_idem(struct db *db, struct arena *arena, int64_t order_id, const char *idem,
                         struct payment *ret_payment)
{
    return read_payment(db, arena, &SQL_payment_by_idem, ARGS(V(order_id), V(idem)), ret_payment);
}

enum err payment_list(struct db *db, struct arena *arena, int64_t order_id,
                      struct payment ret_list[PAYMENT_LIST_MAX], size_t *ret_count)
{
    size_t n = 0;
    struct payment p;
    const char *state;
    struct col cols[PAYMENT_COLUMNS + 1];
    payment_columns(&p, &state, cols);
    struct rows rows =
        db_rows(db, &SQL_payment_list, ARGS(V(order_id), V((int64_t)PAYMENT_LIST_MAX)));
    while (n < PAYMENT_LIST_MAX && rows_next(&rows, arena, cols))
        if (payment_state_parse(state, &p.state) == ERR_OK)
            ret_list[n++] = p;
    enum err e = rows_end(&rows);
    if (!e)
        *ret_count = n;
    return e;
}

enum err payment_move(struct tx *tx, struct payment *p, enum payment_state to)
{
    int64_t changed = 0;
    if (!payment_may(p->state, to))
        return problem(tx->cx, ERR_TRANSITION, "the payment is %s", payment_state_name(p->state));
    enum err e = db_do(tx->db, &SQL_payment_move,
                       ARGS(V(payment_state_name(to)), V(tx->cx->now_ms), V(p->id),
                            V(payment_state_name(p->state))),
                       &changed);
    if (e)
        return e;
    if (!changed)
        return problem(tx->cx, ERR_TRANSITION, "the payment has another state by now");
    p->state = to;
    return ERR_OK;
}

enum err payment_close_open(struct tx *tx, int64_t order_id, enum payment_state to)
{
    return db_do(tx->db, &SQL_payment_close_open,
                 ARGS(V(payment_state_name(to)), V(tx->cx->now_ms), V(order_id)), NULL);
}

/* ---- refunds ---- */

void refund_make(struct refund_new *r)
{
    r->id = id_next();
    id_make("ref", r->public_id);
    id_make("rfd", r->our_ref);
}

static enum err read_state(struct tx *tx, struct payment *p)
{
    const char *state;
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_payment_state_of, ARGS(V(p->id)), COLS(C(&state)));
    if (!e && payment_state_parse(state, &p->state))
        return ERR_STORE;
    return e;
}

enum err refund_add(struct tx *tx, struct payment *p, const struct refund_new *made, int64_t amount)
{
    int64_t refunded;
    if (amount <= 0)
        return problem(tx->cx, ERR_INPUT, "'amount' must be above 0");
    enum err e = db_i64(tx->db, &SQL_payment_refund, ARGS(V(amount), V(tx->cx->now_ms), V(p->id)),
                        &refunded);
    if (e == ERR_NOT_FOUND) {
        e = read_state(tx, p);
        if (e)
            return e;
        return payment_counts(p->state)
                   ? problem(tx->cx, ERR_CONFLICT, "more than is left of what was paid")
                   : problem(tx->cx, ERR_TRANSITION, "the payment is %s",
                             payment_state_name(p->state));
    }
    if (!e)
        e = db_do(tx->db, &SQL_refund_insert,
                  ARGS(V(made->id), V((const char *)made->public_id), V(p->id), V(amount),
                       V(made->reason), V((const char *)made->our_ref), V(made->idem),
                       V(made->note), made->by_id ? V(made->by_id) : VNULL, V(tx->cx->now_ms)),
                  NULL);
    if (!e)
        e = ledger_post(tx, &(struct movement){.kind = LEDGER_REFUND_QUEUED,
                                               .payment_id = p->id,
                                               .refund_id = made->id,
                                               .amount = amount});
    if (!e)
        e = read_state(tx, p);
    if (!e)
        p->refunded = refunded;
    return e;
}

static enum err refund_of(struct refund *r, const char *state, enum err e,
                          struct refund *ret_refund)
{
    if (e)
        return e;
    if (refund_state_parse(state, &r->state))
        return ERR_STORE;
    *ret_refund = *r;
    return ERR_OK;
}

enum err refund_by_idem(struct db *db, struct arena *arena, const char *idem,
                        struct refund *ret_refund)
{
    struct refund r;
    const char *state = NULL;
    enum err e = db_row(db, arena, &SQL_refund_by_idem, ARGS(V(idem)),
                        COLS(C(&r.id), C(&r.payment_id), C(&r.public_id), C(&r.amount), C(&state),
                             C(&r.reason), C(&r.note), C(&r.created_ms)));
    return refund_of(&r, state, e, ret_refund);
}

enum err refund_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                             struct refund *ret_refund, int64_t *ret_order_id)
{
    struct refund r;
    int64_t order_id = 0;
    const char *state = NULL;
    enum err e = db_row(db, arena, &SQL_refund_by_public_id, ARGS(V(public_id)),
                        COLS(C(&r.id), C(&r.payment_id), C(&r.public_id), C(&r.amount), C(&state),
                             C(&r.reason), C(&r.note), C(&r.created_ms), C(&order_id)));
    e = refund_of(&r, state, e, ret_refund);
    if (!e)
        *ret_order_id = order_id;
    return e;
}

/* The counter holds what is queued, sent or done: a failed refund leaves it, a new try comes back.
 */
static enum err count_move(struct tx *tx, const struct refund *r, const struct refund_step *step)
{
    int64_t changed = 1;
    enum err e = ERR_OK;
    if (step->to == REFUND_FAILED)
        e = db_do(tx->db, &SQL_payment_refund_failed,
                  ARGS(V(r->amount), V(tx->cx->now_ms), V(payment_state_name(step->back)),
                       V(r->payment_id)),
                  &changed);
    else if (r->state == REFUND_FAILED)
        e = db_do(tx->db, &SQL_payment_refund_again,
                  ARGS(V(r->amount), V(tx->cx->now_ms), V(r->payment_id)), &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_CONFLICT, "more than is left of what was paid");
    return e;
}

static enum err post_move(struct tx *tx, const struct refund *r, const struct refund_step *step)
{
    struct movement m = {.payment_id = r->payment_id,
                         .refund_id = r->id,
                         .amount = r->amount,
                         .by_hand = step->manual};
    switch (step->to) {
    case REFUND_QUEUED: m.kind = LEDGER_REFUND_QUEUED; break;
    case REFUND_DONE: m.kind = LEDGER_REFUND_DONE; break;
    case REFUND_FAILED: m.kind = LEDGER_REFUND_FAILED; break;
    case REFUND_SENT:
    case REFUND_STATE_COUNT: return ERR_OK; /* no money moved */
    }
    return ledger_post(tx, &m);
}

enum err refund_move(struct tx *tx, struct refund *r, const struct refund_step *step)
{
    int64_t changed = 0;
    enum refund_state to = step->to;
    if (!refund_may(r->state, to, step->manual))
        return problem(tx->cx, ERR_TRANSITION, "the refund is %s", refund_state_name(r->state));
    enum err e =
        db_do(tx->db, &SQL_refund_move,
              ARGS(V(refund_state_name(to)), V(step->note), step->by_id ? V(step->by_id) : VNULL,
                   V(tx->cx->now_ms), V(r->id), V(refund_state_name(r->state))),
              &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_TRANSITION, "the refund has another state by now");
    if (!e)
        e = count_move(tx, r, step);
    if (!e)
        e = post_move(tx, r, step);
    if (!e)
        r->state = to;
    return e;
}

enum err refund_list(struct db *db, struct arena *arena, int64_t order_id,
                     struct refund ret_list[REFUND_LIST_MAX], size_t *ret_count)
{
    size_t n = 0;
    struct refund r;
    const char *state;
    struct rows rows =
        db_rows(db, &SQL_refund_list, ARGS(V(order_id), V((int64_t)REFUND_LIST_MAX)));
    while (n < REFUND_LIST_MAX &&
           rows_next(&rows, arena,
                     COLS(C(&r.id), C(&r.payment_id), C(&r.public_id), C(&r.amount), C(&state),
                          C(&r.reason), C(&r.note), C(&r.created_ms)))) {
        if (refund_state_parse(state, &r.state) == ERR_OK)
            ret_list[n++] = r;
    }
    enum err e = rows_end(&rows);
    if (!e)
        *ret_count = n;
    return e;
}
