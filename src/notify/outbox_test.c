#include "base/test.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/es256.h"
#include "net/client.h"
#include "net/net_testkit.h"
#include "notify/notify.h"
#include "notify/outbox_in.h"
#include "notify/push.h"
#include "store/testkit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANNA = 1, BEN = 2, BODY_MAX = 8192, GOT_MAX = 8 };

/* ---- a push service ---- */

static struct {
    struct kit kit;
    struct es256 *browser, *server;
    unsigned char auth[PUSH_AUTH_LEN];
    atomic_int status, calls;
    const char *_Atomic retry_after;
    pthread_mutex_t lock;
    char plain[GOT_MAX][BODY_MAX];
    char topic[64], urgency[16], ttl[16], encoding[16];
} sink;

static void take_down(struct http_req *req, const char *name, char *out, size_t size)
{
    const char *v = http_header(req, name);
    (void)snprintf(out, size, "%s", v ? v : "");
}

static void receive(struct http_req *req)
{
    size_t len;
    const char *body = http_body(req, &len);
    struct buf plain;
    int i = atomic_fetch_add(&sink.calls, 1);
    buf_init(&plain, BODY_MAX);
    (void)pthread_mutex_lock(&sink.lock);
    if (i < GOT_MAX && !push_open(sink.browser, sink.auth, body, len, &plain))
        (void)snprintf(sink.plain[i], BODY_MAX, "%s", plain.data);
    take_down(req, "topic", sink.topic, sizeof sink.topic);
    take_down(req, "urgency", sink.urgency, sizeof sink.urgency);
    take_down(req, "ttl", sink.ttl, sizeof sink.ttl);
    take_down(req, "content-encoding", sink.encoding, sizeof sink.encoding);
    (void)pthread_mutex_unlock(&sink.lock);
    buf_done(&plain);
    const char *wait = atomic_load(&sink.retry_after);
    if (wait)
        http_add(req, "Retry-After", wait);
    http_send_empty(req, atomic_load(&sink.status));
}

static void receive_late(struct http_req *req)
{
    http_send_empty(req, 201);
}

static void never(struct http_req *req)
{
    http_park(req, NULL, 9000, receive_late, NULL);
}

static const struct http_route routes[] = {
    {"POST", "/p/1", HTTP_ON_WORKER, receive, BODY_MAX, false, NULL},
    {"POST", "/p/2", HTTP_ON_WORKER, receive, BODY_MAX, false, NULL},
    {"POST", "/never", HTTP_ON_LOOP, never, BODY_MAX, false, NULL},
    {0}};

static int start(void **state)
{
    (void)state;
    assert_int_equal(client_init(), ERR_OK);
    (void)pthread_mutex_init(&sink.lock, NULL);
    kit_start(&sink.kit, (struct http_server_opts){.routes = routes});
    assert_int_equal(es256_make(&sink.browser), ERR_OK);
    assert_int_equal(es256_make(&sink.server), ERR_OK);
    crypto_random(sink.auth, sizeof sink.auth);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    client_thread_done();
    kit_stop(&sink.kit);
    es256_free(sink.browser);
    es256_free(sink.server);
    return 0;
}

/* ---- people and an outbox ---- */

struct world {
    struct test_store *t;
    struct outbox *o;
    int64_t now;
};

static struct outbox *outbox_of(struct world *w, bool local_ok)
{
    struct outbox *o;
    const struct outbox_setup setup = {.store = w->t->store,
                                       .public_url = "http://127.0.0.1:8080",
                                       .push_key = sink.server,
                                       .local_ok = local_ok};
    assert_int_equal(outbox_make(&setup, &o), ERR_OK);
    return o;
}

