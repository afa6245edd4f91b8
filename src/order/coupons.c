#include "order/coupons_in.h"

enum err coupon_apply(struct db *db, struct cx *cx, struct quote *q, const char *asked)
{
    (void)db;
    (void)cx;
    (void)q;
    (void)asked;
    return ERR_OK;
}
enum err coupon_use_for(struct tx *tx, const struct quote *q, int64_t order_id)
{
    (void)tx;
    (void)q;
    (void)order_id;
    return ERR_OK;
}
enum err coupon_back(struct tx *tx, int64_t order_id)
{
    (void)tx;
    (void)order_id;
    return ERR_OK;
}
