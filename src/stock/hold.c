/* Units kept for one buyer: taken in one statement, ended once. */
#include "stock/hold.h"
#include "base/arena.h"
#include "stock/hold.sql.h"
#include "stock/stock_in.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const owner_names[] = {
#define X(name, text) text,
    HOLD_OWNER_TABLE(X)
#undef X
};

const char *hold_owner_name(enum hold_owner o)
{
    return owner_names[o];
}

static struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}

/* ---- taking ---- */

enum err hold_insert(struct stock_turn *turn, const struct hold_ask *ask, int64_t qty,
                     const struct turn_variant *v)
{
    int64_t now_ms = turn->tx->cx->now_ms;
    enum err e = db_do(turn->tx->db, &SQL_hold_insert,
                       ARGS(V(ask->hold_id), V(ask->variant_id), V(qty), id_or_null(ask->deal_id),
                            V(ask->viewer_id), V(owner_names[ask->owner]), V(ask->owner_id),
                            V(now_ms), V(ask->until_ms)),
                       NULL);
    const struct units_move m = {.variant_id = ask->variant_id,
                                 .d_total = v->tracked ? 0 : qty,
                                 .d_held = qty,
                                 .reason = STOCK_HOLD,
                                 .actor_id = ask->viewer_id};
    return e ? e : units_note(turn, &m);
}

/* Hand `have` units to the asks whose `of` is `id`, in their order; returns what is left over. */
static int64_t share(const struct hold_ask *ask, size_t n, struct hold_got *got, bool by_deal,
                     int64_t id, int64_t have, enum hold_short cut)
{
    for (size_t i = 0; i < n; i++) {
        if ((by_deal ? ask[i].deal_id : ask[i].variant_id) != id || got[i].qty == 0)
            continue;
        int64_t give = got[i].qty <= have ? got[i].qty : ask[i].partial ? have : 0;
        if (give < got[i].qty)
            got[i].cut = cut;
        got[i].qty = give;
        have -= give;
    }
    return have;
}

/* The sum of what is still wanted of `id`; *ret_some: a smaller sum is of use too. */
static int64_t wanted(const struct hold_ask *ask, size_t n, const struct hold_got *got,
                      bool by_deal, int64_t id, bool *ret_some)
{
    int64_t sum = 0;
    size_t asks = 0;
    *ret_some = false;
    for (size_t i = 0; i < n; i++)
        if ((by_deal ? ask[i].deal_id : ask[i].variant_id) == id && got[i].qty) {
            sum += got[i].qty;
            asks++;
            *ret_some = *ret_some || ask[i].partial;
        }
    *ret_some = *ret_some || asks > 1;
    return sum;
}

/* The next larger id among those asked for; 0: none. */
static int64_t next_id(const struct hold_ask *ask, size_t n, bool by_deal, int64_t after)
{
    int64_t next = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t id = by_deal ? ask[i].deal_id : ask[i].variant_id;
        if (id > after && (!next || id < next))
            next = id;
    }
    return next;
}

static enum err take_deals(struct stock_turn *turn, const struct hold_ask *ask, size_t n,
                           struct hold_got *got)
{
    for (int64_t id = 0; (id = next_id(ask, n, true, id)) != 0;) {
        struct deal_ask d = {.deal_id = id, .viewer_id = ask[0].viewer_id};
        for (size_t i = 0; i < n; i++) {
            d.max = ask[i].deal_id == id ? ask[i].deal_max : d.max;
            d.offered = d.offered || (ask[i].deal_id == id && ask[i].late);
        }
        d.qty = wanted(ask, n, got, true, id, &d.some);
        int64_t have;
        enum hold_short cut;
        enum err e = deal_units_take(turn, &d, &have, &cut);
        if (e)
            return e;
        int64_t over = share(ask, n, got, true, id, have, cut);
        if (over)
            e = deal_units_free(turn, id, d.viewer_id, over);
        if (e)
            return e;
    }
    return ERR_OK;
}

