/*
 * market - where a shop sells: a country with its currency, tax, language, calendar and what
 * sending costs. The markets are built in; each shop may switch them off and set its own fees.
 *
 * Units:   amounts in minor units of the market's currency; tax in basis points, inside prices.
 * Memory:  no text is copied: codes point into the table.
 * Thread, Again, Errors: as catalog.h. Statements in market.sql.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct db;
struct tx;

struct market {
    const char *code, *currency;
    int64_t tax_bp;
    const char *lang; /* default of its pages: "zh-TW" */
    const char *tz;
    int64_t return_days;
    int64_t ship_home, ship_cvs, free_over; /* until a shop says otherwise; -1: none */
};

enum { MARKET_COUNT = 2 };
extern const struct market markets[MARKET_COUNT];

/* NULL for an unknown code, and for NULL. */
const struct market *market_find(const char *code);
/* 0 .. MARKET_COUNT - 1, for tables by market. `m` is one of markets[]. */
size_t market_index(const struct market *m);

enum { SHIP_MAX = 1000000000 };

/* How a shop sells there. */
struct shop_market {
    const struct market *market;
    bool active;
    int64_t ship_home;
    int64_t ship_cvs;  /* -1: not sent to shops */
    int64_t free_over; /* -1: never free */
    bool cod;          /* cash on delivery */
    int64_t version;   /* 0: the built-in values, never changed */
};

/* ERR_NOT_FOUND: an unknown code. A market that is switched off is found. */
enum err shop_market_get(struct db *db, int64_t shop_id, const char *code,
                         struct shop_market *ret_market) NODISCARD;
/* All of them, in the order of the table. */
enum err shop_market_list(struct db *db, int64_t shop_id,
                          struct shop_market ret_list[MARKET_COUNT]) NODISCARD;
/*
 * `m->version` is what the editor has seen.
 *
 * ERR_INPUT         a fee below 0 or above SHIP_MAX
 * ERR_PRECONDITION  somebody else changed it meanwhile
 * ERR_CONFLICT      the shop would sell nowhere
 */
enum err shop_market_set(struct tx *tx, int64_t shop_id, const struct shop_market *m) NODISCARD;
