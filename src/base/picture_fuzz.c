/* The answer of a picture program that a picture has taken over. */
#include "base/picture.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct picture_head h;
    const char *type = picture_sniff(data, len);
    if (type && strncmp(type, "image/", 6) != 0)
        abort();
    if (!picture_read_head((const char *)data, len, &h))
        return 0;
    if (h.bytes > len || h.width > PICTURE_SIDE_MAX || h.height > PICTURE_SIDE_MAX)
        abort();
    for (int i = 0; i < PICTURE_SIZES; i++)
        if (!h.len[i] || h.len[i] > PICTURE_SIZE_BYTES_MAX)
            abort();
    return 0;
}
