/*
 * picture - the still picture of a recording, made by the program streamd-media: decoders of
 * hostile bytes stay behind a process border.
 *
 * Thread:  a worker: it waits for the child, PICTURE_MAKE_MS at most.
 */
#pragma once
#include "base/err.h"

enum { PICTURE_MAKE_MS = 15000, PICTURE_WIDTH = 640 };

/*
 * The frame at `at_ms` of the file `media` as JPEG, put in place as `to` when it is whole.
 *
 * ERR_TIMEOUT    the child took too long and was ended
 * ERR_NOT_FOUND  it found no picture
 * ERR_IO         it could not be started, or `to` not be written
 */
enum err picture_make(const char *program, const char *media, int64_t at_ms,
                      const char *to) NODISCARD;
