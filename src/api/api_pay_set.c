/* How a shop is paid: which methods within which amounts, and its keys at the gateways. */
#include "api/order_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/market.h"
#include "pay/ecpay.h"
#include "pay/omise.h"
#include "pay/omise_sign.h"
#include "store/store.h"
#include "till/till.h"

#include <string.h>

/* ---- methods ---- */

static json_t *or_null(int64_t amount, const char *currency)
{
    return amount > 0 ? json_pack("{s:I,s:s}", "amount", (json_int_t)amount, "currency", currency)
                      : json_null();
}

static json_t *method_json(const struct pay_terms *t, const char *currency)
{
    const struct pay_method *m = t->method;
    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:I,s:I,s:o,s:o,s:b,s:b,s:b}", "id", m->id, "market",
                     m->market, "provider", m->provider->name, "kind", pay_kind_name(m->kind),
                     "active", t->active, "default_active", !m->off, "minutes",
                     (json_int_t)t->minutes, "default_minutes", (json_int_t)m->minutes, "min",
                     or_null(t->min_amount, currency), "max", or_null(t->max_amount, currency),
                     "for_deals", t->for_deals, "there", t->there, "manual_refund",
                     m->manual_refund || m->provider->manual_refund);
}

static enum err add_market(struct call *c, struct db *db, int64_t shop_id, const struct market *m,
                           json_t *items)
{
    struct pay_terms terms[PAY_METHODS_MAX];
    size_t n = 0;
    enum err e =
        pay_terms_read(db, c->cx->arena, till_table(c->api->set.till), shop_id, m->code, terms, &n);
    for (size_t i = 0; !e && i < n; i++)
        (void)json_array_append_new(items, method_json(&terms[i], m->currency));
    return e;
}

enum err pay_methods_list(struct call *c)
{
    const struct staff *staff;
    struct db *db = NULL;
    json_t *items = json_array();
    enum err e = call_shop(c, ACTION_ORDER_SEE, &staff);
    if (!e)
        e = store_read(c->api->set.store, &db);
    for (size_t i = 0; !e && i < MARKET_COUNT; i++)
        e = add_market(c, db, staff->shop_id, &markets[i], items);
    store_read_end(db);
    json_t *body = json_pack("{s:o}", "items", items);
    if (e)
        json_decref(body);
    return e ? e : answer_json(c, 200, body);
}

struct set_method {
    const struct pay_method *method;
    int64_t shop_id;
    const json_t *body;
    struct audit audit;
    struct pay_setting to;
};

/* A member that is there replaces; null goes back to what the program has. */
static void take_number(const json_t *o, const char *name, int64_t *to)
{
    const json_t *v = json_object_get(o, name);
    if (json_is_null(v))
        *to = -1;
    else if (json_is_boolean(v))
        *to = json_is_true(v);
    else if (json_is_integer(v))
        *to = json_integer_value(v);
}

static enum err set_job(struct tx *tx, void *arg)
{
    struct set_method *s = arg;
    enum err e = pay_setting_get(tx->db, s->shop_id, s->method, &s->to);
    if (e)
        return e;
    take_number(s->body, "active", &s->to.active);
    take_number(s->body, "minutes", &s->to.minutes);
    take_number(s->body, "min", &s->to.min_amount);
    take_number(s->body, "max", &s->to.max_amount);
    take_number(s->body, "for_deals", &s->to.for_deals);
    e = pay_setting_put(tx, s->shop_id, s->method, &s->to);
    return e ? e : audit_write(tx, &s->audit);
}

