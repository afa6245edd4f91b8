#include "sandboxd/push.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/es256.h"
#include "base/json.h"
#include "base/text.h"
#include "notify/push.h"
#include "sandboxd/control.h"
#include "sandboxd/page.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_HEX = 16, HEADER = 64, BODY_MAX = 8192, CLAIMS = 1024, TOKEN_MAX = 2048 };

struct browser {
    char id[KEY_HEX + 1]; /* "": an empty place */
    struct es256 *key;
    unsigned char auth[PUSH_AUTH_LEN];
    bool gone;
};

/* A message that came. */
struct pushed {
    int64_t id, at_ms;
    char browser[KEY_HEX + 1], ttl[HEADER], urgency[HEADER], topic[HEADER];
    json_t *payload, *vapid;
};

struct push_sink {
    pthread_mutex_t lock;
    struct browser browsers[BROWSERS_MAX];
    struct pushed pushed[PUSHES_MAX];
    int64_t last_browser, last_pushed;
};

enum err push_sink_make(struct cx *cx, struct push_sink **ret_sink)
{
    struct push_sink *p = calloc(1, sizeof *p);
    if (!p)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    (void)pthread_mutex_init(&p->lock, NULL);
    *ret_sink = p;
    return ERR_OK;
}

static void forget(struct pushed *m)
{
    json_decref(m->payload);
    json_decref(m->vapid);
    *m = (struct pushed){.id = 0};
}

void push_sink_free(struct push_sink *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < PUSHES_MAX; i++)
        forget(&p->pushed[i]);
    for (size_t i = 0; i < BROWSERS_MAX; i++)
        es256_free(p->browsers[i].key);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

static void send_json(struct http_req *req, int status, json_t *o)
{
    char *text = json_text_of(o);
    http_add(req, "Cache-Control", "no-store");
    http_add(req, "Access-Control-Allow-Origin", "*"); /* pages under test ask for subscriptions */
    http_send_heap(req, status, "application/json", text, text ? strlen(text) : 0);
}

/* ---- subscriptions ---- */

static json_t *browser_json(const struct sandboxd *s, const struct browser *b)
{
    char p256dh[PUSH_KEY_TEXT], auth[PUSH_AUTH_LEN * 2], endpoint[SANDBOXD_URL + 40];
    push_key_text(b->key, p256dh);
    crypto_base64url_text(b->auth, sizeof b->auth, auth);
    (void)snprintf(endpoint, sizeof endpoint, "%s/push/%s", s->url, b->id);
    return json_pack("{s:s,s:{s:s,s:s},s:b}", "endpoint", endpoint, "keys", "p256dh", p256dh,
                     "auth", auth, "gone", (int)b->gone);
}

static void subscribe(struct http_req *req)
{
    struct push_sink *p = sandboxd_of(req)->push;
    struct browser b = {.gone = false};
    if (es256_make(&b.key)) {
        http_fail(req, ERR_NO_MEMORY, NULL);
        return;
    }
    crypto_random(b.auth, sizeof b.auth);
    crypto_random_hex(b.id, KEY_HEX);
    json_t *o = browser_json(sandboxd_of(req), &b);
    (void)pthread_mutex_lock(&p->lock);
    struct browser *place = &p->browsers[p->last_browser++ % BROWSERS_MAX];
    es256_free(place->key);
    *place = b;
    (void)pthread_mutex_unlock(&p->lock);
    send_json(req, 201, o);
}

static struct browser *find_locked(struct push_sink *p, const char *id)
{
    for (size_t i = 0; i < BROWSERS_MAX; i++)
        if (p->browsers[i].id[0] && strcmp(p->browsers[i].id, id) == 0)
            return &p->browsers[i];
    return NULL;
}

static void unsubscribe(struct http_req *req)
{
    struct push_sink *p = sandboxd_of(req)->push;
    (void)pthread_mutex_lock(&p->lock);
    struct browser *b = find_locked(p, http_param(req, "id"));
    if (b)
        b->gone = true;
    (void)pthread_mutex_unlock(&p->lock);
    http_send_empty(req, b ? 204 : 404);
}

