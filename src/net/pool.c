#include "net/pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct job {
    void (*fn)(void *arg);
    void *arg;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    bool ending;
    size_t max, head, n; /* ring of jobs that wait */
    struct job *ring;
    unsigned threads;
    pthread_t thread[];
};

static void *worker_main(void *arg)
{
    struct pool *p = arg;
    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->n && !p->ending)
            (void)pthread_cond_wait(&p->work, &p->lock);
        if (!p->n)
            break;
        struct job j = p->ring[p->head];
        p->head = (p->head + 1) % p->max;
        p->n--;
        (void)pthread_mutex_unlock(&p->lock);
        j.fn(j.arg);
        (void)pthread_mutex_lock(&p->lock);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_make(unsigned threads, size_t queue_max)
{
    assert(threads && queue_max);
    struct pool *p = calloc(1, sizeof *p + threads * sizeof p->thread[0]);
    if (!p)
        return NULL;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    p->max = queue_max;
    p->ring = calloc(queue_max, sizeof *p->ring);
    while (p->ring && p->threads < threads &&
           pthread_create(&p->thread[p->threads], NULL, worker_main, p) == 0)
        p->threads++;
    if (p->threads < threads) {
        pool_free(p);
        return NULL;
    }
    return p;
}

enum err pool_run(struct pool *p, void (*fn)(void *arg), void *arg)
{
    (void)pthread_mutex_lock(&p->lock);
    bool room = p->n < p->max && !p->ending;
    if (room)
        p->ring[(p->head + p->n++) % p->max] = (struct job){fn, arg};
    (void)pthread_mutex_unlock(&p->lock);
    if (!room)
        return ERR_BUSY;
    (void)pthread_cond_signal(&p->work);
    return ERR_OK;
}

size_t pool_waiting(struct pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    size_t n = p->n;
    (void)pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->ending = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        (void)pthread_join(p->thread[i], NULL);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_mutex_destroy(&p->lock);
    free(p->ring);
    free(p);
}
