/* What must never be found in carts. */
#include "cart/cart_in.h"
#include "cart/check.sql.h"
#include "stock/reconcile.h"

static const struct reconcile_check checks[] = {
    {"cart.line", "line", &SQL_check_line},
    {"cart.hold", "hold", &SQL_check_line_hold},
    {"cart.closed", "line", &SQL_check_closed},
};
const struct reconcile_list cart_checks = {checks, sizeof checks / sizeof checks[0]};
