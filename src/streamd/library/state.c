/* The state machine of a live input. Everything here is quick: event loops call it. */
#include "streamd/library/state_in.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/begin_in.h"

#include <assert.h>
#include <string.h>

struct step {
    enum input_state next;
    unsigned todo;
};

static const struct step steps[INPUT_STATES][INPUT_EVENTS] = {
    [INPUT_IDLE] = {[EVENT_CONNECT] = {INPUT_CONNECTED, DO_BEGIN},
                    [EVENT_DISCONNECT] = {INPUT_IDLE, 0},
                    [EVENT_GRACE_OVER] = {INPUT_IDLE, 0},
                    [EVENT_STOP] = {INPUT_IDLE, 0}},
    /* A connect while connected is a take-over: the old connection is the ingest's to close. */
    [INPUT_CONNECTED] = {[EVENT_CONNECT] = {INPUT_CONNECTED, DO_RESUME},
                         [EVENT_DISCONNECT] = {INPUT_GAP, DO_PAUSE},
                         [EVENT_GRACE_OVER] = {INPUT_CONNECTED, 0},
                         [EVENT_STOP] = {INPUT_IDLE, DO_END | DO_KICK}},
    [INPUT_GAP] = {[EVENT_CONNECT] = {INPUT_CONNECTED, DO_RESUME},
                   [EVENT_DISCONNECT] = {INPUT_GAP, 0},
                   [EVENT_GRACE_OVER] = {INPUT_IDLE, DO_END},
                   [EVENT_STOP] = {INPUT_IDLE, DO_END}},
};

enum input_state state_next(enum input_state state, enum input_event event, unsigned *ret_todo)
{
    assert(state < INPUT_STATES && event < INPUT_EVENTS && ret_todo);
    *ret_todo = steps[state][event].todo;
    return steps[state][event].next;
}

static const char *const input_words[INPUT_STATES] = {"idle", "connected", "gap"};

const char *input_state_word(enum input_state state)
{
    return input_words[state];
}

enum input_state input_state_of(const char *word)
{
    for (int i = 0; i < INPUT_STATES; i++)
        if (word && strcmp(word, input_words[i]) == 0)
            return (enum input_state)i;
    return INPUT_IDLE;
}

const char *video_state_word(enum video_state state)
{
    switch (state) {
    case VIDEO_LIVE: return "live-inprogress";
    case VIDEO_ENDED: return "inprogress";
    case VIDEO_READY: return "ready";
    case VIDEO_ERROR: return "error";
    }
    return "error";
}

static void tell_plain_locked(struct library *l, const struct input_rec *in, const char *type)
{
    tell_event_locked(l, &(struct live_event){.input_uid = in->conf.uid,
                                              .event_type = type,
                                              .at_ms = library_unix_ms(l)});
}

static void begin_locked(struct library *l, struct input_rec *in)
{
    crypto_random_hex(in->video_uid, UID_TEXT - 1);
    in->video_kept = in->conf.record;
    if (in->video_kept && begin_video_locked(l, in)) {
        in->video_kept = false; /* it can be seen by nobody, but the broadcast is not cut */
        log_error("broadcast is not recorded: out of memory", LOG_S("input", in->conf.uid));
    }
}

static void end_locked(struct library *l, struct input_rec *in)
{
    struct video_rec *video = in->video_kept ? video_of_locked(l, in->video_uid) : NULL;
    if (video && video->state == VIDEO_LIVE) {
        video->state = VIDEO_ENDED;
        end_video_locked(l, video->uid);
        unfinished_add_locked(l, video);
    } else {
        in->video_uid[0] = '\0';
    }
}

/* The status object: what the world is told of this event. */
static void show_locked(struct library *l, struct input_rec *in, enum input_event event,
                        enum input_state before, const char *why, const char *protocol)
{
    int64_t now = library_unix_ms(l);
    if (event == EVENT_CONNECT) {
        const char *word = before == INPUT_IDLE ? "connected" : "reconnected";
        status_enter(in, word, word, protocol, now);
        if (before != INPUT_CONNECTED)
            tell_plain_locked(l, in, "live_input.connected");
    } else if (before == INPUT_CONNECTED) {
        status_enter(in, "disconnected", why, NULL, now);
        tell_plain_locked(l, in, "live_input.disconnected");
    }
}

