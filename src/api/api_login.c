/*
 * Signing in by a provider: off to it, and back. What goes wrong on the way back is a page of ours
 * that says so; codes, states and tokens are in no header of ours but the one redirect to the
 * provider, and in no log.
 */
#include "account/limit.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/lang.h"
#include "login/login.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

enum { LOGIN_COOKIE_MAX = 200, SIGNIN_MAX = 4 * NEXT_MAX };

/* ---- the browser's key ---- */

/*
 * A posted answer comes from another site: only a cookie of SameSite=None comes with it, and those
 * are for https alone.
 */
static const char *key_name(const struct call *c, bool posted)
{
    if (posted)
        return call_is_https(c) ? "__Host-lta" : "nm_lta";
    return call_is_https(c) ? "__Host-lt" : "nm_lt";
}

static void set_key(struct call *c, const struct login_sent *sent)
{
    char text[LOGIN_COOKIE_MAX];
    bool https = call_is_https(c);
    (void)snprintf(text, sizeof text, "%s=%s; Path=/; HttpOnly; SameSite=%s; Max-Age=%d%s",
                   key_name(c, sent->form_post), sent->browser,
                   sent->form_post && https ? "None" : "Lax", TRY_MS / 1000,
                   https ? "; Secure" : "");
    http_add(c->req, "Set-Cookie", text);
}

const char *login_browser(const struct call *c, bool posted)
{
    return http_cookie(c->req, key_name(c, posted));
}

/* ---- answers ---- */

static void redirect(struct call *c, const char *to)
{
    http_add(c->req, "X-Content-Type-Options", "nosniff");
    http_add(c->req, "Referrer-Policy", "no-referrer");
    http_add(c->req, "Cross-Origin-Opener-Policy", "same-origin");
    http_add(c->req, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    if (c->api->https)
        http_add(c->req, "Strict-Transport-Security", "max-age=31536000");
    http_add(c->req, "Cache-Control", "no-store");
    http_add(c->req, "X-Request-Id", c->cx->id);
    http_redirect(c->req, 303, to);
}

/*
 * Facebook sends browsers back to "...#_=_", and they keep a fragment over a redirect that has
 * none: so ours has an empty one.
 */
static void redirect_back(struct call *c, const struct provider *p, const char *to)
{
    bool stray = p && p->kind == PROVIDER_FACEBOOK && !strchr(to, '#');
    const char *clean = stray ? arena_fmt(c->cx->arena, "%s#", to) : NULL;
    redirect(c, clean ? clean : to);
}

static void add_query(struct buf *b, const char *name, const char *value)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    buf_fmt(b, "&%s=", name);
    for (const char *s = value; *s; s++)
        if (strchr(plain, *s))
            buf_ch(b, *s);
        else
            buf_fmt(b, "%%%02X", (unsigned)(unsigned char)*s);
}

/* Back at the sign-in page, which has words for each code. */
static enum err refuse(struct call *c, enum login_code code, const char *provider, const char *next,
                       enum login_purpose purpose)
{
    struct buf to;
    const struct provider *p = provider_find(login_providers(c->api->set.login), provider);
    buf_init(&to, SIGNIN_MAX);
    buf_fmt(&to, "/signin?error=%s", login_code_text(code));
    if (p)
        add_query(&to, "provider", p->name);
    if (next)
        add_query(&to, "next", next);
    if (purpose != LOGIN_ENTER)
        add_query(&to, "purpose", purpose == LOGIN_LINK ? "link" : "proof");
    enum err e = buf_err(&to);
    if (!e)
        redirect_back(c, p, to.data);
    buf_done(&to);
    return e;
}

/* One of this address; and to set out, one of everybody's: a try is a row for ten minutes. */
static enum err take_limit(struct call *c, enum limit what)
{
    int64_t wait = 0;
    enum err e = what == LIMIT_LOGIN_START_ADDR
                     ? limit_take_both(c->api->set.limits, LIMIT_LOGIN_START_ALL, "all", what,
                                       c->who.fence, c->cx->now_ms, &wait)
                     : limit_take(c->api->set.limits, what, c->who.fence, c->cx->now_ms, &wait);
    if (!e)
        return ERR_OK;
    c->retry_ms = wait;
    return problem(c->cx, e, "too many logins from this address");
}

enum err login_providers_get(struct call *c)
{
    static const char *const kinds[] = {
        [PROVIDER_OPENID] = "openid", [PROVIDER_FACEBOOK] = "facebook", [PROVIDER_APPLE] = "apple"};
    const struct provider_list *list = login_providers(c->api->set.login);
    const struct provider *line = provider_find(list, "line");
    json_t *items = json_array();
    for (size_t i = 0; i < list->n; i++) {
        const struct provider *p = &list->item[i];
        (void)json_array_append_new(items, json_pack("{s:s,s:s,s:s}", "name", p->name, "label",
                                                     p->label, "kind", kinds[p->kind]));
    }
    return answer_json(c, 200,
                       json_pack("{s:o,s:s?}", "items", items, "liff_id",
                                 line && line->liff_id[0] ? line->liff_id : NULL));
}

