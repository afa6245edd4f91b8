/* till_in - what the files of this room share. Nothing outside includes it. */
#pragma once
#include "base/log.h"
#include "store/store.h"
#include "till/till.h"
#include <pthread.h>

enum { TILL_GATEWAYS_MAX = 1000, TILL_ARENA = 2 << 20 };
/* Messages wait for no provider that was asked something else. */
enum { TILL_MESSAGES, TILL_QUESTIONS, TILL_THREADS };
enum { TILL_ECPAY, TILL_OMISE, TILL_PROVIDERS };

/* A gateway of a shop; in till.gateways as long as somebody uses it. */
struct till_gateway {
    int64_t shop_id, changed_ms;
    enum pay_account account;
    struct gateway *g;         /* NULL: its keys do not work */
    int users;                 /* of g; the shop itself is one, until its keys change */
    bool gone;                 /* the shop has other keys, or none, by now */
    int64_t since_ms, look_ms; /* of what it says has happened: told until, look again at */
};

struct till {
    struct till_setup set;
    struct pay_table table;
    struct orders *orders;
    pthread_mutex_t lock; /* of the next three */
    struct till_gateway gateways[TILL_GATEWAYS_MAX];
    size_t gateway_count;
    bool stop;
    pthread_cond_t wake;
    pthread_t threads[TILL_THREADS];
    int running;
    int64_t paused_ms[TILL_PROVIDERS]; /* no questions until then: it did not answer the last one */
    struct log_pace slow_log;
    _Atomic int calling; /* workers that wait for a provider to begin a payment */
    struct {
        _Atomic int64_t started, paid, failed, orphaned, simulated, taken, repeated, unknown, asked,
            ask_errors, start_errors, inbox_waiting, asks_waiting, last_round_ms;
    } count;
};

/* ---- clock (till.c) ---- */

int64_t till_mono_ms(const struct till *t);
/* A round may take minutes where a provider hangs: cx->now_ms goes on by what went by since
 * *mono_ms (till_mono_ms() at first), which is now again. */
void till_go_on(const struct till *t, struct cx *cx, int64_t *mono_ms);

/* ---- gateways (gateways.c) ---- */

/* Look for shops whose keys are new, changed or gone. */
enum err till_gateways_refresh(struct till *t, struct cx *cx) NODISCARD;
void till_gateways_tick(struct till *t, struct cx *cx);
void till_gateways_free(struct till *t);
bool till_offered(void *arg, int64_t shop_id, const struct pay_method *m);
void till_narrow(void *arg, int64_t shop_id, const struct pay_method *m, int64_t *min,
                 int64_t *max);

/* ---- acting on news (take.c) ---- */

/* What a piece of news did, for the inbox and the log. */
struct till_done {
    const char *result; /* static: "paid", "told before"; or NULL */
    bool ignored;       /* it was not for us, or changed nothing that counts */
    bool orphaned, paid, failed, simulated;
    bool unknown; /* no payment of ours */
    bool doubted; /* it names other money than ours: the provider is asked */
};
/* How it was heard: a notice does not put off a question that is due. */
enum till_heard { HEARD_NOTICE, HEARD_ANSWER };

/*
 * Let a payment be as the news says: the rows, the order, what others hear. The whole of a job's
 * work but for its inbox row; turn_begin() and turn_end() are in here. p is read again in the job.
 * next_ask_ms: as payment.next_ask_ms afterwards if it is still of interest.
 */
enum err till_apply(struct till *t, struct tx *tx, int64_t payment_id, enum till_heard how,
                    const struct gateway_news *news, struct till_done *ret_done) NODISCARD;
/* The same of an answer, as a job of its own; counts and logs what came of it. */
enum err till_apply_do(struct till *t, struct cx *cx, int64_t payment_id,
                       const struct gateway_news *news, struct till_done *ret_done) NODISCARD;
void till_count(struct till *t, const char *payment, const struct till_done *d);

/* ---- asking (ask.c) ---- */

/* When to ask about a payment next, after now_ms; 0: not any more. Pure. Of a kind that is over, so
 * that money that comes too late is seen. */
int64_t till_next_ask(const struct payment *p, int64_t returned_ms, int64_t now_ms);
/*
 * Ask the provider about it (end it there, if its order does not wait for it), and act on the
 * answer. `g` NULL is ERR_PAY_DOWN.
 */
enum err till_ask_payment(struct till *t, struct cx *cx, int64_t payment_id) NODISCARD;
/* Of a payment's row, for a gateway. */
struct gateway_payment till_gateway_payment(const struct payment *p);
void till_asks_round(struct till *t, struct cx *cx);

/* The object Payment, whoever asks. */
enum err till_read_staff(struct till *t, struct cx *cx, int64_t payment_id,
                         json_t **ret_payment) NODISCARD;

/* ---- messages (inbox.c) ---- */

void till_inbox_round(struct till *t, struct cx *cx);

/* What no notice told (missed.c): one gateway is looked at. */
void till_missed_round(struct till *t, struct cx *cx);

/* ---- where things come back (start.c) ---- */

enum { TILL_TOKEN_SIZE = 33 };
/* What a browser that comes back shows: of the payment's id and the key. */
void till_token(const struct till *t, const char *payment_public, char out[TILL_TOKEN_SIZE]);
