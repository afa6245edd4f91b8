/* Calls to providers: few at once, short, and to their own hosts only. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "login/engine_in.h"

#include <string.h>
#include <strings.h>
#include <time.h>

enum { PLACE_MS = 2000 };

static bool is_unreserved(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           strchr("-._~", ch);
}

void form_escape(struct buf *out, const char *value)
{
    for (const char *s = value; *s; s++)
        if (is_unreserved(*s))
            buf_ch(out, *s);
        else
            buf_fmt(out, "%%%02X", (unsigned)(unsigned char)*s);
}

void form_add(struct buf *form, const char *name, const char *value)
{
    if (form->len && form->data[form->len - 1] != '?')
        buf_ch(form, '&');
    buf_str(form, name);
    buf_ch(form, '=');
    form_escape(form, value);
}

/* ---- where to ---- */

struct where {
    bool plain;
    const char *host;     /* in the URL, with its port */
    size_t len, name_len; /* the latter without the port */
};

/* ERR_INPUT: not http(s)://host[:port][/path][?query], or with a user. */
static enum err where_of(const char *url, struct where *ret_where)
{
    struct where w = {.plain = text_has_prefix(url, "http://")};
    if (!w.plain && !text_has_prefix(url, "https://"))
        return ERR_INPUT;
    for (const char *s = url; *s; s++)
        if (*s <= ' ' || *s > '~' || strchr("\"<>\\^`{|}#", *s))
            return ERR_INPUT;
    w.host = strstr(url, "://") + 3;
    w.len = strcspn(w.host, "/?");
    if (!w.len || memchr(w.host, '@', w.len))
        return ERR_INPUT;
    const char *end = w.host[0] == '[' ? memchr(w.host, ']', w.len) : NULL;
    w.name_len = end ? (size_t)(end - w.host) + 1 : strcspn(w.host, ":/?");
    *ret_where = w;
    return ERR_OK;
}

static bool same_name(const struct where *a, const char *name, size_t len)
{
    return a->name_len == len && strncasecmp(a->host, name, len) == 0;
}

static bool on_list(const struct where *w, const char *hosts)
{
    for (const char *s = hosts; *s;) {
        size_t n = strcspn(s, ",");
        if (n == w->len && strncasecmp(s, w->host, n) == 0)
            return true;
        s += n + (s[n] == ',');
    }
    return false;
}

/* Plain http only for a stand-in that is plain itself: on its host, or on this machine. */
static bool plain_ok(const struct where *w, const char *base)
{
    struct where b;
    if (where_of(base, &b) != ERR_OK || !b.plain)
        return false;
    return same_name(w, b.host, b.name_len) || same_name(w, "127.0.0.1", 9) ||
           same_name(w, "localhost", 9) || same_name(w, "[::1]", 5);
}

bool provider_may_call(const struct provider *p, const char *url)
{
    struct where w;
    if (strlen(url) >= PROVIDER_URL_MAX * 8 || where_of(url, &w) != ERR_OK)
        return false;
    if (w.plain)
        return plain_ok(&w, p->issuer) || plain_ok(&w, p->graph_url);
    return !p->hosts[0] || on_list(&w, p->hosts);
}

/* ---- the call ---- */

static bool free_locked(const struct login *l, const struct source *s)
{
    return l->calls < CALLS_MAX && s->calls < CALLS_PER_PROVIDER;
}

bool login_wait_locked(struct login *l, int64_t until_mono_ms)
{
    const struct timespec until = {.tv_sec = until_mono_ms / 1000,
                                   .tv_nsec = until_mono_ms % 1000 * 1000000};
    l->waiters++;
    int late = pthread_cond_timedwait(&l->landed, &l->lock, &until);
    l->waiters--;
    return late == 0;
}

static bool begin(struct login *l, struct source *s)
{
    (void)pthread_mutex_lock(&l->lock);
    int64_t until_ms = clock_mono_ms() + PLACE_MS;
    while (!free_locked(l, s) && l->waiters < WAITERS_MAX && login_wait_locked(l, until_ms))
        ;
    bool ok = free_locked(l, s);
    if (ok) {
        l->calls++;
        s->calls++;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return ok;
}

static void end(struct login *l, struct source *s)
{
    (void)pthread_mutex_lock(&l->lock);
    l->calls--;
    s->calls--;
    (void)pthread_cond_broadcast(&l->landed);
    (void)pthread_mutex_unlock(&l->lock);
}

enum err login_call(struct login *l, struct cx *cx, const struct provider *p,
                    const struct login_call *ask, struct client_answer *ret_answer)
{
    struct source *s = login_source(l, p);
    *ret_answer = (struct client_answer){.status = 0};
    if (!provider_may_call(p, ask->url))
        return problem(cx, ERR_UPSTREAM, "%s: an address that is not the provider's", p->name);
    if (!ask->in_turn && !begin(l, s))
        return problem(cx, ERR_BUSY, "%s: too many calls at once", p->name);
    const struct client_ask call = {.method = ask->method,
                                    .url = ask->url,
                                    .headers = ask->headers,
                                    .body = ask->body,
                                    .body_len = ask->body ? strlen(ask->body) : 0,
                                    .timeout_ms = CALL_MS,
                                    .connect_ms = CALL_CONNECT_MS,
                                    .answer_max = CALL_ANSWER_MAX,
                                    .once = ask->once};
    enum err e = client_run(&call, ret_answer);
    if (!ask->in_turn)
        end(l, s);
    if (e)
        return problem(cx, e == ERR_INPUT ? ERR_UPSTREAM : e, "%s: %s", p->name,
                       ret_answer->reason ? ret_answer->reason : "no answer");
    if (ret_answer->status >= 500 || ret_answer->status == 429)
        return problem(cx, ERR_UPSTREAM, "%s: answered %d", p->name, ret_answer->status);
    return ERR_OK;
}
