/* status.current and status.history of a live input: kept in memory, stored as JSON text. */
#include "streamd/library/state_in.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "streamd/library/status_in.h"

#include <string.h>

void status_enter(struct input_rec *in, const char *state, const char *reason, const char *protocol,
                  int64_t now_ms)
{
    struct status_entry last = in->current;
    if (last.entered_ms) {
        memmove(&in->history[1], &in->history[0], sizeof in->history - sizeof in->history[0]);
        in->history[0] = last;
    }
    struct status_entry *c = &in->current;
    *c = (struct status_entry){.entered_ms = now_ms, .seen_ms = now_ms};
    (void)text_copy(c->state, sizeof c->state, state);
    (void)text_copy(c->reason, sizeof c->reason, reason);
    (void)text_copy(c->protocol, sizeof c->protocol, protocol ? protocol : last.protocol);
}

static json_t *entry_json(const struct status_entry *s)
{
    char entered[CLOCK_TEXT], seen[CLOCK_TEXT];
    clock_text_ms(s->entered_ms, entered);
    clock_text_ms(s->seen_ms, seen);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "ingestProtocol", s->protocol, "reason",
                     s->reason, "state", s->state, "statusEnteredAt", entered, "statusLastSeen",
                     seen);
}

json_t *status_json(const struct input_rec *in)
{
    if (!in->current.entered_ms)
        return json_null();
    json_t *history = json_array();
    for (size_t i = 0; i < HISTORY_MAX && in->history[i].entered_ms; i++)
        (void)json_array_append_new(history, entry_json(&in->history[i]));
    return json_pack("{s:o, s:o}", "current", entry_json(&in->current), "history", history);
}

char *status_text(const struct input_rec *in)
{
    return in->current.entered_ms ? json_text_of(status_json(in)) : NULL;
}

static void entry_text(const json_t *o, const char *name, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, name));
    (void)text_copy(out, size, s ? s : "");
}

static int64_t entry_time(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    int64_t ms = 0;
    return s && !clock_parse(s, &ms) ? ms : 0;
}

static void entry_parse(const json_t *o, struct status_entry *ret_entry)
{
    if (!json_is_object(o))
        return;
    entry_text(o, "state", ret_entry->state, sizeof ret_entry->state);
    entry_text(o, "reason", ret_entry->reason, sizeof ret_entry->reason);
    entry_text(o, "ingestProtocol", ret_entry->protocol, sizeof ret_entry->protocol);
    ret_entry->entered_ms = entry_time(o, "statusEnteredAt");
    ret_entry->seen_ms = entry_time(o, "statusLastSeen");
}

void status_parse(struct input_rec *in, const char *text)
{
    json_t *o = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!o)
        return;
    entry_parse(json_object_get(o, "current"), &in->current);
    json_t *history = json_object_get(o, "history");
    for (size_t i = 0; i < HISTORY_MAX && i < json_array_size(history); i++)
        entry_parse(json_array_get(history, i), &in->history[i]);
    json_decref(o);
}
