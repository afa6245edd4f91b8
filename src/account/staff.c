#include "account/staff.h"
#include "account/account.h"
#include "account/staff.sql.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"

#include <string.h>

/* ---- shops ---- */

static bool is_slug(const char *s)
{
    size_t len = strlen(s);
    return len >= 1 && len <= SLUG_MAX && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool is_shop_name(const char *s)
{
    size_t len = strlen(s);
    return len >= 1 && text_is_utf8(s, len) && text_chars(s, len) <= SHOP_NAME_CHARS_MAX;
}

enum err shop_create(struct tx *tx, const struct shop *s)
{
    if (!is_slug(s->slug))
        return problem(tx->cx, ERR_INPUT, "'slug' must be 1..%d of a-z, 0-9 and '-'", SLUG_MAX);
    if (!is_shop_name(s->name))
        return problem(tx->cx, ERR_INPUT, "'name' must have 1..%d characters", SHOP_NAME_CHARS_MAX);
    int64_t id;
    enum err e =
        db_i64(tx->db, &SQL_shop_insert,
               ARGS(V(s->id), V(s->public_id), V(s->slug), V(s->name), V(tx->cx->now_ms)), &id);
    return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_EXISTS, "the slug '%s' is taken", s->slug) : e;
}

static enum err read_shop(struct db *db, struct arena *arena, const struct sql *q,
                          const struct val *args, struct shop *ret_shop)
{
    struct shop s = {0};
    enum err e =
        db_row(db, arena, q, args, COLS(C(&s.id), C(&s.public_id), C(&s.slug), C(&s.name)));
    if (!e)
        *ret_shop = s;
    return e;
}

enum err shop_by_id(struct db *db, struct arena *arena, int64_t id, struct shop *ret_shop)
{
    return read_shop(db, arena, &SQL_shop_get, ARGS(V(id)), ret_shop);
}

enum err shop_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                           struct shop *ret_shop)
{
    return read_shop(db, arena, &SQL_shop_get_public, ARGS(V(public_id)), ret_shop);
}

enum err shop_by_slug(struct db *db, struct arena *arena, const char *slug, struct shop *ret_shop)
{
    return read_shop(db, arena, &SQL_shop_get_slug, ARGS(V(slug)), ret_shop);
}

enum err shop_first(struct db *db, struct arena *arena, struct shop *ret_shop)
{
    return read_shop(db, arena, &SQL_shop_get_first, ARGS(), ret_shop);
}

/* ---- staff ---- */

enum { ROLE_ARENA = 4096 };

/* The constraint of the table keeps other words out. */
static enum err stored_role(const char *text, enum role *ret_role)
{
    if (!role_parse(text, ret_role))
        return ERR_OK;
    log_error("a stored role is unknown", LOG_S("role", text));
    return ERR_STORE;
}

enum err staff_role(struct db *db, int64_t viewer_id, int64_t shop_id, enum role *ret_role)
{
    const char *text = NULL;
    struct arena *arena = arena_make(ROLE_ARENA);
    if (!arena)
        return ERR_NO_MEMORY;
    enum err e = db_row(db, arena, &SQL_staff_get, ARGS(V(viewer_id), V(shop_id)), COLS(C(&text)));
    if (!e)
        e = stored_role(text, ret_role);
    arena_free(arena);
    if (e != ERR_NOT_FOUND)
        return e;
    *ret_role = ROLE_NONE;
    return ERR_OK;
}

static enum err read_staff(struct db *db, struct arena *arena, const struct sql *q, int64_t id,
                           struct staff **ret_list, size_t *ret_count)
{
    struct staff *list = arena_array(arena, struct staff, STAFF_LIST_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    struct staff s = {0};
    const char *role = NULL;
    size_t count = 0;
    enum err e = ERR_OK;
    struct rows r = db_rows(db, q, ARGS(V(id), V(STAFF_LIST_MAX)));
    while (!e && rows_next(&r, arena,
                           COLS(C(&s.viewer_id), C(&s.shop_id), C(&role), C(&s.viewer_public_id),
                                C(&s.viewer_name), C(&s.email), C(&s.shop_public_id),
                                C(&s.shop_slug), C(&s.shop_name)))) {
        e = stored_role(role, &s.role);
        list[count++] = s;
    }
    enum err end = rows_end(&r);
    if (e || end)
        return e ? e : end;
    *ret_list = list;
    *ret_count = count;
    return ERR_OK;
}

enum err staff_of_viewer(struct db *db, struct arena *arena, int64_t viewer_id,
                         struct staff **ret_list, size_t *ret_count)
{
    return read_staff(db, arena, &SQL_staff_list_viewer, viewer_id, ret_list, ret_count);
}

enum err staff_of_shop(struct db *db, struct arena *arena, int64_t shop_id, struct staff **ret_list,
                       size_t *ret_count)
{
    return read_staff(db, arena, &SQL_staff_list_shop, shop_id, ret_list, ret_count);
}

static enum err write_role(struct tx *tx, int64_t viewer_id, int64_t shop_id, enum role role)
{
    int64_t id;
    enum err e =
        role == ROLE_NONE
            ? db_i64(tx->db, &SQL_staff_drop, ARGS(V(viewer_id), V(shop_id)), &id)
            : db_i64(tx->db, &SQL_staff_put,
                     ARGS(V(viewer_id), V(shop_id), V(role_name(role)), V(tx->cx->now_ms)), &id);
    return e == ERR_NOT_FOUND ? problem(tx->cx, ERR_CONFLICT, "a shop must keep an owner") : e;
}

enum err staff_set(struct tx *tx, int64_t viewer_id, int64_t shop_id, enum role role)
{
    int64_t id;
    enum err e = db_i64(tx->db, &SQL_staff_possible, ARGS(V(viewer_id), V(shop_id)), &id);
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such account or shop");
    enum role now = ROLE_NONE;
    if (!e)
        e = staff_role(tx->db, viewer_id, shop_id, &now);
    if (e || now == role)
        return e;
    e = write_role(tx, viewer_id, shop_id, role);
    return e || now == ROLE_NONE ? e : session_end_all(tx, viewer_id);
}
