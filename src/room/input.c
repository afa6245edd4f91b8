/* What the Stream API tells: encoder on and off, recordings; and the to-do list for it. */
#include "base/arena.h"
#include "base/log.h"
#include "room/input.sql.h"
#include "room/room_in.h"

#include <assert.h>
#include <string.h>

/* ---- a show gets its input ---- */

bool show_takes_input(const struct show *s)
{
    return s->state == SHOW_DRAFT || s->state == SHOW_SCHEDULED || s->state == SHOW_BACKSTAGE ||
           s->state == SHOW_LIVE || s->state == SHOW_INTERRUPTED;
}

struct attach_job {
    const char *show, *uid, *hls;
};

static enum err attach_run(struct tx *tx, void *arg)
{
    const struct attach_job *j = arg;
    struct show s;
    int64_t changed;
    enum err e = show_read(tx->db, tx->cx, j->show, &s);
    if (!e && s.input && strcmp(s.input, j->uid) == 0)
        return ERR_OK;               /* again */
    if (!e && !show_takes_input(&s)) /* ended while it was made: nobody would switch it off */
        e = problem(tx->cx, ERR_TRANSITION, "the show is %s", show_state_name(s.state));
    if (!e)
        e = db_do(tx->db, &SQL_input_attach, ARGS(V(j->uid), V(j->hls), V(s.id)), &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_EXISTS, "the show has another input, or the input another show");
    return e;
}

enum err input_attach(struct room *r, struct cx *cx, const char *show, const char *uid,
                      const char *live_hls)
{
    struct attach_job j = {show, uid, live_hls};
    size_t len = strlen(uid);
    if (len < 1 || len > INPUT_UID_MAX || strlen(live_hls) > URL_MAX)
        return problem(cx, ERR_INPUT, "the input's uid or URL is too long");
    return store_do(r->store, cx, "input.attach", attach_run, &j);
}

/* ---- on and off ---- */

struct notify_job {
    struct room *r;
    const struct input_notice *n;
    bool applied;
};

static enum err notify_run(struct tx *tx, void *arg)
{
    struct notify_job *j = arg;
    const struct input_notice *n = j->n;
    enum show_move move = n->connected ? SHOW_MOVE_INGEST_ON : SHOW_MOVE_INGEST_OFF;
    enum show_state to;
    struct show s;
    int64_t changed = 0;
    j->applied = false;
    enum err e = show_read_input(tx->db, tx->cx, n->uid, &s);
    if (!e && n->poll && s.input_connected == n->connected)
        return ERR_OK;
    if (!e)
        e = db_do(tx->db, &SQL_input_apply, ARGS(V(n->connected), V(n->at_us), V(s.id)), &changed);
    if (e == ERR_NOT_FOUND || (!e && !changed))
        return ERR_OK; /* nobody's, or old */
    if (e)
        return e;
    j->applied = true;
    s.input_connected = n->connected;
    if (show_next_state(s.state, s.came_from, move, &to))
        return ERR_OK; /* on while on, or after the end: nothing moves */
    return show_move(tx, j->r, &s, move);
}

enum err input_notify(struct room *r, struct cx *cx, const struct input_notice *n,
                      bool *ret_applied)
{
    struct notify_job j = {.r = r, .n = n};
    enum err e = store_do(r->store, cx, "input.notify", notify_run, &j);
    if (!e && ret_applied)
        *ret_applied = j.applied;
    if (!e)
        cx->problem[0] = '\0'; /* an input of nobody is no problem */
    return e;
}

enum err input_watch_list(struct db *db, struct cx *cx, size_t max, struct input_watched **ret_list,
                          size_t *ret_count)
{
    struct input_watched *list = arena_array(cx->arena, struct input_watched, max + 1);
    struct input_watched one = {0};
    const char *state;
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_inputs_watched, ARGS(V((int64_t)max)));
    while (n < max && rows_next(&rows, cx->arena,
                                COLS(C(&one.show_id), C(&one.show), C(&one.uid), C(&state),
                                     C(&one.connected))))
        if (!show_state_parse(state, &one.state))
            list[n++] = one;
    enum err e = rows_end(&rows);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- recordings ---- */

enum { RECORDING_SLACK_MS = 2000 }; /* two clocks */

static int choose(const struct recording *list, size_t count, int64_t at_ms, int64_t slack_ms)
{
    int best = -1;
    for (size_t i = 0; i < count; i++) {
        const struct recording *rec = &list[i];
        bool holds = at_ms >= rec->created_ms - slack_ms &&
                     at_ms < rec->created_ms + rec->duration_ms + slack_ms;
        if (holds && (best < 0 || rec->created_ms < list[best].created_ms))
            best = (int)i;
    }
    return best;
}

int recording_choose(const struct recording *list, size_t count, int64_t live_started_ms)
{
    int best = choose(list, count, live_started_ms, 0);
    return best >= 0 ? best : choose(list, count, live_started_ms, RECORDING_SLACK_MS);
}

struct recordings_job {
    struct room *r;
    const char *uid;
    const struct recording *list;
    size_t count;
    bool found;
};

static const char *const task_names[] = {
    [TASK_DISABLE_INPUT] = "disable_input", [TASK_FIND_RECORDING] = "find_recording"};

