/* Reminders: set, dropped, and told in slices. */
#include "room/remind.h"
#include "account/account.h"
#include "base/arena.h"
#include "base/log.h"
#include "notify/notify.h"
#include "room/remind.sql.h"
#include "room/remind_in.h"
#include "room/room_in.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLICE = 40,
    SLICES_MAX = 50, /* a tick */
    SHOWS_MAX = 20,
    ARENA = 1 << 20,
    HOUSE_EVERY_S = 3600
};
#define KEEP_MS (INT64_C(30) * 86400 * 1000)
#define LIVE_MS INT64_C(1800000)

/* ---- by the person ---- */

enum err remind_get(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, struct reminder *ret_reminder)
{
    struct reminder m = {.push = false};
    struct show s;
    const char *email = NULL;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e && who->viewer_id) {
        e = db_row(db, NULL, &SQL_remind_get, ARGS(V(s.id), V(who->viewer_id)),
                   COLS(C(&m.push), C(&m.email)));
        e = e == ERR_NOT_FOUND ? ERR_OK : e;
        if (!e)
            e = notify_address(db, cx->arena, who->viewer_id, &email);
    }
    m.can_email = email != NULL;
    m.staff = !e && account_may(room_role(who, s.shop_id), ACTION_STUDIO_SEE);
    if (m.staff)
        e = db_i64(db, &SQL_remind_count, ARGS(V(s.id)), &m.count);
    if (!e)
        *ret_reminder = m;
    return e;
}

struct setting {
    struct room *r;
    const struct room_who *who;
    const char *show;
    bool push, email;
};

static enum err check_email(struct tx *tx, const struct setting *a)
{
    const char *email = NULL;
    enum err e =
        a->email ? notify_address(tx->db, tx->cx->arena, a->who->viewer_id, &email) : ERR_OK;
    return !e && a->email && !email
               ? problem(tx->cx, ERR_CONFLICT, "there is no e-mail address that was proved")
               : e;
}

static enum err set_job(struct tx *tx, void *arg)
{
    const struct setting *a = arg;
    struct show s;
    int64_t now_ms = tx->cx->now_ms;
    enum err e = show_find(a->r, tx->db, tx->cx, a->who, a->show, &s);
    if (e)
        return e;
    enum show_state seen = show_seen_state(&s, false);
    if (seen != SHOW_SCHEDULED && seen != SHOW_DRAFT)
        return problem(tx->cx, ERR_CLOSED, "the show has begun, or is over");
    e = check_email(tx, a);
    if (!e && a->who->session) /* a message goes to whom the session lasts until then */
        e = session_touch(tx, a->who->session);
    /* Who asks minutes before needs no "soon". */
    int64_t soon_for = s.starts_ms && s.starts_ms <= now_ms + REMIND_BEFORE_MS ? s.starts_ms : 0;
    return e ? e
             : db_do(tx->db, &SQL_remind_set,
                     ARGS(V(s.id), V(a->who->viewer_id), V(a->push), V(a->email), V(soon_for),
                          V(now_ms)),
                     NULL);
}

enum err remind_set(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                    bool push, bool email)
{
    struct setting a = {r, who, show, push, email};
    if (!who->viewer_id)
        return problem(cx, ERR_NEED_LOGIN, "who is to be reminded?");
    return store_do(r->store, cx, "remind.set", set_job, &a);
}

static enum err drop_job(struct tx *tx, void *arg)
{
    const struct setting *a = arg;
    struct show s;
    enum err e = show_read(tx->db, tx->cx, a->show, &s);
    return e ? e : db_do(tx->db, &SQL_remind_drop, ARGS(V(s.id), V(a->who->viewer_id)), NULL);
}

enum err remind_drop(struct room *r, struct cx *cx, const struct room_who *who, const char *show)
{
    struct setting a = {.r = r, .who = who, .show = show};
    return store_do(r->store, cx, "remind.drop", drop_job, &a);
}

/* ---- telling ---- */

struct slice {
    const unsigned char *key;
    int64_t show_id;
    size_t told;
};

struct listener {
    int64_t viewer_id;
    bool push, email;
    const char *lang, *public_id;
};

/* What there is to say about it now; false: nothing. */
static bool what_to_say(const struct show *s, int64_t now_ms, enum notice_kind *ret_kind,
                        int64_t *ret_until_ms)
{
    switch ((int)s->state) {
    case SHOW_SCHEDULED:
    case SHOW_BACKSTAGE:
        *ret_kind = NOTICE_SHOW_SOON;
        *ret_until_ms = s->starts_ms;
        return show_seen_state(s, false) == SHOW_SCHEDULED && s->starts_ms > now_ms &&
               s->starts_ms <= now_ms + REMIND_BEFORE_MS;
    case SHOW_LIVE:
    case SHOW_INTERRUPTED:
        *ret_kind = NOTICE_SHOW_LIVE;
        *ret_until_ms = s->live_started_ms + LIVE_MS;
        return true;
    case SHOW_CANCELLED:
        *ret_kind = NOTICE_SHOW_CANCELLED;
        *ret_until_ms = 0;
        return true;
    default: return false;
    }
}

