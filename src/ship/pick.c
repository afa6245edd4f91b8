/* Choosing a store: a key goes to the map, and comes back with what was picked, once. */
#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "pay/gateway.h"
#include "ship/pick.sql.h"
#include "ship/ship_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSED_MAX = 50 };

/* ---- out ---- */

/* Whose it will be, and where its browser goes back to. */
struct pick {
    char key[GATEWAY_REF + 1], trade_no[GATEWAY_REF + 1];
    int64_t shop_id, viewer_id, order_id;
    const char *market, *bill, *chain, *sub_type;
    int64_t expires_ms;
};

static enum err of_bill(struct db *db, struct cx *cx, const struct ship_map_ask *ask,
                        struct pick *p)
{
    const char *secret;
    enum err e = db_row(db, cx->arena, &SQL_pick_bill, ARGS(V(ask->bill)),
                        COLS(C(&p->shop_id), C(&p->viewer_id), C(&secret), C(&p->market)));
    p->bill = ask->bill;
    if (!e &&
        (!ask->secret || !crypto_same(secret, strlen(secret), ask->secret, strlen(ask->secret))))
        e = ERR_NOT_FOUND;
    return e;
}

static enum err of_order(struct db *db, struct cx *cx, const struct room_who *who,
                         const struct ship_map_ask *ask, struct pick *p)
{
    struct order_due due;
    int64_t closed = 0;
    const struct order_ref ref = {.no = ask->order, .secret = ask->secret, .shop = ask->shop};
    enum err e = order_due_for(db, cx, who, &ref, &due);
    if (!e)
        e = db_i64(db, &SQL_pick_order_closed, ARGS(V(due.id)), &closed);
    if (!e && !closed)
        return problem(cx, ERR_TRANSITION, "the order's store need not be changed");
    if (!e) {
        p->shop_id = due.shop_id;
        p->viewer_id = due.viewer_id;
        p->order_id = due.id;
        p->market = due.market;
    }
    return e;
}

static enum err of_shop(struct db *db, struct cx *cx, const struct room_who *who,
                        const struct ship_map_ask *ask, struct pick *p)
{
    struct shop shop;
    p->viewer_id = who->viewer_id;
    p->market = ask->market;
    if (!who->viewer_id)
        return ERR_NOT_FOUND;
    if (ask->cart)
        return db_row(db, cx->arena, &SQL_pick_cart, ARGS(V(ask->cart), V(who->viewer_id)),
                      COLS(C(&p->shop_id), C(&p->market)));
    enum err e = ask->shop ? shop_by_slug(db, cx->arena, ask->shop, &shop)
                           : shop_first(db, cx->arena, &shop);
    if (!e)
        p->shop_id = shop.id;
    return e;
}

static enum err find_whose(struct db *db, struct cx *cx, const struct room_who *who,
                           const struct ship_map_ask *ask, struct pick *p)
{
    enum err e = ask->order  ? of_order(db, cx, who, ask, p)
                 : ask->bill ? of_bill(db, cx, ask, p)
                             : of_shop(db, cx, who, ask, p);
    return e == ERR_NOT_FOUND ? problem(cx, e, "there is nothing to choose a store for") : e;
}

static struct val id_or_null(int64_t id)
{
    return id ? V(id) : VNULL;
}

static enum err insert_job(struct tx *tx, void *arg)
{
    const struct pick *p = arg;
    return db_do(tx->db, &SQL_pick_insert,
                 ARGS(V((const char *)p->key), V(p->shop_id), V(p->viewer_id), V(p->market),
                      V(p->bill), id_or_null(p->order_id), V(p->chain), V(p->expires_ms)),
                 NULL);
}

static enum err make_pick(struct ship *s, struct cx *cx, const struct room_who *who,
                          const struct ship_map_ask *ask, struct pick *p, struct ship_account *a)
{
    struct db *db = NULL;
    p->chain = ask->chain ? ecpay_chain(ask->chain) : NULL;
    if (!p->chain)
        return problem(cx, ERR_INPUT, "'chain' is not a chain we send to");
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = find_whose(db, cx, who, ask, p);
    if (!e) {
        e = ship_account_read(s, db, cx, p->shop_id, a);
        if (e == ERR_NOT_FOUND)
            e = problem(cx, ERR_CLOSED, "the shop has no map of stores");
    }
    store_read_end(db);
    if (!e && !(p->sub_type = ecpay_sub_type(p->chain, a->c2c)))
        e = problem(cx, ERR_INPUT, "'chain' is not one that this shop sends with");
    return e;
}

