#include "base/test.h"

#include "base/arena.h"
#include "base/log.h"
#include "till/model_testkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANT_FIRST = 1000, UNITS = 9 };

/* ---- chance and words ---- */

uint32_t model_pick(struct world *w, uint32_t below)
{
    return bank_pick(&w->seed, below);
}

void model_say(struct world *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = snprintf(w->log + w->log_len, sizeof w->log - w->log_len, "%3d  ", w->steps);
    w->log_len += n > 0 ? (size_t)n : 0;
    if (w->log_len < sizeof w->log)
        n = vsnprintf(w->log + w->log_len, sizeof w->log - w->log_len, fmt, args);
    va_end(args);
    w->log_len += n > 0 ? (size_t)n : 0;
    if (w->log_len + 1 < sizeof w->log)
        w->log[w->log_len++] = '\n';
    if (w->log_len >= sizeof w->log)
        w->log_len = 0; /* the newest are kept */
}

void model_fail(struct world *w, const char *fmt, ...)
{
    char why[400];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    w->log[w->log_len] = '\0';
    (void)fprintf(stderr, "%sseed %u (NM_MODEL_SEED=%u plays it again): %s\n", w->log,
                  w->first_seed, w->first_seed, why);
    fail();
    abort();
}

struct cx model_cx(const struct world *w)
{
    struct cx cx = {.arena = arena_make(1 << 20), .now_ms = w->t->cx->now_ms};
    assert_non_null(cx.arena);
    return cx;
}

int64_t model_number(struct world *w, const struct sql *q, const struct val *args)
{
    struct db *db;
    int64_t n = 0;
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    enum err e = db_i64(db, q, args, &n);
    store_read_end(db);
    if (e)
        model_fail(w, "%s gives nothing", q->name);
    return n;
}

/* ---- the world ---- */

static enum err make_gateway(void *arg, struct cx *cx, enum pay_account a,
                             const struct pay_keys *keys, struct gateway **ret_gateway)
{
    struct world *w = arg;
    (void)cx;
    (void)keys;
    if (a != ACCOUNT_ECPAY && a != ACCOUNT_OMISE)
        return ERR_INPUT;
    *ret_gateway = bank_gateway(&w->banks[a == ACCOUNT_ECPAY ? ECPAY : OMISE]);
    return ERR_OK;
}

/* Time moves by hand alone. */
static int64_t still(void *arg)
{
    (void)arg;
    return 0;
}

static void open_till(struct world *w)
{
    const struct till_setup setup = {.store = w->t->k->t->store,
                                     .watch = &w->t->k->watch,
                                     .accounts = &w->accounts,
                                     .public_url = "https://shop.example",
                                     .make = make_gateway,
                                     .fetch = bank_fetch,
                                     .mono_ms = still,
                                     .arg = w};
    struct cx cx = model_cx(w);
    assert_int_equal(till_make(&cx, &setup, &w->till), ERR_OK);
    arena_free(cx.arena);
    const struct orders_setup orders = {.store = w->t->k->t->store,
                                        .watch = &w->t->k->watch,
                                        .pay = till_table(w->till),
                                        .key = w->t->key};
    assert_int_equal(orders_make(&orders, &w->t->o), ERR_OK);
    till_join(w->till, w->t->o);
    struct refunds_setup refunds = {
        .store = w->t->k->t->store, .orders = w->t->o, .pay = till_table(w->till)};
    refunds_of_till(w->till, &refunds);
    assert_int_equal(refunds_make(&refunds, &w->refunds), ERR_OK);
}

static void close_till(struct world *w)
{
    refunds_free(w->refunds);
    till_free(w->till);
    orders_free(w->t->o);
    w->t->o = NULL;
}

struct world *model_make(int64_t *seen)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    log_set_level(LOG_ERROR);
    w->t = test_orders_make();
    orders_free(w->t->o);
    w->accounts.secret_key = w->t->key;
    (void)snprintf(w->accounts.env[ACCOUNT_ECPAY].name, PAY_KEY_MAX, "2000132");
    (void)snprintf(w->accounts.env[ACCOUNT_OMISE].name, PAY_KEY_MAX, "pkey_test_1");
    w->thai_address = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "name", "Somchai", "phone",
                                "081 234 5678", "postcode", "10110", "city", "Bangkok", "district",
                                "Watthana", "subdistrict", "Khlong Toei", "line", "1/23 Soi 5");
    for (int i = 0; i < 2; i++)
        w->banks[i] = (struct bank){.provider = i == ECPAY ? "ecpay" : "omise",
                                    .currency = i == ECPAY ? "TWD" : "THB",
                                    .seed = &w->seed};
    w->sequence = -1;
    w->seen = seen;
    open_till(w);
    return w;
}

