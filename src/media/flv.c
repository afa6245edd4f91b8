#include "media/flv.h"

#include <string.h>

/* Enhanced RTMP: VideoPacketType and AudioPacketType, where they mean the same. */
enum packet_type {
    SEQUENCE_START = 0,
    CODED_FRAMES = 1,
    SEQUENCE_END = 2,
    CODED_FRAMES_X = 3, /* video only: no composition offset */
    MOD_EX = 7,
};

enum { LEGACY_AVC = 7, LEGACY_AAC = 10, AUDIO_EX = 9, FRAME_COMMAND = 5, FRAME_KEY = 1 };
enum { VIDEO_METADATA = 4, VIDEO_MULTITRACK = 6, AUDIO_MULTITRACK = 5 };
enum { ONE_TRACK = 0, MANY_TRACKS = 1, MANY_CODECS = 2 };

struct cursor {
    const uint8_t *at, *end;
    bool over;
};

static uint32_t take(struct cursor *c, unsigned n)
{
    if ((size_t)(c->end - c->at) < n) {
        c->over = true;
        c->at = c->end;
        return 0;
    }
    uint32_t v = 0;
    while (n--)
        v = v << 8 | *c->at++;
    return v;
}

static int32_t take_s24(struct cursor *c)
{
    uint32_t v = take(c, 3);
    return v & 0x800000 ? (int32_t)v - 0x1000000 : (int32_t)v;
}

static const char *const LEGACY_VIDEO[16] = {
    [2] = "Sorenson H.263", [3] = "Screen video",   [4] = "VP6",   [5] = "VP6 with alpha",
    [6] = "Screen video 2", [LEGACY_AVC] = "H.264", [12] = "HEVC", [13] = "AV1"};
static const char *const LEGACY_AUDIO[16] = {
    [0] = "PCM",          [1] = "ADPCM",        [2] = "MP3",        [3] = "PCM",
    [4] = "Nellymoser",   [5] = "Nellymoser",   [6] = "Nellymoser", [7] = "G.711 A-law",
    [8] = "G.711 mu-law", [LEGACY_AAC] = "AAC", [11] = "Speex",     [14] = "MP3"};

static const char *fourcc_name(uint32_t fourcc, bool *ret_taken)
{
    static const struct {
        const char *name;
        char code[5];
        bool taken;
    } table[] = {
        {"H.264", "avc1", true}, {"AAC", "mp4a", true},   {"HEVC", "hvc1", false},
        {"AV1", "av01", false},  {"VP9", "vp09", false},  {"VP8", "vp08", false},
        {"VVC", "vvc1", false},  {"Opus", "Opus", false}, {"MP3", ".mp3", false},
        {"FLAC", "fLaC", false}, {"AC-3", "ac-3", false}, {"E-AC-3", "ec-3", false},
    };
    const char code[4] = {(char)(fourcc >> 24), (char)(fourcc >> 16), (char)(fourcc >> 8),
                          (char)fourcc};
    *ret_taken = false;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (memcmp(code, table[i].code, 4) == 0) {
            *ret_taken = table[i].taken;
            return table[i].name;
        }
    }
    return "an unknown codec";
}

static void rest(const struct cursor *c, struct flv_packet *p)
{
    p->data = c->at;
    p->len = (size_t)(c->end - c->at);
}

static enum err legacy_video(struct cursor *c, unsigned head, struct flv_packet *p)
{
    unsigned codec = head & 15, frame = head >> 4;
    p->key = frame == FRAME_KEY;
    p->codec = LEGACY_VIDEO[codec] ? LEGACY_VIDEO[codec] : "an unknown codec";
    if (frame == FRAME_COMMAND)
        return ERR_OK;
    if (codec != LEGACY_AVC) {
        p->kind = FLV_UNSUPPORTED;
        return ERR_OK;
    }
    unsigned type = take(c, 1);
    p->cts_ms = take_s24(c);
    if (c->over || type > SEQUENCE_END)
        return ERR_INPUT;
    rest(c, p);
    if (type == SEQUENCE_START)
        p->kind = FLV_CONFIG;
    else if (type == CODED_FRAMES && p->len)
        p->kind = FLV_FRAME;
    return ERR_OK;
}

static enum err legacy_audio(struct cursor *c, unsigned head, struct flv_packet *p)
{
    unsigned format = head >> 4;
    p->codec = LEGACY_AUDIO[format] ? LEGACY_AUDIO[format] : "an unknown codec";
    if (format != LEGACY_AAC) {
        p->kind = FLV_UNSUPPORTED;
        return ERR_OK;
    }
    if (c->at == c->end)
        return ERR_OK; /* some senders mark silence so */
    unsigned type = take(c, 1);
    if (type > CODED_FRAMES)
        return ERR_INPUT;
    rest(c, p);
    if (type == SEQUENCE_START)
        p->kind = FLV_CONFIG;
    else if (p->len)
        p->kind = FLV_FRAME;
    return ERR_OK;
}

/* What the ModEx prefixes and the multitrack header have said before the first track. */
struct enhanced {
    unsigned type;
    bool multitrack;
    unsigned tracks; /* ONE_TRACK... */
    uint32_t fourcc;
    uint32_t nano;
};

