/*
 * catalog - what a shop sells: products, their variants and prices, categories, search.
 *
 * Shape:   a product has 0 to 3 options and one variant for each combination that is sold (without
 *          options: exactly one). A price is per variant and market; no price: not sold there.
 *          Stock is two integers of the variant; only the room `stock` changes them. A product that
 *          was ever listed, held or sold is archived instead of deleted.
 * Options: JSON text in the shape that keyword orders are read with:
 *          [{"name":"color","values":[["黑","black"],["白"]]}], the first of each value its name.
 *          A variant's: ["黑","M"], one name for each option. "[]" without options.
 * Titles:  JSON text by language: {"zh-TW":"…","th":"…","en":"…"}, at least one.
 * Units:   amounts in minor units of the market's currency; -1: none.
 * Memory:  what is read lies in the arena given.
 * Thread:  functions with a struct tx run in a job; with a struct db on any thread with a reader.
 * Again:   ids are made before the job (product_make()).
 * Errors:  every function may also return ERR_STORE, and ERR_NO_MEMORY for a full arena.
 *          Everything staff ask is bound to shop_id: another shop's rows are ERR_NOT_FOUND.
 * Source:  design: products, variants, prices; statements in product.sql.
 */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include "catalog/market.h"
#include <jansson.h>
#include <stddef.h>

struct arena;
struct db;

enum {
    OPTIONS_MAX = 3,
    OPTION_VALUES_MAX = 30,
    OPTION_ALIASES_MAX = 10,
    OPTION_CHARS_MAX = 30,
    VARIANTS_MAX = 100,
    MEDIA_MAX = 10,
    PRODUCT_TITLE_CHARS_MAX = 80,
    PRODUCT_BODY_CHARS_MAX = 5000,
    SKU_CHARS_MAX = 40,
    PRODUCT_LIST_MAX = 100,
    STOCK_MAX = 1000000
};
#define PRICE_MAX INT64_C(1000000000000)

#define PRODUCT_STATUS_TABLE(X) \
    X(DRAFT, "draft")           \
    X(ACTIVE, "active")         \
    X(ARCHIVED, "archived")
enum product_status {
#define X(name, text) PRODUCT_##name,
    PRODUCT_STATUS_TABLE(X)
#undef X
        PRODUCT_STATUS_COUNT
};
const char *product_status_name(enum product_status s);
enum err product_status_parse(const char *text, enum product_status *ret_status) NODISCARD;

/* Why a product cannot be sent back ("none": it can). */
bool product_exempt_ok(const char *word);

/* A file that was uploaded, or a picture that ships with the app ("tw-bag": /img/tw-bag.jpg). */
struct product_media {
    const char *file_id; /* fil_…, or NULL */
    const char *key;     /* of the file, by content; NULL for a built-in one */
    const char *builtin; /* or NULL */
    int64_t width, height;
};

struct price {
    int64_t amount;     /* -1: not sold there */
    int64_t compare_at; /* the price that is struck through; -1: none */
};

struct variant {
    int64_t id, product_id, shop_id;
    const char *public_id; /* var_… */
    const char *sku;       /* or NULL */
    const char *options;   /* ["黑","M"] */
    bool active;
    bool track_stock; /* false: never runs out */
    int64_t stock_total, stock_held;
    int64_t weight_g, cost;           /* -1: not known */
    struct price price[MARKET_COUNT]; /* by market_index() */
};

struct product {
    int64_t id, shop_id;
    const char *public_id; /* prd_… */
    const char *title, *body;
    const char *options;
    const char *category; /* cat_…, or NULL */
    enum product_status status;
    const char *exempt;
    int64_t version, created_ms, updated_ms;
    struct variant *variants; /* by position; switched-off ones too */
    size_t variant_count;
    struct product_media *media;
    size_t media_count;
};

/* ---- reading ---- */

/* With variants, prices and media. `shop_id` 0: of any shop. ERR_NOT_FOUND */
enum err product_by_public_id(struct db *db, struct arena *arena, int64_t shop_id,
                              const char *public_id, struct product *ret_product) NODISCARD;
enum err product_by_id(struct db *db, struct arena *arena, int64_t shop_id, int64_t id,
                       struct product *ret_product) NODISCARD;
enum err product_of_variant(struct db *db, struct arena *arena, int64_t shop_id, int64_t variant_id,
                            struct product *ret_product) NODISCARD;

/* One variant with its prices. ERR_NOT_FOUND */
enum err variant_by_public_id(struct db *db, struct arena *arena, int64_t shop_id,
                              const char *public_id, struct variant *ret_variant) NODISCARD;
enum err variant_by_id(struct db *db, struct arena *arena, int64_t shop_id, int64_t id,
                       struct variant *ret_variant) NODISCARD;
/* Of a product, by position; switched-off ones too. At most VARIANTS_MAX. */
enum err variant_list(struct db *db, struct arena *arena, int64_t product_id,
                      struct variant **ret_list, size_t *ret_count) NODISCARD;

/*
 * What one unit costs at list price, if somebody may buy it now: the product is active, the variant
 * is on and has a price in this market. One statement.
 *
 * ERR_NOT_FOUND  not for sale there
 */
enum err price_of(struct db *db, int64_t shop_id, int64_t variant_id, const char *market,
                  int64_t *ret_amount) NODISCARD;

/* The name of a picture that ships with the app. */
bool builtin_media_ok(const char *name);

/* Units that are free; INT64_MAX for what never runs out. */
int64_t variant_left(const struct variant *v);
/* The same over all that are switched on. */
int64_t product_left(const struct product *p);

/* ---- JSON ---- */

/*
 * What buyers are told of `left` units: the number up to 10, then "10+", "50+", "100+"; null for
 * what never runs out. New reference; NULL out of memory, here and below.
 */
json_t *left_json(int64_t left);
/* {"TW":{"amount":590,"currency":"TWD","compare_at":null},…}: where there is a price. */
json_t *prices_json(const struct variant *v);
/* {"id","builtin","url","sizes":{"160","480","1080"},"width","height"} */
json_t *media_json(const struct product_media *m);
/* Address of the first picture, 480 wide, as a JSON text; null without pictures. */
json_t *product_image_json(const struct product *p);
/* JSON text that was stored ("options", "title"); null when it does not parse. */
json_t *stored_json(const char *text);
/*
 * What each option of a variant is called: [["黑","black"],["M"]] of ["黑","M"], its name first.
 * Both texts are as stored; a value that the product no longer has is its name alone.
 */
json_t *option_words_json(const char *variant_options, const char *product_options);

/* As buyers see it (variants that are on, units in steps), or as staff do (all of it). */
json_t *product_json(const struct product *p, bool staff);
