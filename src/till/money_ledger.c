/* The ledger as staff see it, as a table for spreadsheets, and the figures of a shop. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/csv.h"
#include "base/text.h"
#include "pay/ledger.h"
#include "store/store.h"
#include "till/check.h"
#include "till/money.sql.h"
#include "till/money_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CSV_SLICE = 200, CSV_ARENA = 512 * 1024, CURRENCIES_MAX = 20, DAY_CHARS = 10 };
#define DAY_MS INT64_C(86400000)

/* ---- the span ---- */

/* Days are of the clock where the shop sells: Taipei, or Bangkok. */
static enum err zone_of(struct db *db, struct cx *cx, int64_t shop_id, const char **ret_zone)
{
    const char *market = "TW";
    enum err e = db_row(db, cx->arena, &SQL_money_first_market, ARGS(V(shop_id)), COLS(C(&market)));
    *ret_zone = !e && strcmp(market, "TH") == 0 ? "+07:00" : "+08:00";
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err read_time(struct cx *cx, const char *name, const char *text, const char *zone,
                          int64_t *ret_ms, bool *ret_day)
{
    char full[40];
    *ret_day = strlen(text) == DAY_CHARS && text[4] == '-';
    if (*ret_day)
        (void)snprintf(full, sizeof full, "%.10sT00:00:00%s", text, zone);
    if (*ret_day ? clock_parse(full, ret_ms) : text_i64(text, 0, INT64_MAX / 2, ret_ms))
        return problem(cx, ERR_INPUT, "'%s' must be a day or Unix milliseconds", name);
    return ERR_OK;
}

/* from <= at < to; 0: open. */
static enum err read_span(struct db *db, struct cx *cx, const struct money_filter *f,
                          int64_t *ret_from, int64_t *ret_to)
{
    const char *zone;
    bool day;
    *ret_from = *ret_to = 0;
    enum err e = zone_of(db, cx, f->shop_id, &zone);
    if (!e && f->from)
        e = read_time(cx, "from", f->from, zone, ret_from, &day);
    if (!e && f->to) {
        e = read_time(cx, "to", f->to, zone, ret_to, &day);
        *ret_to += !e && day ? DAY_MS : 0;
    }
    return e;
}

/* ---- rows ---- */

static json_t *row_json(const struct ledger_row *w)
{
    char hex[2 * SHA256_LEN + 1] = "";
    if (w->chain.len == SHA256_LEN)
        crypto_hex(w->chain.p, SHA256_LEN, hex);
    return json_pack("{s:I,s:I,s:s,s:s,s:s,s:o,s:s,s:s,s:s?,s:s}", "no", (json_int_t)w->no, "at",
                     (json_int_t)w->at_ms, "kind", w->kind, "into", w->into, "out_of", w->out_of,
                     "amount", money_of(w->amount, w->currency), "order", w->order_no, "payment",
                     w->payment, "refund", w->refund, "chain", hex);
}

static enum err rows_json(struct db *db, struct cx *cx, const struct ledger_filter *f,
                          json_t **ret_items, size_t *ret_count, int64_t *ret_last)
{
    struct ledger_row *rows = arena_array(cx->arena, struct ledger_row, LEDGER_PAGE);
    size_t n = 0;
    enum err e = rows ? ledger_read(db, cx->arena, f, rows, &n) : ERR_NO_MEMORY;
    if (e)
        return e;
    *ret_items = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(*ret_items, row_json(&rows[i]));
    *ret_count = n;
    *ret_last = n ? rows[n - 1].no : 0;
    return ERR_OK;
}

enum err money_entries_of(struct db *db, struct cx *cx, int64_t shop_id, int64_t payment_id,
                          json_t **ret_list)
{
    size_t n;
    int64_t last;
    const struct ledger_filter f = {.shop_id = shop_id, .payment_id = payment_id};
    return rows_json(db, cx, &f, ret_list, &n, &last);
}

static enum err balances_json(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_list)
{
    struct ledger_balance list[LEDGER_BALANCES_MAX];
    size_t n = 0;
    enum err e = ledger_balances(db, cx->arena, shop_id, list, &n);
    if (e)
        return e;
    *ret_list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(*ret_list,
                                    json_pack("{s:s,s:o}", "account", list[i].account, "amount",
                                              money_of(list[i].amount, list[i].currency)));
    return ERR_OK;
}

static json_t *head_json(struct db *db, struct cx *cx, int64_t shop_id)
{
    struct ledger_row *newest = arena_array(cx->arena, struct ledger_row, LEDGER_PAGE);
    const struct ledger_filter f = {.shop_id = shop_id};
    char hex[2 * SHA256_LEN + 1] = "";
    size_t n = 0;
    if (!newest || ledger_read(db, cx->arena, &f, newest, &n) || !n ||
        newest[0].chain.len != SHA256_LEN)
        return json_null();
    crypto_hex(newest[0].chain.p, SHA256_LEN, hex);
    return json_pack("{s:I,s:s}", "no", (json_int_t)newest[0].no, "chain", hex);
}

enum err money_ledger(struct db *db, struct cx *cx, const struct money_filter *f, json_t **ret_page)
{
    struct ledger_filter span = {.shop_id = f->shop_id};
    int64_t before, limit, last = 0;
    size_t n = 0;
    json_t *items = NULL, *balances = NULL, *page = NULL;
    enum err e = money_cursor(cx, f, &before, &limit);
    if (!e)
        e = read_span(db, cx, f, &span.from_ms, &span.to_ms);
    span.before_no = f->cursor ? before : 0;
    if (!e)
        e = balances_json(db, cx, f->shop_id, &balances);
    if (!e)
        e = rows_json(db, cx, &span, &items, &n, &last);
    if (!e)
        e = money_page(cx, items, n, LEDGER_PAGE, last, &page);
    if (e) {
        json_decref(balances);
        return e;
    }
    (void)json_object_set_new(page, "balances", balances);
    (void)json_object_set_new(page, "head", head_json(db, cx, f->shop_id));
    *ret_page = page;
    return ERR_OK;
}

/* ---- CSV ---- */

static void add_row(struct buf *out, const struct ledger_row *w)
{
    char hex[2 * SHA256_LEN + 1] = "", at[CLOCK_TEXT];
    if (w->chain.len == SHA256_LEN)
        crypto_hex(w->chain.p, SHA256_LEN, hex);
    clock_text_ms(w->at_ms, at);
    csv_i64(out, w->no);
    csv_text(out, at);
    csv_text(out, w->kind);
    csv_text(out, w->into);
    csv_text(out, w->out_of);
    csv_i64(out, w->amount);
    csv_text(out, w->currency);
    csv_text(out, w->order_no);
    csv_text(out, w->payment);
    csv_text(out, w->refund ? w->refund : "");
    csv_text(out, hex);
    csv_row_end(out);
}

static enum err csv_slice(struct db *db, const struct ledger_filter *f, int64_t *no,
                          struct buf *out, size_t *ret_count)
{
    struct arena *arena = arena_make(CSV_ARENA);
    struct ledger_row w;
    struct blob chain;
    size_t n = 0;
    if (!arena)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_money_span,
                            ARGS(V(f->shop_id), V(*no), V(f->from_ms),
                                 V(f->to_ms ? f->to_ms : INT64_MAX), V((int64_t)CSV_SLICE)));
    while (
        rows_next(&r, arena,
                  COLS(C(&w.no), C(&w.amount), C(&w.at_ms), C(&w.kind), C(&w.into), C(&w.out_of),
                       C(&w.currency), C(&w.order_no), C(&w.payment), C(&w.refund), C(&chain)))) {
        w.chain.p = chain.p;
        w.chain.len = chain.len;
        add_row(out, &w);
        *no = w.no;
        n++;
    }
    enum err e = rows_end(&r);
    arena_free(arena);
    *ret_count = n;
    return e;
}

