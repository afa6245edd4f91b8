/* What stands on invoices and allowances: the lines, and which of them went back. */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "order/invoice.sql.h"
#include "order/invoice_in.h"
#include "order/packing_in.h"
#include "order/sum.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_CHARS = 80, UNHEARD_MAX = 64 };

#define SHIPPING_NAME "運費"
#define DISCOUNT_NAME "折扣"
#define REST_NAME     "退款"

/* ---- lines as they are kept ---- */

json_t *invoice_lines_json(const struct invoice_line *lines, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(
            list, json_pack("{s:s,s:I,s:I,s:I}", "n", lines[i].name, "q", (json_int_t)lines[i].qty,
                            "p", (json_int_t)lines[i].price, "a", (json_int_t)lines[i].amount));
    return list;
}

enum err invoice_lines_parse(struct cx *cx, const char *text, struct invoice_line **ret_lines,
                             size_t *ret_count)
{
    json_t *list = json_loads(text, 0, NULL);
    size_t n = json_array_size(list);
    struct invoice_line *lines = arena_array(cx->arena, struct invoice_line, n + 1);
    enum err e = !lines ? ERR_NO_MEMORY : n <= INVOICE_LINES_MAX ? ERR_OK : ERR_STORE;
    for (size_t i = 0; !e && i < n; i++) {
        const json_t *o = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(o, "n"));
        lines[i].name = name ? arena_dup(cx->arena, name, strlen(name)) : NULL;
        lines[i].qty = json_integer_value(json_object_get(o, "q"));
        lines[i].price = json_integer_value(json_object_get(o, "p"));
        lines[i].amount = json_integer_value(json_object_get(o, "a"));
        if (!lines[i].name)
            e = name ? ERR_NO_MEMORY : ERR_STORE;
    }
    json_decref(list);
    if (!e) {
        *ret_lines = lines;
        *ret_count = n;
    }
    return e;
}

const char *invoice_line_name(struct cx *cx, const struct order_line *l)
{
    struct buf name;
    json_t *title = stored_json(l->title), *options = stored_json(l->options);
    buf_init(&name, 4096);
    buf_str(&name, title_text(title));
    if (json_array_size(options) || json_object_size(options)) {
        buf_str(&name, " ");
        options_text(&name, options);
    }
    size_t len = name.data ? strlen(name.data) : 0;
    len = len ? text_prefix(name.data, len, NAME_CHARS) : 0;
    while (len && name.data[len - 1] == ' ')
        len--;
    const char *copy = len ? arena_dup(cx->arena, name.data, len) : "商品";
    buf_done(&name);
    json_decref(title);
    json_decref(options);
    return copy;
}

/* ---- the whole ---- */

static void add(struct invoice_line *lines, size_t *n, const char *name, int64_t qty, int64_t price)
{
    lines[(*n)++] = (struct invoice_line){name, qty, price, qty * price};
}

/* Lines, what sending costs, what was taken off; prizes cost nothing and stand on no invoice. */
static enum err whole_lines(struct db *db, struct cx *cx, const struct order_row *r,
                            struct invoice_line **ret_lines, size_t *ret_count)
{
    struct order_line *lines;
    size_t n, count = 0;
    enum err e = order_lines(db, cx, r->id, &lines, &n);
    if (e)
        return e;
    struct invoice_line *out = arena_array(cx->arena, struct invoice_line, n + 2);
    if (!out)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const char *name = lines[i].unit ? invoice_line_name(cx, &lines[i]) : "";
        if (!name)
            return ERR_NO_MEMORY;
        if (lines[i].unit)
            add(out, &count, name, lines[i].qty, lines[i].unit);
    }
    if (r->shipping)
        add(out, &count, SHIPPING_NAME, 1, r->shipping);
    if (r->discount)
        add(out, &count, DISCOUNT_NAME, 1, -r->discount);
    *ret_lines = out;
    *ret_count = count;
    return ERR_OK;
}

