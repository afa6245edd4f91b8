#include "media/bits_in.h"
#include "media/h264.h"

enum { SPS_BYTES_MAX = 1024, SIDE_MBS_MAX = H264_SIDE_MAX / 16, BASELINE = 66 };

/* Take the emulation prevention bytes out (7.4.1). */
static size_t unescape(const uint8_t *nal, size_t len, uint8_t out[SPS_BYTES_MAX])
{
    size_t n = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < len && n < SPS_BYTES_MAX; i++) {
        if (zeros >= 2 && nal[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = nal[i] ? 0 : zeros + 1;
        out[n++] = nal[i];
    }
    return n;
}

static void skip_scaling_list(struct bits *b, unsigned size)
{
    int32_t last = 8, next = 8;
    for (unsigned i = 0; i < size && !b->over; i++) {
        if (next)
            next = (last + bits_se(b) % 256 + 256) % 256;
        last = next ? next : last;
    }
}

static bool has_chroma_fields(unsigned profile)
{
    static const uint8_t with[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof with; i++)
        if (profile == with[i])
            return true;
    return false;
}

/* Returns ChromaArrayType, which says in which steps the picture is cropped. */
static unsigned read_chroma(struct bits *b, bool *ret_rich)
{
    unsigned format = bits_ue(b);
    bool separate = format == 3 && bits_flag(b);
    unsigned luma_more = bits_ue(b), chroma_more = bits_ue(b); /* bits than 8 */
    *ret_rich = format > 1 || luma_more || chroma_more;
    (void)bits_flag(b); /* qpprime_y_zero_transform_bypass_flag */
    if (bits_flag(b))
        for (unsigned i = 0; i < (format == 3 ? 12U : 8U); i++)
            if (bits_flag(b))
                skip_scaling_list(b, i < 6 ? 16 : 64);
    return separate ? 0 : format;
}

static unsigned skip_picture_order(struct bits *b)
{
    unsigned type = bits_ue(b);
    if (type == 0) {
        (void)bits_ue(b); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        (void)bits_flag(b);
        (void)bits_se(b);
        (void)bits_se(b);
        unsigned n = bits_ue(b);
        if (n > 255)
            b->over = true;
        for (unsigned i = 0; i < n && !b->over; i++)
            (void)bits_se(b);
    }
    return type;
}

static enum err read_size(struct bits *b, unsigned chroma, struct h264_sps *s)
{
    uint32_t mbs_wide = bits_ue(b) + 1;
    uint32_t units_high = bits_ue(b) + 1;
    bool frames_only = bits_flag(b);
    if (!frames_only)
        (void)bits_flag(b); /* mb_adaptive_frame_field_flag */
    (void)bits_flag(b);     /* direct_8x8_inference_flag */
    uint32_t crop[4] = {0}; /* left, right, top, bottom */
    if (bits_flag(b))
        for (int i = 0; i < 4; i++)
            crop[i] = bits_ue(b);
    if (b->over || !mbs_wide || !units_high)
        return ERR_INPUT;
    if (mbs_wide > SIDE_MBS_MAX || units_high > SIDE_MBS_MAX)
        return ERR_MEDIA_TYPE;
    uint32_t fields = frames_only ? 1 : 2;
    uint32_t step_x = chroma == 1 || chroma == 2 ? 2 : 1;
    uint32_t step_y = (chroma == 1 ? 2 : 1) * fields;
    uint64_t cut_x = ((uint64_t)crop[0] + crop[1]) * step_x;
    uint64_t cut_y = ((uint64_t)crop[2] + crop[3]) * step_y;
    uint64_t wide = (uint64_t)mbs_wide * 16, high = (uint64_t)units_high * 16 * fields;
    if (cut_x >= wide || cut_y >= high)
        return ERR_INPUT;
    if (high > H264_SIDE_MAX)
        return ERR_MEDIA_TYPE;
    s->width = (unsigned)(wide - cut_x);
    s->height = (unsigned)(high - cut_y);
    return ERR_OK;
}

static void read_sample_aspect(struct bits *b, struct h264_sps *s)
{
    static const uint8_t table[][2] = {{1, 1},   {1, 1},    {12, 11}, {10, 11}, {16, 11}, {40, 33},
                                       {24, 11}, {20, 11},  {32, 11}, {80, 33}, {18, 11}, {15, 11},
                                       {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1}};
    unsigned idc = bits_get(b, 8);
    unsigned num = 1, den = 1;
    if (idc == 255) {
        num = bits_get(b, 16);
        den = bits_get(b, 16);
    } else if (idc < sizeof table / sizeof table[0]) {
        num = table[idc][0];
        den = table[idc][1];
    }
    if (num && den && !b->over) {
        s->sar_num = num;
        s->sar_den = den;
    }
}

static void skip_hrd(struct bits *b)
{
    unsigned n = bits_ue(b) + 1;
    if (n > 32)
        b->over = true;
    (void)bits_get(b, 8); /* bit_rate_scale, cpb_size_scale */
    for (unsigned i = 0; i < n && !b->over; i++) {
        (void)bits_ue(b);
        (void)bits_ue(b);
        (void)bits_flag(b);
    }
    (void)bits_get(b, 20); /* four fields of 5 bits */
}

static void read_timing(struct bits *b, struct h264_sps *s)
{
    uint32_t units = bits_get(b, 32), scale = bits_get(b, 32);
    bool fixed = bits_flag(b);
    /* A tick is a field: two make a frame. 1..300 frames per second are believed. */
    if (b->over || !units || !scale || scale / 2 / units > 300 || (uint64_t)units * 2 > scale)
        return;
    s->fps_num = scale;
    s->fps_den = units * 2;
    s->fixed_rate = fixed;
}

static void read_vui(struct bits *b, struct h264_sps *s)
{
    if (bits_flag(b))
        read_sample_aspect(b, s);
    if (bits_flag(b))
        (void)bits_flag(b); /* overscan_appropriate_flag */
    if (bits_flag(b)) {
        (void)bits_get(b, 4); /* video_format, video_full_range_flag */
        if (bits_flag(b))
            (void)bits_get(b, 24); /* colours */
    }
    if (bits_flag(b)) {
        (void)bits_ue(b); /* chroma sample locations */
        (void)bits_ue(b);
    }
    if (bits_flag(b))
        read_timing(b, s);
    bool nal_hrd = bits_flag(b);
    if (nal_hrd)
        skip_hrd(b);
    bool vcl_hrd = bits_flag(b);
    if (vcl_hrd)
        skip_hrd(b);
    if (nal_hrd || vcl_hrd)
        (void)bits_flag(b); /* low_delay_hrd_flag */
    (void)bits_flag(b);     /* pic_struct_present_flag */
    if (!bits_flag(b))
        return;
    (void)bits_flag(b); /* motion_vectors_over_pic_boundaries_flag */
    for (int i = 0; i < 4; i++)
        (void)bits_ue(b);
    unsigned reordered = bits_ue(b);
    if (!b->over)
        s->reorders = reordered > 0;
}

enum err h264_read_sps(const uint8_t *nal, size_t len, struct h264_sps *ret_sps)
{
    if (len < 5 || len > SPS_BYTES_MAX || (nal[0] & 0x1f) != H264_NAL_SPS)
        return ERR_INPUT;
    uint8_t rbsp[SPS_BYTES_MAX];
    struct bits b;
    bits_init(&b, rbsp, unescape(nal + 1, len - 1, rbsp));

    struct h264_sps s = {.sar_num = 1, .sar_den = 1};
    s.profile = (uint8_t)bits_get(&b, 8);
    s.constraints = (uint8_t)bits_get(&b, 8);
    s.level = (uint8_t)bits_get(&b, 8);
    if (bits_ue(&b) > 31) /* seq_parameter_set_id */
        return ERR_INPUT;
    unsigned chroma = has_chroma_fields(s.profile) ? read_chroma(&b, &s.rich) : 1;
    if (chroma > 3)
        return ERR_INPUT;
    (void)bits_ue(&b); /* log2_max_frame_num_minus4 */
    unsigned order = skip_picture_order(&b);
    (void)bits_ue(&b);   /* max_num_ref_frames */
    (void)bits_flag(&b); /* gaps_in_frame_num_value_allowed_flag */
    enum err e = read_size(&b, chroma, &s);
    if (e)
        return e;
    s.reorders = s.profile != BASELINE && order != 2;
    /* A VUI that is cut short costs what it would have told, not the stream. */
    if (bits_flag(&b))
        read_vui(&b, &s);
    *ret_sps = s;
    return ERR_OK;
}
