#include "order/returns.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "order/day.h"
#include "order/order_in.h"
#include "order/returns.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_CHARS_MAX = 200 };

/* ---- asking ---- */

struct ask {
    struct orders *o;
    const struct room_who *who;
    const struct order_ref *ref;
    const struct return_ask *in;
    const char *reason;
    int64_t return_id;
    char public_id[ID_TEXT];
    /* made */
    int64_t order_id;
    bool again;
    const char *refused; /* why not */
    char last_day[DAY_TEXT];
};

static enum err refuse(struct tx *tx, struct ask *a, const char *reason, const char *text)
{
    a->refused = reason;
    return problem(tx->cx, ERR_RETURN_REFUSED, "%s", text);
}

/* The moment of asking decides, by the market's calendar. */
static enum err check_days(struct tx *tx, struct ask *a, const struct order_row *r)
{
    int64_t arrived;
    const struct market *m = market_find(r->market);
    enum err e = db_i64(tx->db, &SQL_return_arrived, ARGS(V(r->id)), &arrived);
    if (e || !m)
        return e ? e : ERR_STORE;
    if (!arrived)
        return refuse(tx, a, "not_delivered", "nothing of it has arrived yet");
    int64_t end = day_end_after(m, arrived, m->return_days);
    day_text(m, end, a->last_day);
    return tx->cx->now_ms <= end
               ? ERR_OK
               : refuse(tx, a, "too_late", "the days for sending it back are over");
}

static enum err take_line(struct tx *tx, struct ask *a, const struct line_qty_ask *l)
{
    int64_t changed = 0;
    if (strcmp(l->line->exempt, "none") != 0)
        return refuse(tx, a, "exempt", "this kind of goods cannot be sent back");
    enum err e = db_do(tx->db, &SQL_return_line_take, ARGS(V(l->qty), V(l->line->id)), &changed);
    return e || changed ? e : refuse(tx, a, "nothing_left", "it is being sent back already");
}

static char *asks_text(struct cx *cx, const struct line_qty_ask *asks, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(list,
                                    json_pack("{s:I,s:I}", "no", (json_int_t)asks[i].line->line_no,
                                              "qty", (json_int_t)asks[i].qty));
    char *text = json_dumps(list, JSON_COMPACT), *copy = NULL;
    json_decref(list);
    if (text)
        copy = arena_dup(cx->arena, text, strlen(text));
    free(text);
    return copy;
}

static enum err take_lines(struct tx *tx, struct ask *a, const struct order_row *r,
                           const char **ret_text)
{
    struct order_line *lines;
    struct line_qty_ask *asks = NULL;
    size_t n, count = 0;
    enum err e = order_lines(tx->db, tx->cx, r->id, &lines, &n);
    if (!e)
        e = lines_ask(tx->cx, a->in->lines, lines, n, &asks, &count);
    for (size_t i = 0; !e && i < count; i++)
        e = take_line(tx, a, &asks[i]);
    if (e)
        return e;
    *ret_text = asks_text(tx->cx, asks, count);
    return *ret_text ? ERR_OK : ERR_NO_MEMORY;
}

static enum err ask_job(struct tx *tx, void *arg)
{
    struct ask *a = arg;
    struct order_row r;
    int64_t before;
    const char *lines = NULL;
    a->refused = NULL;
    enum err e = order_for_buyer(tx->db, tx->cx, a->who, a->ref, &r);
    if (e)
        return e;
    a->order_id = r.id;
    e = db_i64(tx->db, &SQL_return_by_idem, ARGS(V(r.id), V(a->in->idem)), &before);
    a->again = !e;
    if (e != ERR_NOT_FOUND)
        return e;
    e = check_days(tx, a, &r);
    if (!e)
        e = take_lines(tx, a, &r, &lines);
    if (!e)
        e = db_do(tx->db, &SQL_return_insert,
                  ARGS(V(a->return_id), V((const char *)a->public_id), V(r.id), V(lines),
                       V(a->reason), V((const char *)a->last_day), V(a->in->idem),
                       V(tx->cx->now_ms)),
                  NULL);
    if (!e)
        e = order_step(tx, r.id, "return_asked", a->who->viewer_id);
    return e ? e : order_tell(a->o, tx, &r);
}

