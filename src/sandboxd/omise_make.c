/* POST /charges: what is asked, who pays, and what becomes of it at once. */
#include "base/clock.h"
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HOUR_MS = 3600 * 1000, ENDPOINTS_MAX = 2 };

struct asked {
    int64_t amount, expires_ms;
    const char *return_uri, *card, *customer;
    struct omise_row *source;
    json_t *paying_card; /* ours */
    char fate[OMISE_WORD];
};

static bool is_link(const char *url)
{
    return (text_has_prefix(url, "http://") || text_has_prefix(url, "https://")) &&
           strlen(url) < DELIVER_URL && !strpbrk(url, " \"<>\\\r\n\t");
}

/* ---- checking ---- */

static void read_money(struct omise_call *k, struct asked *a)
{
    const char *currency = omise_get(k->body, "currency");
    if (ask_i64(k->body, "amount", &a->amount) || a->amount < 0)
        refuse(k, "invalid_charge", "amount must be a whole number of satang");
    else if (a->amount < OMISE_MIN)
        refuse(k, "invalid_amount", "amount must be greater than or equal to ฿20 (2000 satang)");
    else if (a->amount > OMISE_MAX)
        refuse(k, "invalid_amount", "amount must be less than or equal to %d satang", OMISE_MAX);
    if (strcasecmp(currency, "thb") != 0)
        refuse(k, "invalid_charge", "currency is not supported by this account");
}

/* Real endpoints are https; this machine's may be plain. */
static void check_endpoints(struct omise_call *k)
{
    const json_t *list = json_object_get(k->body, "webhook_endpoints");
    if (json_array_size(list) > ENDPOINTS_MAX)
        refuse(k, "bad_request", "webhook_endpoints has more than %d URLs", ENDPOINTS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *url = json_string_value(json_array_get(list, i));
        if (!url || !is_link(url) ||
            (!text_has_prefix(url, "https://") && !text_has_prefix(url, "http://127.0.0.1") &&
             !text_has_prefix(url, "http://localhost")))
            refuse(k, "bad_request", "webhook_endpoints must be https URLs");
    }
}

static void read_rest(struct omise_call *k, struct asked *a)
{
    const char *expires = ask_text(k->body, "expires_at");
    a->return_uri = ask_text(k->body, "return_uri");
    a->card = ask_text(k->body, "card");
    a->customer = ask_text(k->body, "customer");
    if (a->return_uri && !is_link(a->return_uri))
        refuse(k, "bad_request", "return_uri must be a URL");
    if (expires && (clock_parse(expires, &a->expires_ms) || a->expires_ms <= k->cx->now_ms))
        refuse(k, "bad_request", "expires_at must be a time to come");
    check_endpoints(k);
}

/* ---- who pays ---- */

static struct omise_row *known_source(struct omise_call *k, const char *id)
{
    struct omise_row *r = book_find(&k->o->sources, id);
    if (!r)
        refuse(k, "not_found", "source %.60s was not found", id);
    else if (strcmp(omise_get(r->o, "charge_status"), "unknown") != 0)
        refuse(k, "invalid_charge", "source was already used");
    return refused(k) ? NULL : r;
}

/* Within a charge a source is described without its amount: it is the charge's. */
static struct omise_row *inline_source(struct omise_call *k, json_t *ask)
{
    const json_t *body = k->body;
    if (!json_object_get(ask, "amount"))
        (void)json_object_set(ask, "amount", json_object_get(body, "amount"));
    if (!json_object_get(ask, "currency"))
        (void)json_object_set(ask, "currency", json_object_get(body, "currency"));
    return source_make(k, ask);
}

