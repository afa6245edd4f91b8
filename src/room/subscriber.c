/* Subscribers and their crowds: what happens on the event loops. */
#include "base/arena.h"
#include "net/loop.h"
#include "room/room_in.h"

#include <assert.h>
#include <stdlib.h>

struct subscriber {
    struct hub *hub;     /* one reference */
    struct crowd *crowd; /* NULL until started */
    struct subscriber *prev, *next;
    const struct subscriber_ops *ops;
    void *arg;
    struct bytes *first; /* the snapshot, owned; NULL when resuming */
    int64_t cursor;      /* everything up to here has been sent */
    int64_t viewer_id;
    struct right right;
    bool lost;
};

/* Those of one loop. All but `posted`, `mail` and `count` is the loop's own. */
struct crowd {
    struct hub *hub; /* no reference: the hub owns its crowds */
    int loop;
    atomic_bool posted;    /* crowd_run() is on its way */
    struct loop_mail mail; /* of it: waking needs no memory */
    atomic_int count;
    int64_t seq; /* of the ring, handed on; never over the hub's head */
    uint64_t side_no[SIDE_COUNT];
    struct subscriber *first;
    struct subscriber *following; /* where a walk goes on: moved when that one is freed */
    struct subscriber *current;   /* being sent to: NULL when it was freed meanwhile */
};

void crowd_free(struct crowd *c)
{
    assert(!c || !c->first);
    free(c);
}

static struct crowd *crowd_of(struct hub *h, int loop)
{
    (void)pthread_mutex_lock(&h->lock);
    struct crowd *c = h->crowds[loop];
    if (!c) {
        c = calloc(1, sizeof *c);
        if (c) {
            c->hub = h;
            c->loop = loop;
            h->crowds[loop] = c;
        }
    }
    (void)pthread_mutex_unlock(&h->lock);
    return c;
}

/* ---- handing on ---- */

/* From JOIN_FROM subscribers on, what all get at once is sent to each in one piece. */
enum { AT_ONCE = 64, JOIN_FROM = 100 };

/* Frames copied out of the hub, with a reference each, so that sending happens without its lock. */
struct batch {
    struct ring_entry entry[AT_ONCE];
    int count;
    int64_t from, to;     /* entries are from + 1 .. to */
    bool gap;             /* from had been lost: the ring begins later */
    struct bytes *joined; /* all that strangers get of it; NULL: not joined */
    int joined_count;
};

