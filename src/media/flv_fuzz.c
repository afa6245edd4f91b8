#include "media/flv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (!len)
        return 0;
    struct flv_packet packets[FLV_PACKETS_MAX];
    unsigned n;
    enum flv_type type = data[0] & 1 ? FLV_VIDEO : FLV_AUDIO;
    if (flv_read(type, data + 1, len - 1, packets, &n) == ERR_OK) {
        assert(n <= FLV_PACKETS_MAX);
        for (unsigned i = 0; i < n; i++)
            if (packets[i].kind == FLV_FRAME)
                assert(packets[i].len && packets[i].data + packets[i].len <= data + len);
    }
    size_t at = 0;
    struct flv_tag tag;
    while (flv_file_next(data, len, &at, &tag) == ERR_OK)
        assert(tag.body + tag.len <= data + len);
    return 0;
}