enum err ship_map(struct ship *s, struct cx *cx, const struct room_who *who,
                  const struct ship_map_ask *ask, json_t **ret_map)
{
    struct ship_account a = {.c2c = false};
    struct ecpay_page page;
    char reply[PICK_URL_MAX];
    struct pick p = {.expires_ms = cx->now_ms + PICK_MS};
    enum err e = make_pick(s, cx, who, ask, &p, &a);
    gateway_ref_make(p.key);
    gateway_ref_make(p.trade_no);
    (void)snprintf(reply, sizeof reply, "%s/api/v1/webhooks/cvs-map", s->set.public_url);
    if (!e)
        e = ecpay_map_page(cx, &a.service,
                           &(struct ecpay_map_ask){.sub_type = p.sub_type,
                                                   .trade_no = p.trade_no,
                                                   .reply_url = reply,
                                                   .key = p.key,
                                                   .collect = ask->collect,
                                                   .phone = ask->phone},
                           &page);
    if (!e)
        e = store_do(s->set.store, cx, "cvs.map", insert_job, &p);
    json_t *map = e ? NULL : ship_page_json(&page);
    crypto_wipe(&a, sizeof a);
    if (e)
        return e;
    (void)json_object_set_new(map, "key", json_string(p.key));
    (void)json_object_set_new(map, "expires_at", json_integer(p.expires_ms));
    *ret_map = map;
    return ERR_OK;
}

/* ---- back ---- */

struct taken {
    struct ship *s;
    const struct ecpay_store *store;
    bool found;
    int64_t shop_id, order_id;
    const char *market, *bill, *chain;
    /* where to */
    const char *slug, *secret, *order, *order_no;
};

/* The order goes there; what waited for a store is sent again, by new numbers. */
static enum err change_store(struct tx *tx, struct taken *t)
{
    struct ship_account a = {.c2c = false};
    int64_t ids[CLOSED_MAX];
    size_t n = 0;
    const struct order_store store = {.chain = t->chain,
                                      .id = t->store->id,
                                      .name = t->store->name,
                                      .address = t->store->address};
    enum err e = order_store_set(tx, t->order_id, &store);
    if (!e)
        e = ship_account_read(t->s, tx->db, tx->cx, t->shop_id, &a);
    const char *sub_type = e ? NULL : ecpay_sub_type(t->chain, a.c2c);
    crypto_wipe(&a, sizeof a);
    if (e || !sub_type)
        return e ? e : problem(tx->cx, ERR_TRANSITION, "the shop does not send there any more");
    struct rows r = db_rows(tx->db, &SQL_pick_closed_list, ARGS(V(t->order_id)));
    while (n < CLOSED_MAX && rows_next(&r, NULL, COLS(C(&ids[n]))))
        n++;
    e = rows_end(&r);
    for (size_t i = 0; !e && i < n; i++) {
        char trade_no[GATEWAY_REF + 1];
        gateway_ref_make(trade_no);
        e = db_do(tx->db, &SQL_pick_reopen,
                  ARGS(V((const char *)trade_no), V(sub_type), V(tx->cx->now_ms), V(ids[i])), NULL);
        if (!e)
            e = db_do(tx->db, &SQL_pick_carrier, ARGS(V(t->chain), V(tx->cx->now_ms), V(ids[i])),
                      NULL);
    }
    return e ? e : order_note_step(t->s->set.orders, tx, t->order_id, "store_changed");
}

static enum err read_where(struct tx *tx, struct taken *t)
{
    struct arena *arena = tx->cx->arena;
    int64_t shop_id, viewer_id;
    const char *market;
    enum err e = db_row(tx->db, arena, &SQL_pick_shop_slug, ARGS(V(t->shop_id)), COLS(C(&t->slug)));
    if (!e && t->order_id)
        e = db_row(tx->db, arena, &SQL_pick_order, ARGS(V(t->order_id)),
                   COLS(C(&t->order), C(&t->order_no)));
    if (!e && t->bill)
        e = db_row(tx->db, arena, &SQL_pick_bill, ARGS(V(t->bill)),
                   COLS(C(&shop_id), C(&viewer_id), C(&t->secret), C(&market)));
    return e == ERR_NOT_FOUND ? ERR_STORE : e;
}

static enum err take_job(struct tx *tx, void *arg)
{
    struct taken *t = arg;
    const struct ecpay_store *p = t->store;
    enum err e =
        db_row(tx->db, tx->cx->arena, &SQL_pick_take,
               ARGS(V(p->id), V(p->name), V(p->address), V(tx->cx->now_ms), V(p->key)),
               COLS(C(&t->shop_id), C(&t->market), C(&t->bill), C(&t->order_id), C(&t->chain)));
    t->found = !e;
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    e = read_where(tx, t);
    return e || !t->order_id ? e : change_store(tx, t);
}

