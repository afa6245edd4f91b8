/* One row goes out: to a push service, or to the mail server. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/es256.h"
#include "base/text.h"
#include "notify/outbox_in.h"
#include "notify/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PUSH_MS = 4000,
    PUSH_CONNECT_MS = 2000,
    RETRY_AFTER_MAX_S = 86400,
    HEADER_MAX = 4096,
    TOPIC = 32,
    ANSWER_MAX = 8192
};

static void became(struct out_row *r, enum outcome what, const char *why)
{
    r->became = what;
    r->result = why;
}

/* ---- who is down ---- */

/* Services of browser makers: nobody else's name may stop them. One that begins with '.': below. */
static bool of_browsers(const char *host, size_t n)
{
    static const char *const makers[] = {"fcm.googleapis.com", "jmt17.google.com",
                                         ".push.services.mozilla.com", ".push.apple.com",
                                         ".notify.windows.com"};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        size_t len = strlen(makers[i]);
        bool fits = makers[i][0] == '.' ? n > len : n == len;
        if (fits && memcmp(host + n - len, makers[i], len) == 0)
            return true;
    }
    return false;
}

/*
 * All names below one name count as one: "https://a7.push.example.net" is "example.net". Else
 * whoever owns a name could keep every thread waiting for one more of it. What browsers use counts
 * by itself, at its own port: "https://nope.googleapis.com" is anybody's to name.
 */
static void family_of(const char *origin, char out[PUSH_ORIGIN_MAX])
{
    const char *host = strstr(origin, "://");
    host = host ? host + 3 : origin;
    size_t n = strcspn(host, ":"), dots = 0;
    bool literal = host[0] == '[' || (n && host[n - 1] >= '0' && host[n - 1] <= '9');
    bool whole = literal || (!host[n] && of_browsers(host, n));
    size_t from = n;
    while (!whole && from && !(host[from - 1] == '.' && ++dots == 2))
        from--;
    (void)snprintf(out, PUSH_ORIGIN_MAX, "%.*s", whole ? PUSH_ORIGIN_MAX : (int)(n - from),
                   whole ? origin : host + from);
}

int64_t out_down_until(struct outbox *o, const char *origin, int64_t now_ms)
{
    int64_t until = 0;
    char family[PUSH_ORIGIN_MAX];
    family_of(origin, family);
    (void)pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < ORIGINS_MAX; i++)
        if (o->down[i].until_ms > now_ms && strcmp(o->down[i].family, family) == 0)
            until = o->down[i].until_ms;
    (void)pthread_mutex_unlock(&o->lock);
    return until;
}

/* Where all places are taken the one that ends first goes. */
void out_set_down(struct outbox *o, const char *origin, int64_t until_ms)
{
    struct down *d = &o->down[0];
    char family[PUSH_ORIGIN_MAX];
    family_of(origin, family);
    (void)pthread_mutex_lock(&o->lock);
    for (size_t i = 0; i < ORIGINS_MAX; i++) {
        if (strcmp(o->down[i].family, family) == 0) {
            d = &o->down[i];
            break;
        }
        if (o->down[i].until_ms < d->until_ms)
            d = &o->down[i];
    }
    (void)text_copy(d->family, sizeof d->family, family);
    d->until_ms = until_ms;
    (void)pthread_mutex_unlock(&o->lock);
}

static void is_down(struct line *l, struct cx *cx, struct out_row *r, const char *origin)
{
    int64_t s = strcmp(origin, "smtp") == 0 ? OUTBOX_MAIL_DOWN_S : OUTBOX_DOWN_S;
    out_set_down(l->o, origin, cx->now_ms + s * 1000);
    became(r, OUT_RETRY, "no answer");
}

/* ---- push ---- */

/* The same text for the same thing: a later message takes the place of the earlier one. */
static const char *tag_of(struct cx *cx, const struct out_row *r, const json_t *args)
{
    const char *tag = json_string_value(json_object_get(args, "tag"));
    return tag ? tag : arena_fmt(cx->arena, "%s:%lld", r->kind_name, (long long)r->id);
}

static void make_topic(const char *tag, char out[TOPIC + 1])
{
    unsigned char hash[SHA256_LEN];
    char text[SHA256_LEN * 2];
    crypto_sha256(tag, strlen(tag), hash);
    crypto_base64url_text(hash, sizeof hash, text);
    memcpy(out, text, TOPIC);
    out[TOPIC] = '\0';
}