static enum err check_members(struct call *c)
{
    static const char *const numbers[] = {"minutes", "min", "max"};
    static const char *const flags[] = {"active", "for_deals"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *v = json_object_get(c->body, numbers[i]);
        if (v && !json_is_null(v) && (!json_is_integer(v) || json_integer_value(v) < 0))
            return problem(c->cx, ERR_INPUT, "'%s' must be a number of 0 or more", numbers[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        const json_t *v = json_object_get(c->body, flags[i]);
        if (v && !json_is_null(v) && !json_is_boolean(v))
            return problem(c->cx, ERR_INPUT, "'%s' must be true or false", flags[i]);
    }
    return ERR_OK;
}

enum err pay_method_put(struct call *c)
{
    const struct staff *staff;
    const char *id = http_param(c->req, "id"), *market = http_query(c->req, "market");
    const struct market *m = market_find(market);
    struct set_method s = {.body = c->body};
    enum err e = call_shop(c, ACTION_SHOP_EDIT, &staff);
    if (e)
        return e;
    s.method = m ? pay_find(till_table(c->api->set.till), m->code, id) : NULL;
    if (!s.method)
        return problem(c->cx, ERR_NOT_FOUND, "there is no such way to pay in this market");
    e = check_members(c);
    if (e) {
        name_field(c, e);
        return e;
    }
    s.shop_id = staff->shop_id;
    s.audit = call_audit(c, staff->shop_id, "pay_method.set", s.method->id);
    e = call_note(c, NULL, json_incref(c->body), &s.audit);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "pay_method.set", set_job, &s);
    name_field(c, e);
    return e ? e : pay_methods_list(c);
}

/* ---- keys ---- */

static const struct {
    enum pay_account account;
    const char *what, *path;
} hooks[] = {
    {ACCOUNT_ECPAY, "payment", "/api/v1/webhooks/ecpay/payment/"},
    {ACCOUNT_ECPAY, "info", "/api/v1/webhooks/ecpay/info/"},
    {ACCOUNT_ECPAY_LOGISTICS, "logistics", "/api/v1/webhooks/ecpay/logistics/"},
    {ACCOUNT_OMISE, "charge", "/api/v1/webhooks/omise/"},
};

static json_t *hooks_json(struct call *c, enum pay_account a, const char *slug)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        if (hooks[i].account == a)
            (void)json_array_append_new(list, json_pack("{s:s,s:s++}", "what", hooks[i].what, "url",
                                                        c->api->public_url, hooks[i].path, slug));
    return list;
}

/* Published test keys of ECPay's stage; Omise's say it themselves. */
static bool is_test(struct call *c, enum pay_account a, const struct pay_keys *k)
{
    return a == ACCOUNT_OMISE ? omise_is_test(k->name)
                              : strstr(c->api->set.accounts->base_url[a], "-stage.") != NULL ||
                                    text_has_prefix(c->api->set.accounts->base_url[a], "http://");
}

static json_t *account_json(struct call *c, enum pay_account a, const char *slug,
                            const struct pay_keys *k)
{
    bool set = k->name[0] != '\0';
    return json_pack("{s:s,s:b,s:s?,s:s?,s:b,s:o,s:b,s:o}", "provider", pay_account_name(a), "set",
                     set, "from",
                     !set          ? NULL
                     : k->from_env ? "env"
                                   : "shop",
                     "name", set ? k->name : NULL, "test", set && is_test(c, a, k), "changed_at",
                     k->changed_ms ? json_integer(k->changed_ms) : json_null(), "webhook_secret",
                     a == ACCOUNT_OMISE && k->more[0], "webhooks", hooks_json(c, a, slug));
}

enum err gateways_list(struct call *c)
{
    const struct staff *staff;
    struct db *db = NULL;
    json_t *items = json_array();
    enum err e = call_shop(c, ACTION_SHOP_EDIT, &staff);
    if (!e)
        e = store_read(c->api->set.store, &db);
    for (int a = 0; !e && a < ACCOUNT_COUNT; a++) {
        struct pay_keys k = {.name = ""};
        e = pay_account_read(c->api->set.accounts, db, c->cx, staff->shop_id, (enum pay_account)a,
                             &k);
        if (e == ERR_NOT_FOUND)
            e = ERR_OK;
        if (!e)
            (void)json_array_append_new(items,
                                        account_json(c, (enum pay_account)a, staff->shop_slug, &k));
        crypto_wipe(&k, sizeof k);
    }
    store_read_end(db);
    json_t *body = json_pack("{s:o}", "items", items);
    if (e)
        json_decref(body);
    return e ? e : answer_json(c, 200, body);
}

struct put_keys {
    const struct pay_accounts *all;
    enum pay_account account;
    int64_t shop_id;
    struct pay_keys keys;
    struct audit audit;
    bool drop, force;
};

static bool same_account(const struct put_keys *p, const struct pay_keys *was)
{
    return !p->drop && strcmp(p->keys.name, was->name) == 0 && strcmp(p->keys.key, was->key) == 0 &&
           (p->account == ACCOUNT_OMISE || strcmp(p->keys.more, was->more) == 0);
}

