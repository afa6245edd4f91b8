#include "base/lang.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { SUBTAG_SIZE = 9, ASKED_MAX = 4096, WEIGHT_ONE = 1000 };

static const struct {
    const char *name, *tag;
} langs[LANG_COUNT] = {
#define X(code, name, tag) [LANG_##code] = {name, tag},
    LANGS(X)
#undef X
};

const char *lang_name(enum lang l)
{
    assert((unsigned)l < LANG_COUNT);
    return langs[l].name;
}

const char *lang_tag(enum lang l)
{
    assert((unsigned)l < LANG_COUNT);
    return langs[l].tag;
}

enum lang lang_find(const char *name)
{
    int l = 0;
    while (l < LANG_COUNT && strcmp(langs[l].name, name) != 0)
        l++;
    return (enum lang)l;
}

/* ---- one tag ---- */

/* Copies the subtag at *at, steps over it. False: the tag has ended. */
static bool next_subtag(const char **at, const char *end, char ret_sub[SUBTAG_SIZE])
{
    const char *s = *at;
    if (s >= end)
        return false;
    size_t len = 0;
    while (s + len < end && s[len] != '-' && s[len] != '_')
        len++;
    size_t kept = len < SUBTAG_SIZE ? len : 0; /* a longer one is no subtag: it says nothing */
    memcpy(ret_sub, s, kept);
    ret_sub[kept] = '\0';
    *at = s + len + 1;
    return true;
}

/* The script decides; without one the place does. */
static enum lang chinese(const char *rest, const char *end)
{
    static const char *const simplified[] = {"CN", "SG", "MY"};
    char sub[SUBTAG_SIZE];
    enum lang l = LANG_ZH;
    while (next_subtag(&rest, end, sub)) {
        if (text_same_nocase(sub, "Hant"))
            return LANG_ZH;
        if (text_same_nocase(sub, "Hans"))
            return LANG_CN;
        for (size_t i = 0; i < sizeof simplified / sizeof *simplified; i++)
            if (text_same_nocase(sub, simplified[i]))
                l = LANG_CN;
    }
    return l;
}

static enum lang near(const char *tag, size_t len)
{
    const char *at = tag, *end = tag + len;
    char sub[SUBTAG_SIZE];
    if (!next_subtag(&at, end, sub))
        return LANG_COUNT;
    if (text_same_nocase(sub, "zh"))
        return chinese(at, end);
    if (text_same_nocase(sub, "th"))
        return LANG_TH;
    if (text_same_nocase(sub, "ja"))
        return LANG_JA;
    return text_same_nocase(sub, "en") || strcmp(sub, "*") == 0 ? LANG_EN : LANG_COUNT;
}

enum lang lang_near(const char *tag)
{
    return tag && strcmp(tag, "*") != 0 ? near(tag, strlen(tag)) : LANG_COUNT;
}

/* ---- a list of tags with weights ---- */

/* "0.85" as 850; what is no weight counts as none. */
static int weight_of(const char *s, size_t len)
{
    int n = 0, scale = WEIGHT_ONE;
    if (len < 1 || (s[0] != '0' && s[0] != '1') || (len > 1 && s[1] != '.') || len > 5)
        return 0;
    n = (s[0] - '0') * scale;
    for (size_t i = 2; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
        scale /= 10;
        n += (s[i] - '0') * scale;
    }
    return n <= WEIGHT_ONE ? n : 0;
}

/* The part up to the ';', and what "q=" after it says. */
static size_t split_weight(const char *item, size_t len, int *ret_weight)
{
    const char *semi = memchr(item, ';', len);
    *ret_weight = WEIGHT_ONE;
    if (!semi)
        return len;
    const char *p = semi + 1, *end = item + len;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    bool is_weight = end - p >= 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=';
    *ret_weight = is_weight ? weight_of(p + 2, (size_t)(end - p) - 2) : 0;
    return (size_t)(semi - item);
}

static size_t trim(const char **s, size_t len)
{
    while (len && ((*s)[0] == ' ' || (*s)[0] == '\t')) {
        (*s)++;
        len--;
    }
    while (len && ((*s)[len - 1] == ' ' || (*s)[len - 1] == '\t'))
        len--;
    return len;
}

enum lang lang_of(const char *asked)
{
    enum lang best = LANG_EN;
    int best_weight = 0;
    const char *end = asked ? asked + strnlen(asked, ASKED_MAX) : NULL;
    for (const char *at = asked; asked && at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *item = at, *item_end = comma ? comma : end;
        int weight;
        size_t len = trim(&item, (size_t)(item_end - at));
        len = split_weight(item, len, &weight);
        enum lang l = near(item, trim(&item, len));
        if (l != LANG_COUNT && weight > best_weight) {
            best = l;
            best_weight = weight;
        }
        at = item_end + 1;
    }
    return best;
}

/* ---- what is offered instead ---- */

enum lang lang_order(enum lang l, int place)
{
    static const enum lang order[LANG_COUNT][LANG_COUNT] = {
        [LANG_ZH] = {LANG_ZH, LANG_CN, LANG_EN, LANG_JA, LANG_TH},
        [LANG_TH] = {LANG_TH, LANG_EN, LANG_ZH, LANG_CN, LANG_JA},
        [LANG_EN] = {LANG_EN, LANG_ZH, LANG_TH, LANG_CN, LANG_JA},
        [LANG_CN] = {LANG_CN, LANG_ZH, LANG_EN, LANG_JA, LANG_TH},
        [LANG_JA] = {LANG_JA, LANG_EN, LANG_ZH, LANG_CN, LANG_TH},
    };
    assert((unsigned)l < LANG_COUNT && (unsigned)place < LANG_COUNT);
    return order[l][place];
}
