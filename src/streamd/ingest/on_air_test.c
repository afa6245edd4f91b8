/*
 * From an encoder's socket to a viewer's: what publishers do, and what is recorded of it.
 */
#include "streamd/ingest/on_air_world.h"
#include <sys/socket.h>
#include <unistd.h>

static void publish__a_stopping_server_says_so(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    wait_for(&lib.stats, 1);
    ingest_stop(s->ingest);
    assert_true(encoder_hears(fd, "the server is stopping"));
    assert_int_equal(lib.disconnects, 1);
    assert_string_equal(lib.reason, "shutdown");
    close(fd);
}

static void publish__wrong_keys_are_refused(void **state)
{
    struct stage *s = *state;
    int fd = encoder_dial(s->rtmp.port, "wrongkey");
    assert_true(encoder_hears(fd, "NetStream.Publish.BadName"));
    close(fd);
    lib.disabled = true;
    fd = encoder_dial(s->rtmp.port, KEY);
    assert_true(encoder_hears(fd, "disabled"));
    close(fd);
    assert_int_equal(count_of(&lib.connects), 0);
}

static void publish__who_says_nothing_is_dropped(void **state)
{
    struct stage *s = *state;
    int fd = encoder_socket(s->rtmp.port);
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0); /* closed by the server, before our patience ends */
    close(fd);
}

static void publish__a_frozen_publisher_is_dropped(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    assert_true(encoder_hears(fd, "NetStream.Publish.Idle"));
    wait_for(&lib.disconnects, 1);
    assert_string_equal(lib.reason, "timeout");
    assert_true(lib.stats > 0);
    assert_int_equal(lib.last.width, 320);
    close(fd);
}

/* Media comes, and comes, and its time does not move: nobody could watch it. */
static void publish__stamps_that_stand_still_end_it(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 300);
    for (unsigned i = 0; i < 100 && !count_of(&lib.disconnects); i++) {
        encoder_play(fd, &s->flv, 200, 240);
        usleep(100 * 1000);
    }
    assert_int_equal(count_of(&lib.disconnects), 1);
    assert_string_equal(lib.reason, "timestamps");
    assert_int_equal(count_of(&lib.errors), 1);
    assert_true(encoder_hears(fd, "stand still"));
    close(fd);
}

static void publish__a_bitrate_beyond_all_measure_ends_it(void **state)
{
    struct stage *s = *state;
    enum { FRAME = 1 << 20 };
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 300);
    struct buf b;
    buf_init(&b, FRAME + 4096);
    uint8_t *frame = test_calloc(1, FRAME);
    frame[0] = 0x27; /* a header and no picture: it counts as bytes only */
    for (unsigned i = 0; i < 100 && !count_of(&lib.disconnects); i++) {
        encoder_message(&b, 6, FLV_VIDEO, 300 + 66 * i, 1, frame, FRAME, ENCODER_CHUNK);
        encoder_send(fd, &b); /* 126 Mbit/s */
        usleep(66 * 1000);
    }
    assert_int_equal(count_of(&lib.disconnects), 1);
    assert_string_equal(lib.reason, "bitrate");
    buf_done(&b);
    test_free(frame);
    close(fd);
}

static void publish__who_returns_goes_on_behind_one_discontinuity(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    struct playlist_check *c = playlist_check_make();
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    viewer_forget(playlist(s, c, "live.m3u8"));
    for (unsigned turn = 1; turn < 5; turn++) {
        close(fd);
        wait_for(&lib.disconnects, turn);
        viewer_forget(playlist(s, c, "live.m3u8")); /* all that came is complete now */
        fd = encoder_live(s->rtmp.port, KEY);
        encoder_play(fd, &s->flv, 0, 2500);
        char file[64];
        (void)snprintf(file, sizeof(file), "live.m3u8?_HLS_msn=%u",
                       (unsigned)playlist_check_seen(c)->last_msn + 1);
        struct answer a = playlist(s, c, file);
        assert_int_equal(playlist_check_seen(c)->discontinuities, turn);
        assert_int_equal(viewer_count(a.body, "#EXT-X-ENDLIST"), 0);
        buf_done(&a.text);
    }
    assert_int_equal(count_of(&lib.videos), 1);
    playlist_check_free(c);
    close(fd);
}

static void publish__the_same_key_takes_over(void **state)
{
    struct stage *s = *state;
    int old = encoder_live(s->rtmp.port, KEY);
    encoder_play(old, &s->flv, 0, 2500);
    for (unsigned i = 0; i < 6; i++) { /* from either loop */
        int fd = encoder_live(s->rtmp.port, KEY);
        encoder_play(fd, &s->flv, 0, 2500);
        assert_true(encoder_hears(old, "taken over"));
        close(old);
        old = fd;
    }
    assert_int_equal(count_of(&lib.disconnects), 0);
    assert_int_equal(count_of(&lib.videos), 1);
    close(old);
    wait_for(&lib.disconnects, 1);
}

/* As encoders reconnect: the old connection closes in the moment the new one publishes. */
static void publish__a_reconnect_is_on_air_for_the_library_too(void **state)
{
    struct stage *s = *state;
    int old = encoder_live(s->rtmp.port, KEY);
    for (unsigned i = 0; i < 40; i++) {
        if (i % 2)
            close(old);
        int fd = encoder_dial(s->rtmp.port, KEY);
        if (i % 2 == 0)
            close(old);
        assert_true(encoder_hears(fd, "NetStream.Publish.Start"));
        encoder_play(fd, &s->flv, 0, 100);
        old = fd;
        usleep(5000);
        pthread_mutex_lock(&lib.lock);
        bool connected = lib.connected;
        pthread_mutex_unlock(&lib.lock);
        assert_true(connected);
    }
    close(old);
}

