#include "cloud/callback.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "cloud/shape_in.h"

#include <string.h>

enum { TIME_DIGITS = 20, SIG_HEX = 2 * SHA256_LEN };

struct signature {
    char time[TIME_DIGITS + 1];
    char hex[SIG_HEX + 1];
};

static bool take_field(const char *item, size_t len, const char *name, char *out, size_t max)
{
    size_t n = strlen(name);
    if (len <= n || memcmp(item, name, n) != 0 || len - n > max)
        return false;
    memcpy(out, item + n, len - n);
    out[len - n] = '\0';
    return true;
}

/* "time=…,sig1=…": items split on ',', each on its first '='; unknown ones are for later. */
static bool split_header(const char *header, struct signature *sig)
{
    *sig = (struct signature){.time = ""};
    while (*header) {
        size_t len = strcspn(header, ",");
        (void)(take_field(header, len, "time=", sig->time, TIME_DIGITS) ||
               take_field(header, len, "sig1=", sig->hex, SIG_HEX));
        header += len + (header[len] == ',');
        header += strspn(header, " ");
    }
    return sig->time[0] && sig->hex[0];
}

/* Over "<time>.<body>", without a copy: a genuine webhook is not refused for lack of memory. */
static bool signed_with(const char *secret, const struct signature *sig, const void *body,
                        size_t len)
{
    const struct crypto_piece text[] = {{sig->time, strlen(sig->time)}, {".", 1}, {body, len}};
    unsigned char want[SHA256_LEN], got[SHA256_LEN];
    if (crypto_unhex(sig->hex, got, sizeof got) != ERR_OK)
        return false;
    crypto_hmac_sha256_of(secret, strlen(secret), text, sizeof text / sizeof text[0], want);
    return crypto_same(want, sizeof want, got, sizeof got);
}

enum err callback_check_video(struct cx *cx, const struct callback_secrets *s, const char *header,
                              const void *body, size_t len)
{
    struct signature sig;
    int64_t seconds;
    if (!header || !split_header(header, &sig) ||
        text_i64(sig.time, 0, INT64_MAX / 1000, &seconds) != ERR_OK)
        return problem(cx, ERR_FORBIDDEN, "the webhook is not signed");
    bool genuine = false;
    for (size_t i = 0; i < s->n; i++) /* all of them, always: no early way out */
        genuine |= signed_with(s->value[i], &sig, body, len);
    if (!genuine)
        return problem(cx, ERR_FORBIDDEN, "the webhook's signature is wrong");
    int64_t age = cx->now_ms - seconds * 1000;
    if (age > CALLBACK_WINDOW_MS || age < -CALLBACK_WINDOW_MS)
        return problem(cx, ERR_FORBIDDEN, "the webhook's time is too far from ours");
    return ERR_OK;
}

enum err callback_check_live(struct cx *cx, const struct callback_secrets *s, const char *header)
{
    unsigned char got[SHA256_LEN], want[SHA256_LEN];
    bool genuine = false;
    if (header) {
        crypto_sha256(header, strlen(header), got);
        for (size_t i = 0; i < s->n; i++) { /* hashes: their lengths say nothing */
            crypto_sha256(s->value[i], strlen(s->value[i]), want);
            genuine |= crypto_same(got, sizeof got, want, sizeof want);
        }
    }
    return genuine ? ERR_OK : problem(cx, ERR_FORBIDDEN, "the notification's secret is wrong");
}

enum err callback_read_video(struct cx *cx, const void *body, size_t len,
                             struct stream_video *ret_video)
{
    json_t *o = NULL;
    enum err e = json_read_object(cx, body, len, &o);
    if (e)
        return e;
    e = shape_video(cx, o, ret_video);
    json_decref(o);
    return e;
}

static enum live_event event_named(const char *name)
{
    static const struct {
        const char *name;
        enum live_event event;
    } events[] = {{"live_input.connected", LIVE_CONNECTED},
                  {"live_input.disconnected", LIVE_DISCONNECTED},
                  {"live_input.errored", LIVE_ERRORED}};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (strcmp(events[i].name, name) == 0)
            return events[i].event;
    return LIVE_OTHER;
}

static enum err read_notice(struct cx *cx, const json_t *o, struct live_notice *n)
{
    const json_t *data = json_object_get(o, "data");
    const char *name = shape_text(cx, data, "event_type");
    n->event = LIVE_TEST;
    n->input_uid = n->error_code = n->error_text = "";
    if (!json_is_object(data))
        return json_is_string(json_object_get(o, "text"))
                   ? ERR_OK
                   : problem(cx, ERR_INPUT, "neither a notification nor a test message");
    n->event = event_named(name);
    if (n->event == LIVE_OTHER)
        return ERR_OK;
    n->input_uid = shape_text(cx, data, "input_id");
    if (!shape_uid_ok(n->input_uid))
        return problem(cx, ERR_INPUT, "'input_id' is not a live input");
    if (clock_parse(shape_text(cx, data, "updated_at"), &n->updated_ms) != ERR_OK)
        return problem(cx, ERR_INPUT, "'updated_at' is not a time");
    const json_t *error = json_object_get(json_object_get(data, "live_input_errored"), "error");
    n->error_code = shape_text(cx, error, "code");
    n->error_text = shape_text(cx, error, "message");
    return ERR_OK;
}

enum err callback_read_live(struct cx *cx, const void *body, size_t len,
                            struct live_notice *ret_notice)
{
    json_t *o = NULL;
    struct live_notice n = {0};
    enum err e = json_read_object(cx, body, len, &o);
    if (e)
        return e;
    e = read_notice(cx, o, &n);
    json_decref(o);
    if (!e)
        *ret_notice = n;
    return e;
}
