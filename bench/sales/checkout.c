/* Checkouts, cash on delivery: carts of two lines, quoted before, ordered by the clock. */
#include "base/arena.h"
#include "cart/cart.h"
#include "order/order.h"
#include "order/quote.h"
#include "room/pulse.h"
#include "sales.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARTS = 20000, HASH = 65 };

struct carts {
    struct sales *s;
    char (*hash)[HASH];
    json_t *address, *invoice;
};

/* ---- before: carts and quotes ---- */

struct fill {
    struct sales *s;
    struct cart_add add[2];
};

static enum err fill_run(struct tx *tx, void *arg)
{
    struct fill *f = arg;
    struct stock_turn turn;
    struct cart_added got;
    turn_begin(&turn, tx, room_watch(f->s->room));
    enum err e = cart_add(&turn, &f->add[0], &got);
    if (!e)
        e = cart_add(&turn, &f->add[1], &got);
    return e ? e : turn_end(&turn);
}

static struct cart_ref ref_of(void)
{
    return (struct cart_ref){.shop = "bench", .market = "TW"};
}

static bool fill_cart(void *arg, int64_t i, struct cx *cx)
{
    struct carts *c = arg;
    struct fill f = {.s = c->s};
    for (int n = 0; n < 2; n++) {
        f.add[n] = (struct cart_add){.viewer_id = sales_buyer(c->s, i)->viewer_id,
                                     .shop_id = 1,
                                     .market = "TW",
                                     .variant_id = 1 + (i + n * 7) % LISTINGS,
                                     .qty = 1,
                                     .unit_amount = 590,
                                     .source = LINE_LIST,
                                     .hold_ms = 3600000};
        line_ids(&f.add[n].ids);
    }
    return store_do(c->s->store, cx, "fill", fill_run, &f) == ERR_OK;
}

static bool quote_cart(void *arg, int64_t i, struct cx *cx)
{
    struct carts *c = arg;
    struct db *db = NULL;
    json_t *quote = NULL;
    const struct cart_ref ref = ref_of();
    const struct quote_ask ask = {.delivery = DELIVERY_HOME, .pay_method = "cod"};
    enum err e = store_read(c->s->store, &db);
    if (!e)
        e = quote_read(c->s->orders, db, cx, sales_buyer(c->s, i), &ref, &ask, &quote);
    store_read_end(db);
    const char *hash = e ? NULL : json_string_value(json_object_get(quote, "quote_hash"));
    if (hash)
        (void)snprintf(c->hash[i], HASH, "%s", hash);
    json_decref(quote);
    return hash != NULL;
}

/* ---- measured ---- */

static bool one_checkout(void *arg, int64_t i, struct cx *cx)
{
    struct carts *c = arg;
    char idem[32];
    json_t *order = NULL;
    bool again = false;
    (void)snprintf(idem, sizeof idem, "o%lld", (long long)i);
    struct checkout ask = {.cart = ref_of(),
                           .quote_hash = c->hash[i],
                           .delivery = DELIVERY_HOME,
                           .pay_method = "cod",
                           .address = c->address,
                           .invoice = c->invoice,
                           .idem = idem};
    ask.consent.terms = ask.consent.privacy = ask.consent.withdrawal_notice = true;
    enum err e = order_checkout(c->s->orders, cx, sales_buyer(c->s, i), &ask, &order, &again);
    json_decref(order);
    return !e && !again;
}

static bool quietly(struct carts *c, const char *name,
                    bool (*run)(void *arg, int64_t i, struct cx *cx), int threads)
{
    const struct load l = {.name = name,
                           .run = run,
                           .arg = c,
                           .threads = threads,
                           .seconds = 120,
                           .most = CARTS,
                           .t0_ms = c->s->t0_ms};
    return load_run(&l);
}

bool bench_checkouts(struct sales *s, int threads, int seconds, int64_t rate)
{
    char name[40];
    struct carts c = {.s = s, .hash = calloc(CARTS, sizeof *c.hash)};
    c.address = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "kind", "home", "name", "王小明",
                          "phone", "0912345678", "postcode", "100", "city", "臺北市", "district",
                          "中正區", "line", "重慶南路一段122號");
    c.invoice = json_pack("{s:s}", "kind", "member");
    if (rate)
        (void)snprintf(name, sizeof name, "checkouts at %lld/s", (long long)rate);
    else
        (void)snprintf(name, sizeof name, "checkouts, %d asking", threads);
    const struct load l = {.name = name,
                           .run = one_checkout,
                           .arg = &c,
                           .threads = threads,
                           .seconds = seconds,
                           .rate = rate,
                           .most = CARTS,
                           .t0_ms = s->t0_ms};
    bool ok = c.hash && c.address && c.invoice &&
              quietly(&c, "(carts of two lines)", fill_cart, threads) &&
              quietly(&c, "(quotes)", quote_cart, 3) && load_run(&l);
    json_decref(c.address);
    json_decref(c.invoice);
    free(c.hash);
    return ok;
}
