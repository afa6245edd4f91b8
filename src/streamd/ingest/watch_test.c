/*
 * From an encoder's socket to a viewer's: what viewers ask for.
 */
#include "streamd/ingest/on_air_world.h"
#include <unistd.h>

static void watch__a_broadcast_from_master_to_parts(void **state)
{
    struct stage *s = *state;
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 204);
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 3000);

    struct answer master = get(s, path_of("manifest/video.m3u8"));
    assert_int_equal(master.status, 200);
    assert_true(viewer_has(&master, "CODECS=\"avc1."));
    assert_true(viewer_has(&master, "RESOLUTION=320x180"));
    assert_true(viewer_has(&master, "Access-Control-Allow-Origin: *"));
    assert_true(viewer_has(&master, "live.m3u8?s="));
    buf_done(&master.text);

    struct playlist_check *c = playlist_check_make();
    struct answer first = playlist(s, c, "live.m3u8");
    assert_true(viewer_has(&first, "CAN-BLOCK-RELOAD=YES"));
    buf_done(&first.text);
    uint64_t msn = playlist_check_seen(c)->last_msn;
    char file[64];
    (void)snprintf(file, sizeof(file), "seg-%u.m4s", (unsigned)msn);
    struct answer segment = get(s, media_path(file));
    assert_int_equal(segment.status, 200);
    assert_true(viewer_has(&segment, "max-age=31536000"));
    assert_memory_equal(segment.body + 4, "moof", 4);
    buf_done(&segment.text);
    assert_int_equal(status_of(s, media_path("init-1.mp4")), 200);
    assert_int_equal(status_of(s, media_path("init-9.mp4")), 404);
    assert_int_equal(status_of(s, media_path("seg-999.m4s")), 404);
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_part=1")), 400);
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_msn=900")), 400);
    struct answer plain = get(s, media_path("plain.m3u8"));
    assert_false(viewer_has(&plain, "EXT-X-PART"));
    buf_done(&plain.text);
    playlist_check_free(c);
    close(fd);
}

struct waiter {
    const struct stage *s;
    char path[256];
    struct answer a;
};

static void *wait_there(void *arg)
{
    struct waiter *w = arg;
    w->a = get(w->s, w->path);
    return NULL;
}

static void watch__waiting_playlists_are_answered_by_the_next_part(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    struct playlist_check *c = playlist_check_make();
    viewer_forget(playlist(s, c, "live.m3u8"));
    const struct playlist_seen *seen = playlist_check_seen(c);

    enum { WAITERS = 8 };
    struct waiter w[WAITERS];
    pthread_t thread[WAITERS];
    for (unsigned i = 0; i < WAITERS; i++) {
        w[i] = (struct waiter){.s = s};
        char file[64];
        (void)snprintf(file, sizeof(file), "live.m3u8?_HLS_msn=%u&_HLS_part=%u",
                       (unsigned)seen->last_msn + 1, seen->open_parts);
        (void)snprintf(w[i].path, sizeof(w[i].path), "%s", media_path(file));
        assert_int_equal(pthread_create(&thread[i], NULL, wait_there, &w[i]), 0);
    }
    struct http_stats st;
    for (int i = 0; i < 500; i++) {
        http_stats(s->http, &st);
        if (st.parked == WAITERS)
            break;
        usleep(10000);
    }
    assert_int_equal(st.parked, WAITERS);
    encoder_play(fd, &s->flv, 2500, 3000);
    for (unsigned i = 0; i < WAITERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(w[i].a.status, 200);
        buf_done(&w[i].a.text);
    }
    playlist_check_free(c);
    close(fd);
}

static void watch__who_waits_in_vain_is_told_after_three_targets(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    viewer_forget(get(s, media_path("live.m3u8?_HLS_msn=1"))); /* all that was played has arrived */
    assert_int_equal(status_of(s, media_path("live.m3u8?_HLS_msn=3")), 503);
    close(fd);
}

static void watch__signed_inputs_answer_401(void **state)
{
    struct stage *s = *state;
    lib.signed_only = lib.video_signed = true;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    assert_int_equal(status_of(s, path_of("manifest/video.m3u8")), 401);
    assert_int_equal(status_of(s, media_path("live.m3u8")), 401);
    assert_int_equal(status_of(s, "/ffffffffffffffffffffffffffffffff/manifest/video.m3u8"), 404);
    assert_int_equal(status_of(s, "/nonsense/manifest/video.m3u8"), 404);
    close(fd);
}

