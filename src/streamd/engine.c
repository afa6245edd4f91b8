#include "streamd/engine.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "net/addr.h"
#include "net/client.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/pool.h"
#include "net/tls.h"
#include "store/store.h"
#include "streamd/authority.h"
#include "streamd/cfapi/cfapi.h"
#include "streamd/folder.h"
#include "streamd/ingest/ingest.h"
#include "streamd/library/setup.h"
#include "streamd/notify/notify.h"
#include "streamd/options.h"
#include "streamd/origin/origin.h"
#include "streamd/picture.h"
#include "streamd/strays.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WORKERS = 8,
    WORKERS_QUEUE = 4096,
    CHORES = 4, /* recordings are finished, videos deleted */
    RECORDERS = 8,
    BACKGROUND_QUEUE = 4096,
    TICK_MS = 200,
    RENEWAL_MS = 12 * 3600 * 1000,
    PATIENCE_MS = 5000,
    ROUTES_MAX = 160,
    PATH_TEXT = 1024,
    WHY_TEXT = 200
};

struct engine {
    const struct options *options;
    char account[OPTION_TEXT], token[OPTION_TEXT];
    char media_dir[PATH_TEXT], media_bin[PATH_TEXT];
    int lock_fd;
    struct loops *loops;
    /* Four, so that a disk or a receiver that hangs holds up its own kind only: the API and replays
     * are `pool`. */
    struct pool *pool, *chores, *recorders, *couriers;
    struct store *store;
    struct library *library;
    struct notify *notify;
    struct origin *origin;
    struct ingest *ingest;
    struct cfapi *cfapi;
    struct tls *tls;
    struct http_server *server;
    struct http_route routes[ROUTES_MAX];
    struct urls urls;
    struct timer tick, renewal;
    atomic_bool closing;      /* timers begin nothing any more */
    pthread_mutex_t renewing; /* one at a time at the certificate's files */
    struct addr http, rtmp, rtmps;
};

/* ---- what the rooms ask of each other ---- */

static enum err run_chore(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
    struct engine *e = arg;
    return pool_run(e->chores, fn, fn_arg);
}

static enum err run_courier(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
    struct engine *e = arg;
    return pool_run(e->couriers, fn, fn_arg);
}

static void kick(void *arg, const char *input_uid, const char *reason)
{
    struct engine *e = arg;
    origin_kick(e->origin, input_uid, reason);
}

static enum err finish(void *arg, const char *video_uid, struct finished *ret_finished)
{
    struct engine *e = arg;
    struct recording r;
    enum err why = origin_finish(e->origin, video_uid, &r);
    if (!why)
        *ret_finished = (struct finished){.duration_ms = r.duration_ms,
                                          .size_bytes = r.size_bytes,
                                          .width = r.width,
                                          .height = r.height};
    return why;
}

static void picture(void *arg, const char *video_uid, int64_t at_ms)
{
    struct engine *e = arg;
    char media[PATH_TEXT], to[PATH_TEXT];
    if (!e->media_bin[0] || origin_media_path(e->origin, video_uid, media, sizeof media))
        return;
    const char *slash = strrchr(media, '/');
    int folder = slash ? (int)(slash - media) : 0;
    (void)snprintf(to, sizeof to, "%.*s/thumbnail.jpg", folder, media);
    enum err why = picture_make(e->media_bin, media, at_ms, to);
    if (why)
        log_warn("no picture of the video", LOG_S("video", video_uid), LOG_S("why", err_api(why)));
}

static enum err drop(void *arg, const char *video_uid)
{
    struct engine *e = arg;
    return origin_drop(e->origin, video_uid);
}

static enum err live_event(void *arg, struct tx *tx, const struct live_event *event)
{
    struct engine *e = arg;
    const struct notify_event n = {.input_uid = event->input_uid,
                                   .event_type = event->event_type,
                                   .id = event->id,
                                   .at_ms = event->at_ms,
                                   .error_code = event->error_code,
                                   .error_message = event->error_message,
                                   .video_codec = event->video_codec,
                                   .audio_codec = event->audio_codec};
    return notify_live(e->notify, tx, &n);
}

static enum err video_done(void *arg, struct tx *tx, const char *video_uid, const char *input_uid,
                           const char *state, const char *body)
{
    struct engine *e = arg;
    return notify_video(e->notify, tx, video_uid, input_uid, state, body);
}

static void tick(void *arg)
{
    struct engine *e = arg;
    library_tick(e->library);
    timer_set(loops_at(e->loops, 0), &e->tick, TICK_MS, tick, e);
}

/* ---- certificates ---- */

