/* E-invoices: made with the order, issued once, voided or reduced by what goes back. */
#include "base/test.h"

#include "base/arena.h"
#include "base/clock.h"
#include "order/testkit.h"
#include "store/store.h"
#include "till/invoice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUG = 1, PEN = 2, ANN = 1, BOOK_MAX = 8, DAY_MS = 24 * 60 * 60 * 1000 };

/* ECPay's side: what it has of each number of ours, and how it treats the next call. */
struct book {
    char relate[24];
    int64_t amount, left;
    bool is_void;
};
enum mood { WELL, LOSE, LOSE_UNDONE, AWAY, REFUSE };

struct world {
    struct test_orders *t;
    struct pay_accounts accounts;
    struct invoices *v, *other;
    struct book book[BOOK_MAX];
    int count, issues, finds, voids, allows;
    enum mood mood;
    struct ecpay_invoice last;
    int64_t last_sum, allow_sum;
    char last_name[200], allow_name[200], carrier[20];
    int64_t allow_count, allow_items;
    bool reenter;
};
static struct world *w; /* of the test that runs: the ways have no argument */

static enum err mood(struct cx *cx)
{
    switch (w->mood) {
    case AWAY: return problem(cx, ERR_BUSY, "ECPay cannot be reached");
    case REFUSE: return problem(cx, ERR_INPUT, "手機條碼不存在 (1)");
    case LOSE_UNDONE: return problem(cx, ERR_TIMEOUT, "lost");
    case WELL:
    case LOSE: break;
    }
    return ERR_OK;
}

static enum err after(struct cx *cx)
{
    return w->mood == LOSE ? problem(cx, ERR_TIMEOUT, "lost") : ERR_OK;
}

static struct book *book_of(const char *relate)
{
    for (int i = 0; i < w->count; i++)
        if (strcmp(w->book[i].relate, relate) == 0)
            return &w->book[i];
    return NULL;
}

static struct book *book_of_number(const char *number)
{
    return &w->book[number[9] - '1']; /* the last of its eight digits */
}

static void write_made(const struct book *b, struct ecpay_invoiced *ret)
{
    (void)snprintf(ret->number, sizeof ret->number, "AB0000000%c", (char)('1' + (b - w->book)));
    (void)snprintf(ret->date, sizeof ret->date, "2026-11-23 10:00:00");
    (void)snprintf(ret->random, sizeof ret->random, "1234");
    ret->is_void = b->is_void;
    ret->left = b->left;
}

static enum err issue(struct cx *cx, const struct ecpay_service *s, const struct ecpay_invoice *ask,
                      struct ecpay_invoiced *ret)
{
    w->issues++;
    w->last = *ask;
    w->last_sum = 0;
    assert_string_equal(s->keys.merchant_id, "2000132");
    for (size_t i = 0; i < ask->count; i++)
        w->last_sum += ask->items[i].amount;
    (void)snprintf(w->last_name, sizeof w->last_name, "%s", ask->items[0].name);
    (void)snprintf(w->carrier, sizeof w->carrier, "%s", ask->carrier ? ask->carrier : "");
    if (w->reenter) /* while ECPay thinks, another process looks for work */
        invoices_tick(w->other, cx->now_ms);
    enum err e = mood(cx);
    if (e)
        return e;
    if (book_of(ask->relate_no))
        return problem(cx, ERR_INPUT, "重複 (5070357)");
    struct book *b = &w->book[w->count++];
    (void)snprintf(b->relate, sizeof b->relate, "%s", ask->relate_no);
    b->amount = b->left = ask->amount;
    write_made(b, ret);
    return after(cx);
}

static enum err find(struct cx *cx, const struct ecpay_service *s, const char *relate_no,
                     struct ecpay_invoiced *ret)
{
    (void)s;
    w->finds++;
    if (w->mood == AWAY)
        return problem(cx, ERR_BUSY, "ECPay cannot be reached");
    const struct book *b = book_of(relate_no);
    if (!b)
        return ERR_NOT_FOUND;
    write_made(b, ret);
    return ERR_OK;
}

