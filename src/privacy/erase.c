/* The first part of an erasure, in the caller's job: what others could see or use. */
#include "base/arena.h"
#include "login/revoke.h"
#include "notify/notify.h"
#include "privacy/erase.sql.h"
#include "privacy/privacy_in.h"
#include "privacy/tables.h"
#include "room/room.h"

#include <stdio.h>
#include <string.h>

void erasure_make(struct erasure *e)
{
    *e = (struct erasure){.request_id = id_next()};
    id_make("req", e->code);
    id_make("viw", e->new_public);
}

/* The same for everybody, in any language: "#" and some of the new public id. */
static void pseudonym(const char *new_public, char out[PSEUDONYM_SIZE])
{
    (void)snprintf(out, PSEUDONYM_SIZE, "#%.4s", new_public + strlen("viw_"));
}

static enum err check_alone(struct tx *tx, int64_t viewer_id)
{
    const char *slug, *name;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_erase_alone, ARGS(V(viewer_id)),
                        COLS(C(&slug), C(&name)));
    if (!e)
        return problem(tx->cx, ERR_CONFLICT, "'%s' would be without an owner", slug);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err note_sessions(struct tx *tx, int64_t viewer_id, struct erasure *x)
{
    struct blob hash;
    x->session_count = 0;
    struct rows rows =
        db_rows(tx->db, &SQL_erase_session_hashes, ARGS(V(viewer_id), V((int64_t)SESSIONS_MAX)));
    while (x->session_count < SESSIONS_MAX && rows_next(&rows, tx->cx->arena, COLS(C(&hash))))
        if (hash.len == SHA256_LEN)
            memcpy(x->sessions[x->session_count++], hash.p, SHA256_LEN);
    return rows_end(&rows);
}

/* Rows that are dropped and were nobody else's: in the order of the table of tables. */
#define AT_ONCE_GONE(statement) &(statement),
#define AT_ONCE_CLEARED(words)
#define AT_ONCE_CHANGED(words)
#define AT_ONCE_KEPT(words)
#define AT_ONCE_NOBODY(words)
static const struct sql *const at_once[] = {
#define X(fate, table, columns, copy, words) AT_ONCE_##fate(words)
    PRIVACY_TABLES(X)
#undef X
};

enum err erase_rows(struct tx *tx, int64_t viewer_id)
{
    enum err e = ERR_OK;
    for (size_t i = 0; !e && i < sizeof at_once / sizeof at_once[0]; i++)
        e = db_do(tx->db, at_once[i], ARGS(V(viewer_id)), NULL);
    return e;
}

static enum err drop(struct tx *tx, int64_t viewer_id, const char *public_id)
{
    /* Providers are told by what the identities say, so that comes first. */
    enum err e = revoke_viewer(tx, viewer_id);
    if (!e)
        e = notify_erase(tx, viewer_id);
    if (!e)
        e = db_do(tx->db, &SQL_erase_handover_by, ARGS(V(public_id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_erase_export_running, ARGS(V(tx->cx->now_ms), V(viewer_id)), NULL);
    if (!e)
        e = db_do(tx->db, &SQL_erase_outbox_email, ARGS(V(viewer_id)), NULL);
    return e ? e : erase_rows(tx, viewer_id);
}

static enum err first_time(struct tx *tx, int64_t viewer_id, struct erasure *x)
{
    const char *code;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_erase_code, ARGS(V(viewer_id)), COLS(C(&code)));
    if (!e)
        (void)snprintf(x->code, sizeof x->code, "%s", code);
    return e == ERR_NOT_FOUND ? problem(tx->cx, e, "there is no such person") : e;
}

enum err privacy_erase(struct tx *tx, struct privacy *p, int64_t viewer_id, const char *source,
                       struct erasure *x)
{
    bool gone;
    const char *public_id;
    char name[PSEUDONYM_SIZE];
    x->session_count = 0;
    enum err e = db_row(tx->db, tx->cx->arena, &SQL_erase_known, ARGS(V(viewer_id)),
                        COLS(C(&gone), C(&public_id)));
    if (e)
        return e == ERR_NOT_FOUND ? problem(tx->cx, e, "there is no such person") : e;
    if (gone)
        return first_time(tx, viewer_id, x);
    pseudonym(x->new_public, name);
    e = check_alone(tx, viewer_id);
    if (!e)
        e = note_sessions(tx, viewer_id, x);
    if (!e)
        e = drop(tx, viewer_id, public_id);
    if (!e)
        e = db_do(tx->db, &SQL_erase_viewer,
                  ARGS(V((const char *)name), V((const char *)x->new_public), V(tx->cx->now_ms),
                       V(viewer_id)),
                  NULL);
    if (!e)
        e = db_do(tx->db, &SQL_erase_request,
                  ARGS(V(x->request_id), V((const char *)x->code), V(viewer_id), V(source),
                       V(tx->cx->now_ms)),
                  NULL);
    if (!e && p)
        tx_after_commit(tx, privacy_wake, p);
    return e;
}

enum err privacy_nobody(struct tx *tx, const char *source, struct erasure *x)
{
    x->session_count = 0;
    return db_do(tx->db, &SQL_erase_request_nobody,
                 ARGS(V(x->request_id), V((const char *)x->code), V(source), V(tx->cx->now_ms)),
                 NULL);
}

void privacy_erased(struct privacy *p, const struct erasure *x)
{
    for (size_t i = 0; p && p->set.room && i < x->session_count; i++)
        room_session_ended(p->set.room, x->sessions[i]);
}
