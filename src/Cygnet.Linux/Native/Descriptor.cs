// An open file descriptor that is closed once, also when nobody disposed of it.
using System.Runtime.InteropServices;

namespace Cygnet.Linux.Native;

/// <summary>A file descriptor with an owner.</summary>
sealed class Descriptor : SafeHandle
{
    internal Descriptor(int fd) : base(-1, ownsHandle: true) => SetHandle(fd);

    public override bool IsInvalid => handle < 0;

    /// <summary>The number; only for calls made while the owner lives.</summary>
    internal int Fd => (int)handle;

    /// <summary>Takes over the result of a call that returns a descriptor, or throws with errno's text.</summary>
    internal static Descriptor Take(int fd, string what) =>
        fd >= 0 ? new(fd) : throw new LinuxException(Libc.Errno, what);

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
