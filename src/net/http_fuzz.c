/*
 * The request parser on arbitrary bytes, split at arbitrary places: the first byte of the input
 * chooses the splits. Whatever way they are split, the outcome must be the same.
 */
#include "net/http_parse.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct http_parse_max max = {.target = 256, .head = 1024, .fields = 16};

struct outcome {
    enum http_parse_at at;
    int status;
    uint64_t body_len, body_sum;
    size_t used;
};

static bool sum_body(void *arg, const char *data, size_t len)
{
    struct outcome *o = arg;
    o->body_len += len;
    for (size_t i = 0; i < len; i++)
        o->body_sum = o->body_sum * 31 + (unsigned char)data[i];
    return true;
}

static void check(bool true_always)
{
    if (!true_always)
        abort();
}

static void check_text(const char *s)
{
    for (; *s; s++)
        if (*s <= ' ' || *s >= 0x7f || *s == '\\' || *s == '#')
            abort();
}

/* What the server relies on once a head is accepted. */
static void check_head(const struct http_parse *p)
{
    check(p->method[0] && p->path[0]);
    check(p->path[0] == '/' || strcmp(p->path, "*") == 0);
    check(p->http10 || p->host[0]);
    check(strlen(p->path) <= max.target && strlen(p->query) <= max.target);
    check(p->n_fields <= max.fields);
    check_text(p->path);
    check_text(p->query);
    for (unsigned i = 0; i < p->n_fields; i++)
        check(p->fields[i].name[0] && !strpbrk(p->fields[i].value, "\r\n"));
    check(!p->chunked || !p->content_length);
}

static size_t step_of(unsigned how, size_t at, size_t left)
{
    size_t n = how == 0 ? left : how == 1 ? 1 : 1 + (at * 2654435761U >> 7) % how;
    return n < left ? n : left;
}

/* `copy` is the exact piece on the heap, so that reading past it is seen. */
static struct outcome run(const uint8_t *data, size_t len, unsigned how)
{
    struct http_parse p;
    struct outcome o = {0};
    http_parse_init(&p);
    p.sink = sum_body;
    p.sink_arg = &o;
    bool checked = false;
    while (o.used < len && (p.at == HTTP_PARSE_HEAD || p.at == HTTP_PARSE_BODY)) {
        size_t n = step_of(how, o.used, len - o.used);
        char *copy = malloc(n);
        assert(copy);
        memcpy(copy, data + o.used, n);
        size_t took = p.at == HTTP_PARSE_HEAD ? http_parse_head(&p, &max, copy, n)
                                              : http_parse_body(&p, copy, n);
        free(copy);
        assert(took <= n);
        assert(took || p.at != HTTP_PARSE_HEAD);
        o.used += took;
        if (!checked && (p.at == HTTP_PARSE_BODY || p.at == HTTP_PARSE_DONE)) {
            check_head(&p);
            checked = true;
        }
    }
    assert((p.at == HTTP_PARSE_BAD) == (p.status != 0));
    o.at = p.at;
    o.status = p.status;
    http_parse_done(&p);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2)
        return 0;
    struct outcome whole = run(data + 1, len - 1, 0),
                   split = run(data + 1, len - 1, 1U + data[0] % 64);
    assert(whole.at == split.at && whole.status == split.status);
    if (whole.at == HTTP_PARSE_BAD)
        return 0;
    assert(whole.used == split.used);
    assert(whole.body_len == split.body_len && whole.body_sum == split.body_sum);
    return 0;
}
