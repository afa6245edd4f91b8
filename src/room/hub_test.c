#include "base/test.h"

#include "account/limit.h"
#include "base/arena.h"
#include "room/event.sql.h"
#include "room/room_in.h"
#include "room/testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make(void **state)
{
    struct test_room *k = test_room_make();
    (void)test_show(k, "shw_a", SHOW_LIVE);
    *state = k;
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static void say(struct test_room *k, const struct room_who *who, const char *text)
{
    assert_int_equal(test_say(k, who, "shw_a", text, NULL), ERR_OK);
}

static void fresh_arena(struct cx *cx)
{
    arena_free(cx->arena);
    cx->arena = arena_make(1 << 20);
    assert_non_null(cx->arena);
}

/* Is frame i of this type? */
static void assert_type(const struct test_stream *st, size_t i, const char *type)
{
    char got[40];
    assert_string_equal(test_frame_type(st, i, got), type);
}

/* How many frames of this type there are. */
static size_t types(const struct test_stream *st, const char *type)
{
    size_t n = 0;
    char got[40];
    for (size_t i = 0; i < st->count; i++)
        n += strcmp(test_frame_type(st, i, got), type) == 0;
    return n;
}

/* ---- the log ---- */

enum { WRITERS = 4, EACH = 50 };

struct writer {
    struct test_room *k;
    int no;
    pthread_t thread;
};

static void *write_lines(void *arg)
{
    struct writer *w = arg;
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = w->k->cx->now_ms};
    for (int i = 0; i < EACH; i++) {
        char text[40];
        struct chat_refusal why;
        struct message m;
        const struct chat_new ask = {.text = text};
        (void)snprintf(text, sizeof text, "line %d of %d", i, w->no);
        cx.now_ms += 1000; /* nobody is sampled */
        enum err e = chat_post(w->k->r, &cx, &w->k->host, "shw_a", &ask, &m, &why);
        if (e)
            return NULL;
    }
    arena_free(cx.arena);
    return w;
}

static void start_writers(struct test_room *k, struct writer w[WRITERS])
{
    for (int i = 0; i < WRITERS; i++) {
        w[i] = (struct writer){.k = k, .no = i};
        assert_int_equal(pthread_create(&w[i].thread, NULL, write_lines, &w[i]), 0);
    }
}

static void join_writers(struct writer w[WRITERS])
{
    for (int i = 0; i < WRITERS; i++) {
        void *ok;
        assert_int_equal(pthread_join(w[i].thread, &ok), 0);
        assert_non_null(ok);
    }
}

static void log__has_no_gaps_under_concurrent_writers(void **state)
{
    struct test_room *k = *state;
    struct writer w[WRITERS];
    start_writers(k, w);
    join_writers(w);
    struct show s = test_show_again(k, "shw_a");
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event"), s.head);
    assert_int_equal(test_number(k->t, "SELECT MIN(seq) FROM event"), 1);
    assert_int_equal(test_number(k->t, "SELECT MAX(seq) FROM event"), s.head);
    assert_true(s.head >= WRITERS * EACH);
}

static enum err fail_after_event(struct tx *tx, void *arg)
{
    struct test_room *k = arg;
    const struct event ev = {.show_id = test_show_again(k, "shw_a").id, .type = "chat.removed"};
    enum err e = event_add(tx, k->r, &ev, json_pack("{s:[]}", "ids"));
    return e ? e : ERR_CONFLICT;
}

static void log__a_failed_job_takes_no_number(void **state)
{
    struct test_room *k = *state;
    int64_t head = test_show_again(k, "shw_a").head;
    enum err e = store_do(k->t->store, k->cx, "test", fail_after_event, k);
    assert_int_equal(e, ERR_CONFLICT);
    assert_int_equal(test_show_again(k, "shw_a").head, head);
    say(k, &k->ann, "next");
    assert_int_equal(test_show_again(k, "shw_a").head, head + 1);
}

/* ---- joining ---- */

