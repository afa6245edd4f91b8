/*
 * breach - a shop's own notes of incidents with personal data: what, when, whom it hit, who was
 * told. The Thai act gives 72 hours to tell its office, so a note says since when it is known.
 *
 * Memory, Thread, Errors: as privacy.h.
 */
#pragma once
#include "base/cx.h"
#include "base/id.h"

#include <jansson.h>

struct db;
struct tx;

enum { BREACH_CHARS_MAX = 2000, BREACH_LIST_MAX = 100 };

struct breach {
    int64_t id; /* id_next() */
    char public_id[ID_TEXT];
    int64_t shop_id, by_id, version;
    const char *what; /* NULL: stays */
    /* 0: not said, stays; -1: taken back */
    int64_t found_ms, people, told_ms, closed_ms;
};
/* ERR_INPUT: the text. */
enum err breach_add(struct tx *tx, const struct breach *b) NODISCARD;
/* By public id, shop and version. ERR_NOT_FOUND, ERR_PRECONDITION */
enum err breach_set(struct tx *tx, const struct breach *b) NODISCARD;
enum err breach_read(struct db *db, struct cx *cx, int64_t shop_id, const char *public_id,
                     json_t **ret_breach) NODISCARD;
/* {"items"}: newest first, at most BREACH_LIST_MAX. */
enum err breach_list(struct db *db, struct cx *cx, int64_t shop_id, json_t **ret_list) NODISCARD;
