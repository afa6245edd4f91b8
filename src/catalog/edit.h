/*
 * edit - products are made and changed: by the studio, by quick add in a show, by a file.
 *
 * Shape:   a `product_spec` is a whole product as it shall be. spec_read() makes one of what a
 *          client sends, over what there is; product_make() checks it and makes ids and search
 *          terms; product_create() or product_update() is the job. Variants that a spec leaves out
 *          are switched off. Units are moved by the room `stock`, within the same turn.
 *          Prices and units of a variant may change meanwhile: an update touches only those that
 *          the spec sets, and is refused when anything else of the product has changed.
 * Memory, Thread, Again, Errors: as catalog.h. What a save points to lives until the job is done.
 */
#pragma once
#include "catalog/catalog.h"

struct stock_turn;
struct term;
struct tx;

struct variant_spec {
    const char
        *public_id;      /* of one that is there; NULL: the one with these options, or a new one */
    const char *options; /* ["黑","M"] */
    const char *sku;     /* or NULL */
    bool active, track_stock;
    int64_t weight_g, cost; /* -1: not known */
    bool set_price[MARKET_COUNT];
    struct price price[MARKET_COUNT]; /* amount -1: not sold there */
    int64_t stock;                    /* units of a new one */
    int64_t new_id;                   /* made by product_make(), as the next */
    char new_public_id[ID_TEXT];
};

struct product_spec {
    const char *title, *body, *options; /* JSON text, as in catalog.h */
    const char *category;               /* cat_…, or NULL */
    enum product_status status;
    const char *exempt;
    const char **media; /* "fil_…", or the name of a built-in picture */
    size_t media_count;
    struct variant_spec *variants;
    size_t variant_count;
};

/*
 * What the body of a request makes of a product (`now` NULL: of nothing). Fields: title, body,
 * options, category, status, exempt, media, variants; or, for one without options, price and
 * quantity instead of variants. A title may be a plain text: its script tells the language.
 * ERR_INPUT names the field.
 */
enum err spec_read(struct cx *cx, const json_t *body, const struct product *now,
                   struct product_spec *ret_spec) NODISCARD;

/*
 * {"TW":590,"TH":{"amount":65000,"compare_at":null},…} or {"amount":590,"currency":"TWD"}: which
 * prices it sets; null takes one away. ERR_INPUT
 */
enum err prices_read(struct cx *cx, const json_t *o, const char *name, bool ret_set[MARKET_COUNT],
                     struct price ret_price[MARKET_COUNT]) NODISCARD;

struct product_save {
    int64_t shop_id, actor_id;
    struct product_spec spec;
    int64_t id, version; /* product_update(): of the product, as the editor saw it */
    /* product_make(): */
    char public_id[ID_TEXT];  /* of a new one */
    const struct term *terms; /* NULL: as they were */
    size_t term_count;
};

/* Fills `ret_save` but for version; `now` NULL: a new one. ERR_INPUT: the spec is no product. */
enum err product_make(struct cx *cx, int64_t shop_id, int64_t actor_id,
                      const struct product_spec *spec, const struct product *now,
                      struct product_save *ret_save) NODISCARD;

/*
 * ERR_NOT_FOUND  a category or file of another shop, or not ready
 * ERR_EXISTS     a SKU is taken in this shop
 */
enum err product_create(struct stock_turn *turn, struct product_save *save) NODISCARD;
/* Also ERR_PRECONDITION: it has changed; ERR_NOT_FOUND: a variant of another product. */
enum err product_update(struct stock_turn *turn, struct product_save *save) NODISCARD;

/*
 * Gone when nothing was ever done with it, else archived. ERR_PRECONDITION, ERR_NOT_FOUND
 */
enum err product_delete(struct tx *tx, int64_t shop_id, const char *public_id, int64_t version,
                        bool *ret_archived) NODISCARD;

/* Those that are set; each change is logged. ERR_NOT_FOUND: no such variant in the shop. */
enum err product_set_prices(struct tx *tx, int64_t shop_id, int64_t variant_id, int64_t actor_id,
                            const bool set[MARKET_COUNT],
                            const struct price price[MARKET_COUNT]) NODISCARD;

/* ---- lists ---- */

struct product_ask {
    int64_t shop_id;
    unsigned statuses;    /* 1 << PRODUCT_…; 0: draft and active */
    const char *question; /* words to find, or NULL */
    const char *category; /* cat_…, or NULL */
    const char *cursor;   /* `next` of the page before, or NULL */
    int limit;            /* 1..PRODUCT_LIST_MAX; 0: 50 */
};
struct product_page {
    struct product *items; /* newest first; best first when words were asked for */
    size_t count;
    const char *next; /* or NULL */
};
/* ERR_INPUT: the cursor. Slow with words (ICU). */
enum err product_list(struct db *db, struct cx *cx, const struct product_ask *ask,
                      struct product_page *ret_page) NODISCARD;
/* How many there are of each status. */
enum err product_counts(struct db *db, int64_t shop_id,
                        int64_t ret_counts[PRODUCT_STATUS_COUNT]) NODISCARD;

/* Where replays show it: {"show_id","title","at_ms","code"}, newest first, at most 10. */
enum err product_moments(struct db *db, struct cx *cx, int64_t product_id,
                         json_t **ret_list) NODISCARD;

/* ---- categories ---- */

enum { CATEGORIES_MAX = 100, CATEGORY_CHARS_MAX = 40 };

struct category {
    int64_t id;
    const char *public_id; /* cat_… */
    const char *name;      /* JSON text by language */
    int64_t position;
    int64_t products; /* active ones */
};
enum err category_list(struct db *db, struct arena *arena, int64_t shop_id,
                       struct category **ret_list, size_t *ret_count) NODISCARD;
/* `name` field of a request. ERR_INPUT */
enum err category_read_name(struct cx *cx, const json_t *body, const char **ret_name) NODISCARD;
/* c->id and public_id made by the caller; position 0: last. ERR_CONFLICT: CATEGORIES_MAX */
enum err category_create(struct tx *tx, int64_t shop_id, const struct category *c) NODISCARD;
/* name NULL or position 0: stays. ERR_NOT_FOUND */
enum err category_edit(struct tx *tx, int64_t shop_id, const char *public_id, const char *name,
                       int64_t position) NODISCARD;
/* Its products go on without one. ERR_NOT_FOUND */
enum err category_delete(struct tx *tx, int64_t shop_id, const char *public_id) NODISCARD;
