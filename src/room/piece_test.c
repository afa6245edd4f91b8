/* What a crowd gets at once comes in one piece; whom it concerns gets their own. */
#include "base/test.h"

#include "room/room_in.h"
#include "room/testkit.h"

#include <stdio.h>
#include <string.h>

enum { VIEWERS = 110 };

struct three {
    struct room *r;
    int64_t show_id, ann;
};

/* To all, to Ann alone, to all, to the staff. */
static enum err three_run(struct tx *tx, void *arg)
{
    const struct three *t = arg;
    struct event ev = {.show_id = t->show_id, .type = "x.one", .audience = AUDIENCE_ALL};
    enum err e = event_add(tx, t->r, &ev, json_pack("{s:i}", "now", 1));
    ev.type = "x.two";
    ev.audience = AUDIENCE_VIEWER;
    ev.viewer_id = t->ann;
    if (!e)
        e = event_add(tx, t->r, &ev, json_pack("{s:i}", "now", 2));
    ev.type = "x.three";
    ev.audience = AUDIENCE_ALL;
    ev.viewer_id = 0;
    if (!e)
        e = event_add(tx, t->r, &ev, json_pack("{s:i}", "now", 3));
    ev.type = "x.four";
    ev.audience = AUDIENCE_STAFF;
    return e ? e : event_add(tx, t->r, &ev, json_pack("{s:i}", "now", 4));
}

static int count_of(const char *text, const char *what)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

static void crowd__gets_what_happens_at_once_in_one_piece(void **state)
{
    (void)state;
    struct test_room *k = test_room_make();
    struct test_stream *crowd[VIEWERS], *ann, *host;
    struct show s = test_show(k, "shw_a", SHOW_LIVE);
    for (int i = 0; i < VIEWERS; i++)
        crowd[i] = test_stream_open(k, i % 2 ? &k->nobody : &k->bob, "shw_a", -1, 0);
    ann = test_stream_open(k, &k->ann, "shw_a", -1, 0);
    host = test_stream_open(k, &k->host, "shw_a", -1, 0);
    test_settle(k, "shw_a");
    size_t before = crowd[0]->count, anns = ann->count, hosts = host->count;
    struct three t = {k->r, s.id, k->ann.viewer_id};
    assert_int_equal(store_do(k->t->store, k->cx, "three", three_run, &t), ERR_OK);
    test_settle(k, "shw_a");
    for (int i = 0; i < VIEWERS; i++) {
        assert_int_equal(crowd[i]->count, before + 1);
        const char *got = crowd[i]->frames[before];
        assert_int_equal(count_of(got, "\ndata: "), 2);
        assert_non_null(strstr(got, "x.one"));
        assert_true(strstr(got, "x.three") > strstr(got, "x.one"));
        assert_null(strstr(got, "x.two"));
        assert_null(strstr(got, "x.four"));
    }
    assert_int_equal(ann->count, anns + 3);
    assert_non_null(strstr(ann->frames[anns + 1], "x.two"));
    assert_int_equal(host->count, hosts + 3);
    assert_non_null(strstr(host->frames[hosts + 2], "x.four"));
    for (int i = 0; i < VIEWERS; i++)
        test_stream_close(crowd[i]);
    test_stream_close(ann);
    test_stream_close(host);
    test_room_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowd__gets_what_happens_at_once_in_one_piece),
    };
    return cmocka_run_group_tests_name("piece", tests, NULL, NULL);
}
