#include "streamd/ingest/chunk_in.h"
#include <assert.h>

enum {
    STAMP_EXTENDED = 0xFFFFFF, /* in 24 bits: the stamp is in 32 bits after the header */
    /* A type 3 chunk that begins a message right after a type 0 one repeats its stamp as a delta
       (5.3.1.2.4; ffmpeg does so). librtmp means "the same stamp" instead. A delta this long is
       no delta. */
    STAMP_DELTA_MAX = 1000,
};

static uint32_t be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | be24(p + 1);
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

void chunk_reader_init(struct chunk_reader *r, size_t message_max)
{
    *r = (struct chunk_reader){.size = CHUNK_SIZE_FIRST, .message_max = message_max};
}

void chunk_reader_done(struct chunk_reader *r)
{
    for (unsigned i = 0; i < r->n; i++)
        buf_done(&r->at[i].body);
    r->n = 0;
}

static struct chunk_stream *find(struct chunk_reader *r, uint32_t id)
{
    for (unsigned i = 0; i < r->n; i++)
        if (r->at[i].id == id)
            return &r->at[i];
    return NULL;
}

static struct chunk_stream *add(struct chunk_reader *r, uint32_t id)
{
    if (r->n == CHUNK_STREAMS_MAX)
        return NULL;
    struct chunk_stream *cs = &r->at[r->n++];
    *cs = (struct chunk_stream){.id = id};
    buf_init(&cs->body, r->message_max);
    return cs;
}

/* What it held is of no more use. Memory stays for the next message where that cannot add up. */
static void empty(const struct chunk_reader *r, struct buf *body)
{
    if (body->cap > CHUNK_KEEP_BYTES || r->message_max <= CHUNK_KEEP_BYTES) {
        buf_done(body);
        buf_init(body, r->message_max);
    } else {
        buf_clear(body);
    }
}

static void forget(struct chunk_reader *r, struct chunk_stream *cs)
{
    r->held -= cs->body.len;
    empty(r, &cs->body);
    cs->inside = false;
}

void chunk_set_message_max(struct chunk_reader *r, size_t message_max)
{
    r->message_max = message_max;
    for (unsigned i = 0; i < r->n; i++)
        r->at[i].body.max = message_max;
}

bool chunk_set_size(struct chunk_reader *r, uint32_t size)
{
    if (size < 1 || size > INT32_MAX)
        return false;
    r->size = size < CHUNK_SIZE_MAX ? size : CHUNK_SIZE_MAX;
    return true;
}

void chunk_abort(struct chunk_reader *r, uint32_t id)
{
    struct chunk_stream *cs = find(r, id);
    if (cs && cs->inside)
        forget(r, cs);
}

/* The message handed out last is not needed any more. */
static void recycle(struct chunk_reader *r)
{
    if (!r->done)
        return;
    empty(r, &r->done->body);
    r->done = NULL;
}

/* A chunk header as it lies in the bytes, before it changes anything. */
struct head {
    unsigned format;
    uint32_t id;
    size_t len; /* of basic and message header */
    const uint8_t *message;
};

/* False: more bytes are needed. RTMP 1.0 5.3.1.1 */
static bool read_basic(const uint8_t *data, size_t len, struct head *ret)
{
    static const uint8_t message_len[4] = {11, 7, 3, 0};
    if (len < 1)
        return false;
    unsigned low = data[0] & 63;
    size_t basic = low == 0 ? 2 : low == 1 ? 3 : 1;
    ret->format = data[0] >> 6;
    ret->len = basic + message_len[ret->format];
    ret->message = data + basic;
    if (len < ret->len)
        return false;
    ret->id = low;
    if (low == 0)
        ret->id = 64U + data[1];
    else if (low == 1)
        ret->id = 64U + data[1] + 256U * data[2];
    return true;
}

/* The extended timestamp. Some encoders leave it out of type 3 chunks: see whether it is there. */
static bool read_extended(const struct head *h, const struct chunk_stream *cs, const uint8_t *data,
                          size_t len, uint32_t *stamp, size_t *used)
{
    bool wanted = h->format == 3 ? cs->extended : *stamp == STAMP_EXTENDED;
    if (!wanted)
        return true;
    if (len < h->len + 4)
        return false;
    uint32_t value = be32(data + h->len);
    if (h->format == 3 && value != cs->stamp)
        return true;
    *stamp = value;
    *used += 4;
    return true;
}

/* Type 3, and no message is under way: a new one like the last. */
static void repeat_stamp(struct chunk_stream *cs)
{
    if (cs->absolute && cs->stamp > STAMP_DELTA_MAX)
        return;
    cs->ts_ms += cs->stamp;
}

