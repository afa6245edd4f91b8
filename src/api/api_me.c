/* The signed-in person: what they are called, and the sessions they have open. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/lang.h"
#include "catalog/market.h"
#include "store/store.h"

#include <string.h>

/* ---- name, language, market ---- */

struct rename {
    int64_t viewer_id;
    const char *name, *lang, *market; /* NULL: stays */
};

static enum err rename_job(struct tx *tx, void *arg)
{
    const struct rename *r = arg;
    enum err e = r->name ? viewer_rename(tx, r->viewer_id, r->name) : ERR_OK;
    if (!e && r->lang)
        e = viewer_set_lang(tx, r->viewer_id, r->lang);
    return !e && r->market ? viewer_set_market(tx, r->viewer_id, r->market) : e;
}

/* Change what is given and answer with the session as it now is. */
static enum err change(struct call *c, int status, struct rename *r)
{
    char tidy[NAME_SIZE];
    enum err e = r->name ? account_tidy_name(c->cx, r->name, tidy) : ERR_OK;
    r->viewer_id = c->session.viewer.id;
    if (!e && r->name) {
        r->name = arena_dup(c->cx->arena, tidy, strlen(tidy));
        e = r->name ? ERR_OK : ERR_NO_MEMORY;
    }
    if (!e)
        e = store_do(c->api->set.store, c->cx, "viewer.rename", rename_job, r);
    if (e)
        return e;
    if (r->name)
        c->session.viewer.name = r->name;
    if (r->lang)
        c->session.viewer.lang = r->lang;
    if (r->market)
        c->session.viewer.market = c->who.market = r->market;
    return answer_json(c, status, session_json(c));
}

enum err call_rename(struct call *c, int status, const char *name)
{
    struct rename r = {.name = name};
    return change(c, status, &r);
}

enum err answer_me(struct call *c)
{
    const struct viewer *v = &c->session.viewer;
    const char *email = NULL;
    bool proved = false;
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = viewer_own_email(db, c->cx->arena, v->id, &email, &proved);
    store_read_end(db);
    if (e)
        return e;
    return answer_json(c, 200,
                       json_pack("{s:s,s:s,s:s?,s:b,s:s,s:s}", "id", v->public_id, "name", v->name,
                                 "email", email, "email_verified", proved, "lang",
                                 lang_name(lang_of(v->lang)), "market", v->market));
}

enum err me_get(struct call *c)
{
    return answer_me(c);
}

enum err me_patch(struct call *c)
{
    struct rename r = {.name = NULL};
    enum err e = json_opt_text(c->cx, c->body, "name", 200, &r.name);
    if (!e)
        e = json_opt_text(c->cx, c->body, "lang", 20, &r.lang);
    if (!e)
        e = json_opt_text(c->cx, c->body, "market", 8, &r.market);
    if (!e && r.market && !market_find(r.market))
        return problem(c->cx, ERR_INPUT, "'market' must be TW or TH");
    if (r.market)
        r.market = market_find(r.market)->code;
    if (r.lang)
        r.lang = account_lang(r.lang);
    return e ? e : change(c, 200, &r);
}

/* ---- sessions ---- */

static enum err read_sessions(struct call *c, struct ended *x)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = session_list(db, c->cx, c->who.viewer_id, &x->list, &x->count);
    store_read_end(db);
    return e;
}

enum err call_ending(struct call *c, struct ended *x)
{
    *x = (struct ended){.list = NULL};
    return read_sessions(c, x);
}

void call_ended(struct call *c, const struct ended *x, const char *only)
{
    for (size_t i = 0; i < x->count; i++) {
        const struct session_seen *s = &x->list[i];
        bool own = memcmp(s->hash.p, c->session.hash, SHA256_LEN) == 0;
        if (only ? strcmp(only, s->public_id) == 0 : !own)
            room_session_ended(c->api->set.room, s->hash.p);
    }
}

static json_t *seen_json(const struct call *c, const struct session_seen *s)
{
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:b}", "id", s->public_id, "device", s->device,
                     "provider", s->provider, "created_at", (json_int_t)s->created_ms, "seen_at",
                     (json_int_t)s->seen_ms, "current",
                     memcmp(s->hash.p, c->session.hash, SHA256_LEN) == 0);
}

enum err my_sessions(struct call *c)
{
    struct ended x;
    enum err e = call_ending(c, &x);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < x.count; i++)
        (void)json_array_append_new(items, seen_json(c, &x.list[i]));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}

struct leave {
    int64_t viewer_id;
    const char *public_id;     /* that one, or */
    const unsigned char *keep; /* all but this */
};

static enum err leave_job(struct tx *tx, void *arg)
{
    const struct leave *l = arg;
    return l->public_id ? session_end_named(tx, l->viewer_id, l->public_id)
                        : session_end_others(tx, l->viewer_id, l->keep);
}

static enum err leave(struct call *c, const struct leave *ask, struct ended *x)
{
    struct leave l = *ask;
    l.viewer_id = c->who.viewer_id;
    enum err e = call_ending(c, x);
    if (!e)
        e = store_do(c->api->set.store, c->cx, "session.end", leave_job, &l);
    if (!e)
        call_ended(c, x, l.public_id);
    return e;
}

enum err my_session_end(struct call *c)
{
    const struct leave ask = {.public_id = http_param(c->req, "id")};
    struct ended x;
    enum err e = leave(c, &ask, &x);
    if (e)
        return e;
    for (size_t i = 0; i < x.count; i++)
        if (strcmp(x.list[i].public_id, ask.public_id) == 0 &&
            memcmp(x.list[i].hash.p, c->session.hash, SHA256_LEN) == 0)
            call_set_cookie(c, "nm_session", "", 0);
    return answer_empty(c, 204);
}

enum err my_sessions_end(struct call *c)
{
    const struct leave ask = {.keep = c->session.hash};
    struct ended x;
    enum err e = leave(c, &ask, &x);
    return e ? e : answer_empty(c, 204);
}
