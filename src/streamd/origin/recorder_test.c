#include "base/bytes.h"
#include "base/test.h"
#include "net/pool.h"
#include "streamd/origin/index_in.h"
#include "streamd/origin/recorder_in.h"
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_BYTES = 1000, QUEUE_MAX = 1 << 20 };

struct desk {
    char dir[64];
    struct pool *pool;
    struct recorder *r;
    struct packager_resume next;
    atomic_llong failures;
    atomic_uint troubles;
};

static void on_trouble(void *arg)
{
    atomic_fetch_add(&((struct desk *)arg)->troubles, 1);
}

static void open_recorder(struct desk *d, size_t queue_max)
{
    struct recorder_conf conf = {.dir = d->dir,
                                 .pool = d->pool,
                                 .queue_max = queue_max,
                                 .failures = &d->failures,
                                 .on_trouble = on_trouble,
                                 .arg = d};
    assert_int_equal(recorder_open(&conf, &d->r, &d->next), ERR_OK);
}

static int setup(void **state)
{
    struct desk *d = test_calloc(1, sizeof(*d));
    (void)snprintf(d->dir, sizeof(d->dir), "/tmp/recorder_XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    d->pool = pool_make(2, 16);
    *state = d;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static int teardown(void **state)
{
    struct desk *d = *state;
    pool_free(d->pool);
    recorder_free(d->r);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread is left */
    assert_int_equal(nftw(d->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    test_free(d);
    return 0;
}

static void add_init(struct desk *d, unsigned version)
{
    struct bytes *b = bytes_make(NULL, PART_BYTES);
    struct media_info info = {.video = true, .codecs = "avc1.64001f"};
    recorder_add_init(d->r, version, b, &info);
    bytes_unref(b);
}

static void add_part(struct desk *d, uint64_t msn, unsigned index, size_t len)
{
    struct bytes *b = bytes_make(NULL, len);
    struct media_part part = {.bytes = b, .msn = msn, .index = index, .init = 1, .duration = 18000};
    recorder_add_part(d->r, &part);
    bytes_unref(b);
}

static void write__what_was_added_is_found_again(void **state)
{
    struct desk *d = *state;
    open_recorder(d, QUEUE_MAX);
    assert_int_equal(d->next.msn, 0);
    add_init(d, 1);
    for (unsigned msn = 0; msn < 20; msn++)
        for (unsigned i = 0; i < 5; i++)
            add_part(d, msn, i, PART_BYTES);
    assert_int_equal(recorder_close(d->r, true), ERR_OK);
    struct rec_map m;
    assert_int_equal(rec_read(d->dir, &m), ERR_OK);
    assert_int_equal(m.n, 20);
    assert_int_equal(m.media_len, 101 * PART_BYTES);
    assert_true(m.ended);
    for (size_t i = 0; i < m.n; i++)
        assert_false(m.segments[i].discontinuity);
    rec_map_done(&m);
}

static void write__continues_behind_a_torn_tail(void **state)
{
    struct desk *d = *state;
    open_recorder(d, QUEUE_MAX);
    add_init(d, 1);
    add_part(d, 0, 0, PART_BYTES);
    add_part(d, 0, 1, PART_BYTES);
    assert_int_equal(recorder_close(d->r, false), ERR_OK);
    recorder_free(d->r);
    char path[REC_PATH_MAX];
    assert_true(rec_path(d->dir, "media.mp4", path));
    assert_int_equal(truncate(path, 3 * PART_BYTES - 1), 0); /* the machine went down */
    open_recorder(d, QUEUE_MAX);
    assert_int_equal(d->next.msn, 1);
    assert_int_equal(d->next.init, 1);
    add_init(d, 2);
    add_part(d, 1, 0, PART_BYTES);
    assert_int_equal(recorder_close(d->r, true), ERR_OK);
    struct rec_map m;
    assert_int_equal(rec_read(d->dir, &m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.segments[0].len, PART_BYTES);
    assert_int_equal(m.segments[1].off, 2 * PART_BYTES);
    rec_map_done(&m);
}

static void write__a_full_queue_leaves_out_the_rest_of_the_segment(void **state)
{
    struct desk *d = *state;
    open_recorder(d, 3 * PART_BYTES);
    add_init(d, 1);
    add_part(d, 0, 0, PART_BYTES);
    recorder_flush(d->r);
    add_part(d, 0, 1, 9 * PART_BYTES); /* never fits */
    add_part(d, 0, 2, 10);             /* of no use without the one before */
    add_part(d, 1, 0, 10);
    assert_int_equal(recorder_close(d->r, true), ERR_OK);
    struct rec_map m;
    assert_int_equal(rec_read(d->dir, &m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.segments[0].len, PART_BYTES);
    assert_true(m.segments[1].discontinuity);
    assert_int_equal(m.segments[1].len, 10);
    rec_map_done(&m);
    assert_int_equal(d->failures, 1);
}

/* The size limit of files stands in for a full disk: writes fail, then work again. */
static void write__a_full_disk_loses_segments_and_recovers(void **state)
{
    struct desk *d = *state;
    struct rlimit was, small = {0};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = (struct rlimit){.rlim_cur = 5 * PART_BYTES, .rlim_max = was.rlim_max};
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    open_recorder(d, QUEUE_MAX);
    add_init(d, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (unsigned msn = 0; msn < 4; msn++)
        for (unsigned i = 0; i < 3; i++)
            add_part(d, msn, i, PART_BYTES);
    recorder_flush(d->r);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    for (unsigned i = 0; i < 3; i++)
        add_part(d, 4, i, PART_BYTES);
    assert_int_equal(recorder_close(d->r, true), ERR_OK);
    struct rec_map m;
    assert_int_equal(rec_read(d->dir, &m), ERR_OK);
    assert_int_equal(m.n, 3); /* 0 whole, one part of 1, then 4 */
    assert_int_equal(m.segments[1].len, PART_BYTES);
    assert_int_equal(m.segments[2].msn, 4);
    assert_true(m.segments[2].discontinuity);
    assert_int_equal(m.segments[2].len, 3 * PART_BYTES);
    assert_true(m.ended);
    rec_map_done(&m);
    assert_int_equal(d->troubles, 1);
    assert_true(d->failures >= 3);
}

static void open__a_folder_that_cannot_be_made_is_an_error(void **state)
{
    struct desk *d = *state;
    struct recorder_conf conf = {
        .dir = "/dev/null/x", .pool = d->pool, .queue_max = 1, .failures = &d->failures};
    assert_int_equal(recorder_open(&conf, &d->r, &d->next), ERR_IO);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(write__what_was_added_is_found_again),
        T(write__continues_behind_a_torn_tail),
        T(write__a_full_queue_leaves_out_the_rest_of_the_segment),
        T(write__a_full_disk_loses_segments_and_recovers),
        T(open__a_folder_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
