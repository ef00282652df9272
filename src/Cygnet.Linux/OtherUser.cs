// A process that gives up being root: it runs its own program once more, as somebody else with a few capabilities. capabilities(7), execve(2).
using System.Text;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>
/// Users and capabilities belong to threads, and those of the .NET runtime are there before its program is. A program that is run anew has the rights of the
/// thread that ran it, and the same process number; ambient capabilities are those that it keeps.
/// </summary>
public static unsafe class OtherUser
{
    /// <summary>Numbers of linux/capability.h, all below 32.</summary>
    public const int CapNetBindService = 10, CapNetAdmin = 12, CapNetRaw = 13;

    const int KeepCapabilities = 8, Ambient = 47, RaiseAmbient = 2; // PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE

    /// <summary>
    /// Returns only if it fails, with the reason; this process may be somebody else already then, and has to end.
    /// <paramref name="handedOn"/>: descriptors that the program finds with <see cref="Inherited"/>.
    /// </summary>
    public static string Become(Account account, uint group, ReadOnlySpan<int> capabilities, IReadOnlyDictionary<string, int> handedOn)
    {
        using var strings = new NativeStrings();
        var path = File.ResolveLinkTarget("/proc/self/exe", false)!.FullName;
        // Read before the user changes: one who may not read the program sees nothing of it in /proc.
        var arguments = strings.AddList(Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0'));
        var environment = strings.AddList(DetachedProcess.Environment(new Dictionary<string, string> { [Inherited.Variable] = Inherited.Written(handedOn) }));
        var program = strings.Add(path);
        uint kept = 0;
        foreach (var capability in capabilities) kept |= 1u << capability;
        var header = new CapabilityHeader { Version = CapabilityHeader.Version3 };
        var sets = new CapabilitySets { Effective = kept, Permitted = kept, Inheritable = kept };
        fixed (uint* groups = account.Groups)
        {
            if (Libc.PrCtl(KeepCapabilities, 1, 0, 0, 0) != 0) return Failed("keeping capabilities");
            if (Libc.SetGroups((nuint)account.Groups.Length, groups) != 0) return Failed($"setting the groups of user '{account.Name}'");
            if (Libc.SetResGid(group, group, group) != 0) return Failed($"change to unprivileged group {group}");
            if (Libc.SetResUid(account.User, account.User, account.User) != 0) return Failed($"change to unprivileged user {account.User}");
            if (Libc.CapSet(&header, &sets) != 0) return Failed("dropping capabilities");
        }
        foreach (var capability in capabilities)
            if (Libc.PrCtl(Ambient, RaiseAmbient, (nuint)capability, 0, 0) != 0) return Failed("passing capabilities on");
        foreach (var fd in handedOn.Values) Inherited.KeepOpen(fd, true);
        _ = Libc.Execve(program, arguments, environment);
        return Failed($"running '{path}' as user '{account.Name}'");

        static string Failed(string what) => $"{what} failed: {Libc.Text(Libc.Errno)}";
    }
}
