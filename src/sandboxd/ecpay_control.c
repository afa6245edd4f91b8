/* Switches of ECPay's side, and what a test does by hand: a parcel moves, a notice goes again. */
#include "sandboxd/ecpay_express_in.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "sandboxd/control.h"

#include <string.h>

enum { AHEAD_MAX_S = 400 * 86400, NOTICE_ARENA = 1 << 20 };

/* ---- switches: POST /control/ecpay ---- */

static enum err read_stores(struct cx *cx, const json_t *body, struct switches *is)
{
    const json_t *list = json_object_get(body, "closed_stores");
    if (!list)
        return ERR_OK;
    if (!json_is_array(list) || json_array_size(list) > CLOSED_STORES_MAX)
        return problem(cx, ERR_INPUT, "'closed_stores' must be a list of at most %d",
                       CLOSED_STORES_MAX);
    memset(is->closed_stores, 0, sizeof is->closed_stores);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        if (!id || !text_copy(is->closed_stores[i], sizeof is->closed_stores[i], id))
            return problem(cx, ERR_INPUT, "'closed_stores' must be store numbers");
    }
    return ERR_OK;
}

static enum err read_switches(struct cx *cx, const json_t *body, struct switches *is)
{
    int64_t ahead_s = is->ahead_ms / 1000;
    const struct {
        const char *name;
        bool *to;
    } flags[] = {{"closed", &is->closed},
                 {"closed_by_clock", &is->closed_by_clock},
                 {"balance_short", &is->balance_short},
                 {"pipe_answers", &is->pipe_answers},
                 {"raw_answers", &is->raw_answers},
                 {"invoice_down", &is->invoice_down}};
    enum err e = json_opt_i64(cx, body, "ahead_s", -AHEAD_MAX_S, AHEAD_MAX_S, &ahead_s);
    if (!e)
        e = json_opt_i64(cx, body, "query_per_s", 0, 1000, &is->query_per_s);
    if (!e)
        e = json_opt_i64(cx, body, "lock_s", 1, 86400, &is->lock_s);
    for (size_t i = 0; !e && i < sizeof flags / sizeof *flags; i++)
        e = json_opt_bool(cx, body, flags[i].name, flags[i].to);
    is->ahead_ms = ahead_s * 1000;
    return e ? e : read_stores(cx, body, is);
}

void control_switches(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    json_t *body;
    if (!control_open(req, &body))
        return;
    ecpay_lock(e);
    struct switches is = e->is;
    enum err r = read_switches(http_cx(req), body, &is);
    if (!r) {
        e->is = is;
        e->locked_until_ms = 0;
    }
    ecpay_unlock(e);
    json_decref(body);
    control_done(req, r);
}

json_t *switches_json(const struct switches *s)
{
    json_t *stores = json_array();
    for (size_t i = 0; i < CLOSED_STORES_MAX; i++)
        if (s->closed_stores[i][0])
            (void)json_array_append_new(stores, json_string(s->closed_stores[i]));
    return json_pack("{s:I, s:I, s:I, s:b, s:b, s:b, s:b, s:b, s:b, s:o}", "ahead_s",
                     (json_int_t)(s->ahead_ms / 1000), "query_per_s", (json_int_t)s->query_per_s,
                     "lock_s", (json_int_t)s->lock_s, "closed", s->closed, "closed_by_clock",
                     s->closed_by_clock, "balance_short", s->balance_short, "pipe_answers",
                     s->pipe_answers, "raw_answers", s->raw_answers, "invoice_down",
                     s->invoice_down, "closed_stores", stores);
}

/* ---- POST /control/logistics {"id", "code"} ---- */

static void tell_parcel(struct ecpay *e, const struct parcel *p)
{
    struct cx cx = {.arena = arena_make(NOTICE_ARENA)};
    struct answer a;
    answer_init(&a, &cx);
    if (cx.arena) {
        parcel_fields(e, p, &a);
        tell(e, FAULT_ECPAY_LOGISTICS, "ServerReplyURL", p->trade_no, p->reply_url,
             &e->accounts[p->account], &a);
    }
    arena_free(cx.arena);
}

void control_logistics(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    struct cx *cx = http_cx(req);
    const char *id;
    int64_t code = 0;
    json_t *body;
    if (!control_open(req, &body))
        return;
    enum err r = json_need_text(cx, body, "id", 1, 64, &id);
    if (!r)
        r = json_need_i64(cx, body, "code", 1, 99999, &code);
    ecpay_lock(e);
    struct parcel *p = r ? NULL : parcel_by_ref(e, id);
    if (p) {
        p->code = (int)code;
        p->changed_ms = ecpay_now_locked(e);
        tell_parcel(e, p);
    }
    ecpay_unlock(e);
    if (!r && !p)
        r = problem(cx, ERR_NOT_FOUND, "no such parcel");
    json_decref(body);
    control_done(req, r);
}

/* ---- POST /control/ecpay/notify {"ref", "times"}: the notice of what is, once more ---- */

static enum err notify(struct cx *cx, struct ecpay *e, const struct trade *t)
{
    if (!t)
        return problem(cx, ERR_NOT_FOUND, "no such trade");
    if (t->state == TRADE_OPEN)
        return problem(cx, ERR_CONFLICT, "nothing has happened to it yet");
    if (t->state == TRADE_CODE)
        tell_code(e, t);
    else
        tell_result(e, t, false);
    return ERR_OK;
}

void control_notify(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    struct cx *cx = http_cx(req);
    const char *ref;
    int64_t times = 1;
    json_t *body;
    if (!control_open(req, &body))
        return;
    enum err r = json_need_text(cx, body, "ref", 1, 64, &ref);
    if (!r)
        r = json_opt_i64(cx, body, "times", 1, 20, &times);
    ecpay_lock(e);
    for (int64_t i = 0; !r && i < times; i++)
        r = notify(cx, e, trade_by_ref(e, ref));
    ecpay_unlock(e);
    json_decref(body);
    control_done(req, r);
}

/* ---- POST /control/ecpay/credit {"ref", "state": "to_capture" | "captured"} ---- */

void control_credit(struct http_req *req)
{
    struct ecpay *e = sandboxd_of(req)->ecpay;
    struct cx *cx = http_cx(req);
    const char *ref, *state;
    json_t *body;
    if (!control_open(req, &body))
        return;
    enum err r = json_need_text(cx, body, "ref", 1, 64, &ref);
    if (!r)
        r = json_need_text(cx, body, "state", 1, 20, &state);
    if (!r && strcmp(state, "to_capture") != 0 && strcmp(state, "captured") != 0)
        r = problem(cx, ERR_INPUT, "'state' must be to_capture or captured");
    ecpay_lock(e);
    struct trade *t = r ? NULL : trade_by_ref(e, ref);
    if (t && trade_set_credit(t, strcmp(state, "captured") ? CREDIT_TO_CAPTURE : CREDIT_CAPTURED,
                              ecpay_now_locked(e)))
        r = problem(cx, ERR_CONFLICT, "it cannot become that");
    ecpay_unlock(e);
    if (!r && !t)
        r = problem(cx, ERR_NOT_FOUND, "no such trade");
    json_decref(body);
    control_done(req, r);
}
