/* Who asks, may they, and not too often: before any handler runs. */
#include "account/limit.h"
#include "api/call_in.h"
#include "api/origin.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

enum {
    COOKIE_DAYS = 180,
    DAY_S = 24 * 3600,
    COOKIE_MAX = 400,
    COOKIE_NAME_MAX = 64,
    DEVICE_TEXT = ID_TEXT + 24
};

/* ---- cookies ---- */

bool call_is_https(const struct call *c)
{
    return c->api->https || http_is_https(c->req);
}

/* With the prefix no other host of the domain, and nobody on plain http, can plant one. */
static const char *cookie_prefix(const struct call *c, const char *name)
{
    return call_is_https(c) && text_has_prefix(name, "nm_") ? "__Host-" : "";
}

void call_set_cookie(struct call *c, const char *name, const char *value, int64_t max_age_s)
{
    char text[COOKIE_MAX];
    (void)snprintf(text, sizeof text, "%s%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
                   cookie_prefix(c, name), name, value, (long long)max_age_s,
                   call_is_https(c) ? "; Secure" : "");
    http_add(c->req, "Set-Cookie", text);
}

const char *call_cookie(const struct call *c, const char *name)
{
    char full[COOKIE_NAME_MAX];
    (void)snprintf(full, sizeof full, "%s%s", cookie_prefix(c, name), name);
    return http_cookie(c->req, full);
}

/* A browser without a session proves its requests by its device cookie. */
static void be_device(struct call *c, const char *device)
{
    unsigned char mac[SHA256_LEN];
    char text[ID_TEXT + 8];
    (void)snprintf(text, sizeof text, "csrf:%s", device);
    crypto_hmac_sha256(c->api->set.key, SECRET_KEY_LEN, text, strlen(text), mac);
    crypto_base64url_text(mac, sizeof mac, c->device_csrf);
    c->csrf = c->device_csrf;
    c->device = c->who.device = device;
}

/*
 * What the cookie says: the id and a MAC by our key. Who makes ids up is nobody: viewers are
 * counted and paced by them.
 */
static void device_text(const struct call *c, const char *id, char out[DEVICE_TEXT])
{
    unsigned char mac[SHA256_LEN];
    char text[ID_TEXT + 8], sum[TOKEN_TEXT];
    (void)snprintf(text, sizeof text, "device:%s", id);
    crypto_hmac_sha256(c->api->set.key, SECRET_KEY_LEN, text, strlen(text), mac);
    crypto_base64url_text(mac, sizeof mac, sum);
    (void)snprintf(out, DEVICE_TEXT, "%s.%.22s", id, sum);
}

enum err call_need_device(struct call *c)
{
    char value[DEVICE_TEXT];
    if (c->signed_on || c->device)
        return ERR_OK;
    char *id = arena_bytes(c->cx->arena, ID_TEXT, 1);
    if (!id)
        return ERR_NO_MEMORY;
    device_make(id);
    device_text(c, id, value);
    call_set_cookie(c, "nm_device", value, (int64_t)COOKIE_DAYS * DAY_S);
    be_device(c, id);
    return ERR_OK;
}

/* A cookie that is not ours is none. */
static enum err read_device(struct call *c, const char *cookie)
{
    char want[DEVICE_TEXT];
    size_t len = strcspn(cookie, ".");
    char *id = arena_dup(c->cx->arena, cookie, len);
    if (!id)
        return ERR_NO_MEMORY;
    if (!device_ok(id))
        return ERR_OK;
    device_text(c, id, want);
    if (crypto_same(cookie, strlen(cookie), want, strlen(want)))
        be_device(c, id);
    return ERR_OK;
}

/* ---- who ---- */

static enum err read_who(struct call *c, struct db *db)
{
    struct staff *list = NULL;
    enum err e =
        staff_of_viewer(db, c->cx->arena, c->session.viewer.id, &list, &c->who.staff_count);
    c->who.staff = list;
    c->who.session = c->session.hash;
    c->who.viewer_id = c->session.viewer.id;
    c->who.name = c->session.viewer.name;
    c->who.lang = c->session.viewer.lang;
    c->who.market = c->session.viewer.market;
    c->who.account = c->session.viewer.kind == VIEWER_ACCOUNT;
    return e;
}

static enum err touch_job(struct tx *tx, void *arg)
{
    return session_touch(tx, arg);
}

