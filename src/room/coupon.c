/* Coupons: made and dropped by a shop, taken by buyers, used by orders. */
#include "base/arena.h"
#include "catalog/market.h"
#include "room/coupon.sql.h"
#include "room/coupon_in.h"

#include <string.h>

#define COUPON_VALUE_MAX INT64_C(1000000000)

/* ---- made and changed ---- */

static enum err may_edit(struct cx *cx, const struct room_who *who, int64_t shop_id,
                         const char *what)
{
    enum role role = room_role(who, shop_id);
    if (role == ROLE_NONE)
        return problem(cx, ERR_NOT_FOUND, "no such %s", what);
    return account_may(role, ACTION_COUPON_EDIT)
               ? ERR_OK
               : problem(cx, ERR_FORBIDDEN, "your role may not change coupons");
}

static enum err check_new(struct cx *cx, const struct coupon_new *ask, struct coupon *c)
{
    const struct market *m = market_find(ask->market);
    if (!m)
        return problem(cx, ERR_INPUT, "'market' must be TW or TH");
    if (coupon_kind_parse(ask->kind, &c->kind))
        return problem(cx, ERR_INPUT, "'kind' must be amount, percent or free_ship");
    int64_t most = c->kind == COUPON_PERCENT ? 10000 : COUPON_VALUE_MAX;
    if (c->kind != COUPON_FREE_SHIP && (ask->value < 1 || ask->value > most))
        return problem(cx, ERR_INPUT, "'value' must be 1 to %d", (int)most);
    if (ask->min_spend < 0 || ask->min_spend > COUPON_VALUE_MAX)
        return problem(cx, ERR_INPUT, "'min_spend' must be 0 to %d", (int)COUPON_VALUE_MAX);
    if (ask->quota < 1 || ask->quota > COUPON_QUOTA_MAX)
        return problem(cx, ERR_INPUT, "'quota' must be 1 to %d", COUPON_QUOTA_MAX);
    if (ask->per_buyer_max < 1 || ask->per_buyer_max > COUPON_PER_BUYER_MAX)
        return problem(cx, ERR_INPUT, "'per_buyer_max' must be 1 to %d", COUPON_PER_BUYER_MAX);
    c->starts_ms = ask->starts_ms ? ask->starts_ms : cx->now_ms;
    if (ask->ends_ms <= c->starts_ms || ask->ends_ms <= cx->now_ms)
        return problem(cx, ERR_INPUT, "'ends_at' must be after 'starts_at' and after now");
    c->market = m->code;
    c->value = c->kind == COUPON_FREE_SHIP ? 0 : ask->value;
    c->min_spend = ask->min_spend;
    c->quota = ask->quota;
    c->per_buyer_max = ask->per_buyer_max;
    c->ends_ms = ask->ends_ms;
    return ERR_OK;
}

struct create_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    int64_t audit_id;
    struct coupon c;
};

/* The show it is bound to: one of the same shop. */
static enum err find_show(struct tx *tx, struct room *r, const struct room_who *who,
                          const char *show, int64_t shop_id, struct show *ret_show)
{
    enum err e = show_find_for(r, tx->db, tx->cx, who, show, ACTION_COUPON_EDIT, ret_show);
    if (!e && ret_show->shop_id != shop_id)
        e = problem(tx->cx, ERR_NOT_FOUND, "no such show");
    return e;
}

static enum err create_run(struct tx *tx, void *arg)
{
    struct create_job *j = arg;
    struct coupon *c = &j->c;
    struct show s = {.id = 0};
    int64_t changed = 0;
    enum err e = may_edit(tx->cx, j->who, c->shop_id, "shop");
    if (!e && j->show)
        e = find_show(tx, j->r, j->who, j->show, c->shop_id, &s);
    if (!e)
        e = db_do(tx->db, &SQL_coupon_insert,
                  ARGS(V(c->id), V(c->public_id), V(c->shop_id), s.id ? V(s.id) : VNULL, V(c->code),
                       V(c->market), V(coupon_kind_name(c->kind)), V(c->value), V(c->min_spend),
                       V(c->quota), V(c->per_buyer_max), V(c->starts_ms), V(c->ends_ms)),
                  &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_EXISTS, "the shop has a coupon of this code");
    if (!e)
        e = room_note(tx, j->who, j->audit_id, c->shop_id, "coupon.create", c->public_id);
    return e ? e : coupon_by_id(tx->db, tx->cx, c->id, c);
}

