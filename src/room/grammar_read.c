/* A comment as a whole: which items it has, and whether they are sure. */
#include "room/grammar_in.h"

#include <string.h>
#include <unicode/uchar.h>

/* ---- what makes all of it no order ---- */

static bool holds(const struct scan *sc, const char *ascii)
{
    size_t len = strlen(ascii);
    for (size_t i = 0; i + len <= sc->n; i++) {
        size_t k = 0;
        while (k < len && sc->s[i + k] == (unsigned char)ascii[k])
            k++;
        if (k == len)
            return true;
    }
    return false;
}

static bool is_no_order(const struct scan *sc)
{
    for (size_t i = 0; i < sc->n; i++) {
        const struct lexicon_word *w = scan_word(sc, i);
        bool latin = w && grammar_is_latin(w->text[0]) && i > 0 && grammar_is_latin(sc->s[i - 1]);
        if (w && !latin && (w->a == WORD_QUESTION || w->a == WORD_NOT))
            return true;
    }
    return holds(sc, "http://") || holds(sc, "https://") || holds(sc, "www.");
}

/* ---- items ---- */

/* A quantity said before its item: 兩件A12. Its own, if it has one, makes both doubtful. */
static void take_before(struct scan *sc, struct found *f)
{
    if (!sc->before)
        return;
    if (f->qty_said)
        sc->unsure = true;
    f->qty_said = true;
    f->item.qty = sc->before;
    f->drop = sc->before < 1 || sc->before > GRAMMAR_QTY_MAX;
    sc->before = 0;
}

static void code_item(struct scan *sc, int listing, size_t end, bool guess)
{
    struct found *f = scan_add(sc, listing);
    sc->at = end;
    if (!f)
        return;
    f->coded = true;
    f->guess = guess;
    f->value_end = end;
    scan_item(sc, f);
    take_before(sc, f);
}

/* Of the listing spoken of: the last code of this comment, or the pinned one. */
static struct found *context_item(struct scan *sc)
{
    struct found *last = sc->count ? &sc->found[sc->count - 1] : NULL;
    bool bare =
        last && last->coded && !last->qty_said && !last->spec && last->item.op == GRAMMAR_ADD;
    struct found *f = bare                          ? last /* A12, 黑L+2 */
                      : sc->context == GRAMMAR_NONE ? NULL
                                                    : scan_add(sc, sc->context);
    if (!f)
        return NULL;
    scan_item(sc, f);
    take_before(sc, f);
    return f;
}

/* 黑L A12: values, nothing else, and then the code that they are of. */
static bool values_before_code(struct scan *sc)
{
    enum { AHEAD_MAX = 48 };
    int listing = GRAMMAR_NONE;
    size_t code_at = sc->at, code_end = 0;
    while (listing == GRAMMAR_NONE) {
        if (++code_at >= sc->n || code_at > sc->at + AHEAD_MAX || sc->s[code_at] == ',' ||
            sc->s[code_at] == '+')
            return false;
        if (!(grammar_is_latin(sc->s[code_at - 1]) && grammar_is_latin(sc->s[code_at])) &&
            !(grammar_is_digit(sc->s[code_at - 1]) && grammar_is_digit(sc->s[code_at])))
            listing = scan_code(sc, code_at, &code_end);
    }
    struct found values = {.item.value = {GRAMMAR_NONE, GRAMMAR_NONE, GRAMMAR_NONE}};
    for (size_t at = scan_space(sc, sc->at); at < code_at; at = scan_space(sc, at)) {
        const struct lexicon_word *w = scan_value(sc, listing, at);
        if (w && values.item.value[w->a] == GRAMMAR_NONE) {
            values.item.value[w->a] = w->b;
            values.spec = true;
        } else {
            w = scan_word(sc, at);
            if (!w || (w->a != WORD_FILL && w->a != WORD_ALL))
                return false;
            values.item.all = values.item.all || w->a == WORD_ALL;
            values.spec = values.spec || w->a == WORD_ALL;
        }
        at += w->len;
    }
    struct found *f = values.spec ? scan_add(sc, listing) : NULL;
    if (!f)
        return false;
    memcpy(f->item.value, values.item.value, sizeof values.item.value);
    f->item.all = values.item.all;
    f->coded = f->spec = true;
    sc->at = code_end;
    scan_item(sc, f);
    take_before(sc, f);
    return true;
}