/* Retry-After in seconds; a date, or nothing, is 0. */
static int64_t retry_after_ms(const struct client_answer *a)
{
    char text[24];
    int64_t s = 0;
    if (!client_answer_header(a, "retry-after", text, sizeof text) ||
        text_i64(text, 0, 1 << 30, &s))
        return 0;
    return (s < RETRY_AFTER_MAX_S ? s : RETRY_AFTER_MAX_S) * 1000;
}

static void judge_push(struct line *l, struct cx *cx, struct out_row *r, const char *origin,
                       const struct client_answer *a)
{
    int64_t wait_ms = retry_after_ms(a);
    if (a->status >= 200 && a->status < 300) {
        became(r, OUT_SENT, NULL);
        return;
    }
    if (a->status == 404 || a->status == 410) {
        became(r, OUT_GONE, "the browser is gone");
        return;
    }
    const char *why = arena_fmt(cx->arena, "push service answers %d", a->status);
    if (a->status != 429 && a->status < 500) {
        became(r, OUT_DEAD, why);
        return;
    }
    if (wait_ms) {
        r->retry_ms = cx->now_ms + wait_ms;
        out_set_down(l->o, origin, r->retry_ms);
    }
    became(r, OUT_RETRY, why);
}

static void post(struct line *l, struct cx *cx, struct out_row *r, const char *origin,
                 const char *tag, const struct buf *body, const struct buf *token)
{
    char topic[TOPIC + 1];
    enum notice_kind kind;
    struct client_answer a;
    make_topic(tag, topic);
    bool urgent = !notice_kind_parse(r->kind_name, &kind) && notice_rules[kind].urgent;
    int64_t ttl_s = (r->until_ms - cx->now_ms) / 1000;
    const char *const headers[] = {
        arena_fmt(cx->arena, "Authorization: %s", token->data),
        arena_fmt(cx->arena, "TTL: %lld", (long long)(ttl_s > 0 ? ttl_s : 0)),
        arena_fmt(cx->arena, "Topic: %s", topic),
        urgent ? "Urgency: high" : "Urgency: normal",
        "Content-Encoding: aes128gcm",
        "Content-Type: application/octet-stream",
        NULL};
    if (!headers[0] || !headers[1] || !headers[2]) {
        became(r, OUT_RETRY, "out of memory");
        return;
    }
    const struct client_ask ask = {.method = "POST",
                                   .url = r->endpoint,
                                   .headers = headers,
                                   .body = body->data,
                                   .body_len = body->len,
                                   .timeout_ms = PUSH_MS,
                                   .connect_ms = PUSH_CONNECT_MS,
                                   .answer_max = ANSWER_MAX,
                                   .ca_file = l->o->set.ca_file,
                                   .public_only = !l->o->set.local_ok,
                                   .go_on = outbox_goes_on,
                                   .arg = l->o};
    enum err e = client_run(&ask, &a);
    if (!e)
        judge_push(l, cx, r, origin, &a);
    else if (e == ERR_INPUT)
        became(r, OUT_GONE, "no host of the internet");
    else if (e == ERR_BUSY)
        became(r, OUT_BACK, NULL);
    else
        is_down(l, cx, r, origin);
    client_answer_done(&a);
}

static void send_push(struct line *l, struct cx *cx, struct out_row *r, const struct words *w,
                      const json_t *args)
{
    char origin[PUSH_ORIGIN_MAX];
    struct push_target to = {.endpoint = r->endpoint};
    struct buf body, token;
    const char *plain, *tag = tag_of(cx, r, args);
    if (!push_endpoint_ok(r->endpoint, l->o->set.local_ok) || push_origin(r->endpoint, origin) ||
        r->p256dh.len != PUSH_KEY_LEN || r->auth.len != PUSH_AUTH_LEN) {
        became(r, OUT_GONE, "no address of a push service");
        return;
    }
    r->retry_ms = out_down_until(l->o, origin, cx->now_ms);
    if (r->retry_ms) {
        became(r, OUT_BACK, "the push service does not answer");
        return;
    }
    memcpy(to.p256dh, r->p256dh.p, PUSH_KEY_LEN);
    memcpy(to.auth, r->auth.p, PUSH_AUTH_LEN);
    buf_init(&body, 2 * PUSH_PAYLOAD_MAX);
    buf_init(&token, HEADER_MAX);
    enum err e = tag ? words_push(cx, w, tag, &plain) : ERR_NO_MEMORY;
    if (!e)
        e = push_seal(&to, plain, strlen(plain), &body);
    if (!e)
        e = push_vapid(l->o->set.push_key, r->endpoint, l->o->who, cx->now_ms, &token);
    if (e == ERR_INPUT)
        became(r, OUT_DEAD, "it cannot be encrypted for this browser");
    else if (e)
        became(r, OUT_RETRY, "out of memory");
    else
        post(l, cx, r, origin, tag, &body, &token);
    buf_done(&body);
    buf_done(&token);
}