static enum err make_void(struct cx *cx, const struct ecpay_service *s,
                          const struct ecpay_invoiced *of, const char *reason)
{
    (void)s;
    w->voids++;
    assert_true(reason[0] && of->number[0]);
    enum err e = mood(cx);
    if (e)
        return e;
    book_of_number(of->number)->is_void = true;
    return after(cx);
}

static enum err allow(struct cx *cx, const struct ecpay_service *s, const struct ecpay_invoiced *of,
                      const struct invoice_item *items, size_t count, int64_t amount,
                      char ret_number[ALLOWANCE_NUMBER])
{
    int64_t sum = 0;
    (void)s;
    w->allows++;
    for (size_t i = 0; i < count; i++)
        sum += items[i].amount;
    assert_int_equal(sum, amount);
    w->allow_sum = amount;
    w->allow_count = items[0].qty;
    w->allow_items = (int64_t)count;
    (void)snprintf(w->allow_name, sizeof w->allow_name, "%s", items[0].name);
    enum err e = mood(cx);
    if (e)
        return e;
    struct book *b = book_of_number(of->number);
    assert_true(b->left >= amount);
    b->left -= amount;
    (void)snprintf(ret_number, ALLOWANCE_NUMBER, "2026%05d", w->allows);
    return after(cx);
}

static const struct invoice_way script = {
    .issue = issue, .find = find, .make_void = make_void, .allow = allow};

/* ---- the world ---- */

static struct invoices *runner(void)
{
    struct invoices *v = NULL;
    const struct invoices_setup setup = {
        .store = w->t->k->t->store, .orders = w->t->o, .accounts = &w->accounts, .way = &script};
    assert_int_equal(invoices_make(&setup, &v), ERR_OK);
    return v;
}

static void set_account(const char *merchant)
{
    struct pay_keys *k = &w->accounts.env[ACCOUNT_ECPAY_INVOICE];
    (void)snprintf(k->name, sizeof k->name, "%s", merchant);
    (void)snprintf(k->key, sizeof k->key, "ejCk326UnaZWKisg");
    (void)snprintf(k->more, sizeof k->more, "q9jcZX8Ib9LM8wYk");
}

static int make(void **state)
{
    w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->t = test_orders_make();
    w->accounts.secret_key = w->t->key;
    set_account("2000132");
    test_variant(w->t->k, MUG, 50);
    test_variant(w->t->k, PEN, 50);
    w->v = runner();
    w->other = runner();
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct test_orders *t = w->t;
    (void)state;
    invoices_free(w->v);
    invoices_free(w->other);
    test_orders_free(t);
    free(w);
    return 0;
}

static void tick(int64_t later_ms)
{
    w->t->cx->now_ms += later_ms;
    invoices_tick(w->v, w->t->cx->now_ms);
}

static int64_t number(const char *sql)
{
    return test_number(w->t->k->t, sql);
}

static json_t *paid_order(int64_t qty)
{
    json_t *order = test_order(w->t, ANN, MUG, qty, "card");
    int64_t payment = number("SELECT id FROM payment ORDER BY id DESC LIMIT 1");
    assert_int_equal(test_paid(w->t, payment, test_amount(order, "total"), "TWD"), ERR_OK);
    return order;
}

static json_t *staff_order(const json_t *order)
{
    struct db *db;
    json_t *seen = NULL;
    const struct order_ref ref = test_ref(order);
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    enum err e = order_read_staff(db, w->t->cx, &w->t->owner, &ref, &seen);
    store_read_end(db);
    assert_int_equal(e, ERR_OK);
    return seen;
}

static void state_is(const json_t *order, const char *state)
{
    json_t *seen = staff_order(order);
    assert_string_equal(test_text(json_object_get(seen, "invoice_state"), "state"), state);
    json_decref(seen);
}

/* What the runner of refunds does with those that a person pays back. */
static void left_to_a_person(void)
{
    test_exec(w->t->k->t, "UPDATE refund SET manual = 1 WHERE state = 'queued'");
}

