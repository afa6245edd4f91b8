#include "streamd/ingest/encoder_testkit.h"
#include "base/test.h"
#include "media/amf.h"
#include "media/flv.h"
#include "streamd/ingest/chunk_in.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

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

static void put_command(struct buf *out, uint32_t stream, struct buf *amf)
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
    put_command(out, 0, &amf);
}

void encoder_create_stream(struct buf *out)
{
    struct buf amf;
    begin(&amf, "createStream", 4);
    amf_put_null(&amf);
    put_command(out, 0, &amf);
}

void encoder_publish(struct buf *out, const char *name)
{
    struct buf amf;
    begin(&amf, "publish", 5);
    amf_put_null(&amf);
    amf_put_text(&amf, name);
    amf_put_text(&amf, "live");
    put_command(out, 1, &amf);
}

void encoder_command(struct buf *out, const char *name)
{
    struct buf amf;
    begin(&amf, name, 6);
    amf_put_null(&amf);
    put_command(out, 1, &amf);
}

void encoder_set_chunk_size(struct buf *out, uint32_t size, uint32_t now)
{
    struct buf body;
    buf_init(&body, 16);
    buf_be32(&body, size);
    encoder_message(out, 2, SET_CHUNK_SIZE, 0, 0, body.data, body.len, now);
    buf_done(&body);
}

int encoder_socket(unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(0x7F000001)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 10};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    return fd;
}

void encoder_send(int fd, struct buf *b)
{
    for (size_t at = 0; at < b->len;) {
        ssize_t n = send(fd, b->data + at, b->len - at, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    buf_clear(b);
}

bool encoder_hears(int fd, const char *text)
{
    char got[65536];
    size_t len = 0;
    while (len < sizeof(got)) {
        ssize_t n = recv(fd, got + len, sizeof(got) - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        if (memmem(got, len, text, strlen(text)))
            return true;
    }
    return false;
}

int encoder_dial(unsigned port, const char *key)
{
    int fd = encoder_socket(port);
    struct buf b;
    buf_init(&b, 1 << 20);
    encoder_hello(&b);
    encoder_hello_again(&b);
    encoder_connect(&b, "live", false);
    encoder_create_stream(&b);
    encoder_publish(&b, key);
    encoder_set_chunk_size(&b, ENCODER_CHUNK, CHUNK_SIZE_FIRST);
    encoder_send(fd, &b);
    buf_done(&b);
    return fd;
}

int encoder_live(unsigned port, const char *key)
{
    int fd = encoder_dial(port, key);
    assert_true(encoder_hears(fd, "NetStream.Publish.Start"));
    return fd;
}

void encoder_play(int fd, const struct buf *flv, uint32_t from_ms, uint32_t to_ms)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    struct flv_tag tag;
    for (size_t at = 0; flv_file_next((const uint8_t *)flv->data, flv->len, &at, &tag) == ERR_OK;) {
        bool config = tag.len > 1 && tag.type != FLV_SCRIPT && tag.body[1] == 0;
        if (config || (tag.ts_ms >= from_ms && tag.ts_ms < to_ms))
            encoder_message(&b, tag.type == FLV_AUDIO ? 4 : 6, tag.type, tag.ts_ms, 1, tag.body,
                            tag.len, ENCODER_CHUNK);
    }
    encoder_send(fd, &b);
    buf_done(&b);
}
