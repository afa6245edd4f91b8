/*
 * demo: a shop on air on this machine. It starts the video engine, the server and a broadcaster as
 * children, fills the shop, connects the two with the very code an operator would use, and then
 * watches over all of it.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/setup.h"
#include "net/client.h"
#include "nightmarket/app.h"
#include "nightmarket/commands.h"
#include "nightmarket/demo_in.h"
#include "nightmarket/engine.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ARENA = 4 << 20, TICK_MS = 250, START_MS = 30000, PATIENCE_MS = 6000, FIRST_SHOW_S = 25 };

struct demo {
    char dir[DEMO_PATH], log_dir[DEMO_PATH], keep_path[DEMO_PATH], ca[DEMO_PATH];
    char self[DEMO_PATH], streamd[DEMO_PATH], sandboxd[DEMO_PATH], host[DEMO_HOST];
    bool lan, ending;
    sigset_t signals;
    struct demo_keep keep;
    struct demo_seed seed;
    struct demo_api api;
    struct demo_film film;
    struct child engine, sandbox, server;
    struct demo_air air, first;
};

static const char USAGE[] = "usage: nightmarket demo [--lan[=ADDRESS]]\n\n"
                            "  --lan   for phones in the local network, with codes to scan\n";

/* ---- folders and settings ---- */

static enum err make_folder(struct cx *cx, const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST
               ? ERR_OK
               : problem(cx, ERR_IO, "%.100s: %s", path, strerrordesc_np(errno));
}

/* The data folder becomes the working directory: no `.env` of a real shop is read from here on. */
static enum err enter_folder(struct cx *cx, struct demo *d)
{
    const char *given = getenv("NM_DATA_DIR"); // NOLINT(concurrency-mt-unsafe): no threads yet
    const char *dir = given && *given ? given : "data/demo";
    enum err e = given && *given ? ERR_OK : make_folder(cx, "data");
    if (!e)
        e = make_folder(cx, dir);
    if (!e && (!realpath(dir, d->dir) || chdir(d->dir) != 0))
        e = problem(cx, ERR_IO, "%.100s: %s", dir, strerrordesc_np(errno));
    (void)snprintf(d->log_dir, sizeof d->log_dir, "%.4000s/log", d->dir);
    (void)snprintf(d->keep_path, sizeof d->keep_path, "%.4000s/demo.json", d->dir);
    (void)snprintf(d->ca, sizeof d->ca, "%.4000s/streamd/ca/ca.pem", d->dir);
    return e ? e : make_folder(cx, d->log_dir);
}

/* A shop that no demo made is somebody's own: it gets no owner with a printed password. */
static enum err refuse_real_shop(struct cx *cx)
{
    bool shop = access("nightmarket.db", F_OK) == 0, ours = access("demo.json", F_OK) == 0;
    return shop && !ours
               ? problem(cx, ERR_CONFLICT,
                         "NM_DATA_DIR holds a shop of its own: the demo needs another folder")
               : ERR_OK;
}

/* Held until this program ends. */
static enum err lock_folder(struct cx *cx)
{
    enum err e = refuse_real_shop(cx);
    if (e)
        return e;
    int fd = open("demo.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return problem(cx, ERR_CONFLICT, "a demo is running in this data folder already");
    return ERR_OK;
}

static void find_programs(struct demo *d)
{
    char folder[DEMO_PATH];
    ssize_t n = readlink("/proc/self/exe", d->self, sizeof d->self - 1);
    d->self[n > 0 ? n : 0] = '\0';
    (void)text_copy(folder, sizeof folder, d->self);
    const char *here = dirname(folder); // NOLINT(concurrency-mt-unsafe): no threads yet
    (void)snprintf(d->streamd, sizeof d->streamd, "%.4000s/streamd", here);
    (void)snprintf(d->sandboxd, sizeof d->sandboxd, "%.4000s/sandboxd", here);
}

__attribute__((format(printf, 2, 3))) static void set(const char *name, const char *format, ...)
{
    char value[DEMO_PATH];
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(value, sizeof value, format, ap);
    va_end(ap);
    (void)setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): no threads yet
}

