/* A claim as it is kept and told. */
#include "base/arena.h"
#include "base/buf.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"

#include <inttypes.h>
#include <string.h>

/* ---- rows ---- */

void claim_columns(struct claim *c, struct col out[CLAIM_COLUMNS + 1])
{
    const struct col cols[CLAIM_COLUMNS + 1] = {
        C(&c->id),
        C(&c->public_id),
        C(&c->show_id),
        C(&c->seq_no),
        C(&c->viewer_id),
        C(&c->listing_id),
        C(&c->variant_id),
        C(&c->listing_public),
        C(&c->variant_public),
        C(&c->options),
        C(&c->name_masked),
        C(&c->code),
        C(&c->asked),
        C(&c->given),
        C(&c->place),
        C(&c->state),
        C(&c->reason),
        C(&c->market),
        C(&c->unit_amount),
        C(&c->source),
        C(&c->via),
        C(&c->line_id),
        C(&c->waiting_id),
        C(&c->line_public),
        C(&c->waiting_public),
        C(&c->message_public),
        C(&c->hold_until),
        C(&c->at_ms),
        {0},
    };
    memcpy(out, cols, sizeof cols);
}

static enum err read_one(struct db *db, struct cx *cx, const struct sql *q, const struct val *args,
                         struct claim *ret_claim)
{
    struct claim c = {.id = 0};
    struct col cols[CLAIM_COLUMNS + 1];
    claim_columns(&c, cols);
    enum err e = db_row(db, cx->arena, q, args, cols);
    if (e == ERR_NOT_FOUND)
        return problem(cx, e, "no such claim");
    if (!e)
        *ret_claim = c;
    return e;
}

enum err claim_read(struct db *db, struct cx *cx, const char *public_id, struct claim *ret_claim)
{
    if (!id_ok(public_id, "clm"))
        return problem(cx, ERR_NOT_FOUND, "no such claim");
    return read_one(db, cx, &SQL_claim_by_public_id, ARGS(V(public_id)), ret_claim);
}

enum err claim_read_id(struct db *db, struct cx *cx, int64_t id, struct claim *ret_claim)
{
    return read_one(db, cx, &SQL_claim_by_id, ARGS(V(id)), ret_claim);
}

/* ---- JSON, by hand: it is written for every claim, in the job ---- */

/* "text" quoted, or null. Ids and our own words only: nothing in them wants escaping. */
static void add_word(struct buf *b, const char *key, const char *word)
{
    if (word)
        buf_fmt(b, ",\"%s\":\"%s\"", key, word);
    else
        buf_fmt(b, ",\"%s\":null", key);
}

static void add_time(struct buf *b, const char *key, int64_t ms)
{
    if (ms)
        buf_fmt(b, ",\"%s\":%" PRId64, key, ms);
    else
        buf_fmt(b, ",\"%s\":null", key);
}

const char *claim_text(struct cx *cx, const struct claim *c)
{
    const struct market *m = market_find(c->market);
    struct buf b;
    buf_init(&b, 4096);
    buf_fmt(&b, "{\"id\":\"%s\",\"seq_no\":%" PRId64 ",\"place\":%" PRId64, c->public_id, c->seq_no,
            c->place);
    add_word(&b, "listing_id", c->listing_public);
    add_word(&b, "code", c->code);
    add_word(&b, "variant_id", c->variant_public);
    buf_fmt(&b, ",\"options\":%s,\"asked\":%" PRId64 ",\"given\":%" PRId64,
            c->options ? c->options : "[]", c->asked, c->given);
    add_word(&b, "state", c->state);
    add_word(&b, "reason", c->reason);
    buf_fmt(&b, ",\"unit\":{\"amount\":%" PRId64 ",\"currency\":\"%s\"}", c->unit_amount,
            m ? m->currency : "");
    add_word(&b, "source", c->source);
    add_word(&b, "via", c->via);
    add_word(&b, "line_id", c->line_public);
    add_word(&b, "waiting_id", c->waiting_public);
    add_word(&b, "message_id", c->message_public);
    add_time(&b, "hold_until", c->hold_until);
    add_time(&b, "at", c->at_ms);
    buf_ch(&b, '}');
    const char *text = b.failed ? NULL : arena_dup(cx->arena, b.data, b.len);
    buf_done(&b);
    return text;
}

enum err claim_tell(struct tx *tx, struct room *r, const struct claim *c, const char **ret_text)
{
    struct event ev = {.show_id = c->show_id,
                       .type = "claim.result",
                       .audience = AUDIENCE_VIEWER,
                       .viewer_id = c->viewer_id};
    const char *text = claim_text(tx->cx, c);
    enum err e = text ? event_next(tx, c->show_id, &ev.seq) : ERR_NO_MEMORY;
    if (!e)
        e = event_put_text(tx, r, &ev, text);
    if (!e && ret_text)
        *ret_text = text;
    return e;
}