static void join__begins_with_a_snapshot_at_the_head(void **state)
{
    struct test_room *k = *state;
    say(k, &k->ann, "before");
    struct test_stream *st = test_stream_open(k, &k->ann, "shw_a", -1, 0);
    assert_int_equal(st->count, 1);
    assert_type(st, 0, "room.snapshot");
    assert_int_equal(test_frame_seq(st, 0), test_show_again(k, "shw_a").head);
    json_t *o = test_frame(st, 0), *data = json_object_get(o, "data");
    const json_t *messages = json_object_get(json_object_get(data, "chat"), "messages");
    assert_int_equal(json_array_size(messages), 1);
    assert_true(json_is_true(json_object_get(json_array_get(messages, 0), "mine")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(data, "me"), "name")),
                        "Ann");
    assert_true(json_is_null(json_object_get(json_object_get(data, "me"), "role")));
    assert_int_equal(json_integer_value(json_object_get(data, "server_now")), k->cx->now_ms);
    json_decref(o);
    k->cx->now_ms += 2000;
    say(k, &k->ann, "after");
    test_wait_frames(st, 2);
    assert_int_equal(test_frame_seq(st, 1), test_frame_seq(st, 0) + 1);
    assert_non_null(strstr(st->frames[1], "\"mine\":true"));
    char id[40];
    (void)snprintf(id, sizeof id, "id: %d\ndata: ", (int)test_frame_seq(st, 1));
    assert_memory_equal(st->frames[1], id, strlen(id));
    test_stream_close(st);
}

static void join__what_happens_between_snapshot_and_start_comes_once(void **state)
{
    struct test_room *k = *state;
    struct test_stream *early = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    struct test_stream *late = test_stream_open(k, &k->bob, "shw_a", -1, -1); /* not started */
    for (int i = 0; i < 5; i++) {
        char text[20];
        (void)snprintf(text, sizeof text, "n%d", i);
        say(k, &k->host, text);
    }
    test_wait_frames(early, 6);
    say(k, &k->host, "not yet read, perhaps");
    test_stream_start(late, 0);
    test_wait_frames(late, 7);
    test_wait_frames(early, 7);
    for (size_t i = 1; i < 7; i++) {
        assert_int_equal(test_frame_seq(late, i), test_frame_seq(late, 0) + (int64_t)i);
        assert_int_equal(test_frame_seq(early, i), test_frame_seq(late, i));
    }
    assert_int_equal(late->count, 7);
    test_stream_close(early);
    test_stream_close(late);
}

/* The chat's part is shared by those who join at one head; a writer's own is not. */
static void join__everybody_gets_their_own_lines_marked(void **state)
{
    struct test_room *k = *state;
    say(k, &k->ann, "from ann");
    const struct {
        const struct room_who *who;
        bool marked;
    } joins[] = {
        {&k->bob, false}, {&k->ann, true}, {&k->bob, false}, {&k->nobody, false}, {&k->ann, true}};
    for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++) {
        struct test_stream *st = test_stream_open(k, joins[i].who, "shw_a", -1, 0);
        assert_non_null(strstr(st->frames[0], "from ann"));
        assert_int_equal(strstr(st->frames[0], "\"mine\":true") != NULL, joins[i].marked);
        test_stream_close(st);
    }
    k->cx->now_ms += 2000;
    say(k, &k->bob, "from bob"); /* the head moves: what was kept is old */
    struct test_stream *st = test_stream_open(k, &k->nobody, "shw_a", -1, 0);
    assert_non_null(strstr(st->frames[0], "from bob"));
    json_t *o = test_frame(st, 0);
    assert_non_null(o);
    json_decref(o);
    test_stream_close(st);
}