/* ---- what the shop sends ---- */

/* The value of "t=" or "k=" in a VAPID header. */
static bool field(const char *header, const char *name, char *out, size_t size)
{
    const char *at = strstr(header, name);
    size_t n = at ? strcspn(at + 2, ", ") : 0;
    if (!n || n >= size)
        return false;
    memcpy(out, at + 2, n);
    out[n] = '\0';
    return true;
}

/* Is the token signed by the key beside it, not over, and for us? */
static json_t *vapid_json(const struct sandboxd *s, const char *header, int64_t now_ms)
{
    char token[TOKEN_MAX], key[PUSH_KEY_TEXT + 8];
    unsigned char point[ES256_POINT], sig[ES256_SIGNATURE], claims[CLAIMS];
    struct es256 *k = NULL;
    size_t n = 0, claims_n = 0;
    bool ok = text_has_prefix(header, "vapid ") && field(header, "t=", token, sizeof token) &&
              field(header, "k=", key, sizeof key) &&
              !crypto_unbase64url(key, strlen(key), point, sizeof point, &n) && n == sizeof point &&
              !es256_read_point(point, &k);
    char *last = ok ? strrchr(token, '.') : NULL, *middle = ok ? strchr(token, '.') : NULL;
    ok = last && last != middle &&
         !crypto_unbase64url(last + 1, strlen(last + 1), sig, sizeof sig, &n) && n == sizeof sig &&
         es256_verify(k, token, (size_t)(last - token), sig) &&
         !crypto_unbase64url(middle + 1, (size_t)(last - middle - 1), claims, sizeof claims,
                             &claims_n);
    es256_free(k);
    json_t *o = ok ? json_loadb((const char *)claims, claims_n, 0, NULL) : NULL;
    const char *aud = json_string_value(json_object_get(o, "aud"));
    int64_t exp = json_integer_value(json_object_get(o, "exp"));
    ok = ok && aud && strcmp(aud, s->url) == 0 && exp > now_ms / 1000 &&
         exp <= now_ms / 1000 + 86400;
    json_t *said = json_pack("{s:b,s:s?,s:s?,s:I,s:s}", "ok", (int)ok, "aud", aud, "sub",
                             json_string_value(json_object_get(o, "sub")), "exp", (json_int_t)exp,
                             "k", n ? key : "");
    json_decref(o);
    return said;
}

static void take_header(struct http_req *req, const char *name, char out[HEADER])
{
    const char *v = http_header(req, name);
    (void)text_copy(out, HEADER, v ? v : "");
}

static json_t *decrypted(const struct browser *b, const char *body, size_t len)
{
    struct buf plain;
    json_t *o = NULL;
    buf_init(&plain, BODY_MAX);
    if (!push_open(b->key, b->auth, body, len, &plain))
        o = json_loadb(plain.data ? plain.data : "", plain.len, JSON_DECODE_ANY, NULL);
    buf_done(&plain);
    return o;
}

static void receive(struct http_req *req)
{
    struct sandboxd *s = sandboxd_of(req);
    struct push_sink *p = s->push;
    const char *vapid = http_header(req, "authorization");
    struct fault f;
    size_t len;
    if (sandboxd_down(req, FAULT_PUSH, &f))
        return;
    const char *body = http_body(req, &len);
    struct pushed m = {.at_ms = clock_unix_ms()};
    take_header(req, "ttl", m.ttl);
    take_header(req, "urgency", m.urgency);
    take_header(req, "topic", m.topic);
    m.vapid = vapid_json(s, vapid ? vapid : "", m.at_ms);
    bool trusted = json_is_true(json_object_get(m.vapid, "ok"));
    int status = !m.ttl[0] ? 400 : !trusted ? 403 : 201;
    (void)pthread_mutex_lock(&p->lock);
    const struct browser *b = find_locked(p, http_param(req, "id"));
    status = !b ? 404 : b->gone ? 410 : status;
    if (status == 201) {
        (void)text_copy(m.browser, sizeof m.browser, b->id);
        m.payload = decrypted(b, body, len);
        m.id = ++p->last_pushed;
        forget(&p->pushed[m.id % PUSHES_MAX]);
        p->pushed[m.id % PUSHES_MAX] = m;
    } else
        json_decref(m.vapid);
    (void)pthread_mutex_unlock(&p->lock);
    if (!sandboxd_lost(req, &f))
        http_send_empty(req, status);
}

