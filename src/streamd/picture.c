#include "streamd/picture.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_TEXT = 1200 };

static pid_t spawn(const char *program, const char *media, int64_t at_ms, int out)
{
    char time_s[32], width[16];
    (void)snprintf(time_s, sizeof time_s, "%lld.%03d", (long long)(at_ms / 1000),
                   (int)(at_ms % 1000));
    (void)snprintf(width, sizeof width, "%d", PICTURE_WIDTH);
    const char *const args[] = {program,   "thumbnail", "--time", time_s,
                                "--width", width,       media,    NULL};
    char *argv[sizeof args / sizeof *args];
    char *none[] = {NULL};
    memcpy(argv, args, sizeof args); /* posix_spawn() writes to none of them */
    posix_spawn_file_actions_t actions;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions))
        return -1;
    if (posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ||
        posix_spawn(&pid, program, &actions, NULL, argv, none))
        pid = -1;
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* True: it has ended by itself in time. */
static bool ends_in_time(pid_t pid)
{
    int64_t end_ms = clock_mono_ms() + PICTURE_MAKE_MS;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return false;
    int ready;
    do {
        int64_t left = end_ms - clock_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ready = left > 0 ? poll(&p, 1, (int)left) : 0;
    } while (ready < 0 && errno == EINTR);
    (void)close(fd);
    return ready > 0;
}

static enum err wait_for(pid_t pid)
{
    bool ended = ends_in_time(pid);
    int status = 0;
    if (!ended)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return ERR_IO;
    if (!ended)
        return ERR_TIMEOUT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ERR_OK : ERR_NOT_FOUND;
}

static enum err make_into(const char *program, const char *media, int64_t at_ms, int out)
{
    struct stat st;
    pid_t pid = spawn(program, media, at_ms, out);
    if (pid < 0)
        return ERR_IO;
    enum err e = wait_for(pid);
    if (!e && (fstat(out, &st) || !st.st_size))
        e = ERR_NOT_FOUND;
    return e;
}

enum err picture_make(const char *program, const char *media, int64_t at_ms, const char *to)
{
    char fresh[PATH_TEXT];
    int n = snprintf(fresh, sizeof fresh, "%s.new", to);
    if (n < 0 || (size_t)n >= sizeof fresh)
        return ERR_IO;
    int out = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        return ERR_IO;
    enum err e = make_into(program, media, at_ms, out);
    if (close(out) && !e)
        e = ERR_IO;
    if (!e && rename(fresh, to))
        e = ERR_IO;
    if (e)
        (void)unlink(fresh);
    return e;
}
