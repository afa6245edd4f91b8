/* The child that decodes: started, fed, waited for, and never believed. */
#include "base/arena.h"
#include "base/clock.h"
#include "files/files_in.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PLACE_WAIT_MS = 10000,
    CHILD_MS = 20000,
    ANSWER_MAX = PICTURE_SIZES * PICTURE_SIZE_BYTES_MAX + 200,
    CHUNK = 64 * 1024
};

/* ---- places ---- */

static bool take_place(struct files *f)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PLACE_WAIT_MS / 1000;
    (void)pthread_mutex_lock(&f->lock);
    bool in = f->children < CHILDREN_MAX || f->waiting < WAITING_MAX;
    bool got = in;
    f->waiting += in;
    while (got && f->children >= CHILDREN_MAX)
        got = pthread_cond_timedwait(&f->freed, &f->lock, &until) != ETIMEDOUT ||
              f->children < CHILDREN_MAX;
    f->waiting -= in;
    f->children += got;
    (void)pthread_mutex_unlock(&f->lock);
    return got;
}

static void give_place(struct files *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->children--;
    (void)pthread_cond_signal(&f->freed);
    (void)pthread_mutex_unlock(&f->lock);
}

/* ---- the child ---- */

static pid_t spawn(const char *program, int in, int out)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr): exec's type
    char *argv[] = {(char *)(uintptr_t)program, NULL};
    char *none[] = {NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions))
        return -1;
    if (posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) ||
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ||
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) ||
        posix_spawn(&pid, program, &actions, NULL, argv, none))
        pid = -1;
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* All it says, until it closes its end; false: too long, or too late. */
static bool read_answer(int fd, struct buf *out)
{
    int64_t end_ms = clock_mono_ms() + CHILD_MS;
    for (;;) {
        int64_t left = end_ms - clock_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        char *to = ready > 0 ? buf_room(out, CHUNK) : NULL;
        ssize_t n = to ? read(fd, to, CHUNK) : -1;
        if (n == 0)
            return true;
        if (n < 0 && ready > 0 && to && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        out->len += (size_t)n;
    }
}

static int reap(pid_t pid, bool kill_it)
{
    int status = 0;
    if (kill_it)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* The lengths must be those of the bytes that follow, to the byte. */
static bool whole(struct picture *p)
{
    size_t sum = 0;
    if (!p->bytes.data || !picture_read_head(p->bytes.data, p->bytes.len, &p->head))
        return false;
    for (int i = 0; i < PICTURE_SIZES; i++)
        sum += p->head.len[i];
    if (p->head.bytes + sum != p->bytes.len)
        return false;
    buf_drop(&p->bytes, p->head.bytes);
    return true;
}

static enum err judge(struct cx *cx, bool answered, int status, struct picture *p)
{
    const char *why = WIFEXITED(status) ? picture_refusal(WEXITSTATUS(status)) : NULL;
    if (why)
        return problem(cx, ERR_INPUT, "%s", why);
    if (!answered || !WIFEXITED(status)) /* it took too long, or its sandbox ended it */
        return problem(cx, ERR_INPUT, "the picture cannot be read");
    if (WEXITSTATUS(status) != PICTURE_DONE || !whole(p))
        return problem(cx, ERR_IO, "nightmarket-image failed with status %d", WEXITSTATUS(status));
    return ERR_OK;
}

static enum err run_child(struct files *f, struct cx *cx, int in, struct picture *p)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return problem(cx, ERR_IO, "no pipe: %s", strerrordesc_np(errno));
    pid_t pid = spawn(f->program, in, ends[1]);
    (void)close(ends[1]);
    bool answered = pid > 0 && read_answer(ends[0], &p->bytes);
    (void)close(ends[0]);
    if (pid < 0)
        return problem(cx, ERR_IO, "nightmarket-image cannot be started");
    return judge(cx, answered, reap(pid, !answered), p);
}

enum err picture_make(struct files *f, struct cx *cx, int fd, struct picture *ret_picture)
{
    struct picture p;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return problem(cx, ERR_IO, "the picture cannot be read again");
    if (!take_place(f))
        return problem(cx, ERR_BUSY, "too many pictures are being made");
    buf_init(&p.bytes, ANSWER_MAX + CHUNK);
    enum err e = run_child(f, cx, fd, &p);
    give_place(f);
    if (e) {
        buf_done(&p.bytes);
        return e;
    }
    *ret_picture = p;
    return ERR_OK;
}

void picture_done(struct picture *p)
{
    buf_done(&p->bytes);
}
