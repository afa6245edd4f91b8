/*
 * The room's event streams. A worker reads what the browser has missed; the loop then begins the
 * stream and hands it to the hub. Each loop keeps its streams in a list, for the comment that
 * keeps proxies from closing a quiet one.
 */
#include "api/call_in.h"
#include "base/arena.h"
#include "base/text.h"
#include "net/loop.h"
#include "room/hub.h"
#include "store/store.h"

#include <stdlib.h>

enum { COMMENT_MS = 15000 };

struct open_stream {
    struct open_stream *next, **at; /* of the loop's list */
    struct on_loop *loop;
    struct http_stream *http;
    struct subscriber *subscriber;
};

struct on_loop {
    struct loop *loop;
    struct timer comment;
    struct open_stream *first;
    struct bytes *text; /* ":\n\n" */
};

struct events {
    struct api *api;
    unsigned n;
    struct on_loop at[LOOPS_MAX];
};

static void post(void *arg, int loop, struct loop_mail *mail, void (*fn)(void *), void *fn_arg)
{
    struct events *e = arg;
    loop_post_mail(e->at[loop].loop, mail, fn, fn_arg);
}

enum err events_make(struct api *a, struct events **ret_events)
{
    struct events *e = calloc(1, sizeof *e);
    if (!e)
        return ERR_NO_MEMORY;
    e->api = a;
    e->n = loops_count(a->set.loops);
    for (unsigned i = 0; i < e->n; i++) {
        e->at[i].loop = loops_at(a->set.loops, i);
        e->at[i].text = bytes_make(":\n\n", 3);
        if (!e->at[i].text) {
            events_free(e);
            return ERR_NO_MEMORY;
        }
    }
    room_set_loops(a->set.room, (int)e->n, post, e);
    *ret_events = e;
    return ERR_OK;
}

void events_free(struct events *e)
{
    if (!e)
        return;
    for (unsigned i = 0; i < e->n; i++)
        bytes_unref(e->at[i].text);
    free(e);
}

/* ---- on the loop ---- */

static void comment(void *arg)
{
    struct on_loop *l = arg;
    for (struct open_stream *s = l->first, *next; s; s = next) {
        next = s->next; /* sending may end the slow one */
        http_stream_send(s->http, l->text);
    }
    if (l->first)
        timer_set(l->loop, &l->comment, COMMENT_MS, comment, l);
}

static void link_stream(struct on_loop *l, struct open_stream *s)
{
    s->loop = l;
    s->next = l->first;
    s->at = &l->first;
    if (l->first)
        l->first->at = &s->next;
    else
        timer_set(l->loop, &l->comment, COMMENT_MS, comment, l);
    l->first = s;
}

static void unlink_stream(struct open_stream *s)
{
    struct on_loop *l = s->loop;
    *s->at = s->next;
    if (s->next)
        s->next->at = s->at;
    if (!l->first)
        timer_cancel(l->loop, &l->comment);
}

static void drop_stream(struct open_stream *s)
{
    subscriber_free(s->subscriber);
    free(s);
}

static void gone(struct http_stream *http, void *arg)
{
    struct open_stream *s = arg;
    (void)http;
    unlink_stream(s);
    drop_stream(s);
}

static void send_frame(void *arg, struct bytes *frame)
{
    struct open_stream *s = arg;
    http_stream_send(s->http, frame);
}

static void lost(void *arg)
{
    struct open_stream *s = arg;
    http_stream_end(s->http);
}

/* On its way from worker to loop a stream belongs to the request: its peer may leave meanwhile. */
struct on_its_way {
    struct open_stream *stream; /* NULL once the loop has it */
};

static void drop_on_its_way(void *arg)
{
    struct on_its_way *w = arg;
    if (w->stream)
        drop_stream(w->stream);
}

static void begin(struct http_req *req)
{
    static const struct subscriber_ops ops = {send_frame, lost};
    struct on_its_way *way = http_note(req);
    struct open_stream *s = way->stream;
    way->stream = NULL;
    struct api *a = http_app(req);
    struct loop *loop = http_loop(req);
    struct on_loop *l = &a->events->at[loop_index(loop)];
    http_add(req, "Cache-Control", "no-store, no-transform");
    http_add(req, "X-Accel-Buffering", "no");
    add_security_headers(req, a, false);
    s->http = http_stream_begin(req, "text/event-stream", gone, s);
    if (!s->http) {
        drop_stream(s);
        return;
    }
    link_stream(l, s);
    subscriber_start(s->subscriber, (int)loop_index(loop), &ops, s);
}

/* ---- on a worker ---- */

/* The last event that the browser has: the header of a reconnect, or ?after= of a fresh page. */
static enum err read_after(struct call *c, int64_t *ret_after)
{
    const char *text = http_header(c->req, "last-event-id");
    *ret_after = -1;
    if (!text || !text[0])
        text = http_query(c->req, "after");
    if (!text || !text[0])
        return ERR_OK;
    return text_i64(text, 0, INT64_MAX, ret_after)
               ? problem(c->cx, ERR_INPUT, "'after' must be the number of an event")
               : ERR_OK;
}

enum err events_get(struct call *c)
{
    int64_t after;
    struct db *db = NULL;
    struct on_its_way *way = arena_new(c->cx->arena, struct on_its_way);
    enum err e = way && arena_at_end(c->cx->arena, drop_on_its_way, way) == 0
                     ? read_after(c, &after)
                     : ERR_NO_MEMORY;
    struct open_stream *s = e ? NULL : calloc(1, sizeof *s);
    if (!e && !s)
        e = ERR_NO_MEMORY;
    if (!e)
        e = store_read(c->api->set.store, &db);
    if (!e)
        e = subscriber_make(c->api->set.room, db, c->cx, &c->who, http_param(c->req, "id"), after,
                            &s->subscriber);
    store_read_end(db);
    if (e) {
        free(s);
        return e;
    }
    way->stream = s;
    http_set_note(c->req, way);
    http_to_loop(c->req, begin);
    return ERR_OK;
}
