#include "base/arena.h"
#include "catalog/terms_in.h"

#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum {
    WEIGHT_TITLE = 8,
    WEIGHT_BEGINNING = 4,
    WEIGHT_BODY = 1,
    BEGINNING_MAX = 12,
    NIKHAHIT = 0x0e4d,
    SARA_AA = 0x0e32,
    SARA_AM = 0x0e33
};

/* Folded text, UTF-16. */
struct folded {
    UChar *text;
    int32_t len;
};

enum err terms_init(struct term_list *l, struct arena *arena, size_t max)
{
    *l = (struct term_list){.arena = arena, .max = max};
    l->items = arena_array(arena, struct term, max);
    return l->items ? ERR_OK : ERR_NO_MEMORY;
}

/* ---- folding ---- */

/* NFKC takes the Thai vowel am apart, and the dictionary knows it whole. Digits become ASCII. */
static void mend(struct folded *f)
{
    int32_t to = 0;
    for (int32_t i = 0; i < f->len; i++) {
        UChar c = f->text[i];
        if (c == NIKHAHIT && i + 1 < f->len && f->text[i + 1] == SARA_AA) {
            c = SARA_AM;
            i++;
        } else if (c > 0x7f && u_charType(c) == U_DECIMAL_DIGIT_NUMBER) {
            c = (UChar)('0' + u_charDigitValue(c));
        }
        f->text[to++] = c;
    }
    f->len = to;
}

static enum err fold(struct arena *arena, const char *text, struct folded *ret_folded)
{
    size_t len = strnlen(text, TERM_TEXT_MAX);
    UErrorCode u = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&u);
    int32_t size = (int32_t)len * 4 + 16, wide_len = 0;
    UChar *wide = arena_array(arena, UChar, len + 1);
    struct folded f = {.text = arena_array(arena, UChar, (size_t)size)};
    if (!wide || !f.text)
        return ERR_NO_MEMORY;
    u_strFromUTF8WithSub(wide, (int32_t)len + 1, &wide_len, text, (int32_t)len, ' ', NULL, &u);
    f.len = unorm2_normalize(nfkc, wide, wide_len, f.text, size, &u);
    if (u == U_BUFFER_OVERFLOW_ERROR) /* a few characters grow eighteenfold: nobody's title */
        f.len = 0;
    else if (U_FAILURE(u))
        return ERR_NO_MEMORY;
    mend(&f);
    *ret_folded = f;
    return ERR_OK;
}

/* ---- the list ---- */

static enum err put(struct term_list *l, const UChar *text, int32_t len, const char *tail,
                    int64_t weight)
{
    char bytes[TERM_BYTES_MAX + 2];
    int32_t n = 0;
    UErrorCode u = U_ZERO_ERROR;
    u_strToUTF8(bytes, TERM_BYTES_MAX, &n, text, len, &u);
    if (U_FAILURE(u) || n <= 0 || n >= TERM_BYTES_MAX)
        return ERR_OK; /* no word anybody would type */
    bytes[n] = tail[0];
    bytes[n + !!tail[0]] = '\0';
    for (size_t i = 0; i < l->count; i++) {
        struct term *t = &l->items[i];
        if (strcmp(t->text, bytes) == 0) {
            t->weight = weight > t->weight ? weight : t->weight;
            return ERR_OK;
        }
    }
    if (l->count == l->max)
        return ERR_OK;
    const char *own = arena_dup(l->arena, bytes, strlen(bytes));
    if (!own)
        return ERR_NO_MEMORY;
    l->items[l->count++] = (struct term){own, weight};
    return ERR_OK;
}

static int64_t weight_of(enum term_use use)
{
    return use == TERM_BODY ? WEIGHT_BODY : WEIGHT_TITLE;
}

/* ---- Han and kana ---- */

static bool is_han(UChar32 c)
{
    UErrorCode u = U_ZERO_ERROR;
    if (c < 0x2e80)
        return false;
    UScriptCode s = uscript_getScript(c, &u);
    return s == USCRIPT_HAN || s == USCRIPT_HIRAGANA || s == USCRIPT_KATAKANA ||
           s == USCRIPT_BOPOMOFO || c == 0x30fc; /* the long mark of kana */
}

