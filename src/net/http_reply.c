#include "base/arena.h"
#include "base/log.h"
#include "net/http_own.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ERROR_BODY_MAX = 16 << 10 };

/* ---- fields ---- */

static bool clean(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < ' ' && *s != '\t') || *s == 0x7f)
            return false;
    return true;
}

void http_add(struct http_req *req, const char *name, const char *value)
{
    struct http_answer *a = &req->answer;
    if (!clean(value) || !clean(name)) {
        log_error("an answer's header has control characters", LOG_S("header", name));
        a->bad = true;
        return;
    }
    buf_str(&a->fields, name);
    buf_add(&a->fields, ": ", 2);
    buf_str(&a->fields, value);
    buf_add(&a->fields, "\r\n", 2);
}

void http_etag(struct http_req *req, const char *etag)
{
    req->answer.etag = arena_dup(req->cx.arena, etag, strlen(etag));
    if (!req->answer.etag || !clean(etag))
        req->answer.bad = true;
}

void http_ranges(struct http_req *req)
{
    req->answer.ranges = true;
}

/* ---- the answer ---- */

/* What the body owns, and nothing else. */
static void drop_body(struct http_answer *a)
{
    if (a->kind == BODY_HEAP) {
        void *own;
        memcpy(&own, &a->mem, sizeof own); /* const for its readers; from malloc() */
        free(own);
    }
    for (unsigned i = 0; a->kind == BODY_LIST && i < a->n_list; i++)
        bytes_unref(a->list[i]);
    if (a->kind == BODY_BYTES)
        bytes_unref(a->bytes);
    if (a->kind == BODY_FILE)
        (void)close(a->fd);
    a->kind = BODY_NONE;
}

void http_answer_done(struct http_answer *a)
{
    drop_body(a);
    buf_done(&a->fields);
}

/* The answer is complete: on the loop it leaves now, from a worker when the handler returns. */
static void say(struct http_req *req, int status, const char *type, struct http_answer body)
{
    struct http_answer *a = &req->answer;
    if (a->status) { /* a second answer: the first one counts */
        log_error("a handler answered twice", LOG_I("status", status));
        drop_body(&body);
        return;
    }
    if (req->starved) { /* the handler has not seen all of what was asked */
        req->starved = false;
        drop_body(&body);
        buf_clear(&a->fields);
        http_fail(req, ERR_NO_MEMORY, "out of memory");
        return;
    }
    if (type)
        http_add(req, "Content-Type", type);
    a->kind = body.kind;
    a->fd = body.fd;
    a->mem = body.mem;
    a->bytes = body.bytes;
    a->list = body.list;
    a->n_list = body.n_list;
    a->off = body.off;
    a->len = body.len;
    a->status = status;
    if (a->bad || a->fields.failed) {
        drop_body(a);
        buf_clear(&a->fields);
        a->etag = NULL;
        a->status = 500;
        a->len = 0;
    }
    if (req->place != PLACE_WORKER)
        http_send_answer(req);
}

void http_send(struct http_req *req, int status, const char *type, const void *body, size_t len)
{
    struct http_answer b = {.kind = BODY_COPY, .mem = body, .len = len};
    if (req->place == PLACE_WORKER && len) { /* `body` may be gone when the loop sends it */
        void *copy = malloc(len);
        if (!copy) {
            http_fail(req, ERR_NO_MEMORY, NULL);
            return;
        }
        b.mem = memcpy(copy, body, len);
        b.kind = BODY_HEAP;
    }
    say(req, status, type, b);
}

void http_send_text(struct http_req *req, int status, const char *type, const char *text)
{
    http_send(req, status, type, text, strlen(text));
}

/* NOLINTNEXTLINE(readability-non-const-parameter): body is taken over, to be freed */
void http_send_heap(struct http_req *req, int status, const char *type, char *body, size_t len)
{
    if (!body)
        http_fail(req, ERR_NO_MEMORY, NULL);
    else
        say(req, status, type, (struct http_answer){.kind = BODY_HEAP, .mem = body, .len = len});
}

void http_send_bytes(struct http_req *req, int status, const char *type, struct bytes *body)
{
    say(req, status, type,
        (struct http_answer){.kind = BODY_BYTES, .bytes = bytes_ref(body), .len = body->len});
}

void http_send_list(struct http_req *req, int status, const char *type, struct bytes *const *parts,
                    size_t n)
{
    struct http_answer b = {.kind = BODY_LIST, .n_list = (unsigned)n};
    b.list = arena_array(req->cx.arena, struct bytes *, n ? n : 1);
    if (!b.list || n > UINT16_MAX) {
        http_fail(req, ERR_NO_MEMORY, NULL);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        b.list[i] = bytes_ref(parts[i]);
        b.len += parts[i]->len;
    }
    say(req, status, type, b);
}

void http_send_file(struct http_req *req, int status, const char *type, int fd, uint64_t off,
                    uint64_t len)
{
    say(req, status, type,
        (struct http_answer){.kind = BODY_FILE, .fd = fd, .off = off, .len = len});
}

void http_send_empty(struct http_req *req, int status)
{
    say(req, status, NULL, (struct http_answer){.kind = BODY_NONE});
}

void http_redirect(struct http_req *req, int status, const char *location)
{
    http_add(req, "Location", location);
    http_send_empty(req, status);
}

void http_drop(struct http_req *req)
{
    req->answer.drop = true;
    http_send_empty(req, 503);
}

void http_fail_status(struct http_req *req, int status, enum err e, const char *detail)
{
    const struct http_server_opts *o = &req->spot->server->o;
    const char *type = "text/plain; charset=utf-8";
    struct http_fault f = {status, e, detail};
    if (!f.detail)
        f.detail = req->cx.problem[0] ? req->cx.problem : err_api(e);
    struct buf body;
    buf_init(&body, ERROR_BODY_MAX);
    if (o->on_error)
        o->on_error(o->app, req, &f, &body, &type);
    else
        buf_fmt(&body, "%s\n", f.detail);
    req->answer.etag = NULL;
    req->answer.ranges = false;
    if (!body.len || body.failed) {
        buf_done(&body);
        http_send_empty(req, status);
    } else {
        http_send_heap(req, status, type, body.data, body.len);
    }
}

void http_fail(struct http_req *req, enum err e, const char *detail)
{
    http_fail_status(req, err_http(e), e, detail);
}
