/* One item of a comment: the words about a listing, its values and how many. */
#include "room/grammar_in.h"

#include <unicode/uchar.h>

/* ---- looking ---- */

size_t scan_space(const struct scan *sc, size_t at)
{
    while (at < sc->n && sc->s[at] == ' ')
        at++;
    return at;
}

const struct lexicon_word *scan_word(const struct scan *sc, size_t at)
{
    return lexicon_find(grammar_words(), sc->s + at, sc->n - at);
}

const struct lexicon_word *scan_value(const struct scan *sc, int listing, size_t at)
{
    if (listing == GRAMMAR_NONE)
        return NULL;
    return lexicon_find(&sc->g->listings[listing].words, sc->s + at, sc->n - at);
}

/* "a 12" and "a-12" as "a12": between the letters and the digits something may stand. */
static int spaced_code(const struct scan *sc, size_t at, size_t *ret_end)
{
    uint32_t joined[GRAMMAR_CODE_CHARS + 1];
    size_t n = 0, i = at;
    while (i < sc->n && n < GRAMMAR_CODE_CHARS && grammar_is_latin(sc->s[i]))
        joined[n++] = sc->s[i++];
    size_t letters = n;
    if (!n || i + 1 >= sc->n || !(sc->s[i] == ' ' || sc->s[i] == '-' || sc->s[i] == '.'))
        return GRAMMAR_NONE;
    for (i++; i < sc->n && n <= GRAMMAR_CODE_CHARS && grammar_is_digit(sc->s[i]); i++)
        joined[n++] = sc->s[i];
    const struct lexicon_word *w = lexicon_find(&sc->g->codes, joined, n);
    if (n == letters || !w || w->len != n)
        return GRAMMAR_NONE;
    *ret_end = i;
    return w->a;
}

static bool joins_digits(uint32_t c)
{
    return c == ':' || c == '/' || c == '.';
}

int scan_code(const struct scan *sc, size_t at, size_t *ret_end)
{
    if (at >= sc->n)
        return GRAMMAR_NONE;
    const struct lexicon_word *w = lexicon_find(&sc->g->codes, sc->s + at, sc->n - at);
    if (!w)
        return spaced_code(sc, at, ret_end);
    size_t end = at + w->len;
    bool time = grammar_is_digit(w->text[0]) && end + 1 < sc->n && joins_digits(sc->s[end]) &&
                grammar_is_digit(sc->s[end + 1]); /* 12:30 is not code 12 */
    if (time)
        return GRAMMAR_NONE;
    *ret_end = end;
    return w->a;
}

/* 12:30, 3.5 and $590 are no quantities. */
static bool digits_alone(const struct scan *sc, size_t at, size_t end)
{
    if (at > 0 && sc->s[at - 1] > 127 && u_charType((UChar32)sc->s[at - 1]) == U_CURRENCY_SYMBOL)
        return false;
    if (at > 0 && sc->s[at - 1] == '$')
        return false;
    if (end == sc->n)
        return true;
    if (joins_digits(sc->s[end]) && end + 1 < sc->n && grammar_is_digit(sc->s[end + 1]))
        return false;
    size_t code_end;
    return sc->s[end] != '%' &&
           (!grammar_is_latin(sc->s[end]) || scan_word(sc, end) || sc->s[end] == 'x' ||
            scan_code(sc, end, &code_end) != GRAMMAR_NONE);
}

bool scan_number(const struct scan *sc, size_t at, struct number *ret_number)
{
    size_t end = at;
    int value = 0;
    for (; end < sc->n && grammar_is_digit(sc->s[end]); end++)
        if (value <= GRAMMAR_QTY_MAX)
            value = value * 10 + (int)(sc->s[end] - '0');
    if (end == at) {
        const struct lexicon_word *w = at < sc->n ? scan_word(sc, at) : NULL;
        if (!w || w->a != WORD_NUMBER)
            return false;
        *ret_number = (struct number){w->b, at + w->len};
        return true;
    }
    if (!digits_alone(sc, at, end))
        return false;
    *ret_number = (struct number){value, end};
    return true;
}

/* Where the unit at `at` ends, or 0. A value of the listing that begins like one is none. */
static size_t unit_end(const struct scan *sc, int listing, size_t at)
{
    at = scan_space(sc, at);
    if (at == sc->n || scan_value(sc, listing, at))
        return 0;
    const struct lexicon_word *w = scan_word(sc, at);
    return w && (w->a == WORD_UNIT || (w->a == WORD_ALL && w->b)) ? at + w->len : 0;
}

