/* Reading deals, and how they look as JSON. */
#include "base/arena.h"
#include "room/deal.sql.h"
#include "room/sell_in.h"

#include <string.h>

static const char *const state_names[] = {
#define X(name, text) [DEAL_##name] = (text),
    DEAL_STATE_TABLE(X)
#undef X
};

const char *deal_state_name(enum deal_state s)
{
    return state_names[s];
}

struct raw {
    struct deal d;
    const char *state;
};

enum { DEAL_COLUMNS = 15 };

static void deal_columns(struct raw *r, struct col out[DEAL_COLUMNS + 1])
{
    struct deal *d = &r->d;
    const struct col cols[DEAL_COLUMNS + 1] = {
        C(&d->id),
        C(&d->public_id),
        C(&d->show_id),
        C(&d->listing_id),
        C(&d->listing_public),
        C(&d->variant_id),
        C(&d->variant_public),
        C(&d->quota),
        C(&d->taken),
        C(&d->each),
        C(&r->state),
        C(&d->countdown_s),
        C(&d->run_s),
        C(&d->opens_ms),
        C(&d->closes_ms),
        {0},
    };
    memcpy(out, cols, sizeof cols);
}

static enum err finish_row(struct raw *r)
{
    for (int i = 0; r->state && i < DEAL_STATE_COUNT; i++) {
        if (strcmp(r->state, state_names[i]) == 0) {
            r->d.state = (enum deal_state)i;
            return ERR_OK;
        }
    }
    return ERR_STORE; /* the schema's check says it cannot be */
}

static enum err read_prices(struct db *db, struct cx *cx, struct deal *d)
{
    const char *code;
    int64_t amount;
    for (int m = 0; m < MARKET_COUNT; m++)
        d->price[m] = -1;
    struct rows rows = db_rows(db, &SQL_deal_prices, ARGS(V(d->id)));
    while (rows_next(&rows, cx->arena, COLS(C(&code), C(&amount)))) {
        const struct market *m = market_find(code);
        if (m)
            d->price[market_index(m)] = amount;
    }
    return rows_end(&rows);
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct deal *ret_deal)
{
    struct raw raw = {.state = NULL};
    struct col cols[DEAL_COLUMNS + 1];
    deal_columns(&raw, cols);
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such deal");
    if (!e)
        e = finish_row(&raw);
    if (!e)
        e = read_prices(db, cx, &raw.d);
    if (!e)
        *ret_deal = raw.d;
    return e;
}

enum err deal_read(struct db *db, struct cx *cx, const char *public_id, struct deal *ret_deal)
{
    if (!id_ok(public_id, "dea"))
        return problem(cx, ERR_NOT_FOUND, "no such deal");
    return read_one(db, cx, &SQL_deal_by_public_id, ARGS(V(public_id)), ret_deal);
}

enum err deal_read_id(struct db *db, struct cx *cx, int64_t id, struct deal *ret_deal)
{
    return read_one(db, cx, &SQL_deal_by_id, ARGS(V(id)), ret_deal);
}

enum err deals_read(struct db *db, struct cx *cx, int64_t show_id, bool drafts,
                    struct deal **ret_list, size_t *ret_count)
{
    struct raw raw = {.state = NULL};
    struct col cols[DEAL_COLUMNS + 1];
    int64_t max = 0;
    size_t n = 0;
    enum err e = db_i64(db, &SQL_deal_count, ARGS(V(show_id)), &max);
    if (e)
        return e;
    struct deal *list = arena_array(cx->arena, struct deal, (size_t)max + 1);
    if (!list)
        return ERR_NO_MEMORY;
    deal_columns(&raw, cols);
    struct rows rows = db_rows(db, &SQL_deals_of_show, ARGS(V(show_id), V(drafts)));
    while (!e && n < (size_t)max && rows_next(&rows, cx->arena, cols)) {
        e = finish_row(&raw);
        list[n++] = raw.d;
        raw = (struct raw){.state = NULL};
    }
    enum err end = rows_end(&rows);
    if (!e)
        e = end;
    for (size_t i = 0; !e && i < n; i++)
        e = read_prices(db, cx, &list[i]);
    if (e)
        return e;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- JSON ---- */

static json_t *object(const struct deal *d, const char *id_key)
{
    return json_pack("{s:s, s:s, s:s?, s:o, s:I, s:I, s:I, s:s, s:I, s:I, s:o, s:o}", id_key,
                     d->public_id, "listing_id", d->listing_public, "variant_id", d->variant_public,
                     "prices", amounts_json(d->price), "quota", (json_int_t)d->quota, "left",
                     (json_int_t)(d->quota - d->taken), "per_buyer_max", (json_int_t)d->each,
                     "state", deal_state_name(d->state), "countdown_s", (json_int_t)d->countdown_s,
                     "run_s", (json_int_t)d->run_s, "opens_at", show_ms_json(d->opens_ms),
                     "closes_at", show_ms_json(d->closes_ms));
}

json_t *deal_json(const struct deal *d)
{
    return object(d, "id");
}

json_t *deal_event_json(const struct deal *d, const char *reason)
{
    json_t *o = object(d, "deal_id");
    if (o && reason)
        (void)json_object_set_new(o, "reason", json_string(reason));
    return o;
}

enum err deal_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, json_t **ret_list)
{
    struct show s;
    struct deal *list;
    size_t n = 0;
    enum err e = show_find(r, db, cx, who, show, &s);
    if (!e)
        e = deals_read(db, cx, s.id, account_may(room_role(who, s.shop_id), ACTION_STUDIO_SEE),
                       &list, &n);
    if (e)
        return e;
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(items, deal_json(&list[i]));
    *ret_list = json_pack("{s:o, s:I}", "items", items, "min_countdown_s",
                          (json_int_t)deal_min_countdown_s(r, &s));
    return *ret_list ? ERR_OK : ERR_NO_MEMORY;
}