/* The children's settings, and ours: nothing of a real shop's is left. */
static void set_variables(const struct demo *d)
{
    static const char *const away[] = {"CLOUDFLARE_STREAM_CUSTOMER_CODE",
                                       "CLOUDFLARE_WEBHOOK_SECRET",
                                       "CLOUDFLARE_NOTIFY_SECRET",
                                       "NM_SECRET_KEY",
                                       "NM_TLS_CERT",
                                       "NM_TLS_KEY",
                                       "NM_TRUSTED_PROXIES",
                                       "STREAMD_TLS_CERT",
                                       "STREAMD_TLS_KEY",
                                       "STREAMD_HTTP_TLS",
                                       "STREAMD_STATUS_FORM"};
    const struct demo_keep *k = &d->keep;
    const char *any = d->lan ? "0.0.0.0" : d->host;
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        (void)unsetenv(away[i]); // NOLINT(concurrency-mt-unsafe): no threads yet
    set("NM_DATA_DIR", "%s", d->dir);
    set("NM_LISTEN", "%s:%d", any, k->http);
    set("NM_PUBLIC_URL", "http://%s:%d", d->host, k->http);
    set("DATABASE_URL", "sqlite:%s/nightmarket.db", d->dir);
    set("CLOUDFLARE_ACCOUNT_ID", "%s", k->account);
    set("CLOUDFLARE_STREAM_API_TOKEN", "%s", k->token);
    set("CLOUDFLARE_API_BASE_URL", "http://127.0.0.1:%d/client/v4", k->stream);
    set("STREAMD_LISTEN", "%s:%d", any, k->stream);
    set("STREAMD_RTMP", "127.0.0.1:%d", k->rtmp);
    set("STREAMD_RTMPS", "%s:%d", any, k->rtmps);
    set("STREAMD_DATA", "%s/streamd", d->dir);
    set("STREAMD_ACCOUNT", "%s", k->account);
    set("STREAMD_TOKEN", "%s", k->token);
    set("STREAMD_PUBLIC_URL", "http://%s:%d", d->host, k->stream);
    set("STREAMD_RTMPS_PUBLIC_URL", "rtmps://%s:%d/live/", d->lan ? d->host : "localhost",
        k->rtmps);
    demo_pay_variables(k, d->host, any);
    demo_line_variables(k, d->host);
    demo_mail_variables(k);
}

/* ---- waiting ---- */

/* Sleep for a tick, or take a signal to end. */
static bool nap(struct demo *d)
{
    const struct timespec tick = {0, TICK_MS * 1000000L};
    int sig = sigtimedwait(&d->signals, NULL, &tick);
    if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
        d->ending = true;
    return !d->ending;
}

static enum err failed(struct cx *cx, const struct child *c)
{
    child_show_log(c);
    return problem(cx, ERR_IO, "%s ended with status %d", c->name, c->exit_code);
}

/* Until `url` answers; the child that is to answer must not end meanwhile. */
static enum err wait_for(struct cx *cx, struct demo *d, struct child *c, const char *url)
{
    int64_t until = clock_mono_ms() + START_MS;
    while (!demo_answers(url)) {
        if (child_tick(c))
            return failed(cx, c);
        if (clock_mono_ms() > until)
            return problem(cx, ERR_TIMEOUT, "%s does not answer", c->name);
        if (!nap(d))
            return ERR_BUSY;
    }
    return ERR_OK;
}

static enum err wait_for_film(struct cx *cx, struct demo *d)
{
    enum err e = demo_film_ready(cx, &d->film);
    if (e == ERR_BUSY) {
        (void)printf("  making the demo film, once: half a minute or so …\n");
        (void)fflush(stdout);
    }
    while (e == ERR_BUSY && nap(d))
        e = demo_film_ready(cx, &d->film);
    if (e && e != ERR_BUSY)
        child_show_log(&d->film.maker);
    return e;
}

/* ---- starting ---- */

