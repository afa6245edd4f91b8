/* One message to one receiver. */
#include "streamd/notify/notify_in.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "net/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POST_TIMEOUT_MS = 10000, ANSWER_MAX = 64 << 10 };

bool receiver_url_ok(const char *url)
{
    size_t skip = text_has_prefix(url, "https://") ? 8 : text_has_prefix(url, "http://") ? 7 : 0;
    if (!skip || strlen(url) > URL_MAX || !url[skip] || strchr("/:?#@", url[skip]))
        return false;
    for (const char *s = url; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("\"<>\\^`{|}", *s))
            return false;
    return true;
}

json_t *time_json(int64_t unix_ms)
{
    char text[CLOCK_TEXT];
    if (!unix_ms)
        return json_null();
    clock_text_us(unix_ms * 1000, text);
    return json_string(text);
}

void notify_sign(const char *secret, int64_t unix_s, const char *body, char out[NOTIFY_SIGNATURE])
{
    unsigned char mac[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    struct buf signed_text;
    buf_init(&signed_text, strlen(body) + 32);
    buf_fmt(&signed_text, "%" PRId64 ".", unix_s);
    buf_str(&signed_text, body);
    out[0] = '\0';
    if (!buf_err(&signed_text)) {
        crypto_hmac_sha256(secret, strlen(secret), signed_text.data, signed_text.len, mac);
        crypto_hex(mac, sizeof mac, hex);
        (void)snprintf(out, NOTIFY_SIGNATURE, "time=%" PRId64 ",sig1=%s", unix_s, hex);
    }
    buf_done(&signed_text);
}

static enum err post_by_net(const struct notify_post *p, int *ret_status, char why[NOTIFY_WHY])
{
    struct client_answer answer;
    const struct client_ask ask = {.method = "POST",
                                   .url = p->url,
                                   .headers = p->headers,
                                   .body = p->body,
                                   .body_len = strlen(p->body),
                                   .timeout_ms = POST_TIMEOUT_MS,
                                   .answer_max = ANSWER_MAX};
    enum err e = client_run(&ask, &answer);
    if (e)
        (void)text_copy(why, NOTIFY_WHY, answer.why);
    else
        *ret_status = answer.status;
    client_answer_done(&answer);
    return e;
}

enum err post_message(struct notify *n, const struct posting *p, int *ret_status,
                      char why[NOTIFY_WHY])
{
    char signature[NOTIFY_SIGNATURE], line[NOTIFY_SIGNATURE + 32];
    char auth[SECRET_TEXT_MAX + 32];
    const char *headers[5] = {"Content-Type: application/json", "User-Agent: streamd"};
    size_t h = 2;
    if (p->sign_secret) {
        notify_sign(p->sign_secret, notify_now_ms(n) / 1000, p->body, signature);
        (void)snprintf(line, sizeof line, "Webhook-Signature: %s", signature);
        headers[h++] = line;
    }
    if (p->auth && *p->auth) {
        (void)snprintf(auth, sizeof auth, "cf-webhook-auth: %s", p->auth);
        headers[h++] = auth;
    }
    const struct notify_post post = {.url = p->url, .headers = headers, .body = p->body};
    *ret_status = 0;
    why[0] = '\0';
    enum err e = n->setup.post ? n->setup.post(n->setup.arg, &post, ret_status, why)
                               : post_by_net(&post, ret_status, why);
    if (!e && (*ret_status < 200 || *ret_status > 299)) {
        (void)snprintf(why, NOTIFY_WHY, "the answer was %d", *ret_status);
        e = ERR_UPSTREAM;
    }
    return e;
}
