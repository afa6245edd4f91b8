#include "streamd/origin/origin_in.h"
#include <assert.h>

static void news_unref(struct news *n)
{
    if (atomic_fetch_sub(&n->refs, 1) != 1)
        return;
    for (size_t i = 0; i < n->n; i++) {
        bytes_unref(n->item[i].init);
        bytes_unref(n->item[i].part.bytes);
    }
    free(n->item);
    free(n->mail);
    free(n);
}

static struct news *news_make(const struct broadcast *b)
{
    struct news *n = calloc(1, sizeof(*n));
    if (!n)
        return NULL;
    atomic_init(&n->refs, 1);
    n->o = b->o;
    memcpy(n->input_uid, b->input_uid, UID_TEXT);
    memcpy(n->video_uid, b->video_uid, UID_TEXT);
    n->mail = calloc(b->o->n_loops, sizeof(*n->mail));
    if (n->mail)
        return n;
    free(n);
    return NULL;
}

struct news_item *news_add(struct broadcast *b, enum news_kind kind)
{
    if (!b->news)
        b->news = news_make(b);
    struct news *n = b->news;
    if (!n)
        return NULL;
    if (n->n == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 4;
        struct news_item *grown = reallocarray(n->item, cap, sizeof(*grown));
        if (!grown)
            return NULL;
        n->item = grown;
        n->cap = cap;
    }
    struct news_item *it = &n->item[n->n++];
    *it = (struct news_item){.kind = kind};
    return it;
}

static void arrive(void *arg)
{
    struct news *n = arg;
    view_apply(seat_here(n->o), n);
    news_unref(n);
}

void news_send(struct broadcast *b)
{
    struct news *n = b->news;
    if (!n)
        return;
    b->news = NULL;
    struct origin *o = b->o;
    unsigned here = loop_index(loop_here());
    atomic_fetch_add(&n->refs, o->n_loops - 1);
    for (unsigned i = 0; i < o->n_loops; i++)
        if (i != here)
            loop_post_mail(loops_at(o->loops, i), &n->mail[i], arrive, n);
    arrive(n); /* those who wait here are answered in this very turn */
}
