/* omise_testkit - a scripted Omise on a loopback port, for tests: it answers what it is told. */
#pragma once
#include "base/cx.h"
#include "pay/omise.h"
#include <stdatomic.h>

#define DESK_REF    "a1b2c3d4e5f6g7h8j9k0"
#define DESK_CHARGE "chrg_test_5xyz"

enum { DESK_STEPS = 12, DESK_NOW = 1795305600 };

/* status 0: the connection is dropped after the request came. Beyond the script: 500. */
struct desk_step {
    int status;
    const char *body;
};

struct desk_request {
    char line[400]; /* "POST /charges" with the query */
    char auth[120]; /* the user of Basic, decoded not */
    char body[2000];
    char version[16];
};

struct desk {
    struct gateway *g;
    struct cx cx;
    struct desk_step steps[DESK_STEPS];
    struct desk_request got[DESK_STEPS];
    atomic_int n_steps, n_got; /* the server's thread writes the latter, after the request */
    char api[64];
};

/* Of cmocka's set-up and tear-down. */
int desk_open(void **state);
int desk_close(void **state);

void desk_answer(struct desk *d, int status, const char *body);
/* The i-th request that came; fails the test when fewer did. */
const struct desk_request *desk_got(struct desk *d, int i);
/* Nothing listens any more: a call finds nobody. */
void desk_hang_up(struct desk *d);

/* A charge of DESK_REF, 12000 satang, with these members at its end ("" or ",\"a\":1"). */
const char *desk_charge(struct desk *d, const char *status, const char *more);
/* {"object":"list","data":[...]} */
const char *desk_list(struct desk *d, const char *data);
struct gateway_payment desk_payment(const char *method, const char *provider_ref);
