#include "media/aac.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct aac_config config;
    char codecs[12];
    if (aac_read_config(data, len, &config) == ERR_OK) {
        assert(config.sample_hz && config.channels && config.frame_samples);
        aac_codecs(&config, codecs);
    }
    return 0;
}
