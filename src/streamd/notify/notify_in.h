/* notify_in - inside of the notify room. Private. */
#pragma once
#include "store/store.h"
#include "streamd/notify/notify.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    ID_LEN = 33,
    URL_MAX = 2048,
    LANE_TEXT = 80,
    IN_FLIGHT_MAX = NOTIFY_WORKERS,
    PER_RECEIVER_MAX = 2, /* of them for one receiver; 1 when its last message was not taken */
    FAILING_MAX = 3,      /* of them for all such receivers: the others always find a place */
    DESTINATIONS_MAX = 100,
    RECEIVERS_MAX = DESTINATIONS_MAX + 1, /* and the webhook */
    SECRET_TEXT_MAX = 256
};

/* A message that is on a worker now. */
struct place {
    char lane[LANE_TEXT]; /* "" free */
    char receiver[ID_LEN];
    bool failing; /* its receiver was, when this left */
};

struct notify {
    struct notify_setup setup;
    pthread_mutex_t lock; /* of everything below but the counters */
    pthread_cond_t wake;
    pthread_t thread;
    bool started, stop, woken;
    struct place places[IN_FLIGHT_MAX];
    char failing[RECEIVERS_MAX][ID_LEN]; /* did not take their last message */
    size_t failing_n, failing_next;      /* next: the one to forget when there is no room */
    atomic_llong waiting, sent, retried, given_up, lost;
};

int64_t notify_now_ms(const struct notify *n);
/* A job put something into the queue: look at it after the commit. */
void notify_wake(struct tx *tx, struct notify *n);

/* place.c: which messages may be on workers at once. They take the lock. */
/* False: not now. */
bool place_take(struct notify *n, const char *lane, const char *receiver) NODISCARD;
void place_give(struct notify *n, const char *lane);
/* Whether the receiver took its message. */
void place_learn(struct notify *n, const char *receiver, bool taken);

/* sender.c: in a job. A full queue drops the message with a log line: never a reason to fail. */
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
