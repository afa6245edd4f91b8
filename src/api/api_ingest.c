/* Where and with which key to broadcast, for staff only; asked of Stream each time, never kept. */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/log.h"
#include "cloud/stream.h"
#include "room/input.h"
#include "store/store.h"

#include <string.h>

enum { INPUT_TIMEOUT_S = 900, KEPT_LINK_MAX = 2048 };

static enum err find_show(struct call *c, enum action action, struct show *ret_show)
{
    struct db *db = NULL;
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_find_for(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "id"), action,
                          ret_show);
    store_read_end(db);
    return e;
}

static enum err upstream(struct call *c, enum err e)
{
    atomic_fetch_add(&c->api->count.upstream_calls, 1);
    if (e)
        atomic_fetch_add(&c->api->count.upstream_errors, 1);
    if (e == ERR_NOT_FOUND) /* of Stream's, not of ours */
        return problem(c->cx, ERR_UPSTREAM, "Stream no longer knows this show's live input");
    return e == ERR_FORBIDDEN || e == ERR_CONFLICT || e == ERR_SLOW_DOWN ? ERR_UPSTREAM : e;
}

static const char *input_name(const struct show *s)
{
    for (int l = 0; l < LANG_COUNT; l++)
        if (s->title[l])
            return s->title[l];
    return s->public_id;
}

/* The show's id is the idempotency key: however often this is tried, one input is made. */
static enum err make_input(struct call *c, struct show *s)
{
    const struct stream_input_ask ask = {input_name(s), s->public_id, INPUT_TIMEOUT_S};
    struct stream_input in;
    enum err e = upstream(c, stream_input_create(c->api->set.stream, c->cx, &ask, &in));
    if (e)
        return e;
    e = input_attach(c->api->set.room, c->cx, s->public_id, in.uid, in.hls);
    if (e == ERR_EXISTS || e == ERR_TRANSITION || e == ERR_NOT_FOUND) { /* it must not stay on */
        enum err gone = upstream(c, stream_input_delete(c->api->set.stream, c->cx, in.uid));
        if (gone)
            log_warn("live input not deleted", LOG_S("req", c->cx->id), LOG_S("input", in.uid),
                     LOG_S("err", err_api(gone)));
    }
    if (e == ERR_EXISTS) /* another request was quicker with another input */
        e = ERR_OK;
    return e ? e : find_show(c, ACTION_SHOW_INGEST, s);
}

static enum err show_with_input(struct call *c, struct show *s)
{
    enum err e = find_show(c, ACTION_SHOW_INGEST, s);
    if (e)
        return e;
    if (!c->api->set.stream)
        return problem(c->cx, ERR_CONFLICT, "no Stream account is set up on this server");
    if (!show_takes_input(s))
        return problem(c->cx, ERR_CONFLICT, "the show is over: it takes no broadcast any more");
    return s->input ? ERR_OK : make_input(c, s);
}

static void add_escaped(struct buf *b, const char *text)
{
    static const char keep[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++) {
        if (strchr(keep, *text))
            buf_ch(b, *text);
        else
            buf_fmt(b, "%%%02X", (unsigned char)*text);
    }
}

/* The link that sets up a Larix broadcaster by a tap or a QR code. It holds the key. */
static const char *grove_link(struct call *c, const struct stream_input *in)
{
    struct buf b;
    buf_init(&b, KEPT_LINK_MAX);
    buf_str(&b, "larix://set/v1?conn[][url]=");
    add_escaped(&b, in->rtmps_url);
    add_escaped(&b, in->rtmps_key);
    buf_str(&b, "&conn[][name]=");
    add_escaped(&b, in->name[0] ? in->name : "Nightmarket");
    buf_str(&b, "&conn[][mode]=av&conn[][overwrite]=on&conn[][active]=on"
                "&enc[vid][res]=1280x720&enc[vid][fps]=30&enc[aud][channels]=2");
    const char *copy = b.failed ? NULL : arena_dup(c->cx->arena, b.data, b.len);
    buf_done(&b);
    return copy;
}

static enum err answer_ingest(struct call *c, const struct stream_input *in)
{
    json_t *rotated = in->keys_rotated_ms ? json_integer(in->keys_rotated_ms) : json_null();
    return answer_json(c, 200,
                       json_pack("{s:{s:s,s:s},s:n,s:s?,s:s?,s:o}", "rtmps", "url", in->rtmps_url,
                                 "key", in->rtmps_key, "rtmp", "grove", grove_link(c, in), "ca_url",
                                 c->api->set.ca_url, "rotated_at", rotated));
}

enum err ingest_get(struct call *c)
{
    struct show s;
    struct stream_input in;
    enum err e = show_with_input(c, &s);
    if (!e)
        e = upstream(c, stream_input_get(c->api->set.stream, c->cx, s.input, &in));
    return e ? e : answer_ingest(c, &in);
}

enum err ingest_rotate(struct call *c)
{
    struct show s;
    struct stream_input in;
    enum err e = show_with_input(c, &s);
    if (!e)
        e = upstream(c, stream_input_rotate(c->api->set.stream, c->cx, s.input, &in));
    return e ? e : answer_ingest(c, &in);
}

enum err ingest_health_get(struct call *c)
{
    struct show s;
    enum err e = find_show(c, ACTION_STUDIO_SEE, &s);
    return e ? e : answer_json(c, 200, ingest_json(c->api->set.room, &s));
}