/* A session whose hash is the viewer's number and zeros. */
static void sign_in(struct world *w, int viewer)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO session (token_hash, viewer_id, created_at, seen_at, expires_at, "
                   "public_id) VALUES (%s0%d%062d', %d, 1, 1, 9999999999999, 'ses_%d')",
                   test_on_postgres() ? "'\\x" : "x'", viewer, 0, viewer, viewer);
    test_exec(w->t, sql);
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->t = test_store_make(&shop_schema);
    w->now = w->t->cx.now_ms = INT64_C(1795435200000);
    test_exec(w->t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, market, "
                    "created_at) VALUES (1, 'viw_anna', 'guest', 'Anna', 'zh-TW', 'TW', 1)");
    test_exec(w->t, "INSERT INTO viewer (id, public_id, kind, display_name, lang, market, "
                    "created_at) VALUES (2, 'viw_ben', 'account', 'Ben', 'th', 'TH', 1)");
    test_exec(w->t, "INSERT INTO shop (id, public_id, slug, name, created_at) "
                    "VALUES (7, 'shp_1', 'one', 'One', 1)");
    sign_in(w, ANNA);
    sign_in(w, BEN);
    w->o = outbox_of(w, true);
    memset(sink.plain, 0, sizeof sink.plain);
    atomic_store(&sink.status, 201);
    atomic_store(&sink.calls, 0);
    atomic_store(&sink.retry_after, NULL);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;
    outbox_free(w->o);
    test_store_free(w->t);
    free(w);
    return 0;
}

struct added {
    int64_t id, viewer;
    unsigned char session[SHA256_LEN];
    struct push_target to;
};

static enum err add_job(struct tx *tx, void *arg)
{
    const struct added *a = arg;
    return push_add(tx, a->id, a->viewer, a->session, &a->to);
}

static void browse(struct world *w, int64_t id, int64_t viewer, const char *path)
{
    char url[100];
    struct added a = {.id = id, .viewer = viewer, .session = {(unsigned char)viewer}};
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", sink.kit.addr.port, path);
    a.to.endpoint = url;
    es256_point(sink.browser, a.to.p256dh);
    memcpy(a.to.auth, sink.auth, sizeof a.to.auth);
    assert_int_equal(store_do(w->t->store, &w->t->cx, "add", add_job, &a), ERR_OK);
}

static enum err put_job(struct tx *tx, void *arg)
{
    return notice_put(tx, arg);
}

static void put(struct world *w, struct notice n)
{
    w->t->cx.now_ms = w->now;
    assert_int_equal(store_do(w->t->store, &w->t->cx, "put", put_job, &n), ERR_OK);
}

static void put_live(struct world *w, int64_t viewer, const char *key)
{
    json_t *args = json_pack("{s:s,s:s,s:s,s:s}", "title", "夜市", "shop", "One", "url", "/s/shw_1",
                             "tag", "show:shw_1");
    put(w,
        (struct notice){
            .kind = NOTICE_SHOW_LIVE, .to_viewer = viewer, .args = args, .key = key, .shop_id = 7});
    json_decref(args);
}

static void put_shipped(struct world *w, int64_t viewer)
{
    json_t *args = json_pack("{s:s,s:s,s:s}", "no", "T1", "shop", "One", "url", "/o/T1");
    put(w, (struct notice){.kind = NOTICE_ORDER_SHIPPED,
                           .to_viewer = viewer,
                           .args = args,
                           .channels = NOTICE_PUSH,
                           .shop_id = 7});
    json_decref(args);
}

static int64_t rows(struct world *w, const char *where)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE %s", where);
    return test_number(w->t, sql);
}

/* ---- tests ---- */

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct world *w = *state;
    /* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(w->t, &(q)), ERR_OK);
#include "notify/notify.sql.h"
    SQL_ALL(X)
#include "notify/outbox.sql.h"
    SQL_ALL(X)
#include "notify/push.sql.h"
    SQL_ALL(X)
#undef X
}

static void put__is_once_for_each_browser_and_key(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    browse(w, 12, ANNA, "/p/2");
    put_live(w, ANNA, "live:1");
    put_live(w, ANNA, "live:1");
    put_live(w, BEN, "live:1"); /* has no browser: no row, no error */
    assert_int_equal(rows(w, "state = 'queued'"), 2);
    assert_int_equal(rows(w, "lang = 'zh-TW'"), 2);
    put_live(w, ANNA, NULL);
    put_live(w, ANNA, NULL);
    assert_int_equal(rows(w, "state = 'queued'"), 6);
}

