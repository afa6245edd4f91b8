#include "base/arena.h"
#include "base/crypto.h"
#include "base/test.h"
#include "cloud/file_folder_in.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct desk {
    struct file_store *f;
    struct cx cx;
    char root[64], path[80];
};

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    assert_int_equal(crypto_init(), ERR_OK);
    (void)snprintf(d->root, sizeof d->root, "/tmp/nm-folder-XXXXXX");
    assert_non_null(mkdtemp(d->root));
    (void)snprintf(d->path, sizeof d->path, "%s/files", d->root);
    d->cx.arena = arena_make(1 << 20);
    assert_int_equal(file_store_folder(&d->cx, d->path, &d->f), ERR_OK);
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    char command[100];
    file_store_free(d->f);
    arena_free(d->cx.arena);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", d->root);
    /* NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a fixed command of this test */
    assert_int_equal(system(command), 0);
    free(d);
    return 0;
}

static enum err put(struct desk *d, const char *key, const char *text, bool once)
{
    const struct s3_put ask = {
        .key = key, .once = once, .body = {.data = text, .len = strlen(text)}};
    return file_store_put(d->f, &d->cx, &ask);
}

static void is_there(struct desk *d, const char *key, const char *want)
{
    struct buf out;
    buf_init(&out, 100);
    assert_int_equal(file_store_get(d->f, &d->cx, key, &out), ERR_OK);
    assert_int_equal(out.len, strlen(want));
    assert_memory_equal(out.data, want, out.len);
    buf_done(&out);
}

static void folder__keeps_replaces_and_deletes(void **state)
{
    struct desk *d = *state;
    uint64_t size = 0;
    assert_int_equal(put(d, "a/b.txt", "one", false), ERR_OK);
    is_there(d, "a/b.txt", "one");
    assert_int_equal(put(d, "a/b.txt", "three", false), ERR_OK);
    is_there(d, "a/b.txt", "three");
    assert_int_equal(file_store_size(d->f, &d->cx, "a/b.txt", &size), ERR_OK);
    assert_int_equal(size, 5);
    assert_int_equal(file_store_delete(d->f, &d->cx, "a/b.txt"), ERR_OK);
    assert_int_equal(file_store_delete(d->f, &d->cx, "a/b.txt"), ERR_OK);
    assert_int_equal(file_store_delete(d->f, &d->cx, "no/such"), ERR_OK);
    assert_int_equal(file_store_size(d->f, &d->cx, "a/b.txt", &size), ERR_NOT_FOUND);
}

static void put__once_leaves_what_is_there(void **state)
{
    struct desk *d = *state;
    assert_int_equal(put(d, "k", "first", true), ERR_OK);
    assert_int_equal(put(d, "k", "second", true), ERR_PRECONDITION);
    is_there(d, "k", "first");
}

static void put__of_an_empty_file_works(void **state)
{
    struct desk *d = *state;
    assert_int_equal(put(d, "empty", "", false), ERR_OK);
    is_there(d, "empty", "");
}

static void key__never_leads_out_of_the_folder(void **state)
{
    static const char *const bad[] = {"",     "/a",     "../a", "a/../b", "a/..", ".a",
                                      "a/.b", "a//b",   "a/",   "a\\b",   "a b",  "a%2f",
                                      "夜",   ".new/a", "a\nb", "~",      "a:b",  "1/2/3/4/5"};
    struct desk *d = *state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int fd;
        uint64_t len;
        assert_int_equal(put(d, bad[i], "x", false), ERR_INPUT);
        assert_int_equal(file_store_open(d->f, &d->cx, bad[i], &fd, &len), ERR_INPUT);
        assert_int_equal(file_store_delete(d->f, &d->cx, bad[i]), ERR_INPUT);
    }
}

