#include "net/sse.h"
#include "base/buf.h"
#include "net/http.h"
#include "net/loop.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 16 << 20, TICKS_PER_COMMENT = 15 };

/* A numbered event kept for a stream that is still reading its past. */
struct held {
    struct held *next;
    struct bytes *bytes;
    int64_t seq;
};

struct fan_stream {
    struct fan_stream *next, *prev; /* on the loop's list, by next_ms */
    struct fan_row *row;
    struct http_stream *out;
    int64_t next_ms; /* its comment is due */
    int64_t after;   /* numbered events up to here are known to it */
    int64_t viewer;
    void *arg;
    void (*on_gone)(struct fan_stream *s, void *arg);
    struct held *held;
    uint32_t audience;
    uint16_t n_held;
    bool holding;
};

/* One loop's streams, the one whose comment is due first in front. */
struct fan_row {
    struct fan *fan;
    struct loop *loop;
    struct fan_stream *first, *last;
    atomic_size_t n;
    struct timer tick;
};

struct fan {
    atomic_uint refs;
    int64_t comment_ms;
    struct bytes *comment;
    pthread_mutex_t order; /* held while posting: all loops see sends in one order */
    unsigned n;
    struct fan_row rows[];
};

/* ---- frames ---- */

void sse_frame(struct buf *out, int64_t id, const char *event, const char *data, size_t len)
{
    if (id > 0)
        buf_fmt(out, "id: %" PRId64 "\n", id);
    if (event)
        buf_fmt(out, "event: %s\n", event);
    const char *end = data + len;
    for (;;) {
        const char *s = data;
        while (s < end && *s != '\n' && *s != '\r')
            s++;
        buf_str(out, "data: ");
        buf_add(out, data, (size_t)(s - data));
        buf_ch(out, '\n');
        if (s == end)
            break;
        data = s + (s + 1 < end && s[0] == '\r' && s[1] == '\n' ? 2 : 1);
    }
    buf_ch(out, '\n');
}

struct bytes *sse_bytes(int64_t id, const char *event, const char *data, size_t len)
{
    struct buf b;
    buf_init(&b, FRAME_MAX);
    sse_frame(&b, id, event, data, len);
    struct bytes *bytes = buf_err(&b) ? NULL : bytes_make(b.data, b.len);
    buf_done(&b);
    return bytes;
}

void sse_headers(struct http_req *req)
{
    http_add(req, "Cache-Control", "no-store, no-transform");
    http_add(req, "X-Accel-Buffering", "no");
}

/* ---- rows ---- */

static void row_add(struct fan_row *row, struct fan_stream *s)
{
    s->next = NULL;
    s->prev = row->last;
    if (row->last)
        row->last->next = s;
    else
        row->first = s;
    row->last = s;
}

static void row_remove(struct fan_row *row, struct fan_stream *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        row->first = s->next;
    if (s->next)
        s->next->prev = s->prev;
    else
        row->last = s->prev;
}

static void drop_held(struct fan_stream *s)
{
    while (s->held) {
        struct held *h = s->held;
        s->held = h->next;
        bytes_unref(h->bytes);
        free(h);
    }
    s->n_held = 0;
}

static void on_tick(void *arg);

static void arm(struct fan_row *row)
{
    if (row->first && !row->tick.due_ms)
        timer_set(row->loop, &row->tick, row->fan->comment_ms / TICKS_PER_COMMENT, on_tick, row);
}

/* Each tick serves those who are due: the joins' spread keeps ten thousand comments apart. */
static void on_tick(void *arg)
{
    struct fan_row *row = arg;
    int64_t now = loop_now_ms(row->loop);
    while (row->first && row->first->next_ms <= now) {
        struct fan_stream *s = row->first;
        row_remove(row, s);
        s->next_ms = now + row->fan->comment_ms;
        row_add(row, s);
        http_stream_send(s->out, row->fan->comment);
    }
    arm(row);
}

/* ---- the fan ---- */

struct fan *fan_make(struct loops *ls, int64_t comment_ms)
{
    unsigned n = loops_count(ls);
    struct fan *f = calloc(1, sizeof *f + n * sizeof f->rows[0]);
    if (!f)
        return NULL;
    f->comment = bytes_make(":\n\n", 3);
    if (!f->comment) {
        free(f);
        return NULL;
    }
    atomic_init(&f->refs, 1);
    f->comment_ms = comment_ms ? comment_ms : SSE_COMMENT_MS;
    (void)pthread_mutex_init(&f->order, NULL);
    f->n = n;
    for (unsigned i = 0; i < n; i++)
        f->rows[i] = (struct fan_row){.fan = f, .loop = loops_at(ls, i)};
    return f;
}

struct fan *fan_ref(struct fan *f)
{
    atomic_fetch_add_explicit(&f->refs, 1, memory_order_relaxed);
    return f;
}

void fan_unref(struct fan *f)
{
    if (!f || atomic_fetch_sub_explicit(&f->refs, 1, memory_order_acq_rel) != 1)
        return;
    bytes_unref(f->comment);
    (void)pthread_mutex_destroy(&f->order);
    free(f);
}

