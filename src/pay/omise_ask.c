/* Charges read again, looked for, and ended. */
#include "base/arena.h"
#include "base/clock.h"
#include "pay/omise_in.h"

#include <stdio.h>
#include <string.h>

enum {
    PAGE = 100,
    PAGES_MAX = 10,
    SPAN_TEXT = 2 * CLOCK_TEXT + 16,
    AROUND_MS = 10 * 60 * 1000 /* their clock and ours, and the call itself */
};

/* A charge of the other mode, or of another account behind the same address, is none of ours. */
static enum err check_mode(const struct omise *o, struct cx *cx, const struct omise_charge *c)
{
    if (c->live == o->live)
        return ERR_OK;
    return problem(cx, ERR_UPSTREAM, "Omise's charge is of %s mode", c->live ? "live" : "test");
}

static enum err read_one(struct omise *o, struct cx *cx, json_t *body, struct omise_charge *ret)
{
    struct omise_charge c = {.id = NULL};
    enum err e = omise_read_charge(cx, body, &c);
    if (!e)
        e = check_mode(o, cx, &c);
    json_decref(body);
    if (!e)
        *ret = c;
    return e;
}

static enum err fetch(struct omise *o, struct cx *cx, const char *id, struct omise_charge *ret)
{
    struct omise_reply reply;
    struct omise_call call = {.method = "GET"};
    if (!omise_id_ok(id, "chrg"))
        return problem(cx, ERR_NOT_FOUND, "no charge of Omise's has such an id");
    enum err e = omise_do(o, cx, &call, &reply, "/charges/%s", id);
    if (e)
        return e;
    e = read_one(o, cx, reply.body, ret);
    if (!e && strcmp(ret->id, id) != 0)
        e = problem(cx, ERR_UPSTREAM, "Omise answered with another charge");
    return e;
}

enum err omise_fetch(struct gateway *g, struct cx *cx, const char *charge_id,
                     struct gateway_news *ret_news)
{
    struct omise_charge c = {.id = NULL};
    enum err e = fetch((struct omise *)g, cx, charge_id, &c);
    if (e == ERR_NOT_FOUND) {
        *ret_news = (struct gateway_news){.says = SAYS_UNKNOWN};
        cx->problem[0] = '\0';
        return ERR_OK;
    }
    if (!e)
        *ret_news = c.news;
    return e;
}

/* ---- looking for an attempt ---- */

static bool is_attempt(const json_t *charge, const char *our_ref)
{
    const json_t *metadata = json_object_get(charge, "metadata");
    const char *ref = json_string_value(json_object_get(metadata, "attempt"));
    return ref && strcmp(ref, our_ref) == 0;
}

/* One page of a list. ERR_NOT_FOUND: it is not on it; *ret_more: there are further ones. */
static enum err find_on(struct omise *o, struct cx *cx, json_t *page, const char *our_ref,
                        struct omise_charge *ret, bool *ret_more)
{
    const json_t *list = json_object_get(page, "data");
    size_t n = json_array_size(list);
    if (!json_is_array(list))
        return problem(cx, ERR_UPSTREAM, "Omise's answer is not a list");
    *ret_more = n >= PAGE;
    for (size_t i = 0; i < n; i++) {
        json_t *charge = json_array_get(list, i);
        if (is_attempt(charge, our_ref))
            return read_one(o, cx, json_incref(charge), ret);
    }
    return ERR_NOT_FOUND;
}

/* "&from=…&to=…" around a time; "" when it is not known. */
static void span_of(int64_t started_ms, char out[SPAN_TEXT])
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    out[0] = '\0';
    if (started_ms <= 0)
        return;
    omise_when_text(started_ms - AROUND_MS, from);
    omise_when_text(started_ms + AROUND_MS, to);
    (void)snprintf(out, SPAN_TEXT, "&from=%s&to=%s", from, to);
}

/*
 * Newest first: what is made while we turn pages moves charges to later places, never past us. Too
 * many to look through is not "there is none".
 */
enum err omise_find(struct omise *o, struct cx *cx, const struct omise_look_for *what,
                    struct omise_charge *ret)
{
    char span[SPAN_TEXT];
    span_of(what->started_ms, span);
    for (int i = 0; i < what->pages; i++) {
        bool more = false;
        struct omise_reply reply;
        struct omise_call call = {.method = "GET", .timeout_ms = what->timeout_ms};
        enum err e = omise_do(o, cx, &call, &reply,
                              "/charges?order=reverse_chronological%s&limit=%d&offset=%d", span,
                              PAGE, i * PAGE);
        if (e)
            return e == ERR_NOT_FOUND ? ERR_UPSTREAM : e;
        e = find_on(o, cx, reply.body, what->our_ref, ret, &more);
        json_decref(reply.body);
        if (e != ERR_NOT_FOUND || !more)
            return e;
    }
    return problem(cx, ERR_UPSTREAM, "too many charges at Omise to find one among them");
}

/* The charge of a payment, by its id or by our reference. */
static enum err charge_of(struct omise *o, struct cx *cx, const struct gateway_payment *p,
                          struct omise_charge *ret)
{
    if (!p->provider_ref || !*p->provider_ref)
        return omise_find(o, cx,
                          &(struct omise_look_for){.our_ref = p->our_ref,
                                                   .started_ms = p->started_ms,
                                                   .pages = PAGES_MAX},
                          ret);
    enum err e = fetch(o, cx, p->provider_ref, ret);
    if (!e && (!ret->news.our_ref || strcmp(ret->news.our_ref, p->our_ref) != 0))
        e = problem(cx, ERR_UPSTREAM, "Omise's charge is of another attempt");
    return e;
}

enum err omise_ask(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                   struct gateway_news *ret_news)
{
    struct omise_charge c = {.id = NULL};
    enum err e = charge_of((struct omise *)g, cx, p, &c);
    if (e == ERR_NOT_FOUND) {
        *ret_news = (struct gateway_news){.our_ref = p->our_ref, .says = SAYS_UNKNOWN};
        cx->problem[0] = '\0';
        return ERR_OK;
    }
    if (!e)
        *ret_news = c.news;
    return e;
}

/* ---- ending ---- */

static bool open_still(const struct gateway_news *n)
{
    return n->says == SAYS_PENDING || n->says == SAYS_CODE;
}

/* ERR_OK: it is ended, or was refused, or may have been: the charge says what it is. */
static enum err end_it(struct omise *o, struct cx *cx, const char *id, struct omise_charge *ret)
{
    struct omise_reply reply;
    struct omise_call call = {.method = "POST", .once = true};
    enum err e = omise_do(o, cx, &call, &reply, "/charges/%s/expire", id);
    if (!e)
        e = read_one(o, cx, reply.body, ret);
    if (!e && strcmp(ret->id, id) == 0)
        return ERR_OK;
    cx->problem[0] = '\0';
    return fetch(o, cx, id, ret);
}

enum err omise_close(struct gateway *g, struct cx *cx, const struct gateway_payment *p,
                     struct gateway_news *ret_news)
{
    struct omise *o = (struct omise *)g;
    struct gateway_news news;
    struct omise_charge c = {.id = NULL};
    enum err e = omise_ask(g, cx, p, &news);
    if (!e && open_still(&news)) {
        e = end_it(o, cx, news.provider_ref, &c);
        if (!e)
            news = c.news;
    }
    if (!e)
        *ret_news = news;
    return e;
}
