/*
 * notify - who is told what happened: the webhook of finished videos, and live notifications
 * (destinations and policies of alerting v3).
 *
 * Shape:   an event becomes rows of `delivery` in the same job that made it happen; a thread of its
 *          own hands due rows to the workers, who post them. A lane is one receiver and one live
 *          input: its messages go out one after another, in order. A receiver that hangs or fails
 *          has few of the workers, so that the others' messages go on (place.c).
 * Again:   a message that got no 2xx is sent again after 1 s, 2 s, 5 s … up to an hour between two,
 *          NOTIFY_TRIES times in all, also over restarts. A receiver may get one twice.
 * Memory:  objects are json_t that the caller json_decref()s; texts are the caller's.
 * Thread:  notify_live() and notify_video() in a job; the API calls on workers.
 * Secrets: URLs and secrets of receivers never reach a log.
 * Source:  Cloudflare docs "Use webhooks" (Stream), "Live webhooks", "Configure webhooks";
 * mid-2026.
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>
#include <stddef.h>

struct notify;
struct store;
struct tx;

enum {
    NOTIFY_WORKERS = 6,
    NOTIFY_TRIES = 13,
    NOTIFY_WAITING_MAX = 10000,
    NOTIFY_KEEP_DAYS = 7,
    NOTIFY_WHY = 200
};

/* One message, ready to go. */
struct notify_post {
    const char *url;
    const char *const *headers; /* "Name: value", NULL-ended */
    const char *body;
};

struct notify_setup {
    struct store *store;
    const char *account; /* 32 hex */
    void *arg;
    /* Run fn(fn_arg) on a worker: NOTIFY_WORKERS at once, ten seconds at worst. ERR_BUSY: it is
     * asked again later. */
    enum err (*run)(void *arg, void (*fn)(void *fn_arg), void *fn_arg);
    /* Post it and give the HTTP status. NULL: over the network. */
    enum err (*post)(void *arg, const struct notify_post *p, int *ret_status, char why[NOTIFY_WHY]);
    int64_t (*unix_ms)(void); /* NULL: the real clock */
};

/* ERR_NO_MEMORY */
enum err notify_make(const struct notify_setup *setup, struct notify **ret_notify) NODISCARD;
enum err notify_start(struct notify *n) NODISCARD; /* ERR_BUSY: no thread to be had */
/* No more messages leave; those on the workers end by themselves. */
void notify_stop(struct notify *n);
void notify_free(struct notify *n); /* after the workers have ended; NULL is fine */

/* ---- what happened ---- */

struct notify_event {
    const char *input_uid, *event_type;
    const char *id; /* 32 hex digits, made before the job */
    int64_t at_ms;
    const char *error_code, *error_message, *video_codec, *audio_codec; /* code NULL: no error */
};
enum err notify_live(struct notify *n, struct tx *tx, const struct notify_event *e) NODISCARD;

/* A video is ready or broken; `body` is the Video object, sent as it is. */
enum err notify_video(struct notify *n, struct tx *tx, const char *video_uid, const char *input_uid,
                      const char *state, const char *body) NODISCARD;

/*
 * "time=1795343551,sig1=<hex>": HMAC-SHA256 over "<time>.<body>" with the secret's bytes as key.
 * `out` has NOTIFY_SIGNATURE bytes.
 */
enum { NOTIFY_SIGNATURE = 128 };
void notify_sign(const char *secret, int64_t unix_s, const char *body, char out[NOTIFY_SIGNATURE]);

/* ---- the webhook of finished videos ---- */

/* {notificationUrl, modified, secret}. Another URL gets another secret. ERR_INPUT: not http(s). */
enum err notify_set_webhook(struct notify *n, struct cx *cx, const char *url,
                            json_t **ret_object) NODISCARD;
enum err notify_get_webhook(struct notify *n, struct cx *cx, json_t **ret_object) NODISCARD;
enum err notify_delete_webhook(struct notify *n, struct cx *cx) NODISCARD;

/* ---- alerting v3: ERR_INPUT with cx->problem, ERR_NOT_FOUND ---- */

/* The receiver must answer a test message with 2xx first, else ERR_INPUT. {id} */
enum err notify_create_destination(struct notify *n, struct cx *cx, const json_t *body,
                                   json_t **ret_object) NODISCARD;
enum err notify_list_destinations(struct notify *n, struct cx *cx, json_t **ret_rows) NODISCARD;
enum err notify_get_destination(struct notify *n, struct cx *cx, const char *id,
                                json_t **ret_object) NODISCARD;
/*
 * Without a `secret` the one that is kept goes on, and with the test message too. Another URL needs
 * one again: ERR_INPUT. "" goes without.
 */
enum err notify_update_destination(struct notify *n, struct cx *cx, const char *id,
                                   const json_t *body, json_t **ret_object) NODISCARD;
enum err notify_delete_destination(struct notify *n, struct cx *cx, const char *id) NODISCARD;

enum err notify_create_policy(struct notify *n, struct cx *cx, const json_t *body,
                              json_t **ret_object) NODISCARD;
enum err notify_list_policies(struct notify *n, struct cx *cx, json_t **ret_rows) NODISCARD;
enum err notify_get_policy(struct notify *n, struct cx *cx, const char *id,
                           json_t **ret_object) NODISCARD;
enum err notify_update_policy(struct notify *n, struct cx *cx, const char *id, const json_t *body,
                              json_t **ret_object) NODISCARD;
enum err notify_delete_policy(struct notify *n, struct cx *cx, const char *id,
                              json_t **ret_object) NODISCARD;

struct notify_counts {
    int64_t waiting;                       /* about now */
    int64_t sent, retried, given_up, lost; /* since the start; lost: the queue was full */
};
void notify_count(struct notify *n, struct notify_counts *ret_counts);
