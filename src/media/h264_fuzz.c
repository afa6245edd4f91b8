#include "media/h264.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const unsigned widths[] = {1, 2, 4};
    struct h264_config config, made;
    struct h264_sps sps;
    struct h264_au au;
    if (h264_read_sps(data, len, &sps) == ERR_OK)
        assert(sps.width && sps.height && sps.sar_den);
    bool ok = h264_read_config(data, len, &config) == ERR_OK;
    for (unsigned i = 0; i < 3; i++) {
        if (h264_look(data, len, widths[i], &au) != ERR_OK || !ok)
            continue;
        if (h264_config_from(&config, &au, &made) == ERR_OK)
            assert(h264_config_has_sps(&made, au.sps, au.sps_len));
    }
    return 0;
}
