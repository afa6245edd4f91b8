/* The state machine of live inputs, its rows, and what the world is told. */
#include "base/test.h"
#include "streamd/library/library_testkit.h"
#include "streamd/library/state_in.h"

#include <string.h>

static int setup(void **state)
{
    *state = libkit_make();
    return 0;
}

static int teardown(void **state)
{
    libkit_free(*state);
    return 0;
}

static const char AUTOMATIC[] = "{'meta':{'name':'Evening'},'recording':{'mode':'automatic'}}";

static void connect_as(struct libkit *k, const char *uid, char video[UID_TEXT], bool want_resumed)
{
    assert_int_equal(library_connected(k->l, uid, "rtmps", &k->turn), ERR_OK);
    memcpy(video, k->turn.video_uid, UID_TEXT);
    assert_int_equal(k->turn.resumed, want_resumed);
}

static enum playback_state playback_of(struct libkit *k, const char *uid)
{
    struct playback p;
    assert_int_equal(library_playback(k->l, uid, &p), ERR_OK);
    return p.state;
}

static void machine__every_state_and_event(void **state)
{
    static const struct {
        enum input_state from;
        enum input_event event;
        enum input_state to;
        unsigned todo;
    } want[] = {
        {INPUT_IDLE, EVENT_CONNECT, INPUT_CONNECTED, DO_BEGIN},
        {INPUT_IDLE, EVENT_DISCONNECT, INPUT_IDLE, 0},
        {INPUT_IDLE, EVENT_GRACE_OVER, INPUT_IDLE, 0},
        {INPUT_IDLE, EVENT_STOP, INPUT_IDLE, 0},
        {INPUT_CONNECTED, EVENT_CONNECT, INPUT_CONNECTED, DO_RESUME},
        {INPUT_CONNECTED, EVENT_DISCONNECT, INPUT_GAP, DO_PAUSE},
        {INPUT_CONNECTED, EVENT_GRACE_OVER, INPUT_CONNECTED, 0},
        {INPUT_CONNECTED, EVENT_STOP, INPUT_IDLE, DO_END | DO_KICK},
        {INPUT_GAP, EVENT_CONNECT, INPUT_CONNECTED, DO_RESUME},
        {INPUT_GAP, EVENT_DISCONNECT, INPUT_GAP, 0},
        {INPUT_GAP, EVENT_GRACE_OVER, INPUT_IDLE, DO_END},
        {INPUT_GAP, EVENT_STOP, INPUT_IDLE, DO_END},
    };
    (void)state;
    assert_int_equal(sizeof want / sizeof *want, INPUT_STATES * INPUT_EVENTS);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        unsigned todo;
        assert_int_equal(state_next(want[i].from, want[i].event, &todo), want[i].to);
        assert_int_equal(todo, want[i].todo);
    }
}

static void broadcast__becomes_a_video_that_is_ready(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    struct input_conf conf;
    libkit_input(k, AUTOMATIC, uid, key);
    assert_int_equal(library_input_by_key(k->l, key, &conf), ERR_OK);
    assert_string_equal(conf.uid, uid);
    assert_int_equal(conf.grace_ms, 10000);
    assert_int_equal(playback_of(k, uid), PLAYBACK_IDLE);

    connect_as(k, uid, video, false);
    assert_int_equal(playback_of(k, uid), PLAYBACK_LIVE);
    json_t *v = libkit_get_video(k, video);
    assert_string_equal(libkit_at(v, "status.state"), "live-inprogress");
    assert_string_equal(libkit_at(v, "meta.name"), "Evening 22 Nov 26 09:30 UTC");
    assert_string_equal(libkit_at(v, "duration"), "-1");
    json_decref(v);

    libkit_later(k, 60000);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 9800);
    assert_int_equal(k->finishes, 0);
    assert_int_equal(playback_of(k, uid), PLAYBACK_LIVE);
    libkit_later(k, 400);
    assert_int_equal(k->finishes, 1);
    assert_int_equal(k->pictures, 1);
    assert_int_equal(playback_of(k, uid), PLAYBACK_VOD);
    assert_int_equal(playback_of(k, video), PLAYBACK_VOD);
    v = libkit_get_video(k, video);
    assert_string_equal(libkit_at(v, "status.state"), "ready");
    assert_string_equal(libkit_at(v, "status.pctComplete"), "100.000000");
    assert_string_equal(libkit_at(v, "duration"), "61.700");
    assert_string_equal(libkit_at(v, "input.height"), "1280");
    assert_string_equal(libkit_at(v, "liveInput"), uid);
    json_decref(v);

    assert_int_equal(k->dones, 1);
    assert_string_equal(k->done_video, video);
    assert_string_equal(k->done_input, uid);
    assert_int_equal(k->events_n, 2);
    assert_string_equal(k->events[0], "live_input.connected");
    assert_string_equal(k->events[1], "live_input.disconnected");
}