static void write_url(const struct taken *t, char out[PICK_URL_MAX])
{
    const char *at = t->s->set.public_url;
    char link[ORDER_LINK_SIZE];
    if (t->order_id) {
        order_link(t->s->set.orders, t->order, t->order_no, link);
        (void)snprintf(out, PICK_URL_MAX, "%s%s&store=changed", at, link);
    } else if (t->bill) {
        (void)snprintf(out, PICK_URL_MAX, "%s/b/%s?s=%s&pick=%s", at, t->bill, t->secret,
                       t->store->key);
    } else {
        bool market = t->market && strspn(t->market, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
        (void)snprintf(out, PICK_URL_MAX, "%s/checkout?shop=%s%s%.2s&pick=%s", at, t->slug,
                       market ? "&market=" : "", market ? t->market : "", t->store->key);
    }
}

enum err ship_picked(struct ship *s, struct cx *cx, const char *body, size_t len,
                     char ret_url[PICK_URL_MAX])
{
    struct ecpay_store store;
    struct taken t = {.s = s, .store = &store};
    (void)snprintf(ret_url, PICK_URL_MAX, "%s/checkout?pick=lost", s->set.public_url);
    enum err e = ecpay_map_read(cx, body, len, &store);
    if (!e)
        e = store_do(s->set.store, cx, "cvs.picked", take_job, &t);
    if (!e && t.found)
        write_url(&t, ret_url);
    return e;
}

/* ---- reading ---- */

enum err ship_pick_read(struct ship *s, struct cx *cx, const struct room_who *who, const char *key,
                        json_t **ret_pick)
{
    struct db *db = NULL;
    const char *chain = "", *id = "", *name = "", *address = NULL;
    int64_t at = 0;
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = db_row(db, cx->arena, &SQL_pick_read,
                   ARGS(V(key), V(who->viewer_id), V(cx->now_ms - PICK_READ_MS)),
                   COLS(C(&chain), C(&id), C(&name), C(&address), C(&at)));
    store_read_end(db);
    if (e)
        return e == ERR_NOT_FOUND ? problem(cx, e, "no store was chosen with this key") : e;
    *ret_pick = json_pack("{s:s,s:s,s:s,s:s?,s:I}", "chain", chain, "store_id", id, "store_name",
                          name, "store_address", address && *address ? address : NULL, "picked_at",
                          (json_int_t)at);
    return *ret_pick ? ERR_OK : ERR_NO_MEMORY;
}

static json_t *text_of(const json_t *o, const char *name)
{
    const char *t = json_string_value(json_object_get(o, name));
    return t ? json_string(t) : json_null();
}

enum err ship_last(struct ship *s, struct cx *cx, const struct room_who *who, json_t **ret_last)
{
    struct db *db = NULL;
    const char *data = NULL;
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = db_row(db, cx->arena, &SQL_pick_last, ARGS(V(who->viewer_id)), COLS(C(&data)));
    store_read_end(db);
    if (e && e != ERR_NOT_FOUND)
        return e;
    json_t *o = data ? json_loads(data, 0, NULL) : NULL;
    json_t *store = o ? json_pack("{s:o,s:o,s:o,s:o}", "chain", text_of(o, "chain"), "store_id",
                                  text_of(o, "store_id"), "store_name", text_of(o, "store_name"),
                                  "store_address", text_of(o, "store_address"))
                      : json_null();
    *ret_last = json_pack("{s:o,s:o,s:o}", "store", store, "name", text_of(o, "name"), "phone",
                          text_of(o, "phone"));
    json_decref(o);
    return *ret_last ? ERR_OK : ERR_NO_MEMORY;
}

enum err ship_can(struct ship *s, struct cx *cx, const char *shop, json_t **ret_can)
{
    struct db *db = NULL;
    struct shop row = {.id = 0};
    struct ship_account a = {.c2c = false};
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = shop ? shop_by_slug(db, cx->arena, shop, &row) : shop_first(db, cx->arena, &row);
    if (e == ERR_NOT_FOUND)
        e = problem(cx, e, "there is no such shop");
    enum err account = e ? e : ship_account_read(s, db, cx, row.id, &a);
    store_read_end(db);
    bool c2c = a.c2c;
    crypto_wipe(&a, sizeof a);
    if (e || (account && account != ERR_NOT_FOUND))
        return e ? e : account;
    json_t *chains = json_array();
    for (size_t i = 0; cvs_chains[i]; i++)
        if (account || ecpay_sub_type(cvs_chains[i], c2c))
            (void)json_array_append_new(chains, json_string(cvs_chains[i]));
    *ret_can = json_pack("{s:b,s:o}", "map", !account, "chains", chains);
    return *ret_can ? ERR_OK : ERR_NO_MEMORY;
}
