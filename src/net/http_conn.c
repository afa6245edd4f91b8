#include "base/log.h"
#include "net/http_own.h"
#include "net/pool.h"

#include <assert.h>
#include <string.h>

static const struct http_limits *limits(const struct http_conn *hc)
{
    return &hc->spot->server->o.limits;
}

/* The only place where the state changes; each state has its own deadline. */
void http_conn_set(struct http_conn *hc, enum http_state to)
{
    hc->state = (uint8_t)to;
    int64_t delay = 0;
    switch (to) {
    case HC_IDLE: delay = limits(hc)->idle_ms; break;
    case HC_HEAD: delay = limits(hc)->head_ms; break;
    case HC_BODY:
    case HC_PIPE:
        delay = limits(hc)->body_ms;
        hc->pace.since_ms = loop_now_ms(hc->spot->loop);
        hc->pace.since_len = hc->req->parse.body_len;
        break;
    case HC_PARKED:
    case HC_STREAM: delay = conn_peer_done(hc->conn) ? limits(hc)->gone_ms : 0; break;
    case HC_BUSY:
    case HC_SENDING:
    case HC_CLOSING: break;
    }
    conn_deadline(hc->conn, delay);
}

void http_conn_answered(struct http_conn *hc, bool keep)
{
    hc->req = NULL;
    if (!keep || hc->spot->draining) {
        http_conn_set(hc, HC_CLOSING);
        conn_finish(hc->conn);
    } else if (!conn_drained(hc->conn)) {
        http_conn_set(hc, HC_SENDING);
    } else {
        http_conn_set(hc, HC_IDLE);
        if (!hc->in_data)
            conn_resume(hc->conn);
    }
}

void http_conn_refuse(struct http_conn *hc, int status, const char *why)
{
    enum err e = status == 413 ? ERR_TOO_LARGE : status == 500 ? ERR_NO_MEMORY : ERR_INPUT;
    http_count(hc->spot, COUNT_REFUSED, 1);
    hc->req->close_after = true;
    http_fail_status(hc->req, status, e, why);
}

/* ---- running handlers ---- */

static void come_home(void *arg);

static void work(void *arg)
{
    struct http_req *req = arg;
    void (*fn)(struct http_req *) = req->next_fn;
    req->next_fn = NULL;
    fn(req);
    if (!req->answer.status && !req->next_fn) {
        log_error("a handler gave no answer", LOG_S("path", req->match.route->pattern));
        http_fail(req, ERR_INTERNAL, "no answer");
    }
    loop_post_mail(req->spot->loop, &req->mail, come_home, req);
}

static void come_home(void *arg)
{
    struct http_req *req = arg;
    struct http_spot *spot = req->spot;
    req->place = PLACE_LOOP;
    if (!req->hc) { /* the peer has left meanwhile */
        http_count(req->spot, COUNT_REQUESTS, 1);
        http_req_free(req);
    } else if (req->answer.status) {
        http_send_answer(req);
    } else {
        http_conn_run(req, req->next_where, req->next_fn);
    }
    http_count(spot, COUNT_WORKING, -1); /* last: at 0 a stopping server may be freed */
}

static void run_on_worker(struct http_req *req, void (*fn)(struct http_req *req))
{
    const struct http_server_opts *o = &req->spot->server->o;
    struct pool *pool = req->pipe && o->upload_pool ? o->upload_pool : o->pool;
    req->place = PLACE_WORKER;
    req->next_fn = fn;
    http_count(req->spot, COUNT_WORKING, 1);
    if (pool_run(pool, work, req)) {
        http_count(req->spot, COUNT_WORKING, -1);
        req->place = PLACE_LOOP;
        http_add(req, "Retry-After", "1");
        http_fail(req, ERR_BUSY, "the server is busy");
    }
}

