// charon as a process of its own, in a network namespace of its own that dies with it.
using System.Diagnostics;
using Cygnet.Linux;

namespace Cygnet.Charon.Tests;

sealed class RunningCharon : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly Task<string> _output, _errors;

    public RunningCharon(string conf, string? directory = null, params string[] options)
    {
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("charon").FullName;
        File.WriteAllText(Path("strongswan.conf"), conf);
        // The namespace is entered before charon replaces the shell, so the process started here is charon itself.
        var start = new ProcessStartInfo("unshare", ["-n", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh",
            Environment.ProcessPath!.EndsWith("/dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet",
            System.IO.Path.Combine(AppContext.BaseDirectory, "charon.dll"), .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["IPSEC_PIDDIR"] = Directory;
        start.Environment["STRONGSWAN_CONF"] = Path("strongswan.conf");
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public string Directory { get; }

    public string Path(string name) => System.IO.Path.Combine(Directory, name);

    public void Signal(int signal) => UnixSignal.Send(_process.Id, signal);

    /// <summary>What a shell command prints in charon's network namespace.</summary>
    public async Task<string> Inside(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("nsenter", ["-t", $"{_process.Id}", "-n", "sh", "-c", command]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return output;
    }

    /// <summary>Waits until the control socket is there.</summary>
    public Task Ready() => Until(() => File.Exists(Path("charon.vici")));

    public async Task Until(Func<bool> done)
    {
        var waited = Stopwatch.StartNew();
        while (!done())
        {
            if (_process.HasExited) Assert.Fail($"charon ended with {_process.ExitCode}: {await _output}{await _errors}");
            if (waited.Elapsed > Patience) Assert.Fail("charon did not get there");
            await Task.Delay(20);
        }
    }

    public async Task<(int ExitCode, string Output)> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _output + await _errors);
    }

    /// <summary>Runs Debian's swanctl against it.</summary>
    public Task<(int ExitCode, string Output)> Swanctl(params string[] args) => RunSwanctl($"unix://{Path("charon.vici")}", Directory, args);

    /// <summary>The same against any control socket; what it prints.</summary>
    public static async Task<string> Swanctl(string uri, string? directory, params string[] args) => (await RunSwanctl(uri, directory, args)).Output;

    static async Task<(int ExitCode, string Output)> RunSwanctl(string uri, string? directory, string[] args)
    {
        var start = new ProcessStartInfo("swanctl", [.. args, "--uri", uri]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (directory is not null) start.Environment["SWANCTL_DIR"] = directory;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, output + await errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, true);
    }
}
