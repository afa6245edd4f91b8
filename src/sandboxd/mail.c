/* What came by SMTP is kept, and shown. */
#include "sandboxd/mail.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "sandboxd/control.h"
#include "sandboxd/mail_in.h"
#include "sandboxd/mail_read.h"
#include "sandboxd/page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SEE_ARENA = 4 << 20, ID_TEXT_MAX = 24 };

/* ---- keeping ---- */

void mail_keep(void *sink, const struct smtp *s)
{
    struct mail_sink *m = sink;
    struct kept_mail k = {.at_ms = clock_unix_ms(), .to_n = s->to_n, .len = s->data.len};
    k.raw = malloc(s->data.len + 1);
    if (!k.raw)
        return;
    memcpy(k.raw, s->data.data ? s->data.data : "", s->data.len);
    k.raw[k.len] = '\0';
    memcpy(k.from, s->from, sizeof k.from);
    memcpy(k.to, s->to, sizeof k.to);
    (void)pthread_mutex_lock(&m->lock);
    k.id = ++m->last_id;
    struct kept_mail *place = &m->kept[k.id % MAILS_MAX]; /* the oldest goes */
    free(place->raw);
    *place = k;
    (void)pthread_mutex_unlock(&m->lock);
}

static void forget_all(struct mail_sink *m)
{
    (void)pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < MAILS_MAX; i++) {
        free(m->kept[i].raw);
        m->kept[i] = (struct kept_mail){.id = 0};
    }
    (void)pthread_mutex_unlock(&m->lock);
}

enum err mail_make(struct cx *cx, struct sandboxd *s, const char *listen_at,
                   struct mail_sink **ret_sink)
{
    struct mail_sink *m = calloc(1, sizeof *m);
    if (!m)
        return problem(cx, ERR_NO_MEMORY, "out of memory");
    m->shared = s;
    m->listen_fd = m->wake_fd = -1;
    (void)pthread_mutex_init(&m->lock, NULL);
    enum err e = listen_at[0] ? mail_listen(cx, m, listen_at) : ERR_OK;
    if (e)
        mail_free(m);
    else
        *ret_sink = m;
    return e;
}

void mail_free(struct mail_sink *m)
{
    if (!m)
        return;
    mail_listen_end(m);
    forget_all(m);
    (void)pthread_mutex_destroy(&m->lock);
    free(m);
}

/* ---- showing; the lock is held ---- */

/* The nth from the newest; NULL: there are not so many. */
static const struct kept_mail *nth_locked(const struct mail_sink *m, int64_t n)
{
    const struct kept_mail *k = &m->kept[(m->last_id - n) % MAILS_MAX];
    return n < MAILS_MAX && n < m->last_id && k->id == m->last_id - n ? k : NULL;
}

static json_t *headers_json(const struct mail_seen *seen)
{
    json_t *o = json_object();
    for (size_t i = 0; i < seen->n; i++) {
        char name[80];
        size_t n = 0;
        for (; seen->headers[i].name[n] && n + 1 < sizeof name; n++)
            name[n] = (char)tolower((unsigned char)seen->headers[i].name[n]);
        name[n] = '\0';
        (void)json_object_set_new(o, name, json_string(seen->headers[i].value));
    }
    return o;
}

static json_t *mail_json(const struct kept_mail *k)
{
    struct cx cx = {.arena = arena_make(SEE_ARENA)};
    struct mail_seen seen;
    json_t *to = json_array(), *o = NULL;
    for (size_t i = 0; i < k->to_n; i++)
        (void)json_array_append_new(to, json_string(k->to[i]));
    if (cx.arena && !mail_see(&cx, k->raw, k->len, &seen))
        o = json_pack("{s:I,s:I,s:s,s:O,s:s,s:s,s:s,s:o,s:s?}", "id", (json_int_t)k->id, "at",
                      (json_int_t)k->at_ms, "from", k->from, "to", to, "subject", seen.subject,
                      "text", seen.text, "html", seen.html, "headers", headers_json(&seen), "raw",
                      text_is_utf8(k->raw, k->len) ? k->raw : NULL);
    json_decref(to);
    arena_free(cx.arena);
    return o;
}

static bool is_to(const struct kept_mail *k, const char *to)
{
    for (size_t i = 0; to && i < k->to_n; i++)
        if (strcasecmp(k->to[i], to) == 0)
            return true;
    return !to;
}

static void control_get(struct http_req *req)
{
    struct mail_sink *m = sandboxd_of(req)->mail;
    json_t *items = json_array();
    if (!control_open(req, NULL)) {
        json_decref(items);
        return;
    }
    (void)pthread_mutex_lock(&m->lock);
    for (int64_t n = 0; n < MAILS_MAX; n++) {
        const struct kept_mail *k = nth_locked(m, n);
        if (k && is_to(k, http_query(req, "to")))
            (void)json_array_append_new(items, mail_json(k));
    }
    (void)pthread_mutex_unlock(&m->lock);
    char *text = json_text_of(json_pack("{s:o}", "items", items));
    http_add(req, "Cache-Control", "no-store");
    http_send_heap(req, 200, "application/json", text, text ? strlen(text) : 0);
}

