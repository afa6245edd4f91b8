#include "order/report.h"
#include "base/arena.h"
#include "base/csv.h"
#include "catalog/catalog.h"
#include "order/order_in.h"
#include "order/packing_in.h"
#include "order/report.sql.h"

#include <string.h>

enum { REPORT_LISTINGS = 300 };

struct product_sums {
    int64_t claimed_qty;
    struct {
        int64_t qty, amount, paid_qty, paid;
    } of[MARKET_COUNT];
};

struct report_listing {
    int64_t product_id;
    const char *public_id, *product_public, *code, *title, *key, *builtin;
    struct product_sums sums;
};

struct gmv {
    int64_t claimed, ordered, paid;
};

struct report {
    int64_t show_id, shop_id, started_ms, ended_ms, peak;
    const char *title;
    int64_t seen, claimed, ordered, paid; /* people */
    int64_t claims, orders, waited, unpaid_orders, unpaid_carts;
    struct gmv gmv[MARKET_COUNT];
    struct report_listing *listings;
    size_t count;
};

/* ---- reading ---- */

static enum err find_show(struct db *db, struct cx *cx, const struct room_who *who,
                          const char *show, struct report *r)
{
    enum err e = db_row(db, cx->arena, &SQL_report_show, ARGS(V(show)),
                        COLS(C(&r->show_id), C(&r->shop_id), C(&r->title), C(&r->started_ms),
                             C(&r->ended_ms), C(&r->peak)));
    if (e == ERR_NOT_FOUND || (!e && room_role(who, r->shop_id) == ROLE_NONE))
        return problem(cx, ERR_NOT_FOUND, "there is no such show");
    if (!e && !account_may(room_role(who, r->shop_id), ACTION_REPORT_SEE))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    return e;
}

/* One sum for each market, into a field of gmv. */
static enum err read_gmv(struct db *db, struct cx *cx, const struct sql *q, struct report *r,
                         size_t field)
{
    const char *code;
    int64_t sum;
    struct rows rows = db_rows(db, q, ARGS(V(r->show_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&code), C(&sum)))) {
        const struct market *m = market_find(code);
        if (m)
            *(int64_t *)((char *)&r->gmv[market_index(m)] + field) = sum;
    }
    return rows_end(&rows);
}

static enum err read_listings(struct db *db, struct cx *cx, struct report *r)
{
    struct report_listing l = {.product_id = 0};
    r->listings = arena_array(cx->arena, struct report_listing, REPORT_LISTINGS);
    if (!r->listings)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_report_listings, ARGS(V(r->show_id)));
    while (r->count < REPORT_LISTINGS &&
           rows_next(&rows, cx->arena,
                     COLS(C(&l.public_id), C(&l.product_id), C(&l.product_public), C(&l.code),
                          C(&l.title), C(&l.key), C(&l.builtin))))
        r->listings[r->count++] = l;
    return rows_end(&rows);
}

/* The first listing of a product has its sums. */
static struct product_sums *sums_of(struct report *r, int64_t product_id)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->listings[i].product_id == product_id)
            return &r->listings[i].sums;
    return NULL;
}

static enum err read_product_sums(struct db *db, struct cx *cx, struct report *r)
{
    int64_t product, qty, amount, paid_qty, paid;
    const char *code;
    struct product_sums *s;
    struct rows rows = db_rows(db, &SQL_report_product_claimed, ARGS(V(r->show_id)));
    while (rows_next(&rows, NULL, COLS(C(&product), C(&qty))))
        if ((s = sums_of(r, product)))
            s->claimed_qty = qty;
    enum err e = rows_end(&rows);
    if (e)
        return e;
    rows = db_rows(db, &SQL_report_product_ordered, ARGS(V(r->show_id)));
    while (rows_next(&rows, cx->arena,
                     COLS(C(&product), C(&code), C(&qty), C(&amount), C(&paid_qty), C(&paid)))) {
        const struct market *m = market_find(code);
        if (!m || !(s = sums_of(r, product)))
            continue;
        size_t i = market_index(m);
        s->of[i].qty = qty;
        s->of[i].amount = amount;
        s->of[i].paid_qty = paid_qty;
        s->of[i].paid = paid;
    }
    return rows_end(&rows);
}

