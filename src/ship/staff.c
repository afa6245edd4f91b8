/* What staff ask for: pick-up orders of parcels, labels, who sends. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/market.h"
#include "pay/gateway.h"
#include "ship/ship.sql.h"
#include "ship/ship_in.h"

#include <stdlib.h>
#include <string.h>

enum { SENDER_CHARS = 60 };

/* ---- pick-up orders ---- */

struct queue {
    struct ship *s;
    const struct room_who *who;
    const char *parcel;
    int64_t id, audit_id;
    int64_t early_ms; /* who asks makes it, not the ticks */
    char trade_no[GATEWAY_REF + 1];
    /* made */
    int64_t shipment_id;
    const char *state;
};

struct parcel_row {
    int64_t id, cod, order_id, shop_id, worth;
    const char *state, *order_state, *delivery, *market, *address, *no;
};

static enum err find_parcel(struct tx *tx, const struct queue *q, struct parcel_row *p)
{
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_ship_parcel, ARGS(V(q->parcel)),
                        COLS(C(&p->id), C(&p->state), C(&p->cod), C(&p->order_id), C(&p->shop_id),
                             C(&p->order_state), C(&p->delivery), C(&p->market), C(&p->address),
                             C(&p->no), C(&p->worth)));
    if (e == ERR_NOT_FOUND || (!e && room_role(q->who, p->shop_id) == ROLE_NONE))
        return problem(tx->cx, ERR_NOT_FOUND, "there is no such parcel");
    if (!e && !account_may(room_role(q->who, p->shop_id), ACTION_ORDER_PACK))
        return problem(tx->cx, ERR_FORBIDDEN, "your role may not do this");
    return e;
}

static enum err check_parcel(struct cx *cx, const struct parcel_row *p)
{
    bool at_home = strcmp(p->state, "packing") == 0 || strcmp(p->state, "packed") == 0;
    if (strcmp(p->delivery, "cvs") != 0 || strcmp(p->market, "TW") != 0)
        return problem(cx, ERR_TRANSITION, "the order is not sent to a store");
    if (strcmp(p->order_state, "confirmed") != 0)
        return problem(cx, ERR_TRANSITION, "the order is %s", p->order_state);
    return at_home ? ERR_OK : problem(cx, ERR_TRANSITION, "the parcel is %s", p->state);
}

/* What a store takes at all, so that staff see it before anything is sent. */
static enum err check_sending(struct cx *cx, const struct ship_account *a, const json_t *to,
                              int64_t amount, const char **ret_sub_type)
{
    char name[ECPAY_NAME];
    const char *chain = json_string_value(json_object_get(to, "chain"));
    const char *receiver = json_string_value(json_object_get(to, "name"));
    *ret_sub_type = chain ? ecpay_sub_type(chain, a->c2c) : NULL;
    if (!*ret_sub_type)
        return problem(cx, ERR_INPUT, "'chain' is not one that the shop's contract has");
    if (amount > SHIP_AMOUNT_MAX)
        return problem(cx, ERR_INPUT, "'amount' is more than the %d that a store takes",
                       SHIP_AMOUNT_MAX);
    if (!receiver || ecpay_person(receiver, name))
        return problem(cx, ERR_INPUT,
                       "'name' of the receiver must be 2 to 5 Chinese characters or "
                       "4 to 10 letters");
    if (ecpay_person(a->sender, name))
        return problem(cx, ERR_INPUT, "'sender_name' must be set: 2 to 5 Chinese characters");
    if (a->c2c && !a->phone)
        return problem(cx, ERR_INPUT, "'sender_phone' must be set");
    return ERR_OK;
}

static enum err check_account(struct tx *tx, const struct queue *q, const struct parcel_row *p,
                              int64_t amount, const char **ret_sub_type)
{
    struct ship_account a = {.c2c = false};
    enum err e = ship_account_read(q->s, tx->db, tx->cx, p->shop_id, &a);
    json_t *to = json_loads(p->address, 0, NULL);
    if (e == ERR_NOT_FOUND)
        e = problem(tx->cx, ERR_INPUT, "'account' of logistics is not set up");
    if (!e)
        e = check_sending(tx->cx, &a, to, amount, ret_sub_type);
    json_decref(to);
    crypto_wipe(&a, sizeof a);
    return e;
}

