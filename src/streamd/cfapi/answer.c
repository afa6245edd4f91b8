/* The envelope: Cloudflare API, "Making API calls", and its errors. */
#include "streamd/cfapi/call_in.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

#define JSON_TYPE "application/json"

static void send(struct http_req *req, int status, json_t *envelope)
{
    char *text = envelope ? json_text_of(envelope) : NULL;
    http_add(req, "Cache-Control", "no-store");
    http_send_heap(req, status, JSON_TYPE, text, text ? strlen(text) : 0);
}

void answer_result(struct call *k)
{
    json_t *envelope =
        json_pack("{s:o, s:b, s:[], s:[]}", "result", k->result ? k->result : json_null(),
                  "success", 1, "errors", "messages");
    k->result = NULL;
    if (k->more)
        (void)json_object_update(envelope, k->more);
    send(k->req, 200, envelope);
}

static json_t *failure(int code, const char *message, json_t *chain)
{
    json_t *error = json_pack("{s:i, s:s}", "code", code, "message", message);
    if (chain)
        (void)json_object_set_new(error, "error_chain", chain);
    return json_pack("{s:n, s:b, s:[o], s:[]}", "result", "success", 0, "errors", error,
                     "messages");
}

void answer_error(struct http_req *req, int status, int code, const char *message)
{
    if (status == 409 || status == 501) /* the SDK would try again */
        http_add(req, "x-should-retry", "false");
    send(req, status, failure(code, message, NULL));
}

void answer_auth_header(struct http_req *req)
{
    json_t *chain = json_pack("[{s:i, s:s}]", "code", CF_BAD_AUTH_HEADER, "message",
                              "Invalid format for Authorization header");
    send(req, 400, failure(CF_BAD_HEADERS, "Invalid request headers", chain));
}

static int code_of(enum err e)
{
    switch (err_http(e)) {
    case 400:
    case 409: return CF_BAD_REQUEST;
    case 404: return CF_NOT_FOUND;
    case 413: return CF_TOO_LARGE;
    case 429: return CF_QUOTA;
    default: return CF_INTERNAL;
    }
}

void answer_err(struct http_req *req, enum err e)
{
    const struct cx *cx = http_cx(req);
    int status = err_http(e);
    const char *message = cx->problem[0] ? cx->problem : "Bad Request";
    if (e == ERR_NOT_FOUND)
        message = "Not Found";
    else if (status >= 500)
        message = e == ERR_BUSY ? "Busy, try again" : "Internal server error";
    answer_error(req, status, code_of(e), message);
}

static int code_of_status(int status)
{
    if (status == 404)
        return CF_NO_ROUTE;
    if (status == 405)
        return CF_METHOD;
    if (status == 413)
        return CF_TOO_LARGE;
    return status >= 500 ? CF_INTERNAL : CF_BAD_REQUEST;
}

void cfapi_on_error(void *app, struct http_req *req, const struct http_fault *f, struct buf *body,
                    const char **ret_type)
{
    (void)app;
    if (!text_has_prefix(http_path(req), "/client/")) {
        *ret_type = "text/plain; charset=utf-8";
        buf_fmt(body, "%s\n", f->detail);
        return;
    }
    char *text = json_text_of(failure(code_of_status(f->status), f->detail, NULL));
    *ret_type = JSON_TYPE;
    buf_str(body, text ? text : "{}");
    free(text);
}
