/* Messages to the shop, with a shop that is not always willing. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/test.h"
#include "base/text.h"
#include "net/client.h"
#include "net/net_testkit.h"
#include "sandboxd/deliver.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GOT_MAX = 64, GOT_TEXT = 64 };

static struct kit kit;
static struct faults *faults;
static struct deliver *deliver;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char got[GOT_MAX][GOT_TEXT]; /* what the shop received, in order; with `lock` */
static size_t got_n;
static int refusals; /* how many of the next it refuses; with `lock` */

static void hook(struct http_req *req)
{
    size_t len;
    const char *body = http_body(req, &len);
    (void)pthread_mutex_lock(&lock);
    if (got_n < GOT_MAX)
        (void)text_copy(got[got_n++], GOT_TEXT, body);
    bool refuse = refusals > 0 && refusals--;
    (void)pthread_mutex_unlock(&lock);
    http_send_text(req, 200, "text/plain", refuse ? "0|no" : "1|OK");
}

static const struct http_route routes[] = {
    {"POST", "/hook", HTTP_ON_WORKER, hook, 1 << 10, false, NULL}, {0}};

static int start(void **state)
{
    (void)state;
    assert_int_equal(client_init(), ERR_OK);
    kit_start(&kit, (struct http_server_opts){.routes = routes});
    faults = faults_make();
    assert_non_null(faults);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    kit_stop(&kit);
    faults_free(faults);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    faults_clear(faults);
    got_n = 0;
    refusals = 0;
    deliver = deliver_make(faults);
    assert_non_null(deliver);
    return 0;
}

static int ended(void **state)
{
    (void)state;
    deliver_free(deliver);
    return 0;
}

static void write_text(void *arg, const char *data, enum tamper t, struct outgoing *out)
{
    (void)arg;
    out->type = "text/plain";
    buf_fmt(&out->body, "%s%s", data, t == TAMPER_AMOUNT ? " but more" : "");
}

static bool is_ok(int status, const char *answer)
{
    return status == 200 && strcmp(answer, "1|OK") == 0;
}

static const int64_t soon[] = {10, 10, 10};

static void add(const char *ref, const char *data)
{
    char url[100], at[ADDR_TEXT];
    addr_text_port(&kit.addr, at);
    (void)snprintf(url, sizeof url, "http://%s/hook", at);
    deliver_add(deliver, &(struct deliver_ask){.target = FAULT_ECPAY_PAYMENT,
                                               .ref = ref,
                                               .what = "ReturnURL",
                                               .url = url,
                                               .data = data,
                                               .write = write_text,
                                               .taken = is_ok,
                                               .again_ms = soon,
                                               .again_n = 3});
}

static void set_fault(const char *text)
{
    struct cx cx = {0};
    json_t *o = json_loads(text, 0, NULL);
    assert_int_equal(faults_set(&cx, faults, o), ERR_OK);
    json_decref(o);
}

static bool has_state(void *arg)
{
    const char *const *want = arg; /* ref, state */
    json_t *list = deliver_json(deliver, want[0]);
    const char *state = json_string_value(json_object_get(json_array_get(list, 0), "state"));
    bool found = state && strcmp(state, want[1]) == 0;
    json_decref(list);
    return found;
}

static int64_t tries_when(const char *ref, const char *state)
{
    const char *want[] = {ref, state};
    kit_wait(has_state, want);
    json_t *list = deliver_json(deliver, ref);
    int64_t tries = json_integer_value(json_object_get(json_array_get(list, 0), "tries"));
    json_decref(list);
    return tries;
}

static void deliver__tries_again_by_the_senders_rule(void **state)
{
    (void)state;
    refusals = 2;
    add("one", "hello");
    assert_int_equal(tries_when("one", "taken"), 3);
    assert_int_equal(got_n, 3);
    assert_string_equal(got[2], "hello");
    refusals = 100;
    add("two", "hello");
    assert_int_equal(tries_when("two", "refused"), 4);
    refusals = 0;
}

