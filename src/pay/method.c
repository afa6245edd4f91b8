/* Payment methods: the table of this program, and what is found in it. */
#include "pay/pay.h"

#include <assert.h>
#include <string.h>

static const struct pay_provider cod = {
    .name = "cod", .confirms_at_once = true, .manual_refund = true};
static const struct pay_provider ecpay = {.name = "ecpay"}, omise = {.name = "omise"};

enum { DAY = 24 * 60 };

/* A card, or a page of a bank or wallet that answers at once. */
#define QUICK(name, by, where, how, lo, hi)                                               \
    {                                                                                     \
        .id = (name), .provider = &(by), .market = (where), .kind = (how), .minutes = 15, \
        .min_amount = (lo), .max_amount = (hi)                                            \
    }
/* The same, but what was paid can only be paid back by hand. */
#define QUICK_MANUAL(name, by, where, how, lo, hi)                                        \
    {                                                                                     \
        .id = (name), .provider = &(by), .market = (where), .kind = (how), .minutes = 15, \
        .min_amount = (lo), .max_amount = (hi), .manual_refund = true                     \
    }
/* A code that is paid later, at a machine or a counter. */
#define CODE(name, by, where, lo, hi)                                                         \
    {                                                                                         \
        .id = (name), .provider = &(by), .market = (where), .kind = PAY_CODE, .minutes = DAY, \
        .min_amount = (lo), .max_amount = (hi), .not_for_deals = true, .manual_refund = true  \
    }

/*
 * Taiwan in whole dollars: ECPay's public table of fees and windows. Thailand in satang: Omise's
 * pages. Cash: what carriers collect at most. A shop's contract may differ: its settings say.
 */
static const struct pay_method builtin[] = {
    QUICK("ecpay_card", ecpay, "TW", PAY_CARD, 5, 199999),
    {.id = "ecpay_installment",
     .provider = &ecpay,
     .market = "TW",
     .kind = PAY_CARD,
     .minutes = 15,
     .min_amount = 1000,
     .max_amount = 199999,
     .off = true},
    {.id = "ecpay_applepay",
     .provider = &ecpay,
     .market = "TW",
     .kind = PAY_CARD,
     .minutes = 15,
     .min_amount = 5,
     .max_amount = 199999,
     .off = true},
    CODE("ecpay_atm", ecpay, "TW", 11, 49999),
    CODE("ecpay_cvs", ecpay, "TW", 33, 6000),
    CODE("ecpay_barcode", ecpay, "TW", 17, 20000),
    QUICK_MANUAL("ecpay_webatm", ecpay, "TW", PAY_REDIRECT, 11, 49999),
    QUICK("ecpay_twqr", ecpay, "TW", PAY_REDIRECT, 6, 49999),
    {.id = "cod",
     .provider = &cod,
     .market = "TW",
     .max_amount = 20000,
     .carries_with_parcel = true},
    QUICK_MANUAL("omise_promptpay", omise, "TH", PAY_QR, 2000, 15000000),
    QUICK("omise_card", omise, "TH", PAY_CARD, 2000, 15000000),
    QUICK("omise_truemoney", omise, "TH", PAY_REDIRECT, 2000, 10000000),
    QUICK_MANUAL("omise_mobile_kbank", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK_MANUAL("omise_mobile_scb", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK_MANUAL("omise_mobile_bbl", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK_MANUAL("omise_mobile_bay", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK_MANUAL("omise_mobile_ktb", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK("omise_shopeepay", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    QUICK("omise_linepay", omise, "TH", PAY_REDIRECT, 2000, 15000000),
    {.id = "cod",
     .provider = &cod,
     .market = "TH",
     .max_amount = 5000000,
     .carries_with_parcel = true},
};

/* Without a room that knows gateways there is cash alone. */
static bool no_gateway(void *arg, int64_t shop_id, const struct pay_method *m)
{
    (void)arg;
    (void)shop_id;
    (void)m;
    return false;
}

const struct pay_table pay_builtin = {
    .offered = no_gateway, .methods = builtin, .count = sizeof builtin / sizeof builtin[0]};

const char *pay_kind_name(enum pay_kind k)
{
    static const char *const names[] = {[PAY_COD] = "cod",
                                        [PAY_CARD] = "card",
                                        [PAY_CODE] = "code",
                                        [PAY_QR] = "qr",
                                        [PAY_REDIRECT] = "redirect"};
    assert((unsigned)k < sizeof names / sizeof names[0]);
    return names[k];
}

const struct pay_method *pay_find(const struct pay_table *t, const char *market, const char *id)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->methods[i].market, market) == 0 && strcmp(t->methods[i].id, id) == 0)
            return &t->methods[i];
    return NULL;
}

const struct pay_provider *pay_provider_find(const struct pay_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->methods[i].provider->name, name) == 0)
            return t->methods[i].provider;
    return NULL;
}

bool pay_refund_is_manual(const struct pay_table *t, const char *provider, const char *method)
{
    const struct pay_provider *by = pay_provider_find(t, provider);
    if (!by || by->manual_refund)
        return true;
    for (size_t i = 0; i < t->count; i++)
        if (t->methods[i].provider == by && strcmp(t->methods[i].id, method) == 0)
            return t->methods[i].manual_refund;
    return true; /* a method this program does not know any more */
}
