#include "sandboxd/deliver.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "net/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 2, BODY_MAX = 256 << 10, HELD_MS = 3000, POST_MS = 10000, SHOWN_MAX = 300 };

enum state { FREE, WAITING, SENDING, TAKEN, REFUSED, DROPPED };
static const char *const state_names[] = {"free",  "waiting", "sending",
                                          "taken", "refused", "dropped"};

struct slot {
    enum state state;
    uint64_t id; /* grows: the order in which they were added */
    enum fault_target target;
    char ref[DELIVER_REF], what[DELIVER_REF], url[DELIVER_URL];
    char *data;
    void (*write)(void *arg, const char *data, enum tamper t, struct outgoing *out);
    void *arg;
    bool (*taken)(int status, const char *answer);
    const int64_t *again_ms;
    size_t again_n;
    struct fault fault;
    bool held;      /* by a fault: until the next of its kind has left */
    int64_t due_ms; /* monotonic */
    size_t tries;
    bool left; /* some try has left us */
    int status;
    int64_t at_ms; /* Unix: when it was added, then the last try */
    char answer[80];
};

struct lane {
    struct deliver *d;
    unsigned which;
    pthread_t thread;
    bool started;
};

struct deliver {
    struct faults *faults;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    atomic_bool stop;
    uint64_t next_id;
    struct lane lanes[LANES];
    struct slot slots[DELIVERIES_MAX];
};

static unsigned lane_of(enum fault_target t)
{
    return t == FAULT_OMISE_WEBHOOK;
}

/* ---- adding ---- */

static bool ended(const struct slot *s)
{
    return s->state >= TAKEN;
}

/* A free one, else the oldest that has ended. NULL: all wait. */
static struct slot *room_locked(struct deliver *d)
{
    struct slot *best = NULL;
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        struct slot *s = &d->slots[i];
        if (s->state == FREE)
            return s;
        if (ended(s) && (!best || s->id < best->id))
            best = s;
    }
    return best;
}

static bool one_held_locked(const struct deliver *d, enum fault_target t)
{
    for (size_t i = 0; i < DELIVERIES_MAX; i++)
        if (d->slots[i].state == WAITING && d->slots[i].held && d->slots[i].target == t)
            return true;
    return false;
}

static void fill_locked(struct deliver *d, struct slot *s, const struct deliver_ask *ask)
{
    free(s->data);
    *s = (struct slot){.state = WAITING,
                       .id = ++d->next_id,
                       .target = ask->target,
                       .write = ask->write,
                       .arg = ask->arg,
                       .taken = ask->taken,
                       .again_ms = ask->again_ms,
                       .again_n = ask->again_n,
                       .fault = fault_take(d->faults, ask->target, ask->what),
                       .at_ms = clock_unix_ms()};
    (void)text_copy(s->ref, sizeof s->ref, ask->ref);
    (void)text_copy(s->what, sizeof s->what, ask->what);
    (void)text_copy(s->url, sizeof s->url, ask->url);
    s->due_ms = clock_mono_ms() + ask->delay_ms + s->fault.delay_ms;
    if (s->fault.reorder && !one_held_locked(d, s->target)) {
        s->held = true;
        s->due_ms += HELD_MS;
    }
}

static bool url_ok(const char *url)
{
    return (text_has_prefix(url, "http://") || text_has_prefix(url, "https://")) &&
           strlen(url) < DELIVER_URL;
}

void deliver_add(struct deliver *d, const struct deliver_ask *ask)
{
    char *data = strdup(ask->data);
    (void)pthread_mutex_lock(&d->lock);
    struct slot *s = url_ok(ask->url) && data ? room_locked(d) : NULL;
    if (s) {
        fill_locked(d, s, ask);
        s->data = data;
    }
    (void)pthread_cond_broadcast(&d->wake);
    (void)pthread_mutex_unlock(&d->lock);
    if (!s) {
        free(data);
        log_warn("message left out: no URL to send it to, or too many wait",
                 LOG_S("on", fault_target_name(ask->target)), LOG_S("ref", ask->ref));
    }
}

/* ---- sending ---- */

static bool go_on(void *arg)
{
    struct deliver *d = arg;
    return !atomic_load(&d->stop);
}

static bool taken(const struct slot *s, int status, const char *answer)
{
    return s->taken ? s->taken(status, answer) : status / 100 == 2;
}

/* One message to the shop; the answer's beginning and status are noted in `s`. */
static bool post(struct deliver *d, struct slot *s, const struct outgoing *out)
{
    char type[120];
    const char *headers[DELIVER_HEADERS_MAX + 2] = {type};
    struct client_answer a;
    (void)snprintf(type, sizeof type, "Content-Type: %s", out->type);
    for (size_t i = 0; i < DELIVER_HEADERS_MAX && out->headers[i][0]; i++)
        headers[i + 1] = out->headers[i];
    const struct client_ask ask = {.method = "POST",
                                   .url = s->url,
                                   .headers = headers,
                                   .body = out->body.data ? out->body.data : "",
                                   .body_len = out->body.len,
                                   .timeout_ms = POST_MS,
                                   .go_on = go_on,
                                   .arg = d,
                                   .once = true};
    enum err e = client_run(&ask, &a);
    const char *text = e ? a.why : a.body.data ? a.body.data : "";
    s->status = e ? 0 : a.status;
    s->left = true;
    size_t n = text_is_utf8(text, strlen(text)) ? text_prefix(text, strlen(text), 25) : 0;
    (void)snprintf(s->answer, sizeof s->answer, "%.*s", (int)n, text);
    bool ok = !e && taken(s, a.status, text);
    client_answer_done(&a);
    return ok;
}