enum err coupon_create(struct room *r, struct cx *cx, const struct room_who *who,
                       const struct coupon_new *ask, struct coupon *ret_coupon)
{
    char code[COUPON_CODE_SIZE], public_id[ID_TEXT];
    struct create_job j = {.r = r,
                           .who = who,
                           .show = ask->show,
                           .audit_id = id_next(),
                           .c = {.id = id_next(), .shop_id = ask->shop_id}};
    enum err e = coupon_code_tidy(cx, ask->code, code);
    if (!e)
        e = check_new(cx, ask, &j.c);
    id_make("cpn", public_id);
    j.c.public_id = public_id;
    j.c.code = code;
    if (!e)
        e = store_do(r->store, cx, "coupon.create", create_run, &j);
    if (!e)
        *ret_coupon = j.c;
    return e;
}

struct edit_job {
    struct room *r;
    const struct room_who *who;
    const char *coupon, *show;
    const struct coupon_edit *ask;
    int64_t audit_id;
    struct coupon c;
};

static enum err find_theirs(struct tx *tx, const struct edit_job *j, struct coupon *ret_coupon)
{
    enum err e = coupon_by_public_id(tx->db, tx->cx, j->coupon, ret_coupon);
    return e ? e : may_edit(tx->cx, j->who, ret_coupon->shop_id, "coupon");
}

static enum err patch_run(struct tx *tx, void *arg)
{
    struct edit_job *j = arg;
    struct coupon *c = &j->c;
    int64_t changed = 0;
    enum err e = find_theirs(tx, j, c);
    if (e)
        return e;
    if (c->version != j->ask->version)
        return problem(tx->cx, ERR_PRECONDITION, "somebody else changed the coupon meanwhile");
    int64_t quota = j->ask->quota ? j->ask->quota : c->quota;
    int64_t most = j->ask->per_buyer_max ? j->ask->per_buyer_max : c->per_buyer_max;
    int64_t ends = j->ask->ends_ms ? j->ask->ends_ms : c->ends_ms;
    e = db_do(tx->db, &SQL_coupon_update,
              ARGS(V(quota), V(most), V(ends), V(c->id), V(c->version), V(quota)), &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_CONFLICT, "more than that are taken already");
    if (!e)
        e = room_note(tx, j->who, j->audit_id, c->shop_id, "coupon.edit", c->public_id);
    return e ? e : coupon_by_id(tx->db, tx->cx, c->id, c);
}

enum err coupon_patch(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                      const struct coupon_edit *ask, struct coupon *ret_coupon)
{
    struct edit_job j = {.r = r, .who = who, .coupon = coupon, .ask = ask, .audit_id = id_next()};
    if (ask->quota < 0 || ask->quota > COUPON_QUOTA_MAX || ask->per_buyer_max < 0 ||
        ask->per_buyer_max > COUPON_PER_BUYER_MAX)
        return problem(cx, ERR_INPUT, "'quota' or 'per_buyer_max' is out of range");
    enum err e = store_do(r->store, cx, "coupon.edit", patch_run, &j);
    if (!e)
        *ret_coupon = j.c;
    return e;
}

/* ---- dropped into a room ---- */

static enum err drop_run(struct tx *tx, void *arg)
{
    struct edit_job *j = arg;
    struct coupon *c = &j->c;
    struct show s;
    enum err e = find_theirs(tx, j, c);
    if (!e)
        e = find_show(tx, j->r, j->who, j->show, c->shop_id, &s);
    if (e)
        return e;
    if (c->show_id && c->show_id != s.id)
        return problem(tx->cx, ERR_CONFLICT, "the coupon is bound to another show");
    if (!show_public(&s))
        return problem(tx->cx, ERR_CONFLICT, "nobody can see this show");
    if (c->taken >= c->quota || tx->cx->now_ms >= c->ends_ms)
        return problem(tx->cx, ERR_CONFLICT, "the coupon is gone or over");
    c->dropped_ms = tx->cx->now_ms;
    c->dropped_in = s.id;
    e = db_do(tx->db, &SQL_coupon_drop, ARGS(V(c->dropped_ms), V(s.id), V(c->id)), NULL);
    if (!e)
        e = room_note(tx, j->who, j->audit_id, c->shop_id, "coupon.drop", c->public_id);
    const struct event ev = {.show_id = s.id, .type = "coupon.drop", .audience = AUDIENCE_ALL};
    return e ? e : event_add(tx, j->r, &ev, coupon_drop_json(c));
}

enum err coupon_drop(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                     const char *show, struct coupon *ret_coupon)
{
    struct edit_job j = {.r = r, .who = who, .coupon = coupon, .show = show, .audit_id = id_next()};
    enum err e = store_do(r->store, cx, "coupon.drop", drop_run, &j);
    if (!e)
        *ret_coupon = j.c;
    return e;
}

/* ---- taken ---- */

