/* A CSV file cut into products; what is wrong in it is noted row by row. */
#include "base/arena.h"
#include "base/money.h"
#include "base/text.h"
#include "catalog/csv_in.h"
#include "catalog/import_in.h"

#include <stdlib.h>
#include <string.h>

enum { ARENA = 48 << 20, SLOTS = 16384, NO_COLUMN = COLUMN_COUNT };
_Static_assert(SLOTS > 2 * IMPORT_ROWS_MAX, "tables of keys never fill");

const char import_template[] =
    "\xef\xbb\xbf"
    "product,title_zh,title_th,title_en,body_zh,body_th,body_en,category,option1_name,option1,"
    "option2_name,option2,option3_name,option3,sku,price_twd,compare_twd,price_thb,compare_thb,"
    "quantity,weight_g,status,exempt,image\r\n"
    "bag,手作帆布包,กระเป๋าผ้าทำมือ,Canvas "
    "bag,厚磅帆布,,,包包,color,黑|black|ดำ,size,M,,,BAG-BK-M,590,690,"
    "650.00,,20,300,active,none,\r\n"
    "bag,,,,,,,,color,白|white|ขาว,size,M,,,BAG-WH-M,590,690,650.00,,15,300,,,\r\n"
    "tea,高山茶,ชาภูเขา,Mountain tea,,,,茶,,,,,,,TEA-1,450,,480.00,,30,150,active,fresh,\r\n";

static const char *const names[COLUMN_COUNT] = {
#define X(name, text) text,
    IMPORT_COLUMNS(X)
#undef X
};

const char *import_column_name(enum import_column c)
{
    return names[c];
}

void import_fault(struct import_file *f, int64_t line, const char *column, const char *code,
                  const char *message)
{
    f->error_count++;
    if (json_array_size(f->errors) < IMPORT_ERRORS_MAX)
        (void)json_array_append_new(f->errors,
                                    json_pack("{s:I,s:s?,s:s,s:s}", "row", (json_int_t)line,
                                              "column", column, "code", code, "message", message));
}

void import_free(struct import_file *f)
{
    json_decref(f->errors);
    arena_free(f->arena);
    *f = (struct import_file){0};
}

/* ---- amounts ---- */

/* "1,290" "NT$590" "650.00": sign and thousands go, decimals must fit the currency. */
/* A comma before three digits and no more; "12,50" is no price, and not 1250. */
static bool is_thousand(const char *comma)
{
    return strspn(comma + 1, "0123456789") == 3;
}

bool import_amount(const char *text, const char *currency, int64_t *ret_amount)
{
    int64_t n = 0;
    int decimals = -1, digits = 0, exponent = money_exponent(currency);
    text += text_has_prefix(text, "NT$") ? 3 : text_has_prefix(text, "฿") ? strlen("฿") : 0;
    text += *text == '$';
    for (; *text; text++) {
        if (*text == ',' && decimals < 0 && digits && is_thousand(text))
            continue;
        if (*text == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || decimals >= 4)
            return false;
        digits++;
        if (decimals >= exponent) { /* more than there are: only zeros */
            if (*text != '0')
                return false;
            decimals++;
            continue;
        }
        decimals += decimals >= 0;
        n = n * 10 + (*text - '0');
        if (n > PRICE_MAX)
            return false;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < exponent; i++)
        n *= 10;
    if (!digits || n > PRICE_MAX)
        return false;
    *ret_amount = n;
    return true;
}

/* ---- keys ---- */

/* Open addressing; a key is text and a kind, its value a number. */
struct keys {
    const char *key[SLOTS];
    size_t value[SLOTS];
};