/* The operator's certificate, or ours, made or made again when it is time. */
static enum err certificate(struct cx *cx, const struct engine *e, struct authority_files *ret)
{
    const struct options *o = e->options;
    struct authority_names names;
    *ret = (struct authority_files){0};
    if (!o->tls_cert[0]) {
        authority_names_of(o->rtmps, o->rtmps_public_url, &names);
        return authority_make(cx, o->data, &names, ret);
    }
    (void)snprintf(ret->cert, sizeof ret->cert, "%s", o->tls_cert);
    (void)snprintf(ret->key, sizeof ret->key, "%s", o->tls_key);
    return ERR_OK;
}

void engine_reload(struct engine *e)
{
    struct cx cx = {0};
    struct authority_files files;
    char why[TLS_WHY];
    (void)pthread_mutex_lock(&e->renewing);
    if (certificate(&cx, e, &files))
        log_error("certificate not made", LOG_S("why", cx.problem));
    else if (tls_reload(e->tls, why))
        log_error("certificate not read again", LOG_S("why", why));
    else
        log_info("certificate read again", LOG_I("fresh", files.fresh_cert));
    (void)pthread_mutex_unlock(&e->renewing);
}

static void renew(void *arg)
{
    engine_reload(arg);
}

/* Twice a day, by a worker: it reads and writes files. */
static void renewal_due(void *arg)
{
    struct engine *e = arg;
    if (atomic_load(&e->closing))
        return;
    if (pool_run(e->chores, renew, e))
        log_warn("certificate not looked at: too much to do");
    timer_set(loops_at(e->loops, 0), &e->renewal, RENEWAL_MS, renewal_due, e);
}

/* ---- opening ---- */

static enum err open_folder(struct cx *cx, struct engine *e)
{
    const struct options *o = e->options;
    char fresh_account[33], fresh_token[41];
    crypto_random_hex(fresh_account, 32);
    crypto_random_hex(fresh_token, 40);
    enum err why = folder_open(cx, o->data, &e->lock_fd);
    if (why)
        return why;
    (void)text_copy(e->account, sizeof e->account, o->account);
    (void)text_copy(e->token, sizeof e->token, o->token);
    if (!e->account[0])
        why = folder_keep(cx, o->data, "account", fresh_account, e->account, sizeof e->account);
    if (!why && strspn(e->account, "0123456789abcdef") != 32)
        why =
            problem(cx, ERR_INPUT, "the file 'account' in the data folder must have 32 hex digits");
    if (!why && !e->token[0]) {
        why = folder_keep(cx, o->data, "token", fresh_token, e->token, sizeof e->token);
        if (!why)
            log_info("the API token is in the data folder", LOG_S("folder", o->data),
                     LOG_S("file", "token"), LOG_S("account", e->account));
    }
    (void)snprintf(e->media_dir, sizeof e->media_dir, "%s/media", o->data);
    return why;
}

static enum err open_tls(struct cx *cx, struct engine *e)
{
    const struct options *o = e->options;
    struct authority_files files;
    char why[TLS_WHY];
    enum err bad = certificate(cx, e, &files);
    if (bad)
        return bad;
    if (files.ca[0])
        log_info(files.fresh_ca ? "made a certificate authority: encoders must trust it"
                                : "encoders must trust our certificate authority",
                 LOG_S("file", files.ca));
    if (tls_make(files.cert, files.key, why, &e->tls))
        return problem(cx, ERR_INPUT, "%s%s", o->tls_cert[0] ? "STREAMD_TLS_CERT: " : "", why);
    return ERR_OK;
}

/* streamd-media lies beside this program unless the operator says otherwise. */
static void find_media(struct engine *e)
{
    const char *set = e->options->media_bin;
    char self[PATH_TEXT - 32];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (set[0]) {
        (void)text_copy(e->media_bin, sizeof e->media_bin, set);
    } else if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
        (void)snprintf(e->media_bin, sizeof e->media_bin, "%s/streamd-media", self);
    }
    if (access(e->media_bin, X_OK) == 0)
        return;
    log_warn("no thumbnails: 'streamd-media' is not there", LOG_S("path", e->media_bin));
    e->media_bin[0] = '\0';
}

static enum err open_threads(struct cx *cx, struct engine *e)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    e->loops = loops_make((unsigned)(cores < 1 ? 1 : cores > 16 ? 16 : cores));
    e->pool = pool_make(WORKERS, WORKERS_QUEUE);
    e->chores = pool_make(CHORES, BACKGROUND_QUEUE);
    e->recorders = pool_make(RECORDERS, BACKGROUND_QUEUE);
    e->couriers = pool_make(NOTIFY_WORKERS, BACKGROUND_QUEUE);
    if (!e->loops || !e->pool || !e->chores || !e->recorders || !e->couriers)
        return problem(cx, ERR_NO_MEMORY, "no memory or no threads to be had");
    return ERR_OK;
}

