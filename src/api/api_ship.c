/* Stores chosen on the map, parcels sent to them, what ECPay tells of their way. */
#include "api/order_in.h"
#include "base/clock.h"
#include "ship/ship.h"
#include "store/store.h"

#include <string.h>

static const char *query(const struct call *c, const char *name)
{
    const char *v = http_query(c->req, name);
    return v && *v ? v : NULL;
}

static bool query_is_1(const struct call *c, const char *name)
{
    const char *v = query(c, name);
    return v && strcmp(v, "1") == 0;
}

/* ---- choosing ---- */

enum err cvs_map_get(struct call *c)
{
    json_t *map = NULL;
    const struct ship_map_ask ask = {.chain = query(c, "chain"),
                                     .shop = query(c, "shop"),
                                     .market = query(c, "market"),
                                     .cart = query(c, "cart"),
                                     .bill = query(c, "bill"),
                                     .secret = query(c, "secret"),
                                     .order = query(c, "order"),
                                     .collect = query_is_1(c, "cod"),
                                     .phone = query_is_1(c, "device")};
    if (ask.market && strlen(ask.market) > 4)
        return problem(c->cx, ERR_INPUT, "'market' is not one of ours");
    enum err e = ship_map(c->api->set.ship, c->cx, &c->who, &ask, &map);
    return answer_made(c, e, 200, map);
}

/* A browser from another site, without cookie: it is sent on whatever it brought. */
enum err cvs_map_post(struct call *c)
{
    size_t len;
    char url[PICK_URL_MAX];
    const char *body = http_body(c->req, &len);
    enum err e = ship_picked(c->api->set.ship, c->cx, body ? body : "", len, url);
    if (e && e != ERR_INPUT)
        log_warn("a store was not taken", LOG_S("req", c->cx->id), LOG_S("err", err_api(e)));
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_redirect(c->req, 303, url);
    return ERR_OK;
}

enum err cvs_pick_get(struct call *c)
{
    json_t *pick = NULL;
    enum err e = ship_pick_read(c->api->set.ship, c->cx, &c->who, http_param(c->req, "key"), &pick);
    return answer_made(c, e, 200, pick);
}

enum err cvs_last_get(struct call *c)
{
    json_t *last = NULL;
    enum err e = ship_last(c->api->set.ship, c->cx, &c->who, &last);
    return answer_made(c, e, 200, last);
}

enum err cvs_setup_get(struct call *c)
{
    json_t *can = NULL;
    enum err e = ship_can(c->api->set.ship, c->cx, query(c, "shop"), &can);
    return answer_made(c, e, 200, can);
}

/* ---- staff ---- */

enum err parcel_ship_post(struct call *c)
{
    json_t *parcel = NULL;
    enum err e = ship_parcel(c->api->set.ship, c->cx, &c->who, http_param(c->req, "id"), &parcel);
    return answer_made(c, e, 200, parcel);
}

enum err parcels_ship_post(struct call *c)
{
    json_t *items = NULL;
    enum err e =
        ship_parcels(c->api->set.ship, c->cx, &c->who, json_object_get(c->body, "parcels"), &items);
    return e ? e : answer_json(c, 200, json_pack("{s:o}", "items", items));
}

enum err parcel_label_get(struct call *c)
{
    json_t *page = NULL;
    enum err e = ship_label(c->api->set.ship, c->cx, &c->who, http_param(c->req, "id"), &page);
    return answer_made(c, e, 200, page);
}

enum err shipping_get(struct call *c)
{
    const struct staff *staff;
    json_t *sender = NULL;
    enum err e = call_shop(c, ACTION_ORDER_SEE, &staff);
    if (!e)
        e = ship_sender_read(c->api->set.ship, c->cx, staff->shop_id, &sender);
    return answer_made(c, e, 200, sender);
}

struct put {
    int64_t shop_id;
    struct ship_sender sender;
    struct audit audit;
};

static enum err put_job(struct tx *tx, void *arg)
{
    const struct put *p = arg;
    enum err e = ship_sender_set(tx, p->shop_id, &p->sender);
    return e ? e : audit_write(tx, &p->audit);
}

enum err shipping_put(struct call *c)
{
    const struct staff *staff;
    struct put p = {.shop_id = 0};
    enum err e = call_shop(c, ACTION_SHOP_EDIT, &staff);
    if (!e)
        e = json_need_text(c->cx, c->body, "kind", 3, 3, &p.sender.kind);
    if (!e)
        e = json_opt_text(c->cx, c->body, "sender_name", 60, &p.sender.name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "sender_phone", 24, &p.sender.phone);
    if (e)
        return e;
    p.sender.name = p.sender.name && *p.sender.name ? p.sender.name : NULL;
    p.sender.phone = p.sender.phone && *p.sender.phone ? p.sender.phone : NULL;
    p.shop_id = staff->shop_id;
    p.audit = call_audit(c, staff->shop_id, "shop.shipping", staff->shop_public_id);
    e = store_do(c->api->set.store, c->cx, "shop.shipping", put_job, &p);
    return e ? e : shipping_get(c);
}

/* ---- notices ---- */

static enum err answer_line(struct call *c, const char *text)
{
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_send_text(c->req, 200, "text/plain", text);
    return ERR_OK;
}

/* Forged: a counter, and a log line a second at most; nothing else is kept. */
static enum err not_ours(struct call *c, enum err e)
{
    int64_t more = 0;
    atomic_fetch_add(&c->api->count.webhook_forged, 1);
    if (log_pace(&c->api->forged_log, clock_mono_ms(), &more))
        log_warn("webhook refused", LOG_S("req", c->cx->id), LOG_S("kind", "logistics"),
                 LOG_S("why", c->cx->problem), LOG_S("addr", c->who.addr), LOG_I("more", more));
    return answer_line(c, e == ERR_FORBIDDEN ? "0|CheckMacValue Error" : "0|Not for us");
}

static enum err read_notice(struct call *c, int64_t *ret_shop_id, struct parcel_notice *n)
{
    size_t len;
    struct shop shop;
    struct pay_keys k;
    struct db *db = NULL;
    bool named = strstr(c->route->path, "{shop}") != NULL;
    const char *body = http_body(c->req, &len);
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = named ? shop_by_slug(db, c->cx->arena, http_param(c->req, "shop"), &shop)
                  : shop_first(db, c->cx->arena, &shop);
    if (!e)
        e = pay_account_read(c->api->set.accounts, db, c->cx, shop.id, ACCOUNT_ECPAY_LOGISTICS, &k);
    store_read_end(db);
    if (e)
        return e;
    *ret_shop_id = shop.id;
    e = parcel_notice_read(c->cx, &(struct ecpay_keys){k.name, k.key, k.more}, body ? body : "",
                           len, n);
    crypto_wipe(&k, sizeof k);
    return e;
}

/* ECPay sends it again unless the answer says that it was received: after the commit. */
enum err webhook_ecpay_logistics(struct call *c)
{
    int64_t shop_id = 0;
    struct parcel_notice n;
    enum err e = read_notice(c, &shop_id, &n);
    if (e == ERR_FORBIDDEN || e == ERR_INPUT || e == ERR_NOT_FOUND)
        return not_ours(c, e);
    if (!e)
        e = ship_notice(c->api->set.ship, c->cx, shop_id, &n);
    if (e) {
        log_error("a notice of a parcel was not taken", LOG_S("req", c->cx->id),
                  LOG_S("err", err_api(e)), LOG_S("why", c->cx->problem));
        return answer_line(c, "0|Try again later");
    }
    atomic_fetch_add(&c->api->count.webhook_ok, 1);
    return answer_line(c, "1|OK");
}
