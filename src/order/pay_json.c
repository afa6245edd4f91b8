/* Ways to pay and payments, as the pages see them. */
#include "base/arena.h"
#include "catalog/catalog.h"
#include "order/order_in.h"

#include <string.h>

static json_t *money_or_null(int64_t amount, const char *currency)
{
    return amount ? order_money(amount, currency) : json_null();
}

json_t *order_method_json(const struct pay_terms *t, const char *why, const char *currency)
{
    const struct pay_method *m = t->method;
    return json_pack("{s:s,s:s,s:s,s:b,s:s?,s:o,s:o,s:o,s:b}", "id", m->id, "kind",
                     pay_kind_name(m->kind), "provider", m->provider->name, "available", !why,
                     "reason", why, "min", money_or_null(t->min_amount, currency), "max",
                     money_or_null(t->max_amount, currency), "minutes",
                     t->minutes ? json_integer(t->minutes) : json_null(), "manual_refund",
                     m->manual_refund || m->provider->manual_refund);
}

/* What a buyer needs to pay; the rest of what the provider said is not theirs to see. */
static json_t *details_json(const struct payment *p)
{
    static const char *const shown[] = {"bank_code", "account", "code",      "barcodes",
                                        "qr",        "url",     "expires_at"};
    json_t *all = p->details ? stored_json(p->details) : NULL, *out = json_object();
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        json_t *v = json_object_get(all, shown[i]);
        if (v)
            (void)json_object_set(out, shown[i], v);
    }
    json_decref(all);
    return out;
}

json_t *order_payment_json(const struct payment *p, const char *order_no)
{
    const char *c = p->currency;
    return json_pack(
        "{s:s,s:s?,s:s,s:s,s:s,s:s,s:o,s:o,s:I,s:o,s:o,s:o,s:s?,s:b,s:b,s:o}", "id", p->public_id,
        "order", order_no, "provider", p->provider, "method", p->method, "kind",
        pay_kind_name(pay_kind_of(p->provider, p->method)), "state", payment_state_name(p->state),
        "amount", order_money(p->amount, c), "refunded", order_money(p->refunded, c), "created_at",
        (json_int_t)p->created_ms, "started_at", ms_or_null(p->started_ms), "paid_at",
        ms_or_null(p->paid_ms), "expires_at", ms_or_null(p->expires_ms), "fail_code", p->fail_code,
        "simulated", p->simulated, "counts", payment_counts(p->state), "details", details_json(p));
}

enum err order_methods(struct orders *o, struct db *db, struct cx *cx, const struct order_due *due,
                       json_t **ret_list)
{
    struct pay_terms terms[PAY_METHODS_MAX];
    size_t n = 0;
    enum err e = pay_terms_read(db, cx->arena, o->pay, due->shop_id, due->market, terms, &n);
    json_t *list = e ? NULL : json_array();
    for (size_t i = 0; list && i < n; i++)
        if (!terms[i].method->provider->confirms_at_once)
            (void)json_array_append_new(
                list, order_method_json(&terms[i],
                                        pay_terms_problem(&terms[i], due->total, due->has_deal),
                                        due->currency));
    if (!e && !list)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_list = list;
    return e;
}
