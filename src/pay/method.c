/* Payment methods: the table of this program, and what is found in it. */
#include "pay/method.sql.h"
#include "pay/pay.h"
#include "store/store.h"

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
    QUICK_MANUAL("ecpay_twqr", ecpay, "TW", PAY_REDIRECT, 6, 49999),
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

enum pay_kind pay_kind_of(const char *provider, const char *method)
{
    for (size_t i = 0; i < pay_builtin.count; i++)
        if (strcmp(pay_builtin.methods[i].provider->name, provider) == 0 &&
            strcmp(pay_builtin.methods[i].id, method) == 0)
            return pay_builtin.methods[i].kind;
    return PAY_REDIRECT;
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

/* ---- as a shop has them ---- */

static const struct pay_setting unset = {-1, -1, -1, -1, -1};

static struct pay_terms terms_of(const struct pay_table *t, int64_t shop_id,
                                 const struct pay_method *m, const struct pay_setting *s)
{
    bool gateway = !m->provider->confirms_at_once;
    int64_t min = 0, max = 0;
    struct pay_terms r = {.method = m,
                          .active = s->active < 0 ? !m->off : s->active != 0,
                          .there = !gateway || !t->offered || t->offered(t->arg, shop_id, m),
                          .min_amount = s->min_amount < 0 ? m->min_amount : s->min_amount,
                          .max_amount = s->max_amount < 0 ? m->max_amount : s->max_amount,
                          .minutes = s->minutes < 0 ? m->minutes : s->minutes,
                          .for_deals = s->for_deals < 0 ? !m->not_for_deals : s->for_deals != 0};
    if (gateway && t->narrow)
        t->narrow(t->arg, shop_id, m, &min, &max);
    if (min > r.min_amount)
        r.min_amount = min;
    if (max && (!r.max_amount || max < r.max_amount))
        r.max_amount = max;
    return r;
}

struct named_setting {
    const char *method;
    struct pay_setting set;
};

static enum err read_settings(struct db *db, struct arena *arena, int64_t shop_id,
                              const char *market, struct named_setting list[PAY_METHODS_MAX],
                              size_t *ret_count)
{
    size_t n = 0;
    struct named_setting s;
    struct rows rows = db_rows(db, &SQL_pay_settings, ARGS(V(shop_id), V(market)));
    while (n < PAY_METHODS_MAX &&
           rows_next(&rows, arena,
                     COLS(C(&s.method), C(&s.set.active), C(&s.set.minutes), C(&s.set.min_amount),
                          C(&s.set.max_amount), C(&s.set.for_deals))))
        list[n++] = s;
    enum err e = rows_end(&rows);
    if (!e)
        *ret_count = n;
    return e;
}

enum err pay_terms_read(struct db *db, struct arena *arena, const struct pay_table *t,
                        int64_t shop_id, const char *market,
                        struct pay_terms ret_list[PAY_METHODS_MAX], size_t *ret_count)
{
    struct named_setting set[PAY_METHODS_MAX];
    size_t sets = 0, n = 0;
    enum err e = read_settings(db, arena, shop_id, market, set, &sets);
    for (size_t i = 0; !e && i < t->count && n < PAY_METHODS_MAX; i++) {
        const struct pay_setting *mine = &unset;
        if (strcmp(t->methods[i].market, market) != 0)
            continue;
        for (size_t k = 0; k < sets; k++)
            if (strcmp(set[k].method, t->methods[i].id) == 0)
                mine = &set[k].set;
        ret_list[n++] = terms_of(t, shop_id, &t->methods[i], mine);
    }
    if (!e)
        *ret_count = n;
    return e;
}

const struct pay_terms *pay_terms_find(const struct pay_terms *list, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].method->id, id) == 0)
            return &list[i];
    return NULL;
}

const char *pay_terms_problem(const struct pay_terms *t, int64_t amount, bool has_deal)
{
    if (!t->active)
        return "off";
    if (!t->there)
        return "down";
    if (t->max_amount && amount > t->max_amount)
        return "over_limit";
    if (amount < t->min_amount)
        return "under_limit";
    return has_deal && !t->for_deals ? "deal" : NULL;
}

enum err pay_setting_get(struct db *db, int64_t shop_id, const struct pay_method *m,
                         struct pay_setting *ret_setting)
{
    struct pay_setting s = unset;
    enum err e = db_row(
        db, NULL, &SQL_pay_setting, ARGS(V(shop_id), V(m->market), V(m->id)),
        COLS(C(&s.active), C(&s.minutes), C(&s.min_amount), C(&s.max_amount), C(&s.for_deals)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_setting = s;
    return ERR_OK;
}

static struct val or_null(int64_t n)
{
    return n < 0 ? VNULL : V(n);
}

enum { MINUTES_MIN = 5, MINUTES_MAX = 30 * DAY };
#define AMOUNT_MAX INT64_C(1000000000)

enum err pay_setting_put(struct tx *tx, int64_t shop_id, const struct pay_method *m,
                         const struct pay_setting *s)
{
    if (s->minutes >= 0 && (s->minutes < MINUTES_MIN || s->minutes > MINUTES_MAX))
        return problem(tx->cx, ERR_INPUT, "'minutes' must be %d to %d", MINUTES_MIN, MINUTES_MAX);
    if (s->min_amount > AMOUNT_MAX || s->max_amount > AMOUNT_MAX)
        return problem(tx->cx, ERR_INPUT, "'max' is too large");
    int64_t min = s->min_amount < 0 ? m->min_amount : s->min_amount;
    int64_t max = s->max_amount < 0 ? m->max_amount : s->max_amount;
    if (max && min > max)
        return problem(tx->cx, ERR_INPUT, "'min' must not be above 'max'");
    return db_do(tx->db, &SQL_pay_setting_put,
                 ARGS(V(shop_id), V(m->market), V(m->id), or_null(s->active), or_null(s->minutes),
                      or_null(s->min_amount), or_null(s->max_amount), or_null(s->for_deals)),
                 NULL);
}
