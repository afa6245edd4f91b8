/* Reading shows: by name, in lists, and who may see them. */
#include "base/arena.h"
#include "base/text.h"
#include "room/room_in.h"
#include "room/show.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A row as the database gives it, on its way to struct show. */
struct show_row {
    struct show s;
    const char *title, *state, *came_from, *chat_mode;
    int64_t place, sort_at; /* lists only */
};

enum { SHOW_COLUMNS = 31 };

static void show_columns(struct show_row *r, struct col out[SHOW_COLUMNS + 3])
{
    struct show *s = &r->s;
    const struct col cols[] = {
        C(&s->id),
        C(&s->public_id),
        C(&s->shop_id),
        C(&s->shop_public_id),
        C(&s->shop_slug),
        C(&s->shop_name),
        C(&r->title),
        C(&s->cover),
        C(&s->host_name),
        C(&r->state),
        C(&r->came_from),
        C(&s->starts_ms),
        C(&s->live_started_ms),
        C(&s->interrupted_ms),
        C(&s->ended_ms),
        C(&s->created_ms),
        C(&s->input),
        C(&s->input_connected),
        C(&s->live_hls),
        C(&s->replay_hls),
        C(&s->thumbnail),
        C(&s->replay_offset_ms),
        C(&s->duration_ms),
        C(&r->chat_mode),
        C(&s->slow_s),
        C(&s->peak),
        C(&s->likes),
        C(&s->version),
        C(&s->head),
        C(&s->cover_key),
        C(&s->thumb_key),
    };
    _Static_assert(sizeof cols / sizeof cols[0] == SHOW_COLUMNS, "as in show.sql");
    memcpy(out, cols, sizeof cols);
    out[SHOW_COLUMNS] = C(&r->place);
    out[SHOW_COLUMNS + 1] = C(&r->sort_at);
    out[SHOW_COLUMNS + 2] = (struct col){0};
}

static enum err read_titles(struct cx *cx, const char *json, struct show *s)
{
    json_t *o = json_loads(json, 0, NULL);
    enum err e = json_is_object(o) ? ERR_OK : ERR_STORE;
    for (int l = 0; !e && l < LANG_COUNT; l++) {
        const json_t *t = json_object_get(o, lang_name((enum lang)l));
        if (!json_is_string(t))
            continue;
        s->title[l] = arena_dup(cx->arena, json_string_value(t), json_string_length(t));
        if (!s->title[l])
            e = ERR_NO_MEMORY;
    }
    json_decref(o);
    return e;
}

static enum err finish_row(struct cx *cx, struct show_row *r)
{
    enum show_state from;
    if (show_state_parse(r->state, &r->s.state) || show_state_parse(r->came_from, &from) ||
        chat_mode_parse(r->chat_mode, &r->s.chat_mode))
        return ERR_STORE; /* the schema's checks say it cannot be */
    r->s.came_from = from;
    return read_titles(cx, r->title, &r->s);
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct show *ret_show)
{
    struct show_row row = {0};
    struct col cols[SHOW_COLUMNS + 3];
    show_columns(&row, cols);
    cols[SHOW_COLUMNS] = (struct col){0};
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (!e)
        e = finish_row(cx, &row);
    if (!e)
        *ret_show = row.s;
    return e;
}

static enum err no_show(struct cx *cx, enum err e)
{
    return e == ERR_NOT_FOUND ? problem(cx, e, "no such show") : e;
}

enum err show_read(struct db *db, struct cx *cx, const char *public_id, struct show *ret_show)
{
    if (!id_ok(public_id, "shw"))
        return no_show(cx, ERR_NOT_FOUND);
    return no_show(cx, read_one(db, cx, &SQL_show_by_public_id, ARGS(V(public_id)), ret_show));
}

enum err show_read_id(struct db *db, struct cx *cx, int64_t id, struct show *ret_show)
{
    return no_show(cx, read_one(db, cx, &SQL_show_by_id, ARGS(V(id)), ret_show));
}

enum err show_read_input(struct db *db, struct cx *cx, const char *uid, struct show *ret_show)
{
    return no_show(cx, read_one(db, cx, &SQL_show_by_input, ARGS(V(uid)), ret_show));
}

/* ---- who may see what ---- */

enum show_state show_seen_state(const struct show *s, bool staff)
{
    return s->state == SHOW_BACKSTAGE && !staff ? s->came_from : s->state;
}

bool show_public(const struct show *s)
{
    enum show_state seen = show_seen_state(s, false);
    return seen != SHOW_DRAFT && seen != SHOW_CANCELLED && seen != SHOW_ARCHIVED;
}

