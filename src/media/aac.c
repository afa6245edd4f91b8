#include "media/aac.h"
#include "media/bits_in.h"

#include <stdio.h>
#include <string.h>

enum { AAC_MAIN = 1, AAC_LC = 2, AAC_SSR = 3, AAC_LTP = 4, AAC_SBR = 5, AAC_PS = 29 };

static unsigned read_object_type(struct bits *b)
{
    unsigned type = bits_get(b, 5);
    return type == 31 ? 32 + bits_get(b, 6) : type;
}

/* 0: a reserved index or a rate nobody sends. */
static unsigned read_rate(struct bits *b)
{
    static const unsigned rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                     22050, 16000, 12000, 11025, 8000,  7350};
    unsigned index = bits_get(b, 4);
    if (index == 15) {
        unsigned hz = bits_get(b, 24);
        return hz >= 7350 && hz <= 192000 ? hz : 0;
    }
    return index < sizeof rates / sizeof rates[0] ? rates[index] : 0;
}

/* SBR and PS said behind the config, where old decoders do not look (1.6.2.1, syncExtensionType).
 */
static void read_tail(struct bits *b, struct aac_config *c)
{
    if (b->n - b->at < 16 || bits_get(b, 11) != 0x2b7 || read_object_type(b) != AAC_SBR)
        return;
    if (!bits_flag(b))
        return;
    unsigned hz = read_rate(b);
    if (!b->over && hz)
        c->out_hz = hz;
}

enum err aac_read_config(const uint8_t *data, size_t len, struct aac_config *ret_config)
{
    static const uint8_t channels[] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8, 0};
    if (len < 2 || len > AAC_CONFIG_MAX)
        return ERR_INPUT;
    struct bits b;
    bits_init(&b, data, len);
    struct aac_config c = {.len = len};
    unsigned core = c.object_type = read_object_type(&b);
    c.sample_hz = c.out_hz = read_rate(&b);
    c.channels = channels[bits_get(&b, 4)];
    if (core == AAC_SBR || core == AAC_PS) {
        c.out_hz = read_rate(&b);
        core = read_object_type(&b);
    }
    bool short_frames = bits_flag(&b); /* GASpecificConfig: frameLengthFlag */
    if (bits_flag(&b))
        (void)bits_get(&b, 14); /* coreCoderDelay */
    (void)bits_flag(&b);        /* extensionFlag */
    if (b.over || !c.sample_hz || !c.out_hz)
        return ERR_INPUT;
    if (core < AAC_MAIN || core > AAC_LTP || core == AAC_SSR || !c.channels)
        return ERR_MEDIA_TYPE;
    c.frame_samples = short_frames ? 960 : 1024;
    if (c.object_type == core)
        read_tail(&b, &c);
    memcpy(c.asc, data, len);
    *ret_config = c;
    return ERR_OK;
}

void aac_codecs(const struct aac_config *config, char ret_text[12])
{
    (void)snprintf(ret_text, 12, "mp4a.40.%u", config->object_type % 100);
}
