/* Comments and the words of listings, folded so that they can be compared. */
#include "room/grammar_in.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

/* Signs that stand for one of ours. What is not listed and is no letter, digit or mark is a space.
 */
static uint32_t sign_of(UChar32 c)
{
    switch (c) {
    case '+':
    case 0x2795: /* ➕ */ return '+';
    case '-':
    case 0x2212:
    case 0x2796: /* ➖ */ return '-';
    case '*':
    case 0xd7:   /* × */
    case 0x2715: /* ✕ */
    case 0x2716: /* ✖ */
    case 0x2217: /* ∗ */ return '*';
    case ',':
    case ';':
    case '|':
    case '\n':
    case '\r':
    case 0x85:
    case 0x2028:
    case 0x2029:
    case 0x3001: /* 、 */
    case 0x3002: /* 。 */
    case 0x60c: return ',';
    case '=':
    case '?':
    case '/':
    case '.':
    case ':':
    case '%':
    case '@': return (uint32_t)c;
    default: return ' ';
    }
}

static bool is_keycap(UChar32 c)
{
    return c >= 0x20dd && c <= 0x20e4; /* the frame around a digit */
}

static uint32_t folded_char(UChar32 c)
{
    uint32_t mask = U_GET_GC_MASK(c);
    if (mask & U_GC_ND_MASK)
        return '0' + (uint32_t)u_charDigitValue(c);
    if (mask & (U_GC_L_MASK | U_GC_M_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_SC_MASK))
        return (uint32_t)c;
    if (mask & U_GC_PD_MASK)
        return '-';
    return sign_of(c);
}

/* Scripts in which a letter said again and again is only loud. */
static bool may_be_loud(uint32_t c)
{
    return (c >= 0xe00 && c < 0xe80) || (c >= 0x3400 && c < 0xa000);
}

/* Runs of one letter and of spaces, made single; in place. */
static size_t squeeze(uint32_t *s, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n;) {
        size_t run = 1;
        while (i + run < n && s[i + run] == s[i])
            run++;
        size_t keep = s[i] == ' ' || (run > 2 && may_be_loud(s[i])) ? 1 : run;
        bool edge = s[i] == ' ' && (out == 0 || i + run == n);
        for (size_t k = 0; k < keep && !edge; k++)
            s[out++] = s[i];
        i += run;
    }
    return out;
}

/* NFKC_Casefold, as UTF-16. ASCII has a short way. */
static int32_t casefold(const char *text, size_t len, UChar *out, int32_t max)
{
    UErrorCode err = U_ZERO_ERROR;
    UChar raw[GRAMMAR_FOLDED_MAX];
    int32_t n = 0, kept = 0;
    const UNormalizer2 *norm = unorm2_getNFKCCasefoldInstance(&err);
    u_strFromUTF8(raw, GRAMMAR_FOLDED_MAX, &n, text, (int32_t)len, &err);
    if (U_FAILURE(err) || n >= GRAMMAR_FOLDED_MAX)
        return -1;
    for (int32_t i = 0; i < n; i++) /* before NFKC: a mark behind it must not slip to the digit */
        if (!is_keycap(raw[i]))
            raw[kept++] = raw[i];
    n = unorm2_normalize(norm, raw, kept, out, max, &err);
    return U_FAILURE(err) || n >= max ? -1 : n;
}

static bool fold_ascii(const char *text, size_t len, uint32_t *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80)
            return false;
        if (c >= 'A' && c <= 'Z')
            out[i] = c + 32u;
        else if (grammar_is_latin(c) || grammar_is_digit(c) || c == '$')
            out[i] = c;
        else
            out[i] = sign_of(c);
    }
    return true;
}

enum err grammar_fold(const char *text, uint32_t *out, size_t max, size_t *ret_len)
{
    UChar folded[2 * GRAMMAR_FOLDED_MAX];
    size_t len = strlen(text), n = 0;
    if (len > 4 * GRAMMAR_TEXT_MAX)
        return ERR_INPUT;
    if (len <= max && fold_ascii(text, len, out)) {
        *ret_len = squeeze(out, len);
        return ERR_OK;
    }
    int32_t units = casefold(text, len, folded, 2 * GRAMMAR_FOLDED_MAX);
    if (units < 0)
        return ERR_INPUT;
    for (int32_t i = 0; i < units;) {
        uint32_t c = folded[i++];
        if (U16_IS_LEAD(c)) /* ICU made it: a trail follows */
            c = (uint32_t)U16_GET_SUPPLEMENTARY(c, folded[i++]);
        if (n == max)
            return ERR_INPUT;
        out[n++] = folded_char((UChar32)c);
    }
    *ret_len = squeeze(out, n);
    return ERR_OK;
}
