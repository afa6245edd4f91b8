/*
 * What providers of logins send by themselves, and what does not come the plain way back: Apple's
 * form, LIFF's token, words of Facebook and Apple that somebody left.
 */
#include "account/identity.h"
#include "account/limit.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/form.h"
#include "login/apple.h"
#include "login/liff.h"
#include "login/signed_request.h"
#include "privacy/privacy.h"
#include "store/store.h"

#include <string.h>

/* Forged, or not for us: a counter, and a log line a second at most. */
static void count_forged(struct call *c, const char *kind)
{
    int64_t more = 0;
    atomic_fetch_add(&c->api->count.webhook_forged, 1);
    if (log_pace(&c->api->forged_log, clock_mono_ms(), &more))
        log_warn("webhook refused", LOG_S("req", c->cx->id), LOG_S("kind", kind),
                 LOG_S("why", c->cx->problem), LOG_S("addr", c->who.addr), LOG_I("more", more));
}

static enum err read_form(struct call *c, struct form **ret_form)
{
    size_t len;
    const char *body = http_body(c->req, &len);
    *ret_form = arena_new(c->cx->arena, struct form);
    return *ret_form ? form_read(c->cx, body, len, *ret_form) : ERR_NO_MEMORY;
}

/* ---- Apple's answer, by the browser's POST from their site ---- */

enum err login_callback_posted(struct call *c)
{
    struct form *f;
    enum err e = read_form(c, &f);
    if (e)
        return e;
    struct login_back back = {.provider = "apple",
                              .state = form_get(f, "state"),
                              .code = form_get(f, "code"),
                              .error = form_get(f, "error"),
                              .iss = form_get(f, "iss"),
                              .user = form_get(f, "user"),
                              .browser = login_browser(c, true),
                              .posted = true};
    return login_come_back(c, &back);
}

/* ---- LIFF ---- */

enum err login_liff_post(struct call *c)
{
    const char *token = NULL, *why = "";
    struct login_who who;
    int64_t wait_ms = 0;
    enum err e = json_need_text(c->cx, c->body, "id_token", 1, 8192, &token);
    if (!e)
        e = limit_take(c->api->set.limits, LIMIT_LOGIN_BACK_ADDR, c->who.fence, c->cx->now_ms,
                       &wait_ms);
    if (e == ERR_SLOW_DOWN)
        c->retry_ms = wait_ms;
    if (!e && c->who.account)
        e = problem(c->cx, ERR_CONFLICT, "signed in as an account: sign out first");
    if (!e)
        e = login_liff(c->api->set.login, c->cx, token, &who, &why);
    if (*why)
        log_info("login", LOG_S("req", c->cx->id), LOG_S("provider", "line"),
                 LOG_S("result", "failed"), LOG_S("why", why));
    return e ? e : login_answer_session(c, &who);
}

/* ---- somebody left ---- */

enum gone_as {
    GONE_WORD,   /* their word was taken back: sessions that rest on it end */
    GONE_THERE,  /* they are no more at the provider: this way in goes, all of them if it was the
                    last */
    GONE_FORGET, /* they want to be forgotten */
};

enum { ASKED_SKEW_MS = 60000 };

struct gone {
    struct api *api;
    enum gone_as as;
    const char *provider, *subject;
    int64_t asked_ms;                  /* who came (again) after that is not meant; 0: not said */
    const struct apple_notice *notice; /* to be heard once; or NULL */
    struct erasure erasure;
    struct session_seen *sessions; /* theirs, before */
    size_t sessions_n;
    bool erased; /* the job's */
};

/* A request that comes again, late: they were forgotten then, and are here anew. */
static enum err is_meant(struct tx *tx, const struct gone *g, int64_t viewer_id)
{
    struct identity *list = NULL;
    size_t n = 0;
    enum err e = g->asked_ms ? identity_list(tx->db, tx->cx->arena, viewer_id, &list, &n) : ERR_OK;
    for (size_t i = 0; !e && i < n; i++)
        if (strcmp(list[i].provider, g->provider) == 0 &&
            strcmp(list[i].subject, g->subject) == 0 &&
            list[i].linked_ms > g->asked_ms + ASKED_SKEW_MS)
            return ERR_NOT_FOUND;
    return e;
}

/* While they have another way in this one goes; its provider is told nothing: it told us. */
static enum err unlink_if_not_last(struct tx *tx, const struct gone *g, int64_t viewer_id,
                                   bool *ret_done)
{
    struct identity *list = NULL;
    struct identity_gone gone;
    size_t n = 0;
    *ret_done = false;
    enum err e = identity_list(tx->db, tx->cx->arena, viewer_id, &list, &n);
    for (size_t i = 0; !e && i < n; i++)
        if (strcmp(list[i].provider, g->provider) == 0 &&
            strcmp(list[i].subject, g->subject) == 0) {
            e = identity_unlink(tx, viewer_id, list[i].public_id, NULL, &gone);
            *ret_done = !e;
            return e == ERR_CONFLICT ? ERR_OK : e;
        }
    return e;
}

/*
 * The owner of a shop who is alone there cannot go: its buyers' orders would be left with nobody.
 * What the provider told us of them goes all the same.
 */
