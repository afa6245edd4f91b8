#include "streamd/ingest/ingest.h"
#include "net/listen.h"
#include "streamd/ingest/publisher_in.h"
#include <assert.h>
#include <semaphore.h>
#include <stdlib.h>

enum { HELLO_MS = 10 * 1000, FROZEN_MS = 15 * 1000, CONNS_MAX = 2000, CONNS_PER_ADDRESS = 64 };

enum err ingest_make(const struct ingest_conf *conf, struct ingest **ret_ingest)
{
    assert(conf && conf->library && conf->origin && conf->loops);
    struct ingest *in = calloc(1, sizeof(*in));
    if (!in)
        return ERR_NO_MEMORY;
    in->conf = *conf;
    if (!in->conf.hello_ms)
        in->conf.hello_ms = HELLO_MS;
    if (!in->conf.frozen_ms)
        in->conf.frozen_ms = FROZEN_MS;
    if (!in->conf.conns_max)
        in->conf.conns_max = CONNS_MAX;
    if (!in->conf.conns_per_address)
        in->conf.conns_per_address = CONNS_PER_ADDRESS;
    *ret_ingest = in;
    return ERR_OK;
}

enum err ingest_listen(struct ingest *in, const char *address, struct tls *tls, char why[200],
                       struct addr *ret_addr)
{
    assert(in && address && why && ret_addr);
    if (in->n == INGEST_LISTENERS_MAX) {
        (void)snprintf(why, LISTEN_WHY, "more than %d addresses", INGEST_LISTENERS_MAX);
        return ERR_INPUT;
    }
    struct listen_opts opts = {.addr = address,
                               .tls = tls,
                               .ops = &publisher_ops,
                               .owner_size = PUBLISHER_OWNER_SIZE,
                               .arg = in,
                               .on_conn = publisher_on_conn,
                               .conns_max = (unsigned)in->conf.conns_max,
                               .per_addr_max = (unsigned)in->conf.conns_per_address};
    enum err e = listen_open(in->conf.loops, &opts, why, &in->listener[in->n]);
    if (e)
        return e;
    *ret_addr = *listen_addr(in->listener[in->n++]);
    return ERR_OK;
}

void ingest_count(struct ingest *in, struct ingest_counts *ret_counts)
{
    *ret_counts = (struct ingest_counts){.connections = atomic_load(&in->connections),
                                         .publishers = atomic_load(&in->publishers),
                                         .bytes_in = atomic_load(&in->bytes_in),
                                         .accepted = atomic_load(&in->accepted),
                                         .refused = atomic_load(&in->refused)};
    for (unsigned i = 0; i < in->n; i++)
        ret_counts->refused += (int64_t)listen_refused(in->listener[i]);
}

struct farewell {
    struct ingest *in;
    sem_t done;
};

static void bid_farewell(void *arg)
{
    struct farewell *f = arg;
    publishers_leave(f->in);
    sem_post(&f->done);
}

void ingest_stop(struct ingest *in)
{
    for (unsigned i = 0; i < in->n; i++)
        listen_stop(in->listener[i]);
    struct farewell f = {.in = in};
    struct loop_mail mail[LOOPS_MAX];
    unsigned loops = loops_count(in->conf.loops);
    sem_init(&f.done, 0, 0);
    for (unsigned i = 0; i < loops; i++)
        loop_post_mail(loops_at(in->conf.loops, i), &mail[i], bid_farewell, &f);
    for (unsigned i = 0; i < loops; i++)
        while (sem_wait(&f.done))
            ;
    sem_destroy(&f.done);
    while (in->n)
        listen_free(in->listener[--in->n]);
}

void ingest_free(struct ingest *in)
{
    free(in);
}