static void broadcast__goes_on_within_the_grace_period(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], first[UID_TEXT], again[UID_TEXT];
    libkit_input(k, "{'recording':{'mode':'automatic','timeoutSeconds':30}}", uid, key);
    connect_as(k, uid, first, false);
    library_disconnected(k->l, uid, k->turn.generation, "timeout");
    libkit_later(k, 29000);
    connect_as(k, uid, again, true);
    assert_string_equal(first, again);
    libkit_later(k, 60000); /* the old grace clock means nothing now */
    assert_int_equal(k->finishes, 0);
    json_t *in = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(in, "status.current.state"), "reconnected");
    assert_string_equal(
        libkit_at(json_array_get(json_object_get(json_object_get(in, "status"), "history"), 0),
                  "reason"),
        "timeout");
    json_decref(in);

    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 31000);
    connect_as(k, uid, again, false);
    assert_string_not_equal(first, again);
}

static void broadcast__take_over_is_the_same_video(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], first[UID_TEXT], again[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, first, false);
    connect_as(k, uid, again, true);
    assert_string_equal(first, again);
    libkit_settle(k);
    assert_int_equal(k->events_n, 1);
}

/* Encoders that reconnect close the old connection and publish on the new one at once. */
static void broadcast__the_end_of_the_one_taken_over_changes_nothing(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    const struct ingest_stats s = {.bitrate_bps = 2000000};
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    uint64_t old = k->turn.generation;
    connect_as(k, uid, video, true);
    library_stats(k->l, uid, old, &s);
    library_disconnected(k->l, uid, old, "client_disconnect");
    libkit_later(k, 30000);
    assert_int_equal(k->finishes, 0);
    assert_int_equal(playback_of(k, uid), PLAYBACK_LIVE);
    json_t *in = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(in, "status.current.ingest"), "(none)");
    json_decref(in);
    assert_int_equal(k->events_n, 1);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 10400);
    assert_int_equal(k->finishes, 1);
}

/* recording.mode is read when a broadcast begins; what comes back within the grace follows it. */
static void broadcast__records_as_it_began(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    libkit_input(k, "{'meta':{'name':'quiet'}}", uid, key);
    connect_as(k, uid, video, false);
    assert_false(k->turn.record);
    json_t *on = libkit_json("{'recording':{'mode':'automatic'}}"), *o = NULL;
    assert_int_equal(library_update_input(k->l, k->cx, uid, on, &o), ERR_OK);
    json_decref(o);
    json_decref(on);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    connect_as(k, uid, video, true);
    assert_false(k->turn.record);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 10400);
    connect_as(k, uid, video, false);
    assert_true(k->turn.record);
}

static void broadcast__without_recording_has_no_video(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    struct playback p;
    libkit_input(k, "{'meta':{'name':'quiet'}}", uid, key);
    connect_as(k, uid, video, false);
    assert_int_equal(strlen(video), 32);
    assert_int_equal(library_playback(k->l, uid, &p), ERR_OK);
    assert_int_equal(p.state, PLAYBACK_IDLE);
    assert_true(p.connected);
    assert_int_equal(library_playback(k->l, video, &p), ERR_NOT_FOUND);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 11000);
    assert_int_equal(k->finishes, 0);
    assert_int_equal(test_number(k->db, "SELECT count(*) FROM video"), 0);
}

static void disabling__ends_the_broadcast_at_once(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    struct input_conf conf;
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    json_t *off = libkit_json("{'enabled':false}"), *o = NULL;
    assert_int_equal(library_update_input(k->l, k->cx, uid, off, &o), ERR_OK);
    assert_int_equal(k->kicks, 1);
    assert_string_equal(k->kick_why, "disabled");
    assert_string_equal(libkit_at(o, "status.current.reason"), "disabled");
    json_decref(o);
    json_decref(off);
    library_disconnected(k->l, uid, k->turn.generation,
                         "disabled"); /* what the kicked connection still says */
    libkit_later(k, 400);
    assert_int_equal(playback_of(k, video), PLAYBACK_VOD);
    assert_int_equal(library_input_by_key(k->l, key, &conf), ERR_FORBIDDEN);
    assert_int_equal(library_connected(k->l, uid, "rtmp", &k->turn), ERR_FORBIDDEN);
    assert_int_equal(k->events_n, 2);
}