static void deliver__loses_and_repeats_on_purpose(void **state)
{
    (void)state;
    set_fault("{\"on\":\"ecpay.payment\",\"drop\":2,\"repeat\":3,\"count\":1}");
    add("lossy", "a");
    assert_int_equal(tries_when("lossy", "taken"), 3);
    assert_int_equal(got_n, 3);
    set_fault("{\"on\":\"ecpay.payment\",\"drop\":-1,\"count\":1}");
    add("gone", "b");
    assert_int_equal(tries_when("gone", "dropped"), 4);
    assert_int_equal(got_n, 3);
    add("fine", "c"); /* the fault was for one */
    assert_int_equal(tries_when("fine", "taken"), 1);
}

static bool has_come(void *arg)
{
    (void)pthread_mutex_lock(&lock);
    bool come = got_n >= *(size_t *)arg;
    (void)pthread_mutex_unlock(&lock);
    return come;
}

static void deliver__turns_the_order_and_lies_on_purpose(void **state)
{
    (void)state;
    size_t one = 1;
    set_fault("{\"on\":\"ecpay.payment\",\"repeat\":5,\"count\":1}");
    add("before", "before"); /* what is on its way already lets nothing go */
    kit_wait(has_come, &one);
    set_fault("{\"on\":\"ecpay.payment\",\"reorder\":true,\"tamper\":\"amount\",\"count\":1}");
    add("first", "first");
    add("second", "second");
    assert_int_equal(tries_when("first", "taken"), 1);
    assert_int_equal(got_n, 7);
    assert_string_equal(got[5], "second");
    assert_string_equal(got[6], "first but more");
}

static void deliver__waits_as_long_as_it_is_told(void **state)
{
    (void)state;
    set_fault("{\"on\":\"ecpay.payment\",\"delay_ms\":300,\"count\":1}");
    int64_t began = clock_mono_ms();
    add("late", "late");
    add("quick", "quick");
    (void)tries_when("late", "taken");
    assert_true(clock_mono_ms() - began >= 300);
    assert_string_equal(got[0], "quick");
}

static void deliver__leaves_out_what_is_no_url_and_forgets_the_oldest(void **state)
{
    (void)state;
    deliver_add(deliver, &(struct deliver_ask){.target = FAULT_OMISE_WEBHOOK,
                                               .ref = "bad",
                                               .what = "x",
                                               .url = "ftp://127.0.0.1/",
                                               .data = "",
                                               .write = write_text});
    json_t *list = deliver_json(deliver, "bad");
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    set_fault("{\"on\":\"ecpay.payment\",\"delay_ms\":600000}");
    for (size_t i = 0; i < DELIVERIES_MAX + 5; i++)
        add(i < DELIVERIES_MAX ? "waits" : "no room", "x");
    list = deliver_json(deliver, "no room");
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void faults__that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}",
                                      "{\"on\":\"ecpay.nothing\"}",
                                      "{\"on\":\"ecpay.api\",\"repeat\":0}",
                                      "{\"on\":\"ecpay.api\",\"delay_ms\":-1}",
                                      "{\"on\":\"ecpay.api\",\"tamper\":\"hand\"}",
                                      "{\"on\":\"ecpay.api\",\"down\":1}",
                                      "{\"on\":\"ecpay.api\",\"status\":200}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cx cx = {0};
        json_t *o = json_loads(bad[i], 0, NULL);
        assert_int_equal(faults_set(&cx, faults, o), ERR_INPUT);
        assert_true(cx.problem[0]);
        json_decref(o);
    }
    set_fault("{\"on\":\"omise.api\",\"match\":\"POST /omise/charges\",\"down\":true,\"count\":2}");
    assert_false(fault_take(faults, FAULT_OMISE_API, "GET /omise/charges").down);
    assert_true(fault_take(faults, FAULT_OMISE_API, "POST /omise/charges").down);
    assert_true(fault_take(faults, FAULT_OMISE_API, "POST /omise/charges").down);
    assert_false(fault_take(faults, FAULT_OMISE_API, "POST /omise/charges").down);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, ended)
    const struct CMUnitTest tests[] = {
        T(deliver__tries_again_by_the_senders_rule),
        T(deliver__loses_and_repeats_on_purpose),
        T(deliver__turns_the_order_and_lies_on_purpose),
        T(deliver__waits_as_long_as_it_is_told),
        T(deliver__leaves_out_what_is_no_url_and_forgets_the_oldest),
        T(faults__that_make_no_sense_are_refused),
    };
#undef T
    return cmocka_run_group_tests(tests, start, stop);
}
