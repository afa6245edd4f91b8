/* How people are reached outside the page: push, reminders, calendars, links that stop. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/es256.h"
#include "notify/outbox.h"
#include "notify/push.h"
#include "notify/words.h"
#include "room/remind.h"
#include "store/store.h"

#include <string.h>

enum { CALENDAR_MAX = 16 * 1024, PAGE_MAX = 8 * 1024, KEY_CHARS = 200 };

/* ---- push ---- */

enum err push_key_get(struct call *c)
{
    const struct api_setup *set = &c->api->set;
    char key[PUSH_KEY_TEXT] = "";
    if (set->push_key)
        push_key_text(set->push_key, key);
    return answer_json(
        c, 200,
        json_pack("{s:s?,s:b}", "key", set->push_key ? key : NULL, "email", (int)set->mail));
}

struct push_job {
    int64_t id, viewer_id;
    unsigned char session[SHA256_LEN];
    struct push_target target;
};

static enum err add_job(struct tx *tx, void *arg)
{
    const struct push_job *j = arg;
    enum err e = push_add(tx, j->id, j->viewer_id, j->session, &j->target);
    return e ? e : session_touch(tx, j->session); /* it must last until the message comes */
}

static enum err read_target(struct call *c, struct push_target *ret_target)
{
    const char *endpoint, *p256dh, *auth;
    const json_t *keys = json_object_get(c->body, "keys");
    if (!json_is_object(keys))
        return problem(c->cx, ERR_INPUT, "'keys' must be an object");
    enum err e = json_need_text(c->cx, c->body, "endpoint", 1, PUSH_ENDPOINT_MAX, &endpoint);
    if (!e)
        e = json_need_text(c->cx, keys, "p256dh", 1, KEY_CHARS, &p256dh);
    if (!e)
        e = json_need_text(c->cx, keys, "auth", 1, KEY_CHARS, &auth);
    return e ? e : push_read(c->cx, endpoint, p256dh, auth, c->api->set.local, ret_target);
}

enum err me_push_put(struct call *c)
{
    struct push_job j = {.id = id_next()};
    if (!c->api->set.push_key)
        return problem(c->cx, ERR_CLOSED, "push is off");
    enum err e = read_target(c, &j.target);
    if (!e)
        e = call_need_viewer(c);
    j.viewer_id = c->who.viewer_id;
    memcpy(j.session, c->session.hash, sizeof j.session);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "push.add", add_job, &j);
    return e ? e : answer_empty(c, 204);
}

static enum err remove_job(struct tx *tx, void *arg)
{
    const struct push_job *j = arg;
    return push_remove(tx, j->viewer_id, j->target.endpoint);
}

enum err me_push_delete(struct call *c)
{
    struct push_job j = {.viewer_id = c->who.viewer_id};
    enum err e =
        json_need_text(c->cx, c->body, "endpoint", 1, PUSH_ENDPOINT_MAX, &j.target.endpoint);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "push.remove", remove_job, &j);
    return e ? e : answer_empty(c, 204);
}

/* ---- reminders ---- */

static enum err answer_reminder(struct call *c)
{
    const struct api_setup *set = &c->api->set;
    struct reminder m;
    struct db *db = NULL;
    enum err e = store_read(set->store, &db);
    if (!e)
        e = remind_get(set->room, db, c->cx, &c->who, http_param(c->req, "id"), &m);
    store_read_end(db);
    if (e)
        return e;
    json_t *o =
        json_pack("{s:b,s:b,s:b,s:b}", "push", (int)m.push, "email", (int)m.email, "can_push",
                  set->push_key != NULL, "can_email", (int)(m.can_email && set->mail));
    if (o && m.staff)
        (void)json_object_set_new(o, "count", json_integer(m.count));
    return answer_json(c, 200, o);
}

enum err reminder_get(struct call *c)
{
    return answer_reminder(c);
}

