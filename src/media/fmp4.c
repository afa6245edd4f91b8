#include "media/fmp4.h"
#include "base/bytes.h"

#include <assert.h>
#include <string.h>

/* ISO/IEC 14496-12 8.8.7, 8.8.8 */
enum {
    TFHD_DURATION = 0x8,
    TFHD_FLAGS = 0x20,
    TFHD_BASE_IS_MOOF = 0x20000,
    TRUN_OFFSET = 0x1,
    TRUN_FIRST_FLAGS = 0x4,
    TRUN_DURATION = 0x100,
    TRUN_SIZE = 0x200,
    TRUN_FLAGS = 0x400,
    TRUN_CTS = 0x800,
};
enum { SAMPLE_KEY = 0x2000000, SAMPLE_OTHER = 0x1010000 };
enum { BOX = 8, FULL_BOX = 12, MFHD = FULL_BOX + 4, TFDT = FULL_BOX + 8, MDAT_HEAD = BOX };

struct out {
    uint8_t *at;
};

static void be32(struct out *o, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *o->at++ = (uint8_t)(v >> shift);
}

static void be64(struct out *o, uint64_t v)
{
    be32(o, (uint32_t)(v >> 32));
    be32(o, (uint32_t)v);
}

static void box(struct out *o, size_t size, const char type[4])
{
    be32(o, (uint32_t)size);
    memcpy(o->at, type, 4);
    o->at += 4;
}

static void full_box(struct out *o, size_t size, const char type[4], unsigned version,
                     uint32_t flags)
{
    box(o, size, type);
    be32(o, (uint32_t)version << 24 | flags);
}

/* What all samples of a track have in common is said once. */
struct shape {
    uint32_t tfhd_flags, trun_flags;
    size_t tfhd_size, trun_size, traf_size;
};

static struct shape shape_of(const struct fmp4_track *t)
{
    bool same_duration = true, cts = false, only_first_key = true;
    for (unsigned i = 0; i < t->n; i++) {
        same_duration &= t->samples[i].duration == t->samples[0].duration;
        cts |= t->samples[i].cts != 0;
        only_first_key &= i == 0 || t->samples[i].key == t->samples[t->n - 1].key;
    }
    struct shape s = {.tfhd_flags = TFHD_BASE_IS_MOOF, .trun_flags = TRUN_OFFSET | TRUN_SIZE};
    s.tfhd_size = FULL_BOX + 4;
    s.trun_size = FULL_BOX + 4 + 4;
    size_t per_sample = 4;
    if (same_duration) {
        s.tfhd_flags |= TFHD_DURATION;
        s.tfhd_size += 4;
    } else {
        s.trun_flags |= TRUN_DURATION;
        per_sample += 4;
    }
    if (only_first_key) {
        s.tfhd_flags |= TFHD_FLAGS;
        s.trun_flags |= TRUN_FIRST_FLAGS;
        s.tfhd_size += 4;
        s.trun_size += 4;
    } else {
        s.trun_flags |= TRUN_FLAGS;
        per_sample += 4;
    }
    if (cts) {
        s.trun_flags |= TRUN_CTS;
        per_sample += 4;
    }
    s.trun_size += per_sample * t->n;
    s.traf_size = BOX + s.tfhd_size + TFDT + s.trun_size;
    return s;
}

static uint32_t flags_of(const struct fmp4_sample *s)
{
    return s->key ? SAMPLE_KEY : SAMPLE_OTHER;
}

static void put_traf(struct out *o, const struct fmp4_track *t, const struct shape *s,
                     size_t data_offset)
{
    box(o, s->traf_size, "traf");
    full_box(o, s->tfhd_size, "tfhd", 0, s->tfhd_flags);
    be32(o, t->id);
    if (s->tfhd_flags & TFHD_DURATION)
        be32(o, t->samples[0].duration);
    if (s->tfhd_flags & TFHD_FLAGS)
        be32(o, flags_of(&t->samples[t->n - 1]));
    full_box(o, TFDT, "tfdt", 1, 0);
    be64(o, t->dts);
    full_box(o, s->trun_size, "trun", 1, s->trun_flags);
    be32(o, t->n);
    be32(o, (uint32_t)data_offset);
    if (s->trun_flags & TRUN_FIRST_FLAGS)
        be32(o, flags_of(&t->samples[0]));
    for (unsigned i = 0; i < t->n; i++) {
        const struct fmp4_sample *x = &t->samples[i];
        if (s->trun_flags & TRUN_DURATION)
            be32(o, x->duration);
        be32(o, x->size);
        if (s->trun_flags & TRUN_FLAGS)
            be32(o, flags_of(x));
        if (s->trun_flags & TRUN_CTS)
            be32(o, (uint32_t)x->cts);
    }
}

enum err fmp4_part(uint32_t sequence, const struct fmp4_track *tracks, unsigned n,
                   struct bytes **ret_part)
{
    assert(n <= 2);
    struct shape shapes[2];
    size_t moof = BOX + MFHD, data = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!tracks[i].n)
            continue;
        shapes[i] = shape_of(&tracks[i]);
        moof += shapes[i].traf_size;
        data += tracks[i].len;
    }
    if (moof + MDAT_HEAD + data > FMP4_PART_MAX)
        return ERR_NO_MEMORY;
    struct bytes *part = bytes_make(NULL, moof + MDAT_HEAD + data);
    if (!part)
        return ERR_NO_MEMORY;
    struct out o = {.at = part->data};
    box(&o, moof, "moof");
    full_box(&o, MFHD, "mfhd", 0, 0);
    be32(&o, sequence);
    size_t offset = moof + MDAT_HEAD;
    for (unsigned i = 0; i < n; i++) {
        if (!tracks[i].n)
            continue;
        put_traf(&o, &tracks[i], &shapes[i], offset);
        offset += tracks[i].len;
    }
    box(&o, MDAT_HEAD + data, "mdat");
    for (unsigned i = 0; i < n; i++) {
        if (!tracks[i].n)
            continue;
        memcpy(o.at, tracks[i].data, tracks[i].len);
        o.at += tracks[i].len;
    }
    assert(o.at == part->data + part->len);
    *ret_part = part;
    return ERR_OK;
}