/* ModEx prefixes: data of 1..65536 bytes, then its kind and the next packet type. */
static enum err read_mod_ex(struct cursor *c, struct enhanced *x)
{
    while (x->type == MOD_EX) {
        size_t size = take(c, 1) + 1;
        if (size == 256)
            size = take(c, 2) + 1;
        if (c->over || (size_t)(c->end - c->at) < size)
            return ERR_INPUT;
        const uint8_t *data = c->at;
        c->at += size;
        unsigned kinds = take(c, 1);
        if (c->over)
            return ERR_INPUT;
        if (kinds >> 4 == 0 && size >= 3) { /* TimestampOffsetNano */
            uint32_t nano = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];
            x->nano = nano < 1000000 ? nano : 999999;
        }
        x->type = kinds & 15;
    }
    return ERR_OK;
}

/* The multitrack header, and the FourCC that holds for all tracks. */
static enum err read_tracks(struct cursor *c, bool video, struct enhanced *x)
{
    if (x->type == (video ? VIDEO_MULTITRACK : AUDIO_MULTITRACK)) {
        unsigned kinds = take(c, 1);
        x->multitrack = true;
        x->tracks = kinds >> 4;
        x->type = kinds & 15;
        if (c->over || x->tracks > MANY_CODECS || x->type == MOD_EX ||
            x->type == (video ? VIDEO_MULTITRACK : AUDIO_MULTITRACK))
            return ERR_INPUT;
    }
    if (x->tracks != MANY_CODECS)
        x->fourcc = take(c, 4);
    return c->over ? ERR_INPUT : ERR_OK;
}

static enum err enhanced_body(struct cursor *c, const struct enhanced *x, struct flv_packet *p)
{
    bool taken;
    p->codec = fourcc_name(x->fourcc, &taken);
    p->enhanced = true;
    p->nano = x->nano;
    bool video = p->type == FLV_VIDEO;
    bool frame = x->type == CODED_FRAMES || (video && x->type == CODED_FRAMES_X);
    if (!taken) {
        p->kind = frame || x->type == SEQUENCE_START ? FLV_UNSUPPORTED : FLV_NOTHING;
        return ERR_OK;
    }
    if (video && x->type == CODED_FRAMES)
        p->cts_ms = take_s24(c);
    if (c->over)
        return ERR_INPUT;
    rest(c, p);
    if (x->type == SEQUENCE_START)
        p->kind = FLV_CONFIG;
    else if (frame && p->len)
        p->kind = FLV_FRAME;
    return ERR_OK;
}

/* One packet per track; a track's own header comes before its bytes. */
static enum err enhanced_tracks(struct cursor *c, struct enhanced *x, struct flv_packet proto,
                                struct flv_packet *packets, unsigned *ret_n)
{
    unsigned n = 0;
    while (c->at < c->end) {
        if (n == FLV_PACKETS_MAX)
            return ERR_INPUT;
        if (x->tracks == MANY_CODECS)
            x->fourcc = take(c, 4);
        struct flv_packet p = proto;
        p.track = take(c, 1);
        struct cursor body = *c;
        if (x->tracks != ONE_TRACK) {
            size_t size = take(c, 3);
            if (c->over || (size_t)(c->end - c->at) < size)
                return ERR_INPUT;
            body = (struct cursor){.at = c->at, .end = c->at + size};
            c->at += size;
        } else {
            c->at = c->end;
        }
        if (c->over)
            return ERR_INPUT;
        enum err e = enhanced_body(&body, x, &p);
        if (e)
            return e;
        packets[n++] = p;
    }
    *ret_n = n;
    return ERR_OK;
}

static enum err read_enhanced_message(struct cursor *c, unsigned head, struct flv_packet proto,
                                      struct flv_packet *packets, unsigned *ret_n)
{
    bool video = proto.type == FLV_VIDEO;
    struct enhanced x = {.type = head & 15};
    unsigned frame = video ? head >> 4 & 7 : 0;
    proto.key = frame == FRAME_KEY;
    enum err e = read_mod_ex(c, &x);
    if (e)
        return e;
    if (frame == FRAME_COMMAND && x.type != VIDEO_METADATA) {
        *ret_n = 0; /* a seek mark: one command byte, no FourCC */
        return ERR_OK;
    }
    e = read_tracks(c, video, &x);
    if (e)
        return e;
    if (x.multitrack)
        return enhanced_tracks(c, &x, proto, packets, ret_n);
    packets[0] = proto;
    *ret_n = 1;
    return enhanced_body(c, &x, &packets[0]);
}

enum err flv_read(enum flv_type type, const uint8_t *body, size_t len,
                  struct flv_packet ret_packets[FLV_PACKETS_MAX], unsigned *ret_n)
{
    *ret_n = 0;
    if (!len)
        return ERR_OK;
    struct cursor c = {.at = body, .end = body + len};
    unsigned head = take(&c, 1);
    struct flv_packet p = {.kind = FLV_NOTHING, .type = type, .codec = ""};
    struct flv_packet packets[FLV_PACKETS_MAX];
    unsigned n = 1;
    enum err e;
    if (type == FLV_VIDEO ? head & 0x80 : head >> 4 == AUDIO_EX) {
        e = read_enhanced_message(&c, head, p, packets, &n);
    } else {
        e = type == FLV_VIDEO ? legacy_video(&c, head, &p) : legacy_audio(&c, head, &p);
        packets[0] = p;
    }
    if (e)
        return e;
    memcpy(ret_packets, packets, n * sizeof *packets);
    *ret_n = n;
    return ERR_OK;
}