/* One try: as often as a fault repeats it, or not at all. Was it taken? */
static bool try_once(struct deliver *d, struct slot *s)
{
    struct outgoing out = {.type = "application/json"};
    bool ok = false;
    if (s->fault.drop < 0 || (int64_t)s->tries < s->fault.drop)
        return false;
    buf_init(&out.body, BODY_MAX);
    s->write(s->arg, s->data, s->fault.tamper, &out);
    for (int64_t i = 0; i < s->fault.repeat && !out.body.failed && go_on(d); i++)
        ok = post(d, s, &out) || ok;
    buf_done(&out.body);
    return ok;
}

/* What was held back for this one, a later message, may go now. */
static void let_go_locked(struct deliver *d, const struct slot *later)
{
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        struct slot *s = &d->slots[i];
        if (s->state == WAITING && s->held && s->target == later->target && s->id < later->id) {
            s->held = false;
            s->due_ms = clock_mono_ms();
        }
    }
}

static void settle_locked(struct deliver *d, struct slot *s, bool ok)
{
    s->tries++;
    s->at_ms = clock_unix_ms();
    if (ok)
        s->state = TAKEN;
    else if (s->tries <= s->again_n)
        s->state = WAITING;
    else
        s->state = s->left ? REFUSED : DROPPED;
    if (s->state == WAITING)
        s->due_ms = clock_mono_ms() + s->again_ms[s->tries - 1];
    if (!s->held)
        let_go_locked(d, s);
    s->held = false;
}

static struct slot *due_first_locked(struct deliver *d, unsigned lane)
{
    struct slot *best = NULL;
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        struct slot *s = &d->slots[i];
        if (s->state != WAITING || lane_of(s->target) != lane)
            continue;
        if (!best || s->due_ms < best->due_ms || (s->due_ms == best->due_ms && s->id < best->id))
            best = s;
    }
    return best;
}

static void wait_locked(struct deliver *d, const struct slot *first)
{
    int64_t at = first ? first->due_ms : clock_mono_ms() + 60000;
    struct timespec until = {at / 1000, (at % 1000) * 1000000};
    (void)pthread_cond_timedwait(&d->wake, &d->lock, &until);
}

static void *run(void *arg)
{
    struct lane *lane = arg;
    struct deliver *d = lane->d;
    (void)pthread_mutex_lock(&d->lock);
    while (!atomic_load(&d->stop)) {
        struct slot *s = due_first_locked(d, lane->which);
        if (!s || s->due_ms > clock_mono_ms()) {
            wait_locked(d, s);
            continue;
        }
        s->state = SENDING; /* this thread's own now */
        struct slot mine = *s;
        (void)pthread_mutex_unlock(&d->lock);
        bool ok = try_once(d, &mine);
        (void)pthread_mutex_lock(&d->lock);
        *s = mine;
        settle_locked(d, s, ok);
    }
    (void)pthread_mutex_unlock(&d->lock);
    client_thread_done();
    return NULL;
}

/* ---- showing ---- */

static json_t *slot_json(const struct slot *s)
{
    char at[CLOCK_TEXT];
    clock_text_ms(s->at_ms, at);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:s, s:s}", "id", (json_int_t)s->id,
                     "on", fault_target_name(s->target), "ref", s->ref, "what", s->what, "url",
                     s->url, "state", state_names[s->state], "tries", (json_int_t)s->tries,
                     "status", s->status, "answer", s->answer, "at", at);
}

/* The newest that is older than `id`. */
static const struct slot *before_locked(const struct deliver *d, uint64_t id, const char *ref)
{
    const struct slot *best = NULL;
    for (size_t i = 0; i < DELIVERIES_MAX; i++) {
        const struct slot *s = &d->slots[i];
        if (s->state != FREE && s->id < id && (!best || s->id > best->id) &&
            (!ref || strcmp(ref, s->ref) == 0))
            best = s;
    }
    return best;
}

json_t *deliver_json(struct deliver *d, const char *ref)
{
    json_t *list = json_array();
    (void)pthread_mutex_lock(&d->lock);
    const struct slot *s = before_locked(d, UINT64_MAX, ref);
    for (size_t n = 0; s && n < SHOWN_MAX; n++) {
        (void)json_array_append_new(list, slot_json(s));
        s = before_locked(d, s->id, ref);
    }
    (void)pthread_mutex_unlock(&d->lock);
    return list;
}

/* ---- life ---- */

struct deliver *deliver_make(struct faults *faults)
{
    struct deliver *d = calloc(1, sizeof *d);
    pthread_condattr_t attr;
    if (!d)
        return NULL;
    d->faults = faults;
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&d->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    for (unsigned i = 0; i < LANES; i++) {
        struct lane *lane = &d->lanes[i];
        *lane = (struct lane){.d = d, .which = i};
        lane->started = pthread_create(&lane->thread, NULL, run, lane) == 0;
        if (!lane->started) {
            deliver_free(d);
            return NULL;
        }
    }
    return d;
}

void deliver_free(struct deliver *d)
{
    if (!d)
        return;
    (void)pthread_mutex_lock(&d->lock);
    atomic_store(&d->stop, true);
    (void)pthread_cond_broadcast(&d->wake);
    (void)pthread_mutex_unlock(&d->lock);
    for (unsigned i = 0; i < LANES; i++)
        if (d->lanes[i].started)
            (void)pthread_join(d->lanes[i].thread, NULL);
    for (size_t i = 0; i < DELIVERIES_MAX; i++)
        free(d->slots[i].data);
    (void)pthread_cond_destroy(&d->wake);
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}
