/*
 * terms - text cut into the words that search compares. Private to catalog.
 *
 * Shape:   NFKC and case folded, decimal digits of any script made ASCII. Words by ICU's rules,
 * with its dictionary for Thai. Han and kana text has no words here: an index gets its single
 *          characters and its pairs, a question the pairs (or the character, if it is one alone).
 *          A title's Latin words are indexed with their beginnings too: "canvas", "canva*", …
 * Memory:  the terms lie in the list's arena. At most `max` of them; what is more is left out.
 * Thread:  any. Slow (it asks a dictionary): never inside a job.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

struct arena;

enum { TERM_BYTES_MAX = 96, TERM_TEXT_MAX = 20000, QUERY_TERMS_MAX = 8 };

enum term_use {
    TERM_TITLE, /* words and beginnings */
    TERM_BODY,  /* words alone, worth less */
    TERM_QUERY, /* pairs and words, no beginnings */
};

struct term {
    const char *text;
    int64_t weight;
};

struct term_list {
    struct arena *arena;
    struct term *items;
    size_t count, max;
};

/* ERR_NO_MEMORY */
enum err terms_init(struct term_list *l, struct arena *arena, size_t max) NODISCARD;

/*
 * Add the terms of `text`; one that is there already keeps the greater weight. Bytes past
 * TERM_TEXT_MAX and what is not UTF-8 are left out. ERR_NO_MEMORY
 */
enum err terms_add(struct term_list *l, const char *text, enum term_use use) NODISCARD;

/* As a SKU is: one word without white space and '*', with its beginnings; and its parts. */
enum err terms_add_code(struct term_list *l, const char *text) NODISCARD;