/* ---- what an item begins with ---- */

/* CF2 where no code is "2": me, place 2. */
static bool take_queue(struct scan *sc)
{
    struct number number;
    size_t at = scan_space(sc, sc->at), end;
    if (at == sc->n || !grammar_is_digit(sc->s[at]) || scan_value(sc, sc->context, at) ||
        scan_code(sc, at, &end) != GRAMMAR_NONE || scan_laughter(sc, at) ||
        scan_counted(sc, sc->context, at, &number) || !scan_number(sc, at, &number))
        return false;
    int code = scan_code(sc, scan_space(sc, number.end), &end);
    sc->at = code == GRAMMAR_NONE ? number.end : end;
    int listing = code == GRAMMAR_NONE ? sc->context : code;
    struct found *f = listing == GRAMMAR_NONE ? NULL : scan_add(sc, listing);
    if (!f) {
        sc->unknown = true;
        return true;
    }
    f->item.op = GRAMMAR_QUEUE;
    f->drop = number.value < 1 || number.value > GRAMMAR_QTY_MAX;
    return true;
}

static bool take_cf(struct scan *sc)
{
    size_t end = scan_cf(sc, sc->at), code_end;
    if (!end)
        return false;
    bool code = scan_code(sc, scan_space(sc, end), &code_end) != GRAMMAR_NONE;
    if (!code && scan_value(sc, sc->context, sc->at))
        return false; /* F is a size too */
    sc->verb = sc->hard_verb = true;
    sc->cancel = false;
    sc->at = end;
    (void)(code || take_queue(sc));
    return true;
}

/* "+1", and "+1 A12" that has no number of its own behind the code. */
static bool take_plus(struct scan *sc)
{
    struct number number, own;
    size_t end;
    if (sc->s[sc->at] != '+' && !grammar_is_latin(sc->s[sc->at]) && sc->s[sc->at] < 128)
        return false;
    if (sc->s[sc->at] == 'x' || !scan_plus(sc, sc->context, sc->at, &number))
        return false;
    int code = scan_code(sc, scan_space(sc, number.end), &end);
    if (code != GRAMMAR_NONE && !scan_plus(sc, code, scan_space(sc, end), &own)) {
        sc->before = number.value ? number.value : GRAMMAR_QTY_MAX + 1;
        sc->at = number.end;
        return true;
    }
    enum { NAME_MAX = 2 };
    bool glued = sc->unknown_end == sc->at && sc->at - sc->unknown_from <= NAME_MAX;
    struct found *f = context_item(sc);
    if (!f) {
        sc->unknown = true;
        sc->at = number.end;
    } else if (glued && sc->g->listings[f->item.listing].options) {
        f->spec = true; /* 藍+1: a colour by another name? */
    }
    return true;
}

/* 2 x A12 */
static bool times_code(const struct scan *sc, struct number *ret_number)
{
    size_t end;
    if (!scan_number(sc, sc->at, ret_number))
        return false;
    size_t at = scan_space(sc, ret_number->end);
    if (at == sc->n || (sc->s[at] != 'x' && sc->s[at] != '*'))
        return false;
    ret_number->end = at + 1;
    return scan_code(sc, scan_space(sc, at + 1), &end) != GRAMMAR_NONE;
}

static bool take_counted(struct scan *sc)
{
    struct number number;
    if (!times_code(sc, &number) && !scan_counted(sc, sc->context, sc->at, &number)) {
        /* เอา 2; without a verb a number says nothing */
        if (!sc->hard_verb || sc->count || !scan_number(sc, sc->at, &number) ||
            number.value > GRAMMAR_BARE_MAX)
            return false;
    }
    sc->before = number.value ? number.value : GRAMMAR_QTY_MAX + 1;
    sc->at = number.end;
    return true;
}

static bool take_value(struct scan *sc)
{
    if (!scan_value(sc, sc->context, sc->at) || sc->unknown_end == sc->at)
        return false;
    bool coded = sc->count && sc->found[sc->count - 1].coded;
    struct found *f = context_item(sc);
    if (f && coded)
        f->coded = true;
    return f != NULL;
}

