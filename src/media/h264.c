#include "media/h264.h"
#include "media/bits_in.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Steps over `n` parameter sets with 16-bit lengths; gives the first of them. */
static enum err walk_sets(const uint8_t *data, size_t len, size_t *at, unsigned n,
                          const uint8_t **ret_first, size_t *ret_first_len)
{
    for (unsigned i = 0; i < n; i++) {
        if (len - *at < 2)
            return ERR_INPUT;
        size_t nal_len = be16(data + *at);
        *at += 2;
        if (!nal_len || nal_len > len - *at)
            return ERR_INPUT;
        if (i == 0) {
            *ret_first = data + *at;
            *ret_first_len = nal_len;
        }
        *at += nal_len;
    }
    return ERR_OK;
}

enum err h264_read_config(const uint8_t *data, size_t len, struct h264_config *ret_config)
{
    if (len < 7 || data[0] != 1)
        return ERR_INPUT;
    if (len > H264_CONFIG_MAX)
        return ERR_MEDIA_TYPE;
    unsigned nal_len_bytes = (data[4] & 3U) + 1;
    unsigned sps_n = data[5] & 0x1fU;
    if (nal_len_bytes == 3 || !sps_n)
        return ERR_MEDIA_TYPE;
    size_t at = 6;
    const uint8_t *sps = NULL, *pps = NULL;
    size_t sps_len = 0, pps_len = 0;
    enum err e = walk_sets(data, len, &at, sps_n, &sps, &sps_len);
    if (e)
        return e;
    if (at >= len)
        return ERR_INPUT;
    unsigned pps_n = data[at++];
    e = walk_sets(data, len, &at, pps_n, &pps, &pps_len);
    if (e)
        return e;
    struct h264_sps s;
    e = h264_read_sps(sps, sps_len, &s);
    if (e)
        return e;
    ret_config->nal_len_bytes = nal_len_bytes;
    ret_config->sps = s;
    ret_config->len = len;
    memcpy(ret_config->avcc, data, len);
    return ERR_OK;
}

enum err h264_next_nal(const uint8_t *au, size_t len, unsigned nal_len_bytes, size_t *at,
                       const uint8_t **ret_nal, size_t *ret_len)
{
    assert(nal_len_bytes == 1 || nal_len_bytes == 2 || nal_len_bytes == 4);
    if (*at >= len)
        return ERR_NOT_FOUND;
    if (len - *at < nal_len_bytes)
        return ERR_INPUT;
    size_t n = 0;
    for (unsigned i = 0; i < nal_len_bytes; i++)
        n = n << 8 | au[*at + i];
    size_t from = *at + nal_len_bytes;
    if (n > len - from)
        return ERR_INPUT;
    *ret_nal = au + from;
    *ret_len = n;
    *at = from + n;
    return ERR_OK;
}

enum { SLICE_P = 0, SLICE_B = 1, SLICE_I = 2, SLICE_HEAD_BYTES = 12 };

/* slice_type modulo 5 (7.4.3); an escape byte within so few bits would need a huge first_mb. */
static unsigned slice_type(const uint8_t *nal, size_t len)
{
    struct bits b;
    size_t head = len - 1 < SLICE_HEAD_BYTES ? len - 1 : SLICE_HEAD_BYTES;
    bits_init(&b, nal + 1, head);
    (void)bits_ue(&b); /* first_mb_in_slice */
    unsigned type = bits_ue(&b) % 5;
    return b.over ? SLICE_P : type;
}

static void look_at_nal(const uint8_t *nal, size_t len, struct h264_au *a)
{
    unsigned type = nal[0] & 0x1fU;
    switch (type) {
    case H264_NAL_IDR:
    case H264_NAL_SLICE:
        a->key |= type == H264_NAL_IDR;
        if (!a->slices) {
            unsigned slice = slice_type(nal, len);
            a->b = slice == SLICE_B;
            a->intra = slice == SLICE_I;
        }
        a->slices = true;
        break;
    case H264_NAL_SPS:
        a->sps = nal;
        a->sps_len = len;
        break;
    case H264_NAL_PPS:
        a->pps = nal;
        a->pps_len = len;
        break;
    default: break;
    }
}

enum err h264_look(const uint8_t *au, size_t len, unsigned nal_len_bytes, struct h264_au *ret_au)
{
    struct h264_au a = {0};
    size_t at = 0;
    for (;;) {
        const uint8_t *nal;
        size_t nal_len;
        enum err e = h264_next_nal(au, len, nal_len_bytes, &at, &nal, &nal_len);
        if (e == ERR_NOT_FOUND)
            break;
        if (e)
            return e;
        if (nal_len)
            look_at_nal(nal, nal_len, &a);
    }
    *ret_au = a;
    return ERR_OK;
}

enum err h264_config_from(const struct h264_config *old, const struct h264_au *au,
                          struct h264_config *ret_config)
{
    if (!au->sps || !au->pps || au->sps_len < 4 || !au->pps_len)
        return ERR_INPUT;
    size_t len = 6 + 2 + au->sps_len + 1 + 2 + au->pps_len;
    if (len > H264_CONFIG_MAX)
        return ERR_MEDIA_TYPE;
    uint8_t avcc[H264_CONFIG_MAX];
    uint8_t *w = avcc;
    *w++ = 1;
    memcpy(w, au->sps + 1, 3); /* profile, constraints, level */
    w += 3;
    *w++ = (uint8_t)(0xfc | (old->nal_len_bytes - 1));
    *w++ = 0xe0 | 1;
    *w++ = (uint8_t)(au->sps_len >> 8);
    *w++ = (uint8_t)au->sps_len;
    memcpy(w, au->sps, au->sps_len);
    w += au->sps_len;
    *w++ = 1;
    *w++ = (uint8_t)(au->pps_len >> 8);
    *w++ = (uint8_t)au->pps_len;
    memcpy(w, au->pps, au->pps_len);
    return h264_read_config(avcc, len, ret_config);
}

bool h264_config_has_sps(const struct h264_config *config, const uint8_t *sps, size_t len)
{
    size_t at = 6;
    unsigned n = config->avcc[5] & 0x1fU;
    for (unsigned i = 0; i < n; i++) {
        size_t nal_len = be16(config->avcc + at); /* h264_read_config() has checked them */
        at += 2;
        if (nal_len == len && !memcmp(config->avcc + at, sps, len))
            return true;
        at += nal_len;
    }
    return false;
}

void h264_codecs(const struct h264_sps *sps, char ret_text[12])
{
    (void)snprintf(ret_text, 12, "avc1.%02x%02x%02x", sps->profile, sps->constraints, sps->level);
}