static size_t slot_of(const struct keys *k, const char *key)
{
    uint32_t h = 2166136261u;
    for (const char *s = key; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u;
    size_t at = h % SLOTS;
    while (k->key[at] && strcmp(k->key[at], key) != 0)
        at = (at + 1) % SLOTS;
    return at;
}

/* ---- rows ---- */

struct parsing {
    struct cx *cx;
    struct import_file *f;
    struct csv csv;
    unsigned column[CSV_FIELDS_MAX]; /* of each field of the header; NO_COLUMN: unknown */
    size_t fields;
    struct keys *products, *skus;
};

static unsigned column_of(const char *name)
{
    for (unsigned c = 0; c < COLUMN_COUNT; c++)
        if (text_same_nocase(names[c], name))
            return c;
    return NO_COLUMN;
}

static enum err read_header(struct parsing *p)
{
    const char *field[CSV_FIELDS_MAX];
    bool seen[COLUMN_COUNT] = {false};
    enum err e = csv_row(&p->csv, p->f->arena, field, &p->fields);
    if (e == ERR_NOT_FOUND || e == ERR_INPUT)
        return problem(p->cx, ERR_INPUT, "the file has no header row");
    if (e)
        return e;
    for (size_t i = 0; i < p->fields; i++) {
        unsigned c = column_of(field[i]);
        if (*field[i] && c == NO_COLUMN)
            import_fault(p->f, 1, field[i], "unknown_column", "this column is not known");
        else if (c != NO_COLUMN && seen[c])
            import_fault(p->f, 1, field[i], "duplicate", "this column is there twice");
        p->column[i] = c == NO_COLUMN || seen[c] ? NO_COLUMN : c;
        if (c != NO_COLUMN)
            seen[c] = true;
    }
    if (!seen[COLUMN_TITLE_ZH] && !seen[COLUMN_TITLE_TH] && !seen[COLUMN_TITLE_EN] &&
        !seen[COLUMN_SKU])
        return problem(p->cx, ERR_INPUT,
                       "the header has none of title_zh, title_th, title_en and sku");
    return ERR_OK;
}

static const char *key_of(const struct import_row *r)
{
    static const enum import_column order[] = {COLUMN_PRODUCT, COLUMN_TITLE_ZH, COLUMN_TITLE_TH,
                                               COLUMN_TITLE_EN, COLUMN_SKU};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (r->cell[order[i]])
            return r->cell[order[i]];
    return NULL;
}

static void fault(struct parsing *p, struct import_product *product, const struct import_row *r,
                  enum import_column c, const char *code, const char *message)
{
    product->bad = true;
    import_fault(p->f, r->line, names[c], code, message);
}

static void check_numbers(struct parsing *p, struct import_product *to, const struct import_row *r)
{
    static const struct {
        enum import_column column;
        const char *currency;
    } money[] = {{COLUMN_PRICE_TWD, "TWD"},
                 {COLUMN_COMPARE_TWD, "TWD"},
                 {COLUMN_PRICE_THB, "THB"},
                 {COLUMN_COMPARE_THB, "THB"}};
    int64_t n;
    for (size_t i = 0; i < sizeof money / sizeof *money; i++) {
        const char *text = r->cell[money[i].column];
        if (text && !import_amount(text, money[i].currency, &n))
            fault(p, to, r, money[i].column, "number", "this is no price");
    }
    if (r->cell[COLUMN_QUANTITY] && text_i64(r->cell[COLUMN_QUANTITY], 0, STOCK_MAX, &n))
        fault(p, to, r, COLUMN_QUANTITY, "number", "this is no number of units");
    if (r->cell[COLUMN_WEIGHT] && text_i64(r->cell[COLUMN_WEIGHT], 0, 1000000, &n))
        fault(p, to, r, COLUMN_WEIGHT, "number", "this is no weight in grams");
}

static void check_words(struct parsing *p, struct import_product *to, const struct import_row *r)
{
    enum product_status status;
    const char *sku = r->cell[COLUMN_SKU];
    if (r->cell[COLUMN_STATUS] && product_status_parse(r->cell[COLUMN_STATUS], &status))
        fault(p, to, r, COLUMN_STATUS, "status", "it must be draft, active or archived");
    if (r->cell[COLUMN_EXEMPT] && !product_exempt_ok(r->cell[COLUMN_EXEMPT]))
        fault(p, to, r, COLUMN_EXEMPT, "exempt", "this reason is not known");
    if (!sku)
        return;
    if (text_chars(sku, strlen(sku)) > SKU_CHARS_MAX)
        fault(p, to, r, COLUMN_SKU, "long", "a SKU has at most 40 characters");
    size_t at = slot_of(p->skus, sku);
    if (p->skus->key[at])
        fault(p, to, r, COLUMN_SKU, "duplicate", "this SKU is in the file twice");
    p->skus->key[at] = sku;
}

/* To the product of its key, which may be new. */
static enum err place_row(struct parsing *p, struct import_row *r)
{
    struct import_file *f = p->f;
    const char *key = key_of(r);
    if (!key) {
        import_fault(f, r->line, NULL, "missing", "the row has neither a title nor a SKU");
        return ERR_OK;
    }
    size_t at = slot_of(p->products, key);
    if (!p->products->key[at]) {
        p->products->key[at] = key;
        p->products->value[at] = f->product_count;
        f->products[f->product_count++] = (struct import_product){.line = r->line};
    }
    struct import_product *to = &f->products[p->products->value[at]];
    struct import_row **last = &to->rows;
    size_t n = 0;
    for (; *last; last = &(*last)->next)
        n++;
    if (n == VARIANTS_MAX) {
        to->bad = true;
        import_fault(f, r->line, NULL, "long", "a product has at most 100 variants");
        return ERR_OK;
    }
    *last = r;
    check_numbers(p, to, r);
    check_words(p, to, r);
    return ERR_OK;
}

static enum err take_row(struct parsing *p, const char *const *field, size_t count)
{
    struct import_row *r = arena_new(p->f->arena, struct import_row);
    if (!r)
        return ERR_NO_MEMORY;
    r->line = p->csv.line;
    for (size_t i = 0; i < count && i < p->fields; i++)
        if (p->column[i] != NO_COLUMN && *field[i])
            r->cell[p->column[i]] = field[i];
    if (++p->f->row_count > IMPORT_ROWS_MAX)
        return problem(p->cx, ERR_TOO_LARGE, "a file has at most %d rows", IMPORT_ROWS_MAX);
    return place_row(p, r);
}

static enum err read_rows(struct parsing *p)
{
    const char *field[CSV_FIELDS_MAX];
    size_t count = 0;
    enum err e;
    while ((e = csv_row(&p->csv, p->f->arena, field, &count)) != ERR_NOT_FOUND) {
        if (e == ERR_INPUT)
            import_fault(p->f, p->csv.line, NULL, "quotes", "the row's quotes do not match");
        else if (!e)
            e = take_row(p, field, count);
        if (e && e != ERR_INPUT)
            return e;
    }
    return ERR_OK;
}

enum err import_parse(struct cx *cx, const char *data, size_t len, struct import_file *ret_file)
{
    struct import_file f = {.arena = arena_make(ARENA), .errors = json_array()};
    struct parsing p = {.cx = cx, .f = &f};
    enum err e = ERR_NO_MEMORY;
    if (!text_is_utf8(data, len) || memchr(data, '\0', len)) {
        import_free(&f);
        return problem(cx, ERR_INPUT,
                       "the file is not UTF-8: save it as \"CSV UTF-8\" and try again");
    }
    csv_open(&p.csv, data, len);
    if (f.arena && f.errors) {
        f.products = arena_array(f.arena, struct import_product, IMPORT_ROWS_MAX + 1);
        p.products = arena_new(f.arena, struct keys);
        p.skus = arena_new(f.arena, struct keys);
    }
    if (f.products && p.products && p.skus)
        e = read_header(&p);
    if (!e)
        e = read_rows(&p);
    if (e)
        import_free(&f);
    else
        *ret_file = f;
    return e;
}
