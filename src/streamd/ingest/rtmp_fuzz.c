/* Bytes of a publisher, cut at places the input chooses; every key is accepted. */
#include "base/buf.h"
#include "streamd/ingest/rtmp_in.h"
#include <stdlib.h>

enum { MESSAGE_MAX = 1 << 18 };

struct run {
    struct rtmp *r;
    bool ended;
    size_t media;
};

static void on_publish(void *arg, const char *key)
{
    struct run *run = arg;
    if (key[0] == 'x')
        rtmp_refuse(run->r, "NetStream.Publish.BadName", "no");
    else
        rtmp_accept(run->r);
}

static void on_media(void *arg, enum flv_type type, uint32_t ts_ms, const uint8_t *body, size_t len)
{
    struct run *run = arg;
    (void)type, (void)ts_ms;
    for (size_t i = 0; i < len; i++)
        run->media += body[i]; /* every byte is really there */
    if (run->media % 1009 == 1008)
        rtmp_end(run->r, "error", "NetStream.Publish.Failed", "no");
}

static void on_unpublish(void *arg)
{
    (void)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct rtmp_ops ops = {on_publish, on_media, on_unpublish};
    if (size < 1)
        return 0;
    struct run run = {0};
    run.r = rtmp_make(&ops, &run, MESSAGE_MAX);
    if (!run.r)
        return 0;
    /* The handshake is skipped over by the first byte's top bit, to reach what lies behind it. */
    if (data[0] & 128) {
        static const uint8_t hello[1 + 2 * 1536] = {3};
        rtmp_feed(run.r, hello, sizeof(hello));
    }
    size_t step = 1U + (data[0] & 127U) * 3;
    data++;
    size--;
    for (size_t at = 0, end = 0; end < size && rtmp_state(run.r) != RTMP_CLOSED;) {
        end = size - end < step ? size : end + step;
        /* A copy of exactly these bytes: reading past them is seen. */
        uint8_t *piece = malloc(end - at + 1);
        if (!piece)
            break;
        for (size_t i = 0; i < end - at; i++)
            piece[i] = data[at + i];
        at += rtmp_feed(run.r, piece, end - at);
        free(piece);
        buf_clear(rtmp_out(run.r));
    }
    rtmp_free(run.r);
    return 0;
}
