#include "base/test.h"

#include "base/clock.h"
#include "store/sqlite_in.h"
#include "store/testkit.h"
#include "store/writer_in.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct migration steps[] = {
    {1, "things", "CREATE TABLE thing (id INTEGER PRIMARY KEY, big TEXT) STRICT;"},
};
static const struct schema schema = {steps, 1};

static const struct sql put = {"put", "INSERT INTO thing (id, big) VALUES ($1, $2)"};
static const struct sql count = {"count", "SELECT COUNT(*) FROM thing"};

/* A job that writes rows `first`..`last`, says what it is told to, and notes when it was told. */
struct ask {
    int64_t first, last;
    enum err says;
    bool hook;
    struct job job;
    struct cx cx;
    sem_t answered;
    atomic_int committed; /* how often its hook ran */
    int order;            /* of its answer */
};

static atomic_int answers;

static void note_commit(void *arg)
{
    struct ask *a = arg;
    atomic_fetch_add(&a->committed, 1);
}

static enum err put_run(struct tx *tx, void *arg)
{
    const struct ask *a = arg;
    if (a->hook)
        tx_after_commit(tx, note_commit, arg);
    for (int64_t id = a->first; id <= a->last; id++) {
        enum err e = db_do(tx->db, &put, ARGS(V(id), VNULL), NULL);
        if (e)
            return e;
    }
    return a->says ? problem(tx->cx, a->says, "told to fail") : ERR_OK;
}

static void answer(struct job *job)
{
    struct ask *a = job->arg;
    a->order = atomic_fetch_add(&answers, 1);
    (void)sem_post(&a->answered);
}

static void submit(struct test_store *t, struct ask *a)
{
    a->job = (struct job){.name = "put", .run = put_run, .arg = a, .cx = &a->cx, .done = answer};
    (void)sem_init(&a->answered, 0, 0);
    assert_int_equal(store_submit(t->store, &a->job), ERR_OK);
}

static void wait_for(struct ask *a)
{
    while (sem_wait(&a->answered) != 0)
        continue;
    (void)sem_destroy(&a->answered);
}

/* Holds the writer inside a job until it is let go: what is submitted meanwhile is one batch. */
struct gate {
    struct job job;
    struct cx cx;
    sem_t inside, go, answered;
    bool opened; /* its batch may be run again */
};

static enum err gate_run(struct tx *tx, void *arg)
{
    (void)tx;
    struct gate *g = arg;
    if (g->opened)
        return ERR_OK;
    (void)sem_post(&g->inside);
    while (sem_wait(&g->go) != 0)
        continue;
    g->opened = true;
    return ERR_OK;
}

static void gate_answer(struct job *job)
{
    (void)sem_post(&((struct gate *)job->arg)->answered);
}

static void close_gate(struct test_store *t, struct gate *g)
{
    *g = (struct gate){
        .job = {.name = "gate", .run = gate_run, .arg = g, .cx = &g->cx, .done = gate_answer}};
    (void)sem_init(&g->inside, 0, 0);
    (void)sem_init(&g->go, 0, 0);
    (void)sem_init(&g->answered, 0, 0);
    assert_int_equal(store_submit(t->store, &g->job), ERR_OK);
    while (sem_wait(&g->inside) != 0)
        continue;
}

static void open_gate(struct gate *g)
{
    (void)sem_post(&g->go);
    while (sem_wait(&g->answered) != 0)
        continue;
    (void)sem_destroy(&g->inside);
    (void)sem_destroy(&g->go);
    (void)sem_destroy(&g->answered);
}

static int make(void **state)
{
    *state = test_store_make(&schema);
    return 0;
}

static int drop(void **state)
{
    test_store_free(*state);
    return 0;
}

static int64_t things(struct test_store *t)
{
    return test_number(t, "SELECT COUNT(*) FROM thing");
}

