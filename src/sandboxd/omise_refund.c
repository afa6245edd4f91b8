/* Paying back. A refund of the whole on the day of the charge is a void: nothing was settled yet.
 */
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static struct omise_row *find(struct omise_call *k)
{
    const char *id = http_param(k->req, "id");
    struct omise_row *r = book_find(&k->o->charges, id);
    if (!r)
        refuse(k, "not_found", "charge %.60s was not found", id);
    return r;
}

static json_t *refunds_of(const struct omise_row *r)
{
    return json_object_get(json_object_get(r->o, "refunds"), "data");
}

static void check(struct omise_call *k, const struct omise_row *r, int64_t *amount)
{
    const struct omise_way *w = way_of(charge_type(r->o));
    int64_t left = omise_number(r->o, "captured_amount") - omise_number(r->o, "refunded_amount");
    *amount = -1;
    if (!json_is_true(json_object_get(r->o, "paid")))
        refuse(k, "failed_refund", "charge can't be refunded: it is not paid");
    else if (!w->refunds)
        refuse(k, "failed_refund", "charge can't be refunded: its method takes no refunds");
    else if (json_array_size(refunds_of(r)) >= OMISE_REFUNDS_MAX)
        refuse(k, "failed_refund", "charge has %d refunds already", OMISE_REFUNDS_MAX);
    else if (ask_i64(k->body, "amount", amount) || *amount <= 0)
        refuse(k, "invalid_amount", "amount must be a whole number of satang");
    else if (*amount > left)
        refuse(k, "failed_refund", "amount exceeds the refundable amount of %lld", (long long)left);
    else if (w->flow != FLOW_CARD && *amount < left)
        refuse(k, "failed_refund", "this method can only be refunded whole");
}

void refund_create(struct omise_call *k)
{
    struct omise_row *c = find(k);
    char transaction[OMISE_ID];
    int64_t amount;
    if (!c)
        return;
    check(k, c, &amount);
    if (refused(k))
        return;
    bool fresh = k->cx->now_ms - c->created_ms < DAY_MS;
    bool whole = amount == omise_number(c->o, "captured_amount");
    bool voided = fresh && whole && ask_bool(k->body, "void", true);
    struct omise_row *r = book_add(&k->o->refunds, "rfnd", k->cx->now_ms);
    json_t *metadata = ask_metadata(k);
    omise_make_id("trxn", transaction);
    r->o = json_pack("{s:s, s:s, s:b, s:o, s:s, s:b, s:I, s:s, s:I, s:s, s:o, s:s, s:s, s:o}",
                     "object", "refund", "id", r->id, "livemode", 0, "location",
                     json_sprintf("/charges/%s/refunds/%s", c->id, r->id), "status", "closed",
                     "voided", voided, "amount", (json_int_t)amount, "currency", "THB",
                     "funding_amount", (json_int_t)amount, "funding_currency", "THB", "metadata",
                     metadata ? metadata : json_object(), "charge", c->id, "transaction",
                     transaction, "created_at", omise_time(k->cx->now_ms));
    (void)json_array_append(refunds_of(c), r->o);
    omise_set(json_object_get(c->o, "refunds"), "total",
              json_integer((json_int_t)json_array_size(refunds_of(c))));
    omise_set(c->o, "refunded_amount",
              json_integer(omise_number(c->o, "refunded_amount") + amount));
    if (voided)
        omise_set(c->o, "voided", json_true());
    charge_reckon(c->o);
    event_add(k->o, k->cx->now_ms, "refund.create", r->o);
    k->result = json_incref(r->o);
}

void refund_list(struct omise_call *k)
{
    const struct omise_row *c = find(k);
    if (!c)
        return;
    json_t *location = json_sprintf("/charges/%s/refunds", c->id);
    k->result = omise_list(k, refunds_of(c), json_string_value(location));
    json_decref(location);
}

void refund_get(struct omise_call *k)
{
    const char *id = http_param(k->req, "refund");
    const struct omise_row *c = find(k), *r = book_find(&k->o->refunds, id);
    if (c && r && strcmp(omise_get(r->o, "charge"), c->id) == 0)
        k->result = json_incref(r->o);
    else
        refuse(k, "not_found", "refund %.60s was not found", id);
}

void refund_list_all(struct omise_call *k)
{
    k->result = omise_list_of(k, &k->o->refunds, "/refunds", NULL, NULL);
}
