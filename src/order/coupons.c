#include "order/coupons_in.h"
#include "room/coupon.h"
#include "store/store.h"

/* The public id of the cart's own coupon; NULL: it has none. */
static enum err of_cart(struct db *db, struct cx *cx, const struct quote *q, const char **ret_id)
{
    struct coupon c;
    *ret_id = NULL;
    if (!q->cart.coupon_id)
        return ERR_OK;
    enum err e = coupon_by_id(db, cx, q->cart.coupon_id, &c);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (!e)
        *ret_id = c.public_id;
    return e;
}

static void use(struct quote *q, const struct coupon *c, int64_t goods)
{
    struct coupon_off off = coupon_discount(c, goods, q->sum.ship_fee);
    q->coupon.id = c->id;
    q->coupon.public_id = c->public_id;
    q->coupon.code = c->code;
    q->coupon.kind = coupon_kind_name(c->kind);
    q->sum.off = off.goods;
    q->sum.ship_free = q->sum.ship_free || off.shipping > 0;
}

enum err coupon_apply(struct db *db, struct cx *cx, struct quote *q, const char *asked)
{
    struct coupon c;
    enum coupon_fit fit = COUPON_FITS;
    int64_t goods = 0;
    enum err e = asked ? ERR_OK : of_cart(db, cx, q, &asked);
    if (e || !asked)
        return e;
    if (sum_goods(q->lines, q->count, &goods))
        return problem(cx, ERR_INPUT, "the sum is too large");
    const struct coupon_ask ask = {.viewer_id = q->cart.viewer_id,
                                   .shop_id = q->cart.shop_id,
                                   .market = q->at.market->code,
                                   .subtotal = goods};
    e = coupon_check(db, cx, asked, &ask, &c, &fit);
    if (!e && fit == COUPON_FITS)
        use(q, &c, goods);
    else if (!e)
        q->coupon.problem = coupon_fit_name(fit);
    return e;
}

enum err coupon_use_for(struct tx *tx, const struct quote *q, int64_t order_id)
{
    if (!q->coupon.id)
        return ERR_OK;
    return coupon_use(tx, q->coupon.id, q->cart.viewer_id, order_id);
}

enum err coupon_back(struct tx *tx, int64_t order_id)
{
    return coupon_give_back(tx, order_id);
}
