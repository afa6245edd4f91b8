#include "base/test.h"

#include "account/limit.h"
#include "room/input.sql.h"
#include "room/room_in.h"
#include "room/testkit.h"

#include <stdio.h>
#include <string.h>

static int make(void **state)
{
    *state = test_room_make();
    return 0;
}

static int drop(void **state)
{
    test_room_free(*state);
    return 0;
}

static enum show_state state_of(struct test_room *k)
{
    return test_show_again(k, "shw_a").state;
}

/* Tell, at `at_us`; was it applied? */
static bool tell(struct test_room *k, bool connected, int64_t at_us)
{
    bool applied;
    const struct input_notice n = {.uid = "in_shw_a", .connected = connected, .at_us = at_us};
    assert_int_equal(input_notify(k->r, k->cx, &n, &applied), ERR_OK);
    return applied;
}

/* ---- notices ---- */

static void notice__repeated_ones_count_once(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_a", SHOW_SCHEDULED);
    assert_true(tell(k, true, 100));
    int64_t head = test_show_again(k, "shw_a").head;
    assert_false(tell(k, true, 100));
    assert_int_equal(state_of(k), SHOW_BACKSTAGE);
    assert_true(tell(k, true, 101)); /* another that says the same: nothing moves */
    assert_int_equal(test_show_again(k, "shw_a").head, head);
    assert_int_equal(state_of(k), SHOW_BACKSTAGE);
}

static void notice__late_ones_are_ignored(void **state)
{
    struct test_room *k = *state;
    struct show s;
    (void)test_show(k, "shw_a", SHOW_SCHEDULED);
    assert_true(tell(k, true, 100));
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_a", SHOW_MOVE_GO_LIVE, &s), ERR_OK);
    assert_true(tell(k, true, 300)); /* on (300) overtakes off (200) */
    assert_false(tell(k, false, 200));
    assert_int_equal(state_of(k), SHOW_LIVE);
    assert_true(tell(k, false, 400));
    assert_int_equal(state_of(k), SHOW_INTERRUPTED);
    assert_false(tell(k, true, 100));
    assert_false(tell(k, false, 400));
    assert_int_equal(state_of(k), SHOW_INTERRUPTED);
    assert_true(tell(k, true, 500));
    assert_int_equal(state_of(k), SHOW_LIVE);
}

static void notice__a_look_that_agrees_writes_nothing(void **state)
{
    struct test_room *k = *state;
    struct input_notice n = {.uid = "in_shw_a", .connected = false, .at_us = 200, .poll = true};
    bool applied;
    (void)test_show(k, "shw_a", SHOW_SCHEDULED);
    assert_int_equal(input_notify(k->r, k->cx, &n, &applied), ERR_OK);
    assert_false(applied);
    assert_int_equal(test_number(k->t, "SELECT input_at FROM show"), 0);
    n.connected = true;
    assert_int_equal(input_notify(k->r, k->cx, &n, &applied), ERR_OK);
    assert_true(applied); /* the webhook never came */
    assert_int_equal(state_of(k), SHOW_BACKSTAGE);
    assert_false(tell(k, false, 199)); /* and now comes late */
    assert_int_equal(state_of(k), SHOW_BACKSTAGE);
}

/* Every order of the same three notices ends the same. */
static void notice__any_order_ends_the_same(void **state)
{
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const struct {
        bool on;
        int64_t at_us;
    } notices[3] = {{true, 100}, {false, 200}, {true, 300}};
    struct test_room *k = *state;
    for (int i = 0; i < 6; i++) {
        char id[40], uid[64];
        (void)snprintf(id, sizeof id, "shw_o%d", i);
        (void)snprintf(uid, sizeof uid, "in_%s", id);
        (void)test_show(k, id, SHOW_SCHEDULED);
        for (int j = 0; j < 6; j++) { /* each of them twice */
            const struct input_notice n = {.uid = uid,
                                           .connected = notices[order[i][j / 2]].on,
                                           .at_us = notices[order[i][j / 2]].at_us};
            assert_int_equal(input_notify(k->r, k->cx, &n, NULL), ERR_OK);
        }
        struct show s = test_show_again(k, id);
        assert_int_equal(s.state, SHOW_BACKSTAGE);
        assert_true(s.input_connected);
    }
}