static void publish__other_codecs_are_named_and_refused(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    struct buf b;
    buf_init(&b, 4096);
    static const uint8_t hevc[] = {0x90, 'h', 'v', 'c', '1', 1, 0, 0, 0};
    encoder_message(&b, 6, FLV_VIDEO, 0, 1, hevc, sizeof(hevc), ENCODER_CHUNK);
    encoder_send(fd, &b);
    buf_done(&b);
    assert_true(encoder_hears(fd, "HEVC"));
    wait_for(&lib.disconnects, 1);
    assert_int_equal(lib.errors, 1);
    assert_string_equal(lib.error, "ERR_UNSUPPORTED_VIDEO_CODEC");
    close(fd);
}

static void publish__a_kicked_publisher_is_told(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 1000);
    origin_kick(s->origin, INPUT, "live input was disabled");
    assert_true(encoder_hears(fd, "live input was disabled"));
    wait_for(&lib.disconnects, 1);
    assert_string_equal(lib.reason, "live input was disabled");
    close(fd);
}

static void record__off_means_no_playback(void **state)
{
    struct stage *s = *state;
    lib.record = false;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3000);
    wait_for(&lib.stats, 1);
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 204);
    struct recording rec;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_CONFLICT);
    close(fd);
    wait_for(&lib.disconnects, 1);
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_NOT_FOUND);
}

static void check_recording(struct stage *s, unsigned segments, unsigned discontinuities)
{
    struct answer master = get(s, path_of("manifest/video.m3u8"));
    assert_int_equal(master.status, 200);
    assert_true(viewer_has(&master, "CODECS=\"avc1."));
    buf_done(&master.text);
    struct playlist_check *c = playlist_check_make();
    struct answer a = playlist(s, c, "live.m3u8");
    assert_true(playlist_check_seen(c)->ended);
    assert_true(viewer_count(a.body, "seg-") >= segments);
    assert_int_equal(viewer_count(a.body, "#EXT-X-DISCONTINUITY\n"), discontinuities);
    assert_true(viewer_has(&a, "#EXT-X-PROGRAM-DATE-TIME"));
    buf_done(&a.text);
    playlist_check_free(c);
    struct answer segment = get(s, media_path("seg-1.m4s"));
    assert_int_equal(segment.status, 200);
    assert_memory_equal(segment.body + 4, "moof", 4);
    buf_done(&segment.text);
}

static void record__a_finished_broadcast_is_played_from_disk(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 4000);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    close(fd);
    wait_for(&lib.disconnects, 1);
    struct recording rec, again;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_OK);
    assert_in_range(rec.duration_ms, 3900, 4100);
    assert_int_equal(rec.width, 320);
    assert_int_equal(rec.height, 180);
    assert_true(rec.size_bytes > 10000);
    assert_string_equal(rec.audio_codec, "mp4a.40.2");
    assert_int_equal(origin_finish(s->origin, lib.video, &again), ERR_OK);
    assert_int_equal(again.size_bytes, rec.size_bytes);
    lib.fresh = true;
    /* Players that were watching see the end; those that come later get the recording. */
    struct answer a = get(s, media_path("live.m3u8"));
    assert_true(viewer_has(&a, "#EXT-X-ENDLIST"));
    buf_done(&a.text);
    stop(s);
    start(s);
    check_recording(s, 4, 0);
    assert_int_equal(origin_drop(s->origin, lib.video), ERR_OK);
    assert_int_equal(status_of(s, media_path("seg-1.m4s")), 404);
}

static void record__a_restart_of_the_server_goes_on_with_the_same_playlist(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    struct playlist_check *c = playlist_check_make();
    viewer_forget(playlist(s, c, "live.m3u8"));
    stop(s);
    close(fd);
    start(s);
    /* Players are there before the publisher is: they find the playlist as it was. */
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 200);
    for (int i = 0; i < 500 && status_of(s, media_path("live.m3u8")) == 503; i++)
        usleep(10000);
    viewer_forget(playlist(s, c, "live.m3u8"));
    uint64_t msn = playlist_check_seen(c)->last_msn;
    assert_int_equal(msn, 2);
    fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3500);
    struct answer a = playlist(s, c, "live.m3u8?_HLS_msn=4");
    assert_true(playlist_check_seen(c)->last_msn > msn);
    assert_int_equal(viewer_count(a.body, "#EXT-X-DISCONTINUITY\n"), 1);
    assert_int_equal(viewer_count(a.body, "\nseg-0.m4s"), 1);
    viewer_forget(a);
    playlist_check_free(c);
    close(fd);
    wait_for(&lib.disconnects, 2);
    struct recording rec;
    assert_int_equal(origin_finish(s->origin, lib.video, &rec), ERR_OK);
    assert_in_range(rec.duration_ms, 5700, 6300);
    lib.fresh = true;
    stop(s);
    start(s);
    check_recording(s, 6, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(publish__wrong_keys_are_refused),
        T(publish__a_stopping_server_says_so),
        T(publish__who_says_nothing_is_dropped),
        T(publish__a_frozen_publisher_is_dropped),
        T(publish__stamps_that_stand_still_end_it),
        T(publish__a_bitrate_beyond_all_measure_ends_it),
        T(publish__who_returns_goes_on_behind_one_discontinuity),
        T(publish__the_same_key_takes_over),
        T(publish__a_reconnect_is_on_air_for_the_library_too),
        T(publish__other_codecs_are_named_and_refused),
        T(publish__a_kicked_publisher_is_told),
        T(record__off_means_no_playback),
        T(record__a_finished_broadcast_is_played_from_disk),
        T(record__a_restart_of_the_server_goes_on_with_the_same_playlist),
    };
    return cmocka_run_group_tests(tests, media_make, media_drop);
}