static enum err write_audit(struct tx *tx, const struct queue *q, const struct parcel_row *p)
{
    const struct audit a = {.id = q->audit_id,
                            .actor_id = q->who->viewer_id,
                            .shop_id = p->shop_id,
                            .action = "parcel.ship",
                            .object = q->parcel,
                            .addr = q->who->addr};
    return audit_write(tx, &a);
}

/* A parcel whose order is there already is left as it is; one that waits is tried now. */
static enum err queue_job(struct tx *tx, void *arg)
{
    struct queue *q = arg;
    struct parcel_row p;
    const char *sub_type = NULL;
    int64_t changed = 0;
    enum err e = find_parcel(tx, q, &p);
    if (!e)
        e = check_parcel(tx->cx, &p);
    if (e)
        return e;
    int64_t amount = p.cod ? p.cod : p.worth ? p.worth : 1;
    e = check_account(tx, q, &p, amount, &sub_type);
    if (!e)
        e = db_do(tx->db, &SQL_ship_queue,
                  ARGS(V(q->id), V(p.id), V(p.shop_id), V(p.order_id), V((const char *)q->trade_no),
                       V(sub_type), V(amount), V(p.cod > 0), V(tx->cx->now_ms + q->early_ms),
                       V(tx->cx->now_ms)),
                  &changed);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_ship_of_parcel, ARGS(V(p.id)),
                   COLS(C(&q->shipment_id), C(&q->state)));
    if (!e && !changed)
        e = db_do(tx->db, &SQL_ship_soon, ARGS(V(tx->cx->now_ms + q->early_ms), V(q->shipment_id)),
                  NULL);
    return e || !changed ? e : write_audit(tx, q, &p);
}

static enum err queue(struct ship *s, struct cx *cx, const struct room_who *who, const char *parcel,
                      int64_t early_ms, struct queue *q)
{
    *q = (struct queue){.s = s,
                        .who = who,
                        .parcel = parcel,
                        .id = id_next(),
                        .audit_id = id_next(),
                        .early_ms = early_ms};
    gateway_ref_make(q->trade_no);
    return store_do(s->set.store, cx, "ship.queue", queue_job, q);
}

enum err ship_parcel(struct ship *s, struct cx *cx, const struct room_who *who, const char *parcel,
                     json_t **ret_parcel)
{
    struct queue q;
    enum err said = ERR_OK, e = queue(s, cx, who, parcel, SHIP_HANDS_OFF_MS, &q);
    if (!e && strcmp(q.state, "made") != 0)
        e = shipment_run(s, cx, q.shipment_id, SHIP_HANDS_OFF_MS, &said);
    if (e)
        return e;
    if (said == ERR_INPUT || said == ERR_CLOSED)
        return ERR_CONFLICT; /* cx->problem has ECPay's word */
    cx->problem[0] = '\0';
    return parcel_read(s->set.orders, cx, who, parcel, ret_parcel);
}

static json_t *item_json(struct ship *s, struct cx *cx, const struct room_who *who,
                         const char *parcel)
{
    struct queue q;
    cx->problem[0] = '\0';
    enum err e = queue(s, cx, who, parcel, 0, &q);
    return json_pack("{s:s,s:b,s:s?,s:s?}", "parcel", parcel, "ok", e == ERR_OK, "state",
                     e ? NULL : q.state, "problem",
                     !e               ? NULL
                     : cx->problem[0] ? cx->problem
                                      : err_api(e));
}