struct take_job {
    struct room *r;
    const struct room_who *who;
    const char *coupon, *code;
    int64_t shop_id, id;
    struct coupon_mine mine;
    bool again;
};

static enum err why_not(struct tx *tx, const struct coupon *c)
{
    if (tx->cx->now_ms < c->starts_ms)
        return problem(tx->cx, ERR_CONFLICT, "the coupon cannot be taken yet");
    if (tx->cx->now_ms >= c->ends_ms)
        return problem(tx->cx, ERR_CONFLICT, "the coupon is over");
    return problem(tx->cx, ERR_SOLD_OUT, "all of these coupons are taken");
}

static enum err tell_gone(struct tx *tx, struct room *r, const struct coupon *c)
{
    const struct event ev = {
        .show_id = c->dropped_in, .type = "coupon.gone", .audience = AUDIENCE_ALL};
    return event_add(tx, r, &ev,
                     json_pack("{s:s,s:s}", "coupon_id", c->public_id, "reason", "sold_out"));
}

static enum err take_one(struct tx *tx, struct take_job *j, int64_t n)
{
    struct coupon *c = &j->mine.coupon;
    int64_t left = 0, changed = 0, now = tx->cx->now_ms;
    enum err e = db_i64(tx->db, &SQL_coupon_take_one, ARGS(V(c->id), V(now), V(now)), &left);
    if (e == ERR_NOT_FOUND)
        return why_not(tx, c);
    if (!e)
        e = db_do(tx->db, &SQL_coupon_take_insert,
                  ARGS(V(j->id), V(c->id), V(j->who->viewer_id), V(n), V(now)), &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_BUSY, "taken twice at the same moment: try again");
    if (e)
        return e;
    c->taken = c->quota - left;
    j->mine.taken_ms = now;
    return left == 0 && c->dropped_in ? tell_gone(tx, j->r, c) : ERR_OK;
}

static enum err take_run(struct tx *tx, void *arg)
{
    struct take_job *j = arg;
    struct coupon *c = &j->mine.coupon;
    int64_t takes = 0, last = 0;
    j->again = false;
    enum err e = j->coupon ? coupon_by_public_id(tx->db, tx->cx, j->coupon, c)
                           : coupon_by_code(tx->db, tx->cx, j->shop_id, j->code, c);
    if (e)
        return e;
    e = db_i64(tx->db, &SQL_coupon_take_unused, ARGS(V(c->id), V(j->who->viewer_id)),
               &j->mine.taken_ms);
    if (e != ERR_NOT_FOUND) {
        j->again = true;
        return e;
    }
    if (c->show_id && c->dropped_in != c->show_id)
        return problem(tx->cx, ERR_CONFLICT, "the coupon will be given out in its show");
    e = db_row(tx->db, NULL, &SQL_coupon_takes_of, ARGS(V(c->id), V(j->who->viewer_id)),
               COLS(C(&takes), C(&last)));
    if (!e && takes >= c->per_buyer_max)
        e = problem(tx->cx, ERR_EXISTS, "you have had this coupon");
    return e ? e : take_one(tx, j, last + 1);
}

enum err coupon_take(struct room *r, struct cx *cx, const struct room_who *who, const char *coupon,
                     int64_t shop_id, const char *code, struct coupon_mine *ret_mine,
                     bool *ret_again)
{
    char tidy[COUPON_CODE_SIZE];
    struct take_job j = {
        .r = r, .who = who, .coupon = coupon, .code = tidy, .shop_id = shop_id, .id = id_next()};
    if (!coupon && coupon_code_tidy(cx, code, tidy))
        return problem(cx, ERR_NOT_FOUND, "no such coupon");
    enum err e = store_do(r->store, cx, "coupon.take", take_run, &j);
    if (e)
        return e;
    *ret_mine = j.mine;
    *ret_again = j.again;
    return ERR_OK;
}

/* ---- orders ---- */

enum err coupon_use(struct tx *tx, int64_t coupon_id, int64_t viewer_id, int64_t order_id)
{
    int64_t changed = 0;
    enum err e =
        db_do(tx->db, &SQL_coupon_use, ARGS(V(order_id), V(coupon_id), V(viewer_id)), &changed);
    if (!e && !changed)
        e = problem(tx->cx, ERR_CONFLICT, "the coupon is used already");
    return e;
}

enum err coupon_give_back(struct tx *tx, int64_t order_id)
{
    return db_do(tx->db, &SQL_coupon_give_back, ARGS(V(order_id)), NULL);
}

enum err coupon_merge(struct tx *tx, int64_t from_viewer, int64_t to_viewer)
{
    return db_do(tx->db, &SQL_coupon_merge, ARGS(V(to_viewer), V(to_viewer), V(from_viewer)), NULL);
}