static enum err take_recording(struct tx *tx, struct recordings_job *j, struct show *s,
                               const struct recording *rec)
{
    int64_t offset = s->live_started_ms - rec->created_ms;
    s->replay_hls = rec->hls;
    s->thumbnail = rec->thumbnail;
    s->replay_offset_ms = offset > 0 ? offset : 0;
    s->duration_ms = rec->duration_ms - s->replay_offset_ms;
    if (s->duration_ms < 0)
        s->duration_ms = 0;
    enum err e = db_do(tx->db, &SQL_show_set_replay,
                       ARGS(V(s->replay_hls), V(s->thumbnail), V(s->replay_offset_ms),
                            V(s->duration_ms), V(s->id)),
                       NULL);
    if (!e)
        e = db_do(tx->db, &SQL_task_done_of_show,
                  ARGS(V(s->id), V(task_names[TASK_FIND_RECORDING])), NULL);
    return e ? e : show_move(tx, j->r, s, SHOW_MOVE_RECORDING);
}

static enum err recordings_run(struct tx *tx, void *arg)
{
    struct recordings_job *j = arg;
    struct show s;
    j->found = false;
    enum err e = show_read_input(tx->db, tx->cx, j->uid, &s);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (s.state == SHOW_REPLAY_READY || s.state == SHOW_ARCHIVED)
        j->found = true; /* it has one */
    if (s.state != SHOW_ENDED)
        return ERR_OK;
    int best = recording_choose(j->list, j->count, s.live_started_ms);
    if (best < 0)
        return ERR_OK;
    j->found = true;
    return take_recording(tx, j, &s, &j->list[best]);
}

enum err input_recordings(struct room *r, struct cx *cx, const char *uid,
                          const struct recording *list, size_t count, bool *ret_found)
{
    struct recordings_job j = {.r = r, .uid = uid, .list = list, .count = count};
    enum err e = store_do(r->store, cx, "input.recordings", recordings_run, &j);
    if (!e)
        *ret_found = j.found;
    if (!e)
        cx->problem[0] = '\0';
    return e;
}

static enum err hint_run(struct tx *tx, void *arg)
{
    const char *const *uid = arg;
    return db_do(tx->db, &SQL_task_now, ARGS(V(tx->cx->now_ms), V(*uid)), NULL);
}

enum err input_recording_hint(struct room *r, struct cx *cx, const char *uid)
{
    return store_do(r->store, cx, "input.hint", hint_run, &uid);
}

/* ---- the to-do list ---- */

enum {
    TASK_FIRST_MS = 5000,
    TASK_LONGEST_MS = 10 * 60 * 1000,
    TASK_GIVE_UP_MS = 2 * 24 * 3600 * 1000
};

enum err task_add(struct tx *tx, int64_t show_id, enum task_kind kind, int64_t delay_ms)
{
    int64_t id = id_next(); /* in the job for once: nothing refers to it before the commit */
    return db_do(tx->db, &SQL_task_add,
                 ARGS(V(id), V(show_id), V(task_names[kind]), V(tx->cx->now_ms),
                      V(tx->cx->now_ms + delay_ms)),
                 NULL);
}

enum err task_list(struct db *db, struct cx *cx, size_t max, struct show_task **ret_list,
                   size_t *ret_count)
{
    struct show_task *list = arena_array(cx->arena, struct show_task, max + 1);
    struct show_task one = {0};
    const char *kind;
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_task_due, ARGS(V(cx->now_ms), V((int64_t)max)));
    while (n < max &&
           rows_next(&rows, cx->arena,
                     COLS(C(&one.id), C(&kind), C(&one.tries), C(&one.show), C(&one.uid)))) {
        one.kind = strcmp(kind, task_names[TASK_DISABLE_INPUT]) == 0 ? TASK_DISABLE_INPUT
                                                                     : TASK_FIND_RECORDING;
        list[n++] = one;
    }
    enum err e = rows_end(&rows);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

static enum err done_run(struct tx *tx, void *arg)
{
    const int64_t *id = arg;
    return db_do(tx->db, &SQL_task_done, ARGS(V(*id)), NULL);
}

enum err task_done(struct room *r, struct cx *cx, int64_t task_id)
{
    return store_do(r->store, cx, "task.done", done_run, &task_id);
}

static enum err later_run(struct tx *tx, void *arg)
{
    const int64_t *id = arg;
    int64_t tries, created_ms, wait = TASK_FIRST_MS;
    enum err e =
        db_row(tx->db, NULL, &SQL_task_by_id, ARGS(V(*id)), COLS(C(&tries), C(&created_ms)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (tx->cx->now_ms - created_ms > TASK_GIVE_UP_MS) {
        log_warn("task given up", LOG_I("task", *id), LOG_I("tries", tries));
        return db_do(tx->db, &SQL_task_done, ARGS(V(*id)), NULL);
    }
    for (int64_t i = 0; i < tries && wait < TASK_LONGEST_MS; i++)
        wait *= 2;
    if (wait > TASK_LONGEST_MS)
        wait = TASK_LONGEST_MS;
    return db_do(tx->db, &SQL_task_later, ARGS(V(tx->cx->now_ms + wait), V(*id)), NULL);
}

enum err task_later(struct room *r, struct cx *cx, int64_t task_id)
{
    return store_do(r->store, cx, "task.later", later_run, &task_id);
}
