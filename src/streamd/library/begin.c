#include "streamd/library/begin_in.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "streamd/library/input.sql.h"
#include "streamd/library/video.sql.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- a video begins ---- */

struct begin_job {
    char uid[UID_TEXT], input_uid[UID_TEXT];
    char name[INPUT_NAME_MAX + 48];
    char *meta; /* from malloc() */
};

static enum err begin_run(struct tx *tx, void *arg)
{
    const struct begin_job *b = arg;
    return db_do(tx->db, &SQL_video_begin,
                 ARGS(V(b->uid), V(b->input_uid), V(b->name), V(b->meta), V(tx->cx->now_ms)), NULL);
}

static void begin_free(void *arg)
{
    struct begin_job *b = arg;
    free(b->meta);
}

/* "Evening drop #12 22 Nov 26 09:30 UTC" */
static void broadcast_name(const char *input_name, int64_t now_ms, char *out, size_t size)
{
    time_t s = (time_t)(now_ms / 1000);
    struct tm tm;
    char day[16], minute[16];
    (void)gmtime_r(&s, &tm);
    (void)strftime(day, sizeof day, "%d %b", &tm);
    (void)strftime(minute, sizeof minute, "%H:%M UTC", &tm);
    (void)snprintf(out, size, "%s%s%s %02d %s", input_name, *input_name ? " " : "", day,
                   tm.tm_year % 100, minute);
}

enum err begin_video_locked(struct library *l, struct input_rec *in)
{
    struct video_rec *video;
    enum err e = video_remember_locked(l, in->video_uid, in->conf.uid, VIDEO_LIVE,
                                       in->conf.signed_only, in->conf.allowed_origins, &video);
    if (e)
        return e;
    struct begin_job b = {0};
    (void)text_copy(b.uid, sizeof b.uid, in->video_uid);
    (void)text_copy(b.input_uid, sizeof b.input_uid, in->conf.uid);
    broadcast_name(in->conf.name, library_unix_ms(l), b.name, sizeof b.name);
    b.meta = json_text_of(json_pack("{s:s}", "name", b.name));
    if (!b.meta) {
        video_forget_locked(l, video);
        return ERR_NO_MEMORY;
    }
    defer_locked(l, "video.begin", begin_run, &b, sizeof b, begin_free);
    return ERR_OK;
}

/* ---- it ends ---- */

struct end_job {
    char uid[UID_TEXT];
};

static enum err end_run(struct tx *tx, void *arg)
{
    const struct end_job *j = arg;
    return db_do(tx->db, &SQL_video_ended, ARGS(V(tx->cx->now_ms), V(j->uid)), NULL);
}

void end_video_locked(struct library *l, const char *video_uid)
{
    struct end_job j = {0};
    (void)text_copy(j.uid, sizeof j.uid, video_uid);
    defer_locked(l, "video.ended", end_run, &j, sizeof j, NULL);
}

/* ---- the input's own row ---- */

struct status_job {
    char uid[UID_TEXT], video_uid[UID_TEXT];
    const char *state;
    char *status; /* from malloc(), or NULL */
};

static enum err status_run(struct tx *tx, void *arg)
{
    const struct status_job *j = arg;
    return db_do(tx->db, &SQL_input_status,
                 ARGS(V(j->state), V(j->video_uid), V(j->status), V(j->uid)), NULL);
}

static void status_free(void *arg)
{
    struct status_job *j = arg;
    free(j->status);
}

void save_status_locked(struct library *l, const struct input_rec *in)
{
    struct status_job j = {.state = input_state_word(in->state), .status = status_text(in)};
    (void)text_copy(j.uid, sizeof j.uid, in->conf.uid);
    if (in->video_kept)
        (void)text_copy(j.video_uid, sizeof j.video_uid, in->video_uid);
    defer_locked(l, "input.status", status_run, &j, sizeof j, status_free);
}

/* ---- the world is told ---- */

enum { EVENT_TEXTS = 1024 };

struct event_job {
    struct library *l;
    struct live_event event; /* its texts lie below */
    char id[UID_TEXT];
    char texts[EVENT_TEXTS];
};

static enum err event_run(struct tx *tx, void *arg)
{
    struct event_job *j = arg;
    const struct library_hooks *h = &j->l->setup.hooks;
    struct live_event e = j->event;
    const char **const at[] = {&e.input_uid,     &e.event_type,  &e.error_code,
                               &e.error_message, &e.video_codec, &e.audio_codec};
    const char *text = j->texts;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        if (!*at[i])
            continue;
        *at[i] = text; /* the job was copied: point into this copy */
        text += strlen(text) + 1;
    }
    e.id = j->id;
    return h->live_event(h->arg, tx, &e);
}

void tell_event_locked(struct library *l, const struct live_event *event)
{
    log_info("live input", LOG_S("event", event->event_type), LOG_S("input", event->input_uid),
             LOG_S("code", event->error_code));
    if (!l->setup.hooks.live_event)
        return;
    struct event_job j = {.l = l, .event = *event};
    const char *const texts[] = {event->input_uid,     event->event_type,  event->error_code,
                                 event->error_message, event->video_codec, event->audio_codec};
    size_t n = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!texts[i])
            continue;
        (void)text_copy(j.texts + n, sizeof j.texts - n - (sizeof texts / sizeof *texts - i),
                        texts[i]);
        n += strlen(j.texts + n) + 1;
    }
    crypto_random_hex(j.id, UID_TEXT - 1);
    defer_locked(l, "live.event", event_run, &j, sizeof j, NULL);
}
