#include "streamd-media/source_in.h"

#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <unistd.h>

enum { JPEG_QUALITY = 4, SOURCE_SIDE_MAX = 8192 };

struct decoding {
    struct source *source;
    int track;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame, *best; /* `best`: the last one at or before the time */
    int64_t until;         /* in the track's time base */
};

/* Take what the decoder gives; true once a frame past the time has come. */
static bool take_frames(struct decoding *d)
{
    while (avcodec_receive_frame(d->decoder, d->frame) == 0) {
        int64_t pts = d->frame->best_effort_timestamp;
        bool past = pts != AV_NOPTS_VALUE && pts > d->until;
        if (past && d->best->width)
            return true;
        av_frame_unref(d->best);
        av_frame_move_ref(d->best, d->frame);
        if (past)
            return true; /* the first frame there is */
    }
    return false;
}

/* Decode from the start of what was read (or sought) to the frame shown at `until`. */
static enum exit_code find_frame(struct decoding *d)
{
    bool found = false;
    while (!found && av_read_frame(d->source->format, d->packet) >= 0) {
        if (d->packet->stream_index == d->track && avcodec_send_packet(d->decoder, d->packet) >= 0)
            found = take_frames(d);
        av_packet_unref(d->packet);
    }
    if (!found && avcodec_send_packet(d->decoder, NULL) >= 0)
        (void)take_frames(d);
    if (!d->best->width) {
        complain("no frame could be decoded");
        return EXIT_NO_FRAME;
    }
    return EXIT_DONE;
}

static enum exit_code open_decoder(struct decoding *d, double time_s)
{
    AVFormatContext *format = d->source->format;
    const AVCodec *codec = NULL;
    d->track = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (d->track < 0) {
        complain("no video");
        return EXIT_INPUT;
    }
    const AVStream *stream = format->streams[d->track];
    d->decoder = avcodec_alloc_context3(codec);
    d->packet = av_packet_alloc();
    d->frame = av_frame_alloc();
    d->best = av_frame_alloc();
    if (!d->decoder || !d->packet || !d->frame || !d->best) {
        complain("out of memory");
        return EXIT_MACHINE;
    }
    d->decoder->thread_count = 1;
    d->decoder->max_pixels = (int64_t)SOURCE_SIDE_MAX * SOURCE_SIDE_MAX / 2;
    d->decoder->pkt_timebase = stream->time_base;
    if (avcodec_parameters_to_context(d->decoder, stream->codecpar) < 0 ||
        avcodec_open2(d->decoder, codec, NULL) < 0) {
        complain("the video cannot be decoded");
        return EXIT_INPUT;
    }
    int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
    d->until = start + (int64_t)llround(time_s / av_q2d(stream->time_base));
    if (d->source->seekable && time_s > 0)
        (void)av_seek_frame(format, d->track, d->until, AVSEEK_FLAG_BACKWARD);
    return EXIT_DONE;
}

static AVFrame *rescale(const AVFrame *in, const struct framing *f)
{
    AVFrame *out = av_frame_alloc();
    if (!out)
        return NULL;
    out->format = AV_PIX_FMT_YUVJ420P;
    out->width = (int)f->out_width;
    out->height = (int)f->out_height;
    AVFrame *cut = av_frame_clone(in);
    struct SwsContext *sws = NULL;
    bool ok = false;
    if (cut && av_frame_get_buffer(out, 0) >= 0) {
        cut->crop_left = f->x;
        cut->crop_top = f->y;
        cut->crop_right = (size_t)in->width - f->x - f->width;
        cut->crop_bottom = (size_t)in->height - f->y - f->height;
        if (av_frame_apply_cropping(cut, AV_FRAME_CROP_UNALIGNED) >= 0)
            sws = sws_getContext(cut->width, cut->height, cut->format, out->width, out->height,
                                 out->format, SWS_BICUBIC, NULL, NULL, NULL);
        ok = sws && sws_scale(sws, (const uint8_t *const *)cut->data, cut->linesize, 0, cut->height,
                              out->data, out->linesize) == out->height;
    }
    sws_freeContext(sws);
    av_frame_free(&cut);
    if (!ok)
        av_frame_free(&out);
    return out;
}

static bool write_all(const uint8_t *data, int len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, data, (size_t)len);
        if (n <= 0)
            return false;
        data += n;
        len -= (int)n;
    }
    return true;
}

static enum exit_code write_jpeg(AVFrame *picture)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
    AVPacket *packet = av_packet_alloc();
    enum exit_code code = EXIT_MACHINE;
    if (encoder && packet) {
        encoder->width = picture->width;
        encoder->height = picture->height;
        encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
        encoder->time_base = (AVRational){1, 1};
        encoder->thread_count = 1;
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = FF_QP2LAMBDA * JPEG_QUALITY;
        picture->quality = encoder->global_quality;
        picture->pts = 0;
        if (avcodec_open2(encoder, codec, NULL) >= 0 && avcodec_send_frame(encoder, picture) >= 0 &&
            avcodec_receive_packet(encoder, packet) >= 0)
            code = write_all(packet->data, packet->size) ? EXIT_DONE : EXIT_OUTPUT;
    }
    if (code)
        complain(code == EXIT_OUTPUT ? "cannot write the picture" : "cannot encode the picture");
    av_packet_free(&packet);
    avcodec_free_context(&encoder);
    return code;
}

static enum exit_code write_picture(const AVFrame *frame, const struct thumbnail_ask *ask)
{
    if (frame->width < 2 || frame->height < 2) {
        complain("a picture of %d x %d", frame->width, frame->height);
        return EXIT_NO_FRAME;
    }
    struct framing f = thumbnail_frame(ask, (unsigned)frame->width, (unsigned)frame->height);
    AVFrame *picture = rescale(frame, &f);
    if (!picture) {
        complain("cannot scale the picture");
        return EXIT_MACHINE;
    }
    enum exit_code code = write_jpeg(picture);
    av_frame_free(&picture);
    return code;
}

enum exit_code thumbnail_run(struct source *s, const struct thumbnail_ask *ask)
{
    struct decoding d = {.source = s};
    enum exit_code code = open_decoder(&d, ask->time_s);
    if (!code)
        code = find_frame(&d);
    if (!code)
        code = write_picture(d.best, ask);
    av_frame_free(&d.best);
    av_frame_free(&d.frame);
    av_packet_free(&d.packet);
    avcodec_free_context(&d.decoder);
    return code;
}
