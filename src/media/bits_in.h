/*
 * bits - reading a bit string that ends: SPS and AudioSpecificConfig. Private to media.
 *
 * Errors: past the end every read gives 0 and `over` stays set: read freely, look once.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
    const uint8_t *data;
    size_t n, at; /* in bits */
    bool over;
};

void bits_init(struct bits *b, const uint8_t *data, size_t len_bytes);
/* The next `n` bits, at most 32. */
uint32_t bits_get(struct bits *b, unsigned n);
bool bits_flag(struct bits *b);
/* Exp-Golomb, H.264 9.1; a code of more than 32 leading zeros sets `over`. */
uint32_t bits_ue(struct bits *b);
int32_t bits_se(struct bits *b);
