/*
 * rtmp - one RTMP connection of a publisher as a state machine: bytes in, calls and bytes out.
 *
 * Shape:  rtmp_feed() takes bytes and calls the owner's ops; what must be sent collects in
 *         rtmp_out(). After ops.publish nothing is taken until rtmp_accept() or rtmp_refuse().
 * Takes:  the plain handshake (clients that offer a digest accept a plain answer), application
 *         `live`, the key as the stream's name or what stands before its '?', one publisher a
 *         connection. H.264 and AAC are what Enhanced RTMP capabilities say, nothing more.
 * Limits: chunk_in.h, with RTMP_STRANGER_MAX until rtmp_accept(); commands of AMF_NODES_MAX values;
 * answers RTMP_OUT_MAX bytes. Memory: one heap object; what ops are given points into it or into
 * the bytes fed. Thread: one at a time. ops must not call rtmp_feed() or rtmp_free(). Secret: the
 * key goes to ops.publish and nowhere else. Source: Adobe RTMP 1.0; Enhanced RTMP v2 (veovera).
 */
#pragma once
#include "media/flv.h"
#include <stddef.h>

struct buf;
struct rtmp;

enum {
    RTMP_OUT_MAX = 64 * 1024,
    RTMP_STRANGER_MAX = 64 * 1024, /* longest message of a peer whose key was not accepted yet */
    RTMP_KEY_MAX = 127,            /* characters: letters, digits, '_' and '-' */
};

enum rtmp_state {
    RTMP_HELLO,      /* waiting for C0 */
    RTMP_HANDSHAKE,  /* S0 and S1 are out; C1 is being echoed as S2, then C2 comes */
    RTMP_OPEN,       /* no `connect` yet */
    RTMP_CONNECTED,  /* may publish */
    RTMP_ASKED,      /* the owner looks the key up */
    RTMP_PUBLISHING, /* media goes to the owner */
    RTMP_CLOSED,     /* send what is in rtmp_out(), then close */
};

struct rtmp_ops {
    /* May this key publish? Answer now or later by rtmp_accept() or rtmp_refuse(). */
    void (*publish)(void *arg, const char *key);
    /* Audio, video or script data (without @setDataFrame) of the publisher. */
    void (*media)(void *arg, enum flv_type type, uint32_t ts_ms, const uint8_t *body, size_t len);
    /* The publisher says it is done; it may publish again. */
    void (*unpublish)(void *arg);
};

/* NULL when out of memory. `ops` is not copied. */
struct rtmp *rtmp_make(const struct rtmp_ops *ops, void *arg, size_t message_max);
void rtmp_free(struct rtmp *r); /* NULL is fine */

/* Returns how many bytes were taken; give the others again, with more behind them. */
size_t rtmp_feed(struct rtmp *r, const uint8_t *data, size_t len);
/* Bytes to send; the owner clears it when they are sent. */
struct buf *rtmp_out(struct rtmp *r);

enum rtmp_state rtmp_state(const struct rtmp *r);
/* Why it was closed, for the log: static text without secrets; "" while it is not. */
const char *rtmp_why(const struct rtmp *r);

/* The answers to ops.publish. Outside RTMP_ASKED, the peer was cut off meanwhile, they do nothing.
 */
void rtmp_accept(struct rtmp *r);
/* `code` as "NetStream.Publish.BadName"; closes. */
void rtmp_refuse(struct rtmp *r, const char *code, const char *description);
/* Tell a publisher why it is cut off, and close. `level` is "error" or "status". */
void rtmp_end(struct rtmp *r, const char *level, const char *code, const char *description);
/* Ask for a sign of life. */
void rtmp_ping(struct rtmp *r, uint32_t now_ms);
