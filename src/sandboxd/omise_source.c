/* Ways to pay in Thailand, the sources made of them, and what the account has. */
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* type, names, flow, phone?, platform?, term?, refunds?, fee in bp, minimum */
static const struct omise_way ways[] = {
    {"card", "信用卡", "บัตรเครดิตหรือเดบิต", "Card", FLOW_CARD, false, false, false, true, 365,
     OMISE_MIN},
    {"promptpay", "PromptPay", "พร้อมเพย์", "PromptPay", FLOW_OFFLINE, false, false, false, false,
     165, OMISE_MIN},
    {"truemoney", "TrueMoney", "ทรูมันนี่", "TrueMoney", FLOW_REDIRECT, true, false, false, true, 265,
     OMISE_MIN},
    {"truemoney_jumpapp", "TrueMoney", "ทรูมันนี่", "TrueMoney", FLOW_APP, false, true, false, true,
     265, OMISE_MIN},
    {"shopeepay", "ShopeePay", "ช้อปปี้เพย์", "ShopeePay", FLOW_REDIRECT, false, false, false, true,
     265, OMISE_MIN},
    {"shopeepay_jumpapp", "ShopeePay", "ช้อปปี้เพย์", "ShopeePay", FLOW_APP, false, true, false, true,
     265, OMISE_MIN},
    {"rabbit_linepay", "Rabbit LINE Pay", "แรบบิท ไลน์ เพย์", "Rabbit LINE Pay", FLOW_REDIRECT, false,
     false, false, true, 365, OMISE_MIN},
    {"mobile_banking_kbank", "KBank K PLUS", "K PLUS กสิกรไทย", "KBank K PLUS", FLOW_APP, false,
     true, false, false, 165, OMISE_MIN},
    {"mobile_banking_scb", "SCB EASY", "SCB EASY ไทยพาณิชย์", "SCB EASY", FLOW_APP, false, true,
     false, false, 165, OMISE_MIN},
    {"mobile_banking_bbl", "Bangkok Bank", "ธนาคารกรุงเทพ", "Bangkok Bank", FLOW_APP, false, true,
     false, false, 165, OMISE_MIN},
    {"mobile_banking_bay", "Krungsri KMA", "กรุงศรี KMA", "Krungsri KMA", FLOW_APP, false, true,
     false, false, 165, OMISE_MIN},
    {"mobile_banking_ktb", "Krungthai NEXT", "กรุงไทย NEXT", "Krungthai NEXT", FLOW_APP, false, true,
     false, false, 165, OMISE_MIN},
    {"installment_kbank", "KBank 分期", "ผ่อนชำระ กสิกรไทย", "KBank instalments", FLOW_REDIRECT,
     false, false, true, true, 365, 200000},
    {"installment_ktc", "KTC 分期", "ผ่อนชำระ KTC", "KTC instalments", FLOW_REDIRECT, false, false,
     true, true, 365, 200000},
};
enum { WAYS = sizeof ways / sizeof *ways };

const struct omise_way *way_of(const char *type)
{
    for (size_t i = 0; i < WAYS; i++)
        if (strcmp(ways[i].type, type) == 0)
            return &ways[i];
    return NULL;
}

static const char *flow_name(enum omise_flow f)
{
    return f == FLOW_OFFLINE ? "offline" : f == FLOW_APP ? "app_redirect" : "redirect";
}

static void check_needs(struct omise_call *k, const struct omise_way *w, const json_t *ask)
{
    int64_t term = -1;
    const char *phone = omise_get(ask, "phone_number");
    const char *platform = ask_text(ask, "platform_type");
    if (w->phone && (strspn(phone, "0123456789+") < 9 || strlen(phone) > 15))
        refuse(k, "bad_request", "phone_number must contain 10-11 digit characters");
    if (platform && strcmp(platform, "IOS") != 0 && strcmp(platform, "ANDROID") != 0 &&
        strcmp(platform, "WEB") != 0)
        refuse(k, "bad_request", "platform_type must be IOS, ANDROID or WEB");
    if (w->term && (ask_i64(ask, "installment_term", &term) || term < 2 || term > 36))
        refuse(k, "bad_request", "installment_term is not one of the bank's");
}

