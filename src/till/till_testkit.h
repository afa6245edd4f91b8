/*
 * testkit - a till with two gateways that say what a test wrote down. Tests only.
 *
 * Shape:   the shop of order/testkit.h, whose first shop has ECPay and Omise; five mugs. Time is
 *          w->t->cx->now_ms and moves by hand.
 * Errors:  none are returned where a value is: what fails there fails the test.
 */
#pragma once
#include "order/testkit.h"
#include "till/till.h"

enum { MUG = 1, ANN = 1, BOB = 2 };
#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

/* A gateway that answers what the test wrote down, and remembers what it was asked. */
struct test_gateway {
    struct gateway g;
    enum err start_err, ask_err;
    enum gateway_do next;
    struct gateway_news start_says, ask_says;
    int started, asked, closed, fetched;
    int64_t *clock_ms;          /* what takes_ms moves */
    int64_t takes_ms, asked_ms; /* how long a question takes; when the last was asked */
    char ref[GATEWAY_REF + 1], notify[TILL_URL_MAX], back[TILL_URL_MAX];
    void (*meanwhile)(void *arg); /* while it thinks; or NULL */
    void *arg;
};

struct test_till {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct test_gateway ecpay, omise;
    struct till *till;
    int64_t mono_ms; /* of till_setup */
    int keys;        /* events */
};

/* Its start() makes a call; that of ECPay's is a form. */
extern const struct gateway_way test_till_charge_way;

int test_till_make(void **state);
int test_till_drop(void **state);
/* Another till of the same shop, as of another process. The caller joins it to the orders. */
struct till *test_till_open(struct test_till *w);
int64_t test_till_number(struct test_till *w, const char *sql);
/* Memory of its own for a step; the caller frees cx.arena. */
struct cx test_till_cx(const struct test_till *w);

/* An order of one mug (200), awaiting payment. */
json_t *test_till_order(struct test_till *w, const char *method);
enum err test_till_start_by(struct test_till *w, const json_t *order, const char *method,
                            const char *idem, int64_t viewer, json_t **ret_started,
                            bool *ret_again) NODISCARD;
/* By its buyer. */
enum err test_till_start(struct test_till *w, const json_t *order, const char *method,
                         const char *idem) NODISCARD;

/* A notice of ECPay's. */
enum err test_till_tell_as(struct test_till *w, const char *key, int64_t shop,
                           const struct gateway_news *n) NODISCARD;
/* Another message each time. */
void test_till_tell(struct test_till *w, struct gateway_news n);
/* "Paid", of the payment that was begun last. */
struct gateway_news test_till_money(const struct test_till *w, int64_t amount);

/* How many rows are in that state. */
int64_t test_till_states(struct test_till *w, const char *table, const char *state);
void test_till_later(struct test_till *w, int64_t ms);
void test_till_round(struct test_till *w);