static void tick__sends_what_the_browser_can_read_and_forgets_it(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "live:1");
    assert_int_equal(outbox_tick(w->o, w->now), 1);
    assert_int_equal(atomic_load(&sink.calls), 1);
    json_t *got = json_loads(sink.plain[0], 0, NULL);
    assert_string_equal(json_string_value(json_object_get(got, "title")), "「夜市」開播了");
    assert_string_equal(json_string_value(json_object_get(got, "url")), "/s/shw_1");
    assert_string_equal(json_string_value(json_object_get(got, "tag")), "show:shw_1");
    assert_string_equal(json_string_value(json_object_get(got, "lang")), "zh-TW");
    json_decref(got);
    assert_string_equal(sink.ttl, "1800");
    assert_string_equal(sink.urgency, "high");
    assert_string_equal(sink.encoding, "aes128gcm");
    assert_int_equal(strlen(sink.topic), 32);
    assert_int_equal(rows(w, "state = 'sent' AND args = '{}'"), 1);
    assert_int_equal(outbox_tick(w->o, w->now), 0);
    assert_int_equal(atomic_load(&sink.calls), 1);
}

static void tick__forgets_a_browser_that_is_gone(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    atomic_store(&sink.status, 410);
    put_live(w, ANNA, "a");
    put_live(w, ANNA, "b");
    assert_int_equal(outbox_tick(w->o, w->now), 2);
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), 0);
    assert_int_equal(rows(w, "state = 'dropped'"), 2);
}

static void tick__waits_as_long_as_it_is_told(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    atomic_store(&sink.status, 429);
    atomic_store(&sink.retry_after, "90");
    put_live(w, ANNA, "a");
    put_live(w, ANNA, "b");
    assert_int_equal(outbox_tick(w->o, w->now), 2);
    assert_int_equal(atomic_load(&sink.calls), 1); /* the other did not even try */
    assert_int_equal(rows(w, "tries = 1"), 1);
    assert_int_equal(rows(w, "tries = 0"), 1);
    atomic_store(&sink.status, 201);
    assert_int_equal(outbox_tick(w->o, w->now + 89000), 0);
    assert_true(outbox_tick(w->o, w->now + 90000) >= 1);
    (void)outbox_tick(w->o, w->now + 120000);
    assert_int_equal(rows(w, "state = 'sent'"), 2);
}

/* Twice as long each time; what is worth telling is told to staff, a reminder is not. */
static void tick__gives_up_after_some_tries(void **state)
{
    struct world *w = *state;
    struct db *db;
    json_t *list;
    int64_t last = 0;
    browse(w, 11, ANNA, "/p/1");
    atomic_store(&sink.status, 500);
    put_shipped(w, ANNA);
    put_live(w, ANNA, "a");
    for (int i = 0; i < 60 && rows(w, "state = 'queued'"); i++) {
        int64_t at = test_number(w->t, "SELECT min(next_at) FROM outbox WHERE state = 'queued'");
        assert_true(at >= last);
        last = at;
        assert_true(outbox_tick(w->o, at) > 0);
    }
    assert_int_equal(rows(w, "state = 'dead' AND kind = 'order_shipped' AND tries = 20"), 1);
    assert_int_equal(rows(w, "state = 'dropped' AND kind = 'show_live'"), 1);
    assert_true(last - w->now > 10 * 3600 * 1000);
    assert_int_equal(store_read(w->t->store, &db), ERR_OK);
    assert_int_equal(outbox_dead(db, &w->t->cx, 7, NULL, &list), ERR_OK);
    const json_t *item = json_array_get(json_object_get(list, "items"), 0);
    assert_string_equal(json_string_value(json_object_get(item, "result")),
                        "push service answers 500");
    assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
    assert_int_equal(outbox_dead(db, &w->t->cx, 8, NULL, &list), ERR_OK); /* another shop */
    assert_int_equal(json_array_size(json_object_get(list, "items")), 0);
    json_decref(list);
    store_read_end(db);
    struct outbox_numbers n;
    (void)outbox_tick(w->o, last + 60000);
    outbox_numbers(w->o, &n);
    assert_int_equal(n.dead, 1);
    assert_int_equal(n.queued, 0);
}

static void tick__what_is_refused_for_good_is_not_tried_again(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    atomic_store(&sink.status, 403);
    put_shipped(w, ANNA);
    assert_int_equal(outbox_tick(w->o, w->now), 1);
    assert_int_equal(rows(w, "state = 'dead' AND tries = 1"), 1);
}

static void tick__says_nothing_that_is_too_late(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    assert_int_equal(outbox_tick(w->o, w->now + 30 * 60000), 1);
    assert_int_equal(atomic_load(&sink.calls), 0);
    assert_int_equal(rows(w, "state = 'dropped'"), 1);
}

