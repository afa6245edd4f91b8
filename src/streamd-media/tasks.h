/*
 * streamd-media - what needs a decoder, in a process of its own: still pictures and facts about a
 * file. The only program that links libav*, and the only one that decodes what strangers send.
 *
 *   streamd-media thumbnail [--time S] [--width W] [--height H] [--fit crop|clip|scale|fill] [FILE]
 *   streamd-media probe [FILE]
 *
 * Shape:   FILE or stdin is a container: MP4 (an init segment and segments behind it are one), FLV,
 *          MPEG-TS, Matroska. thumbnail writes one JPEG to stdout, probe one line of JSON.
 * Borders: no network, no other files: the sandbox is closed before the first byte is parsed.
 * Exit:    enum exit_code; what is wrong stands on stderr in one line.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum exit_code {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,    /* not media, or no track of the kind asked for */
    EXIT_NO_FRAME = 4, /* nothing that can be decoded at that time */
    EXIT_OUTPUT = 5,   /* stdout did not take it */
    EXIT_MACHINE = 6,  /* no memory, no sandbox */
};

enum fit {
    FIT_CROP,  /* fill the box, cut what sticks out (the default) */
    FIT_CLIP,  /* inside the box, as large as it gets */
    FIT_SCALE, /* inside the box, never larger than it was */
    FIT_FILL,  /* the box exactly, stretched */
};

enum { SIDE_MIN = 16, SIDE_MAX = 4096 };

struct thumbnail_ask {
    double time_s;          /* from the start of the input */
    unsigned width, height; /* 0: follows the other; both 0: the picture's own */
    enum fit fit;
};

struct source;

enum exit_code thumbnail_run(struct source *s, const struct thumbnail_ask *ask);
enum exit_code probe_run(struct source *s);

/* The part of a w x h picture to take and the size to bring it to. Sizes are even, at least 2. */
struct framing {
    unsigned x, y, width, height; /* taken */
    unsigned out_width, out_height;
};

struct framing thumbnail_frame(const struct thumbnail_ask *ask, unsigned width, unsigned height);
