/* Who is told what: signatures, subscriptions, policies, and messages that must arrive in order. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "base/text.h"
#include "net/pool.h"
#include "store/testkit.h"
#include "streamd/notify/alert.sql.h"
#include "streamd/notify/notify_in.h"
#include "streamd/notify/queue.sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const struct schema streamd_schema; /* streamd/library/setup.h, a room beside this one */

enum { SEEN_MAX = 64, WAIT_S = 20 };

static const char ACCOUNT[] = "023e105f4ecef8ad9ca31a8372d0c353";
static const char INPUT[] = "66be4bf738797e01e1fca35a7bdecdcd";
static const char VIDEO[] = "6b9e68b07dfee8cc2d116e4c51d6a957";

struct seen {
    char url[64], signature[160], auth[80], body[2048];
};

struct bench {
    struct test_store *db;
    struct cx *cx;
    struct notify *n;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t now;
    struct seen seen[SEEN_MAX];
    unsigned posts, failing; /* `failing`: so many more answers are 500 */
    const char *dead;        /* this URL never answers */
    unsigned dead_posts;
    struct pool *pool; /* NULL: messages are posted by the thread that found them */
    const char *hung;  /* this URL does not answer before it is NULL, then with 500 */
    unsigned hung_now, hung_most, hung_posts;
};

static struct bench *at; /* for the clock, which has no argument */

static int64_t now(void)
{
    (void)pthread_mutex_lock(&at->lock);
    int64_t ms = at->now;
    (void)pthread_mutex_unlock(&at->lock);
    return ms;
}

static enum err run(void *arg, void (*fn)(void *fn_arg), void *fn_arg)
{
    struct bench *b = arg;
    if (b->pool)
        return pool_run(b->pool, fn, fn_arg);
    fn(fn_arg);
    return ERR_OK;
}

static void hang_locked(struct bench *b, const char *url)
{
    b->hung_posts++;
    b->hung_now++;
    if (b->hung_now > b->hung_most)
        b->hung_most = b->hung_now;
    (void)pthread_cond_broadcast(&b->changed);
    while (b->hung && strcmp(b->hung, url) == 0)
        (void)pthread_cond_wait(&b->changed, &b->lock);
    b->hung_now--;
}

static void keep_header(const struct notify_post *p, const char *name, char *out, size_t size)
{
    for (const char *const *h = p->headers; *h; h++)
        if (text_has_prefix(*h, name))
            (void)text_copy(out, size, *h + strlen(name));
}

static enum err post(void *arg, const struct notify_post *p, int *ret_status, char why[NOTIFY_WHY])
{
    struct bench *b = arg;
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&b->lock);
    if (b->dead && strcmp(p->url, b->dead) == 0) {
        b->dead_posts++;
        (void)text_copy(why, NOTIFY_WHY, "nobody there");
        e = ERR_UPSTREAM;
    } else if (b->hung && strcmp(p->url, b->hung) == 0) {
        hang_locked(b, p->url);
        *ret_status = 500;
    } else {
        struct seen *s = &b->seen[b->posts++ % SEEN_MAX];
        *s = (struct seen){0};
        (void)text_copy(s->url, sizeof s->url, p->url);
        (void)text_copy(s->body, sizeof s->body, p->body);
        keep_header(p, "Webhook-Signature: ", s->signature, sizeof s->signature);
        keep_header(p, "cf-webhook-auth: ", s->auth, sizeof s->auth);
        *ret_status = b->failing ? 500 : 204;
        b->failing -= b->failing > 0;
    }
    (void)pthread_cond_broadcast(&b->changed);
    (void)pthread_mutex_unlock(&b->lock);
    return e;
}

static void open_notify(struct bench *b)
{
    const struct notify_setup setup = {.store = b->db->store,
                                       .account = ACCOUNT,
                                       .arg = b,
                                       .run = run,
                                       .post = post,
                                       .unix_ms = now};
    assert_int_equal(notify_make(&setup, &b->n), ERR_OK);
    assert_int_equal(notify_start(b->n), ERR_OK);
}

