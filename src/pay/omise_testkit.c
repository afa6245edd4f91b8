#include "pay/omise_testkit.h"
#include "base/arena.h"
#include "base/test.h"
#include "net/client.h"
#include "net/net_testkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One desk at a time: the kit's server is made once for each test. The loops hand over by HTTP. */
static struct kit kit;
static struct desk *here;

static void keep(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text ? text : "");
}

static void answer(struct http_req *req)
{
    struct desk *d = here;
    int i = d->n_got;
    if (i < DESK_STEPS) {
        struct desk_request *r = &d->got[i];
        size_t len;
        const char *query = http_query_text(req);
        (void)snprintf(r->line, sizeof r->line, "%s %s%s%s", http_method(req), http_path(req),
                       *query ? "?" : "", query);
        keep(r->auth, sizeof r->auth, http_header(req, "authorization"));
        keep(r->version, sizeof r->version, http_header(req, "omise-version"));
        keep(r->body, sizeof r->body, http_body(req, &len));
        d->n_got++;
    }
    if (i >= d->n_steps)
        http_send_text(req, 500, "text/plain", "beyond the script");
    else if (d->steps[i].status == 0)
        http_drop(req);
    else
        http_send_text(req, d->steps[i].status, "application/json", d->steps[i].body);
}

static const struct http_route routes[] = {
    {"GET", "/{path...}", HTTP_ON_WORKER, answer, 0, false, NULL},
    {"POST", "/{path...}", HTTP_ON_WORKER, answer, 1 << 16, false, NULL},
    {0}};

int desk_open(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    char at[ADDR_TEXT];
    assert_non_null(d);
    assert_int_equal(client_init(), ERR_OK);
    here = d;
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    addr_text_port(&kit.addr, at);
    (void)snprintf(d->api, sizeof d->api, "http://%s", at);
    d->cx = (struct cx){.arena = arena_make(8 << 20), .now_ms = DESK_NOW * 1000LL};
    struct omise_setup setup = {.public_key = "pkey_test_5pub",
                                .secret_key = "skey_test_5sec",
                                .api_url = d->api,
                                .timeout_ms = 3000};
    assert_int_equal(omise_gateway_make(&d->cx, &setup, &d->g), ERR_OK);
    *state = d;
    return 0;
}

void desk_hang_up(struct desk *d)
{
    (void)d;
    client_thread_done();
    kit_stop(&kit);
}

int desk_close(void **state)
{
    struct desk *d = *state;
    gateway_free(d->g);
    arena_free(d->cx.arena);
    client_thread_done();
    if (kit.server)
        kit_stop(&kit);
    free(d);
    return 0;
}

void desk_answer(struct desk *d, int status, const char *body)
{
    assert_true(d->n_steps < DESK_STEPS);
    d->steps[d->n_steps++] = (struct desk_step){status, body};
}

const struct desk_request *desk_got(struct desk *d, int i)
{
    assert_true(i < d->n_got);
    return &d->got[i];
}

const char *desk_charge(struct desk *d, const char *status, const char *more)
{
    const char *text = arena_fmt(
        d->cx.arena,
        "{\"object\":\"charge\",\"id\":\"" DESK_CHARGE "\",\"livemode\":false,\"amount\":12000,"
        "\"currency\":\"thb\",\"metadata\":{\"order\":\"T1\",\"attempt\":\"" DESK_REF "\"},"
        "\"refunded_amount\":0,\"created_at\":\"2026-11-22T00:00:00Z\",\"status\":\"%s\"%s}",
        status, more);
    assert_non_null(text);
    return text;
}

const char *desk_list(struct desk *d, const char *data)
{
    return arena_fmt(d->cx.arena, "{\"object\":\"list\",\"data\":[%s],\"limit\":100,\"offset\":0}",
                     data);
}

struct gateway_payment desk_payment(const char *method, const char *provider_ref)
{
    return (struct gateway_payment){.our_ref = DESK_REF,
                                    .provider_ref = provider_ref,
                                    .method = method,
                                    .amount = 12000,
                                    .currency = "THB",
                                    .started_ms = DESK_NOW * 1000LL,
                                    .expires_ms = (DESK_NOW + 900) * 1000LL};
}
