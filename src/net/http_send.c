#include "base/arena.h"
#include "base/clock.h"
#include "net/http_cond.h"
#include "net/http_own.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } known[] = {{200, "OK"},
                 {201, "Created"},
                 {202, "Accepted"},
                 {204, "No Content"},
                 {206, "Partial Content"},
                 {301, "Moved Permanently"},
                 {302, "Found"},
                 {303, "See Other"},
                 {304, "Not Modified"},
                 {307, "Temporary Redirect"},
                 {308, "Permanent Redirect"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {406, "Not Acceptable"},
                 {408, "Request Timeout"},
                 {409, "Conflict"},
                 {410, "Gone"},
                 {412, "Precondition Failed"},
                 {413, "Content Too Large"},
                 {414, "URI Too Long"},
                 {415, "Unsupported Media Type"},
                 {416, "Range Not Satisfiable"},
                 {417, "Expectation Failed"},
                 {422, "Unprocessable Content"},
                 {425, "Too Early"},
                 {428, "Precondition Required"},
                 {429, "Too Many Requests"},
                 {431, "Request Header Fields Too Large"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {502, "Bad Gateway"},
                 {503, "Service Unavailable"},
                 {504, "Gateway Timeout"},
                 {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status)
            return known[i].text;
    return "Answer";
}

/* ---- conditions and ranges: which part of the body really goes out ---- */

static bool is_get(const struct http_req *req)
{
    return strcmp(req->parse.method, "GET") == 0;
}

static bool is_head(const struct http_req *req)
{
    return strcmp(req->parse.method, "HEAD") == 0;
}

static void look_at_range(struct http_req *req)
{
    struct http_answer *a = &req->answer;
    http_add(req, "Accept-Ranges", "bytes");
    const char *range = http_header(req, "range"), *if_range = http_header(req, "if-range");
    if (!range || !is_get(req))
        return;
    if (if_range && !(a->etag && http_etag_same_strong(if_range, a->etag)))
        return;
    uint64_t from, len, whole = a->len;
    enum http_range r = http_range_read(range, whole, &from, &len);
    if (r == RANGE_BAD) {
        a->status = 416;
        a->len = 0;
        buf_fmt(&a->fields, "Content-Range: bytes */%llu\r\n", (unsigned long long)whole);
    } else if (r == RANGE_PART) {
        a->status = 206;
        a->off += from;
        a->len = len;
        buf_fmt(&a->fields, "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)from,
                (unsigned long long)(from + len - 1), (unsigned long long)whole);
    }
}

static void look_at_conditions(struct http_req *req)
{
    struct http_answer *a = &req->answer;
    if (a->etag)
        http_add(req, "ETag", a->etag);
    if (a->status != 200 || (!is_get(req) && !is_head(req)))
        return;
    const char *known = a->etag ? http_header(req, "if-none-match") : NULL;
    if (known && http_etag_listed(known, a->etag))
        a->status = 304;
    else if (a->ranges)
        look_at_range(req);
}

/* ---- the head ---- */

static const char *date(struct http_spot *spot)
{
    int64_t now_ms = clock_unix_ms();
    if (now_ms / 1000 != spot->date_s) {
        spot->date_s = now_ms / 1000;
        clock_http_date(now_ms, spot->date);
    }
    return spot->date;
}

static void add_number(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    buf_add(b, digits + at, sizeof digits - at);
}

#define ADD(b, literal) buf_add((b), (literal), sizeof(literal) - 1)

/* endless: the body ends with the connection. */
static void write_head(struct http_req *req, struct buf *b, bool keep, bool endless)
{
    const struct http_answer *a = &req->answer;
    buf_clear(b);
    if (a->status == 200) {
        ADD(b, "HTTP/1.1 200 OK");
    } else {
        ADD(b, "HTTP/1.1 ");
        add_number(b, (uint64_t)a->status);
        ADD(b, " ");
        buf_str(b, reason(a->status));
    }
    ADD(b, "\r\nDate: ");
    buf_str(b, date(req->spot));
    if (!endless && a->status != 204 && a->status != 304) {
        ADD(b, "\r\nContent-Length: ");
        add_number(b, a->len);
    }
    ADD(b, "\r\n");
    if (a->fields.len)
        buf_add(b, a->fields.data, a->fields.len);
    if (!keep)
        ADD(b, "Connection: close\r\n");
    else if (req->parse.http10)
        ADD(b, "Connection: keep-alive\r\n");
    ADD(b, "\r\n");
}

/* ---- out ---- */

/* The pieces of list[] within off, len; returns how many. */
static size_t list_pieces(const struct http_answer *a, struct piece *out)
{
    uint64_t skip = a->off, left = a->len;
    size_t k = 0;
    for (unsigned i = 0; i < a->n_list && left; i++) {
        uint64_t n = a->list[i]->len;
        if (skip >= n) {
            skip -= n;
            continue;
        }
        n = n - skip < left ? n - skip : left;
        out[k] = PIECE_OF_BYTES(a->list[i]);
        out[k].off = skip;
        out[k++].len = n;
        left -= n;
        skip = 0;
    }
    return k;
}

/* HEAP memory and files change hands here. */
static size_t body_pieces(struct http_answer *a, struct piece *out)
{
    struct piece p = {.off = a->off, .len = a->len, .fd = a->fd, .mem = a->mem, .bytes = a->bytes};
    switch (a->kind) {
    case BODY_NONE: return 0;
    case BODY_COPY: p.kind = PIECE_COPY; break;
    case BODY_HEAP:
        p.kind = PIECE_HEAP;
        a->kind = BODY_NONE;
        break;
    case BODY_BYTES: p.kind = PIECE_BYTES; break;
    case BODY_LIST: return list_pieces(a, out);
    case BODY_FILE:
        p.kind = PIECE_FILE;
        a->kind = BODY_NONE;
        break;
    }
    *out = p;
    return 1;
}

/* Count it, tell the owner, free it. */
static void done(struct http_req *req)
{
    const struct http_server_opts *o = &req->spot->server->o;
    int status = req->answer.status;
    http_count(req->spot, COUNT_REQUESTS + (unsigned)status / 100 % HTTP_STATUS_CLASSES, 1);
    if (o->on_done)
        o->on_done(o->app, req, status, req->began_us ? clock_mono_us() - req->began_us : 0);
    http_req_free(req);
}

void http_send_answer(struct http_req *req)
{
    struct http_conn *hc = req->hc;
    struct http_answer *a = &req->answer;
    if (req->place == PLACE_PARKED)
        http_unpark(req);
    look_at_conditions(req);
    bool keep = req->parse.keep_alive && req->parse.at == HTTP_PARSE_DONE && !req->close_after &&
                !hc->spot->draining;
    write_head(req, &hc->spot->head, keep, false);

    struct piece few[2], *pieces = few;
    if (a->kind == BODY_LIST)
        pieces = arena_array(req->cx.arena, struct piece, a->n_list + 1);
    bool no_body = is_head(req) || a->status == 304 || a->status == 204 || !a->len;
    if (!pieces || a->drop || a->fields.failed || hc->spot->head.failed) {
        conn_close(hc->conn);
    } else {
        pieces[0] = PIECE_OF(hc->spot->head.data, hc->spot->head.len);
        size_t n = 1 + (no_body ? 0 : body_pieces(a, pieces + 1));
        (void)conn_send(hc->conn, pieces, n);
    }
    done(req);
    http_conn_answered(hc, keep);
}

struct http_stream *http_stream_begin(struct http_req *req, const char *type,
                                      void (*on_gone)(struct http_stream *s, void *arg), void *arg)
{
    struct http_conn *hc = req->hc;
    assert(req->place != PLACE_WORKER);
    if (req->place == PLACE_PARKED)
        http_unpark(req);
    http_add(req, "Content-Type", type);
    req->answer.status = req->answer.bad ? 500 : 200;
    bool go = req->answer.status == 200 && !is_head(req) && !hc->spot->draining;
    write_head(req, &hc->spot->head, false, true);
    go = conn_send(hc->conn, &PIECE_OF(hc->spot->head.data, hc->spot->head.len), 1) && go;
    done(req);
    hc->req = NULL;
    if (!go) {
        http_conn_answered(hc, false);
        return NULL;
    }
    hc->stream = (struct http_stream){on_gone, arg};
    http_count(hc->spot, COUNT_STREAMS, 1);
    http_conn_set(hc, HC_STREAM);
    conn_set_out_max(hc->conn, hc->spot->server->o.limits.stream_unsent);
    if (!hc->in_data)
        conn_resume(hc->conn);
    return &hc->stream;
}
