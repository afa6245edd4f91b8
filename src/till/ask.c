/* Asking providers about payments they have not told of, and ending those whose time is over. */
#include "base/arena.h"
#include "base/clock.h"
#include "till/ask.sql.h"
#include "till/till_in.h"

#include <string.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

enum {
    ASKS_PER_ROUND = 5, /* of each provider */
    PAUSE_MS = 5 * 1000,
    LEASE_MS = 60 * 1000,
    RETURN_MS = 60 * 1000, /* a buyer who is back is waiting */
    RETURN_EVERY_MS = 3 * 1000,
    GRACE_MS =
        4 * 60 * 1000, /* past its end a payment is over, whether its provider answers or not */
    BACKOFF_MAX_MS = 15 * 60 * 1000
};
#define GIVE_UP_MS (4 * 24 * HOUR) /* after its end: reconciliation has it by then */

/* ---- when ---- */

/* The first of these after now; 0: none. */
static int64_t first_after(const int64_t *times, size_t n, int64_t now_ms)
{
    int64_t first = 0;
    for (size_t i = 0; i < n; i++)
        if (times[i] > now_ms && (!first || times[i] < first))
            first = times[i];
    return first;
}

/*
 * ECPay wants to be asked about cards 10 minutes after, and again 10 later; about codes not before
 * their end, but shops of a chain tell hours, and barcodes two days after. Omise's notices are not
 * sent twice, so it is asked sooner.
 */
static int64_t planned(const struct payment *p, int64_t now_ms)
{
    int64_t start = p->started_ms, end = p->expires_ms;
    int64_t over = end + GRACE_MS;
    const int64_t codes[] = {
        end, over, end + HOUR, end + 24 * HOUR, end + 48 * HOUR, end + 72 * HOUR};
    const int64_t quick[] = {start + 10 * MINUTE, end, over, start + 40 * MINUTE};
    const int64_t omise[] = {start + MINUTE, start + 5 * MINUTE, end, over, end + HOUR};
    if (pay_kind_of(p->provider, p->method) == PAY_CODE)
        return first_after(codes, sizeof codes / sizeof codes[0], now_ms);
    return strcmp(p->provider, "ecpay") == 0
               ? first_after(quick, sizeof quick / sizeof quick[0], now_ms)
               : first_after(omise, sizeof omise / sizeof omise[0], now_ms);
}

static bool is_open(const struct payment *p)
{
    return p->state == PAYMENT_CREATED || p->state == PAYMENT_PENDING;
}

int64_t till_next_ask(const struct payment *p, int64_t returned_ms, int64_t now_ms)
{
    bool open = is_open(p);
    bool late = p->state == PAYMENT_FAILED || p->state == PAYMENT_EXPIRED;
    if (!p->started_ms || (!open && !late))
        return 0;
    int64_t next = planned(p, now_ms);
    int64_t soon = now_ms + RETURN_EVERY_MS;
    bool waiting = open && returned_ms && now_ms < returned_ms + RETURN_MS;
    return waiting && strcmp(p->provider, "omise") == 0 && (!next || soon < next) ? soon : next;
}

/* After an answer that did not come. */
static int64_t again_at(const struct payment *p, int64_t now_ms)
{
    int64_t wait = 5 * SECOND;
    for (int64_t i = 0; i < p->asks && wait < BACKOFF_MAX_MS; i++)
        wait *= 2;
    if (wait > BACKOFF_MAX_MS)
        wait = BACKOFF_MAX_MS;
    int64_t over = p->expires_ms + GRACE_MS;
    if (is_open(p) && now_ms < over && now_ms + wait > over)
        return over;
    return now_ms < p->expires_ms + GIVE_UP_MS ? now_ms + wait : 0;
}

/* ---- asking one ---- */

struct asking {
    struct payment p;
    int64_t shop_id;
    enum order_state order;
};

