/*
 * sandbox - what a child that decodes strangers' bytes gives up before it reads one.
 *
 * Shape:   sandbox_shut() first of all in main(), before a library opens anything: what the parent
 *          left open is not the child's. sandbox_close() when everything is set up: from then on
 *          any system call that is not in the list ends the process, and no limit can be raised.
 *          The list never has kill() and its kin: a decoder that was taken over signals nobody.
 *          (abort() ends the process all the same.)
 * Errors:  false: it is not closed, and nothing may be decoded. A kernel without seccomp is such a
 *          case. Only a machine that this file has no number for goes on with limits alone.
 * Tests:   sanitizer builds keep their own calls and memory; the limits hold there too.
 */
#pragma once
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* ---- the list: a static array of these ---- */

#define SANDBOX_ALLOW(call)                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* What libraries try and can do without: it fails with `why`. */
#define SANDBOX_FAIL(call, why)                             \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (why))
/* Allowed if none of the `bits` of argument n is set. Low word first: our machines are so. */
#define SANDBOX_ALLOW_WITHOUT(call, n, bits) SANDBOX_IF(call, n, bits, 0, 1)
/* Allowed if one of them is. */
#define SANDBOX_ALLOW_WITH(call, n, bits)    SANDBOX_IF(call, n, bits, 1, 0)
#define SANDBOX_IF(call, n, bits, set, clear)                                       \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 4),                         \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n])), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (set), (clear)),               \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

struct sandbox {
    const struct sock_filter *calls;
    size_t count;          /* of calls, at most SANDBOX_CALLS_MAX */
    uint64_t memory_bytes; /* address space */
    uint64_t file_bytes;   /* the longest file it may write */
};
enum { SANDBOX_CALLS_MAX = 240 };

bool sandbox_shut(void) __attribute__((warn_unused_result));
bool sandbox_close(const struct sandbox *s) __attribute__((warn_unused_result));
