/* What must never be found in shows. */
#include "room/check.h"
#include "room/check.sql.h"
#include "stock/reconcile.h"

static const struct reconcile_check checks[] = {
    {"claim.numbers", "show", &SQL_check_claim_numbers},
    {"claim.line", "claim", &SQL_check_claim_line},
    {"claim.ordered", "claim", &SQL_check_claim_ordered},
    {"claim.held", "line", &SQL_check_line_claim},
    {"claim.limit", "viewer", &SQL_check_buyer_limit},
    {"event.numbers", "show", &SQL_check_event_numbers},
    {"coupon.taken", "coupon", &SQL_check_coupon},
};
const struct reconcile_list room_checks = {checks, sizeof checks / sizeof checks[0]};
