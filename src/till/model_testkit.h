/*
 * testkit - the world of the model of money: a shop, buyers, two banks with a truth of their own,
 * and what must be true after every step. Tests only.
 *
 * Shape:   one world plays several sequences one after another, each with buyers and goods of its
 *          own. The model is small: which orders there are, what the banks know, and what our
 *          books may say of it. All chance comes from one seed.
 * Errors:  model_fail() prints the seed and the steps, and fails the test.
 */
#pragma once
#include "order/testkit.h"
#include "pay/ledger.h"
#include "till/bank_testkit.h"
#include "till/refund.h"
#include "till/till.h"

enum {
    MODEL_SEQUENCES = 20, /* of one world */
    MODEL_BUYERS = 5,     /* of a sequence */
    MODEL_ORDERS_MAX = 8,
    MODEL_NOTES_MAX = 128,
    MODEL_LOG = 64 * 1024,
    MODEL_TEXT = 160,
    ECPAY = 0,
    OMISE = 1
};

struct model_order {
    char no[ORDER_NO_SIZE];
    int64_t id, viewer, variant, qty;
    bool thai, at_door; /* paid with the parcel */
    char parcel[ID_TEXT];
    int stage; /* of the parcel's way */
};

/* A message that a bank sends: what was true when it was written. */
struct model_note {
    int bank, trade, copies, number;
    struct gateway_news news;
};

struct world {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct till *till;
    struct refunds *refunds;
    struct bank banks[2];
    struct model_order orders[MODEL_ORDERS_MAX];
    struct model_note notes[MODEL_NOTES_MAX];
    int order_count, note_count, numbers, sequence;
    uint32_t first_seed, seed;
    json_t *thai_address;
    int64_t *seen; /* movements of each kind, of all worlds */
    size_t log_len;
    int steps;
    char log[MODEL_LOG];
};

/* `seen` has LEDGER_KIND_COUNT counters, which grow. */
struct world *model_make(int64_t *seen);
void model_free(struct world *w);
/* The next sequence: goods and buyers that nobody knows yet. */
void model_begin(struct world *w, uint32_t seed);
/* As a restart of the program would. */
void model_restart(struct world *w);

/* A bank's faults from now on; are there any? */
bool model_weather(struct world *w, struct bank *b);
uint32_t model_pick(struct world *w, uint32_t below);
__attribute__((format(printf, 2, 3))) void model_say(struct world *w, const char *fmt, ...);
__attribute__((format(printf, 2, 3), noreturn)) void model_fail(struct world *w, const char *fmt,
                                                                ...);
/* Memory of its own for one piece of work; the caller frees cx.arena. */
struct cx model_cx(const struct world *w);
int64_t model_variant(const struct world *w, int i); /* 0, 1 */

/* One integer of the database as it is; q is static. */
int64_t model_number(struct world *w, const struct sql *q, const struct val *args);

/* ---- buyers ---- */

const char *model_method(struct world *w, bool thai);
/* What is in the buyer's cart becomes an order; o->no is its number. */
enum err model_checkout(struct world *w, struct cx *cx, struct model_order *o,
                        const char *method) NODISCARD;

/* ---- what must be true ---- */

/* After each step: every check of the database, and its books against the banks'. */
void model_check(struct world *w);
/* At the end, when all has settled: each unit of money is where it belongs, or explained. */
void model_check_end(struct world *w);
