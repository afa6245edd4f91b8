#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/call_in.h"
#include "net/client.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    TRIES = 3,
    FIRST_WAIT_MS = 300,
    WAIT_MAX_MS = 3000,
    WAIT_STEP_MS = 100,
    ANSWER_MAX = 4 * 1024 * 1024,
    TOKEN_MAX = 512,
    BASE_MAX = 256
};

struct stream {
    char base[BASE_MAX];
    char account[64];
    char authorization[TOKEN_MAX + 32]; /* the header line; never logged */
    char ca_file[BASE_MAX];
    int64_t timeout_ms;
    unsigned tries, calls_max;
    atomic_uint calls;            /* on their way */
    atomic_int_least64_t last_ms; /* monotonic: no call goes on after it */
};

static bool token_ok(const char *token)
{
    size_t n = strlen(token);
    for (size_t i = 0; i < n; i++)
        if (token[i] <= 0x20 || token[i] >= 0x7f)
            return false;
    return n > 0 && n <= TOKEN_MAX;
}

enum err stream_make(struct cx *cx, const struct stream_setup *setup, struct stream **ret_stream)
{
    const char *base = setup->base_url, *account = setup->account_id;
    if (strncmp(base, "https://", 8) != 0 && strncmp(base, "http://", 7) != 0)
        return problem(cx, ERR_INPUT, "the base URL of Cloudflare's API must be http(s)");
    if (strspn(account, "0123456789abcdef") != 32 || account[32])
        return problem(cx, ERR_INPUT, "a Cloudflare account id is 32 hex digits");
    if (!token_ok(setup->token))
        return problem(cx, ERR_INPUT, "a Cloudflare API token is printable text without spaces");
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NO_MEMORY;
    bool fits = text_copy(s->base, sizeof s->base, base) &&
                text_copy(s->account, sizeof s->account, account) &&
                text_copy(s->ca_file, sizeof s->ca_file, setup->ca_file ? setup->ca_file : "");
    if (!fits) {
        stream_free(s);
        return problem(cx, ERR_INPUT, "the base URL of Cloudflare's API is too long");
    }
    for (size_t n = strlen(s->base); n && s->base[n - 1] == '/';)
        s->base[--n] = '\0';
    (void)snprintf(s->authorization, sizeof s->authorization, "Authorization: Bearer %s",
                   setup->token);
    s->timeout_ms = setup->timeout_ms ? setup->timeout_ms : 10000;
    s->tries = setup->tries ? setup->tries : TRIES;
    s->calls_max = setup->calls_max ? setup->calls_max : UINT_MAX;
    atomic_init(&s->last_ms, INT64_MAX);
    *ret_stream = s;
    return ERR_OK;
}

void stream_end(struct stream *s, int64_t patience_ms)
{
    if (s)
        atomic_store(&s->last_ms, clock_mono_ms() + patience_ms);
}

void stream_free(struct stream *s)
{
    if (s)
        explicit_bzero(s, sizeof *s);
    free(s);
}

const char *stream_account(const struct stream *s)
{
    return s->account;
}

/* What Stream says went wrong, into cx->problem. */
static enum err refused(struct cx *cx, int status, const json_t *envelope)
{
    static const struct {
        int status;
        enum err e;
    } known[] = {{400, ERR_UPSTREAM},  {401, ERR_FORBIDDEN}, {403, ERR_FORBIDDEN},
                 {404, ERR_NOT_FOUND}, {409, ERR_CONFLICT},  {429, ERR_SLOW_DOWN}};
    const json_t *first = json_array_get(json_object_get(envelope, "errors"), 0);
    const char *message = json_string_value(json_object_get(first, "message"));
    long long code = json_integer_value(json_object_get(first, "code"));
    enum err e = ERR_UPSTREAM;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status)
            e = known[i].e;
    return problem(cx, e, "Stream answered %d: %.100s (%lld)", status,
                   message ? message : "no reason given", code);
}

static enum err read_answer(struct cx *cx, const struct client_answer *a, json_t **ret_result)
{
    json_error_t why;
    json_t *envelope = a->body.len ? json_loadb(a->body.data, a->body.len, 0, &why) : NULL;
    bool good = a->status >= 200 && a->status < 300;
    if (!good || json_is_false(json_object_get(envelope, "success"))) {
        enum err e = refused(cx, a->status, envelope);
        json_decref(envelope);
        return e;
    }
    json_t *result = json_object_get(envelope, "result");
    if (ret_result) {
        *ret_result = json_incref(result);
        if (!result)
            problem(cx, ERR_UPSTREAM, "Stream's answer has no result");
    }
    json_decref(envelope);
    return ret_result && !result ? ERR_UPSTREAM : ERR_OK;
}

