/* The objects of Omise's side, by kind: the newest OMISE_KEEP of each. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/text.h"
#include "sandboxd/omise_in.h"

#include <stdio.h>
#include <string.h>

void omise_make_id(const char *prefix, char out[OMISE_ID])
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    unsigned char random[19];
    char word[sizeof random + 1];
    crypto_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        word[i] = letters[random[i] % (sizeof letters - 1)];
    word[sizeof random] = '\0';
    (void)snprintf(out, OMISE_ID, "%.8s_test_%s", prefix, word);
}

struct omise_row *book_add(struct omise_book *b, const char *prefix, int64_t now_ms)
{
    size_t at = (b->first + b->n) % OMISE_KEEP;
    struct omise_row *r = &b->rows[at];
    if (b->n == OMISE_KEEP)
        b->first = (b->first + 1) % OMISE_KEEP;
    else
        b->n++;
    json_decref(r->o);
    *r = (struct omise_row){.created_ms = now_ms};
    omise_make_id(prefix, r->id);
    return r;
}

struct omise_row *book_at(struct omise_book *b, size_t i)
{
    return &b->rows[(b->first + i) % OMISE_KEEP];
}

struct omise_row *book_find(struct omise_book *b, const char *id)
{
    for (size_t i = b->n; i-- > 0;)
        if (strcmp(book_at(b, i)->id, id) == 0)
            return book_at(b, i);
    return NULL;
}

void book_clear(struct omise_book *b)
{
    for (size_t i = 0; i < b->n; i++)
        json_decref(book_at(b, i)->o);
    b->n = 0;
}

/* ---- lists ---- */

struct paging {
    int64_t limit, offset, from_ms, to_ms;
    bool newest_first;
};

static void read_number(struct omise_call *k, const char *name, int64_t lo, int64_t hi, int64_t *n)
{
    const char *text = ask_query(k, name);
    if (text && *text && text_i64(text, lo, hi, n))
        refuse(k, "invalid_page", "%s must be a number from %d to %d", name, (int)lo, (int)hi);
}

static void read_time(struct omise_call *k, const char *name, int64_t *ms)
{
    const char *text = ask_query(k, name);
    if (text && *text && clock_parse(text, ms))
        refuse(k, "bad_request", "%s must be a time in ISO 8601", name);
}

static struct paging read_paging(struct omise_call *k)
{
    struct paging p = {.limit = 20, .to_ms = k->cx->now_ms + 1000};
    const char *order = ask_query(k, "order");
    read_number(k, "limit", 1, OMISE_LIST_MAX, &p.limit);
    read_number(k, "offset", 0, 1000000, &p.offset);
    read_time(k, "from", &p.from_ms);
    read_time(k, "to", &p.to_ms);
    if (order && strcmp(order, "reverse_chronological") == 0)
        p.newest_first = true;
    else if (order && *order && strcmp(order, "chronological") != 0)
        refuse(k, "bad_request", "order must be chronological or reverse_chronological");
    return p;
}

static json_t *envelope(const struct paging *p, json_t *data, int64_t total, const char *location)
{
    return json_pack("{s:s, s:o, s:I, s:I, s:I, s:s, s:s, s:o, s:o}", "object", "list", "data",
                     data, "limit", (json_int_t)p->limit, "offset", (json_int_t)p->offset, "total",
                     (json_int_t)total, "location", location, "order",
                     p->newest_first ? "reverse_chronological" : "chronological", "from",
                     omise_time(p->from_ms), "to", omise_time(p->to_ms));
}

/* Puts `o` into the page if it belongs there; `*seen` counts those that the list has at all. */
static void take(const struct paging *p, json_t *data, json_t *o, int64_t at_ms, int64_t *seen)
{
    if (at_ms < p->from_ms || at_ms > p->to_ms)
        return;
    if (*seen >= p->offset && *seen < p->offset + p->limit)
        (void)json_array_append(data, o);
    ++*seen;
}

json_t *omise_list_of(struct omise_call *k, struct omise_book *b, const char *location,
                      bool (*want)(const struct omise_row *r, const void *arg), const void *arg)
{
    struct paging p = read_paging(k);
    int64_t seen = 0;
    if (refused(k))
        return NULL;
    json_t *data = json_array();
    for (size_t i = 0; i < b->n; i++) {
        struct omise_row *r = book_at(b, p.newest_first ? b->n - 1 - i : i);
        if (!want || want(r, arg))
            take(&p, data, r->o, r->created_ms, &seen);
    }
    return envelope(&p, data, seen, location);
}

json_t *omise_list(struct omise_call *k, json_t *data, const char *location)
{
    struct paging p = read_paging(k);
    int64_t seen = 0;
    size_t n = json_array_size(data);
    if (refused(k))
        return NULL;
    json_t *page = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_array_get(data, p.newest_first ? n - 1 - i : i);
        take(&p, page, o, omise_time_of(o, "created_at"), &seen);
    }
    return envelope(&p, page, seen, location);
}

json_t *omise_inner_list(json_t *data, const char *location, int64_t now_ms)
{
    struct paging p = {.limit = 20, .to_ms = now_ms};
    return envelope(&p, data, (int64_t)json_array_size(data), location);
}
