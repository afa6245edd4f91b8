/* The ledger of claims: numbers, the hash chain, its head, and the CSV that proves it. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/log.h"
#include "room/claim.sql.h"
#include "room/claim_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum err ledger_hash(const unsigned char before[SHA256_LEN], const char *show,
                     const struct claim *c, unsigned char ret_chain[SHA256_LEN])
{
    char *text = json_text_of(json_pack("[s, I, I, s, s, s, I, s]", show, (json_int_t)c->seq_no,
                                        (json_int_t)c->at_ms, c->public_id, c->name_masked, c->code,
                                        (json_int_t)c->given, c->state));
    struct buf b;
    if (!text)
        return ERR_NO_MEMORY;
    buf_init(&b, SHA256_LEN + strlen(text));
    buf_add(&b, before, SHA256_LEN);
    buf_str(&b, text);
    free(text);
    enum err e = buf_err(&b);
    if (!e)
        crypto_sha256(b.data, b.len, ret_chain);
    buf_done(&b);
    return e;
}

static enum err insert_row(struct tx *tx, const struct claim_row *row,
                           const unsigned char chain[SHA256_LEN])
{
    const struct claim *c = &row->c;
    return db_do(tx->db, &SQL_claim_insert,
                 ARGS(V(c->id), V(c->public_id), V(c->show_id), V(c->seq_no),
                      row->message_id ? V(row->message_id) : VNULL, V(row->item_no),
                      V(c->viewer_id), V(c->listing_id), V(c->variant_id),
                      row->deal_id ? V(row->deal_id) : VNULL, V(c->name_masked), V(c->code),
                      V(c->asked), V(c->given), V(c->state), V(c->reason), V(c->place),
                      V(c->market), V(c->unit_amount), V(c->source), V(c->via),
                      c->line_id ? V(c->line_id) : VNULL, c->waiting_id ? V(c->waiting_id) : VNULL,
                      c->hold_until ? V(c->hold_until) : VNULL, V(row->idem), V(c->at_ms),
                      VBLOB(chain, SHA256_LEN)),
                 NULL);
}

enum err ledger_add(struct tx *tx, struct claim_row *row)
{
    unsigned char before[SHA256_LEN] = {0}, chain[SHA256_LEN];
    struct claim *c = &row->c;
    struct blob last = {NULL, 0};
    enum err e = db_do(tx->db, &SQL_ledger_next, ARGS(V(c->show_id)), NULL);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_ledger_last, ARGS(V(c->show_id)),
                   COLS(C(&c->seq_no), C(&last)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_STORE : e;
    if (last.p && last.len == SHA256_LEN)
        memcpy(before, last.p, SHA256_LEN);
    e = ledger_hash(before, row->show_public, c, chain);
    if (!e)
        e = insert_row(tx, row, chain);
    return e ? e
             : db_do(tx->db, &SQL_ledger_chain, ARGS(VBLOB(chain, SHA256_LEN), V(c->show_id)),
                     NULL);
}

/* ---- the head ---- */

static json_t *head_json(int64_t n, const struct blob *chain)
{
    char hex[2 * SHA256_LEN + 1];
    if (!n || !chain->p || chain->len != SHA256_LEN)
        return json_null();
    crypto_hex(chain->p, SHA256_LEN, hex);
    return json_pack("{s:I, s:s}", "n", (json_int_t)n, "chain", hex);
}

json_t *claims_head_json(const struct sale *sale)
{
    return head_json(sale->claim_no, &sale->chain);
}

struct head_job {
    struct room *r;
    int64_t show_id;
};

/* The statement's condition lets one of several processes tell it. */
static enum err head_run(struct tx *tx, void *arg)
{
    const struct head_job *j = arg;
    int64_t n;
    struct blob chain;
    struct show s;
    enum err e = show_read_id(tx->db, tx->cx, j->show_id, &s);
    if (!e)
        e = db_row(tx->db, tx->cx->arena, &SQL_ledger_told, ARGS(V(j->show_id)),
                   COLS(C(&n), C(&chain)));
    if (e)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    const struct event ev = {
        .show_id = j->show_id, .type = "claims.head", .audience = sell_audience(&s)};
    return event_add(tx, j->r, &ev, head_json(n, &chain));
}

