/* import - a file's parts, shared by its three sources. Private to catalog. */
#pragma once
#include "catalog/edit.h"
#include "catalog/import.h"

enum import_column {
#define X(name, text) COLUMN_##name,
    IMPORT_COLUMNS(X)
#undef X
        COLUMN_COUNT
};

struct import_row {
    int64_t line;
    const char *cell[COLUMN_COUNT]; /* NULL: empty */
    struct import_row *next;        /* of the same product */
};

struct import_product {
    struct import_row *rows;
    int64_t line; /* of the first */
    bool bad;     /* a row of it has a fault */
};

struct import_file {
    struct arena *arena;
    struct import_product *products;
    size_t product_count, row_count;
    json_t *errors; /* the first IMPORT_ERRORS_MAX */
    int64_t error_count;
};

/* `cx` is for problem texts. ERR_INPUT, ERR_TOO_LARGE; else the file's faults are in it. */
enum err import_parse(struct cx *cx, const char *data, size_t len,
                      struct import_file *ret_file) NODISCARD;
void import_free(struct import_file *f);

/* Note a fault of a row; `column` may be NULL. */
void import_fault(struct import_file *f, int64_t line, const char *column, const char *code,
                  const char *message);
const char *import_column_name(enum import_column c);

/* A price as people write it, in minor units of the currency. False: no price. */
bool import_amount(const char *text, const char *currency, int64_t *ret_amount);

/* ---- one product against the database (import_plan.c) ---- */

enum import_fate { IMPORT_CREATES, IMPORT_UPDATES, IMPORT_SAME, IMPORT_FAULT };

struct import_count {
    const char *variant; /* var_…, one that was there */
    int64_t units;
};

struct import_plan {
    enum import_fate fate;
    struct product_save save;
    struct import_count *counts;
    size_t count_count;
    const char *category; /* name of one that must be made first, or NULL */
};

/*
 * What this product of the file becomes. A fault is noted in `f`. Everything lies in cx->arena.
 * `whole` false: only the fate is asked for (no search terms are made).
 */
enum err import_plan(struct db *db, struct cx *cx, int64_t shop_id, int64_t actor_id,
                     struct import_file *f, const struct import_product *p, bool whole,
                     struct import_plan *ret_plan) NODISCARD;
