/* One exchange with ECPay's payment service: its limits, what is certain and what is not. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/client.h"
#include "pay/ecpay_in.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    ANSWER_MAX = 256 * 1024,
    PATIENCE_MS = 2000, /* for a turn; who would wait longer comes again */
    LOCKED_MS = 30 * 60 * 1000,
    BODY_MAX = 16 * 1024
};

bool ecpay_lost(enum err e)
{
    return e == ERR_TIMEOUT || e == ERR_UPSTREAM;
}

static void set_later(struct ecpay *e, int64_t at_ms)
{
    if (atomic_load(&e->later_ms) < at_ms)
        atomic_store(&e->later_ms, at_ms);
}

/* Take the next turn; *ret_wait_ms until it begins. False: too many wait. */
static bool take_turn(struct ecpay *e, int64_t *ret_wait_ms)
{
    int64_t now = clock_mono_ms();
    (void)pthread_mutex_lock(&e->lock);
    int64_t at = e->free_mono_ms > now ? e->free_mono_ms : now;
    bool good = at - now <= PATIENCE_MS;
    if (good)
        e->free_mono_ms = at + e->apart_ms;
    (void)pthread_mutex_unlock(&e->lock);
    *ret_wait_ms = at - now;
    return good;
}

static void sleep_ms(int64_t ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    while (ms > 0 && nanosleep(&t, &t) != 0)
        continue;
}

static enum err enter(struct ecpay *e, struct cx *cx)
{
    int64_t wait_ms;
    if (cx->now_ms < atomic_load(&e->later_ms))
        return problem(cx, ERR_BUSY, "ECPay wants no calls for a while");
    if (!take_turn(e, &wait_ms)) {
        set_later(e, cx->now_ms + wait_ms);
        return problem(cx, ERR_BUSY, "many calls to ECPay wait already");
    }
    sleep_ms(wait_ms);
    return ERR_OK;
}

static enum err judge(struct ecpay *e, struct cx *cx, const char *path,
                      const struct client_answer *a)
{
    if (a->status == 200)
        return ERR_OK;
    if (a->status == 403 || a->status == 429) {
        set_later(e, cx->now_ms + LOCKED_MS);
        log_error("ecpay has locked us out", LOG_S("req", cx->id), LOG_S("path", path),
                  LOG_I("minutes", LOCKED_MS / 60000));
        return problem(cx, ERR_BUSY, "ECPay wants no calls for half an hour");
    }
    log_warn("ecpay answered oddly", LOG_S("req", cx->id), LOG_S("path", path),
             LOG_I("status", a->status));
    return problem(cx, a->status == 404 ? ERR_NOT_FOUND : ERR_UPSTREAM, "ECPay answered %d",
                   a->status);
}

static enum err exchange(struct ecpay *e, struct cx *cx, const char *path,
                         const struct client_ask *ask, const char **ret_body, size_t *ret_len)
{
    struct client_answer a;
    enum err err = client_run(ask, &a);
    if (err) {
        log_warn("ecpay cannot be reached", LOG_S("req", cx->id), LOG_S("path", path),
                 LOG_S("why", a.why));
        err = problem(cx, a.unsent ? ERR_BUSY : err, "ECPay cannot be reached: %s", a.reason);
    } else {
        err = judge(e, cx, path, &a);
    }
    const char *body = NULL;
    if (!err) {
        body = arena_dup(cx->arena, a.body.data ? a.body.data : "", a.body.len);
        if (!body)
            err = ERR_NO_MEMORY;
    }
    if (!err) {
        *ret_body = body;
        *ret_len = a.body.len;
    }
    client_answer_done(&a);
    return err;
}

enum err ecpay_post(struct ecpay *e, struct cx *cx, const struct ecpay_call *call,
                    const struct ecpay_ask *ask, const char **ret_body, size_t *ret_len)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: text/html, application/json", NULL};
    char url[ECPAY_BASE_MAX + 64];
    struct buf body;
    (void)snprintf(url, sizeof url, "%s%s", e->url, call->path);
    buf_init(&body, BODY_MAX);
    ecpay_form_write(&body, ask->fields, ask->count);
    struct client_ask c = {.method = "POST",
                           .url = url,
                           .headers = headers,
                           .body = body.data,
                           .body_len = body.len,
                           .timeout_ms = call->timeout_ms ? call->timeout_ms : e->timeout_ms,
                           .answer_max = ANSWER_MAX,
                           .ca_file = e->ca_file[0] ? e->ca_file : NULL,
                           .once = call->once};
    enum err err = buf_err(&body);
    if (!err)
        err = enter(e, cx);
    if (!err)
        err = exchange(e, cx, call->path, &c, ret_body, ret_len);
    buf_done(&body);
    return err;
}
