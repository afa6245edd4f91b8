/* What providers of payments send: notices between servers, and browsers that come back. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "pay/ecpay.h"
#include "pay/omise.h"
#include "pay/omise_sign.h"
#include "store/store.h"
#include "till/till.h"

#include <string.h>

enum { KEPT_MAX = 7000 };

/* Forged: a counter, and a log line a second at most; nothing else is kept. */
static void count_forged(struct call *c, const char *kind)
{
    int64_t more = 0;
    atomic_fetch_add(&c->api->count.webhook_forged, 1);
    if (log_pace(&c->api->forged_log, clock_mono_ms(), &more))
        log_warn("webhook refused", LOG_S("req", c->cx->id), LOG_S("kind", kind),
                 LOG_S("why", c->cx->problem), LOG_S("addr", c->who.addr), LOG_I("more", more));
}

/* Whose keys sign it: of the shop in the path, else of the instance's own. */
static enum err read_keys(struct call *c, enum pay_account a, struct shop *shop,
                          struct pay_keys *ret_keys)
{
    struct db *db = NULL;
    bool named = strstr(c->route->path, "{shop}") != NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = named ? shop_by_slug(db, c->cx->arena, http_param(c->req, "shop"), shop)
                  : shop_first(db, c->cx->arena, shop);
    if (!e)
        e = pay_account_read(c->api->set.accounts, db, c->cx, shop->id, a, ret_keys);
    store_read_end(db);
    return e;
}

/* ---- ECPay ---- */

static enum err answer_line(struct call *c, const char *text)
{
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_send_text(c->req, 200, "text/plain", text);
    return ERR_OK;
}

