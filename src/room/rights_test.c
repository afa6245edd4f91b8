#include "base/test.h"

#include "room/room_in.h"
#include "room/testkit.h"

#include <inttypes.h>
#include <stdio.h>
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

/* A stream of somebody who signed in: the session's hash is 32 times `byte`. */
static struct test_stream *open_signed_on(struct test_room *k, struct room_who who, int byte,
                                          unsigned char hash[SHA256_LEN])
{
    char sql[300], hex[2 * SHA256_LEN + 1];
    memset(hash, byte, SHA256_LEN);
    crypto_hex(hash, SHA256_LEN, hex);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at)"
                   " VALUES (x'%s', %" PRId64 ", 1, 1, 9000000000)",
                   hex, who.viewer_id);
    test_exec(k->t, sql);
    who.session = hash;
    return test_stream_open(k, &who, "shw_a", -1, 0);
}

static void tick(struct test_room *k, int times)
{
    for (int i = 0; i < times; i++)
        room_tick(k->r, k->cx->now_ms);
    test_turn(k);
}

/* A moderator who was dismissed went on reading held messages while the page stayed open. */
static void rights__a_stream_of_staff_ends_with_the_role_or_the_session(void **state)
{
    struct test_room *k = *state;
    unsigned char hash[3][SHA256_LEN];
    struct test_stream *host = open_signed_on(k, k->host, 1, hash[0]);
    struct test_stream *mod = open_signed_on(k, k->moderator, 2, hash[1]);
    struct test_stream *ann = open_signed_on(k, k->ann, 3, hash[2]);
    tick(k, 6);
    assert_false(host->lost || mod->lost || ann->lost);
    test_exec(k->t, "DELETE FROM staff WHERE viewer_id = 102");
    tick(k, 6);
    assert_true(mod->lost);
    assert_false(host->lost);
    test_exec(k->t, "DELETE FROM session WHERE viewer_id = 101");
    tick(k, 6);
    assert_true(host->lost);
    assert_false(ann->lost);
    test_stream_close(host);
    test_stream_close(mod);
    test_stream_close(ann);
}

static void rights__signing_out_ends_the_streams_of_the_session(void **state)
{
    struct test_room *k = *state;
    unsigned char hash[2][SHA256_LEN];
    struct test_stream *ann = open_signed_on(k, k->ann, 1, hash[0]);
    struct test_stream *bob = open_signed_on(k, k->bob, 2, hash[1]);
    room_session_ended(k->r, hash[0]);
    size_t before = ann->count;
    assert_int_equal(test_say(k, &k->host, "shw_a", "after she left", NULL), ERR_OK);
    test_wait_frames(bob, 2);
    assert_true(ann->lost);
    assert_int_equal(ann->count, before);
    assert_false(bob->lost);
    test_stream_close(ann);
    test_stream_close(bob);
}

/* A person signs out elsewhere, by another process: the browser they left hears nothing more. */
static void rights__a_viewers_stream_ends_with_the_session(void **state)
{
    struct test_room *k = *state;
    unsigned char hash[2][SHA256_LEN];
    struct test_stream *ann = open_signed_on(k, k->ann, 1, hash[0]);
    struct test_stream *bob = open_signed_on(k, k->bob, 2, hash[1]);
    tick(k, 6);
    assert_false(ann->lost || bob->lost);
    test_exec(k->t, "DELETE FROM session WHERE token_hash IN"
                    " (SELECT token_hash FROM session ORDER BY token_hash LIMIT 1)");
    tick(k, 6);
    assert_true(ann->lost);
    assert_false(bob->lost);
    test_stream_close(ann);
    test_stream_close(bob);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        T(rights__a_stream_of_staff_ends_with_the_role_or_the_session),
        T(rights__signing_out_ends_the_streams_of_the_session),
        T(rights__a_viewers_stream_ends_with_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
