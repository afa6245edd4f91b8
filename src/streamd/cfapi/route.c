/* The table of what exists, and what comes before each handler. */
#include "streamd/cfapi/call_in.h"

#include "base/arena.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BODY_MAX = 256 << 10, TOKEN_MAX = 512, PATH_SHOWN = 200 };

#define ACCOUNT "/client/v4/accounts/{account}"
#define STREAM  ACCOUNT "/stream"
#define INPUT   STREAM "/live_inputs/{uid}"
#define ALERT   ACCOUNT "/alerting/v3"

struct known {
    const char *method, *pattern;
    endpoint_run *run;
};

static const struct known table[] = {
    {"POST", STREAM "/live_inputs", input_create},
    {"GET", STREAM "/live_inputs", input_list},
    {"GET", INPUT, input_get},
    {"PUT", INPUT, input_update},
    {"DELETE", INPUT, input_delete},
    {"POST", INPUT "/rotate_keys", input_rotate},
    {"GET", INPUT "/videos", input_videos},
    {"POST", INPUT "/outputs", output_create},
    {"GET", INPUT "/outputs", output_list},
    {"PUT", INPUT "/outputs/{output}", output_update},
    {"DELETE", INPUT "/outputs/{output}", output_delete},
    {"GET", STREAM, video_list},
    {"GET", STREAM "/storage-usage", storage_usage},
    {"GET", STREAM "/{uid}", video_get},
    {"POST", STREAM "/{uid}", video_edit},
    {"DELETE", STREAM "/{uid}", video_delete},
    {"PUT", STREAM "/webhook", webhook_set},
    {"GET", STREAM "/webhook", webhook_get},
    {"DELETE", STREAM "/webhook", webhook_delete},
    {"POST", STREAM "/keys", key_create},
    {"GET", STREAM "/keys", key_list},
    {"DELETE", STREAM "/keys/{id}", key_delete},
    {"GET", "/client/v4/user/tokens/verify", token_verify},
    {"GET", ACCOUNT "/tokens/verify", token_verify},
    {"GET", ALERT "/available_alerts", alerts_available},
    {"POST", ALERT "/destinations/webhooks", destination_create},
    {"GET", ALERT "/destinations/webhooks", destination_list},
    {"GET", ALERT "/destinations/webhooks/{id}", destination_get},
    {"PUT", ALERT "/destinations/webhooks/{id}", destination_update},
    {"DELETE", ALERT "/destinations/webhooks/{id}", destination_delete},
    {"POST", ALERT "/policies", policy_create},
    {"GET", ALERT "/policies", policy_list},
    {"GET", ALERT "/policies/{id}", policy_get},
    {"PUT", ALERT "/policies/{id}", policy_update},
    {"DELETE", ALERT "/policies/{id}", policy_delete},
};

/* Real paths of Cloudflare's that this engine does not have: an honest 501, not a 404. */
static const char *const not_here[] = {
    "POST " STREAM,
    "POST " STREAM "/copy",
    "POST " STREAM "/direct_upload",
    "POST " STREAM "/clip",
    "GET " STREAM "/watermarks",
    "POST " STREAM "/watermarks",
    "GET " STREAM "/watermarks/{id}",
    "DELETE " STREAM "/watermarks/{id}",
    "POST " STREAM "/{uid}/token",
    "GET " STREAM "/{uid}/embed",
    "GET " STREAM "/{uid}/downloads",
    "POST " STREAM "/{uid}/downloads",
    "DELETE " STREAM "/{uid}/downloads",
    "POST " STREAM "/{uid}/downloads/{type}",
    "DELETE " STREAM "/{uid}/downloads/{type}",
    "GET " STREAM "/{uid}/captions",
    "GET " STREAM "/{uid}/captions/{lang}",
    "PUT " STREAM "/{uid}/captions/{lang}",
    "DELETE " STREAM "/{uid}/captions/{lang}",
    "POST " STREAM "/{uid}/captions/{lang}/generate",
    "GET " STREAM "/{uid}/captions/{lang}/vtt",
    "GET " STREAM "/{uid}/audio",
    "POST " STREAM "/{uid}/audio/copy",
    "PATCH " STREAM "/{uid}/audio/{audio}",
    "DELETE " STREAM "/{uid}/audio/{audio}",
    "GET " ALERT "/history",
    "POST /client/v4/graphql",
};