/* A session that could not be made longer is good all the same. */
static void touch(struct call *c)
{
    enum err e = store_do(c->api->set.store, c->cx, "session.touch", touch_job, c->session.hash);
    if (e)
        log_warn("session not moved on", LOG_S("req", c->cx->id), LOG_S("err", err_api(e)));
    c->cx->problem[0] = '\0';
}

static enum err read_session(struct call *c, const char *cookie)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (e)
        return e;
    e = session_find(db, c->cx, cookie, &c->session);
    c->signed_on = !e;
    if (!e)
        e = read_who(c, db);
    store_read_end(db);
    if (e == ERR_NEED_LOGIN) { /* ended or forged: nobody, until the handler minds */
        c->cx->problem[0] = '\0';
        return ERR_OK;
    }
    if (!e && c->session.stale)
        touch(c);
    return e;
}

/* Whom a limit by address is for: one IPv4 address, or an IPv6 network: a /64 is one customer's. */
static void fence_text(const struct addr *peer, char out[ADDR_TEXT])
{
    struct addr net = *peer;
    if (!addr_is_v4(peer))
        memset(net.ip + 8, 0, sizeof net.ip - 8);
    addr_text(&net, out);
}

enum err call_identify(struct call *c)
{
    const char *cookie = call_cookie(c, "nm_session");
    const char *device = call_cookie(c, "nm_device");
    addr_text(http_peer(c->req), c->addr);
    fence_text(http_peer(c->req), c->fence);
    c->who.addr = c->addr;
    c->who.fence = c->fence;
    c->csrf = "";
    const char *lang = http_header(c->req, "accept-language");
    c->who.market = account_market(account_lang(lang ? lang : ""));
    enum err e = device ? read_device(c, device) : ERR_OK;
    if (!e && cookie && cookie[0])
        e = read_session(c, cookie);
    if (!e && c->signed_on)
        c->csrf = c->session.csrf;
    return e;
}

enum err call_become(struct call *c, const struct session_new *s, const struct viewer *v)
{
    struct db *db = NULL;
    c->session.viewer = *v;
    memcpy(c->session.csrf, s->csrf, sizeof s->csrf);
    memcpy(c->session.hash, s->hash, sizeof s->hash);
    c->session.auth_ms = s->auth_ms;
    c->signed_on = true;
    c->csrf = c->session.csrf;
    enum err e = store_read(c->api->set.store, &db);
    if (e)
        return e;
    e = read_who(c, db);
    store_read_end(db);
    if (!e) /* an error must not carry a good session */
        call_set_cookie(c, "nm_session", s->cookie, (int64_t)COOKIE_DAYS * DAY_S);
    return e;
}

/* ---- how they came, and whether it is still them ---- */

struct session_how call_how(const struct call *c, const char *provider)
{
    return (struct session_how){
        .provider = provider, .agent = http_header(c->req, "user-agent"), .auth_ms = c->cx->now_ms};
}

enum err call_enter(struct call *c, struct session_new *fresh, const struct viewer *v)
{
    bool guest = c->signed_on && !c->who.account;
    int64_t guest_id = guest ? c->session.viewer.id : 0;
    if (c->signed_on)
        room_session_ended(c->api->set.room, c->session.hash);
    if (guest && guest_id != v->id)
        call_merge_guest(c, guest_id, v->id);
    enum err e = call_become(c, fresh, v);
    crypto_wipe(fresh, sizeof *fresh);
    return e;
}

enum err call_need_proof(struct call *c)
{
    return session_is_proved(&c->session, c->cx->now_ms)
               ? ERR_OK
               : problem(c->cx, ERR_NEED_PROOF, "prove first that it is still you");
}

/* ---- may they ---- */

/* Browsers send Origin with every POST; other programs carry no cookies of ours. */
static enum err check_origin(struct call *c)
{
    const char *origin = http_header(c->req, "origin");
    const char *site = http_header(c->req, "sec-fetch-site");
    bool foreign = (origin && !origin_is_ours(c->api->public_url, origin)) ||
                   (site && (strcmp(site, "cross-site") == 0 || strcmp(site, "same-site") == 0));
    return foreign ? problem(c->cx, ERR_CSRF, "the request comes from another site") : ERR_OK;
}

