/* serve: everything made, wired, listening; then signals and seconds; then ended in reverse. */
#include "account/account.h"
#include "account/code.h"
#include "account/handover.h"
#include "account/limit.h"
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "catalog/import.h"
#include "cloud/stream.h"
#include "login/login.h"
#include "login/revoke.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/pool.h"
#include "net/tls.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "nightmarket/engine.h"
#include "nightmarket/follow.h"
#include "nightmarket/gateways.h"
#include "nightmarket/shelf.h"
#include "nightmarket/taiwan.h"
#include "notify/outbox.h"
#include "order/order.h"
#include "pay/omise.h"
#include "privacy/privacy.h"
#include "room/hub.h"
#include "room/listing.h"
#include "room/pulse.h"
#include "room/remind.h"
#include "store/store.h"
#include "till/check.h"
#include "till/refund.h"
#include "till/till.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    WORKERS = 32,
    WORK_QUEUE = 4096,
    UPLOADERS = 4,
    UPLOAD_QUEUE = 64,
    BUCKETS = 200000,
    PATIENCE_MS = 5000,
    STREAM_PATIENCE_MS = 3000,
    SWEEP_MAX = 500,
    SWEEP_EVERY_MS = 60000
};

struct server {
    struct app app;
    struct limits *limits;
    struct login *login;
    struct revokes *revokes;
    struct outbox *outbox;
    struct room *room;
    struct orders *orders;
    struct privacy *privacy;
    struct till *till;
    struct taiwan *taiwan;
    struct refunds *refunds;
    struct money_watch *money_watch;
    struct stream *stream; /* of the requests */
    struct stream *behind; /* of `follow` */
    struct loops *loops;
    struct pool *pool;
    struct pool *uploads; /* slow senders of pictures keep nobody else waiting */
    struct shelf shelf;
    struct tls *tls;
    struct api *api;
    struct http_server *http;
    const struct http_server *http_seen; /* for the api's /metrics */
    struct follow *follow;
    struct importer *importer;
    int64_t next_sweep_ms;
};

