/*
 * part - what the packager hands out: parts of a live stream, and what the stream is made of.
 *
 * Shape:  a segment is its parts one after another, byte for byte. Parts of one segment share
 *         `msn`, count `index` from 0, and need the init segment number `init` before them.
 * Units:  times are 1/MEDIA_HZ s on the stream's own timeline, which never runs backwards;
 *         wall_ms is Unix milliseconds.
 * Memory: a part holds one reference to its bytes; bytes are immutable.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes;

enum { MEDIA_HZ = 90000 };

struct media_part {
    struct bytes *bytes; /* moof + mdat, of the tracks that had samples */
    uint64_t msn;        /* media sequence number of its segment */
    unsigned index;      /* within the segment */
    unsigned init;       /* version of the init segment it needs */
    int64_t start;
    int64_t duration;   /* as declared: never above the part target */
    int64_t wall_ms;    /* PROGRAM-DATE-TIME of `start` */
    bool independent;   /* its first video sample is a key frame, or there is no video */
    bool last;          /* its segment is complete with it */
    bool discontinuity; /* a DISCONTINUITY stands before its segment; same for all its parts */
};

/* What a player must know before it loads anything; also shown as the input's health. */
struct media_info {
    bool video, audio;
    char codecs[64]; /* RFC 6381, as for CODECS: "avc1.64001f,mp4a.40.2" */
    unsigned width, height;
    unsigned fps_num, fps_den; /* 0/0 while unknown or variable */
    unsigned sample_hz, channels;
    bool b_frames; /* seen so far */
};