static void notice__of_nobodys_input_is_no_error(void **state)
{
    struct test_room *k = *state;
    const struct input_notice n = {.uid = "who", .connected = true, .at_us = 5};
    bool applied = true;
    assert_int_equal(input_notify(k->r, k->cx, &n, &applied), ERR_OK);
    assert_false(applied);
    assert_string_equal(k->cx->problem, "");
    (void)test_show(k, "shw_a", SHOW_ENDED);
    int64_t head = test_show_again(k, "shw_a").head;
    assert_true(
        tell(k, false, INT64_C(1) << 40)); /* after the end: the row knows, nobody is told */
    assert_int_equal(state_of(k), SHOW_ENDED);
    assert_int_equal(test_show_again(k, "shw_a").head, head);
}

static void attach__one_input_for_one_show(void **state)
{
    struct test_room *k = *state;
    (void)test_show(k, "shw_a", SHOW_DRAFT);
    (void)test_show(k, "shw_b", SHOW_DRAFT);
    const char *hls = "https://stream/x.m3u8";
    assert_int_equal(input_attach(k->r, k->cx, "shw_a", "in_shw_a", hls), ERR_OK); /* again */
    assert_int_equal(input_attach(k->r, k->cx, "shw_a", "in_other", hls), ERR_EXISTS);
    assert_int_equal(input_attach(k->r, k->cx, "shw_b", "in_shw_a", hls), ERR_EXISTS);
    assert_int_equal(input_attach(k->r, k->cx, "shw_none", "in_c", hls), ERR_NOT_FOUND);
    assert_int_equal(input_attach(k->r, k->cx, "shw_b", "", hls), ERR_INPUT);
}

/* Made while the show was called off: no task would have switched it off, and its key stayed good.
 */
static void attach__is_refused_by_a_show_that_is_over(void **state)
{
    struct test_room *k = *state;
    struct show s;
    const char *hls = "https://stream/x.m3u8";
    const struct show_new ask = {.title = {[LANG_EN] = "a"}, .public_id = "shw_late"};
    assert_int_equal(show_create(k->r, k->cx, &k->host, &ask, &s), ERR_OK);
    assert_int_equal(show_run(k->r, k->cx, &k->host, "shw_late", SHOW_MOVE_CANCEL, &s), ERR_OK);
    assert_int_equal(input_attach(k->r, k->cx, "shw_late", "in_late", hls), ERR_TRANSITION);
    assert_null(test_show_again(k, "shw_late").input);
    (void)test_show(k, "shw_over", SHOW_ENDED);
    assert_int_equal(input_attach(k->r, k->cx, "shw_over", "in_shw_over", hls), ERR_OK); /* again */
}

