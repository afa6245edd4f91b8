/* outbox_in - one row being sent, and the lines it goes out on. */
#pragma once
#include "net/client.h"
#include "notify/mail.h"
#include "notify/notify_in.h"
#include "notify/outbox.h"
#include "notify/push.h"

#include <pthread.h>
#include <stdatomic.h>

enum outcome { OUT_BACK, OUT_SENT, OUT_DROPPED, OUT_GONE, OUT_DEAD, OUT_RETRY };

struct out_row {
    int64_t id, lease_until;
    /* read */
    const char *kind_name, *channel, *email, *lang, *args, *key, *market;
    int64_t viewer_id, tries, until_ms, created_ms, subscription;
    const char *endpoint;
    struct blob p256dh, auth;
    bool signed_on; /* the browser still has the session that asked for messages */
    /* made */
    enum outcome became;
    int64_t retry_ms;   /* OUT_RETRY, OUT_BACK: when; 0: as the tries say */
    const char *result; /* why, for staff; static or in the arena */
};

/* Mail has threads of its own: no push service, and nobody who plays one, holds up a code. */
enum {
    ORIGINS_MAX = 256,
    MAIL_THREADS = 2,
    PUSH_THREADS = 4,
    THREADS = MAIL_THREADS + PUSH_THREADS
};

/* Who did not answer lately. */
struct down {
    char family[PUSH_ORIGIN_MAX];
    int64_t until_ms;
};

struct outbox {
    struct outbox_setup set;
    char who[MAIL_ADDRESS_MAX + 512]; /* "sub" of the tokens */
    pthread_mutex_t take_lock;        /* one thread looks at a time */
    pthread_mutex_t lock;             /* of stop and down */
    pthread_cond_t wake;
    struct down down[ORIGINS_MAX];
    pthread_t threads[THREADS];
    size_t running;
    bool stop;
    int64_t sweep_ms, numbers_ms; /* under take_lock */
    _Atomic int64_t queued, dead, sent, dropped, retried, oldest_s;
    _Atomic int64_t mail_idle_ms, push_idle_ms; /* until when nobody looks for work */
    _Atomic size_t begun;                       /* threads */
};

/* What one thread sends with. */
struct line {
    struct outbox *o;
    const char *channel;   /* "email", "push" */
    struct mailer *mailer; /* NULL until it is needed */
};

bool outbox_goes_on(void *arg); /* of a struct outbox */

/* Send it; fills `became` and what belongs to it. Holds nothing. */
void out_send(struct line *l, struct cx *cx, struct out_row *r);

/* Until when nothing goes there; 0: it may. */
int64_t out_down_until(struct outbox *o, const char *origin, int64_t now_ms);
void out_set_down(struct outbox *o, const char *origin, int64_t until_ms);