static void refund_lines(const json_t *order, int64_t qty, bool by_hand)
{
    static int count;
    char idem[20];
    bool again;
    json_t *after_it = NULL,
           *lines = json_pack("[{s:I,s:I}]", "no", (json_int_t)1, "qty", (json_int_t)qty);
    const struct order_ref ref = test_ref(order);
    (void)snprintf(idem, sizeof idem, "r%d", ++count);
    const struct refund_ask ask = {.lines = lines, .reason = "return", .idem = idem};
    assert_int_equal(order_refund(w->t->o, w->t->cx, &w->t->owner, &ref, &ask, &after_it, &again),
                     ERR_OK);
    json_decref(after_it);
    json_decref(lines);
    if (by_hand)
        left_to_a_person();
}

static void cancel(const json_t *order)
{
    json_t *gone = NULL;
    const struct order_ref ref = test_ref(order);
    assert_int_equal(
        order_cancel_staff(w->t->o, w->t->cx, &w->t->owner, &ref, "sold elsewhere", &gone), ERR_OK);
    json_decref(gone);
    left_to_a_person();
}

/* ---- issuing ---- */

static void paid__has_its_invoice_queued_and_issued_once(void **state)
{
    (void)state;
    json_t *order = paid_order(2);
    state_is(order, "queued");
    tick(0);
    for (int i = 0; i < 5; i++)
        tick(DAY_MS);
    assert_int_equal(w->issues, 1);
    assert_int_equal(w->last.amount, 300); /* two of 100, and 100 for sending */
    assert_int_equal(w->last_sum, 300);
    assert_int_equal(w->last.count, 2);
    assert_string_equal(w->carrier, "/ABC1234");
    json_t *seen = staff_order(order);
    const json_t *s = json_object_get(seen, "invoice_state");
    assert_string_equal(test_text(s, "state"), "issued");
    assert_string_equal(test_text(s, "number"), "AB00000001");
    assert_string_equal(test_text(s, "random"), "1234");
    json_decref(seen);
    json_decref(order);
}

static void unpaid__has_none(void **state)
{
    (void)state;
    json_t *order = test_order(w->t, ANN, MUG, 1, "card");
    tick(0);
    assert_int_equal(number("SELECT count(*) FROM invoice"), 0);
    json_decref(order);
}

static void lost__is_looked_up_and_not_issued_twice(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    w->mood = LOSE;
    tick(0);
    state_is(order, "queued");
    w->mood = WELL;
    tick(60 * 1000);
    assert_int_equal(w->issues, 1);
    assert_int_equal(w->finds, 1);
    state_is(order, "issued");
    json_decref(order);
    order = paid_order(1);
    w->mood = LOSE_UNDONE;
    tick(0);
    w->mood = WELL;
    tick(60 * 1000);
    assert_int_equal(w->issues, 3); /* it was not there, so it went again */
    assert_int_equal(w->count, 2);
    state_is(order, "issued");
    json_decref(order);
}

/* As if the program had died while ECPay was asked: the lease runs out, and the row says so. */
static void killed__is_looked_up_by_the_next(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    test_exec(w->t->k->t, "UPDATE invoice SET asked = 1, lease_until = 1120000");
    tick(0);
    assert_int_equal(w->finds + w->issues, 0);
    tick(INVOICE_LEASE_S * INT64_C(1000) + 1);
    assert_int_equal(w->finds, 1);
    assert_int_equal(w->issues, 1);
    json_decref(order);
}

static void two_runners__ask_once(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    w->reenter = true;
    tick(0);
    assert_int_equal(w->issues, 1);
    state_is(order, "issued");
    json_decref(order);
}

static enum err take_job(struct tx *tx, void *arg)
{
    return invoice_take(tx, arg, &w->reenter);
}

