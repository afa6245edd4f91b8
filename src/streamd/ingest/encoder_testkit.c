#include "streamd/ingest/encoder_testkit.h"
#include "media/amf.h"
#include "streamd/ingest/chunk_in.h"

enum { KIT_MAX = 1 << 20, COMMAND = 20, SET_CHUNK_SIZE = 1 };

void encoder_hello(struct buf *out)
{
    buf_u8(out, 3);
    for (unsigned i = 0; i < ENCODER_SIGNATURE; i++)
        buf_u8(out, i * 7 & 255);
}

void encoder_hello_again(struct buf *out)
{
    for (unsigned i = 0; i < ENCODER_SIGNATURE; i++)
        buf_u8(out, 0);
}

void encoder_message(struct buf *out, unsigned id, unsigned type, uint32_t ts_ms, uint32_t stream,
                     const void *body, size_t len, uint32_t size)
{
    struct chunk_message m = {type, ts_ms, stream, body, len};
    chunk_write(out, id, &m, size);
}

static void send(struct buf *out, uint32_t stream, struct buf *amf)
{
    encoder_message(out, 3, COMMAND, 0, stream, amf->data, amf->len, CHUNK_SIZE_FIRST);
    buf_done(amf);
}

static void begin(struct buf *amf, const char *name, double transaction)
{
    buf_init(amf, KIT_MAX);
    amf_put_text(amf, name);
    amf_put_number(amf, transaction);
}

void encoder_connect(struct buf *out, const char *app, bool enhanced)
{
    struct buf amf;
    begin(&amf, "connect", 1);
    amf_put_object(&amf);
    amf_put_name(&amf, "app");
    amf_put_text(&amf, app);
    amf_put_name(&amf, "flashVer");
    amf_put_text(&amf, "FMLE/3.0 (compatible; test)");
    if (enhanced) {
        amf_put_name(&amf, "capsEx");
        amf_put_number(&amf, 3);
    }
    amf_put_end(&amf);
    send(out, 0, &amf);
}

void encoder_create_stream(struct buf *out)
{
    struct buf amf;
    begin(&amf, "createStream", 4);
    amf_put_null(&amf);
    send(out, 0, &amf);
}

void encoder_publish(struct buf *out, const char *name)
{
    struct buf amf;
    begin(&amf, "publish", 5);
    amf_put_null(&amf);
    amf_put_text(&amf, name);
    amf_put_text(&amf, "live");
    send(out, 1, &amf);
}

void encoder_command(struct buf *out, const char *name)
{
    struct buf amf;
    begin(&amf, name, 6);
    amf_put_null(&amf);
    send(out, 1, &amf);
}

void encoder_set_chunk_size(struct buf *out, uint32_t size, uint32_t now)
{
    struct buf body;
    buf_init(&body, 16);
    buf_be32(&body, size);
    encoder_message(out, 2, SET_CHUNK_SIZE, 0, 0, body.data, body.len, now);
    buf_done(&body);
}