static enum err read_one(struct till *t, struct cx *cx, int64_t payment_id, struct asking *a)
{
    struct db *db = NULL;
    const char *state;
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = payment_by_id(db, cx->arena, payment_id, &a->p);
    if (!e)
        e = db_row(db, cx->arena, &SQL_ask_context, ARGS(V(payment_id)),
                   COLS(C(&a->shop_id), C(&state)));
    store_read_end(db);
    return !e && order_state_parse(state, &a->order) ? ERR_STORE : e;
}

struct gateway_payment till_gateway_payment(const struct payment *p)
{
    return (struct gateway_payment){.our_ref = p->our_ref,
                                    .provider_ref = p->provider_ref,
                                    .method = p->method,
                                    .amount = p->amount,
                                    .currency = p->currency,
                                    .details = p->details,
                                    .started_ms = p->started_ms,
                                    .expires_ms = p->expires_ms};
}

/* It may not be paid any more: its time is over, or its order does not wait. */
static bool is_over(const struct asking *a, int64_t now_ms)
{
    return !is_open(&a->p) || a->p.expires_ms <= now_ms || a->order != ORDER_AWAITING_PAYMENT;
}

/*
 * What we make of an answer. Where a provider cannot end a payment it is over a little after its
 * time, so that who was paying just then is not late; money that comes later is. A charge that
 * Omise does not know was never made.
 */
static void judge(const struct asking *a, int64_t now_ms, struct gateway_news *n)
{
    bool waits = n->says == SAYS_PENDING || n->says == SAYS_CODE || n->says == SAYS_UNKNOWN;
    n->our_ref = a->p.our_ref;
    if (!waits)
        return;
    if (is_open(&a->p) && a->p.expires_ms + GRACE_MS <= now_ms) {
        n->says = SAYS_EXPIRED;
    } else if (n->says == SAYS_UNKNOWN && strcmp(a->p.provider, "omise") == 0 &&
               a->p.started_ms + MINUTE / 2 < now_ms) {
        n->says = SAYS_FAILED;
        n->fail_code = "provider";
    }
}

static enum err call(struct till *t, struct cx *cx, const struct asking *a, struct gateway_news *n)
{
    const struct gateway_payment gp = till_gateway_payment(&a->p);
    struct gateway *g = till_gateway(t, a->shop_id, a->p.provider);
    if (!g)
        return problem(cx, ERR_PAY_DOWN, "the shop has no gateway for it");
    t->count.asked++;
    enum err e = is_over(a, cx->now_ms) ? g->way->close(g, cx, &gp, n) : g->way->ask(g, cx, &gp, n);
    till_gateway_end(t, g);
    t->count.ask_errors += e != ERR_OK;
    return e;
}

static enum err ask_one(struct till *t, struct cx *cx, const struct asking *a)
{
    struct gateway_news n = {.our_ref = NULL};
    struct till_done done;
    enum err e = call(t, cx, a, &n);
    bool ended = is_open(&a->p) && a->p.expires_ms + GRACE_MS <= cx->now_ms;
    if (e && !ended)
        return e;
    if (e)
        n = (struct gateway_news){.says = SAYS_UNKNOWN};
    judge(a, cx->now_ms, &n);
    enum err applied = till_apply_do(t, cx, a->p.id, &n, &done);
    return e ? e : applied;
}

enum err till_ask_payment(struct till *t, struct cx *cx, int64_t payment_id)
{
    struct asking a;
    enum err e = read_one(t, cx, payment_id, &a);
    return e ? e : ask_one(t, cx, &a);
}

/* ---- a round ---- */

struct claim {
    int64_t payment_id, seen_ms, to_ms;
    bool mine;
};

static enum err claim_job(struct tx *tx, void *arg)
{
    struct claim *c = arg;
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_ask_claim, ARGS(V(c->to_ms), V(c->payment_id), V(c->seen_ms)), &changed);
    c->mine = changed == 1;
    return e;
}