/* build/<preset>/nightmarket stands two folders under the web app's. */
static void find_web_dir(const struct config *c, char out[PATH_MAX])
{
    char self[PATH_MAX] = "";
    if (c->web_dir[0]) {
        (void)text_copy(out, PATH_MAX, c->web_dir);
        return;
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *name = strrchr(self, '/');
    (void)snprintf(out, PATH_MAX, "%.*s/../../web/dist", name ? (int)(name - self) : 0, self);
}

static enum err make_api(struct server *s)
{
    const struct config *c = s->app.config;
    char origins[ORIGINS_MAX], ca[ORIGINS_MAX], web[PATH_MAX];
    struct pay_origins pay;
    gateways_origins(&c->pay, &pay);
    engine_media_origins(c, origins);
    engine_ca_url(c, ca);
    find_web_dir(c, web);
    const struct api_setup setup = {
        .store = s->app.store,
        .limits = s->limits,
        .login = s->login,
        .revokes = s->revokes,
        .outbox = s->outbox,
        .push_key = c->vapid,
        .mail = c->smtp_url[0] != '\0',
        .local = c->loopback,
        .room = s->room,
        .orders = s->orders,
        .privacy = s->privacy,
        .till = s->till,
        .ship = taiwan_ship(s->taiwan),
        .invoices = taiwan_invoices(s->taiwan),
        .accounts = &c->pay,
        .pay = till_table(s->till),
        .refunds = s->refunds,
        .money_watch = s->money_watch,
        .pay_origins = {pay.script, pay.connect, pay.frame, pay.form, pay.img},
        .watch = room_watch(s->room),
        .importer = s->importer,
        .loops = s->loops,
        .stream = s->stream,
        .files = s->shelf.files,
        .file_origins = s->shelf.origins,
        .key = c->secret_key,
        .public_url = c->public_url,
        .media_origins = origins,
        .ca_url = ca[0] ? ca : NULL,
        .webhook_secret = c->cf_webhook_secret,
        .notify_secret = c->cf_notify_secret,
        .web_dir = web,
        .server = &s->http_seen};
    return api_make(&s->app.cx, &setup, &s->api);
}

/* Before anything is made or written: a certificate that cannot be read is a bad setting. */
static bool make_tls(struct server *s, int *ret_exit)
{
    const struct config *c = s->app.config;
    char why[TLS_WHY] = "";
    enum err e = c->tls_cert[0] ? tls_make(c->tls_cert, c->tls_key, why, &s->tls) : ERR_OK;
    if (!e)
        return true;
    e = problem(&s->app.cx, e, "NM_TLS_CERT, NM_TLS_KEY: %.150s", why[0] ? why : err_api(e));
    *ret_exit = app_say(&s->app, "serve", e, e == ERR_INPUT ? 2 : 1);
    app_close(&s->app);
    return false;
}

static enum err make_http(struct server *s)
{
    const struct config *c = s->app.config;
    struct http_server_opts o = {.loops = s->loops,
                                 .pool = s->pool,
                                 .upload_pool = s->uploads,
                                 .routes = api_routes(s->api),
                                 .app = s->api,
                                 .on_error = api_on_error};
    if (cidrs_parse(c->trusted_proxies, &o.trusted) != ERR_OK)
        return problem(&s->app.cx, ERR_INPUT, "NM_TRUSTED_PROXIES is not a list of CIDRs");
    s->http = http_server_make(&o);
    s->http_seen = s->http;
    return s->http ? ERR_OK : ERR_NO_MEMORY;
}

static enum err listen_on(struct server *s)
{
    char why[200] = "", text[ADDR_TEXT];
    struct addr at;
    enum err e = http_server_listen(s->http, s->app.config->listen, s->tls, why, &at);
    if (e)
        return problem(&s->app.cx, e, "NM_LISTEN: %.180s", why);
    addr_text_port(&at, text);
    log_info("listening", LOG_S("http", text), LOG_S("url", s->app.config->public_url));
    return ERR_OK;
}

static unsigned loop_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 16 ? 16 : (unsigned)n;
}

/* What orders can be paid with depends on the gateways, so the till is there first. */
static enum err make_orders(struct server *s)
{
    struct config *c = s->app.config;
    const struct till_setup till = {.store = s->app.store,
                                    .room = s->room,
                                    .watch = room_watch(s->room),
                                    .accounts = &c->pay,
                                    .public_url = c->public_url,
                                    .make = gateways_make,
                                    .fetch = omise_fetch,
                                    .arg = &c->pay};
    enum err e = till_make(&s->app.cx, &till, &s->till);
    if (e)
        return e;
    const struct orders_setup setup = {.store = s->app.store,
                                       .room = s->room,
                                       .watch = room_watch(s->room),
                                       .pay = till_table(s->till),
                                       .key = c->secret_key};
    e = orders_make(&setup, &s->orders);
    if (!e)
        till_join(s->till, s->orders);
    return e;
}

static enum err make_privacy(struct server *s)
{
    const struct privacy_setup setup = {.store = s->app.store,
                                        .room = s->room,
                                        .orders = s->orders,
                                        .watch = room_watch(s->room),
                                        .keep_days = s->app.config->keep_days};
    return privacy_make(&setup, &s->privacy);
}

static enum err make_outbox(struct server *s)
{
    const struct config *c = s->app.config;
    const struct outbox_setup setup = {.store = s->app.store,
                                       .public_url = c->public_url,
                                       .push_key = c->vapid,
                                       .smtp_url = c->smtp_url,
                                       .mail_from = c->mail_from,
                                       .local_ok = c->loopback};
    return outbox_make(&setup, &s->outbox);
}

