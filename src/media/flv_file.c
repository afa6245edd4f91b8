#include "base/buf.h"
#include "media/flv.h"

#include <string.h>

enum { FILE_HEAD = 13, TAG_HEAD = 11, TAG_TAIL = 4 };

static uint32_t be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

enum err flv_file_next(const uint8_t *data, size_t len, size_t *at, struct flv_tag *ret_tag)
{
    if (*at == 0) {
        if (len < FILE_HEAD || memcmp(data, "FLV\x01", 4) != 0)
            return ERR_INPUT;
        *at = FILE_HEAD;
    }
    if (len - *at < TAG_HEAD)
        return ERR_NOT_FOUND;
    const uint8_t *tag = data + *at;
    size_t size = be24(tag + 1);
    if (tag[0] != FLV_AUDIO && tag[0] != FLV_VIDEO && tag[0] != FLV_SCRIPT)
        return ERR_INPUT;
    if (len - *at - TAG_HEAD < size)
        return ERR_NOT_FOUND;
    *ret_tag = (struct flv_tag){.type = (enum flv_type)tag[0],
                                .ts_ms = be24(tag + 4) | (uint32_t)tag[7] << 24,
                                .body = tag + TAG_HEAD,
                                .len = size};
    size_t whole = TAG_HEAD + size + TAG_TAIL;
    *at = whole < len - *at ? *at + whole : len;
    return ERR_OK;
}

void flv_file_begin(struct buf *out, bool audio, bool video)
{
    buf_add(out, "FLV\x01", 4);
    buf_u8(out, (audio ? 4U : 0U) | (video ? 1U : 0U));
    buf_be32(out, 9);
    buf_be32(out, 0);
}

void flv_file_add(struct buf *out, const struct flv_tag *tag)
{
    buf_u8(out, tag->type);
    buf_be24(out, (uint32_t)tag->len);
    buf_be24(out, tag->ts_ms & 0xffffff);
    buf_u8(out, tag->ts_ms >> 24);
    buf_be24(out, 0);
    buf_add(out, tag->body, tag->len);
    buf_be32(out, (uint32_t)(TAG_HEAD + tag->len));
}
