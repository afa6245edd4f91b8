#include "streamd/origin/census_in.h"
#include "streamd/origin/crowd_in.h"
#include "streamd/origin/origin_in.h"
#include <assert.h>

struct mark {
    uint64_t input, player;
};

struct tally {
    uint64_t input;
    int64_t players;
};

struct census {
    struct origin *o;
    struct loop_mail mail;
    struct timer timer; /* loop 0 */
    bool stopped;       /* loop 0 */
    /* whoever has the sheet */
    unsigned at;
    uint64_t input; /* of the view being read */
    struct mark *mark;
    size_t n, cap;
    pthread_mutex_t lock;
    struct tally *tally; /* lock, ascending */
    size_t n_tally;
};

struct census *census_make(struct origin *o)
{
    struct census *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->o = o;
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void census_free(struct census *c)
{
    if (!c)
        return;
    free(c->mark);
    free(c->tally);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Half of the uid's bits tell inputs apart well enough. */
static uint64_t input_of(const char *uid)
{
    char half[17];
    memcpy(half, uid, 16);
    half[16] = '\0';
    return strtoull(half, NULL, 16);
}

static void add_player(uint64_t id, void *arg)
{
    struct census *c = arg;
    if (c->n == c->cap) {
        size_t cap = c->cap ? c->cap * 2 : 256;
        struct mark *grown = cap <= CENSUS_MAX ? reallocarray(c->mark, cap, sizeof(*grown)) : NULL;
        if (!grown)
            return;
        c->mark = grown;
        c->cap = cap;
    }
    c->mark[c->n++] = (struct mark){c->input, id};
}

static int compare(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    if (x->input != y->input)
        return x->input < y->input ? -1 : 1;
    return (x->player > y->player) - (x->player < y->player);
}

static void publish(struct census *c)
{
    if (c->n)
        qsort(c->mark, c->n, sizeof(*c->mark), compare);
    struct tally *tally = calloc(c->n + 1, sizeof(*tally));
    size_t n = 0;
    int64_t all = 0;
    for (size_t i = 0; tally && i < c->n; i++) {
        if (i && compare(&c->mark[i], &c->mark[i - 1]) == 0)
            continue;
        if (!n || tally[n - 1].input != c->mark[i].input)
            tally[n++].input = c->mark[i].input;
        tally[n - 1].players++;
        all++;
    }
    pthread_mutex_lock(&c->lock);
    struct tally *old = c->tally;
    c->tally = tally;
    c->n_tally = n;
    pthread_mutex_unlock(&c->lock);
    free(old);
    atomic_store(&c->o->viewers, all);
}

static void begin(void *arg);

static void visit(void *arg)
{
    struct census *c = arg;
    struct origin *o = c->o;
    if (c->at == o->n_loops) { /* back on loop 0 */
        publish(c);
        if (!c->stopped)
            timer_set(loop_here(), &c->timer, CENSUS_MS, begin, c);
        return;
    }
    struct seat *s = seat_here(o);
    int64_t now = loop_now_ms(s->loop);
    for (unsigned i = 0; i < VIEW_BUCKETS; i++)
        for (struct view *v = s->bucket[i]; v; v = v->next) {
            c->input = input_of(v->input_uid);
            crowd_each(v->crowd, now, add_player, c);
        }
    c->at++;
    loop_post_mail(loops_at(o->loops, c->at < o->n_loops ? c->at : 0), &c->mail, visit, c);
}

static void begin(void *arg)
{
    struct census *c = arg;
    if (c->stopped)
        return;
    c->at = 0;
    c->n = 0;
    visit(c);
}

void census_start(struct census *c)
{
    loop_post_mail(loops_at(c->o->loops, 0), &c->mail, begin, c);
}

void census_stop(struct census *c)
{
    c->stopped = true;
    timer_cancel(loop_here(), &c->timer);
}

int64_t census_count(struct census *c, const char *input_uid)
{
    uint64_t input = access_uid_ok(input_uid) ? input_of(input_uid) : 0;
    int64_t players = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n_tally; i++)
        if (c->tally[i].input == input)
            players = c->tally[i].players;
    pthread_mutex_unlock(&c->lock);
    return players;
}