static void watch__lists_inputs_of_shows_that_have_not_ended(void **state)
{
    struct test_room *k = *state;
    struct input_watched *list;
    struct db *db;
    size_t n;
    (void)test_show(k, "shw_s", SHOW_SCHEDULED);
    (void)test_show(k, "shw_l", SHOW_LIVE);
    (void)test_show(k, "shw_e", SHOW_ENDED);
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(input_watch_list(db, k->cx, 10, &list, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_string_equal(list[0].show, "shw_l");
    assert_string_equal(list[0].uid, "in_shw_l");
    assert_true(list[0].connected);
    assert_int_equal(list[1].state, SHOW_SCHEDULED);
    assert_int_equal(input_watch_list(db, k->cx, 1, &list, &n), ERR_OK);
    store_read_end(db);
    assert_int_equal(n, 1);
}

/* ---- recordings ---- */

static void recording__is_the_first_that_holds_the_start(void **state)
{
    (void)state;
    const struct recording list[] = {
        {"rehearsal", 1000, 5000, "", NULL},
        {"late", 10100, 9000, "", NULL},
        {"show", 10000, 60000, "", NULL},
    };
    assert_int_equal(recording_choose(list, 3, 10500), 2); /* both hold it: the earlier */
    assert_int_equal(recording_choose(list, 3, 10000), 2); /* created <= start */
    assert_int_equal(recording_choose(list, 3, 1000), 0);
    assert_int_equal(recording_choose(list, 3, 5999), 0);
    assert_int_equal(recording_choose(list, 3, 6000), 0); /* start < end, two clocks apart */
    assert_int_equal(recording_choose(list, 3, 8000), 2); /* nearly: a clock is behind */
    assert_int_equal(recording_choose(list, 3, 90000), -1);
    assert_int_equal(recording_choose(list, 0, 10500), -1);
}

static enum err offer(struct test_room *k, const struct recording *rec, size_t n, bool *ret_found)
{
    return input_recordings(k->r, k->cx, "in_shw_a", rec, n, ret_found);
}

static void recording__makes_the_replay_once(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_ENDED);
    const struct recording wrong = {"w", s.live_started_ms + 90000, 1000, "https://w", NULL};
    const struct recording right = {"r", s.live_started_ms - 4000, 64000, "https://r", "https://t"};
    const struct recording other = {"o", s.live_started_ms - 1000, 64000, "https://o", NULL};
    bool found;
    assert_int_equal(offer(k, &wrong, 1, &found), ERR_OK);
    assert_false(found);
    assert_int_equal(state_of(k), SHOW_ENDED);
    assert_int_equal(offer(k, &right, 1, &found), ERR_OK);
    assert_true(found);
    assert_int_equal(offer(k, &other, 1, &found), ERR_OK); /* told again: no second effect */
    assert_true(found);
    s = test_show_again(k, "shw_a");
    assert_int_equal(s.state, SHOW_REPLAY_READY);
    assert_string_equal(s.replay_hls, "https://r");
    assert_string_equal(s.thumbnail, "https://t");
    assert_int_equal(s.replay_offset_ms, 4000);
    assert_int_equal(s.duration_ms, 60000);
    json_t *o = show_json(k->r, &s, &k->nobody), *playback = json_object_get(o, "playback");
    assert_string_equal(json_string_value(json_object_get(playback, "kind")), "replay");
    assert_int_equal(json_integer_value(json_object_get(playback, "offset_ms")), 4000);
    json_decref(o);
    assert_int_equal(test_number(k->t, "SELECT COUNT(*) FROM event WHERE type = 'show.state' AND"
                                       " audience = 'all' AND data LIKE '%replay_ready%'"),
                     1);
    assert_int_equal(
        test_number(k->t, "SELECT COUNT(*) FROM show_task WHERE kind = 'find_recording'"), 0);
}

static void recording__of_a_running_show_waits(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_LIVE);
    const struct recording rec = {"r", s.live_started_ms - 1, 64000, "https://r", NULL};
    bool found = true;
    assert_int_equal(offer(k, &rec, 1, &found), ERR_OK);
    assert_false(found);
    assert_int_equal(state_of(k), SHOW_LIVE);
}

/* ---- the to-do list ---- */

static size_t due(struct test_room *k, struct show_task **list)
{
    struct db *db;
    size_t n;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(task_list(db, k->cx, 10, list, &n), ERR_OK);
    store_read_end(db);
    return n;
}

