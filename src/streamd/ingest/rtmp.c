#include "base/crypto.h"
#include "streamd/ingest/rtmp_session_in.h"
#include <assert.h>

enum { RTMP_VERSION = 3 };

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct rtmp *rtmp_make(const struct rtmp_ops *ops, void *arg, size_t message_max)
{
    assert(ops && ops->publish && ops->media && ops->unpublish);
    struct rtmp *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->ops = ops;
    r->arg = arg;
    r->why = "";
    r->window = RTMP_WINDOW;
    r->out_chunk = CHUNK_SIZE_FIRST;
    buf_init(&r->out, RTMP_OUT_MAX);
    r->message_max = message_max;
    chunk_reader_init(&r->in, RTMP_STRANGER_MAX < message_max ? RTMP_STRANGER_MAX : message_max);
    return r;
}

void rtmp_free(struct rtmp *r)
{
    if (!r)
        return;
    chunk_reader_done(&r->in);
    buf_done(&r->out);
    free(r);
}

struct buf *rtmp_out(struct rtmp *r)
{
    return &r->out;
}

enum rtmp_state rtmp_state(const struct rtmp *r)
{
    return r->state;
}

const char *rtmp_why(const struct rtmp *r)
{
    return r->why;
}

void rtmp_become(struct rtmp *r, enum rtmp_state state, const char *why)
{
    if (r->state == RTMP_CLOSED)
        return;
    assert(state == RTMP_CLOSED || state > r->state ||
           (state == RTMP_CONNECTED && r->state == RTMP_PUBLISHING));
    r->state = state;
    if (state == RTMP_CLOSED)
        r->why = why;
}

/*
 * C0, C1, C2 (5.2). S2 is C1 sent back, so each byte of C1 goes out again as it comes: nothing is
 * kept. C2 is not checked: clients that sign it get by without, and nothing rests on it.
 */
static size_t take_handshake(struct rtmp *r, const uint8_t *data, size_t len)
{
    size_t used = 0;
    if (r->state == RTMP_HELLO) {
        if (data[used++] != RTMP_VERSION) {
            rtmp_become(r, RTMP_CLOSED, "not RTMP");
            return used;
        }
        uint8_t answer[1 + RTMP_SIGNATURE] = {RTMP_VERSION}; /* version 0: no digest wanted */
        crypto_random(answer + 9, sizeof(answer) - 9);
        buf_add(&r->out, answer, sizeof(answer));
        rtmp_become(r, RTMP_HANDSHAKE, NULL);
    }
    if (r->handshake < RTMP_SIGNATURE) {
        size_t n = RTMP_SIGNATURE - r->handshake;
        n = n < len - used ? n : len - used;
        buf_add(&r->out, data + used, n);
        used += n;
        r->handshake += n;
    }
    if (r->handshake >= RTMP_SIGNATURE) {
        size_t n = 2 * RTMP_SIGNATURE - r->handshake;
        n = n < len - used ? n : len - used;
        used += n;
        r->handshake += n;
    }
    if (r->handshake == 2 * RTMP_SIGNATURE)
        rtmp_become(r, RTMP_OPEN, NULL);
    return used;
}

static void give_media(struct rtmp *r, unsigned type, uint32_t ts_ms, const uint8_t *body,
                       size_t len)
{
    if (r->state == RTMP_PUBLISHING)
        r->ops->media(r->arg, (enum flv_type)type, ts_ms, body, len);
}

/* "@setDataFrame" is an order to the server to keep what follows: FLV script data. */
static void take_data(struct rtmp *r, const struct chunk_message *m)
{
    static const char set[] = "\x02\x00\x0d@setDataFrame";
    const uint8_t *body = m->data;
    size_t len = m->len;
    if (m->type == RTMP_DATA_AMF3 && len && body[0] == 0) {
        body++;
        len--;
    }
    if (len >= sizeof(set) - 1 && memcmp(body, set, sizeof(set) - 1) == 0) {
        body += sizeof(set) - 1;
        len -= sizeof(set) - 1;
    }
    give_media(r, FLV_SCRIPT, m->ts_ms, body, len);
}

/* FLV tags one after another, their times relative to the first (7.1.6). */
static void take_aggregate(struct rtmp *r, const struct chunk_message *m)
{
    enum { TAG_HEAD = 11, TAG_TAIL = 4 };
    uint32_t first = 0;
    for (size_t at = 0; m->len - at >= TAG_HEAD;) {
        const uint8_t *tag = m->data + at;
        size_t len = be32(tag) & 0xFFFFFF;
        uint32_t ts_ms = be32(tag + 4) >> 8 | (uint32_t)tag[7] << 24;
        if (len > m->len - at - TAG_HEAD)
            return;
        if (at == 0)
            first = ts_ms;
        if (tag[0] == RTMP_AUDIO || tag[0] == RTMP_VIDEO || tag[0] == RTMP_DATA)
            give_media(r, tag[0], m->ts_ms + (ts_ms - first), tag + TAG_HEAD, len);
        at += TAG_HEAD + len;
        at += m->len - at < TAG_TAIL ? m->len - at : TAG_TAIL;
    }
}