/* Both have read the same row; the lease of the first is the second's refusal. */
static void take__is_for_one(void **state)
{
    struct store *store = w->t->k->t->store;
    (void)state;
    json_t *order = paid_order(1);
    struct invoice_turn turn = {.id = number("SELECT id FROM invoice"),
                                .lease_until = w->t->cx->now_ms + 1000,
                                .asked = ASKED_ISSUE};
    assert_int_equal(store_do(store, w->t->cx, "test.take", take_job, &turn), ERR_OK);
    assert_true(w->reenter);
    assert_int_equal(store_do(store, w->t->cx, "test.take", take_job, &turn), ERR_OK);
    assert_false(w->reenter);
    w->t->cx->now_ms += 1000;
    turn.asked = ASKED_VOID; /* what was asked is asked about first */
    assert_int_equal(store_do(store, w->t->cx, "test.take", take_job, &turn), ERR_OK);
    assert_false(w->reenter);
    json_decref(order);
}

static void away__is_tried_again_later_each_time(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    w->mood = AWAY;
    tick(0);
    tick(1000);
    assert_int_equal(w->issues, 1);
    for (int i = 0; i < 20; i++)
        tick(60 * 1000);
    assert_in_range(w->issues, 4, 12);
    assert_int_equal(w->finds, 0); /* nothing ever left here */
    w->mood = WELL;
    tick(2 * INVOICE_WAIT_MAX_S * INT64_C(1000));
    state_is(order, "issued");
    assert_int_equal(w->count, 1);
    json_decref(order);
}

static enum err retry(const struct room_who *who, const char *id, const json_t *invoice)
{
    json_t *after_it = NULL;
    enum err e = invoice_retry(w->t->o, w->t->cx, who, id, invoice, &after_it);
    json_decref(after_it);
    return e;
}

static void refused__waits_for_staff_who_may_mend_it(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    w->mood = REFUSE;
    tick(0);
    tick(DAY_MS);
    assert_int_equal(w->issues, 1);
    json_t *seen = staff_order(order);
    const json_t *s = json_object_get(seen, "invoice_state");
    assert_string_equal(test_text(s, "state"), "error");
    assert_string_equal(test_text(s, "problem"), "手機條碼不存在 (1)");
    const char *id = test_text(s, "id");
    assert_int_equal(retry(&w->t->rival, id, NULL), ERR_NOT_FOUND);
    assert_int_equal(retry(&w->t->packer, id, NULL), ERR_FORBIDDEN);
    json_t *bad = json_pack("{s:s,s:s}", "kind", "mobile", "carrier", "ABC");
    json_t *member = json_pack("{s:s}", "kind", "member");
    assert_int_equal(retry(&w->t->owner, id, bad), ERR_INPUT);
    assert_int_equal(retry(&w->t->owner, id, member), ERR_OK);
    w->mood = WELL;
    tick(0);
    assert_string_equal(w->carrier, "");
    state_is(order, "issued");
    assert_int_equal(retry(&w->t->owner, id, NULL), ERR_TRANSITION);
    assert_int_equal(number("SELECT count(*) FROM audit WHERE action = 'invoice.retry'"), 1);
    json_decref(bad);
    json_decref(member);
    json_decref(seen);
    json_decref(order);
}

static void no_account__waits(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    set_account("");
    tick(0);
    assert_int_equal(w->issues, 0);
    state_is(order, "queued");
    set_account("2000132");
    tick(INVOICE_NO_KEYS_S * INT64_C(1000));
    state_is(order, "issued");
    json_decref(order);
}

/* ---- cash on delivery ---- */

static void cod__has_its_invoice_when_the_parcel_leaves(void **state)
{
    static const char *const out[] = {"packed", "shipped", NULL};
    (void)state;
    json_t *order = test_order(w->t, ANN, MUG, 1, "cod");
    tick(0);
    state_is(order, "none");
    char *parcel = test_parcel(w->t, order, out);
    tick(0);
    state_is(order, "issued");
    const struct parcel_set back = {.state = "returned"};
    json_t *after_it = NULL;
    assert_int_equal(parcel_edit(w->t->o, w->t->cx, &w->t->packer, parcel, &back, &after_it),
                     ERR_OK);
    tick(0);
    state_is(order, "void"); /* nobody fetched it, nobody paid */
    assert_int_equal(w->voids, 1);
    json_decref(after_it);
    free(parcel);
    json_decref(order);
}

