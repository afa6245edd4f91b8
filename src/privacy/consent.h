/*
 * consent - what people agreed to, when, to which version, and what they took back.
 *
 * Shape:   rows are only added; of a kind (and shop) the last one counts. Kinds: terms, privacy,
 *          marketing, withdrawal_notice, exempt_notice; the last two belong to an order and cannot
 *          be taken back, and marketing is off until it is granted. The site sets no cookie that it
 *          does not need, so it asks for none.
 * Memory, Thread, Errors: as privacy.h.
 */
#pragma once
#include "base/cx.h"

#include <jansson.h>

struct db;
struct tx;

struct consent {
    int64_t id; /* id_next() */
    int64_t viewer_id;
    const char *kind;
    bool granted;
    const char *version; /* of the text that was shown; NULL: the one in force */
    const char *lang;    /* it was read in; or NULL */
    const char *source;  /* "checkout", "signup", "settings" */
    int64_t shop_id;     /* whose text; 0: none in particular */
    const char *ref;     /* order number; or NULL */
};
/*
 * Nothing is written when that is how it stands already.
 *
 * ERR_INPUT  no such kind, or one that cannot be set in settings; no such version
 */
enum err consent_set(struct tx *tx, const struct consent *c) NODISCARD;

/* {"items":[{"kind","granted","version","lang","source","shop","ref","at","current"}]}, last first.
 */
enum err consent_list(struct db *db, struct cx *cx, int64_t viewer_id, json_t **ret_list) NODISCARD;
/* The shop's log for its staff: {"items":[{…,"viewer":{"id","name"}}],"next"}. */
enum err consent_log(struct db *db, struct cx *cx, int64_t shop_id, const char *cursor,
                     json_t **ret_list) NODISCARD;