enum err money_ledger_csv(struct db *db, struct cx *cx, const struct money_filter *f,
                          struct buf *out)
{
    static const char *const heads[] = {"no",      "at",     "kind",     "into",
                                        "out_of",  "amount", "currency", "order",
                                        "payment", "refund", "chain"};
    struct ledger_filter span = {.shop_id = f->shop_id};
    size_t n = 0, all = 0;
    int64_t no = 0;
    enum err e = read_span(db, cx, f, &span.from_ms, &span.to_ms);
    if (e)
        return e;
    csv_begin(out);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        csv_text(out, heads[i]);
    csv_row_end(out);
    do {
        e = csv_slice(db, &span, &no, out, &n);
        all += n;
    } while (!e && n == CSV_SLICE && all <= MONEY_CSV_MAX);
    if (!e && all > MONEY_CSV_MAX)
        e = problem(cx, ERR_TOO_LARGE, "more than %d rows: ask for fewer days", MONEY_CSV_MAX);
    return e ? e : buf_err(out);
}

/* ---- figures ---- */

static enum err refund_figures(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret)
{
    const char *state;
    bool manual;
    int64_t n, queued = 0, sent = 0, failed = 0, by_hand = 0;
    struct rows r = db_rows(db, &SQL_money_refund_count, ARGS(V(shop_id)));
    while (rows_next(&r, cx->arena, COLS(C(&state), C(&manual), C(&n)))) {
        bool waits = strcmp(state, "queued") == 0;
        queued += waits ? n : 0;
        by_hand += waits && manual ? n : 0;
        sent += strcmp(state, "sent") == 0 ? n : 0;
        failed += strcmp(state, "failed") == 0 ? n : 0;
    }
    enum err e = rows_end(&r);
    if (!e)
        *ret =
            json_pack("{s:I,s:I,s:I,s:I}", "queued", (json_int_t)queued, "sent", (json_int_t)sent,
                      "failed", (json_int_t)failed, "manual", (json_int_t)by_hand);
    return e;
}

