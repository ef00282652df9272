// Structures that cross into libc; layouts of the 64-bit Linux ABI.
using System.Runtime.InteropServices;

namespace Cygnet.Linux.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct IoVector
{
    internal byte* Data;
    internal nint Length;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
struct TimeSpec
{
    internal long Seconds, Nanoseconds;
}

/// <summary>struct msghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct MessageHeader
{
    internal byte* Name;
    internal uint NameLength;
    internal IoVector* Vectors;
    internal nint VectorCount;
    internal byte* Control;
    internal nint ControlLength;
    internal int Flags;
}

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
struct MultiMessageHeader
{
    internal MessageHeader Header;
    internal uint Length;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
struct PollEntry
{
    internal int Fd;
    internal short Events;
    internal short Returned;
}

/// <summary>struct flock: a lock on the whole file if start and length are 0.</summary>
[StructLayout(LayoutKind.Sequential)]
struct FileLock
{
    internal const short Write = 1;

    internal short Type, Whence;
    internal long Start, Length;
    internal int ProcessId;
}

/// <summary>struct __user_cap_header_struct: version 3 has two sets of 32 bits each. Process 0 is the calling thread.</summary>
[StructLayout(LayoutKind.Sequential)]
struct CapabilityHeader
{
    internal const uint Version3 = 0x20080522;

    internal uint Version;
    internal int ProcessId;
}

/// <summary>Two of struct __user_cap_data_struct, the low bits first.</summary>
[StructLayout(LayoutKind.Sequential)]
struct CapabilitySets
{
    internal uint Effective, Permitted, Inheritable, EffectiveHigh, PermittedHigh, InheritableHigh;
}
