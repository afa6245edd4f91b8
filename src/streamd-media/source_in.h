/*
 * source - a media file that is already open, read through libavformat without its protocols.
 */
#pragma once
#include "streamd-media/tasks.h"

#include <libavformat/avformat.h>

struct source {
    int fd;
    bool seekable;
    AVFormatContext *format;
    AVIOContext *io;
};

/* Of an open descriptor; touches nothing yet. */
void source_init(struct source *s, int fd);
/* Read the head and the tracks. */
enum exit_code source_open(struct source *s);
void source_done(struct source *s);
/* One line on stderr. */
__attribute__((format(printf, 1, 2))) void complain(const char *fmt, ...);
