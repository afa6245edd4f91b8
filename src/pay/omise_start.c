/* Beginning a payment: one POST /charges, and a look for it when its answer was lost. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "pay/omise_in.h"

#include <string.h>

enum { LOOK_MS = 5000, LOOK_PAGES = 2, PHONE_DIGITS = 10 };

/* "0812345678" of what a person typed; false: not a Thai mobile number. */
static bool phone_of(const char *typed, char out[PHONE_DIGITS + 1])
{
    char digits[16] = "";
    size_t n = 0;
    for (const char *c = typed ? typed : ""; *c; c++) {
        if (*c >= '0' && *c <= '9' && n < sizeof digits - 1)
            digits[n++] = *c;
        else if (!strchr(" -+()", *c))
            return false;
    }
    digits[n] = '\0';
    const char *rest = digits;
    if (text_has_prefix(rest, "66"))
        rest += 2;
    else if (*rest == '0')
        rest++;
    if (strlen(rest) != PHONE_DIGITS - 1 || !strchr("689", *rest))
        return false;
    out[0] = '0';
    memcpy(out + 1, rest, PHONE_DIGITS);
    return true;
}

static const char *platform_of(const struct gateway_start *ask)
{
    static const char *const known[] = {"IOS", "ANDROID"};
    for (size_t i = 0; i < 2; i++)
        if (ask->platform && strcmp(ask->platform, known[i]) == 0)
            return known[i];
    return "WEB";
}

static json_t *source_of(struct omise *o, const struct omise_method *m,
                         const struct gateway_start *ask, const char *phone)
{
    json_t *s = json_pack("{s:s}", "type", omise_method_type(o, m));
    if (s && m->phone)
        (void)json_object_set_new(s, "phone_number", json_string(phone));
    if (s && m->platform)
        (void)json_object_set_new(s, "platform_type", json_string(platform_of(ask)));
    return s;
}

static json_t *body_of(struct omise *o, const struct omise_method *m,
                       const struct gateway_start *ask, const char *phone)
{
    json_t *b =
        json_pack("{s:I,s:s,s:s,s:s?,s:{s:s,s:s}}", "amount", (json_int_t)ask->amount, "currency",
                  ask->currency, "description", ask->order_no, "return_uri", ask->return_url,
                  "metadata", "order", ask->order_no, "attempt", ask->our_ref);
    if (!b)
        return NULL;
    if (m->kind == OMISE_CARD)
        (void)json_object_set_new(b, "card", json_string(ask->token));
    else
        (void)json_object_set_new(b, "source", source_of(o, m, ask, phone));
    if (m->kind == OMISE_QR && ask->expires_ms) { /* of the others the till ends them */
        char end[CLOCK_TEXT];
        omise_when_text(ask->expires_ms, end);
        (void)json_object_set_new(b, "expires_at", json_string(end));
    }
    /* Omise takes https alone; else the address in its dashboard must do. */
    if (ask->notify_url && text_has_prefix(ask->notify_url, "https://"))
        (void)json_object_set_new(b, "webhook_endpoints", json_pack("[s]", ask->notify_url));
    return b;
}

static enum err check(struct cx *cx, const struct omise_method *m, const struct gateway_start *ask,
                      char phone[PHONE_DIGITS + 1])
{
    phone[0] = '\0';
    if (!m)
        return problem(cx, ERR_INPUT, "Omise has no method '%.40s'", ask->method);
    if (m->kind == OMISE_CARD && (!ask->token || !omise_id_ok(ask->token, "tokn")))
        return problem(cx, ERR_INPUT, "'token' must be a card's token made by Omise");
    if (m->phone && !phone_of(ask->phone, phone))
        return problem(cx, ERR_INPUT, "'phone' must be a Thai mobile number");
    return ERR_OK;
}