static enum err read_all(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                         struct report *r)
{
    enum err e = find_show(db, cx, who, show, r);
    if (!e)
        e = db_row(db, NULL, &SQL_report_people, ARGS(V(r->show_id)),
                   COLS(C(&r->seen), C(&r->claimed), C(&r->ordered), C(&r->paid)));
    if (!e)
        e = db_row(db, NULL, &SQL_report_counts, ARGS(V(r->show_id)),
                   COLS(C(&r->claims), C(&r->orders), C(&r->waited), C(&r->unpaid_orders),
                        C(&r->unpaid_carts)));
    if (!e)
        e = read_gmv(db, cx, &SQL_report_claimed, r, offsetof(struct gmv, claimed));
    if (!e)
        e = read_gmv(db, cx, &SQL_report_ordered, r, offsetof(struct gmv, ordered));
    if (!e)
        e = read_gmv(db, cx, &SQL_report_paid, r, offsetof(struct gmv, paid));
    if (!e)
        e = read_listings(db, cx, r);
    return e ? e : read_product_sums(db, cx, r);
}

/* ---- JSON ---- */

static json_t *gmv_json(const struct report *r)
{
    json_t *o = json_object();
    for (size_t i = 0; i < MARKET_COUNT; i++) {
        const struct gmv *g = &r->gmv[i];
        const char *c = markets[i].currency;
        if (g->claimed || g->ordered || g->paid)
            (void)json_object_set_new(
                o, c,
                json_pack("{s:o,s:o,s:o}", "claimed", order_money(g->claimed, c), "ordered",
                          order_money(g->ordered, c), "paid_net", order_money(g->paid, c)));
    }
    return o;
}

static json_t *product_row(const struct report_listing *l)
{
    json_t *ordered = json_object(), *paid = json_object();
    int64_t qty = 0, paid_qty = 0;
    for (size_t i = 0; i < MARKET_COUNT; i++) {
        const char *c = markets[i].currency;
        qty += l->sums.of[i].qty;
        paid_qty += l->sums.of[i].paid_qty;
        if (l->sums.of[i].qty)
            (void)json_object_set_new(ordered, c, order_money(l->sums.of[i].amount, c));
        if (l->sums.of[i].paid_qty)
            (void)json_object_set_new(paid, c, order_money(l->sums.of[i].paid, c));
    }
    struct product_media pic = {.key = l->key, .builtin = l->builtin};
    struct product p = {.media = &pic, .media_count = pic.key || pic.builtin ? 1 : 0};
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:I,s:I,s:I,s:o,s:o}", "listing_id", l->public_id,
                     "product_id", l->product_public, "code", l->code, "title",
                     stored_json(l->title), "image", product_image_json(&p), "claimed_qty",
                     (json_int_t)l->sums.claimed_qty, "ordered_qty", (json_int_t)qty, "paid_qty",
                     (json_int_t)paid_qty, "ordered", ordered, "paid_net", paid);
}

static enum err add_samples(struct db *db, const struct report *r, json_t *j)
{
    int64_t at, viewers, sum = 0, n = 0;
    json_t *list = json_array();
    struct rows rows = db_rows(db, &SQL_report_samples, ARGS(V(r->show_id)));
    while (rows_next(&rows, NULL, COLS(C(&at), C(&viewers)))) {
        sum += viewers;
        n++;
        (void)json_array_append_new(
            list, json_pack("{s:I,s:I}", "at", (json_int_t)at, "viewers", (json_int_t)viewers));
    }
    (void)json_object_set_new(j, "retention", list);
    (void)json_object_set_new(j, "viewers",
                              json_pack("{s:I,s:I,s:I}", "distinct", (json_int_t)r->seen, "peak",
                                        (json_int_t)r->peak, "average",
                                        (json_int_t)(n ? (sum + n / 2) / n : 0)));
    return rows_end(&rows);
}

static enum err add_pins(struct db *db, struct cx *cx, const struct report *r, json_t *j)
{
    int64_t at, until;
    const char *code, *id;
    json_t *list = json_array();
    struct rows rows = db_rows(db, &SQL_report_pins, ARGS(V(r->show_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&at), C(&until), C(&code), C(&id))))
        (void)json_array_append_new(list,
                                    json_pack("{s:I,s:o,s:s,s:s}", "at", (json_int_t)at, "until",
                                              ms_or_null(until), "code", code, "listing_id", id));
    (void)json_object_set_new(j, "pins", list);
    return rows_end(&rows);
}

