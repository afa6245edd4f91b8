#include "media/amf.h"
#include "streamd/ingest/rtmp_session_in.h"

static void put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void send(struct rtmp *r, unsigned chunks, unsigned type, uint32_t stream,
                 const uint8_t *body, size_t len)
{
    struct chunk_message m = {.type = type, .stream = stream, .data = body, .len = len};
    chunk_write(&r->out, chunks, &m, r->out_chunk);
}

/* Set Chunk Size, Acknowledgement, Window Acknowledgement Size: one number. */
void rtmp_send_control(struct rtmp *r, unsigned type, uint32_t value)
{
    uint8_t body[4];
    put_be32(body, value);
    send(r, RTMP_CONTROL_CHUNKS, type, 0, body, sizeof(body));
}

void rtmp_send_bandwidth(struct rtmp *r, uint32_t bytes)
{
    uint8_t body[5];
    put_be32(body, bytes);
    body[4] = 2; /* dynamic */
    send(r, RTMP_CONTROL_CHUNKS, RTMP_PEER_BANDWIDTH, 0, body, sizeof(body));
}

void rtmp_send_event(struct rtmp *r, unsigned event, uint32_t value)
{
    uint8_t body[6] = {(uint8_t)(event >> 8), (uint8_t)event};
    put_be32(body + 2, value);
    send(r, RTMP_CONTROL_CHUNKS, RTMP_USER_CONTROL, 0, body, sizeof(body));
}

void rtmp_send_command(struct rtmp *r, unsigned chunks, uint32_t stream, const struct buf *amf)
{
    if (amf->failed)
        r->out.failed = true;
    else
        send(r, chunks, RTMP_COMMAND, stream, (const uint8_t *)amf->data, amf->len);
}

void rtmp_send_status(struct rtmp *r, const char *level, const char *code, const char *description)
{
    struct buf amf;
    buf_init(&amf, RTMP_OUT_MAX);
    amf_put_text(&amf, "onStatus");
    amf_put_number(&amf, 0);
    amf_put_null(&amf);
    amf_put_object(&amf);
    amf_put_name(&amf, "level");
    amf_put_text(&amf, level);
    amf_put_name(&amf, "code");
    amf_put_text(&amf, code);
    amf_put_name(&amf, "description");
    amf_put_text(&amf, description);
    amf_put_end(&amf);
    rtmp_send_command(r, RTMP_PUBLISH_CHUNKS, r->publish_stream, &amf);
    buf_done(&amf);
}

void rtmp_ping(struct rtmp *r, uint32_t now_ms)
{
    rtmp_send_event(r, RTMP_EVENT_PING, now_ms);
}
