/* Pictures: announced and finished by staff, sent by whoever has the address, fetched by all. */
#include "api/call_in.h"
#include "base/picture.h"
#include "files/files.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 32 * 1024, TYPE_CHARS_MAX = 40 };

static enum err answer_file(struct call *c, const struct file *f)
{
    return answer_json(c, 200, files_json(f));
}

static json_t *upload_json(const struct file *f, const struct file_upload *up)
{
    return json_pack("{s:o, s:{s:s, s:s, s:{s:s}, s:I}}", "file", files_json(f), "upload", "method",
                     "PUT", "url", up->url, "headers", "Content-Type", f->mime, "expires_at",
                     (json_int_t)up->expires_ms);
}

/* The body's "shop" by its id; else as every staff route: ?shop=slug, or the first. */
static enum err choose_shop(struct call *c, const struct staff **ret_staff)
{
    const char *shop = NULL;
    enum err e = json_opt_text(c->cx, c->body, "shop", ID_TEXT, &shop);
    if (e || !shop || !*shop)
        return e ? e : call_shop(c, ACTION_FILE_UPLOAD, ret_staff);
    for (size_t i = 0; i < c->who.staff_count; i++) {
        const struct staff *s = &c->who.staff[i];
        if (strcmp(s->shop_public_id, shop) != 0)
            continue;
        *ret_staff = s;
        return call_may(c, s->shop_id, ACTION_FILE_UPLOAD);
    }
    return problem(c->cx, ERR_NOT_FOUND, "you do not work in such a shop");
}

enum err uploads_post(struct call *c)
{
    const struct staff *staff = NULL; /* choose_shop() finds one, or says why not */
    struct file_ask ask = {.by_id = c->who.viewer_id};
    struct file_upload up;
    struct file f;
    enum err e = choose_shop(c, &staff);
    if (!e)
        e = json_need_text(c->cx, c->body, "purpose", 1, TYPE_CHARS_MAX, &ask.purpose);
    if (!e)
        e = json_need_text(c->cx, c->body, "mime", 1, TYPE_CHARS_MAX, &ask.mime);
    if (!e)
        e = json_need_i64(c->cx, c->body, "bytes", 1, INT32_MAX, &ask.bytes);
    if (e || !staff)
        return e ? e : ERR_INTERNAL;
    ask.shop_id = staff->shop_id;
    e = files_begin(c->api->set.files, c->cx, &ask, &f, &up);
    return e ? e : answer_json(c, 201, upload_json(&f, &up));
}

static enum err find_theirs(struct call *c, struct file *ret_file)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = files_find(db, c->cx, http_param(c->req, "id"), ret_file);
    store_read_end(db);
    return e ? e : call_may(c, ret_file->shop_id, ACTION_FILE_UPLOAD);
}

enum err upload_get(struct call *c)
{
    struct file f;
    enum err e = find_theirs(c, &f);
    return e ? e : answer_file(c, &f);
}

enum err upload_done(struct call *c)
{
    struct file f, after;
    enum err e = find_theirs(c, &f);
    if (!e)
        e = files_finish(c->api->set.files, c->cx, &f, &after);
    return e ? e : answer_file(c, &after);
}

/* ---- the bytes, where there is no bucket ---- */

static enum err receive(struct call *c, const struct file *f, int fd)
{
    char chunk[CHUNK];
    int64_t got = 0;
    for (;;) {
        size_t n = 0;
        enum err e = http_body_read(c->req, chunk, sizeof chunk, &n);
        if (e || !n)
            return e                 ? e
                   : got == f->bytes ? ERR_OK
                                     : problem(c->cx, ERR_INPUT, "the picture came cut off");
        got += (int64_t)n;
        if (got > f->bytes)
            return problem(c->cx, ERR_TOO_LARGE, "the picture is larger than announced");
        if (write(fd, chunk, n) != (ssize_t)n)
            return problem(c->cx, ERR_IO, "no room for the upload");
    }
}

/* The signature is the permission: no session, no CSRF token, as at the bucket. */
enum err upload_body(struct call *c)
{
    struct files *files = c->api->set.files;
    const char *type = http_header(c->req, "content-type");
    struct file f;
    int fd = -1;
    enum err e = files_check_address(files, c->cx, http_param(c->req, "id"),
                                     http_query(c->req, "exp"), http_query(c->req, "sig"), &f);
    if (!e && (!type || strcmp(type, f.mime) != 0))
        e = problem(c->cx, ERR_MEDIA_TYPE, "Content-Type must be %s, as announced", f.mime);
    if (!e)
        e = files_scratch(files, c->cx, &fd);
    if (!e)
        e = receive(c, &f, fd);
    if (!e)
        e = files_receive(files, c->cx, &f, fd);
    if (fd >= 0)
        (void)close(fd);
    return e ? e : answer_empty(c, 204);
}

/* ---- fetched ---- */

enum { SERVED_MAX = PICTURE_SIZE_BYTES_MAX };

/* A name is never given to other bytes: who has them asks no more. */
static void add_file_headers(struct call *c, const char *name)
{
    char etag[64];
    (void)snprintf(etag, sizeof etag, "\"%.60s\"", name);
    http_add(c->req, "Cache-Control", "public, max-age=31536000, immutable");
    http_add(c->req, "X-Content-Type-Options", "nosniff");
    http_add(c->req, "Content-Security-Policy", "default-src 'none'; sandbox");
    http_add(c->req, "Cross-Origin-Resource-Policy", "cross-origin");
    http_etag(c->req, etag);
    http_ranges(c->req);
}

enum err file_get(struct call *c)
{
    const char *name = http_param(c->req, "name");
    struct buf out;
    uint64_t len = 0;
    int fd = -1;
    buf_init(&out, SERVED_MAX);
    enum err e = files_open(c->api->set.files, c->cx, name, &fd, &len, &out);
    if (e) {
        buf_done(&out);
        return e;
    }
    add_file_headers(c, name);
    if (fd >= 0)
        http_send_file(c->req, 200, file_type(name), fd, 0, len);
    else
        http_send_heap(c->req, 200, file_type(name), out.data, out.len);
    return ERR_OK;
}
