#include "net/client.h"

#include "net/addr.h"

#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    TIMEOUT_MS = 10000,
    CONNECT_MS = 5000,
    ANSWER_MAX = 1 << 20,
    HEADERS_MAX = 64 << 10,
    HOST_SHOWN = 100
};

/* ---- one easy handle per thread: it keeps its connections ---- */

static pthread_key_t handle_key;
static pthread_once_t handle_once = PTHREAD_ONCE_INIT;

static void handle_done(void *curl)
{
    curl_easy_cleanup(curl);
}

static void make_key(void)
{
    (void)pthread_key_create(&handle_key, handle_done);
}

enum err client_init(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return ERR_INTERNAL;
    return pthread_once(&handle_once, make_key) ? ERR_INTERNAL : ERR_OK;
}

static CURL *handle_here(void)
{
    (void)pthread_once(&handle_once, make_key);
    CURL *curl = pthread_getspecific(handle_key);
    if (curl) {
        curl_easy_reset(curl);
        return curl;
    }
    curl = curl_easy_init();
    if (curl && pthread_setspecific(handle_key, curl)) {
        curl_easy_cleanup(curl);
        curl = NULL;
    }
    return curl;
}

void client_thread_done(void)
{
    (void)pthread_once(&handle_once, make_key);
    CURL *curl = pthread_getspecific(handle_key);
    (void)pthread_setspecific(handle_key, NULL);
    curl_easy_cleanup(curl);
}

/* ---- what goes in and what comes out ---- */

struct exchange {
    const struct client_ask *ask;
    struct client_answer *answer;
    bool too_large, stopped, given_up;
    bool inner, outer; /* with public_only: an address was refused, one was let through */
};

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t len = size * n;
    if (x->ask->on_body) {
        if (x->ask->on_body(x->ask->arg, data, len))
            return len;
        x->stopped = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_add(&x->answer->body, data, len);
    if (!x->answer->body.failed)
        return len;
    x->too_large = true;
    return CURL_WRITEFUNC_ERROR;
}

/* "Name: value\r\n" becomes "name: value\n"; a status line begins a new answer (100, then 200). */
static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t len = size * n, kept = len;
    struct buf *out = &x->answer->headers;
    while (kept && strchr("\r\n \t", line[kept - 1]))
        kept--;
    const char *colon = memchr(line, ':', kept);
    if (kept >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        buf_clear(out);
        return len;
    }
    if (!colon)
        return len;
    for (const char *s = line; s < colon; s++)
        buf_ch(out, (char)tolower((unsigned char)*s));
    const char *v = colon + 1;
    while (v < line + kept && (*v == ' ' || *v == '\t'))
        v++;
    buf_str(out, ": ");
    buf_add(out, v, (size_t)(line + kept - v));
    buf_ch(out, '\n');
    x->too_large = x->too_large || out->failed;
    return out->failed ? 0 : len;
}

static size_t on_more_body(char *out, size_t size, size_t n, void *arg)
{
    const struct exchange *x = arg;
    return x->ask->more_body(x->ask->arg, out, size * n);
}

/* curl calls this at least once a second, whatever it waits for. */
static int on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    struct exchange *x = arg;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    x->given_up = !x->ask->go_on(x->ask->arg);
    return x->given_up;
}

bool client_answer_header(const struct client_answer *a, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    const char *s = a->headers.data;
    while (s && *s) {
        size_t line = strcspn(s, "\n");
        if (line > len && s[len] == ':' && memcmp(s, name, len) == 0) {
            const char *v = s + len + 1 + (s[len + 1] == ' ');
            size_t n = (size_t)(s + line - v);
            bool fits = n < size;
            if (size) {
                n = fits ? n : size - 1;
                memcpy(out, v, n);
                out[n] = '\0';
            }
            return fits;
        }
        s += line + (s[line] == '\n');
    }
    return false;
}

/* ---- running ---- */

/* scheme://host[:port] of the URL, without user, path and query: fit for a log. */
static void host_of(const char *url, char out[HOST_SHOWN])
{
    const char *from = strstr(url, "://");
    from = from ? from + 3 : url;
    size_t len = strcspn(from, "/?#");
    for (size_t i = 0; i < len; i++)
        if (from[i] == '@') {
            from += i + 1;
            len -= i + 1;
            i = (size_t)-1;
        }
    (void)snprintf(out, HOST_SHOWN, "%.*s", (int)(len < HOST_SHOWN ? len : HOST_SHOWN - 1), from);
}

static enum err say(struct client_answer *a, const char *url, enum err e, const char *what)
{
    char host[HOST_SHOWN];
    host_of(url, host);
    (void)snprintf(a->why, sizeof a->why, "'%s': %s", host, what);
    a->reason = what;
    return e;
}