static void task__waits_longer_each_time_and_survives(void **state)
{
    struct test_room *k = *state;
    struct show_task *list;
    (void)test_show(k, "shw_a", SHOW_ENDED);
    assert_int_equal(due(k, &list), 1);
    assert_int_equal(list[0].kind, TASK_DISABLE_INPUT);
    assert_string_equal(list[0].uid, "in_shw_a");
    assert_int_equal(task_done(k->r, k->cx, list[0].id), ERR_OK);
    assert_int_equal(task_done(k->r, k->cx, list[0].id), ERR_OK);
    assert_int_equal(due(k, &list), 0);
    k->cx->now_ms += 5000;
    int64_t wait_ms = 5000;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(due(k, &list), 1);
        assert_int_equal(list[0].kind, TASK_FIND_RECORDING);
        assert_int_equal(list[0].tries, i);
        assert_int_equal(task_later(k->r, k->cx, list[0].id), ERR_OK);
        k->cx->now_ms += wait_ms - 1;
        assert_int_equal(due(k, &list), 0);
        k->cx->now_ms += 1;
        wait_ms = wait_ms * 2 > 600000 ? 600000 : wait_ms * 2;
    }
    assert_int_equal(due(k, &list), 1);
    k->cx->now_ms += INT64_C(2) * 24 * 3600 * 1000;
    assert_int_equal(task_later(k->r, k->cx, list[0].id), ERR_OK); /* given up */
    k->cx->now_ms += 600000;
    assert_int_equal(due(k, &list), 0);
}

static void task__a_hint_makes_it_due_at_once(void **state)
{
    struct test_room *k = *state;
    struct show_task *list;
    (void)test_show(k, "shw_a", SHOW_ENDED);
    assert_int_equal(input_recording_hint(k->r, k->cx, "in_none"), ERR_OK);
    assert_int_equal(due(k, &list), 1);
    assert_int_equal(input_recording_hint(k->r, k->cx, "in_shw_a"), ERR_OK);
    assert_int_equal(due(k, &list), 2);
}

static void task__a_cancelled_show_switches_its_input_off(void **state)
{
    struct test_room *k = *state;
    struct show_task *list;
    (void)test_show(k, "shw_a", SHOW_CANCELLED);
    assert_int_equal(due(k, &list), 1);
    assert_int_equal(list[0].kind, TASK_DISABLE_INPUT);
    k->cx->now_ms += 60000;
    assert_int_equal(due(k, &list), 1);
}

/* ---- health ---- */

static struct ingest_health good(void)
{
    struct ingest_health h;
    ingest_health_init(&h);
    h.connected = true;
    h.since_ms = 5;
    h.bitrate_bps = 4000000;
    h.fps_milli = 30000;
    h.key_interval_ms = 2000;
    h.video = h.audio = KNOWN_YES;
    h.b_frames = KNOWN_NO;
    memcpy(h.video_codec, "avc1.64001f", 12);
    memcpy(h.audio_codec, "mp4a.40.2", 10);
    return h;
}

/* What is said of an encoder that is good but for one thing. */
#define CHECK(field, value, warnings)                                 \
    do {                                                              \
        struct ingest_health one = good();                            \
        one.field = (value);                                          \
        assert_int_equal(ingest_warnings(&one, 0, true), (warnings)); \
    } while (0)

static void health__rules_of_the_stream_api(void **state)
{
    (void)state;
    CHECK(bitrate_bps, 2000000, 0);
    CHECK(bitrate_bps, 1999999, 1u << INGEST_BITRATE_LOW);
    CHECK(bitrate_bps, 14000000, 0);
    CHECK(bitrate_bps, 14000001, 1u << INGEST_BITRATE_HIGH);
    CHECK(bitrate_bps, -1, 0);
    CHECK(key_interval_ms, 1000, 1u << INGEST_GOP_SHORT);
    CHECK(key_interval_ms, 2002, 0);
    CHECK(key_interval_ms, 4004, 0);
    CHECK(key_interval_ms, 5000, 1u << INGEST_GOP_LONG);
    CHECK(key_interval_ms, -1, 0);
    CHECK(b_frames, KNOWN_YES, 1u << INGEST_B_FRAMES);
    CHECK(b_frames, KNOWN_NOT, 0);
    CHECK(audio, KNOWN_NO, 1u << INGEST_NO_AUDIO);
    CHECK(audio, KNOWN_NOT, 0);
    CHECK(video, KNOWN_NO, 1u << INGEST_NO_VIDEO);
    CHECK(video_codec[0], 'h', 1u << INGEST_NOT_H264);
    CHECK(audio_codec[0], 'o', 1u << INGEST_NOT_AAC);
    CHECK(connected, false, 0);
    struct ingest_health h = good();
    assert_int_equal(ingest_warnings(&h, 6000, true), 0);
    assert_int_equal(ingest_warnings(&h, 6001, true), 1u << INGEST_FPS_UNSTABLE);
    h.key_interval_ms = 10000;
    h.b_frames = KNOWN_YES;
    assert_int_equal(ingest_warnings(&h, 0, false), 0); /* without low latency that is fine */
    h.key_interval_ms = 10500;
    assert_int_equal(ingest_warnings(&h, 0, false), 1u << INGEST_GOP_LONG);
}