/* Anything else under /client/v4: who asks comes first, then 404. */
static const char *const any_method[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

enum {
    TABLE_N = sizeof table / sizeof *table,
    NOT_HERE_N = sizeof not_here / sizeof *not_here,
    ANY_N = sizeof any_method / sizeof *any_method,
    ROOT_N = 3, /* /healthz, /metrics, /ca.pem */
};

/* ---- before the handler ---- */

/* Answers and returns false unless the caller may call this. */
static bool may_call(const struct endpoint *ep, struct http_req *req)
{
    const char *auth = http_header(req, "Authorization");
    unsigned char sum[SHA256_LEN];
    if (!auth) {
        answer_error(req, 401, CF_AUTH, "Authentication error");
        return false;
    }
    size_t scheme = strcspn(auth, " ");
    const char *token = auth + scheme + strspn(auth + scheme, " ");
    if (scheme != 6 || strncasecmp(auth, "Bearer", 6) != 0 || !*token ||
        strlen(token) > TOKEN_MAX || strpbrk(token, " \t")) {
        answer_auth_header(req);
        return false;
    }
    crypto_sha256(token, strlen(token), sum);
    if (!crypto_same(sum, sizeof sum, ep->c->token_sum, sizeof ep->c->token_sum)) {
        answer_error(req, 401, CF_AUTH, "Authentication error");
        return false;
    }
    if (ep->account && strcmp(http_param(req, "account"), ep->c->account) != 0) {
        answer_error(req, 403, CF_AUTH, "Authentication error");
        return false;
    }
    return true;
}

static enum err read_body(const struct endpoint *ep, struct call *k)
{
    size_t len;
    const char *text = http_body(k->req, &len);
    if (strcmp(ep->method, "POST") != 0 && strcmp(ep->method, "PUT") != 0)
        return ERR_OK;
    if (!len) { /* POST /keys and the like come without */
        k->body = json_object();
        return k->body ? ERR_OK : ERR_NO_MEMORY;
    }
    return json_read_object(k->cx, text, len, &k->body);
}

static void serve(struct http_req *req)
{
    const struct endpoint *ep = http_route_of(req)->arg;
    struct call k = {.c = ep->c, .req = req, .cx = http_cx(req)};
    if (!may_call(ep, req))
        return;
    enum err e = read_body(ep, &k);
    if (!e)
        e = ep->run(&k);
    if (e)
        answer_err(req, e);
    else
        answer_result(&k);
    json_decref(k.body);
    json_decref(k.result);
    json_decref(k.more);
}

static void serve_not_here(struct http_req *req)
{
    if (may_call(http_route_of(req)->arg, req))
        answer_error(req, 501, CF_BAD_REQUEST, "This engine does not have this part of the API");
}

static void serve_no_route(struct http_req *req)
{
    static const char prefix[] = "/client/v4";
    if (!may_call(http_route_of(req)->arg, req))
        return;
    const char *why = arena_fmt(http_cx(req)->arena,
                                "Could not route to %.*s, perhaps your object identifier is "
                                "invalid?",
                                PATH_SHOWN, http_path(req) + sizeof prefix - 1);
    answer_error(req, 404, CF_NO_ROUTE, why ? why : "Could not route");
}

static void healthz(struct http_req *req)
{
    http_add(req, "Cache-Control", "no-store");
    http_send_text(req, 200, "text/plain; charset=utf-8", "ok\n");
}

/* Public: a certificate without its key. A phone opens it from here. */
static void ca_pem(struct http_req *req)
{
    const struct endpoint *ep = http_route_of(req)->arg;
    struct stat st;
    int fd = ep->c->ca_file[0] ? open(ep->c->ca_file, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            (void)close(fd);
        http_fail(req, ERR_NOT_FOUND, "this engine's certificate comes from elsewhere");
        return;
    }
    http_add(req, "Content-Disposition", "attachment; filename=\"nightmarket-ca.pem\"");
    http_send_file(req, 200, "application/x-x509-ca-cert", fd, 0, (uint64_t)st.st_size);
}

/* ---- the table ---- */

static void add(struct cfapi *c, const char *method, size_t method_len, const char *pattern,
                void (*fn)(struct http_req *req), endpoint_run *run)
{
    struct endpoint *ep = &c->endpoints[c->routes_n];
    struct http_route *r = &c->routes[c->routes_n++];
    ep->c = c;
    ep->run = run;
    ep->account = strstr(pattern, "{account}") != NULL;
    assert(method_len < sizeof ep->method);
    memcpy(ep->method, method, method_len);
    *r = (struct http_route){.method = ep->method,
                             .pattern = pattern,
                             .where = HTTP_ON_WORKER,
                             .fn = fn,
                             .body_max = BODY_MAX,
                             .arg = ep};
}

static void add_all(struct cfapi *c)
{
    for (size_t i = 0; i < TABLE_N; i++)
        add(c, table[i].method, strlen(table[i].method), table[i].pattern, serve, table[i].run);
    for (size_t i = 0; i < NOT_HERE_N; i++) {
        size_t len = strcspn(not_here[i], " ");
        add(c, not_here[i], len, not_here[i] + len + 1, serve_not_here, NULL);
    }
    for (size_t i = 0; i < ANY_N; i++)
        add(c, any_method[i], strlen(any_method[i]), "/client/v4/{rest...}", serve_no_route, NULL);
    add(c, "GET", 3, "/metrics", metrics_serve, NULL);
    add(c, "GET", 3, "/ca.pem", ca_pem, NULL);
    add(c, "GET", 3, "/healthz", healthz, NULL);
    c->routes[c->routes_n - 1].where = HTTP_ON_LOOP;
}

enum err cfapi_make(const struct cfapi_conf *conf, struct cfapi **ret_cfapi)
{
    assert(conf && conf->library && conf->notify && conf->account && conf->token && ret_cfapi);
    const size_t n = TABLE_N + NOT_HERE_N + ANY_N + ROOT_N;
    struct cfapi *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_NO_MEMORY;
    c->conf = *conf;
    c->conf.account = NULL;
    c->conf.token = NULL;
    c->conf.ca_file = NULL;
    (void)text_copy(c->ca_file, sizeof c->ca_file, conf->ca_file ? conf->ca_file : "");
    (void)text_copy(c->account, sizeof c->account, conf->account);
    crypto_sha256(conf->token, strlen(conf->token), c->token_sum);
    c->routes = calloc(n, sizeof *c->routes);
    c->endpoints = calloc(n, sizeof *c->endpoints);
    if (!c->routes || !c->endpoints) {
        cfapi_free(c);
        return ERR_NO_MEMORY;
    }
    add_all(c);
    assert(c->routes_n == n);
    *ret_cfapi = c;
    return ERR_OK;
}

void cfapi_free(struct cfapi *c)
{
    if (!c)
        return;
    free(c->routes);
    free(c->endpoints);
    free(c);
}

const struct http_route *cfapi_routes(const struct cfapi *c, size_t *ret_n)
{
    *ret_n = c->routes_n;
    return c->routes;
}

void cfapi_set_server(struct cfapi *c, struct http_server *server)
{
    c->server = server;
}