static void rotating__cuts_and_lets_the_new_key_go_on(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT], again[UID_TEXT];
    struct input_conf conf;
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    json_t *o = NULL;
    assert_int_equal(library_rotate_keys(k->l, k->cx, uid, &o), ERR_OK);
    assert_int_equal(k->kicks, 1);
    assert_string_equal(k->kick_why, "keys_rotated");
    assert_string_not_equal(libkit_at(o, "rtmps.streamKey"), key);
    assert_string_not_equal(libkit_at(o, "keysRotatedAt"), "(none)");
    assert_int_equal(library_input_by_key(k->l, key, &conf), ERR_NOT_FOUND);
    assert_int_equal(library_input_by_key(k->l, libkit_at(o, "rtmps.streamKey"), &conf), ERR_OK);
    json_decref(o);
    library_disconnected(k->l, uid, k->turn.generation, "keys_rotated");
    connect_as(k, uid, again, true);
    assert_string_equal(video, again);
}

static void deleting__ends_the_broadcast_and_keeps_the_recording(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    struct input_conf conf;
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    assert_int_equal(library_delete_input(k->l, k->cx, uid), ERR_OK);
    assert_int_equal(k->kicks, 1);
    assert_int_equal(library_delete_input(k->l, k->cx, uid), ERR_NOT_FOUND);
    assert_int_equal(library_input_by_key(k->l, key, &conf), ERR_NOT_FOUND);
    libkit_later(k, 400);
    json_t *v = libkit_get_video(k, video);
    assert_string_equal(libkit_at(v, "status.state"), "ready");
    assert_string_equal(libkit_at(v, "liveInput"), uid);
    json_decref(v);
}

static void deleting_a_video__on_air_ends_its_broadcast(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    libkit_settle(k);
    assert_int_equal(library_delete_video(k->l, k->cx, video), ERR_OK);
    assert_int_equal(k->kicks, 1);
    assert_int_equal(k->drops, 1);
    assert_int_equal(playback_of(k, uid), PLAYBACK_IDLE);
    libkit_later(k, 400);
    assert_int_equal(k->finishes, 0);
    assert_int_equal(library_delete_video(k->l, k->cx, video), ERR_NOT_FOUND);
}

static void finishing__is_tried_again_until_it_works(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    k->finish_says = ERR_CONFLICT;
    libkit_later(k, 10200);
    assert_int_equal(playback_of(k, video), PLAYBACK_PROCESSING);
    libkit_later(k, 1000);
    assert_in_range(k->finishes, 2, 4);
    k->workers_busy = true;
    libkit_later(k, 2000);
    k->workers_busy = false;
    k->finish_says = ERR_OK;
    libkit_later(k, 60000);
    assert_int_equal(playback_of(k, video), PLAYBACK_VOD);
    assert_int_equal(k->dones, 1);
}

static void finishing__nothing_recorded_is_an_error_video(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    k->finish_says = ERR_NOT_FOUND;
    libkit_later(k, 10400);
    assert_int_equal(playback_of(k, uid), PLAYBACK_ERROR);
    json_t *v = libkit_get_video(k, video);
    assert_string_equal(libkit_at(v, "status.errorReasonCode"), "ERR_DURATION_TOO_SHORT");
    assert_string_equal(libkit_at(v, "readyToStream"), "false");
    json_decref(v);
    assert_string_equal(k->done_state, "error");
}

static void restart__gives_the_publisher_its_grace_period_again(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT], again[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    libkit_later(k, 5000);
    libkit_restart(k);
    assert_int_equal(playback_of(k, uid), PLAYBACK_LIVE);
    json_t *in = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(in, "status.current.reason"), "server_restart");
    json_decref(in);
    libkit_later(k, 9000);
    connect_as(k, uid, again, true);
    assert_string_equal(video, again);
    libkit_restart(k);
    libkit_later(k, 10400); /* nobody came */
    assert_int_equal(playback_of(k, uid), PLAYBACK_VOD);
}

