#include "api/api.h"
#include "api/call_in.h"
#include "base/text.h"
#include "login/login.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row of routes.def as data; the words there are the constants here. */
#define PACE_OF_NONE      PACE_NONE
#define PACE_OF_WRITE     PACE_WRITE
#define PACE_OF_HEARTBEAT PACE_HEARTBEAT
#define PACE_OF_GUEST     PACE_GUEST

static const struct route routes[] = {
#define R(method, path, who, guard, pace, handler, body_max, body, status, answer, summary) \
    {#method, path, who, guard, PACE_OF_##pace, handler, body_max, body},
#include "api/routes.def"
#undef R
};

#define PAGE(path)                                            \
    {                                                         \
        "GET", path, ANYONE, OPEN, PACE_NONE, page_get, 0, "" \
    }
static const struct route pages[] = {
    PAGE("/"),
    PAGE("/s/{show}"),
    PAGE("/signin"),
    PAGE("/cart"),
    PAGE("/checkout"),
    PAGE("/me"),
    PAGE("/me/{tab}"),
    PAGE("/h"),
    PAGE("/deletion/{code}"),
    PAGE("/legal/terms"),
    PAGE("/legal/privacy"),
    PAGE("/legal/returns"),
    PAGE("/legal/imprint"),
    PAGE("/p/{id}"),
    PAGE("/o/{no}"),
    PAGE("/pay/{no}"),
    PAGE("/b/{id}"),
    PAGE("/shop/{slug}"),
    PAGE("/s/{show}/draw/{draw}"),
    PAGE("/studio"),
    PAGE("/studio/new"),
    PAGE("/studio/shows/{show}"),
    PAGE("/studio/shows/{show}/report"),
    PAGE("/studio/products"),
    PAGE("/studio/products/{id}"),
    PAGE("/studio/orders"),
    PAGE("/studio/orders/{no}"),
    PAGE("/studio/packing"),
    PAGE("/studio/coupons"),
    PAGE("/studio/money"),
    PAGE("/studio/money/{tab}"),
    PAGE("/studio/money/payments/{payment}"),
    PAGE("/studio/settings"),
    PAGE("/studio/legal"),
    PAGE("/studio/privacy"),
};

enum { ROUTES = sizeof routes / sizeof routes[0], PAGES = sizeof pages / sizeof pages[0] };
_Static_assert(ROUTES + PAGES + 2 <= PATHS_MAX, "the table holds all routes");

/* Being up is said on the loop: it waits for no worker. */
static void add_row(struct http_route *to, const struct route *r)
{
    bool at_once = r->run == healthz_get;
    *to = (struct http_route){.method = r->method,
                              .pattern = r->path,
                              .where = at_once ? HTTP_ON_LOOP : HTTP_ON_WORKER,
                              .fn = at_once ? call_run_at_once : call_run,
                              .body_max = r->body_max,
                              .body_stream = r->run == upload_body, /* never all in memory */
                              .arg = r};
}

static void make_table(struct api *a)
{
    size_t n = 0;
    for (size_t i = 0; i < ROUTES; i++)
        add_row(&a->table[n++], &routes[i]);
    for (size_t i = 0; i < PAGES; i++)
        add_row(&a->table[n++], &pages[i]);
    a->table[n++] = (struct http_route){
        .method = "GET", .pattern = "/{path...}", .where = HTTP_ON_LOOP, .fn = page_asset};
    assert(n < PATHS_MAX); /* the last row stays zero: the end */
}

/* LINE's licence keeps its SDK on its own host: pages inside LINE fetch it there, if at all. */
static bool has_liff(const struct api *a)
{
    const struct provider *p = provider_find(login_providers(a->set.login), "line");
    return p && p->liff_id[0];
}

static void make_csp(struct api *a)
{
    const char *m = a->media_origins, *f = a->file_origins, *frame = a->pay_frame;
    bool liff = has_liff(a);
    (void)snprintf(a->csp, sizeof a->csp,
                   "default-src 'none'; script-src 'self' %s%s; style-src 'self'; "
                   "img-src 'self' data: blob: %s %s %s; media-src 'self' blob: %s; "
                   "connect-src 'self' %s %s %s%s; font-src 'self'; frame-src %s; "
                   "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; "
                   "form-action 'self' %s; frame-ancestors 'none'",
                   a->pay_script, liff ? " https://static.line-scdn.net/liff/edge/" : "", m, f,
                   a->pay_img, m, m, f, a->pay_connect,
                   liff ? " https://api.line.me https://liffsdk.line-scdn.net" : "",
                   frame[0] ? frame : "'none'", a->pay_form);
}

/* The caller's texts may be gone before we are. */
static bool keep(char *to, size_t size, const char **text)
{
    const char *from = *text ? *text : "";
    *text = *text ? to : NULL;
    return text_copy(to, size, from);
}

enum err api_make(struct cx *cx, const struct api_setup *setup, struct api **ret_api)
{
    struct api *a = calloc(1, sizeof *a);
    if (!a)
        return ERR_NO_MEMORY;
    a->set = *setup;
    bool fits = keep(a->public_url, sizeof a->public_url, &a->set.public_url) &&
                keep(a->media_origins, sizeof a->media_origins, &a->set.media_origins) &&
                keep(a->file_origins, sizeof a->file_origins, &a->set.file_origins) &&
                keep(a->ca_url, sizeof a->ca_url, &a->set.ca_url) &&
                keep(a->webhook_secret, sizeof a->webhook_secret, &a->set.webhook_secret) &&
                keep(a->notify_secret, sizeof a->notify_secret, &a->set.notify_secret) &&
                keep(a->pay_script, sizeof a->pay_script, &a->set.pay_origins.script) &&
                keep(a->pay_connect, sizeof a->pay_connect, &a->set.pay_origins.connect) &&
                keep(a->pay_frame, sizeof a->pay_frame, &a->set.pay_origins.frame) &&
                keep(a->pay_form, sizeof a->pay_form, &a->set.pay_origins.form) &&
                keep(a->pay_img, sizeof a->pay_img, &a->set.pay_origins.img);
    enum err e = fits ? ERR_OK : problem(cx, ERR_INPUT, "an address in the setup is too long");
    a->https = text_has_prefix(a->public_url, "https://");
    make_csp(a);
    make_table(a);
    if (!e)
        e = pages_make(cx, setup->web_dir, &a->pages);
    if (!e)
        e = events_make(a, &a->events);
    if (e) {
        api_free(a);
        return e;
    }
    *ret_api = a;
    return ERR_OK;
}

void api_free(struct api *a)
{
    if (!a)
        return;
    events_free(a->events);
    pages_free(a->pages);
    crypto_wipe(a, sizeof *a);
    free(a);
}

const struct http_route *api_routes(const struct api *a)
{
    return a->table;
}
