#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "net/http_own.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct http_req *http_req_make(struct http_conn *hc)
{
    struct http_spot *spot = hc->spot;
    struct http_req *req = calloc(1, sizeof *req);
    if (!req)
        return NULL;
    req->cx.arena = arena_make(spot->server->o.limits.arena_max);
    if (!req->cx.arena) {
        free(req);
        return NULL;
    }
    req->hc = hc;
    req->spot = spot;
    req->peer = *conn_peer(hc->conn);
    req->https = conn_is_tls(hc->conn);
    req->cx.now_ms = clock_unix_ms();
    (void)snprintf(req->cx.id, sizeof req->cx.id, "%s-%02x-%08x", spot->server->id_prefix,
                   loop_index(spot->loop), spot->next_id++);
    http_parse_init(&req->parse);
    req->answer.fd = -1;
    buf_init(&req->answer.fields, 16 << 10);
    return req;
}

void http_req_free(struct http_req *req)
{
    assert(req->place != PLACE_PARKED);
    http_answer_done(&req->answer);
    http_pipe_free(req->pipe);
    http_parse_done(&req->parse);
    arena_free(req->cx.arena);
    free(req->body);
    free(req);
}

/* The right-most address that no trusted proxy has: those left of it may be made up. */
static void read_forwarded(struct http_req *req, const struct cidrs *trusted)
{
    unsigned fields = 0;
    while (http_header_at(req, "x-forwarded-for", fields))
        fields++;
    while (fields--) {
        const char *list = http_header_at(req, "x-forwarded-for", fields);
        const char *end = list + strlen(list);
        while (end > list) {
            const char *from = end;
            while (from > list && from[-1] != ',')
                from--;
            char ip[ADDR_TEXT];
            const char *s = from + strspn(from, " \t");
            size_t len = 0;
            while (s + len < end && s[len] != ' ' && s[len] != '\t')
                len++;
            struct addr a;
            if (len >= sizeof ip)
                return;
            memcpy(ip, s, len);
            ip[len] = '\0';
            if (addr_parse_ip(ip, &a))
                return;
            req->peer = a;
            if (!cidrs_has(trusted, &a))
                return;
            end = from > list ? from - 1 : list;
        }
    }
}

void http_req_begin(struct http_req *req)
{
    const struct cidrs *trusted = &req->spot->server->o.trusted;
    req->cx.now_ms = clock_unix_ms();
    req->began_us = clock_mono_us();
    if (trusted->n && cidrs_has(trusted, &req->peer)) {
        const char *proto = http_header(req, "x-forwarded-proto");
        if (proto)
            req->https = strcasecmp(proto, "https") == 0;
        read_forwarded(req, trusted);
    }
}

static bool refuse_body(struct http_parse *p, int status, const char *why)
{
    p->at = HTTP_PARSE_BAD;
    p->status = status;
    p->why = why;
    return false;
}

static bool room_for_body(struct http_req *req, size_t len)
{
    const struct http_parse *p = &req->parse;
    if (req->body_cap - req->body_len >= len + 1)
        return true;
    size_t cap = req->body_cap ? req->body_cap * 2 : 1024;
    if (!req->body_cap && p->content_length < (16 << 10))
        cap = (size_t)p->content_length + 1;
    while (cap - req->body_len < len + 1)
        cap *= 2;
    char *body = realloc(req->body, cap);
    if (!body)
        return false;
    req->body = body;
    req->body_cap = cap;
    return true;
}

bool http_req_add_body(void *arg, const char *data, size_t len)
{
    struct http_req *req = arg;
    uint64_t max = req->match.route->body_max;
    if (len > max || req->body_len > max - len)
        return refuse_body(&req->parse, 413, "the body is too large");
    if (!room_for_body(req, len))
        return refuse_body(&req->parse, 500, "out of memory");
    memcpy(req->body + req->body_len, data, len);
    req->body_len += len;
    req->body[req->body_len] = '\0';
    return true;
}