/* How long Stream asks us to wait, within reason. */
static int64_t asked_wait_ms(const struct client_answer *a, int64_t otherwise)
{
    char text[16];
    int64_t s;
    if (client_answer_header(a, "retry-after", text, sizeof text) &&
        text_i64(text, 0, 3600, &s) == ERR_OK)
        return s * 1000 < WAIT_MAX_MS ? s * 1000 : WAIT_MAX_MS;
    return otherwise;
}

static bool going_on(void *arg)
{
    struct stream *s = arg;
    return clock_mono_ms() < atomic_load(&s->last_ms);
}

/* In steps, so that an end is noticed. */
static void wait_ms(struct stream *s, int64_t ms)
{
    static const struct timespec step = {0, WAIT_STEP_MS * 1000000};
    int64_t until = clock_mono_ms() + ms;
    while (clock_mono_ms() < until && going_on(s))
        (void)nanosleep(&step, NULL);
}

static bool passing(enum err e, int status)
{
    return e ? e == ERR_UPSTREAM || e == ERR_TIMEOUT : status == 429 || status >= 500;
}

/* One try. The address that did not answer is for the log alone. */
static enum err try_once(struct cx *cx, const struct client_ask *ask, struct client_answer *a)
{
    enum err e = client_run(ask, a);
    if (!e)
        return ERR_OK;
    log_warn("stream cannot be reached", LOG_S("req", cx->id), LOG_S("method", ask->method),
             LOG_S("why", a->why));
    return problem(cx, e, "Stream cannot be reached: %s", a->reason);
}

static enum err try_all(struct stream *s, struct cx *cx, const struct stream_call *call,
                        const struct client_ask *ask, json_t **ret_result)
{
    int64_t wait = FIRST_WAIT_MS;
    for (unsigned i = 1;; i++, wait *= 3) {
        struct client_answer a;
        enum err e = try_once(cx, ask, &a);
        bool again = i < s->tries && passing(e, a.status) && (call->repeat || a.status == 429);
        again = again && going_on(s);
        if (again)
            wait = asked_wait_ms(&a, wait);
        else if (!e)
            e = read_answer(cx, &a, ret_result);
        client_answer_done(&a);
        if (!again)
            return e;
        log_warn("stream call failed, trying again", LOG_S("req", cx->id),
                 LOG_S("method", call->method), LOG_I("try", i));
        wait_ms(s, wait);
        cx->problem[0] = '\0';
    }
}

/* A place among those who may call; each gives it back. */
static enum err enter(struct stream *s, struct cx *cx)
{
    if (!going_on(s))
        return problem(cx, ERR_BUSY, "the server is ending");
    if (atomic_fetch_add(&s->calls, 1) < s->calls_max)
        return ERR_OK;
    atomic_fetch_sub(&s->calls, 1);
    return problem(cx, ERR_BUSY, "Stream is slow, and enough calls wait for it");
}

enum err stream_do(struct stream *s, struct cx *cx, const struct stream_call *call,
                   json_t **ret_result, const char *path, ...)
{
    char tail[CALL_PATH_MAX], url[BASE_MAX + CALL_PATH_MAX], key[300];
    va_list ap;
    va_start(ap, path);
    int n = vsnprintf(tail, sizeof tail, path, ap);
    va_end(ap);
    char *body = call->body ? json_text_of(call->body) : NULL;
    if (n < 0 || (size_t)n >= sizeof tail || (call->body && !body)) {
        free(body);
        return ERR_NO_MEMORY;
    }
    (void)snprintf(url, sizeof url, "%s%s", s->base, tail);
    (void)snprintf(key, sizeof key, "Idempotency-Key: %.255s",
                   call->idempotency_key ? call->idempotency_key : "");
    const char *headers[5] = {s->authorization, "Accept: application/json"};
    size_t h = 2;
    if (body)
        headers[h++] = "Content-Type: application/json";
    if (call->idempotency_key)
        headers[h++] = key;
    struct client_ask ask = {.method = call->method,
                             .url = url,
                             .headers = headers,
                             .body = body,
                             .body_len = body ? strlen(body) : 0,
                             .timeout_ms = s->timeout_ms,
                             .answer_max = ANSWER_MAX,
                             .go_on = going_on,
                             .arg = s,
                             .ca_file = s->ca_file[0] ? s->ca_file : NULL};
    enum err e = enter(s, cx);
    if (!e) {
        e = try_all(s, cx, call, &ask, ret_result);
        atomic_fetch_sub(&s->calls, 1);
    }
    free(body);
    return e;
}
