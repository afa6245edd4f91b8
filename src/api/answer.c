#include "api/call_in.h"
#include "base/lang.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void add_security_headers(struct http_req *req, const struct api *a, bool page)
{
    http_add(req, "X-Content-Type-Options", "nosniff");
    http_add(req, "Referrer-Policy", "strict-origin-when-cross-origin");
    http_add(req, "Cross-Origin-Opener-Policy", "same-origin");
    http_add(req, "Content-Security-Policy",
             page ? a->csp : "default-src 'none'; frame-ancestors 'none'");
    if (page)
        http_add(req, "Permissions-Policy",
                 "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    if (a->https)
        http_add(req, "Strict-Transport-Security", "max-age=31536000");
}

static void add_api_headers(struct http_req *req, const struct api *a)
{
    add_security_headers(req, a, false);
    http_add(req, "Cache-Control", "no-store");
    http_add(req, "X-Request-Id", http_cx(req)->id);
}

enum err answer_json(struct call *c, int status, json_t *body)
{
    char *text = body ? json_text_of(body) : NULL;
    if (!text)
        return ERR_NO_MEMORY;
    add_api_headers(c->req, c->api);
    http_send_heap(c->req, status, "application/json", text, strlen(text));
    return ERR_OK;
}

enum err answer_empty(struct call *c, int status)
{
    add_api_headers(c->req, c->api);
    http_send_empty(c->req, status);
    return ERR_OK;
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {{400, "Bad request"},
                  {401, "Sign in first"},
                  {403, "Not allowed"},
                  {404, "Not found"},
                  {405, "Method not allowed"},
                  {408, "Too slow"},
                  {409, "Conflict"},
                  {412, "It has changed meanwhile"},
                  {413, "Too large"},
                  {414, "Address too long"},
                  {415, "Wrong kind of body"},
                  {429, "Too many at once"},
                  {431, "Headers too large"},
                  {500, "Our fault"},
                  {501, "Not supported"},
                  {502, "A provider failed"},
                  {503, "Busy"},
                  {504, "A provider is slow"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

/* RFC 9457 */
static json_t *problem_json(int status, enum err e, const char *detail)
{
    return json_pack("{s:s,s:s,s:i,s:s,s:s}", "type", "about:blank", "title", title_of(status),
                     "status", status, "code", err_api(e), "detail", detail);
}

/* What we did wrong is said in the log; the client learns only that. */
static const char *said(enum err e, const char *detail)
{
    if (err_http(e) == 500)
        return "something failed on our side; nothing was changed";
    return detail && detail[0] ? detail : err_api(e);
}

static void log_problem(struct http_req *req, enum err e, const char *detail)
{
    if (err_http(e) >= 500)
        log_warn("request failed", LOG_S("req", http_cx(req)->id),
                 LOG_S("method", http_method(req)), LOG_S("path", http_path(req)),
                 LOG_S("err", err_api(e)), LOG_S("why", detail));
}

void answer_problem(struct call *c, enum err e)
{
    log_problem(c->req, e, c->cx->problem);
    int status = err_http(e);
    json_t *o = problem_json(status, e, said(e, c->cx->problem));
    if (o && c->retry_ms >= 0) {
        char seconds[24];
        (void)json_object_set_new(o, "retry_ms", json_integer(c->retry_ms));
        (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(c->retry_ms + 999) / 1000);
        http_add(c->req, "Retry-After", seconds);
    }
    if (o && c->until_ms >= 0)
        (void)json_object_set_new(o, "until",
                                  c->until_ms ? json_integer(c->until_ms) : json_null());
    if (o && c->extra)
        (void)json_object_update_missing(o, c->extra);
    json_decref(c->extra);
    c->extra = NULL;
    char *text = o ? json_text_of(o) : NULL;
    add_api_headers(c->req, c->api);
    http_send_heap(c->req, status, "application/problem+json", text, text ? strlen(text) : 0);
}

/* Errors of the server's core: an unknown path, a refused request, a body too large. */
void api_on_error(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                  const char **ret_type)
{
    log_problem(req, f->e, f->detail);
    json_t *o = problem_json(f->status, f->e, said(f->e, f->detail));
    char *text = o ? json_text_of(o) : NULL;
    add_api_headers(req, app);
    if (text)
        buf_str(body, text);
    free(text);
    *ret_type = "application/problem+json";
}

json_t *session_json(const struct call *c)
{
    json_t *staff = json_array(), *viewer = json_null();
    for (size_t i = 0; i < c->who.staff_count; i++) {
        const struct staff *s = &c->who.staff[i];
        (void)json_array_append_new(
            staff, json_pack("{s:{s:s,s:s,s:s},s:s}", "shop", "id", s->shop_public_id, "slug",
                             s->shop_slug, "name", s->shop_name, "role", role_name(s->role)));
    }
    if (c->signed_on)
        viewer = json_pack(
            "{s:s,s:s,s:s,s:s}", "id", c->session.viewer.public_id, "name", c->session.viewer.name,
            "lang", lang_name(lang_of(c->session.viewer.lang)), "market", c->session.viewer.market);
    const char *kind = !c->signed_on ? "anonymous" : c->who.account ? "account" : "guest";
    bool proved = c->who.account && session_is_proved(&c->session, c->cx->now_ms);
    json_int_t until = proved ? (json_int_t)(c->session.auth_ms + PROOF_MS) : 0;
    return json_pack("{s:s,s:o,s:s,s:o,s:s,s:I}", "kind", kind, "viewer", viewer, "market",
                     c->who.market, "staff", staff, "csrf", c->csrf, "proved_until", until);
}
