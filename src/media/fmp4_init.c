#include "base/buf.h"
#include "base/bytes.h"
#include "media/aac.h"
#include "media/fmp4.h"
#include "media/h264.h"

#include <string.h>

enum { INIT_MAX = 16 << 10 };

/* A box under construction: its size is written when it ends. */
static size_t begin(struct buf *b, const char type[4])
{
    size_t at = b->len;
    buf_be32(b, 0);
    buf_add(b, type, 4);
    return at;
}

static size_t begin_full(struct buf *b, const char type[4], unsigned version, uint32_t flags)
{
    size_t at = begin(b, type);
    buf_u8(b, version);
    buf_be24(b, flags);
    return at;
}

static void end(struct buf *b, size_t at)
{
    if (b->failed)
        return;
    size_t size = b->len - at;
    for (unsigned i = 0; i < 4; i++)
        b->data[at + i] = (char)(unsigned char)(size >> (24 - 8 * i));
}

static void zeros(struct buf *b, unsigned n)
{
    while (n--)
        buf_u8(b, 0);
}

static void put_matrix(struct buf *b)
{
    static const uint32_t unity[] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (size_t i = 0; i < sizeof unity / sizeof unity[0]; i++)
        buf_be32(b, unity[i]);
}

static void put_ftyp(struct buf *b)
{
    size_t ftyp = begin(b, "ftyp");
    buf_add(b, "iso6", 4);
    buf_be32(b, 0);
    buf_add(b, "iso6cmfcmp41", 12);
    end(b, ftyp);
}

static void put_mvhd(struct buf *b, unsigned next_track)
{
    size_t mvhd = begin_full(b, "mvhd", 0, 0);
    zeros(b, 8); /* made, changed */
    buf_be32(b, 1000);
    buf_be32(b, 0); /* duration: in the fragments */
    buf_be32(b, 0x10000);
    buf_be16(b, 0x100);
    zeros(b, 10);
    put_matrix(b);
    zeros(b, 24);
    buf_be32(b, next_track);
    end(b, mvhd);
}

struct track {
    unsigned id, timescale;
    const struct h264_config *video; /* one of the two */
    const struct aac_config *audio;
};

static void put_tkhd(struct buf *b, const struct track *t)
{
    size_t tkhd = begin_full(b, "tkhd", 0, 3); /* enabled, in movie */
    zeros(b, 8);
    buf_be32(b, t->id);
    zeros(b, 4 + 4 + 8); /* reserved, duration, reserved */
    buf_be16(b, 0);      /* layer */
    buf_be16(b, t->audio ? 1 : 0);
    buf_be16(b, t->audio ? 0x100 : 0);
    buf_be16(b, 0);
    put_matrix(b);
    uint64_t wide = 0, high = 0;
    if (t->video) {
        const struct h264_sps *s = &t->video->sps;
        wide = (uint64_t)s->width * 0x10000 * s->sar_num / s->sar_den;
        high = (uint64_t)s->height * 0x10000;
    }
    buf_be32(b, wide < UINT32_MAX ? (uint32_t)wide : UINT32_MAX);
    buf_be32(b, (uint32_t)high);
    end(b, tkhd);
}

static void put_avc1(struct buf *b, const struct h264_config *c)
{
    size_t avc1 = begin(b, "avc1");
    zeros(b, 6);
    buf_be16(b, 1); /* data_reference_index */
    zeros(b, 16);
    buf_be16(b, c->sps.width);
    buf_be16(b, c->sps.height);
    buf_be32(b, 0x480000); /* 72 dpi */
    buf_be32(b, 0x480000);
    zeros(b, 4);
    buf_be16(b, 1); /* frames per sample */
    zeros(b, 32);   /* compressor name */
    buf_be16(b, 0x18);
    buf_be16(b, 0xffff);
    size_t avcc = begin(b, "avcC");
    buf_add(b, c->avcc, c->len);
    end(b, avcc);
    if (c->sps.sar_num != c->sps.sar_den) {
        size_t pasp = begin(b, "pasp");
        buf_be32(b, c->sps.sar_num);
        buf_be32(b, c->sps.sar_den);
        end(b, pasp);
    }
    end(b, avc1);
}

/* An MPEG-4 descriptor's tag and length; all of ours are below 128 bytes. */
static void put_descriptor(struct buf *b, unsigned tag, size_t len)
{
    buf_u8(b, tag);
    buf_u8(b, (unsigned)len);
}