/* The second row of a service that does not answer costs no second wait. */
static void tick__leaves_alone_who_does_not_answer(void **state)
{
    struct world *w = *state;
    struct outbox_numbers n;
    browse(w, 11, ANNA, "/p/1");
    test_exec(w->t, "UPDATE push_subscription SET endpoint = 'http://127.0.0.1:1/x'");
    put_live(w, ANNA, "a");
    put_live(w, ANNA, "b");
    assert_int_equal(outbox_tick(w->o, w->now), 2);
    assert_int_equal(rows(w, "state = 'queued' AND tries = 1"), 1);
    assert_int_equal(rows(w, "state = 'queued' AND tries = 0"), 1);
    outbox_numbers(w->o, &n);
    assert_int_equal(n.retried, 2);
}

/* Whoever owns a name has as many below it as they like: they are one service. */
static void tick__counts_all_names_of_one_owner_as_one_service(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    browse(w, 12, ANNA, "/p/2");
    test_exec(w->t, "UPDATE push_subscription SET endpoint = 'https://a' || CAST(id AS TEXT) ||"
                    " '.push.invalid/x'");
    put_live(w, ANNA, "a");
    assert_int_equal(outbox_tick(w->o, w->now), 2);
    assert_int_equal(rows(w, "state = 'queued' AND tries = 1"), 1);
    assert_int_equal(rows(w, "state = 'queued' AND tries = 0"), 1);
}

/* Anybody may name hosts of theirs that do not answer. */
static void down__of_strangers_names_stops_no_browser_maker(void **state)
{
    static const char *const named[] = {
        "https://nope.googleapis.com",    "https://fcm.googleapis.com:444",
        "https://a.fcm.googleapis.com",   "https://nope.mozilla.com",
        "https://x.services.mozilla.com", "https://nope.apple.com",
        "https://evilpush.apple.com",     "https://nope.windows.com",
        "https://a.notify.windows.com",   "smtp"};
    static const char *const makers[] = {
        "https://fcm.googleapis.com", "https://updates.push.services.mozilla.com",
        "https://web.push.apple.com", "https://wns2-sg2p.notify.windows.com"};
    struct world *w = *state;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        out_set_down(w->o, named[i], w->now + 1000);
    assert_true(out_down_until(w->o, "https://b.googleapis.com", w->now) > 0); /* each other */
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        assert_int_equal(out_down_until(w->o, makers[i], w->now), 0);
    out_set_down(w->o, makers[0], w->now + 1000);
    assert_true(out_down_until(w->o, makers[0], w->now) > 0);
}

/* Endpoints are strangers' URLs: where we are not on loopback ourselves, nothing goes there. */
static void tick__sends_nothing_to_inner_hosts(void **state)
{
    struct world *w = *state;
    struct outbox *o = outbox_of(w, false);
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    assert_int_equal(outbox_tick(o, w->now), 1);
    assert_int_equal(atomic_load(&sink.calls), 0);
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), 0);
    browse(w, 12, ANNA, "/p/1"); /* looks like a name, leads to loopback: seen when it connects */
    test_exec(w->t, "UPDATE push_subscription SET endpoint = 'https://127.1/p/1'");
    put_live(w, ANNA, "b");
    assert_int_equal(outbox_tick(o, w->now), 1);
    assert_int_equal(rows(w, "result = 'no host of the internet'"), 1);
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), 0);
    outbox_free(o);
}

/* A second process finds nothing while the first has it; when that one died, the lease ends. */
static void tick__takes_what_nobody_else_has(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    test_exec(w->t, "UPDATE outbox SET lease_until = 1795435260000, tries = 1");
    assert_int_equal(outbox_tick(w->o, w->now), 0);
    assert_int_equal(outbox_tick(w->o, w->now + 60000), 1);
    assert_int_equal(atomic_load(&sink.calls), 1);
}

static enum err merge_job(struct tx *tx, void *arg)
{
    (void)arg;
    return notify_merge(tx, ANNA, BEN);
}

static enum err erase_job(struct tx *tx, void *arg)
{
    (void)arg;
    return notify_erase(tx, BEN);
}

