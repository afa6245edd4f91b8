/* What was acknowledged is there after kill -9, whenever it comes. */
#include "base/test.h"

#include "base/crypto.h"
#include "store/testkit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 20, WRITERS = 4, ROUND = 1000000, DELAY_MS_MAX = 40 };

static const struct migration steps[] = {
    {1, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, twin INTEGER UNIQUE) STRICT;"},
};
static const struct schema schema = {steps, 1};

static const struct sql put = {"put", "INSERT INTO thing (id, twin) VALUES ($1, $2)"};
static const struct sql has = {"has", "SELECT COUNT(*) FROM thing WHERE id = $1"};

/* Two rows that belong together. */
static enum err put_run(struct tx *tx, void *arg)
{
    int64_t id = *(const int64_t *)arg;
    enum err e = db_do(tx->db, &put, ARGS(V(2 * id), V(2 * id + 1)), NULL);
    return e ? e : db_do(tx->db, &put, ARGS(V(2 * id + 1), V(2 * id)), NULL);
}

struct one {
    struct store *store;
    int64_t next;
    int out;
};

static void *write_on(void *arg)
{
    struct one *o = arg;
    for (;; o->next += WRITERS) {
        struct cx cx = {0};
        if (store_do(o->store, &cx, "put", put_run, &o->next) ||
            write(o->out, &o->next, sizeof o->next) != sizeof o->next)
            _exit(1);
    }
    return NULL;
}

/* Writes and acknowledges until it is killed. */
static void child_main(struct test_store *t, int64_t first, int out)
{
    struct one o[WRITERS];
    pthread_t thread;
    test_store_reopen(t, &schema);
    for (int i = 0; i < WRITERS; i++) {
        o[i] = (struct one){t->store, first + i, out};
        if (i && pthread_create(&thread, NULL, write_on, &o[i]) != 0)
            _exit(1);
    }
    (void)write_on(&o[0]);
}

static void wait_a_little(void)
{
    unsigned char r[2];
    crypto_random(r, sizeof r);
    long ms = (r[0] | r[1] << 8) % DELAY_MS_MAX;
    (void)nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* All that the child said it wrote; the count of it. */
static int64_t check(struct test_store *t, int in)
{
    struct db *db;
    int64_t said = 0;
    int64_t id;
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    for (; read(in, &id, sizeof id) == sizeof id; said++) {
        int64_t there = 0;
        assert_int_equal(db_i64(db, &has, ARGS(V(2 * id)), &there), ERR_OK);
        assert_int_equal(there, 1);
    }
    store_read_end(db);
    return said;
}

static void kill__loses_nothing_that_was_acknowledged(void **state)
{
    (void)state;
    int64_t said = 0;
    struct test_store *t = test_store_make(&schema);
    for (int64_t round = 0; round < KILLS; round++) {
        int ends[2];
        int64_t first;
        store_close(t->store); /* no thread of ours may be running when we fork */
        t->store = NULL;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            child_main(t, round * ROUND, ends[1]);
        (void)close(ends[1]);
        assert_int_equal(read(ends[0], &first, sizeof first), sizeof first); /* it is at work */
        wait_a_little();
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        test_store_reopen(t, &schema);
        said += check(t, ends[0]);
        (void)close(ends[0]);
        assert_int_equal(test_number(t, "SELECT COUNT(*) FROM thing a WHERE NOT EXISTS"
                                        " (SELECT 1 FROM thing b WHERE b.id = a.twin)"),
                         0);
        if (!test_on_postgres())
            assert_int_equal(test_number(t, "SELECT COUNT(*) FROM pragma_integrity_check"
                                            " WHERE integrity_check <> 'ok'"),
                             0);
    }
    print_message("%d kills, %lld acknowledged writes, none lost\n", KILLS, (long long)said);
    test_store_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kill__loses_nothing_that_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
