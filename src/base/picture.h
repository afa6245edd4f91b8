/*
 * picture - what the servers and the program nightmarket-image agree on.
 *
 *   nightmarket-image <picture >answer
 *
 * Answer:  one line "picture1 WIDTH HEIGHT L0 L1 L2 L3\n" (the upright picture's size, and lengths
 *          in bytes), then as many bytes: WebP of 160, 480 and 1080 pixels width at most, and a
 *          JPEG of PICTURE_SHARE_WIDTH x PICTURE_SHARE_HEIGHT. Nothing of the original's metadata
 *          is in them. The same picture gives the same bytes.
 * Exit:    enum picture_exit; stderr is for people who debug.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PICTURE_BYTES_MAX = 15 * 1024 * 1024, /* of what is sent in */
    PICTURE_PIXELS_MAX = 50 * 1000 * 1000,
    PICTURE_SIDE_MAX = 16000,
    PICTURE_SIDE_MIN = 8,
    PICTURE_SIZES = 4,
    PICTURE_SIZE_BYTES_MAX = 2 * 1024 * 1024, /* of each that comes out */
    PICTURE_SHARE_WIDTH = 1200,
    PICTURE_SHARE_HEIGHT = 630,
    PICTURE_SNIFF = 32 /* bytes that picture_sniff() wants to see */
};

/* Why there is no answer: exit status, and what a person is told. */
#define PICTURE_REFUSAL_TABLE(X)                                                       \
    X(TYPE, 10, "it is not a JPEG, PNG, WebP or HEIF picture")                         \
    X(BROKEN, 11, "the picture is damaged or cut off")                                 \
    X(PIXELS, 12, "the picture has more than 50 million pixels, or a side over 16000") \
    X(MOVING, 13, "moving pictures are not taken")                                     \
    X(SMALL, 14, "the picture is smaller than 8 pixels")                               \
    X(BYTES, 15, "the picture has more than 15 MB")

enum picture_exit {
    PICTURE_DONE = 0,
#define X(name, status, text) PICTURE_##name = (status),
    PICTURE_REFUSAL_TABLE(X)
#undef X
        PICTURE_MACHINE = 20 /* no memory, no sandbox, stdout did not take it */
};
/* The sentence for an exit status; NULL: not a refusal. */
const char *picture_refusal(int status);

/* "image/jpeg", "image/png", "image/webp", "image/heic" or "image/avif" by its first bytes, or
   NULL: something else. */
const char *picture_sniff(const void *data, size_t len);

struct picture_head {
    uint32_t width, height;
    uint32_t len[PICTURE_SIZES];
    size_t bytes; /* of the line itself */
};
/* The first line of an answer. False: it is none, or says more than the limits above. */
bool picture_read_head(const char *data, size_t len, struct picture_head *ret_head);
