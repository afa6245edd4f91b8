/* Cloudflare calls: is it genuine, what does it say, tell the room. */
#include "api/call_in.h"
#include "base/clock.h"
#include "base/log.h"
#include "cloud/callback.h"
#include "cloud/setup.h"
#include "room/input.h"
#include "store/store.h"

/* Forged: a counter, and a log line a second at most; nothing else is kept. */
static enum err counted(struct call *c, const char *kind, enum err e)
{
    int64_t more = 0;
    if (e != ERR_FORBIDDEN)
        return e;
    atomic_fetch_add(&c->api->count.webhook_forged, 1);
    if (log_pace(&c->api->forged_log, clock_mono_ms(), &more))
        log_warn("webhook refused", LOG_S("req", c->cx->id), LOG_S("kind", kind),
                 LOG_S("why", c->cx->problem), LOG_S("addr", c->who.addr), LOG_I("more", more));
    return e;
}

static enum err secrets_of(struct call *c, const char *name, const char *from_env,
                           struct callback_secrets *ret)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = setup_secrets(c->cx, db, c->api->set.key, name, from_env, ret);
    store_read_end(db);
    return e;
}

static enum err done(struct call *c)
{
    atomic_fetch_add(&c->api->count.webhook_ok, 1);
    return answer_empty(c, 200);
}

enum err webhook_stream(struct call *c)
{
    struct callback_secrets secrets = {.n = 0};
    struct stream_video v;
    size_t len;
    const char *body = http_body(c->req, &len);
    enum err e = secrets_of(c, SECRET_STREAM_WEBHOOK, c->api->set.webhook_secret, &secrets);
    if (!e)
        e = counted(c, "stream",
                    callback_check_video(c->cx, &secrets, http_header(c->req, "webhook-signature"),
                                         body, len));
    if (!e)
        e = callback_read_video(c->cx, body, len, &v);
    if (e)
        return e;
    if (v.input_uid[0] && (v.state == VIDEO_READY || v.state == VIDEO_ERROR))
        e = input_recording_hint(c->api->set.room, c->cx, v.input_uid);
    return e ? e : done(c);
}

enum err webhook_live(struct call *c)
{
    struct callback_secrets secrets = {.n = 0};
    struct live_notice n;
    size_t len;
    const char *body = http_body(c->req, &len);
    enum err e = secrets_of(c, SECRET_STREAM_NOTIFY, c->api->set.notify_secret, &secrets);
    if (!e)
        e = counted(c, "live",
                    callback_check_live(c->cx, &secrets, http_header(c->req, "cf-webhook-auth")));
    if (!e)
        e = callback_read_live(c->cx, body, len, &n);
    if (e)
        return e;
    if (n.event == LIVE_CONNECTED || n.event == LIVE_DISCONNECTED) {
        const struct input_notice notice = {.uid = n.input_uid,
                                            .connected = n.event == LIVE_CONNECTED,
                                            .at_us = n.updated_ms * 1000};
        e = input_notify(c->api->set.room, c->cx, &notice, NULL);
    } else if (n.event == LIVE_ERRORED) {
        log_warn("live input errored", LOG_S("input", n.input_uid), LOG_S("code", n.error_code));
    }
    return e ? e : done(c);
}
