/* NM_KEEP_DAYS: words with numbers. */
#include "privacy/keep.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    int days, least, most;
    const char *what;
} table[KEEP_COUNT] = {
#define X(name, word, days, least, most, what) {word, days, least, most, what},
    KEEP_TABLE(X)
#undef X
};

const char *keep_word(enum keep_kind k)
{
    return table[k].word;
}

const char *keep_what(enum keep_kind k)
{
    return table[k].what;
}

int keep_default(enum keep_kind k)
{
    return table[k].days;
}

static bool find(const char *word, size_t len, size_t *ret_kind)
{
    for (size_t i = 0; i < KEEP_COUNT; i++) {
        if (strlen(table[i].word) != len || memcmp(table[i].word, word, len) != 0)
            continue;
        *ret_kind = i;
        return true;
    }
    return false;
}

static enum err read_one(struct cx *cx, const char *at, size_t len, struct keep *k)
{
    const char *eq = memchr(at, '=', len);
    char number[12];
    size_t kind, digits = eq ? len - (size_t)(eq - at) - 1 : 0;
    int64_t days;
    if (!eq || !find(at, (size_t)(eq - at), &kind))
        return problem(cx, ERR_INPUT, "NM_KEEP_DAYS has a word that it does not know");
    (void)snprintf(number, sizeof number, "%.*s", (int)(digits < 11 ? digits : 11), eq + 1);
    if (text_i64(number, table[kind].least, table[kind].most, &days))
        return problem(cx, ERR_INPUT, "NM_KEEP_DAYS: '%s' must be %d to %d days", table[kind].word,
                       table[kind].least, table[kind].most);
    k->days[kind] = (int)days;
    return ERR_OK;
}

enum err keep_parse(struct cx *cx, const char *text, struct keep *ret_keep)
{
    struct keep k;
    for (size_t i = 0; i < KEEP_COUNT; i++)
        k.days[i] = table[i].days;
    enum err e = ERR_OK;
    for (const char *at = text ? text : ""; !e && *at;) {
        size_t len = strcspn(at, " ,");
        e = len ? read_one(cx, at, len, &k) : ERR_OK;
        at += len + (at[len] ? 1 : 0);
    }
    if (!e)
        *ret_keep = k;
    return e;
}
