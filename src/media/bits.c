#include "media/bits_in.h"

void bits_init(struct bits *b, const uint8_t *data, size_t len_bytes)
{
    *b = (struct bits){.data = data, .n = len_bytes * 8};
}

uint32_t bits_get(struct bits *b, unsigned n)
{
    if (n > 32 || n > b->n - b->at) {
        b->over = true;
        b->at = b->n;
        return 0;
    }
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++, b->at++)
        v = v << 1 | ((unsigned)b->data[b->at / 8] >> (7 - b->at % 8) & 1U);
    return v;
}

bool bits_flag(struct bits *b)
{
    return bits_get(b, 1) != 0;
}

uint32_t bits_ue(struct bits *b)
{
    unsigned zeros = 0;
    while (!b->over && !bits_flag(b))
        zeros++;
    if (zeros > 31)
        b->over = true;
    if (b->over)
        return 0;
    return (uint32_t)((1ULL << zeros) - 1 + bits_get(b, zeros));
}

int32_t bits_se(struct bits *b)
{
    uint32_t k = bits_ue(b);
    int64_t half = ((int64_t)k + 1) / 2;
    return (int32_t)(k & 1 ? half : -half);
}
