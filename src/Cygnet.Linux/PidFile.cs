// The file that names a running daemon: charon.pid, starter.charon.pid.
using System.Globalization;
using System.Text;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>A PID file that belongs to this process, which holds a lock on it for as long as it lives; removed on Dispose.</summary>
public sealed class PidFile : IDisposable
{
    const int NameArguments = 4;

    readonly string _path;
    readonly Descriptor _lock;

    PidFile(string path, Descriptor held) => (_path, _lock) = (path, held);

    /// <summary>
    /// Writes the file. If a live process is named in it, or another one is about to write it, nothing is written; <paramref name="runningPid"/> is that
    /// process (0 if it has not said yet). Of several that try at once exactly one succeeds.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static PidFile? TryCreate(string path, out int runningPid)
    {
        while (true)
        {
            runningPid = 0;
            var file = Open(path);
            if (!TryLock(file))
            {
                file.Dispose();
                runningPid = ReadLive(path) ?? 0;
                return null;
            }
            // one that ended meanwhile has taken the file along
            if (!StillStands(file))
            {
                file.Dispose();
                continue;
            }
            if (ReadLive(path) is { } pid && pid != Environment.ProcessId)
            {
                file.Dispose();
                runningPid = pid;
                return null;
            }
            try
            {
                Write(path);
                return new(path, file);
            }
            catch (IOException e)
            {
                // a full disk: an empty file would puzzle the next one
                File.Delete(path);
                file.Dispose();
                throw Failure(path, e.HResult, e.Message);
            }
        }
    }

    /// <summary>Removes the file if no live process is named in it, and none is about to write it: one that has just been started keeps its own.</summary>
    public static void RemoveStale(string path)
    {
        var fd = Libc.OpenNew(path, OpenFlag.ReadWrite | OpenFlag.CloseOnExec, 0);
        if (fd < 0) return;
        using var file = new Descriptor(fd);
        if (TryLock(file) && StillStands(file) && ReadLive(path) is null) File.Delete(path);
    }

    static IOException Failure(string path, int errno, string text) => new(errno is Errno.ENOSPC or Errno.EDQUOT
        ? $"cannot write '{path}': no space is left there; 'df {Path.GetDirectoryName(path)}' and 'df -i {Path.GetDirectoryName(path)}' say whether bytes or files are used up"
        : $"cannot write '{path}': {text}");

    /// <summary>The file that this process wrote, and locked, before it became somebody else.</summary>
    public static PidFile Adopt(string path, int descriptor) => new(path, new(descriptor));

    /// <summary>Only for a call made while this lives.</summary>
    public int Descriptor => _lock.Fd;

    static Descriptor Open(string path)
    {
        const int mode = 0x1a4; // 0644
        var fd = Libc.OpenNew(path, OpenFlag.ReadWrite | OpenFlag.Create | OpenFlag.CloseOnExec, mode);
        return fd >= 0 ? new(fd) : throw Failure(path, Libc.Errno, Libc.Text(Libc.Errno));
    }

    // The kernel's own record locks would not do: closing any other descriptor of the file drops them.
    static unsafe bool TryLock(Descriptor file)
    {
        const int setLock = 37; // F_OFD_SETLK
        var whole = new FileLock { Type = FileLock.Write };
        return Libc.FcntlLock(file.Fd, setLock, &whole) == 0;
    }

    // The name behind a descriptor whose file is gone ends so.
    static bool StillStands(Descriptor file) => File.ResolveLinkTarget($"/proc/self/fd/{file.Fd}", false) is { } target && !target.FullName.EndsWith(" (deleted)", StringComparison.Ordinal);

    static void Write(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
        stream.SetLength(stream.Position);
    }

    /// <summary>The process named in the file if it lives and is one that such a file names, else null.</summary>
    public static int? ReadLive(string path)
    {
        try
        {
            return int.TryParse(Beginning(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && IsAlive(pid) && !IsForeign(path, pid) ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>As much as a number needs: who knows what the file is.</summary>
    static string Beginning(string path)
    {
        Span<byte> buffer = stackalloc byte[64];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return Encoding.ASCII.GetString(buffer[..file.Read(buffer)]);
    }

    /// <summary>Whether the process exists, also if it is somebody else's.</summary>
    public static bool IsAlive(int pid) => pid > 0 && (Libc.Kill(pid, 0) == 0 || Libc.Errno == Errno.EPERM);

    /// <summary>
    /// Numbers come again: a process that is called neither like the daemon of the file nor like what starts it has only got the number of one
    /// that crashed. Nor is one a daemon that has ended and waits for its parent.
    /// </summary>
    static bool IsForeign(string path, int pid)
    {
        if (pid == Environment.ProcessId) return false;
        string line;
        try
        {
            line = File.ReadAllText($"/proc/{pid}/cmdline");
            // what is just being started has none yet either
            if (line.Length == 0) return File.ReadAllText($"/proc/{pid}/stat") is var stat && stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart().StartsWith("Z");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; } // not shown to everybody
        var daemon = Path.GetFileNameWithoutExtension(path);
        string[] names = daemon.StartsWith("starter.", StringComparison.Ordinal) ? ["starter", "ipsec"] : [daemon, "charon"];
        return !line.Split('\0').Take(NameArguments).Select(Path.GetFileNameWithoutExtension).Any(word => names.Contains(word));
    }

    public void Dispose()
    {
        // While the lock holds, so that no other instance can have taken over.
        if (ReadLive(_path) == Environment.ProcessId) Remove();
        _lock.Dispose();
    }

    // Its directory is root's, who this process may be no more: a file that names nobody does as well.
    void Remove()
    {
        try { File.Delete(_path); }
        catch (UnauthorizedAccessException)
        {
            using var file = new Microsoft.Win32.SafeHandles.SafeFileHandle(_lock.Fd, ownsHandle: false);
            RandomAccess.SetLength(file, 0);
        }
    }
}
