/* The listings of a show, prepared for reading comments. */
#include "room/grammar_in.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

/* ---- codes ---- */

/* The key of a code as characters; 0: it is none. */
static size_t key_of(const char *code, uint32_t out[GRAMMAR_CODE_CHARS])
{
    uint32_t folded[2 * GRAMMAR_CODE_CHARS];
    size_t n = 0, len = 0;
    if (grammar_fold(code, folded, 2 * GRAMMAR_CODE_CHARS, &n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = folded[i];
        if (c == ' ' || c == '-' || c == '.')
            continue;
        bool mark = U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK;
        if (len == GRAMMAR_CODE_CHARS || !(u_isalnum((UChar32)c) || (mark && len)))
            return 0;
        out[len++] = c;
    }
    const struct lexicon_word *w = lexicon_find(grammar_words(), out, len);
    bool cf = (len == 1 && out[0] == 'f') || (len == 2 && out[0] == 'c' && out[1] == 'f');
    return cf || (w && w->len == len) ? 0 : len;
}

enum err grammar_code_key(const char *code, char ret_key[GRAMMAR_KEY_SIZE])
{
    uint32_t key[GRAMMAR_CODE_CHARS];
    size_t n = key_of(code, key);
    int32_t at = 0;
    UBool bad = false;
    if (!n)
        return ERR_INPUT;
    for (size_t i = 0; i < n; i++)
        U8_APPEND((uint8_t *)ret_key, at, GRAMMAR_KEY_SIZE - 1, key[i], bad);
    ret_key[at] = '\0';
    return bad ? ERR_INPUT : ERR_OK;
}

/* Letters and digits that look alike. */
static uint32_t likeness(uint32_t c)
{
    return c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
}

static bool looks_alike(const struct lexicon_word *w, const uint32_t *s, size_t n)
{
    if (w->len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (likeness(w->text[i]) != likeness(s[i]))
            return false;
    return true;
}

/* One character more, less or other. */
static bool one_edit(const struct lexicon_word *w, const uint32_t *s, size_t n)
{
    size_t m = w->len, head = 0, tail = 0;
    if (m > n + 1 || n > m + 1)
        return false;
    size_t least = m < n ? m : n;
    while (head < least && w->text[head] == s[head])
        head++;
    while (tail < least - head && w->text[m - 1 - tail] == s[n - 1 - tail])
        tail++;
    return m - head - tail <= 1 && n - head - tail <= 1;
}

int grammar_near(const struct grammar *g, const uint32_t *s, size_t n, bool edits)
{
    int alike = GRAMMAR_NONE, edit = GRAMMAR_NONE, alike_count = 0, edit_count = 0;
    bool digits = true;
    for (size_t i = 0; i < n; i++)
        digits = digits && grammar_is_digit(s[i]);
    bool long_enough = n > 2 || (!digits && n > 1);
    for (size_t i = 0; i < g->codes.count; i++) {
        const struct lexicon_word *w = &g->codes.words[i];
        if (looks_alike(w, s, n)) {
            alike = w->a;
            alike_count++;
        } else if (edits && long_enough && w->len > 1 && one_edit(w, s, n)) {
            edit = w->a;
            edit_count++;
        }
    }
    if (alike_count)
        return alike_count == 1 ? alike : GRAMMAR_NONE;
    return edit_count == 1 ? edit : GRAMMAR_NONE;
}

/* ---- making ---- */

/* Where the words of one listing are gathered before their size is known. */
struct draft {
    struct lexicon_word words[GRAMMAR_LISTING_WORDS_MAX];
    uint32_t chars[GRAMMAR_LISTING_WORDS_MAX * GRAMMAR_WORD_CHARS];
    size_t count, used;
};

static void draft_add(struct draft *d, const char *word, size_t option, size_t value)
{
    uint32_t *to = d->chars + d->used;
    size_t n = 0;
    if (grammar_fold(word, to, GRAMMAR_WORD_CHARS, &n) || n == 0)
        return; /* too long, or only signs: never found in comments */
    d->words[d->count++] = (struct lexicon_word){to, (uint16_t)n, (int16_t)option, (int16_t)value};
    d->used += n;
}

/* An exact copy of the gathered words, in one piece of memory: the texts behind the words. */
static enum err draft_seal(const struct draft *d, struct lexicon *ret)
{
    size_t words_size = d->count * sizeof d->words[0];
    struct lexicon_word *words = malloc(words_size + d->used * sizeof d->chars[0] + 1);
    if (!words)
        return ERR_NO_MEMORY;
    uint32_t *chars = (uint32_t *)(void *)(words + d->count);
    memcpy(words, d->words, words_size);
    memcpy(chars, d->chars, d->used * sizeof d->chars[0]);
    for (size_t i = 0; i < d->count; i++)
        words[i].text = chars + (d->words[i].text - d->chars);
    *ret = (struct lexicon){.words = words, .count = d->count};
    lexicon_seal(ret);
    return ERR_OK;
}

static enum err prepare(const struct grammar_listing *from, struct draft *d, struct prepared *p)
{
    d->count = d->used = 0;
    if (from->count > GRAMMAR_OPTIONS_MAX)
        return ERR_INPUT;
    p->options = from->count;
    for (size_t o = 0; o < from->count; o++) {
        const struct grammar_option *opt = &from->options[o];
        if (opt->count == 0 || opt->count > GRAMMAR_VALUES_MAX)
            return ERR_INPUT;
        p->values[o] = opt->count;
        for (size_t v = 0; v < opt->count; v++) {
            if (opt->values[v].count == 0 || opt->values[v].count > GRAMMAR_WORDS_MAX)
                return ERR_INPUT;
            for (size_t w = 0; w < opt->values[v].count; w++)
                draft_add(d, opt->values[v].words[w], o, v);
        }
    }
    return draft_seal(d, &p->words);
}

static enum err prepare_codes(const struct grammar_listing *listings, struct draft *d,
                              struct grammar *g)
{
    d->count = d->used = 0;
    for (size_t i = 0; i < g->count; i++) {
        uint32_t *to = d->chars + d->used;
        size_t n = key_of(listings[i].code, to);
        if (!n)
            continue;
        d->words[d->count++] = (struct lexicon_word){to, (uint16_t)n, (int16_t)i, 0};
        d->used += n;
    }
    return draft_seal(d, &g->codes);
}

enum err grammar_make(const struct grammar_listing *listings, size_t n,
                      struct grammar **ret_grammar)
{
    if (n > GRAMMAR_LISTINGS_MAX)
        return ERR_INPUT;
    struct draft *d = malloc(sizeof *d);
    struct grammar *g = calloc(1, sizeof *g);
    enum err e = d && g ? ERR_OK : ERR_NO_MEMORY;
    if (!e && n) {
        g->listings = calloc(n, sizeof *g->listings);
        e = g->listings ? ERR_OK : ERR_NO_MEMORY;
    }
    for (size_t i = 0; !e && i < n; i++, g->count++)
        e = prepare(&listings[i], d, &g->listings[i]);
    if (!e)
        e = prepare_codes(listings, d, g);
    free(d);
    if (e) {
        grammar_free(g);
        return e;
    }
    *ret_grammar = g;
    return ERR_OK;
}

void grammar_free(struct grammar *g)
{
    for (size_t i = 0; g && i < g->count; i++)
        free(g->listings[i].words.words);
    if (g) {
        free(g->codes.words);
        free(g->listings);
    }
    free(g);
}