enum err reminder_post(struct call *c)
{
    bool neither = !json_object_get(c->body, "push") && !json_object_get(c->body, "email");
    bool push = neither, email = false;
    enum err e = json_opt_bool(c->cx, c->body, "push", &push);
    if (!e)
        e = json_opt_bool(c->cx, c->body, "email", &email);
    if (!e && !push && !email)
        e = problem(c->cx, ERR_INPUT, "'push' or 'email' must be true");
    if (!e)
        e = call_need_viewer(c);
    if (!e)
        e = remind_set(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"), push, email);
    return e ? e : answer_reminder(c);
}

enum err reminder_delete(struct call *c)
{
    enum err e = remind_drop(c->api->set.room, c->cx, &c->who, http_param(c->req, "id"));
    return e ? e : answer_empty(c, 204);
}

/* ---- calendars ---- */

/* ?lang=, else what the person or the browser prefers. */
static enum lang asked_lang(const struct call *c)
{
    enum lang l = lang_near(http_query(c->req, "lang"));
    if (l == LANG_COUNT && c->who.lang)
        l = lang_near(c->who.lang);
    return l == LANG_COUNT ? lang_of(http_header(c->req, "accept-language")) : l;
}

enum err calendar_get(struct call *c)
{
    const struct api_setup *set = &c->api->set;
    struct show s;
    struct buf out;
    struct db *db = NULL;
    enum err e = store_read(set->store, &db);
    if (!e)
        e = show_find(set->room, db, c->cx, &c->who, http_param(c->req, "id"), &s);
    store_read_end(db);
    if (e)
        return e;
    buf_init(&out, CALENDAR_MAX);
    e = remind_calendar(c->cx, &s, asked_lang(c), c->api->public_url, &out);
    if (!e) {
        const char *name = arena_fmt(c->cx->arena, "attachment; filename=\"%s.ics\"", s.public_id);
        add_security_headers(c->req, c->api, false);
        http_add(c->req, "Cache-Control", "no-store");
        http_add(c->req, "Content-Disposition", name ? name : "attachment");
        http_send(c->req, 200, "text/calendar; charset=utf-8; method=PUBLISH", out.data, out.len);
    }
    buf_done(&out);
    return e;
}

/* ---- links that stop ---- */

static void escaped(struct buf *out, const char *s)
{
    for (; *s; s++) {
        if (strchr("&<>\"'", *s))
            buf_fmt(out, "&#%d;", *s);
        else
            buf_ch(out, *s);
    }
}

/* A page without scripts: what it says, and perhaps one button that posts here again. */
static enum err stop_page(struct call *c, int status, enum lang l, const char *text,
                          const char *button)
{
    struct buf b;
    buf_init(&b, PAGE_MAX);
    buf_fmt(&b,
            "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\""
            " content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>"
            "Nightmarket</title></head><body><main><p>",
            lang_tag(l));
    escaped(&b, text);
    buf_str(&b, "</p>");
    if (button) {
        buf_str(&b, "<form method=\"post\"><button>");
        escaped(&b, button);
        buf_str(&b, "</button></form>");
    }
    buf_str(&b, "</main></body></html>\n");
    enum err e = buf_err(&b);
    if (!e) {
        add_security_headers(c->req, c->api, true);
        http_add(c->req, "Cache-Control", "no-store");
        http_add(c->req, "Referrer-Policy", "no-referrer");
        http_send(c->req, status, "text/html; charset=utf-8", b.data, b.len);
    }
    buf_done(&b);
    return e;
}

static enum err no_link(struct call *c, enum lang l, enum err e)
{
    return e == ERR_NOT_FOUND ? stop_page(c, 404, l, word(l, WORD_STOP_GONE), NULL) : e;
}

/* Looking changes nothing: mail programs fetch links ahead. */
enum err notify_stop_get(struct call *c)
{
    const struct api_setup *set = &c->api->set;
    const char *token = http_query(c->req, "t"), *title = "";
    enum lang l = asked_lang(c);
    struct db *db = NULL;
    enum err e = words_init();
    if (!e)
        e = store_read(set->store, &db);
    if (!e)
        e = remind_stop_look(db, c->cx, set->key, token ? token : "", l, &title);
    store_read_end(db);
    if (e)
        return no_link(c, l, e);
    const struct mark marks[] = {{"title", title}, {0}};
    const char *text = word_fill(c->cx, word(l, WORD_STOP_ASK), marks);
    return text ? stop_page(c, 200, l, text, word(l, WORD_STOP)) : ERR_NO_MEMORY;
}

/* By the button, or by a mail program at one click (RFC 8058): it sends no cookie. */
enum err notify_stop_post(struct call *c)
{
    const char *token = http_query(c->req, "t");
    enum lang l = asked_lang(c);
    enum err e = words_init();
    if (!e)
        e = remind_stop(c->api->set.room, c->cx, c->api->set.key, token ? token : "");
    return e ? no_link(c, l, e) : stop_page(c, 200, l, word(l, WORD_STOPPED), NULL);
}

/* ---- for staff ---- */

enum err dead_notices_get(struct call *c)
{
    const struct staff *staff;
    struct db *db = NULL;
    json_t *list = NULL;
    enum err e = call_shop(c, ACTION_AUDIT_SEE, &staff);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = outbox_dead(db, c->cx, staff->shop_id, http_query(c->req, "cursor"), &list);
    store_read_end(db);
    return e ? e : answer_json(c, 200, list);
}
