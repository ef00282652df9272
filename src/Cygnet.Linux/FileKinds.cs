// What kind of file a path names, without following a symbolic link: statx(2).
using System.Runtime.InteropServices;

namespace Cygnet.Linux;

public enum FileKind { None, Regular, Directory, Socket, Other }

/// <summary>.NET cannot tell a socket from a regular file.</summary>
public static unsafe partial class FileKinds
{
    const int AtFdCwd = -100, AtSymlinkNoFollow = 0x100, StatxBytes = 256, ModeOffset = 28;
    const uint StatxType = 1;

    /// <summary>The kind of the file itself; None if there is none or it cannot be asked.</summary>
    public static FileKind Of(string path)
    {
        Span<byte> buffer = stackalloc byte[StatxBytes];
        fixed (byte* p = buffer)
            if (Statx(AtFdCwd, path, AtSymlinkNoFollow, StatxType, p) != 0) return FileKind.None;
        return (MemoryMarshal.Read<ushort>(buffer[ModeOffset..]) & 0xf000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Directory,
            0xc000 => FileKind.Socket,
            _ => FileKind.Other,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* result);
}
