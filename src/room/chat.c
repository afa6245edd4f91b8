/* Posting: who may, how often, and what is held. */
#include "account/limit.h"
#include "base/arena.h"
#include "base/lang.h"
#include "base/text.h"
#include "room/chat.sql.h"
#include "room/claim_in.h"
#include "room/room_in.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct post_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const char *text, *lang;
    const struct folded *folded; /* NULL: nothing that a word could match */
    int64_t id, device;
    struct message m;
    struct chat_refusal refusal;
    struct comment *order; /* what it orders, or NULL */
};

static bool is_open(const struct show *s)
{
    return s->state == SHOW_SCHEDULED || s->state == SHOW_BACKSTAGE || s->state == SHOW_LIVE ||
           s->state == SHOW_INTERRUPTED;
}

static const char *badge_of(enum role role)
{
    if (role == ROLE_MODERATOR)
        return "moderator";
    return account_may(role, ACTION_SHOW_RUN) ? "host" : NULL;
}

static enum err check_mode(struct tx *tx, const struct post_job *j, const struct show *s)
{
    if (!is_open(s))
        return problem(tx->cx, ERR_CONFLICT, "the show is not open");
    if (badge_of(room_role(j->who, s->shop_id)))
        return ERR_OK;
    if (s->chat_mode == CHAT_OFF)
        return problem(tx->cx, ERR_CONFLICT, "the chat is off");
    if (s->chat_mode == CHAT_MEMBERS && !j->who->account)
        return problem(tx->cx, ERR_NEED_LOGIN, "the chat is for signed-in members now");
    return ERR_OK;
}

static enum err check_sanction(struct tx *tx, struct post_job *j, const struct show *s)
{
    struct sanction san;
    enum err e = sanction_in_force(tx->db, tx->cx, s, j->who->viewer_id, j->device, &san);
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    j->refusal.until_ms = san.until_ms;
    return problem(tx->cx, ERR_MUTED, "you may not write here");
}

