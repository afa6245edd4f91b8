/* rtmp_session - what rtmp.c, rtmp_command.c and rtmp_send.c share: the connection itself. */
#pragma once
#include "base/buf.h"
#include "streamd/ingest/chunk_in.h"
#include "streamd/ingest/rtmp_in.h"

enum {
    RTMP_SIGNATURE = 1536,   /* C1, S1, C2, S2 */
    RTMP_CHUNK_OUT = 4096,   /* ours, after connect */
    RTMP_WINDOW = 2500000,   /* bytes the peer may send before it hears of us */
    RTMP_WINDOW_MIN = 65536, /* an acknowledgement is sent at most that often */
    RTMP_STREAMS_MAX = 16,   /* createStream calls a connection may make */
    RTMP_PUBLISH_CHUNKS = 5, /* chunk stream of onStatus */
    RTMP_COMMAND_CHUNKS = 3, /* of _result and _error */
    RTMP_CONTROL_CHUNKS = 2, /* of protocol control, by the specification */
    RTMP_TRANSACTION_MAX = 1 << 30,
};

/* Message types, RTMP 1.0 sections 5.4, 6.2 and 7.1. */
enum {
    RTMP_SET_CHUNK_SIZE = 1,
    RTMP_ABORT = 2,
    RTMP_ACK = 3,
    RTMP_USER_CONTROL = 4,
    RTMP_WINDOW_SIZE = 5,
    RTMP_PEER_BANDWIDTH = 6,
    RTMP_AUDIO = 8,
    RTMP_VIDEO = 9,
    RTMP_DATA_AMF3 = 15,
    RTMP_COMMAND_AMF3 = 17,
    RTMP_DATA = 18,
    RTMP_COMMAND = 20,
    RTMP_AGGREGATE = 22,
};

/* User control events, 7.1.7. */
enum { RTMP_EVENT_STREAM_BEGIN = 0, RTMP_EVENT_PING = 6, RTMP_EVENT_PONG = 7 };

struct rtmp {
    enum rtmp_state state;
    const struct rtmp_ops *ops;
    void *arg;
    const char *why;
    struct buf out;
    uint32_t out_chunk;
    size_t handshake;      /* bytes of C1 and C2 taken */
    uint64_t taken, acked; /* bytes */
    uint32_t window;
    unsigned streams;        /* made by createStream */
    uint32_t publish_stream; /* the one asked for or publishing */
    size_t message_max;      /* once its key was accepted */
    struct chunk_reader in;
};

/* The only place where the state changes. `why` is for RTMP_CLOSED. */
void rtmp_become(struct rtmp *r, enum rtmp_state state, const char *why);

/* rtmp_command.c: one command (message types 17 and 20), AMF0 from here on. */
void rtmp_command(struct rtmp *r, uint32_t stream, const uint8_t *body, size_t len);

/* rtmp_send.c */
void rtmp_send_control(struct rtmp *r, unsigned type, uint32_t value);
void rtmp_send_bandwidth(struct rtmp *r, uint32_t bytes);
void rtmp_send_event(struct rtmp *r, unsigned event, uint32_t value);
void rtmp_send_command(struct rtmp *r, unsigned chunks, uint32_t stream, const struct buf *amf);
void rtmp_send_status(struct rtmp *r, const char *level, const char *code, const char *description);