static void resume__gives_what_was_missed_and_no_snapshot(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    int64_t seen = test_frame_seq(st, 0);
    test_stream_close(st);
    for (int i = 0; i < 3; i++)
        say(k, &k->host, "x");
    st = test_stream_open(k, &k->bob, "shw_a", seen, 1);
    test_wait_frames(st, 3);
    assert_int_equal(st->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(test_frame_seq(st, i), seen + 1 + (int64_t)i);
    test_stream_close(st);

    st = test_stream_open(k, &k->bob, "shw_a", seen + 1000, 0); /* not of this log */
    assert_type(st, 0, "room.snapshot");
    test_stream_close(st);
}

static void resume__works_after_a_restart_and_beyond_the_ring_is_a_snapshot(void **state)
{
    struct test_room *k = *state;
    char sql[400];
    struct show s = test_show_again(k, "shw_a");
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                   " INSERT INTO event (show_id, seq, type, audience, at, media_at, data)"
                   " SELECT %" PRId64 ", %" PRId64 " + i, 'chat.removed', 'all', i, i, '{}' FROM n",
                   s.id, s.head);
    test_exec(k->t, sql);
    (void)snprintf(sql, sizeof sql, "UPDATE show_log SET head = head + 3000");
    test_exec(k->t, sql);
    int64_t head = s.head + 3000;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", head - HUB_RING, 0);
    test_wait_frames(st, HUB_RING);
    assert_int_equal(st->count, HUB_RING);
    assert_int_equal(test_frame_seq(st, 0), head - HUB_RING + 1);
    assert_int_equal(test_frame_seq(st, HUB_RING - 1), head);
    test_stream_close(st);
    st = test_stream_open(k, &k->bob, "shw_a", head - HUB_RING - 1, 0);
    assert_type(st, 0, "room.snapshot");
    assert_int_equal(st->count, 1);
    test_stream_close(st);
}

/* Does any frame have these words? */
static bool frames_say(const struct test_stream *st, const char *words)
{
    for (size_t i = 0; i < st->count; i++)
        if (strstr(st->frames[i], words))
            return true;
    return false;
}

/* Anybody may ask for events from the first one on. */
static bool replay_says(struct test_room *k, const struct room_who *who, const char *words)
{
    test_settle(k, "shw_a");
    struct test_stream *st = test_stream_open(k, who, "shw_a", 0, 0);
    bool said = frames_say(st, words);
    test_stream_close(st);
    return said;
}

static void hide(struct test_room *k, const char *message, enum message_state to)
{
    struct message m;
    assert_int_equal(chat_set_state(k->r, k->cx, &k->moderator, message, to, &m), ERR_OK);
}

static void resume__does_not_bring_back_what_was_hidden(void **state)
{
    struct test_room *k = *state;
    struct message m;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "lives at Lane 5", &m), ERR_OK);
    assert_true(replay_says(k, &k->bob, "Lane 5"));
    hide(k, m.public_id, MESSAGE_HIDDEN);
    assert_false(replay_says(k, &k->bob, "Lane 5"));
    assert_false(replay_says(k, &k->ann, "Lane 5"));
    assert_true(replay_says(k, &k->bob, "chat.removed"));
    hide(k, m.public_id, MESSAGE_SHOWN);
    assert_true(replay_says(k, &k->bob, "Lane 5"));
    hide(k, m.public_id, MESSAGE_HIDDEN);
    assert_false(replay_says(k, &k->bob, "Lane 5"));
}

static void resume__after_a_restart_does_not_bring_it_back_either(void **state)
{
    struct test_room *k = *state;
    struct message m;
    struct sanction_new ask = {.kind = SANCTION_BAN};
    struct sanction san;
    assert_int_equal(test_say(k, &k->ann, "shw_a", "lives at Lane 5", &m), ERR_OK);
    ask.message = m.public_id;
    assert_int_equal(sanction_create(k->r, k->cx, &k->moderator, "shw_a", &ask, &san), ERR_OK);
    assert_false(replay_says(k, &k->bob, "Lane 5")); /* the first to come: read from the log */
}

static enum err stop_at(void *arg, const struct event *ev)
{
    int64_t *left = arg;
    (void)ev;
    return --*left ? ERR_OK : ERR_NO_MEMORY;
}