static void people__merge_and_are_erased(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    assert_int_equal(store_do(w->t->store, &w->t->cx, "merge", merge_job, NULL), ERR_OK);
    assert_int_equal(rows(w, "viewer_id = 2"), 1);
    assert_int_equal(test_number(w->t, "SELECT viewer_id FROM push_subscription"), 2);
    browse(w, 13, ANNA, "/p/1"); /* the same browser, another person now */
    assert_int_equal(test_number(w->t, "SELECT viewer_id FROM push_subscription"), 1);
    assert_int_equal(outbox_tick(w->o, w->now), 1); /* Ben's message does not go to Anna */
    assert_int_equal(atomic_load(&sink.calls), 0);
    browse(w, 13, BEN, "/p/1");
    assert_int_equal(store_do(w->t->store, &w->t->cx, "erase", erase_job, NULL), ERR_OK);
    assert_int_equal(rows(w, "1 = 1"), 0);
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), 0);
}

/* Ended from wherever: by a new password, in the list of sessions, by staff. */
static void tick__sends_nothing_to_who_was_signed_out(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    test_exec(w->t, "DELETE FROM session WHERE viewer_id = 1");
    assert_int_equal(outbox_tick(w->o, w->now), 1);
    assert_int_equal(atomic_load(&sink.calls), 0);
    assert_int_equal(rows(w, "state = 'dropped'"), 1);
    (void)outbox_tick(w->o, w->now + INT64_C(8) * 86400 * 1000);
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), 0);
}

static void browsers__are_bounded_for_one_person(void **state)
{
    struct world *w = *state;
    char path[20];
    for (int i = 0; i < PUSH_PER_VIEWER + 3; i++) {
        w->t->cx.now_ms = w->now + i;
        (void)snprintf(path, sizeof path, "/p/%d", i);
        browse(w, 100 + i, ANNA, path);
    }
    assert_int_equal(test_number(w->t, "SELECT count(*) FROM push_subscription"), PUSH_PER_VIEWER);
    assert_int_equal(test_number(w->t, "SELECT min(id) FROM push_subscription"), 103);
}

static void old_rows__are_swept(void **state)
{
    struct world *w = *state;
    browse(w, 11, ANNA, "/p/1");
    put_live(w, ANNA, "a");
    assert_int_equal(outbox_tick(w->o, w->now), 1);
    (void)outbox_tick(w->o, w->now + OUTBOX_KEEP_S * INT64_C(1000) - 1);
    assert_int_equal(rows(w, "1 = 1"), 1);
    (void)outbox_tick(w->o, w->now + (OUTBOX_KEEP_S + 120) * INT64_C(1000));
    assert_int_equal(rows(w, "1 = 1"), 0);
}

/* A peer that takes the request and says nothing. */
static void stop__waits_for_nobody(void **state)
{
    struct world *w = *state;
    w->now = clock_unix_ms();
    browse(w, 11, ANNA, "/never");
    put_live(w, ANNA, "a");
    assert_int_equal(outbox_run(w->o), ERR_OK);
    int64_t began_ms = clock_mono_ms();
    while (!rows(w, "lease_until > 0"))
        assert_true(clock_mono_ms() - began_ms < 5000);
    began_ms = clock_mono_ms();
    outbox_stop(w->o);
    assert_true(clock_mono_ms() - began_ms < 2000);
    assert_int_equal(rows(w, "state = 'queued' AND lease_until = 0 AND tries = 0"), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sql__every_statement_prepares_with_ordered_parameters),
        TEST(put__is_once_for_each_browser_and_key),
        TEST(tick__sends_what_the_browser_can_read_and_forgets_it),
        TEST(tick__forgets_a_browser_that_is_gone),
        TEST(tick__waits_as_long_as_it_is_told),
        TEST(tick__gives_up_after_some_tries),
        TEST(tick__what_is_refused_for_good_is_not_tried_again),
        TEST(tick__says_nothing_that_is_too_late),
        TEST(tick__leaves_alone_who_does_not_answer),
        TEST(tick__counts_all_names_of_one_owner_as_one_service),
        TEST(down__of_strangers_names_stops_no_browser_maker),
        TEST(tick__sends_nothing_to_inner_hosts),
        TEST(tick__takes_what_nobody_else_has),
        TEST(people__merge_and_are_erased),
        TEST(tick__sends_nothing_to_who_was_signed_out),
        TEST(browsers__are_bounded_for_one_person),
        TEST(old_rows__are_swept),
        TEST(stop__waits_for_nobody),
    };
    return crypto_init() ? 1 : cmocka_run_group_tests(tests, start, stop);
}