/* Slow mode, and the same words again. */
static enum err check_pace(struct tx *tx, struct post_job *j, const struct show *s)
{
    int64_t at, wait = 0;
    const char *text;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_message_last_of,
                        ARGS(V(j->who->viewer_id), V(s->id)), COLS(C(&at), C(&text)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    if (s->chat_mode == CHAT_SLOW)
        wait = at + s->slow_s * INT64_C(1000) - tx->cx->now_ms;
    if (strcmp(text, j->text) == 0 && at + CHAT_REPEAT_MS - tx->cx->now_ms > wait)
        wait = at + CHAT_REPEAT_MS - tx->cx->now_ms;
    if (wait <= 0)
        return ERR_OK;
    j->refusal.wait_ms = wait;
    return problem(tx->cx, ERR_SLOW_DOWN, "wait before you write again");
}

static enum err write_message(struct tx *tx, struct post_job *j, const struct show *s)
{
    struct message *m = &j->m;
    bool held = m->state == MESSAGE_HELD;
    struct event ev = {.show_id = s->id,
                       .type = held ? "staff.held" : "chat.message",
                       .audience = held ? AUDIENCE_STAFF : AUDIENCE_ALL,
                       .viewer_id = held ? 0 : m->viewer_id};
    enum err e = event_next(tx, s->id, &ev.seq);
    m->seq = ev.seq;
    if (!e)
        e = db_do(tx->db, &SQL_message_insert,
                  ARGS(V(j->id), V(m->public_id), V(s->id), V(m->viewer_id),
                       j->device ? V(j->device) : VNULL, V(m->name), V(m->badge), V(m->text),
                       V(m->lang), V("chat"), V(message_state_name(m->state)), V(m->at_ms),
                       V(m->seq)),
                  NULL);
    return e ? e : event_put(tx, j->r, &ev, message_json(m, false));
}

/* An order is no chatter: it waits for no slow mode, and "+1" may be said again. */
static enum err read_order(struct tx *tx, struct post_job *j, const struct show *s)
{
    struct comment *c = arena_new(tx->cx->arena, struct comment);
    struct show *shown = arena_new(tx->cx->arena, struct show);
    bool orders;
    if (!c || !shown)
        return ERR_NO_MEMORY;
    *shown = *s;
    *c = (struct comment){
        .buyer = buyer_of(j->who), .show = shown, .message = j->m.public_id, .message_id = j->id};
    claim_run_begin(&c->run, tx, j->r);
    enum err e = comment_read(tx, j->r, s, j->text, c, &orders);
    if (!e && orders)
        j->order = c;
    return e;
}

static enum err post_run(struct tx *tx, void *arg)
{
    struct post_job *j = arg;
    struct show s;
    bool held = false;
    enum err e = show_find(j->r, tx->db, tx->cx, j->who, j->show, &s);
    if (e)
        return e;
    const char *badge = badge_of(room_role(j->who, s.shop_id));
    e = check_mode(tx, j, &s);
    if (!e && !badge)
        e = check_sanction(tx, j, &s);
    j->order = NULL;
    if (!e && !badge) /* what the host says is no order */
        e = read_order(tx, j, &s);
    if (!e && !badge && !j->order)
        e = check_pace(tx, j, &s);
    if (!e && !badge && j->folded)
        e = words_match(tx, j->r, s.shop_id, j->folded, &held);
    if (e)
        return e;
    j->m.show_id = s.id;
    j->m.badge = badge;
    j->m.at_ms = tx->cx->now_ms;
    j->m.state = held ? MESSAGE_HELD : MESSAGE_SHOWN;
    if (held)
        j->order = NULL; /* nobody has read it */
    if (j->order)
        e = comment_hold(j->order);
    if (!e)
        e = write_message(tx, j, &s);
    return e || !j->order ? e : comment_write(j->order, &j->m);
}

static enum err tidy_message(struct cx *cx, const char *typed, const char **ret_text)
{
    size_t len = strlen(typed);
    if (!text_is_utf8(typed, len))
        return problem(cx, ERR_INPUT, "'text' must be UTF-8");
    char *text = arena_dup(cx->arena, typed, len);
    if (!text)
        return ERR_NO_MEMORY;
    len = text_tidy(text, len);
    size_t chars = text_chars(text, len);
    if (chars < 1 || chars > CHAT_CHARS_MAX)
        return problem(cx, ERR_INPUT, "'text' must have 1 to %d characters", CHAT_CHARS_MAX);
    *ret_text = text;
    return ERR_OK;
}

/* Is this a show of a shop where they work? Asked of the staff of any shop only. */
static enum err works_here(struct room *r, struct cx *cx, const struct room_who *who,
                           const char *show, bool *ret_works)
{
    struct show s;
    struct db *db;
    *ret_works = false;
    if (!who->staff_count)
        return ERR_OK;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    e = show_find(r, db, cx, who, show, &s);
    store_read_end(db);
    if (!e)
        *ret_works = room_role(who, s.shop_id) != ROLE_NONE;
    return e;
}

/* 1/s for a viewer, a wide fence for a network. Those who work in the shop are not slowed. */
static enum err take_turn(struct room *r, struct cx *cx, const struct room_who *who,
                          const char *show, int64_t *ret_wait_ms)
{
    char key[24];
    bool works;
    enum err e = works_here(r, cx, who, show, &works);
    if (e)
        return e;
    (void)snprintf(key, sizeof key, "%" PRId64, who->viewer_id);
    e = limit_take_both(r->limits, LIMIT_CHAT_VIEWER, works ? NULL : key, LIMIT_CHAT_ADDR,
                        who->fence, cx->now_ms, ret_wait_ms);
    return e ? problem(cx, e, "one message a second") : ERR_OK;
}

static const char *lang_said(const struct chat_new *ask, const struct room_who *who)
{
    const char *lang = ask->lang ? ask->lang : who->lang;
    return lang ? lang_name(lang_of(lang)) : lang_name(LANG_EN);
}

static enum err post(struct post_job *j, struct cx *cx)
{
    struct folded *folded = malloc(sizeof *folded); /* too large for a request's arena */
    if (!folded)
        return ERR_NO_MEMORY;
    if (!words_fold(j->text, folded))
        j->folded = folded;
    enum err e = store_do(j->r->store, cx, "chat.post", post_run, j);
    free(folded);
    return e;
}

enum err chat_post(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   const struct chat_new *ask, struct message *ret_message,
                   struct chat_refusal *ret_refusal)
{
    char public_id[ID_TEXT];
    struct post_job j = {
        .r = r, .who = who, .show = show, .id = id_next(), .device = device_hash(who->device)};
    if (!who->viewer_id || !who->name)
        return problem(cx, ERR_NEED_LOGIN, "say your name first");
    enum err e = tidy_message(cx, ask->text, &j.text);
    if (e)
        return e;
    id_make("msg", public_id);
    j.m = (struct message){.public_id = arena_dup(cx->arena, public_id, strlen(public_id)),
                           .viewer_id = who->viewer_id,
                           .name = who->name,
                           .text = j.text,
                           .lang = lang_said(ask, who)};
    e = j.m.public_id ? take_turn(r, cx, who, show, &j.refusal.wait_ms) : ERR_NO_MEMORY;
    if (!e)
        e = post(&j, cx);
    if (!e) {
        atomic_fetch_add(j.m.state == MESSAGE_HELD ? &r->stats.held : &r->stats.messages, 1);
        *ret_message = j.m;
        return ERR_OK;
    }
    atomic_fetch_add(&r->stats.refused, 1);
    if (e == ERR_SLOW_DOWN || e == ERR_MUTED)
        *ret_refusal = j.refusal;
    return e;
}