enum { HEADS_MAX = 100 };

enum err ledger_tell_heads(struct room *r, struct cx *cx)
{
    int64_t id, show[HEADS_MAX];
    size_t n = 0;
    struct db *db;
    enum err e = store_read(r->store, &db);
    if (e)
        return e;
    struct rows rows = db_rows(db, &SQL_ledger_heads, ARGS());
    while (n < HEADS_MAX && rows_next(&rows, NULL, COLS(C(&id))))
        show[n++] = id;
    e = rows_end(&rows);
    store_read_end(db);
    for (size_t i = 0; !e && i < n; i++) {
        struct head_job j = {r, show[i]};
        e = store_do(r->store, cx, "claims.head", head_run, &j);
    }
    return e;
}

/* ---- CSV ---- */

struct csv_row {
    const char *show, *id, *name, *code, *state;
    int64_t seq_no, at_ms, qty;
    struct blob chain;
};

static void add_row(struct buf *out, const struct csv_row *w)
{
    char hex[2 * SHA256_LEN + 1] = "";
    if (w->chain.len == SHA256_LEN)
        crypto_hex(w->chain.p, SHA256_LEN, hex);
    buf_fmt(out, "%s,%" PRId64 ",%" PRId64 ",%s,", w->show, w->seq_no, w->at_ms, w->id);
    csv_cell(out, w->name);
    buf_fmt(out, ",%s,%" PRId64 ",%s,%s\r\n", w->code, w->qty, w->state, hex);
}

enum { CSV_SLICE = 200, CSV_ARENA = 512 * 1024 };

/* Up to CSV_SLICE rows after *seq_no; *ret_count says how many there were. */
static enum err csv_slice(struct db *db, int64_t show_id, int64_t *seq_no, struct buf *out,
                          size_t *ret_count)
{
    struct arena *arena = arena_make(CSV_ARENA);
    struct csv_row w;
    size_t n = 0;
    if (!arena)
        return ERR_NO_MEMORY;
    struct rows rows =
        db_rows(db, &SQL_ledger_rows, ARGS(V(show_id), V(*seq_no), V((int64_t)CSV_SLICE)));
    while (rows_next(&rows, arena,
                     COLS(C(&w.show), C(&w.seq_no), C(&w.at_ms), C(&w.id), C(&w.name), C(&w.code),
                          C(&w.qty), C(&w.state), C(&w.chain)))) {
        add_row(out, &w);
        *seq_no = w.seq_no;
        n++;
    }
    enum err e = rows_end(&rows);
    arena_free(arena);
    *ret_count = n;
    return e;
}

enum err claim_csv(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                   const char *show, struct buf *out)
{
    struct show s;
    struct sale sale;
    size_t n = 0;
    int64_t seq_no = 0;
    char hex[2 * SHA256_LEN + 1] = "";
    enum err e = show_find(r, db, cx, who, show, &s);
    bool over =
        !e && (s.state == SHOW_ENDED || s.state == SHOW_REPLAY_READY || s.state == SHOW_ARCHIVED);
    if (!e && !over && !account_may(room_role(who, s.shop_id), ACTION_CLAIMS_SEE))
        e = problem(cx, ERR_FORBIDDEN, "the list is public once the show is over");
    if (!e)
        e = sale_read(db, cx, s.id, &sale);
    if (e)
        return e;
    buf_str(out, "show,seq_no,received_at,claim_id,name_masked,code,qty,state,chain\r\n");
    do
        e = csv_slice(db, s.id, &seq_no, out, &n);
    while (!e && n == CSV_SLICE);
    if (sale.chain.len == SHA256_LEN)
        crypto_hex(sale.chain.p, SHA256_LEN, hex);
    buf_fmt(out, "head,%" PRId64 ",,,,,,,%s\r\n", sale.claim_no, hex);
    return e ? e : buf_err(out);
}