static void batch__a_failing_job_leaves_the_others(void **state)
{
    struct test_store *t = *state;
    struct gate g;
    struct ask a[3] = {{.first = 1, .last = 2, .hook = true},
                       {.first = 3, .last = 4, .hook = true, .says = ERR_CONFLICT},
                       {.first = 3, .last = 3, .hook = true}};
    close_gate(t, &g);
    for (int i = 0; i < 3; i++)
        submit(t, &a[i]);
    assert_int_equal(things(t), 0); /* nobody sees what is not committed */
    open_gate(&g);
    for (int i = 0; i < 3; i++)
        wait_for(&a[i]);
    assert_int_equal(a[0].job.e, ERR_OK);
    assert_int_equal(a[1].job.e, ERR_CONFLICT);
    assert_string_equal(a[1].cx.problem, "told to fail");
    assert_int_equal(a[2].job.e, ERR_OK); /* row 3 was the failed job's, given back */
    assert_int_equal(things(t), 3);
    assert_int_equal(a[0].committed, 1);
    assert_int_equal(a[1].committed, 0);
    assert_int_equal(a[2].committed, 1);
    assert_true(a[0].order < a[1].order && a[1].order < a[2].order);
}

static void batch__a_broken_constraint_undoes_its_job_alone(void **state)
{
    struct test_store *t = *state;
    struct gate g;
    struct ask a[2] = {{.first = 1, .last = 1}, {.first = 2, .last = 3}};
    struct ask twice = {.first = 1, .last = 1};
    close_gate(t, &g);
    submit(t, &a[0]);
    submit(t, &twice);
    submit(t, &a[1]);
    open_gate(&g);
    wait_for(&a[0]);
    wait_for(&twice);
    wait_for(&a[1]);
    assert_int_equal(twice.job.e, ERR_STORE);
    assert_int_equal(a[1].job.e, ERR_OK);
    assert_int_equal(things(t), 3);
}

static void do__waits_for_the_commit(void **state)
{
    struct test_store *t = *state;
    struct ask a = {.first = 1, .last = 5, .hook = true};
    (void)snprintf(t->cx.problem, sizeof t->cx.problem, "left over");
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_OK);
    assert_int_equal(a.committed, 1);
    assert_int_equal(things(t), 5);
    assert_string_equal(t->cx.problem, "");
    a = (struct ask){.first = 6, .last = 6, .says = ERR_FORBIDDEN};
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_FORBIDDEN);
    assert_int_equal(things(t), 5);
}

static void queue__refuses_when_full(void **state)
{
    struct test_store *t = *state;
    store_close(t->store);
    struct store_setup setup = {.url = t->url, .schema = &schema, .queue_max = 2};
    assert_int_equal(store_open(&t->cx, &setup, &t->store), ERR_OK);
    struct gate g;
    struct ask a[2] = {{.first = 1, .last = 1}, {.first = 2, .last = 2}};
    struct ask more = {.first = 3, .last = 3};
    close_gate(t, &g);
    submit(t, &a[0]);
    submit(t, &a[1]);
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &more), ERR_BUSY);
    open_gate(&g);
    wait_for(&a[0]);
    wait_for(&a[1]);
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &more), ERR_OK);
    assert_int_equal(things(t), 3);
}

static void close__runs_what_is_queued(void **state)
{
    struct test_store *t = *state;
    enum { N = 600 }; /* several batches */
    struct gate g;
    struct ask *a = calloc(N, sizeof *a);
    assert_non_null(a);
    close_gate(t, &g);
    for (int i = 0; i < N; i++) {
        a[i].first = a[i].last = i + 1;
        submit(t, &a[i]);
    }
    open_gate(&g);
    store_close(t->store);
    t->store = NULL;
    for (int i = 0; i < N; i++) {
        wait_for(&a[i]);
        assert_int_equal(a[i].job.e, ERR_OK);
    }
    free(a);
    test_store_reopen(t, &schema);
    assert_int_equal(things(t), N);
}

/* ---- a connection that breaks ---- */