static void cod__cancelled_before_it_left_never_has_one(void **state)
{
    (void)state;
    json_t *order = test_order(w->t, ANN, MUG, 1, "cod");
    cancel(order);
    tick(DAY_MS);
    state_is(order, "none");
    assert_int_equal(w->issues, 0);
    json_decref(order);
}

/* ---- what goes back ---- */

static void refund__of_a_part_is_an_allowance_of_its_lines(void **state)
{
    (void)state;
    json_t *order = paid_order(2);
    tick(0);
    refund_lines(order, 1, true);
    tick(0);
    state_is(order, "allowance");
    assert_int_equal(w->allow_sum, 100);
    assert_int_equal(w->allow_count, 1);
    assert_int_equal(w->allow_items, 1);
    assert_int_equal(w->book[0].left, 200);
    refund_lines(order, 1, true);
    tick(0);
    assert_int_equal(w->allows, 2);
    assert_int_equal(w->allow_count, 1);
    assert_string_equal(w->allow_name, w->last_name);
    cancel(order); /* what was paid for sending goes back as well */
    tick(0);
    assert_int_equal(w->allows, 3);
    assert_int_equal(w->book[0].left, 0);
    assert_int_equal(w->voids, 0);
    for (int i = 0; i < 3; i++)
        tick(DAY_MS);
    assert_int_equal(w->allows, 3);
    state_is(order, "allowance");
    json_decref(order);
}

static void refund__of_all_voids_in_its_two_months(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    tick(0);
    cancel(order);
    tick(0);
    state_is(order, "void");
    assert_int_equal(w->voids, 1);
    assert_int_equal(w->allows, 0);
    tick(DAY_MS);
    assert_int_equal(w->voids, 1);
    json_decref(order);
}

static void refund__of_all_is_an_allowance_after_them(void **state)
{
    (void)state;
    json_t *order = paid_order(2);
    tick(0);
    w->t->cx->now_ms += INT64_C(70) * DAY_MS;
    cancel(order);
    tick(0);
    tick(0);
    assert_int_equal(w->voids, 0);
    assert_int_equal(w->allow_sum, 300);
    assert_int_equal(w->allow_items, 2); /* the mugs, and sending them */
    state_is(order, "allowance");
    json_decref(order);
}

static void refund__before_it_is_issued_leaves_none(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    cancel(order);
    tick(0);
    tick(0);
    assert_int_equal(w->issues, 0);
    state_is(order, "void");
    json_decref(order);
    /* One whose answer was lost may be there: it is looked up, then voided. */
    order = paid_order(1);
    w->mood = LOSE;
    tick(0);
    cancel(order);
    w->mood = WELL;
    tick(60 * 1000);
    tick(60 * 1000);
    assert_int_equal(w->issues, 1);
    assert_int_equal(w->voids, 1);
    state_is(order, "void");
    json_decref(order);
}

static enum err settle_job(struct tx *tx, void *arg)
{
    int64_t id = 0;
    const struct refund_result result = {.to = REFUND_DONE};
    (void)arg;
    static const struct sql only = {"only_refund", "SELECT id FROM refund"};
    enum err e = db_i64(tx->db, &only, ARGS(), &id);
    return e ? e : order_refund_settle(w->t->o, tx, id, &result);
}

static void refund__that_is_not_paid_back_yet_is_not_heard(void **state)
{
    (void)state;
    json_t *order = test_order(w->t, ANN, MUG, 1, "wallet"); /* a gateway pays back */
    int64_t payment = number("SELECT id FROM payment ORDER BY id DESC LIMIT 1");
    assert_int_equal(test_paid(w->t, payment, test_amount(order, "total"), "TWD"), ERR_OK);
    tick(0);
    refund_lines(order, 1, false);
    tick(0);
    assert_int_equal(w->allows, 0);
    test_exec(w->t->k->t, "UPDATE refund SET state = 'sent'");
    assert_int_equal(store_do(w->t->k->t->store, w->t->cx, "test.settle", settle_job, NULL),
                     ERR_OK);
    tick(0);
    assert_int_equal(w->allows, 1);
    json_decref(order);
}