/* Is it what we asked for? If not, nobody may go on with it. */
static enum err same_as_asked(struct omise *o, struct cx *cx, const struct gateway_start *ask,
                              const struct omise_charge *c)
{
    const struct gateway_news *n = &c->news;
    if (n->our_ref && strcmp(n->our_ref, ask->our_ref) == 0 && n->amount == ask->amount &&
        n->currency && text_same_nocase(n->currency, ask->currency) && c->live == o->live)
        return ERR_OK;
    log_error("omise made another charge than it was asked for", LOG_S("charge", c->id),
              LOG_S("attempt", ask->our_ref), LOG_I("amount", n->amount));
    return problem(cx, ERR_UPSTREAM, "Omise made another charge than it was asked for");
}

/* Refusals by which the buyer learns something: a try that failed, and no charge. */
static bool buyer_can_mend(const char *code)
{
    static const char *const codes[] = {"brand_not_supported", "failed_fraud_check", "invalid_card",
                                        "invalid_card_token",  "invalid_amount",     "used_token",
                                        "expired_card",        "service_not_found"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

static enum err refused(struct cx *cx, enum err e, const struct gateway_start *ask,
                        const struct omise_reply *reply, struct gateway_news *ret_news)
{
    if (!buyer_can_mend(reply->code))
        return e == ERR_NOT_FOUND ? ERR_INPUT : e;
    *ret_news =
        (struct gateway_news){.our_ref = ask->our_ref,
                              .says = SAYS_FAILED,
                              .fail_code = omise_fail_code(reply->code),
                              .details = arena_fmt(cx->arena, "{\"failure\":\"%s\"}", reply->code)};
    cx->problem[0] = '\0';
    return ERR_OK;
}

static enum err begin(struct omise *o, struct cx *cx, const struct gateway_start *ask, json_t *body,
                      struct omise_charge *ret, struct omise_reply *ret_reply)
{
    struct omise_call call = {.method = "POST", .body = body, .once = true};
    if (!body)
        return ERR_NO_MEMORY;
    enum err e = omise_do(o, cx, &call, ret_reply, "/charges");
    if (!e) {
        e = omise_read_charge(cx, ret_reply->body, ret);
        json_decref(ret_reply->body);
    }
    if (!omise_lost(e))
        return e;
    /* It may stand there all the same. Once, soon; if it is not found, ask() comes later. */
    char why[sizeof cx->problem];
    memcpy(why, cx->problem, sizeof why);
    struct omise_look_for what = {.our_ref = ask->our_ref,
                                  .started_ms = cx->now_ms,
                                  .timeout_ms = LOOK_MS,
                                  .pages = LOOK_PAGES};
    enum err found = omise_find(o, cx, &what, ret);
    memcpy(cx->problem, why, sizeof why);
    if (!found)
        cx->problem[0] = '\0';
    return found ? e : ERR_OK;
}

static struct gateway_next next_of(const struct omise_charge *c)
{
    if (c->news.says == SAYS_CODE)
        return (struct gateway_next){.what = DO_QR, .url = c->qr};
    if (c->news.says == SAYS_PENDING && *c->url)
        return (struct gateway_next){.what = DO_REDIRECT, .url = c->url};
    return (struct gateway_next){.what = DO_WAIT};
}

enum err omise_start(struct gateway *g, struct cx *cx, const struct gateway_start *ask,
                     struct gateway_next *ret_next, struct gateway_news *ret_news)
{
    struct omise *o = (struct omise *)g;
    const struct omise_method *m = omise_method_find(ask->method);
    char phone[PHONE_DIGITS + 1];
    struct omise_charge c;
    struct omise_reply reply = {0};
    enum err e = check(cx, m, ask, phone);
    if (e)
        return e;
    e = begin(o, cx, ask, body_of(o, m, ask, phone), &c, &reply);
    if (!e)
        e = same_as_asked(o, cx, ask, &c);
    if (e == ERR_INPUT || e == ERR_NOT_FOUND) {
        e = refused(cx, e, ask, &reply, ret_news);
        if (!e)
            *ret_next = (struct gateway_next){.what = DO_WAIT};
        return e;
    }
    if (e)
        return e;
    *ret_next = next_of(&c);
    *ret_news = c.news;
    return ERR_OK;
}
