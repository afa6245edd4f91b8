/* Events, their signed webhooks, and the account that they belong to. */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/omise_sign.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- webhooks ---- */

/* What a liar on the way would change; the signature is then made over the lie. */
static void spoil(json_t *event, enum tamper t)
{
    json_t *data = json_object_get(event, "data");
    if (t == TAMPER_AMOUNT)
        omise_set(data, "amount", json_integer(omise_number(data, "amount") + 100));
    if (t == TAMPER_CURRENCY)
        omise_set(data, "currency", json_string("USD"));
}

static void sign(const struct omise *o, enum tamper t, struct outgoing *out)
{
    char signature[OMISE_SIGN_TEXT];
    int64_t now_s = clock_unix_ms() / 1000;
    if (!o->webhook_secret[0] ||
        omise_sign(o->webhook_secret, now_s, out->body.data, out->body.len, signature))
        return;
    if (t == TAMPER_SIGNATURE)
        signature[0] = signature[0] == '0' ? '1' : '0';
    (void)snprintf(out->headers[0], sizeof out->headers[0], "Omise-Signature: %s", signature);
    (void)snprintf(out->headers[1], sizeof out->headers[1], "Omise-Signature-Timestamp: %lld",
                   (long long)now_s);
}

static void write_webhook(void *arg, const char *data, enum tamper t, struct outgoing *out)
{
    const struct omise *o = arg;
    json_t *event = t == TAMPER_NONE ? NULL : json_loads(data, 0, NULL);
    char *spoilt = NULL;
    if (event) {
        spoil(event, t);
        spoilt = json_text_of(event);
    }
    buf_str(&out->body, spoilt ? spoilt : data);
    free(spoilt);
    if (!out->body.failed && out->body.data)
        sign(o, t, out);
}

static void post(struct omise *o, const char *url, const char *ref, const char *key,
                 const char *text)
{
    const struct deliver_ask ask = {.target = FAULT_OMISE_WEBHOOK,
                                    .ref = ref,
                                    .what = key,
                                    .url = url,
                                    .data = text,
                                    .write = write_webhook,
                                    .arg = o};
    if (*url)
        deliver_add(o->s->deliver, &ask);
}

/* To the account's endpoint, and to those that the charge names. Omise does not try again. */
static void post_all(struct omise *o, const char *key, const json_t *object, const char *text)
{
    const json_t *more = json_object_get(object, "webhook_endpoints");
    const char *charge = ask_text(object, "charge"); /* of a refund */
    const char *ref = charge ? charge : omise_get(object, "id");
    post(o, o->webhook_url, ref, key, text);
    for (size_t i = 0; i < json_array_size(more); i++) {
        const char *url = json_string_value(json_array_get(more, i));
        if (url && strcmp(url, o->webhook_url) != 0)
            post(o, url, ref, key, text);
    }
}

void event_add(struct omise *o, int64_t now_ms, const char *key, const json_t *object)
{
    struct omise_row *r = book_add(&o->events, "evnt", now_ms);
    r->o = json_pack("{s:s, s:s, s:b, s:o, s:[], s:o, s:s, s:o}", "object", "event", "id", r->id,
                     "livemode", 0, "location", json_sprintf("/events/%s", r->id),
                     "webhook_deliveries", "data", json_deep_copy(object), "key", key, "created_at",
                     omise_time(now_ms));
    char *text = json_dumps(r->o, JSON_COMPACT);
    if (text)
        post_all(o, key, object, text);
    free(text);
}

void event_list(struct omise_call *k)
{
    k->result = omise_list_of(k, &k->o->events, "/events", NULL, NULL);
}

void event_get(struct omise_call *k)
{
    const char *id = http_param(k->req, "id");
    const struct omise_row *r = book_find(&k->o->events, id);
    if (!r)
        refuse(k, "not_found", "event %.60s was not found", id);
    else
        k->result = json_incref(r->o);
}

/* ---- the account ---- */

void account_get(struct omise_call *k)
{
    k->result = json_incref(k->o->account);
}

void balance_get(struct omise_call *k)
{
    int64_t total = 0;
    for (size_t i = 0; i < k->o->charges.n; i++) {
        const json_t *c = book_at(&k->o->charges, i)->o;
        if (json_is_true(json_object_get(c, "paid")))
            total += omise_number(c, "net") - omise_number(c, "refunded_amount");
    }
    k->result = json_pack("{s:s, s:b, s:s, s:s, s:I, s:I, s:i, s:o}", "object", "balance",
                          "livemode", 0, "location", "/balance", "currency", "THB", "total",
                          (json_int_t)total, "transferable", (json_int_t)total, "reserve", 0,
                          "created_at", omise_time(k->cx->now_ms));
}
