/* Payments of buyers: beginning one, and reading it; what their pages need to know for it. */
#include "api/order_in.h"
#include "pay/omise.h"
#include "store/store.h"
#include "till/till.h"

#include <string.h>

#define OMISE_SCRIPT_URL "https://cdn.omise.co"

static enum err read_platform(struct call *c, struct till_ask *ask)
{
    enum err e = json_opt_text(c->cx, c->body, "platform", 10, &ask->platform);
    const char *p = ask->platform;
    if (!e && p && strcmp(p, "IOS") != 0 && strcmp(p, "ANDROID") != 0 && strcmp(p, "WEB") != 0)
        e = problem(c->cx, ERR_INPUT, "'platform' must be IOS, ANDROID or WEB");
    return e;
}

static enum err read_ask(struct call *c, struct till_ask *ask)
{
    enum err e = call_idem(c, &ask->idem);
    if (!e)
        e = json_need_text(c->cx, c->body, "method", 1, 40, &ask->method);
    if (!e)
        e = json_opt_text(c->cx, c->body, "token", PAY_TOKEN_MAX, &ask->token);
    if (!e)
        e = json_opt_text(c->cx, c->body, "phone", PAY_PHONE_MAX, &ask->phone);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 10, &ask->lang);
    return e ? e : read_platform(c, ask);
}

enum err order_payments_post(struct call *c)
{
    const struct order_ref ref = call_order(c);
    struct till_ask ask = {.idem = NULL};
    json_t *body = NULL;
    bool again = false;
    int64_t later = 0;
    enum err e = read_ask(c, &ask);
    if (!e)
        e = till_start(c->api->set.till, c->cx, &c->who, &ref, &ask, &body, &again, &later);
    if (e == ERR_PAY_DOWN)
        c->retry_ms = later;
    name_field(c, e);
    return answer_made(c, e, again ? 200 : 201, body);
}

enum err payment_get(struct call *c)
{
    json_t *payment = NULL;
    const char *secret = http_query(c->req, "secret");
    enum err e = till_read(c->api->set.till, c->cx, &c->who, http_param(c->req, "id"),
                           secret && *secret ? secret : NULL, &payment);
    return answer_made(c, e, 200, payment);
}

enum err add_pay_methods(struct call *c, struct db *db, const struct order_ref *ref, json_t *order)
{
    struct order_due due;
    json_t *list = NULL;
    if (!json_is_true(json_object_get(order, "can_pay")))
        return ERR_OK;
    enum err e = order_due_for(db, c->cx, &c->who, ref, &due);
    if (!e)
        e = order_methods(c->api->set.orders, db, c->cx, &due, &list);
    if (!e)
        (void)json_object_set_new(order, "pay_methods", list);
    return e;
}

/* Public by nature: it is on every page that takes a card. */
static json_t *setup_json(const struct call *c, const struct pay_keys *k)
{
    const char *vault = c->api->set.accounts->omise_vault_url;
    const char *at = strcmp(vault, OMISE_VAULT_URL) == 0 ? OMISE_SCRIPT_URL : vault;
    return json_pack("{s:s,s:s+,s:b}", "public_key", k->name, "script", at, "/omise.js", "test",
                     omise_is_test(k->name));
}

enum err pay_setup_get(struct call *c)
{
    const char *slug = http_query(c->req, "shop");
    struct db *db = NULL;
    struct shop shop;
    struct pay_keys k = {.name = ""};
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = slug && *slug ? shop_by_slug(db, c->cx->arena, slug, &shop)
                          : shop_first(db, c->cx->arena, &shop);
    if (!e)
        e = pay_account_read(c->api->set.accounts, db, c->cx, shop.id, ACCOUNT_OMISE, &k);
    store_read_end(db);
    json_t *omise = !e ? setup_json(c, &k) : json_null();
    crypto_wipe(&k, sizeof k);
    if (e && e != ERR_NOT_FOUND) {
        json_decref(omise);
        return e;
    }
    return answer_json(c, 200, json_pack("{s:o}", "omise", omise));
}

enum err staff_payment_ask(struct call *c)
{
    json_t *payment = NULL;
    enum err e = till_ask_now(c->api->set.till, c->cx, &c->who, http_param(c->req, "id"), &payment);
    if (e == ERR_PAY_DOWN)
        c->retry_ms = 15000;
    return answer_made(c, e, 200, payment);
}