static void restart__finishes_what_was_cut_off(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    libkit_input(k, AUTOMATIC, uid, key);
    connect_as(k, uid, video, false);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    k->workers_busy = true;
    libkit_later(k, 10400);
    libkit_restart(k);
    assert_int_equal(playback_of(k, video), PLAYBACK_PROCESSING);
    k->workers_busy = false;
    libkit_later(k, 200);
    assert_int_equal(playback_of(k, video), PLAYBACK_VOD);

    /* The program died between the end of the broadcast and its row. */
    test_exec(k->db, "UPDATE video SET state = 'live-inprogress'");
    libkit_restart(k);
    libkit_later(k, 400);
    assert_int_equal(playback_of(k, video), PLAYBACK_VOD);
}

static void keeping__deletes_a_recording_when_its_days_are_over(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    struct playback p;
    libkit_input(k, "{'recording':{'mode':'automatic'},'deleteRecordingAfterDays':30}", uid, key);
    connect_as(k, uid, video, false);
    libkit_settle(k);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    libkit_later(k, 10400);
    json_t *v = libkit_get_video(k, video);
    assert_string_equal(libkit_at(v, "scheduledDeletion"), "2026-12-22T09:30:12.000000Z");
    json_decref(v);
    libkit_now += (int64_t)30 * 86400000;
    libkit_later(k, 61000);
    assert_int_equal(k->drops, 1);
    assert_int_equal(library_playback(k->l, video, &p), ERR_NOT_FOUND);
    assert_int_equal(playback_of(k, uid), PLAYBACK_IDLE);
}

static void errored__tells_the_code_and_changes_nothing(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    libkit_input(k, AUTOMATIC, uid, key);
    library_errored(k->l, uid, "ERR_UNSUPPORTED_VIDEO_CODEC", "no", "hvc1", "");
    library_errored(k->l, "00112233445566778899aabbccddeeff", "ERR_X", "no", "", "");
    libkit_settle(k);
    assert_int_equal(k->events_n, 1);
    assert_string_equal(k->events[0], "live_input.errored ERR_UNSUPPORTED_VIDEO_CODEC");
    assert_int_equal(playback_of(k, uid), PLAYBACK_IDLE);
}

static void stats__show_while_connected_only(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX], video[UID_TEXT];
    const struct ingest_stats s = {.bitrate_bps = 2000000, .fps = 30, .video_codec = "avc1.64001f"};
    libkit_input(k, AUTOMATIC, uid, key);
    library_stats(k->l, uid, k->turn.generation, &s);
    connect_as(k, uid, video, false);
    library_stats(k->l, uid, k->turn.generation, &s);
    json_t *in = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(in, "status.current.ingest.videoCodec"), "avc1.64001f");
    assert_string_equal(libkit_at(in, "status.current.ingestProtocol"), "rtmp");
    json_decref(in);
    library_disconnected(k->l, uid, k->turn.generation, "client_disconnect");
    in = libkit_get_input(k, uid);
    assert_string_equal(libkit_at(in, "status.current.ingest"), "(none)");
    json_decref(in);
}

static void lookup__keys_that_are_none(void **state)
{
    struct libkit *k = *state;
    struct input_conf conf;
    char big[STREAM_KEY_MAX * 2];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_int_equal(library_input_by_key(k->l, "", &conf), ERR_NOT_FOUND);
    assert_int_equal(library_input_by_key(k->l, big, &conf), ERR_NOT_FOUND);
    assert_int_equal(library_input(k->l, "../../etc/passwd", &conf), ERR_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine__every_state_and_event),
        T(broadcast__becomes_a_video_that_is_ready),
        T(broadcast__goes_on_within_the_grace_period),
        T(broadcast__take_over_is_the_same_video),
        T(broadcast__the_end_of_the_one_taken_over_changes_nothing),
        T(broadcast__records_as_it_began),
        T(broadcast__without_recording_has_no_video),
        T(disabling__ends_the_broadcast_at_once),
        T(rotating__cuts_and_lets_the_new_key_go_on),
        T(deleting__ends_the_broadcast_and_keeps_the_recording),
        T(deleting_a_video__on_air_ends_its_broadcast),
        T(finishing__is_tried_again_until_it_works),
        T(finishing__nothing_recorded_is_an_error_video),
        T(restart__gives_the_publisher_its_grace_period_again),
        T(restart__finishes_what_was_cut_off),
        T(keeping__deletes_a_recording_when_its_days_are_over),
        T(errored__tells_the_code_and_changes_nothing),
        T(stats__show_while_connected_only),
        T(lookup__keys_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