static void break_connections(struct test_store *t)
{
    (void)test_number(t, "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
                         " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

static void batch__runs_again_when_the_connection_broke(void **state)
{
    struct test_store *t = *state;
    struct gate g;
    struct db *db;
    int64_t n = 0;
    struct ask a[3] = {{.first = 1, .last = 2, .hook = true},
                       {.first = 3, .last = 4, .hook = true, .says = ERR_CONFLICT},
                       {.first = 3, .last = 3, .hook = true}};
    assert_int_equal(store_read(t->store, &db), ERR_OK); /* a reader that has been used */
    assert_int_equal(db_i64(db, &count, ARGS(), &n), ERR_OK);
    store_read_end(db);
    close_gate(t, &g);
    for (int i = 0; i < 3; i++)
        submit(t, &a[i]);
    break_connections(t);
    open_gate(&g);
    assert_int_equal(g.job.e, ERR_OK);
    for (int i = 0; i < 3; i++) {
        wait_for(&a[i]);
        assert_int_equal(a[i].job.e, a[i].says);
        assert_int_equal(a[i].committed, !a[i].says);
    }
    assert_int_equal(things(t), 3);
    assert_int_equal(store_read(t->store, &db), ERR_OK);
    assert_int_equal(db_i64(db, &count, ARGS(), &n), ERR_OK);
    assert_int_equal(n, 3);
    store_read_end(db);
    break_connections(t); /* and between two batches */
    struct ask late = {.first = 9, .last = 9, .hook = true};
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &late), ERR_OK);
    assert_int_equal(late.committed, 1);
    assert_int_equal(things(t), 4);
}

/* A commit that takes its time, and breaks the connection meanwhile. */
static void commit__whose_answer_is_lost_is_asked_for(void **state)
{
    struct test_store *t = *state;
    struct ask a = {.first = 1, .last = 1, .hook = true};
    test_exec(t, "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                 "CREATE SEQUENCE calls;"
                 "CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON thing DEFERRABLE"
                 " INITIALLY DEFERRED FOR EACH ROW WHEN (nextval('calls') = 1)"
                 " EXECUTE FUNCTION hang_up();");
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_OK);
    assert_int_equal(a.committed, 1);
    assert_int_equal(things(t), 1);
    assert_int_equal(test_number(t, "SELECT last_value FROM calls"), 2); /* it ran twice */
}

/* The server takes nobody in any more: it is not said that nothing happened, and others may look.
 */
static void commit__that_nobody_knows_of_is_called_unknown(void **state)
{
    struct test_store *t = *state;
    struct ask a = {.first = 1, .last = 1, .hook = true};
    test_exec(t, "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                 " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                 "CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON thing DEFERRABLE"
                 " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hang_up();"
                 "UPDATE pg_database SET datallowconn = false"
                 " WHERE datname = current_database();");
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_UNKNOWN);
    assert_int_equal(a.committed, 1);
}

/* ---- a disk that fails ---- */

/* SQLite has several kinds of files; each gets its methods with two replaced. */
struct disk {
    sqlite3_io_methods bad; /* first: a file points to it */
    const sqlite3_io_methods *good;
};
static struct disk disks[8];
static sqlite3_vfs good_vfs, bad_vfs;
static atomic_int fail_write, fail_sync;

static const sqlite3_io_methods *good_of(const sqlite3_file *f)
{
    return ((const struct disk *)(const void *)f->pMethods)->good;
}

static int bad_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    return atomic_load(&fail_write) ? SQLITE_FULL : good_of(f)->xWrite(f, p, n, at);
}

static int bad_sync(sqlite3_file *f, int flags)
{
    return atomic_load(&fail_sync) ? SQLITE_IOERR_FSYNC : good_of(f)->xSync(f, flags);
}

static int bad_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int rc = good_vfs.xOpen(sqlite3_vfs_find(good_vfs.zName), name, f, flags, out);
    if (rc != SQLITE_OK || !f->pMethods)
        return rc;
    struct disk *d = disks;
    while (d->good && d->good != f->pMethods)
        d++;
    assert_true(d < disks + sizeof disks / sizeof *disks);
    if (!d->good) {
        d->good = f->pMethods;
        d->bad = *d->good;
        d->bad.xWrite = bad_write;
        d->bad.xSync = bad_sync;
    }
    f->pMethods = &d->bad;
    return rc;
}

