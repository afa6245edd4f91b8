/* still_child - run streamd-media once. Blocks: workers. */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct bytes;

struct still_ask {
    const char *program;
    struct bytes *const *media; /* what it reads on stdin; n_media 0: it reads `file` */
    size_t n_media;
    const char *file;
    double time_s;
    unsigned width, height; /* 0: follows the other */
    const char *fit;        /* a word of streamd-media, or NULL */
};

/*
 * ERR_NOT_FOUND  it found no picture there
 * ERR_TIMEOUT    it took too long and was killed
 * ERR_IO         it could not be run
 */
enum err still_child(const struct still_ask *ask, struct bytes **ret_jpeg) NODISCARD;
