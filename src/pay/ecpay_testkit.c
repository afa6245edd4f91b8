#include "pay/ecpay_testkit.h"
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "net/client.h"
#include "net/net_testkit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ecpay_keys booth_keys = {"3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"};

/* One booth at a time: the kit's server is made once for each test. */
static struct kit kit;
static struct booth *here;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* steps and what came */

/* Keep what came; the step that answers it, or none. */
static struct booth_step take(struct http_req *req)
{
    struct booth *b = here;
    struct booth_step step = {500, "beyond the script"};
    (void)pthread_mutex_lock(&lock);
    int i = b->n_got;
    if (i < BOOTH_STEPS) {
        size_t len;
        const char *body = http_body(req, &len);
        (void)snprintf(b->got[i].path, sizeof b->got[i].path, "%s", http_path(req));
        (void)snprintf(b->got[i].body, sizeof b->got[i].body, "%.*s", (int)len, body ? body : "");
        b->n_got++;
    }
    if (i < b->n_steps)
        step = b->steps[i];
    (void)pthread_mutex_unlock(&lock);
    return step;
}

static void answer(struct http_req *req)
{
    struct booth_step step = take(req);
    if (step.status == 0)
        http_drop(req);
    else
        http_send_text(req, step.status, "text/html; charset=utf-8", step.body);
}

static const struct http_route routes[] = {
    {"POST", "/{path...}", HTTP_ON_WORKER, answer, 1 << 16, false, NULL}, {0}};

int booth_open(void **state)
{
    struct booth *b = calloc(1, sizeof *b);
    char at[ADDR_TEXT];
    assert_non_null(b);
    assert_int_equal(crypto_init(), ERR_OK);
    assert_int_equal(client_init(), ERR_OK);
    here = b;
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    addr_text_port(&kit.addr, at);
    (void)snprintf(b->url, sizeof b->url, "http://%s", at);
    b->cx = (struct cx){.arena = arena_make(8 << 20), .now_ms = BOOTH_NOW_MS};
    struct ecpay_setup setup = {.keys = booth_keys,
                                .base_url = b->url,
                                .check_code = "62861749",
                                .terms = "3,6",
                                .timeout_ms = 3000,
                                .apart_ms = 1};
    assert_int_equal(ecpay_gateway_make(&b->cx, &setup, &b->g), ERR_OK);
    *state = b;
    return 0;
}

void booth_hang_up(struct booth *b)
{
    (void)b;
    client_thread_done();
    kit_stop(&kit);
}

int booth_close(void **state)
{
    struct booth *b = *state;
    gateway_free(b->g);
    arena_free(b->cx.arena);
    client_thread_done();
    if (kit.server)
        kit_stop(&kit);
    free(b);
    return 0;
}

void booth_answer(struct booth *b, int status, const char *body)
{
    (void)pthread_mutex_lock(&lock);
    bool room = b->n_steps < BOOTH_STEPS;
    if (room)
        b->steps[b->n_steps++] = (struct booth_step){status, body};
    (void)pthread_mutex_unlock(&lock);
    assert_true(room);
}

void booth_clear(struct booth *b)
{
    (void)pthread_mutex_lock(&lock);
    b->n_got = b->n_steps = 0;
    (void)pthread_mutex_unlock(&lock);
}

int booth_count(struct booth *b)
{
    (void)pthread_mutex_lock(&lock);
    int n = b->n_got;
    (void)pthread_mutex_unlock(&lock);
    return n;
}

const char *booth_form(struct cx *cx, const struct ecpay_keys *keys, const char *plain)
{
    struct ecpay_form form;
    struct ecpay_field fields[64];
    char mac[ECPAY_MAC_TEXT];
    struct buf b;
    assert_int_equal(ecpay_form_read(cx, plain, strlen(plain), &form), ERR_OK);
    assert_true(form.count < 64);
    memcpy(fields, form.fields, form.count * sizeof fields[0]);
    assert_int_equal(ecpay_mac(keys, ECPAY_SHA256, fields, form.count, mac), ERR_OK);
    fields[form.count] = ECPAY_FIELD("CheckMacValue", mac);
    buf_init(&b, 16 * 1024);
    ecpay_form_write(&b, fields, form.count + 1);
    assert_int_equal(buf_err(&b), ERR_OK);
    const char *text = arena_dup(cx->arena, b.data, b.len);
    buf_done(&b);
    assert_non_null(text);
    return text;
}

const char *booth_got(struct booth *b, int i, const char *field)
{
    struct ecpay_form form;
    assert_true(i < booth_count(b));
    const char *body = b->got[i].body;
    assert_int_equal(ecpay_form_read(&b->cx, body, strlen(body), &form), ERR_OK);
    assert_int_equal(ecpay_mac_check(&b->cx, &booth_keys, ECPAY_SHA256, &form), ERR_OK);
    const char *value = ecpay_form_text(&form, field);
    return value ? value : "";
}

struct gateway_payment booth_payment(const char *method)
{
    return (struct gateway_payment){.our_ref = BOOTH_REF,
                                    .provider_ref = BOOTH_TRADE,
                                    .method = method,
                                    .amount = 590,
                                    .currency = "TWD",
                                    .details = "{\"gwsr\":\"" BOOTH_GWSR "\"}",
                                    .started_ms = BOOTH_NOW_MS - 60000,
                                    .expires_ms = BOOTH_NOW_MS + 840000};
}
