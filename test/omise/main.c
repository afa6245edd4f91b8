/*
 * omise - speaks to an Omise through our gateway, for gateway_test.py: one JSON object a line on
 * stdin, the answer as one line on stdout.
 *
 *   {"do":"start","ref":…,"method":…,"amount":…,"token":…,"phone":…,"platform":…,"minutes":…}
 *   {"do":"ask"|"close","ref":…,"charge":…|null,"method":…,"amount":…}
 *   {"do":"refund"|"refund_ask","ref":…,"charge":…,"method":…,"amount":…,"refund_ref":…}
 *   {"do":"offers","method":…}, {"do":"events","since":ms}, {"do":"fetch","charge":…}
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "net/client.h"
#include "pay/omise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static int64_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static json_t *text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *news_json(const struct gateway_news *n)
{
    json_t *o = json_object();
    json_object_set_new(o, "says", json_string(gateway_says_name(n->says)));
    json_object_set_new(o, "ref", text_or_null(n->our_ref));
    json_object_set_new(o, "charge", text_or_null(n->provider_ref));
    json_object_set_new(o, "amount", json_integer(n->amount));
    json_object_set_new(o, "currency", text_or_null(n->currency));
    json_object_set_new(o, "fail", text_or_null(n->fail_code));
    json_object_set_new(o, "details", n->details ? json_loads(n->details, 0, NULL) : json_null());
    return o;
}

static json_t *error_json(const struct cx *cx, enum err e)
{
    json_t *o = json_object();
    json_object_set_new(o, "error", json_string(err_api(e)));
    json_object_set_new(o, "problem", json_string(cx->problem));
    return o;
}

static json_t *start(struct gateway *g, struct cx *cx, const json_t *in)
{
    static const char *const names[] = {
        [DO_WAIT] = "wait", [DO_FORM] = "form", [DO_REDIRECT] = "redirect", [DO_QR] = "qr"};
    struct gateway_start ask = {.our_ref = text_of(in, "ref"),
                                .method = text_of(in, "method"),
                                .order_no = "T1",
                                .amount = number_of(in, "amount"),
                                .currency = "THB",
                                .expires_ms = cx->now_ms + number_of(in, "minutes") * 60000,
                                .return_url = text_of(in, "return_url"),
                                .token = text_of(in, "token"),
                                .phone = text_of(in, "phone"),
                                .platform = text_of(in, "platform")};
    struct gateway_next next;
    struct gateway_news news;
    enum err e = g->way->start(g, cx, &ask, &next, &news);
    if (e)
        return error_json(cx, e);
    json_t *o = news_json(&news);
    json_object_set_new(o, "next", json_string(names[next.what]));
    json_object_set_new(o, "url", text_or_null(next.url));
    return o;
}

static struct gateway_payment payment_of(const struct cx *cx, const json_t *in)
{
    return (struct gateway_payment){.our_ref = text_of(in, "ref"),
                                    .provider_ref = text_of(in, "charge"),
                                    .method = text_of(in, "method"),
                                    .amount = number_of(in, "amount"),
                                    .currency = "THB",
                                    .started_ms = cx->now_ms};
}

static json_t *look(struct gateway *g, struct cx *cx, const json_t *in, const char *what)
{
    struct gateway_payment p = payment_of(cx, in);
    struct gateway_news news;
    enum err e = strcmp(what, "fetch") == 0   ? omise_fetch(g, cx, p.provider_ref, &news)
                 : strcmp(what, "close") == 0 ? g->way->close(g, cx, &p, &news)
                                              : g->way->ask(g, cx, &p, &news);
    return e ? error_json(cx, e) : news_json(&news);
}

static json_t *refund(struct gateway *g, struct cx *cx, const json_t *in, bool ask_only)
{
    static const char *const names[] = {
        [REFUND_SAYS_DONE] = "done",     [REFUND_SAYS_PENDING] = "pending",
        [REFUND_SAYS_FAILED] = "failed", [REFUND_SAYS_UNCLEAR] = "unclear",
        [REFUND_SAYS_LATER] = "later",   [REFUND_SAYS_MANUAL] = "manual"};
    struct gateway_refund ask = {.payment = payment_of(cx, in),
                                 .refund_ref = text_of(in, "refund_ref"),
                                 .amount = number_of(in, "amount")};
    struct gateway_refunded r;
    (ask_only ? g->way->refund_ask : g->way->refund)(g, cx, &ask, &r);
    json_t *o = json_object();
    json_object_set_new(o, "says", json_string(names[r.says]));
    json_object_set_new(o, "refund", text_or_null(r.provider_ref));
    json_object_set_new(o, "why", text_or_null(r.why));
    return o;
}

static json_t *offers(struct gateway *g, struct cx *cx, const json_t *in)
{
    int64_t min = 0, max = 0;
    g->way->tick(g, cx);
    bool has = g->way->offers(g, text_of(in, "method"), &min, &max);
    json_t *o = json_object();
    json_object_set_new(o, "offers", json_boolean(has));
    json_object_set_new(o, "min", json_integer(min));
    json_object_set_new(o, "max", json_integer(max));
    return o;
}

static json_t *events(struct gateway *g, struct cx *cx, const json_t *in)
{
    static struct omise_event list[OMISE_EVENTS_MAX];
    size_t n;
    bool more;
    enum err e = omise_events_since(g, cx, number_of(in, "since"), list, &n, &more);
    if (e)
        return error_json(cx, e);
    json_t *o = json_object(), *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array();
        json_array_append_new(row, json_string(list[i].key));
        json_array_append_new(row, json_string(list[i].charge));
        json_array_append_new(rows, row);
    }
    json_object_set_new(o, "events", rows);
    json_object_set_new(o, "more", json_boolean(more));
    return o;
}

static json_t *run(struct gateway *g, struct cx *cx, const json_t *in)
{
    const char *what = text_of(in, "do");
    if (!what)
        return error_json(cx, ERR_INPUT);
    if (strcmp(what, "start") == 0)
        return start(g, cx, in);
    if (strncmp(what, "refund", 6) == 0)
        return refund(g, cx, in, strcmp(what, "refund_ask") == 0);
    if (strcmp(what, "offers") == 0)
        return offers(g, cx, in);
    return strcmp(what, "events") == 0 ? events(g, cx, in) : look(g, cx, in, what);
}

static void answer(struct gateway *g, const char *line)
{
    struct cx cx = {.arena = arena_make(16 << 20), .now_ms = clock_unix_ms()};
    json_t *in = json_loads(line, 0, NULL);
    char *text = json_text_of(run(g, &cx, in));
    (void)puts(text ? text : "null");
    (void)fflush(stdout);
    free(text);
    json_decref(in);
    arena_free(cx.arena);
}

int main(int argc, char **argv)
{
    struct cx cx = {.arena = arena_make(1 << 16), .now_ms = clock_unix_ms()};
    struct gateway *g = NULL;
    struct omise_setup setup = {.public_key = "pkey_test_5shop", .secret_key = "skey_test_5shop"};
    if (argc < 2 || crypto_init() != ERR_OK || client_init() != ERR_OK)
        return 2;
    setup.api_url = argv[1];
    setup.timeout_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (omise_gateway_make(&cx, &setup, &g) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", cx.problem);
        return 2;
    }
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0)
        answer(g, line);
    free(line);
    gateway_free(g);
    arena_free(cx.arena);
    client_thread_done();
    return 0;
}