bool http_req_skip_body(void *arg, const char *data, size_t len)
{
    struct http_req *req = arg;
    (void)data;
    req->skipped += len;
    return req->skipped <= SKIP_MAX || refuse_body(&req->parse, 413, "no body is taken here");
}

/* ---- accessors ---- */

void *http_app(const struct http_req *req)
{
    return req->spot->server->o.app;
}

const struct http_route *http_route_of(const struct http_req *req)
{
    return req->match.route;
}

struct cx *http_cx(struct http_req *req)
{
    return &req->cx;
}

struct loop *http_loop(const struct http_req *req)
{
    return req->spot->loop;
}

const char *http_method(const struct http_req *req)
{
    return req->parse.method;
}

const char *http_path(const struct http_req *req)
{
    return req->parse.path;
}

const char *http_query_text(const struct http_req *req)
{
    return req->parse.query;
}

const char *http_host(const struct http_req *req)
{
    return req->parse.host;
}

bool http_is_https(const struct http_req *req)
{
    return req->https;
}

const struct addr *http_peer(const struct http_req *req)
{
    return &req->peer;
}

const char *http_header_at(const struct http_req *req, const char *name, unsigned i)
{
    return http_parse_field(&req->parse, name, i);
}

const char *http_header(const struct http_req *req, const char *name)
{
    return http_parse_field(&req->parse, name, 0);
}

const char *http_body(const struct http_req *req, size_t *ret_len)
{
    *ret_len = req->body_len;
    return req->body ? req->body : "";
}

void http_set_note(struct http_req *req, void *note)
{
    req->note = note;
}

void *http_note(const struct http_req *req)
{
    return req->note;
}

/* What there is, or a note that there is no memory for it. */
static const char *or_starve(struct http_req *req, const char *text)
{
    req->starved |= !text;
    return text;
}

/* The escapes are good: the parser has seen to it. NULL: the arena is full. */
static char *decoded(struct arena *a, const char *s, size_t len, bool plus_is_space)
{
    char *copy = arena_dup(a, s, len);
    for (size_t i = 0; copy && plus_is_space && i < len; i++)
        if (copy[i] == '+')
            copy[i] = ' ';
    size_t n;
    return copy && !text_percent_decode(copy, &n) ? copy : NULL;
}

const char *http_param(struct http_req *req, const char *name)
{
    int i = route_param_index(req->match.route, name);
    assert(i >= 0 && (unsigned)i < req->match.n);
    char *text = decoded(req->cx.arena, req->match.params[i].at, req->match.params[i].len, false);
    return or_starve(req, text) ? text : "";
}

static bool same_name(struct http_req *req, const char *s, size_t len, const char *name)
{
    if (!memchr(s, '%', len) && !memchr(s, '+', len))
        return strlen(name) == len && memcmp(s, name, len) == 0;
    const char *plain = or_starve(req, decoded(req->cx.arena, s, len, true));
    return plain && strcmp(plain, name) == 0;
}

const char *http_query(struct http_req *req, const char *name)
{
    const char *s = req->parse.query;
    while (*s) {
        size_t pair = strcspn(s, "&"), key = strcspn(s, "=&");
        if (same_name(req, s, key, name)) {
            const char *v = s + key + (s[key] == '=');
            return or_starve(req, decoded(req->cx.arena, v, (size_t)(s + pair - v), true));
        }
        s += pair + (s[pair] == '&');
    }
    return NULL;
}

const char *http_cookie(struct http_req *req, const char *name)
{
    size_t want = strlen(name);
    const char *s;
    for (unsigned i = 0; (s = http_header_at(req, "cookie", i)); i++)
        while (*s) {
            s += strspn(s, " \t;");
            size_t pair = strcspn(s, ";");
            if (pair > want && s[want] == '=' && memcmp(s, name, want) == 0)
                return or_starve(req, arena_dup(req->cx.arena, s + want + 1, pair - want - 1));
            s += pair;
        }
    return NULL;
}