/* ---- looking ---- */

static const struct pushed *nth_locked(const struct push_sink *p, int64_t n)
{
    const struct pushed *m = &p->pushed[(p->last_pushed - n) % PUSHES_MAX];
    return n < PUSHES_MAX && n < p->last_pushed && m->id == p->last_pushed - n ? m : NULL;
}

static json_t *items_locked(const struct push_sink *p)
{
    json_t *items = json_array();
    for (int64_t n = 0; n < PUSHES_MAX; n++) {
        const struct pushed *m = nth_locked(p, n);
        if (m)
            (void)json_array_append_new(
                items, json_pack("{s:I,s:s,s:I,s:O?,s:O,s:s,s:s,s:s}", "id", (json_int_t)m->id,
                                 "subscription", m->browser, "at", (json_int_t)m->at_ms, "payload",
                                 m->payload, "vapid", m->vapid, "ttl", m->ttl, "urgency",
                                 m->urgency, "topic", m->topic));
    }
    return items;
}

static void control_get(struct http_req *req)
{
    struct push_sink *p = sandboxd_of(req)->push;
    if (!control_open(req, NULL))
        return;
    json_t *all = json_array();
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < BROWSERS_MAX; i++)
        if (p->browsers[i].id[0])
            (void)json_array_append_new(all, browser_json(sandboxd_of(req), &p->browsers[i]));
    json_t *items = items_locked(p);
    (void)pthread_mutex_unlock(&p->lock);
    send_json(req, 200, json_pack("{s:o,s:o}", "subscriptions", all, "items", items));
}

static void control_delete(struct http_req *req)
{
    struct push_sink *p = sandboxd_of(req)->push;
    if (!control_open(req, NULL))
        return;
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < PUSHES_MAX; i++)
        forget(&p->pushed[i]);
    (void)pthread_mutex_unlock(&p->lock);
    control_done(req, ERR_OK);
}

static const char *said(const struct pushed *m, const char *name)
{
    const char *text = json_string_value(json_object_get(m->payload, name));
    return text ? text : "";
}

static void list_page(struct http_req *req)
{
    struct push_sink *p = sandboxd_of(req)->push;
    struct page page;
    bool any = false;
    page_begin(&page, req, "Push");
    page_rows(&page);
    (void)pthread_mutex_lock(&p->lock);
    for (int64_t n = 0; n < PUSHES_MAX; n++) {
        const struct pushed *m = nth_locked(p, n);
        any = any || m;
        if (m)
            page_row(&page, said(m, "title"), said(m, "body"));
    }
    (void)pthread_mutex_unlock(&p->lock);
    page_rows_end(&page);
    if (!any)
        page_para(&page, NULL,
                  page_pick(&page, "還沒有推播", "ยังไม่มีการแจ้งเตือน", "Nothing was pushed yet"));
    page_send(&page, req, 200);
}

size_t push_routes(struct http_route out[PUSH_ROUTES_MAX])
{
    static const struct http_route rows[] = {
        {"GET", "/push", HTTP_ON_WORKER, list_page, 0, false, NULL},
        {"POST", "/push/new", HTTP_ON_WORKER, subscribe, BODY_MAX, false, NULL},
        {"POST", "/push/{id}", HTTP_ON_WORKER, receive, BODY_MAX, false, NULL},
        {"DELETE", "/push/{id}", HTTP_ON_WORKER, unsubscribe, 0, false, NULL},
        {"GET", "/control/push", HTTP_ON_WORKER, control_get, 0, false, NULL},
        {"DELETE", "/control/push", HTTP_ON_WORKER, control_delete, 0, false, NULL},
    };
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}
