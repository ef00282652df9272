// Signals that .NET has no name for, and sending them. signal(7).
using System.Runtime.InteropServices;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>Signal numbers; <see cref="PosixSignalRegistration"/> takes the raw numbers too.</summary>
public static class UnixSignal
{
    public const int Hup = 1, Int = 2, Quit = 3, Kill = 9, Usr1 = 10, Usr2 = 12, Term = 15, Chld = 17;

    /// <summary>Sends the signal; false if there is no such process.</summary>
    public static bool Send(int pid, int signal) =>
        Libc.Kill(pid, signal) == 0 || (Libc.Errno == Errno.ESRCH ? false : throw new LinuxException(Libc.Errno, $"signal process {pid}"));

    /// <summary>Calls back on the thread pool when the signal comes, instead of what it does by default.</summary>
    public static PosixSignalRegistration On(int signal, Action action) => PosixSignalRegistration.Create((PosixSignal)signal, context =>
    {
        context.Cancel = true;
        action();
    });

    /// <summary>
    /// Takes signals that were ignored when the process started: a shell starts its background jobs so, it is inherited, and .NET leaves
    /// an ignored signal alone. To be called before anything else, as .NET remembers what it found.
    /// </summary>
    public static void TakeIgnored()
    {
        foreach (var signal in (ReadOnlySpan<int>)[Hup, Int, Quit])
            if (IsIgnored(signal)) Libc.Signal(signal, DefaultAction);
    }

    const nint DefaultAction = 0;

    static bool IsIgnored(int signal)
    {
        const string label = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(label, StringComparison.Ordinal));
        return line is not null && ulong.TryParse(line.AsSpan(label.Length).Trim(), System.Globalization.NumberStyles.HexNumber, null, out var mask)
            && (mask >> (signal - 1) & 1) != 0;
    }
}
