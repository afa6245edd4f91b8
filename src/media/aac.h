/*
 * aac - AudioSpecificConfig, and how long a frame is.
 *
 * Thread: any; no state.
 * Errors: ERR_INPUT: malformed; ERR_MEDIA_TYPE: an object type that is not AAC, or no channels
 * said. Source: ISO/IEC 14496-3 1.6.2.1 (AudioSpecificConfig), 4.4.1 (frameLengthFlag).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

enum { AAC_CONFIG_MAX = 64 };

struct aac_config {
    unsigned object_type; /* as in CODECS mp4a.40.N: 2 LC, 5 HE (SBR), 29 HE v2 (PS) */
    unsigned sample_hz;   /* of the core: the rate samples are counted in */
    unsigned out_hz;      /* what a decoder with SBR gives; else sample_hz */
    unsigned channels;
    unsigned frame_samples; /* 1024, or 960 */
    size_t len;
    uint8_t asc[AAC_CONFIG_MAX]; /* as it goes into the init segment */
};

enum err aac_read_config(const uint8_t *data, size_t len, struct aac_config *ret_config) NODISCARD;
/* "mp4a.40.2" */
void aac_codecs(const struct aac_config *config, char ret_text[12]);