enum err return_open(struct orders *o, struct cx *cx, const struct room_who *who,
                     const struct order_ref *ref, const struct return_ask *ask,
                     struct return_refusal *refusal, json_t **ret_order, bool *ret_again)
{
    struct ask a = {.o = o, .who = who, .ref = ref, .in = ask, .return_id = id_next()};
    a.reason = ask->reason ? ask->reason : "";
    if (text_chars(a.reason, strlen(a.reason)) > REASON_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'reason' is too long");
    id_make("ret", a.public_id);
    enum err e = store_do(o->store, cx, "return.ask", ask_job, &a);
    if (e == ERR_RETURN_REFUSED) {
        refusal->reason = a.refused;
        refusal->last_day =
            a.last_day[0] ? arena_dup(cx->arena, a.last_day, strlen(a.last_day)) : NULL;
    }
    if (!e)
        e = order_json_id(o, cx, a.order_id, false, ret_order);
    if (!e)
        *ret_again = a.again;
    return e;
}

/* ---- its way ---- */

struct set {
    struct orders *o;
    const struct room_who *who;
    const char *id;
    const struct return_set *in;
    enum return_state to;
    int64_t audit_id;
    struct refund_new refund;
    int64_t order_id; /* made */
};

struct case_row {
    int64_t id, order_id;
    enum return_state state;
    bool withdrawal;
    const char *lines;
};

static enum err case_find(struct tx *tx, const struct set *s, struct case_row *c,
                          struct order_row *r)
{
    const char *state;
    enum action action = s->to == RETURN_REFUNDED ? ACTION_ORDER_REFUND : ACTION_ORDER_EDIT;
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_return_by_public_id, ARGS(V(s->id)),
               COLS(C(&c->id), C(&c->order_id), C(&state), C(&c->withdrawal), C(&c->lines)));
    if (!e)
        e = order_by_id(tx->db, tx->cx, c->order_id, r);
    if (e == ERR_NOT_FOUND || (!e && room_role(s->who, r->shop_id) == ROLE_NONE))
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such return");
    if (!e && !account_may(room_role(s->who, r->shop_id), action))
        return problem(tx->cx, ERR_FORBIDDEN, "your role may not do this");
    return !e && return_state_parse(state, &c->state) ? ERR_STORE : e;
}

static int by_variant(const void *a, const void *b)
{
    const struct line_qty_ask *x = a, *y = b;
    if (x->line->variant_id != y->line->variant_id)
        return x->line->variant_id < y->line->variant_id ? -1 : 1;
    return x->line->id < y->line->id ? -1 : x->line->id > y->line->id;
}

static enum err case_lines(struct tx *tx, const struct case_row *c, struct line_qty_ask **ret_asks,
                           size_t *ret_count)
{
    struct order_line *lines;
    size_t n;
    enum err e = order_lines(tx->db, tx->cx, c->order_id, &lines, &n);
    if (e)
        return e;
    json_t *in = json_loads(c->lines, 0, NULL);
    e = lines_ask(tx->cx, in, lines, n, ret_asks, ret_count);
    json_decref(in);
    if (!e && *ret_count)
        qsort(*ret_asks, *ret_count, sizeof **ret_asks, by_variant);
    return e ? ERR_STORE : ERR_OK; /* it was checked when it was asked */
}