static void use_a_disk_that_can_fail(struct test_store *t)
{
    store_close(t->store);
    t->store = NULL;
    if (!bad_vfs.xOpen) {
        good_vfs = *sqlite3_vfs_find(NULL);
        bad_vfs = good_vfs;
        bad_vfs.zName = "bad";
        bad_vfs.xOpen = bad_open;
    }
    assert_int_equal(sqlite3_vfs_register(&bad_vfs, 1), SQLITE_OK);
    test_store_reopen(t, &schema);
}

static int drop_disk(void **state)
{
    atomic_store(&fail_write, 0);
    assert_int_equal(sqlite3_vfs_unregister(&bad_vfs), SQLITE_OK);
    return drop(state);
}

static void commit__that_fails_fails_every_job_of_the_batch(void **state)
{
    struct test_store *t = *state;
    use_a_disk_that_can_fail(t);
    struct gate g;
    struct ask a[3] = {{.first = 1, .last = 1, .hook = true},
                       {.first = 2, .last = 2, .hook = true, .says = ERR_CONFLICT},
                       {.first = 3, .last = 3, .hook = true}};
    close_gate(t, &g);
    for (int i = 0; i < 3; i++)
        submit(t, &a[i]);
    atomic_store(&fail_write, 1);
    open_gate(&g);
    for (int i = 0; i < 3; i++) {
        wait_for(&a[i]);
        assert_int_equal(a[i].job.e, ERR_STORE);
        assert_int_equal(a[i].committed, 0);
        assert_string_equal(a[i].cx.problem, "the store did not commit");
    }
    assert_int_equal(things(t), 0);
    atomic_store(&fail_write, 0);
    for (int i = 0; i < 3; i++) { /* the same jobs again */
        submit(t, &a[i]);
        wait_for(&a[i]);
    }
    assert_int_equal(things(t), 2);
    assert_int_equal(a[0].committed, 1);
}

static void commit__stops_the_process_when_the_disk_forgets(void **state)
{
    struct test_store *t = *state;
    store_close(t->store); /* no thread of ours may be running when we fork */
    t->store = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ask a = {.first = 1, .last = 1};
        use_a_disk_that_can_fail(t);
        atomic_store(&fail_sync, 1);
        enum err e = store_do(t->store, &t->cx, "put", put_run, &a);
        _exit(e == ERR_OK ? 1 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILED_FSYNC);
    test_store_reopen(t, &schema);
}

/* ---- another program at the same database ---- */

/* Takes the lock, says so, gives it back when told to (or at the end of the pipe). */
static pid_t start_locker(struct test_store *t, int told, int says)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    sqlite3 *h;
    char byte = 'l';
    int ok = sqlite3_open(t->url + strlen("sqlite:"), &h) == SQLITE_OK &&
             sqlite3_exec(h, "BEGIN IMMEDIATE; INSERT INTO thing (id) VALUES (1000)", 0, 0, 0) ==
                 SQLITE_OK &&
             write(says, &byte, 1) == 1 && read(told, &byte, 1) >= 0 &&
             sqlite3_exec(h, "COMMIT", 0, 0, 0) == SQLITE_OK;
    (void)sqlite3_close(h);
    _exit(ok ? 0 : 1);
}

struct locker {
    pid_t pid;
    int tell, hear;
};

static struct locker lock_it(struct test_store *t)
{
    int down[2];
    int up[2];
    char byte;
    store_close(t->store);
    t->store = NULL;
    assert_int_equal(pipe(down), 0);
    assert_int_equal(pipe(up), 0);
    struct locker l = {start_locker(t, down[0], up[1]), down[1], up[0]};
    assert_true(l.pid > 0);
    assert_int_equal(read(l.hear, &byte, 1), 1);
    (void)close(down[0]);
    (void)close(up[1]);
    test_store_reopen(t, &schema); /* an up-to-date schema needs no lock */
    return l;
}

static void unlock_it(struct locker *l)
{
    int status = -1;
    assert_int_equal(write(l->tell, "u", 1), 1);
    assert_int_equal(waitpid(l->pid, &status, 0), l->pid);
    assert_int_equal(status, 0);
    (void)close(l->tell);
    (void)close(l->hear);
}