/* As it came, in what a column of text takes. */
static const char *kept_text(struct call *c, const char *body, size_t len)
{
    char *text = arena_dup(c->cx->arena, body, len < KEPT_MAX ? len : KEPT_MAX);
    for (char *p = text; p && *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            *p = '?';
    return text;
}

static enum err take_notice(struct call *c, const struct shop *shop, const char *kind,
                            const struct ecpay_notice *n)
{
    size_t len;
    const char *body = http_body(c->req, &len);
    const char *key = arena_fmt(c->cx->arena, "%s:%s", kind, n->event_key);
    const char *text = kept_text(c, body, len);
    if (!key || !text)
        return ERR_NO_MEMORY;
    return till_take(c->api->set.till, c->cx,
                     &(struct till_message){.shop_id = shop->id,
                                            .provider = "ecpay",
                                            .event_key = key,
                                            .kind = kind,
                                            .body = text,
                                            .news = &n->news});
}

typedef enum err read_fn(struct cx *cx, const struct ecpay_keys *keys, const char *body, size_t len,
                         struct ecpay_notice *ret_notice);

static enum err read_notice(struct call *c, read_fn *read, struct shop *shop,
                            struct ecpay_notice *n)
{
    size_t len;
    struct pay_keys k;
    const char *body = http_body(c->req, &len);
    enum err e = read_keys(c, ACCOUNT_ECPAY, shop, &k);
    if (!e)
        e = read(c->cx, &(struct ecpay_keys){k.name, k.key, k.more}, body, len, n);
    crypto_wipe(&k, sizeof k);
    return e;
}

/* ECPay reads one line, and sends it again unless that says it was received. */
static enum err ecpay_hook(struct call *c, const char *kind, read_fn *read)
{
    struct shop shop;
    struct ecpay_notice n;
    enum err e = read_notice(c, read, &shop, &n);
    if (e == ERR_FORBIDDEN || e == ERR_INPUT || e == ERR_NOT_FOUND) {
        count_forged(c, kind);
        return answer_line(c, e == ERR_FORBIDDEN ? ECPAY_BAD_MAC : "0|Not for us");
    }
    if (!e)
        e = take_notice(c, &shop, kind, &n);
    if (e) {
        log_error("a notice of ECPay was not taken", LOG_S("req", c->cx->id), LOG_S("kind", kind),
                  LOG_S("err", err_api(e)), LOG_S("why", c->cx->problem));
        return answer_line(c, "0|Try again later");
    }
    atomic_fetch_add(&c->api->count.webhook_ok, 1);
    return answer_line(c, ECPAY_RECEIVED);
}

enum err webhook_ecpay_payment(struct call *c)
{
    return ecpay_hook(c, "payment", ecpay_read_paid);
}

enum err webhook_ecpay_info(struct call *c)
{
    return ecpay_hook(c, "info", ecpay_read_info);
}

/* ---- browsers that come back ---- */

static enum err send_on(struct call *c, enum err e, const char *url)
{
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_redirect(c->req, 303, e ? c->api->public_url : url);
    return ERR_OK;
}

/* Without cookie and session: it comes from another site. It says whose page to show, no more. */
enum err pay_ecpay_return(struct call *c)
{
    char url[TILL_URL_MAX] = "";
    struct shop shop;
    struct ecpay_notice n;
    enum err e = read_notice(c, ecpay_read_return, &shop, &n);
    if (e == ERR_FORBIDDEN)
        count_forged(c, "return");
    if (!e)
        e = till_returned_ref(c->api->set.till, c->cx, shop.id, n.news.our_ref, url);
    return send_on(c, e, url);
}

enum err pay_omise_return(struct call *c)
{
    char url[TILL_URL_MAX] = "";
    const char *payment = http_query(c->req, "p"), *token = http_query(c->req, "t");
    enum err e = payment && token ? till_returned(c->api->set.till, c->cx, payment, token, url)
                                  : ERR_NOT_FOUND;
    return send_on(c, e, url);
}

/* ---- Omise ---- */

/* What was said, without the card's and the buyer's data: the charge itself is read again. */
static enum err take_event(struct call *c, const struct shop *shop, const struct omise_event *ev,
                           bool ours)
{
    const char *body = arena_fmt(c->cx->arena, "{\"id\":\"%s\",\"key\":\"%s\",\"charge\":\"%s\"}",
                                 ev->id, ev->key, ev->charge);
    if (!body)
        return ERR_NO_MEMORY;
    return till_take(c->api->set.till, c->cx,
                     &(struct till_message){.shop_id = shop->id,
                                            .provider = "omise",
                                            .event_key = ev->id,
                                            .kind = ev->key,
                                            .body = body,
                                            .provider_ref = ours ? ev->charge : ""});
}

/* Without a secret a message proves nothing: then it is no more than a rumour. */
static enum err read_event(struct call *c, struct shop *shop, struct omise_event *ev,
                           bool *ret_ours, bool *ret_signed)
{
    size_t len;
    struct pay_keys k;
    const char *body = http_body(c->req, &len);
    enum err e = read_keys(c, ACCOUNT_OMISE, shop, &k);
    *ret_signed = !e && k.more[0];
    if (*ret_signed)
        e = omise_sign_check(c->cx, k.more, http_header(c->req, "omise-signature"),
                             http_header(c->req, "omise-signature-timestamp"), body, len);
    if (!e)
        e = omise_read_event(c->cx, body, len, ev);
    *ret_ours = !e && ev->livemode != omise_is_test(k.name);
    crypto_wipe(&k, sizeof k);
    return e;
}

enum err webhook_omise(struct call *c)
{
    struct shop shop;
    struct omise_event ev;
    bool ours = false, proven = false;
    enum err e = read_event(c, &shop, &ev, &ours, &proven);
    if (e == ERR_FORBIDDEN || e == ERR_INPUT || e == ERR_NOT_FOUND)
        count_forged(c, "omise");
    if (!e)
        e = proven ? take_event(c, &shop, &ev, ours)
                   : till_rumour(c->api->set.till, c->cx, shop.id, "omise", ev.charge);
    if (e)
        return e;
    atomic_fetch_add(&c->api->count.webhook_ok, 1);
    return answer_empty(c, 200);
}
