// The file that names a running daemon: charon.pid, starter.charon.pid.
using System.Globalization;
using Cygnet.Linux.Native;

namespace Cygnet.Linux;

/// <summary>A PID file that belongs to this process, removed on Dispose.</summary>
public sealed class PidFile : IDisposable
{
    readonly string _path;

    PidFile(string path) => _path = path;

    /// <summary>Writes the file. If a live process is named in it, nothing is written and its number returned instead.</summary>
    public static PidFile? TryCreate(string path, out int runningPid)
    {
        while (true)
        {
            runningPid = 0;
            try
            {
                using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
                file.Write($"{Environment.ProcessId}\n");
                return new(path);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (ReadLive(path) is { } pid && pid != Environment.ProcessId)
                {
                    runningPid = pid;
                    return null;
                }
                File.Delete(path); // left by one that crashed
            }
        }
    }

    /// <summary>The process named in the file if it lives, else null.</summary>
    public static int? ReadLive(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && IsAlive(pid) ? pid : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the process exists, also if it is somebody else's.</summary>
    public static bool IsAlive(int pid) => pid > 0 && (Libc.Kill(pid, 0) == 0 || Libc.Errno == Errno.EPERM);

    public void Dispose()
    {
        // Another instance may have taken over after our number was reused.
        if (ReadLive(_path) == Environment.ProcessId) File.Delete(_path);
    }
}