/* ---- mail ---- */

static enum err need_mailer(struct line *l)
{
    const struct outbox_setup *s = &l->o->set;
    if (l->mailer)
        return ERR_OK;
    return mailer_make(&(struct mailer_setup){.url = s->smtp_url,
                                              .from = s->mail_from,
                                              .ca_file = s->ca_file,
                                              .go_on = outbox_goes_on,
                                              .arg = l->o},
                       &l->mailer);
}

static enum err write_mail(struct line *l, struct cx *cx, const struct out_row *r,
                           const struct words *w, struct buf *out)
{
    const char *text, *html, *base = l->o->set.public_url;
    struct mail m = {.from = l->o->set.mail_from,
                     .to = r->email,
                     .subject = w->title,
                     .lang = lang_name(w->lang),
                     .at_ms = cx->now_ms};
    enum err e = words_mail(cx, w, base, &text, &html);
    if (e)
        return e;
    m.text = text;
    m.html = html;
    m.id = arena_fmt(cx->arena, "%llx.%llx", (unsigned long long)r->id,
                     (unsigned long long)r->created_ms);
    if (w->stop)
        m.stop_url = arena_fmt(cx->arena, "%s%s", base, w->stop);
    return m.id && (!w->stop || m.stop_url) ? mail_write(&m, out) : ERR_NO_MEMORY;
}

static void send_mail(struct line *l, struct cx *cx, struct out_row *r, const struct words *w)
{
    char why[MAIL_WHY] = "";
    struct buf message;
    r->retry_ms = out_down_until(l->o, "smtp", cx->now_ms);
    if (r->retry_ms) {
        became(r, OUT_BACK, "the mail server does not answer");
        return;
    }
    buf_init(&message, MAIL_MAX);
    enum err e = write_mail(l, cx, r, w, &message);
    if (e == ERR_INPUT)
        became(r, OUT_DEAD, "it cannot be written as a mail");
    e = e ? e : need_mailer(l);
    if (!e) {
        e = mailer_send(l->mailer, r->email, &message, why);
        const char *kept = why[0] ? arena_dup(cx->arena, why, strlen(why)) : NULL;
        switch ((int)e) {
        case ERR_OK: became(r, OUT_SENT, NULL); break;
        case ERR_INPUT: became(r, OUT_DEAD, kept); break;
        case ERR_BUSY: became(r, OUT_BACK, NULL); break;
        default: is_down(l, cx, r, "smtp"); r->result = kept ? kept : r->result;
        }
    } else if (e != ERR_INPUT)
        became(r, OUT_RETRY, "out of memory");
    buf_done(&message);
}

/* ---- either ---- */

static void send_words(struct line *l, struct cx *cx, struct out_row *r, const json_t *args)
{
    const struct outbox_setup *s = &l->o->set;
    bool push = strcmp(r->channel, "push") == 0;
    enum notice_kind kind;
    struct words w;
    if (push && (!s->push_key || !r->subscription)) {
        became(r, OUT_DROPPED, s->push_key ? "the browser is gone" : "push is off");
        return;
    }
    if (push && !r->signed_on) {
        became(r, OUT_DROPPED, "the browser was signed out");
        return;
    }
    if (!push && (!s->smtp_url || !s->smtp_url[0] || !r->email)) {
        became(r, OUT_DROPPED, r->email ? "mail is off" : "no address any more");
        return;
    }
    enum lang l10n = lang_near(r->lang);
    enum err e = notice_kind_parse(r->kind_name, &kind);
    if (!e)
        e = words_fill_in(cx, kind, l10n == LANG_COUNT ? LANG_EN : l10n, r->market, args, &w);
    cx->problem[0] = '\0';
    if (e == ERR_INPUT)
        became(r, OUT_DEAD, "it does not say what it is about");
    else if (e)
        became(r, OUT_RETRY, "out of memory");
    else if (push)
        send_push(l, cx, r, &w, args);
    else
        send_mail(l, cx, r, &w);
}

void out_send(struct line *l, struct cx *cx, struct out_row *r)
{
    if (!outbox_goes_on(l->o)) {
        became(r, OUT_BACK, NULL);
        return;
    }
    if (r->until_ms <= cx->now_ms) {
        became(r, OUT_DROPPED, "its time has passed");
        return;
    }
    json_t *args = json_loads(r->args, 0, NULL);
    if (args)
        send_words(l, cx, r, args);
    else
        became(r, OUT_DEAD, "it cannot be read");
    json_decref(args);
}