static enum err open_library(struct cx *cx, struct engine *e)
{
    char url[PATH_TEXT];
    (void)snprintf(url, sizeof url, "sqlite:%s/streamd.db", e->options->data);
    const struct store_setup store = {
        .url = url, .schema = &streamd_schema, .readers = WORKERS + CHORES + NOTIFY_WORKERS};
    enum err why = store_open(cx, &store, &e->store);
    if (why)
        return why;
    const struct notify_setup notify = {
        .store = e->store, .account = e->account, .arg = e, .run = run_courier};
    why = notify_make(&notify, &e->notify);
    if (why)
        return why;
    const struct library_setup library = {.store = e->store,
                                          .hooks = {.arg = e,
                                                    .run = run_chore,
                                                    .kick = kick,
                                                    .finish = finish,
                                                    .picture = picture,
                                                    .drop = drop,
                                                    .live_event = live_event,
                                                    .video_done = video_done},
                                          .grace_ms = e->options->grace_s * 1000,
                                          .status_as_text = e->options->status_as_text};
    return library_open(cx, &library, &e->library);
}

static enum err open_media(struct cx *cx, struct engine *e)
{
    const struct origin_conf origin = {.library = e->library,
                                       .loops = e->loops,
                                       .pool = e->recorders,
                                       .media_dir = e->media_dir,
                                       .thumbnailer = e->media_bin[0] ? e->media_bin : NULL};
    enum err why = origin_make(&origin, &e->origin);
    if (why)
        return problem(cx, why, "cannot make the folder for recordings");
    const struct ingest_conf ingest = {.library = e->library,
                                       .origin = e->origin,
                                       .loops = e->loops,
                                       .pool = e->pool,
                                       .refuse_second = e->options->refuse_second};
    why = ingest_make(&ingest, &e->ingest);
    return why ? problem(cx, why, "cannot make the ingest") : ERR_OK;
}

static enum err open_api(struct cx *cx, struct engine *e)
{
    char ca[AUTHORITY_PATH] = "";
    if (!e->options->tls_cert[0]) /* else the certificate was bought */
        (void)snprintf(ca, sizeof ca, "%s/ca/ca.pem", e->options->data);
    const struct cfapi_conf conf = {.library = e->library,
                                    .notify = e->notify,
                                    .account = e->account,
                                    .token = e->token,
                                    .ingest = e->ingest,
                                    .origin = e->origin,
                                    .ca_file = ca};
    enum err why = cfapi_make(&conf, &e->cfapi);
    if (why)
        return why;
    size_t n;
    const struct http_route *api = cfapi_routes(e->cfapi, &n);
    assert(n + ORIGIN_ROUTES_MAX < ROUTES_MAX);
    memcpy(e->routes, api, n * sizeof *api);
    (void)origin_routes(e->origin, e->routes + n); /* the rest of the table is zero: its end */
    const struct http_server_opts opts = {.loops = e->loops,
                                          .pool = e->pool,
                                          .routes = e->routes,
                                          .app = e,
                                          .on_error = cfapi_on_error};
    e->server = http_server_make(&opts);
    if (!e->server)
        return problem(cx, ERR_NO_MEMORY, "no memory for the HTTP server");
    cfapi_set_server(e->cfapi, e->server);
    return ERR_OK;
}

/* ---- listening ---- */

/* "127.0.0.1:8787" as others reach it: an address for all interfaces is not one to connect to. */
static void reachable(const struct addr *a, char out[ADDR_TEXT])
{
    char ip[ADDR_TEXT];
    addr_text(a, ip);
    if (strcmp(ip, "0.0.0.0") == 0)
        (void)snprintf(out, ADDR_TEXT, "127.0.0.1:%u", a->port);
    else if (strcmp(ip, "::") == 0)
        (void)snprintf(out, ADDR_TEXT, "[::1]:%u", a->port);
    else
        addr_text_port(a, out);
}

static void host_of(const char *url, char *out, size_t size)
{
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    (void)snprintf(out, size, "%.*s", (int)strcspn(host, ":/"), host);
}