/* ---- there ---- */

/* The language that the app shows: what this browser chose, the person's, then what it asks for. */
static const char *lang_here(struct call *c)
{
    enum lang l = lang_near(http_cookie(c->req, "nm_lang"));
    if (l == LANG_COUNT)
        l = lang_near(c->who.lang);
    return lang_name(l != LANG_COUNT ? l : lang_of(http_header(c->req, "accept-language")));
}

static enum err start(struct call *c, struct login_start *ask, struct login_sent *ret_sent)
{
    const struct provider *p =
        provider_find(login_providers(c->api->set.login), http_param(c->req, "name"));
    ask->provider = http_param(c->req, "name");
    ask->lang = lang_here(c);
    ask->browser = login_browser(c, p && p->form_post);
    ask->session_hash = c->signed_on ? c->session.hash : NULL;
    ask->viewer_id = c->signed_on ? c->session.viewer.id : 0;
    return login_start(c->api->set.login, c->cx, ask, ret_sent);
}

static bool says(struct call *c, const char *name, const char *want)
{
    const char *v = http_query(c->req, name);
    return v && strcmp(v, want) == 0;
}

enum err login_start_get(struct call *c)
{
    struct login_start ask = {.purpose = LOGIN_ENTER,
                              .next = http_query(c->req, "next"),
                              .retry = says(c, "retry", "1"),
                              .ask_email = says(c, "ask", "email")};
    struct login_sent sent;
    enum err e = take_limit(c, LIMIT_LOGIN_START_ADDR);
    if (e)
        return e;
    e = start(c, &ask, &sent);
    if (e == ERR_NOT_FOUND || e == ERR_UPSTREAM || e == ERR_TIMEOUT || e == ERR_BUSY)
        return refuse(c, e == ERR_NOT_FOUND ? LOGIN_UNSUPPORTED : LOGIN_PROVIDER_DOWN, ask.provider,
                      login_next(c->cx, ask.next), LOGIN_ENTER);
    if (e)
        return e;
    set_key(c, &sent);
    redirect(c, sent.url);
    return ERR_OK;
}

enum err login_start_post(struct call *c)
{
    const char *purpose = NULL;
    struct login_start ask = {.purpose = LOGIN_PROOF};
    struct login_sent sent;
    enum err e = json_need_text(c->cx, c->body, "purpose", 1, 8, &purpose);
    if (!e)
        e = json_opt_text(c->cx, c->body, "next", NEXT_MAX, &ask.next);
    if (!e && strcmp(purpose, "link") == 0)
        ask.purpose = LOGIN_LINK;
    else if (!e && strcmp(purpose, "proof") != 0)
        e = problem(c->cx, ERR_INPUT, "'purpose' must be link or proof");
    if (!e && ask.purpose == LOGIN_LINK)
        e = call_need_proof(c);
    if (!e)
        e = take_limit(c, LIMIT_LOGIN_START_ADDR);
    if (!e)
        e = start(c, &ask, &sent);
    if (e)
        return e;
    set_key(c, &sent);
    return answer_json(c, 200, json_pack("{s:s}", "url", sent.url));
}

/* ---- and back ---- */

/*
 * After a posted answer, whose cookies did not come: the session that this browser had when it set
 * out. The browser is the same, its key says so.
 */
