#include "base/test.h"

#include "account/account.h"
#include "account/limit.h"
#include "net/loop.h"
#include "room/room_in.h"
#include "room/testkit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- loops: one queue, turned by the test's thread ---- */

struct test_loops {
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct loop_mail *first, **last;
};

static void post(void *arg, int loop, struct loop_mail *p, void (*fn)(void *), void *fn_arg)
{
    struct test_loops *l = arg;
    assert_in_range(loop, 0, 3);
    *p = (struct loop_mail){.fn = fn, .arg = fn_arg};
    (void)pthread_mutex_lock(&l->lock);
    *l->last = p;
    l->last = &p->next;
    (void)pthread_cond_signal(&l->some);
    (void)pthread_mutex_unlock(&l->lock);
}

static struct loop_mail *next_posted(struct test_loops *l, int64_t wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += wait_ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&l->lock);
    while (!l->first && wait_ms && !pthread_cond_timedwait(&l->some, &l->lock, &until)) {
    }
    struct loop_mail *p = l->first;
    if (p) {
        l->first = p->next;
        if (!l->first)
            l->last = &l->first;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return p;
}

static bool turn_once(struct test_room *k, int64_t wait_ms)
{
    struct loop_mail *p = next_posted(k->loops, wait_ms);
    if (!p)
        return false;
    p->fn(p->arg);
    return true;
}

void test_turn(struct test_room *k)
{
    while (turn_once(k, 0)) {
    }
}

/* ---- people ---- */

static struct room_who person(struct test_room *k, int64_t id, const char *name, bool account)
{
    char sql[400];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO viewer (id, public_id, kind, display_name, lang, created_at)"
                   " VALUES (%d, 'viw_%d', '%s', '%s', 'th', 1)",
                   (int)id, (int)id, account ? "account" : "guest", name);
    test_exec(k->t, sql);
    return (struct room_who){.viewer_id = id,
                             .name = name,
                             .lang = "th",
                             .account = account,
                             .addr = "192.0.2.1",
                             .fence = "192.0.2.1"};
}

static struct room_who worker(struct test_room *k, int i, const char *name, enum role role,
                              int shop_id)
{
    char sql[200];
    struct room_who who = person(k, 100 + i, name, true);
    k->staff[i] = (struct staff){.viewer_id = who.viewer_id,
                                 .shop_id = shop_id,
                                 .role = role,
                                 .shop_public_id = shop_id == 1 ? "shp_one" : "shp_two"};
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO staff (viewer_id, shop_id, role, created_at)"
                   " VALUES (%d, %d, '%s', 1)",
                   100 + i, shop_id, role_name(role));
    test_exec(k->t, sql);
    who.staff = &k->staff[i];
    who.staff_count = 1;
    return who;
}

struct test_room *test_room_make(void)
{
    struct test_room *k = calloc(1, sizeof *k);
    assert_non_null(k);
    assert_int_equal(crypto_init(), ERR_OK);
    k->t = test_store_make(&shop_schema);
    k->cx = &k->t->cx;
    k->limits = limits_make(10000);
    k->loops = calloc(1, sizeof *k->loops);
    assert_non_null(k->loops);
    k->loops->last = &k->loops->first;
    (void)pthread_mutex_init(&k->loops->lock, NULL);
    (void)pthread_cond_init(&k->loops->some, NULL);
    test_exec(k->t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
                    " (1, 'shp_one', 'one', 'Shop One', 1), (2, 'shp_two', 'two', 'Shop Two', 1)");
    k->owner = worker(k, 0, "Olga", ROLE_OWNER, 1);
    k->host = worker(k, 1, "Hana", ROLE_HOST, 1);
    k->moderator = worker(k, 2, "Mo", ROLE_MODERATOR, 1);
    k->rival = worker(k, 3, "Rival", ROLE_OWNER, 2);
    k->member = person(k, 10, "Mei", true);
    k->ann = person(k, 11, "Ann", false);
    k->bob = person(k, 12, "Bob", false);
    k->nobody = (struct room_who){.device = "dev_nobody"};
    const struct room_setup setup = {.store = k->t->store, .limits = k->limits};
    assert_int_equal(room_make(&setup, &k->r), ERR_OK);
    room_set_loops(k->r, 2, post, k->loops);
    return k;
}

void test_room_free(struct test_room *k)
{
    if (!k)
        return;
    test_turn(k);
    room_free(k->r);
    limits_free(k->limits);
    test_store_free(k->t);
    (void)pthread_mutex_destroy(&k->loops->lock);
    (void)pthread_cond_destroy(&k->loops->some);
    free(k->loops);
    free(k);
}

/* ---- shows ---- */

struct show test_show_again(struct test_room *k, const char *id)
{
    struct db *db;
    struct show s;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(show_read(db, k->cx, id, &s), ERR_OK);
    store_read_end(db);
    return s;
}

void test_encoder(struct test_room *k, const char *show, bool connected)
{
    static _Atomic int64_t at_us = 1;
    char uid[64];
    bool applied;
    (void)snprintf(uid, sizeof uid, "in_%s", show);
    const struct input_notice n = {.uid = uid, .connected = connected, .at_us = ++at_us};
    assert_int_equal(input_notify(k->r, k->cx, &n, &applied), ERR_OK);
    assert_true(applied);
}

static void run(struct test_room *k, const char *id, enum show_move move)
{
    struct show s;
    assert_int_equal(show_run(k->r, k->cx, &k->host, id, move, &s), ERR_OK);
}

