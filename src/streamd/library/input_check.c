/* What may be set on a live input: Cloudflare Stream API, "Create a live input". */
#include "streamd/library/input_in.h"

#include "base/crypto.h"
#include "base/text.h"
#include "streamd/library/check_in.h"

#include <stdio.h>
#include <string.h>

enum { KEEP_DAYS_MIN = 30, KEEP_DAYS_MAX = 1096, TIMEOUT_MAX_S = 86400, GRACE_DEFAULT_MS = 10000 };

static void credential(char out[CREDENTIAL_TEXT])
{
    crypto_random_hex(out, 32);
    out[32] = 'k';
    crypto_random_hex(out + 33, 32);
}

void credentials_make(struct credentials *c)
{
    credential(c->rtmps_key);
    credential(c->rtmps_play_key);
    credential(c->srt_pass);
    credential(c->srt_play_pass);
    credential(c->webrtc_secret);
}

void credentials_point(struct input_row *row, const struct credentials *c)
{
    row->rtmps_key = c->rtmps_key;
    row->rtmps_play_key = c->rtmps_play_key;
    row->srt_pass = c->srt_pass;
    row->srt_play_pass = c->srt_play_pass;
    row->webrtc_secret = c->webrtc_secret;
}

void input_defaults(struct input_row *row)
{
    *row = (struct input_row){.meta = "{}", .enabled = true};
}

static enum err apply_mode(struct cx *cx, const json_t *rec, struct input_row *row)
{
    const json_t *mode = json_object_get(rec, "mode");
    if (!mode)
        return ERR_OK;
    const char *s = json_string_value(mode);
    if (!s || (strcmp(s, "off") != 0 && strcmp(s, "automatic") != 0))
        return problem(cx, ERR_INPUT, "'recording.mode' must be 'off' or 'automatic'");
    row->record = strcmp(s, "automatic") == 0;
    return ERR_OK;
}

static enum err apply_recording(struct cx *cx, const json_t *body, struct input_row *row)
{
    const json_t *rec = json_object_get(body, "recording");
    if (!rec)
        return ERR_OK;
    if (!json_is_object(rec))
        return problem(cx, ERR_INPUT, "'recording' must be an object");
    enum err e = apply_mode(cx, rec, row);
    if (!e && field_given(rec, "timeoutSeconds"))
        e = check_number_or_null(cx, rec, "timeoutSeconds", 0, TIMEOUT_MAX_S, &row->timeout_s);
    if (!e && field_given(rec, "requireSignedURLs"))
        e = check_bool(cx, rec, "requireSignedURLs", &row->signed_only);
    if (!e && field_given(rec, "hideLiveViewerCount"))
        e = check_bool(cx, rec, "hideLiveViewerCount", &row->hide_viewers);
    if (!e && field_given(rec, "allowedOrigins"))
        e = check_origins(cx, rec, "allowedOrigins", &row->origins);
    return e;
}

enum err input_apply(struct cx *cx, const json_t *body, struct input_row *row)
{
    enum err e = ERR_OK;
    if (field_given(body, "meta"))
        e = check_object(cx, body, "meta", &row->meta);
    if (!e && field_given(body, "enabled"))
        e = check_bool(cx, body, "enabled", &row->enabled);
    if (!e && field_given(body, "preferLowLatency"))
        e = check_bool(cx, body, "preferLowLatency", &row->prefer_ll);
    if (!e && field_given(body, "DefaultCreator")) /* the documentation has both spellings */
        e = check_text_or_null(cx, body, "DefaultCreator", CREATOR_MAX, &row->default_creator);
    if (!e && field_given(body, "defaultCreator"))
        e = check_text_or_null(cx, body, "defaultCreator", CREATOR_MAX, &row->default_creator);
    if (!e && field_given(body, "deleteRecordingAfterDays"))
        e = check_number_or_null(cx, body, "deleteRecordingAfterDays", KEEP_DAYS_MIN, KEEP_DAYS_MAX,
                                 &row->delete_after_days);
    if (!e)
        e = apply_recording(cx, body, row);
    return e;
}

void input_conf_of(const struct library *l, const struct input_row *row, struct input_conf *ret)
{
    int64_t grace = l->setup.grace_ms ? l->setup.grace_ms : GRACE_DEFAULT_MS;
    *ret = (struct input_conf){.enabled = row->enabled,
                               .record = row->record,
                               .prefer_ll = row->prefer_ll,
                               .signed_only = row->signed_only,
                               .hide_viewers = row->hide_viewers,
                               .grace_ms = row->timeout_s ? row->timeout_s * 1000 : grace};
    (void)text_copy(ret->uid, sizeof ret->uid, row->uid);
    meta_name(row->meta, ret->name, sizeof ret->name);
    (void)origins_flat(row->origins, ret->allowed_origins);
}