static void batch_take(struct hub *h, int64_t after, struct batch *b)
{
    *b = (struct batch){.from = after, .to = after};
    (void)pthread_mutex_lock(&h->lock);
    if (after < h->tail) {
        b->gap = true;
        b->from = b->to = h->tail;
    }
    while (b->to < h->head && b->count < AT_ONCE) {
        struct ring_entry *at = &b->entry[b->count++];
        *at = h->ring[++b->to % HUB_RING];
        (void)bytes_ref(at->frame);
        (void)bytes_ref(at->own);
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void batch_drop(struct batch *b)
{
    for (int i = 0; i < b->count; i++) {
        bytes_unref(b->entry[i].frame);
        bytes_unref(b->entry[i].own);
    }
    b->count = 0;
    bytes_unref(b->joined);
    b->joined = NULL;
}

static struct bytes *frame_for(const struct ring_entry *e, const struct subscriber *s)
{
    bool theirs = s->viewer_id && e->viewer_id == s->viewer_id;
    switch (e->audience) {
    case AUDIENCE_STAFF: return s->right.staff ? e->frame : NULL;
    case AUDIENCE_VIEWER: return theirs ? e->frame : NULL;
    case AUDIENCE_ALL:
        if (theirs && e->own)
            return e->own;
        return e->thin && !s->right.staff ? NULL : e->frame;
    }
    return NULL;
}

/* The frames for a stranger as one: a crowd costs a system call for each piece and viewer. */
static void batch_join(struct batch *b)
{
    static const struct subscriber stranger;
    size_t len = 0;
    for (int i = 0; i < b->count; i++) {
        const struct bytes *f = frame_for(&b->entry[i], &stranger);
        b->joined_count += f != NULL;
        len += f ? f->len : 0;
    }
    if (b->joined_count > 1)
        b->joined = bytes_make(NULL, len);
    len = 0;
    for (int i = 0; b->joined && i < b->count; i++) {
        const struct bytes *f = frame_for(&b->entry[i], &stranger);
        if (f)
            memcpy(b->joined->data + len, f->data, f->len);
        len += f ? f->len : 0;
    }
}

/* Does this one get exactly what strangers get of the batch? */
static bool is_stranger(const struct subscriber *s, const struct batch *b)
{
    bool mine = s->right.staff || s->cursor != b->from;
    for (int i = 0; s->viewer_id && !mine && i < b->count; i++)
        mine = b->entry[i].viewer_id == s->viewer_id;
    return !mine;
}

/* False when the subscriber was freed, or is lost, meanwhile. */
static bool give(struct crowd *c, struct subscriber *s, struct bytes *frame)
{
    if (s->lost)
        return false;
    if (!frame)
        return true;
    s->ops->send(s->arg, frame);
    atomic_fetch_add_explicit(&c->hub->r->stats.frames, 1, memory_order_relaxed);
    return c->current == s;
}

/* Once; nothing more is sent then. It may free the subscriber. */
static bool lose(struct subscriber *s)
{
    if (s->lost)
        return false;
    s->lost = true;
    s->ops->lost(s->arg);
    return true;
}

static void give_batch(struct crowd *c, struct subscriber *s, const struct batch *b)
{
    if (b->gap && s->cursor < b->from) {
        atomic_fetch_add(&c->hub->r->stats.lost, lose(s));
        return;
    }
    if (b->joined && is_stranger(s, b)) {
        s->cursor = b->to;
        if (give(c, s, b->joined))
            atomic_fetch_add_explicit(&c->hub->r->stats.frames, b->joined_count - 1,
                                      memory_order_relaxed);
        return;
    }
    for (int i = 0; i < b->count; i++) {
        int64_t seq = b->from + 1 + i;
        if (seq <= s->cursor)
            continue;
        s->cursor = seq;
        if (!give(c, s, frame_for(&b->entry[i], s)))
            return;
    }
}

/* What every subscriber of the crowd gets; `to` may free subscribers, this one or others. */
static void walk(struct crowd *c,
                 void (*to)(struct crowd *c, struct subscriber *s, const void *what),
                 const void *what)
{
    for (struct subscriber *s = c->first; s; s = c->following) {
        c->following = s->next;
        c->current = s;
        if (atomic_load_explicit(&s->right.over, memory_order_relaxed))
            (void)lose(s);
        else
            to(c, s, what);
    }
    c->current = c->following = NULL;
}

static void walk_batch(struct crowd *c, struct subscriber *s, const void *what)
{
    give_batch(c, s, what);
}

struct side_frames {
    struct bytes *frame[SIDE_COUNT];
};

static void walk_side(struct crowd *c, struct subscriber *s, const void *what)
{
    const struct side_frames *f = what;
    for (int i = 0; i < SIDE_COUNT; i++)
        if ((i != SIDE_INGEST || s->right.staff) && !give(c, s, f->frame[i]))
            return;
}

static void side_take(struct crowd *c, struct side_frames *f)
{
    struct hub *h = c->hub;
    *f = (struct side_frames){0};
    (void)pthread_mutex_lock(&h->lock);
    for (int i = 0; i < SIDE_COUNT; i++) {
        if (h->side_no[i] != c->side_no[i])
            f->frame[i] = bytes_ref(h->side[i]);
        c->side_no[i] = h->side_no[i];
    }
    (void)pthread_mutex_unlock(&h->lock);
}

static void side_drop(struct side_frames *f)
{
    for (int i = 0; i < SIDE_COUNT; i++)
        bytes_unref(f->frame[i]);
}

static void crowd_run(void *arg)
{
    struct crowd *c = arg;
    struct hub *h = c->hub; /* crowd_wake_all() took a reference for us */
    struct batch b;
    struct side_frames f;
    atomic_store(&c->posted, false); /* first: what comes from here on posts again */
    for (;;) {
        batch_take(h, c->seq, &b);
        if (b.count == 0 && !b.gap)
            break;
        if (b.count > 1 && atomic_load(&c->count) >= JOIN_FROM)
            batch_join(&b);
        walk(c, walk_batch, &b);
        c->seq = b.to;
        batch_drop(&b);
    }
    side_take(c, &f);
    walk(c, walk_side, &f);
    side_drop(&f);
    hub_put(h);
}

void crowd_wake_all(struct hub *h)
{
    struct crowd *wake[HUB_LOOPS_MAX];
    int n = 0;
    (void)pthread_mutex_lock(&h->lock);
    for (int i = 0; i < h->r->loops; i++)
        if (h->crowds[i])
            wake[n++] = h->crowds[i];
    (void)pthread_mutex_unlock(&h->lock);
    for (int i = 0; i < n; i++) {
        struct crowd *c = wake[i];
        if (atomic_load(&c->count) == 0 || atomic_exchange(&c->posted, true))
            continue;
        hub_ref(h);
        h->r->post(h->r->post_arg, c->loop, &c->mail, crowd_run, c);
    }
}

/* ---- coming and going ---- */

/* The hub must have all that the client has not: else a snapshot is due. */
static bool can_resume(struct hub *h, struct db *db, int64_t after)
{
    if (after < 0)
        return false;
    (void)pthread_mutex_lock(&h->lock);
    int64_t tail = h->tail, head = h->head;
    (void)pthread_mutex_unlock(&h->lock);
    if (after < tail)
        return false;
    int64_t logged;
    return after <= head || (!event_head(db, h->show_id, &logged) && after <= logged);
}

static enum err first_frame(struct subscriber *s, struct room *r, struct db *db, struct cx *cx,
                            const struct room_who *who, const struct show *show)
{
    char *text;
    enum err e = snapshot_text(r, db, cx, who, show, s->hub, &text);
    if (e)
        return e;
    const struct event ev = {.seq = show->head,
                             .type = "room.snapshot",
                             .at_ms = cx->now_ms,
                             .media_at_ms = cx->now_ms,
                             .data = text};
    s->first = event_frame(&ev, false);
    s->cursor = show->head;
    free(text);
    return s->first ? ERR_OK : ERR_NO_MEMORY;
}

enum err subscriber_make(struct room *r, struct db *db, struct cx *cx, const struct room_who *who,
                         const char *show, int64_t after, struct subscriber **ret_subscriber)
{
    struct show found;
    enum err e = show_find(r, db, cx, who, show, &found);
    if (e)
        return e;
    if (atomic_load(&r->stats.subscribers) >= SUBSCRIBERS_MAX)
        return problem(cx, ERR_BUSY, "too many are watching");
    struct subscriber *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NO_MEMORY;
    atomic_fetch_add(&r->stats.subscribers, 1);
    s->hub = hub_get(r, found.id);
    s->viewer_id = who->viewer_id;
    s->cursor = after;
    if (s->hub)
        right_begin(&s->right, s->hub, &found, who);
    e = s->hub ? hub_load(s->hub, db) : ERR_NO_MEMORY;
    if (!e && !can_resume(s->hub, db, after))
        e = first_frame(s, r, db, cx, who, &found);
    if (!e) {
        *ret_subscriber = s;
        return ERR_OK;
    }
    if (s->hub) {
        subscriber_free(s);
    } else {
        atomic_fetch_sub(&r->stats.subscribers, 1);
        free(s);
    }
    return e;
}

static void link_in(struct crowd *c, struct subscriber *s)
{
    s->crowd = c;
    s->next = c->first;
    if (c->first)
        c->first->prev = s;
    c->first = s;
    atomic_fetch_add(&c->count, 1);
}

/* The frames that are not in the ring: a returning viewer's count, the encoder's health. */
static bool give_sides(struct crowd *c, struct subscriber *s, bool resumed)
{
    struct bytes *frame[2] = {0};
    struct hub *h = c->hub;
    (void)pthread_mutex_lock(&h->lock);
    if (resumed)
        frame[0] = bytes_ref(h->side[SIDE_VIEWERS]);
    if (s->right.staff)
        frame[1] = bytes_ref(h->side[SIDE_INGEST]);
    (void)pthread_mutex_unlock(&h->lock);
    bool there = give(c, s, frame[0]) && give(c, s, frame[1]);
    bytes_unref(frame[0]);
    bytes_unref(frame[1]);
    return there;
}

/* Everything the hub has that the snapshot had not. */
static void give_missed(struct crowd *c, struct subscriber *s)
{
    struct batch b;
    do {
        batch_take(c->hub, s->cursor, &b);
        give_batch(c, s, &b);
        int64_t to = b.to;
        int count = b.count;
        batch_drop(&b);
        if (c->current != s || s->lost || count == 0)
            return;
        s->cursor = to;
    } while (true);
}

void subscriber_start(struct subscriber *s, int loop, const struct subscriber_ops *ops, void *arg)
{
    assert(!s->crowd && loop >= 0 && loop < s->hub->r->loops);
    struct crowd *c = crowd_of(s->hub, loop);
    s->ops = ops;
    s->arg = arg;
    if (!c || atomic_load(&s->right.over)) {
        (void)lose(s);
        return;
    }
    bool alone = !c->first;
    link_in(c, s);
    if (alone) { /* nobody was waiting for what is there: begin at the head */
        struct hub *h = c->hub;
        (void)pthread_mutex_lock(&h->lock);
        c->seq = h->head;
        for (int i = 0; i < SIDE_COUNT; i++)
            c->side_no[i] = h->side_no[i];
        (void)pthread_mutex_unlock(&h->lock);
    }
    struct bytes *first = s->first;
    s->first = NULL;
    c->current = s;
    if (give(c, s, first) && give_sides(c, s, !first))
        give_missed(c, s);
    bytes_unref(first);
    c->current = NULL;
}

void subscriber_free(struct subscriber *s)
{
    if (!s)
        return;
    struct crowd *c = s->crowd;
    if (c) {
        if (s->prev)
            s->prev->next = s->next;
        else
            c->first = s->next;
        if (s->next)
            s->next->prev = s->prev;
        if (c->following == s)
            c->following = s->next;
        if (c->current == s)
            c->current = NULL;
        atomic_fetch_sub(&c->count, 1);
    }
    right_end(&s->right);
    bytes_unref(s->first);
    atomic_fetch_sub(&s->hub->r->stats.subscribers, 1);
    hub_put(s->hub);
    free(s);
}
