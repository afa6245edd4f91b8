/* notify_in - inside of the notify room. Private. */
#pragma once
#include "store/store.h"
#include "streamd/notify/notify.h"
#include <pthread.h>
#include <stdatomic.h>

enum { ID_LEN = 33, URL_MAX = 2048, LANE_TEXT = 80, IN_FLIGHT_MAX = 6, SECRET_TEXT_MAX = 256 };

struct notify {
    struct notify_setup setup;
    pthread_mutex_t lock; /* of everything below but the counters */
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop, woken;
    char lanes[IN_FLIGHT_MAX][LANE_TEXT]; /* on a worker now; "" free */
    atomic_llong waiting, sent, retried, given_up, lost;
};

int64_t notify_now_ms(const struct notify *n);
/* A job put something into the queue: look at it after the commit. */
void notify_wake(struct tx *tx, struct notify *n);

/* queue.c: in a job. A full queue drops the message with a log line: never a reason to fail. */
struct message {
    const char *destination; /* "" for the webhook */
    const char *input_uid;
    const char *event;
    const char *body;
};
enum err queue_message(struct notify *n, struct tx *tx, const struct message *m) NODISCARD;

/* http or https, a host, no spaces or control characters. */
bool receiver_url_ok(const char *url);
/* Post one message: adds Content-Type, and the signature or secret given. Any 2xx is ERR_OK. */
struct posting {
    const char *url, *body;
    const char *sign_secret; /* of the webhook; NULL: none */
    const char *auth;        /* cf-webhook-auth; NULL: none */
};
enum err post_message(struct notify *n, const struct posting *p, int *ret_status,
                      char why[NOTIFY_WHY]) NODISCARD;

/* "2026-11-22T09:30:02.855000Z", null for 0. */
json_t *time_json(int64_t unix_ms);