static bool take_word(struct scan *sc)
{
    const struct lexicon_word *w = scan_word(sc, sc->at);
    if (!w || (sc->at == sc->unknown_end && w->a <= WORD_CANCEL))
        return false;
    size_t end = sc->at + w->len;
    switch ((enum grammar_word)w->a) {
    case WORD_VERB:
    case WORD_SOFT:
        sc->verb = true;
        sc->hard_verb = sc->hard_verb || w->a == WORD_VERB;
        sc->cancel = false;
        break;
    case WORD_CANCEL: sc->cancel = !(sc->no_end && sc->no_end + 1 >= sc->at); break;
    case WORD_FILL:
        if (w->len == 2 && w->text[0] == 'n')
            sc->no_end = end;
        break;
    case WORD_UNIT: break;
    case WORD_ALL:
    case WORD_EACH: return context_item(sc) != NULL;
    case WORD_PLUS:
    case WORD_NUMBER:
    case WORD_NOT:
    case WORD_QUESTION: return false;
    }
    sc->at = end;
    return true;
}

/* AI2: nearly A12. With a "+1" behind it, it is at least no "+1" of the pinned listing. */
static bool take_token(struct scan *sc)
{
    struct number number;
    size_t end = sc->at, skip = 0;
    bool digit = false;
    for (; end < sc->n && (grammar_is_latin(sc->s[end]) || grammar_is_digit(sc->s[end])); end++)
        digit = digit || grammar_is_digit(sc->s[end]);
    if (!digit && !scan_plus(sc, GRAMMAR_NONE, scan_space(sc, end), &number))
        return false;
    if (sc->s[sc->at] == 'c' && end > sc->at + 3 && sc->s[sc->at + 1] == 'f')
        skip = 2;
    int near = grammar_near(sc->g, sc->s + sc->at, end - sc->at, digit);
    if (near == GRAMMAR_NONE && skip)
        near = grammar_near(sc->g, sc->s + sc->at + skip, end - sc->at - skip, digit);
    bool joined = end < sc->n && (sc->s[end] == ':' || sc->s[end] == '/' || sc->s[end] == '.');
    if (near != GRAMMAR_NONE && !joined) {
        code_item(sc, near, end, true);
        return true;
    }
    scan_unknown(sc);
    if (scan_plus(sc, GRAMMAR_NONE, scan_space(sc, sc->at), &number))
        sc->at = number.end;
    return true;
}

static void read_next(struct scan *sc)
{
    size_t end, laughter = scan_laughter(sc, sc->at);
    uint32_t c = sc->s[sc->at];
    struct number number;
    int code = scan_code(sc, sc->at, &end);
    bool counted = code != GRAMMAR_NONE && scan_plus(sc, code, scan_space(sc, end), &number);
    if (c == ' ' || c == ',' || c == '=' || c == '.' || c == '/' || c == ':' || c == '-')
        sc->at++;
    else if (laughter && !sc->verb && !counted)
        sc->at = laughter;
    else if (code != GRAMMAR_NONE && sc->unknown_end == sc->at && c > 127)
        scan_unknown(sc); /* a code of Han letters inside other words */
    else if (code != GRAMMAR_NONE)
        code_item(sc, code, end, false);
    else if (!values_before_code(sc) && !take_cf(sc) && !take_plus(sc) && !take_value(sc) &&
             !take_counted(sc) && !take_word(sc) && !take_token(sc)) {
        if (c == '+' || c == '*')
            sc->at++;
        else
            scan_unknown(sc);
    }
}

/* What is left when all is read: "CF", "CC", "2件". */
static void read_rest(struct scan *sc)
{
    bool verb = sc->verb && !sc->count;
    if (sc->context == GRAMMAR_NONE || !(verb || sc->before || (sc->cancel && !sc->count)))
        return;
    bool soft = sc->before ? !sc->verb : verb && !sc->hard_verb;
    struct found *f = scan_add(sc, sc->context);
    if (!f)
        return;
    f->soft = soft;
    take_before(sc, f);
}

/* ---- the reading ---- */

static bool is_number_code(const struct scan *sc, const struct found *f)
{
    for (size_t i = 0; i < sc->g->codes.count; i++)
        if (sc->g->codes.words[i].a == f->item.listing)
            return grammar_is_digit(sc->g->codes.words[i].text[0]);
    return false;
}