/* Money that is on its way is told under the keys that it began with. ERR_CONFLICT */
static enum err check_in_use(struct tx *tx, const struct put_keys *p)
{
    struct pay_keys was = {.name = ""};
    int64_t n = 0;
    if (p->force)
        return ERR_OK;
    enum err e = pay_account_read(p->all, tx->db, tx->cx, p->shop_id, p->account, &was);
    bool free = e == ERR_NOT_FOUND || e == ERR_INTERNAL || (!e && was.from_env) ||
                (!e && same_account(p, &was));
    crypto_wipe(&was, sizeof was);
    if (free)
        tx->cx->problem[0] = '\0';
    if (e || free)
        return free ? ERR_OK : e;
    e = pay_account_in_use(tx->db, p->shop_id, p->account, &n);
    return e || !n ? e
                   : problem(tx->cx, ERR_CONFLICT,
                             "%d payments or refunds are under way with these keys, and what "
                             "becomes of them would not be known: wait, or set 'force'",
                             (int)n);
}

static enum err put_job(struct tx *tx, void *arg)
{
    const struct put_keys *p = arg;
    enum err e = check_in_use(tx, p);
    if (e)
        return e;
    e = p->drop ? pay_account_drop(tx, p->shop_id, p->account)
                : pay_account_put(p->all, tx, p->shop_id, p->account, &p->keys);
    return e ? e : audit_write(tx, &p->audit);
}

static enum err copy_text(struct call *c, const char *name, bool needed, char *out, size_t size)
{
    const char *text = NULL;
    enum err e = needed ? json_need_text(c->cx, c->body, name, 1, size - 1, &text)
                        : json_opt_text(c->cx, c->body, name, size - 1, &text);
    return !e && !text_copy(out, size, text ? text : "")
               ? problem(c->cx, ERR_INPUT, "'%s' is too long", name)
               : e;
}

static enum err read_omise(struct call *c, struct pay_keys *k)
{
    enum err e = copy_text(c, "public_key", true, k->name, sizeof k->name);
    if (!e)
        e = copy_text(c, "secret_key", true, k->key, sizeof k->key);
    if (!e)
        e = copy_text(c, "webhook_secret", false, k->more, sizeof k->more);
    if (!e)
        e = omise_setup_check(c->cx,
                              &(struct omise_setup){.public_key = k->name, .secret_key = k->key});
    if (!e && k->more[0] && omise_secrets_check(k->more))
        e = problem(c->cx, ERR_INPUT, "'webhook_secret' must be base64");
    return e;
}

static enum err read_ecpay(struct call *c, enum pay_account a, struct pay_keys *k)
{
    enum err e = copy_text(c, "merchant_id", true, k->name, sizeof k->name);
    if (!e)
        e = copy_text(c, "hash_key", true, k->key, sizeof k->key);
    if (!e)
        e = copy_text(c, "hash_iv", true, k->more, sizeof k->more);
    if (!e)
        e = copy_text(c, "check_code", false, k->check, sizeof k->check);
    if (!e && pay_key_is_published(k->key) &&
        pay_url_is_production(c->api->set.accounts->base_url[a]))
        e = problem(c->cx, ERR_INPUT,
                    "'hash_key' is one that ECPay publishes: anybody could sign with it");
    return e ? e
             : ecpay_setup_check(c->cx, &(struct ecpay_setup){.keys = {k->name, k->key, k->more},
                                                              .check_code = k->check});
}

static enum err change_keys(struct call *c, struct put_keys *p)
{
    const struct staff *staff;
    enum err e = call_shop(c, ACTION_STAFF_MANAGE, &staff);
    if (!e && pay_account_parse(http_param(c->req, "provider"), &p->account))
        e = problem(c->cx, ERR_NOT_FOUND, "there is no such provider");
    if (e)
        return e;
    p->all = c->api->set.accounts;
    p->shop_id = staff->shop_id;
    p->audit = call_audit(c, staff->shop_id, p->drop ? "gateway.drop" : "gateway.set",
                          pay_account_name(p->account));
    const char *force = http_query(c->req, "force");
    p->force = p->drop ? force && strcmp(force, "true") == 0
                       : json_is_true(json_object_get(c->body, "force"));
    if (!p->drop)
        e = p->account == ACCOUNT_OMISE ? read_omise(c, &p->keys)
                                        : read_ecpay(c, p->account, &p->keys);
    return e ? e : store_do(c->api->set.store, c->cx, "gateway.set", put_job, p);
}

enum err gateway_put(struct call *c)
{
    struct put_keys p = {.drop = false};
    enum err e = change_keys(c, &p);
    crypto_wipe(&p.keys, sizeof p.keys);
    name_field(c, e);
    return e ? e : gateways_list(c);
}

enum err gateway_delete(struct call *c)
{
    struct put_keys p = {.drop = true};
    enum err e = change_keys(c, &p);
    return e ? e : answer_empty(c, 204);
}
