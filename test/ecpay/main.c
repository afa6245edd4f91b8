/*
 * ecpay - speaks to an ECPay through our gateway, for gateway_test.py: one JSON object a line on
 * stdin, the answer as one line on stdout.
 *
 *   {"do":"start","ref":…,"method":…,"amount":…,"minutes":…,"items":[…],"lang":…,
 *    "notify":url,"info":url,"back_in":url,"code":url,"back":url}
 *   {"do":"ask"|"close","ref":…,"trade":…|null,"method":…,"amount":…,"details":{…}|null}
 *   {"do":"refund"|"refund_ask", the same, "pay_back":…,"refunded":…}
 *   {"do":"paid"|"info"|"return","body":…}
 *
 * "now", Unix ms, in any of them is the time instead of the clock's.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "net/client.h"
#include "pay/ecpay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 50 };

static const struct ecpay_keys keys = {"3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"};

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
    json_object_set_new(o, "trade", text_or_null(n->provider_ref));
    json_object_set_new(o, "amount", json_integer(n->amount));
    json_object_set_new(o, "currency", text_or_null(n->currency));
    json_object_set_new(o, "fail", text_or_null(n->fail_code));
    json_object_set_new(o, "simulated", json_boolean(n->simulated));
    json_object_set_new(o, "paid_at", json_integer(n->paid_ms));
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

static json_t *next_json(const struct gateway_next *next)
{
    json_t *o = json_object(), *fields = json_object();
    for (size_t i = 0; i < next->field_count; i++)
        json_object_set_new(fields, next->fields[i].name, json_string(next->fields[i].value));
    json_object_set_new(o, "action", json_string(next->url));
    json_object_set_new(o, "fields", fields);
    return o;
}

static json_t *start(struct gateway *g, struct cx *cx, const json_t *in)
{
    const char *items[ITEMS_MAX];
    const json_t *list = json_object_get(in, "items");
    struct gateway_start ask = {.our_ref = text_of(in, "ref"),
                                .method = text_of(in, "method"),
                                .order_no = "T1",
                                .shop_name = "夜市",
                                .items = items,
                                .amount = number_of(in, "amount"),
                                .currency = "TWD",
                                .expires_ms = cx->now_ms + number_of(in, "minutes") * 60000,
                                .lang = text_of(in, "lang"),
                                .notify_url = text_of(in, "notify"),
                                .info_url = text_of(in, "info"),
                                .return_url = text_of(in, "back_in"),
                                .code_url = text_of(in, "code"),
                                .back_url = text_of(in, "back")};
    struct gateway_next next;
    struct gateway_news news;
    for (size_t i = 0; i < json_array_size(list) && i < ITEMS_MAX; i++)
        items[ask.item_count++] = json_string_value(json_array_get(list, i));
    enum err e = g->way->start(g, cx, &ask, &next, &news);
    return e ? error_json(cx, e) : next_json(&next);
}

static struct gateway_payment payment_of(struct cx *cx, const json_t *in)
{
    const json_t *details = json_object_get(in, "details");
    char *text = json_is_object(details) ? json_dumps(details, JSON_COMPACT) : NULL;
    const char *kept = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    free(text);
    return (struct gateway_payment){.our_ref = text_of(in, "ref"),
                                    .provider_ref = text_of(in, "trade"),
                                    .method = text_of(in, "method"),
                                    .amount = number_of(in, "amount"),
                                    .currency = "TWD",
                                    .details = kept,
                                    .started_ms = cx->now_ms,
                                    .expires_ms = number_of(in, "expires")};
}

static json_t *look(struct gateway *g, struct cx *cx, const json_t *in, bool close)
{
    struct gateway_payment p = payment_of(cx, in);
    struct gateway_news news;
    enum err e = (close ? g->way->close : g->way->ask)(g, cx, &p, &news);
    return e ? error_json(cx, e) : news_json(&news);
}

static json_t *refund(struct gateway *g, struct cx *cx, const json_t *in, bool ask_only)
{
    static const char *const names[] = {
        [REFUND_SAYS_DONE] = "done",     [REFUND_SAYS_PENDING] = "pending",
        [REFUND_SAYS_FAILED] = "failed", [REFUND_SAYS_UNCLEAR] = "unclear",
        [REFUND_SAYS_LATER] = "later",   [REFUND_SAYS_MANUAL] = "manual"};
    struct gateway_refund ask = {.payment = payment_of(cx, in),
                                 .refund_ref = "ref1",
                                 .amount = number_of(in, "pay_back"),
                                 .refunded = number_of(in, "refunded")};
    struct gateway_refunded r;
    (ask_only ? g->way->refund_ask : g->way->refund)(g, cx, &ask, &r);
    json_t *o = json_object();
    json_object_set_new(o, "says", json_string(names[r.says]));
    json_object_set_new(o, "why", text_or_null(r.why));
    return o;
}

static json_t *notice(struct cx *cx, const json_t *in, const char *what)
{
    const char *body = text_of(in, "body");
    struct ecpay_notice n;
    enum err e = strcmp(what, "paid") == 0   ? ecpay_read_paid(cx, &keys, body, strlen(body), &n)
                 : strcmp(what, "info") == 0 ? ecpay_read_info(cx, &keys, body, strlen(body), &n)
                                             : ecpay_read_return(cx, &keys, body, strlen(body), &n);
    return e ? error_json(cx, e) : news_json(&n.news);
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
    if (strcmp(what, "ask") == 0 || strcmp(what, "close") == 0)
        return look(g, cx, in, strcmp(what, "close") == 0);
    return notice(cx, in, what);
}

static void answer(struct gateway *g, const char *line)
{
    struct cx cx = {.arena = arena_make(16 << 20), .now_ms = clock_unix_ms()};
    json_t *in = json_loads(line, 0, NULL);
    if (number_of(in, "now"))
        cx.now_ms = number_of(in, "now");
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
    struct ecpay_setup setup = {.keys = keys, .check_code = "62861749", .apart_ms = 1};
    if (argc < 2 || crypto_init() != ERR_OK || client_init() != ERR_OK)
        return 2;
    setup.base_url = argv[1];
    setup.timeout_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (ecpay_gateway_make(&cx, &setup, &g) != ERR_OK) {
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
