/*
 * net_testkit - for tests: a server on a free loopback port, and raw blocking peers to talk to it.
 *
 * Every wait ends after 10 s, then the test fails. For tests of this room and of rooms above it.
 */
#pragma once
#include "net/addr.h"
#include "net/http.h"
#include <stddef.h>

struct loops;
struct pool;
struct ssl_st;

/* Two loops, three workers, a server with these routes (opts->loops and ->pool are filled in). */
struct kit {
    struct loops *loops;
    struct pool *pool;
    struct http_server *server;
    struct addr addr;
};
void kit_start(struct kit *k, struct http_server_opts opts);
void kit_stop(struct kit *k);

/* A raw peer. */
struct kit_peer {
    int fd;
    struct ssl_st *ssl; /* NULL: plain */
    char *got;          /* read, not yet looked at; NUL-terminated */
    size_t len, cap;
};
void kit_dial(struct kit_peer *p, const struct addr *a);
/* TLS of exactly this version (TLS1_2_VERSION ...), certificate not checked. */
void kit_dial_tls(struct kit_peer *p, const struct addr *a, int version);
void kit_send(struct kit_peer *p, const char *text);
void kit_send_bytes(struct kit_peer *p, const void *data, size_t len);
bool kit_try_send(struct kit_peer *p, const void *data, size_t len); /* false: the server closed */
/* Reads until `text` has come; the bytes stay in p->got. False: end of the connection. */
bool kit_read_until(struct kit_peer *p, const char *text);
bool kit_read_len(struct kit_peer *p, size_t len);
bool kit_ends(struct kit_peer *p);           /* the server closes; what came before is in p->got */
void kit_drop(struct kit_peer *p, size_t n); /* the first n bytes of p->got */
void kit_hang_up(struct kit_peer *p);
void kit_half_close(struct kit_peer *p);

/* One answer with its Content-Length body (none for `no_body`); taken out of p->got. */
struct kit_answer {
    int status; /* 0: the connection ended instead */
    char head[4096];
    char *body; /* NUL-terminated */
    size_t len;
};
void kit_answer(struct kit_peer *p, struct kit_answer *ret_answer, bool no_body);
void kit_answer_done(struct kit_answer *a);
/* Value of a field of the answer, "" if absent; in a static buffer. */
const char *kit_field(const struct kit_answer *a, const char *name);
/* Dial, send, read the answer's status, hang up. */
int kit_ask(const struct addr *a, const char *request);
/* The same, and tell whether the server then closes by itself. */
int kit_ask_close(const struct addr *a, const char *request, bool *ret_closed);

/* Run until cond(arg) is true. */
void kit_wait(bool (*cond)(void *arg), void *arg);
struct http_stats kit_stats(const struct kit *k);

/* Make a self-signed certificate and its key as PEM files. */
void kit_cert(const char *cert_file, const char *key_file, const char *name);