/* The character at `i` and how many units it takes. (ICU's macros convert signs.) */
static int32_t char_at(const struct folded *f, int32_t i, UChar32 *ret_char)
{
    UChar a = f->text[i], b = i + 1 < f->len ? f->text[i + 1] : 0;
    bool pair = U16_IS_LEAD(a) && U16_IS_TRAIL(b);
    *ret_char = pair ? 0x10000 + ((a - 0xd800) << 10) + (b - 0xdc00) : a;
    return pair ? 2 : 1;
}

/* Where the run of Han that begins at `i` ends. */
static int32_t han_end(const struct folded *f, int32_t i)
{
    UChar32 c;
    int32_t n;
    while (i < f->len && (n = char_at(f, i, &c), is_han(c)))
        i += n;
    return i;
}

static enum err add_run(struct term_list *l, const struct folded *f, int32_t from, int32_t end,
                        enum term_use use)
{
    enum err e = ERR_OK;
    int32_t first = from;
    U16_FWD_1(f->text, first, end);
    bool alone = first == end;
    for (int32_t i = from, mid; !e && i < end; i = mid) {
        mid = i;
        U16_FWD_1(f->text, mid, end);
        if (use != TERM_QUERY || alone)
            e = put(l, f->text + i, mid - i, "", weight_of(use));
        int32_t last = mid;
        if (!e && mid < end) {
            U16_FWD_1(f->text, last, end);
            e = put(l, f->text + i, last - i, "", weight_of(use));
        }
    }
    return e;
}

static enum err add_han(struct term_list *l, const struct folded *f, enum term_use use)
{
    enum err e = ERR_OK;
    for (int32_t i = 0; !e && i < f->len;) {
        int32_t end = han_end(f, i);
        if (end > i)
            e = add_run(l, f, i, end, use);
        else
            U16_FWD_1(f->text, end, f->len);
        i = end;
    }
    return e;
}

/* ---- words ---- */

static enum err add_word(struct term_list *l, const UChar *word, int32_t len, enum term_use use)
{
    enum err e = put(l, word, len, "", weight_of(use));
    if (use != TERM_TITLE)
        return e;
    int32_t most = len - 1 < BEGINNING_MAX ? len - 1 : BEGINNING_MAX;
    for (int32_t n = 1; !e && n <= most; n++)
        if (!U16_IS_LEAD(word[n - 1]))
            e = put(l, word, n, "*", WEIGHT_BEGINNING);
    return e;
}

static enum err add_words(struct term_list *l, const struct folded *f, enum term_use use)
{
    UErrorCode u = U_ZERO_ERROR;
    UBreakIterator *words = ubrk_open(UBRK_WORD, "th", f->text, f->len, &u);
    enum err e = U_FAILURE(u) ? ERR_NO_MEMORY : ERR_OK;
    for (int32_t from = 0, end; !e && (end = ubrk_next(words)) != UBRK_DONE; from = end) {
        UChar32 c;
        (void)char_at(f, from, &c);
        if (ubrk_getRuleStatus(words) >= UBRK_WORD_NONE_LIMIT && !is_han(c))
            e = add_word(l, f->text + from, end - from, use);
    }
    ubrk_close(words);
    return e;
}

enum err terms_add(struct term_list *l, const char *text, enum term_use use)
{
    struct folded f;
    enum err e = fold(l->arena, text, &f);
    if (!e)
        e = add_words(l, &f, use);
    return e ? e : add_han(l, &f, use);
}

enum err terms_add_code(struct term_list *l, const char *text)
{
    struct folded f;
    enum err e = fold(l->arena, text, &f);
    int32_t n = 0;
    for (int32_t i = 0; !e && i < f.len; i++)
        if (!u_isUWhiteSpace(f.text[i]) && f.text[i] != '*')
            f.text[n++] = f.text[i];
    if (!e && n)
        e = add_word(l, f.text, n, TERM_TITLE);
    return e ? e : terms_add(l, text, TERM_BODY); /* its parts: a question is cut at its dashes */
}
