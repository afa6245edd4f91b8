#include "base/buf.h"
#include "streamd-media/source_in.h"

#include <libavcodec/avcodec.h>
#include <unistd.h>

enum { JSON_MAX = 16 << 10 };

/* Names from libav are plain words. */
static void put_track(struct buf *b, const AVStream *stream)
{
    const AVCodecParameters *c = stream->codecpar;
    bool video = c->codec_type == AVMEDIA_TYPE_VIDEO;
    buf_fmt(b, "{\"type\":\"%s\",\"codec\":\"%s\"", video ? "video" : "audio",
            avcodec_get_name(c->codec_id));
    if (video) {
        AVRational fps = stream->avg_frame_rate;
        buf_fmt(b, ",\"width\":%d,\"height\":%d,\"fps\":%.3f", c->width, c->height,
                fps.den ? av_q2d(fps) : 0.0);
    } else {
        buf_fmt(b, ",\"sample_hz\":%d,\"channels\":%d", c->sample_rate, c->ch_layout.nb_channels);
    }
    buf_ch(b, '}');
}

/* Fragmented files name no duration: then the last packet's end tells. */
static double read_duration(AVFormatContext *format)
{
    if (format->duration != AV_NOPTS_VALUE && format->duration > 0)
        return (double)format->duration / AV_TIME_BASE;
    double first = -1, last = 0;
    AVPacket *packet = av_packet_alloc();
    while (packet && av_read_frame(format, packet) >= 0) {
        double base = av_q2d(format->streams[packet->stream_index]->time_base);
        if (packet->pts != AV_NOPTS_VALUE) {
            double at = (double)packet->pts * base;
            double end = at + (double)packet->duration * base;
            first = first < 0 || at < first ? at : first;
            last = end > last ? end : last;
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    return first < 0 ? 0 : last - first;
}

enum exit_code probe_run(struct source *s)
{
    struct buf b;
    buf_init(&b, JSON_MAX);
    buf_fmt(&b, "{\"format\":\"%s\",\"tracks\":[", s->format->iformat->name);
    unsigned n = 0;
    for (unsigned i = 0; i < s->format->nb_streams; i++) {
        enum AVMediaType type = s->format->streams[i]->codecpar->codec_type;
        if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO)
            continue;
        if (n++)
            buf_ch(&b, ',');
        put_track(&b, s->format->streams[i]);
    }
    buf_fmt(&b, "],\"duration\":%.3f}\n", read_duration(s->format));
    enum exit_code code = EXIT_DONE;
    if (!n) {
        complain("neither video nor sound");
        code = EXIT_INPUT;
    } else if (buf_err(&b) || write(STDOUT_FILENO, b.data, b.len) != (ssize_t)b.len) {
        complain("cannot write the answer");
        code = EXIT_OUTPUT;
    }
    buf_done(&b);
    return code;
}