/* A member of an object, in the arena; NULL: not there, or empty. */
static const char *member(struct cx *cx, const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text && *text ? arena_dup(cx->arena, text, strlen(text)) : NULL;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* Of the parcel, for a company's invoice on paper. */
static const char *address_line(struct cx *cx, const json_t *o)
{
    if (member(cx, o, "store_name"))
        return arena_fmt(cx->arena, "%s %s", member(cx, o, "store_name"),
                         or_empty(member(cx, o, "store_address")));
    return arena_fmt(cx->arena, "%s%s%s%s", or_empty(member(cx, o, "postcode")),
                     or_empty(member(cx, o, "city")), or_empty(member(cx, o, "district")),
                     or_empty(member(cx, o, "line")));
}

enum err invoice_doc(struct db *db, struct cx *cx, int64_t order_id, struct invoice_doc *ret_doc)
{
    struct order_row r;
    struct invoice_doc d = {.kind = NULL};
    enum err e = order_by_id(db, cx, order_id, &r);
    if (!e)
        e = whole_lines(db, cx, &r, &d.lines, &d.count);
    if (e)
        return e;
    json_t *asked = json_loads(r.invoice ? r.invoice : "{}", 0, NULL);
    json_t *to = json_loads(r.address, 0, NULL);
    d.kind = member(cx, asked, "kind");
    if (!d.kind)
        d.kind = "member";
    d.carrier = member(cx, asked, "carrier");
    d.love_code = member(cx, asked, "love_code");
    d.tax_id = member(cx, asked, "tax_id");
    d.title = member(cx, asked, "title");
    d.email = member(cx, asked, "email");
    d.phone = member(cx, to, "phone");
    if (d.tax_id && !d.title)
        d.title = member(cx, to, "name");
    if (d.tax_id && !(d.address = address_line(cx, to)))
        e = ERR_NO_MEMORY;
    json_decref(asked);
    json_decref(to);
    if (!e)
        *ret_doc = d;
    return e;
}

/* ---- what goes back ---- */

/* Refunds of one order that are heard of together. */
struct back {
    int64_t order_id, invoice_id, amount;
};

static enum err insert_allowance(struct tx *tx, const struct back *b, int64_t amount,
                                 const struct invoice_line *lines, size_t n)
{
    char *text = json_text_of(invoice_lines_json(lines, n));
    enum err e = text ? db_do(tx->db, &SQL_invoice_allowance_insert,
                              ARGS(V(id_next()), V(b->invoice_id), V(amount), V((const char *)text),
                                   V(tx->cx->now_ms)),
                              NULL)
                      : ERR_NO_MEMORY;
    free(text);
    return e;
}

/* Units of a line that went back since the last allowance. */
static enum err line_back(struct tx *tx, const struct order_line *l, struct invoice_line *out,
                          size_t *n, int64_t *sum)
{
    int64_t before = 0;
    enum err e = db_i64(tx->db, &SQL_invoice_line_allowed, ARGS(V(l->id)), &before);
    if (e || l->refunded <= before)
        return e;
    int64_t qty = l->refunded - before;
    int64_t amount = sum_units(l->qty * l->unit - l->discount, l->qty, before, qty);
    e = db_do(tx->db, &SQL_invoice_line_allow, ARGS(V(l->refunded), V(l->id)), NULL);
    const char *name = e || !amount ? "" : invoice_line_name(tx->cx, l);
    if (e || !amount || !name)
        return e || name ? e : ERR_NO_MEMORY;
    if (amount % qty)
        name = arena_fmt(tx->cx->arena, "%s ×%lld", name, (long long)qty);
    if (!name)
        return ERR_NO_MEMORY;
    add(out, n, name, amount % qty ? 1 : qty, amount % qty ? amount : amount / qty);
    *sum += amount;
    return ERR_OK;
}

/* The lines that went back, and what beside them; where those do not fit the money, the money. */
static enum err part_lines(struct tx *tx, const struct back *b, int64_t amount,
                           struct invoice_line **ret_lines, size_t *ret_count)
{
    struct order_line *lines;
    size_t n, count = 0;
    int64_t sum = 0;
    enum err e = order_lines(tx->db, tx->cx, b->order_id, &lines, &n);
    struct invoice_line *out = e ? NULL : arena_array(tx->cx->arena, struct invoice_line, n + 1);
    if (!e && !out)
        e = ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++)
        e = line_back(tx, &lines[i], out, &count, &sum);
    if (e)
        return e;
    if (sum > amount)
        count = 0;
    if (sum != amount)
        add(out, &count, REST_NAME, 1, count ? amount - sum : amount);
    *ret_lines = out;
    *ret_count = count;
    return ERR_OK;
}