struct show test_show(struct test_room *k, const char *id, enum show_state state)
{
    char uid[64];
    struct show s;
    struct show_new ask = {.title = {[LANG_ZH] = "帆布包", [LANG_EN] = "Bags"},
                           .starts_ms = state == SHOW_DRAFT ? 0 : k->cx->now_ms + 1000,
                           .cover = "tw-bag",
                           .public_id = id};
    (void)snprintf(uid, sizeof uid, "in_%s", id);
    assert_int_equal(show_create(k->r, k->cx, &k->host, &ask, &s), ERR_OK);
    assert_int_equal(input_attach(k->r, k->cx, id, uid, "https://stream/m.m3u8"), ERR_OK);
    if (state == SHOW_CANCELLED)
        run(k, id, SHOW_MOVE_CANCEL);
    if (state == SHOW_DRAFT || state == SHOW_SCHEDULED || state == SHOW_CANCELLED)
        return test_show_again(k, id);
    test_encoder(k, id, true);
    if (state != SHOW_BACKSTAGE)
        run(k, id, SHOW_MOVE_GO_LIVE);
    if (state == SHOW_INTERRUPTED)
        test_encoder(k, id, false);
    if (state >= SHOW_ENDED)
        run(k, id, SHOW_MOVE_END);
    if (state >= SHOW_REPLAY_READY) {
        const struct recording rec = {"rec", k->cx->now_ms - 5000, 60000, "https://stream/r.m3u8",
                                      NULL};
        bool found;
        assert_int_equal(input_recordings(k->r, k->cx, uid, &rec, 1, &found), ERR_OK);
        assert_true(found);
    }
    s = test_show_again(k, id);
    assert_int_equal(s.state, state);
    return s;
}

enum err test_say(struct test_room *k, const struct room_who *who, const char *show,
                  const char *text, struct message *ret_message)
{
    const struct chat_new ask = {.text = text};
    struct chat_refusal refusal = {0};
    struct message m;
    enum err e = chat_post(k->r, k->cx, who, show, &ask, &m, &refusal);
    if (!e && ret_message)
        *ret_message = m;
    return e;
}

/* ---- streams ---- */

static void take_frame(void *arg, struct bytes *frame)
{
    struct test_stream *st = arg;
    assert_false(st->lost);
    st->frames = realloc(st->frames, (st->count + 1) * sizeof(char *));
    assert_non_null(st->frames);
    st->frames[st->count] = strdup((const char *)frame->data);
    assert_non_null(st->frames[st->count]);
    if (++st->count == st->leave_after) {
        subscriber_free(st->s);
        st->s = NULL;
    }
}

static void take_lost(void *arg)
{
    struct test_stream *st = arg;
    st->lost = true;
}

void test_stream_start(struct test_stream *st, int loop)
{
    static const struct subscriber_ops ops = {take_frame, take_lost};
    subscriber_start(st->s, loop, &ops, st);
}

struct test_stream *test_stream_open(struct test_room *k, const struct room_who *who,
                                     const char *show, int64_t after, int loop)
{
    struct test_stream *st = calloc(1, sizeof *st);
    struct db *db;
    assert_non_null(st);
    st->k = k;
    assert_int_equal(store_read(k->t->store, &db), ERR_OK);
    assert_int_equal(subscriber_make(k->r, db, k->cx, who, show, after, &st->s), ERR_OK);
    store_read_end(db);
    if (loop >= 0)
        test_stream_start(st, loop);
    return st;
}

void test_stream_close(struct test_stream *st)
{
    subscriber_free(st->s);
    for (size_t i = 0; i < st->count; i++)
        free(st->frames[i]);
    free(st->frames);
    free(st);
}

void test_wait_frames(struct test_stream *st, size_t count)
{
    for (int i = 0; st->count < count && i < 100; i++)
        while (turn_once(st->k, st->count < count ? 100 : 0) && st->count < count) {
        }
    test_turn(st->k);
    assert_true(st->count >= count);
}

static bool settled(struct test_room *k, int64_t show_id, int64_t head)
{
    struct hub *h = hub_find(k->r, show_id);
    if (!h)
        return true;
    (void)pthread_mutex_lock(&h->lock);
    bool done = !h->loaded || h->head >= head;
    (void)pthread_mutex_unlock(&h->lock);
    hub_put(h);
    return done;
}

void test_settle(struct test_room *k, const char *show)
{
    struct show s = test_show_again(k, show);
    for (int i = 0; !settled(k, s.id, s.head); i++) {
        assert_true(i < 1000000);
        (void)sched_yield();
    }
    (void)turn_once(k, 100); /* the follower posts right after it has read */
    test_turn(k);
}

json_t *test_frame(const struct test_stream *st, size_t i)
{
    assert_true(i < st->count);
    const char *data = strstr(st->frames[i], "data: ");
    assert_non_null(data);
    json_t *o = json_loads(data + 6, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(o);
    return o;
}

const char *test_frame_type(const struct test_stream *st, size_t i, char out[40])
{
    json_t *o = test_frame(st, i);
    (void)snprintf(out, 40, "%s", json_string_value(json_object_get(o, "type")));
    json_decref(o);
    return out;
}

int64_t test_frame_seq(const struct test_stream *st, size_t i)
{
    json_t *o = test_frame(st, i);
    const json_t *seq = json_object_get(o, "seq");
    int64_t n = seq ? json_integer_value(seq) : -1;
    json_decref(o);
    return n;
}
