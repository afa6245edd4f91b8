/* For the operator's eyes and machines: is it up, is it ready, how much of what. */
#include "api/call_in.h"
#include "api/openapi.h"
#include "login/revoke.h"
#include "notify/outbox.h"
#include "room/hub.h"
#include "store/store.h"
#include "till/check.h"
#include "till/invoice.h"
#include "till/refund.h"
#include "till/till.h"

#include <string.h>

enum { METRICS_MAX = 32 * 1024 };

static enum err answer_text(struct call *c, const char *type, const char *text, size_t len)
{
    add_security_headers(c->req, c->api, false);
    http_add(c->req, "Cache-Control", "no-store");
    http_send(c->req, 200, type, text, len);
    return ERR_OK;
}

enum err healthz_get(struct call *c)
{
    return answer_text(c, "text/plain; charset=utf-8", "ok\n", 3);
}

enum err readyz_get(struct call *c)
{
    struct db *db = NULL;
    struct show_page page;
    const struct show_list_ask ask = {.limit = 1};
    const struct room_who nobody = {.viewer_id = 0};
    enum err e = store_read(c->api->set.store, &db);
    if (!e)
        e = show_list(c->api->set.room, db, c->cx, &nobody, &ask, &page);
    store_read_end(db);
    return e ? problem(c->cx, ERR_BUSY, "the database does not answer")
             : answer_text(c, "text/plain; charset=utf-8", "ready\n", 6);
}

enum err openapi_get(struct call *c)
{
    return answer_text(c, "application/yaml", openapi_yaml, strlen(openapi_yaml));
}

struct metric {
    const char *name, *type, *help;
    int64_t value;
};

static void add_metrics(struct buf *b, const struct metric *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", m[i].name, m[i].help, m[i].name,
                m[i].type, m[i].name, (long long)m[i].value);
}

