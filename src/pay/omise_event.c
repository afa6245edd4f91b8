/* Events: what a webhook tells, and those that no webhook told. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "pay/omise_in.h"

#include <assert.h>
#include <string.h>

enum { PAGE = 100 };

/* The charge that an event is about: its own, or that of a refund or dispute. */
static const char *charge_of(const json_t *data)
{
    const char *object = json_string_value(json_object_get(data, "object"));
    bool own = object && strcmp(object, "charge") == 0;
    const char *id = json_string_value(json_object_get(data, own ? "id" : "charge"));
    return id && omise_id_ok(id, "chrg") ? id : "";
}

static bool key_ok(const char *key)
{
    size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz._0123456789");
    return n > 0 && n < OMISE_ID && key[n] == '\0';
}

static enum err read_event(struct cx *cx, const json_t *o, struct omise_event *ret)
{
    struct omise_event e = {.livemode = json_is_true(json_object_get(o, "livemode"))};
    const char *object = json_string_value(json_object_get(o, "object"));
    const char *id = json_string_value(json_object_get(o, "id"));
    const char *key = json_string_value(json_object_get(o, "key"));
    if (!object || strcmp(object, "event") != 0 || !id || !omise_id_ok(id, "evnt") || !key ||
        !key_ok(key))
        return problem(cx, ERR_INPUT, "this is no event of Omise's");
    (void)text_copy(e.id, sizeof e.id, id);
    (void)text_copy(e.key, sizeof e.key, key);
    const json_t *data = json_object_get(o, "data");
    (void)text_copy(e.charge, sizeof e.charge, charge_of(data));
    e.attempt = json_is_string(json_object_get(json_object_get(data, "metadata"), "attempt"));
    e.created_ms = omise_when(o, "created_at");
    if (!e.created_ms) /* of an account whose default is version 2017-11-02 */
        e.created_ms = omise_when(o, "created");
    *ret = e;
    return ERR_OK;
}

enum err omise_read_event(struct cx *cx, const void *body, size_t len,
                          struct omise_event *ret_event)
{
    json_t *o = NULL;
    enum err e = json_read_object(cx, body, len, &o);
    if (e)
        return e;
    e = read_event(cx, o, ret_event);
    json_decref(o);
    return e;
}

/* Adds a page to the list. What is no event is left out: one of them must not hide the others. */
static enum err add_page(struct cx *cx, const json_t *page, struct omise_event *events, size_t *n,
                         bool *ret_last)
{
    const json_t *list = json_object_get(page, "data");
    size_t size = json_array_size(list);
    if (!json_is_array(list))
        return problem(cx, ERR_UPSTREAM, "Omise's answer is not a list");
    for (size_t i = 0; i < size && *n < OMISE_EVENTS_MAX; i++)
        if (read_event(cx, json_array_get(list, i), &events[*n]) == ERR_OK)
            (*n)++;
    cx->problem[0] = '\0';
    *ret_last = size < PAGE;
    return ERR_OK;
}

enum err omise_events_since(struct gateway *g, struct cx *cx, int64_t since_ms,
                            struct omise_event *ret_events, size_t *ret_count, bool *ret_more)
{
    struct omise *o = (struct omise *)g;
    char from[CLOCK_TEXT];
    size_t n = 0;
    bool last = false;
    omise_when_text(since_ms, from);
    for (int page = 0; page * PAGE < OMISE_EVENTS_MAX && !last; page++) {
        struct omise_reply reply;
        struct omise_call call = {.method = "GET"};
        enum err e =
            omise_do(o, cx, &call, &reply, "/events?order=chronological&from=%s&limit=%d&offset=%d",
                     from, PAGE, page * PAGE);
        if (e)
            return e == ERR_NOT_FOUND || e == ERR_INPUT ? ERR_UPSTREAM : e;
        e = add_page(cx, reply.body, ret_events, &n, &last);
        json_decref(reply.body);
        if (e)
            return e;
    }
    *ret_count = n;
    *ret_more = !last;
    return ERR_OK;
}

static_assert((int)OMISE_ID == (int)GATEWAY_EVENT_TEXT, "an event's texts fit");
static_assert((int)OMISE_EVENTS_MAX <= (int)GATEWAY_EVENTS_MAX, "all events fit");

/* Those of charges that an attempt made: the others change no payment of ours. */
static size_t of_charges(const struct omise_event *list, size_t n, struct gateway_event *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const struct omise_event *e = &list[i];
        if (!text_has_prefix(e->key, "charge.") || !e->charge[0] || !e->attempt)
            continue;
        struct gateway_event *to = &out[kept++];
        memcpy(to->key, e->id, sizeof to->key);
        memcpy(to->kind, e->key, sizeof to->kind);
        memcpy(to->ref, e->charge, sizeof to->ref);
        to->at_ms = e->created_ms;
    }
    return kept;
}

enum err omise_missed(struct gateway *g, struct cx *cx, int64_t since_ms,
                      struct gateway_event *ret_events, size_t *ret_count, int64_t *ret_until_ms)
{
    size_t n = 0;
    bool more = false;
    struct omise_event *list = arena_array(cx->arena, struct omise_event, OMISE_EVENTS_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    enum err e = omise_events_since(g, cx, since_ms, list, &n, &more);
    if (e)
        return e;
    int64_t last_ms = n ? list[n - 1].created_ms : 0;
    *ret_count = of_charges(list, n, ret_events);
    /* More of one second than fit: on to the next, rather than stand still. */
    *ret_until_ms = !more || !last_ms ? cx->now_ms : last_ms > since_ms ? last_ms : since_ms + 1000;
    return ERR_OK;
}
