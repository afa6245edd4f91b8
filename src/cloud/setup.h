/*
 * setup - make Stream call us: `nightmarket cloudflare-setup`.
 *
 * Shape:   checks account and token; registers the video webhook, one notification destination and
 *          one policy; keeps their secrets sealed in the database. Idempotent: a second run finds
 *          all in place and changes nothing.
 * Order:   a destination's secret is stored before the destination is created, because Stream
 *          posts its test message, with that secret, before it answers: `serve` must be running.
 * Thread:  one that may block, beside a running `serve` or in it.
 */
#pragma once
#include "base/cx.h"
#include "cloud/stream.h"

struct store;
struct db;
struct callback_secrets;

#define SECRET_STREAM_WEBHOOK "cloudflare.webhook"
#define SECRET_STREAM_NOTIFY  "cloudflare.notify"

struct setup_ask {
    struct stream *stream;
    struct store *store;
    const unsigned char *key; /* SECRET_KEY_LEN bytes */
    const char *public_url;   /* NM_PUBLIC_URL, no slash at the end */
    /* Called after each step with one line for a person: "webhook is in place". */
    void (*say)(void *arg, const char *line);
    void *arg;
};

/* The first step that fails ends it; cx->problem says which and why. */
enum err setup_run(struct cx *cx, const struct setup_ask *ask) NODISCARD;

/*
 * The secrets a callback may carry now: `from_env` (NULL or "": none) first, then what is kept
 * under `name`. Read per callback, so that a setup takes effect without a restart.
 */
enum err setup_secrets(struct cx *cx, struct db *db, const unsigned char *key, const char *name,
                       const char *from_env, struct callback_secrets *ret_secrets) NODISCARD;
