/* ship_in - what the files of this room share. */
#pragma once
#include "order/parcel.h"
#include "ship/ship.h"
#include "store/store.h"

struct ship {
    struct ship_setup set;
    int64_t sweep_ms; /* when to sweep next */
};

/* A shop's account and contract; keys point into it: wipe it after use. */
struct ship_account {
    struct pay_keys keys;
    struct ecpay_service service;
    bool c2c;
    const char *sender, *phone; /* or NULL */
};
/* ERR_NOT_FOUND: the shop has no account (the contract is written all the same) */
enum err ship_account_read(struct ship *s, struct db *db, struct cx *cx, int64_t shop_id,
                           struct ship_account *ret) NODISCARD;
/* {"action","fields"}; more may be added. */
json_t *ship_page_json(const struct ecpay_page *p);

struct shipment {
    int64_t id, parcel_id, order_id, shop_id, amount, tries;
    const char *state, *trade_no, *sub_type, *provider_id, *payment_no, *validation_no;
    bool collect;
};
/* ERR_NOT_FOUND */
enum err shipment_read(struct db *db, struct cx *cx, int64_t id, struct shipment *ret) NODISCARD;
/* Staff wait for it: the ticks leave one that was just queued to who queued it. */
enum { SHIP_HANDS_OFF_MS = 3000 };
/* Call ECPay for one that is due, or will be within early_ms, and write what it said; *ret_said is
 * the outcome, with its text in cx->problem. ERR_OK and *ret_said ERR_BUSY: another has it. */
enum err shipment_run(struct ship *s, struct cx *cx, int64_t id, int64_t early_ms,
                      enum err *ret_said) NODISCARD;