static void lock__of_another_program_is_waited_for(void **state)
{
    struct test_store *t = *state;
    struct locker l = lock_it(t);
    struct ask a = {.first = 1, .last = 1};
    submit(t, &a);
    assert_int_equal(sem_trywait(&a.answered), -1);
    unlock_it(&l);
    wait_for(&a);
    assert_int_equal(a.job.e, ERR_OK);
    assert_int_equal(things(t), 2);
}

static void lock__of_another_program_is_waited_for_five_seconds(void **state)
{
    struct test_store *t = *state;
    struct locker l = lock_it(t);
    struct ask a = {.first = 1, .last = 1};
    int64_t start_ms = clock_mono_ms();
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_BUSY);
    assert_true(clock_mono_ms() - start_ms >= 4900);
    unlock_it(&l);
    assert_int_equal(store_do(t->store, &t->cx, "put", put_run, &a), ERR_OK);
    assert_int_equal(things(t), 2);
}

/* ---- many at once ---- */

struct crowd {
    struct test_store *t;
    int first;
    int failed;
};

enum { CROWD = 8, EACH = 200 };

static void *join_in(void *arg)
{
    struct crowd *c = arg;
    for (int i = 0; i < EACH; i++) {
        struct cx cx = {0};
        struct ask a = {.first = c->first + i, .last = c->first + i, .hook = true};
        if (i % 5 == 4)
            a.says = ERR_CONFLICT;
        enum err e = store_do(c->t->store, &cx, "put", put_run, &a);
        struct db *db;
        int64_t n = 0;
        if (e != a.says || a.committed != !a.says || store_read(c->t->store, &db)) {
            c->failed++;
            continue;
        }
        if (db_i64(db, &count, ARGS(), &n) || n < (i + 1) * 4 / 5)
            c->failed++;
        store_read_end(db);
    }
    return NULL;
}

static void writer__serves_many_threads_at_once(void **state)
{
    struct test_store *t = *state;
    pthread_t thread[CROWD];
    struct crowd c[CROWD];
    for (int i = 0; i < CROWD; i++) {
        c[i] = (struct crowd){t, i * 1000, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, join_in, &c[i]), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(c[i].failed, 0);
    }
    assert_int_equal(things(t), CROWD * EACH * 4 / 5);
}

static void log__is_folded_into_the_database(void **state)
{
    struct test_store *t = *state;
    for (int i = 0; i < 5; i++) {
        char text[160];
        (void)snprintf(text, sizeof text,
                       "INSERT INTO thing (id, big) VALUES (%d, hex(zeroblob(2500000)))", i);
        test_exec(t, text); /* 5 MB each: over CHECKPOINT_PAGES every time */
    }
    char path[128];
    (void)snprintf(path, sizeof path, "%s/test.db-wal", t->dir);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    assert_true(ftell(f) < 12000000);
    assert_int_equal(fclose(f), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest both[] = {
        T(batch__a_failing_job_leaves_the_others),
        T(batch__a_broken_constraint_undoes_its_job_alone),
        T(do__waits_for_the_commit),
        T(queue__refuses_when_full),
        T(close__runs_what_is_queued),
        T(writer__serves_many_threads_at_once),
    };
    const struct CMUnitTest sqlite[] = {
        cmocka_unit_test_setup_teardown(commit__that_fails_fails_every_job_of_the_batch, make,
                                        drop_disk),
        T(commit__stops_the_process_when_the_disk_forgets),
        T(lock__of_another_program_is_waited_for),
        T(lock__of_another_program_is_waited_for_five_seconds),
        T(log__is_folded_into_the_database),
    };
    const struct CMUnitTest postgres[] = {
        T(batch__runs_again_when_the_connection_broke),
        T(commit__whose_answer_is_lost_is_asked_for),
        T(commit__that_nobody_knows_of_is_called_unknown),
    };
    int failed = cmocka_run_group_tests(both, NULL, NULL);
    return failed + (test_on_postgres() ? cmocka_run_group_tests(postgres, NULL, NULL)
                                        : cmocka_run_group_tests(sqlite, NULL, NULL));
}
