/* Out of an in-app browser into another one: a guest's place, draft and cart, by a link. */
#include "account/handover.h"
#include "api/call_in.h"
#include "base/arena.h"
#include "notify/notify.h"
#include "store/store.h"

#include <string.h>

/* ---- the link ---- */

struct put {
    struct handover h;
    struct handover_new fresh;
    int64_t expires_ms;
};

static enum err put_job(struct tx *tx, void *arg)
{
    struct put *p = arg;
    return handover_put(tx, &p->h, &p->fresh, &p->expires_ms);
}

/* Of an account only path and draft go: a link that is passed on opens nobody's account. */
enum err handover_post(struct call *c)
{
    bool guest = c->signed_on && !c->who.account;
    struct put p = {.h = {.owner = c->signed_on ? c->session.viewer.public_id : c->device,
                          .guest_id = guest ? c->session.viewer.id : 0,
                          .draft = ""}};
    enum err e = json_need_text(c->cx, c->body, "path", 1, PATH_MAX_CHARS, &p.h.path);
    if (!e)
        e = json_opt_text(c->cx, c->body, "draft", DRAFT_CHARS_MAX, &p.h.draft);
    if (e)
        return e;
    handover_make(&p.fresh);
    e = store_do(c->api->set.store, c->cx, "handover.put", put_job, &p);
    const char *url =
        arena_fmt(c->cx->arena, "%s/h?openExternalBrowser=1#%s", c->api->public_url, p.fresh.token);
    crypto_wipe(&p.fresh, sizeof p.fresh);
    if (!e && !url)
        e = ERR_NO_MEMORY;
    return e ? e
             : answer_json(
                   c, 201,
                   json_pack("{s:s,s:I}", "url", url, "expires_at", (json_int_t)p.expires_ms));
}

/* ---- what a tap would do ---- */

enum would { WOULD_NOTHING, WOULD_BECOME, WOULD_REPLACE, WOULD_MERGE };

static const char *const would_names[] = {
    [WOULD_NOTHING] = "nothing",
    [WOULD_BECOME] = "become",
    [WOULD_REPLACE] = "replace",
    [WOULD_MERGE] = "merge",
};

static enum would would(const struct call *c, const struct handover *h)
{
    if (!h->guest_id || (c->signed_on && c->session.viewer.id == h->guest_id))
        return WOULD_NOTHING;
    if (c->who.account)
        return WOULD_MERGE;
    return c->signed_on ? WOULD_REPLACE : WOULD_BECOME;
}

static enum err need_token(struct call *c, const char **ret_token)
{
    return json_need_text(c->cx, c->body, "token", TOKEN_TEXT - 1, TOKEN_TEXT - 1, ret_token);
}

enum err handover_look_post(struct call *c)
{
    const char *token = NULL;
    struct handover h;
    struct viewer v = {.name = NULL};
    struct db *db = NULL;
    enum err e = need_token(c, &token);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = handover_look(db, c->cx, token, &h);
    if (!e && h.guest_id)
        e = viewer_by_id(db, c->cx->arena, h.guest_id, &v);
    store_read_end(db);
    if (e)
        return e;
    return answer_json(c, 200,
                       json_pack("{s:s?,s:s,s:I,s:s}", "name", v.name, "path", h.path, "cart_n",
                                 (json_int_t)h.goods, "would", would_names[would(c, &h)]));
}

/* ---- the tap ---- */

struct tap {
    const struct call *c;
    const char *token, *agreed, *old_cookie;
    struct session_how how;
    struct session_new session;
    /* the job's */
    struct handover h;
    enum would would;
    struct viewer viewer;
    struct ended before; /* the guest's sessions until then */
};

/*
 * The place is moved, not copied: whoever made the link must not go on as the guest that somebody
 * else is now, and read what they order. Nor are they told of it: their browser's push ends as
 * well.
 */
static enum err move(struct tx *tx, struct tap *t)
{
    int64_t guest_id = t->h.guest_id;
    enum err e = session_list(tx->db, tx->cx, guest_id, &t->before.list, &t->before.count);
    if (!e) /* else merging would give them to the account */
        e = notify_leave(tx, guest_id);
    if (!e && t->would == WOULD_MERGE)
        return session_end_all(tx, guest_id);
    if (!e)
        e = session_start(tx, guest_id, t->old_cookie, &t->how, &t->session);
    if (!e)
        e = session_end_others(tx, guest_id, t->session.hash);
    return e ? e : viewer_by_id(tx->db, tx->cx->arena, guest_id, &t->viewer);
}

static enum err take_job(struct tx *tx, void *arg)
{
    struct tap *t = arg;
    enum err e = handover_take(tx, t->token, &t->h);
    if (e)
        return e;
    t->would = would(t->c, &t->h);
    if (strcmp(would_names[t->would], t->agreed) != 0)
        return problem(tx->cx, ERR_CONFLICT, "it would '%s' here: ask again",
                       would_names[t->would]);
    return t->would == WOULD_NOTHING ? ERR_OK : move(tx, t);
}

/* The guest that this browser was is left as it is: nothing of theirs moves to another. */
static enum err act(struct call *c, struct tap *t)
{
    for (size_t i = 0; i < t->before.count; i++)
        room_session_ended(c->api->set.room, t->before.list[i].hash.p);
    if (t->would == WOULD_MERGE)
        call_merge_guest(c, t->h.guest_id, c->who.viewer_id);
    if (t->would != WOULD_BECOME && t->would != WOULD_REPLACE)
        return call_need_device(c);
    if (c->signed_on)
        room_session_ended(c->api->set.room, c->session.hash);
    return call_become(c, &t->session, &t->viewer);
}

enum err handover_take_post(struct call *c)
{
    struct tap t = {
        .c = c, .old_cookie = call_cookie(c, "nm_session"), .how = call_how(c, "guest")};
    t.how.auth_ms = 0;
    enum err e = need_token(c, &t.token);
    if (!e)
        e = json_need_text(c->cx, c->body, "would", 1, TOKEN_TEXT, &t.agreed);
    if (e)
        return e;
    session_make(&t.session);
    e = store_do(c->api->set.store, c->cx, "handover.take", take_job, &t);
    if (!e)
        e = act(c, &t);
    crypto_wipe(&t.session, sizeof t.session);
    return e ? e
             : answer_json(c, 201,
                           json_pack("{s:o,s:s,s:s}", "session", session_json(c), "path", t.h.path,
                                     "draft", t.h.draft));
}
