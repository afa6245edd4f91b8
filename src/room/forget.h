/*
 * forget - what was said in rooms goes: a person's words, or all of an old show's.
 *
 * Shape:   the row of a message stays where a claim, a review or a pin needs it, without name, text
 *          and device; rows of the event log keep their number, without name and text. Rooms that
 *          are open hear chat.removed. Names in the ledger of claims are masked and are what its
 *          chain was made of: they stay.
 * Thread:  one that may block and holds no reader: slices of FORGET_SLICE rows, a job each.
 * Again:   what was forgotten is not found again, so a lost slice is done anew.
 * Errors:  ERR_STORE, ERR_BUSY, ERR_NO_MEMORY. Source: statements in forget.sql
 */
#pragma once
#include "base/cx.h"

struct db;
struct room;
struct store;
struct tx;

enum { FORGET_SLICE = 100 };

/* The first show after `after` in which they wrote. ERR_NOT_FOUND: none. */
enum err forget_next_show(struct db *db, int64_t viewer_id, int64_t after,
                          int64_t *ret_show_id) NODISCARD;

/* Whether to go on; false between two slices ends it with ERR_BUSY. */
struct forget_while {
    bool (*go_on)(void *arg);
    void *arg;
};
/* Everything they said in this show. */
enum err forget_said(struct room *r, struct store *store, int64_t now_ms, int64_t viewer_id,
                     int64_t show_id, const struct forget_while *w) NODISCARD;

/* A slice of everything that was said in a show that is long over; *ret_more: there is more. */
enum err forget_show(struct tx *tx, int64_t show_id, bool *ret_more) NODISCARD;

/* A hidden message: its words leave the log. */
enum err forget_event(struct tx *tx, int64_t show_id, int64_t seq,
                      const char *message_public) NODISCARD;
