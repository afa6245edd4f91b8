/* What becomes of a charge: settled, captured, reversed, expired; and looking for one. */
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdlib.h>
#include <string.h>

enum { VAT_BP = 700, PER_PAGE = 30 };

/* ---- what follows from its state ---- */

const char *charge_type(const json_t *c)
{
    const char *type = omise_get(json_object_get(c, "source"), "type");
    return *type ? type : "card";
}

static bool is(const json_t *c, const char *name)
{
    return json_is_true(json_object_get(c, name));
}

static void set_flag(json_t *c, const char *name, bool value)
{
    omise_set(c, name, json_boolean(value));
}

static bool has_status(const json_t *c, const char *status)
{
    return strcmp(omise_get(c, "status"), status) == 0;
}

static json_t *percent(int64_t bp)
{
    return json_sprintf("%d.%02d", (int)(bp / 100), (int)(bp % 100));
}

static int64_t share(int64_t amount, int64_t bp)
{
    return (amount * bp + 5000) / 10000;
}

static void reckon_fee(json_t *c, const struct omise_way *w)
{
    int64_t captured = omise_number(c, "captured_amount");
    int64_t amount = captured ? captured : omise_number(c, "amount");
    int64_t fee = share(amount, w->rate_bp), vat = share(fee, VAT_BP);
    omise_set(c, "fee", json_integer(fee));
    omise_set(c, "fee_vat", json_integer(vat));
    omise_set(c, "net", json_integer(amount - fee - vat));
    omise_set(c, "transaction_fees",
              json_pack("{s:s, s:o, s:o}", "fee_flat", "0.0", "fee_rate", percent(w->rate_bp),
                        "vat_rate", percent(VAT_BP)));
}

void charge_reckon(json_t *c)
{
    const struct omise_way *w = way_of(charge_type(c));
    bool card = w->flow == FLOW_CARD, paid = has_status(c, "successful");
    bool held = has_status(c, "pending") && is(c, "authorized");
    int64_t captured = omise_number(c, "captured_amount");
    int64_t back = omise_number(c, "refunded_amount");
    reckon_fee(c, w);
    set_flag(c, "paid", paid);
    set_flag(c, "capturable", held);
    set_flag(c, "reversible", held);
    set_flag(c, "refundable", paid && w->refunds && back < captured);
    set_flag(c, "partially_refundable", paid && card && back < captured);
    set_flag(c, "disputable", paid && card);
    set_flag(c, "can_perform_void", paid && card && !back);
    set_flag(c, "expired", has_status(c, "expired"));
    set_flag(c, "reversed", has_status(c, "reversed"));
}

bool charge_waits(const struct omise_row *r)
{
    return has_status(r->o, "pending") && !is(r->o, "authorized");
}

