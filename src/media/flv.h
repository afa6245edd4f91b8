/*
 * flv - audio and video messages as RTMP carries them (FLV tag bodies), and FLV files.
 *
 * Shape:  one message gives 0..FLV_PACKETS_MAX packets: one, or one per track of an Enhanced RTMP
 *         multitrack message. Video: AVC as legacy codec id 7 and as FourCC avc1. Audio: AAC as
 *         legacy format 10 and as FourCC mp4a. Every other codec is reported by name as
 *         FLV_UNSUPPORTED. ModEx prefixes are read: the nanosecond offset is kept, others skipped.
 * Memory: packets point into the message.
 * Thread: any; no state.
 * Errors: ERR_INPUT: shorter than its own fields say, or a reserved value where one must be known.
 * Source: Adobe FLV 10.1 annex E; Enhanced RTMP v1 and v2 (veovera).
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct buf;

/* RTMP message types with media; the FLV tag types are the same. */
enum flv_type { FLV_AUDIO = 8, FLV_VIDEO = 9, FLV_SCRIPT = 18 };

enum flv_kind {
    FLV_NOTHING,     /* end of sequence, seek marks, HDR metadata, an empty message */
    FLV_CONFIG,      /* decoder configuration: avcC or AudioSpecificConfig in `data` */
    FLV_FRAME,       /* one access unit in `data`: length-prefixed NAL units, or one AAC frame */
    FLV_UNSUPPORTED, /* `codec` says what it is; `data` is not to be used */
};

enum { FLV_PACKETS_MAX = 8 };

struct flv_packet {
    enum flv_kind kind;
    enum flv_type type; /* FLV_AUDIO or FLV_VIDEO */
    bool key;           /* the sender says: key frame */
    bool enhanced;      /* came with a FourCC */
    unsigned track;     /* 0 unless multitrack */
    const char *codec;  /* static: "H.264", "AAC", "HEVC", "Opus", ... */
    int32_t cts_ms;     /* presentation minus decoding time */
    uint32_t nano;      /* to add to the message's timestamp, 0..999999 ns */
    const uint8_t *data;
    size_t len;
};

/*
 * Read one message body of `type` (FLV_AUDIO or FLV_VIDEO).
 *
 * ERR_INPUT  malformed; nothing is written
 */
enum err flv_read(enum flv_type type, const uint8_t *body, size_t len,
                  struct flv_packet ret_packets[FLV_PACKETS_MAX], unsigned *ret_n) NODISCARD;

/* FLV files: tests and tools speak them; the engine does not. */
struct flv_tag {
    enum flv_type type;
    uint32_t ts_ms; /* 32 bits, wraps */
    const uint8_t *body;
    size_t len;
};

/*
 * The tag at *at in the file image data[0..len); moves *at past it. *at starts at 0.
 *
 * ERR_NOT_FOUND  the end of the file (a cut last tag counts as the end)
 * ERR_INPUT      not an FLV file, or a tag of unknown type
 */
enum err flv_file_next(const uint8_t *data, size_t len, size_t *at,
                       struct flv_tag *ret_tag) NODISCARD;
/* Append the file header, or one tag with its trailing size. */
void flv_file_begin(struct buf *out, bool audio, bool video);
void flv_file_add(struct buf *out, const struct flv_tag *tag);
