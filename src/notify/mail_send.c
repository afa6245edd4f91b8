/* A mail goes to the SMTP server, by libcurl. */
#include "base/crypto.h"
#include "base/text.h"
#include "net/addr.h"
#include "notify/mail.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEND_MS = 20000, CONNECT_MS = 5000, HELLO_MAX = 256 };

static bool is_loopback(const char *host)
{
    struct addr a;
    char bare[ADDR_TEXT];
    size_t n = strlen(host);
    if (host[0] == '[' && n > 2 && n - 2 < sizeof bare) {
        memcpy(bare, host + 1, n - 2);
        bare[n - 2] = '\0';
        host = bare;
    }
    return strcmp(host, "localhost") == 0 || (!addr_parse_ip(host, &a) && addr_is_loopback(&a));
}

/* A URL in its parts: what comes before the last '@' is who signs in, percent-encoded. */
struct server {
    char url[MAIL_URL_MAX]; /* scheme, host, port */
    char user[MAIL_URL_MAX], password[MAIL_URL_MAX];
    bool loopback;
};

static bool host_ok(struct server *s)
{
    char *host = NULL, *path = NULL, *query = NULL;
    CURLU *u = curl_url();
    bool ok = u && curl_url_set(u, CURLUPART_URL, s->url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] &&
              curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0 &&
              curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_NO_QUERY;
    s->loopback = ok && is_loopback(host);
    curl_free(host);
    curl_free(path);
    curl_free(query);
    curl_url_cleanup(u);
    return ok;
}

static bool read_login(char *login, struct server *s)
{
    size_t len;
    char *colon = strchr(login, ':');
    if (colon)
        *colon = '\0';
    (void)text_copy(s->user, sizeof s->user, login);
    (void)text_copy(s->password, sizeof s->password, colon ? colon + 1 : "");
    return s->user[0] && !text_percent_decode(s->user, &len) &&
           !text_percent_decode(s->password, &len);
}

static enum err look(const char *url, struct server *s)
{
    char login[MAIL_URL_MAX] = "";
    bool tls = text_has_prefix(url, "smtps://");
    *s = (struct server){.loopback = false};
    if (strlen(url) >= MAIL_URL_MAX || (!tls && !text_has_prefix(url, "smtp://")))
        return ERR_INPUT;
    const char *rest = url + (tls ? 8 : 7), *at = strrchr(rest, '@');
    if (at)
        memcpy(login, rest, (size_t)(at - rest));
    (void)snprintf(s->url, sizeof s->url, "%s%s", tls ? "smtps://" : "smtp://", at ? at + 1 : rest);
    bool ok = (!at || read_login(login, s)) && host_ok(s);
    crypto_wipe(login, sizeof login);
    return ok ? ERR_OK : ERR_INPUT;
}

enum err mail_check_url(const char *url)
{
    struct server s;
    enum err e = look(url, &s);
    crypto_wipe(&s, sizeof s);
    return e;
}

struct mailer {
    struct mailer_setup set;
    char sender[MAIL_ADDRESS_MAX + 3], url[MAIL_URL_MAX + HELLO_MAX];
    struct server server;
    CURL *curl;
    /* of the mail that is being sent */
    const struct buf *message;
    size_t sent;
    bool given_up, kept; /* kept: on a line that was open before */
};

enum err mailer_make(const struct mailer_setup *setup, struct mailer **ret_mailer)
{
    char address[MAIL_ADDRESS_MAX + 1];
    struct mailer *m = calloc(1, sizeof *m);
    enum err e = m ? look(setup->url, &m->server) : ERR_NO_MEMORY;
    if (!e)
        e = mail_from_address(setup->from, address);
    if (!e) {
        size_t n = strlen(m->server.url);
        m->set = *setup;
        m->curl = curl_easy_init();
        (void)snprintf(m->sender, sizeof m->sender, "<%s>", address);
        /* The path is the name that we say HELO with. */
        (void)snprintf(m->url, sizeof m->url, "%s%s%s", m->server.url,
                       m->server.url[n - 1] == '/' ? "" : "/", strrchr(address, '@') + 1);
        e = m->curl ? ERR_OK : ERR_NO_MEMORY;
    }
    if (e)
        mailer_free(m);
    else
        *ret_mailer = m;
    return e;
}

