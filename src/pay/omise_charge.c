/* What a charge of Omise's says, in our words. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/omise_in.h"

#include <stdlib.h>
#include <string.h>

const char *omise_fail_code(const char *code)
{
    static const struct {
        const char *theirs, *ours;
    } known[] = {{"insufficient_fund", "no_funds"},
                 {"insufficient_balance", "no_funds"},
                 {"stolen_or_lost_card", "lost_card"},
                 {"invalid_account_number", "bad_card"},
                 {"invalid_account", "bad_card"},
                 {"invalid_card", "bad_card"},
                 {"expired_card", "bad_card"},
                 {"brand_not_supported", "bad_card"},
                 {"invalid_security_code", "bad_code"},
                 {"failed_fraud_check", "fraud"},
                 {"payment_cancelled", "cancelled"},
                 {"timeout", "timeout"},
                 {"payment_expired", "timeout"},
                 {"expired_charge", "timeout"},
                 {"invalid_amount", "limit"},
                 {"service_not_found", "method"},
                 {"confirmed_amount_mismatch", "provider"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(code, known[i].theirs) == 0)
            return known[i].ours;
    /* Which words 3-D Secure has is not documented. */
    return strstr(code, "3ds") || strstr(code, "3d_secure") || strstr(code, "authentication")
               ? "three_d"
               : "declined";
}

/* An address that a browser may be sent to; "" for anything else. */
static const char *link_of(struct cx *cx, const json_t *o, const char *name)
{
    const char *url = omise_text(cx, o, name);
    bool good = (text_has_prefix(url, "https://") || text_has_prefix(url, "http://")) &&
                strlen(url) < OMISE_URL_MAX;
    for (const char *c = url; good && *c; c++)
        good = *c > ' ' && *c < 0x7f && !strchr("\"'<>\\`", *c);
    return good ? url : "";
}

static int64_t amount_of(const json_t *o, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(o, name));
    return n > 0 ? n : 0;
}

/* "THB" of "thb"; NULL: not three letters. */
static const char *currency_of(struct cx *cx, const json_t *o)
{
    const char *text = omise_text(cx, o, "currency");
    char *upper = strlen(text) == 3 ? arena_dup(cx->arena, text, 3) : NULL;
    for (char *c = upper; c && *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        if (*c < 'A' || *c > 'Z')
            return NULL;
    }
    return upper;
}

/* The attempt in its metadata, if it is one that we could have written. */
static const char *attempt_of(struct cx *cx, const json_t *o)
{
    const char *ref = omise_text(cx, json_object_get(o, "metadata"), "attempt");
    for (const char *c = ref; *c; c++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z')))
            return NULL;
    return strlen(ref) == GATEWAY_REF ? ref : NULL;
}

/*
 * `status` decides, with `paid`. Money that was given back as a whole before we knew of it, in the
 * dashboard, pays for nothing. A status that we do not know may yet become money.
 */
static enum gateway_says says_of(const json_t *o, const char *status, int64_t paid_amount)
{
    if (strcmp(status, "successful") == 0) {
        if (!json_is_true(json_object_get(o, "paid")))
            return SAYS_PENDING;
        return amount_of(o, "refunded_amount") >= paid_amount ? SAYS_FAILED : SAYS_PAID;
    }
    if (strcmp(status, "failed") == 0 || strcmp(status, "reversed") == 0)
        return SAYS_FAILED;
    return strcmp(status, "expired") == 0 ? SAYS_EXPIRED : SAYS_PENDING;
}

static void set_text(json_t *o, const char *name, const char *value)
{
    if (*value)
        (void)json_object_set_new(o, name, json_string(value));
}

static void set_number(json_t *o, const char *name, int64_t value)
{
    if (value)
        (void)json_object_set_new(o, name, json_integer(value));
}

/* What pages and refunds want to know of it later; nothing of the card but brand and last four. */
static const char *details_of(struct cx *cx, const json_t *o, const struct omise_charge *c)
{
    const json_t *card = json_object_get(o, "card");
    json_t *d = json_object();
    if (!d)
        return NULL;
    const char *brand = omise_text(cx, card, "brand"), *last4 = omise_text(cx, card, "last_digits");
    set_text(d, "charge", c->id);
    set_text(d, "url", c->url);
    set_text(d, "qr", c->qr);
    set_number(d, "expires_at", omise_when(o, "expires_at"));
    set_text(d, "brand", strlen(brand) <= 40 ? brand : "");
    set_text(d, "last4", strlen(last4) <= 4 ? last4 : "");
    if (c->news.says == SAYS_FAILED) {
        const char *why = omise_text(cx, o, "failure_code");
        set_text(d, "failure", strlen(why) < OMISE_CODE_MAX ? why : "");
    }
    set_number(d, "refunded", amount_of(o, "refunded_amount"));
    char *text = json_text_of(d);
    const char *copy = text && strlen(text) <= GATEWAY_DETAILS_MAX
                           ? arena_dup(cx->arena, text, strlen(text))
                           : NULL;
    free(text);
    return copy;
}

static const char *why_failed(struct cx *cx, const json_t *o)
{
    if (json_is_true(json_object_get(o, "reversed")) ||
        strcmp(omise_text(cx, o, "status"), "failed") != 0)
        return "cancelled";
    return omise_fail_code(omise_text(cx, o, "failure_code"));
}

enum err omise_read_charge(struct cx *cx, const json_t *o, struct omise_charge *ret)
{
    struct omise_charge c = {.id = omise_text(cx, o, "id")};
    const char *status = omise_text(cx, o, "status");
    const json_t *image =
        json_object_get(json_object_get(json_object_get(o, "source"), "scannable_code"), "image");
    if (strcmp(omise_text(cx, o, "object"), "charge") != 0 || !omise_id_ok(c.id, "chrg") ||
        !*status)
        return problem(cx, ERR_UPSTREAM, "Omise's answer is not a charge");
    c.live = json_is_true(json_object_get(o, "livemode"));
    c.url = link_of(cx, o, "authorize_uri");
    c.qr = link_of(cx, image, "download_uri");
    struct gateway_news *n = &c.news;
    int64_t captured = amount_of(o, "captured_amount");
    n->our_ref = attempt_of(cx, o);
    n->provider_ref = c.id;
    n->amount = amount_of(o, "amount");
    if (captured && strcmp(status, "successful") == 0)
        n->amount = captured; /* what came, if it is less */
    n->currency = currency_of(cx, o);
    n->says = says_of(o, status, n->amount);
    if (n->says == SAYS_PENDING && *c.qr)
        n->says = SAYS_CODE;
    if (n->says == SAYS_FAILED)
        n->fail_code = why_failed(cx, o);
    n->paid_ms = n->says == SAYS_PAID ? omise_when(o, "paid_at") : 0;
    n->details = details_of(cx, o, &c);
    *ret = c;
    return ERR_OK;
}
