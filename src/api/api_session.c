#include "api/call_in.h"
#include "base/arena.h"
#include "base/lang.h"
#include "catalog/market.h"
#include "store/store.h"

#include <string.h>

enum { BUSY_MS = 2000 };

enum err session_current(struct call *c)
{
    enum err e = call_need_device(c);
    return e ? e : answer_json(c, 200, session_json(c));
}

/* After signing in or up. */
static enum err enter(struct call *c, enum err e, int64_t wait_ms, struct session_new *fresh,
                      const struct viewer *v)
{
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait_ms;
    if (e == ERR_BUSY)
        c->retry_ms = BUSY_MS;
    if (!e)
        e = call_enter(c, fresh, v);
    return e ? e : answer_json(c, 201, session_json(c));
}

enum err session_sign_in(struct call *c)
{
    int64_t wait_ms = -1;
    struct sign_in ask = {.fence = c->who.fence,
                          .old_cookie = call_cookie(c, "nm_session"),
                          .ret_wait_ms = &wait_ms,
                          .agent = http_header(c->req, "user-agent")};
    struct session_new fresh = {.expires_ms = 0};
    struct viewer v;
    enum err e = json_need_text(c->cx, c->body, "email", 1, EMAIL_SIZE, &ask.email);
    if (!e)
        e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &ask.password);
    if (!e)
        e = account_sign_in(c->api->set.store, c->api->set.limits, c->cx, &ask, &fresh, &v);
    return enter(c, e, wait_ms, &fresh, &v);
}

enum err accounts_post(struct call *c)
{
    int64_t wait_ms = -1;
    const char *lang = http_header(c->req, "accept-language");
    struct sign_up ask = {.lang = lang ? lang : "",
                          .fence = c->who.fence,
                          .old_cookie = call_cookie(c, "nm_session"),
                          .ret_wait_ms = &wait_ms,
                          .agent = http_header(c->req, "user-agent")};
    struct session_new fresh = {.expires_ms = 0};
    struct viewer v = {.id = 0};
    enum err e = json_need_text(c->cx, c->body, "email", 1, EMAIL_SIZE, &ask.email);
    if (!e)
        e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &ask.password);
    if (!e)
        e = json_need_text(c->cx, c->body, "name", 1, 200, &ask.name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 20, &ask.lang);
    if (!e && c->who.account)
        e = problem(c->cx, ERR_CONFLICT, "signed in as an account: sign out first");
    if (!e)
        e = account_sign_up(c->api->set.store, c->api->set.limits, c->cx, &ask, &fresh, &v);
    if (!e)
        call_sign_up_consents(c, v.id, v.lang, json_object_get(c->body, "consents"));
    return enter(c, e, wait_ms, &fresh, &v);
}

static enum err guest_job(struct tx *tx, void *arg)
{
    return guest_create(tx, arg);
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
    g.agent = http_header(c->req, "user-agent");
    e = store_do(c->api->set.store, c->cx, "guest.create", guest_job, &g);
    if (e)
        return e;
    struct viewer v = {.id = g.viewer_id,
                       .public_id = g.public_id,
                       .kind = VIEWER_GUEST,
                       .name = tidy,
                       .lang = g.lang,
                       .market = account_market(g.lang),
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
    return c->signed_on ? call_rename(c, 201, name) : make_guest(c, name);
}

static enum err leave_job(struct tx *tx, void *arg)
{
    return session_end(tx, arg);
}

enum err session_proof(struct call *c)
{
    int64_t wait_ms = -1;
    struct proof_ask ask = {.fence = c->who.fence,
                            .agent = http_header(c->req, "user-agent"),
                            .viewer_id = c->who.viewer_id,
                            .session_hash = c->session.hash,
                            .ret_wait_ms = &wait_ms};
    struct session_new fresh = {.expires_ms = 0};
    const struct viewer same = c->session.viewer;
    struct db *db = NULL;
    enum err e = json_need_text(c->cx, c->body, "password", 1, PASSWORD_CHARS_MAX, &ask.password);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = viewer_email(db, c->cx->arena, c->who.viewer_id, &ask.email);
    store_read_end(db);
    if (!e)
        e = account_prove(c->api->set.store, c->api->set.limits, c->cx, &ask, &fresh);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait_ms;
    if (e == ERR_BUSY)
        c->retry_ms = BUSY_MS;
    if (!e)
        e = call_enter(c, &fresh, &same);
    return e ? e : answer_json(c, 200, session_json(c));
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