bool scan_plus(const struct scan *sc, int listing, size_t at, struct number *ret_number)
{
    if (at >= sc->n)
        return false;
    uint32_t c = sc->s[at];
    const struct lexicon_word *w = scan_word(sc, at);
    size_t len = w && w->a == WORD_PLUS                         ? w->len
                 : c == '+' || c == '*' || c == '=' || c == 'x' ? 1
                                                                : 0;
    if (!len || !scan_number(sc, scan_space(sc, at + len), ret_number))
        return false;
    size_t unit = unit_end(sc, listing, ret_number->end);
    ret_number->end = unit ? unit : ret_number->end;
    return true;
}

bool scan_counted(const struct scan *sc, int listing, size_t at, struct number *ret_number)
{
    struct number number;
    if (!scan_number(sc, at, &number))
        return false;
    size_t unit = unit_end(sc, listing, number.end);
    if (!unit)
        return false;
    *ret_number = (struct number){number.value, unit};
    return true;
}

size_t scan_laughter(const struct scan *sc, size_t at)
{
    size_t end = at;
    while (end < sc->n && sc->s[end] == '5')
        end++;
    if (end - at < 3 || (end < sc->n && grammar_is_digit(sc->s[end])))
        return 0;
    while (end < sc->n && sc->s[end] == '+')
        end++;
    return end;
}

size_t scan_cf(const struct scan *sc, size_t at)
{
    size_t end = at, code_end;
    if (end < sc->n && sc->s[end] == 'c')
        end++;
    if (end >= sc->n || sc->s[end] != 'f' || (at > 0 && grammar_is_latin(sc->s[at - 1])))
        return 0;
    end++;
    bool over = end == sc->n || !grammar_is_latin(sc->s[end]);
    return over || scan_code(sc, end, &code_end) != GRAMMAR_NONE ? end : 0;
}

/* ---- taking ---- */

void scan_unknown(struct scan *sc)
{
    size_t end = sc->at + 1;
    uint32_t c = sc->s[sc->at];
    if (grammar_is_latin(c) || grammar_is_digit(c))
        while (end < sc->n && (grammar_is_latin(sc->s[end]) || grammar_is_digit(sc->s[end]) ||
                               joins_digits(sc->s[end])))
            end++;
    if (sc->unknown_end != sc->at)
        sc->unknown_from = sc->at;
    sc->unknown = true;
    sc->at = sc->unknown_end = end;
}

struct found *scan_add(struct scan *sc, int listing)
{
    if (sc->count == GRAMMAR_FOUND_MAX)
        return NULL;
    struct found *f = &sc->found[sc->count++];
    *f = (struct found){.item = {.op = sc->cancel ? GRAMMAR_CANCEL : GRAMMAR_ADD,
                                 .listing = listing,
                                 .value = {GRAMMAR_NONE, GRAMMAR_NONE, GRAMMAR_NONE},
                                 .qty = 1},
                        .verb = sc->verb};
    sc->context = listing;
    return f;
}

/* What a step of an item did. */
enum step { STEP_NOT_MINE, STEP_ON, STEP_END };

static void set_qty(struct scan *sc, struct found *f, enum grammar_op op, int qty)
{
    if (f->qty_said && (f->item.qty != qty || f->item.op != op))
        sc->unsure = true;
    if (f->qty_said)
        return;
    if (f->item.op == GRAMMAR_CANCEL)
        sc->unsure = true; /* cancel A12+1: one, or all? */
    f->qty_said = true;
    f->item.op = op;
    f->item.qty = qty;
    f->drop = qty < 1 || qty > GRAMMAR_QTY_MAX;
}

/* Do the values from here on have a quantity of their own? 白+1 in 粉+1白+1 */
static bool values_counted(const struct scan *sc, int listing, size_t at)
{
    struct number number;
    while (at < sc->n) {
        const struct lexicon_word *w = scan_value(sc, listing, at), *word = scan_word(sc, at);
        if (!w && word && word->a == WORD_FILL)
            w = word;
        if (!w)
            break;
        at = scan_space(sc, at + w->len);
    }
    const struct lexicon_word *each = at < sc->n ? scan_word(sc, at) : NULL;
    return scan_plus(sc, listing, at, &number) || scan_counted(sc, listing, at, &number) ||
           (each && each->a == WORD_EACH);
}

