// The scripts that run when the daemon has started and before it ends. strongswan.conf, start-scripts and stop-scripts.
using System.Diagnostics;
using Cygnet.Charon.Logging;
using Cygnet.Ike;

namespace Cygnet.Charon.Scripts;

static class ConfiguredScripts
{
    // Whoever stops the daemon waits; whoever starts it, too.
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs them one after another, the verb is <c>start</c> or <c>stop</c>; what they print goes to the log. Never throws.</summary>
    public static async Task Run(IReadOnlyDictionary<string, string> scripts, string verb, Log log)
    {
        foreach (var (name, command) in scripts)
        {
            log.Write(LogGroup.Dmn, 1, $"executing {verb} script '{name}' ({command})");
            try
            {
                var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true };
                using var script = Process.Start(start)!;
                using var end = new CancellationTokenSource(_patience);
                try
                {
                    while (await script.StandardOutput.ReadLineAsync(end.Token).ConfigureAwait(false) is { } line) log.Write(LogGroup.Dmn, 1, $"{name}: {line}");
                    await script.WaitForExitAsync(end.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    script.Kill(entireProcessTree: true);
                    log.Write(LogGroup.Dmn, 1, $"{verb} script '{name}' ({command}) has not ended in {_patience.TotalSeconds:0}s, killed");
                }
            }
            catch (Exception e)
            {
                log.Write(LogGroup.Dmn, 1, $"executing {verb} script '{name}' ({command}) failed: {e.Message}");
            }
        }
    }
}
