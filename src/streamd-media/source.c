#include "streamd-media/source_in.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IO_BYTES = 64 << 10, PROBE_BYTES = 8 << 20, PROBE_US = 5000000, TRACKS_MAX = 16 };

void complain(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fputs("streamd-media: ", stderr);
    (void)vfprintf(stderr, fmt, ap);
    (void)fputc('\n', stderr);
    va_end(ap);
}

static int read_some(void *arg, uint8_t *buf, int size)
{
    struct source *s = arg;
    ssize_t n;
    do
        n = read(s->fd, buf, (size_t)size);
    while (n < 0 && errno == EINTR);
    return n > 0 ? (int)n : n == 0 ? AVERROR_EOF : AVERROR(errno);
}

static int64_t seek_to(void *arg, int64_t offset, int whence)
{
    struct source *s = arg;
    if (whence == AVSEEK_SIZE) {
        struct stat st;
        return fstat(s->fd, &st) == 0 ? st.st_size : AVERROR(errno);
    }
    off_t at = lseek(s->fd, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

void source_init(struct source *s, int fd)
{
    struct stat st;
    *s = (struct source){.fd = fd};
    s->seekable = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

enum exit_code source_open(struct source *s)
{
    uint8_t *buf = av_malloc(IO_BYTES);
    s->io =
        buf ? avio_alloc_context(buf, IO_BYTES, 0, s, read_some, NULL, s->seekable ? seek_to : NULL)
            : NULL;
    s->format = avformat_alloc_context();
    if (!s->io || !s->format) {
        if (!s->io)
            av_free(buf);
        complain("out of memory");
        return EXIT_MACHINE;
    }
    s->format->pb = s->io;
    s->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    s->format->probesize = PROBE_BYTES;
    s->format->max_analyze_duration = PROBE_US;
    s->format->max_streams = TRACKS_MAX;
    AVDictionary *options = NULL;
    (void)av_dict_set(&options, "format_whitelist",
                      "mov,mp4,m4a,3gp,3g2,mj2,flv,mpegts,matroska,webm", 0);
    (void)av_dict_set(&options, "codec_whitelist",
                      "h264,hevc,vp8,vp9,av1,libdav1d,aac,mp3,mp3float,opus,mjpeg", 0);
    (void)av_dict_set(&options, "protocol_whitelist", "", 0);
    int e = avformat_open_input(&s->format, "", NULL, &options);
    av_dict_free(&options);
    if (e >= 0)
        e = avformat_find_stream_info(s->format, NULL);
    if (e < 0) {
        complain("not media we read: %s", av_err2str(e));
        return e == AVERROR(ENOMEM) ? EXIT_MACHINE : EXIT_INPUT;
    }
    return EXIT_DONE;
}

void source_done(struct source *s)
{
    avformat_close_input(&s->format);
    if (s->io)
        av_freep(&s->io->buffer);
    avio_context_free(&s->io);
}