/* An event that could not be taken was passed over once, and nobody ever got it. */
static void log__reading_ends_at_what_could_not_be_taken(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show_again(k, "shw_a");
    int64_t left = 2;
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(event_each(db, s.id, 0, 100, stop_at, &left), ERR_NO_MEMORY);
    assert_int_equal(left, 0);
    store_read_end(db);
}

/* Streams that come and go, by snapshot and by resuming, while four threads write. */
static void resume__under_load_has_no_gap_and_nothing_twice(void **state)
{
    struct test_room *k = *state;
    struct writer w[WRITERS];
    struct test_stream *whole = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    int64_t first = test_frame_seq(whole, 0), seen = first;
    start_writers(k, w);
    for (int round = 0; seen < first + WRITERS * EACH; round++) {
        struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", seen, round % 2);
        test_turn(k);
        for (size_t i = 0; i < st->count; i++)
            assert_int_equal(test_frame_seq(st, i), ++seen);
        test_stream_close(st);
        if (round % 10 == 0)
            fresh_arena(k->cx);
    }
    join_writers(w);
    test_wait_frames(whole, 1 + WRITERS * EACH);
    for (size_t i = 1; i < whole->count; i++)
        assert_int_equal(test_frame_seq(whole, i), first + (int64_t)i);
    test_stream_close(whole);
}

/* ---- who gets what ---- */

static void audience__private_and_staff_events_reach_their_people(void **state)
{
    struct test_room *k = *state;
    struct message m;
    struct sanction san;
    say(k, &k->ann, "spam");
    assert_int_equal(test_say(k, &k->bob, "shw_a", "spam", &m), ERR_OK);
    struct test_stream *ann = test_stream_open(k, &k->ann, "shw_a", -1, 0);
    struct test_stream *bob = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    struct test_stream *mod = test_stream_open(k, &k->moderator, "shw_a", -1, 0);
    struct test_stream *rival = test_stream_open(k, &k->rival, "shw_a", -1, 0);
    const struct sanction_new ask = {m.public_id, SANCTION_MUTE, 5, "secret reason"};
    const char *const words[] = {"held"};
    assert_int_equal(sanction_create(k->r, k->cx, &k->moderator, "shw_a", &ask, &san), ERR_OK);
    assert_int_equal(words_put(k->r, k->cx, &k->moderator, "shw_a", words, 1), ERR_OK);
    k->cx->now_ms += 2000;
    say(k, &k->ann, "held");
    say(k, &k->host, "for all");
    test_wait_frames(bob, 3);
    assert_type(bob, 1, "me.sanction");
    assert_null(strstr(bob->frames[1], "secret reason"));
    assert_type(bob, 2, "chat.message");
    test_wait_frames(mod, 3);
    assert_type(mod, 1, "staff.held");
    test_wait_frames(ann, 2);
    test_wait_frames(rival, 2); /* staff of another shop are viewers here */
    assert_type(ann, 1, "chat.message");
    assert_type(rival, 1, "chat.message");
    struct test_stream *all[] = {ann, bob, mod, rival};
    for (size_t i = 0; i < 4; i++)
        test_stream_close(all[i]);
}

static void audience__state_changes_reach_viewers_only_when_they_see_one(void **state)
{
    struct test_room *k = *state;
    struct show s;
    (void)test_show(k, "shw_b", SHOW_SCHEDULED);
    struct test_stream *ann = test_stream_open(k, &k->ann, "shw_b", -1, 0);
    struct test_stream *host = test_stream_open(k, &k->host, "shw_b", -1, 1);
    test_encoder(k, "shw_b", true);
    test_wait_frames(host, 2);
    assert_non_null(strstr(host->frames[1], "\"backstage\""));
    assert_non_null(strstr(host->frames[1], "\"preview\":{"));
    assert_int_equal(ann->count, 1);
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_b", SHOW_MOVE_GO_LIVE, &s), ERR_OK);
    test_wait_frames(ann, 2);
    assert_non_null(strstr(ann->frames[1], "\"live\""));
    assert_null(strstr(ann->frames[1], "version"));
    test_stream_close(ann);
    test_stream_close(host);
}

