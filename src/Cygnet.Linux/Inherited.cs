// Descriptors that a process opened as root and its program, run anew as somebody else, goes on with: by name in one environment variable.
using System.Globalization;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>What <see cref="OtherUser"/> handed on. Programs that this process starts get neither the variable nor the descriptors.</summary>
public sealed class Inherited
{
    internal const string Variable = "CYGNET_INHERITED";

    const int GetFlags = 1, SetFlags = 2; // F_GETFD, F_SETFD

    readonly Dictionary<string, int> _descriptors = new(StringComparer.Ordinal);

    /// <summary>Null if this program was started by somebody else.</summary>
    public static Inherited? TakeFromEnvironment()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text) return null;
        Environment.SetEnvironmentVariable(Variable, null);
        return Read(text);
    }

    internal static Inherited Read(string text)
    {
        var inherited = new Inherited();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = word.IndexOf('=');
            if (at <= 0 || !int.TryParse(word.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var fd) || Libc.Fcntl(fd, GetFlags, 0) < 0) continue;
            KeepOpen(fd, false);
            inherited._descriptors[word[..at]] = fd;
        }
        return inherited;
    }

    internal static string Written(IReadOnlyDictionary<string, int> descriptors) => string.Join(' ', descriptors.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key}={d.Value}")));

    /// <summary>The descriptor of that name, whose owner the caller is from now on.</summary>
    public int? Take(string name) => _descriptors.Remove(name, out var fd) ? fd : null;

    internal static void KeepOpen(int fd, bool isKept)
    {
        const int closeOnExec = 1;
        if (Libc.Fcntl(fd, SetFlags, isKept ? 0 : closeOnExec) != 0) throw new LinuxException(Libc.Errno, $"flags of descriptor {fd}");
    }
}
