/*
 * picture - the test camera's frames: something that moves, and under its top edge the wall clock
 * in cells that survive scaling and compression.
 *
 * Shape:   the top eighth of the frame is a grid of 16 by 4 cells, black is 0 and white is 1, read
 *          like a page, highest bit first: 48 bits of Unix milliseconds, 16 bits of CRC-16/CCITT
 *          over those six bytes. read.mjs reads them back.
 * Memory:  one frame of planar YUV 4:2:0, limited range, made by picture_make().
 * Thread:  one at a time.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { PICTURE_COLUMNS = 16, PICTURE_ROWS = 4, PICTURE_BAND = 8 /* of the height: one eighth */ };

struct picture {
    int width, height;
    uint8_t *yuv;
    size_t len;
    uint8_t *still; /* the luma of what does not move */
};

/* Even sizes of 64..4096. NULL fields when out of memory or of sizes. */
struct picture picture_make(int width, int height);
void picture_done(struct picture *p);

/* Draw the frame of this moment. */
void picture_draw(struct picture *p, int64_t unix_ms);
