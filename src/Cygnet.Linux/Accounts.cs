// Users and groups of the host by name, and to whom a file belongs: getpwnam(3), getgrnam(3), getgrouplist(3), lchown(2). .NET has none of them.
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

    /// <summary>
    /// A user as a process runs by him: his number, the first group that passwd(5) names, and all groups he is a member of. Null if there is no such user;
    /// one given by a number that passwd does not have is in no group.
    /// </summary>
    public static Account? Find(string name)
    {
        lock (s_lock)
        {
            var entry = FindAccount(name);
            if (entry == null && Number(name) is { } number && (entry = FindAccountOf(number)) == null) return new(name, number, null, []);
            return entry == null ? null : new(Marshal.PtrToStringUTF8((nint)entry->Name)!, entry->Id, entry->Group, GroupsOf(entry));
        }
    }

    static uint[] GroupsOf(AccountEntry* entry)
    {
        var (groups, count) = (new uint[64], 64);
        while (true)
        {
            fixed (uint* g = groups)
                if (ListGroups(entry->Name, entry->Group, g, &count) >= 0) return groups[..count];
            // It says how many there are; a C library that does not is asked with more room.
            groups = new uint[count = Math.Max(count, groups.Length * 2)];
        }
    }

    /// <summary>Whom this process acts as: geteuid(2).</summary>
    public static uint Own => EffectiveUser();

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

    // struct passwd goes on with the group.
    [StructLayout(LayoutKind.Sequential)]
    struct AccountEntry
    {
        public byte* Name, Password;
        public uint Id, Group;
    }

    [LibraryImport("libc", EntryPoint = "getpwnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial AccountEntry* FindAccount(string name);

    [LibraryImport("libc", EntryPoint = "getpwuid")]
    private static partial AccountEntry* FindAccountOf(uint user);

    [LibraryImport("libc", EntryPoint = "getgrouplist")]
    private static partial int ListGroups(byte* user, uint group, uint* groups, int* count);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getpwnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Entry* FindUser(string name);

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Entry* FindGroup(string name);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
