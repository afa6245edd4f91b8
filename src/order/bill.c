#include "order/bill.h"
#include "account/account.h"
#include "base/arena.h"
#include "catalog/market.h"
#include "order/bill.sql.h"
#include "order/order_in.h"

#include <string.h>

enum { BILL_SLICE = 64, BILLS_MAX = 1000, REMIND_SLICE = 4 };
#define REMIND_AGAIN_MS (INT64_C(6) * 3600 * 1000)

/* The show, in a shop where `who` may send bills. */
static enum err find_show(struct db *db, struct cx *cx, const struct room_who *who,
                          const char *show, int64_t *ret_show, int64_t *ret_shop)
{
    int64_t id = 0, shop = 0;
    enum err e = db_row(db, NULL, &SQL_bill_show, ARGS(V(show)), COLS(C(&id), C(&shop)));
    if (e == ERR_NOT_FOUND || (!e && room_role(who, shop) == ROLE_NONE))
        return problem(cx, ERR_NOT_FOUND, "there is no such show");
    if (!e && !account_may(room_role(who, shop), ACTION_BILL_SEND))
        return problem(cx, ERR_FORBIDDEN, "your role may not do this");
    if (!e) {
        *ret_show = id;
        *ret_shop = shop;
    }
    return e;
}

/* ---- making ---- */

struct bill_new {
    int64_t id, shop_id, viewer_id, cart_id;
    char public_id[ID_TEXT], secret[ORDER_SECRET_SIZE];
};

struct slice {
    int64_t show_id;
    struct bill_new *bills;
    size_t count;
    int64_t made;
};

static enum err make_job(struct tx *tx, void *arg)
{
    struct slice *s = arg;
    enum err e = ERR_OK;
    s->made = 0;
    for (size_t i = 0; !e && i < s->count; i++) {
        const struct bill_new *b = &s->bills[i];
        int64_t changed = 0;
        e = db_do(tx->db, &SQL_bill_insert,
                  ARGS(V(b->id), V((const char *)b->public_id), V(b->shop_id), V(s->show_id),
                       V(b->viewer_id), V(b->cart_id), V((const char *)b->secret),
                       V(tx->cx->now_ms)),
                  &changed);
        s->made += changed;
    }
    return e;
}

static enum err read_carts(struct orders *o, struct slice *s)
{
    struct db *db;
    enum err e = store_read(o->store, &db);
    if (e)
        return e;
    s->count = 0;
    struct bill_new b = {.id = 0};
    struct rows r = db_rows(db, &SQL_bill_carts, ARGS(V(s->show_id), V((int64_t)BILL_SLICE)));
    while (s->count < BILL_SLICE &&
           rows_next(&r, NULL, COLS(C(&b.cart_id), C(&b.shop_id), C(&b.viewer_id)))) {
        b.id = id_next();
        id_make("bil", b.public_id);
        order_secret(o, "bill", b.public_id, b.secret);
        s->bills[s->count++] = b;
    }
    e = rows_end(&r);
    store_read_end(db);
    return e;
}

static enum err make_all(struct orders *o, struct cx *cx, int64_t show_id, int64_t *ret_made)
{
    struct slice s = {.show_id = show_id,
                      .bills = arena_array(cx->arena, struct bill_new, BILL_SLICE)};
    enum err e = s.bills ? ERR_OK : ERR_NO_MEMORY;
    int64_t made = 0;
    for (int i = 0; !e && i < BILLS_MAX / BILL_SLICE; i++) {
        e = read_carts(o, &s);
        if (e || !s.count)
            break;
        e = store_do(o->store, cx, "bill.make", make_job, &s);
        made += s.made;
    }
    if (!e)
        *ret_made = made;
    return e;
}

/* ---- the list ---- */

static json_t *bill_row(struct cx *cx, const char *const t[5], const int64_t n[6])
{
    char masked[MASKED_SIZE];
    const struct market *m = market_find(t[4]);
    bool open = strcmp(t[3], "open") == 0 && n[3];
    const char *state = open ? "open" : strcmp(t[3], "ordered") == 0 ? "ordered" : "gone";
    char *url = arena_fmt(cx->arena, "/b/%s?s=%s", t[0], t[1]);
    account_mask_name(t[2], masked);
    return json_pack("{s:s,s:s,s:s,s:o,s:I,s:o,s:I,s:o,s:o,s:s}", "id", t[0], "buyer", masked,
                     "url", url ? url : "", "total", order_money(n[4], m ? m->currency : "TWD"),
                     "lines_n", (json_int_t)n[3], "hold_until", ms_or_null(n[5]), "reminded",
                     (json_int_t)n[0], "reminded_at", ms_or_null(n[1]), "opened_at",
                     ms_or_null(n[2]), "state", state);
}