void mailer_free(struct mailer *m)
{
    if (!m)
        return;
    curl_easy_cleanup(m->curl);
    crypto_wipe(&m->server, sizeof m->server);
    free(m);
}

static size_t on_read(char *out, size_t size, size_t n, void *arg)
{
    struct mailer *m = arg;
    size_t left = m->message->len - m->sent, take = size * n < left ? size * n : left;
    memcpy(out, m->message->data + m->sent, take);
    m->sent += take;
    return take;
}

/* curl calls this at least once a second, whatever it waits for. */
static int on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    struct mailer *m = arg;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    m->given_up = !m->set.go_on(m->set.arg);
    return m->given_up;
}

static void prepare(struct mailer *m)
{
    CURL *curl = m->curl;
    curl_easy_reset(curl); /* the connection stays */
    curl_easy_setopt(curl, CURLOPT_URL, m->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (m->server.user[0]) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, m->server.user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, m->server.password);
    }
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)SEND_MS);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, m->server.loopback ? CURLUSESSL_NONE : CURLUSESSL_ALL);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (m->set.ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, m->set.ca_file);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, m->sender);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_READDATA, m);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, m->set.go_on ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, m);
}

/* RFC 4954: it wants us to sign in, or does not let us: nothing is wrong with the mail. */
static bool about_us(long status)
{
    return status == 530 || status == 534 || status == 535 || status == 538;
}

static enum err judge(const struct mailer *m, CURLcode c, char why[MAIL_WHY])
{
    long status = 0;
    if (c == CURLE_OK)
        return ERR_OK;
    curl_easy_getinfo(m->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400 && status < 600)
        (void)snprintf(why, MAIL_WHY, "the mail server answers %ld", status);
    else
        (void)snprintf(why, MAIL_WHY, "mail server: %s", curl_easy_strerror(c));
    if (m->given_up)
        return ERR_BUSY;
    if (c == CURLE_OUT_OF_MEMORY)
        return ERR_NO_MEMORY;
    if (c == CURLE_OPERATION_TIMEDOUT)
        return ERR_TIMEOUT;
    return status >= 500 && c != CURLE_LOGIN_DENIED && !about_us(status) ? ERR_INPUT : ERR_UPSTREAM;
}

/* A server may have left a line that was kept: nothing of the mail was said then, so once more. */
static enum err attempt(struct mailer *m, struct curl_slist *rcpt, const struct buf *message,
                        bool fresh, char ret_why[MAIL_WHY])
{
    long opened = 0;
    m->message = message;
    m->sent = 0;
    m->given_up = false;
    prepare(m);
    curl_easy_setopt(m->curl, CURLOPT_MAIL_RCPT, rcpt);
    curl_easy_setopt(m->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    enum err e = judge(m, curl_easy_perform(m->curl), ret_why);
    curl_easy_getinfo(m->curl, CURLINFO_NUM_CONNECTS, &opened);
    m->kept = opened == 0;
    return e;
}

enum err mailer_send(struct mailer *m, const char *to, const struct buf *message,
                     char ret_why[MAIL_WHY])
{
    char rcpt[MAIL_ADDRESS_MAX + 3];
    ret_why[0] = '\0';
    if (!mail_address_ok(to))
        return ERR_INPUT;
    (void)snprintf(rcpt, sizeof rcpt, "<%s>", to);
    struct curl_slist *list = curl_slist_append(NULL, rcpt);
    if (!list)
        return ERR_NO_MEMORY;
    enum err e = attempt(m, list, message, false, ret_why);
    if (e == ERR_UPSTREAM && !m->sent && m->kept)
        e = attempt(m, list, message, true, ret_why);
    curl_slist_free_all(list);
    return e;
}
