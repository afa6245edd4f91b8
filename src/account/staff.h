/*
 * staff - shops, who works in them with which role, what a role may do, and the audit log.
 *
 * Shape:   a fresh instance has one shop. A viewer has at most one role per shop. Every question
 *          about a shop's rows is asked with its shop_id: another shop's rows are ERR_NOT_FOUND.
 * Memory, Thread, Again, Errors: as account.h. Statements in staff.sql.
 */
#pragma once
#include "base/cx.h"
#include "base/id.h"
#include <stddef.h>

struct db;
struct tx;

/* ---- what a role may do ---- */

/* From most to least; NONE is everybody else. The names are stored and shown by the API. */
#define ROLE_TABLE(X)         \
    X(NONE, "none")           \
    X(OWNER, "owner")         \
    X(MANAGER, "manager")     \
    X(HOST, "host")           \
    X(MODERATOR, "moderator") \
    X(PACKER, "packer")

enum role {
#define X(name, text) ROLE_##name,
    ROLE_TABLE(X)
#undef X
        ROLE_COUNT
};
const char *role_name(enum role r);
/* ERR_INPUT for an unknown word; "none" is unknown. */
enum err role_parse(const char *text, enum role *ret_role) NODISCARD;

/*                   api name         owner manager host moderator packer */
#define ACTION_TABLE(X)                              \
    X(STUDIO_SEE, "studio.see", 1, 1, 1, 1, 1)       \
    X(SHOW_CREATE, "show.create", 1, 1, 1, 0, 0)     \
    X(SHOW_EDIT, "show.edit", 1, 1, 1, 0, 0)         \
    X(SHOW_INGEST, "show.ingest", 1, 1, 1, 0, 0)     \
    X(SHOW_RUN, "show.run", 1, 1, 1, 0, 0)           \
    X(SHOW_ARCHIVE, "show.archive", 1, 0, 0, 0, 0)   \
    X(ROOM_MODERATE, "room.moderate", 1, 1, 1, 1, 0) \
    X(PRODUCT_SEE, "product.see", 1, 1, 1, 1, 1)     \
    X(PRODUCT_EDIT, "product.edit", 1, 1, 1, 0, 0)   \
    X(STOCK_ADJUST, "stock.adjust", 1, 1, 1, 0, 0)   \
    X(LISTING_EDIT, "listing.edit", 1, 1, 1, 0, 0)   \
    X(DEAL_RUN, "deal.run", 1, 1, 1, 0, 0)           \
    X(CLAIMS_SEE, "claims.see", 1, 1, 1, 1, 1)       \
    X(CLAIMS_ASSIST, "claims.assist", 1, 1, 1, 1, 0) \
    X(COUPON_EDIT, "coupon.edit", 1, 1, 1, 0, 0)     \
    X(GIVEAWAY_RUN, "giveaway.run", 1, 1, 1, 0, 0)   \
    X(ORDER_SEE, "order.see", 1, 1, 1, 0, 1)         \
    X(ORDER_EDIT, "order.edit", 1, 1, 1, 0, 0)       \
    X(ORDER_CANCEL, "order.cancel", 1, 1, 0, 0, 0)   \
    X(ORDER_REFUND, "order.refund", 1, 1, 0, 0, 0)   \
    X(ORDER_PACK, "order.pack", 1, 1, 0, 0, 1)       \
    X(BILL_SEND, "bill.send", 1, 1, 1, 0, 0)         \
    X(REPORT_SEE, "report.see", 1, 1, 1, 0, 0)       \
    X(FILE_UPLOAD, "file.upload", 1, 1, 1, 0, 0)     \
    X(RECONCILE, "shop.reconcile", 1, 1, 0, 0, 0)    \
    X(AUDIT_SEE, "audit.see", 1, 1, 0, 0, 0)         \
    X(SHOP_EDIT, "shop.edit", 1, 1, 0, 0, 0)         \
    X(LEGAL_EDIT, "legal.edit", 1, 1, 0, 0, 0)       \
    X(PRIVACY_SEE, "privacy.see", 1, 1, 0, 0, 0)     \
    X(STAFF_MANAGE, "staff.manage", 1, 0, 0, 0, 0)

