/* Blocked words: comparing text in any script, the list of a shop, and changing it. */
#include "base/arena.h"
#include "base/text.h"
#include "room/room_in.h"
#include "room/words.sql.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

/* ---- folding ---- */

enum { U16_MAX = 2400 };

enum letter { LETTER_NONE, LETTER_DROPPED, LETTER_SPACED, LETTER_UNSPACED };

static enum letter letter_of(UChar32 c)
{
    UErrorCode err = U_ZERO_ERROR;
    int8_t type = u_charType(c);
    UScriptCode script = uscript_getScript(c, &err);
    if (script == USCRIPT_HAN || script == USCRIPT_THAI || script == USCRIPT_HIRAGANA ||
        script == USCRIPT_KATAKANA || script == USCRIPT_BOPOMOFO || script == USCRIPT_LAO ||
        script == USCRIPT_KHMER || script == USCRIPT_MYANMAR)
        return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) ? LETTER_UNSPACED : LETTER_NONE;
    if (type == U_OTHER_SYMBOL)
        return LETTER_UNSPACED; /* emoji */
    if (U_GET_GC_MASK(c) & U_GC_M_MASK)
        return LETTER_DROPPED; /* strokes and dots over letters */
    return u_isalnum(c) ? LETTER_SPACED : LETTER_NONE;
}

/* NFKC_Casefold of UTF-8, as characters. */
static enum err casefold(const char *text, UChar32 out[U16_MAX], int32_t *ret_len)
{
    UErrorCode err = U_ZERO_ERROR;
    UChar raw[U16_MAX], folded[U16_MAX];
    int32_t len;
    const UNormalizer2 *n = unorm2_getNFKCCasefoldInstance(&err);
    u_strFromUTF8(raw, U16_MAX, &len, text, -1, &err);
    if (U_FAILURE(err))
        return ERR_INPUT;
    len = unorm2_normalize(n, raw, len, folded, U16_MAX, &err);
    u_strToUTF32(out, U16_MAX, ret_len, folded, len, &err);
    return U_FAILURE(err) ? ERR_INPUT : ERR_OK;
}

/* A growing UTF-8 text with room for every U16_MAX units at 3 bytes each. */
struct out {
    char *s;
    int32_t len;
};

static void put(struct out *o, UChar32 c)
{
    UBool bad = false;
    U8_APPEND((uint8_t *)o->s, o->len, FOLDED_SIZE - 1, (uint32_t)c, bad);
    o->s[o->len] = '\0';
    (void)bad;
}

/* Where the word ends that begins at s: past its space. *single: it is one character. */
static size_t word_end(const char *s, bool *single)
{
    size_t len = strcspn(s, " ");
    *single = len == 1 + (size_t)U8_COUNT_TRAIL_BYTES_UNSAFE((uint8_t)s[0]);
    return len + 1;
}

/* " f u c k you " becomes " fuck you ": three or more letters that stand alone are one word. */
static void join_singles(char *s)
{
    size_t out = 1;
    for (size_t i = 1; s[i];) {
        size_t end = i, run = 0;
        bool single = true;
        while (s[end] && single) {
            size_t n = word_end(s + end, &single);
            if (single || run == 0)
                end += n;
            run += single;
        }
        for (; i < end; i++)
            if (run < 3 || s[i] != ' ' || i + 1 == end)
                s[out++] = s[i];
    }
    s[out] = '\0';
}

enum err words_fold(const char *text, struct folded *ret_folded)
{
    UChar32 u[U16_MAX];
    int32_t len;
    struct folded *f = ret_folded;
    struct out spaced = {f->spaced, 0}, dense = {f->dense, 0};
    _Static_assert(FOLDED_SIZE > U16_MAX * 3 + 8, "every character fits");
    if (casefold(text, u, &len))
        return ERR_INPUT;
    f->unspaced = false;
    f->dense[0] = '\0';
    put(&spaced, ' ');
    for (int32_t i = 0; i < len; i++) {
        UChar32 c = u[i];
        enum letter l = letter_of(c);
        if (l == LETTER_DROPPED)
            continue;
        if (l != LETTER_NONE)
            put(&dense, c);
        if (l == LETTER_SPACED)
            put(&spaced, c);
        else if (f->spaced[spaced.len - 1] != ' ')
            put(&spaced, ' ');
        f->unspaced = f->unspaced || l == LETTER_UNSPACED;
    }
    if (f->spaced[spaced.len - 1] != ' ')
        put(&spaced, ' ');
    join_singles(f->spaced);
    return f->dense[0] ? ERR_OK : ERR_INPUT;
}

bool words_hold(const struct folded *text, const struct folded *word)
{
    return word->unspaced ? strstr(text->dense, word->dense) != NULL
                          : strstr(text->spaced, word->spaced) != NULL;
}

/* ---- the lists, on the writer ---- */

/* What is compared: `dense` or `spaced` of each word, one after another. */
struct word_list {
    int64_t shop_id;
    size_t count;
    struct {
        bool unspaced;
        char *text; /* owned */
    } word[WORDS_MAX];
};

static void list_free(struct word_list *l)
{
    for (size_t i = 0; l && i < l->count; i++)
        free(l->word[i].text);
    free(l);
}