static enum err hear_part(struct tx *tx, const struct back *b, int64_t amount)
{
    struct invoice_line *lines = NULL;
    size_t n = 0;
    int64_t changed = 0;
    enum err e = db_do(tx->db, &SQL_invoice_take_part,
                       ARGS(V(amount), V(tx->cx->now_ms), V(b->invoice_id)), &changed);
    if (!e && changed)
        e = part_lines(tx, b, amount, &lines, &n);
    return e || !changed ? e : insert_allowance(tx, b, amount, lines, n);
}

static enum err hear(struct tx *tx, const struct back *b)
{
    struct invoice_row i;
    if (!b->invoice_id || !b->amount)
        return ERR_OK;
    enum err e = invoice_read(tx->db, tx->cx, b->invoice_id, &i);
    if (e)
        return e;
    int64_t left = i.amount - i.allowed;
    int64_t amount = b->amount < left ? b->amount : left;
    if (!amount)
        return ERR_OK;
    return amount == i.amount ? invoice_undo(tx, i.order_id) : hear_part(tx, b, amount);
}

enum err invoice_unheard(struct db *db, bool *ret_any)
{
    int64_t id;
    enum err e = db_i64(db, &SQL_invoice_unheard_any, ARGS(), &id);
    if (e && e != ERR_NOT_FOUND)
        return e;
    *ret_any = !e;
    return ERR_OK;
}

enum err invoice_hear(struct tx *tx, bool *ret_more)
{
    struct back all[UNHEARD_MAX];
    int64_t ids[UNHEARD_MAX], id, order_id, amount, invoice_id, counts;
    size_t n = 0, orders = 0;
    struct rows r = db_rows(tx->db, &SQL_invoice_unheard, ARGS());
    while (
        n < UNHEARD_MAX &&
        rows_next(&r, NULL, COLS(C(&id), C(&order_id), C(&amount), C(&invoice_id), C(&counts)))) {
        ids[n++] = id;
        if (!orders || all[orders - 1].order_id != order_id)
            all[orders++] = (struct back){order_id, invoice_id, 0};
        all[orders - 1].amount += counts ? amount : 0;
    }
    enum err e = rows_end(&r);
    for (size_t i = 0; !e && i < n; i++)
        e = db_do(tx->db, &SQL_invoice_heard, ARGS(V(ids[i])), NULL);
    for (size_t i = 0; !e && i < orders; i++)
        e = hear(tx, &all[i]);
    if (!e)
        *ret_more = n == UNHEARD_MAX;
    return e;
}

/* All of it, with what was taken off taken off each line. */
static enum err net_lines(struct tx *tx, const struct order_row *r, struct invoice_line **ret_lines,
                          size_t *ret_count)
{
    struct order_line *lines;
    size_t n, count = 0;
    enum err e = order_lines(tx->db, tx->cx, r->id, &lines, &n);
    struct invoice_line *out = e ? NULL : arena_array(tx->cx->arena, struct invoice_line, n + 1);
    if (!e && !out)
        e = ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < n; i++) {
        int64_t qty = lines[i].qty, amount = qty * lines[i].unit - lines[i].discount;
        const char *name = amount ? invoice_line_name(tx->cx, &lines[i]) : "";
        if (name && amount % qty)
            name = arena_fmt(tx->cx->arena, "%s ×%lld", name, (long long)qty);
        if (!name)
            return ERR_NO_MEMORY;
        if (amount)
            add(out, &count, name, amount % qty ? 1 : qty, amount % qty ? amount : amount / qty);
    }
    if (!e && r->shipping)
        add(out, &count, SHIPPING_NAME, 1, r->shipping);
    *ret_lines = out;
    *ret_count = count;
    return e;
}

