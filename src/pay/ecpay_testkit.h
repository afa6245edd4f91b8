/* ecpay_testkit - a scripted ECPay on a loopback port, for tests: it answers what it is told. */
#pragma once
#include "base/cx.h"
#include "pay/ecpay.h"

#define BOOTH_REF   "a1b2c3d4e5f6g7h8j9k0"
#define BOOTH_TRADE "2611230730001234"
#define BOOTH_GWSR  "13475885"

/* 2026-11-23 07:30:00 in Taipei */
#define BOOTH_NOW_MS INT64_C(1795390200000)

enum { BOOTH_STEPS = 12 };

extern const struct ecpay_keys booth_keys; /* ECPay's published stage account */

/* status 0: the connection is dropped after the request came. Beyond the script: 500. */
struct booth_step {
    int status;
    const char *body;
};

struct booth_request {
    char path[100];
    char body[4000];
    bool mac_ok;
};

struct booth {
    struct gateway *g;
    struct cx cx;
    struct booth_step steps[BOOTH_STEPS];
    struct booth_request got[BOOTH_STEPS];
    int n_steps, n_got;
    char url[64];
};

/* Of cmocka's set-up and tear-down. */
int booth_open(void **state);
int booth_close(void **state);

void booth_answer(struct booth *b, int status, const char *body);
/* Forget the script and what came. */
void booth_clear(struct booth *b);
/* How many requests came. */
int booth_count(struct booth *b);
/* Nothing listens any more: a call finds nobody. */
void booth_hang_up(struct booth *b);

/* Plain "a=1&b=2", encoded and with its CheckMacValue under these keys. */
const char *booth_form(struct cx *cx, const struct ecpay_keys *keys, const char *plain);
/* A field of the i-th request that came, whose CheckMacValue must be right; "" when absent. */
const char *booth_got(struct booth *b, int i, const char *field);

struct gateway_payment booth_payment(const char *method);