static enum err make_refunds(struct server *s)
{
    struct refunds_setup setup = {.store = s->app.store, .orders = s->orders};
    enum err e = money_watch_make(s->app.store, &s->money_watch);
    refunds_of_till(s->till, &setup);
    setup.watch = s->money_watch;
    return e ? e : refunds_make(&setup, &s->refunds);
}

static enum err make_login(struct server *s)
{
    const struct login_setup setup = {.store = s->app.store,
                                      .key = s->app.config->secret_key,
                                      .public_url = s->app.config->public_url,
                                      .list = &s->app.config->login};
    enum err e = login_make(&s->app.cx, &setup, &s->login);
    const struct revokes_setup revokes = {.store = s->app.store, .login = s->login};
    return e ? e : revokes_make(&revokes, &s->revokes);
}

static enum err make_taiwan(struct server *s)
{
    const struct taiwan_setup setup = {.store = s->app.store,
                                       .orders = s->orders,
                                       .accounts = &s->app.config->pay,
                                       .public_url = s->app.config->public_url};
    return taiwan_make(&setup, &s->taiwan);
}

static void product_changed(void *arg, struct cx *cx, const char *product)
{
    enum err e = room_product_changed(arg, cx, product);
    if (e)
        log_warn("shows were not told of a product", LOG_S("product", product),
                 LOG_S("err", err_api(e)));
}

static enum err make_importer(struct server *s)
{
    const struct importer_setup setup = {.store = s->app.store,
                                         .watch = room_watch(s->room),
                                         .changed = product_changed,
                                         .arg = s->room};
    s->importer = importer_make(&setup);
    return s->importer ? ERR_OK : ERR_NO_MEMORY;
}

static enum err make_all(struct server *s)
{
    struct cx *cx = &s->app.cx;
    s->limits = limits_make(BUCKETS);
    s->loops = loops_make(loop_count());
    s->pool = pool_make(WORKERS, WORK_QUEUE);
    s->uploads = pool_make(UPLOADERS, UPLOAD_QUEUE);
    if (!s->limits || !s->loops || !s->pool || !s->uploads)
        return ERR_NO_MEMORY;
    const struct room_setup setup = {.store = s->app.store, .limits = s->limits};
    enum err e = room_make(&setup, &s->room);
    if (!e)
        e = make_orders(s);
    if (!e)
        e = make_outbox(s);
    if (!e)
        e = make_refunds(s);
    if (!e)
        e = make_privacy(s);
    if (!e)
        e = make_taiwan(s);
    if (!e)
        e = engine_make_quick(cx, s->app.config, &s->stream);
    if (!e)
        e = engine_make(cx, s->app.config, &s->behind);
    if (!e)
        e = shelf_make(cx, s->app.config, s->app.store, &s->shelf);
    if (!e)
        e = make_importer(s);
    if (!e)
        e = make_login(s);
    if (!e)
        e = make_api(s);
    if (!e)
        e = make_http(s);
    if (!e)
        e = loops_start(s->loops);
    if (!e)
        e = room_pulse_start(s->room);
    if (!e)
        e = till_run(s->till);
    if (!e)
        e = refunds_run(s->refunds);
    if (!e)
        e = revokes_run(s->revokes);
    if (!e)
        e = outbox_run(s->outbox);
    if (!e)
        e = privacy_run(s->privacy);
    if (!e)
        e = taiwan_run(s->taiwan);
    if (!e)
        e = listen_on(s);
    if (e || !s->stream)
        return e;
    const struct follow_setup follow = {.store = s->app.store,
                                        .room = s->room,
                                        .stream = s->behind,
                                        .files = s->shelf.files,
                                        .local = engine_is_local(s->app.config)};
    return follow_start(&follow, &s->follow);
}

