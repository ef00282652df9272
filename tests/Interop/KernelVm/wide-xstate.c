/* Preloaded into the User-Mode Linux kernel on processors whose register state is wider than it knows (Intel AMX).
 * It saves and restores 2696 octets per process; Linux takes a state only whole, answers EFAULT, and the guest dies.
 * Here a short state is completed from the process's own before it is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define NT_X86_XSTATE 0x202
#define WIDEST 65536

typedef long (*ptrace_call)(int, int, void *, void *);

long ptrace(enum __ptrace_request request, ...)
{
    static ptrace_call next;
    static __thread char state[WIDEST];
    struct iovec *given, whole = { state, sizeof state };
    va_list rest;
    va_start(rest, request);
    int pid = va_arg(rest, int);
    void *address = va_arg(rest, void *), *data = va_arg(rest, void *);
    va_end(rest);
    if (!next)
        next = (ptrace_call)dlsym(RTLD_NEXT, "ptrace");
    if (request != PTRACE_SETREGSET || (long)address != NT_X86_XSTATE)
        return next(request, pid, address, data);
    given = data;
    if (next(PTRACE_GETREGSET, pid, address, &whole) != 0)
        return -1;
    if (given->iov_len < whole.iov_len)
        memcpy(state, given->iov_base, given->iov_len);
    else
        whole = *given;
    return next(request, pid, address, &whole);
}
