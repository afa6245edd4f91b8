/* Claims by tap: one show, twenty open listings. */
#include "room/claim.h"
#include "sales.h"

#include <stdio.h>

static bool one_claim(void *arg, int64_t i, struct cx *cx)
{
    struct sales *s = arg;
    char idem[32];
    json_t *claim = NULL;
    bool again = false;
    struct claim_refusal why = {0, 0};
    (void)snprintf(idem, sizeof idem, "i%lld", (long long)cx->now_ms * 1000000 + (long long)i);
    const struct claim_ask ask = {.listing = s->listings[i % LISTINGS], .qty = 1, .idem = idem};
    enum err e = claim_tap(s->room, cx, sales_buyer(s, i), &ask, &claim, &again, &why);
    json_decref(claim);
    if (e)
        (void)fprintf(stderr, "claim: %s\n", err_api(e));
    return !e;
}

bool bench_claims(struct sales *s, int threads, int seconds, int64_t rate)
{
    char name[40];
    if (rate)
        (void)snprintf(name, sizeof name, "claims at %lld/s", (long long)rate);
    else
        (void)snprintf(name, sizeof name, "claims, %d asking", threads);
    const struct load l = {.name = name,
                           .run = one_claim,
                           .arg = s,
                           .threads = threads,
                           .seconds = seconds,
                           .rate = rate,
                           .t0_ms = s->t0_ms};
    bool ok = load_run(&l);
    s->t0_ms += (seconds + 1) * INT64_C(1000);
    return ok;
}
