/*
 * push - a push service that delivers to nobody: it plays the browser as well, and reads what a
 * shop sends.
 *
 * POST     /push/new            a subscription as a browser's: {endpoint, keys:{p256dh, auth}} 201
 * POST     /push/{id}           what the shop sends (RFC 8030): 201; 404 and 410 as services do
 * DELETE   /push/{id}           the browser unsubscribes: 410 from then on
 * GET      /push                a page of what came
 * GET      /control/push        {subscriptions:[..], items:[{id,subscription,at,payload,vapid:{ok,
 *                               aud,sub,exp,k},ttl,urgency,topic}]}, newest first. payload: what
 *                               was decrypted, as JSON, or null
 * DELETE   /control/push        forget all that came; subscriptions stay
 *
 * Faults:  "push", as those of an API.
 * Limits:  PUSHES_MAX messages, BROWSERS_MAX subscriptions; the oldest goes.
 * Thread:  workers; one lock.
 * Source:  RFC 8030, 8291, 8292. The codec of the body is the shop's own (notify/push.h), which is
 *          held to the RFC's vector.
 */
#pragma once
#include "sandboxd/sandboxd.h"

enum { PUSH_ROUTES_MAX = 8, PUSHES_MAX = 200, BROWSERS_MAX = 200 };

enum err push_sink_make(struct cx *cx, struct push_sink **ret_sink) NODISCARD;
void push_sink_free(struct push_sink *p); /* NULL is fine */
size_t push_routes(struct http_route out[PUSH_ROUTES_MAX]);