unsigned input_event_locked(struct library *l, struct input_rec *in, enum input_event event,
                            const char *why, const char *protocol)
{
    unsigned todo;
    enum input_state before = in->state;
    enum input_state after = state_next(before, event, &todo);
    if (!todo)
        return 0;
    in->state = after;
    if (todo & DO_BEGIN)
        begin_locked(l, in);
    if (todo & DO_PAUSE)
        in->grace_due_ms = library_mono_ms(l) + in->conf.grace_ms;
    if (event != EVENT_GRACE_OVER)
        show_locked(l, in, event, before, why, protocol);
    if (after != INPUT_CONNECTED || event == EVENT_CONNECT)
        in->has_stats = false;
    if (todo & DO_END)
        end_locked(l, in);
    save_status_locked(l, in);
    return todo;
}

enum err library_connected(struct library *l, const char *input_uid, const char *protocol,
                           struct turn *ret_turn)
{
    assert(l && input_uid && protocol && ret_turn);
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&l->lock);
    struct input_rec *in = input_of_locked(l, input_uid);
    if (!in) {
        e = ERR_NOT_FOUND;
    } else if (!in->conf.enabled) {
        e = ERR_FORBIDDEN;
    } else {
        const char *shown = strcmp(protocol, "rtmps") == 0 ? "rtmp" : protocol;
        unsigned todo = input_event_locked(l, in, EVENT_CONNECT, "connected", shown);
        *ret_turn = (struct turn){
            .generation = ++in->generation, .resumed = todo & DO_RESUME, .record = in->video_kept};
        (void)text_copy(ret_turn->video_uid, UID_TEXT, in->video_uid);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return e;
}

void library_disconnected(struct library *l, const char *input_uid, uint64_t generation,
                          const char *reason)
{
    assert(l && input_uid && reason);
    (void)pthread_mutex_lock(&l->lock);
    struct input_rec *in = input_of_locked(l, input_uid);
    if (in && in->generation == generation)
        (void)input_event_locked(l, in, EVENT_DISCONNECT, reason, NULL);
    (void)pthread_mutex_unlock(&l->lock);
}

void library_stats(struct library *l, const char *input_uid, uint64_t generation,
                   const struct ingest_stats *stats)
{
    assert(l && input_uid && stats);
    (void)pthread_mutex_lock(&l->lock);
    struct input_rec *in = input_of_locked(l, input_uid);
    if (in && in->state == INPUT_CONNECTED && in->generation == generation) {
        in->has_stats = true;
        in->stats = *stats;
        in->current.seen_ms = library_unix_ms(l);
    }
    (void)pthread_mutex_unlock(&l->lock);
}

void library_errored(struct library *l, const char *input_uid, const char *code,
                     const char *message, const char *video_codec, const char *audio_codec)
{
    assert(l && input_uid && code && message);
    (void)pthread_mutex_lock(&l->lock);
    if (input_of_locked(l, input_uid))
        tell_event_locked(l, &(struct live_event){.input_uid = input_uid,
                                                  .event_type = "live_input.errored",
                                                  .at_ms = library_unix_ms(l),
                                                  .error_code = code,
                                                  .error_message = message,
                                                  .video_codec = video_codec ? video_codec : "",
                                                  .audio_codec = audio_codec ? audio_codec : ""});
    (void)pthread_mutex_unlock(&l->lock);
}

enum { GRACE_BATCH = 64 };

struct grace_scan {
    int64_t now;
    struct input_rec *due[GRACE_BATCH];
    size_t n;
};

static void grace_one(struct map_node *node, void *arg)
{
    struct input_rec *in = (struct input_rec *)node; /* by_uid is its first member */
    struct grace_scan *scan = arg;
    if (in->state == INPUT_GAP && in->grace_due_ms <= scan->now && scan->n < GRACE_BATCH)
        scan->due[scan->n++] = in;
}

void library_tick(struct library *l)
{
    struct grace_scan scan = {.now = library_mono_ms(l)};
    (void)pthread_mutex_lock(&l->lock);
    if (l->running) {
        map_each(&l->inputs, grace_one, &scan);
        for (size_t i = 0; i < scan.n; i++)
            (void)input_event_locked(l, scan.due[i], EVENT_GRACE_OVER, "", NULL);
    }
    defer_pump_locked(l);
    (void)pthread_mutex_unlock(&l->lock);
    finish_due(l);
    sweep_due(l);
}
