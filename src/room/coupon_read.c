/* Coupons as they are read, what they take off, and their JSON. */
#include "base/arena.h"
#include "base/money.h"
#include "catalog/market.h"
#include "room/coupon.sql.h"
#include "room/coupon_in.h"

#include <ctype.h>
#include <string.h>

static const char *const kind_names[] = {
#define X(name, text) [COUPON_##name] = (text),
    COUPON_KIND_TABLE(X)
#undef X
};

const char *coupon_kind_name(enum coupon_kind k)
{
    return kind_names[k];
}

enum err coupon_kind_parse(const char *text, enum coupon_kind *ret_kind)
{
    for (int i = 0; i < COUPON_KIND_COUNT; i++) {
        if (strcmp(text, kind_names[i]) == 0) {
            *ret_kind = (enum coupon_kind)i;
            return ERR_OK;
        }
    }
    return ERR_INPUT;
}

const char *coupon_fit_name(enum coupon_fit f)
{
    static const char *const names[] = {
#define X(name, text) [COUPON_##name] = (text),
        COUPON_FIT_TABLE(X)
#undef X
    };
    return names[f];
}

/* ---- worth ---- */

struct coupon_off coupon_discount(const struct coupon *c, int64_t subtotal, int64_t shipping)
{
    struct coupon_off off = {0, 0};
    struct money share = {.amount = 0};
    if (subtotal <= 0 || subtotal < c->min_spend)
        return off;
    switch (c->kind) {
    case COUPON_AMOUNT: off.goods = c->value; break;
    case COUPON_PERCENT:
        if (money_share_bp((struct money){.amount = subtotal, .currency = "TWD"}, c->value, &share))
            share.amount = 0;
        off.goods = share.amount;
        break;
    case COUPON_FREE_SHIP: off.shipping = shipping > 0 ? shipping : 0; break;
    case COUPON_KIND_COUNT: break;
    }
    if (off.goods > subtotal)
        off.goods = subtotal;
    return off;
}

/* ---- rows ---- */

void coupon_columns(struct coupon *c, const char **kind, struct col *cols)
{
    const struct col all[COUPON_COLUMNS] = {C(&c->id),
                                            C(&c->shop_id),
                                            C(&c->show_id),
                                            C(&c->public_id),
                                            C(&c->code),
                                            C(&c->market),
                                            C(&c->show_public_id),
                                            C(kind),
                                            C(&c->value),
                                            C(&c->min_spend),
                                            C(&c->quota),
                                            C(&c->taken),
                                            C(&c->per_buyer_max),
                                            C(&c->starts_ms),
                                            C(&c->ends_ms),
                                            C(&c->dropped_ms),
                                            C(&c->dropped_in),
                                            C(&c->version),
                                            C(&c->used)};
    memcpy(cols, all, sizeof all);
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct coupon *ret_coupon)
{
    struct coupon c = {.id = 0};
    const char *kind = NULL;
    struct col cols[COUPON_COLUMNS + 1] = {{0}};
    coupon_columns(&c, &kind, cols);
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such coupon");
    if (!e && coupon_kind_parse(kind, &c.kind))
        e = ERR_STORE;
    if (!e)
        *ret_coupon = c;
    return e;
}

enum err coupon_by_id(struct db *db, struct cx *cx, int64_t id, struct coupon *ret_coupon)
{
    return read_one(db, cx, &SQL_coupon_by_id, ARGS(V(id)), ret_coupon);
}

enum err coupon_by_public_id(struct db *db, struct cx *cx, const char *public_id,
                             struct coupon *ret_coupon)
{
    if (!id_ok(public_id, "cpn"))
        return problem(cx, ERR_NOT_FOUND, "no such coupon");
    return read_one(db, cx, &SQL_coupon_by_public_id, ARGS(V(public_id)), ret_coupon);
}

enum err coupon_by_code(struct db *db, struct cx *cx, int64_t shop_id, const char *code,
                        struct coupon *ret_coupon)
{
    return read_one(db, cx, &SQL_coupon_by_code, ARGS(V(shop_id), V(code)), ret_coupon);
}

