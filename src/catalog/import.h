/*
 * import - products from a CSV file: checked first, then made in the background.
 *
 * Shape:   import_parse() cuts the file into products (rows with the same `product`, or title).
 *          A product is found again by its SKUs, else by its title: the same file twice changes
 *          nothing. Empty cells leave what there is. Rows with a fault spoil their product alone.
 *          A run keeps the file in the database and goes on after a restart where it was; each
 *          product is one job, and two processes never do the same one.
 * Columns: IMPORT_COLUMNS; import_template is a file to begin with.
 * Memory:  a parsed file has an arena of its own: import_free().
 * Thread:  import_check() and import_start() on workers; the importer has a thread of its own.
 * Errors:  as catalog.h.
 * Source:  docs/guides/import.md; statements in import.sql.
 */
#pragma once
#include "catalog/catalog.h"

struct importer;
struct stock_watch;
struct store;

enum { IMPORT_BYTES_MAX = 5 * 1024 * 1024, IMPORT_ROWS_MAX = 5000, IMPORT_ERRORS_MAX = 200 };

#define IMPORT_COLUMNS(X)           \
    X(PRODUCT, "product")           \
    X(TITLE_ZH, "title_zh")         \
    X(TITLE_TH, "title_th")         \
    X(TITLE_EN, "title_en")         \
    X(BODY_ZH, "body_zh")           \
    X(BODY_TH, "body_th")           \
    X(BODY_EN, "body_en")           \
    X(CATEGORY, "category")         \
    X(OPTION1_NAME, "option1_name") \
    X(OPTION1, "option1")           \
    X(OPTION2_NAME, "option2_name") \
    X(OPTION2, "option2")           \
    X(OPTION3_NAME, "option3_name") \
    X(OPTION3, "option3")           \
    X(SKU, "sku")                   \
    X(PRICE_TWD, "price_twd")       \
    X(COMPARE_TWD, "compare_twd")   \
    X(PRICE_THB, "price_thb")       \
    X(COMPARE_THB, "compare_thb")   \
    X(QUANTITY, "quantity")         \
    X(WEIGHT, "weight_g")           \
    X(STATUS, "status")             \
    X(EXEMPT, "exempt")             \
    X(IMAGE, "image")

extern const char import_template[];

/*
 * What the file would do, and what is wrong with it, as the JSON of an import with state "checked".
 * ERR_INPUT      not UTF-8, no header, none of the title columns
 * ERR_TOO_LARGE  more than IMPORT_ROWS_MAX rows
 */
enum err import_check(struct store *store, struct cx *cx, int64_t shop_id, const char *data,
                      size_t len, json_t **ret_json) NODISCARD;

/* Store it for the importer: wake it. As import_check(); state "running". */
enum err import_start(struct store *store, struct cx *cx, int64_t shop_id, int64_t actor_id,
                      const char *data, size_t len, json_t **ret_json) NODISCARD;

/* How far it is. ERR_NOT_FOUND */
enum err import_get(struct db *db, struct cx *cx, const char *public_id, int64_t *ret_shop_id,
                    json_t **ret_json) NODISCARD;

/* All of it as long as the importer. */
struct importer_setup {
    struct store *store;
    const struct stock_watch *watch; /* told of units that come in; or NULL */
    /* After a product that was there has changed (its public id), on the importer's thread; or NULL
     */
    void (*changed)(void *arg, struct cx *cx, const char *product);
    void *arg;
};

/*
 * The thread that works through stored files, those of earlier runs of the program too. NULL: out
 * of memory.
 */
struct importer *importer_make(const struct importer_setup *setup);
void importer_wake(struct importer *im); /* any thread */
void importer_free(struct importer *im); /* stops after the product it is at. NULL is fine */
