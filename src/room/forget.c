#include "room/forget.h"
#include "base/arena.h"
#include "base/json.h"
#include "room/forget.sql.h"
#include "room/room_in.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_ARENA = 1024 * 1024 };

enum err forget_next_show(struct db *db, int64_t viewer_id, int64_t after, int64_t *ret_show_id)
{
    return db_i64(db, &SQL_forget_next_show, ARGS(V(viewer_id), V(after)), ret_show_id);
}

/* ---- one message in an event's data ---- */

/* At any depth: the object with this id has no name and no words any more. */
static void blank(json_t *data, const char *message)
{
    if (json_is_array(data))
        for (size_t i = 0; i < json_array_size(data); i++)
            blank(json_array_get(data, i), message);
    if (!json_is_object(data))
        return;
    const char *id = json_string_value(json_object_get(data, "id"));
    if (id && strcmp(id, message) == 0) {
        const char *kind = json_string_value(json_object_get(data, "kind"));
        (void)json_object_set_new(data, "name", json_string(""));
        if (!kind || strcmp(kind, "system") != 0) /* what the shop announced stays */
            (void)json_object_set_new(data, "text", json_string(""));
    }
    for (void *it = json_object_iter(data); it; it = json_object_iter_next(data, it))
        blank(json_object_iter_value(it), message);
}

/* The message that an event tells of; NULL: none. */
static const char *told_message(const json_t *data)
{
    const json_t *review = json_object_get(data, "review");
    const json_t *inner = json_object_get(review ? review : data, "message");
    return json_string_value(json_object_get(inner ? inner : data, "id"));
}