static enum err check_token(struct call *c)
{
    const char *sent = http_header(c->req, "x-csrf-token");
    bool ok = sent && c->csrf[0] &&
              (c->signed_on ? session_csrf_ok(&c->session, sent)
                            : crypto_same(sent, strlen(sent), c->csrf, strlen(c->csrf)));
    return ok ? ERR_OK : problem(c->cx, ERR_CSRF, "X-CSRF-Token is missing or not this browser's");
}

static enum err check_who(struct call *c)
{
    switch (c->route->who) {
    case ANYONE: return ERR_OK;
    case NAMED: return c->signed_on ? ERR_OK : problem(c->cx, ERR_NEED_LOGIN, "give a name first");
    case ACCOUNT: return c->who.account ? ERR_OK : problem(c->cx, ERR_NEED_LOGIN, "sign in first");
    case STAFF:
        if (!c->who.account)
            return problem(c->cx, ERR_NEED_LOGIN, "sign in first");
        return c->who.staff_count ? ERR_OK
                                  : problem(c->cx, ERR_FORBIDDEN, "this is for the shop's staff");
    }
    return ERR_INTERNAL;
}

static enum err take(struct call *c, enum limit narrow, const char *key, enum limit wide)
{
    int64_t wait = 0;
    enum err e =
        limit_take_both(c->api->set.limits, narrow, key, wide, c->who.fence, c->cx->now_ms, &wait);
    if (e == ERR_SLOW_DOWN) {
        c->retry_ms = wait;
        return problem(c->cx, e, "too many requests");
    }
    return e;
}

static enum err check_pace(struct call *c)
{
    const char *key = c->signed_on ? c->session.viewer.public_id : c->device;
    switch (c->route->pace) {
    case PACE_NONE: return ERR_OK;
    case PACE_GUEST: return take(c, LIMIT_GUEST_ADDR, NULL, LIMIT_GUEST_ADDR);
    case PACE_HEARTBEAT: return take(c, LIMIT_HEARTBEAT_VIEWER, key, LIMIT_HEARTBEAT_ADDR);
    case PACE_WRITE: return take(c, LIMIT_WRITE_VIEWER, key, LIMIT_WRITE_ADDR);
    }
    return ERR_INTERNAL;
}

static void free_json(void *o)
{
    json_decref(o);
}

static bool is_type(const char *type, const char *want)
{
    if (!type)
        return false;
    size_t n = strcspn(type, "; \t");
    return n == strlen(want) && strncasecmp(type, want, n) == 0;
}

static enum err read_body(struct call *c)
{
    size_t len;
    const char *body = http_body(c->req, &len);
    if (!c->route->body[0])
        return ERR_OK;
    if (!len && strcmp(c->route->body, "Empty") == 0)
        return ERR_OK;
    if (strchr(c->route->body, '/')) /* a media type: the handler reads it */
        return is_type(http_header(c->req, "content-type"), c->route->body)
                   ? ERR_OK
                   : problem(c->cx, ERR_MEDIA_TYPE, "Content-Type must be %s", c->route->body);
    if (!is_type(http_header(c->req, "content-type"), "application/json"))
        return problem(c->cx, ERR_MEDIA_TYPE, "Content-Type must be application/json");
    enum err e = json_read_object(c->cx, body, len, &c->body);
    if (!e && arena_at_end(c->cx->arena, free_json, c->body) != 0) {
        c->body = NULL; /* already given back */
        e = ERR_NO_MEMORY;
    }
    return e;
}

static enum err guard_all(struct call *c)
{
    enum err e = call_identify(c);
    if (!e && c->route->guard != OPEN)
        e = check_origin(c);
    if (!e && c->route->guard == TOKEN)
        e = check_token(c);
    if (!e)
        e = check_who(c);
    if (!e)
        e = check_pace(c);
    return e ? e : read_body(c);
}

static struct call call_of(struct http_req *req)
{
    return (struct call){.req = req,
                         .api = http_app(req),
                         .cx = http_cx(req),
                         .route = http_route_of(req)->arg,
                         .retry_ms = -1,
                         .until_ms = -1};
}

void call_run(struct http_req *req)
{
    struct call c = call_of(req);
    enum err e = guard_all(&c);
    if (!e)
        e = c.route->run(&c);
    if (e == ERR_FORBIDDEN)
        call_note_refusal(&c);
    if (e)
        answer_problem(&c, e);
}

void call_run_at_once(struct http_req *req)
{
    struct call c = call_of(req);
    enum err e = c.route->run(&c);
    if (e)
        answer_problem(&c, e);
}