static const struct sql kinds = {"model_kinds",
                                 "SELECT count(*) FROM money_entry WHERE kind = $1 AND line = 1"};

void model_free(struct world *w)
{
    for (int i = 0; i < LEDGER_KIND_COUNT; i++)
        w->seen[i] += model_number(w, &kinds, ARGS(V(ledger_kind_name((enum ledger_kind)i))));
    refunds_free(w->refunds);
    till_free(w->till);
    json_decref(w->thai_address);
    test_orders_free(w->t); /* orders too, after everything was checked again */
    free(w);
}

void model_restart(struct world *w)
{
    close_till(w);
    open_till(w);
}

int64_t model_variant(const struct world *w, int i)
{
    return VARIANT_FIRST + 2 * (int64_t)w->sequence + i;
}

static void thai_price(struct world *w, int64_t variant)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO price (variant_id, market, amount) VALUES (%" PRId64
                   ", 'TH', 10000)",
                   variant);
    test_exec(w->t->k->t, sql);
}

/* Two of three times something is wrong there. */
bool model_weather(struct world *w, struct bank *b)
{
    static const struct bank_faults fair = {.at_once = 40}, bad = {.down = 15,
                                                                   .lose = 25,
                                                                   .crash = 20,
                                                                   .slow = 30,
                                                                   .refuse = 25,
                                                                   .not_now = 15,
                                                                   .by_hand = 8,
                                                                   .at_once = 40};
    bool is_bad = model_pick(w, 3) != 0;
    b->faults = is_bad ? bad : fair;
    return is_bad;
}

void model_begin(struct world *w, uint32_t seed)
{
    w->sequence++;
    w->first_seed = w->seed = seed;
    w->order_count = w->note_count = w->steps = 0;
    w->log_len = 0;
    for (int i = 0; i < 2; i++) {
        struct bank *b = &w->banks[i];
        b->trade_count = b->refund_count = 0;
        b->wrong[0] = '\0';
        (void)model_weather(w, b);
        test_variant(w->t->k, model_variant(w, i), UNITS);
        thai_price(w, model_variant(w, i));
    }
}

/* ---- buyers ---- */

static enum err quote(struct world *w, struct cx *cx, const struct model_order *o,
                      const char *method, json_t **ret_quote)
{
    struct db *db;
    const struct room_who who = test_buyer(o->viewer);
    const struct cart_ref ref = {.shop = "one", .market = o->thai ? "TH" : "TW"};
    const struct quote_ask ask = {.pay_method = method};
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    enum err e = quote_read(w->t->o, db, cx, &who, &ref, &ask, ret_quote);
    store_read_end(db);
    return e;
}

const char *model_method(struct world *w, bool thai)
{
    static const char *const tw[] = {"ecpay_card", "ecpay_atm", "ecpay_twqr", "ecpay_cvs"};
    static const char *const th[] = {"omise_card", "omise_promptpay", "omise_truemoney",
                                     "omise_linepay"};
    uint32_t i = model_pick(w, 4);
    return thai ? th[i] : tw[i];
}

enum err model_checkout(struct world *w, struct cx *cx, struct model_order *o, const char *method)
{
    json_t *priced = NULL, *order = NULL;
    char idem[32];
    bool again;
    const struct room_who who = test_buyer(o->viewer);
    enum err e = quote(w, cx, o, method, &priced);
    if (e)
        return e;
    (void)snprintf(idem, sizeof idem, "m%d_%d", w->sequence, ++w->numbers);
    const struct checkout ask = {.cart = {.cart = test_text(priced, "cart")},
                                 .quote_hash = test_text(priced, "quote_hash"),
                                 .pay_method = method,
                                 .address = o->thai ? w->thai_address : w->t->address,
                                 .invoice = w->t->invoice,
                                 .consent = {true, true, true, false, w->t->exempt},
                                 .idem = idem};
    e = order_checkout(w->t->o, cx, &who, &ask, &order, &again);
    if (!e)
        (void)snprintf(o->no, sizeof o->no, "%s", test_text(order, "no"));
    json_decref(order);
    json_decref(priced);
    return e;
}

/* ---- what must be true ---- */