enum err ship_parcels(struct ship *s, struct cx *cx, const struct room_who *who,
                      const json_t *parcels, json_t **ret_items)
{
    size_t n = json_array_size(parcels);
    if (!n || n > SHIP_MANY_MAX)
        return problem(cx, ERR_INPUT, "'parcels' must be 1 to %d", SHIP_MANY_MAX);
    for (size_t i = 0; i < n; i++) {
        const char *id = json_string_value(json_array_get(parcels, i));
        if (!id || !id_ok(id, "pcl"))
            return problem(cx, ERR_INPUT, "'parcels' must be ids of parcels");
    }
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(
            list, item_json(s, cx, who, json_string_value(json_array_get(parcels, i))));
    cx->problem[0] = '\0';
    *ret_items = list;
    return list ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- labels ---- */

static enum err find_label(struct ship *s, struct db *db, struct cx *cx, const struct room_who *who,
                           const char *parcel, struct shipment *row, struct ship_account *a)
{
    int64_t shop_id = 0, id = 0;
    enum err e = db_i64(db, &SQL_ship_parcel_shop, ARGS(V(parcel)), &shop_id);
    if (e == ERR_NOT_FOUND || (!e && room_role(who, shop_id) == ROLE_NONE))
        return problem(cx, ERR_NOT_FOUND, "there is no such parcel");
    if (!e && !account_may(room_role(who, shop_id), ACTION_ORDER_PACK))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    if (!e)
        e = db_row(db, NULL, &SQL_ship_label_of, ARGS(V(parcel)), COLS(C(&id), C(&shop_id)));
    if (!e)
        e = shipment_read(db, cx, id, row);
    if (e == ERR_NOT_FOUND || (!e && strcmp(row->state, "made") != 0))
        return problem(cx, ERR_TRANSITION, "there is no pick-up order of it yet");
    if (!e)
        e = ship_account_read(s, db, cx, shop_id, a);
    return e == ERR_NOT_FOUND ? problem(cx, ERR_TRANSITION, "the shop has no logistics account")
                              : e;
}

enum err ship_label(struct ship *s, struct cx *cx, const struct room_who *who, const char *parcel,
                    json_t **ret_page)
{
    struct db *db = NULL;
    struct shipment row = {.state = ""};
    struct ship_account a = {.c2c = false};
    struct ecpay_page page;
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = find_label(s, db, cx, who, parcel, &row, &a);
    store_read_end(db);
    if (!e) {
        const struct ecpay_shipped made = {row.provider_id, row.payment_no ? row.payment_no : "",
                                           row.validation_no ? row.validation_no : "", 0};
        e = ecpay_label_page(cx, &a.service, row.sub_type, &made, &page);
    }
    json_t *o = e ? NULL : ship_page_json(&page);
    crypto_wipe(&a, sizeof a);
    if (!e)
        *ret_page = o;
    return e;
}

/* ---- who sends ---- */

enum err ship_sender_read(struct ship *s, struct cx *cx, int64_t shop_id, json_t **ret_sender)
{
    struct db *db = NULL;
    struct ship_account a = {.c2c = false};
    const char *kind = "", *used, *phone = NULL, *own = NULL;
    enum err e = store_read(s->set.store, &db);
    if (!e)
        e = db_row(db, cx->arena, &SQL_ship_sender, ARGS(V(shop_id)),
                   COLS(C(&kind), C(&used), C(&phone), C(&own)));
    enum err account = e ? e : ship_account_read(s, db, cx, shop_id, &a);
    store_read_end(db);
    crypto_wipe(&a, sizeof a);
    if (e || (account && account != ERR_NOT_FOUND))
        return e ? e : account;
    *ret_sender = json_pack("{s:s,s:s?,s:s?,s:b}", "kind", kind, "sender_name", own, "sender_phone",
                            phone, "ready", !account);
    return *ret_sender ? ERR_OK : ERR_NO_MEMORY;
}

enum err ship_sender_set(struct tx *tx, int64_t shop_id, const struct ship_sender *set)
{
    char name[ECPAY_NAME], phone[PHONE_SIZE];
    const char *kept_phone = NULL;
    if (strcmp(set->kind, "b2c") != 0 && strcmp(set->kind, "c2c") != 0)
        return problem(tx->cx, ERR_INPUT, "'kind' must be b2c or c2c");
    if (set->name &&
        (text_chars(set->name, strlen(set->name)) > SENDER_CHARS || ecpay_person(set->name, name)))
        return problem(tx->cx, ERR_INPUT,
                       "'sender_name' must be 2 to 5 Chinese characters or 4 to "
                       "10 letters");
    if (set->phone) {
        if (phone_tidy(market_find("TW"), set->phone, phone))
            return problem(tx->cx, ERR_INPUT, "'sender_phone' must be 09 and 8 more digits");
        kept_phone = phone;
    }
    return db_do(tx->db, &SQL_ship_sender_put,
                 ARGS(V(shop_id), V(set->kind), set->name ? V((const char *)name) : VNULL,
                      V(kept_phone), V(tx->cx->now_ms)),
                 NULL);
}
