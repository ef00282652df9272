// Starts a program in a session of its own: what a daemon's fork and setsid do, for a runtime that cannot fork. posix_spawn(3).
using System.Collections;
using System.Runtime.InteropServices;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>A child that was started with <see cref="Start"/>; its end is learned by asking, SIGCHLD says when.</summary>
public sealed unsafe class DetachedProcess
{
    // glibc's posix_spawnattr_t has 336 bytes, musl's as many; posix_spawn_file_actions_t 80. sigset_t: 128.
    const int OpaqueBytes = 1024;
    const int SignalSetBytes = 128;
    const short SetSignalDefaults = 4, SetSignalMask = 8, SetSid = 0x80;

    DetachedProcess(int pid) => Pid = pid;

    public int Pid { get; }

    /// <summary>
    /// Starts a program; argument 0 may differ from the path. With <paramref name="newSession"/> it survives the terminal. Its standard streams are
    /// /dev/null, or <paramref name="log"/> for output; null keeps ours for output where <paramref name="keepOutput"/> is set.
    /// </summary>
    public static DetachedProcess Start(string path, IReadOnlyList<string> arguments, bool newSession = true, string? log = null, bool keepOutput = false,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var actions = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[SignalSetBytes];
        using var strings = new NativeStrings();
        Check(Libc.SpawnAttrInit(attributes));
        Check(Libc.SpawnActionsInit(actions));
        try
        {
            // The runtime ignores SIGPIPE, and ignored signals are inherited.
            new Span<byte>(signals, SignalSetBytes).Fill(0xff);
            Check(Libc.SpawnAttrSetSigDefault(attributes, signals));
            new Span<byte>(signals, SignalSetBytes).Clear();
            Check(Libc.SpawnAttrSetSigMask(attributes, signals));
            Check(Libc.SpawnAttrSetFlags(attributes, (short)(SetSignalDefaults | SetSignalMask | (newSession ? SetSid : 0))));
            Check(Libc.SpawnActionsAddOpen(actions, 0, strings.Add("/dev/null"), OpenFlag.ReadOnly, 0));
            if (!keepOutput)
            {
                const uint mode = 0x1a0; // 0640
                Check(Libc.SpawnActionsAddOpen(actions, 1, strings.Add(log ?? "/dev/null"), OpenFlag.WriteOnly | OpenFlag.Create | OpenFlag.Append, mode));
                Check(Libc.SpawnActionsAddDup2(actions, 1, 2));
            }
            int pid;
            Check(Libc.PosixSpawn(&pid, strings.Add(path), actions, attributes, strings.AddList(arguments), strings.AddList(Environment(environment))));
            return new(pid);
        }
        finally
        {
            _ = Libc.SpawnActionsDestroy(actions);
            _ = Libc.SpawnAttrDestroy(attributes);
        }

        void Check(int errno)
        {
            if (errno != 0) throw new LinuxException(errno, $"start {path}");
        }
    }

    /// <summary>This process's variables as a program gets them, some changed.</summary>
    internal static List<string> Environment(IReadOnlyDictionary<string, string>? changes)
    {
        var environment = new List<string>();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            if (changes?.ContainsKey((string)entry.Key) != true) environment.Add($"{entry.Key}={entry.Value}");
        foreach (var (key, value) in changes ?? new Dictionary<string, string>()) environment.Add($"{key}={value}");
        return environment;
    }

    /// <summary>The exit status if it has ended (128 + signal if killed), null while it runs. To be asked no more once it has answered.</summary>
    public int? TryWait() => Wait(noHang: 1);

    /// <summary>Waits for the end and returns the exit status (128 + signal if killed).</summary>
    public int Wait()
    {
        while (true)
            if (Wait(0) is { } status) return status;
    }

    int? Wait(int noHang)
    {
        int status;
        var pid = Libc.WaitPid(Pid, &status, noHang);
        if (pid == Pid) return (status & 0x7f) == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f);
        return pid == 0 || Libc.Errno == Errno.EINTR ? null : throw new LinuxException(Libc.Errno, $"wait for process {Pid}");
    }
}
