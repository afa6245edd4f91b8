/*
 * control - /control: what a test or a curious person may do to the gateways. This machine only.
 *
 * POST   /control/faults  {"on":"omise.webhook", ...}  (fault.h)
 * GET    /control/faults, DELETE /control/faults
 * GET    /control/state[?ref=]                         {omise, ecpay, deliveries, faults}
 * POST   /control/pay     {"ref":"chrg_... or
 * MerchantTradeNo","as":"paid|failed|expired|simulated"}
 */
#pragma once
#include "net/http.h"
#include <jansson.h>

enum { CONTROL_ROUTES_MAX = 8 };

size_t control_routes(struct http_route out[CONTROL_ROUTES_MAX]);

/* For further handlers below /control: is this caller this machine, and is its body an object? If
 * not it is answered and false comes back. The caller json_decref()s. `ret_body` NULL: no body. */
bool control_open(struct http_req *req, json_t **ret_body);
/* 204, or the error. */
void control_done(struct http_req *req, enum err e);
