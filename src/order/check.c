/* What must never be found in orders. */
#include "order/check.sql.h"
#include "order/order.h"
#include "stock/reconcile.h"

static const struct reconcile_check checks[] = {
    {"order.cart", "cart", &SQL_check_cart},
    {"order.pays", "order", &SQL_check_pays},
    {"order.refunds", "payment", &SQL_check_refunds},
    {"order.money", "payment", &SQL_check_money},
    {"order.amount", "payment", &SQL_check_amount},
    {"order.goods", "order", &SQL_check_goods},
    {"order.discount", "order", &SQL_check_discount},
    {"order.tax", "order", &SQL_check_tax},
    {"order.total", "order", &SQL_check_total},
    {"order.units", "line", &SQL_check_units},
    {"order.held", "hold", &SQL_check_held},
    {"order.numbers", "number", &SQL_check_numbers},
    {"order.parcels", "line", &SQL_check_parcels},
};
const struct reconcile_list order_checks = {checks, sizeof checks / sizeof checks[0]};