static enum err earlier_guest(struct call *c, const struct login_done *d, int64_t *ret_guest_id)
{
    struct db *db = NULL;
    struct viewer v;
    int64_t id = 0;
    *ret_guest_id = 0;
    if (c->signed_on || !d->had_session)
        return ERR_OK;
    enum err e = store_read(c->api->set.store, &db);
    if (e)
        return e;
    e = session_viewer(db, d->session_hash, c->cx->now_ms, &id);
    if (!e)
        e = viewer_by_id(db, c->cx->arena, id, &v);
    store_read_end(db);
    if (!e && v.kind == VIEWER_GUEST)
        *ret_guest_id = id;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The page says it above the buttons: who goes on agrees. */
static void agree(struct call *c, const struct viewer *v)
{
    json_t *said = json_pack("{s:b,s:b}", "terms", 1, "privacy", 1);
    call_sign_up_consents(c, v->id, v->lang, said);
    json_decref(said);
}

static enum err enter_as(struct call *c, const struct login_who *who, const struct login_done *d)
{
    int64_t guest_id = 0;
    struct login_entered in = {.was_linked = false};
    bool earlier = d && d->had_session && !c->signed_on;
    const struct login_enter ask = {.who = who,
                                    .lang = lang_here(c),
                                    .agent = http_header(c->req, "user-agent"),
                                    .old_cookie = call_cookie(c, "nm_session"),
                                    .old_hash = earlier ? d->session_hash : NULL};
    enum err e = earlier ? earlier_guest(c, d, &guest_id) : ERR_OK;
    if (!e)
        e = login_enter(c->api->set.login, c->cx, &ask, &in);
    if (e)
        return e;
    if (in.is_new)
        agree(c, &in.viewer);
    if (in.was_linked)
        call_tell(c, in.viewer.id, "identity_added", who->proof.provider);
    if (earlier)
        room_session_ended(c->api->set.room, d->session_hash);
    if (guest_id)
        call_merge_guest(c, guest_id, in.viewer.id);
    return call_enter(c, &in.session, &in.viewer);
}

enum err login_answer_session(struct call *c, const struct login_who *who)
{
    enum err e = enter_as(c, who, NULL);
    return e ? e : answer_json(c, 201, session_json(c));
}

static enum err prove(struct call *c, const struct login_done *d)
{
    struct session_new fresh = {.expires_ms = 0};
    struct viewer v;
    const struct login_prove ask = {.who = &d->who,
                                    .viewer_id = d->viewer_id,
                                    .session_hash = d->session_hash,
                                    .agent = http_header(c->req, "user-agent")};
    enum err e = login_prove(c->api->set.login, c->cx, &ask, &fresh, &v);
    if (e)
        return e;
    room_session_ended(c->api->set.room, d->session_hash);
    return call_enter(c, &fresh, &v);
}

/* Whoever has the account hears that it has one more way in. */
static enum err link_to(struct call *c, const struct login_done *d)
{
    enum err e = login_link(c->api->set.login, c->cx, d->viewer_id, d->session_hash, &d->who);
    if (!e)
        call_tell(c, d->viewer_id, "identity_added", d->who.proof.provider);
    return e;
}

/* What the proof is for; refusals become a code. */
static enum err act(struct call *c, struct login_done *d)
{
    enum err e = ERR_OK;
    switch (d->purpose) {
    case LOGIN_ENTER: return enter_as(c, &d->who, d);
    case LOGIN_LINK: e = link_to(c, d); break;
    case LOGIN_PROOF: e = prove(c, d); break;
    }
    if (e == ERR_EXISTS)
        d->code = LOGIN_TAKEN;
    else if (e == ERR_CONFLICT)
        d->code = LOGIN_WRONG_ACCOUNT;
    else if (e == ERR_LIMIT || e == ERR_NOT_FOUND || e == ERR_INPUT)
        d->code = LOGIN_FAILED;
    else
        return e;
    d->why = "it was proved, and cannot be used for that";
    return ERR_OK;
}

/* Strangers can cause refusals as they like: those lines are paced. */
static void note(struct call *c, const struct login_done *d, enum err e, int64_t took_ms)
{
    static struct log_pace pace;
    int64_t before = 0;
    if ((e || d->code != LOGIN_DONE) && !log_pace(&pace, clock_mono_ms(), &before))
        return;
    log_info("login", LOG_S("req", c->cx->id), LOG_S("provider", d->provider),
             LOG_S("result", e ? err_api(e) : login_code_text(d->code)), LOG_S("why", d->why),
             LOG_I("ms", took_ms), LOG_S("subject", d->tag), LOG_I("left_out", before));
}

enum err login_come_back(struct call *c, struct login_back *back)
{
    struct login_done d = {.code = LOGIN_FAILED, .next = "/", .why = "", .provider = ""};
    int64_t began_ms = clock_mono_ms();
    enum err e = take_limit(c, LIMIT_LOGIN_BACK_ADDR);
    if (e)
        return e;
    back->session_hash = c->signed_on ? c->session.hash : NULL;
    e = login_finish(c->api->set.login, c->cx, back, &d);
    if (!e && d.code == LOGIN_DONE)
        e = act(c, &d);
    if (!provider_find(login_providers(c->api->set.login), d.provider))
        d.provider = ""; /* a stranger's word */
    note(c, &d, e, clock_mono_ms() - began_ms);
    if (e) { /* ours, and noted: the person is told where they are, not in JSON */
        c->cx->problem[0] = '\0';
        d.code = LOGIN_FAILED;
    }
    if (d.code != LOGIN_DONE)
        return refuse(c, d.code, d.provider, d.next, d.purpose);
    redirect_back(c, provider_find(login_providers(c->api->set.login), d.provider), d.next);
    return ERR_OK;
}

enum err login_callback_get(struct call *c)
{
    struct login_back back = {.provider = http_param(c->req, "name"),
                              .state = http_query(c->req, "state"),
                              .code = http_query(c->req, "code"),
                              .error = http_query(c->req, "error"),
                              .iss = http_query(c->req, "iss")};
    const struct provider *p = provider_find(login_providers(c->api->set.login), back.provider);
    back.browser = login_browser(c, p && p->form_post);
    return login_come_back(c, &back);
}
