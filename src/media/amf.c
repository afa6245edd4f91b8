#include "media/amf.h"
#include "base/buf.h"

#include <math.h>
#include <string.h>

enum marker {
    M_NUMBER = 0,
    M_BOOL = 1,
    M_STRING = 2,
    M_OBJECT = 3,
    M_NULL = 5,
    M_UNDEFINED = 6,
    M_ECMA_ARRAY = 8,
    M_OBJECT_END = 9,
    M_STRICT_ARRAY = 10,
    M_DATE = 11,
    M_LONG_STRING = 12,
    M_UNSUPPORTED = 13,
    M_XML = 15,
    M_TYPED_OBJECT = 16,
};

struct reader {
    const uint8_t *at, *end;
    struct amf *out;
};

static bool has(const struct reader *r, size_t n)
{
    return (size_t)(r->end - r->at) >= n;
}

static uint32_t take(struct reader *r, unsigned n)
{
    uint32_t v = 0;
    while (n--)
        v = v << 8 | *r->at++;
    return v;
}

static enum err take_double(struct reader *r, double *ret_number)
{
    if (!has(r, 8))
        return ERR_INPUT;
    uint64_t bits = (uint64_t)take(r, 4) << 32;
    bits |= take(r, 4);
    memcpy(ret_number, &bits, sizeof bits);
    return ERR_OK;
}

/* A string whose length takes `width` bytes. */
static enum err take_text(struct reader *r, unsigned width, const char **ret_text, size_t *ret_len)
{
    if (!has(r, width))
        return ERR_INPUT;
    size_t len = take(r, width);
    if (!has(r, len))
        return ERR_INPUT;
    *ret_text = (const char *)r->at;
    *ret_len = len;
    r->at += len;
    return ERR_OK;
}

static enum err read_value(struct reader *r, unsigned depth, const char *name, size_t name_len);

static enum err read_members(struct reader *r, unsigned depth)
{
    for (;;) {
        const char *name;
        size_t len;
        enum err e = take_text(r, 2, &name, &len);
        if (e)
            return e;
        if (len == 0 && has(r, 1) && *r->at == M_OBJECT_END) {
            r->at++;
            return ERR_OK;
        }
        e = read_value(r, depth, name, len);
        if (e)
            return e;
    }
}

static enum err read_items(struct reader *r, unsigned depth)
{
    if (!has(r, 4))
        return ERR_INPUT;
    for (uint32_t n = take(r, 4); n; n--) {
        enum err e = read_value(r, depth, NULL, 0);
        if (e)
            return e;
    }
    return ERR_OK;
}

static enum err read_object(struct reader *r, struct amf_node *node, unsigned marker)
{
    node->type = AMF_OBJECT;
    if (marker == M_TYPED_OBJECT) {
        const char *class_name;
        size_t len;
        enum err e = take_text(r, 2, &class_name, &len);
        if (e)
            return e;
    }
    if (marker == M_ECMA_ARRAY) {
        if (!has(r, 4))
            return ERR_INPUT;
        (void)take(r, 4); /* the count is a hint that senders get wrong */
    }
    return read_members(r, node->depth + 1);
}

static enum err read_scalar(struct reader *r, struct amf_node *node, unsigned marker)
{
    enum err e;
    switch (marker) {
    case M_NUMBER: node->type = AMF_NUMBER; return take_double(r, &node->number);
    case M_BOOL:
        node->type = AMF_BOOL;
        if (!has(r, 1))
            return ERR_INPUT;
        node->number = take(r, 1) ? 1 : 0;
        return ERR_OK;
    case M_STRING: node->type = AMF_STRING; return take_text(r, 2, &node->text, &node->text_len);
    case M_LONG_STRING:
    case M_XML: node->type = AMF_STRING; return take_text(r, 4, &node->text, &node->text_len);
    case M_DATE:
        node->type = AMF_DATE;
        e = take_double(r, &node->number);
        if (e)
            return e;
        if (!has(r, 2))
            return ERR_INPUT;
        (void)take(r, 2); /* a time zone that must be 0 */
        return ERR_OK;
    case M_NULL:
    case M_UNDEFINED:
    case M_UNSUPPORTED: node->type = AMF_NULL; return ERR_OK;
    default: return ERR_INPUT; /* references, record sets, the switch to AMF3 */
    }
}