static enum step step_value(struct scan *sc, struct found *f)
{
    const struct lexicon_word *w = scan_value(sc, f->item.listing, sc->at);
    if (!w)
        return STEP_NOT_MINE;
    if (f->qty_said && (f->spec || values_counted(sc, f->item.listing, sc->at)))
        return STEP_END;
    int *value = &f->item.value[w->a];
    if (*value != GRAMMAR_NONE && *value != w->b) {
        f->loose = true;
        return STEP_END;
    }
    *value = w->b;
    f->spec = true;
    sc->at += w->len;
    f->value_end = sc->at;
    return STEP_ON;
}

/* A12-1 is one fewer, A12-L is only written so. */
static enum step step_minus(struct scan *sc, struct found *f)
{
    struct number number;
    size_t after = scan_space(sc, sc->at + 1), code_end;
    if (sc->s[sc->at] != '-')
        return STEP_NOT_MINE;
    const struct lexicon_word *w = after < sc->n ? scan_value(sc, f->item.listing, after) : NULL;
    if (scan_number(sc, after, &number)) {
        if (w && after + w->len <= number.end && !values_counted(sc, f->item.listing, after))
            sc->unsure = true; /* a size 1, or one fewer? */
        if (!w) {
            set_qty(sc, f, GRAMMAR_SUB, number.value);
            sc->at = number.end;
            size_t unit = unit_end(sc, f->item.listing, sc->at);
            sc->at = unit ? unit : sc->at;
            return STEP_ON;
        }
    } else if (scan_code(sc, after, &code_end) != GRAMMAR_NONE) {
        sc->unsure = true; /* A1-A5 */
    }
    sc->at++;
    return STEP_ON;
}

static bool code_follows(const struct scan *sc, size_t at)
{
    size_t end;
    return scan_code(sc, scan_space(sc, at), &end) != GRAMMAR_NONE;
}

static enum step step_number(struct scan *sc, struct found *f)
{
    struct number number;
    uint32_t joined[GRAMMAR_CODE_CHARS];
    size_t n = 0, i = sc->at;
    if (!scan_number(sc, sc->at, &number))
        return STEP_NOT_MINE;
    size_t unit = unit_end(sc, f->item.listing, number.end);
    if (unit && sc->before && code_follows(sc, unit))
        return STEP_END; /* 兩個A13一個A1 */
    if (unit) {
        set_qty(sc, f, GRAMMAR_ADD, number.value);
        sc->at = unit;
        return STEP_ON;
    }
    if (number.value > GRAMMAR_BARE_MAX || number.value == 0 || f->qty_said)
        return STEP_NOT_MINE;
    /* "A1 2" where there is an A12 */
    while (i > 0 && (sc->s[i - 1] == ' ' || grammar_is_digit(sc->s[i - 1]) ||
                     grammar_is_latin(sc->s[i - 1])))
        i--;
    for (; i < number.end && n < GRAMMAR_CODE_CHARS; i++)
        if (sc->s[i] != ' ')
            joined[n++] = sc->s[i];
    const struct lexicon_word *w = lexicon_find(&sc->g->codes, joined, n);
    if (w && w->len == n && !f->spec)
        sc->unsure = true;
    set_qty(sc, f, GRAMMAR_ADD, number.value);
    sc->at = number.end;
    return STEP_ON;
}

/* 黑白L各1: every value said gets its own; A1 A2各1: every code; A12各1: every variant. */
static void each_of(struct scan *sc, struct found *f, int qty)
{
    size_t first = sc->count - 1;
    while (first > 0 && sc->found[first - 1].loose)
        first--;
    bool values = first + 1 < sc->count;
    while (!values && !f->spec && first > 0 && sc->found[first - 1].coded &&
           !sc->found[first - 1].qty_said)
        first--;
    if (first + 1 == sc->count && !f->spec)
        f->item.all = f->spec = true;
    for (size_t i = first; i < sc->count; i++) {
        struct found *one = &sc->found[i];
        for (size_t o = 0; values && o < GRAMMAR_OPTIONS_MAX; o++)
            if (one->item.value[o] == GRAMMAR_NONE)
                one->item.value[o] = f->item.value[o];
        set_qty(sc, one, GRAMMAR_ADD, qty);
        one->loose = false;
    }
}

