/*
 * bench/store - jobs a second through the writer: one at a time, and in groups.
 *
 *     bench/store [FOLDER]           default: the current one; its disk is what is measured
 *     bench/store postgresql://...   an empty database
 *
 * One line per case: name, jobs, seconds, jobs/s.
 */
#include "base/clock.h"
#include "base/crypto.h"
#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUN_MS = 2000, FLIGHT_MAX = 2048 };

static const struct migration steps[] = {
    {1, "orders",
     "CREATE TABLE item (id INTEGER PRIMARY KEY, total INTEGER NOT NULL, held INTEGER NOT NULL"
     " CHECK (held <= total)) STRICT;"
     "CREATE TABLE hold (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES item (id),"
     " qty INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;"
     "INSERT INTO item VALUES (1, 1000000000, 0);"},
};
static const struct schema schema = {steps, 1};

static const struct sql take = {"take", "UPDATE item SET held = held + $1"
                                        " WHERE id = $2 AND total - held >= $1 RETURNING held"};
static const struct sql hold = {"hold", "INSERT INTO hold (id, item_id, qty, expires_at)"
                                        " VALUES ($1, $2, $3, $4)"};

/* The heart of a claim: take a unit of one hot product, write down who holds it. */
static enum err claim_run(struct tx *tx, void *arg)
{
    int64_t held;
    enum err e = db_i64(tx->db, &take, ARGS(V(1), V(1)), &held);
    return e ? e : db_do(tx->db, &hold, ARGS(V(*(int64_t *)arg), V(1), V(1), V(0)), NULL);
}

static int64_t last_id;

static void report(const char *name, int64_t jobs, int64_t us)
{
    printf("%-24s %8lld jobs %7.2f s %9.0f jobs/s\n", name, (long long)jobs, (double)us / 1e6,
           (double)jobs * 1e6 / (double)us);
}

static bool run_alone(struct store *s)
{
    int64_t start_us = clock_mono_us();
    int64_t jobs = 0;
    for (; clock_mono_us() - start_us < RUN_MS * INT64_C(1000); jobs++) {
        struct cx cx = {0};
        int64_t id = ++last_id;
        if (store_do(s, &cx, "claim", claim_run, &id))
            return false;
    }
    report("one at a time", jobs, clock_mono_us() - start_us);
    return true;
}

/* A request in flight: answered, it is free for the next. */
struct flight {
    struct job job;
    struct cx cx;
    int64_t id;
    struct flight *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t landed = PTHREAD_COND_INITIALIZER;
static struct flight *free_flights;

static void land(struct job *job)
{
    struct flight *f = (struct flight *)job; /* its first member */
    (void)pthread_mutex_lock(&lock);
    f->next = free_flights;
    free_flights = f;
    (void)pthread_cond_signal(&landed);
    (void)pthread_mutex_unlock(&lock);
}

static struct flight *next_flight(void)
{
    (void)pthread_mutex_lock(&lock);
    while (!free_flights)
        (void)pthread_cond_wait(&landed, &lock);
    struct flight *f = free_flights;
    free_flights = f->next;
    (void)pthread_mutex_unlock(&lock);
    return f;
}

static bool run_in_groups(struct store *s, int in_flight)
{
    static struct flight flights[FLIGHT_MAX];
    char name[32];
    for (int i = 0; i < in_flight; i++)
        land(&flights[i].job);
    int64_t start_us = clock_mono_us();
    int64_t jobs = 0;
    for (; clock_mono_us() - start_us < RUN_MS * INT64_C(1000); jobs++) {
        struct flight *f = next_flight();
        f->id = ++last_id;
        f->job = (struct job){
            .name = "claim", .run = claim_run, .arg = &f->id, .cx = &f->cx, .done = land};
        if (store_submit(s, &f->job))
            return false;
    }
    for (int i = 0; i < in_flight; i++)
        (void)next_flight();
    (void)snprintf(name, sizeof name, "%d waiting at a time", in_flight);
    report(name, jobs, clock_mono_us() - start_us);
    return true;
}

int main(int argc, char **argv)
{
    const char *where = argc > 1 ? argv[1] : ".";
    bool file = strncmp(where, "postgres", 8) != 0;
    char url[540];
    struct cx cx = {0};
    struct store *s;
    (void)snprintf(url, sizeof url, file ? "sqlite:%s/bench-store.db" : "%s", where);
    if (file)
        (void)unlink(url + strlen("sqlite:"));
    const struct store_setup setup = {.url = url, .schema = &schema};
    if (crypto_init() || store_open(&cx, &setup, &s)) {
        (void)fprintf(stderr, "cannot open the database: %s\n", cx.problem);
        return 1;
    }
    bool ok = run_alone(s) && run_in_groups(s, 16) && run_in_groups(s, 256) &&
              run_in_groups(s, FLIGHT_MAX);
    store_close(s);
    if (file)
        (void)unlink(url + strlen("sqlite:"));
    return ok ? 0 : 1;
}
