/* grammar, inside: folded text, sorted word lists, and the words of the grammar itself. */
#pragma once
#include "room/grammar.h"
#include <stdint.h>

enum {
    GRAMMAR_FOLDED_MAX = 2048, /* characters of a folded comment */
    GRAMMAR_LISTING_WORDS_MAX = GRAMMAR_OPTIONS_MAX * GRAMMAR_VALUES_MAX * GRAMMAR_WORDS_MAX
};

/* ---- grammar_text.c ---- */

/*
 * Text made comparable, as characters: NFKC, case folded, every digit 0-9, signs that mean the same
 * made one ("＋", "➕" are '+'; "、" and new lines are ','), emoji, brackets and other signs made a
 * space, a Thai or Chinese letter said three times or more said once, spaces single, none at the
 * ends. Folding again changes nothing. *ret_len is 0 for text with nothing in it.
 * ERR_INPUT: not UTF-8, or more than `max` characters come of it.
 */
enum err grammar_fold(const char *text, uint32_t *out, size_t max, size_t *ret_len) NODISCARD;

static inline bool grammar_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}
static inline bool grammar_is_latin(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

/* ---- grammar_words.c ---- */

/* Words sorted by their text, found as the longest one at a place of a text. */
struct lexicon_word {
    const uint32_t *text;
    uint16_t len;
    int16_t a, b; /* what it stands for */
};
struct lexicon {
    struct lexicon_word *words;
    size_t count;
    uint64_t first[4]; /* bit set: some word begins with a character of this low byte */
};
/* Sort, drop what is there twice (the one added first stays). */
void lexicon_seal(struct lexicon *l);
/*
 * The longest word at s[0], or NULL. A word does not end where its script goes on: between two
 * Latin letters or two digits.
 */
const struct lexicon_word *lexicon_find(const struct lexicon *l, const uint32_t *s, size_t n);

/* The words of the grammar: lexicon_word.a is one of these. */
enum grammar_word {
    WORD_VERB,     /* 我要 */
    WORD_SOFT,     /* 要: a verb that alone may be an answer */
    WORD_CANCEL,   /* CC */
    WORD_NOT,      /* 不要: nothing is ordered */
    WORD_QUESTION, /* 多少 */
    WORD_PLUS,     /* 加, before a number */
    WORD_ALL,      /* 包; b is 1 if it is a unit too */
    WORD_UNIT,     /* 件, after a number */
    WORD_EACH,     /* 各, before a number */
    WORD_NUMBER,   /* 兩: b is its value */
    WORD_FILL      /* ค่ะ: nothing */
};
/* Made at the first call. */
const struct lexicon *grammar_words(void);

/* ---- grammar.c ---- */

struct prepared {
    struct lexicon words; /* a: option, b: value */
    size_t options;
    size_t values[GRAMMAR_OPTIONS_MAX]; /* count */
};
struct grammar {
    size_t count;
    struct prepared *listings;
    struct lexicon codes; /* a: listing */
};

/* ---- reading: grammar_read.c, grammar_item.c ---- */

/* An item as it is read. */
struct found {
    struct grammar_item item;
    bool coded;       /* its code, or one like it, was said */
    bool guess;       /* ... one like it */
    bool spec;        /* some value, or 包, was said */
    bool qty_said;    /* by a number */
    bool verb;        /* somebody wants it */
    bool soft;        /* may be no order: for a person to decide */
    bool drop;        /* of a quantity that is none */
    bool loose;       /* no quantity, and another value follows: 黑 in 黑白各1 */
    size_t value_end; /* where its last value ended */
};

enum { GRAMMAR_FOUND_MAX = 48, GRAMMAR_BARE_MAX = 20 };

struct scan {
    const struct grammar *g;
    const uint32_t *s; /* folded */
    size_t n, at;
    int context;          /* the listing of values without a code, or GRAMMAR_NONE */
    bool verb, hard_verb; /* said; one that alone is an order */
    bool cancel;          /* what follows is cancelled */
    bool unknown, unsure; /* something was not understood; was, but in more than one way */
    int before;           /* a quantity said before its item, or 0 */
    size_t unknown_from, unknown_end; /* of the last thing not understood */
    size_t no_end;                    /* where the last "no" ended */
    struct found found[GRAMMAR_FOUND_MAX];
    size_t count;
};

struct number {
    int value; /* past GRAMMAR_QTY_MAX: some number that is */
    size_t end;
};

/* At `at` of the text; none of them moves. */
size_t scan_space(const struct scan *sc, size_t at); /* past spaces */
const struct lexicon_word *scan_word(const struct scan *sc, size_t at);
const struct lexicon_word *scan_value(const struct scan *sc, int listing, size_t at);
/* The listing whose code is at `at`, GRAMMAR_NONE: none. */
int scan_code(const struct scan *sc, size_t at, size_t *ret_end);
bool scan_number(const struct scan *sc, size_t at, struct number *ret_number);
/* '+', '*', 'x', '=' or 加 and a number, and its unit. */
bool scan_plus(const struct scan *sc, int listing, size_t at, struct number *ret_number);
/* A number and a unit: 2件. */
bool scan_counted(const struct scan *sc, int listing, size_t at, struct number *ret_number);
/* 5555: laughter. Where it ends, or 0. */
size_t scan_laughter(const struct scan *sc, size_t at);
/* "cf" or "f" before something that is no word of theirs. Where it ends, or 0. */
size_t scan_cf(const struct scan *sc, size_t at);

/* Past what is at sc->at and is not understood. */
void scan_unknown(struct scan *sc);
/* A new last item; NULL: there are too many. */
struct found *scan_add(struct scan *sc, int listing);
/* All that belongs to the last item; sc->at ends behind it. */
void scan_item(struct scan *sc, struct found *f);

/*
 * The one listing whose code a person may have meant by s[0..n), or GRAMMAR_NONE: letters that look
 * alike, and `edits`: one character more, less or other.
 */
int grammar_near(const struct grammar *g, const uint32_t *s, size_t n, bool edits);
