/* /metrics: Prometheus text format 0.0.4. */
#include "streamd/cfapi/call_in.h"

#include "base/buf.h"
#include "streamd/ingest/ingest.h"
#include "streamd/library/setup.h"
#include "streamd/notify/notify.h"
#include "streamd/origin/origin.h"

#include <inttypes.h>
#include <string.h>

enum { METRICS_MAX = 64 << 10 };

static void one(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
    buf_fmt(b, "# HELP streamd_%s %s\n# TYPE streamd_%s %s\nstreamd_%s %" PRId64 "\n", name, help,
            name, type, name, value);
}

static void gauge(struct buf *b, const char *name, const char *help, int64_t value)
{
    one(b, name, "gauge", help, value);
}

static void counter(struct buf *b, const char *name, const char *help, int64_t value)
{
    one(b, name, "counter", help, value);
}

static void library_part(struct buf *b, const struct cfapi *c)
{
    struct library_counts n;
    library_count(c->conf.library, &n);
    gauge(b, "live_inputs", "Live inputs that exist.", n.inputs);
    gauge(b, "live_inputs_connected", "Live inputs with a publisher.", n.inputs_live);
    gauge(b, "videos", "Videos that exist.", n.videos);
    gauge(b, "videos_unfinished", "Recordings waiting to be finished.", n.unfinished);
}

static void notify_part(struct buf *b, const struct cfapi *c)
{
    struct notify_counts n;
    notify_count(c->conf.notify, &n);
    gauge(b, "webhooks_waiting", "Messages waiting to be delivered.", n.waiting);
    counter(b, "webhooks_sent_total", "Messages delivered.", n.sent);
    counter(b, "webhooks_retried_total", "Attempts that failed and are repeated.", n.retried);
    counter(b, "webhooks_given_up_total", "Messages given up.", n.given_up);
    counter(b, "webhooks_lost_total", "Messages dropped because the queue was full.", n.lost);
}

static void media_part(struct buf *b, const struct cfapi *c)
{
    if (c->conf.ingest) {
        struct ingest_counts n;
        ingest_count(c->conf.ingest, &n);
        gauge(b, "ingest_connections", "Open encoder connections.", n.connections);
        gauge(b, "ingest_publishers", "Encoders that publish.", n.publishers);
        counter(b, "ingest_bytes_total", "Bytes received from encoders.", n.bytes_in);
        counter(b, "ingest_accepted_total", "Broadcasts accepted.", n.accepted);
        counter(b, "ingest_refused_total", "Broadcasts refused.", n.refused);
    }
    if (c->conf.origin) {
        struct origin_counts n;
        origin_count(c->conf.origin, &n);
        gauge(b, "broadcasts", "Broadcasts on air.", n.broadcasts);
        gauge(b, "viewers", "Players in the last 30 seconds.", n.viewers);
        counter(b, "parts_total", "Parts made.", n.parts);
        counter(b, "part_bytes_total", "Bytes of parts made.", n.part_bytes);
        counter(b, "disk_errors_total", "Recording writes that failed.", n.disk_errors);
    }
}

static void http_part(struct buf *b, const struct cfapi *c)
{
    struct http_stats n;
    if (!c->server)
        return;
    http_stats(c->server, &n);
    buf_str(b, "# HELP streamd_http_requests_total Requests by status class.\n"
               "# TYPE streamd_http_requests_total counter\n");
    for (unsigned i = 1; i < sizeof n.requests / sizeof *n.requests; i++)
        buf_fmt(b, "streamd_http_requests_total{class=\"%uxx\"} %" PRIu64 "\n", i, n.requests[i]);
    counter(b, "http_refused_total", "Malformed or oversize requests.", (int64_t)n.refused);
    counter(b, "http_turned_away_total", "Connections over a limit.", (int64_t)n.turned_away);
    counter(b, "http_bytes_in_total", "Bytes received over HTTP.", (int64_t)n.bytes_in);
    counter(b, "http_bytes_out_total", "Bytes sent over HTTP.", (int64_t)n.bytes_out);
    gauge(b, "http_connections", "Open HTTP connections.", (int64_t)n.conns);
    gauge(b, "http_parked", "Requests that wait for news.", (int64_t)n.parked);
}

void metrics_serve(struct http_req *req)
{
    const struct endpoint *ep = http_route_of(req)->arg;
    const struct cfapi *c = ep->c;
    struct buf b;
    buf_init(&b, METRICS_MAX);
    library_part(&b, c);
    notify_part(&b, c);
    media_part(&b, c);
    http_part(&b, c);
    if (buf_err(&b))
        http_fail(req, ERR_NO_MEMORY, NULL);
    else
        http_send(req, 200, "text/plain; version=0.0.4; charset=utf-8", b.data, b.len);
    buf_done(&b);
}
