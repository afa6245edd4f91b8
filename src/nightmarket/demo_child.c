#include "base/clock.h"
#include "nightmarket/demo_in.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_MS = 500, AGAIN_MAX_MS = 10000, STEADY_MS = 30000, LOG_TAIL = 1500 };

void child_add(struct child *c, const char *arg)
{
    for (size_t i = 0; i + 1 < CHILD_ARGS; i++)
        if (!c->argv[i]) {
            c->argv[i] = (char *)(uintptr_t)arg; // NOLINT(performance-no-int-to-ptr): exec's type
            return;
        }
}

static void log_path(const struct child *c, char out[DEMO_PATH])
{
    (void)snprintf(out, DEMO_PATH, "%s/%s.log", c->log_dir, c->name);
}

/* Between fork and exec: plain system calls only. */
static void become(const struct child *c, int log_fd, pid_t parent)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0); /* Ctrl-C reaches us alone: we end them in order */
    (void)prctl(PR_SET_PDEATHSIG, c->end_signal);
    if (getppid() != parent) /* it died before it could be watched */
        _exit(1);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0)
        (void)dup2(null, STDIN_FILENO);
    if (log_fd >= 0) {
        (void)dup2(log_fd, STDOUT_FILENO);
        (void)dup2(log_fd, STDERR_FILENO);
    }
    if (c->folder && chdir(c->folder) != 0)
        _exit(126);
    (void)execvp(c->argv[0], c->argv);
    _exit(127);
}

enum err child_start(struct child *c)
{
    char path[DEMO_PATH];
    if (c->pid)
        return ERR_OK;
    log_path(c, path);
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (c->began_ms ? 0 : O_TRUNC);
    int log_fd = open(path, flags, 0600);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(c, log_fd, parent);
    if (log_fd >= 0)
        (void)close(log_fd);
    if (pid < 0)
        return ERR_IO;
    c->pid = pid;
    c->began_ms = clock_mono_ms();
    c->at_ms = 0;
    c->exit_code = -1;
    return ERR_OK;
}

static void note_end(struct child *c, int status)
{
    int64_t now = clock_mono_ms();
    c->pid = 0;
    c->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    c->failures = now - c->began_ms > STEADY_MS ? 1 : c->failures + 1;
    int doublings = c->failures < 6 ? c->failures - 1 : 5;
    int64_t wait = (int64_t)AGAIN_MS << doublings;
    c->at_ms = c->once ? 0 : now + (wait < AGAIN_MAX_MS ? wait : AGAIN_MAX_MS);
}

bool child_tick(struct child *c)
{
    int status = 0;
    if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid) {
        note_end(c, status);
        return true;
    }
    if (!c->pid && c->at_ms && clock_mono_ms() >= c->at_ms && child_start(c) != ERR_OK)
        c->at_ms = clock_mono_ms() + AGAIN_MAX_MS;
    return false;
}

void child_stop(struct child *c, int64_t patience_ms)
{
    const struct timespec nap = {0, 20 * 1000 * 1000};
    int64_t until = clock_mono_ms() + patience_ms;
    int status = 0;
    c->at_ms = 0;
    if (!c->pid)
        return;
    (void)kill(c->pid, c->end_signal);
    while (waitpid(c->pid, &status, WNOHANG) == 0) {
        if (clock_mono_ms() >= until)
            (void)kill(-c->pid, SIGKILL);
        (void)nanosleep(&nap, NULL);
    }
    c->pid = 0;
}

void child_show_log(const struct child *c)
{
    char path[DEMO_PATH], tail[LOG_TAIL + 1];
    log_path(c, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, tail, LOG_TAIL, size > LOG_TAIL ? size - LOG_TAIL : 0);
    (void)close(fd);
    tail[n > 0 ? n : 0] = '\0';
    (void)fprintf(stderr, "---- the end of %s\n%s----\n", path, tail);
}
