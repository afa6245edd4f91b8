#include "net/http_parse.h"
#include "net/http_target.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BLANK_LINES_MAX = 4,
    METHOD_MAX = 24,
    LINE1_EXTRA = METHOD_MAX + 16, /* method, blanks and version around the target */
    EXTRA_MAX = 16 << 10,          /* chunk framing and trailers: this, and ... */
    EXTRA_PER_BYTE = 16            /* ... so much per byte of body */
};

static void bad(struct http_parse *p, int status, const char *why)
{
    if (p->at == HTTP_PARSE_BAD)
        return;
    p->at = HTTP_PARSE_BAD;
    p->status = status;
    p->why = why;
}

/* ---- llhttp's side ---- */

static int on_headers_complete(llhttp_t *ll)
{
    struct http_parse *p = ll->data;
    p->keep_alive = llhttp_should_keep_alive(ll);
    p->at = HTTP_PARSE_BODY;
    ll->upgrade = 0; /* we switch to no other protocol: RFC 9110 7.8 lets us ignore the wish */
    return 0;
}

static int on_message_complete(llhttp_t *ll)
{
    struct http_parse *p = ll->data;
    if (p->at == HTTP_PARSE_BODY)
        p->at = HTTP_PARSE_DONE;
    return HPE_PAUSED; /* what follows is another request */
}

/* Inside what we hold for the head: we disagree on where it ends. */
static int on_body(llhttp_t *ll, const char *data, size_t len)
{
    (void)data;
    (void)len;
    bad(ll->data, 400, "the request is malformed");
    return -1;
}

static const llhttp_settings_t settings = {.on_headers_complete = on_headers_complete,
                                           .on_message_complete = on_message_complete,
                                           .on_body = on_body};

/* ---- the request line ---- */

static void check_version(struct http_parse *p, const char *v, size_t len)
{
    if (len == 8 && memcmp(v, "HTTP/1.1", 8) == 0)
        return;
    if (len == 8 && memcmp(v, "HTTP/1.0", 8) == 0) {
        p->http10 = true;
        return;
    }
    bool other = len == 8 && memcmp(v, "HTTP/", 5) == 0 && v[5] >= '1' && v[5] <= '9' &&
                 v[6] == '.' && v[7] >= '0' && v[7] <= '9';
    if (other)
        bad(p, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    else
        bad(p, 400, "the request line does not end in HTTP/1.1");
}

/* `line` without its end. Refused at once, before anything else of the head is read. */
static void check_line1(struct http_parse *p, const struct http_parse_max *max, const char *line,
                        size_t len)
{
    const char *sp1 = memchr(line, ' ', len);
    size_t method = sp1 ? (size_t)(sp1 - line) : len;
    if (!sp1 || !http_token_ok(line, method)) {
        bad(p, 400, "the request line is malformed");
        return;
    }
    const char *target = sp1 + 1, *end = line + len;
    const char *sp2 = memchr(target, ' ', (size_t)(end - target));
    if (!sp2) {
        bad(p, 400, "the request line has no version");
        return;
    }
    check_version(p, sp2 + 1, (size_t)(end - sp2 - 1));
    if (p->at == HTTP_PARSE_BAD)
        return;
    if (method > METHOD_MAX || (method == 5 && memcmp(line, "TRACE", 5) == 0) ||
        (method == 7 && memcmp(line, "CONNECT", 7) == 0)) {
        bad(p, 501, "the method is not supported");
        return;
    }
    size_t target_len = (size_t)(sp2 - target);
    if (target_len > max->target) {
        bad(p, 414, "the target is too long");
        return;
    }
    struct http_target t;
    const char *why;
    enum err e = http_target_split(target, target_len, &t, &why);
    if (e)
        bad(p, e == ERR_NO_MEMORY ? 500 : 400, why);
    else if (*target == '*' && !(method == 7 && memcmp(line, "OPTIONS", 7) == 0))
        bad(p, 400, "'*' is for OPTIONS alone");
}

/* ---- the whole head ---- */

static const char *const NONE = "";

/* Cut "name: value" in place. */
static bool take_field(struct http_parse *p, char *line, size_t len)
{
    char *colon = memchr(line, ':', len);
    if (!colon || colon == line) {
        bad(p, 400, "a header has no name");
        return false;
    }
    if (!http_token_ok(line, (size_t)(colon - line))) {
        bad(p, 400, "a header's name is malformed");
        return false;
    }
    char *v = colon + 1, *end = line + len;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (const char *s = v; s < end; s++)
        if ((unsigned char)*s < ' ' && *s != '\t') {
            bad(p, 400, "a header has a control character");
            return false;
        }
    *colon = '\0';
    *end = '\0'; /* where blanks, or the line's CR, were */
    p->fields[p->n_fields++] = (struct http_field){line, v};
    return true;
}

/* Lines end in CRLF, have no other CR and do not begin with a blank (obs-fold). */
static bool line_ok(struct http_parse *p, const char *line, const char *lf)
{
    if (lf == line || lf[-1] != '\r' || memchr(line, '\r', (size_t)(lf - 1 - line)))
        bad(p, 400, "a line does not end in CR LF");
    else if (*line == ' ' || *line == '\t')
        bad(p, 400, "folded headers are not accepted");
    else
        return true;
    return false;
}

static bool take_fields(struct http_parse *p, unsigned max)
{
    unsigned lines = 0;
    for (uint32_t i = p->line1_len; i < p->len; i++)
        lines += p->text[i] == '\n';
    assert(lines);         /* a head ends with an empty line */
    if (lines - 1 > max) { /* the last one is the empty line */
        bad(p, 431, "too many headers");
        return false;
    }
    p->fields = calloc(lines, sizeof *p->fields);
    if (!p->fields) {
        bad(p, 500, "out of memory");
        return false;
    }
    char *line = p->text + p->line1_len, *end = p->text + p->len;
    while (line < end) {
        char *lf = memchr(line, '\n', (size_t)(end - line));
        if (!lf || !line_ok(p, line, lf))
            return false;
        if (lf - line > 1 && !take_field(p, line, (size_t)(lf - 1 - line)))
            return false;
        line = lf + 1;
    }
    return true;
}

const char *http_parse_field(const struct http_parse *p, const char *name, unsigned i)
{
    for (unsigned f = 0; f < p->n_fields; f++)
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): take_field() has set it */
        if (strcasecmp(p->fields[f].name, name) == 0 && i-- == 0)
            return p->fields[f].value;
    return NULL;
}

