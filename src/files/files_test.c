/* Uploads in a folder, with a program that stands in for nightmarket-image. */
#include "base/crypto.h"
#include "base/test.h"
#include "cloud/file_store.h"
#include "files/big.h"
#include "files/files_in.h"
#include "store/testkit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define JPEG "\xff\xd8\xff\xe0 not really"

struct desk {
    struct test_store *t;
    struct cx *cx;
    struct file_store *objects;
    struct files *f;
    unsigned char key[SECRET_KEY_LEN];
    char root[64], folder[80], work[80], program[80];
};

/* A program in sh: what it says stands for what nightmarket-image would. */
static void program(struct desk *d, const char *script)
{
    FILE *f = fopen(d->program, "we");
    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\n%s\n", script);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(d->program, 0700), 0);
}

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    assert_int_equal(crypto_init(), ERR_OK);
    d->t = test_store_make(&shop_schema);
    d->cx = &d->t->cx;
    (void)snprintf(d->root, sizeof d->root, "/tmp/nm-files-XXXXXX");
    assert_non_null(mkdtemp(d->root));
    (void)snprintf(d->folder, sizeof d->folder, "%s/files", d->root);
    (void)snprintf(d->work, sizeof d->work, "%s/tmp", d->root);
    (void)snprintf(d->program, sizeof d->program, "%s/program", d->root);
    test_exec(d->t, "INSERT INTO shop (id, public_id, slug, name, created_at) VALUES"
                    " (1, 'shp_1', 'one', 'One', 0), (2, 'shp_2', 'two', 'Two', 0)");
    assert_int_equal(file_store_folder(d->cx, d->folder, &d->objects), ERR_OK);
    const struct files_setup setup = {.store = d->t->store,
                                      .objects = d->objects,
                                      .key = d->key,
                                      .work_dir = d->work,
                                      .program = d->program};
    assert_int_equal(files_make(d->cx, &setup, &d->f), ERR_OK);
    program(d, "printf 'picture1 40 30 1 2 3 4\\n1223334444'");
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;
    char command[100];
    files_free(d->f);
    file_store_free(d->objects);
    test_store_free(d->t);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", d->root);
    /* NOLINTNEXTLINE(cert-env33-c,concurrency-mt-unsafe): a fixed command of this test */
    assert_int_equal(system(command), 0);
    free(d);
    return 0;
}

static struct file begin(struct desk *d, const char *bytes, struct file_upload *ret_up)
{
    const struct file_ask ask = {.shop_id = 1,
                                 .by_id = 7,
                                 .purpose = "product",
                                 .mime = "image/jpeg",
                                 .bytes = (int64_t)strlen(bytes)};
    struct file f;
    assert_int_equal(files_begin(d->f, d->cx, &ask, &f, ret_up), ERR_OK);
    return f;
}

