/*
 * taiwan - the thread that talks to ECPay's logistics and e-invoice on the rooms' behalf.
 *
 * Thread: one of its own, about once a second. taiwan_stop() ends it when the call that is on its
 *         way has ended, which takes 15 seconds at most; what was lost is looked up later.
 */
#pragma once
#include "ship/ship.h"
#include "till/invoice.h"

struct taiwan;

struct taiwan_setup {
    struct store *store;
    struct orders *orders;
    const struct pay_accounts *accounts;
    const char *public_url; /* no slash at the end */
};

enum err taiwan_make(const struct taiwan_setup *setup, struct taiwan **ret_taiwan) NODISCARD;
struct ship *taiwan_ship(const struct taiwan *t); /* lives as long as it */
struct invoices *taiwan_invoices(const struct taiwan *t);
enum err taiwan_run(struct taiwan *t) NODISCARD;
void taiwan_stop(struct taiwan *t); /* not running, or NULL: fine */
void taiwan_free(struct taiwan *t); /* stops first. NULL is fine */
