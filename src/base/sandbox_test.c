#include "base/sandbox.h"
#include "base/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DONE = 7, SHUT = 8 };

static const struct sock_filter calls[] = {
    SANDBOX_ALLOW(write),
    SANDBOX_ALLOW(getpid),
    SANDBOX_FAIL(openat, EACCES),
    SANDBOX_ALLOW(rt_sigprocmask),
    SANDBOX_ALLOW(gettid),
    SANDBOX_ALLOW(exit_group),
    SANDBOX_ALLOW_WITHOUT(lseek, 1, 1),
    SANDBOX_ALLOW(newfstatat),
};
static const struct sandbox box = {calls, sizeof calls / sizeof calls[0], 1ULL << 40, 1 << 20};

static pid_t parent; /* known before: getppid() is a call outside the list, too */

/* What becomes of a child that closes itself in and then does this. */
static int fate_of(void (*act)(void))
{
    int status = 0;
    parent = getpid();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!sandbox_close(&box))
            _exit(1);
        act();
        _exit(DONE);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void open_something(void)
{
    if (open("/dev/null", O_RDONLY) >= 0 || errno != EACCES)
        _exit(1);
}

static void signal_parent(void)
{
    (void)kill(parent, SIGWINCH);
}

static void signal_itself(void)
{
    (void)syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
}

static void turn_back(void)
{
    (void)lseek(0, 1, SEEK_SET);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static void skip_when_sanitized(void)
{
    skip();
}
#else
static void skip_when_sanitized(void)
{
}
#endif

static void sandbox__a_call_outside_the_list_ends_the_process(void **state)
{
    (void)state;
    skip_when_sanitized();
    void (*const bad[])(void) = {signal_parent, signal_itself, turn_back};
    int fine = fate_of(open_something);
    assert_true(WIFEXITED(fine) && WEXITSTATUS(fine) == DONE);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int status = fate_of(bad[i]);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    }
}

static void sandbox__what_the_parent_left_open_is_shut(void **state)
{
    (void)state;
    int status = 0, left = open("/dev/null", O_RDONLY); /* NOLINT: inherited on purpose */
    assert_true(left > STDERR_FILENO);
    pid_t pid = fork();
    if (pid == 0)
        _exit(sandbox_shut() && fcntl(left, F_GETFD) < 0 ? SHUT : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), SHUT);
    (void)close(left);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandbox__a_call_outside_the_list_ends_the_process),
        cmocka_unit_test(sandbox__what_the_parent_left_open_is_shut),
    };
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