static enum err list_json(struct db *db, struct cx *cx, int64_t show_id, json_t **ret_list,
                          int64_t *ret_open)
{
    const char *t[5];
    int64_t n[6], open = 0;
    json_t *list = json_array();
    struct rows r = db_rows(db, &SQL_bills_of_show, ARGS(V(show_id)));
    while (rows_next(&r, cx->arena,
                     COLS(C(&t[0]), C(&t[1]), C(&t[2]), C(&t[3]), C(&t[4]), C(&n[0]), C(&n[1]),
                          C(&n[2]), C(&n[3]), C(&n[4]), C(&n[5])))) {
        open += strcmp(t[3], "open") == 0 && n[3];
        (void)json_array_append_new(list, bill_row(cx, t, n));
    }
    enum err e = rows_end(&r);
    if (e) {
        json_decref(list);
    } else {
        *ret_list = list;
        *ret_open = open;
    }
    return e;
}

enum err bill_list(struct db *db, struct cx *cx, const struct room_who *who, const char *show,
                   json_t **ret_bills)
{
    int64_t show_id = 0, shop_id, open = 0;
    json_t *items = NULL;
    enum err e = find_show(db, cx, who, show, &show_id, &shop_id);
    if (!e)
        e = list_json(db, cx, show_id, &items, &open);
    if (e)
        return e;
    *ret_bills = json_pack("{s:o,s:I}", "items", items, "open", (json_int_t)open);
    return *ret_bills ? ERR_OK : ERR_NO_MEMORY;
}

enum err bill_make(struct orders *o, struct cx *cx, const struct room_who *who, const char *show,
                   json_t **ret_bills)
{
    int64_t show_id = 0, shop_id, made = 0;
    struct db *db = NULL;
    enum err e = store_read(o->store, &db);
    if (!e)
        e = find_show(db, cx, who, show, &show_id, &shop_id);
    store_read_end(db);
    if (!e)
        e = make_all(o, cx, show_id, &made);
    db = NULL;
    if (!e)
        e = store_read(o->store, &db);
    if (!e)
        e = bill_list(db, cx, who, show, ret_bills);
    store_read_end(db);
    if (!e)
        (void)json_object_set_new(*ret_bills, "made", json_integer(made));
    return e;
}

/* ---- reminding ---- */

struct unpaid {
    int64_t id, viewer_id, reminded_ms;
    const char *public_id;
};

struct remind {
    struct orders *o;
    int64_t show_id;
    const struct unpaid *list;
    size_t count;
    int64_t done;
};

/* A private event each: the page that is open says it at once. */
static enum err remind_job(struct tx *tx, void *arg)
{
    struct remind *m = arg;
    enum err e = ERR_OK;
    m->done = 0;
    for (size_t i = 0; !e && i < m->count; i++) {
        int64_t changed = 0;
        e = db_do(tx->db, &SQL_bill_reminded,
                  ARGS(V(tx->cx->now_ms), V(m->list[i].id), V(tx->cx->now_ms - REMIND_AGAIN_MS)),
                  &changed);
        if (!e && changed && m->o->room)
            e = room_tell_viewer(tx, m->o->room, m->show_id, m->list[i].viewer_id, "bill.remind",
                                 json_pack("{s:s}", "bill", m->list[i].public_id));
        m->done += changed;
    }
    return e;
}

static enum err read_unpaid(struct orders *o, struct cx *cx, int64_t show_id,
                            struct unpaid **ret_list, size_t *ret_count)
{
    struct db *db = NULL;
    struct unpaid u;
    size_t n = 0;
    struct unpaid *list = arena_array(cx->arena, struct unpaid, BILLS_MAX);
    enum err e = list ? store_read(o->store, &db) : ERR_NO_MEMORY;
    if (e)
        return e;
    struct rows r = db_rows(db, &SQL_bills_unpaid, ARGS(V(show_id)));
    while (n < BILLS_MAX &&
           rows_next(&r, cx->arena,
                     COLS(C(&u.id), C(&u.public_id), C(&u.viewer_id), C(&u.reminded_ms))))
        list[n++] = u;
    e = rows_end(&r);
    store_read_end(db);
    if (!e) {
        *ret_list = list;
        *ret_count = n;
    }
    return e;
}