static void list_differences(struct world *w, struct db *db, struct cx *cx,
                             const struct reconcile_list *list)
{
    struct reconcile_report r = {.count = 0};
    assert_int_equal(reconcile_run(db, cx, list, 0, &r), ERR_OK);
    if (r.count)
        model_fail(w, "%s: %s %" PRId64 " is %" PRId64 ", not %" PRId64, r.items[0].check->name,
                   r.items[0].check->of, r.items[0].id, r.items[0].found, r.items[0].want);
}

/* What our books say of one payment. */
struct book {
    const char *our_ref, *provider, *state, *currency, *order, *order_currency, *kind;
    int64_t amount, refunded, total, done, moving, failed, by_hand, queued_by_hand;
};

static const struct sql books = {
    "model_books",
    "SELECT p.our_ref, p.provider, p.state, p.currency, o.state, o.currency, p.amount, p.refunded,"
    " o.total,"
    " CAST(COALESCE(sum(CASE WHEN r.state = 'done' AND r.manual = 0 THEN r.amount ELSE 0 END), 0)"
    " AS BIGINT),"
    " CAST(COALESCE(sum(CASE WHEN r.state = 'sent' AND r.manual = 0 THEN r.amount ELSE 0 END), 0) "
    "AS BIGINT),"
    " CAST(COALESCE(sum(CASE WHEN r.state = 'failed' THEN r.amount ELSE 0 END), 0) AS BIGINT),"
    " CAST(COALESCE(sum(CASE WHEN r.state = 'done' AND r.manual = 1 THEN r.amount ELSE 0 END), 0)"
    " AS BIGINT),"
    " CAST(COALESCE(sum(CASE WHEN r.state IN ('queued', 'sent') AND r.manual = 1 THEN r.amount "
    "ELSE 0 END), 0)"
    " AS BIGINT),"
    " COALESCE((SELECT min(e.kind) FROM money_entry e WHERE e.payment_id = p.id AND e.line = 1"
    " AND e.refund_id IS NULL), '')"
    " FROM payment p JOIN orders o ON o.id = p.order_id LEFT JOIN refund r ON r.payment_id = p.id"
    " WHERE o.viewer_id > $1 AND o.viewer_id <= $2 AND p.provider <> 'cod'"
    " GROUP BY p.id, p.our_ref, p.provider, p.state, p.currency, o.state, o.currency, p.amount,"
    " p.refunded, o.total LIMIT 200"};

static bool one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static bool counts(const struct book *b)
{
    static const char *const list[] = {"paid", "part_refunded", "collected", "settled", NULL};
    return one_of(b->state, list);
}

static bool came(const struct book *b)
{
    return counts(b) || strcmp(b->state, "refunded") == 0 || strcmp(b->state, "orphaned") == 0;
}

static bool stands(const struct book *b)
{
    return strcmp(b->order, "confirmed") == 0 || strcmp(b->order, "completed") == 0;
}

static struct bank *bank_of_book(struct world *w, const struct book *b)
{
    return &w->banks[strcmp(b->provider, "omise") == 0 ? OMISE : ECPAY];
}

/* One that never went to the bank waits for nothing. */
static bool begun(struct world *w, const struct book *b)
{
    return bank_find(bank_of_book(w, b), b->our_ref) != NULL;
}

/* No money in the books that the bank does not have, and none back that the bank has not paid. */
static void check_book(struct world *w, const struct book *b)
{
    struct bank *bank = bank_of_book(w, b);
    const struct bank_trade *t = bank_find(bank, b->our_ref);
    if (!t) {
        if (came(b))
            model_fail(w, "%s is %s, and the bank does not know it", b->our_ref, b->state);
        return;
    }
    int64_t back = 0;
    for (int i = 0; i < bank->refund_count; i++)
        if (&bank->trades[bank->refunds[i].trade] == t &&
            bank->refunds[i].state == BANK_REFUND_DONE)
            back += bank->refunds[i].amount;
    if (came(b) && t->state != BANK_PAID)
        model_fail(w, "%s is %s, and nobody paid it", b->our_ref, b->state);
    if (came(b) && (b->amount != t->paid || strcmp(b->currency, t->currency) != 0))
        model_fail(w, "%s says %" PRId64 " %s came, the bank %" PRId64 " %s", b->our_ref, b->amount,
                   b->currency, t->paid, t->currency);
    if (counts(b) && (b->amount != b->total || strcmp(b->currency, b->order_currency) != 0))
        model_fail(w, "%s counts and is not what was to be paid", b->our_ref);
    if (counts(b) && strncmp(b->kind, "paid", 4) != 0)
        model_fail(w, "%s counts, and its money came as %s", b->our_ref, b->kind);
    if (b->done > back)
        model_fail(w, "%s says %" PRId64 " went back, the bank %" PRId64, b->our_ref, b->done,
                   back);
    if (back > b->done + b->moving)
        model_fail(w, "%s: the bank paid %" PRId64 " back, the books know of %" PRId64, b->our_ref,
                   back, b->done + b->moving);
}