static void check_money(struct omise_call *k, const struct omise_way *w, const json_t *ask,
                        int64_t *amount)
{
    *amount = -1;
    if (ask_i64(ask, "amount", amount) || *amount < 0)
        refuse(k, "invalid_amount", "amount must be a whole number of satang");
    else if (*amount < w->min)
        refuse(k, "invalid_amount", "amount must be at least %lld", (long long)w->min);
    else if (*amount > OMISE_MAX)
        refuse(k, "invalid_amount", "amount must be at most %d", OMISE_MAX);
    if (strcasecmp(omise_get(ask, "currency"), "thb") != 0)
        refuse(k, "bad_request", "currency must be THB for this type");
}

struct omise_row *source_make(struct omise_call *k, const json_t *ask)
{
    int64_t amount, term = -1;
    const char *type = omise_get(ask, "type");
    const struct omise_way *w = way_of(type);
    if (!w || w->flow == FLOW_CARD) {
        refuse(k, "bad_request", "type %.40s is not supported", type);
        return NULL;
    }
    check_money(k, w, ask, &amount);
    check_needs(k, w, ask);
    if (refused(k))
        return NULL;
    bool has_term = !ask_i64(ask, "installment_term", &term) && term > 0;
    struct omise_row *r = book_add(&k->o->sources, "src", k->cx->now_ms);
    r->o = json_pack("{s:s, s:s, s:b, s:o, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:n, s:n, s:n, "
                     "s:n, s:n, s:n, s:n, s:n, s:o}",
                     "object", "source", "id", r->id, "livemode", 0, "location",
                     json_sprintf("/sources/%s", r->id), "amount", (json_int_t)amount, "currency",
                     "THB", "type", type, "flow", flow_name(w->flow), "charge_status", "unknown",
                     "phone_number", text_or_null(ask, "phone_number"), "platform_type",
                     text_or_null(ask, "platform_type"), "installment_term",
                     has_term ? json_integer(term) : json_null(), "scannable_code", "references",
                     "absorption_type", "bank", "barcode", "email", "name", "mobile_number",
                     "created_at", omise_time(k->cx->now_ms));
    return r;
}

void source_create(struct omise_call *k)
{
    struct omise_row *r = source_make(k, k->body);
    if (r)
        k->result = json_incref(r->o);
}

void source_get(struct omise_call *k)
{
    const char *id = http_param(k->req, "id");
    const struct omise_row *r = book_find(&k->o->sources, id);
    if (!r)
        refuse(k, "not_found", "source %.60s was not found", id);
    else
        k->result = json_incref(r->o);
}

/* ---- /capability ---- */

static json_t *method_object(const struct omise_way *w)
{
    json_t *o = json_pack("{s:s, s:s, s:[s], s:n, s:n, s:n, s:n}", "object", "payment_method",
                          "name", w->type, "currencies", "THB", "card_brands", "installment_terms",
                          "banks", "provider");
    if (w->flow == FLOW_CARD)
        omise_set(o, "card_brands", json_pack("[s,s,s]", "JCB", "Visa", "MasterCard"));
    if (w->term)
        omise_set(o, "installment_terms", json_pack("[i,i,i,i]", 3, 4, 6, 10));
    return o;
}

void capability_get(struct omise_call *k)
{
    json_t *methods = json_array();
    for (size_t i = 0; i < WAYS; i++)
        (void)json_array_append_new(methods, method_object(&ways[i]));
    k->result =
        json_pack("{s:s, s:s, s:s, s:[s,s,s], s:{s:{s:i, s:i}, s:{s:i}}, s:o, s:[s,s], s:b}",
                  "object", "capability", "location", "/capability", "country", "TH", "banks",
                  "bay", "kbank", "scb", "limits", "charge_amount", "max", OMISE_MAX, "min",
                  OMISE_MIN, "installment_amount", "min", 200000, "payment_methods", methods,
                  "tokenization_methods", "applepay", "googlepay", "zero_interest_installments", 0);
}
