/* A call of Omise's API: who asks, what is asked, and the answer. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/form.h"
#include "base/json.h"
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEY_MAX = 200, BODY_MAX = 32 << 10, NAME_PARTS = 4 };

/* ---- reading fields ---- */

const char *ask_text(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

json_t *text_or_null(const json_t *o, const char *name)
{
    const char *text = ask_text(o, name);
    return text ? json_string(text) : json_null();
}

bool ask_bool(const json_t *o, const char *name, bool otherwise)
{
    const json_t *v = json_object_get(o, name);
    const char *text = json_string_value(v);
    if (text)
        return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

enum err ask_i64(const json_t *o, const char *name, int64_t *ret_n)
{
    const json_t *v = json_object_get(o, name);
    const char *text = json_string_value(v);
    if (!v || json_is_null(v))
        *ret_n = -1;
    else if (json_is_integer(v))
        *ret_n = json_integer_value(v);
    else if (!text || text_i64(text, -1, INT64_MAX, ret_n))
        return ERR_INPUT;
    return ERR_OK;
}

const char *ask_query(struct omise_call *k, const char *name)
{
    return http_query(k->req, name);
}

json_t *ask_metadata(struct omise_call *k)
{
    json_t *m = json_object_get(k->body, "metadata");
    return json_is_object(m) ? json_deep_copy(m) : NULL;
}

json_t *omise_time(int64_t unix_ms)
{
    char text[CLOCK_TEXT];
    clock_text_ms(unix_ms / 1000 * 1000, text);
    char *dot = strchr(text, '.');
    if (dot)
        (void)text_copy(dot, 2, "Z");
    return json_string(text);
}

int64_t omise_time_of(const json_t *o, const char *name)
{
    int64_t ms = 0;
    const char *text = ask_text(o, name);
    return text && !clock_parse(text, &ms) ? ms : 0;
}

void omise_set(json_t *o, const char *name, json_t *value)
{
    (void)json_object_set_new(o, name, value);
}

const char *omise_get(const json_t *o, const char *name)
{
    const char *text = ask_text(o, name);
    return text ? text : "";
}

int64_t omise_number(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

/* ---- the body ---- */

/* "card[expiration_month]" -> parts "card", "expiration_month". How many; 0: no such name. */
static size_t name_parts(char *name, const char *parts[NAME_PARTS])
{
    size_t n = 0;
    char *at = strchr(name, '[');
    parts[n++] = name;
    while (at && n < NAME_PARTS) {
        *at++ = '\0';
        char *end = strchr(at, ']');
        if (!end)
            return 0;
        *end = '\0';
        parts[n++] = at;
        at = end[1] == '[' ? end + 1 : NULL;
        if (!at && end[1])
            return 0;
    }
    return at ? 0 : n;
}

/* Puts one pair where its name says; "list[]" appends. Names that contradict each other lose. */
static void put(json_t *into, const char *const *parts, size_t n, const char *value)
{
    for (size_t i = 0; i + 1 < n; i++) {
        bool list = i + 2 == n && !*parts[i + 1];
        if (!json_object_get(into, parts[i]))
            omise_set(into, parts[i], list ? json_array() : json_object());
        json_t *inner = json_object_get(into, parts[i]);
        if (list || !inner) {
            (void)json_array_append_new(inner, json_string(value)); /* no array: not appended */
            return;
        }
        into = inner;
    }
    omise_set(into, parts[n - 1], json_string(value)); /* no object: not set */
}

json_t *omise_read_form(struct cx *cx, const char *text, size_t len)
{
    struct form *f = arena_new(cx->arena, struct form);
    if (!f || form_read(cx, text, len, f))
        return NULL;
    json_t *o = json_object();
    for (size_t i = 0; i < f->n; i++) {
        const char *parts[NAME_PARTS];
        char *name = arena_dup(cx->arena, f->pairs[i].name, strlen(f->pairs[i].name));
        size_t n = name ? name_parts(name, parts) : 0;
        if (n)
            put(o, parts, n, f->pairs[i].value);
    }
    return o;
}

static void read_body(struct omise_call *k)
{
    size_t len;
    const char *text = http_body(k->req, &len), *type = http_header(k->req, "content-type");
    bool json = type && text_has_prefix(type, "application/json");
    if (!len)
        k->body = json_object();
    else if (json && json_read_object(k->cx, text, len, &k->body))
        k->body = NULL;
    else if (!json)
        k->body = omise_read_form(k->cx, text, len);
    if (!k->body)
        refuse(k, "bad_request", "the request body cannot be read");
}

/* ---- who asks ---- */

static bool is_key(const char *key, const char *prefix)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t n = strlen(prefix);
    return text_has_prefix(key, prefix) && key[n] && !key[n + strspn(key + n, letters)];
}

/* The user part of Basic credentials; "" if there is none. */
static void read_key(const struct http_req *req, char key[KEY_MAX])
{
    const char *auth = http_header(req, "authorization");
    size_t len = 0;
    key[0] = '\0';
    if (!auth || strlen(auth) < 6 || strncasecmp(auth, "Basic ", 6) != 0)
        return;
    auth += 6 + strspn(auth + 6, " ");
    if (crypto_unbase64(auth, strlen(auth), key, KEY_MAX - 1, &len))
        len = 0;
    key[len] = '\0';
    key[strcspn(key, ":")] = '\0';
}

static bool may(const struct http_req *req, bool public_too)
{
    char key[KEY_MAX] = "";
    read_key(req, key);
    return is_key(key, "skey_test_") || (public_too && is_key(key, "pkey_test_"));
}

/* ---- the answer ---- */

static int status_of(const char *code)
{
    static const struct {
        const char *code;
        int status;
    } others[] = {{"authentication_failure", 401}, {"not_found", 404}, {"service_not_found", 404}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(code, others[i].code) == 0)
            return others[i].status;
    return 400;
}

void refuse(struct omise_call *k, const char *code, const char *message, ...)
{
    va_list ap;
    if (refused(k)) /* the first reason counts */
        return;
    k->status = status_of(code);
    k->code = code;
    va_start(ap, message);
    (void)vsnprintf(k->message, sizeof k->message, message, ap);
    va_end(ap);
}

static json_t *error_object(const struct omise_call *k)
{
    char location[120], *at = location;
    (void)snprintf(location, sizeof location, "https://www.omise.co/api-errors#%s", k->code);
    while ((at = strchr(at, '_')))
        *at = '-';
    return json_pack("{s:s, s:s, s:s, s:s}", "object", "error", "location", location, "code",
                     k->code, "message", k->message);
}

/* So that Omise.js can ask from the shop's page. */
static void allow_pages(struct http_req *req)
{
    http_add(req, "Access-Control-Allow-Origin", "*");
    http_add(req, "Access-Control-Allow-Headers", "Authorization, Content-Type, Omise-Version");
    http_add(req, "Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE");
}

static void answer(struct omise_call *k)
{
    int status = refused(k) ? k->status : 200;
    char *text = json_text_of(refused(k) ? error_object(k) : k->result);
    allow_pages(k->req);
    http_add(k->req, "Cache-Control", "no-store");
    http_add(k->req, "Omise-Version", "2019-05-29");
    if (status == 401)
        http_add(k->req, "WWW-Authenticate", "Basic realm=\"Omise\"");
    http_send_heap(k->req, status, "application/json; charset=utf-8", text,
                   text ? strlen(text) : 0);
}

/* ---- the routes ---- */

struct endpoint {
    omise_run *run;
    bool public_too; /* a public key may ask it */
};

static void run(struct omise_call *k, const struct endpoint *e)
{
    if (!may(k->req, e->public_too))
        refuse(k, "authentication_failure", "authentication failed");
    else
        read_body(k);
    if (refused(k))
        return;
    (void)pthread_mutex_lock(&k->o->lock);
    e->run(k);
    /* Others may change it as soon as the lock is free. */
    json_t *copy = refused(k) ? NULL : json_deep_copy(k->result);
    json_decref(k->result);
    k->result = copy;
    (void)pthread_mutex_unlock(&k->o->lock);
}

static void serve(struct http_req *req)
{
    struct fault f;
    const struct endpoint *e = http_route_of(req)->arg;
    struct omise_call k = {.o = sandboxd_of(req)->omise, .req = req, .cx = http_cx(req)};
    if (sandboxd_down(req, FAULT_OMISE_API, &f))
        return;
    k.cx->now_ms = clock_unix_ms();
    run(&k, e);
    json_decref(k.body);
    if (!sandboxd_lost(req, &f))
        answer(&k);
    else if (!refused(&k))
        json_decref(k.result);
}

static void preflight(struct http_req *req)
{
    allow_pages(req);
    http_add(req, "Access-Control-Max-Age", "600");
    http_send_empty(req, 204);
}

/* What a shop may have at Omise and never has here. */
static void nothing_list(struct omise_call *k)
{
    json_t *none = json_array();
    k->result = omise_list(k, none, http_path(k->req) + strlen("/omise"));
    json_decref(none);
}

static void unknown(struct omise_call *k)
{
    refuse(k, "not_found", "the requested path was not found");
}

/* method, path below /omise, handler, may a public key ask it? */
#define ROUTES(X)                                                        \
    X("POST", "/tokens", token_create, true)                             \
    X("GET", "/tokens/{id}", token_get, true)                            \
    X("POST", "/sources", source_create, true)                           \
    X("GET", "/sources/{id}", source_get, true)                          \
    X("GET", "/capability", capability_get, true)                        \
    X("POST", "/customers", customer_create, false)                      \
    X("GET", "/customers", customer_list, false)                         \
    X("GET", "/customers/{id}", customer_get, false)                     \
    X("PATCH", "/customers/{id}", customer_edit, false)                  \
    X("DELETE", "/customers/{id}", customer_delete, false)               \
    X("GET", "/customers/{id}/cards", card_list, false)                  \
    X("GET", "/customers/{id}/cards/{card}", card_get, false)            \
    X("PATCH", "/customers/{id}/cards/{card}", card_edit, false)         \
    X("DELETE", "/customers/{id}/cards/{card}", card_delete, false)      \
    X("POST", "/charges", charge_create, false)                          \
    X("GET", "/charges", charge_list, false)                             \
    X("GET", "/charges/{id}", charge_get, false)                         \
    X("PATCH", "/charges/{id}", charge_edit, false)                      \
    X("POST", "/charges/{id}/capture", charge_capture, false)            \
    X("POST", "/charges/{id}/reverse", charge_reverse, false)            \
    X("POST", "/charges/{id}/expire", charge_expire, false)              \
    X("POST", "/charges/{id}/mark_as_paid", charge_mark_paid, false)     \
    X("POST", "/charges/{id}/mark_as_failed", charge_mark_failed, false) \
    X("POST", "/charges/{id}/refunds", refund_create, false)             \
    X("GET", "/charges/{id}/refunds", refund_list, false)                \
    X("GET", "/charges/{id}/refunds/{refund}", refund_get, false)        \
    X("GET", "/refunds", refund_list_all, false)                         \
    X("GET", "/events", event_list, false)                               \
    X("GET", "/events/{id}", event_get, false)                           \
    X("GET", "/search", charge_search, false)                            \
    X("GET", "/account", account_get, false)                             \
    X("GET", "/balance", balance_get, false)                             \
    X("GET", "/disputes", nothing_list, false)                           \
    X("GET", "/links", nothing_list, false)                              \
    X("GET", "/recipients", nothing_list, false)                         \
    X("GET", "/schedules", nothing_list, false)                          \
    X("GET", "/transfers", nothing_list, false)                          \
    X("GET", "/{path...}", unknown, true)                                \
    X("POST", "/{path...}", unknown, true)

size_t omise_routes(struct http_route out[OMISE_ROUTES_MAX])
{
    static const struct endpoint endpoints[] = {
#define X(method, path, fn, public_too) {fn, public_too},
        ROUTES(X)
#undef X
    };
    static const struct http_route calls[] = {
#define X(method, path, fn, public_too) \
    {method, "/omise" path, HTTP_ON_WORKER, serve, BODY_MAX, false, NULL},
        ROUTES(X)
#undef X
    };
    static const struct http_route pages[] = {
        {"OPTIONS", "/omise/{path...}", HTTP_ON_LOOP, preflight, 0, false, NULL},
        {"GET", "/omise/omise.js", HTTP_ON_LOOP, serve_omise_js, 0, false, NULL},
        {"GET", "/omise/card-form", HTTP_ON_WORKER, serve_card_form, 0, false, NULL},
        {"GET", "/omise/card-form.js", HTTP_ON_LOOP, serve_card_form_js, 0, false, NULL},
        {"GET", "/omise/pay", HTTP_ON_WORKER, page_waiting, 0, false, NULL},
        {"GET", "/omise/payments/{page}/authorize", HTTP_ON_WORKER, page_authorize, 0, false, NULL},
        {"POST", "/omise/payments/{page}/authorize", HTTP_ON_WORKER, page_authorized, 4096, false,
         NULL},
        {"GET", "/omise/charges/{id}/documents/{document}/downloads/{token}", HTTP_ON_WORKER,
         serve_document, 0, false, NULL},
    };
    size_t n = sizeof calls / sizeof *calls;
    memcpy(out, calls, sizeof calls);
    for (size_t i = 0; i < n; i++)
        out[i].arg = &endpoints[i];
    memcpy(out + n, pages, sizeof pages);
    return n + sizeof pages / sizeof *pages;
}