static void each_book(struct world *w, struct db *db, struct cx *cx,
                      void (*look)(struct world *w, const struct book *b))
{
    struct book b;
    int64_t first = (int64_t)w->sequence * MODEL_BUYERS;
    struct rows r = db_rows(db, &books, ARGS(V(first), V(first + MODEL_BUYERS)));
    while (rows_next(&r, cx->arena,
                     COLS(C(&b.our_ref), C(&b.provider), C(&b.state), C(&b.currency), C(&b.order),
                          C(&b.order_currency), C(&b.amount), C(&b.refunded), C(&b.total),
                          C(&b.done), C(&b.moving), C(&b.failed), C(&b.by_hand),
                          C(&b.queued_by_hand), C(&b.kind))))
        look(w, &b);
    assert_int_equal(rows_end(&r), ERR_OK);
}

/* An order stands only on money: of a payment that came for it, whatever went back since. */
static const struct sql baseless = {
    "model_baseless",
    "SELECT count(*) FROM orders o WHERE o.state IN ('confirmed', 'completed') AND o.total > 0"
    " AND NOT EXISTS (SELECT 1 FROM payment p JOIN money_entry e ON e.payment_id = p.id"
    " WHERE p.order_id = o.id AND e.line = 1 AND e.kind IN ('paid', 'paid_late'))"
    " AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.provider = 'cod')"};

static void check_all(struct world *w, void (*look)(struct world *w, const struct book *b))
{
    struct cx cx = model_cx(w);
    struct db *db;
    int64_t n = 0;
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    list_differences(w, db, &cx, &order_checks);
    list_differences(w, db, &cx, &stock_checks);
    each_book(w, db, &cx, look);
    assert_int_equal(db_i64(db, &baseless, ARGS(), &n), ERR_OK);
    store_read_end(db);
    arena_free(cx.arena);
    if (n)
        model_fail(w, "%" PRId64 " orders stand, and no money came for them", n);
    for (int i = 0; i < 2; i++)
        if (w->banks[i].wrong[0])
            model_fail(w, "asked of %s: %s", w->banks[i].provider, w->banks[i].wrong);
}

void model_check(struct world *w)
{
    check_all(w, check_book);
}

/* ---- at the end ---- */

static void check_book_end(struct world *w, const struct book *b)
{
    check_book(w, b);
    if (strcmp(b->order, "awaiting_payment") == 0)
        model_fail(w, "an order waits for ever");
    if (strcmp(b->state, "pending") == 0 || (strcmp(b->state, "created") == 0 && begun(w, b)))
        model_fail(w, "%s is %s for ever", b->our_ref, b->state);
    if (b->moving)
        model_fail(w, "%s: a refund is on its way for ever", b->our_ref);
    if (!came(b))
        return;
    int64_t gone = b->done + b->by_hand, waits = b->failed + b->queued_by_hand;
    if (counts(b) && stands(b) && gone + b->queued_by_hand == b->refunded)
        return;
    if (gone == b->amount || gone + waits >= b->amount)
        return; /* went back, or staff have it in their lists */
    model_fail(w, "%s: %" PRId64 " of %" PRId64 " is nowhere (%s, order %s)", b->our_ref,
               b->amount - gone, b->amount, b->state, b->order);
}

static const struct sql known = {
    "model_known",
    "SELECT count(*) FROM payment WHERE our_ref = $1 AND state IN ('paid', 'part_refunded',"
    " 'refunded', 'orphaned')"};

void model_check_end(struct world *w)
{
    struct db *db;
    int64_t bad = 0;
    check_all(w, check_book_end);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < w->banks[i].trade_count; j++) {
            const struct bank_trade *t = &w->banks[i].trades[j];
            if (t->state == BANK_PAID &&
                model_number(w, &known, ARGS(V((const char *)t->our_ref))) != 1)
                model_fail(w, "%s was paid, and the books do not know it", t->our_ref);
        }
    assert_int_equal(store_read(w->t->k->t->store, &db), ERR_OK);
    assert_int_equal(ledger_verify(db, 1, &bad), ERR_OK);
    store_read_end(db);
    if (bad)
        model_fail(w, "the ledger's chain breaks at %" PRId64, bad);
}
