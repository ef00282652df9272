// A command that runs on a host beside the scene.
using System.Diagnostics;
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>A running command; what it has said so far can be read at any time.</summary>
public sealed class Background : IDisposable
{
    readonly Process process;
    readonly StringBuilder said = new();
    readonly Host host;

    internal Background(Host host, Process process)
    {
        this.host = host;
        this.process = process;
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Said
    {
        get
        {
            lock (said)
                return said.ToString();
        }
    }

    public bool HasEnded => process.HasExited;

    public int ExitCode(TimeSpan patience)
    {
        if (!process.WaitForExit(patience))
            throw new BedFailure($"a command on {host.Name} did not end in {patience.TotalSeconds:0} s; it said:\n{Said}");
        process.WaitForExit();
        return process.ExitCode;
    }

    void Add(string? line)
    {
        if (line is not null)
            lock (said)
                said.AppendLine(line);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
