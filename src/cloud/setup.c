#include "cloud/setup.h"
#include "base/arena.h"
#include "cloud/callback.h"
#include "store/secret.h"
#include "store/store.h"

#include <string.h>

#define NAME "Nightmarket"

enum { NOTIFY_SECRET_CHARS = 48 };

static void say(const struct setup_ask *ask, const char *line)
{
    if (ask->say)
        ask->say(ask->arg, line);
}

static enum err put_job(struct tx *tx, void *arg)
{
    return secret_put(tx, arg);
}

static enum err keep(struct cx *cx, const struct setup_ask *ask, const char *name,
                     const char *value)
{
    struct secret_put put = {name, ask->key, value};
    return store_do(ask->store, cx, "secret.put", put_job, &put);
}

/* The current secret under `name`; "" when none is kept. */
static enum err kept(struct cx *cx, const struct setup_ask *ask, const char *name,
                     const char **ret_value)
{
    struct db *db = NULL;
    const char *values[SECRETS_MAX] = {"", ""};
    size_t n = 0;
    enum err e = store_read(ask->store, &db);
    if (e)
        return e;
    e = secret_read(cx, db, ask->key, name, values, &n);
    store_read_end(db);
    *ret_value = e || !n ? "" : values[0];
    return e;
}

static const char *callback_url(struct cx *cx, const struct setup_ask *ask, const char *which)
{
    return arena_fmt(cx->arena, "%s/api/v1/webhooks/cloudflare/%s", ask->public_url, which);
}

static enum err setup_webhook(struct cx *cx, const struct setup_ask *ask)
{
    const char *url = callback_url(cx, ask, "stream"), *have = "";
    struct stream_webhook w = {"", ""};
    if (!url)
        return ERR_NO_MEMORY;
    enum err e = stream_webhook_get(ask->stream, cx, &w);
    bool ours = !e && strcmp(w.url, url) == 0 && w.secret[0];
    if (e && e != ERR_NOT_FOUND)
        return e;
    if (!ours) {
        e = stream_webhook_put(ask->stream, cx, url, &w);
        if (e)
            return e;
    }
    e = kept(cx, ask, SECRET_STREAM_WEBHOOK, &have);
    bool same = !e && strcmp(have, w.secret) == 0;
    if (!same)
        e = keep(cx, ask, SECRET_STREAM_WEBHOOK, w.secret);
    if (!e)
        say(ask, !ours  ? "video webhook: registered, its secret is kept"
                 : same ? "video webhook: already in place"
                        : "video webhook: in place, its secret is kept anew");
    return e;
}

/* Destinations under our name whose URL is not ours are left from another address: removed. */
static enum err drop_stale(struct cx *cx, const struct setup_ask *ask,
                           const struct stream_row *rows, size_t n, const char *keep_id)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, NAME) != 0 || strcmp(rows[i].id, keep_id) == 0)
            continue;
        enum err e = stream_destination_delete(ask->stream, cx, rows[i].id);
        if (e && e != ERR_NOT_FOUND)
            return e;
        say(ask, "notification destination: removed one that pointed elsewhere");
    }
    return ERR_OK;
}

static enum err make_destination(struct cx *cx, const struct setup_ask *ask, const char *url,
                                 const char **ret_id)
{
    char secret[NOTIFY_SECRET_CHARS + 1];
    crypto_random_hex(secret, NOTIFY_SECRET_CHARS);
    enum err e = keep(cx, ask, SECRET_STREAM_NOTIFY, secret);
    if (!e)
        e = stream_destination_create(ask->stream, cx, NAME, url, secret, ret_id);
    crypto_wipe(secret, sizeof secret);
    return e;
}

static enum err setup_destination(struct cx *cx, const struct setup_ask *ask,
                                  struct stream_row *rows, const char **ret_id)
{
    const char *url = callback_url(cx, ask, "live"), *have = "", *id = "";
    size_t n = 0;
    bool found = false;
    if (!url)
        return ERR_NO_MEMORY;
    enum err e = kept(cx, ask, SECRET_STREAM_NOTIFY, &have);
    if (!e)
        e = stream_destinations(ask->stream, cx, rows, &n);
    if (e)
        return e;
    for (size_t i = 0; i < n && have[0]; i++) /* without its secret a destination is no use */
        if (strcmp(rows[i].name, NAME) == 0 && strcmp(rows[i].url, url) == 0) {
            id = rows[i].id;
            found = true;
        }
    if (!found)
        e = make_destination(cx, ask, url, &id);
    if (e)
        return e;
    say(ask, found ? "notification destination: already in place"
                   : "notification destination: registered, its secret is kept");
    *ret_id = id;
    return drop_stale(cx, ask, rows, n, id);
}

static enum err setup_policy(struct cx *cx, const struct setup_ask *ask, struct stream_row *rows,
                             const char *destination)
{
    size_t n = 0;
    const char *id;
    bool found = false;
    enum err e = stream_policies(ask->stream, cx, rows, &n);
    for (size_t i = 0; i < n && !e; i++) {
        if (strcmp(rows[i].name, NAME) != 0)
            continue;
        bool good = !found && rows[i].enabled && strcmp(rows[i].destination, destination) == 0 &&
                    strcmp(rows[i].alert_type, "stream_live_notifications") == 0;
        found |= good;
        if (!good)
            e = stream_policy_delete(ask->stream, cx, rows[i].id);
        if (e == ERR_NOT_FOUND) /* it went with its destination */
            e = ERR_OK;
    }
    if (!e && !found)
        e = stream_policy_create(ask->stream, cx, NAME, destination, &id);
    if (!e)
        say(ask, found ? "notification policy: already in place" : "notification policy: created");
    return e;
}

static enum err step_failed(struct cx *cx, enum err e, const char *step)
{
    char why[sizeof cx->problem];
    memcpy(why, cx->problem, sizeof why);
    return problem(cx, e, "%s: %.150s", step, why[0] ? why : err_api(e));
}

enum err setup_run(struct cx *cx, const struct setup_ask *ask)
{
    const char *destination = NULL;
    enum err e = stream_token_check(ask->stream, cx);
    if (e)
        return step_failed(cx, e, "token");
    say(ask, "token: active");
    e = stream_account_check(ask->stream, cx);
    if (e)
        return step_failed(cx, e, "account");
    say(ask, "account: the token may use Stream on it");
    e = setup_webhook(cx, ask);
    if (e)
        return step_failed(cx, e, "video webhook");
    struct stream_row *rows = arena_array(cx->arena, struct stream_row, STREAM_ROWS_MAX);
    if (!rows)
        return ERR_NO_MEMORY;
    e = setup_destination(cx, ask, rows, &destination);
    if (e)
        return step_failed(cx, e, "notification destination");
    e = setup_policy(cx, ask, rows, destination);
    return e ? step_failed(cx, e, "notification policy") : ERR_OK;
}

enum err setup_secrets(struct cx *cx, struct db *db, const unsigned char *key, const char *name,
                       const char *from_env, struct callback_secrets *ret_secrets)
{
    const char *values[SECRETS_MAX];
    size_t n = 0;
    enum err e = secret_read(cx, db, key, name, values, &n);
    if (e)
        return e;
    struct callback_secrets s = {.n = 0};
    if (from_env && from_env[0])
        s.value[s.n++] = from_env;
    for (size_t i = 0; i < n; i++)
        s.value[s.n++] = values[i];
    *ret_secrets = s;
    return ERR_OK;
}
