/* call_in - one call of the API on its way through a handler. Private to cfapi. */
#pragma once
#include "base/cx.h"
#include "net/http.h"
#include "streamd/cfapi/cfapi.h"
#include <jansson.h>

/* Codes of Cloudflare's; its own documentation and library name them (docs/guides/streamd.md). */
enum cf_code {
    CF_INTERNAL = 10002,
    CF_NOT_FOUND = 10003,
    CF_BAD_REQUEST = 10005,
    CF_TOO_LARGE = 10006,
    CF_QUOTA = 10011,
    CF_BAD_HEADERS = 6003,
    CF_BAD_AUTH_HEADER = 6111,
    CF_NO_ROUTE = 7003,
    CF_AUTH = 10000,
    CF_METHOD = 10405,
};

struct call {
    struct cfapi *c;
    struct http_req *req;
    struct cx *cx;
    json_t *body;   /* an object, {} without a body; NULL for methods without one */
    json_t *result; /* what the handler leaves; NULL becomes null */
    json_t *more;   /* further keys of the envelope (total, range), or NULL */
};

/* A handler: fills in call->result, or returns why not. (A function type: the list of handlers
 * below is declared with it.) */
typedef enum err endpoint_run(struct call *k);

/* What a route's arg points to. */
struct endpoint {
    struct cfapi *c;
    endpoint_run *run; /* NULL: no handler of the API */
    bool account;      /* the pattern has {account} */
    char method[8];
};

struct cfapi {
    struct cfapi_conf conf;
    char account[33];
    unsigned char token_sum[32];
    char ca_file[1024]; /* "" : none */
    struct http_server *server;
    struct http_route *routes;
    struct endpoint *endpoints;
    size_t routes_n;
};

/* live_input.c */
bool query_true(const struct call *k, const char *name);
endpoint_run input_create, input_list, input_get, input_update, input_delete, input_rotate,
    input_videos, output_list, output_create, output_update, output_delete;
/* video.c */
endpoint_run video_list, video_get, video_edit, video_delete, storage_usage;
/* account.c */
endpoint_run webhook_set, webhook_get, webhook_delete, key_create, key_list, key_delete,
    token_verify;
/* alert.c */
endpoint_run alerts_available, destination_create, destination_list, destination_get,
    destination_update, destination_delete, policy_create, policy_list, policy_get, policy_update,
    policy_delete;
/* metrics.c */
void metrics_serve(struct http_req *req);

/* answer.c: these end the request. */
void answer_result(struct call *k);
void answer_error(struct http_req *req, int status, int code, const char *message);
void answer_err(struct http_req *req, enum err e);
void answer_auth_header(struct http_req *req);