void http_conn_run(struct http_req *req, enum http_where where, void (*fn)(struct http_req *req))
{
    struct http_conn *hc = req->hc;
    if (hc->state != HC_PIPE)
        http_conn_set(hc, HC_BUSY);
    if (where == HTTP_ON_WORKER) {
        run_on_worker(req, fn);
        return;
    }
    fn(req); /* may free req; hc lives on till the turn ends */
    if (hc->req == req && hc->state == HC_BUSY && req->place == PLACE_LOOP) {
        log_error("a handler gave no answer", LOG_S("path", req->match.route->pattern));
        http_fail(req, ERR_INTERNAL, "no answer");
    }
}

static void hand_on(struct http_req *req, enum http_where where, void (*fn)(struct http_req *req))
{
    if (req->place == PLACE_WORKER) { /* it goes home first */
        req->next_fn = fn;
        req->next_where = where;
    } else {
        if (req->place == PLACE_PARKED)
            http_unpark(req);
        http_conn_run(req, where, fn);
    }
}

void http_to_worker(struct http_req *req, void (*fn)(struct http_req *req))
{
    hand_on(req, HTTP_ON_WORKER, fn);
}

void http_to_loop(struct http_req *req, void (*fn)(struct http_req *req))
{
    hand_on(req, HTTP_ON_LOOP, fn);
}

/* ---- input ---- */

static void run_route(struct http_req *req)
{
    http_conn_run(req, req->match.route->where, req->match.route->fn);
}

/* The whole request is here: to its handler, or the error that its path deserves. */
static void run_or_fail(struct http_req *req)
{
    if (req->match.route) {
        run_route(req);
    } else if (req->parse.path[0] == '*') { /* OPTIONS *: RFC 9110 9.3.7 */
        http_send_empty(req, 204);
    } else if (req->match.allow) {
        http_add(req, "Allow", req->match.allow);
        http_fail(req, ERR_METHOD, "the path has other methods");
    } else {
        http_fail(req, ERR_NOT_FOUND, "no such path");
    }
}

/*
 * A body that nobody wants. A small one is read to its end, so that its framing is checked like
 * any other and the connection can go on; of a larger one nothing is read.
 */
static void skip_body(struct http_conn *hc)
{
    struct http_req *req = hc->req;
    const struct http_parse *p = &req->parse;
    if (!p->expect_continue && p->content_length <= SKIP_MAX) {
        req->parse.sink = http_req_skip_body;
        req->parse.sink_arg = req;
        http_conn_set(hc, HC_BODY);
    } else if (req->match.route) {
        http_conn_refuse(hc, 413, "no body is taken here");
    } else {
        run_or_fail(req);
    }
}

static void begin_pipe(struct http_conn *hc)
{
    struct http_req *req = hc->req;
    req->pipe = http_pipe_make(req);
    if (!req->pipe) {
        http_fail(req, ERR_NO_MEMORY, NULL);
        return;
    }
    req->parse.sink = http_pipe_put;
    req->parse.sink_arg = req;
    if (req->parse.at == HTTP_PARSE_DONE)
        http_pipe_end(req->pipe, ERR_OK);
    else
        http_conn_set(hc, HC_PIPE);
    run_route(req);
}

static void take_route(struct http_conn *hc)
{
    struct http_req *req = hc->req;
    const struct http_parse *p = &req->parse;
    bool body = p->at == HTTP_PARSE_BODY;
    if (body && p->content_length > req->match.route->body_max) {
        http_conn_refuse(hc, 413, "the body is too large");
        return;
    }
    if (body && p->expect_continue)
        (void)conn_send(hc->conn, &PIECE_OF("HTTP/1.1 100 Continue\r\n\r\n", 25), 1);
    if (req->match.route->body_stream) {
        begin_pipe(hc);
    } else if (body) {
        req->parse.sink = http_req_add_body;
        req->parse.sink_arg = req;
        http_conn_set(hc, HC_BODY);
    } else {
        run_route(req);
    }
}

static void head_done(struct http_conn *hc)
{
    struct http_req *req = hc->req;
    http_req_begin(req);
    if (req->parse.path[0] != '*')
        router_find(req->spot->server->router, req->parse.method, req->parse.path, &req->match);
    const struct http_route *r = req->match.route;
    if (req->parse.at == HTTP_PARSE_BODY && (!r || !r->body_max))
        skip_body(hc);
    else if (r)
        take_route(hc);
    else
        run_or_fail(req);
}