/* curl has looked the name up and is about to connect there. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *at)
{
    struct exchange *x = arg;
    struct sockaddr_storage sock = {0};
    struct addr a;
    if (purpose != CURLSOCKTYPE_IPCXN || at->addrlen > sizeof sock)
        return CURL_SOCKET_BAD;
    const void *from = &at->addr; /* curl's own object behind it is as long as addrlen says */
    memcpy(&sock, from, at->addrlen);
    addr_from_sock(&sock, &a);
    bool ok = addr_is_public(&a);
    x->inner = x->inner || !ok;
    x->outer = x->outer || ok;
    return ok ? socket(at->family, at->socktype | SOCK_CLOEXEC, at->protocol) : CURL_SOCKET_BAD;
}

static enum err judge(const struct exchange *x, CURLcode c)
{
    const char *url = x->ask->url;
    if (c == CURLE_OK)
        return ERR_OK;
    if (x->too_large)
        return say(x->answer, url, ERR_UPSTREAM, "the answer is too large");
    if (x->stopped)
        return say(x->answer, url, ERR_UPSTREAM, "the answer was not wanted");
    if (x->inner && !x->outer)
        return say(x->answer, url, ERR_INPUT, "not a host of the internet");
    if (x->given_up)
        return say(x->answer, url, ERR_BUSY, "given up before the answer");
    if (c == CURLE_OPERATION_TIMEDOUT)
        return say(x->answer, url, ERR_TIMEOUT, "no answer in time");
    if (c == CURLE_OUT_OF_MEMORY)
        return say(x->answer, url, ERR_NO_MEMORY, "out of memory");
    if (c == CURLE_URL_MALFORMAT || c == CURLE_UNSUPPORTED_PROTOCOL)
        return say(x->answer, url, ERR_INPUT, "not an http or https URL");
    return say(x->answer, url, ERR_UPSTREAM, curl_easy_strerror(c));
}

static bool one_line(const char *s)
{
    return !strpbrk(s, "\r\n");
}

static enum err set_headers(CURL *curl, const struct client_ask *ask, struct curl_slist **ret_list)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no waiting for 100 */
    for (const char *const *h = ask->headers; list && h && *h; h++) {
        struct curl_slist *more = one_line(*h) ? curl_slist_append(list, *h) : NULL;
        if (!more) {
            curl_slist_free_all(list);
            return one_line(*h) ? ERR_NO_MEMORY : ERR_INPUT;
        }
        list = more;
    }
    *ret_list = list;
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    return list ? ERR_OK : ERR_NO_MEMORY;
}

static void set_body(CURL *curl, const struct client_ask *ask, struct exchange *x)
{
    if (ask->more_body) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_more_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, x);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)ask->body_len);
    } else if (ask->body || strcmp(ask->method, "POST") == 0 || strcmp(ask->method, "PUT") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body_len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body ? ask->body : "");
    }
    if (strcmp(ask->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
}

static void set_progress(CURL *curl, struct exchange *x)
{
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, x->ask->go_on ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
}

static void set_public(CURL *curl, struct exchange *x)
{
    if (!x->ask->public_only)
        return;
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, x);
}

static void set_limits(CURL *curl, const struct client_ask *ask)
{
    long timeout = (long)(ask->timeout_ms ? ask->timeout_ms : TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(ask->connect_ms ? ask->connect_ms : CONNECT_MS));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* the environment chooses no detours */
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ask->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ask->ca_file);
    if (ask->once)
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
}

enum err client_run(const struct client_ask *ask, struct client_answer *ret_answer)
{
    *ret_answer = (struct client_answer){.unsent = true};
    buf_init(&ret_answer->headers, HEADERS_MAX);
    buf_init(&ret_answer->body, ask->answer_max ? ask->answer_max : ANSWER_MAX);
    struct exchange x = {.ask = ask, .answer = ret_answer};
    CURL *curl = handle_here();
    if (!curl)
        return say(ret_answer, ask->url, ERR_NO_MEMORY, "out of memory");
    struct curl_slist *headers;
    enum err e = set_headers(curl, ask, &headers);
    if (e)
        return say(ret_answer, ask->url, e, e == ERR_INPUT ? "bad header" : "out of memory");
    set_body(curl, ask, &x);
    set_limits(curl, ask);
    set_progress(curl, &x);
    set_public(curl, &x);
    curl_easy_setopt(curl, CURLOPT_URL, ask->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "nightmarket");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &x);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &x);
    e = judge(&x, curl_easy_perform(curl));
    long status = 0, sent = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
    ret_answer->status = (int)status;
    ret_answer->unsent = sent == 0;
    curl_slist_free_all(headers);
    return e;
}

void client_answer_done(struct client_answer *a)
{
    buf_done(&a->headers);
    buf_done(&a->body);
}