enum err coupon_code_tidy(struct cx *cx, const char *typed, char ret_code[COUPON_CODE_SIZE])
{
    size_t n = strlen(typed);
    bool good = n >= 1 && n <= COUPON_CODE_CHARS_MAX;
    for (size_t i = 0; good && i < n; i++) {
        unsigned char ch = (unsigned char)typed[i];
        good = isalnum(ch) || ch == '-';
        ret_code[i] = (char)toupper(ch);
    }
    ret_code[good ? n : 0] = '\0';
    return good ? ERR_OK
                : problem(cx, ERR_INPUT, "'code' must be 1 to %d of A-Z, 0-9 and '-'",
                          COUPON_CODE_CHARS_MAX);
}

/* ---- does it count? ---- */

static enum coupon_fit fit_of(const struct coupon *c, const struct coupon_ask *ask, int64_t now_ms)
{
    return strcmp(c->market, ask->market) != 0 ? COUPON_MARKET
           : now_ms < c->starts_ms             ? COUPON_NOT_YET
           : now_ms >= c->ends_ms              ? COUPON_OVER
           : ask->subtotal < c->min_spend      ? COUPON_MIN_SPEND
                                               : COUPON_FITS;
}

enum err coupon_check(struct db *db, struct cx *cx, const char *public_id,
                      const struct coupon_ask *ask, struct coupon *ret_coupon,
                      enum coupon_fit *ret_fit)
{
    struct coupon c = {.market = ""};
    int64_t at = 0, takes = 0, last = 0;
    enum err e = coupon_by_public_id(db, cx, public_id, &c);
    if (e == ERR_NOT_FOUND || (!e && c.shop_id != ask->shop_id)) {
        cx->problem[0] = '\0'; /* the quote goes on without it */
        *ret_coupon = (struct coupon){.id = 0};
        *ret_fit = COUPON_NOT_YOURS;
        return ERR_OK;
    }
    if (!e)
        e = db_i64(db, &SQL_coupon_take_unused, ARGS(V(c.id), V(ask->viewer_id)), &at);
    bool unused = e == ERR_OK;
    if (e == ERR_NOT_FOUND)
        e = db_row(db, NULL, &SQL_coupon_takes_of, ARGS(V(c.id), V(ask->viewer_id)),
                   COLS(C(&takes), C(&last)));
    if (e)
        return e;
    *ret_coupon = c;
    *ret_fit = unused ? fit_of(&c, ask, cx->now_ms) : takes > 0 ? COUPON_USED : COUPON_NOT_YOURS;
    return ERR_OK;
}

/* ---- lists ---- */

enum err coupon_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                     int64_t shop_id, int64_t before, struct coupon **ret_list, size_t *ret_count,
                     int64_t *ret_next)
{
    (void)r;
    if (!account_may(room_role(who, shop_id), ACTION_STUDIO_SEE))
        return problem(cx, ERR_NOT_FOUND, "no such shop");
    struct coupon *list = arena_array(cx->arena, struct coupon, COUPON_PAGE + 1), one = {.id = 0};
    const char *kind = NULL;
    struct col cols[COUPON_COLUMNS + 1] = {{0}};
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    coupon_columns(&one, &kind, cols);
    struct rows rows = db_rows(
        db, &SQL_coupon_list, ARGS(V(shop_id), V(before ? before : INT64_MAX), V(COUPON_PAGE + 1)));
    enum err e = ERR_OK;
    while (!e && n <= COUPON_PAGE && rows_next(&rows, cx->arena, cols)) {
        e = coupon_kind_parse(kind, &one.kind) ? ERR_STORE : ERR_OK;
        list[n++] = one;
    }
    enum err end = rows_end(&rows);
    if (e || end)
        return e ? e : end;
    *ret_next = n > COUPON_PAGE ? list[COUPON_PAGE - 1].id : 0;
    *ret_list = list;
    *ret_count = n > COUPON_PAGE ? COUPON_PAGE : n;
    return ERR_OK;
}

