/* Mutes and bans. */
#include "base/arena.h"
#include "base/text.h"
#include "room/chat.sql.h"
#include "room/forget.h"
#include "room/room_in.h"

#include <string.h>

static const char *const kind_names[] = {[SANCTION_MUTE] = "mute", [SANCTION_BAN] = "ban"};

enum { WHY_CHARS_MAX = 200, HIDE_MAX = 200 };

json_t *sanction_json(const struct sanction *s)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:s?, s:I}", "id", s->public_id, "kind",
                     kind_names[s->kind], "until", show_ms_json(s->until_ms), "name", s->name,
                     "why", s->why, "at", (json_int_t)s->at_ms);
}

static enum sanction_kind kind_of(const char *text)
{
    return strcmp(text, kind_names[SANCTION_BAN]) == 0 ? SANCTION_BAN : SANCTION_MUTE;
}

enum err sanction_in_force(struct db *db, struct cx *cx, const struct show *s, int64_t viewer_id,
                           int64_t device, struct sanction *ret_sanction)
{
    struct sanction san;
    const char *kind;
    enum err e = db_row(
        db, cx->arena, &SQL_sanction_in_force,
        ARGS(V(viewer_id), device ? V(device) : VNULL, V(s->shop_id), V(s->id), V(cx->now_ms)),
        COLS(C(&san.public_id), C(&kind), C(&san.until_ms), C(&san.at_ms), C(&san.name),
             C(&san.why)));
    if (e)
        return e;
    san.kind = kind_of(kind);
    *ret_sanction = san;
    return ERR_OK;
}

enum err sanction_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                       const char *show, struct sanction **ret_list, size_t *ret_count)
{
    struct show s;
    enum err e = show_find_for(r, db, cx, who, show, ACTION_ROOM_MODERATE, &s);
    if (e)
        return e;
    struct sanction *list = arena_array(cx->arena, struct sanction, SANCTION_LIST_MAX);
    struct sanction one = {0};
    const char *kind;
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_sanction_list, ARGS(V(s.shop_id), V(s.id), V(cx->now_ms)));
    while (n < SANCTION_LIST_MAX && rows_next(&rows, cx->arena,
                                              COLS(C(&one.public_id), C(&kind), C(&one.until_ms),
                                                   C(&one.at_ms), C(&one.name), C(&one.why)))) {
        one.kind = kind_of(kind);
        list[n++] = one;
    }
    e = rows_end(&rows);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- create ---- */

struct create_job {
    struct room *r;
    const struct room_who *who;
    const char *show, *message;
    int64_t id, audit_id;
    struct sanction san;
};

/* {"kind", "until"} to the viewer; kind null: lifted. */
static enum err tell_viewer(struct tx *tx, struct room *r, int64_t show_id, int64_t viewer_id,
                            const char *kind, int64_t until_ms)
{
    const struct event ev = {.show_id = show_id,
                             .type = "me.sanction",
                             .audience = AUDIENCE_VIEWER,
                             .viewer_id = viewer_id};
    return event_add(tx, r, &ev,
                     json_pack("{s:s?, s:o}", "kind", kind, "until", show_ms_json(until_ms)));
}

/* What a banned viewer wrote in this show goes, from the log as well. */
static enum err hide_all(struct tx *tx, struct room *r, const struct show *s, int64_t viewer_id)
{
    int64_t id[HIDE_MAX], seq[HIDE_MAX], told[HIDE_MAX];
    const char *public_id[HIDE_MAX];
    size_t n = 0;
    json_t *ids = json_array();
    struct rows rows = db_rows(tx->db, &SQL_messages_of_viewer, ARGS(V(viewer_id), V(s->id)));
    while (n < HIDE_MAX && rows_next(&rows, tx->cx->arena,
                                     COLS(C(&id[n]), C(&public_id[n]), C(&seq[n]), C(&told[n])))) {
        (void)json_array_append_new(ids, json_string(public_id[n]));
        n++;
    }
    enum err e = rows_end(&rows);
    for (size_t i = 0; !e && i < n; i++) {
        e = db_do(tx->db, &SQL_message_hide, ARGS(V(id[i])), NULL);
        if (!e)
            e = forget_event(tx, s->id, seq[i], public_id[i]);
        if (!e && told[i])
            e = forget_event(tx, s->id, told[i], public_id[i]);
    }
    if (e || n == 0) {
        json_decref(ids);
        return e;
    }
    const struct event ev = {.show_id = s->id, .type = "chat.removed", .audience = AUDIENCE_ALL};
    return event_add(tx, r, &ev, json_pack("{s:o}", "ids", ids));
}

