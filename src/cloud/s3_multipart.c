/* Big objects in parts. R2: all parts but the last have one size. */
#include "base/arena.h"
#include "cloud/s3_in.h"

#include <stdio.h>
#include <string.h>

enum { COMPLETE_MAX = 4 * 1024 * 1024 };

enum err s3_multipart_begin(struct s3 *s, struct cx *cx, const char *key, const char *type,
                            char ret_upload[S3_UPLOAD_MAX])
{
    struct s3_call call = {.method = "POST", .key = key};
    struct client_answer a;
    call.query[call.query_n++] = (struct s3_pair){"uploads", ""};
    call.headers[call.header_n++] =
        (struct s3_pair){"content-type", type ? type : "application/octet-stream"};
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    e = s3_read_text(cx, a.body.data, a.body.len, "UploadId", ret_upload, S3_UPLOAD_MAX);
    client_answer_done(&a);
    return e;
}

enum err s3_multipart_part(struct s3 *s, struct cx *cx, const char *key, const char *upload,
                           int number, const struct s3_body *body, char ret_etag[S3_ETAG_MAX])
{
    struct s3_call call = {.method = "PUT", .key = key, .body = body};
    struct client_answer a;
    char text[16];
    if (number < 1 || number > S3_PARTS_MAX)
        return problem(cx, ERR_INPUT, "a part's number is 1 to %d", S3_PARTS_MAX);
    (void)snprintf(text, sizeof text, "%d", number);
    call.query[call.query_n++] = (struct s3_pair){"partNumber", text};
    call.query[call.query_n++] = (struct s3_pair){"uploadId", upload};
    call.headers[call.header_n++] = (struct s3_pair){"content-type", "application/octet-stream"};
    enum err e = s3_do(s, cx, &call, &a);
    if (e)
        return e;
    if (!client_answer_header(&a, "etag", ret_etag, S3_ETAG_MAX) || !ret_etag[0])
        e = problem(cx, ERR_UPSTREAM, "the bucket gave a part no ETag");
    client_answer_done(&a);
    return e;
}

static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<': buf_str(out, "&lt;"); break;
        case '>': buf_str(out, "&gt;"); break;
        case '&': buf_str(out, "&amp;"); break;
        case '"': buf_str(out, "&quot;"); break;
        default: buf_ch(out, *text);
        }
    }
}

/* S3 may answer 200 and then find that it failed: the body says so. */
static enum err read_end(struct cx *cx, const struct client_answer *a)
{
    const char *code, *message;
    s3_read_error(cx, a->body.data, a->body.len, &code, &message);
    return code[0] ? s3_refused_by(cx, a, code, message) : ERR_OK;
}

enum err s3_multipart_end(struct s3 *s, struct cx *cx, const char *key, const char *upload,
                          const struct s3_part *parts, int n)
{
    struct s3_call call = {.method = "POST", .key = key};
    struct client_answer a;
    struct buf text;
    buf_init(&text, COMPLETE_MAX);
    buf_str(&text, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (int i = 0; i < n; i++) {
        buf_fmt(&text, "<Part><PartNumber>%d</PartNumber><ETag>", i + 1);
        add_escaped(&text, parts[i].etag);
        buf_str(&text, "</ETag></Part>");
    }
    buf_str(&text, "</CompleteMultipartUpload>");
    const struct s3_body body = {.data = text.data, .len = text.len};
    call.body = &body;
    call.query[call.query_n++] = (struct s3_pair){"uploadId", upload};
    call.headers[call.header_n++] = (struct s3_pair){"content-type", "application/xml"};
    enum err e = buf_err(&text);
    if (!e)
        e = s3_do(s, cx, &call, &a);
    buf_done(&text);
    if (e)
        return e;
    e = read_end(cx, &a);
    client_answer_done(&a);
    return e;
}

enum err s3_multipart_abort(struct s3 *s, struct cx *cx, const char *key, const char *upload)
{
    struct s3_call call = {.method = "DELETE", .key = key};
    call.query[call.query_n++] = (struct s3_pair){"uploadId", upload};
    return s3_do_quietly(s, cx, &call);
}