static enum err forget(struct tx *tx, struct gone *g, int64_t viewer_id)
{
    enum err e = privacy_erase(tx, g->api->set.privacy, viewer_id, g->provider, &g->erasure);
    g->erased = !e;
    if (e != ERR_CONFLICT)
        return e;
    tx->cx->problem[0] = '\0';
    e = identity_drop_sessions(tx, g->provider, g->subject);
    return e || g->as != GONE_FORGET ? e : privacy_nobody(tx, g->provider, &g->erasure);
}

static enum err gone_job(struct tx *tx, void *arg)
{
    struct gone *g = arg;
    int64_t viewer_id = 0;
    bool done = false;
    g->erased = false;
    enum err e = g->notice ? apple_notice_once(tx, g->notice) : ERR_OK;
    if (!e)
        e = identity_find(tx->db, g->provider, g->subject, &viewer_id);
    if (!e)
        e = is_meant(tx, g, viewer_id);
    if (e == ERR_NOT_FOUND) {
        tx->cx->problem[0] = '\0';
        return g->as == GONE_FORGET ? privacy_nobody(tx, g->provider, &g->erasure) : ERR_OK;
    }
    if (e)
        return e == ERR_EXISTS ? ERR_OK : e; /* heard before */
    if (g->as == GONE_WORD)
        return identity_drop_sessions(tx, g->provider, g->subject);
    if (g->as == GONE_THERE)
        e = unlink_if_not_last(tx, g, viewer_id, &done);
    return e || done ? e : forget(tx, g, viewer_id);
}

/* Their sessions before, to end the streams of those that rest on this provider. */
static enum err read_sessions(struct call *c, struct gone *g)
{
    struct db *db = NULL;
    int64_t viewer_id = 0;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = identity_find(db, g->provider, g->subject, &viewer_id);
    if (!e)
        e = session_list(db, c->cx, viewer_id, &g->sessions, &g->sessions_n);
    store_read_end(db);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err take_leave(struct call *c, struct gone *g)
{
    g->api = c->api;
    erasure_make(&g->erasure);
    enum err e = read_sessions(c, g);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "login.gone", gone_job, g);
    if (e)
        return e;
    if (g->erased)
        privacy_erased(c->api->set.privacy, &g->erasure);
    for (size_t i = 0; !g->erased && i < g->sessions_n; i++)
        if (strcmp(g->sessions[i].provider, g->provider) == 0)
            room_session_ended(c->api->set.room, g->sessions[i].hash.p);
    atomic_fetch_add(&c->api->count.webhook_ok, 1);
    log_info("somebody left a provider", LOG_S("req", c->cx->id), LOG_S("provider", g->provider),
             LOG_S("erased", g->erased ? "yes" : "no"));
    return ERR_OK;
}

/* ---- Facebook ---- */

static enum err read_signed(struct call *c, struct signed_request *r)
{
    const struct provider *p = provider_find(login_providers(c->api->set.login), "facebook");
    struct form *f = NULL;
    if (!p)
        return problem(c->cx, ERR_NOT_FOUND, "Facebook is not set up");
    enum err e = read_form(c, &f);
    const char *text = e ? "" : form_text(f, "signed_request");
    if (!e)
        e = signed_request_read(c->cx, p->secret, text, strlen(text), r);
    if (e == ERR_INPUT || e == ERR_FORBIDDEN)
        count_forged(c, "facebook");
    return e;
}

enum err webhook_facebook_deauthorize(struct call *c)
{
    struct signed_request r = {.user_id = ""};
    enum err e = read_signed(c, &r);
    if (!e)
        e = take_leave(
            c, &(struct gone){.as = GONE_WORD, .provider = "facebook", .subject = r.user_id});
    return e ? e : answer_json(c, 200, json_object());
}

enum err webhook_facebook_deletion(struct call *c)
{
    struct signed_request r = {.user_id = ""};
    struct gone g = {.as = GONE_FORGET, .provider = "facebook", .subject = r.user_id};
    enum err e = read_signed(c, &r);
    g.asked_ms = e ? 0 : r.issued_ms;
    if (!e)
        e = take_leave(c, &g);
    const char *code = g.erasure.code;
    const char *url =
        e ? NULL : arena_fmt(c->cx->arena, "%s/deletion/%s", c->api->public_url, code);
    if (!e && !url)
        e = ERR_NO_MEMORY;
    return e ? e
             : answer_json(c, 200, json_pack("{s:s,s:s}", "url", url, "confirmation_code", code));
}

/* ---- Apple ---- */

/* Apple sends a notice once: what we cannot check just now must not be answered with 200. */
enum err webhook_apple(struct call *c)
{
    size_t len;
    struct apple_notice n;
    const char *body = http_body(c->req, &len);
    enum err e = apple_notice_read(c->api->set.login, c->cx, body, len, &n);
    if (e == ERR_INPUT || e == ERR_FORBIDDEN)
        count_forged(c, "apple");
    if (!e && n.event != APPLE_OTHER)
        e = take_leave(
            c, &(struct gone){.as = n.event == APPLE_ACCOUNT_DELETED ? GONE_THERE : GONE_WORD,
                              .provider = "apple",
                              .subject = n.subject,
                              .notice = &n});
    return e ? e : answer_empty(c, 200);
}
