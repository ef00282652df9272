/* Runs a program under the system call filters that systemd makes of a unit: seccomp(2), systemd.exec(5).
 * What is allowed is compiled in: calls.h lists the numbers of SystemCallFilter=, families.h those of RestrictAddressFamilies=,
 * denied.h what other directives forbid; the macros say which of those stand in the unit. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "which architecture is this?"
#endif

/* CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWNS */
#define NAMESPACES 0x7e020000
#define MODE_SUID_SGID 06000

static const int allowed[] = {
#include "calls.h"
};
static const int families[] = {
#include "families.h"
};
static const int denied[] = {
#include "denied.h"
    -1
};

static struct sock_filter program[4096];
static int length;

static void add(unsigned code, unsigned k, unsigned char yes, unsigned char no)
{
    struct sock_filter one = BPF_JUMP(code, k, yes, no);
    program[length++] = one;
}

static void load(unsigned offset) { add(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
static void answer(unsigned value) { add(BPF_RET | BPF_K, value, 0, 0); }
static void allow(void) { answer(SECCOMP_RET_ALLOW); }
static void refuse(int error) { answer(SECCOMP_RET_ERRNO | error); }
static unsigned argument(int n) { return offsetof(struct seccomp_data, args) + 8 * n; } /* its lower half: little-endian */

static void begin(void)
{
    length = 0;
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
    refuse(EPERM); /* SystemCallArchitectures=native */
    load(offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
    add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    refuse(EPERM); /* x32 */
#endif
}

static int end(void)
{
    struct sock_fprog whole = { .len = length, .filter = program };
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

/* One call, refused where a bit of an argument is set. */
static int without_bits(int call, int n, unsigned bits)
{
    begin();
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 1, 0);
    allow();
    load(argument(n));
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0);
    allow();
    refuse(EPERM);
    return end();
}

static int only_families(void)
{
    begin();
    add(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0);
    allow();
    load(argument(0));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        add(BPF_JMP | BPF_JEQ | BPF_K, families[i], 0, 1);
        allow();
    }
    refuse(EAFNOSUPPORT);
    return end();
}

/* The calls named are refused and all others pass, or the other way round. */
static int by_number(const int *calls, size_t count, int are_allowed, int error)
{
    begin();
    for (size_t i = 0; i < count; i++) {
        add(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1);
        if (are_allowed) allow(); else refuse(error);
    }
    if (are_allowed) refuse(error); else allow();
    return end();
}

int main(int count, char **words)
{
    if (count < 2) return 64;
    int failed = by_number(denied, sizeof denied / sizeof *denied, 0, EPERM) || only_families();
#ifdef RESTRICT_NAMESPACES
    /* Its flags lie in memory, where no filter looks: the C library then takes clone. */
    static const int clone3[] = { SYS_clone3 };
    failed = failed || by_number(clone3, 1, 0, ENOSYS) || without_bits(SYS_unshare, 0, NAMESPACES) || without_bits(SYS_clone, 0, NAMESPACES);
#endif
#ifdef RESTRICT_SUID_SGID
    failed = failed || without_bits(SYS_fchmod, 1, MODE_SUID_SGID) || without_bits(SYS_fchmodat, 2, MODE_SUID_SGID);
#endif
#ifdef RESTRICT_REALTIME
    failed = failed || without_bits(SYS_sched_setscheduler, 1, 3); /* SCHED_FIFO and SCHED_RR, and others by the way */
#endif
    failed = failed || by_number(allowed, sizeof allowed / sizeof *allowed, 1, EPERM);
    if (failed) {
        perror("unit-filter");
        return 1;
    }
    execvp(words[1], words + 1);
    perror(words[1]);
    return 127;
}
