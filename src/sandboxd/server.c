#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "net/pool.h"
#include "sandboxd/control.h"
#include "sandboxd/ecpay.h"
#include "sandboxd/line.h"
#include "sandboxd/mail.h"
#include "sandboxd/omise.h"
#include "sandboxd/options.h"
#include "sandboxd/page.h"
#include "sandboxd/push.h"
#include "sandboxd/sandboxd.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    WORKERS = 8,
    WORKERS_QUEUE = 1024,
    LOOPS = 2,
    TICK_MS = 1000,
    PATIENCE_MS = 2000,
    OWN_ROUTES = 8,
    ROUTES_MAX = OWN_ROUTES + CONTROL_ROUTES_MAX + OMISE_ROUTES_MAX + ECPAY_ROUTES_MAX +
                 LINE_ROUTES_MAX + MAIL_ROUTES_MAX + PUSH_ROUTES_MAX + 1,
    WHY_TEXT = 200
};

struct server {
    struct sandboxd shared;
    struct loops *loops;
    struct pool *pool;
    struct http_server *http;
    struct http_route routes[ROUTES_MAX];
    struct timer tick;
    atomic_bool closing;
};

/* ---- faults of the APIs ---- */

bool sandboxd_down(struct http_req *req, enum fault_target t, struct fault *ret_fault)
{
    char name[200];
    (void)snprintf(name, sizeof name, "%s %.150s", http_method(req), http_path(req));
    *ret_fault = fault_take(sandboxd_of(req)->faults, t, name);
    if (ret_fault->delay_ms) {
        const struct timespec nap = {ret_fault->delay_ms / 1000,
                                     ret_fault->delay_ms % 1000 * 1000000};
        (void)nanosleep(&nap, NULL);
    }
    if (ret_fault->down && ret_fault->status)
        http_send_text(req, (int)ret_fault->status, "text/plain; charset=utf-8", "down\n");
    else if (ret_fault->down)
        http_drop(req);
    return ret_fault->down;
}

bool sandboxd_lost(struct http_req *req, const struct fault *f)
{
    if (f->lose_answer)
        http_drop(req);
    return f->lose_answer;
}

/* ---- our own pages ---- */

static void front(struct http_req *req)
{
    struct page p;
    page_begin(&p, req, "Nightmarket sandboxd");
    page_para(&p, NULL,
              page_pick(&p, "綠界 ECPay 與 Omise 的測試閘道，供開發與測試使用。",
                        "เกตเวย์จำลองของ ECPay และ Omise สำหรับการพัฒนาและทดสอบ",
                        "Stand-ins for the gateways ECPay and Omise, to develop and test with."));
    page_link(&p, "main", "/ecpay/counter",
              page_pick(&p, "去繳費：ATM 帳號、超商代碼、條碼", "จ่ายด้วยรหัสของ ECPay",
                        "Pay a code of ECPay's: ATM, store, barcode"));
    page_link(&p, "main", "/omise/pay",
              page_pick(&p, "掃 QR 付款：Omise 等待中的款項", "จ่าย QR ที่รอชำระของ Omise",
                        "Pay a QR code of Omise's"));
    page_link(&p, "plain", "/mail",
              page_pick(&p, "商店寄出的信", "อีเมลที่ร้านส่ง", "Mail that the shop sent"));
    page_link(&p, "plain", "/push",
              page_pick(&p, "商店推播的通知", "การแจ้งเตือนที่ร้านส่ง", "What the shop pushed"));
    page_link(&p, "plain", "/control/state", page_pick(&p, "狀態", "สถานะ", "State"));
    page_send(&p, req, 200);
}

static void healthz(struct http_req *req)
{
    http_send_text(req, 200, "text/plain; charset=utf-8", "ok\n");
}

static size_t own_routes(struct http_route out[OWN_ROUTES])
{
    static const struct http_route rows[] = {
        {"GET", "/", HTTP_ON_WORKER, front, 0, false, NULL},
        {"GET", "/healthz", HTTP_ON_LOOP, healthz, 0, false, NULL},
        {"GET", "/sandbox.css", HTTP_ON_LOOP, page_serve_style, 0, false, NULL},
        {"GET", "/sandbox.js", HTTP_ON_LOOP, page_serve_script, 0, false, NULL},
    };
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}

/* ---- the clock ---- */

static void look_at_clock(void *arg)
{
    struct server *s = arg;
    int64_t now_ms = clock_unix_ms();
    omise_tick(s->shared.omise, now_ms);
    ecpay_tick(s->shared.ecpay, now_ms);
}

