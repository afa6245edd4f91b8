/*
 * h264 - what a packager must know of H.264: configuration, picture size, rate, key frames.
 *
 * Memory: struct h264_config is a value; NAL units point into the caller's bytes.
 * Thread: any; no state.
 * Errors: ERR_INPUT: malformed; ERR_MEDIA_TYPE: well-formed but beyond us (no SPS, NAL lengths of
 *         3 bytes, more than H264_CONFIG_MAX bytes, a picture above H264_SIDE_MAX).
 * Source: ITU-T H.264 (08/2021) 7.3.2.1 and annex E; ISO/IEC 14496-15 5.3.3.1 (avcC).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf;

enum { H264_CONFIG_MAX = 2048, H264_SIDE_MAX = 8192 };

enum h264_nal {
    H264_NAL_SLICE = 1,
    H264_NAL_IDR = 5,
    H264_NAL_SEI = 6,
    H264_NAL_SPS = 7,
    H264_NAL_PPS = 8,
    H264_NAL_AUD = 9,
};

struct h264_sps {
    uint8_t profile, constraints, level; /* as in CODECS avc1.PPCCLL */
    unsigned width, height;              /* after cropping, in pixels */
    unsigned sar_num, sar_den;           /* 1/1 when not said */
    unsigned fps_num, fps_den;           /* frames per second; 0/0 when not said */
    bool fixed_rate;                     /* fixed_frame_rate_flag */
    bool rich;                           /* more than 8 bits, or more colour than 4:2:0 */
    bool reorders;                       /* B-frames are possible, as far as the SPS says */
};

struct h264_config {
    unsigned nal_len_bytes; /* 1, 2 or 4 */
    struct h264_sps sps;    /* the first one */
    size_t len;
    uint8_t avcc[H264_CONFIG_MAX]; /* as it goes into the init segment */
};

/* An AVCDecoderConfigurationRecord as the publisher sent it. */
enum err h264_read_config(const uint8_t *data, size_t len,
                          struct h264_config *ret_config) NODISCARD;
/* One SPS NAL unit, its header byte included. */
enum err h264_read_sps(const uint8_t *nal, size_t len, struct h264_sps *ret_sps) NODISCARD;
/*
 * The NAL unit at *at of an access unit with length prefixes; moves *at past it.
 *
 * ERR_NOT_FOUND  the end
 * ERR_INPUT      a length that passes the end
 */
enum err h264_next_nal(const uint8_t *au, size_t len, unsigned nal_len_bytes, size_t *at,
                       const uint8_t **ret_nal, size_t *ret_len) NODISCARD;

struct h264_au {
    bool key;           /* has an IDR slice */
    bool slices;        /* has any slice: false for one that is only parameters or SEI */
    bool b;             /* begins with a B slice */
    bool intra;         /* begins with an I slice */
    const uint8_t *sps; /* in-band parameter sets, or NULL; the last of each */
    size_t sps_len;
    const uint8_t *pps;
    size_t pps_len;
};

/* Look over one access unit. ERR_INPUT: its lengths do not add up. */
enum err h264_look(const uint8_t *au, size_t len, unsigned nal_len_bytes,
                   struct h264_au *ret_au) NODISCARD;
/* The configuration that in-band parameter sets make, NAL lengths as in `old`. */
enum err h264_config_from(const struct h264_config *old, const struct h264_au *au,
                          struct h264_config *ret_config) NODISCARD;
/* Is this very SPS among the configuration's? */
bool h264_config_has_sps(const struct h264_config *config, const uint8_t *sps, size_t len);
/* "avc1.64001f" */
void h264_codecs(const struct h264_sps *sps, char ret_text[12]);