enum err bill_remind(struct orders *o, struct cx *cx, const struct room_who *who, const char *show,
                     json_t **ret_counts)
{
    json_t *bills = NULL;
    struct unpaid *list = NULL;
    struct db *db = NULL;
    size_t n = 0;
    int64_t show_id = 0, shop_id, reminded = 0;
    enum err e = bill_make(o, cx, who, show, &bills);
    json_decref(bills);
    if (!e)
        e = store_read(o->store, &db);
    if (!e)
        e = find_show(db, cx, who, show, &show_id, &shop_id);
    store_read_end(db);
    if (!e)
        e = read_unpaid(o, cx, show_id, &list, &n);
    for (size_t i = 0; !e && i < n; i += REMIND_SLICE) {
        struct remind m = {o, show_id, list + i, n - i < REMIND_SLICE ? n - i : REMIND_SLICE, 0};
        e = store_do(o->store, cx, "bill.remind", remind_job, &m);
        reminded += m.done;
    }
    if (e)
        return e;
    *ret_counts = json_pack("{s:I,s:I,s:I}", "unpaid", (json_int_t)n, "reminded",
                            (json_int_t)reminded, "skipped", (json_int_t)((int64_t)n - reminded));
    return *ret_counts ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- the link ---- */

struct opened {
    int64_t bill_id, at_ms;
};

static enum err opened_job(struct tx *tx, void *arg)
{
    const struct opened *d = arg;
    return db_do(tx->db, &SQL_bill_opened, ARGS(V(tx->cx->now_ms), V(d->bill_id)), NULL);
}

static enum err add_order(struct orders *o, struct db *db, struct cx *cx, int64_t cart_id,
                          json_t *bill)
{
    const char *no, *id;
    char secret[ORDER_SECRET_SIZE];
    enum err e = db_row(db, cx->arena, &SQL_bill_order, ARGS(V(cart_id)), COLS(C(&no), C(&id)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    order_secret(o, "order", id, secret);
    (void)json_object_set_new(bill, "order", json_string(no));
    (void)json_object_set_new(bill, "order_secret", json_string(secret));
    return ERR_OK;
}

static enum err read_bill(struct orders *o, struct db *db, struct cx *cx,
                          const struct room_who *who, const char *id, const char *secret,
                          struct opened *opened, json_t **ret_bill)
{
    int64_t viewer_id, cart_id;
    const char *has, *show, *cart, *state, *market;
    const struct cart_ref ref = {.bill = id, .secret = secret};
    const struct quote_ask ask = {.delivery = DELIVERY_HOME};
    json_t *quote = NULL;
    enum err e = db_row(db, cx->arena, &SQL_bill_by_public_id, ARGS(V(id)),
                        COLS(C(&opened->bill_id), C(&has), C(&viewer_id), C(&cart_id),
                             C(&opened->at_ms), C(&show), C(&cart), C(&state), C(&market)));
    bool mine = !e && who->viewer_id && who->viewer_id == viewer_id;
    if (e == ERR_NOT_FOUND ||
        (!e && !mine && !(secret && crypto_same(has, strlen(has), secret, strlen(secret)))))
        return problem(cx, ERR_NOT_FOUND, "there is no such bill");
    if (!e)
        e = quote_read(o, db, cx, who, mine ? &(struct cart_ref){.cart = cart} : &ref, &ask,
                       &quote);
    if (e)
        return e;
    bool held = json_array_size(json_object_get(quote, "lines")) > 0;
    const char *said = strcmp(state, "ordered") == 0 ? "ordered" : held ? "open" : "gone";
    json_t *j = json_pack("{s:s,s:s,s:O,s:s,s:s,s:s,s:O,s:n,s:n}", "id", id, "state", said, "shop",
                          json_object_get(quote, "shop"), "show_id", show, "cart", cart, "market",
                          market, "quote", quote, "order", "order_secret");
    json_decref(quote);
    e = j ? add_order(o, db, cx, cart_id, j) : ERR_NO_MEMORY;
    if (e)
        json_decref(j);
    else
        *ret_bill = j;
    return e;
}

enum err bill_open(struct orders *o, struct cx *cx, const struct room_who *who, const char *bill,
                   const char *secret, json_t **ret_bill)
{
    struct db *db = NULL;
    struct opened d = {0};
    json_t *j = NULL;
    enum err e = store_read(o->store, &db);
    if (!e)
        e = read_bill(o, db, cx, who, bill, secret, &d, &j);
    store_read_end(db);
    if (!e && !d.at_ms)
        e = store_do(o->store, cx, "bill.opened", opened_job, &d);
    if (e)
        json_decref(j);
    else
        *ret_bill = j;
    return e;
}
