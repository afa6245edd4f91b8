/* giveaway, inside: rows and JSON. */
#pragma once
#include "room/giveaway.h"
#include "room/room_in.h"

/* How many past the winners have a rank, for prizes that pass on. */
enum { GIVEAWAY_RESERVE = 100 };

struct giveaway {
    int64_t id, show_id, shop_id;
    const char *public_id, *show_public_id;
    const char *market, *rule; /* JSON */
    int64_t variant_id, winners, claim_hours;
    const char *permit_no; /* or NULL */
    enum giveaway_state state;
    const char *commit;  /* hex; NULL: not opened */
    struct blob sealed;  /* the seed */
    const char *seed;    /* hex; NULL: not drawn */
    const char *entropy; /* NULL: none */
    const char *entries_hash;
    int64_t opened_ms, frozen_ms, drawn_ms;
    int64_t entries;
};

/* ERR_NOT_FOUND */
enum err giveaway_read(struct db *db, struct cx *cx, const char *public_id,
                       struct giveaway *ret_giveaway) NODISCARD;
enum err giveaway_read_id(struct db *db, struct cx *cx, int64_t id,
                          struct giveaway *ret_giveaway) NODISCARD;
/* With its show, for staff who may run it. ERR_NOT_FOUND, ERR_FORBIDDEN */
enum err giveaway_for(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                      const char *public_id, struct giveaway *ret_giveaway,
                      struct show *ret_show) NODISCARD;
/* All entries by id, in memory of their own: free() *ret_list, arena_free() *ret_arena. */
enum err giveaway_entries(struct db *db, const struct giveaway *g, struct arena **ret_arena,
                          struct giveaway_entry **ret_list, size_t *ret_count) NODISCARD;

/* The object Giveaway; viewer_id 0: without "me". */
enum err giveaway_json(struct db *db, struct cx *cx, const struct giveaway *g, int64_t viewer_id,
                       json_t **ret_giveaway) NODISCARD;
/* Data of giveaway.open. */
enum err giveaway_open_json(struct db *db, struct cx *cx, const struct giveaway *g,
                            json_t **ret_data) NODISCARD;
/* Data of giveaway.drawn. */
enum err giveaway_drawn_json(struct db *db, struct cx *cx, const struct giveaway *g,
                             json_t **ret_data) NODISCARD;

/* giveaway_draw.c: the room hears who has won. In a job, last. */
enum err giveaway_tell_drawn(struct tx *tx, struct room *r, const struct giveaway *g) NODISCARD;

/* ---- giveaway_prize.c ---- */

struct stock_turn;
struct line_ids;
struct giveaway_winner {
    int64_t viewer_id, rank;
    const struct line_ids *ids;
    bool won;         /* made: it is in their cart; false: that is full */
    int64_t until_ms; /* made */
};
/* The prizes of a draw that is not drawn are let go of. */
enum err giveaway_unhold(struct stock_turn *turn, const struct giveaway *g) NODISCARD;
/* The prize into a winner's cart, and their entry. ERR_SOLD_OUT */
enum err giveaway_give(struct stock_turn *turn, const struct giveaway *g,
                       struct giveaway_winner *w) NODISCARD;
/* The winner hears of it. In a job, last. */
enum err giveaway_tell_winner(struct tx *tx, struct room *r, const struct giveaway *g,
                              const struct giveaway_winner *w) NODISCARD;