static void take_user_control(struct rtmp *r, const struct chunk_message *m)
{
    if (m->len >= 6 && m->data[0] == 0 && m->data[1] == RTMP_EVENT_PING)
        rtmp_send_event(r, RTMP_EVENT_PONG, be32(m->data + 2));
}

static void take_control(struct rtmp *r, const struct chunk_message *m)
{
    if (m->len < 4) {
        rtmp_become(r, RTMP_CLOSED, "control message cut short");
        return;
    }
    uint32_t value = be32(m->data);
    if (m->type == RTMP_SET_CHUNK_SIZE && !chunk_set_size(&r->in, value))
        rtmp_become(r, RTMP_CLOSED, "not a chunk size");
    else if (m->type == RTMP_ABORT)
        chunk_abort(&r->in, value);
    else if (m->type == RTMP_WINDOW_SIZE)
        r->window = value < RTMP_WINDOW_MIN ? RTMP_WINDOW_MIN : value;
}

static void take_message(struct rtmp *r, const struct chunk_message *m)
{
    switch (m->type) {
    case RTMP_SET_CHUNK_SIZE:
    case RTMP_ABORT:
    case RTMP_WINDOW_SIZE: take_control(r, m); break;
    case RTMP_USER_CONTROL: take_user_control(r, m); break;
    case RTMP_AUDIO:
    case RTMP_VIDEO: give_media(r, m->type, m->ts_ms, m->data, m->len); break;
    case RTMP_DATA:
    case RTMP_DATA_AMF3: take_data(r, m); break;
    case RTMP_AGGREGATE: take_aggregate(r, m); break;
    case RTMP_COMMAND: rtmp_command(r, m->stream, m->data, m->len); break;
    case RTMP_COMMAND_AMF3: /* a format byte, then AMF0 in every client that still exists */
        if (m->len)
            rtmp_command(r, m->stream, m->data + 1, m->len - 1);
        break;
    default: break; /* acknowledgements, shared objects, what comes after this specification */
    }
}

static void acknowledge(struct rtmp *r)
{
    if (r->taken - r->acked < r->window)
        return;
    rtmp_send_control(r, RTMP_ACK, (uint32_t)r->taken);
    r->acked = r->taken;
}

static size_t take_chunks(struct rtmp *r, const uint8_t *data, size_t len)
{
    size_t used = 0;
    while (r->state != RTMP_ASKED && r->state != RTMP_CLOSED && !r->out.failed) {
        struct chunk_message m;
        size_t n;
        enum chunk_step step = chunk_read(&r->in, data + used, len - used, &n, &m);
        used += n;
        if (step == CHUNK_BAD)
            rtmp_become(r, RTMP_CLOSED, "broken chunks");
        if (step != CHUNK_GOT)
            break;
        take_message(r, &m);
    }
    return used;
}

size_t rtmp_feed(struct rtmp *r, const uint8_t *data, size_t len)
{
    assert(r && (data || !len));
    size_t used = 0;
    if (r->state <= RTMP_HANDSHAKE && len)
        used = take_handshake(r, data, len);
    if (r->state > RTMP_HANDSHAKE)
        used += take_chunks(r, data + used, len - used);
    r->taken += used;
    if (r->state > RTMP_HANDSHAKE && r->state != RTMP_CLOSED)
        acknowledge(r);
    if (r->out.failed)
        rtmp_become(r, RTMP_CLOSED, "the peer does not read");
    return used;
}

void rtmp_accept(struct rtmp *r)
{
    if (r->state != RTMP_ASKED)
        return;
    chunk_set_message_max(&r->in, r->message_max);
    rtmp_send_event(r, RTMP_EVENT_STREAM_BEGIN, r->publish_stream);
    rtmp_become(r, RTMP_PUBLISHING, NULL);
    rtmp_send_status(r, "status", "NetStream.Publish.Start", "publishing");
}

void rtmp_refuse(struct rtmp *r, const char *code, const char *description)
{
    if (r->state == RTMP_ASKED)
        rtmp_end(r, "error", code, description);
}

void rtmp_end(struct rtmp *r, const char *level, const char *code, const char *description)
{
    if (r->state == RTMP_CLOSED)
        return;
    rtmp_send_status(r, level, code, description);
    rtmp_become(r, RTMP_CLOSED, "ended by us");
}
