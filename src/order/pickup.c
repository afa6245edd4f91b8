/* Store pick-up: shipments as pages see them, a store that changes, what carriers tell. */
#include "base/arena.h"
#include "base/json.h"
#include "order/order_in.h"
#include "order/parcel.h"
#include "order/pickup.sql.h"
#include "order/pickup_in.h"

#include <stdlib.h>
#include <string.h>

/* ---- as pages see them ---- */

struct shipment_row {
    const char *parcel, *state, *payment_no, *code, *text, *provider_id, *validation_no, *problem;
    int64_t code_ms, tries, next_ms;
};

static json_t *find_parcel(json_t *parcels, const char *id)
{
    for (size_t i = 0; i < json_array_size(parcels); i++) {
        json_t *p = json_array_get(parcels, i);
        const char *known = json_string_value(json_object_get(p, "id"));
        if (known && strcmp(known, id) == 0)
            return p;
    }
    return NULL;
}

/* Nobody has it yet, so an order at the carrier can be made for it. */
static bool at_home(const json_t *parcel)
{
    const char *state = json_string_value(json_object_get(parcel, "state"));
    return state && (strcmp(state, "packing") == 0 || strcmp(state, "packed") == 0);
}

static json_t *shipment_json(const struct shipment_row *s, const json_t *parcel, bool staff)
{
    json_t *o =
        json_pack("{s:s,s:s?,s:s?,s:s?,s:o}", "state", s->state, "payment_no", s->payment_no,
                  "code", s->code, "text", s->text, "at", ms_or_null(s->code_ms));
    if (!o || !staff)
        return o;
    bool made = strcmp(s->state, "made") == 0;
    bool waits = strcmp(s->state, "queued") == 0 || strcmp(s->state, "sent") == 0;
    json_t *more = json_pack("{s:s?,s:s?,s:s?,s:I,s:o,s:b,s:b}", "provider_id", s->provider_id,
                             "validation_no", s->validation_no, "problem", s->problem, "tries",
                             (json_int_t)s->tries, "next_at", ms_or_null(waits ? s->next_ms : 0),
                             "can_ship", !made && at_home(parcel), "can_label", made);
    (void)json_object_update(o, more);
    json_decref(more);
    return o;
}

enum err pickup_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                     json_t *parcels, bool *ret_closed)
{
    struct shipment_row s;
    *ret_closed = false;
    for (size_t i = 0; i < json_array_size(parcels); i++)
        (void)json_object_set_new(json_array_get(parcels, i), "shipment", json_null());
    struct rows rows = db_rows(db, &SQL_pickup_shipments, ARGS(V(r->id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&s.parcel), C(&s.state), C(&s.payment_no), C(&s.code), C(&s.text),
                          C(&s.code_ms), C(&s.provider_id), C(&s.validation_no), C(&s.problem),
                          C(&s.tries), C(&s.next_ms)))) {
        json_t *p = find_parcel(parcels, s.parcel);
        if (!p)
            continue;
        (void)json_object_set_new(p, "shipment", shipment_json(&s, p, staff));
        *ret_closed = *ret_closed || (strcmp(s.state, "closed") == 0 && at_home(p));
    }
    return rows_end(&rows);
}

enum err parcel_read(struct orders *o, struct cx *cx, const struct room_who *who,
                     const char *parcel, json_t **ret_parcel)
{
    struct db *db = NULL;
    struct order_row r = {.id = 0};
    int64_t order_id = 0;
    enum err e = store_read(o->store, &db);
    if (!e)
        e = db_i64(db, &SQL_pickup_parcel_order, ARGS(V(parcel)), &order_id);
    if (!e)
        e = order_by_id(db, cx, order_id, &r);
    store_read_end(db);
    if (e == ERR_NOT_FOUND || (!e && room_role(who, r.shop_id) == ROLE_NONE))
        return problem(cx, ERR_NOT_FOUND, "there is no such parcel");
    if (!e && !account_may(room_role(who, r.shop_id), ACTION_ORDER_PACK))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    return e ? e : order_part_json(o, cx, order_id, "parcels", parcel, ret_parcel);
}

/* ---- what is told ---- */

enum err order_note_step(struct orders *o, struct tx *tx, int64_t order_id, const char *step)
{
    struct order_row r;
    enum err e = order_by_id(tx->db, tx->cx, order_id, &r);
    if (!e)
        e = order_step(tx, order_id, step, 0);
    return e ? e : order_tell(o, tx, &r);
}

static char *with_store(const struct order_row *r, const struct order_store *s)
{
    json_t *to = json_loads(r->address, 0, NULL);
    char *text = NULL;
    if (json_is_object(to)) {
        (void)json_object_set_new(to, "chain", json_string(s->chain));
        (void)json_object_set_new(to, "store_id", json_string(s->id));
        (void)json_object_set_new(to, "store_name", json_string(s->name));
        if (*s->address)
            (void)json_object_set_new(to, "store_address", json_string(s->address));
        else
            (void)json_object_del(to, "store_address");
        text = json_dumps(to, JSON_COMPACT | JSON_SORT_KEYS);
    }
    json_decref(to);
    return text;
}

enum err order_store_set(struct tx *tx, int64_t order_id, const struct order_store *store)
{
    struct order_row r;
    int64_t changed = 0;
    enum err e = order_by_id(tx->db, tx->cx, order_id, &r);
    if (e)
        return e;
    char *text = with_store(&r, store);
    e = text ? db_do(tx->db, &SQL_pickup_address_set, ARGS(V((const char *)text), V(order_id)),
                     &changed)
             : ERR_NO_MEMORY;
    free(text);
    if (!e && !changed)
        e = problem(tx->cx, ERR_TRANSITION, "the order's store cannot be changed any more");
    return e;
}