const char *failure_words(const char *code)
{
    static const struct {
        const char *code, *words;
    } known[] = {
        {"insufficient_fund",
         "insufficient funds in the account or the card has reached the credit limit"},
        {"stolen_or_lost_card", "card is stolen or lost"},
        {"failed_processing", "the payment processing has failed"},
        {"payment_rejected", "the payment was rejected by the issuer or the acquirer"},
        {"failed_fraud_check", "card was marked as fraudulent"},
        {"invalid_account_number", "the card number is invalid or does not exist"},
        {"invalid_security_code", "the security code is invalid"},
        {"payment_cancelled", "the payment was cancelled by the payer"},
        {"3ds_enrollment_failed", "3-D Secure: the card is not enrolled"},
        {"3ds_validation_failed", "3-D Secure: the payer could not be authenticated"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(code, known[i].code) == 0)
            return known[i].words;
    return "the payment has failed";
}

/* ---- what happens to it ---- */

/* The source as Omise keeps it, and as the charge shows it. */
static void tell_source(struct omise *o, const struct omise_row *r, const char *status)
{
    json_t *shown = json_object_get(r->o, "source");
    struct omise_row *kept = book_find(&o->sources, omise_get(shown, "id"));
    if (json_is_object(shown))
        omise_set(shown, "charge_status", json_string(status));
    if (kept)
        omise_set(kept->o, "charge_status", json_string(status));
}

static void take_money(json_t *c, int64_t amount, int64_t now_ms)
{
    char id[OMISE_ID];
    omise_make_id("trxn", id);
    omise_set(c, "status", json_string("successful"));
    omise_set(c, "captured_amount", json_integer(amount));
    omise_set(c, "paid_at", omise_time(now_ms));
    omise_set(c, "transaction", json_string(id));
}

void charge_settle(struct omise *o, struct omise_row *r, int64_t now_ms, const char *code)
{
    json_t *c = r->o;
    int64_t amount = omise_number(c, "amount");
    if (*code) {
        omise_set(c, "status", json_string("failed"));
        omise_set(c, "failure_code", json_string(code));
        omise_set(c, "failure_message", json_string(failure_words(code)));
    } else {
        omise_set(c, "authorized", json_true());
        omise_set(c, "authorized_amount", json_integer(amount));
        omise_set(c, "authorized_at", omise_time(now_ms));
        if (is(c, "capture"))
            take_money(c, amount, now_ms);
    }
    charge_reckon(c);
    tell_source(o, r, omise_get(c, "status"));
}

void charge_lapse(struct omise *o, struct omise_row *r, int64_t now_ms)
{
    omise_set(r->o, "status", json_string("expired"));
    omise_set(r->o, "expired_at", omise_time(now_ms));
    charge_reckon(r->o);
    tell_source(o, r, "expired");
}

/* ---- the calls ---- */

static struct omise_row *find(struct omise_call *k)
{
    const char *id = http_param(k->req, "id");
    struct omise_row *r = book_find(&k->o->charges, id);
    if (!r)
        refuse(k, "not_found", "charge %.60s was not found", id);
    return r;
}

static void done(struct omise_call *k, struct omise_row *r, const char *key)
{
    charge_reckon(r->o);
    event_add(k->o, k->cx->now_ms, key, r->o);
    k->result = json_incref(r->o);
}

void charge_list(struct omise_call *k)
{
    k->result = omise_list_of(k, &k->o->charges, "/charges", NULL, NULL);
}

void charge_get(struct omise_call *k)
{
    const struct omise_row *r = find(k);
    if (r)
        k->result = json_incref(r->o);
}

void charge_edit(struct omise_call *k)
{
    struct omise_row *r = find(k);
    if (!r)
        return;
    json_t *metadata = ask_metadata(k);
    if (metadata)
        omise_set(r->o, "metadata", metadata);
    if (ask_text(k->body, "description"))
        omise_set(r->o, "description", text_or_null(k->body, "description"));
    done(k, r, "charge.update");
}

void charge_capture(struct omise_call *k)
{
    struct omise_row *r = find(k);
    int64_t part = -1;
    if (!r)
        return;
    int64_t all = omise_number(r->o, "authorized_amount");
    bool partly = strcmp(omise_get(r->o, "authorization_type"), "pre_auth") == 0;
    if (has_status(r->o, "expired"))
        refuse(k, "expired_charge", "charge expired");
    else if (!is(r->o, "capturable"))
        refuse(k, "failed_capture",
               "charge cannot be captured, it was already captured or reversed");
    else if (ask_i64(k->body, "capture_amount", &part) || part > all || part == 0 ||
             (part >= 0 && part < all && !partly))
        refuse(k, "failed_capture", "capture_amount is not one that can be captured");
    if (refused(k))
        return;
    take_money(r->o, part > 0 ? part : all, k->cx->now_ms);
    done(k, r, "charge.capture");
}

void charge_reverse(struct omise_call *k)
{
    struct omise_row *r = find(k);
    if (!r)
        return;
    if (!is(r->o, "reversible")) {
        refuse(k, "failed_reverse", "charge cannot be reversed");
        return;
    }
    omise_set(r->o, "status", json_string("reversed"));
    omise_set(r->o, "reversed_at", omise_time(k->cx->now_ms));
    done(k, r, "charge.reverse");
}

void charge_expire(struct omise_call *k)
{
    struct omise_row *r = find(k);
    if (!r)
        return;
    if (!charge_waits(r)) {
        refuse(k, "failed_expire", "charge cannot be expired, it is %s", omise_get(r->o, "status"));
        return;
    }
    charge_lapse(k->o, r, k->cx->now_ms);
    done(k, r, "charge.expire");
}

static void mark(struct omise_call *k, const char *code)
{
    struct omise_row *r = find(k);
    if (!r)
        return;
    if (has_status(r->o, "expired")) {
        refuse(k, "expired_charge", "charge expired");
    } else if (!charge_waits(r)) {
        refuse(k, "invalid_charge", "charge is %s, not waiting", omise_get(r->o, "status"));
    } else {
        charge_settle(k->o, r, k->cx->now_ms, code);
        done(k, r, "charge.complete");
    }
}

void charge_mark_paid(struct omise_call *k)
{
    mark(k, "");
}

void charge_mark_failed(struct omise_call *k)
{
    mark(k, "payment_rejected");
}

/* ---- the search ---- */

struct wanted {
    const char *query, *status, *amount;
};

static bool matches(const struct omise_row *r, const void *arg)
{
    const struct wanted *w = arg;
    if (w->status && !has_status(r->o, w->status))
        return false;
    if (w->amount && omise_number(r->o, "amount") != strtoll(w->amount, NULL, 10))
        return false;
    if (!w->query || !*w->query)
        return true;
    char *metadata = json_dumps(json_object_get(r->o, "metadata"), JSON_COMPACT);
    bool found = strstr(r->id, w->query) || (metadata && strstr(metadata, w->query)) ||
                 strstr(omise_get(r->o, "description"), w->query);
    free(metadata);
    return found;
}

static json_t *page_of(struct omise_call *k, const struct wanted *w, int64_t page, int64_t *total)
{
    json_t *data = json_array();
    *total = 0;
    for (size_t i = k->o->charges.n; i-- > 0;) {
        const struct omise_row *r = book_at(&k->o->charges, i);
        if (!matches(r, w))
            continue;
        if (*total / PER_PAGE == page - 1)
            (void)json_array_append(data, r->o);
        ++*total;
    }
    return data;
}

void charge_search(struct omise_call *k)
{
    const char *scope = ask_query(k, "scope"), *number = ask_query(k, "page");
    struct wanted w = {.query = ask_query(k, "query"),
                       .status = ask_query(k, "filters[status]"),
                       .amount = ask_query(k, "filters[amount]")};
    int64_t page = 1, total;
    if (!scope || strcmp(scope, "charge") != 0)
        refuse(k, "bad_request", "scope must be charge here");
    if (number && text_i64(number, 1, 100000, &page))
        refuse(k, "invalid_page", "page must be a number from 1");
    if (refused(k))
        return;
    json_t *data = page_of(k, &w, page, &total);
    k->result = json_pack(
        "{s:s, s:s, s:s, s:{}, s:s, s:I, s:i, s:I, s:I, s:o, s:s}", "object", "search", "scope",
        "charge", "query", w.query ? w.query : "", "filters", "order", "reverse_chronological",
        "page", (json_int_t)page, "per_page", PER_PAGE, "total", (json_int_t)total, "total_pages",
        (json_int_t)((total + PER_PAGE - 1) / PER_PAGE), "data", data, "location", "/search");
}
