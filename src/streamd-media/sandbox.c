#include "base/sandbox.h"
#include "streamd-media/sandbox_in.h"

static const struct sock_filter calls[] = {
    SANDBOX_ALLOW(read),
    SANDBOX_ALLOW(write),
    SANDBOX_ALLOW(writev),
    SANDBOX_ALLOW(lseek),
    SANDBOX_ALLOW(fstat),
    SANDBOX_ALLOW(newfstatat),
    SANDBOX_ALLOW(close),
    SANDBOX_ALLOW(mmap),
    SANDBOX_ALLOW(munmap),
    SANDBOX_ALLOW(mremap),
    SANDBOX_ALLOW(mprotect),
    SANDBOX_ALLOW(madvise),
    SANDBOX_ALLOW(brk),
    SANDBOX_ALLOW(futex),
    SANDBOX_ALLOW(clock_gettime),
    SANDBOX_ALLOW(sched_getaffinity),
    SANDBOX_ALLOW(getrandom),
    SANDBOX_ALLOW(rt_sigaction),
    SANDBOX_ALLOW(rt_sigprocmask),
    SANDBOX_ALLOW(rt_sigreturn),
    SANDBOX_ALLOW(restart_syscall),
    SANDBOX_ALLOW(getpid),
    SANDBOX_ALLOW(gettid),
    SANDBOX_ALLOW(exit),
    SANDBOX_ALLOW(exit_group),
};

bool decoder_close(void)
{
    static const struct sandbox box = {
        .calls = calls,
        .count = sizeof calls / sizeof calls[0],
        .memory_bytes = 1ULL << 30,
        .file_bytes = 64ULL << 20,
    };
    return sandbox_close(&box);
}