static void say_nothing(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

static enum err start_engine(struct cx *cx, struct demo *d)
{
    d->engine = (struct child){.name = "streamd", .log_dir = d->log_dir, .end_signal = SIGTERM};
    child_add(&d->engine, d->streamd);
    enum err e = child_start(&d->engine);
    return e ? problem(cx, e, "streamd cannot be started") : ERR_OK;
}

static enum err start_sandbox(struct cx *cx, struct demo *d)
{
    d->sandbox = (struct child){.name = "sandboxd", .log_dir = d->log_dir, .end_signal = SIGTERM};
    child_add(&d->sandbox, d->sandboxd);
    enum err e = child_start(&d->sandbox);
    return e ? problem(cx, e, "sandboxd cannot be started") : ERR_OK;
}

static enum err start_server(struct cx *cx, struct demo *d)
{
    d->server = (struct child){.name = "nightmarket", .log_dir = d->log_dir, .end_signal = SIGTERM};
    child_add(&d->server, d->self);
    child_add(&d->server, "serve");
    enum err e = child_start(&d->server);
    return e ? problem(cx, e, "the server cannot be started") : ERR_OK;
}

/* As `nightmarket cloudflare-setup` would. */
static enum err connect_engine(struct app *a)
{
    struct stream *stream = NULL;
    const struct store_setup setup = {
        .url = a->config->database_url, .schema = &shop_schema, .readers = 2};
    enum err e = store_open(&a->cx, &setup, &a->store);
    if (!e)
        e = engine_make(&a->cx, a->config, &stream);
    if (!e) {
        const struct setup_ask ask = {.stream = stream,
                                      .store = a->store,
                                      .key = a->config->secret_key,
                                      .public_url = a->config->public_url,
                                      .say = say_nothing};
        e = setup_run(&a->cx, &ask);
    }
    stream_free(stream);
    store_close(a->store);
    a->store = NULL;
    return e;
}

static enum err start_all(struct app *a, struct demo *d)
{
    char url[DEMO_URL];
    struct cx *cx = &a->cx;
    enum err e = demo_film_begin(cx, &d->film, d->dir, d->log_dir);
    if (!e)
        e = start_engine(cx, d);
    if (!e)
        e = start_sandbox(cx, d);
    if (!e)
        e = demo_fill(a, &d->keep, &d->seed);
    if (!e)
        e = demo_keep_write(cx, d->keep_path, &d->keep);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/healthz", d->keep.stream);
    if (!e)
        e = wait_for(cx, d, &d->engine, url);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/healthz", d->keep.sandbox);
    if (!e)
        e = wait_for(cx, d, &d->sandbox, url);
    if (!e)
        e = start_server(cx, d);
    (void)snprintf(url, sizeof url, "%s/readyz", d->api.base);
    if (!e)
        e = wait_for(cx, d, &d->server, url);
    if (!e)
        e = connect_engine(a);
    return e ? e : demo_sign_in(cx, &d->api, d->keep.password);
}

static enum err go_on_air(struct app *a, struct demo *d)
{
    struct cx *cx = &a->cx;
    enum err e = wait_for_film(cx, d);
    d->air = (struct demo_air){.show = d->keep.show, .clock = true};
    if (!e)
        e = demo_air_begin(cx, &d->air, &d->film, &d->api, d->ca);
    if (e || !d->seed.first_show[0])
        return e;
    d->first = (struct demo_air){.show = d->seed.first_show, .seconds = FIRST_SHOW_S};
    return demo_air_begin(cx, &d->first, &d->film, &d->api, d->ca);
}

/* ---- telling ---- */

static void tell_places(const struct demo *d)
{
    (void)printf("\n  Home      %s/\n", d->api.base);
    (void)printf("  The show  %s/s/%s\n", d->api.base, d->keep.show);
    (void)printf("  Studio    %s/studio\n", d->api.base);
    (void)printf("            sign in as " DEMO_EMAIL ", password %s\n", d->keep.password);
    (void)printf("  Payments  http://%s:%d/ (ECPay and Omise as sandboxes: no real money)\n",
                 d->host, d->keep.sandbox);
    (void)printf(
        "  Mail      http://%s:%d/mail (what the shop sends; nothing leaves this machine)\n",
        d->host, d->keep.sandbox);
    (void)printf("  Engine    http://%s:%d/client/v4 (Cloudflare Stream's API; account and token "
                 "in\n            %s)\n",
                 d->host, d->keep.stream, d->keep_path);
    (void)printf("  Logs      %s\n\n", d->log_dir);
    (void)fflush(stdout);
}

static void tell_phones(struct cx *cx, const struct demo *d)
{
    char url[DEMO_URL];
    struct demo_ingest in;
    (void)snprintf(url, sizeof url, "%s/s/%s", d->api.base, d->keep.show);
    (void)printf("  Watch on a phone in the same network: %s\n\n", url);
    demo_print_qr(url);
    if (demo_get_ingest(cx, &d->api, d->seed.phone_show, &in) == ERR_OK) {
        (void)printf(
            "\n  Go on air from a phone: scan this with Larix Broadcaster or IRL Pro, start, "
            "and press\n  \"Go live\" at %s/studio/shows/%s\n"
            "  The code holds the stream key: show it to nobody else.\n\n",
            d->api.base, d->seed.phone_show);
        demo_print_qr(in.grove);
    }
    (void)printf("\n  A broadcaster that checks certificates must trust this authority:\n"
                 "  http://%s:%d/ca.pem  (%s)\n\n",
                 d->host, d->keep.stream, d->ca);
    (void)fflush(stdout);
}

/* ---- the command ---- */

static void watch(struct demo *d)
{
    for (unsigned n = 0; nap(d); n++) {
        struct cx cx = {.arena = arena_make(ARENA), .now_ms = clock_unix_ms()};
        (void)child_tick(&d->engine);
        (void)child_tick(&d->sandbox);
        (void)child_tick(&d->server);
        if (cx.arena && n % 2 == 0) {
            demo_air_tick(&cx, &d->air, &d->api);
            demo_air_tick(&cx, &d->first, &d->api);
        }
        arena_free(cx.arena);
    }
}

/* Broadcasters first, so that recordings end well; the engine last. */
static void end_all(struct demo *d)
{
    child_stop(&d->first.encoder, 1000);
    child_stop(&d->air.encoder, 1000);
    child_stop(&d->film.maker, 1000);
    child_stop(&d->server, PATIENCE_MS);
    child_stop(&d->sandbox, PATIENCE_MS);
    child_stop(&d->engine, PATIENCE_MS);
}

static bool read_options(int argc, char **argv, struct demo *d)
{
    static const struct option options[] = {{"lan", optional_argument, 0, 'l'}, {0}};
    int o;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is there yet
    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (o != 'l' || (optarg && !text_copy(d->host, sizeof d->host, optarg)))
            return false;
        d->lan = true;
    }
    return optind == argc;
}