static void check_host(struct http_parse *p)
{
    const char *host = http_parse_field(p, "host", 0);
    if (!host && !p->http10)
        bad(p, 400, "the Host header is missing");
    else if (http_parse_field(p, "host", 1))
        bad(p, 400, "there are two Host headers");
    else if (host && !http_host_ok(host, strlen(host)))
        bad(p, 400, "the Host header is not host[:port]");
    else
        p->host = host ? host : NONE;
}

static void check_framing(struct http_parse *p)
{
    const char *length = http_parse_field(p, "content-length", 0);
    const char *coding = http_parse_field(p, "transfer-encoding", 0);
    const char *expect = http_parse_field(p, "expect", 0);
    if (length && coding)
        bad(p, 400, "both Content-Length and Transfer-Encoding");
    else if (http_parse_field(p, "content-length", 1))
        bad(p, 400, "there are two Content-Length headers");
    else if (http_parse_field(p, "transfer-encoding", 1))
        bad(p, 400, "there are two Transfer-Encoding headers");
    else if (coding && p->http10)
        bad(p, 400, "HTTP/1.0 has no Transfer-Encoding");
    else if (coding && strcasecmp(coding, "chunked") != 0)
        bad(p, 400, "the only Transfer-Encoding is chunked");
    else if (expect && !p->http10 &&
             (strcasecmp(expect, "100-continue") != 0 || http_parse_field(p, "expect", 1)))
        bad(p, 417, "the only expectation is 100-continue");
    p->chunked = coding != NULL;
    p->expect_continue = expect && !p->http10;
}

/* The request line was checked when it came; now its parts get their place and their end marks. */
static void cut_line1(struct http_parse *p)
{
    char *line = p->text;
    char *target = memchr(line, ' ', p->line1_len);
    *target++ = '\0';
    char *end = memchr(target, ' ', p->line1_len - (size_t)(target - line));
    struct http_target t;
    const char *why;
    enum err e = http_target_split(target, (size_t)(end - target), &t, &why);
    if (e) {
        bad(p, e == ERR_NO_MEMORY ? 500 : 400, why);
        return;
    }
    if (t.host_len && *p->host && !http_target_of_host(target, &t, p->host)) {
        bad(p, 400, "the target names another host than the Host header");
        return;
    }
    p->method = line;
    p->path = t.path_len ? target + t.path_at : "/";
    p->query = t.query_len ? target + t.query_at : NONE;
    target[t.path_at + t.path_len] = '\0'; /* the '?' or the blank */
    *end = '\0';
}

/* llhttp reads the head as it came, before we put our marks into it. */
static void run_llhttp(struct http_parse *p)
{
    llhttp_init(&p->ll, HTTP_REQUEST, &settings);
    p->ll.data = p;
    llhttp_errno_t e = llhttp_execute(&p->ll, p->text, p->len);
    if (e == HPE_OK || e == HPE_PAUSED) {
        bool whole = e == HPE_OK || llhttp_get_error_pos(&p->ll) == p->text + p->len;
        if (p->at == HTTP_PARSE_HEAD || !whole) /* likewise */
            bad(p, 400, "the request is malformed");
        else if (p->at == HTTP_PARSE_BODY)
            p->content_length = p->ll.content_length;
        return;
    }
    if (e == HPE_INVALID_METHOD)
        bad(p, 501, "the method is not supported");
    else
        bad(p, 400, "the request is malformed");
}

