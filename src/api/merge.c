/* A guest signs in: what they gathered in this browser becomes the account's, in one job. */
#include "room/merge.h"
#include "api/call_in.h"
#include "base/log.h"
#include "cart/cart.h"
#include "notify/notify.h"
#include "order/order.h"
#include "room/coupon.h"
#include "room/giveaway.h"
#include "room/remind.h"
#include "store/store.h"

static enum err coupons(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    return coupon_merge(turn->tx, from_viewer, to_viewer);
}

static enum err draws(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    return giveaway_merge(turn->tx, from_viewer, to_viewer);
}

static enum err reminders(struct stock_turn *turn, int64_t from_viewer, int64_t to_viewer)
{
    enum err e = notify_merge(turn->tx, from_viewer, to_viewer);
    return e ? e : remind_merge(turn->tx, from_viewer, to_viewer);
}

/* Each room moves what is its own; all of it or nothing. */
static enum err (*const steps[])(struct stock_turn *turn, int64_t from_viewer,
                                 int64_t to_viewer) = {
    cart_merge, claim_merge, coupons, draws, order_merge, reminders,
};

struct merge {
    const struct stock_watch *watch;
    int64_t from, to;
};

/* Whoever they were is the account now; what is left of the guest may be gone with its session. */
static enum err forget_name(struct tx *tx, int64_t guest_id)
{
    enum err e = viewer_rename(tx, guest_id, "#");
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err merge_job(struct tx *tx, void *arg)
{
    const struct merge *m = arg;
    struct stock_turn turn;
    enum err e = ERR_OK;
    turn_begin(&turn, tx, m->watch);
    for (size_t i = 0; !e && i < sizeof steps / sizeof steps[0]; i++)
        e = steps[i](&turn, m->from, m->to);
    if (!e)
        e = forget_name(tx, m->from);
    return e ? e : turn_end(&turn);
}

void call_merge_guest(struct call *c, int64_t guest_id, int64_t account_id)
{
    struct merge m = {c->api->set.watch, guest_id, account_id};
    enum err e = store_do(c->api->set.store, c->cx, "guest.merge", merge_job, &m);
    if (e)
        log_warn("a guest's cart was not moved to the account", LOG_S("req", c->cx->id),
                 LOG_S("err", err_api(e)), LOG_S("why", c->cx->problem));
    c->cx->problem[0] = '\0';
}
