// Users and groups of the host by name, and to whom a file belongs: getpwnam(3), getgrnam(3), lchown(2). .NET has none of them.
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cygnet.Linux;

/// <summary>For start-up and tests; the C library answers from a buffer of its own, so that one thread at a time may ask.</summary>
public static unsafe partial class Accounts
{
    static readonly Lock s_lock = new();

    /// <summary>The number of a user, by name or as a number; null if there is none.</summary>
    public static uint? User(string name)
    {
        lock (s_lock)
            return Number(name) ?? (FindUser(name) is var found && found != null ? found->Id : null);
    }

    /// <summary>The number of a group, by name or as a number; null if there is none.</summary>
    public static uint? Group(string name)
    {
        lock (s_lock)
            return Number(name) ?? (FindGroup(name) is var found && found != null ? found->Id : null);
    }

    /// <summary>Gives a file, or a symbolic link itself, away; null leaves the user or the group as it is. False if that is not allowed.</summary>
    public static bool Give(string path, uint? user, uint? group) => ChangeOwner(path, user ?? uint.MaxValue, group ?? uint.MaxValue) == 0;

    // The greatest number stands for "leave it" in lchown.
    static uint? Number(string name) => uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue ? number : null;

    // Both structures begin alike in every C library of Linux; what follows differs.
    [StructLayout(LayoutKind.Sequential)]
    struct Entry
    {
        public byte* Name, Password;
        public uint Id;
    }

    [LibraryImport("libc", EntryPoint = "getpwnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Entry* FindUser(string name);

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Entry* FindGroup(string name);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