static void sampling__spares_viewers_in_a_flood(void **state)
{
    struct test_room *k = *state;
    struct test_stream *ann = test_stream_open(k, &k->ann, "shw_a", -1, 0);
    struct test_stream *mod = test_stream_open(k, &k->moderator, "shw_a", -1, 0);
    struct test_stream *host = test_stream_open(k, &k->host, "shw_a", -1, 0);
    for (int i = 0; i < CHAT_SAMPLED_PER_S + 15; i++) /* within one second */
        say(k, &k->host, "flood");
    say(k, &k->ann, "my own line");
    test_wait_frames(mod, 1 + CHAT_SAMPLED_PER_S + 16);
    test_wait_frames(host, 1 + CHAT_SAMPLED_PER_S + 16);
    test_wait_frames(ann, 1 + CHAT_SAMPLED_PER_S + 1);
    assert_int_equal(ann->count, 1 + CHAT_SAMPLED_PER_S + 1);
    assert_non_null(strstr(ann->frames[ann->count - 1], "my own line"));
    test_stream_close(ann);
    test_stream_close(mod);
    test_stream_close(host);
}

/* ---- slow and leaving ---- */

static void slow__a_loop_that_is_a_ring_behind_loses_its_streams(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    struct show s = test_show_again(k, "shw_a");
    char sql[400];
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                   " INSERT INTO event (show_id, seq, type, audience, at, media_at, data)"
                   " SELECT %" PRId64 ", %" PRId64 " + i, 'chat.removed', 'all', i, i, '{}' FROM n",
                   s.id, s.head);
    test_exec(k->t, sql);
    test_exec(k->t, "UPDATE show_log SET head = head + 2500");
    room_wake(k->r, s.id);
    test_settle(k, "shw_a"); /* the loop turns only after the hub has read it all */
    assert_true(st->lost);
    struct room_stats n;
    room_read_stats(k->r, &n);
    assert_int_equal(n.lost, 1);
    test_stream_close(st);
    room_read_stats(k->r, &n);
    assert_int_equal(n.subscribers, 0);
}

static void leaving__in_the_middle_of_a_walk_is_fine(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st[4];
    for (int i = 0; i < 4; i++)
        st[i] = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    st[1]->leave_after = 2;
    st[2]->leave_after = 3;
    for (int i = 0; i < 5; i++)
        say(k, &k->host, "x");
    test_wait_frames(st[0], 6);
    test_wait_frames(st[3], 6);
    assert_int_equal(st[1]->count, 2);
    assert_int_equal(st[2]->count, 3);
    for (int i = 0; i < 4; i++)
        test_stream_close(st[i]);
}

/* ---- presence and hearts ---- */

static enum err beat(struct test_room *k, const struct room_who *who, int64_t delay_ms)
{
    struct db *db;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    enum err e = room_heartbeat(k->r, db, k->cx, who, "shw_a", delay_ms);
    store_read_end(db);
    return e;
}

static void viewers__are_counted_once_for_30_seconds(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    struct room_who phone = k->ann;
    phone.device = "dev_phone";
    assert_int_equal(beat(k, &k->ann, 4000), ERR_OK);
    assert_int_equal(beat(k, &phone, 4000), ERR_OK); /* the same person */
    assert_int_equal(beat(k, &k->nobody, 9000), ERR_OK);
    room_tick(k->r, k->cx->now_ms);
    test_wait_frames(st, 2);
    assert_type(st, 1, "viewers.count");
    assert_int_equal(test_frame_seq(st, 1), -1);
    assert_memory_equal(st->frames[1], "data: {", 7);
    assert_non_null(strstr(st->frames[1], "{\"now\":2,\"peak\":2}"));
    struct show s = test_show_again(k, "shw_a");
    assert_int_equal(room_delay_p95_ms(k->r, &s), 9100);
    room_tick(k->r, k->cx->now_ms + 6000); /* nothing changed: nothing is said */
    room_tick(k->r, k->cx->now_ms + 30000);
    test_wait_frames(st, 3);
    assert_int_equal(st->count, 3);
    assert_non_null(strstr(st->frames[2], "{\"now\":0,\"peak\":2}"));
    for (int i = 0; i < 5; i++)
        room_tick(k->r, k->cx->now_ms + 31000 + i);
    assert_int_equal(test_show_again(k, "shw_a").peak, 2);
    test_stream_close(st);
}