/* What a deal gave to asks of this variant that the variant does not have goes back to the deal. */
static enum err give_back_deals(struct stock_turn *turn, const struct hold_ask *ask, size_t n,
                                const struct hold_got *was, const struct hold_got *got)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < n; i++)
        if (ask[i].deal_id && got[i].qty < was[i].qty)
            e = deal_units_free(turn, ask[i].deal_id, ask[i].viewer_id, was[i].qty - got[i].qty);
    return e;
}

static enum err take_variant(struct stock_turn *turn, const struct hold_ask *ask, size_t n,
                             struct hold_got *got, int64_t id)
{
    bool some;
    int64_t sum = wanted(ask, n, got, false, id, &some);
    struct turn_variant v = {.id = id};
    int64_t have = 0;
    enum err e = ERR_OK;
    if (sum)
        e = units_take(turn, id, sum, some, &v, &have);
    if (e)
        return e;
    int64_t over = share(ask, n, got, false, id, have, HOLD_SOLD_OUT);
    if (over)
        e = units_free(turn, id, over, &v);
    for (size_t i = 0; !e && i < n; i++) {
        if (ask[i].variant_id != id)
            continue;
        got[i].left = v.total - v.held;
        if (got[i].qty)
            e = hold_insert(turn, &ask[i], got[i].qty, &v);
    }
    return e;
}

enum err hold_take(struct stock_turn *turn, const struct hold_ask *ask, size_t n,
                   struct hold_got *got)
{
    struct hold_got *was = NULL;
    if (n == 0 || n > HOLD_LIST_MAX)
        return problem(turn->tx->cx, ERR_INPUT, "1..%d holds at once", HOLD_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        assert(ask[i].viewer_id == ask[0].viewer_id);
        if (ask[i].qty < 1 || ask[i].qty > STOCK_QTY_MAX)
            return problem(turn->tx->cx, ERR_INPUT, "'qty' must be 1..%d", STOCK_QTY_MAX);
        got[i] = (struct hold_got){.qty = ask[i].qty};
    }
    bool deals = next_id(ask, n, true, 0) != 0;
    enum err e = deals ? take_deals(turn, ask, n, got) : ERR_OK;
    if (!e && deals) {
        was = arena_array(turn->tx->cx->arena, struct hold_got, n);
        if (!was)
            return ERR_NO_MEMORY;
        memcpy(was, got, n * sizeof *got);
    }
    for (int64_t id = 0; !e && (id = next_id(ask, n, false, id)) != 0;)
        e = take_variant(turn, ask, n, got, id);
    return e || !deals ? e : give_back_deals(turn, ask, n, was, got);
}

/* ---- reading ---- */

struct hold_row {
    struct hold h;
    const char *owner;
};

static enum err hold_of(const struct hold_row *row, struct hold *ret_hold)
{
    *ret_hold = row->h;
    for (int i = 0; i < HOLD_OWNER_COUNT; i++)
        if (strcmp(owner_names[i], row->owner) == 0) {
            ret_hold->owner = (enum hold_owner)i;
            return ERR_OK;
        }
    return ERR_STORE;
}

#define HOLD_COLS(r)                                                           \
    COLS(C(&(r).h.id), C(&(r).h.variant_id), C(&(r).h.qty), C(&(r).h.deal_id), \
         C(&(r).h.viewer_id), C(&(r).owner), C(&(r).h.owner_id), C(&(r).h.until_ms))

static enum err read_one(struct db *db, struct arena *arena, const struct sql *q,
                         const struct val *args, struct hold *ret_hold)
{
    struct hold_row row = {.owner = NULL};
    enum err e = db_row(db, arena, q, args, HOLD_COLS(row));
    return e ? e : hold_of(&row, ret_hold);
}

enum err hold_get(struct db *db, struct cx *cx, int64_t hold_id, struct hold *ret_hold)
{
    return read_one(db, cx->arena, &SQL_hold_get, ARGS(V(hold_id)), ret_hold);
}

