/* What S3 answers in XML, read into checked values. */
#include "base/arena.h"
#include "base/text.h"
#include "cloud/s3_in.h"
#include "cloud/s3_xml_in.h"

#include <string.h>

enum { TEXT_MAX = 4096 };

static enum err unreadable(struct cx *cx)
{
    return problem(cx, ERR_UPSTREAM, "the bucket's answer cannot be read");
}

/* ---- errors ---- */

void s3_read_error(struct cx *cx, const char *body, size_t len, const char **ret_code,
                   const char **ret_message)
{
    struct xml x;
    *ret_code = *ret_message = "";
    xml_init(&x, body, len, cx->arena, TEXT_MAX);
    if (xml_next(&x) != XML_OPEN || strcmp(x.name, "Error") != 0)
        return;
    while (xml_next(&x) == XML_OPEN) {
        const char **to = strcmp(x.name, "Code") == 0      ? ret_code
                          : strcmp(x.name, "Message") == 0 ? ret_message
                                                           : NULL;
        if (to ? !xml_leaf(&x, to) : !xml_skip(&x))
            return;
    }
}

/* ---- a list ---- */

/* encoding-type=url: a space may come as '+'. */
static bool decode_key(char *key)
{
    size_t len;
    for (char *s = key; *s; s++)
        if (*s == '+')
            *s = ' ';
    return text_percent_decode(key, &len) == ERR_OK && text_is_utf8(key, len);
}

static bool read_size(const char *text, uint64_t *ret_size)
{
    int64_t n;
    if (text_i64(text, 0, INT64_MAX, &n) != ERR_OK)
        return false;
    *ret_size = (uint64_t)n;
    return true;
}

static bool read_entry(struct cx *cx, struct xml *x, bool encoded, struct s3_entry *e)
{
    enum xml_event ev;
    const char *key = NULL, *size = NULL, *etag = "";
    while ((ev = xml_next(x)) == XML_OPEN) {
        const char **to = strcmp(x->name, "Key") == 0    ? &key
                          : strcmp(x->name, "Size") == 0 ? &size
                          : strcmp(x->name, "ETag") == 0 ? &etag
                                                         : NULL;
        if (to ? !xml_leaf(x, to) : !xml_skip(x))
            return false;
    }
    if (ev != XML_CLOSE || !key || !size)
        return false;
    char *own = arena_dup(cx->arena, key, strlen(key));
    if (!own || (encoded && !decode_key(own)))
        return false;
    *e = (struct s3_entry){.key = own, .etag = etag};
    return read_size(size, &e->size);
}

struct list_state {
    bool encoded, truncated;
    const char *next;
};

static bool read_member(struct cx *cx, struct xml *x, struct list_state *st, struct s3_page *p)
{
    const char *text = "";
    if (strcmp(x->name, "Contents") == 0)
        return p->count < S3_LIST_MAX && read_entry(cx, x, st->encoded, &p->items[p->count++]);
    if (strcmp(x->name, "IsTruncated") == 0) {
        bool ok = xml_leaf(x, &text);
        st->truncated = strcmp(text, "true") == 0;
        return ok;
    }
    return strcmp(x->name, "NextContinuationToken") == 0 ? xml_leaf(x, &st->next) : xml_skip(x);
}

/* We always ask for encoding-type=url; who does not know it does not repeat it. */
static bool says_encoded(const char *body, size_t len)
{
    static const char mark[] = "<EncodingType>url<";
    return body && memmem(body, len, mark, sizeof mark - 1) != NULL;
}

enum err s3_read_page(struct cx *cx, const char *body, size_t len, struct s3_page *ret_page)
{
    struct xml x;
    struct list_state st = {.encoded = says_encoded(body, len)};
    struct s3_page p = {.items = arena_array(cx->arena, struct s3_entry, S3_LIST_MAX)};
    enum xml_event ev;
    if (!p.items)
        return ERR_NO_MEMORY;
    xml_init(&x, body, len, cx->arena, TEXT_MAX);
    if (xml_next(&x) != XML_OPEN || strcmp(x.name, "ListBucketResult") != 0)
        return unreadable(cx);
    while ((ev = xml_next(&x)) == XML_OPEN)
        if (!read_member(cx, &x, &st, &p))
            return unreadable(cx);
    if (ev != XML_CLOSE || (st.truncated && !st.next))
        return unreadable(cx);
    p.next = st.truncated ? st.next : NULL;
    *ret_page = p;
    return ERR_OK;
}

enum err s3_read_text(struct cx *cx, const char *body, size_t len, const char *name, char *out,
                      size_t size)
{
    struct xml x;
    const char *text = NULL;
    xml_init(&x, body, len, cx->arena, TEXT_MAX);
    if (xml_next(&x) != XML_OPEN)
        return unreadable(cx);
    while (xml_next(&x) == XML_OPEN) {
        bool wanted = strcmp(x.name, name) == 0;
        if (wanted ? !xml_leaf(&x, &text) : !xml_skip(&x))
            return unreadable(cx);
    }
    return text && text[0] && text_copy(out, size, text) ? ERR_OK : unreadable(cx);
}