static enum err add_deals(struct db *db, struct cx *cx, const struct report *r, json_t *j)
{
    int64_t at, until, quota, taken;
    const char *code;
    json_t *list = json_array();
    struct rows rows = db_rows(db, &SQL_report_deals, ARGS(V(r->show_id)));
    while (rows_next(&rows, cx->arena, COLS(C(&at), C(&until), C(&code), C(&quota), C(&taken))))
        (void)json_array_append_new(list,
                                    json_pack("{s:o,s:o,s:s,s:I,s:I}", "at", ms_or_null(at),
                                              "until", ms_or_null(until), "code", code, "quota",
                                              (json_int_t)quota, "taken", (json_int_t)taken));
    (void)json_object_set_new(j, "deals", list);
    return rows_end(&rows);
}

static json_t *head_json(const char *show, const struct report *r)
{
    json_t *products = json_array();
    for (size_t i = 0; i < r->count; i++)
        (void)json_array_append_new(products, product_row(&r->listings[i]));
    return json_pack("{s:s,s:o,s:o,s:o,s:{s:I,s:I,s:I,s:I},s:I,s:I,s:I,s:o,s:o,s:{s:I,s:I}}",
                     "show_id", show, "title", stored_json(r->title), "started_at",
                     ms_or_null(r->started_ms), "ended_at", ms_or_null(r->ended_ms), "funnel",
                     "viewers", (json_int_t)r->seen, "claimed", (json_int_t)r->claimed, "ordered",
                     (json_int_t)r->ordered, "paid", (json_int_t)r->paid, "claims",
                     (json_int_t)r->claims, "orders", (json_int_t)r->orders, "waitlist_taken",
                     (json_int_t)r->waited, "gmv", gmv_json(r), "products", products, "unpaid",
                     "orders", (json_int_t)r->unpaid_orders, "carts", (json_int_t)r->unpaid_carts);
}

enum err report_read(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                     json_t **ret_report)
{
    struct report r = {.show_id = 0};
    enum err e = read_all(db, cx, who, show, &r);
    json_t *j = e ? NULL : head_json(show, &r);
    if (!e && !j)
        e = ERR_NO_MEMORY;
    if (!e)
        e = add_samples(db, &r, j);
    if (!e)
        e = add_pins(db, cx, &r, j);
    if (!e)
        e = add_deals(db, cx, &r, j);
    if (e)
        json_decref(j);
    else
        *ret_report = j;
    return e;
}

/* ---- CSV ---- */

static void csv_head(struct buf *out, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        csv_text(out, names[i]);
    csv_row_end(out);
}

static void csv_product(struct buf *out, const struct report_listing *l)
{
    json_t *title = stored_json(l->title);
    for (size_t i = 0; i < MARKET_COUNT; i++) {
        const char *c = markets[i].currency;
        if (!l->sums.of[i].qty && i)
            continue;
        csv_text(out, l->code);
        csv_text(out, title_text(title));
        csv_text(out, c);
        csv_i64(out, l->sums.claimed_qty);
        csv_i64(out, l->sums.of[i].qty);
        csv_money(out, l->sums.of[i].amount, c);
        csv_i64(out, l->sums.of[i].paid_qty);
        csv_money(out, l->sums.of[i].paid, c);
        csv_row_end(out);
    }
    json_decref(title);
}

enum err report_csv(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                    struct buf *out)
{
    static const char *const head[] = {"code",        "title",   "currency", "claimed_qty",
                                       "ordered_qty", "ordered", "paid_qty", "paid_net"};
    static const char *const sums[] = {"sum", "claimed", "ordered", "paid_net"};
    struct report r = {.show_id = 0};
    enum err e = read_all(db, cx, who, show, &r);
    if (e)
        return e;
    csv_begin(out);
    csv_head(out, head, sizeof head / sizeof head[0]);
    for (size_t i = 0; i < r.count; i++)
        csv_product(out, &r.listings[i]);
    csv_row_end(out);
    csv_head(out, sums, sizeof sums / sizeof sums[0]);
    for (size_t i = 0; i < MARKET_COUNT; i++) {
        const char *c = markets[i].currency;
        csv_text(out, c);
        csv_money(out, r.gmv[i].claimed, c);
        csv_money(out, r.gmv[i].ordered, c);
        csv_money(out, r.gmv[i].paid, c);
        csv_row_end(out);
    }
    return buf_err(out);
}