static size_t take_head(struct http_conn *hc, const char *data, size_t len)
{
    struct http_parse *p = &hc->req->parse;
    size_t n = http_parse_head(p, &hc->spot->server->parse_max, data, len);
    if (p->at == HTTP_PARSE_BAD)
        http_conn_refuse(hc, p->status, p->why);
    else if (p->at != HTTP_PARSE_HEAD)
        head_done(hc);
    return n;
}

static size_t take_body(struct http_conn *hc, const char *data, size_t len)
{
    struct http_req *req = hc->req;
    size_t n = http_parse_body(&req->parse, data, len);
    if (req->parse.at == HTTP_PARSE_BAD)
        http_conn_refuse(hc, req->parse.status, req->parse.why);
    else if (req->parse.at == HTTP_PARSE_DONE)
        run_or_fail(req);
    return n;
}

/* The worker gets no more, and the connection ends with its answer. */
static void break_pipe(struct http_conn *hc, enum err e)
{
    http_pipe_end(hc->req->pipe, e);
    hc->req->close_after = true;
    http_conn_set(hc, HC_BUSY);
}

static size_t take_pipe(struct http_conn *hc, const char *data, size_t len)
{
    struct http_req *req = hc->req;
    size_t room = http_pipe_room(req->pipe);
    if (!room) { /* the reader is slow, not the sender */
        conn_deadline(hc->conn, 0);
        return 0;
    }
    size_t n = http_parse_body(&req->parse, data, len < room ? len : room);
    if (req->parse.at == HTTP_PARSE_BAD) {
        break_pipe(hc, req->parse.status == 413 ? ERR_TOO_LARGE : ERR_INPUT);
    } else if (req->parse.at == HTTP_PARSE_DONE) {
        http_pipe_end(req->pipe, ERR_OK);
        http_conn_set(hc, HC_BUSY);
    }
    return n;
}

static bool begin_request(struct http_conn *hc)
{
    hc->req = http_req_make(hc);
    if (!hc->req) {
        conn_close(hc->conn);
        return false;
    }
    http_conn_set(hc, HC_HEAD);
    return true;
}

/* False: nothing more can be taken now. */
static bool take(struct http_conn *hc, const char *data, size_t len, size_t *ret_used)
{
    *ret_used = 0;
    switch ((enum http_state)hc->state) {
    case HC_IDLE: return begin_request(hc);
    case HC_HEAD: *ret_used = take_head(hc, data, len); return true;
    case HC_BODY: *ret_used = take_body(hc, data, len); return true;
    case HC_PIPE: *ret_used = take_pipe(hc, data, len); return *ret_used > 0;
    case HC_STREAM:
    case HC_CLOSING: *ret_used = len; return true;
    case HC_BUSY:
    case HC_PARKED:
    case HC_SENDING: break;
    }
    return false;
}

static size_t on_data(struct conn *c, void *owner, const unsigned char *data, size_t len)
{
    struct http_conn *hc = owner;
    (void)c;
    hc->in_data = true;
    size_t used = 0, n;
    while (used < len && take(hc, (const char *)data + used, len - used, &n))
        used += n;
    hc->in_data = false;
    return used;
}

/* ---- other events ---- */

static void on_drained(struct conn *c, void *owner)
{
    struct http_conn *hc = owner;
    if (hc->state != HC_SENDING)
        return;
    http_conn_set(hc, HC_IDLE);
    conn_resume(c);
}

static void on_eof(struct conn *c, void *owner)
{
    struct http_conn *hc = owner;
    bool all = conn_peer_done(c);
    switch ((enum http_state)hc->state) {
    case HC_IDLE:
    case HC_HEAD:
    case HC_BODY:
        if (all)
            conn_close(c);
        break;
    case HC_PIPE:
        if (all)
            break_pipe(hc, ERR_IO);
        break;
    case HC_PARKED:
    case HC_STREAM: conn_deadline(c, limits(hc)->gone_ms); break;
    case HC_BUSY:
    case HC_SENDING:
    case HC_CLOSING: break;
    }
}

