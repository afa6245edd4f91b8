/*
 * http_parse - private to net/: one HTTP/1 request out of bytes, however they are split.
 *
 * Shape:  the head is collected whole and then checked twice: by us, line by line (framing, target,
 *         Host: what llhttp lets through), and by llhttp (tokens, lengths). The body is ours alone:
 *         a counted one, or http_chunk.h. No sockets here: http_fuzz.c drives it directly.
 * Memory: heap, until http_parse_done(). Texts are NUL-terminated, inside `text`.
 * Source: RFC 9112; RFC 9110 5, 7.2.
 */
#pragma once
#include "base/err.h"
#include "net/http_chunk.h"
#include <llhttp.h>
#include <stddef.h>

enum http_parse_at {
    HTTP_PARSE_HEAD,
    HTTP_PARSE_BODY, /* head is complete and good; a body follows */
    HTTP_PARSE_DONE, /* the request is complete */
    HTTP_PARSE_BAD   /* status and why say what is wrong; the connection must close */
};

struct http_field {
    const char *name, *value;
};

struct http_parse_max {
    size_t target, head;
    unsigned fields;
};

struct http_parse {
    llhttp_t ll;
    enum http_parse_at at;
    int status;
    const char *why;

    char *text; /* the head */
    uint32_t len, cap;
    uint32_t line1_len;  /* request line with its end; 0 until it is complete */
    uint8_t blank_lines; /* skipped in front */

    const char *method, *path, *query, *host; /* set with BODY or DONE; "" if absent */
    struct http_field *fields;
    unsigned n_fields;
    uint64_t content_length; /* 0 without a body and when chunked */
    bool chunked, keep_alive, http10, expect_continue;

    /* Body bytes as they come; false stops with the status and why it has set, or 400. */
    bool (*sink)(void *arg, const char *data, size_t len);
    void *sink_arg;
    uint64_t body_len, extra_len; /* so far: of the body, and of chunk framing and trailers */
    struct http_chunk chunk;
};

/* Zeroes p. */
void http_parse_init(struct http_parse *p);
void http_parse_done(struct http_parse *p);

/* While at HEAD: takes bytes up to the end of the head at most. Returns how many. */
size_t http_parse_head(struct http_parse *p, const struct http_parse_max *max, const char *data,
                       size_t len);
/* While at BODY: likewise up to the end of the request. */
size_t http_parse_body(struct http_parse *p, const char *data, size_t len);
/* First value of that name, case ignored; NULL. */
const char *http_parse_field(const struct http_parse *p, const char *name, unsigned i);