static void link__is_not_followed(void **state)
{
    struct desk *d = *state;
    char at[120];
    int fd;
    uint64_t len;
    (void)snprintf(at, sizeof at, "%s/out", d->path);
    assert_int_equal(symlink("/etc", at), 0);
    assert_int_equal(file_store_open(d->f, &d->cx, "out/passwd", &fd, &len), ERR_NOT_FOUND);
    assert_int_not_equal(put(d, "out/x", "x", false), ERR_OK);
    (void)snprintf(at, sizeof at, "%s/file", d->path);
    assert_int_equal(symlink("/etc/passwd", at), 0);
    assert_int_equal(file_store_open(d->f, &d->cx, "file", &fd, &len), ERR_NOT_FOUND);
}

static void folder__is_for_its_owner_alone(void **state)
{
    struct desk *d = *state;
    char at[120];
    struct stat st;
    assert_int_equal(put(d, "a/b", "x", false), ERR_OK);
    assert_int_equal(stat(d->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    (void)snprintf(at, sizeof at, "%s/a/b", d->path);
    assert_int_equal(stat(at, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static int fresh_files(struct desk *d)
{
    char at[120];
    int n = 0;
    (void)snprintf(at, sizeof at, "%s/.new", d->path);
    DIR *dir = opendir(at);
    assert_non_null(dir);
    for (const struct dirent *e; (e = readdir(dir));) /* NOLINT(concurrency-mt-unsafe) */
        n += e->d_name[0] != '.';
    (void)closedir(dir);
    return n;
}

static void put__that_fails_leaves_nothing(void **state)
{
    struct desk *d = *state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const struct s3_put ask = {.key = "k", .body = {.fd = fd, .len = 10}};
    uint64_t size;
    assert_int_equal(file_store_put(d->f, &d->cx, &ask), ERR_IO); /* shorter than it said */
    assert_int_equal(file_store_size(d->f, &d->cx, "k", &size), ERR_NOT_FOUND);
    assert_int_equal(fresh_files(d), 0);
    (void)close(fd);
}

static void make__sweeps_what_a_crash_left_long_ago(void **state)
{
    struct desk *d = *state;
    char old[120], young[120];
    const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
    (void)snprintf(old, sizeof old, "%s/.new/old", d->path);
    (void)snprintf(young, sizeof young, "%s/.new/young", d->path);
    assert_int_equal(mknod(old, S_IFREG | 0600, 0), 0);
    assert_int_equal(mknod(young, S_IFREG | 0600, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, old, long_ago, 0), 0);
    file_store_free(d->f);
    assert_int_equal(file_store_folder(&d->cx, d->path, &d->f), ERR_OK);
    assert_int_equal(fresh_files(d), 1);
}

static void get__larger_than_allowed_is_refused(void **state)
{
    struct desk *d = *state;
    struct buf out;
    uint64_t len = 0;
    FILE *f = tmpfile();
    assert_int_equal(put(d, "k", "0123456789", false), ERR_OK);
    buf_init(&out, 9);
    assert_int_equal(file_store_get(d->f, &d->cx, "k", &out), ERR_TOO_LARGE);
    assert_int_equal(file_store_get_file(d->f, &d->cx, "k", fileno(f), 9, &len), ERR_TOO_LARGE);
    assert_int_equal(file_store_get_file(d->f, &d->cx, "k", fileno(f), 10, &len), ERR_OK);
    assert_int_equal(len, 10);
    buf_done(&out);
    (void)fclose(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(folder__keeps_replaces_and_deletes),
        T(put__once_leaves_what_is_there),
        T(put__of_an_empty_file_works),
        T(key__never_leads_out_of_the_folder),
        T(link__is_not_followed),
        T(folder__is_for_its_owner_alone),
        T(put__that_fails_leaves_nothing),
        T(make__sweeps_what_a_crash_left_long_ago),
        T(get__larger_than_allowed_is_refused),
#undef T
    };
    return cmocka_run_group_tests_name("file_folder", tests, NULL, NULL);
}
