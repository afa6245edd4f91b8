#include "catalog/market.h"
#include "catalog/market.sql.h"
#include "store/store.h"

#include <assert.h>
#include <string.h>

const struct market markets[MARKET_COUNT] = {
    {"TW", "TWD", 500, "zh-TW", "Asia/Taipei", 7, 100, 60, 1500},
    {"TH", "THB", 700, "th", "Asia/Bangkok", 7, 5000, -1, 150000},
};

const struct market *market_find(const char *code)
{
    for (size_t i = 0; code && i < MARKET_COUNT; i++)
        if (strcmp(markets[i].code, code) == 0)
            return &markets[i];
    return NULL;
}

size_t market_index(const struct market *m)
{
    assert(m >= markets && m < markets + MARKET_COUNT);
    return (size_t)(m - markets);
}

static struct shop_market built_in(const struct market *m)
{
    return (struct shop_market){.market = m,
                                .active = true,
                                .ship_home = m->ship_home,
                                .ship_cvs = m->ship_cvs,
                                .free_over = m->free_over,
                                .cod = true};
}

enum err shop_market_get(struct db *db, int64_t shop_id, const char *code,
                         struct shop_market *ret_market)
{
    const struct market *m = market_find(code);
    if (!m)
        return ERR_NOT_FOUND;
    struct shop_market s = {.market = m};
    bool has_cvs = false, has_free = false;
    enum err e = db_row(db, NULL, &SQL_shop_market_get, ARGS(V(shop_id), V(m->code)),
                        COLS(C(&s.active), C(&s.ship_home), C(&has_cvs), C(&s.ship_cvs),
                             C(&has_free), C(&s.free_over), C(&s.cod), C(&s.version)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    s.ship_cvs = has_cvs ? s.ship_cvs : -1;
    s.free_over = has_free ? s.free_over : -1;
    *ret_market = e ? built_in(m) : s;
    return ERR_OK;
}

enum err shop_market_list(struct db *db, int64_t shop_id, struct shop_market ret_list[MARKET_COUNT])
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < MARKET_COUNT; i++)
        e = shop_market_get(db, shop_id, markets[i].code, &ret_list[i]);
    return e;
}

static struct val fee_or_null(int64_t fee)
{
    return fee < 0 ? VNULL : V(fee);
}

static bool fee_ok(int64_t fee, int64_t least)
{
    return fee >= least && fee <= SHIP_MAX;
}

static enum err sells_elsewhere(struct tx *tx, int64_t shop_id, const struct market *but)
{
    struct shop_market list[MARKET_COUNT];
    enum err e = shop_market_list(tx->db, shop_id, list);
    bool some = false;
    for (size_t i = 0; !e && i < MARKET_COUNT; i++)
        some = some || (list[i].market != but && list[i].active);
    return e || some ? e : problem(tx->cx, ERR_CONFLICT, "the shop would sell nowhere");
}

enum err shop_market_set(struct tx *tx, int64_t shop_id, const struct shop_market *m)
{
    if (!fee_ok(m->ship_home, 0) || !fee_ok(m->ship_cvs, -1) || !fee_ok(m->free_over, -1))
        return problem(tx->cx, ERR_INPUT, "a fee must be 0 to %d", SHIP_MAX);
    int64_t changed = 0;
    enum err e = m->active ? ERR_OK : sells_elsewhere(tx, shop_id, m->market);
    if (e)
        return e;
    if (m->version == 0)
        e = db_do(tx->db, &SQL_shop_market_first,
                  ARGS(V(shop_id), V(m->market->code), V(m->active), V(m->ship_home),
                       fee_or_null(m->ship_cvs), fee_or_null(m->free_over), V(m->cod)),
                  &changed);
    else
        e = db_do(tx->db, &SQL_shop_market_edit,
                  ARGS(V(m->active), V(m->ship_home), fee_or_null(m->ship_cvs),
                       fee_or_null(m->free_over), V(m->cod), V(shop_id), V(m->market->code),
                       V(m->version)),
                  &changed);
    if (!e && !changed)
        return problem(tx->cx, ERR_PRECONDITION, "the market was changed meanwhile");
    return e;
}
