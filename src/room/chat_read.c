/* Reading messages, and how they look as JSON. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/text.h"
#include "room/chat.sql.h"
#include "room/room_in.h"

#include <inttypes.h>
#include <string.h>

static const char *const state_names[] = {
    [MESSAGE_SHOWN] = "shown", [MESSAGE_HELD] = "held", [MESSAGE_HIDDEN] = "hidden"};

const char *message_state_name(enum message_state s)
{
    return state_names[s];
}

int64_t device_hash(const char *device)
{
    unsigned char sum[SHA256_LEN];
    uint64_t n;
    if (!device || !device[0])
        return 0;
    crypto_sha256(device, strlen(device), sum);
    memcpy(&n, sum, sizeof n);
    return (int64_t)(n >> 1) | 1;
}

json_t *message_json(const struct message *m, bool mine)
{
    json_t *o = json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:I, s:I, s:s}", "id", m->public_id,
                          "name", m->name, "badge", m->badge, "text", m->text, "lang", m->lang,
                          "kind", m->system ? "system" : "chat", "at", (json_int_t)m->at_ms, "seq",
                          (json_int_t)m->seq, "state", message_state_name(m->state));
    if (o && mine)
        (void)json_object_set_new(o, "mine", json_true());
    return o;
}

/* A row as the database gives it. */
struct raw {
    struct message_row row;
    const char *kind, *state;
};

enum { MESSAGE_COLUMNS = 13 };

static void message_columns(struct raw *r, struct col out[MESSAGE_COLUMNS + 1])
{
    struct message *m = &r->row.m;
    const struct col cols[MESSAGE_COLUMNS + 1] = {
        C(&r->row.id),     C(&m->public_id),
        C(&m->show_id),    C(&m->viewer_id),
        C(&r->row.device), C(&m->name),
        C(&m->badge),      C(&m->text),
        C(&m->lang),       C(&r->kind),
        C(&r->state),      C(&m->at_ms),
        C(&m->seq),        {0},
    };
    memcpy(out, cols, sizeof cols);
}

static void finish_row(struct raw *r)
{
    r->row.m.system = r->kind && strcmp(r->kind, "system") == 0;
    r->row.m.state = MESSAGE_HIDDEN;
    for (int i = MESSAGE_SHOWN; i < MESSAGE_HIDDEN; i++)
        if (r->state && strcmp(r->state, state_names[i]) == 0)
            r->row.m.state = (enum message_state)i;
}

enum err message_read(struct db *db, struct cx *cx, const char *public_id,
                      struct message_row *ret_row)
{
    struct raw raw = {0};
    struct col cols[MESSAGE_COLUMNS + 1];
    message_columns(&raw, cols);
    enum err e = id_ok(public_id, "msg")
                     ? db_row(db, cx->arena, &SQL_message_by_public_id, ARGS(V(public_id)), cols)
                     : ERR_NOT_FOUND;
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "no such message") : e;
    finish_row(&raw);
    *ret_row = raw.row;
    return ERR_OK;
}

enum err message_pinned(struct db *db, struct cx *cx, int64_t show_id, json_t **ret_message)
{
    struct raw raw = {0};
    struct col cols[MESSAGE_COLUMNS + 1];
    message_columns(&raw, cols);
    enum err e = db_row(db, cx->arena, &SQL_message_pinned, ARGS(V(show_id)), cols);
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e)
        finish_row(&raw);
    json_t *o = e ? json_null() : message_json(&raw.row.m, false);
    if (!o)
        return ERR_NO_MEMORY;
    *ret_message = o;
    return ERR_OK;
}

/* Newest first, below seq `before`. */
static enum err read_page(struct db *db, struct cx *cx, const struct val *args, size_t max,
                          struct message *items, size_t *ret_count)
{
    struct raw raw = {0};
    struct col cols[MESSAGE_COLUMNS + 1];
    size_t n = 0;
    message_columns(&raw, cols);
    struct rows rows = db_rows(db, &SQL_message_page, args);
    while (n < max && rows_next(&rows, cx->arena, cols)) {
        finish_row(&raw);
        items[n++] = raw.row.m;
        raw = (struct raw){0};
    }
    *ret_count = n;
    return rows_end(&rows);
}

enum err message_last(struct db *db, struct cx *cx, int64_t show_id, int max,
                      struct message **ret_items, size_t *ret_count)
{
    struct message *items = arena_array(cx->arena, struct message, (size_t)max);
    if (!items)
        return ERR_NO_MEMORY;
    *ret_items = items;
    return read_page(db, cx, ARGS(V(show_id), V(INT64_MAX), V(0), V(INT64_C(-1)), V(max)),
                     (size_t)max, items, ret_count);
}

enum err chat_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, const char *cursor, int limit, struct chat_page *ret_page)
{
    struct show s;
    int64_t before = INT64_MAX;
    size_t max = limit ? (size_t)limit : 50;
    if (limit < 0 || limit > CHAT_PAGE_MAX)
        return problem(cx, ERR_INPUT, "'limit' must be 1 to %d", CHAT_PAGE_MAX);
    if (cursor && text_i64(cursor, 0, INT64_MAX, &before))
        return problem(cx, ERR_INPUT, "'cursor' is not one of ours");
    enum err e = show_find(r, db, cx, who, show, &s);
    if (e)
        return e;
    bool all = account_may(room_role(who, s.shop_id), ACTION_STUDIO_SEE);
    int64_t self = who->viewer_id ? who->viewer_id : -1;
    struct chat_page page = {.items = arena_array(cx->arena, struct message, max + 1)};
    if (!page.items)
        return ERR_NO_MEMORY;
    e = read_page(db, cx, ARGS(V(s.id), V(before), V(all), V(self), V((int64_t)max + 1)), max + 1,
                  page.items, &page.count);
    if (!e && page.count > max) {
        page.count = max;
        page.next = arena_fmt(cx->arena, "%" PRId64, page.items[max - 1].seq);
        if (!page.next)
            e = ERR_NO_MEMORY;
    }
    if (!e)
        *ret_page = page;
    return e;
}
