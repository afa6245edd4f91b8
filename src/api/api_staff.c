/* Who works in a shop, and what was done there. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "store/store.h"

#include <string.h>

enum { AUDIT_PAGE = 100 };

static json_t *staff_json(const struct call *c, const struct staff *s)
{
    return json_pack("{s:s,s:s,s:s?,s:s,s:b}", "id", s->viewer_public_id, "name", s->viewer_name,
                     "email", s->email, "role", role_name(s->role), "you",
                     s->viewer_id == c->who.viewer_id);
}

enum err staff_list(struct call *c)
{
    const struct staff *s = NULL;
    struct staff *list = NULL;
    size_t count = 0;
    struct db *db = NULL;
    enum err e = call_shop(c, ACTION_STAFF_MANAGE, &s);
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = staff_of_shop(db, c->cx->arena, s->shop_id, &list, &count);
    store_read_end(db);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(items, staff_json(c, &list[i]));
    return answer_json(c, 200, json_pack("{s:o}", "items", items));
}

struct staff_job {
    const char *email, *public_id; /* whom: by one of them */
    int64_t shop_id;
    enum role role, was;
    bool proved; /* a new colleague must have proved the address */
    struct audit audit;
    struct viewer viewer;
    struct ended before; /* their sessions until then */
};

/* Anybody may sign up with a colleague's address before they do, and wait for a role. */
static enum err check_address(struct tx *tx, const struct staff_job *j)
{
    const char *email;
    bool proved = false;
    enum err e = viewer_own_email(tx->db, tx->cx->arena, j->viewer.id, &email, &proved);
    return e || proved ? e
                       : problem(tx->cx, ERR_CONFLICT,
                                 "whoever signed up with this e-mail has not confirmed it yet");
}

static enum err find(struct tx *tx, struct staff_job *j)
{
    enum err e = j->email ? viewer_by_email(tx->db, tx->cx->arena, j->email, &j->viewer)
                          : viewer_by_public_id(tx->db, tx->cx->arena, j->public_id, &j->viewer);
    if (!e)
        e = staff_role(tx->db, j->viewer.id, j->shop_id, &j->was);
    if (!e && !j->email && j->was == ROLE_NONE)
        e = ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e,
                       j->email ? "nobody has signed up with this e-mail"
                                : "nobody of that name works here");
    return e || !j->proved || j->was != ROLE_NONE ? e : check_address(tx, j);
}

static enum err set_job(struct tx *tx, void *arg)
{
    struct staff_job *j = arg;
    enum err e = find(tx, j);
    if (!e)
        e = session_list(tx->db, tx->cx, j->viewer.id, &j->before.list, &j->before.count);
    if (!e)
        e = staff_set(tx, j->viewer.id, j->shop_id, j->role);
    if (e)
        return e;
    j->audit.object = j->viewer.public_id;
    j->audit.before = arena_fmt(tx->cx->arena, "{\"role\":\"%s\"}", role_name(j->was));
    j->audit.after = arena_fmt(tx->cx->arena, "{\"role\":\"%s\"}", role_name(j->role));
    return audit_write(tx, &j->audit);
}

/*
 * Their sessions end with the change, and the streams that were opened with them: here at once, in
 * other processes by the tick. A first role ends none: their streams come back by themselves.
 */
static enum err set_role(struct call *c, struct staff_job *j)
{
    j->audit = call_audit(c, j->shop_id, "staff.set", "");
    enum err e = store_do(c->api->set.store, c->cx, "staff.set", set_job, j);
    for (size_t i = 0; !e && j->was != j->role && i < j->before.count; i++)
        room_session_ended(c->api->set.room, j->before.list[i].hash.p);
    return e;
}

enum err staff_post(struct call *c)
{
    const struct staff *s = NULL;
    struct staff_job j = {.email = NULL};
    const char *typed = NULL, *role = NULL;
    char email[EMAIL_SIZE];
    enum err e = call_shop(c, ACTION_STAFF_MANAGE, &s);
    if (!e)
        e = json_need_text(c->cx, c->body, "email", 1, EMAIL_SIZE, &typed);
    if (!e)
        e = json_need_text(c->cx, c->body, "role", 1, 20, &role);
    if (!e)
        e = account_tidy_email(c->cx, typed, email);
    if (!e && role_parse(role, &j.role))
        return problem(c->cx, ERR_INPUT,
                       "'role' must be owner, manager, host, moderator or packer");
    if (e)
        return e;
    j.email = email;
    j.proved = c->api->set.mail; /* without mail nobody can prove one */
    j.shop_id = s->shop_id;
    e = set_role(c, &j);
    if (e)
        return e;
    const struct staff now = {.viewer_id = j.viewer.id,
                              .viewer_public_id = j.viewer.public_id,
                              .viewer_name = j.viewer.name,
                              .email = email,
                              .role = j.role};
    return answer_json(c, 201, staff_json(c, &now));
}

enum err staff_delete(struct call *c)
{
    const struct staff *s = NULL;
    struct staff_job j = {.public_id = http_param(c->req, "id"), .role = ROLE_NONE};
    enum err e = call_shop(c, ACTION_STAFF_MANAGE, &s);
    if (e)
        return e;
    j.shop_id = s->shop_id;
    e = set_role(c, &j);
    return e ? e : answer_empty(c, 204);
}

/* ---- audit ---- */

static json_t *audit_json(struct call *c, struct db *db, const struct audit *a)
{
    struct viewer v = {.name = NULL};
    json_t *actor = json_null();
    if (a->actor_id && !viewer_by_id(db, c->cx->arena, a->actor_id, &v))
        actor = json_pack("{s:s,s:s}", "id", v.public_id, "name", v.name);
    const char *id = arena_fmt(c->cx->arena, "%lld", (long long)a->id);
    return json_pack("{s:s?,s:I,s:o,s:s,s:s,s:o,s:o,s:s?}", "id", id, "at", (json_int_t)a->at_ms,
                     "actor", actor, "action", a->action, "object", a->object, "before",
                     stored_json(a->before), "after", stored_json(a->after), "addr", a->addr);
}

enum err audit_get(struct call *c)
{
    const struct staff *s = NULL;
    struct audit *list = NULL;
    size_t count = 0;
    int64_t before = 0;
    struct db *db = NULL;
    const char *cursor = http_query(c->req, "cursor");
    enum err e = call_shop(c, ACTION_AUDIT_SEE, &s);
    if (!e && cursor && *cursor && text_i64(cursor, 1, INT64_MAX, &before))
        return problem(c->cx, ERR_INPUT, "'cursor' must be the 'next' of a page");
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = audit_list(db, c->cx->arena, s->shop_id, before, AUDIT_PAGE, &list, &count);
    json_t *items = json_array();
    for (size_t i = 0; !e && i < count; i++)
        (void)json_array_append_new(items, audit_json(c, db, &list[i]));
    store_read_end(db);
    if (e) {
        json_decref(items);
        return e;
    }
    const char *next =
        count == AUDIT_PAGE ? arena_fmt(c->cx->arena, "%lld", (long long)list[count - 1].id) : NULL;
    return answer_json(c, 200, json_pack("{s:o,s:s?}", "items", items, "next", next));
}