enum err forget_event(struct tx *tx, int64_t show_id, int64_t seq, const char *message_public)
{
    const char *text;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_forget_event_read, ARGS(V(show_id), V(seq)),
                        COLS(C(&text)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    json_t *data = json_loads(text, 0, NULL);
    blank(data, message_public);
    char *now = json_text_of(data);
    e = now ? db_do(tx->db, &SQL_forget_event_set, ARGS(V((const char *)now), V(show_id), V(seq)),
                    NULL)
            : ERR_NO_MEMORY;
    free(now);
    return e;
}

/* ---- messages ---- */

struct said {
    struct room *r;
    int64_t show_id, viewer_id;
    int64_t ids[FORGET_SLICE];
    const char *public_ids[FORGET_SLICE];
    bool shown[FORGET_SLICE];
    size_t count;
};

static enum err read_messages(struct store *store, struct cx *cx, struct said *s)
{
    struct db *db;
    size_t n = 0;
    enum err e = store_read(store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_forget_messages,
                               ARGS(V(s->viewer_id), V(s->show_id), V((int64_t)FORGET_SLICE)));
    while (n < FORGET_SLICE &&
           rows_next(&rows, cx->arena, COLS(C(&s->ids[n]), C(&s->public_ids[n]), C(&s->shown[n]))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    s->count = n;
    return e;
}

/* Open rooms drop them, and so do the frames that hubs keep. */
static enum err tell_gone(struct tx *tx, const struct said *s)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < s->count; i++)
        if (s->shown[i])
            (void)json_array_append_new(ids, json_string(s->public_ids[i]));
    if (!s->r || json_array_size(ids) == 0) {
        json_decref(ids);
        return ERR_OK;
    }
    const struct event ev = {
        .show_id = s->show_id, .type = "chat.removed", .audience = AUDIENCE_ALL};
    return event_add(tx, s->r, &ev, json_pack("{s:o}", "ids", ids));
}

static enum err messages_job(struct tx *tx, void *arg)
{
    const struct said *s = arg;
    enum err e = db_do(tx->db, &SQL_forget_reviews, ARGS(V(s->viewer_id), V(s->show_id)), NULL);
    for (size_t i = 0; !e && i < s->count; i++)
        e = db_do(tx->db, &SQL_forget_message, ARGS(V(s->ids[i])), NULL);
    return e ? e : tell_gone(tx, s);
}

/* ---- the log ---- */

struct page {
    int64_t show_id, viewer_id;
    int64_t seq[FORGET_SLICE], last;
    const char *data[FORGET_SLICE];
    size_t count, read;
};

static enum err read_events(struct db *db, struct cx *cx, struct page *p)
{
    size_t n = 0;
    struct rows rows =
        db_rows(db, &SQL_forget_events,
                ARGS(V(p->show_id), V(p->last), V(p->viewer_id), V((int64_t)FORGET_SLICE)));
    while (n < FORGET_SLICE && rows_next(&rows, cx->arena, COLS(C(&p->seq[n]), C(&p->data[n]))))
        n++;
    p->read = n;
    if (n)
        p->last = p->seq[n - 1];
    return rows_end(&rows);
}

/* Of what was read, theirs alone, as it shall be. */
static enum err blank_theirs(struct db *db, struct cx *cx, struct page *p)
{
    enum err e = ERR_OK;
    p->count = 0;
    for (size_t i = 0; !e && i < p->read; i++) {
        int64_t writer = 0;
        json_t *data = json_loads(p->data[i], 0, NULL);
        const char *message = told_message(data);
        e = message ? db_i64(db, &SQL_forget_writer, ARGS(V(message)), &writer) : ERR_NOT_FOUND;
        if (!e && writer == p->viewer_id) {
            char *id = arena_dup(cx->arena, message, strlen(message));
            if (id)
                blank(data, id);
            char *text = json_text_of(data);
            data = NULL; /* taken */
            p->seq[p->count] = p->seq[i];
            p->data[p->count] = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
            e = id && p->data[p->count++] ? ERR_OK : ERR_NO_MEMORY;
            free(text);
        }
        json_decref(data);
        e = e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    return e;
}

static enum err events_job(struct tx *tx, void *arg)
{
    const struct page *p = arg;
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < p->count; i++)
        e = db_do(tx->db, &SQL_forget_event_set, ARGS(V(p->data[i]), V(p->show_id), V(p->seq[i])),
                  NULL);
    return e;
}

static enum err read_page(struct store *store, struct cx *cx, struct page *p)
{
    struct db *db;
    enum err e = store_read(store, &db);
    if (e)
        return e;
    e = read_events(db, cx, p);
    if (!e)
        e = blank_theirs(db, cx, p);
    store_read_end(db);
    return e;
}

/* ---- a person in a show ---- */

static enum err said_slice(struct store *store, int64_t now_ms, struct said *s)
{
    struct cx cx = {.arena = arena_make(PAGE_ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? read_messages(store, &cx, s) : ERR_NO_MEMORY;
    if (!e && s->count)
        e = store_do(store, &cx, "forget.messages", messages_job, s);
    arena_free(cx.arena);
    return e;
}

static enum err log_slice(struct store *store, int64_t now_ms, struct page *p)
{
    struct cx cx = {.arena = arena_make(PAGE_ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? read_page(store, &cx, p) : ERR_NO_MEMORY;
    if (!e && p->count)
        e = store_do(store, &cx, "forget.events", events_job, p);
    arena_free(cx.arena);
    return e;
}

static bool going_on(const struct forget_while *w)
{
    return !w || w->go_on(w->arg);
}

enum err forget_said(struct room *r, struct store *store, int64_t now_ms, int64_t viewer_id,
                     int64_t show_id, const struct forget_while *w)
{
    struct said *s = calloc(1, sizeof *s);
    struct page *p = calloc(1, sizeof *p);
    enum err e = s && p ? ERR_OK : ERR_NO_MEMORY;
    if (!e) {
        *s = (struct said){.r = r, .show_id = show_id, .viewer_id = viewer_id, .count = 1};
        *p = (struct page){.show_id = show_id, .viewer_id = viewer_id, .read = 1};
    }
    while (!e && s->count)
        e = going_on(w) ? said_slice(store, now_ms, s) : ERR_BUSY;
    while (!e && p->read)
        e = going_on(w) ? log_slice(store, now_ms, p) : ERR_BUSY;
    free(s);
    free(p);
    return e;
}

/* ---- a whole show ---- */

enum err forget_show(struct tx *tx, int64_t show_id, bool *ret_more)
{
    static const struct sql *const steps[] = {&SQL_forget_show_events, &SQL_forget_show_messages,
                                              &SQL_forget_show_words};
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_forget_show_reviews, ARGS(V(show_id)), NULL);
    for (size_t i = 0; !e && !changed && i < sizeof steps / sizeof steps[0]; i++)
        e = db_do(tx->db, steps[i], ARGS(V(show_id), V((int64_t)FORGET_SLICE)), &changed);
    if (!e && !changed)
        e = db_do(tx->db, &SQL_forget_show_done, ARGS(V(tx->cx->now_ms), V(show_id)), NULL);
    if (!e)
        *ret_more = changed > 0;
    return e;
}