static enum err give_back(struct tx *tx, const struct case_row *c)
{
    struct line_qty_ask *asks = NULL;
    size_t n = 0;
    enum err e = case_lines(tx, c, &asks, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = db_do(tx->db, &SQL_return_line_back, ARGS(V(asks[i].qty), V(asks[i].line->id)), NULL);
    return e;
}

static enum err restock(struct stock_turn *turn, const struct set *s, const struct case_row *c,
                        const struct order_row *r)
{
    struct line_qty_ask *asks = NULL;
    size_t n = 0;
    enum err e = case_lines(turn->tx, c, &asks, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = order_restock(turn, r, asks[i].line, asks[i].qty, STOCK_RETURN, s->who->viewer_id);
    return e;
}

static enum err pay_back(struct tx *tx, struct set *s, const struct case_row *c,
                         const struct order_row *r)
{
    struct line_qty_ask *asks = NULL;
    struct payment p;
    size_t n = 0;
    int64_t sum = 0;
    enum err e = case_lines(tx, c, &asks, &n);
    for (size_t i = 0; !e && i < n; i++)
        e = order_refund_line(tx, asks[i].line, asks[i].qty, &sum);
    if (e || !sum)
        return e;
    e = payment_of_order(tx->db, tx->cx->arena, r->id, &p);
    if (e)
        return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_TRANSITION, "nothing was paid") : e;
    s->refund.reason = "return";
    s->refund.note = s->in->note;
    s->refund.by_id = s->who->viewer_id;
    return refund_add(tx, &p, &s->refund, sum);
}

static enum err enter(struct stock_turn *turn, struct set *s, const struct case_row *c,
                      const struct order_row *r)
{
    static const char *const steps[RETURN_STATE_COUNT] = {[RETURN_APPROVED] = "return_approved",
                                                          [RETURN_REFUSED] = "return_refused",
                                                          [RETURN_RECEIVED] = "return_received",
                                                          [RETURN_REFUNDED] = "refund"};
    enum err e = ERR_OK;
    if (s->to == RETURN_REFUSED || s->to == RETURN_WITHDRAWN)
        e = give_back(turn->tx, c);
    if (s->to == RETURN_RECEIVED && s->in->restock)
        e = restock(turn, s, c, r);
    if (s->to == RETURN_REFUNDED)
        e = pay_back(turn->tx, s, c, r);
    if (!e && steps[s->to])
        e = order_step(turn->tx, r->id, steps[s->to], s->who->viewer_id);
    return e;
}

static enum err note(struct tx *tx, const struct set *s, const struct order_row *r)
{
    char after[64];
    (void)snprintf(after, sizeof after, "{\"state\":\"%s\"}", return_state_name(s->to));
    const struct audit a = {.id = s->audit_id,
                            .actor_id = s->who->viewer_id,
                            .shop_id = r->shop_id,
                            .action = "return.set",
                            .object = s->id,
                            .after = after,
                            .addr = s->who->addr};
    return audit_write(tx, &a);
}

static enum err move(struct tx *tx, const struct set *s, const struct case_row *c)
{
    int64_t changed = 0;
    if (!return_may(c->state, s->to))
        return problem(tx->cx, ERR_TRANSITION, "the return is %s", return_state_name(c->state));
    if (s->to == RETURN_REFUSED && c->withdrawal)
        return problem(tx->cx, ERR_TRANSITION, "it was asked for in time: it cannot be refused");
    enum err e = db_do(tx->db, &SQL_return_set,
                       ARGS(V(return_state_name(s->to)), V(s->in->note), V(tx->cx->now_ms),
                            V(c->id), V(return_state_name(c->state))),
                       &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "the return has another state by now");
    return e;
}

static enum err set_job(struct tx *tx, void *arg)
{
    struct set *s = arg;
    struct case_row c;
    struct order_row r = {.id = 0};
    struct stock_turn turn;
    enum err e = case_find(tx, s, &c, &r);
    if (e)
        return e;
    s->order_id = r.id;
    turn_begin(&turn, tx, s->o->watch);
    e = move(tx, s, &c);
    if (!e)
        e = enter(&turn, s, &c, &r);
    if (!e)
        e = note(tx, s, &r);
    if (!e)
        e = turn_end(&turn);
    return e ? e : order_tell(s->o, tx, &r);
}

enum err return_edit(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *return_id, const struct return_set *ask, json_t **ret_return)
{
    struct set s = {.o = o, .who = who, .id = return_id, .in = ask, .audit_id = id_next()};
    if (!ask->state || return_state_parse(ask->state, &s.to))
        return problem(cx, ERR_INPUT, "'state' is not a state of a return");
    refund_make(&s.refund);
    enum err e = store_do(o->store, cx, "return.set", set_job, &s);
    return e ? e : order_part_json(o, cx, s.order_id, "returns", return_id, ret_return);
}
