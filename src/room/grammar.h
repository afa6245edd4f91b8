/*
 * grammar - what a comment orders: keyword orders (喊單, CF) in Chinese, Thai and plain codes.
 *
 * Shape:   grammar_make() prepares the listings of a show once: codes, options, aliases, all folded
 *          as comments are. grammar_read() then reads thousands of comments against it.
 *          A reading is sure (add, sub, cancel, queue) only when every word of the comment is
 *          understood; an order with something else in it is GRAMMAR_REVIEW, for a person to
 *          decide; chat, questions and mentions read as nothing.
 * Limits:  past those below a listing is refused by grammar_make(), a comment reads as nothing.
 * Memory:  a grammar is one heap object with its own copies; a reading is the caller's, and
 *          grammar_read() allocates nothing.
 * Thread:  any; a grammar does not change once made. No database, no clock.
 * Source:  docs/guides/keyword-orders.md
 */
#pragma once
#include "base/cx.h"
#include <jansson.h>
#include <stddef.h>

enum {
    GRAMMAR_TEXT_MAX = 500, /* characters of a comment */
    GRAMMAR_LISTINGS_MAX = 300,
    GRAMMAR_OPTIONS_MAX = 3, /* of a listing */
    GRAMMAR_VALUES_MAX = 30, /* of an option */
    GRAMMAR_WORDS_MAX = 11,  /* of a value: its name and ten aliases */
    GRAMMAR_WORD_CHARS = 40, /* longer words are never found in comments */
    GRAMMAR_CODE_CHARS = 16, /* of a code */
    GRAMMAR_KEY_SIZE = 4 * GRAMMAR_CODE_CHARS + 1,
    GRAMMAR_ITEMS_MAX = 20, /* of one comment; more are left out */
    GRAMMAR_QTY_MAX = 9999,
    GRAMMAR_NONE = -1
};

/* words[0] is the name of the value, the rest its aliases. */
struct grammar_value {
    const char *const *words;
    size_t count;
};
struct grammar_option {
    const struct grammar_value *values;
    size_t count;
};
/* No options: the product has one variant. */
struct grammar_listing {
    const char *code;
    const struct grammar_option *options;
    size_t count;
};

struct grammar;

/*
 * ERR_INPUT  past a limit
 * ERR_NO_MEMORY
 * A code that is no key (grammar_code_key()), or the key of an earlier listing, is never found in
 * comments; its listing can still be pinned.
 */
enum err grammar_make(const struct grammar_listing *listings, size_t n,
                      struct grammar **ret_grammar) NODISCARD;
void grammar_free(struct grammar *g); /* NULL is fine */

/*
 * A code as it is compared: "Ａ１２" and "a 12" are "a12". Unique in a show (listing.code_key).
 * ERR_INPUT: longer than GRAMMAR_CODE_CHARS, nothing but letters and digits of any script may be
 * in it, or it is a word of the grammar itself ("CF", "CC", "要").
 */
enum err grammar_code_key(const char *code, char ret_key[GRAMMAR_KEY_SIZE]) NODISCARD;

enum grammar_op {
    GRAMMAR_ADD,
    GRAMMAR_SUB,    /* A12-1: so many fewer */
    GRAMMAR_CANCEL, /* CC A12: all of it; qty is 0 */
    GRAMMAR_QUEUE,  /* CF2: one, or a place in the waiting list */
    GRAMMAR_REVIEW  /* not sure: listing, values and qty are what to suggest */
};
/* "add", "sub", "cancel", "queue", "review" */
const char *grammar_op_name(enum grammar_op op);

struct grammar_item {
    enum grammar_op op;
    int listing;                    /* index in what grammar_make() was given */
    int value[GRAMMAR_OPTIONS_MAX]; /* index in each option's values, GRAMMAR_NONE: not said */
    bool all;                       /* 包: one of each variant that has the values said */
    bool need_option;               /* add, queue, review: which variant is not said */
    int qty;                        /* 1..GRAMMAR_QTY_MAX */
};
/* No two items have the same op, listing, values and all. */
struct grammar_reading {
    struct grammar_item items[GRAMMAR_ITEMS_MAX];
    size_t count;
};

/*
 * `text` is a comment, UTF-8 (anything else reads as nothing). `pinned` is the index of the pinned
 * listing if its window is open, else GRAMMAR_NONE: what "+1" and "CF" mean.
 */
void grammar_read(const struct grammar *g, const char *text, int pinned,
                  struct grammar_reading *ret_reading);

/* ---- over JSON ---- */

/*
 * The options of a product as stored, [{"name": "color", "values": [["黑", "black"], ["白"]]}],
 * into a listing; its texts belong to `options` and the arena. A value may also be a plain text.
 * ERR_INPUT: not of this form, or past a limit.
 */
enum err grammar_listing_json(struct cx *cx, const char *code, const json_t *options,
                              struct grammar_listing *ret_listing) NODISCARD;
/* {"items": [{"op", "code" or "suggest", "options", "qty", "need_option"}]}; NULL: no memory. */
json_t *grammar_reading_json(const struct grammar_listing *listings,
                             const struct grammar_reading *r);