static void orphan__is_no_affair_of_the_invoice(void **state)
{
    (void)state;
    json_t *order = paid_order(1);
    tick(0);
    /* The buyer paid once more, by an older try: that goes back, the order stands. */
    test_exec(w->t->k->t,
              "INSERT INTO payment (id, public_id, order_id, provider, method, amount, currency, "
              "state, our_ref, created_at, changed_at) SELECT 77, 'pay_77', order_id, provider, "
              "method, amount, currency, 'pending', 'ref77', 1, 1 FROM payment");
    assert_int_equal(test_paid(w->t, 77, test_amount(order, "total"), "TWD"), ERR_OK);
    assert_int_equal(number("SELECT count(*) FROM refund"), 1);
    left_to_a_person();
    tick(0);
    tick(0);
    assert_int_equal(number("SELECT invoiced FROM refund"), 1);
    assert_int_equal(w->voids + w->allows, 0);
    state_is(order, "issued");
    json_decref(order);
}

static void allowance__that_was_lost_is_told_by_what_is_left(void **state)
{
    (void)state;
    json_t *order = paid_order(3);
    tick(0);
    refund_lines(order, 1, true);
    w->mood = LOSE; /* it was made */
    tick(0);
    w->mood = WELL;
    tick(60 * 1000);
    assert_int_equal(w->allows, 1);
    state_is(order, "allowance");
    refund_lines(order, 1, true);
    w->mood = LOSE_UNDONE;
    tick(0);
    w->mood = WELL;
    tick(60 * 1000);
    assert_int_equal(w->allows, 3);
    assert_int_equal(w->book[0].left, 200);
    refund_lines(order, 1, true);
    w->mood = LOSE;
    tick(0);
    w->book[0].left = 7; /* somebody was at it in ECPay's back office */
    w->mood = WELL;
    tick(60 * 1000);
    state_is(order, "error");
    assert_int_equal(w->allows, 4);
    json_decref(order);
}

static void period__is_two_months_of_taipei(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } table[] = {{"2026-11-01T00:00:00+08:00", "2026-12-31T23:59:59+08:00", true},
                 {"2026-10-31T23:59:59+08:00", "2026-11-01T00:00:00+08:00", false},
                 {"2026-12-31T23:59:59+08:00", "2027-01-01T00:00:00+08:00", false},
                 {"2027-01-01T00:00:00+08:00", "2027-02-28T23:59:59+08:00", true},
                 {"2027-02-28T23:59:59+08:00", "2027-03-01T00:00:00+08:00", false},
                 {"2028-02-29T12:00:00+08:00", "2028-01-01T00:00:00+08:00", true},
                 {"2026-11-15T00:00:00+08:00", "2027-11-15T00:00:00+08:00", false}};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int64_t a, b;
        assert_int_equal(clock_parse(table[i].a, &a), ERR_OK);
        assert_int_equal(clock_parse(table[i].b, &b), ERR_OK);
        assert_int_equal(invoice_same_period(a, b), table[i].same);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)
    static const struct CMUnitTest tests[] = {
        T(paid__has_its_invoice_queued_and_issued_once),
        T(unpaid__has_none),
        T(lost__is_looked_up_and_not_issued_twice),
        T(killed__is_looked_up_by_the_next),
        T(two_runners__ask_once),
        T(take__is_for_one),
        T(away__is_tried_again_later_each_time),
        T(refused__waits_for_staff_who_may_mend_it),
        T(no_account__waits),
        T(cod__has_its_invoice_when_the_parcel_leaves),
        T(cod__cancelled_before_it_left_never_has_one),
        T(refund__of_a_part_is_an_allowance_of_its_lines),
        T(refund__of_all_voids_in_its_two_months),
        T(refund__of_all_is_an_allowance_after_them),
        T(refund__before_it_is_issued_leaves_none),
        T(refund__that_is_not_paid_back_yet_is_not_heard),
        T(orphan__is_no_affair_of_the_invoice),
        T(allowance__that_was_lost_is_told_by_what_is_left),
        cmocka_unit_test(period__is_two_months_of_taipei),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