static enum err list_load(struct tx *tx, int64_t shop_id, struct word_list **ret_list)
{
    struct word_list *l = calloc(1, sizeof *l);
    struct folded *f = malloc(sizeof *f);
    const char *word;
    enum err e = l && f ? ERR_OK : ERR_NO_MEMORY;
    if (!e) {
        l->shop_id = shop_id;
        struct rows rows = db_rows(tx->db, &SQL_words_of_shop, ARGS(V(shop_id)));
        while (l->count < WORDS_MAX && rows_next(&rows, tx->cx->arena, COLS(C(&word)))) {
            if (words_fold(word, f))
                continue; /* was refused when it was put; nothing to compare */
            l->word[l->count].unspaced = f->unspaced;
            l->word[l->count].text = strdup(f->unspaced ? f->dense : f->spaced);
            if (!l->word[l->count++].text)
                e = ERR_NO_MEMORY;
        }
        enum err end = rows_end(&rows);
        e = e ? e : end;
    }
    free(f);
    if (e) {
        list_free(l);
        return e;
    }
    *ret_list = l;
    return ERR_OK;
}

static enum err list_of(struct tx *tx, struct room *r, int64_t shop_id, struct word_list **ret_list)
{
    int epoch = atomic_load(&r->words.epoch);
    if (epoch != r->words.read_at)
        words_free_all(r);
    r->words.read_at = epoch;
    for (size_t i = 0; i < WORDS_SHOPS_MAX; i++) {
        if (r->words.list[i] && r->words.list[i]->shop_id == shop_id) {
            *ret_list = r->words.list[i];
            return ERR_OK;
        }
    }
    enum err e = list_load(tx, shop_id, ret_list);
    if (e)
        return e;
    struct word_list **slot = &r->words.list[r->words.next++ % WORDS_SHOPS_MAX];
    list_free(*slot);
    *slot = *ret_list;
    return ERR_OK;
}

enum err words_match(struct tx *tx, struct room *r, int64_t shop_id, const struct folded *text,
                     bool *ret_match)
{
    struct word_list *l;
    enum err e = list_of(tx, r, shop_id, &l);
    if (e)
        return e;
    bool match = false;
    for (size_t i = 0; i < l->count && !match; i++)
        match = strstr(l->word[i].unspaced ? text->dense : text->spaced, l->word[i].text) != NULL;
    *ret_match = match;
    return ERR_OK;
}

void words_free_all(struct room *r)
{
    for (size_t i = 0; i < WORDS_SHOPS_MAX; i++) {
        list_free(r->words.list[i]);
        r->words.list[i] = NULL;
    }
}

/* ---- the door ---- */

enum err words_list(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                    const char *show, const char ***ret_words, size_t *ret_count)
{
    struct show s;
    enum err e = show_find_for(r, db, cx, who, show, ACTION_ROOM_MODERATE, &s);
    if (e)
        return e;
    size_t n = 0;
    const char **list = arena_array(cx->arena, const char *, WORDS_MAX);
    if (!list)
        return ERR_NO_MEMORY;
    struct rows rows = db_rows(db, &SQL_words_of_shop, ARGS(V(s.shop_id)));
    while (n < WORDS_MAX && rows_next(&rows, cx->arena, COLS(C(&list[n]))))
        n++;
    e = rows_end(&rows);
    if (e)
        return e;
    *ret_words = list;
    *ret_count = n;
    return ERR_OK;
}

struct put_job {
    struct room *r;
    const struct room_who *who;
    const char *show;
    const char **words;
    size_t count;
    int64_t shop_id;
};

/* On the writer, where the lists are used. */
static void forget(void *arg)
{
    const struct put_job *j = arg;
    for (size_t i = 0; i < WORDS_SHOPS_MAX; i++) {
        struct word_list *l = j->r->words.list[i];
        if (l && l->shop_id == j->shop_id) {
            j->r->words.list[i] = NULL;
            list_free(l);
        }
    }
}

static enum err put_run(struct tx *tx, void *arg)
{
    struct put_job *j = arg;
    struct show s;
    enum err e = show_find_for(j->r, tx->db, tx->cx, j->who, j->show, ACTION_ROOM_MODERATE, &s);
    if (!e)
        e = db_do(tx->db, &SQL_words_clear, ARGS(V(s.shop_id)), NULL);
    for (size_t i = 0; !e && i < j->count; i++)
        e = db_do(tx->db, &SQL_word_insert, ARGS(V(s.shop_id), V((int64_t)i), V(j->words[i])),
                  NULL);
    if (e)
        return e;
    j->shop_id = s.shop_id;
    tx_after_commit(tx, forget, j);
    tx_tell(tx, s.shop_id, HEARD_WORDS);
    return ERR_OK;
}

static enum err tidy_word(struct cx *cx, const char *typed, struct folded *f, const char **ret)
{
    size_t len = strlen(typed);
    char *word = text_is_utf8(typed, len) ? arena_dup(cx->arena, typed, len) : NULL;
    if (!word)
        return problem(cx, ERR_INPUT, "a word must be UTF-8");
    len = text_tidy(word, len);
    size_t chars = text_chars(word, len);
    if (chars < 1 || chars > WORD_CHARS_MAX)
        return problem(cx, ERR_INPUT, "a word must have 1 to %d characters", WORD_CHARS_MAX);
    if (words_fold(word, f))
        return problem(cx, ERR_INPUT, "a word must have a letter, a digit or a symbol");
    *ret = word;
    return ERR_OK;
}

enum err words_put(struct room *r, struct cx *cx, const struct room_who *who, const char *show,
                   const char *const *words, size_t count)
{
    if (count > WORDS_MAX)
        return problem(cx, ERR_INPUT, "at most %d words", WORDS_MAX);
    struct put_job j = {.r = r, .who = who, .show = show, .count = count};
    struct folded *f = malloc(sizeof *f);
    j.words = arena_array(cx->arena, const char *, count + 1);
    enum err e = f && j.words ? ERR_OK : ERR_NO_MEMORY;
    for (size_t i = 0; !e && i < count; i++)
        e = tidy_word(cx, words[i], f, &j.words[i]);
    free(f);
    return e ? e : store_do(r->store, cx, "room.words", put_run, &j);
}