bool show_visible(const struct show *s, const struct room_who *who)
{
    return show_public(s) || account_may(room_role(who, s->shop_id), ACTION_STUDIO_SEE);
}

enum err show_check(struct cx *cx, const struct show *s, const struct room_who *who,
                    enum action action)
{
    if (account_may(room_role(who, s->shop_id), action))
        return ERR_OK;
    if (!show_visible(s, who))
        return problem(cx, ERR_NOT_FOUND, "no such show");
    return problem(cx, ERR_FORBIDDEN, "you may not do '%s' here", action_name(action));
}

enum err show_find(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, struct show *ret_show)
{
    (void)r;
    struct show s = {0};
    enum err e = show_read(db, cx, show, &s);
    if (!e && !show_visible(&s, who))
        e = problem(cx, ERR_NOT_FOUND, "no such show");
    if (!e)
        *ret_show = s;
    return e;
}

enum err show_find_for(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, enum action action, struct show *ret_show)
{
    (void)r;
    struct show s = {0};
    enum err e = show_read(db, cx, show, &s);
    if (!e)
        e = show_check(cx, &s, who, action);
    if (!e)
        *ret_show = s;
    return e;
}

/* ---- lists ---- */

/* The last row of the page before: "<place>.<sort_at>.<id>". */
struct cursor {
    int64_t place, sort_at, id;
};

static enum err read_cursor(struct cx *cx, const char *text, struct cursor *ret)
{
    char part[3][24];
    int64_t n[3];
    int used = 0;
    if (sscanf(text, "%23[0-9-].%23[0-9-].%23[0-9-]%n", part[0], part[1], part[2], &used) != 3 ||
        text[used])
        return problem(cx, ERR_INPUT, "'cursor' is not one of ours");
    for (int i = 0; i < 3; i++)
        if (text_i64(part[i], INT64_MIN, INT64_MAX, &n[i]))
            return problem(cx, ERR_INPUT, "'cursor' is not one of ours");
    *ret = (struct cursor){n[0], n[1], n[2]};
    return ERR_OK;
}

static enum err read_page(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                          size_t limit, struct show_page *ret_page)
{
    struct show_page page = {.items = arena_array(cx->arena, struct show, limit)};
    struct cursor last = {0};
    bool more = false;
    if (!page.items)
        return ERR_NO_MEMORY;
    struct show_row row = {0};
    struct col cols[SHOW_COLUMNS + 3];
    show_columns(&row, cols);
    enum err e = ERR_OK;
    struct rows rows = db_rows(db, q, args);
    while (!e && rows_next(&rows, cx->arena, cols)) {
        if (page.count == limit) {
            more = true;
            break;
        }
        e = finish_row(cx, &row);
        page.items[page.count++] = row.s;
        last = (struct cursor){row.place, row.sort_at, row.s.id};
        row = (struct show_row){0};
    }
    enum err end = rows_end(&rows);
    if (!e)
        e = end;
    if (!e && more) {
        page.next = arena_fmt(cx->arena, "%" PRId64 ".%" PRId64 ".%" PRId64, last.place,
                              last.sort_at, last.id);
        if (!page.next)
            e = ERR_NO_MEMORY;
    }
    if (!e)
        *ret_page = page;
    return e;
}

enum err show_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const struct show_list_ask *ask, struct show_page *ret_page)
{
    (void)r;
    int limit = ask->limit ? ask->limit : 20;
    if (limit < 1 || limit > SHOW_LIST_MAX)
        return problem(cx, ERR_INPUT, "'limit' must be 1 to %d", SHOW_LIST_MAX);
    if (ask->staff && !who->staff_count)
        return problem(cx, ERR_FORBIDDEN, "you work in no shop");
    struct cursor from = {INT64_MIN, INT64_MIN, INT64_MIN};
    if (ask->staff)
        from = (struct cursor){0, INT64_MAX, INT64_MAX};
    enum err e = ask->cursor ? read_cursor(cx, ask->cursor, &from) : ERR_OK;
    if (e)
        return e;
    int64_t mask = ask->states ? ask->states : INT32_MAX;
    if (ask->staff)
        return read_page(
            db, cx, &SQL_show_list_staff,
            ARGS(V(who->viewer_id), V(mask), V(from.sort_at), V(from.id), V(limit + 1)),
            (size_t)limit, ret_page);
    return read_page(db, cx, &SQL_show_list_public,
                     ARGS(V(mask), V(from.place), V(from.sort_at), V(from.id), V(limit + 1)),
                     (size_t)limit, ret_page);
}
