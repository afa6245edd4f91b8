#include "api/call_in.h"
#include "base/arena.h"
#include "store/store.h"

#include <string.h>

enum { BUSY_MS = 2000 };

enum err session_current(struct call *c)
{
    enum err e = call_need_device(c);
    return e ? e : answer_json(c, 200, session_json(c));
}

enum err session_sign_in(struct call *c)
{
    int64_t wait_ms = -1;
    struct sign_in ask = {.fence = c->who.fence,
                          .old_cookie = http_cookie(c->req, "nm_session"),
                          .ret_wait_ms = &wait_ms};
    struct session_new fresh = {.expires_ms = 0};
    struct viewer v;
    enum err e = json_need_text(c->cx, c->body, "email", 1, EMAIL_SIZE, &ask.email);
    if (!e)
        e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &ask.password);
    if (!e)
        e = account_sign_in(c->api->set.store, c->api->set.limits, c->cx, &ask, &fresh, &v);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait_ms;
    if (e == ERR_BUSY)
        c->retry_ms = BUSY_MS;
    if (!e && c->signed_on)
        room_session_ended(c->api->set.room, c->session.hash);
    if (!e)
        e = call_become(c, &fresh, &v);
    crypto_wipe(&fresh, sizeof fresh);
    return e ? e : answer_json(c, 201, session_json(c));
}

static enum err guest_job(struct tx *tx, void *arg)
{
    return guest_create(tx, arg);
}

struct rename {
    int64_t viewer_id;
    const char *name, *lang; /* NULL: stays */
};

static enum err rename_job(struct tx *tx, void *arg)
{
    const struct rename *r = arg;
    enum err e = r->name ? viewer_rename(tx, r->viewer_id, r->name) : ERR_OK;
    return !e && r->lang ? viewer_set_lang(tx, r->viewer_id, r->lang) : e;
}

/* Change what is given and answer with the session as it now is. */
static enum err rename_viewer(struct call *c, int status, const char *name, const char *lang)
{
    char tidy[NAME_SIZE];
    struct rename r = {c->session.viewer.id, NULL, lang ? account_lang(lang) : NULL};
    enum err e = ERR_OK;
    if (name) {
        e = account_tidy_name(c->cx, name, tidy);
        r.name = tidy;
    }
    if (!e)
        e = store_do(c->api->set.store, c->cx, "viewer.rename", rename_job, &r);
    if (e)
        return e;
    if (r.name)
        c->session.viewer.name = tidy;
    if (r.lang)
        c->session.viewer.lang = r.lang;
    return answer_json(c, status, session_json(c));
}

static enum err make_guest(struct call *c, const char *name)
{
    struct guest_new g;
    char tidy[NAME_SIZE];
    const char *lang = http_header(c->req, "accept-language");
    enum err e = account_tidy_name(c->cx, name, tidy);
    if (e)
        return e;
    guest_make(&g, tidy, account_lang(lang ? lang : ""));
    e = store_do(c->api->set.store, c->cx, "guest.create", guest_job, &g);
    if (e)
        return e;
    struct viewer v = {.id = g.viewer_id,
                       .public_id = g.public_id,
                       .kind = VIEWER_GUEST,
                       .name = tidy,
                       .lang = g.lang,
                       .created_ms = c->cx->now_ms};
    e = call_become(c, &g.session, &v);
    return e ? e : answer_json(c, 201, session_json(c));
}

enum err session_guest(struct call *c)
{
    const char *name = NULL;
    enum err e = json_need_text(c->cx, c->body, "name", 1, 200, &name);
    if (e)
        return e;
    if (c->who.account)
        return problem(c->cx, ERR_CONFLICT, "signed in as an account: sign out first");
    return c->signed_on ? rename_viewer(c, 201, name, NULL) : make_guest(c, name);
}

static enum err leave_job(struct tx *tx, void *arg)
{
    return session_end(tx, arg);
}

enum err session_leave(struct call *c)
{
    enum err e = store_do(c->api->set.store, c->cx, "session.end", leave_job, c->session.hash);
    if (e)
        return e;
    room_session_ended(c->api->set.room, c->session.hash);
    call_set_cookie(c, "nm_session", "", 0);
    return answer_empty(c, 204);
}

enum err me_get(struct call *c)
{
    const struct viewer *v = &c->session.viewer;
    const char *email = c->who.staff_count ? c->who.staff[0].email : NULL;
    return answer_json(c, 200,
                       json_pack("{s:s,s:s,s:s?,s:s}", "id", v->public_id, "name", v->name, "email",
                                 email, "lang", room_lang_name(room_lang_of(v->lang))));
}

enum err me_patch(struct call *c)
{
    const char *name = NULL, *lang = NULL;
    enum err e = json_opt_text(c->cx, c->body, "name", 200, &name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 20, &lang);
    return e ? e : rename_viewer(c, 200, name, lang);
}
