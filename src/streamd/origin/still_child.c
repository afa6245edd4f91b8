#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "streamd/origin/still_child_in.h"
#include "streamd/origin/still_in.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 12, NUMBER_TEXT = 24 };

static bool write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* The media as a file without a name: the child can seek in it, and no pipe fills up. */
static int media_fd(const struct still_ask *ask)
{
    if (!ask->n_media)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("media", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t i = 0; i < ask->n_media; i++) {
        if (write_all(fd, ask->media[i]->data, ask->media[i]->len))
            continue;
        close(fd);
        return -1;
    }
    if (lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

static pid_t spawn(const struct still_ask *ask, int in, int out)
{
    char time_s[NUMBER_TEXT], width[NUMBER_TEXT], height[NUMBER_TEXT];
    (void)snprintf(time_s, sizeof(time_s), "%.3f", ask->time_s);
    (void)snprintf(width, sizeof(width), "%u", ask->width);
    (void)snprintf(height, sizeof(height), "%u", ask->height);
    union {
        const char *in[ARGS_MAX];
        char *out[ARGS_MAX]; /* as posix_spawn() wants them; it changes none */
    } args = {.in = {ask->program, "thumbnail", "--time", time_s}};
    size_t n = 4;
    if (ask->width) {
        args.in[n++] = "--width";
        args.in[n++] = width;
    }
    if (ask->height) {
        args.in[n++] = "--height";
        args.in[n++] = height;
    }
    if (ask->fit) {
        args.in[n++] = "--fit";
        args.in[n++] = ask->fit;
    }
    if (!ask->n_media)
        args.in[n++] = ask->file;
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions))
        return -1;
    pid_t pid = -1;
    char *const nothing[] = {NULL};
    if (posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) ||
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ||
        posix_spawn(&pid, ask->program, &actions, NULL, args.out, nothing))
        pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Read until the child closes its end. False: too long, too much, or broken. */
static bool read_all(int fd, struct buf *out)
{
    int64_t end_ms = clock_mono_ms() + STILL_MAKE_MS;
    for (;;) {
        int64_t left = end_ms - clock_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        char piece[16384];
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n == 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            buf_add(out, piece, (size_t)n);
        if (out->failed)
            return false;
    }
}

static enum err reap(pid_t pid, bool read_it)
{
    int status;
    if (!read_it)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return ERR_IO;
    if (!read_it)
        return ERR_TIMEOUT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ERR_OK : ERR_NOT_FOUND;
}

enum err still_child(const struct still_ask *ask, struct bytes **ret_jpeg)
{
    int in = media_fd(ask), pipe_fd[2];
    if (in < 0)
        return ERR_IO;
    if (pipe2(pipe_fd, O_CLOEXEC)) {
        close(in);
        return ERR_IO;
    }
    pid_t pid = spawn(ask, in, pipe_fd[1]);
    close(in);
    close(pipe_fd[1]);
    enum err e = ERR_IO;
    struct buf out;
    buf_init(&out, STILL_BYTES_MAX);
    if (pid > 0)
        e = reap(pid, read_all(pipe_fd[0], &out));
    close(pipe_fd[0]);
    if (!e && !out.len)
        e = ERR_NOT_FOUND;
    if (!e && !(*ret_jpeg = bytes_make(out.data, out.len)))
        e = ERR_NO_MEMORY;
    buf_done(&out);
    return e;
}
