#include "base/sandbox.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CPU_S = 20, FILES = 8, FIRST_NOT_STANDARD = 3 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif

static bool limit(int what, rlim_t n)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){.rlim_cur = n, .rlim_max = n}) ==
           0;
}

bool sandbox_shut(void)
{
    return close_range(FIRST_NOT_STANDARD, ~0U, 0) == 0;
}

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OUR_ARCH
static bool filter_calls(const struct sandbox *s)
{
    static const struct sock_filter before[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    };
    static const struct sock_filter after = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    enum { BEFORE = sizeof before / sizeof before[0] };
    struct sock_filter rules[BEFORE + SANDBOX_CALLS_MAX + 1];
    if (s->count > SANDBOX_CALLS_MAX)
        return false;
    memcpy(rules, before, sizeof before);
    memcpy(rules + BEFORE, s->calls, s->count * sizeof *rules);
    rules[BEFORE + s->count] = after;
    struct sock_fprog program = {.len = (unsigned short)(BEFORE + s->count + 1), .filter = rules};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#else
static bool filter_calls(const struct sandbox *s)
{
    (void)s;
    return true;
}
#endif

bool sandbox_close(const struct sandbox *s)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        !limit(RLIMIT_CPU, CPU_S) || !limit(RLIMIT_CORE, 0) || !limit(RLIMIT_NOFILE, FILES) ||
        !limit(RLIMIT_FSIZE, s->file_bytes))
        return false;
    return SANITIZED || (limit(RLIMIT_AS, s->memory_bytes) && filter_calls(s));
}
