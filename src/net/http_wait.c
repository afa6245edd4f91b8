#include "net/http_own.h"

#include <assert.h>
#include <stddef.h>

/* ---- parked requests ---- */

static void link_last(struct http_waiters *list, struct http_req *req)
{
    req->list = list;
    req->next = NULL;
    req->prev = list->last;
    if (list->last)
        list->last->next = req;
    else
        list->first = req;
    list->last = req;
    list->n++;
}

static void unlink_from(struct http_waiters *list, struct http_req *req)
{
    if (req->prev)
        req->prev->next = req->next;
    else
        list->first = req->next;
    if (req->next)
        req->next->prev = req->prev;
    else
        list->last = req->prev;
    list->n--;
    req->list = NULL;
}

static void too_late(void *arg)
{
    struct http_req *req = arg;
    req->on_late(req);
}

void http_park(struct http_req *req, struct http_waiters *list, int64_t wait_ms,
               void (*on_late)(struct http_req *req), void (*on_gone)(struct http_req *req))
{
    assert(req->place == PLACE_LOOP && loop_here() == req->spot->loop);
    req->place = PLACE_PARKED;
    req->on_late = on_late;
    req->on_gone = on_gone;
    if (list)
        link_last(list, req);
    timer_set(req->spot->loop, &req->late, req->spot->draining ? 1 : wait_ms, too_late, req);
    http_count(req->spot, COUNT_PARKED, 1);
    http_conn_set(req->hc, HC_PARKED);
}

void http_unpark(struct http_req *req)
{
    assert(req->place == PLACE_PARKED);
    req->place = PLACE_LOOP;
    if (req->list)
        unlink_from(req->list, req);
    timer_cancel(req->spot->loop, &req->late);
    http_count(req->spot, COUNT_PARKED, -1);
}

void http_waiters_each(struct http_waiters *list, void (*fn)(struct http_req *req, void *arg),
                       void *arg)
{
    size_t n = list->n; /* those who come to wait meanwhile have their turn next time */
    for (struct http_req *req = list->first; req && n; n--) {
        struct http_req *next = req->next;
        fn(req, arg);
        req = next;
    }
}

/* ---- event streams ---- */

static struct http_conn *conn_of(struct http_stream *s)
{
    return (struct http_conn *)((char *)s - offsetof(struct http_conn, stream));
}

void http_stream_send(struct http_stream *s, struct bytes *b)
{
    (void)conn_send(conn_of(s)->conn, &PIECE_OF_BYTES(b), 1);
}

void http_stream_end(struct http_stream *s)
{
    conn_finish(conn_of(s)->conn);
}

struct loop *http_stream_loop(const struct http_stream *s)
{
    const char *hc = (const char *)s - offsetof(struct http_conn, stream);
    return ((const struct http_conn *)hc)->spot->loop;
}

void *http_stream_arg(const struct http_stream *s)
{
    return s->arg;
}
