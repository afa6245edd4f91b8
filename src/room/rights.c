/* An event stream does not outlive the session and the role it was opened with. */
#include "account/account.h"
#include "base/log.h"
#include "room/room_in.h"

#include <string.h>

enum { RIGHTS_TICKS = 3, STAFF_STREAMS_MAX = 256, OTHER_STREAMS_MAX = 512 };

static struct right **slot_of(struct room *r, const unsigned char *session)
{
    return &r->rights.first[session[0] % RIGHTS_SLOTS];
}

void right_begin(struct right *right, struct hub *h, const struct show *s,
                 const struct room_who *who)
{
    right->hub = h;
    right->shop_id = s->shop_id;
    right->staff = account_may(room_role(who, s->shop_id), ACTION_STUDIO_SEE);
    if (!who->session)
        return;
    memcpy(right->session, who->session, sizeof right->session);
    struct right **slot = slot_of(h->r, right->session);
    (void)pthread_mutex_lock(&h->r->rights.lock);
    right->next = *slot;
    right->at = slot;
    if (right->next)
        right->next->at = &right->next;
    *slot = right;
    (void)pthread_mutex_unlock(&h->r->rights.lock);
}

void right_end(struct right *right)
{
    if (!right->at)
        return;
    struct room *r = right->hub->r;
    (void)pthread_mutex_lock(&r->rights.lock);
    *right->at = right->next;
    if (right->next)
        right->next->at = right->at;
    (void)pthread_mutex_unlock(&r->rights.lock);
}

/* Those of a session; shop_id 0: in all shops. */
static void end_streams(struct room *r, const unsigned char *session, int64_t shop_id)
{
    (void)pthread_mutex_lock(&r->rights.lock);
    for (struct right *t = *slot_of(r, session); t; t = t->next) {
        bool meant = memcmp(t->session, session, sizeof t->session) == 0 &&
                     (!shop_id || (t->staff && t->shop_id == shop_id));
        if (!meant || atomic_exchange(&t->over, true))
            continue;
        crowd_wake_all(t->hub);
    }
    (void)pthread_mutex_unlock(&r->rights.lock);
}

void room_session_ended(struct room *r, const unsigned char *session)
{
    end_streams(r, session, 0);
}

/* ---- the look ---- */

struct looked_at {
    unsigned char session[SHA256_LEN];
    int64_t shop_id; /* 0: not a stream of staff */
};

/* Beyond STAFF_STREAMS_MAX they are seen at the next look: the first slot moves on each time. */
static size_t list_staff(struct room *r, struct looked_at list[STAFF_STREAMS_MAX])
{
    size_t n = 0;
    (void)pthread_mutex_lock(&r->rights.lock);
    for (int i = 0; i < RIGHTS_SLOTS; i++) {
        const struct right *t = r->rights.first[(i + r->rights.ticks) % RIGHTS_SLOTS];
        for (; t && n < STAFF_STREAMS_MAX; t = t->next) {
            if (!t->staff || atomic_load(&t->over))
                continue;
            memcpy(list[n].session, t->session, sizeof t->session);
            list[n++].shop_id = t->shop_id;
        }
    }
    (void)pthread_mutex_unlock(&r->rights.lock);
    return n;
}

/*
 * Viewers' streams, some at each look and all in turn: a session may have been ended in another
 * process.
 */
static size_t list_others(struct room *r, struct looked_at list[OTHER_STREAMS_MAX])
{
    size_t n = 0;
    (void)pthread_mutex_lock(&r->rights.lock);
    for (int i = 0; i < RIGHTS_SLOTS && n < OTHER_STREAMS_MAX; i++) {
        const struct right *t = r->rights.first[r->rights.next_slot];
        for (; t && n < OTHER_STREAMS_MAX; t = t->next) {
            if (t->staff || atomic_load(&t->over))
                continue;
            memcpy(list[n].session, t->session, sizeof t->session);
            list[n++].shop_id = 0;
        }
        r->rights.next_slot = (r->rights.next_slot + 1) % RIGHTS_SLOTS;
    }
    (void)pthread_mutex_unlock(&r->rights.lock);
    return n;
}

/* ERR_NOT_FOUND: not any more. */
static enum err look(struct db *db, const struct looked_at *st, int64_t now_ms)
{
    int64_t viewer_id;
    enum role role;
    enum err e = session_viewer(db, st->session, now_ms, &viewer_id);
    if (e || !st->shop_id)
        return e;
    e = staff_role(db, viewer_id, st->shop_id, &role);
    return !e && !account_may(role, ACTION_STUDIO_SEE) ? ERR_NOT_FOUND : e;
}

void rights_tick(struct room *r, int64_t now_ms)
{
    struct looked_at list[STAFF_STREAMS_MAX + OTHER_STREAMS_MAX];
    struct db *db;
    if (++r->rights.ticks % RIGHTS_TICKS)
        return;
    size_t n = list_staff(r, list);
    n += list_others(r, list + n);
    enum err e = n ? store_read(r->store, &db) : ERR_OK;
    if (e) {
        log_warn("sessions of streams not looked at", LOG_S("err", err_api(e)));
        return;
    }
    if (!n)
        return;
    for (size_t i = 0; i < n; i++)
        if (look(db, &list[i], now_ms) == ERR_NOT_FOUND)
            end_streams(r, list[i].session, list[i].shop_id);
    store_read_end(db);
}
