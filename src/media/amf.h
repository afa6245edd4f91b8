/*
 * amf - AMF0 values, as RTMP commands and onMetaData carry them.
 *
 * Shape:  a message is decoded into one flat array of nodes in order of reading: a container's
 *         children follow it. Strings are the sender's bytes, not checked for UTF-8, not
 *         NUL-terminated. A command of message type 17 starts with one 0 byte and then is AMF0: the
 *         caller drops that byte; a switch to AMF3 inside a message is refused.
 * Limits: AMF_NODES_MAX nodes, AMF_DEPTH_MAX levels.
 * Memory: nodes point into the message; the caller owns struct amf.
 * Thread: any; no state.
 * Errors: ERR_INPUT: cut short, too deep, too many, unknown or refused type.
 * Source: Adobe AMF0 specification (2007).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf;

enum { AMF_NODES_MAX = 256, AMF_DEPTH_MAX = 8 };

enum amf_type {
    AMF_NUMBER,
    AMF_BOOL,
    AMF_STRING, /* short, long and XML strings */
    AMF_OBJECT, /* object, typed object, ECMA array: named children */
    AMF_ARRAY,  /* strict array: unnamed children */
    AMF_DATE,   /* `number` is Unix milliseconds */
    AMF_NULL,   /* null, undefined, unsupported */
};

struct amf_node {
    enum amf_type type;
    unsigned depth;   /* 0: a value of the message itself */
    const char *name; /* of a member of an object, else NULL */
    size_t name_len;
    double number;    /* AMF_NUMBER, AMF_DATE; AMF_BOOL: 0 or 1 */
    const char *text; /* AMF_STRING */
    size_t text_len;
    unsigned next; /* index of the node after this one's last descendant */
};

struct amf {
    unsigned n;
    struct amf_node node[AMF_NODES_MAX];
};

/* Decode every value in data[0..len). */
enum err amf_read(const uint8_t *data, size_t len, struct amf *ret_amf) NODISCARD;

/* The i-th value of the message itself (depth 0), or NULL. */
const struct amf_node *amf_arg(const struct amf *amf, unsigned i);
/* The member `name` of object `o` (which may be NULL), or NULL. */
const struct amf_node *amf_member(const struct amf *amf, const struct amf_node *o,
                                  const char *name);
/* Is the node a string, and exactly `text`? NULL is not. */
bool amf_is(const struct amf_node *node, const char *text);
/* The node's number, or `other` when it is none (or NULL, or not finite). */
double amf_number(const struct amf_node *node, double other);
/* A string node copied NUL-terminated into dst; false: not a string, has a NUL, or too long. */
bool amf_copy(const struct amf_node *node, char *dst, size_t size);

/* Append one value. Inside an object every value follows amf_put_name(). */
void amf_put_number(struct buf *out, double number);
void amf_put_bool(struct buf *out, bool value);
void amf_put_text(struct buf *out, const char *text);
void amf_put_null(struct buf *out);
void amf_put_object(struct buf *out); /* begins; ended by amf_put_end() */
void amf_put_name(struct buf *out, const char *name);
void amf_put_end(struct buf *out);