static enum err tell(struct tx *tx, const struct slice *a, const struct show *s,
                     const struct listener *l, enum notice_kind kind, int64_t until_ms)
{
    char token[REMIND_TOKEN];
    struct arena *arena = tx->cx->arena;
    enum lang lang = lang_of(l->lang);
    remind_token(a->key, s->public_id, l->public_id, token);
    const char *url = kind == NOTICE_SHOW_CANCELLED ? "/" : arena_fmt(arena, "/s/%s", s->public_id);
    const char *tag = arena_fmt(arena, "show:%s", s->public_id);
    const char *stop = arena_fmt(arena, "/api/v1/notify/stop?t=%s", token);
    const char *key = arena_fmt(arena, "%s:%lld:%lld:%lld", notice_kind_name(kind),
                                (long long)s->id, (long long)l->viewer_id, (long long)s->starts_ms);
    json_t *args = url && tag && stop && key
                       ? json_pack("{s:s,s:I,s:s,s:s,s:s,s:s}", "title", show_title(s, lang), "at",
                                   (json_int_t)s->starts_ms, "url", url, "shop", s->shop_name,
                                   "tag", tag, "stop", stop)
                       : NULL;
    if (!args)
        return ERR_NO_MEMORY;
    const struct notice n = {.kind = kind,
                             .to_viewer = l->viewer_id,
                             .lang = lang_name(lang),
                             .args = args,
                             .key = key,
                             .channels = (l->push ? (unsigned)NOTICE_PUSH : 0u) |
                                         (l->email ? (unsigned)NOTICE_EMAIL : 0u),
                             .until_ms = until_ms,
                             .shop_id = s->shop_id};
    enum err e = n.channels ? notice_put(tx, &n) : ERR_OK;
    json_decref(args);
    return e;
}

static enum err read_listeners(struct tx *tx, const struct show *s, bool soon,
                               struct listener list[SLICE], size_t *ret_n)
{
    size_t n = 0;
    struct rows r =
        soon ? db_rows(tx->db, &SQL_remind_soon, ARGS(V(s->id), V(s->starts_ms), V((int64_t)SLICE)))
             : db_rows(tx->db, &SQL_remind_all, ARGS(V(s->id), V((int64_t)SLICE)));
    while (n < SLICE && rows_next(&r, tx->cx->arena,
                                  COLS(C(&list[n].viewer_id), C(&list[n].push), C(&list[n].email),
                                       C(&list[n].lang), C(&list[n].public_id))))
        n++;
    *ret_n = n;
    return rows_end(&r);
}

static enum err slice_job(struct tx *tx, void *arg)
{
    struct slice *a = arg;
    struct listener list[SLICE];
    struct show s;
    enum notice_kind kind;
    int64_t until_ms, now_ms = tx->cx->now_ms;
    size_t n = 0;
    a->told = 0;
    enum err e = show_read_id(tx->db, tx->cx, a->show_id, &s);
    if (e || !what_to_say(&s, now_ms, &kind, &until_ms))
        return e;
    bool soon = kind == NOTICE_SHOW_SOON;
    e = read_listeners(tx, &s, soon, list, &n);
    for (size_t i = 0; !e && i < n; i++) {
        e = tell(tx, a, &s, &list[i], kind, until_ms);
        if (!e && soon)
            e = db_do(tx->db, &SQL_remind_soon_told,
                      ARGS(V(s.starts_ms), V(s.id), V(list[i].viewer_id)), NULL);
        else if (!e)
            e = db_do(tx->db, &SQL_remind_told, ARGS(V(now_ms), V(s.id), V(list[i].viewer_id)),
                      NULL);
    }
    a->told = n;
    return e;
}

/* One slice, in an arena of its own. */
static enum err run_slice(struct room *r, struct slice *a, int64_t now_ms)
{
    struct cx cx = {.arena = arena_make(ARENA), .now_ms = now_ms};
    enum err e = cx.arena ? store_do(r->store, &cx, "remind.tell", slice_job, a) : ERR_NO_MEMORY;
    arena_free(cx.arena);
    return e;
}

static enum err read_due(struct room *r, int64_t now_ms, int64_t ids[SHOWS_MAX], size_t *ret_n)
{
    struct db *db;
    size_t n = 0;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(
        db, &SQL_remind_due, ARGS(V(now_ms), V(now_ms + REMIND_BEFORE_MS), V((int64_t)SHOWS_MAX)));
    while (n < SHOWS_MAX && rows_next(&rows, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&rows);
    store_read_end(db);
    *ret_n = e ? 0 : n;
    return e;
}

static enum err house_job(struct tx *tx, void *arg)
{
    const int64_t *now_ms = arg;
    enum err e = db_do(tx->db, &SQL_remind_stale, ARGS(V(*now_ms)), NULL);
    return e ? e : db_do(tx->db, &SQL_remind_sweep, ARGS(V(*now_ms - KEEP_MS)), NULL);
}

void remind_tick(struct room *r, const unsigned char key[SECRET_KEY_LEN], int64_t now_ms)
{
    int64_t ids[SHOWS_MAX];
    size_t n = 0, slices = 0;
    enum err e = read_due(r, now_ms, ids, &n);
    for (size_t i = 0; !e && i < n; i++) {
        struct slice a = {.key = key, .show_id = ids[i], .told = SLICE};
        while (!e && a.told == SLICE && slices++ < SLICES_MAX)
            e = run_slice(r, &a, now_ms);
    }
    if (!e && now_ms / 1000 % HOUSE_EVERY_S == 0) {
        struct cx cx = {.now_ms = now_ms};
        e = store_do(r->store, &cx, "remind.house", house_job, &now_ms);
    }
    if (e)
        log_warn("reminders wait", LOG_S("err", err_api(e)));
}

/* ---- people ---- */

enum err remind_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer)
{
    enum err e = db_do(tx->db, &SQL_remind_merge, ARGS(V(to_viewer), V(from_viewer)), NULL);
    return e ? e : db_do(tx->db, &SQL_remind_erase, ARGS(V(from_viewer)), NULL);
}

enum err remind_erase(struct tx *tx, int64_t viewer_id)
{
    return db_do(tx->db, &SQL_remind_erase, ARGS(V(viewer_id)), NULL);
}
