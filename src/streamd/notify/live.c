/* An event of a live input becomes messages: one for each destination of each policy it fits. */
#include "streamd/notify/notify_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "streamd/notify/alert.sql.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLICIES_MAX = 1000, TEXT_MAX = 2048, ROW_ARENA = 1 << 20 };

/* "2026-11-22T09:30:02.855000000Z": Cloudflare shows nanoseconds here. */
static void time_text(int64_t unix_ms, char out[CLOCK_TEXT])
{
    char us[CLOCK_TEXT];
    clock_text_us(unix_ms * 1000, us);
    (void)snprintf(out, CLOCK_TEXT, "%.*s000Z", (int)strcspn(us, "Z"), us);
}

static json_t *data_of(const struct notify_event *e, const char *when)
{
    json_t *data =
        json_pack("{s:s, s:s, s:s, s:s}", "notification_name", "Stream Live Input", "input_id",
                  e->input_uid, "event_type", e->event_type, "updated_at", when);
    if (e->error_code)
        (void)json_object_set_new(data, "live_input_errored",
                                  json_pack("{s:{s:s, s:s}, s:s, s:s}", "error", "code",
                                            e->error_code, "message", e->error_message,
                                            "video_codec", e->video_codec, "audio_codec",
                                            e->audio_codec));
    return data;
}

/* A UUID as text, from the event's own random digits. */
static void correlation(const char *id, char out[40])
{
    (void)snprintf(out, 40, "%.8s-%.4s-4%.3s-a%.3s-%.12s", id, id + 8, id + 13, id + 17, id + 20);
}

static char *body_of(const struct notify *n, const struct notify_event *e, const char *policy_id,
                     const char *policy_name)
{
    char when[CLOCK_TEXT], uuid[40], text[TEXT_MAX];
    bool over = strcmp(e->event_type, "live_input.disconnected") == 0;
    time_text(e->at_ms, when);
    correlation(e->id, uuid);
    int len = snprintf(text, sizeof text,
                       "Notification type: Stream Live Input\nInput ID: %s\nEvent type: %s\n"
                       "Updated at: %s",
                       e->input_uid, e->event_type, when);
    if (e->error_code)
        (void)snprintf(text + len, sizeof text - (size_t)len,
                       "\nError Code: %s\nError Message: %s\nVideo Codec: %s\nAudio Codec: %s",
                       e->error_code, e->error_message, e->video_codec, e->audio_codec);
    return json_text_of(
        json_pack("{s:s, s:s, s:o, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "name", policy_name, "text",
                  text, "data", data_of(e, when), "ts", (json_int_t)(e->at_ms / 1000), "account_id",
                  n->setup.account, "policy_id", policy_id, "policy_name", policy_name,
                  "alert_type", "stream_live_notifications", "alert_correlation_id", uuid,
                  "alert_event", over ? "ALERT_STATE_EVENT_END" : "ALERT_STATE_EVENT_START"));
}

/* An absent or empty list lets everything through. */
static bool fits(const json_t *filters, const char *name, const char *value)
{
    const json_t *list = json_object_get(filters, name);
    if (!json_array_size(list))
        return true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && strcmp(s, value) == 0)
            return true;
    }
    return false;
}

struct fit {
    const char *policy_id, *policy_name;
    json_t *mechanisms;
};

static enum err queue_for(struct notify *n, struct tx *tx, const struct notify_event *event,
                          const struct fit *f)
{
    const json_t *webhooks = json_object_get(f->mechanisms, "webhooks");
    char *body = body_of(n, event, f->policy_id, f->policy_name);
    enum err e = body ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < json_array_size(webhooks); i++) {
        const char *id = json_string_value(json_object_get(json_array_get(webhooks, i), "id"));
        int64_t known;
        e = id ? db_i64(tx->db, &SQL_destination_known, ARGS(V(id)), &known) : ERR_NOT_FOUND;
        const struct message m = {.destination = id,
                                  .input_uid = event->input_uid,
                                  .event = event->event_type,
                                  .body = body};
        if (!e)
            e = queue_message(n, tx, &m);
        if (e == ERR_NOT_FOUND) /* deleted after the policy was made */
            e = ERR_OK;
    }
    free(body);
    return e;
}

static enum err one_policy(struct notify *n, struct tx *tx, const struct notify_event *event,
                           struct fit *f, const char *mechanisms, const char *filters)
{
    json_t *want = json_loads(filters, 0, NULL);
    enum err e = ERR_OK;
    f->mechanisms = json_loads(mechanisms, 0, NULL);
    if (fits(want, "input_id", event->input_uid) && fits(want, "event_type", event->event_type))
        e = queue_for(n, tx, event, f);
    json_decref(f->mechanisms);
    json_decref(want);
    return e;
}

/* The texts of one policy live until its messages are made: a thousand may be large together. */
static bool next_policy(struct notify *n, struct tx *tx, const struct notify_event *event,
                        struct rows *r, enum err *e)
{
    struct fit f;
    const char *mechanisms, *filters;
    struct arena *a = arena_make(ROW_ARENA);
    bool more =
        a && rows_next(r, a, COLS(C(&f.policy_id), C(&f.policy_name), C(&mechanisms), C(&filters)));
    if (!a)
        *e = ERR_NO_MEMORY;
    else if (more)
        *e = one_policy(n, tx, event, &f, mechanisms, filters);
    arena_free(a);
    return more && !*e;
}

static enum err each_policy(struct notify *n, struct tx *tx, const struct notify_event *event)
{
    enum err e = ERR_OK;
    struct rows r = db_rows(tx->db, &SQL_policy_live, ARGS(V(POLICIES_MAX)));
    while (next_policy(n, tx, event, &r, &e))
        continue;
    enum err read = rows_end(&r);
    return e ? e : read;
}

enum err notify_live(struct notify *n, struct tx *tx, const struct notify_event *e)
{
    assert(n && tx && e && strlen(e->id) == 32);
    enum err why = each_policy(n, tx, e);
    if (!why)
        notify_wake(tx, n);
    return why;
}
