/* The moderators' tools: hide and show, pin, the chat's mode. */
#include "base/arena.h"
#include "base/lang.h"
#include "base/text.h"
#include "room/chat.sql.h"
#include "room/forget.h"
#include "room/room_in.h"

#include <string.h>

/* ---- hide and show ---- */

struct state_job {
    struct room *r;
    const struct room_who *who;
    const char *message;
    enum message_state to;
    int64_t audit_id;
    struct message m;
};

/*
 * Hidden: whoever saw it drops it, and its words leave the log; what was only held is staff's to
 * know.
 */
static enum err tell_hidden(struct tx *tx, struct room *r, const struct message_row *row,
                            bool was_held)
{
    const struct message *m = &row->m;
    int64_t told = 0;
    enum err e = db_i64(tx->db, &SQL_message_told, ARGS(V(row->id)), &told);
    if (!e)
        e = forget_event(tx, m->show_id, m->seq, m->public_id);
    if (!e && told)
        e = forget_event(tx, m->show_id, told, m->public_id);
    if (e)
        return e;
    const struct event ev = {.show_id = m->show_id,
                             .type = "chat.removed",
                             .audience = was_held ? AUDIENCE_STAFF : AUDIENCE_ALL};
    return event_add(tx, r, &ev, json_pack("{s:[s]}", "ids", m->public_id));
}

static enum err set_state(struct tx *tx, struct state_job *j, const struct message_row *row)
{
    struct message *m = &j->m;
    bool was_held = row->m.state == MESSAGE_HELD;
    struct event ev = {.show_id = m->show_id,
                       .type = "chat.message",
                       .audience = AUDIENCE_ALL,
                       .viewer_id = m->viewer_id};
    int64_t changed;
    enum err e = ERR_OK;
    m->state = j->to;
    if (j->to == MESSAGE_SHOWN)
        e = event_next(tx, m->show_id, &ev.seq);
    if (!e && j->to == MESSAGE_SHOWN && was_held) /* what staff were told of it goes */
        e = forget_event(tx, m->show_id, m->seq, m->public_id);
    if (j->to == MESSAGE_SHOWN && was_held)
        m->seq = ev.seq; /* it enters the room now */
    if (!e && j->to == MESSAGE_HIDDEN)
        e = tell_hidden(tx, j->r, row, was_held);
    if (!e)
        e = db_do(tx->db, &SQL_message_set_state,
                  ARGS(V(message_state_name(j->to)), V(m->seq), ev.seq ? V(ev.seq) : VNULL,
                       V(row->id), V(message_state_name(row->m.state))),
                  &changed);
    if (!e && changed != 1)
        return ERR_STORE; /* read in this job */
    if (e)
        return e;
    return j->to == MESSAGE_SHOWN ? event_put(tx, j->r, &ev, message_json(m, false)) : ERR_OK;
}

static enum err state_run(struct tx *tx, void *arg)
{
    struct state_job *j = arg;
    struct message_row row;
    struct show s;
    enum err e = message_read(tx->db, tx->cx, j->message, &row);
    if (!e)
        e = show_read_id(tx->db, tx->cx, row.m.show_id, &s);
    if (!e)
        e = show_check(tx->cx, &s, j->who, ACTION_ROOM_MODERATE);
    if (e)
        return e;
    j->m = row.m;
    if (row.m.state == j->to)
        return ERR_OK;
    e = set_state(tx, j, &row);
    return e ? e
             : room_note(tx, j->who, j->audit_id, s.shop_id,
                         j->to == MESSAGE_SHOWN ? "message.show" : "message.hide", row.m.public_id);
}

enum err chat_set_state(struct room *r, struct cx *cx, const struct room_who *who,
                        const char *message, enum message_state state, struct message *ret_message)
{
    if (state != MESSAGE_SHOWN && state != MESSAGE_HIDDEN)
        return problem(cx, ERR_INPUT, "'state' must be shown or hidden");
    struct state_job j = {
        .r = r, .who = who, .message = message, .to = state, .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "chat.state", state_run, &j);
    if (!e)
        *ret_message = j.m;
    return e;
}

/* What is prepared in a draft is the staff's; the snapshot tells it once the show is public. */
static enum audience audience_of(const struct show *s)
{
    return show_public(s) ? AUDIENCE_ALL : AUDIENCE_STAFF;
}

/* ---- the pinned notice ---- */

struct pin_job {
    struct room *r;
    const struct room_who *who;
    const char *show, *text;
    int64_t id, audit_id;
    struct message m;
};

