/* The account's side of callbacks: token, webhook, notification destinations and policies. */
#include "cloud/call_in.h"
#include "cloud/shape_in.h"

#include <string.h>

#define ALERTING "/accounts/%s/alerting/v3/"
#define GET      ((struct stream_call){.method = "GET", .repeat = true})
#define DELETE   ((struct stream_call){.method = "DELETE", .repeat = true})

enum err stream_token_check(struct stream *s, struct cx *cx)
{
    json_t *result = NULL;
    enum err e = stream_do(s, cx, &GET, &result, "/user/tokens/verify");
    if (e == ERR_FORBIDDEN || e == ERR_NOT_FOUND) /* a token owned by the account, not a person */
        e = stream_do(s, cx, &GET, &result, "/accounts/%s/tokens/verify", stream_account(s));
    if (e)
        return e;
    const char *status = json_string_value(json_object_get(result, "status"));
    bool active = status && strcmp(status, "active") == 0;
    json_decref(result);
    return active ? ERR_OK : problem(cx, ERR_FORBIDDEN, "the API token is not active");
}

enum err stream_account_check(struct stream *s, struct cx *cx)
{
    return stream_do(s, cx, &GET, NULL, "/accounts/%s/stream/live_inputs", stream_account(s));
}

static enum err webhook_call(struct stream *s, struct cx *cx, const struct stream_call *call,
                             struct stream_webhook *ret_webhook)
{
    json_t *result = NULL;
    enum err e = stream_do(s, cx, call, &result, "/accounts/%s/stream/webhook", stream_account(s));
    if (e)
        return e;
    struct stream_webhook w = {shape_text(cx, result, "notificationUrl"),
                               shape_text(cx, result, "secret")};
    json_decref(result);
    if (!w.url[0]) /* after a DELETE Stream may answer with an empty object */
        return problem(cx, ERR_NOT_FOUND, "no webhook is set");
    *ret_webhook = w;
    return ERR_OK;
}

enum err stream_webhook_get(struct stream *s, struct cx *cx, struct stream_webhook *ret_webhook)
{
    return webhook_call(s, cx, &GET, ret_webhook);
}

enum err stream_webhook_put(struct stream *s, struct cx *cx, const char *url,
                            struct stream_webhook *ret_webhook)
{
    struct stream_call call = {.method = "PUT", .repeat = true};
    call.body = json_pack("{s:s}", "notificationUrl", url);
    return webhook_call(s, cx, &call, ret_webhook);
}

static enum err rows_of(struct stream *s, struct cx *cx, const char *what,
                        struct stream_row *ret_rows, size_t *ret_n)
{
    json_t *result = NULL;
    enum err e = stream_do(s, cx, &GET, &result, ALERTING "%s", stream_account(s), what);
    if (e)
        return e;
    size_t n = json_array_size(result);
    if (n > STREAM_ROWS_MAX)
        n = STREAM_ROWS_MAX;
    for (size_t i = 0; i < n; i++)
        shape_row(cx, json_array_get(result, i), &ret_rows[i]);
    json_decref(result);
    *ret_n = n;
    return ERR_OK;
}

static enum err create_row(struct stream *s, struct cx *cx, json_t *body, const char *what,
                           const char **ret_id)
{
    struct stream_call call = {.method = "POST", .body = body};
    json_t *result = NULL;
    enum err e = stream_do(s, cx, &call, &result, ALERTING "%s", stream_account(s), what);
    if (e)
        return e;
    const char *id = shape_text(cx, result, "id");
    json_decref(result);
    if (!id[0])
        return problem(cx, ERR_UPSTREAM, "Stream's answer has no id");
    *ret_id = id;
    return ERR_OK;
}

enum err stream_destinations(struct stream *s, struct cx *cx, struct stream_row *ret_rows,
                             size_t *ret_n)
{
    return rows_of(s, cx, "destinations/webhooks", ret_rows, ret_n);
}

enum err stream_destination_create(struct stream *s, struct cx *cx, const char *name,
                                   const char *url, const char *secret, const char **ret_id)
{
    json_t *body = json_pack("{s:s,s:s,s:s}", "name", name, "url", url, "secret", secret);
    return create_row(s, cx, body, "destinations/webhooks", ret_id);
}

enum err stream_destination_delete(struct stream *s, struct cx *cx, const char *id)
{
    return stream_do(s, cx, &DELETE, NULL, ALERTING "destinations/webhooks/%.64s",
                     stream_account(s), id);
}

enum err stream_policies(struct stream *s, struct cx *cx, struct stream_row *ret_rows,
                         size_t *ret_n)
{
    return rows_of(s, cx, "policies", ret_rows, ret_n);
}

enum err stream_policy_create(struct stream *s, struct cx *cx, const char *name,
                              const char *destination, const char **ret_id)
{
    json_t *body = json_pack("{s:s,s:s,s:b,s:s,s:{s:[{s:s}]},s:{}}", "name", name, "description",
                             "live inputs: connected, disconnected, errored", "enabled", 1,
                             "alert_type", "stream_live_notifications", "mechanisms", "webhooks",
                             "id", destination, "filters");
    return create_row(s, cx, body, "policies", ret_id);
}

enum err stream_policy_delete(struct stream *s, struct cx *cx, const char *id)
{
    return stream_do(s, cx, &DELETE, NULL, ALERTING "policies/%.64s", stream_account(s), id);
}