static enum err check_target(struct tx *tx, const struct show *s, const struct message_row *row)
{
    enum role role;
    if (row->m.show_id != s->id)
        return problem(tx->cx, ERR_NOT_FOUND, "no such message");
    enum err e = staff_role(tx->db, row->m.viewer_id, s->shop_id, &role);
    if (!e && role != ROLE_NONE)
        e = problem(tx->cx, ERR_FORBIDDEN, "they work here");
    return e;
}

static enum err create_run(struct tx *tx, void *arg)
{
    struct create_job *j = arg;
    struct sanction *san = &j->san;
    struct message_row row;
    struct show s;
    bool ban = san->kind == SANCTION_BAN;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_ROOM_MODERATE, &s);
    if (!e)
        e = message_read(tx->db, tx->cx, j->message, &row);
    if (!e)
        e = check_target(tx, &s, &row);
    if (e)
        return e;
    san->name = row.m.name;
    san->at_ms = tx->cx->now_ms;
    e = db_do(tx->db, &SQL_sanction_insert,
              ARGS(V(j->id), V(san->public_id), V(s.shop_id), ban ? VNULL : V(s.id),
                   V(row.m.viewer_id), row.device ? V(row.device) : VNULL, V(kind_names[san->kind]),
                   V(san->name), san->until_ms ? V(san->until_ms) : VNULL, V(j->who->viewer_id),
                   V(san->why), V(san->at_ms)),
              NULL);
    if (!e)
        e = tell_viewer(tx, j->r, s.id, row.m.viewer_id, kind_names[san->kind], san->until_ms);
    if (!e && ban)
        e = hide_all(tx, j->r, &s, row.m.viewer_id);
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "sanction.create", san->public_id);
}

static enum err tidy_why(struct cx *cx, const char *why, const char **ret_why)
{
    if (!why)
        return ERR_OK;
    size_t len = strlen(why);
    char *tidy = text_is_utf8(why, len) ? arena_dup(cx->arena, why, len) : NULL;
    if (!tidy || text_chars(tidy, text_tidy(tidy, len)) > WHY_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'why' must be UTF-8 of at most %d characters",
                       WHY_CHARS_MAX);
    *ret_why = tidy;
    return ERR_OK;
}

enum err sanction_create(struct room *r, struct cx *cx, const struct room_who *who,
                         const char *show, const struct sanction_new *ask,
                         struct sanction *ret_sanction)
{
    char public_id[ID_TEXT];
    struct create_job j = {.r = r,
                           .who = who,
                           .show = show,
                           .message = ask->message,
                           .id = id_next(),
                           .audit_id = id_next()};
    if (ask->minutes < 0 || ask->minutes > 1440)
        return problem(cx, ERR_INPUT, "'minutes' must be 1 to 1440 or null");
    enum err e = tidy_why(cx, ask->why, &j.san.why);
    if (e)
        return e;
    id_make("san", public_id);
    j.san.public_id = arena_dup(cx->arena, public_id, strlen(public_id));
    j.san.kind = ask->kind;
    j.san.until_ms = ask->minutes ? cx->now_ms + ask->minutes * INT64_C(60000) : 0;
    e = j.san.public_id ? store_do(r->store, cx, "sanction.create", create_run, &j) : ERR_NO_MEMORY;
    if (!e)
        *ret_sanction = j.san;
    return e;
}

/* ---- end ---- */

struct end_job {
    struct room *r;
    const struct room_who *who;
    const char *public_id;
    int64_t audit_id;
};

static enum err end_run(struct tx *tx, void *arg)
{
    const struct end_job *j = arg;
    int64_t id, shop_id, show_id, viewer_id, changed;
    enum err e = id_ok(j->public_id, "san")
                     ? db_row(tx->db, NULL, &SQL_sanction_by_public_id, ARGS(V(j->public_id)),
                              COLS(C(&id), C(&shop_id), C(&show_id), C(&viewer_id)))
                     : ERR_NOT_FOUND;
    if (!e && !account_may(room_role(j->who, shop_id), ACTION_ROOM_MODERATE))
        e = ERR_NOT_FOUND; /* another shop's moderators, and everybody else */
    if (e == ERR_NOT_FOUND)
        return problem(tx->cx, e, "no such sanction");
    if (!e)
        e = db_do(tx->db, &SQL_sanction_end, ARGS(V(tx->cx->now_ms), V(id)), &changed);
    if (!e && changed && show_id)
        e = tell_viewer(tx, j->r, show_id, viewer_id, NULL, 0);
    if (!e && changed)
        e = room_note(tx, j->who, j->audit_id, shop_id, "sanction.end", j->public_id);
    return e;
}

enum err sanction_end(struct room *r, struct cx *cx, const struct room_who *who,
                      const char *sanction)
{
    struct end_job j = {.r = r, .who = who, .public_id = sanction, .audit_id = id_next()};
    return store_do(r->store, cx, "sanction.end", end_run, &j);
}