/* Before the settings are read: folder, kept secrets, addresses, and the variables made of them. */
static enum err prepare(struct cx *cx, struct demo *d)
{
    enum err e = enter_folder(cx, d);
    if (!e)
        e = lock_folder(cx);
    if (!e)
        e = demo_keep_read(cx, d->keep_path, &d->keep);
    if (!e && !d->lan)
        (void)text_copy(d->host, sizeof d->host, "127.0.0.1");
    if (!e && d->lan && !d->host[0])
        e = demo_lan_address(cx, d->host);
    int before = d->keep.stream;
    if (!e)
        e = demo_pick_ports(cx, d->lan ? "0.0.0.0" : d->host, &d->keep);
    if (e)
        return e;
    d->seed.phone = d->lan;
    d->seed.ports_moved = before != d->keep.stream || strcmp(d->keep.host, d->host) != 0;
    (void)text_copy(d->keep.host, sizeof d->keep.host, d->host);
    (void)snprintf(d->api.base, sizeof d->api.base, "http://%s:%d", d->host, d->keep.http);
    find_programs(d);
    set_variables(d);
    return demo_keep_write(cx, d->keep_path, &d->keep);
}

static int run(struct demo *d)
{
    struct app a;
    struct cx cx = {.arena = arena_make(ARENA), .now_ms = clock_unix_ms()};
    int code = 0;
    enum err e = cx.arena ? crypto_init() : ERR_NO_MEMORY;
    if (!e)
        e = prepare(&cx, d);
    if (e)
        (void)fprintf(stderr, "nightmarket demo: %s\n", cx.problem[0] ? cx.problem : err_api(e));
    arena_free(cx.arena);
    if (e || !app_configure(&a, "demo", &code))
        return e == ERR_INPUT ? 2 : code ? code : 1;
    (void)printf("nightmarket demo: starting in %s\n", d->dir);
    (void)fflush(stdout);
    e = start_all(&a, d);
    if (!e) {
        tell_places(d);
        if (d->lan)
            tell_phones(&a.cx, d);
        e = go_on_air(&a, d);
    }
    if (e && !d->ending)
        code = app_say(&a, "demo", e, 1);
    app_close(&a);
    if (!e)
        watch(d);
    (void)printf("\nending …\n");
    (void)fflush(stdout);
    end_all(d);
    return code;
}

int command_demo(int argc, char **argv)
{
    static struct demo d;
    log_set_level(LOG_WARN); /* this program's own part: the children log to files */
    if (!read_options(argc, argv, &d)) {
        (void)fputs(USAGE, stderr);
        return 2;
    }
    (void)sigemptyset(&d.signals);
    (void)sigaddset(&d.signals, SIGINT);
    (void)sigaddset(&d.signals, SIGTERM);
    (void)sigaddset(&d.signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &d.signals, NULL); /* threads inherit it: only we take them */
    (void)signal(SIGPIPE, SIG_IGN);
    return run(&d);
}
