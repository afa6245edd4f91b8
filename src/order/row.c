/* Rows of orders and their lines, and who may have them. */
#include "base/arena.h"
#include "order/order.sql.h"
#include "order/order_in.h"

#include <string.h>

/* ---- orders ---- */

enum { ORDER_COLUMNS = 30 };

static void order_columns(struct order_row *r, const char **state,
                          struct col out[ORDER_COLUMNS + 1])
{
    const struct col cols[] = {C(&r->id),
                               C(&r->public_id),
                               C(&r->no),
                               C(&r->shop_id),
                               C(&r->shop_public_id),
                               C(&r->shop_slug),
                               C(&r->shop_name),
                               C(&r->viewer_id),
                               C(&r->show_id),
                               C(&r->coupon_id),
                               C(&r->market),
                               C(&r->currency),
                               C(state),
                               C(&r->subtotal),
                               C(&r->discount),
                               C(&r->shipping),
                               C(&r->tax),
                               C(&r->total),
                               C(&r->delivery),
                               C(&r->address),
                               C(&r->invoice),
                               C(&r->note),
                               C(&r->staff_note),
                               C(&r->pay_method),
                               C(&r->secret_hash),
                               C(&r->expires_ms),
                               C(&r->confirmed_ms),
                               C(&r->done_ms),
                               C(&r->created_ms),
                               C(&r->version),
                               {0}};
    _Static_assert(sizeof cols / sizeof cols[0] == ORDER_COLUMNS + 1, "as in order.sql");
    memcpy(out, cols, sizeof cols);
}

static enum err no_order(struct cx *cx)
{
    return problem(cx, ERR_NOT_FOUND, "there is no such order");
}

enum err order_by_id(struct db *db, struct cx *cx, int64_t id, struct order_row *ret)
{
    struct order_row r;
    const char *state;
    struct col cols[ORDER_COLUMNS + 1];
    order_columns(&r, &state, cols);
    enum err e = db_row(db, cx->arena, &SQL_order_by_id, ARGS(V(id)), cols);
    if (e)
        return e == ERR_NOT_FOUND ? no_order(cx) : e;
    if (order_state_parse(state, &r.state))
        return ERR_STORE;
    *ret = r;
    return ERR_OK;
}

static bool secret_fits(const struct order_row *r, const char *secret)
{
    unsigned char hash[SHA256_LEN];
    if (!secret || !r->secret_hash.p)
        return false;
    secret_hash(secret, hash);
    return crypto_same(hash, sizeof hash, r->secret_hash.p, r->secret_hash.len);
}

static bool is_buyer(const struct order_row *r, const struct room_who *who, const char *secret)
{
    return (who->viewer_id && r->viewer_id == who->viewer_id) || secret_fits(r, secret);
}

struct finder {
    const struct room_who *who;
    const struct order_ref *ref;
    bool staff;
    enum action action;
    bool seen; /* one in a shop of theirs, but the role may not */
};

static bool fits(struct finder *f, const struct order_row *r)
{
    if (!f->staff)
        return is_buyer(r, f->who, f->ref->secret);
    enum role role = room_role(f->who, r->shop_id);
    if (role == ROLE_NONE || (f->ref->shop && strcmp(f->ref->shop, r->shop_slug) != 0))
        return false;
    f->seen = true;
    return account_may(role, f->action);
}

static enum err find(struct db *db, struct cx *cx, struct finder *f, struct order_row *ret)
{
    struct order_row r;
    const char *state;
    struct col cols[ORDER_COLUMNS + 1];
    bool found = false;
    if (!f->ref->no || strlen(f->ref->no) > 40)
        return no_order(cx);
    order_columns(&r, &state, cols);
    struct rows rows = db_rows(db, &SQL_order_by_no, ARGS(V(f->ref->no)));
    while (!found && rows_next(&rows, cx->arena, cols)) {
        found = fits(f, &r) && order_state_parse(state, &r.state) == ERR_OK;
        if (found)
            *ret = r;
    }
    enum err e = rows_end(&rows);
    if (e || found)
        return e;
    return f->seen ? problem(cx, ERR_FORBIDDEN, "your role may not do this") : no_order(cx);
}