enum err invoice_rest(struct tx *tx, const struct invoice_turn *t)
{
    struct invoice_row i;
    struct order_row r;
    struct invoice_line *lines = NULL, rest;
    size_t n = 0;
    int64_t changed = 0;
    enum err e = invoice_read(tx->db, tx->cx, t->id, &i);
    if (!e)
        e = db_do(tx->db, &SQL_invoice_rest, ARGS(V(tx->cx->now_ms), V(t->id), V(t->lease_until)),
                  &changed);
    int64_t left = e ? 0 : i.amount - i.allowed;
    if (e || !changed || !left)
        return e;
    const struct back b = {i.order_id, i.id, left};
    e = order_by_id(tx->db, tx->cx, i.order_id, &r);
    if (!e && !i.allowed)
        e = net_lines(tx, &r, &lines, &n);
    if (!e && i.allowed) {
        rest = (struct invoice_line){REST_NAME, 1, left, left};
        lines = &rest;
        n = 1;
    }
    return e ? e : insert_allowance(tx, &b, left, lines, n);
}

/* ---- as pages see it ---- */

struct state_row {
    int64_t id, undo, allowed, asked, tries, next_ms;
    const char *public_id, *state, *number, *random, *date, *problem;
};

static enum err add_allowances(struct db *db, struct cx *cx, const struct order_row *r,
                               int64_t invoice_id, json_t *list)
{
    const char *number, *state, *items;
    int64_t amount, at;
    struct rows rows = db_rows(db, &SQL_invoice_allowances, ARGS(V(invoice_id)));
    while (
        rows_next(&rows, cx->arena, COLS(C(&number), C(&amount), C(&state), C(&items), C(&at)))) {
        struct invoice_line *lines = NULL;
        size_t n = 0;
        json_t *shown = json_array();
        if (invoice_lines_parse(cx, items, &lines, &n))
            n = 0;
        for (size_t i = 0; i < n; i++)
            (void)json_array_append_new(shown,
                                        json_pack("{s:s,s:I,s:o}", "name", lines[i].name, "qty",
                                                  (json_int_t)lines[i].qty, "amount",
                                                  order_money(lines[i].amount, r->currency)));
        (void)json_array_append_new(list,
                                    json_pack("{s:s?,s:o,s:s,s:o,s:I}", "number", number, "amount",
                                              order_money(amount, r->currency), "state", state,
                                              "lines", shown, "at", (json_int_t)at));
    }
    return rows_end(&rows);
}

static enum err add_staff(struct db *db, struct cx *cx, const struct order_row *r,
                          const struct state_row *s, json_t *o)
{
    json_t *list = json_array();
    bool waits = strcmp(s->state, "error") == 0 || strcmp(s->state, "queued") == 0;
    enum err e = add_allowances(db, cx, r, s->id, list);
    (void)json_object_set_new(o, "id", json_string(s->public_id));
    (void)json_object_set_new(o, "tries", json_integer(s->tries));
    (void)json_object_set_new(o, "next_at", ms_or_null(s->next_ms));
    (void)json_object_set_new(o, "problem", s->problem ? json_string(s->problem) : json_null());
    (void)json_object_set_new(o, "can_retry", json_boolean(waits));
    (void)json_object_set_new(o, "allowances", list);
    return e;
}

enum err invoice_state_json(struct db *db, struct cx *cx, const struct order_row *r, bool staff,
                            json_t *o)
{
    struct state_row s;
    json_t *state = NULL;
    enum err e = db_row(db, cx->arena, &SQL_invoice_of_order, ARGS(V(r->id)),
                        COLS(C(&s.id), C(&s.public_id), C(&s.state), C(&s.number), C(&s.random),
                             C(&s.date), C(&s.undo), C(&s.allowed), C(&s.asked), C(&s.tries),
                             C(&s.next_ms), C(&s.problem)));
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!e) {
        state =
            json_pack("{s:s,s:s?,s:s?,s:s?,s:o}", "state", s.state, "number", s.number, "date",
                      s.date, "random", s.random, "allowed", order_money(s.allowed, r->currency));
        e = staff ? add_staff(db, cx, r, &s, state) : ERR_OK;
    } else {
        e = ERR_OK;
    }
    (void)json_object_set_new(o, "invoice_state", state ? state : json_null());
    return e;
}