size_t fan_count(const struct fan *f)
{
    size_t n = 0;
    for (unsigned i = 0; i < f->n; i++)
        n += atomic_load_explicit(&f->rows[i].n, memory_order_relaxed);
    return n;
}

/* ---- joining and leaving ---- */

static void on_gone(struct http_stream *out, void *arg)
{
    struct fan_stream *s = arg;
    struct fan_row *row = s->row;
    (void)out;
    row_remove(row, s);
    atomic_fetch_sub_explicit(&row->n, 1, memory_order_relaxed);
    if (!row->first)
        timer_cancel(row->loop, &row->tick);
    if (s->on_gone)
        s->on_gone(s, s->arg);
    drop_held(s);
    free(s);
    fan_unref(row->fan);
}

struct fan_stream *fan_join(struct fan *f, struct http_req *req, const struct fan_seat *seat)
{
    struct fan_stream *s = calloc(1, sizeof *s);
    if (!s) {
        http_fail(req, ERR_NO_MEMORY, NULL);
        return NULL;
    }
    struct fan_row *row = &f->rows[loop_index(http_loop(req))];
    assert(loop_here() == row->loop);
    *s = (struct fan_stream){.row = row,
                             .next_ms = loop_now_ms(row->loop) + f->comment_ms,
                             .viewer = seat->viewer,
                             .arg = seat->arg,
                             .on_gone = seat->on_gone,
                             .audience = seat->audience,
                             .holding = seat->held};
    sse_headers(req);
    s->out = http_stream_begin(req, SSE_TYPE, on_gone, s);
    if (!s->out) {
        free(s);
        return NULL;
    }
    (void)fan_ref(f);
    row_add(row, s);
    atomic_fetch_add_explicit(&row->n, 1, memory_order_relaxed);
    arm(row);
    return s;
}

void fan_leave(struct fan_stream *s)
{
    http_stream_end(s->out);
}

void fan_stream_send(struct fan_stream *s, struct bytes *b)
{
    http_stream_send(s->out, b);
}

/* A stream that cannot keep up with its own past starts again from there: it is ended. */
static void hold(struct fan_stream *s, struct bytes *b, int64_t seq)
{
    struct held *h = s->n_held < FAN_HELD_MAX ? malloc(sizeof *h) : NULL;
    if (!h) {
        fan_leave(s);
        return;
    }
    *h = (struct held){.bytes = bytes_ref(b), .seq = seq};
    struct held **end = &s->held; /* short, and only while a snapshot is read */
    while (*end)
        end = &(*end)->next;
    *end = h;
    s->n_held++;
}

void fan_release(struct fan_stream *s, int64_t after)
{
    s->holding = false;
    s->after = after;
    for (struct held *h = s->held; h; h = h->next)
        if (h->seq > s->after) {
            s->after = h->seq;
            http_stream_send(s->out, h->bytes);
        }
    drop_held(s);
}

/* ---- sending ---- */

static void deliver(struct fan_stream *s, const struct fan_note *n)
{
    if (!(s->audience & n->audience) || (n->only && n->only != s->viewer))
        return;
    if (!n->seq) {
        http_stream_send(s->out, n->bytes);
    } else if (s->holding) {
        hold(s, n->bytes, n->seq);
    } else if (n->seq > s->after) {
        s->after = n->seq;
        http_stream_send(s->out, n->bytes);
    }
}

/* What travels to one loop. */
struct parcel {
    struct loop_mail mail;
    struct fan_row *row;
    struct fan_note note;
    bool close;
};

static void unpack(void *arg)
{
    struct parcel *p = arg;
    for (struct fan_stream *s = p->row->first, *next; s; s = next) {
        next = s->next;
        if (!p->close) {
            deliver(s, &p->note);
            continue;
        }
        if (p->note.bytes)
            http_stream_send(s->out, p->note.bytes);
        fan_leave(s);
    }
    bytes_unref(p->note.bytes);
    fan_unref(p->row->fan);
    free(p);
}

static enum err post_all(struct fan *f, const struct fan_note *n, bool close)
{
    enum err e = ERR_OK;
    (void)pthread_mutex_lock(&f->order);
    for (unsigned i = 0; i < f->n; i++) {
        struct parcel *p = malloc(sizeof *p);
        if (!p) {
            e = ERR_NO_MEMORY;
            continue;
        }
        *p = (struct parcel){.row = &f->rows[i], .note = *n, .close = close};
        (void)bytes_ref(n->bytes);
        (void)fan_ref(f);
        loop_post_mail(f->rows[i].loop, &p->mail, unpack, p);
    }
    (void)pthread_mutex_unlock(&f->order);
    return e;
}

enum err fan_send(struct fan *f, const struct fan_note *n)
{
    return post_all(f, n, false);
}

void fan_close(struct fan *f, struct bytes *last)
{
    (void)post_all(f, &(struct fan_note){.bytes = last}, true);
}