static int status_by_video(const struct stage *s, const char *file)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "/%s/hls/%s/%s", lib.video, lib.video, file);
    return status_of(s, path);
}

/* Each uid has the rules of what it names, while the broadcast is on air and after. */
static void watch__by_video_the_video_rules_and_by_input_the_input(void **state)
{
    struct stage *s = *state;
    enum { KNOWN_FOR_US = 1100 * 1000 };
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    viewer_forget(get(s, media_path("live.m3u8?_HLS_msn=1")));
    assert_int_equal(status_by_video(s, "seg-0.m4s"), 200);
    set_lib(&lib.video_signed, true);
    usleep(KNOWN_FOR_US);
    assert_int_equal(status_by_video(s, "live.m3u8"), 401);
    assert_int_equal(status_by_video(s, "seg-0.m4s"), 401);
    assert_int_equal(status_of(s, media_path("seg-0.m4s")), 200);
    set_lib(&lib.video_signed, false);
    set_lib(&lib.input_gone, true);
    usleep(KNOWN_FOR_US);
    assert_int_equal(status_by_video(s, "seg-0.m4s"), 200);
    assert_int_equal(status_of(s, media_path("seg-0.m4s")), 404);
    set_lib(&lib.input_gone, false);
    set_lib(&lib.video_gone, true);
    usleep(KNOWN_FOR_US);
    assert_int_equal(status_by_video(s, "seg-0.m4s"), 404);
    assert_int_equal(status_of(s, media_path("seg-0.m4s")), 404);
    close(fd);
}

/* A live broadcast's recording can be played from its beginning, and goes on. */
static void watch__from_the_beginning_while_it_is_on_air(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    viewer_forget(get(s, path_of("manifest/video.m3u8")));
    viewer_forget(get(s, media_path("live.m3u8?_HLS_msn=1")));
    struct answer a = get(s, media_path("vod.m3u8"));
    for (int i = 0; i < 500 && a.status != 200; i++) { /* until the disk has it */
        usleep(10000);
        viewer_forget(a);
        a = get(s, media_path("vod.m3u8"));
    }
    assert_true(viewer_has(&a, "#EXT-X-PLAYLIST-TYPE:EVENT"));
    assert_false(viewer_has(&a, "#EXT-X-ENDLIST"));
    viewer_forget(a);
    close(fd);
}

static void watch__players_are_counted_once(void **state)
{
    struct stage *s = *state;
    int fd = encoder_live(s->rtmp.port, KEY);
    encoder_play(fd, &s->flv, 0, 2500);
    for (unsigned i = 0; i < 3; i++) { /* three players on whichever loop */
        char file[128];
        struct answer master = get(s, path_of("manifest/video.m3u8"));
        const char *uri = strstr(master.body, "live.m3u8?s=");
        assert_non_null(uri);
        (void)snprintf(file, sizeof(file), "%.*s", (int)strcspn(uri, "\n"), uri);
        for (unsigned turn = 0; turn < 4; turn++)
            viewer_forget(get(s, media_path(file)));
        viewer_forget(master);
    }
    for (unsigned i = 0; i < 8; i++) { /* made-up numbers are all one: the one at this address */
        char file[128];
        (void)snprintf(file, sizeof(file), "live.m3u8?s=%032u", i);
        viewer_forget(get(s, media_path(file)));
        (void)snprintf(file, sizeof(file), "live.m3u8?s=%u", i);
        viewer_forget(get(s, media_path(file)));
    }
    for (int i = 0; i < 500 && origin_viewers(s->origin, INPUT) != 4; i++)
        usleep(10000);
    struct answer a = get(s, path_of("views"));
    assert_string_equal(a.body, "{\"liveViewers\":4}");
    buf_done(&a.text);
    a = get(s, path_of("lifecycle"));
    assert_true(viewer_has(&a, "\"live\":true"));
    buf_done(&a.text);
    close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(watch__a_broadcast_from_master_to_parts),
        T(watch__waiting_playlists_are_answered_by_the_next_part),
        T(watch__who_waits_in_vain_is_told_after_three_targets),
        T(watch__signed_inputs_answer_401),
        T(watch__by_video_the_video_rules_and_by_input_the_input),
        T(watch__from_the_beginning_while_it_is_on_air),
        T(watch__players_are_counted_once),
    };
    return cmocka_run_group_tests(tests, media_make, media_drop);
}
