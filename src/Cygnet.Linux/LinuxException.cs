// A system call that failed.
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>A system call failed; the message says what was tried and the system's reason.</summary>
public sealed class LinuxException(int errno, string what, string? detail = null)
    : IOException($"{what}: {(string.IsNullOrEmpty(detail) ? Libc.Text(errno) : $"{Libc.Text(errno)} ({detail})")}")
{
    public int ErrorNumber { get; } = errno;
}
