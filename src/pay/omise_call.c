/* One exchange with Omise's API: keys, errors, what is certain and what is not. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "net/client.h"
#include "pay/omise_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 4 << 20, SLOW_DOWN_S = 30, SLOW_DOWN_MAX_S = 600, KEYS_WAIT_MS = 60000 };

bool omise_lost(enum err e)
{
    return e == ERR_TIMEOUT || e == ERR_UPSTREAM;
}

bool omise_id_ok(const char *id, const char *prefix)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    size_t n = strlen(prefix);
    if (strncmp(id, prefix, n) != 0 || id[n] != '_' || strlen(id) >= OMISE_ID)
        return false;
    const char *rest = id + n + 1;
    if (text_has_prefix(rest, "test_"))
        rest += strlen("test_");
    n = strspn(rest, digits);
    return n > 0 && rest[n] == '\0';
}

const char *omise_text(struct cx *cx, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    const char *copy = NULL;
    if (json_is_string(v))
        copy = arena_dup(cx->arena, json_string_value(v), json_string_length(v));
    return copy ? copy : "";
}

int64_t omise_when(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    int64_t ms;
    return text && clock_parse(text, &ms) == ERR_OK ? ms : 0;
}

void omise_when_text(int64_t unix_ms, char out[CLOCK_TEXT])
{
    clock_text_ms(unix_ms, out);
    size_t seconds = strcspn(out, ".");
    memcpy(out + seconds, "Z", sizeof "Z");
}

/* A member of an error object, cut between two characters. */
static void note(const json_t *o, const char *name, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, name));
    size_t len = s ? strlen(s) : 0, n = 0, step;
    uint32_t c;
    while (n < len && (step = text_char(s + n, len - n, &c)) && n + step < size)
        n += step;
    if (n)
        memcpy(out, s, n);
    out[n] = '\0';
    (void)text_tidy(out, n);
}

/* How long it asks us to wait, within reason. */
static void slow_down(struct omise *o, const struct cx *cx, const struct client_answer *a)
{
    char text[16];
    int64_t s = SLOW_DOWN_S;
    if (client_answer_header(a, "retry-after", text, sizeof text) &&
        text_i64(text, 0, SLOW_DOWN_MAX_S, &s) != ERR_OK)
        s = SLOW_DOWN_S;
    atomic_store(&o->later_ms, cx->now_ms + s * 1000);
}

static enum err refused(struct omise *o, struct cx *cx, const struct client_answer *a,
                        const json_t *body, struct omise_reply *reply)
{
    if (a->status == 429) {
        slow_down(o, cx, a);
        return problem(cx, ERR_BUSY, "Omise asks us to slow down");
    }
    if (a->status == 401 || a->status == 403) {
        log_error("omise does not take our keys", LOG_S("req", cx->id), LOG_I("status", a->status));
        atomic_store(&o->later_ms, cx->now_ms + KEYS_WAIT_MS);
        return problem(cx, ERR_BUSY, "Omise does not take our keys");
    }
    const char *object = json_string_value(json_object_get(body, "object"));
    if (a->status >= 500 || !object || strcmp(object, "error") != 0)
        return problem(cx, ERR_UPSTREAM, "Omise answered %d", a->status);
    note(body, "code", reply->code, sizeof reply->code);
    note(body, "message", reply->message, sizeof reply->message);
    return problem(cx, a->status == 404 ? ERR_NOT_FOUND : ERR_INPUT, "Omise refused: %s",
                   reply->code);
}

static enum err read_answer(struct omise *o, struct cx *cx, const struct client_answer *a,
                            struct omise_reply *reply)
{
    json_error_t why;
    json_t *body = json_loadb(a->body.data ? a->body.data : "", a->body.len, 0, &why);
    const char *object = json_string_value(json_object_get(body, "object"));
    bool good = a->status >= 200 && a->status < 300;
    enum err e = ERR_OK;
    if (!good || (object && strcmp(object, "error") == 0))
        e = refused(o, cx, a, body, reply);
    else if (!object)
        e = problem(cx, ERR_UPSTREAM, "Omise's answer cannot be read");
    if (e)
        json_decref(body);
    else
        reply->body = body;
    return e;
}

/* The address that did not answer is for the log alone. */
static enum err no_answer(struct cx *cx, const struct client_ask *ask,
                          const struct client_answer *a, enum err e)
{
    log_warn("omise cannot be reached", LOG_S("req", cx->id), LOG_S("method", ask->method),
             LOG_S("why", a->why));
    return problem(cx, a->unsent ? ERR_BUSY : e, "Omise cannot be reached: %s", a->reason);
}

static enum err exchange(struct omise *o, struct cx *cx, const struct client_ask *ask,
                         struct omise_reply *reply)
{
    struct client_answer a;
    enum err e = client_run(ask, &a);
    e = e ? no_answer(cx, ask, &a, e) : read_answer(o, cx, &a, reply);
    client_answer_done(&a);
    return e;
}

static enum err send_it(struct omise *o, struct cx *cx, const struct omise_call *call,
                        const char *path, struct omise_reply *reply)
{
    char url[OMISE_BASE_MAX + OMISE_PATH_MAX];
    char *body = call->body ? json_text_of(json_incref(call->body)) : NULL;
    if (call->body && !body)
        return ERR_NO_MEMORY;
    (void)snprintf(url, sizeof url, "%s%s", o->api, path);
    const char *headers[] = {call->by_public_key ? o->public_auth : o->secret_auth,
                             "Omise-Version: 2019-05-29", "Accept: application/json",
                             body ? "Content-Type: application/json" : NULL, NULL};
    struct client_ask ask = {.method = call->method,
                             .url = url,
                             .headers = headers,
                             .body = body,
                             .body_len = body ? strlen(body) : 0,
                             .timeout_ms = call->timeout_ms ? call->timeout_ms : o->timeout_ms,
                             .answer_max = ANSWER_MAX,
                             .ca_file = o->ca_file[0] ? o->ca_file : NULL,
                             .once = call->once};
    enum err e = exchange(o, cx, &ask, reply);
    if (body)
        explicit_bzero(body, strlen(body)); /* it may have held a card's token */
    free(body);
    return e;
}

enum err omise_do(struct omise *o, struct cx *cx, const struct omise_call *call,
                  struct omise_reply *ret_reply, const char *path, ...)
{
    char tail[OMISE_PATH_MAX];
    va_list ap;
    va_start(ap, path);
    int n = vsnprintf(tail, sizeof tail, path, ap);
    va_end(ap);
    *ret_reply = (struct omise_reply){0};
    enum err e = ERR_OK;
    if (n < 0 || (size_t)n >= sizeof tail)
        e = problem(cx, ERR_INPUT, "a path at Omise is too long");
    else if (cx->now_ms < atomic_load(&o->later_ms))
        e = problem(cx, ERR_BUSY, "Omise asks us to wait");
    else
        e = send_it(o, cx, call, tail, ret_reply);
    json_decref(call->body);
    return e;
}
