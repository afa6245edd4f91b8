/* Objects of a bucket, one request each. */
#include "cloud/s3.h"
#include "base/arena.h"
#include "base/text.h"
#include "cloud/s3_in.h"

#include <stdio.h>
#include <string.h>

enum { REFUSAL_MAX = 64 * 1024, LIST_ANSWER_MAX = 8 * 1024 * 1024 };

static void add_header(struct s3_call *c, const char *name, const char *value)
{
    if (value)
        c->headers[c->header_n++] = (struct s3_pair){name, value};
}

static void copy_etag(const struct client_answer *a, char *ret_etag)
{
    if (ret_etag && !client_answer_header(a, "etag", ret_etag, S3_ETAG_MAX))
        ret_etag[0] = '\0';
}

enum err s3_put(struct s3 *s, struct cx *cx, const struct s3_put *put, char *ret_etag)
{
    struct s3_call call = {.method = "PUT", .key = put->key, .body = &put->body};
    struct client_answer a;
    add_header(&call, "content-type", put->type ? put->type : "application/octet-stream");
    add_header(&call, "cache-control", put->cache_control);
    add_header(&call, "if-none-match", put->once ? "*" : NULL);
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    copy_etag(&a, ret_etag);
    client_answer_done(&a);
    return ERR_OK;
}

enum err s3_head(struct s3 *s, struct cx *cx, const char *key, struct s3_head *ret_head)
{
    const struct s3_call call = {.method = "HEAD", .key = key};
    struct s3_head h = {.size = 0};
    struct client_answer a;
    char length[24];
    int64_t n = 0;
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    if (!client_answer_header(&a, "content-length", length, sizeof length) ||
        text_i64(length, 0, INT64_MAX, &n) != ERR_OK)
        e = problem(cx, ERR_UPSTREAM, "the bucket does not say how large the object is");
    h.size = (uint64_t)n;
    copy_etag(&a, h.etag);
    (void)client_answer_header(&a, "content-type", h.type, sizeof h.type);
    client_answer_done(&a);
    if (!e)
        *ret_head = h;
    return e;
}

enum err s3_get(struct s3 *s, struct cx *cx, const char *key, uint64_t off, uint64_t len,
                struct buf *out)
{
    struct s3_call call = {.method = "GET",
                           .key = key,
                           .answer_max = out->max > REFUSAL_MAX ? out->max + 1 : REFUSAL_MAX};
    struct client_answer a;
    char range[64];
    if (len)
        (void)snprintf(range, sizeof range, "bytes=%llu-%llu", (unsigned long long)off,
                       (unsigned long long)(off + len - 1));
    else
        (void)snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)off);
    if (off || len)
        add_header(&call, "range", range);
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    if ((off || len) && a.status != 206)
        e = problem(cx, ERR_UPSTREAM, "the bucket ignores ranges");
    buf_add(out, a.body.data ? a.body.data : "", a.body.len);
    if (!e && out->failed)
        e = problem(cx, ERR_TOO_LARGE, "the object is larger than expected");
    client_answer_done(&a);
    return e;
}

enum err s3_get_file(struct s3 *s, struct cx *cx, const char *key, int fd, uint64_t max,
                     uint64_t *ret_len)
{
    struct s3_sink sink = {.fd = fd, .max = max};
    const struct s3_call call = {.method = "GET", .key = key, .sink = &sink};
    enum err e = s3_do_quietly(s, cx, &call);
    if (!e && sink.len > max)
        e = problem(cx, ERR_TOO_LARGE, "the object is larger than expected");
    if (!e)
        *ret_len = sink.len;
    return e;
}

enum err s3_delete(struct s3 *s, struct cx *cx, const char *key)
{
    const struct s3_call call = {.method = "DELETE", .key = key};
    enum err e = s3_do_quietly(s, cx, &call);
    if (e != ERR_NOT_FOUND)
        return e;
    cx->problem[0] = '\0';
    return ERR_OK;
}

enum err s3_list(struct s3 *s, struct cx *cx, const char *prefix, const char *from, int max,
                 struct s3_page *ret_page)
{
    struct s3_call call = {.method = "GET", .answer_max = LIST_ANSWER_MAX};
    struct client_answer a;
    char count[16];
    (void)snprintf(count, sizeof count, "%d", max > 0 && max < S3_LIST_MAX ? max : S3_LIST_MAX);
    call.query[call.query_n++] = (struct s3_pair){"list-type", "2"};
    call.query[call.query_n++] = (struct s3_pair){"encoding-type", "url"};
    call.query[call.query_n++] = (struct s3_pair){"max-keys", count};
    if (prefix && prefix[0])
        call.query[call.query_n++] = (struct s3_pair){"prefix", prefix};
    if (from)
        call.query[call.query_n++] = (struct s3_pair){"continuation-token", from};
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    e = s3_read_page(cx, a.body.data, a.body.len, ret_page);
    client_answer_done(&a);
    return e;
}

/* ---- presigned addresses ---- */

enum err s3_presign(struct s3 *s, struct cx *cx, const struct s3_presign *ask, const char **ret_url)
{
    const struct s3_credentials c = s3_credentials_of(s);
    struct s3_pair headers[3] = {{"host", s3_host(s)}};
    struct buf path, url;
    char length[24];
    size_t n = 1;
    if (!s3_key_ok(ask->key) || ask->seconds < 1 || ask->seconds > S3_PRESIGN_MAX_S)
        return problem(cx, ERR_INPUT, "a presigned address needs a good key and 1 s to 7 days");
    (void)snprintf(length, sizeof length, "%lld", (long long)ask->length);
    if (ask->type)
        headers[n++] = (struct s3_pair){"content-type", ask->type};
    if (ask->length >= 0)
        headers[n++] = (struct s3_pair){"content-length", length};
    buf_init(&path, S3_URL_MAX);
    buf_init(&url, S3_URL_MAX);
    enum err e = s3_path(s, ask->key, &path);
    const struct s3_signed what = {.method = ask->method,
                                   .path = path.data,
                                   .headers = headers,
                                   .header_n = n,
                                   .now_ms = cx->now_ms};
    if (!e) {
        buf_fmt(&url, "%s%s", s3_origin(s), path.data);
        e = s3_presign_query(&c, &what, ask->seconds, &url);
    }
    const char *text = e ? NULL : arena_dup(cx->arena, url.data, url.len);
    buf_done(&path);
    buf_done(&url);
    if (!text)
        return e ? e : ERR_NO_MEMORY;
    *ret_url = text;
    return ERR_OK;
}

/* ---- the bucket ---- */

enum err s3_cors_put(struct s3 *s, struct cx *cx, const char *origin)
{
    char text[900];
    if (strpbrk(origin, "<>&\"'") || strlen(origin) > 300)
        return problem(cx, ERR_INPUT, "an origin is scheme and host");
    int n = snprintf(text, sizeof text,
                     "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                     "<CORSRule><AllowedOrigin>%s</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>"
                     "<AllowedMethod>GET</AllowedMethod><AllowedHeader>content-type</AllowedHeader>"
                     "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3600</MaxAgeSeconds>"
                     "</CORSRule></CORSConfiguration>",
                     origin);
    const struct s3_body body = {.data = text, .len = (uint64_t)n};
    struct s3_call call = {.method = "PUT", .body = &body};
    call.query[call.query_n++] = (struct s3_pair){"cors", ""};
    add_header(&call, "content-type", "application/xml");
    return s3_do_quietly(s, cx, &call);
}
