#include "base/sandbox.h"
#include "nightmarket-image/sandbox_in.h"

#include <sched.h>
#include <sys/mman.h>

static const struct sock_filter calls[] = {
    SANDBOX_ALLOW(read),
    SANDBOX_ALLOW(write),
    SANDBOX_ALLOW(writev),
    SANDBOX_ALLOW(lseek),
    SANDBOX_ALLOW(fstat),
    SANDBOX_ALLOW(close),
    SANDBOX_ALLOW_WITHOUT(mmap, 2, PROT_EXEC),
    SANDBOX_ALLOW_WITHOUT(mprotect, 2, PROT_EXEC),
    SANDBOX_ALLOW(munmap),
    SANDBOX_ALLOW(mremap),
    SANDBOX_ALLOW(madvise),
    SANDBOX_ALLOW(brk),
    SANDBOX_ALLOW(futex),
    SANDBOX_ALLOW(clock_gettime),
    SANDBOX_ALLOW(clock_nanosleep),
    SANDBOX_ALLOW(sched_yield),
    SANDBOX_ALLOW(sched_getaffinity),
    SANDBOX_ALLOW(getrandom),
    SANDBOX_ALLOW(rt_sigaction),
    SANDBOX_ALLOW(rt_sigprocmask),
    SANDBOX_ALLOW(rt_sigreturn),
    SANDBOX_ALLOW(restart_syscall),
    SANDBOX_ALLOW(getpid),
    SANDBOX_ALLOW(gettid),
    SANDBOX_ALLOW(set_robust_list),
    SANDBOX_ALLOW(rseq),
    SANDBOX_ALLOW_WITH(clone, 0, CLONE_THREAD),
    SANDBOX_FAIL(clone3, ENOSYS), /* glibc then takes clone */
    SANDBOX_FAIL(prctl, EPERM),   /* names of threads */
    SANDBOX_FAIL(openat, EACCES),
    SANDBOX_FAIL(newfstatat, EACCES),
    SANDBOX_FAIL(sched_setaffinity, EPERM),
    SANDBOX_FAIL(sched_getattr, EPERM),
    SANDBOX_FAIL(sched_setattr, EPERM),
    SANDBOX_FAIL(ioctl, ENOTTY),
    SANDBOX_FAIL(fcntl, EPERM),
    SANDBOX_FAIL(getpeername, ENOTSOCK), /* GLib asks if its warnings go to a journal */
    SANDBOX_ALLOW(exit),
    SANDBOX_ALLOW(exit_group),
};

bool decoder_close(void)
{
    static const struct sandbox box = {
        .calls = calls,
        .count = sizeof calls / sizeof calls[0],
        .memory_bytes = 3ULL << 29, /* 1.5 GiB */
        .file_bytes = 64ULL << 20,
    };
    return sandbox_close(&box);
}
