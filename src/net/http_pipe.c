#include "net/http_own.h"

#include <stdlib.h>
#include <string.h>

enum { PIPE_SIZE = 256 << 10 };

struct http_pipe {
    struct http_req *req;
    pthread_mutex_t lock;
    pthread_cond_t news;
    size_t head, len; /* of the ring */
    bool ended;
    enum err e;      /* when ended */
    bool loop_waits; /* the loop found no room */
    bool mail_out;   /* go_on() is on its way */
    uint64_t taken;  /* by the loop: bytes put so far, against body_max */
    struct loop_mail mail;
    char ring[PIPE_SIZE];
};

struct http_pipe *http_pipe_make(struct http_req *req)
{
    struct http_pipe *p = malloc(sizeof *p); /* the ring needs no zeroes */
    if (!p)
        return NULL;
    memset(p, 0, offsetof(struct http_pipe, ring));
    p->req = req;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->news, NULL);
    return p;
}

void http_pipe_free(struct http_pipe *p)
{
    if (!p)
        return;
    (void)pthread_cond_destroy(&p->news);
    (void)pthread_mutex_destroy(&p->lock);
    free(p);
}

size_t http_pipe_room(struct http_pipe *p)
{
    (void)pthread_mutex_lock(&p->lock);
    size_t room = PIPE_SIZE - p->len;
    p->loop_waits = !room;
    (void)pthread_mutex_unlock(&p->lock);
    return room;
}

bool http_pipe_put(void *arg, const char *data, size_t len)
{
    struct http_req *req = arg;
    struct http_pipe *p = req->pipe;
    p->taken += len;
    if (p->taken > req->match.route->body_max) {
        req->parse.at = HTTP_PARSE_BAD;
        req->parse.status = 413;
        req->parse.why = "the body is too large";
        return false;
    }
    (void)pthread_mutex_lock(&p->lock);
    size_t at = (p->head + p->len) % PIPE_SIZE;
    size_t first = len < PIPE_SIZE - at ? len : PIPE_SIZE - at;
    memcpy(p->ring + at, data, first);
    memcpy(p->ring, data + first, len - first);
    p->len += len;
    (void)pthread_cond_signal(&p->news);
    (void)pthread_mutex_unlock(&p->lock);
    return true;
}

void http_pipe_end(struct http_pipe *p, enum err e)
{
    (void)pthread_mutex_lock(&p->lock);
    if (!p->ended)
        p->e = e;
    p->ended = true;
    (void)pthread_cond_signal(&p->news);
    (void)pthread_mutex_unlock(&p->lock);
}

/* On the loop: there is room again. */
static void go_on(void *arg)
{
    struct http_req *req = arg;
    (void)pthread_mutex_lock(&req->pipe->lock);
    req->pipe->mail_out = false;
    (void)pthread_mutex_unlock(&req->pipe->lock);
    if (!req->hc || req->hc->state != HC_PIPE)
        return;
    http_conn_set(req->hc, HC_PIPE); /* the sender's time begins anew */
    conn_resume(req->hc->conn);
}

enum err http_body_read(struct http_req *req, void *out, size_t max, size_t *ret_len)
{
    struct http_pipe *p = req->pipe;
    (void)pthread_mutex_lock(&p->lock);
    while (!p->len && !p->ended)
        (void)pthread_cond_wait(&p->news, &p->lock);
    size_t n = max < p->len ? max : p->len;
    enum err e = n ? ERR_OK : p->e;
    size_t first = n < PIPE_SIZE - p->head ? n : PIPE_SIZE - p->head;
    memcpy(out, p->ring + p->head, first);
    memcpy((char *)out + first, p->ring, n - first);
    p->head = (p->head + n) % PIPE_SIZE;
    p->len -= n;
    bool wake = p->loop_waits && !p->mail_out && p->len <= PIPE_SIZE / 2;
    if (wake) {
        p->loop_waits = false;
        p->mail_out = true;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (wake)
        loop_post_mail(req->spot->loop, &p->mail, go_on, req);
    if (!e)
        *ret_len = n;
    return e;
}
