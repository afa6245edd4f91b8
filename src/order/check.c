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
    {"money.sum", "movement", &SQL_check_ledger_sum},
    {"money.currency", "payment", &SQL_check_ledger_currency},
    {"money.held", "payment", &SQL_check_ledger_held},
    {"money.other", "payment", &SQL_check_ledger_other},
    {"money.due", "refund", &SQL_check_ledger_due},
    {"money.had", "payment", &SQL_check_ledger_had},
    {"money.carrier", "payment", &SQL_check_ledger_carrier},
    {"money.head", "shop", &SQL_check_ledger_head},
    {"order.goods", "order", &SQL_check_goods},
    {"order.discount", "order", &SQL_check_discount},
    {"order.tax", "order", &SQL_check_tax},
    {"order.total", "order", &SQL_check_total},
    {"order.units", "line", &SQL_check_units},
    {"order.held", "hold", &SQL_check_held},
    {"order.numbers", "number", &SQL_check_numbers},
    {"order.parcels", "line", &SQL_check_parcels},
    {"order.invoice", "order", &SQL_check_invoice},
    {"order.allowances", "invoice", &SQL_check_allowances},
};
const struct reconcile_list order_checks = {checks, sizeof checks / sizeof checks[0]};
