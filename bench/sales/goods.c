/* The shop that is measured. */
#include "account/account.h"
#include "account/limit.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "order/order.h"
#include "room/pulse.h"
#include "sales.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 1000, STOCK = 900000000, LIMITS = 200000 };

static const struct sql add_shop = {"add_shop",
                                    "INSERT INTO shop (id, public_id, slug, name, created_at)"
                                    " VALUES (1, 'shp_bench', 'bench', 'Bench', $1)"};
static const struct sql add_show = {
    "add_show", "INSERT INTO show (id, public_id, shop_id, title, host_name, state, came_from,"
                " live_started_at, created_at) VALUES (1, 'shw_bench', 1, '{\"en\":\"Bench\"}', '',"
                " 'live', 'scheduled', $1, $1)"};
static const struct sql add_sale = {"add_sale",
                                    "INSERT INTO show_sale (show_id, hold_s) VALUES (1, $1)"};
static const struct sql add_log = {"add_log",
                                   "INSERT INTO show_log (show_id, head) VALUES (1, $1)"};
static const struct sql add_product = {
    "add_product", "INSERT INTO product (id, public_id, shop_id, title, body, options, status,"
                   " exempt, created_at, updated_at) VALUES ($1, $2, 1, '{\"zh-TW\":\"帆布包\"}',"
                   " '{}', '[]', 'active', 'none', 1, 1)"};
static const struct sql add_variant = {
    "add_variant", "INSERT INTO variant (id, public_id, product_id, shop_id, position, options,"
                   " stock_total) VALUES ($1, $2, $1, 1, 1, '[]', $3)"};
static const struct sql add_price = {
    "add_price", "INSERT INTO price (variant_id, market, amount) VALUES ($1, 'TW', 590)"};
static const struct sql add_move = {
    "add_move", "INSERT INTO stock_move (id, variant_id, d_total, d_held, reason, at)"
                " VALUES ($1, $1, $2, 0, 'import', 1)"};
static const struct sql add_listing = {
    "add_listing", "INSERT INTO listing (id, public_id, show_id, product_id, code, code_key,"
                   " position, state, claim_mode, claim_open, per_buyer_max)"
                   " VALUES ($1, $2, 1, $1, $3, $4, $1, 'shown', 'auto', 1, 999)"};
static const struct sql add_viewer = {
    "add_viewer", "INSERT INTO viewer (id, public_id, kind, display_name, lang, market, created_at)"
                  " VALUES ($1, $2, 'guest', '小美', 'zh', 'TW', 1)"};

struct slice {
    struct sales *s;
    int64_t from;
};

static enum err shop_run(struct tx *tx, void *arg)
{
    struct slice *j = arg;
    enum err e = db_do(tx->db, &add_shop, ARGS(V(j->s->t0_ms)), NULL);
    if (!e)
        e = db_do(tx->db, &add_show, ARGS(V(j->s->t0_ms)), NULL);
    if (!e)
        e = db_do(tx->db, &add_log, ARGS(V(0)), NULL);
    return e ? e : db_do(tx->db, &add_sale, ARGS(V(600)), NULL);
}

static enum err goods_run(struct tx *tx, void *arg)
{
    struct slice *j = arg;
    char product[ID_TEXT], variant[ID_TEXT], code[8], key[8];
    enum err e = ERR_OK;
    for (int64_t id = 1; !e && id <= LISTINGS; id++) {
        (void)snprintf(product, sizeof product, "prd_%d", (int)id);
        (void)snprintf(variant, sizeof variant, "var_%d", (int)id);
        (void)snprintf(j->s->listings[id - 1], ID_TEXT, "lst_%d", (int)id);
        (void)snprintf(code, sizeof code, "A%d", (int)id);
        (void)snprintf(key, sizeof key, "a%d", (int)id);
        e = db_do(tx->db, &add_product, ARGS(V(id), V((const char *)product)), NULL);
        if (!e)
            e = db_do(tx->db, &add_variant, ARGS(V(id), V((const char *)variant), V(STOCK)), NULL);
        if (!e)
            e = db_do(tx->db, &add_price, ARGS(V(id)), NULL);
        if (!e)
            e = db_do(tx->db, &add_move, ARGS(V(id), V(STOCK)), NULL);
        if (!e)
            e = db_do(tx->db, &add_listing,
                      ARGS(V(id), V((const char *)j->s->listings[id - 1]), V((const char *)code),
                           V((const char *)key)),
                      NULL);
    }
    return e;
}

static enum err buyers_run(struct tx *tx, void *arg)
{
    struct slice *j = arg;
    enum err e = ERR_OK;
    for (int64_t i = j->from; !e && i < j->from + SLICE && i < BUYERS; i++) {
        char public_id[ID_TEXT];
        (void)snprintf(public_id, sizeof public_id, "viw_%d", (int)i + 1);
        e = db_do(tx->db, &add_viewer, ARGS(V(i + 1), V((const char *)public_id)), NULL);
        j->s->buyers[i] =
            (struct room_who){.viewer_id = i + 1, .name = "小美", .lang = "zh", .market = "TW"};
    }
    return e;
}

static bool seed(struct sales *s)
{
    struct cx cx = {.arena = arena_make(ARENA), .now_ms = s->t0_ms};
    struct slice j = {.s = s};
    enum err e = store_do(s->store, &cx, "shop", shop_run, &j);
    if (!e)
        e = store_do(s->store, &cx, "goods", goods_run, &j);
    for (; !e && j.from < BUYERS; j.from += SLICE)
        e = store_do(s->store, &cx, "buyers", buyers_run, &j);
    if (e)
        (void)fprintf(stderr, "cannot fill the shop: %s %s\n", err_api(e), cx.problem);
    arena_free(cx.arena);
    return !e;
}

static const unsigned char key[32] = "a key that keeps no secret here";

struct sales *sales_make(const char *url)
{
    struct cx cx = {.arena = arena_make(ARENA)};
    struct sales *s = calloc(1, sizeof *s);
    const struct store_setup setup = {.url = url, .schema = &shop_schema};
    if (!s || crypto_init() || store_open(&cx, &setup, &s->store)) {
        (void)fprintf(stderr, "cannot open the database: %s\n", cx.problem);
        free(s);
        return NULL;
    }
    arena_free(cx.arena);
    s->t0_ms = clock_unix_ms();
    s->limits = limits_make(LIMITS);
    s->buyers = calloc(BUYERS, sizeof *s->buyers);
    s->listings = calloc(LISTINGS, sizeof *s->listings);
    const struct room_setup room = {.store = s->store, .limits = s->limits};
    if (!s->limits || !s->buyers || !s->listings || !seed(s) || room_make(&room, &s->room))
        return NULL;
    const struct orders_setup orders = {
        .store = s->store, .room = s->room, .watch = room_watch(s->room), .key = key};
    return orders_make(&orders, &s->orders) || room_pulse_start(s->room) ? NULL : s;
}

void sales_free(struct sales *s)
{
    orders_free(s->orders);
    room_free(s->room);
    store_close(s->store);
    limits_free(s->limits);
    free(s->buyers);
    free(s->listings);
    free(s);
}

struct room_who *sales_buyer(struct sales *s, int64_t i)
{
    return &s->buyers[i % BUYERS];
}