static void put_esds(struct buf *b, const struct aac_config *c)
{
    size_t esds = begin_full(b, "esds", 0, 0);
    put_descriptor(b, 3, 3 + 2 + 13 + 2 + c->len + 2 + 1);
    buf_be16(b, FMP4_TRACK_AUDIO);
    buf_u8(b, 0);
    put_descriptor(b, 4, 13 + 2 + c->len);
    buf_u8(b, 0x40); /* MPEG-4 audio */
    buf_u8(b, 0x15); /* audio stream */
    buf_be24(b, 0);
    buf_be32(b, 0); /* peak and average rate: unknown */
    buf_be32(b, 0);
    put_descriptor(b, 5, c->len);
    buf_add(b, c->asc, c->len);
    put_descriptor(b, 6, 1);
    buf_u8(b, 2);
    end(b, esds);
}

static void put_mp4a(struct buf *b, const struct aac_config *c)
{
    size_t mp4a = begin(b, "mp4a");
    zeros(b, 6);
    buf_be16(b, 1);
    zeros(b, 8);
    buf_be16(b, c->channels);
    buf_be16(b, 16);
    zeros(b, 4);
    buf_be32(b, c->sample_hz < 0x10000 ? (uint32_t)c->sample_hz << 16 : 0);
    put_esds(b, c);
    end(b, mp4a);
}

static void put_sample_tables(struct buf *b, const struct track *t)
{
    size_t stbl = begin(b, "stbl");
    size_t stsd = begin_full(b, "stsd", 0, 0);
    buf_be32(b, 1);
    if (t->video)
        put_avc1(b, t->video);
    else
        put_mp4a(b, t->audio);
    end(b, stsd);
    static const char empty[][5] = {"stts", "stsc", "stco"};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        size_t box = begin_full(b, empty[i], 0, 0);
        buf_be32(b, 0);
        end(b, box);
    }
    size_t stsz = begin_full(b, "stsz", 0, 0);
    zeros(b, 8);
    end(b, stsz);
    end(b, stbl);
}

static void put_minf(struct buf *b, const struct track *t)
{
    size_t minf = begin(b, "minf");
    size_t head = t->video ? begin_full(b, "vmhd", 0, 1) : begin_full(b, "smhd", 0, 0);
    zeros(b, t->video ? 8 : 4);
    end(b, head);
    size_t dinf = begin(b, "dinf");
    size_t dref = begin_full(b, "dref", 0, 0);
    buf_be32(b, 1);
    size_t url = begin_full(b, "url ", 0, 1); /* in this file */
    end(b, url);
    end(b, dref);
    end(b, dinf);
    put_sample_tables(b, t);
    end(b, minf);
}

static void put_trak(struct buf *b, const struct track *t)
{
    size_t trak = begin(b, "trak");
    put_tkhd(b, t);
    size_t mdia = begin(b, "mdia");
    size_t mdhd = begin_full(b, "mdhd", 0, 0);
    zeros(b, 8);
    buf_be32(b, t->timescale);
    buf_be32(b, 0);
    buf_be16(b, 0x55c4); /* "und" */
    buf_be16(b, 0);
    end(b, mdhd);
    size_t hdlr = begin_full(b, "hdlr", 0, 0);
    zeros(b, 4);
    buf_add(b, t->video ? "vide" : "soun", 4);
    zeros(b, 12 + 1); /* reserved, an empty name */
    end(b, hdlr);
    put_minf(b, t);
    end(b, mdia);
    end(b, trak);
}

static void put_trex(struct buf *b, unsigned id)
{
    size_t trex = begin_full(b, "trex", 0, 0);
    buf_be32(b, id);
    buf_be32(b, 1);
    zeros(b, 12);
    end(b, trex);
}

enum err fmp4_init(const struct h264_config *video, const struct aac_config *audio,
                   struct bytes **ret_init)
{
    struct buf b;
    buf_init(&b, INIT_MAX);
    put_ftyp(&b);
    size_t moov = begin(&b, "moov");
    put_mvhd(&b, FMP4_TRACK_AUDIO + 1);
    if (video)
        put_trak(&b,
                 &(struct track){.id = FMP4_TRACK_VIDEO, .timescale = MEDIA_HZ, .video = video});
    if (audio)
        put_trak(&b, &(struct track){
                         .id = FMP4_TRACK_AUDIO, .timescale = audio->sample_hz, .audio = audio});
    size_t mvex = begin(&b, "mvex");
    if (video)
        put_trex(&b, FMP4_TRACK_VIDEO);
    if (audio)
        put_trex(&b, FMP4_TRACK_AUDIO);
    end(&b, mvex);
    end(&b, moov);
    enum err e = buf_err(&b);
    struct bytes *init = e ? NULL : bytes_make(b.data, b.len);
    buf_done(&b);
    if (!init)
        return ERR_NO_MEMORY;
    *ret_init = init;
    return ERR_OK;
}