enum err hold_due(struct db *db, struct cx *cx, size_t max, struct hold **ret_holds,
                  size_t *ret_count)
{
    struct hold *list = arena_array(cx->arena, struct hold, HOLD_DUE_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    int64_t limit = max < HOLD_DUE_MAX ? (int64_t)max : HOLD_DUE_MAX;
    size_t n = 0;
    enum err e = ERR_OK;
    struct hold_row row;
    struct rows r = db_rows(db, &SQL_hold_due, ARGS(V(cx->now_ms), V(limit)));
    while (!e && n < HOLD_DUE_MAX && rows_next(&r, cx->arena, HOLD_COLS(row)))
        e = hold_of(&row, &list[n++]);
    enum err end = rows_end(&r);
    if (e || end)
        return e ? e : end;
    *ret_holds = list;
    *ret_count = n;
    return ERR_OK;
}

enum err hold_next_due(struct db *db, int64_t *ret_ms)
{
    return db_i64(db, &SQL_hold_next_due, ARGS(), ret_ms);
}

/* ---- ending ---- */

/* Without sale: everything it had goes back. */
static enum err end(struct stock_turn *turn, int64_t hold_id, const char *state, int64_t due_ms,
                    enum stock_reason reason, struct hold *ret_hold)
{
    struct hold h;
    struct turn_variant v;
    enum err e = read_one(turn->tx->db, turn->tx->cx->arena, &SQL_hold_end,
                          ARGS(V(state), V(hold_id), V(due_ms)), &h);
    if (e)
        return e;
    if (h.deal_id)
        e = deal_units_free(turn, h.deal_id, h.viewer_id, h.qty);
    if (!e)
        e = units_free(turn, h.variant_id, h.qty, &v);
    if (e)
        return e;
    const struct units_move m = {.variant_id = h.variant_id,
                                 .d_total = v.tracked ? 0 : -h.qty,
                                 .d_held = -h.qty,
                                 .reason = reason,
                                 .actor_id = reason == STOCK_EXPIRE ? 0 : h.viewer_id};
    e = units_note(turn, &m);
    if (!e)
        *ret_hold = h;
    return e;
}

enum err hold_release(struct stock_turn *turn, int64_t hold_id, struct hold *ret_hold)
{
    return end(turn, hold_id, "released", INT64_MAX, STOCK_RELEASE, ret_hold);
}

enum err hold_expire(struct stock_turn *turn, int64_t hold_id, struct hold *ret_hold)
{
    return end(turn, hold_id, "expired", turn->tx->cx->now_ms, STOCK_EXPIRE, ret_hold);
}

static enum err sold(struct stock_turn *turn, const struct hold *h, const char *ref)
{
    struct turn_variant v;
    enum err e = units_sell(turn, h->variant_id, h->qty, &v);
    const struct units_move m = {.variant_id = h->variant_id,
                                 .d_total = -h->qty,
                                 .d_held = -h->qty,
                                 .reason = STOCK_SELL,
                                 .ref = ref,
                                 .actor_id = h->viewer_id};
    return e ? e : units_note(turn, &m);
}

enum err hold_use(struct stock_turn *turn, int64_t hold_id, const char *ref, struct hold *ret_hold)
{
    struct hold h;
    enum err e = read_one(turn->tx->db, turn->tx->cx->arena, &SQL_hold_end,
                          ARGS(V("used"), V(hold_id), V(INT64_MAX)), &h);
    if (!e)
        e = sold(turn, &h, ref);
    if (!e)
        *ret_hold = h;
    return e;
}

enum err hold_sell(struct stock_turn *turn, int64_t hold_id, int64_t order_line_id, const char *ref)
{
    struct hold h;
    enum err e = read_one(turn->tx->db, turn->tx->cx->arena, &SQL_hold_sell,
                          ARGS(V(order_line_id), V(hold_id)), &h);
    return e ? e : sold(turn, &h, ref);
}

/* ---- changing ---- */

static enum err changed_one(enum err e, int64_t changed)
{
    return e ? e : changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err hold_move(struct stock_turn *turn, int64_t hold_id, enum hold_owner owner,
                   int64_t owner_id, int64_t until_ms)
{
    int64_t changed = 0;
    enum err e = db_do(turn->tx->db, &SQL_hold_move,
                       ARGS(V(owner_names[owner]), V(owner_id), V(until_ms), V(hold_id)), &changed);
    return changed_one(e, changed);
}

enum err hold_extend(struct stock_turn *turn, int64_t hold_id, int64_t until_ms)
{
    int64_t changed = 0;
    enum err e = db_do(turn->tx->db, &SQL_hold_extend, ARGS(V(until_ms), V(hold_id)), &changed);
    return changed_one(e, changed);
}

/* `more` units for h, as far as asked; *ret_got says how many were had. */
static enum err take_more(struct stock_turn *turn, const struct hold *h, int64_t more,
                          const struct hold_resize *ask, struct hold_got *ret_got)
{
    struct turn_variant v = {.id = h->variant_id};
    int64_t have = more, got = 0;
    enum hold_short cut = HOLD_FULL;
    enum err e = ERR_OK;
    if (h->deal_id) {
        const struct deal_ask d = {.deal_id = h->deal_id,
                                   .viewer_id = h->viewer_id,
                                   .qty = more,
                                   .max = ask->deal_max,
                                   .some = ask->partial};
        e = deal_units_take(turn, &d, &have, &cut);
    }
    if (!e && have)
        e = units_take(turn, h->variant_id, have, ask->partial, &v, &got);
    if (!e && have)
        ret_got->left = v.total - v.held;
    if (!e && got < have && h->deal_id)
        e = deal_units_free(turn, h->deal_id, h->viewer_id, have - got);
    const struct units_move m = {.variant_id = h->variant_id,
                                 .d_total = v.tracked ? 0 : got,
                                 .d_held = got,
                                 .reason = STOCK_HOLD,
                                 .actor_id = h->viewer_id};
    if (!e && got)
        e = units_note(turn, &m);
    ret_got->qty = h->qty + got;
    ret_got->cut = got < have ? HOLD_SOLD_OUT : cut;
    return e;
}

static enum err give_some(struct stock_turn *turn, const struct hold *h, int64_t fewer,
                          struct hold_got *ret_got)
{
    struct turn_variant v;
    enum err e = h->deal_id ? deal_units_free(turn, h->deal_id, h->viewer_id, fewer) : ERR_OK;
    if (!e)
        e = units_free(turn, h->variant_id, fewer, &v);
    if (e)
        return e;
    const struct units_move m = {.variant_id = h->variant_id,
                                 .d_total = v.tracked ? 0 : -fewer,
                                 .d_held = -fewer,
                                 .reason = STOCK_RELEASE,
                                 .actor_id = h->viewer_id};
    *ret_got = (struct hold_got){.qty = h->qty - fewer, .left = v.total - v.held};
    return units_note(turn, &m);
}

enum err hold_resize(struct stock_turn *turn, const struct hold_resize *ask,
                     struct hold_got *ret_got)
{
    struct hold h;
    struct hold_got got = {.qty = ask->qty};
    if (ask->qty < 1 || ask->qty > STOCK_QTY_MAX)
        return problem(turn->tx->cx, ERR_INPUT, "'qty' must be 1..%d", STOCK_QTY_MAX);
    enum err e = hold_get(turn->tx->db, turn->tx->cx, ask->hold_id, &h);
    if (e)
        return e;
    if (ask->qty > h.qty)
        e = take_more(turn, &h, ask->qty - h.qty, ask, &got);
    else if (ask->qty < h.qty)
        e = give_some(turn, &h, h.qty - ask->qty, &got);
    int64_t changed = 0;
    if (!e)
        e = db_do(turn->tx->db, &SQL_hold_set_qty, ARGS(V(got.qty), V(h.id), V(h.qty)), &changed);
    if (!e && changed != 1)
        return problem(turn->tx->cx, ERR_CONFLICT, "it was changed at the same time");
    if (!e)
        *ret_got = got;
    return e;
}