static void begin_message(struct chunk_stream *cs, const struct head *h, uint32_t stamp)
{
    if (h->format == 3) {
        repeat_stamp(cs);
        return;
    }
    cs->extended = be24(h->message) == STAMP_EXTENDED;
    cs->absolute = h->format == 0;
    cs->stamp = stamp;
    cs->ts_ms = cs->absolute ? stamp : cs->ts_ms + stamp;
    if (h->format <= 1) {
        cs->len = be24(h->message + 3);
        cs->type = h->message[6];
    }
    if (h->format == 0)
        cs->stream = le32(h->message + 7);
}

/* Read one header and open its chunk. */
static enum chunk_step open_chunk(struct chunk_reader *r, const uint8_t *data, size_t len,
                                  size_t *used)
{
    struct head h;
    if (!read_basic(data, len, &h))
        return CHUNK_MORE;
    struct chunk_stream *cs = find(r, h.id);
    if (!cs && h.format > 1)
        return CHUNK_BAD; /* nothing to be like */
    if (!cs)
        cs = add(r, h.id);
    if (!cs)
        return CHUNK_BAD;

    uint32_t stamp = h.format == 3 ? cs->stamp : be24(h.message);
    size_t taken = h.len;
    if (!read_extended(&h, cs, data, len, &stamp, &taken))
        return CHUNK_MORE;
    if (h.format != 3 && cs->inside)
        forget(r, cs); /* cut short by the sender */
    if (!cs->inside)
        begin_message(cs, &h, stamp);
    if (cs->len > r->message_max)
        return CHUNK_BAD;
    cs->inside = true;
    size_t rest = cs->len - cs->body.len;
    r->open = cs;
    r->left = rest < r->size ? rest : r->size;
    *used += taken;
    return CHUNK_GOT;
}

static void hand_out(struct chunk_reader *r, struct chunk_stream *cs, const uint8_t *data,
                     struct chunk_message *ret)
{
    cs->inside = false;
    r->open = NULL;
    *ret = (struct chunk_message){cs->type, cs->ts_ms, cs->stream, data, cs->len};
}

/* Take payload of the open chunk. CHUNK_GOT: a message is complete. */
static enum chunk_step take_payload(struct chunk_reader *r, const uint8_t *data, size_t len,
                                    size_t *used, struct chunk_message *ret)
{
    struct chunk_stream *cs = r->open;
    size_t n = len < r->left ? len : r->left;
    if (!cs->body.len && n == cs->len) { /* whole in these bytes: no copy */
        *used += n;
        hand_out(r, cs, data, ret);
        return CHUNK_GOT;
    }
    if (r->held + n > r->message_max)
        return CHUNK_BAD;
    buf_add(&cs->body, data, n);
    if (cs->body.failed)
        return CHUNK_BAD;
    r->held += n;
    r->left -= n;
    *used += n;
    if (r->left)
        return CHUNK_MORE;
    r->open = NULL;
    if (cs->body.len < cs->len)
        return CHUNK_MORE;
    r->held -= cs->body.len;
    r->done = cs;
    hand_out(r, cs, (const uint8_t *)cs->body.data, ret);
    return CHUNK_GOT;
}

enum chunk_step chunk_read(struct chunk_reader *r, const uint8_t *data, size_t len,
                           size_t *ret_used, struct chunk_message *ret_message)
{
    assert(r && ret_used && ret_message);
    *ret_used = 0;
    recycle(r);
    for (;;) {
        if (!r->open) {
            enum chunk_step s = open_chunk(r, data + *ret_used, len - *ret_used, ret_used);
            if (s != CHUNK_GOT)
                return s;
        }
        if (*ret_used == len && r->left)
            return CHUNK_MORE;
        enum chunk_step s =
            take_payload(r, data + *ret_used, len - *ret_used, ret_used, ret_message);
        if (s != CHUNK_MORE)
            return s;
    }
}

void chunk_write(struct buf *out, unsigned id, const struct chunk_message *m, uint32_t size)
{
    assert(id >= 2 && id <= 63 && size > 0);
    bool extended = m->ts_ms >= STAMP_EXTENDED;
    buf_u8(out, id);
    buf_be24(out, extended ? STAMP_EXTENDED : m->ts_ms);
    buf_be24(out, (uint32_t)m->len);
    buf_u8(out, m->type);
    for (unsigned shift = 0; shift < 32; shift += 8)
        buf_u8(out, m->stream >> shift & 255);
    if (extended)
        buf_be32(out, m->ts_ms);
    for (size_t at = 0; at < m->len;) {
        size_t n = m->len - at < size ? m->len - at : size;
        buf_add(out, m->data + at, n);
        at += n;
        if (at == m->len)
            break;
        buf_u8(out, 0xC0U | id);
        if (extended)
            buf_be32(out, m->ts_ms);
    }
}