static void make_urls(struct engine *e)
{
    const struct options *o = e->options;
    char http[ADDR_TEXT];
    reachable(&e->http, http);
    if (o->public_url[0])
        (void)snprintf(e->urls.http, sizeof e->urls.http, "%.255s", o->public_url);
    else
        (void)snprintf(e->urls.http, sizeof e->urls.http, "%s://%s", o->http_tls ? "https" : "http",
                       http);
    if (o->rtmps_public_url[0])
        (void)snprintf(e->urls.rtmps, sizeof e->urls.rtmps, "%.255s", o->rtmps_public_url);
    else
        (void)snprintf(e->urls.rtmps, sizeof e->urls.rtmps, "rtmps://localhost:%u/live/",
                       e->rtmps.port);
    host_of(e->urls.rtmps, e->urls.host, sizeof e->urls.host);
    library_set_urls(e->library, &e->urls);
}

static enum err listen_all(struct cx *cx, struct engine *e)
{
    const struct options *o = e->options;
    char why[WHY_TEXT] = "";
    enum err bad = ingest_listen(e->ingest, o->rtmp, NULL, why, &e->rtmp);
    if (bad)
        return problem(cx, bad, "--rtmp: %.150s", why);
    bad = ingest_listen(e->ingest, o->rtmps, e->tls, why, &e->rtmps);
    if (bad)
        return problem(cx, bad, "--rtmps: %.150s", why);
    if (!addr_parse(o->listen, &e->http))
        make_urls(e); /* before the first request can come; again below for port 0 */
    struct tls *tls = o->http_tls ? e->tls : NULL;
    bool free_port = !e->http.port;
    bad = http_server_listen(e->server, o->listen, tls, why, &e->http);
    if (bad)
        return problem(cx, bad, "--listen: %.150s", why);
    if (free_port)
        make_urls(e);
    return ERR_OK;
}

static void say_where(const struct engine *e)
{
    char http[ADDR_TEXT], rtmp[ADDR_TEXT], rtmps[ADDR_TEXT];
    addr_text_port(&e->http, http);
    addr_text_port(&e->rtmp, rtmp);
    addr_text_port(&e->rtmps, rtmps);
    log_info("listening", LOG_S("http", http), LOG_S("rtmp", rtmp), LOG_S("rtmps", rtmps),
             LOG_S("url", e->urls.http));
}

static enum err open_all(struct cx *cx, struct engine *e)
{
    enum err why = open_folder(cx, e);
    if (!why)
        why = open_tls(cx, e);
    if (!why)
        why = open_threads(cx, e);
    if (!why)
        why = open_library(cx, e);
    find_media(e);
    if (!why)
        why = open_media(cx, e);
    if (!why)
        why = open_api(cx, e);
    if (why)
        return why;
    strays_tell(e->library, e->media_dir);
    timer_set(loops_at(e->loops, 0), &e->tick, TICK_MS, tick, e);
    timer_set(loops_at(e->loops, 0), &e->renewal, RENEWAL_MS, renewal_due, e);
    why = loops_start(e->loops);
    if (!why)
        why = notify_start(e->notify);
    if (why)
        return problem(cx, why, "no threads to be had");
    library_start(e->library);
    why = listen_all(cx, e);
    if (!why)
        say_where(e);
    return why;
}

enum err engine_open(struct cx *cx, const struct options *options, struct engine **ret_engine)
{
    assert(cx && options && ret_engine);
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        return ERR_NO_MEMORY;
    e->options = options;
    e->lock_fd = -1;
    (void)pthread_mutex_init(&e->renewing, NULL);
    enum err why = open_all(cx, e);
    if (why)
        engine_close(e);
    else
        *ret_engine = e;
    return why;
}

/* Encoders first, so that their recordings are whole; viewers last. */
void engine_close(struct engine *e)
{
    if (!e)
        return;
    atomic_store(&e->closing, true);
    if (e->ingest)
        ingest_stop(e->ingest);
    if (e->origin)
        origin_stop(e->origin);
    if (e->server)
        http_server_stop(e->server, PATIENCE_MS);
    if (e->library)
        library_stop(e->library);
    if (e->notify)
        notify_stop(e->notify);
    pool_free(e->chores); /* they wait for the recorders */
    pool_free(e->recorders);
    pool_free(e->couriers);
    pool_free(e->pool);
    http_server_free(e->server);
    if (e->loops)
        loops_stop(e->loops);
    ingest_free(e->ingest);
    origin_free(e->origin);
    cfapi_free(e->cfapi);
    store_close(e->store); /* runs the last jobs, which still tell the library and notify */
    library_close(e->library);
    notify_free(e->notify);
    loops_free(e->loops);
    tls_free(e->tls);
    if (e->lock_fd >= 0)
        (void)close(e->lock_fd);
    (void)pthread_mutex_destroy(&e->renewing);
    crypto_wipe(e->token, sizeof e->token);
    free(e);
}