/* "3 2 1" may count down to something. */
static void doubt_countdown(struct scan *sc)
{
    int listing = GRAMMAR_NONE;
    for (size_t i = 0; i < sc->count; i++) {
        const struct found *f = &sc->found[i];
        if (!f->coded || f->qty_said || f->spec || f->verb || !is_number_code(sc, f))
            continue;
        if (listing != GRAMMAR_NONE && listing != f->item.listing)
            sc->unsure = true;
        listing = f->item.listing;
    }
}

/* 黑白+1 may be one thing or two. */
static void doubt_loose(struct scan *sc)
{
    for (size_t i = 0; i + 1 < sc->count; i++) {
        const struct found *f = &sc->found[i], *next = &sc->found[i + 1];
        bool glued = f->value_end < sc->n && sc->s[f->value_end] != ' ' &&
                     sc->s[f->value_end] != ',' && sc->s[f->value_end] != '/';
        if (f->loose && (glued || (next->qty_said && next->item.qty != 1)))
            sc->unsure = true;
    }
}

/* Values of the pinned listing without a number or a verb are chat. */
static bool is_mention(const struct scan *sc, size_t i)
{
    const struct found *f = &sc->found[i];
    if (f->coded || f->qty_said || f->verb || f->item.op != GRAMMAR_ADD)
        return false;
    while (f->loose && i + 1 < sc->count)
        f = &sc->found[++i];
    return !f->qty_said;
}

/* Does the item stand, and as what? Sure orders of a doubtful comment are for a person. */
static bool stands(const struct scan *sc, const struct found *f, enum grammar_op *op)
{
    bool wanted = f->qty_said || f->verb, named = f->coded || f->spec;
    bool doubt = sc->unknown || sc->unsure || f->guess;
    *op = f->item.op;
    if (f->drop || (doubt && *op != GRAMMAR_ADD))
        return false;
    if (sc->unknown && !(wanted && named))
        return false; /* a mention, or "+1" among other words */
    if (doubt || f->soft)
        *op = GRAMMAR_REVIEW;
    return true;
}

/* What becomes of the item; false: nothing. */
static bool settle(const struct scan *sc, const struct found *f, struct grammar_item *item)
{
    const struct prepared *p = &sc->g->listings[f->item.listing];
    *item = f->item;
    if (!stands(sc, f, &item->op))
        return false;
    item->need_option = false;
    for (size_t o = 0; o < p->options && !item->all; o++) {
        if (item->value[o] == GRAMMAR_NONE && p->values[o] == 1)
            item->value[o] = 0;
        item->need_option = item->need_option || item->value[o] == GRAMMAR_NONE;
    }
    if (item->op == GRAMMAR_SUB || item->op == GRAMMAR_CANCEL)
        item->need_option = false;
    if (item->op == GRAMMAR_CANCEL)
        item->qty = 0;
    return true;
}

static void put(struct grammar_reading *r, const struct grammar_item *item)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct grammar_item *o = &r->items[i];
        if (o->op == item->op && o->listing == item->listing && o->all == item->all &&
            memcmp(o->value, item->value, sizeof o->value) == 0)
            return;
    }
    if (r->count < GRAMMAR_ITEMS_MAX)
        r->items[r->count++] = *item;
}

void grammar_read(const struct grammar *g, const char *text, int pinned,
                  struct grammar_reading *ret_reading)
{
    uint32_t folded[GRAMMAR_FOLDED_MAX];
    struct scan sc = {.g = g, .s = folded};
    bool is_pinned = pinned >= 0 && (size_t)pinned < g->count;
    ret_reading->count = 0;
    if (grammar_fold(text, folded, GRAMMAR_FOLDED_MAX, &sc.n) || sc.n > GRAMMAR_TEXT_MAX ||
        is_no_order(&sc))
        return;
    sc.context = is_pinned ? pinned : GRAMMAR_NONE;
    sc.unknown_end = SIZE_MAX;
    while (sc.at < sc.n && sc.count < GRAMMAR_FOUND_MAX)
        read_next(&sc);
    read_rest(&sc);
    doubt_countdown(&sc);
    doubt_loose(&sc);
    for (size_t i = 0; i < sc.count; i++)
        sc.unknown = sc.unknown || is_mention(&sc, i);
    for (size_t i = 0; i < sc.count; i++) {
        struct grammar_item item;
        if (!is_mention(&sc, i) && settle(&sc, &sc.found[i], &item))
            put(ret_reading, &item);
    }
}
