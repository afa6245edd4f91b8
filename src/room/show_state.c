/* The states of a show: one table, and the one function that changes a state. */
#include "base/arena.h"
#include "room/room_in.h"
#include "room/sell_in.h"
#include "room/show.sql.h"

#include <assert.h>
#include <string.h>

static const char *const state_names[] = {
#define X(name, text) [SHOW_##name] = (text),
    SHOW_STATE_TABLE(X)
#undef X
};

const char *show_state_name(enum show_state s)
{
    assert((unsigned)s < SHOW_STATE_COUNT);
    return state_names[s];
}

enum err show_state_parse(const char *text, enum show_state *ret_state)
{
    for (int i = 0; i < SHOW_STATE_COUNT; i++) {
        if (strcmp(text, state_names[i]) == 0) {
            *ret_state = (enum show_state)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

/* Where a move leads is fixed, but for a lost encoder backstage: back to where it came from. */
enum { CAME_FROM = SHOW_STATE_COUNT };

static const struct {
    enum show_move move;
    enum show_state from;
    int to;
} moves[] = {
    {SHOW_MOVE_SCHEDULE, SHOW_DRAFT, SHOW_SCHEDULED},
    {SHOW_MOVE_INGEST_ON, SHOW_DRAFT, SHOW_BACKSTAGE},
    {SHOW_MOVE_INGEST_ON, SHOW_SCHEDULED, SHOW_BACKSTAGE},
    {SHOW_MOVE_INGEST_ON, SHOW_INTERRUPTED, SHOW_LIVE},
    {SHOW_MOVE_INGEST_OFF, SHOW_BACKSTAGE, CAME_FROM},
    {SHOW_MOVE_INGEST_OFF, SHOW_LIVE, SHOW_INTERRUPTED},
    {SHOW_MOVE_GO_LIVE, SHOW_BACKSTAGE, SHOW_LIVE},
    {SHOW_MOVE_END, SHOW_LIVE, SHOW_ENDED},
    {SHOW_MOVE_END, SHOW_INTERRUPTED, SHOW_ENDED},
    {SHOW_MOVE_TIMEOUT, SHOW_INTERRUPTED, SHOW_ENDED},
    {SHOW_MOVE_RECORDING, SHOW_ENDED, SHOW_REPLAY_READY},
    {SHOW_MOVE_CANCEL, SHOW_DRAFT, SHOW_CANCELLED},
    {SHOW_MOVE_CANCEL, SHOW_SCHEDULED, SHOW_CANCELLED},
    {SHOW_MOVE_CANCEL, SHOW_BACKSTAGE, SHOW_CANCELLED},
    {SHOW_MOVE_ARCHIVE, SHOW_REPLAY_READY, SHOW_ARCHIVED},
};

enum err show_next_state(enum show_state from, enum show_state came_from, enum show_move move,
                         enum show_state *ret_to)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].move == move && moves[i].from == from) {
            *ret_to = moves[i].to == CAME_FROM ? came_from : (enum show_state)moves[i].to;
            return ERR_OK;
        }
    }
    return ERR_TRANSITION;
}

/* The times and the memory of a state, as they are after entering it. */
static void enter(struct show *s, enum show_state to, int64_t now_ms)
{
    if (to == SHOW_BACKSTAGE)
        s->came_from = s->state;
    if (to == SHOW_LIVE && !s->live_started_ms)
        s->live_started_ms = now_ms;
    if (to == SHOW_ENDED)
        s->ended_ms = now_ms;
    s->interrupted_ms = to == SHOW_INTERRUPTED ? now_ms : 0;
    s->state = to;
}

/* To the Stream API: after the end nothing may be sent any more, and the recording is wanted. */
static enum err add_tasks(struct tx *tx, const struct show *s)
{
    enum err e = ERR_OK;
    if (!s->input)
        return e;
    if (s->state == SHOW_ENDED || s->state == SHOW_CANCELLED)
        e = task_add(tx, s->id, TASK_DISABLE_INPUT, 0);
    if (!e && s->state == SHOW_ENDED)
        e = task_add(tx, s->id, TASK_FIND_RECORDING, 5000);
    return e;
}

static json_t *state_json(const struct show *s, bool staff)
{
    json_t *o =
        json_pack("{s:s, s:o, s:o, s:o, s:o}", "state", show_state_name(show_seen_state(s, staff)),
                  "starts_at", show_ms_json(s->starts_ms), "live_started_at",
                  show_ms_json(s->live_started_ms), "ended_at", show_ms_json(s->ended_ms),
                  "playback", show_playback_json(s));
    if (o && staff) {
        (void)json_object_set_new(o, "version", json_integer(s->version));
        (void)json_object_set_new(o, "ingest", json_pack("{s:b}", "connected", s->input_connected));
        (void)json_object_set_new(o, "preview", show_preview_json(s));
    }
    return o;
}

/* The public hears of a change only when it sees one; staff hear of every one. */
static enum err tell(struct tx *tx, struct room *r, const struct show *s, enum show_state seen)
{
    struct event ev = {.show_id = s->id, .type = "show.state", .audience = AUDIENCE_STAFF};
    enum err e = ERR_OK;
    if (show_seen_state(s, false) != seen) {
        ev.audience = AUDIENCE_ALL;
        e = event_add(tx, r, &ev, state_json(s, false));
        ev.audience = AUDIENCE_STAFF;
    }
    if (!e)
        e = event_add(tx, r, &ev, state_json(s, true));
    return e;
}

/* NULL for 0. */
static struct val ms_val(int64_t ms)
{
    return ms ? V(ms) : VNULL;
}

enum err show_move(struct tx *tx, struct room *r, struct show *s, enum show_move move)
{
    enum show_state to;
    if (show_next_state(s->state, s->came_from, move, &to))
        return problem(tx->cx, ERR_TRANSITION, "the show is %s", show_state_name(s->state));

    struct show after = *s;
    enum show_state seen = show_seen_state(s, false);
    int64_t changed;
    enter(&after, to, tx->cx->now_ms);
    after.version++;
    enum err e = db_do(tx->db, &SQL_show_set_state,
                       ARGS(V(show_state_name(to)), V(show_state_name(after.came_from)),
                            ms_val(after.live_started_ms), ms_val(after.interrupted_ms),
                            ms_val(after.ended_ms), V(s->id), V(show_state_name(s->state))),
                       &changed);
    if (!e && changed != 1)
        return ERR_STORE; /* read in this job, and jobs do not run beside each other */
    if (!e)
        e = add_tasks(tx, &after);
    if (!e && (to == SHOW_ENDED || to == SHOW_CANCELLED))
        e = sale_end(tx, r, &after);
    if (!e)
        e = tell(tx, r, &after, seen);
    if (!e)
        *s = after;
    return e;
}