/* What is left of the time the body has had, at the least pace allowed. */
static int64_t pace_left(const struct http_conn *hc)
{
    uint64_t came = hc->req->parse.body_len - hc->pace.since_len;
    uint64_t earned = came * 1000 / limits(hc)->body_min_bps;
    int64_t spent = loop_now_ms(hc->spot->loop) - hc->pace.since_ms;
    return limits(hc)->body_ms + (int64_t)earned - spent;
}

static void on_deadline(struct conn *c, void *owner)
{
    struct http_conn *hc = owner;
    switch ((enum http_state)hc->state) {
    case HC_HEAD:
        if (hc->req->parse.len)
            http_conn_refuse(hc, 408, "the request took too long to arrive");
        else
            conn_close(c);
        break;
    case HC_BODY:
    case HC_PIPE:
        if (pace_left(hc) > 0)
            conn_deadline(c, pace_left(hc));
        else if (hc->state == HC_PIPE)
            break_pipe(hc, ERR_IO);
        else
            http_conn_refuse(hc, 408, "the body took too long to arrive");
        break;
    case HC_IDLE: conn_finish(c); break;
    case HC_PARKED:
    case HC_STREAM:
    case HC_BUSY:
    case HC_SENDING:
    case HC_CLOSING: conn_close(c); break;
    }
}

/* A request whose peer has left. */
static void abandon(struct http_conn *hc)
{
    struct http_req *req = hc->req;
    hc->req = NULL;
    req->hc = NULL;
    if (req->place == PLACE_WORKER) { /* come_home() frees it */
        if (hc->state == HC_PIPE)
            http_pipe_end(req->pipe, ERR_IO);
        return;
    }
    if (req->place == PLACE_PARKED) {
        void (*gone)(struct http_req *) = req->on_gone;
        http_unpark(req);
        if (gone)
            gone(req);
    }
    if (hc->state != HC_HEAD)
        http_count(hc->spot, COUNT_REQUESTS, 1);
    http_req_free(req);
}

static void on_closed(struct conn *c, void *owner, enum conn_end why)
{
    struct http_conn *hc = owner;
    struct http_spot *spot = hc->spot;
    (void)c;
    (void)why;
    if (hc->req)
        abandon(hc);
    if (hc->state == HC_STREAM) {
        if (hc->stream.on_gone)
            hc->stream.on_gone(&hc->stream, hc->stream.arg);
        http_count(spot, COUNT_STREAMS, -1);
    }
    spot->n_conns--;
    if (spot->draining && !spot->n_conns) {
        (void)pthread_mutex_lock(&spot->server->lock);
        (void)pthread_cond_signal(&spot->server->quiet);
        (void)pthread_mutex_unlock(&spot->server->lock);
    }
}

const struct conn_ops http_conn_ops = {.on_data = on_data,
                                       .on_drained = on_drained,
                                       .on_eof = on_eof,
                                       .on_deadline = on_deadline,
                                       .on_closed = on_closed};

void http_conn_begin(struct conn *c, void *owner, void *arg)
{
    struct http_conn *hc = owner;
    struct http_server *server = arg;
    struct http_spot *spot = &server->spots[loop_index(conn_loop(c))];
    hc->spot = spot;
    hc->conn = c;
    spot->n_conns++;
    hc->state = HC_IDLE;
    conn_deadline(c, limits(hc)->head_ms); /* the first request comes soon; TLS included */
    if (spot->draining)
        conn_close(c);
}

void http_conn_drain(struct conn *c, void *owner)
{
    struct http_conn *hc = owner;
    struct http_server *server = hc->spot->server;
    if (hc->state == HC_IDLE) {
        http_conn_set(hc, HC_CLOSING);
        conn_finish(c);
    } else if (hc->state == HC_STREAM) {
        if (server->o.on_bye && !conn_closing(c))
            server->o.on_bye(server->o.app, &hc->stream);
        http_stream_end(&hc->stream);
    } else if (hc->state == HC_PARKED) {
        hc->req->on_late(hc->req);
    }
}
