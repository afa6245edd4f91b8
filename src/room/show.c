/* Making and changing shows. */
#include "base/arena.h"
#include "base/text.h"
#include "files/files.h"
#include "room/room_in.h"
#include "room/sale.sql.h"
#include "room/show.sql.h"

#include <assert.h>
#include <string.h>

static const char *const mode_names[] = {
#define X(name, text) [CHAT_##name] = (text),
    CHAT_MODE_TABLE(X)
#undef X
};

const char *chat_mode_name(enum chat_mode m)
{
    assert((unsigned)m < CHAT_MODE_COUNT);
    return mode_names[m];
}

enum err chat_mode_parse(const char *text, enum chat_mode *ret_mode)
{
    for (int i = 0; i < CHAT_MODE_COUNT; i++) {
        if (strcmp(text, mode_names[i]) == 0) {
            *ret_mode = (enum chat_mode)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* ---- what was typed ---- */

static enum err tidy_text(struct cx *cx, const char *what, const char *typed, size_t max_chars,
                          const char **ret_text)
{
    size_t len = strlen(typed);
    if (!text_is_utf8(typed, len))
        return problem(cx, ERR_INPUT, "'%s' must be UTF-8", what);
    char *s = arena_dup(cx->arena, typed, len);
    if (!s)
        return ERR_NO_MEMORY;
    len = text_tidy(s, len);
    if (text_chars(s, len) > max_chars)
        return problem(cx, ERR_INPUT, "'%s' must have at most %zu characters", what, max_chars);
    *ret_text = s;
    return ERR_OK;
}

/* {"zh-TW": …} in the arena; empty ones are left out, one must stay. */
static enum err titles_text(struct cx *cx, const char *const title[LANG_COUNT],
                            const char **ret_json)
{
    json_t *o = json_object();
    enum err e = o ? ERR_OK : ERR_NO_MEMORY;
    for (int l = 0; !e && l < LANG_COUNT; l++) {
        const char *tidy = NULL;
        if (title[l])
            e = tidy_text(cx, "title", title[l], TITLE_CHARS_MAX, &tidy);
        if (!e && tidy && tidy[0] &&
            json_object_set_new(o, lang_name((enum lang)l), json_string(tidy)))
            e = ERR_NO_MEMORY;
    }
    if (!e && json_object_size(o) == 0)
        e = problem(cx, ERR_INPUT, "'title' must have text in one language at least");
    char *text = e ? NULL : json_dumps(o, JSON_COMPACT);
    json_decref(o);
    if (e)
        return e;
    *ret_json = text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
    free(text);
    return *ret_json ? ERR_OK : ERR_NO_MEMORY;
}

/* One of the built-in ones, or a picture that the shop uploaded as a cover. */
static enum err check_cover(struct tx *tx, int64_t shop_id, const char *cover)
{
    int64_t id;
    if (!cover || show_cover_url(cover))
        return ERR_OK;
    enum err e = files_ready_id(tx->db, tx->cx, shop_id, "cover", cover, &id);
    return e == ERR_INPUT ? problem(tx->cx, e, "no such cover") : e;
}

enum { START_LATE_MS = 5 * 60 * 1000 }; /* a form may have been open for a while */

static enum err check_start(struct cx *cx, int64_t starts_ms)
{
    if (starts_ms < 0 || (starts_ms && starts_ms < cx->now_ms - START_LATE_MS))
        return problem(cx, ERR_INPUT, "'starts_at' is in the past");
    if (starts_ms > cx->now_ms + INT64_C(366) * 24 * 3600 * 1000)
        return problem(cx, ERR_INPUT, "'starts_at' is more than a year away");
    return ERR_OK;
}

static struct val ms_val(int64_t ms)
{
    return ms ? V(ms) : VNULL;
}

/* ---- create ---- */

struct create_job {
    struct room *r;
    const struct room_who *who;
    int64_t id, audit_id;
    const char *public_id, *title, *cover, *host_name, *shop;
    int64_t starts_ms;
    struct show show;
};

/* The shop that is named, or the only one where they may. */
static enum err pick_shop(struct tx *tx, const struct create_job *j, int64_t *ret_shop_id)
{
    const struct room_who *who = j->who;
    int64_t found = 0;
    size_t works = 0;
    for (size_t i = 0; i < who->staff_count; i++) {
        const struct staff *st = &who->staff[i];
        if (j->shop && strcmp(st->shop_public_id, j->shop) != 0)
            continue;
        works++;
        if (!account_may(st->role, ACTION_SHOW_CREATE))
            continue;
        if (found)
            return problem(tx->cx, ERR_INPUT, "'shop' must say which of your shops");
        found = st->shop_id;
    }
    if (j->shop && !works)
        return problem(tx->cx, ERR_NOT_FOUND, "no such shop");
    if (!found)
        return problem(tx->cx, ERR_FORBIDDEN, "you may not do 'show.create' here");
    *ret_shop_id = found;
    return ERR_OK;
}

static enum err create_run(struct tx *tx, void *arg)
{
    struct create_job *j = arg;
    int64_t shop_id = 0, made = 0;
    enum err e = pick_shop(tx, j, &shop_id);
    if (!e)
        e = check_cover(tx, shop_id, j->cover);
    if (!e)
        e = db_do(tx->db, &SQL_show_insert,
                  ARGS(V(j->id), V(j->public_id), V(shop_id), V(j->title), V(j->cover),
                       V(j->host_name), V(j->starts_ms ? "scheduled" : "draft"),
                       ms_val(j->starts_ms), V(tx->cx->now_ms)),
                  &made);
    if (!e && !made)
        e = problem(tx->cx, ERR_EXISTS, "there is a show '%s' already", j->public_id);
    if (!e)
        e = db_do(tx->db, &SQL_show_log_insert, ARGS(V(j->id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_sale_insert, ARGS(V(j->id)), NULL);
    if (!e)
        e = show_read_id(tx->db, tx->cx, j->id, &j->show);
    return e ? e : room_note(tx, j->who, j->audit_id, shop_id, "show.create", j->public_id);
}

enum err show_create(struct room *r, struct cx *cx, const struct room_who *who,
                     const struct show_new *ask, struct show *ret_show)
{
    char public_id[ID_TEXT];
    struct create_job j = {.r = r,
                           .who = who,
                           .cover = ask->cover,
                           .shop = ask->shop,
                           .starts_ms = ask->starts_ms,
                           .public_id = ask->public_id};
    const char *host = ask->host_name ? ask->host_name : who->name;
    enum err e = titles_text(cx, ask->title, &j.title);
    if (!e)
        e = tidy_text(cx, "host_name", host ? host : "", HOST_NAME_CHARS_MAX, &j.host_name);
    if (!e)
        e = check_start(cx, ask->starts_ms);
    if (!e && ask->public_id && !id_ok(ask->public_id, "shw"))
        e = problem(cx, ERR_INPUT, "'%.40s' is no id of a show", ask->public_id);
    if (e)
        return e;
    if (!j.public_id) {
        id_make("shw", public_id);
        j.public_id = public_id;
    }
    j.id = id_next();
    j.audit_id = id_next();
    e = store_do(r->store, cx, "show.create", create_run, &j);
    if (!e)
        *ret_show = j.show;
    return e;
}

/* ---- edit ---- */

struct edit_job {
    struct room *r;
    const struct room_who *who;
    const char *public_id, *title, *host_name;
    const struct show_edit *ask;
    int64_t version, audit_id;
    struct show show;
};

static enum err edit_check(struct tx *tx, const struct edit_job *j, const struct show *s)
{
    enum err e = show_check(tx->cx, s, j->who, ACTION_SHOW_EDIT);
    if (e)
        return e;
    if (s->version != j->version)
        return problem(tx->cx, ERR_PRECONDITION, "the show has changed meanwhile");
    if (s->state == SHOW_CANCELLED)
        return problem(tx->cx, ERR_TRANSITION, "the show is %s", show_state_name(s->state));
    bool begun = s->state != SHOW_DRAFT && s->state != SHOW_SCHEDULED && s->state != SHOW_BACKSTAGE;
    if (j->ask->set_starts && begun)
        return problem(tx->cx, ERR_TRANSITION, "the show is %s", show_state_name(s->state));
    if (j->ask->set_starts && !j->ask->starts_ms && (s->state != SHOW_DRAFT || j->ask->schedule))
        return problem(tx->cx, ERR_INPUT, "a scheduled show needs 'starts_at'");
    return ERR_OK;
}

static enum err edit_write(struct tx *tx, struct edit_job *j, const struct show *s)
{
    const struct show_edit *ask = j->ask;
    const char *title = j->title;
    if (!title) {
        enum err e = titles_text(tx->cx, s->title, &title);
        if (e)
            return e;
    }
    int64_t changed;
    enum err e = db_do(tx->db, &SQL_show_update,
                       ARGS(V(title), V(ask->set_cover ? ask->cover : s->cover),
                            V(ask->set_host_name ? j->host_name : s->host_name),
                            ms_val(ask->set_starts ? ask->starts_ms : s->starts_ms), V(s->id),
                            V(j->version)),
                       &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_PRECONDITION, "the show has changed meanwhile");
    return e;
}

/*
 * To everybody as they see it (the log is kept: a draft is never told, not even once it is public),
 * then to staff with the version they need for the next edit.
 */
static enum err tell_updated(struct tx *tx, struct room *r, const struct show *s)
{
    struct event ev = {.show_id = s->id, .type = "show.updated", .audience = AUDIENCE_ALL};
    enum err e = ERR_OK;
    if (show_public(s))
        e = event_add(tx, r, &ev, json_pack("{s:o}", "show", show_json_for(r, s, false)));
    ev.audience = AUDIENCE_STAFF;
    return e ? e : event_add(tx, r, &ev, json_pack("{s:o}", "show", show_json_for(r, s, true)));
}

static enum err edit_run(struct tx *tx, void *arg)
{
    struct edit_job *j = arg;
    struct show s;
    enum err e = show_read(tx->db, tx->cx, j->public_id, &s);
    if (!e)
        e = edit_check(tx, j, &s);
    if (!e && j->ask->set_cover)
        e = check_cover(tx, s.shop_id, j->ask->cover);
    if (!e)
        e = edit_write(tx, j, &s);
    if (!e)
        e = show_read_id(tx->db, tx->cx, s.id, &s);
    if (!e && j->ask->schedule) {
        if (!s.starts_ms)
            return problem(tx->cx, ERR_INPUT, "a scheduled show needs 'starts_at'");
        e = show_move(tx, j->r, &s, SHOW_MOVE_SCHEDULE);
    }
    if (!e)
        e = tell_updated(tx, j->r, &s);
    if (!e)
        e = room_note(tx, j->who, j->audit_id, s.shop_id, "show.edit", s.public_id);
    j->show = s;
    return e;
}

enum err show_edit(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   int64_t version, const struct show_edit *ask, struct show *ret_show)
{
    struct edit_job j = {.r = r,
                         .who = who,
                         .public_id = show,
                         .ask = ask,
                         .version = version,
                         .audit_id = id_next()};
    enum err e = ERR_OK;
    if (ask->set_title)
        e = titles_text(cx, ask->title, &j.title);
    if (!e && ask->set_host_name)
        e = tidy_text(cx, "host_name", ask->host_name ? ask->host_name : "", HOST_NAME_CHARS_MAX,
                      &j.host_name);
    if (!e && ask->set_starts)
        e = check_start(cx, ask->starts_ms);
    if (!e)
        e = store_do(r->store, cx, "show.edit", edit_run, &j);
    if (!e)
        *ret_show = j.show;
    return e;
}

/* ---- run ---- */

struct run_job {
    struct room *r;
    const struct room_who *who;
    const char *public_id;
    enum show_move move;
    int64_t audit_id;
    struct show show;
};

static enum err run_run(struct tx *tx, void *arg)
{
    static const char *const audited[SHOW_MOVE_COUNT] = {
        [SHOW_MOVE_GO_LIVE] = "show.go_live",
        [SHOW_MOVE_END] = "show.end",
        [SHOW_MOVE_CANCEL] = "show.cancel",
        [SHOW_MOVE_ARCHIVE] = "show.archive",
    };
    struct run_job *j = arg;
    enum action action = j->move == SHOW_MOVE_ARCHIVE ? ACTION_SHOW_ARCHIVE : ACTION_SHOW_RUN;
    enum err e = show_read(tx->db, tx->cx, j->public_id, &j->show);
    if (!e)
        e = show_check(tx->cx, &j->show, j->who, action);
    if (!e)
        e = show_move(tx, j->r, &j->show, j->move);
    return e ? e
             : room_note(tx, j->who, j->audit_id, j->show.shop_id, audited[j->move], j->public_id);
}

enum err show_run(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  enum show_move move, struct show *ret_show)
{
    assert(move == SHOW_MOVE_GO_LIVE || move == SHOW_MOVE_END || move == SHOW_MOVE_CANCEL ||
           move == SHOW_MOVE_ARCHIVE);
    struct run_job j = {.r = r, .who = who, .public_id = show, .move = move, .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "show.run", run_run, &j);
    if (!e)
        *ret_show = j.show;
    return e;
}

/* ---- time ---- */

struct timeout_job {
    struct room *r;
    int64_t show_id;
};

static enum err timeout_run(struct tx *tx, void *arg)
{
    const struct timeout_job *j = arg;
    struct show s;
    enum err e = show_read_id(tx->db, tx->cx, j->show_id, &s);
    if (e)
        return e;
    if (s.interrupted_ms > tx->cx->now_ms - SHOW_INTERRUPTED_MAX_MS)
        return ERR_OK; /* back and gone again meanwhile */
    return show_move(tx, j->r, &s, SHOW_MOVE_TIMEOUT);
}

enum { OVERDUE_MAX = 50 };

enum err show_end_overdue(struct room *r, struct cx *cx)
{
    int64_t id, due[OVERDUE_MAX];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows =
        db_rows(db, &SQL_show_overdue, ARGS(V(cx->now_ms - SHOW_INTERRUPTED_MAX_MS)));
    while (n < OVERDUE_MAX && rows_next(&rows, NULL, COLS(C(&id))))
        due[n++] = id;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; i < n; i++) { /* one that cannot be ended does not stop the others */
        struct timeout_job j = {r, due[i]};
        enum err one = store_do(r->store, cx, "show.timeout", timeout_run, &j);
        if (one && one != ERR_TRANSITION) /* else somebody else was quicker */
            e = one;
    }
    return e;
}