static enum step step_word(struct scan *sc, struct found *f)
{
    const struct lexicon_word *w = scan_word(sc, sc->at);
    struct number number;
    size_t end = sc->at + (w ? w->len : 0);
    if (!w || (sc->at == sc->unknown_end && w->a <= WORD_CANCEL))
        return STEP_NOT_MINE; /* 重要: a verb right behind something else is part of it */
    switch ((enum grammar_word)w->a) {
    case WORD_VERB:
    case WORD_SOFT:
        if (code_follows(sc, end))
            return STEP_END;
        f->verb = true;
        break;
    case WORD_CANCEL:
        if (sc->no_end + 1 >= sc->at && sc->no_end)
            break; /* CF NO CC */
        if (code_follows(sc, end))
            return STEP_END;
        if (f->qty_said)
            sc->unsure = true;
        f->item.op = GRAMMAR_CANCEL;
        break;
    case WORD_ALL: f->item.all = f->spec = true; break;
    case WORD_EACH:
        if (!scan_plus(sc, GRAMMAR_NONE, scan_space(sc, end), &number) &&
            !scan_counted(sc, GRAMMAR_NONE, scan_space(sc, end), &number) &&
            !scan_number(sc, scan_space(sc, end), &number))
            return STEP_NOT_MINE;
        each_of(sc, f, number.value);
        end = number.end;
        break;
    case WORD_FILL:
        if (w->len == 2 && w->text[0] == 'n')
            sc->no_end = end;
        break;
    case WORD_UNIT:
    case WORD_PLUS: break;
    case WORD_NUMBER:
    case WORD_NOT:
    case WORD_QUESTION: return STEP_NOT_MINE;
    }
    sc->at = end;
    return STEP_ON;
}

static enum step step_sign(struct scan *sc, struct found *f)
{
    uint32_t c = sc->s[sc->at];
    struct number number;
    if (scan_plus(sc, f->item.listing, sc->at, &number)) {
        set_qty(sc, f, GRAMMAR_ADD, number.value);
        sc->at = number.end;
        return STEP_ON;
    }
    if (c == '*' && scan_plus(sc, f->item.listing, scan_space(sc, sc->at + 1), &number))
        f->item.all = f->spec = true;
    else if (c != '+' && c != '*' && c != '=' && !joins_digits(c))
        return step_minus(sc, f);
    sc->at++;
    return STEP_ON;
}

/* Letters with digits that are no code of this show belong to no item. */
static bool is_token(const struct scan *sc)
{
    size_t i = sc->at;
    bool digit = false;
    for (; i < sc->n && (grammar_is_latin(sc->s[i]) || grammar_is_digit(sc->s[i])); i++)
        digit = digit || grammar_is_digit(sc->s[i]);
    return digit && grammar_is_latin(sc->s[sc->at]);
}

/* The x of "A12x5" and "A12 x 5"; "A12 X5" may be two codes. */
static bool is_times(const struct scan *sc)
{
    size_t at = sc->at;
    if (sc->s[at] != 'x')
        return false;
    return sc->s[at - 1] != ' ' || !lexicon_find(&sc->g->codes, sc->s + at, sc->n - at);
}

static enum step step(struct scan *sc, struct found *f)
{
    size_t end, laughter = scan_laughter(sc, sc->at);
    enum step done = step_value(sc, f);
    if (done != STEP_NOT_MINE)
        return done;
    if (!is_times(sc) && scan_code(sc, sc->at, &end) != GRAMMAR_NONE)
        return STEP_END;
    if (laughter) {
        sc->at = laughter;
        return STEP_ON;
    }
    done = step_sign(sc, f);
    if (done == STEP_NOT_MINE)
        done = step_number(sc, f);
    if (done != STEP_NOT_MINE)
        return done;
    end = scan_cf(sc, sc->at);
    if (end && !code_follows(sc, end)) {
        f->verb = true;
        sc->at = end;
        return STEP_ON;
    }
    return end || is_token(sc) ? STEP_END : step_word(sc, f);
}

void scan_item(struct scan *sc, struct found *f)
{
    for (;;) {
        sc->at = scan_space(sc, sc->at);
        if (sc->at == sc->n || sc->s[sc->at] == ',')
            return;
        enum step done = step(sc, f);
        if (done == STEP_END)
            return;
        if (done == STEP_NOT_MINE)
            scan_unknown(sc);
    }
}