enum err order_for_buyer(struct db *db, struct cx *cx, const struct room_who *who,
                         const struct order_ref *ref, struct order_row *ret)
{
    struct finder f = {.who = who, .ref = ref};
    return find(db, cx, &f, ret);
}

enum err order_for_staff(struct db *db, struct cx *cx, const struct room_who *who,
                         const struct order_ref *ref, enum action action, struct order_row *ret)
{
    struct finder f = {.who = who, .ref = ref, .staff = true, .action = action};
    return find(db, cx, &f, ret);
}

enum err shop_for(struct cx *cx, const struct room_who *who, const char *slug, enum action action,
                  int64_t *ret_shop_id)
{
    bool seen = false;
    for (size_t i = 0; i < who->staff_count; i++) {
        if (slug && strcmp(who->staff[i].shop_slug, slug) != 0)
            continue;
        seen = true;
        if (account_may(who->staff[i].role, action)) {
            *ret_shop_id = who->staff[i].shop_id;
            return ERR_OK;
        }
    }
    return seen ? problem(cx, ERR_FORBIDDEN, "your role may not do this")
                : problem(cx, ERR_NOT_FOUND, "there is no such shop of yours");
}

/* ---- lines ---- */

enum err order_lines(struct db *db, struct cx *cx, int64_t order_id, struct order_line **ret_lines,
                     size_t *ret_count)
{
    struct order_line l;
    size_t n = 0;
    struct order_line *list = arena_array(cx->arena, struct order_line, ORDER_LINES_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    struct rows r = db_rows(db, &SQL_order_lines, ARGS(V(order_id)));
    while (n < ORDER_LINES_MAX &&
           rows_next(&r, cx->arena,
                     COLS(C(&l.id), C(&l.line_no), C(&l.variant_id), C(&l.variant_public),
                          C(&l.product_public), C(&l.title), C(&l.options), C(&l.product_options),
                          C(&l.code), C(&l.image), C(&l.qty), C(&l.unit), C(&l.discount), C(&l.tax),
                          C(&l.source), C(&l.exempt), C(&l.refunded), C(&l.packed), C(&l.in_parcel),
                          C(&l.returned), C(&l.restocked))))
        list[n++] = l;
    enum err e = rows_end(&r);
    if (!e) {
        *ret_lines = list;
        *ret_count = n;
    }
    return e;
}

const struct order_line *line_by_no(const struct order_line *lines, size_t n, int64_t no)
{
    for (size_t i = 0; i < n; i++)
        if (lines[i].line_no == no)
            return &lines[i];
    return NULL;
}

static bool named_before(const struct line_qty_ask *asks, size_t n, const struct order_line *line)
{
    for (size_t i = 0; i < n; i++)
        if (asks[i].line == line)
            return true;
    return false;
}

enum err lines_ask(struct cx *cx, const json_t *in, const struct order_line *lines, size_t n,
                   struct line_qty_ask **ret_asks, size_t *ret_count)
{
    size_t count = json_array_size(in);
    if (!json_is_array(in) || !count || count > n)
        return problem(cx, ERR_INPUT, "'lines' must name lines of the order");
    struct line_qty_ask *asks = arena_array(cx->arena, struct line_qty_ask, count);
    if (!asks)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const json_t *o = json_array_get(in, i), *qty = json_object_get(o, "qty");
        asks[i].line = line_by_no(lines, n, json_integer_value(json_object_get(o, "no")));
        asks[i].qty = json_integer_value(qty);
        if (!asks[i].line || asks[i].qty < 1 || asks[i].qty > asks[i].line->qty ||
            named_before(asks, i, asks[i].line))
            return problem(cx, ERR_INPUT, "'lines' must name lines of the order, each once");
    }
    *ret_asks = asks;
    *ret_count = count;
    return ERR_OK;
}