static enum err orphan_figure(struct db *db, struct cx *cx, int64_t shop_id, int64_t *ret_open)
{
    const char *currency;
    int64_t open, back, count;
    *ret_open = 0;
    struct rows r =
        db_rows(db, &SQL_money_orphan_sums, ARGS(V(shop_id), V((int64_t)CURRENCIES_MAX)));
    while (rows_next(&r, cx->arena, COLS(C(&currency), C(&open), C(&back), C(&count))))
        *ret_open += count;
    return rows_end(&r);
}

/* The start of the day that it is where the shop sells. */
static int64_t today(const char *zone, int64_t now_ms)
{
    int64_t offset = (zone[2] - '0') * INT64_C(3600000);
    return (now_ms + offset) / DAY_MS * DAY_MS - offset;
}

static json_t *figures_json(const struct money_watch *watch, const int64_t count[4],
                            int64_t orphans, json_t *refunds, json_t *balances)
{
    int64_t differences = 0, checked = 0;
    if (watch)
        money_watch_read(watch, &differences, &checked);
    return json_pack("{s:{s:I,s:I},s:o,s:{s:I},s:{s:I,s:I},s:o,s:o,s:o}", "payments", "pending",
                     (json_int_t)count[0], "paid_today", (json_int_t)count[1], "refunds", refunds,
                     "orphans", "open", (json_int_t)orphans, "inbox", "new", (json_int_t)count[2],
                     "failed", (json_int_t)count[3], "differences",
                     checked ? json_integer(differences) : json_null(), "checked_at",
                     money_ms(checked), "balances", balances);
}

enum err money_figures(struct db *db, struct cx *cx, const struct money_watch *watch,
                       int64_t shop_id, json_t **ret_figures)
{
    const char *zone;
    int64_t count[4], orphans = 0;
    json_t *refunds = NULL, *balances = NULL;
    enum err e = zone_of(db, cx, shop_id, &zone);
    if (!e)
        e = db_row(db, NULL, &SQL_money_count, ARGS(V(shop_id), V(today(zone, cx->now_ms))),
                   COLS(C(&count[0]), C(&count[1]), C(&count[2]), C(&count[3])));
    if (!e)
        e = orphan_figure(db, cx, shop_id, &orphans);
    if (!e)
        e = refund_figures(db, cx, shop_id, &refunds);
    if (!e)
        e = balances_json(db, cx, shop_id, &balances);
    if (e) {
        json_decref(refunds);
        return e;
    }
    *ret_figures = figures_json(watch, count, orphans, refunds, balances);
    return *ret_figures ? ERR_OK : ERR_NO_MEMORY;
}