/* Viewers are told first, then requests have their time; what waits for Stream holds up neither. */
static void end_all(struct server *s)
{
    if (s->room)
        room_bye(s->room, 1000);
    stream_end(s->stream, STREAM_PATIENCE_MS);
    shelf_end(&s->shelf);
    if (s->http)
        http_server_stop(s->http, PATIENCE_MS);
    follow_stop(s->follow);
    taiwan_stop(s->taiwan);
    privacy_stop(s->privacy);
    outbox_stop(s->outbox);
    refunds_stop(s->refunds);
    revokes_stop(s->revokes);
    till_stop(s->till);
    importer_free(s->importer);
    http_server_free(s->http);
    pool_free(s->uploads);
    pool_free(s->pool);
    if (s->loops)
        loops_stop(s->loops);
    api_free(s->api);
    revokes_free(s->revokes);
    login_free(s->login);
    money_watch_free(s->money_watch);
    refunds_free(s->refunds);
    outbox_free(s->outbox);
    privacy_free(s->privacy);
    till_free(s->till);
    taiwan_free(s->taiwan);
    orders_free(s->orders);
    room_free(s->room);
    loops_free(s->loops);
    shelf_done(&s->shelf);
    tls_free(s->tls);
    stream_free(s->behind);
    stream_free(s->stream);
    limits_free(s->limits);
    app_close(&s->app);
}

static void reload(struct server *s)
{
    char why[TLS_WHY] = "";
    if (s->tls && tls_reload(s->tls, why) != ERR_OK)
        log_warn("certificate stays as it was", LOG_S("why", why));
}

static enum err sweep_job(struct tx *tx, void *arg)
{
    int64_t more;
    enum err e = session_sweep(tx, SWEEP_MAX, arg);
    if (!e)
        e = handover_sweep(tx, SWEEP_MAX, &more);
    if (!e)
        e = code_sweep(tx, SWEEP_MAX, &more);
    return e ? e : login_sweep(tx, SWEEP_MAX);
}

/* Sessions, codes and links whose time has passed go, some each minute. */
static void sweep_sessions(struct server *s, int64_t now_ms)
{
    int64_t dropped = 0;
    if (now_ms < s->next_sweep_ms)
        return;
    s->next_sweep_ms = now_ms + SWEEP_EVERY_MS;
    s->app.cx.now_ms = now_ms;
    enum err e = store_do(s->app.store, &s->app.cx, "session.sweep", sweep_job, &dropped);
    if (e)
        log_warn("old sessions stay for now", LOG_S("err", err_api(e)));
}

static void tick(struct server *s)
{
    int64_t now_ms = clock_unix_ms();
    room_tick(s->room, now_ms);
    remind_tick(s->room, s->app.config->secret_key, now_ms);
    orders_tick(s->orders, now_ms);
    sweep_sessions(s, now_ms);
    shelf_tick(&s->shelf, s->pool, now_ms);
}

/* Once a second a tick; until a signal to end. */
static void live_on(struct server *s, const sigset_t *signals)
{
    const struct timespec second = {1, 0};
    for (;;) {
        int sig = sigtimedwait(signals, NULL, &second);
        if (sig == SIGHUP)
            reload(s);
        else if (sig > 0)
            break;
        else if (errno == EAGAIN)
            tick(s);
    }
    log_info("ending");
}

int command_serve(int argc, char **argv)
{
    struct server s = {.http = NULL};
    sigset_t signals;
    int code = 0;
    (void)argv;
    if (argc != 1) {
        (void)fprintf(stderr, "usage: nightmarket serve   (settings: see .env.example)\n");
        return 2;
    }
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL); /* threads inherit it: only we take them */
    if (!app_configure(&s.app, "serve", &code) || !make_tls(&s, &code))
        return code;
    if (!app_open_store(&s.app, "serve", &code)) {
        tls_free(s.tls);
        return code;
    }
    enum err e = make_all(&s);
    if (e)
        code = app_say(&s.app, "serve", e, e == ERR_INPUT ? 2 : 1);
    else
        live_on(&s, &signals);
    end_all(&s);
    return code;
}