static void finish_head(struct http_parse *p, const struct http_parse_max *max)
{
    run_llhttp(p);
    if (p->at == HTTP_PARSE_BAD || !take_fields(p, max->fields))
        return;
    check_host(p);
    check_framing(p);
    if (p->at != HTTP_PARSE_BAD)
        cut_line1(p);
}

/* ---- collecting it ---- */

static bool append(struct http_parse *p, const char *data, size_t len)
{
    if (p->cap - p->len < len + 1) {
        size_t cap = p->cap ? p->cap * 2 : 512;
        while (cap - p->len < len + 1)
            cap *= 2;
        char *text = realloc(p->text, cap);
        if (!text) {
            bad(p, 500, "out of memory");
            return false;
        }
        p->text = text;
        p->cap = (uint32_t)cap;
    }
    memcpy(p->text + p->len, data, len);
    p->len += (uint32_t)len;
    p->text[p->len] = '\0';
    return true;
}

/* Empty lines in front of a request are skipped (RFC 9112 2.2). */
static size_t skip_blank(struct http_parse *p, const char *data, size_t len)
{
    size_t n = 0;
    while (n < len && (data[n] == '\r' || data[n] == '\n')) {
        if (data[n] == '\n' && ++p->blank_lines > BLANK_LINES_MAX) {
            bad(p, 400, "too many empty lines");
            break;
        }
        n++;
    }
    return n;
}

/* One line, or a part of it, has been added from `from` on. True: it ended the head. */
static bool look(struct http_parse *p, const struct http_parse_max *max, bool ended)
{
    if (!p->line1_len) {
        if (p->len > max->target + LINE1_EXTRA)
            bad(p, 414, "the request line is too long");
        else if (ended) {
            const char *lf = p->text + p->len - 1;
            p->line1_len = p->len;
            if (line_ok(p, p->text, lf))
                check_line1(p, max, p->text, p->len - 2);
        }
        return false;
    }
    if (p->len > max->head)
        bad(p, 431, "the headers are too large");
    else if (ended) {
        const char *t = p->text + p->len;
        return t[-2] == '\n' || (t[-2] == '\r' && t[-3] == '\n');
    }
    return false;
}

size_t http_parse_head(struct http_parse *p, const struct http_parse_max *max, const char *data,
                       size_t len)
{
    size_t used = p->len ? 0 : skip_blank(p, data, len);
    while (used < len && p->at == HTTP_PARSE_HEAD) {
        const char *lf = memchr(data + used, '\n', len - used);
        size_t n = lf ? (size_t)(lf + 1 - data) - used : len - used;
        size_t limit = max->head + max->target + LINE1_EXTRA;
        if (n > limit) /* more than can be good: look() will say so, with less copied */
            n = limit, lf = NULL;
        if (!append(p, data + used, n))
            break;
        used += n;
        if (look(p, max, lf != NULL))
            finish_head(p, max);
    }
    return used;
}

static bool give(struct http_parse *p, const char *data, size_t len)
{
    p->body_len += len;
    if (!p->sink || p->sink(p->sink_arg, data, len))
        return true;
    bad(p, 400, "the body was not accepted");
    return false;
}

static size_t read_counted(struct http_parse *p, const char *data, size_t len)
{
    uint64_t left = p->content_length - p->body_len;
    size_t n = left < len ? (size_t)left : len;
    if (give(p, data, n) && p->body_len == p->content_length)
        p->at = HTTP_PARSE_DONE;
    return n;
}

static size_t read_chunked(struct http_parse *p, const char *data, size_t len)
{
    size_t used = 0, n;
    while (used < len && p->at == HTTP_PARSE_BODY) {
        enum http_chunk_news news = http_chunk_read(&p->chunk, data + used, len - used, &n);
        used += n;
        if (news == CHUNK_DATA)
            (void)give(p, data + used - p->chunk.data_len, p->chunk.data_len);
        else if (news == CHUNK_END)
            p->at = HTTP_PARSE_DONE;
        else if (news == CHUNK_BAD)
            bad(p, 400, p->chunk.why);
    }
    return used;
}

size_t http_parse_body(struct http_parse *p, const char *data, size_t len)
{
    uint64_t before = p->body_len;
    if (!p->chunked)
        return read_counted(p, data, len);
    size_t used = read_chunked(p, data, len);
    p->extra_len += used - (p->body_len - before);
    if (p->at != HTTP_PARSE_BAD && p->extra_len > EXTRA_MAX + EXTRA_PER_BYTE * p->body_len)
        bad(p, 400, "too much around the body");
    return used;
}

void http_parse_init(struct http_parse *p)
{
    *p = (struct http_parse){.method = NONE, .path = NONE, .query = NONE, .host = NONE};
}

void http_parse_done(struct http_parse *p)
{
    free(p->text);
    free(p->fields);
    p->text = NULL;
    p->fields = NULL;
}
