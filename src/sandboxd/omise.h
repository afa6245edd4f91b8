/*
 * omise - Omise's side of the sandbox, at /omise: API, vault, Omise.js and the pages of its payment
 * methods. Any pkey_test_... and skey_test_... is a key; all keys share one account.
 *
 * Thread:  any; one lock of its own.
 * Source:  docs.omise.co (charges-api, tokens-api, sources-api, refunds-api, api-webhooks,
 *          api-errors, api-testing, collect-card-information), mid-2026.
 */
#pragma once
#include "sandboxd/sandboxd.h"
#include <jansson.h>
#include <stddef.h>

enum { OMISE_ROUTES_MAX = 64 };

/* Reads OMISE_WEBHOOK_URL and OMISE_WEBHOOK_SECRET by s->variable. ERR_INPUT, ERR_NO_MEMORY */
enum err omise_make(struct cx *cx, struct sandboxd *s, struct omise **ret_omise) NODISCARD;
void omise_free(struct omise *o); /* NULL is fine */
/* Its rows of the route table; returns how many. */
size_t omise_routes(struct http_route out[OMISE_ROUTES_MAX]);
/* About once a second, from one thread: what expires. */
void omise_tick(struct omise *o, int64_t now_ms);
/* For /control/state: an object. */
json_t *omise_state(struct omise *o);
/* For /control/pay. ERR_NOT_FOUND: no charge of that id or attempt; ERR_CONFLICT: it has ended. */
enum err omise_pay(struct cx *cx, struct omise *o, const char *ref, enum pay_as as) NODISCARD;