static void viewers__a_thousand_fit(void **state)
{
    struct test_room *k = *state;
    for (int i = 0; i < 1000; i++) {
        char device[24];
        struct room_who who = {.device = device};
        (void)snprintf(device, sizeof device, "dev_%d", i);
        assert_int_equal(beat(k, &who, -1), ERR_OK);
        if (i % 100 == 0)
            fresh_arena(k->cx);
    }
    struct room_stats n;
    room_read_stats(k->r, &n);
    assert_int_equal(n.viewers, 1000);
    room_tick(k->r, k->cx->now_ms + 30001);
    room_read_stats(k->r, &n);
    assert_int_equal(n.viewers, 0);
}

static enum err like(struct test_room *k, const struct room_who *who, int64_t n)
{
    struct db *db;
    int64_t wait_ms;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    enum err e = room_like(k->r, db, k->cx, who, "shw_a", n, &wait_ms);
    store_read_end(db);
    return e;
}

static void likes__come_in_bursts_and_are_stored(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    assert_int_equal(like(k, &k->ann, 7), ERR_OK);
    assert_int_equal(like(k, &k->nobody, 20), ERR_OK);
    assert_int_equal(like(k, &k->ann, 0), ERR_INPUT);
    assert_int_equal(like(k, &k->ann, 21), ERR_INPUT);
    room_tick(k->r, k->cx->now_ms);
    test_wait_frames(st, 2);
    assert_non_null(strstr(st->frames[1], "\"like.burst\""));
    assert_non_null(strstr(st->frames[1], "{\"n\":27,\"total\":27}"));
    for (int i = 1; i < 6; i++)
        room_tick(k->r, k->cx->now_ms + i);
    test_turn(k);
    assert_int_equal(types(st, "like.burst"), 1);
    assert_int_equal(test_show_again(k, "shw_a").likes, 27);
    int refused = 0;
    for (int i = 0; i < 20; i++)
        refused += like(k, &k->bob, 1) == ERR_SLOW_DOWN;
    assert_true(refused > 5);
    test_stream_close(st);
}

static void likes__survive_the_end_of_the_room(void **state)
{
    struct test_room *k = *state;
    const struct room_setup setup = {.store = k->t->store, .limits = k->limits};
    assert_int_equal(like(k, &k->ann, 5), ERR_OK);
    room_free(k->r);
    assert_int_equal(room_make(&setup, &k->r), ERR_OK);
    assert_int_equal(test_show_again(k, "shw_a").likes, 5);
}

static void hubs__go_when_nobody_has_come_for_a_while(void **state)
{
    struct test_room *k = *state;
    struct room_stats n;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 0);
    for (int i = 0; i < 200; i++)
        room_tick(k->r, k->cx->now_ms + i);
    room_read_stats(k->r, &n);
    assert_int_equal(n.shows_open, 1);
    test_stream_close(st);
    test_settle(k, "shw_a");
    for (int i = 0; i < 200; i++)
        room_tick(k->r, k->cx->now_ms + i);
    room_read_stats(k->r, &n);
    assert_int_equal(n.shows_open, 0);
}

static void bye__reaches_everybody(void **state)
{
    struct test_room *k = *state;
    struct test_stream *st = test_stream_open(k, &k->bob, "shw_a", -1, 1);
    room_bye(k->r, 1500);
    test_wait_frames(st, 2);
    assert_type(st, 1, "server.bye");
    assert_non_null(strstr(st->frames[1], "{\"retry_ms\":1500}"));
    test_stream_close(st);
}