static enum err later_job(struct tx *tx, void *arg)
{
    const struct claim *c = arg;
    return db_do(tx->db, &SQL_ask_later, ARGS(c->to_ms ? V(c->to_ms) : VNULL, V(c->payment_id)),
                 NULL);
}

static void say_slow(struct till *t, const struct cx *cx, const struct payment *p, enum err e)
{
    int64_t more = 0;
    if (log_pace(&t->slow_log, clock_mono_ms(), &more))
        log_warn("a payment could not be asked about", LOG_S("payment", p->public_id),
                 LOG_S("provider", p->provider), LOG_S("err", err_api(e)),
                 LOG_S("why", cx->problem), LOG_I("more", more));
}

/* ERR_OK too when another process has it. */
static enum err ask_due(struct till *t, struct cx *cx, int64_t payment_id, int64_t seen_ms)
{
    struct asking a;
    struct claim c = {payment_id, seen_ms, cx->now_ms + LEASE_MS, false};
    enum err e = store_do(t->set.store, cx, "till.claim", claim_job, &c);
    if (e || !c.mine)
        return e;
    e = read_one(t, cx, payment_id, &a);
    if (e)
        return e; /* the lease runs out */
    e = ask_one(t, cx, &a);
    if (!e)
        return ERR_OK;
    say_slow(t, cx, &a.p, e);
    c.to_ms = again_at(&a.p, cx->now_ms);
    (void)!store_do(t->set.store, cx, "till.later", later_job, &c);
    return e;
}

struct dues {
    int64_t ids[ASKS_PER_ROUND], at[ASKS_PER_ROUND];
    size_t n;
};

static enum err read_dues(struct till *t, const struct cx *cx, const char *provider, struct dues *d)
{
    struct db *db = NULL;
    enum err e = store_read(t->set.store, &db);
    if (e)
        return e;
    struct rows r =
        db_rows(db, &SQL_asks_due, ARGS(V(cx->now_ms), V(provider), V((int64_t)ASKS_PER_ROUND)));
    while (d->n < ASKS_PER_ROUND && rows_next(&r, NULL, COLS(C(&d->ids[d->n]), C(&d->at[d->n]))))
        d->n++;
    e = rows_end(&r);
    store_read_end(db);
    return e;
}

/* One that does not answer is left alone for a while: the other's payments do not wait for it. */
static void ask_provider(struct till *t, struct cx *cx, const char *provider, int64_t *paused_ms)
{
    struct dues d = {.n = 0};
    int64_t mono = till_mono_ms(t);
    if (*paused_ms > cx->now_ms)
        return;
    enum err e = read_dues(t, cx, provider, &d);
    for (size_t i = 0; !e && i < d.n; i++) {
        struct cx one = {.arena = arena_make(TILL_ARENA), .now_ms = cx->now_ms};
        e = one.arena ? ask_due(t, &one, d.ids[i], d.at[i]) : ERR_NO_MEMORY;
        arena_free(one.arena);
        till_go_on(t, cx, &mono);
        if (e == ERR_PAY_DOWN) /* a shop without keys by now keeps nobody else waiting */
            e = ERR_OK;
    }
    if (e)
        *paused_ms = cx->now_ms + PAUSE_MS;
}

void till_asks_round(struct till *t, struct cx *cx)
{
    static const char *const providers[TILL_PROVIDERS] = {"ecpay", "omise"};
    struct db *db = NULL;
    int64_t waiting = 0;
    for (int i = 0; i < TILL_PROVIDERS; i++)
        ask_provider(t, cx, providers[i], &t->paused_ms[i]);
    enum err e = store_read(t->set.store, &db);
    if (!e)
        e = db_i64(db, &SQL_asks_waiting, ARGS(V(cx->now_ms)), &waiting);
    store_read_end(db);
    if (!e)
        t->count.asks_waiting = waiting;
}
