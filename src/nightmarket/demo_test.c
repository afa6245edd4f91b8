#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/test.h"
#include "nightmarket/demo_in.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct kit {
    struct cx cx;
    char dir[64], path[80];
};

static int open_kit(void **state)
{
    struct kit *k = calloc(1, sizeof *k);
    assert_non_null(k);
    assert_int_equal(crypto_init(), ERR_OK);
    k->cx.arena = arena_make(1 << 20);
    (void)snprintf(k->dir, sizeof k->dir, "/tmp/nm-demo-XXXXXX");
    assert_non_null(mkdtemp(k->dir));
    (void)snprintf(k->path, sizeof k->path, "%s/demo.json", k->dir);
    *state = k;
    return 0;
}

static int close_kit(void **state)
{
    static const char *const names[] = {"demo.json", "child.log", "out"};
    struct kit *k = *state;
    char path[120];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", k->dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(k->dir), 0);
    arena_free(k->cx.arena);
    free(k);
    return 0;
}

/* ---- what is kept ---- */

static void keep__is_made_once_and_found_again(void **state)
{
    struct kit *k = *state;
    struct demo_keep first, second;
    struct stat st;
    assert_int_equal(demo_keep_read(&k->cx, k->path, &first), ERR_OK);
    assert_true(first.fresh);
    assert_int_equal(strlen(first.account), 32);
    assert_int_equal(first.http, 8080);
    assert_int_equal(first.sandbox, 8790);
    first.rtmps = 4711;
    first.sandbox = 4712;
    (void)snprintf(first.show, sizeof first.show, "shw_demo");
    assert_int_equal(demo_keep_write(&k->cx, k->path, &first), ERR_OK);
    assert_int_equal(stat(k->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(demo_keep_read(&k->cx, k->path, &second), ERR_OK);
    assert_false(second.fresh);
    assert_string_equal(second.token, first.token);
    assert_string_equal(second.password, first.password);
    assert_string_equal(second.show, "shw_demo");
    assert_int_equal(second.rtmps, 4711);
    assert_int_equal(second.sandbox, 4712);
}

static void keep__refuses_what_is_damaged(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{\"account\":1}", "{\"account\":\"x\"}"};
    struct kit *k = *state;
    struct demo_keep keep;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        FILE *f = fopen(k->path, "we");
        assert_non_null(f);
        assert_true(fputs(texts[i], f) >= 0);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(demo_keep_read(&k->cx, k->path, &keep), ERR_INPUT);
    }
}

/* ---- ports ---- */

static void ports__that_are_taken_are_replaced(void **state)
{
    struct kit *k = *state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    int taken = ntohs(at.sin_port);
    struct demo_keep keep = {.http = taken};
    assert_int_equal(demo_pick_ports(&k->cx, "127.0.0.1", &keep), ERR_OK);
    assert_int_not_equal(keep.http, taken);
    assert_int_not_equal(keep.http, 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(demo_pick_ports(&k->cx, "nonsense", &keep), ERR_IO);
}

/* ---- children ---- */

static void wait_end(struct child *c)
{
    const struct timespec nap = {0, 5 * 1000 * 1000};
    int64_t until = clock_mono_ms() + 10000;
    while (!child_tick(c) && clock_mono_ms() < until)
        (void)nanosleep(&nap, NULL);
}

static void child__that_ends_is_started_again(void **state)
{
    const struct kit *k = *state;
    struct child c = {.name = "child", .log_dir = k->dir, .end_signal = SIGTERM};
    child_add(&c, "/bin/false");
    assert_int_equal(child_start(&c), ERR_OK);
    wait_end(&c);
    assert_int_equal(c.exit_code, 1);
    assert_int_equal(c.pid, 0);
    assert_true(c.at_ms > clock_mono_ms());
    wait_end(&c); /* of the second run */
    assert_int_equal(c.failures, 2);
    child_stop(&c, 1000);
    assert_false(child_tick(&c));
    assert_int_equal(c.pid, 0);
}

static void child__for_once_stays_ended(void **state)
{
    const struct kit *k = *state;
    struct child c = {.name = "child", .log_dir = k->dir, .end_signal = SIGTERM, .once = true};
    child_add(&c, "/nowhere/at/all");
    assert_int_equal(child_start(&c), ERR_OK);
    wait_end(&c);
    assert_int_equal(c.exit_code, 127);
    assert_int_equal(c.at_ms, 0);
}

static void child__that_will_not_end_is_killed(void **state)
{
    const struct kit *k = *state;
    struct child c = {.name = "child", .log_dir = k->dir, .end_signal = SIGTERM};
    char path[160];
    (void)snprintf(path, sizeof path, "trap '' TERM; echo ready >%s/out; while :; do sleep 1; done",
                   k->dir);
    child_add(&c, "/bin/sh");
    child_add(&c, "-c");
    child_add(&c, path);
    assert_int_equal(child_start(&c), ERR_OK);
    (void)snprintf(path, sizeof path, "%s/out", k->dir);
    while (access(path, F_OK) != 0)
        (void)usleep(1000);
    int64_t began = clock_mono_ms();
    child_stop(&c, 100);
    assert_true(clock_mono_ms() - began < 3000);
    assert_int_equal(c.pid, 0);
}

/* ---- signing in ---- */

static const char *variable(const char *name)
{
    const char *v = getenv(name); // NOLINT(concurrency-mt-unsafe): one thread
    return v ? v : "";
}

static void give(const char *name, const char *value)
{
    (void)setenv(name, value, 1); // NOLINT(concurrency-mt-unsafe): one thread
}

static void line__is_the_sandboxs_and_nobody_else_is_left(void **state)
{
    const struct kit *k = *state;
    struct demo_keep keep;
    struct cx cx = k->cx;
    assert_int_equal(demo_keep_read(&cx, k->path, &keep), ERR_OK);
    give("GOOGLE_CLIENT_ID", "real");
    give("OIDC_ONE_ISSUER", "https://one.test");
    give("OIDC_TWO_ISSUER", "https://two.test");
    demo_line_variables(&keep, "192.168.1.5"); /* no word of others without TLS */
    assert_string_equal(variable("LINE_ISSUER"), "");
    assert_string_equal(variable("GOOGLE_CLIENT_ID"), "");
    assert_string_equal(variable("OIDC_ONE_ISSUER"), "");
    assert_string_equal(variable("OIDC_TWO_ISSUER"), "");
    demo_line_variables(&keep, "127.0.0.1");
    assert_string_equal(variable("LINE_ISSUER"), "http://127.0.0.1:8790/line");
    assert_string_equal(variable("LINE_CHANNEL_ID"), variable("SANDBOXD_LINE_CHANNEL_ID"));
    assert_string_equal(variable("LINE_CHANNEL_SECRET"), variable("SANDBOXD_LINE_CHANNEL_SECRET"));
    assert_int_equal(strlen(variable("LINE_CHANNEL_SECRET")), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(line__is_the_sandboxs_and_nobody_else_is_left, open_kit,
                                        close_kit),
        cmocka_unit_test_setup_teardown(keep__is_made_once_and_found_again, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(keep__refuses_what_is_damaged, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(ports__that_are_taken_are_replaced, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(child__that_ends_is_started_again, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(child__for_once_stays_ended, open_kit, close_kit),
        cmocka_unit_test_setup_teardown(child__that_will_not_end_is_killed, open_kit, close_kit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
