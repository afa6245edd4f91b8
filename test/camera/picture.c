#include "picture.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLACK = 16, WHITE = 235, BALL = 40, SIDE_MIN = 64, SIDE_MAX = 4096, TIME_BITS = 48 };

static bool side_ok(int n)
{
    return n >= SIDE_MIN && n <= SIDE_MAX && n % 2 == 0;
}

/* A slope with a fine grain: enough for an encoder to do, and the same in every run. */
static void paint_still(const struct picture *p)
{
    uint32_t grain = 1;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            grain = grain * 1664525 + 1013904223;
            int slope = 60 + (x + y) * 100 / (p->width + p->height);
            p->still[(size_t)y * (size_t)p->width + (size_t)x] =
                (uint8_t)(slope + (int)(grain >> 28));
        }
}

struct picture picture_make(int width, int height)
{
    struct picture p = {.width = width, .height = height};
    if (!side_ok(width) || !side_ok(height))
        return p;
    size_t luma = (size_t)width * (size_t)height;
    p.len = luma * 3 / 2;
    p.yuv = malloc(p.len);
    p.still = malloc(luma);
    if (!p.yuv || !p.still) {
        picture_done(&p);
        return p;
    }
    paint_still(&p);
    memcpy(p.yuv, p.still, luma);
    memset(p.yuv + luma, 110, luma / 4); /* a warm tint */
    memset(p.yuv + luma + luma / 4, 142, luma / 4);
    return p;
}

void picture_done(struct picture *p)
{
    free(p->yuv);
    free(p->still);
    *p = (struct picture){0};
}

/* CRC-16/CCITT-FALSE */
static uint16_t crc16(const uint8_t *data, size_t len)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned)data[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    return (uint16_t)crc;
}

static uint64_t word_of(int64_t unix_ms)
{
    uint64_t ms = (uint64_t)unix_ms & ((UINT64_C(1) << TIME_BITS) - 1);
    uint8_t bytes[6];
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    return ms << 16 | crc16(bytes, sizeof bytes);
}

static void draw_cells(const struct picture *p, uint64_t word)
{
    int band = p->height / PICTURE_BAND;
    for (int row = 0; row < PICTURE_ROWS; row++) {
        int from = band * row / PICTURE_ROWS, to = band * (row + 1) / PICTURE_ROWS;
        uint8_t *line = p->yuv + (size_t)from * (size_t)p->width;
        for (int c = 0; c < PICTURE_COLUMNS; c++) {
            int x = p->width * c / PICTURE_COLUMNS, end = p->width * (c + 1) / PICTURE_COLUMNS;
            bool white = word >> (63 - (row * PICTURE_COLUMNS + c)) & 1;
            memset(line + x, white ? WHITE : BLACK, (size_t)(end - x));
        }
        for (int y = from + 1; y < to; y++)
            memcpy(p->yuv + (size_t)y * (size_t)p->width, line, (size_t)p->width);
    }
}

/* A bright square that runs back and forth under the cells, two seconds a way. */
static void draw_ball(const struct picture *p, int64_t unix_ms)
{
    int size = p->width / 6, way = p->width - size;
    int phase = (int)(unix_ms % 4000);
    int x = way * (phase < 2000 ? phase : 4000 - phase) / 2000;
    int top = p->height / 2 - size / 2;
    for (int y = top; y < top + size; y++) {
        uint8_t *line = p->yuv + (size_t)y * (size_t)p->width;
        memcpy(line, p->still + (size_t)y * (size_t)p->width, (size_t)p->width);
        memset(line + x, WHITE - BALL, (size_t)size);
    }
}

void picture_draw(struct picture *p, int64_t unix_ms)
{
    draw_cells(p, word_of(unix_ms));
    draw_ball(p, unix_ms);
}