static void health__of_nothing_known_is_null(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_SCHEDULED);
    json_t *o = ingest_json(k->r, &s);
    assert_true(json_is_false(json_object_get(o, "connected")));
    assert_true(json_is_null(json_object_get(o, "bitrate_bps")));
    assert_true(json_is_null(json_object_get(o, "b_frames")));
    assert_int_equal(json_array_size(json_object_get(o, "warnings")), 0);
    assert_int_equal(json_object_size(o), 12);
    json_decref(o);
}

static void health__goes_to_staff_alone(void **state)
{
    struct test_room *k = *state;
    struct show s = test_show(k, "shw_a", SHOW_LIVE);
    struct test_stream *host = test_stream_open(k, &k->host, "shw_a", -1, 0);
    struct test_stream *ann = test_stream_open(k, &k->ann, "shw_a", -1, 0);
    struct ingest_health h = good();
    h.bitrate_bps = 900000;
    ingest_report(k->r, s.id, &h);
    test_wait_frames(host, 2);
    assert_non_null(strstr(host->frames[1], "\"staff.ingest\""));
    assert_non_null(strstr(host->frames[1], "\"bitrate_low\""));
    assert_null(strstr(host->frames[1], "\"seq\""));
    assert_int_equal(ann->count, 1);
    test_stream_close(host);
    host = test_stream_open(k, &k->moderator, "shw_a", -1, 0); /* who comes later gets the last */
    assert_int_equal(host->count, 2);
    for (int i = 0; i < 6; i++) { /* a rate that swings */
        h.fps_milli = i % 2 ? 30000 : 20000;
        ingest_report(k->r, s.id, &h);
    }
    json_t *o = ingest_json(k->r, &s);
    char *text = json_dumps(json_object_get(o, "warnings"), JSON_COMPACT);
    assert_string_equal(text, "[\"bitrate_low\",\"fps_unstable\"]");
    free(text);
    json_decref(o);
    test_stream_close(host);
    test_stream_close(ann);
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
        T(notice__repeated_ones_count_once),
        T(notice__late_ones_are_ignored),
        T(notice__a_look_that_agrees_writes_nothing),
        T(notice__any_order_ends_the_same),
        T(notice__of_nobodys_input_is_no_error),
        T(attach__one_input_for_one_show),
        T(attach__is_refused_by_a_show_that_is_over),
        T(watch__lists_inputs_of_shows_that_have_not_ended),
        cmocka_unit_test(recording__is_the_first_that_holds_the_start),
        T(recording__makes_the_replay_once),
        T(recording__of_a_running_show_waits),
        T(task__waits_longer_each_time_and_survives),
        T(task__a_hint_makes_it_due_at_once),
        T(task__a_cancelled_show_switches_its_input_off),
        cmocka_unit_test(health__rules_of_the_stream_api),
        T(health__of_nothing_known_is_null),
        T(health__goes_to_staff_alone),
        T(sql__every_statement_prepares_with_ordered_parameters),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