static enum err pin_run(struct tx *tx, void *arg)
{
    struct pin_job *j = arg;
    struct message *m = &j->m;
    struct show s;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_ROOM_MODERATE, &s);
    if (e)
        return e;
    struct event ev = {.show_id = s.id, .type = "chat.pinned", .audience = audience_of(&s)};
    e = event_next(tx, s.id, &ev.seq);
    m->show_id = s.id;
    m->seq = ev.seq;
    m->at_ms = tx->cx->now_ms;
    m->badge = room_role(j->who, s.shop_id) == ROLE_MODERATOR ? "moderator" : "host";
    if (!e && j->text)
        e = db_do(tx->db, &SQL_message_insert,
                  ARGS(V(j->id), V(m->public_id), V(s.id), V(m->viewer_id), VNULL, V(m->name),
                       V(m->badge), V(m->text), V(m->lang), V("system"), V("shown"), V(m->at_ms),
                       V(m->seq)),
                  NULL);
    if (!e)
        e = db_do(tx->db, &SQL_show_pin_message, ARGS(j->text ? V(j->id) : VNULL, V(s.id)), NULL);
    if (!e)
        e = event_put(
            tx, j->r, &ev,
            json_pack("{s:o}", "message", j->text ? message_json(m, false) : json_null()));
    return e ? e
             : room_note(tx, j->who, j->audit_id, s.shop_id,
                         j->text ? "message.pin" : "message.unpin", s.public_id);
}

enum err chat_pin(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                  const char *text)
{
    char public_id[ID_TEXT], *tidy = NULL;
    id_make("msg", public_id);
    if (text) {
        size_t len = strlen(text);
        if (!text_is_utf8(text, len))
            return problem(cx, ERR_INPUT, "'text' must be UTF-8");
        tidy = arena_dup(cx->arena, text, len);
        if (!tidy)
            return ERR_NO_MEMORY;
        size_t chars = text_chars(tidy, text_tidy(tidy, len));
        if (chars < 1 || chars > CHAT_CHARS_MAX)
            return problem(cx, ERR_INPUT, "'text' must have 1 to %d characters", CHAT_CHARS_MAX);
    }
    struct pin_job j = {
        .r = r, .who = who, .show = show, .text = tidy, .id = id_next(), .audit_id = id_next()};
    j.m = (struct message){.public_id = public_id,
                           .viewer_id = who->viewer_id,
                           .name = who->name ? who->name : "",
                           .text = tidy,
                           .lang = lang_name(lang_of(who->lang)),
                           .system = true};
    return store_do(r->store, cx, "chat.pin", pin_run, &j);
}

/* ---- the chat's mode ---- */

struct mode_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    bool set_mode, set_slow;
    struct chat_settings settings;
    int64_t audit_id;
};

static enum err mode_run(struct tx *tx, void *arg)
{
    struct mode_job *j = arg;
    struct chat_settings *to = &j->settings;
    struct show s;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_ROOM_MODERATE, &s);
    if (e)
        return e;
    if (!j->set_mode)
        to->mode = s.chat_mode;
    if (!j->set_slow)
        to->slow_s = s.slow_s;
    if (to->mode == s.chat_mode && to->slow_s == s.slow_s)
        return ERR_OK;
    const struct event ev = {.show_id = s.id, .type = "chat.mode", .audience = audience_of(&s)};
    e = db_do(tx->db, &SQL_show_set_chat, ARGS(V(chat_mode_name(to->mode)), V(to->slow_s), V(s.id)),
              NULL);
    if (!e)
        e = event_add(
            tx, j->r, &ev,
            json_pack("{s:s, s:i}", "mode", chat_mode_name(to->mode), "slow_s", to->slow_s));
    return e ? e : room_note(tx, j->who, j->audit_id, s.shop_id, "chat.mode", s.public_id);
}

enum err chat_set_mode(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                       bool set_mode, bool set_slow, const struct chat_settings *settings,
                       struct chat_settings *ret_settings)
{
    if (set_slow && (settings->slow_s < CHAT_SLOW_MIN_S || settings->slow_s > CHAT_SLOW_MAX_S))
        return problem(cx, ERR_INPUT, "'slow_s' must be %d to %d", CHAT_SLOW_MIN_S,
                       CHAT_SLOW_MAX_S);
    struct mode_job j = {.r = r,
                         .who = who,
                         .show = show,
                         .set_mode = set_mode,
                         .set_slow = set_slow,
                         .settings = *settings,
                         .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "chat.mode", mode_run, &j);
    if (!e)
        *ret_settings = j.settings;
    return e;
}