static int setup(void **state)
{
    assert_int_equal(crypto_init(), ERR_OK);
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    at = b;
    (void)pthread_mutex_init(&b->lock, NULL);
    (void)pthread_cond_init(&b->changed, NULL);
    b->now = 1795339802855;
    b->db = test_store_make(&streamd_schema);
    b->cx = &b->db->cx;
    b->cx->now_ms = b->now;
    open_notify(b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    notify_stop(b->n);
    pool_free(b->pool);
    notify_free(b->n);
    test_store_free(b->db);
    (void)pthread_cond_destroy(&b->changed);
    (void)pthread_mutex_destroy(&b->lock);
    free(b);
    return 0;
}

/* Wait until *counter has reached `want`. */
static void wait_for(struct bench *b, const unsigned *counter, unsigned want)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    (void)pthread_mutex_lock(&b->lock);
    while (*counter < want)
        if (pthread_cond_timedwait(&b->changed, &b->lock, &until) == ETIMEDOUT) {
            (void)pthread_mutex_unlock(&b->lock);
            fail_msg("only %u of %u messages came", *counter, want);
        }
    (void)pthread_mutex_unlock(&b->lock);
}

static void later(struct bench *b, int64_t ms)
{
    (void)pthread_mutex_lock(&b->lock);
    b->now += ms;
    b->cx->now_ms = b->now;
    (void)pthread_mutex_unlock(&b->lock);
}

/* The rows follow a post a moment later: wait for the count the statement gives. */
static void wait_rows(struct bench *b, const char *sql, int64_t want)
{
    struct timespec nap = {.tv_nsec = 5000000};
    for (int i = 0; i < WAIT_S * 200; i++) {
        if (test_number(b->db, sql) == want)
            return;
        (void)nanosleep(&nap, NULL);
    }
    fail_msg("'%s' never gave %d", sql, (int)want);
}

static json_t *json_of(const char *text)
{
    json_t *o = json_loads(text, 0, NULL);
    assert_non_null(o);
    return o;
}

static char *file_text(const char *name)
{
    char path[200];
    (void)snprintf(path, sizeof path, "test/fixtures/cloudflare/%s", name);
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    char *text = calloc(1, 8192);
    assert_non_null(text);
    assert_true(fread(text, 1, 8191, f) > 0);
    (void)fclose(f);
    return text;
}

/* ---- signatures ---- */

static void signature__is_cloudflares_vector(void **state)
{
    static const char *const names[] = {"webhook-video-ready", "webhook-video-error"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char file[64], got[NOTIFY_SIGNATURE];
        (void)snprintf(file, sizeof file, "%s.vector.json", names[i]);
        char *vector_text = file_text(file);
        json_t *v = json_of(vector_text);
        char *body = file_text(json_string_value(json_object_get(v, "bodyFile")));
        notify_sign(json_string_value(json_object_get(v, "secret")),
                    json_integer_value(json_object_get(v, "time")), body, got);
        assert_string_equal(got, json_string_value(json_object_get(json_object_get(v, "headers"),
                                                                   "Webhook-Signature")));
        free(body);
        json_decref(v);
        free(vector_text);
    }
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    static const struct sql *const all[] = {
        &SQL_delivery_waiting,  &SQL_delivery_add,     &SQL_delivery_due,
        &SQL_delivery_ended,    &SQL_delivery_again,   &SQL_delivery_cancel,
        &SQL_delivery_sweep,    &SQL_webhook_get,      &SQL_webhook_put,
        &SQL_webhook_drop,      &SQL_receiver_get,     &SQL_receiver_ok,
        &SQL_receiver_bad,      &SQL_destination_list, &SQL_destination_get,
        &SQL_destination_count, &SQL_destination_add,  &SQL_destination_put,
        &SQL_destination_drop,  &SQL_policy_list,      &SQL_policy_get,
        &SQL_policy_count,      &SQL_policy_add,       &SQL_policy_put,
        &SQL_policy_drop,       &SQL_policy_live,      &SQL_destination_known,
        &SQL_delivery_body};
    const struct bench *b = *state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_int_equal(test_check_sql(b->db, all[i]), ERR_OK);
}