static void control_delete(struct http_req *req)
{
    if (!control_open(req, NULL))
        return;
    forget_all(sandboxd_of(req)->mail);
    control_done(req, ERR_OK);
}

/* ---- pages ---- */

static void list_page(struct http_req *req)
{
    struct mail_sink *m = sandboxd_of(req)->mail;
    struct cx *cx = http_cx(req);
    struct page p;
    page_begin(&p, req, "Mail");
    (void)pthread_mutex_lock(&m->lock);
    bool any = false;
    for (int64_t n = 0; n < MAILS_MAX; n++) {
        const struct kept_mail *k = nth_locked(m, n);
        struct cx own = {.arena = k ? arena_make(SEE_ARENA) : NULL};
        struct mail_seen seen;
        if (own.arena && !mail_see(&own, k->raw, k->len, &seen)) {
            const char *href = arena_fmt(cx->arena, "/mail/%lld", (long long)k->id);
            page_link(&p, "plain", href ? href : "/mail", seen.subject);
            page_para(&p, NULL, k->to[0]);
            any = true;
        }
        arena_free(own.arena);
    }
    (void)pthread_mutex_unlock(&m->lock);
    if (!any)
        page_para(&p, NULL, page_pick(&p, "還沒有信", "ยังไม่มีอีเมล", "No mail yet"));
    page_send(&p, req, 200);
}

/* The mail that the path names, read into `cx`; false: answered 404. */
static bool find(struct http_req *req, struct cx *cx, struct mail_seen *seen, char to[SMTP_ADDRESS])
{
    struct mail_sink *m = sandboxd_of(req)->mail;
    int64_t id = 0;
    bool found = false;
    if (!text_i64(http_param(req, "id"), 1, INT64_MAX, &id)) {
        (void)pthread_mutex_lock(&m->lock);
        const struct kept_mail *k = &m->kept[id % MAILS_MAX];
        found = k->id == id && !mail_see(cx, k->raw, k->len, seen);
        if (found)
            (void)text_copy(to, SMTP_ADDRESS, k->to[0]);
        (void)pthread_mutex_unlock(&m->lock);
    }
    if (!found)
        http_fail(req, ERR_NOT_FOUND, NULL);
    return found;
}

static void one_page(struct http_req *req)
{
    struct cx cx = {.arena = arena_make(SEE_ARENA)};
    struct mail_seen seen;
    struct page p;
    char to[SMTP_ADDRESS];
    if (cx.arena && find(req, &cx, &seen, to)) {
        page_begin(&p, req, seen.subject[0] ? seen.subject : "Mail");
        page_rows(&p);
        page_row(&p, "From", mail_header(&seen, "from"));
        page_row(&p, "To", to);
        page_row(&p, "Date", mail_header(&seen, "date"));
        page_rows_end(&p);
        if (seen.html[0]) { /* no scripts, no forms, no origin */
            page_html(&p, "<iframe title=\"HTML\" sandbox=\"\" width=\"100%\" height=\"560\" "
                          "src=\"/mail/");
            page_text(&p, http_param(req, "id"));
            page_html(&p, "/html\"></iframe>\n");
        }
        page_html(&p, "<pre>");
        page_text(&p, seen.text);
        page_html(&p, "</pre>\n");
        page_link(&p, "plain", "/mail", "Mail");
        page_send(&p, req, 200);
    } else if (!cx.arena)
        http_fail(req, ERR_NO_MEMORY, NULL);
    arena_free(cx.arena);
}

/* The mail's own HTML: its style counts, nothing else of it. */
static void html_page(struct http_req *req)
{
    struct cx cx = {.arena = arena_make(SEE_ARENA)};
    struct mail_seen seen;
    char to[SMTP_ADDRESS];
    if (cx.arena && find(req, &cx, &seen, to)) {
        http_add(req, "Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox");
        http_add(req, "Cache-Control", "no-store");
        http_send(req, 200, "text/html; charset=utf-8", seen.html, strlen(seen.html));
    } else if (!cx.arena)
        http_fail(req, ERR_NO_MEMORY, NULL);
    arena_free(cx.arena);
}

size_t mail_routes(struct http_route out[MAIL_ROUTES_MAX])
{
    static const struct http_route rows[] = {
        {"GET", "/mail", HTTP_ON_WORKER, list_page, 0, false, NULL},
        {"GET", "/mail/{id}", HTTP_ON_WORKER, one_page, 0, false, NULL},
        {"GET", "/mail/{id}/html", HTTP_ON_WORKER, html_page, 0, false, NULL},
        {"GET", "/control/mail", HTTP_ON_WORKER, control_get, 0, false, NULL},
        {"DELETE", "/control/mail", HTTP_ON_WORKER, control_delete, 0, false, NULL},
    };
    memcpy(out, rows, sizeof rows);
    return sizeof rows / sizeof *rows;
}