static void add_http(struct buf *b, const struct http_stats *s)
{
    static const char name[] = "nightmarket_http_requests_total";
    buf_fmt(b, "# HELP %s Requests answered, by status class.\n# TYPE %s counter\n", name, name);
    for (int i = 1; i <= 5; i++)
        buf_fmt(b, "%s{class=\"%dxx\"} %llu\n", name, i, (unsigned long long)s->requests[i]);
    const struct metric rows[] = {
        {"nightmarket_http_refused_total", "counter", "Malformed requests, connection closed.",
         (int64_t)s->refused},
        {"nightmarket_http_turned_away_total", "counter", "Connections over a limit.",
         (int64_t)s->turned_away},
        {"nightmarket_http_received_bytes_total", "counter", "Bytes from clients.",
         (int64_t)s->bytes_in},
        {"nightmarket_http_sent_bytes_total", "counter", "Bytes to clients.",
         (int64_t)s->bytes_out},
        {"nightmarket_http_connections", "gauge", "Open connections.", (int64_t)s->conns},
        {"nightmarket_http_streams", "gauge", "Open event streams.", (int64_t)s->streams}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

static void add_till(struct buf *b, const struct api *a)
{
    struct till_stats t;
    till_read_stats(a->set.till, &t);
    const struct metric rows[] = {
        {"nightmarket_payments_started_total", "counter", "Payments begun.", t.started},
        {"nightmarket_payments_paid_total", "counter", "Payments that pay an order.", t.paid},
        {"nightmarket_payments_failed_total", "counter", "Payments failed or expired.", t.failed},
        {"nightmarket_payments_orphaned_total", "counter", "Money that no order could take.",
         t.orphaned},
        {"nightmarket_payments_simulated_total", "counter", "Test notices.", t.simulated},
        {"nightmarket_pay_messages_total", "counter", "Genuine notices of gateways.", t.taken},
        {"nightmarket_pay_messages_repeated_total", "counter", "Of them told before.", t.repeated},
        {"nightmarket_pay_messages_unknown_total", "counter", "Of them about payments not ours.",
         t.unknown},
        {"nightmarket_pay_messages_waiting", "gauge", "Notices to be looked into.",
         t.inbox_waiting},
        {"nightmarket_pay_asked_total", "counter", "Questions to gateways.", t.asked},
        {"nightmarket_pay_ask_errors_total", "counter", "Of them without an answer.", t.ask_errors},
        {"nightmarket_pay_start_errors_total", "counter", "Payments that a gateway did not begin.",
         t.start_errors},
        {"nightmarket_pay_asks_waiting", "gauge", "Questions that are due.", t.asks_waiting},
        {"nightmarket_pay_round_seconds", "gauge", "When the till last looked around.",
         t.last_round_ms / 1000}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

static void add_money(struct buf *b, const struct api_setup *set)
{
    struct refund_numbers n = {0};
    int64_t differences = 0, checked_ms = 0;
    if (set->refunds)
        refunds_numbers(set->refunds, &n);
    if (set->money_watch)
        money_watch_read(set->money_watch, &differences, &checked_ms);
    const struct metric rows[] = {
        {"nightmarket_refunds_queued", "gauge", "Refunds that wait.", n.queued},
        {"nightmarket_refunds_manual", "gauge", "Of them by hand.", n.manual},
        {"nightmarket_refunds_sent", "gauge", "Refunds on their way.", n.sent},
        {"nightmarket_refunds_unclear", "gauge", "Of them unclear for long.", n.unclear},
        {"nightmarket_refunds_failed", "gauge", "Refunds that failed.", n.failed},
        {"nightmarket_money_differences", "gauge", "What does not agree in the books.",
         differences},
        {"nightmarket_money_checked_seconds", "gauge", "When the books were last looked at.",
         checked_ms / 1000}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

static void add_outbox(struct buf *b, const struct api_setup *set)
{
    struct outbox_numbers n = {0};
    if (set->outbox)
        outbox_numbers(set->outbox, &n);
    const struct metric rows[] = {
        {"nightmarket_notices_queued", "gauge", "Messages that wait to be sent.", n.queued},
        {"nightmarket_notices_dead", "gauge", "Messages given up, of 30 days.", n.dead},
        {"nightmarket_notices_oldest_seconds", "gauge", "How long the oldest due one waits.",
         n.oldest_s},
        {"nightmarket_notices_sent_total", "counter", "Messages sent.", n.sent},
        {"nightmarket_notices_dropped_total", "counter", "Messages that nobody needs any more.",
         n.dropped},
        {"nightmarket_notices_retried_total", "counter", "Messages put back.", n.retried}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

static void add_revokes(struct buf *b, const struct api_setup *set)
{
    struct revoke_numbers n = {0};
    if (set->revokes)
        revokes_numbers(set->revokes, &n);
    const struct metric rows[] = {
        {"nightmarket_revocations_due", "gauge", "Providers to be told that somebody left.", n.due},
        {"nightmarket_revocations_given_up", "gauge", "Of 30 days, those given up.", n.given_up}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

static void add_invoices(struct buf *b, const struct api_setup *set)
{
    struct invoice_numbers n = {0};
    if (set->invoices)
        invoices_numbers(set->invoices, &n);
    const struct metric rows[] = {
        {"nightmarket_invoices_issued_total", "counter", "E-invoices issued.", n.issued},
        {"nightmarket_invoices_voided_total", "counter", "E-invoices voided.", n.voided},
        {"nightmarket_invoices_allowed_total", "counter", "Allowances made.", n.allowed},
        {"nightmarket_invoices_refused_total", "counter", "Refused: staff must look.", n.refused},
        {"nightmarket_invoices_lost_total", "counter", "Calls without an answer.", n.lost}};
    add_metrics(b, rows, sizeof rows / sizeof rows[0]);
}

enum err metrics_get(struct call *c)
{
    struct room_stats r;
    struct http_stats h = {.refused = 0};
    const struct api_counters *n = &c->api->count;
    struct buf b;
    room_read_stats(c->api->set.room, &r);
    if (c->api->set.server && *c->api->set.server)
        http_stats(*c->api->set.server, &h);
    buf_init(&b, METRICS_MAX);
    add_http(&b, &h);
    const struct metric rows[] = {
        {"nightmarket_rooms_open", "gauge", "Shows that somebody watches.", r.shows_open},
        {"nightmarket_viewers", "gauge", "Distinct viewers in the last 30 s.", r.viewers},
        {"nightmarket_subscribers", "gauge", "Browsers that receive room events.", r.subscribers},
        {"nightmarket_events_total", "counter", "Room events handed on.", r.events},
        {"nightmarket_frames_total", "counter", "Frames given to streams.", r.frames},
        {"nightmarket_streams_lost_total", "counter", "Streams that fell behind.", r.lost},
        {"nightmarket_messages_total", "counter", "Chat messages posted.", r.messages},
        {"nightmarket_messages_held_total", "counter", "Messages held for a word.", r.held},
        {"nightmarket_messages_refused_total", "counter", "Messages refused.", r.refused},
        {"nightmarket_webhooks_total", "counter", "Genuine callbacks.", n->webhook_ok},
        {"nightmarket_webhooks_forged_total", "counter", "Forged callbacks.", n->webhook_forged},
        {"nightmarket_upstream_calls_total", "counter", "Calls to Stream.", n->upstream_calls},
        {"nightmarket_upstream_errors_total", "counter", "Of them failed.", n->upstream_errors}};
    add_metrics(&b, rows, sizeof rows / sizeof rows[0]);
    add_till(&b, c->api);
    add_money(&b, &c->api->set);
    add_invoices(&b, &c->api->set);
    add_outbox(&b, &c->api->set);
    add_revokes(&b, &c->api->set);
    enum err e = buf_err(&b);
    if (!e)
        e = answer_text(c, "text/plain; version=0.0.4; charset=utf-8", b.data, b.len);
    buf_done(&b);
    return e;
}