static void send(struct desk *d, const struct file *f, const char *bytes)
{
    int fd;
    assert_int_equal(files_scratch(d->f, d->cx, &fd), ERR_OK);
    assert_int_equal(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
    assert_int_equal(files_receive(d->f, d->cx, f, fd), ERR_OK);
    (void)close(fd);
}

static struct file sent(struct desk *d, const char *bytes)
{
    struct file_upload up;
    struct file f = begin(d, bytes, &up);
    send(d, &f, bytes);
    return f;
}

static struct file again(struct desk *d, const struct file *f)
{
    struct db *db;
    struct file now;
    assert_int_equal(store_read(d->t->store, &db), ERR_OK);
    assert_int_equal(files_find(db, d->cx, f->public_id, &now), ERR_OK);
    store_read_end(db);
    return now;
}

/* Cuts "?exp=E&sig=S" out of an address of ours. */
static void parts_of(const char *url, char exp[40], char sig[80])
{
    assert_int_equal(sscanf(url, "/api/v1/uploads/%*[^/]/body?exp=%39[0-9]&sig=%79s", exp, sig), 2);
}

static void upload__is_made_into_sizes_named_by_its_content(void **state)
{
    struct desk *d = *state;
    struct file f = sent(d, JPEG), ready, other = sent(d, JPEG " too"), second;
    uint64_t size;
    char name[FILE_NAME_MAX];
    assert_int_equal(files_finish(d->f, d->cx, &f, &ready), ERR_OK);
    assert_int_equal(ready.state, FILE_READY);
    assert_int_equal(ready.width, 40);
    assert_string_equal(ready.mime, "image/jpeg");
    assert_true(file_key_ok(ready.key));
    file_name(ready.key, FILE_480, name);
    assert_int_equal(file_store_size(d->objects, d->cx, name, &size), ERR_OK);
    assert_int_equal(size, 2);
    assert_int_equal(file_store_size(d->objects, d->cx, f.upload_key, &size), ERR_NOT_FOUND);
    assert_int_equal(files_finish(d->f, d->cx, &other, &second), ERR_OK);
    assert_string_not_equal(second.key, ready.key);
}

static void finish__twice_says_the_same(void **state)
{
    struct desk *d = *state;
    struct file f = sent(d, JPEG), one, two;
    assert_int_equal(files_finish(d->f, d->cx, &f, &one), ERR_OK);
    f = again(d, &f);
    assert_int_equal(files_finish(d->f, d->cx, &f, &two), ERR_OK);
    assert_string_equal(one.key, two.key);
}

static void finish__before_the_bytes_is_a_conflict(void **state)
{
    struct desk *d = *state;
    struct file_upload up;
    struct file f = begin(d, JPEG, &up), out;
    assert_int_equal(files_finish(d->f, d->cx, &f, &out), ERR_CONFLICT);
    assert_int_equal(again(d, &f).state, FILE_WAITING);
}

static void refusal__is_remembered_with_its_reason(void **state)
{
    struct desk *d = *state;
    struct file f = sent(d, JPEG), out;
    uint64_t size;
    program(d, "exit 12");
    assert_int_equal(files_finish(d->f, d->cx, &f, &out), ERR_INPUT);
    assert_non_null(strstr(d->cx->problem, "million pixels"));
    out = again(d, &f);
    assert_int_equal(out.state, FILE_REFUSED);
    assert_non_null(strstr(out.why, "million pixels"));
    assert_int_equal(file_store_size(d->objects, d->cx, f.upload_key, &size), ERR_NOT_FOUND);
    assert_int_equal(files_finish(d->f, d->cx, &out, &f), ERR_INPUT);
}

/* The child may have been taken over by the picture: nothing it says is believed. */
static void program__that_lies_or_dies_gives_no_picture(void **state)
{
    static const struct {
        const char *script;
        enum err e;
    } rows[] = {
        {"printf 'picture1 40 30 1 2 3 4\\n12233344445'", ERR_IO}, /* a byte too many */
        {"printf 'picture1 40 30 1 2 3 4\\n122333'", ERR_IO},
        {"printf 'picture1 40 30 1 2 3 9999999\\n'", ERR_IO},
        {"true", ERR_IO},
        {"exit 20", ERR_IO},
        {"kill -SYS $$", ERR_INPUT},                    /* its sandbox ended it */
        {"exec head -c 12000000 /dev/zero", ERR_INPUT}, /* without an end */
    };
    struct desk *d = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct file f = sent(d, JPEG), out;
        program(d, rows[i].script);
        assert_int_equal(files_finish(d->f, d->cx, &f, &out), rows[i].e);
        assert_int_equal(again(d, &f).state, rows[i].e == ERR_INPUT ? FILE_REFUSED : FILE_WAITING);
    }
}

static void program__that_is_missing_is_our_fault_not_the_pictures(void **state)
{
    struct desk *d = *state;
    struct file f = sent(d, JPEG), out;
    assert_int_equal(unlink(d->program), 0);
    assert_int_equal(files_finish(d->f, d->cx, &f, &out), ERR_IO);
    assert_int_equal(again(d, &f).state, FILE_WAITING);
}

static void address__holds_for_its_file_size_and_time_alone(void **state)
{
    struct desk *d = *state;
    struct file_upload up, other_up;
    struct file f = begin(d, JPEG, &up), out;
    struct file other = begin(d, JPEG "x", &other_up);
    char exp[40], sig[80], later[44];
    parts_of(up.url, exp, sig);
    assert_int_equal(files_check_address(d->f, d->cx, f.public_id, exp, sig, &out), ERR_OK);
    assert_int_equal(files_check_address(d->f, d->cx, other.public_id, exp, sig, &out),
                     ERR_FORBIDDEN);
    (void)snprintf(later, sizeof later, "%s0", exp);
    assert_int_equal(files_check_address(d->f, d->cx, f.public_id, later, sig, &out),
                     ERR_FORBIDDEN);
    assert_int_equal(files_check_address(d->f, d->cx, f.public_id, NULL, NULL, &out),
                     ERR_FORBIDDEN);
    assert_int_equal(files_check_address(d->f, d->cx, "fil_none", exp, sig, &out), ERR_FORBIDDEN);
    d->cx->now_ms += FILES_UPLOAD_MS + 1;
    assert_int_equal(files_check_address(d->f, d->cx, f.public_id, exp, sig, &out), ERR_FORBIDDEN);
    assert_non_null(strstr(d->cx->problem, "expired"));
}

static void address__is_over_with_the_upload(void **state)
{
    struct desk *d = *state;
    struct file_upload up;
    struct file f = begin(d, JPEG, &up), out;
    char exp[40], sig[80];
    parts_of(up.url, exp, sig);
    send(d, &f, JPEG);
    assert_int_equal(files_finish(d->f, d->cx, &f, &out), ERR_OK);
    assert_int_equal(files_check_address(d->f, d->cx, f.public_id, exp, sig, &out), ERR_CONFLICT);
}