static void tick(void *arg)
{
    struct server *s = arg;
    if (atomic_load(&s->closing))
        return;
    if (pool_run(s->pool, look_at_clock, s))
        log_warn("the clock was not looked at: too much to do");
    timer_set(loops_at(s->loops, 0), &s->tick, TICK_MS, tick, s);
}

/* ---- life ---- */

/* As others reach it: an address for all interfaces is not one to connect to. */
static void make_url(const struct options *o, const struct addr *at, char out[SANDBOXD_URL])
{
    char ip[ADDR_TEXT], text[ADDR_TEXT];
    addr_text(at, ip);
    addr_text_port(at, text);
    if (strcmp(ip, "0.0.0.0") == 0)
        (void)snprintf(text, sizeof text, "127.0.0.1:%u", at->port);
    else if (strcmp(ip, "::") == 0)
        (void)snprintf(text, sizeof text, "[::1]:%u", at->port);
    if (o->public_url[0])
        (void)snprintf(out, SANDBOXD_URL, "%s", o->public_url);
    else
        (void)snprintf(out, SANDBOXD_URL, "http://%s", text);
}

static enum err open_parts(struct cx *cx, struct server *s, const struct options *o)
{
    struct sandboxd *d = &s->shared;
    s->loops = loops_make(LOOPS);
    s->pool = pool_make(WORKERS, WORKERS_QUEUE);
    d->faults = faults_make();
    d->deliver = d->faults ? deliver_make(d->faults) : NULL;
    if (!s->loops || !s->pool || !d->deliver)
        return problem(cx, ERR_NO_MEMORY, "no memory or no threads to be had");
    enum err e = omise_make(cx, d, &d->omise);
    if (!e)
        e = ecpay_make(cx, d, &d->ecpay);
    if (!e)
        e = line_make(cx, d, &d->line);
    if (!e)
        e = push_sink_make(cx, &d->push);
    return e ? e : mail_make(cx, d, o->smtp, &d->mail);
}

static enum err open_http(struct cx *cx, struct server *s)
{
    size_t n = own_routes(s->routes);
    n += control_routes(s->routes + n);
    n += omise_routes(s->routes + n);
    n += ecpay_routes(s->routes + n);
    n += mail_routes(s->routes + n);
    n += push_routes(s->routes + n);
    (void)line_routes(s->routes + n); /* the rest of the table is zero: its end */
    const struct http_server_opts opts = {
        .loops = s->loops, .pool = s->pool, .routes = s->routes, .app = &s->shared};
    s->http = http_server_make(&opts);
    return s->http ? ERR_OK : problem(cx, ERR_NO_MEMORY, "no memory for the HTTP server");
}

static enum err listen_at(struct cx *cx, struct server *s, const struct options *o)
{
    char why[WHY_TEXT] = "", at[ADDR_TEXT];
    struct addr addr = {0};
    bool known = !addr_parse(o->listen, &addr) && addr.port;
    make_url(o, &addr, s->shared.url); /* before the first request can come */
    enum err e = http_server_listen(s->http, o->listen, NULL, why, &addr);
    if (e)
        return problem(cx, e, "--listen: %.150s", why);
    if (!known)
        make_url(o, &addr, s->shared.url); /* port 0: nobody knows it before this line is out */
    addr_text_port(&addr, at);
    log_info("listening", LOG_S("http", at), LOG_S("url", s->shared.url));
    return ERR_OK;
}

enum err server_open(struct cx *cx, const struct options *o,
                     const char *(*variable)(const char *name), struct server **ret)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    s->shared.variable = variable;
    enum err e = open_parts(cx, s, o);
    if (!e)
        e = open_http(cx, s);
    if (!e) {
        timer_set(loops_at(s->loops, 0), &s->tick, TICK_MS, tick, s);
        e = loops_start(s->loops);
    }
    if (!e)
        e = listen_at(cx, s, o);
    if (e)
        server_close(s);
    else
        *ret = s;
    return e;
}

void server_close(struct server *s)
{
    if (!s)
        return;
    atomic_store(&s->closing, true);
    if (s->http)
        http_server_stop(s->http, PATIENCE_MS);
    http_server_free(s->http);
    pool_free(s->pool);
    if (s->loops)
        loops_stop(s->loops);
    loops_free(s->loops);
    deliver_free(s->shared.deliver);
    omise_free(s->shared.omise);
    ecpay_free(s->shared.ecpay);
    line_free(s->shared.line);
    mail_free(s->shared.mail);
    push_sink_free(s->shared.push);
    faults_free(s->shared.faults);
    free(s);
}
