/* What a restart, a lack of memory or a refused broadcast leaves behind. */
#include "base/test.h"
#include "streamd/library/library_testkit.h"

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

static void event__is_told_later_when_memory_is_short(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    libkit_input(k, AUTOMATIC, uid, key);
    k->no_memory = 2;
    library_errored(k->l, uid, "ERR_GOP_OUT_OF_RANGE", "", "", "");
    libkit_settle(k);
    assert_int_equal(k->events_n, 0);
    libkit_later(k, 1000);
    assert_int_equal(k->events_n, 1);
    assert_string_equal(k->events[0], "live_input.errored ERR_GOP_OUT_OF_RANGE");
}

/* A client that lives by notifications kept the show on air for good. */
static void restart__tells_that_the_publisher_is_gone(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    struct turn first, second;
    libkit_input(k, AUTOMATIC, uid, key);
    assert_int_equal(library_connected(k->l, uid, "rtmp", &first), ERR_OK);
    libkit_restart(k); /* as after kill -9 */
    libkit_settle(k);
    assert_int_equal(k->events_n, 2);
    assert_string_equal(k->events[1], "live_input.disconnected");
    assert_int_equal(library_connected(k->l, uid, "rtmp", &second), ERR_OK);
    assert_true(second.resumed);
    assert_string_equal(second.video_uid, first.video_uid);
    libkit_settle(k);
    assert_int_equal(k->events_n, 3);
    assert_string_equal(k->events[2], "live_input.connected");
}

static void broadcast(struct libkit *k, const char *uid, struct turn *ret_turn)
{
    assert_int_equal(library_connected(k->l, uid, "rtmp", ret_turn), ERR_OK);
    library_disconnected(k->l, uid, ret_turn->generation, "client_disconnect");
    libkit_later(k, 20000);
}

static void shows(struct libkit *k, const char *uid, enum playback_state state, const char *video)
{
    struct playback p;
    assert_int_equal(library_playback(k->l, uid, &p), ERR_OK);
    assert_int_equal(p.state, state);
    assert_string_equal(p.video_uid, video);
}

/* One attempt with a codec we do not take, and the last show could not be seen any more. */
static void playback__a_broken_broadcast_does_not_hide_the_last_replay(void **state)
{
    struct libkit *k = *state;
    char uid[UID_TEXT], key[STREAM_KEY_MAX];
    struct turn good, broken, older;
    libkit_input(k, AUTOMATIC, uid, key);
    broadcast(k, uid, &older);
    broadcast(k, uid, &good);
    k->finish_says = ERR_NOT_FOUND;
    broadcast(k, uid, &broken);
    shows(k, uid, PLAYBACK_VOD, good.video_uid);
    shows(k, broken.video_uid, PLAYBACK_ERROR, broken.video_uid);
    libkit_restart(k);
    shows(k, uid, PLAYBACK_VOD, good.video_uid);
    assert_int_equal(library_delete_video(k->l, k->cx, good.video_uid), ERR_OK);
    shows(k, uid, PLAYBACK_ERROR, broken.video_uid);
    k->finish_says = ERR_OK;
    broadcast(k, uid, &good);
    shows(k, uid, PLAYBACK_VOD, good.video_uid);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(event__is_told_later_when_memory_is_short),
        T(restart__tells_that_the_publisher_is_gone),
        T(playback__a_broken_broadcast_does_not_hide_the_last_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
