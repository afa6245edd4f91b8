/*
 * callback - what Cloudflare Stream posts to us: is it genuine, and what does it say.
 *
 * Shape:   two kinds. Video webhooks carry an HMAC over time and body; live notifications carry a
 *          shared secret in a header and nothing else. Both may come once, many times or late:
 *          the caller gives each one effect (by `updated_ms`, or by uid and state).
 * Memory:  text lives in cx->arena.
 * Thread:  any.
 * Errors:  ERR_FORBIDDEN not genuine (nothing about the secret is said); ERR_INPUT genuine but
 *          not what Stream sends.
 * Source:  Cloudflare docs, stream/manage-video-library/using-webhooks and stream-live/webhooks.
 */
#pragma once
#include "base/cx.h"
#include "cloud/stream.h"
#include <stddef.h>

enum { CALLBACK_WINDOW_MS = 5 * 60 * 1000 };

struct callback_secrets {
    const char *value[4]; /* the current one, and others still taken while it rotates */
    size_t n;
};

/* Webhook-Signature: time=<unix seconds>,sig1=<hex>. `header` NULL when there was none. */
enum err callback_check_video(struct cx *cx, const struct callback_secrets *s, const char *header,
                              const void *body, size_t len) NODISCARD;
/* cf-webhook-auth: <the secret>. */
enum err callback_check_live(struct cx *cx, const struct callback_secrets *s,
                             const char *header) NODISCARD;

/* The body of a video webhook: the bare Video object. */
enum err callback_read_video(struct cx *cx, const void *body, size_t len,
                             struct stream_video *ret_video) NODISCARD;

enum live_event { LIVE_TEST, LIVE_CONNECTED, LIVE_DISCONNECTED, LIVE_ERRORED, LIVE_OTHER };

struct live_notice {
    enum live_event event; /* LIVE_TEST: Cloudflare tries the destination; answer 200, do nothing */
    const char *input_uid; /* "" for LIVE_TEST and LIVE_OTHER */
    int64_t updated_ms;    /* of the event, by Cloudflare's clock */
    const char *error_code; /* "" unless LIVE_ERRORED */
    const char *error_text;
};

enum err callback_read_live(struct cx *cx, const void *body, size_t len,
                            struct live_notice *ret_notice) NODISCARD;