/* ---- what everybody may be told ---- */

static void keys__personal_data_is_not_among_them(void **state)
{
    (void)state;
    static const char *const bad[] = {"{\"email\":1}",
                                      "{\"viewer_id\":1}",
                                      "{\"message\":{\"phone\":1}}",
                                      "{\"items\":[{\"why\":1}]}",
                                      "{\"ids\":[{\"addr\":1}]}",
                                      "{\"device\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *o = json_loads(bad[i], 0, NULL);
        assert_non_null(o);
        assert_false(event_keys_ok(o));
        json_decref(o);
    }
    json_t *o = json_loads("{\"message\":{\"id\":\"x\",\"name\":\"y\"},\"ids\":[\"z\"]}", 0, NULL);
    assert_true(event_keys_ok(o));
    json_decref(o);
}

/* Every event that a busy show has logged for everybody. */
static void keys__of_all_that_was_logged_are_allowed(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_z", SHOW_ENDED), after;
    struct message m;
    struct sanction san;
    const struct show_edit edit = {.set_host_name = true, .host_name = "H"};
    assert_int_equal(show_edit(k->r, k->cx, &k->host, "shw_z", s.version, &edit, &after), ERR_OK);
    assert_int_equal(test_say(k, &k->ann, "shw_a", "x", &m), ERR_OK);
    assert_int_equal(chat_pin(k->r, k->cx, &k->host, "shw_a", "pin"), ERR_OK);
    const struct sanction_new ask = {m.public_id, SANCTION_BAN, 0, NULL};
    assert_int_equal(sanction_create(k->r, k->cx, &k->host, "shw_a", &ask, &san), ERR_OK);
    struct db *db;
    const char *data;
    int seen = 0;
    static const struct sql all = {"all", "SELECT data FROM event WHERE audience = 'all'"};
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    struct rows rows = db_rows(db, &all, ARGS());
    while (rows_next(&rows, k->cx->arena, COLS(C(&data)))) {
        json_t *o = json_loads(data, 0, NULL);
        assert_true(event_keys_ok(o));
        assert_null(strstr(data, "viw_"));
        json_decref(o);
        seen++;
    }
    assert_int_equal(rows_end(&rows), ERR_OK);
    store_read_end(db);
    assert_true(seen >= 7);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct test_room *k = *state;
#define X(q) assert_int_equal(test_check_sql(k->t, &(q)), ERR_OK);
    SQL_ALL(X)
#undef X
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(log__has_no_gaps_under_concurrent_writers),
        T(log__a_failed_job_takes_no_number),
        T(join__begins_with_a_snapshot_at_the_head),
        T(join__what_happens_between_snapshot_and_start_comes_once),
        T(join__everybody_gets_their_own_lines_marked),
        T(resume__gives_what_was_missed_and_no_snapshot),
        T(resume__works_after_a_restart_and_beyond_the_ring_is_a_snapshot),
        T(resume__under_load_has_no_gap_and_nothing_twice),
        T(resume__does_not_bring_back_what_was_hidden),
        T(resume__after_a_restart_does_not_bring_it_back_either),
        T(log__reading_ends_at_what_could_not_be_taken),
        T(audience__private_and_staff_events_reach_their_people),
        T(audience__state_changes_reach_viewers_only_when_they_see_one),
        T(sampling__spares_viewers_in_a_flood),
        T(slow__a_loop_that_is_a_ring_behind_loses_its_streams),
        T(leaving__in_the_middle_of_a_walk_is_fine),
        T(viewers__are_counted_once_for_30_seconds),
        T(viewers__a_thousand_fit),
        T(likes__come_in_bursts_and_are_stored),
        T(likes__survive_the_end_of_the_room),
        T(hubs__go_when_nobody_has_come_for_a_while),
        T(bye__reaches_everybody),
        cmocka_unit_test(keys__personal_data_is_not_among_them),
        T(keys__of_all_that_was_logged_are_allowed),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