static enum err read_value(struct reader *r, unsigned depth, const char *name, size_t name_len)
{
    if (depth >= AMF_DEPTH_MAX || r->out->n == AMF_NODES_MAX || !has(r, 1))
        return ERR_INPUT;
    unsigned marker = take(r, 1);
    struct amf_node *node = &r->out->node[r->out->n++];
    *node = (struct amf_node){.depth = depth, .name = name, .name_len = name_len};
    enum err e;
    if (marker == M_OBJECT || marker == M_ECMA_ARRAY || marker == M_TYPED_OBJECT) {
        e = read_object(r, node, marker);
    } else if (marker == M_STRICT_ARRAY) {
        node->type = AMF_ARRAY;
        e = read_items(r, depth + 1);
    } else {
        e = read_scalar(r, node, marker);
    }
    node->next = r->out->n;
    return e;
}

enum err amf_read(const uint8_t *data, size_t len, struct amf *ret_amf)
{
    ret_amf->n = 0;
    if (!len)
        return ERR_OK;
    struct reader r = {.at = data, .end = data + len, .out = ret_amf};
    while (r.at < r.end) {
        enum err e = read_value(&r, 0, NULL, 0);
        if (e) {
            ret_amf->n = 0;
            return e;
        }
    }
    return ERR_OK;
}

const struct amf_node *amf_arg(const struct amf *amf, unsigned i)
{
    for (unsigned at = 0; at < amf->n; at = amf->node[at].next)
        if (i-- == 0)
            return &amf->node[at];
    return NULL;
}

const struct amf_node *amf_member(const struct amf *amf, const struct amf_node *o, const char *name)
{
    if (!o || o->type != AMF_OBJECT)
        return NULL;
    size_t len = strlen(name);
    for (unsigned at = (unsigned)(o - amf->node) + 1; at < o->next; at = amf->node[at].next)
        if (amf->node[at].name_len == len && memcmp(amf->node[at].name, name, len) == 0)
            return &amf->node[at];
    return NULL;
}

bool amf_is(const struct amf_node *node, const char *text)
{
    return node && node->type == AMF_STRING && node->text_len == strlen(text) &&
           memcmp(node->text, text, node->text_len) == 0;
}

double amf_number(const struct amf_node *node, double other)
{
    return node && node->type == AMF_NUMBER && isfinite(node->number) ? node->number : other;
}

bool amf_copy(const struct amf_node *node, char *dst, size_t size)
{
    if (!node || node->type != AMF_STRING || node->text_len >= size ||
        memchr(node->text, 0, node->text_len))
        return false;
    memcpy(dst, node->text, node->text_len);
    dst[node->text_len] = '\0';
    return true;
}

void amf_put_number(struct buf *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    buf_u8(out, M_NUMBER);
    buf_be64(out, bits);
}

void amf_put_bool(struct buf *out, bool value)
{
    buf_u8(out, M_BOOL);
    buf_u8(out, value ? 1 : 0);
}

void amf_put_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    if (len > UINT16_MAX) {
        buf_u8(out, M_LONG_STRING);
        buf_be32(out, (uint32_t)len);
    } else {
        buf_u8(out, M_STRING);
        buf_be16(out, (unsigned)len);
    }
    buf_add(out, text, len);
}

void amf_put_null(struct buf *out)
{
    buf_u8(out, M_NULL);
}

void amf_put_object(struct buf *out)
{
    buf_u8(out, M_OBJECT);
}

void amf_put_name(struct buf *out, const char *name)
{
    size_t len = strlen(name);
    buf_be16(out, (unsigned)len);
    buf_add(out, name, len);
}

void amf_put_end(struct buf *out)
{
    buf_be24(out, M_OBJECT_END);
}