static void read_source(struct omise_call *k, struct asked *a)
{
    json_t *given = json_object_get(k->body, "source");
    if (json_is_object(given))
        a->source = inline_source(k, given);
    else
        a->source = known_source(k, json_string_value(given) ? json_string_value(given) : "");
    if (!a->source)
        return;
    const struct omise_way *w = way_of(omise_get(a->source->o, "type"));
    if (omise_number(a->source->o, "amount") != a->amount)
        refuse(k, "invalid_charge", "amount does not match the source's");
    if (w && w->flow != FLOW_OFFLINE && !a->return_uri)
        refuse(k, "invalid_charge", "return_uri can't be blank");
}

static void read_payer(struct omise_call *k, struct asked *a)
{
    const json_t *source = json_object_get(k->body, "source");
    if (refused(k))
        return;
    if (source && !json_is_null(source))
        read_source(k, a);
    else if (a->customer)
        a->paying_card = customer_card(k, a->customer, a->card, a->fate);
    else if (a->card)
        a->paying_card = token_use(k, a->card, a->fate);
    else
        refuse(k, "missing_card", "request contains no card, customer or source");
}

/* ---- the charge ---- */

static void set_nulls(json_t *c)
{
    static const char *const names[] = {"link",
                                        "schedule",
                                        "dispute",
                                        "transaction",
                                        "failure_code",
                                        "failure_message",
                                        "merchant_advice",
                                        "authorize_uri",
                                        "merchant_advice_code",
                                        "terminal",
                                        "missing_3ds_fields",
                                        "paid_at",
                                        "authorized_at",
                                        "expired_at",
                                        "reversed_at",
                                        "voided_at",
                                        "approval_code",
                                        "branch",
                                        "device",
                                        "authenticated_by",
                                        "linked_account",
                                        "first_charge",
                                        "acquirer_reference_number",
                                        "card",
                                        "source"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        omise_set(c, names[i], json_null());
}

static void set_numbers(json_t *c, int64_t amount)
{
    static const char *const zero[] = {"authorized_amount",
                                       "captured_amount",
                                       "net",
                                       "fee",
                                       "fee_vat",
                                       "interest",
                                       "interest_vat",
                                       "refunded_amount",
                                       "partially_refunded_amount"};
    static const char *const no[] = {"livemode",
                                     "authorized",
                                     "capturable",
                                     "disputable",
                                     "refundable",
                                     "reversed",
                                     "reversible",
                                     "voided",
                                     "paid",
                                     "expired",
                                     "partially_refundable",
                                     "can_perform_void",
                                     "zero_interest_installments"};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        omise_set(c, zero[i], json_integer(0));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        omise_set(c, no[i], json_false());
    omise_set(c, "amount", json_integer(amount));
    omise_set(c, "funding_amount", json_integer(amount));
}

static void set_asked(struct omise_call *k, json_t *c, const struct asked *a)
{
    static const char *const plain[] = {"description",           "ip",       "return_uri",
                                        "transaction_indicator", "customer", "recurring_reason",
                                        "authentication"};
    json_t *metadata = ask_metadata(k), *ends = json_object_get(k->body, "webhook_endpoints");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        omise_set(c, plain[i], text_or_null(k->body, plain[i]));
    omise_set(c, "metadata", metadata ? metadata : json_object());
    omise_set(c, "webhook_endpoints", json_is_array(ends) ? json_incref(ends) : json_array());
    omise_set(c, "capture", json_boolean(ask_bool(k->body, "capture", true) || a->source));
    if (ask_text(k->body, "authorization_type"))
        omise_set(c, "authorization_type", text_or_null(k->body, "authorization_type"));
}

static json_t *charge_object(struct omise_call *k, const struct omise_row *r, const struct asked *a)
{
    json_t *location = json_sprintf("/charges/%s", r->id);
    json_t *refunds = json_sprintf("/charges/%s/refunds", r->id);
    json_t *c = json_object();
    omise_set(c, "object", json_string("charge"));
    omise_set(c, "id", json_string(r->id));
    set_nulls(c);
    set_numbers(c, a->amount);
    omise_set(c, "location", location);
    omise_set(c, "currency", json_string("THB"));
    omise_set(c, "funding_currency", json_string("THB"));
    omise_set(c, "status", json_string("pending"));
    omise_set(c, "refunds",
              omise_inner_list(json_array(), json_string_value(refunds), k->cx->now_ms));
    omise_set(c, "platform_fee", json_pack("{s:n, s:n, s:n}", "fixed", "amount", "percentage"));
    omise_set(c, "created_at", omise_time(k->cx->now_ms));
    set_asked(k, c, a);
    json_decref(refunds);
    return c;
}

/* The picture of the QR: a document that only this URL finds. */
static void add_qr(struct omise_call *k, struct omise_row *r, json_t *source)
{
    char document[OMISE_ID];
    omise_make_id("docu", document);
    omise_make_id("down", r->token);
    json_t *location = json_sprintf("/charges/%s/documents/%s", r->id, document);
    json_t *uri = json_sprintf("%s/omise/charges/%s/documents/%s/downloads/%s", k->o->s->url, r->id,
                               document, r->token);
    omise_set(source, "scannable_code",
              json_pack("{s:s, s:s, s:{s:s, s:b, s:s, s:b, s:s, s:o, s:s, s:o, s:o}}", "object",
                        "barcode", "type", "qr", "image", "object", "document", "livemode", 0, "id",
                        document, "deleted", 0, "filename", "qrcode.svg", "location", location,
                        "kind", "qr", "download_uri", uri, "created_at",
                        omise_time(k->cx->now_ms)));
}

/* The buyer is sent to a page of ours. */
static void ask_buyer(struct omise_call *k, struct omise_row *r, bool by_page)
{
    omise_make_id("pay2", r->page);
    if (by_page)
        omise_set(r->o, "authorize_uri",
                  json_sprintf("%s/omise/payments/%s/authorize", k->o->s->url, r->page));
}

static void begin_card(struct omise_call *k, struct omise_row *r, const struct asked *a)
{
    bool refuses_early = strcmp(a->fate, "3ds_enrollment_failed") == 0;
    omise_set(r->o, "card", json_incref(a->paying_card));
    omise_set(r->o, "expires_at", omise_time(k->cx->now_ms + 7LL * 24 * HOUR_MS));
    (void)text_copy(r->fate, sizeof r->fate, a->fate);
    if (a->return_uri && !refuses_early)
        ask_buyer(k, r, true);
    else
        charge_settle(k->o, r, k->cx->now_ms, a->fate);
}

static void begin_source(struct omise_call *k, struct omise_row *r, const struct asked *a)
{
    json_t *source = json_deep_copy(a->source->o);
    bool offline = strcmp(omise_get(source, "flow"), "offline") == 0;
    int64_t ends = a->expires_ms ? a->expires_ms : k->cx->now_ms + HOUR_MS;
    omise_set(a->source->o, "charge_status", json_string("pending"));
    omise_set(source, "charge_status", json_string("pending"));
    if (offline)
        add_qr(k, r, source);
    omise_set(r->o, "source", source);
    omise_set(r->o, "expires_at", omise_time(ends));
    ask_buyer(k, r, !offline);
}

void charge_create(struct omise_call *k)
{
    struct asked a = {0};
    read_money(k, &a);
    read_rest(k, &a);
    read_payer(k, &a);
    if (!refused(k)) {
        struct omise_row *r = book_add(&k->o->charges, "chrg", k->cx->now_ms);
        r->o = charge_object(k, r, &a);
        if (a.source)
            begin_source(k, r, &a);
        else
            begin_card(k, r, &a);
        charge_reckon(r->o);
        event_add(k->o, k->cx->now_ms, "charge.create", r->o);
        if (!charge_waits(r))
            event_add(k->o, k->cx->now_ms, "charge.complete", r->o);
        k->result = json_incref(r->o);
    }
    json_decref(a.paying_card);
}