enum err coupon_mine(struct db *db, struct cx *cx, const struct room_who *who, int64_t shop_id,
                     const char *market, struct coupon_mine **ret_list, size_t *ret_count)
{
    struct coupon_mine *list = arena_array(cx->arena, struct coupon_mine, COUPON_MINE_MAX), one;
    const char *kind = NULL;
    struct col cols[COUPON_COLUMNS + 4] = {{0}};
    size_t n = 0;
    if (!list)
        return ERR_NO_MEMORY;
    memset(&one, 0, sizeof one);
    coupon_columns(&one.coupon, &kind, cols);
    cols[COUPON_COLUMNS] = C(&one.taken_ms);
    cols[COUPON_COLUMNS + 1] = C(&one.order_id);
    cols[COUPON_COLUMNS + 2] = C(&one.order_no);
    struct rows rows =
        db_rows(db, &SQL_coupon_of_viewer, ARGS(V(who->viewer_id), V(COUPON_MINE_MAX)));
    enum err e = ERR_OK;
    while (!e && n < COUPON_MINE_MAX && rows_next(&rows, cx->arena, cols)) {
        e = coupon_kind_parse(kind, &one.coupon.kind) ? ERR_STORE : ERR_OK;
        bool wanted = (!shop_id || one.coupon.shop_id == shop_id) &&
                      (!market || strcmp(one.coupon.market, market) == 0);
        if (wanted)
            list[n++] = one;
    }
    enum err end = rows_end(&rows);
    if (e || end)
        return e ? e : end;
    *ret_list = list;
    *ret_count = n;
    return ERR_OK;
}

/* ---- JSON ---- */

static json_t *money_json(const struct coupon *c, int64_t amount)
{
    const struct market *m = market_find(c->market);
    return m ? json_pack("{s:I,s:s}", "amount", (json_int_t)amount, "currency", m->currency)
             : json_null();
}

/* What everybody may know of its worth. */
static json_t *worth_json(const struct coupon *c)
{
    json_t *value = c->kind == COUPON_AMOUNT ? money_json(c, c->value) : json_null();
    json_t *percent = c->kind == COUPON_PERCENT ? json_integer(c->value) : json_null();
    json_t *least = c->min_spend ? money_json(c, c->min_spend) : json_null();
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:I}", "code", c->code, "market", c->market, "kind",
                     coupon_kind_name(c->kind), "value", value, "percent_bp", percent, "min_spend",
                     least, "left", (json_int_t)(c->quota - c->taken));
}

json_t *coupon_drop_json(const struct coupon *c)
{
    json_t *o = worth_json(c);
    if (o) {
        (void)json_object_set_new(o, "coupon_id", json_string(c->public_id));
        (void)json_object_set_new(o, "until", json_integer(c->ends_ms));
    }
    return o;
}

json_t *coupon_json(const struct coupon *c, bool staff)
{
    json_t *o = worth_json(c);
    if (!o)
        return NULL;
    (void)json_object_set_new(o, "id", json_string(c->public_id));
    (void)json_object_set_new(o, "starts_at", json_integer(c->starts_ms));
    (void)json_object_set_new(o, "ends_at", json_integer(c->ends_ms));
    (void)json_object_set_new(o, "show_id",
                              c->show_public_id ? json_string(c->show_public_id) : json_null());
    (void)json_object_set_new(o, "per_buyer_max", json_integer(c->per_buyer_max));
    if (staff) {
        (void)json_object_set_new(o, "quota", json_integer(c->quota));
        (void)json_object_set_new(o, "taken", json_integer(c->taken));
        (void)json_object_set_new(o, "used", json_integer(c->used));
        (void)json_object_set_new(o, "dropped_at", show_ms_json(c->dropped_ms));
        (void)json_object_set_new(o, "version", json_integer(c->version));
    }
    return o;
}

json_t *coupon_mine_json(const struct coupon_mine *m, int64_t now_ms)
{
    json_t *o = coupon_json(&m->coupon, false);
    const char *state = m->order_id                    ? "used"
                        : now_ms >= m->coupon.ends_ms  ? "over"
                        : now_ms < m->coupon.starts_ms ? "not_yet"
                                                       : "ready";
    if (o) {
        (void)json_object_set_new(o, "taken_at", json_integer(m->taken_ms));
        (void)json_object_set_new(o, "state", json_string(state));
        (void)json_object_set_new(o, "order_no",
                                  m->order_no ? json_string(m->order_no) : json_null());
    }
    return o;
}

enum err coupon_of_show(struct db *db, struct cx *cx, int64_t show_id, json_t **ret_coupon)
{
    struct coupon c = {.id = 0};
    enum err e = read_one(db, cx, &SQL_coupon_of_show, ARGS(V(show_id), V(cx->now_ms)), &c);
    if (e == ERR_NOT_FOUND) {
        cx->problem[0] = '\0';
        *ret_coupon = json_null();
        return ERR_OK;
    }
    json_t *o = e ? NULL : coupon_drop_json(&c);
    if (!e && !o)
        e = ERR_NO_MEMORY;
    if (!e)
        *ret_coupon = o;
    return e;
}