/* ---- the webhook ---- */

static void set_webhook(struct bench *b, const char *url, char secret[ID_LEN])
{
    json_t *o = NULL;
    assert_int_equal(notify_set_webhook(b->n, b->cx, url, &o), ERR_OK);
    (void)text_copy(secret, ID_LEN, json_string_value(json_object_get(o, "secret")));
    assert_non_null(json_object_get(o, "notificationUrl"));
    assert_non_null(json_object_get(o, "modified"));
    assert_int_equal(json_object_size(o), 3);
    json_decref(o);
}

static void webhook__changing_the_url_changes_the_secret(void **state)
{
    struct bench *b = *state;
    char first[ID_LEN], same[ID_LEN], other[ID_LEN];
    json_t *o = NULL;
    assert_int_equal(notify_get_webhook(b->n, b->cx, &o), ERR_NOT_FOUND);
    set_webhook(b, "http://127.0.0.1:9/a", first);
    set_webhook(b, "http://127.0.0.1:9/a", same);
    assert_string_equal(first, same);
    set_webhook(b, "http://127.0.0.1:9/b", other);
    assert_string_not_equal(first, other);
    static const char *const bad[] = {"ftp://x/",    "shop.example.com",    "http://", "https:///x",
                                      "http://a b/", "javascript:alert(1)", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(notify_set_webhook(b->n, b->cx, bad[i], &o), ERR_INPUT);
    assert_int_equal(notify_get_webhook(b->n, b->cx, &o), ERR_OK);
    assert_string_equal(json_string_value(json_object_get(o, "secret")), other);
    json_decref(o);
    assert_int_equal(notify_delete_webhook(b->n, b->cx), ERR_OK);
    assert_int_equal(notify_delete_webhook(b->n, b->cx), ERR_NOT_FOUND);
}

struct video_job {
    struct bench *b;
    const char *body;
};

static enum err video_run(struct tx *tx, void *arg)
{
    const struct video_job *j = arg;
    return notify_video(j->b->n, tx, VIDEO, INPUT, "ready", j->body);
}

static void finish_video(struct bench *b, const char *body)
{
    struct video_job j = {b, body};
    assert_int_equal(store_do(b->db->store, b->cx, "video", video_run, &j), ERR_OK);
}

static void video__is_posted_bare_and_signed(void **state)
{
    struct bench *b = *state;
    char secret[ID_LEN], want[NOTIFY_SIGNATURE];
    finish_video(b, "{\"uid\":\"nobody is subscribed\"}");
    set_webhook(b, "http://127.0.0.1:9/hook", secret);
    finish_video(b, "{\"uid\":\"x\"}");
    wait_for(b, &b->posts, 1);
    assert_string_equal(b->seen[0].url, "http://127.0.0.1:9/hook");
    assert_string_equal(b->seen[0].body, "{\"uid\":\"x\"}");
    notify_sign(secret, 1795339802, "{\"uid\":\"x\"}", want);
    assert_string_equal(b->seen[0].signature, want);
    assert_string_equal(b->seen[0].auth, "");
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'sent'", 1);
}

static void video__is_sent_again_until_taken_and_in_order(void **state)
{
    struct bench *b = *state;
    char secret[ID_LEN];
    set_webhook(b, "http://127.0.0.1:9/hook", secret);
    b->failing = 2;
    finish_video(b, "{\"n\":1}");
    wait_for(b, &b->posts, 1);
    finish_video(b, "{\"n\":2}");
    wait_rows(b, "SELECT attempts FROM delivery WHERE id = 1", 1);
    later(b, 1000);
    wait_for(b, &b->posts, 2);
    wait_rows(b, "SELECT attempts FROM delivery WHERE id = 1", 2);

    notify_stop(b->n); /* over a restart too */
    notify_free(b->n);
    open_notify(b);
    later(b, 2000);
    wait_for(b, &b->posts, 4);
    assert_string_equal(b->seen[1].body, "{\"n\":1}");
    assert_string_equal(b->seen[2].body, "{\"n\":1}");
    assert_string_equal(b->seen[3].body, "{\"n\":2}");
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'sent'", 2);
}

static void video__is_given_up_after_the_last_try(void **state)
{
    struct bench *b = *state;
    char secret[ID_LEN];
    struct notify_counts n;
    set_webhook(b, "http://127.0.0.1:9/dead", secret);
    b->dead = "http://127.0.0.1:9/dead";
    finish_video(b, "{}");
    for (unsigned i = 1; i <= NOTIFY_TRIES; i++) {
        wait_for(b, &b->dead_posts, i);
        wait_rows(b, "SELECT attempts FROM delivery", i);
        later(b, 3600 * 1000);
    }
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'failed'", 1);
    notify_count(b->n, &n);
    assert_int_equal(n.retried, NOTIFY_TRIES - 1);
    assert_int_equal(n.given_up, 1);
}

/* ---- destinations and policies ---- */

static void add_destination(struct bench *b, const char *url, const char *secret, char id[ID_LEN])
{
    json_t *o = NULL,
           *body = json_pack("{s:s, s:s, s:s?}", "name", "shop", "url", url, "secret", secret);
    assert_int_equal(notify_create_destination(b->n, b->cx, body, &o), ERR_OK);
    (void)text_copy(id, ID_LEN, json_string_value(json_object_get(o, "id")));
    json_decref(o);
    json_decref(body);
}

static void destination__takes_the_test_message_first(void **state)
{
    struct bench *b = *state;
    char id[ID_LEN];
    char *text = file_text("notification-destination-test.json");
    json_t *want = json_of(text), *o = NULL;
    add_destination(b, "http://127.0.0.1:9/live", "s3cret", id);
    json_t *got = json_of(b->seen[0].body);
    assert_true(json_equal(got, want));
    assert_string_equal(b->seen[0].auth, "s3cret");
    assert_string_equal(b->seen[0].signature, "");
    json_decref(got);
    json_decref(want);
    free(text);

    assert_int_equal(notify_get_destination(b->n, b->cx, id, &o), ERR_OK);
    assert_null(json_object_get(o, "secret"));
    assert_string_equal(json_string_value(json_object_get(o, "type")), "generic");
    json_decref(o);

    b->failing = 1;
    json_t *body = json_of("{\"name\":\"x\",\"url\":\"http://127.0.0.1:9/live\"}");
    assert_int_equal(notify_create_destination(b->n, b->cx, body, &o), ERR_INPUT);
    b->failing = 1;
    assert_int_equal(notify_update_destination(b->n, b->cx, id, body, &o), ERR_INPUT);
    assert_int_equal(notify_update_destination(b->n, b->cx, id, body, &o), ERR_OK);
    json_decref(o);
    json_decref(body);
    assert_int_equal(test_number(b->db, "SELECT count(*) FROM destination"), 1);
    assert_int_equal(test_number(b->db, "SELECT secret = 's3cret' FROM destination"), 1);
    assert_int_equal(notify_delete_destination(b->n, b->cx, id), ERR_OK);
    assert_int_equal(notify_delete_destination(b->n, b->cx, id), ERR_NOT_FOUND);
    assert_int_equal(notify_delete_destination(b->n, b->cx, ""), ERR_NOT_FOUND);
}

/* A receiver that checks the secret refused to be renamed; another one was shown it. */
static void destination__keeps_its_secret_to_its_own_receiver(void **state)
{
    static const struct {
        const char *body;
        enum err e;
        const char *auth; /* of the test message; NULL: none goes out */
    } cases[] = {
        {"{\"name\":\"y\",\"url\":\"http://127.0.0.1:9/live\"}", ERR_OK, "s3cret"},
        {"{\"name\":\"y\",\"url\":\"http://127.0.0.2:9/live\"}", ERR_INPUT, NULL},
        {"{\"name\":\"y\",\"url\":\"http://127.0.0.2:9/live\",\"secret\":\"t\"}", ERR_OK, "t"},
        {"{\"name\":\"y\",\"url\":\"http://127.0.0.1:9/z\",\"secret\":\"\"}", ERR_OK, ""},
        {"{\"name\":\"y\",\"url\":\"http://127.0.0.1:9/live\"}", ERR_OK, ""},
    };
    struct bench *b = *state;
    char id[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/live", "s3cret", id);
    unsigned posts = 1;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *body = json_of(cases[i].body), *o = NULL;
        assert_int_equal(notify_update_destination(b->n, b->cx, id, body, &o), cases[i].e);
        json_decref(o);
        json_decref(body);
        if (cases[i].auth)
            assert_string_equal(b->seen[posts++].auth, cases[i].auth);
        assert_int_equal(b->posts, posts);
    }
    json_t *o = NULL, *body = json_of(cases[0].body);
    assert_int_equal(notify_update_destination(b->n, b->cx, "nope", body, &o), ERR_NOT_FOUND);
    json_decref(body);
}

static enum err add_policy(struct bench *b, const char *destination, const char *more)
{
    char text[1024];
    json_t *o = NULL;
    (void)snprintf(text, sizeof text,
                   "{\"name\":\"Live Webhook Test\",\"alert_type\":\"stream_live_notifications\","
                   "\"mechanisms\":{\"webhooks\":[{\"id\":\"%s\"}]}%s}",
                   destination, more);
    json_t *body = json_of(text);
    enum err e = notify_create_policy(b->n, b->cx, body, &o);
    json_decref(o);
    json_decref(body);
    return e;
}

struct live_job {
    struct bench *b;
    struct notify_event e;
};

static enum err live_run(struct tx *tx, void *arg)
{
    const struct live_job *j = arg;
    return notify_live(j->b->n, tx, &j->e);
}

static void tell(struct bench *b, const char *input, const char *type, const char *code)
{
    struct live_job j = {b,
                         {.input_uid = input,
                          .event_type = type,
                          .id = "7b0c0a524f7c4a379b5e6f5f0d0f6a11",
                          .at_ms = 1795339802855,
                          .error_code = code,
                          .error_message = "Input GOP size or keyframe interval is out of range.",
                          .video_codec = "",
                          .audio_codec = ""}};
    assert_int_equal(store_do(b->db->store, b->cx, "live", live_run, &j), ERR_OK);
}

static void same_keys(json_t *got, json_t *want)
{
    const char *key;
    json_t *value;
    json_object_foreach(want, key, value)
    {
        json_t *mine = json_object_get(got, key);
        if (!mine)
            fail_msg("'%s' is missing", key);
        if (json_is_object(value))
            same_keys(mine, value);
    }
}

/* The vectors have nanoseconds that our clock does not. */
static void assert_text_is(const char *got, const char *want)
{
    const char *digits = strstr(want, ".855717910Z");
    assert_non_null(digits);
    size_t n = (size_t)(digits - want);
    assert_memory_equal(got, want, n);
    assert_memory_equal(got + n, ".855000000Z", 11);
    assert_string_equal(got + n + 11, digits + 11);
}

static void event__has_cloudflares_payload(void **state)
{
    static const struct {
        const char *type, *code, *file;
    } cases[] = {
        {"live_input.connected", NULL, "notification-live-input-connected-full.json"},
        {"live_input.errored", "ERR_GOP_OUT_OF_RANGE", "notification-live-input-errored.json"}};
    struct bench *b = *state;
    char id[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/live", NULL, id);
    assert_int_equal(add_policy(b, id, ""), ERR_OK);
    for (unsigned i = 0; i < 2; i++) {
        tell(b, INPUT, cases[i].type, cases[i].code);
        wait_for(b, &b->posts, 2 + i);
        char *text = file_text(cases[i].file);
        json_t *want = json_of(text), *got = json_of(b->seen[1 + i].body);
        same_keys(got, want);
        assert_text_is(json_string_value(json_object_get(got, "text")),
                       json_string_value(json_object_get(want, "text")));
        assert_int_equal(json_integer_value(json_object_get(got, "ts")), 1795339802);
        json_decref(got);
        json_decref(want);
        free(text);
    }
}

static void event__goes_to_policies_that_fit(void **state)
{
    struct bench *b = *state;
    char all[ID_LEN], some[ID_LEN], off[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/all", NULL, all);
    add_destination(b, "http://127.0.0.1:9/some", NULL, some);
    add_destination(b, "http://127.0.0.1:9/off", NULL, off);
    assert_int_equal(add_policy(b, all, ",\"filters\":{}"), ERR_OK);
    assert_int_equal(add_policy(b, some,
                                ",\"filters\":{\"input_id\":[\"66be4bf738797e01e1fca35a7bdecdcd\"],"
                                "\"event_type\":[\"live_input.disconnected\"]}"),
                     ERR_OK);
    assert_int_equal(add_policy(b, off, ",\"enabled\":false"), ERR_OK);
    tell(b, INPUT, "live_input.connected", NULL);
    wait_for(b, &b->posts, 4);
    tell(b, INPUT, "live_input.disconnected", NULL);
    wait_for(b, &b->posts, 6);
    tell(b, VIDEO, "live_input.disconnected", NULL);
    wait_for(b, &b->posts, 7);
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'sent'", 4);
    assert_int_equal(b->posts, 7);
    assert_string_equal(b->seen[3].url, "http://127.0.0.1:9/all");
    assert_string_equal(b->seen[6].url, "http://127.0.0.1:9/all");
    assert_int_equal(test_number(b->db, "SELECT count(*) FROM destination WHERE last_success_at"),
                     3);
}

/* 90 policies of 15 KB: more than the memory one job has. */
static void event__is_told_by_many_large_policies(void **state)
{
    enum { POLICIES = 90, IDS = 440 };
    struct bench *b = *state;
    char id[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/live", NULL, id);
    json_t *ids = json_array(), *o = NULL;
    for (int i = 0; i < IDS; i++)
        (void)json_array_append_new(ids, json_string(INPUT));
    json_t *body = json_pack("{s:s, s:s, s:{s:[{s:s}]}, s:{s:o}}", "name", "many", "alert_type",
                             "stream_live_notifications", "mechanisms", "webhooks", "id", id,
                             "filters", "input_id", ids);
    struct arena *whole = b->cx->arena;
    for (int i = 0; i <= POLICIES; i++) {
        b->cx->arena = arena_make(1 << 20);
        if (i == POLICIES) {
            tell(b, INPUT, "live_input.connected", NULL);
        } else {
            assert_int_equal(notify_create_policy(b->n, b->cx, body, &o), ERR_OK);
            json_decref(o);
        }
        arena_free(b->cx->arena);
    }
    json_decref(body);
    b->cx->arena = arena_make(1 << 20);
    assert_int_equal(notify_list_policies(b->n, b->cx, &o), ERR_OK);
    assert_int_equal(json_array_size(o), POLICIES);
    json_decref(o);
    arena_free(b->cx->arena);
    b->cx->arena = whole;
    wait_rows(b, "SELECT count(*) FROM delivery", POLICIES);
}

static void event__a_dead_receiver_does_not_hold_up_others(void **state)
{
    struct bench *b = *state;
    char dead[ID_LEN], well[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/dead", NULL, dead);
    add_destination(b, "http://127.0.0.1:9/well", NULL, well);
    b->dead = "http://127.0.0.1:9/dead";
    assert_int_equal(add_policy(b, dead, ""), ERR_OK);
    assert_int_equal(add_policy(b, well, ""), ERR_OK);
    tell(b, INPUT, "live_input.connected", NULL);
    tell(b, INPUT, "live_input.disconnected", NULL);
    wait_for(b, &b->posts, 4);
    wait_for(b, &b->dead_posts, 1);
    assert_non_null(strstr(b->seen[2].body, "live_input.connected"));
    assert_non_null(strstr(b->seen[3].body, "live_input.disconnected"));
    wait_rows(b, "SELECT count(*) FROM destination WHERE last_failure_at", 1);
    assert_int_equal(notify_delete_destination(b->n, b->cx, dead), ERR_OK);
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'waiting'", 0);
}

static void hang(struct bench *b, const char *url)
{
    (void)pthread_mutex_lock(&b->lock);
    b->hung = url;
    b->hung_most = b->hung_now;
    (void)pthread_cond_broadcast(&b->changed);
    (void)pthread_mutex_unlock(&b->lock);
}

/* 24 inputs have messages for a receiver that does not answer, and one that does. */
static void event__a_hanging_receiver_does_not_hold_up_others(void **state)
{
    enum { INPUTS = 24 };
    struct bench *b = *state;
    char id[ID_LEN], input[ID_LEN];
    add_destination(b, "http://127.0.0.1:9/hung", NULL, id);
    assert_int_equal(add_policy(b, id, ""), ERR_OK);
    add_destination(b, "http://127.0.0.1:9/well", NULL, id);
    assert_int_equal(add_policy(b, id, ""), ERR_OK);
    b->pool = pool_make(8, 64);
    assert_non_null(b->pool);
    hang(b, "http://127.0.0.1:9/hung");
    for (int i = 0; i < INPUTS; i++) {
        (void)snprintf(input, sizeof input, "%032d", i);
        tell(b, input, "live_input.connected", NULL);
    }
    wait_for(b, &b->posts, 2 + INPUTS);
    wait_for(b, &b->hung_posts, PER_RECEIVER_MAX);
    assert_int_equal(b->hung_most, PER_RECEIVER_MAX);

    hang(b, NULL); /* they fail: from now on it has one place */
    wait_rows(b, "SELECT count(*) FROM delivery WHERE attempts > 0 AND state = 'waiting'", 2);
    wait_rows(b, "SELECT count(*) FROM delivery WHERE state = 'sent'", INPUTS + INPUTS - 2);
}

/* Receivers that fail leave places to those that do not; one that is well again has all of its. */
static void place__failing_receivers_leave_some_free(void **state)
{
    struct bench *b = *state;
    struct notify *n = b->n;
    for (int i = 0; i < FAILING_MAX + 1; i++)
        place_learn(n, (const char *[]){"a", "b", "c", "d"}[i], false);
    assert_true(place_take(n, "a/1", "a"));
    assert_false(place_take(n, "a/2", "a"));
    assert_true(place_take(n, "b/1", "b"));
    assert_true(place_take(n, "c/1", "c"));
    assert_false(place_take(n, "d/1", "d"));
    assert_true(place_take(n, "e/1", "e"));
    assert_false(place_take(n, "e/1", "e"));
    assert_true(place_take(n, "e/2", "e"));
    assert_false(place_take(n, "e/3", "e"));
    place_learn(n, "a", true);
    assert_true(place_take(n, "a/2", "a"));
    assert_false(place_take(n, "f/1", "f")); /* that was the last one */
    place_give(n, "b/1");
    assert_true(place_take(n, "d/1", "d"));
}

/* Those that were deleted do not fill the list for good. */
static void place__remembers_so_many_that_fail(void **state)
{
    struct bench *b = *state;
    char id[ID_LEN];
    for (int i = 0; i < 3 * RECEIVERS_MAX; i++) {
        (void)snprintf(id, sizeof id, "%032d", i);
        place_learn(b->n, id, false);
    }
    assert_true(place_take(b->n, "x/1", id));
    assert_false(place_take(b->n, "x/2", id));
    assert_true(place_take(b->n, "y/1", "00000000000000000000000000000000"));
    assert_true(place_take(b->n, "y/2", "00000000000000000000000000000000"));
}

static void policy__is_checked_changed_and_deleted(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"name\":\"x\",\"alert_type\":\"stream_live_notifications\"}",
        "{\"name\":\"x\",\"alert_type\":\"dos_attack\",\"mechanisms\":{}}",
        "{\"name\":\"x\",\"alert_type\":\"stream_live_notifications\",\"mechanisms\":[]}",
        "{\"name\":\"x\",\"alert_type\":\"stream_live_notifications\",\"mechanisms\":"
        "{\"webhooks\":{}}}",
        "{\"name\":\"x\",\"alert_type\":\"stream_live_notifications\",\"mechanisms\":{},"
        "\"filters\":{\"input_id\":\"x\"}}",
        "{\"name\":\"x\",\"alert_type\":\"stream_live_notifications\",\"mechanisms\":{},"
        "\"filters\":{\"event_type\":[1]}}"};
    struct bench *b = *state;
    char id[ID_LEN], policy[ID_LEN];
    json_t *o = NULL, *rows = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *body = json_of(bad[i]);
        assert_int_equal(notify_create_policy(b->n, b->cx, body, &o), ERR_INPUT);
        json_decref(body);
    }
    assert_int_equal(add_policy(b, "00112233445566778899aabbccddeeff", ""), ERR_INPUT);
    add_destination(b, "http://127.0.0.1:9/all", NULL, id);
    assert_int_equal(add_policy(b, id, ",\"filters\":{\"input_id\":[\"a\"]}"), ERR_OK);
    assert_int_equal(notify_list_policies(b->n, b->cx, &rows), ERR_OK);
    assert_int_equal(json_array_size(rows), 1);
    (void)text_copy(policy, sizeof policy,
                    json_string_value(json_object_get(json_array_get(rows, 0), "id")));
    json_decref(rows);
    json_t *change = json_of("{\"enabled\":false,\"description\":\"d\"}");
    assert_int_equal(notify_update_policy(b->n, b->cx, policy, change, &o), ERR_OK);
    json_decref(o);
    assert_int_equal(notify_update_policy(b->n, b->cx, "nope", change, &o), ERR_NOT_FOUND);
    json_decref(change);
    assert_int_equal(notify_get_policy(b->n, b->cx, policy, &o), ERR_OK);
    assert_true(json_is_false(json_object_get(o, "enabled")));
    assert_string_equal(json_string_value(json_object_get(o, "name")), "Live Webhook Test");
    assert_int_equal(json_array_size(json_object_get(json_object_get(o, "filters"), "input_id")),
                     1);
    json_decref(o);
    assert_int_equal(notify_delete_policy(b->n, b->cx, policy, &o), ERR_OK);
    json_decref(o);
    assert_int_equal(notify_delete_policy(b->n, b->cx, policy, &o), ERR_NOT_FOUND);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature__is_cloudflares_vector),
        T(sql__every_statement_prepares_with_ordered_parameters),
        T(webhook__changing_the_url_changes_the_secret),
        T(video__is_posted_bare_and_signed),
        T(video__is_sent_again_until_taken_and_in_order),
        T(video__is_given_up_after_the_last_try),
        T(destination__takes_the_test_message_first),
        T(destination__keeps_its_secret_to_its_own_receiver),
        T(event__has_cloudflares_payload),
        T(event__goes_to_policies_that_fit),
        T(event__is_told_by_many_large_policies),
        T(event__a_dead_receiver_does_not_hold_up_others),
        T(event__a_hanging_receiver_does_not_hold_up_others),
        T(place__failing_receivers_leave_some_free),
        T(place__remembers_so_many_that_fail),
        T(policy__is_checked_changed_and_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
