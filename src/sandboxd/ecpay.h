/*
 * ecpay - ECPay's side of the sandbox, at /ecpay.
 *
 * Thread:  any; one lock of its own.
 */
#pragma once
#include "sandboxd/sandboxd.h"
#include <jansson.h>
#include <stddef.h>

enum { ECPAY_ROUTES_MAX = 64 };

/* Reads ECPAY_... by s->variable; absent: ECPay's published stage values. ERR_INPUT, ERR_NO_MEMORY
 */
enum err ecpay_make(struct cx *cx, struct sandboxd *s, struct ecpay **ret_ecpay) NODISCARD;
void ecpay_free(struct ecpay *e); /* NULL is fine */
/* Its rows of the route table; returns how many. */
size_t ecpay_routes(struct http_route out[ECPAY_ROUTES_MAX]);
/* About once a second, from one thread: what expires. */
void ecpay_tick(struct ecpay *e, int64_t now_ms);
/* For /control/state: an object. */
json_t *ecpay_state(struct ecpay *e);
/* For /control/pay. ERR_NOT_FOUND: no trade of that name; ERR_CONFLICT: cannot become that. */
enum err ecpay_pay(struct cx *cx, struct ecpay *e, const char *ref, enum pay_as as) NODISCARD;