enum action {
#define X(name, text, owner, manager, host, moderator, packer) ACTION_##name,
    ACTION_TABLE(X)
#undef X
        ACTION_COUNT
};
const char *action_name(enum action a);
bool account_may(enum role r, enum action a);

/* ---- shops ---- */

enum { SHOP_NAME_CHARS_MAX = 60, SLUG_MAX = 40 };

struct shop {
    int64_t id;
    const char *public_id; /* shp_… */
    const char *slug;      /* [a-z0-9-]{1,40} */
    const char *name;
};
/* The caller makes id and public_id. ERR_INPUT: slug or name; ERR_EXISTS: the slug is taken. */
enum err shop_create(struct tx *tx, const struct shop *s) NODISCARD;
/* ERR_NOT_FOUND */
enum err shop_by_id(struct db *db, struct arena *arena, int64_t id,
                    struct shop *ret_shop) NODISCARD;
enum err shop_by_public_id(struct db *db, struct arena *arena, const char *public_id,
                           struct shop *ret_shop) NODISCARD;
enum err shop_by_slug(struct db *db, struct arena *arena, const char *slug,
                      struct shop *ret_shop) NODISCARD;
/* The oldest shop: what is meant where none is named. */
enum err shop_first(struct db *db, struct arena *arena, struct shop *ret_shop) NODISCARD;

/* ---- staff ---- */

/* ROLE_NONE for somebody who does not work there. */
enum err staff_role(struct db *db, int64_t viewer_id, int64_t shop_id,
                    enum role *ret_role) NODISCARD;

struct staff {
    int64_t viewer_id;
    int64_t shop_id;
    enum role role;
    const char *viewer_public_id;
    const char *viewer_name;
    const char *email;
    const char *shop_public_id;
    const char *shop_slug;
    const char *shop_name;
};
enum { STAFF_LIST_MAX = 200 };
/* Where this viewer works; who works in this shop. At most STAFF_LIST_MAX, in the arena. */
enum err staff_of_viewer(struct db *db, struct arena *arena, int64_t viewer_id,
                         struct staff **ret_list, size_t *ret_count) NODISCARD;
enum err staff_of_shop(struct db *db, struct arena *arena, int64_t shop_id, struct staff **ret_list,
                       size_t *ret_count) NODISCARD;

/*
 * Give, change or (ROLE_NONE) take away a role. Changing or taking one away ends all sessions of
 * that person; a first role does not, or any shop could sign strangers out by hiring them.
 *
 * ERR_CONFLICT   the shop would be without an owner
 * ERR_NOT_FOUND  no such account or shop (guests cannot be staff)
 */
enum err staff_set(struct tx *tx, int64_t viewer_id, int64_t shop_id, enum role role) NODISCARD;

/* ---- audit ---- */

struct audit {
    int64_t id;                 /* id_next() */
    int64_t actor_id;           /* viewer; 0: the system */
    int64_t shop_id;            /* 0: none */
    const char *action;         /* "staff.set" */
    const char *object;         /* public id of what it was done to */
    const char *before, *after; /* JSON or NULL; no secrets */
    const char *addr;           /* of the peer, or NULL */
    int64_t at_ms;              /* when reading; writing takes tx->cx->now_ms */
};
enum err audit_write(struct tx *tx, const struct audit *a) NODISCARD;
/* Newest first, those with an id below `before_id` (0: from the newest), at most `max` <= 200. */
enum err audit_list(struct db *db, struct arena *arena, int64_t shop_id, int64_t before_id,
                    size_t max, struct audit **ret_list, size_t *ret_count) NODISCARD;
