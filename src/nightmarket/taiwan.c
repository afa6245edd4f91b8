#include "nightmarket/taiwan.h"
#include "base/clock.h"
#include "net/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { ROUND_S = 1 };

struct taiwan {
    struct ship *ship;
    struct invoices *invoices;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool running, stop;
};

enum err taiwan_make(const struct taiwan_setup *setup, struct taiwan **ret_taiwan)
{
    struct taiwan *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NO_MEMORY;
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_cond_init(&t->wake, NULL);
    enum err e = ship_make(&(struct ship_setup){.store = setup->store,
                                                .orders = setup->orders,
                                                .accounts = setup->accounts,
                                                .public_url = setup->public_url},
                           &t->ship);
    if (!e)
        e = invoices_make(&(struct invoices_setup){.store = setup->store,
                                                   .orders = setup->orders,
                                                   .accounts = setup->accounts},
                          &t->invoices);
    if (e)
        taiwan_free(t);
    else
        *ret_taiwan = t;
    return e;
}

struct ship *taiwan_ship(const struct taiwan *t)
{
    return t->ship;
}

struct invoices *taiwan_invoices(const struct taiwan *t)
{
    return t->invoices;
}

/* True: go on. */
static bool wait_round(struct taiwan *t)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ROUND_S;
    (void)pthread_mutex_lock(&t->lock);
    while (!t->stop && pthread_cond_timedwait(&t->wake, &t->lock, &until) == 0)
        ;
    bool go_on = !t->stop;
    (void)pthread_mutex_unlock(&t->lock);
    return go_on;
}

static void *rounds(void *arg)
{
    struct taiwan *t = arg;
    do {
        invoices_tick(t->invoices, clock_unix_ms());
        ship_tick(t->ship, clock_unix_ms());
    } while (wait_round(t));
    client_thread_done();
    return NULL;
}

enum err taiwan_run(struct taiwan *t)
{
    t->stop = false;
    t->running = pthread_create(&t->thread, NULL, rounds, t) == 0;
    return t->running ? ERR_OK : ERR_BUSY;
}

void taiwan_stop(struct taiwan *t)
{
    if (!t || !t->running)
        return;
    (void)pthread_mutex_lock(&t->lock);
    t->stop = true;
    (void)pthread_cond_signal(&t->wake);
    (void)pthread_mutex_unlock(&t->lock);
    (void)pthread_join(t->thread, NULL);
    t->running = false;
}

void taiwan_free(struct taiwan *t)
{
    if (!t)
        return;
    taiwan_stop(t);
    invoices_free(t->invoices);
    ship_free(t->ship);
    (void)pthread_cond_destroy(&t->wake);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}