static void sweep__takes_what_nobody_finished_and_its_bytes(void **state)
{
    struct desk *d = *state;
    struct file left = sent(d, JPEG), done = sent(d, JPEG), out;
    size_t n = 99;
    uint64_t size;
    assert_int_equal(files_finish(d->f, d->cx, &done, &out), ERR_OK);
    assert_int_equal(files_sweep(d->f, d->cx, &n), ERR_OK);
    assert_int_equal(n, 0);
    d->cx->now_ms += 60 * 60 * 1000;
    assert_int_equal(files_sweep(d->f, d->cx, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(file_store_size(d->objects, d->cx, left.upload_key, &size), ERR_NOT_FOUND);
    assert_int_equal(test_number(d->t, "SELECT count(*) FROM file"), 1);
    assert_int_equal(again(d, &done).state, FILE_READY);
}

static void begin__refuses_what_it_does_not_take(void **state)
{
    static const struct file_ask bad[] = {
        {1, 7, "avatar", "image/jpeg", 10},
        {1, 7, "product", "image/svg+xml", 10},
        {1, 7, "product", "image/gif", 10},
        {1, 7, "product", "image/jpeg", 0},
        {1, 7, "product", "image/jpeg", PICTURE_BYTES_MAX + 1},
    };
    struct desk *d = *state;
    struct file_upload up;
    struct file f;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(files_begin(d->f, d->cx, &bad[i], &f, &up), ERR_INPUT);
}

static void begin__lets_only_so_many_wait(void **state)
{
    struct desk *d = *state;
    const struct file_ask ask = {1, 7, "cover", "image/png", 10},
                          other = {2, 7, "cover", "image/png", 10};
    struct file_upload up;
    struct file f;
    for (int i = 0; i < FILES_WAITING_MAX; i++)
        assert_int_equal(files_begin(d->f, d->cx, &ask, &f, &up), ERR_OK);
    assert_int_equal(files_begin(d->f, d->cx, &ask, &f, &up), ERR_SLOW_DOWN);
    assert_int_equal(files_begin(d->f, d->cx, &other, &f, &up), ERR_OK);
}

static void ready_id__is_of_this_shop_and_purpose(void **state)
{
    struct desk *d = *state;
    struct file f = sent(d, JPEG), ready, waiting = sent(d, JPEG);
    struct db *db;
    int64_t id;
    assert_int_equal(files_finish(d->f, d->cx, &f, &ready), ERR_OK);
    assert_int_equal(store_read(d->t->store, &db), ERR_OK);
    assert_int_equal(files_ready_id(db, d->cx, 1, "product", f.public_id, &id), ERR_OK);
    assert_int_equal(id, ready.id);
    assert_int_equal(files_ready_id(db, d->cx, 2, "product", f.public_id, &id), ERR_INPUT);
    assert_int_equal(files_ready_id(db, d->cx, 1, "cover", f.public_id, &id), ERR_INPUT);
    assert_int_equal(files_ready_id(db, d->cx, 1, "product", waiting.public_id, &id), ERR_INPUT);
    assert_int_equal(files_ready_id(db, d->cx, 1, "product", "tw-bag", &id), ERR_INPUT);
    store_read_end(db);
}

static void adopt__makes_a_file_of_a_picture_of_ours(void **state)
{
    struct desk *d = *state;
    struct file f;
    int fd;
    assert_int_equal(files_scratch(d->f, d->cx, &fd), ERR_OK);
    assert_int_equal(write(fd, JPEG, sizeof JPEG - 1), sizeof JPEG - 1);
    assert_int_equal(files_adopt(d->f, d->cx, 1, "thumbnail", fd, &f), ERR_OK);
    assert_int_equal(f.state, FILE_READY);
    assert_string_equal(f.purpose, "thumbnail");
    (void)close(fd);
}

static void big__goes_into_a_folder_whole(void **state)
{
    struct desk *d = *state;
    const struct big_file file = {.path = d->program, .key = "rec/big.mp4", .type = "video/mp4"};
    uint64_t size = 0;
    assert_int_equal(big_send(d->t->store, d->objects, d->cx, &file), ERR_OK);
    assert_int_equal(file_store_size(d->objects, d->cx, "rec/big.mp4", &size), ERR_OK);
    assert_true(size > 10);
}

static void sql__every_statement_prepares_with_ordered_parameters(void **state)
{
    struct desk *d = *state;
    /* Each header brings its own SQL_ALL, the last one counts. */
#define X(q) assert_int_equal(test_check_sql(d->t, &(q)), ERR_OK);
#include "files/big.sql.h"
    SQL_ALL(X)
#include "files/files.sql.h"
    SQL_ALL(X)
#undef X
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(upload__is_made_into_sizes_named_by_its_content),
        T(finish__twice_says_the_same),
        T(finish__before_the_bytes_is_a_conflict),
        T(refusal__is_remembered_with_its_reason),
        T(program__that_lies_or_dies_gives_no_picture),
        T(program__that_is_missing_is_our_fault_not_the_pictures),
        T(address__holds_for_its_file_size_and_time_alone),
        T(address__is_over_with_the_upload),
        T(sweep__takes_what_nobody_finished_and_its_bytes),
        T(begin__refuses_what_it_does_not_take),
        T(begin__lets_only_so_many_wait),
        T(ready_id__is_of_this_shop_and_purpose),
        T(adopt__makes_a_file_of_a_picture_of_ours),
        T(big__goes_into_a_folder_whole),
        T(sql__every_statement_prepares_with_ordered_parameters),
#undef T
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
