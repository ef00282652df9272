// A starter that was killed and has left its daemon: the next one takes it over, and `ipsec stop` ends it.
using System.Diagnostics;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed partial class StarterTests
{
    [RootFact]
    public void ADaemonThatHasLostItsStarterIsTakenOverWatchedAndStopped()
    {
        Ipsec("start");
        Wait(() => Requested("initiate a"), "conn a is started");
        KillStarter();
        var charon = PidFile.ReadLive($"{_root}/run/charon.pid")!.Value;
        Assert.Equal((0, "Updating Cygnet IPsec configuration...\nstarter was killed, nothing is read; 'ipsec start' starts it again, the tunnels stay\n"), Ipsec("update"));
        lock (_requests) _requests.Clear();
        Assert.Equal((0, "Starting Cygnet 0.1.0 IPsec [starter]...\n"
            + $"charon ({charon}) has lost its starter -- it is taken over, its tunnels stay\n"
            + $"removing pidfile '{_root}/run/starter.charon.pid', process not running\n"), Ipsec("start"));
        // The files count, and nothing else has happened to the daemon.
        Wait(() => Requested("x-loaded"), "the files are read");
        Assert.Equal(charon, PidFile.ReadLive($"{_root}/run/charon.pid"));
        // Watched like a child.
        UnixSignal.Send(charon, UnixSignal.Kill);
        Wait(() => PidFile.ReadLive($"{_root}/run/charon.pid") is { } now && now != charon, "charon is started again");
        KillStarter();
        Ipsec("start");
        Assert.Equal((0, "Stopping Cygnet IPsec...\n"), Ipsec("stop"));
        Assert.Equal([], Directory.GetFiles($"{_root}/run", "*.pid"));
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStopEndsADaemonThatHasLostItsStarter(bool isFileGone)
    {
        Ipsec("start");
        Wait(() => Requested("initiate a"), "conn a is started");
        KillStarter();
        if (isFileGone) File.Delete($"{_root}/run/starter.charon.pid");
        var charon = PidFile.ReadLive($"{_root}/run/charon.pid")!.Value;
        Assert.Equal((0, $"Stopping Cygnet IPsec...\ncharon ({charon}) has lost its starter -- it is stopped too\n"), Ipsec("stop"));
        // Whoever is its parent now need not have waited for it.
        Assert.DoesNotContain("charon", File.Exists($"/proc/{charon}/cmdline") ? File.ReadAllText($"/proc/{charon}/cmdline") : "");
        Assert.Equal([], Directory.GetFiles($"{_root}/run", "*.pid"));
    }

    [RootFact]
    public void ADaemonThatSomebodyRunsHimselfIsNotStopped()
    {
        using var charon = Process.Start(new ProcessStartInfo($"{_root}/lib/charon"))!;
        try
        {
            Wait(() => PidFile.ReadLive($"{_root}/run/charon.pid") == charon.Id, "charon runs");
            Assert.Contains("charon is already running", Ipsec("start").Error);
            Wait(() => Requested("load-conn a"), "conn a is loaded");
            Assert.Equal((0, "Stopping Cygnet IPsec...\n"), Ipsec("stop"));
            Assert.Equal((0, "Stopping Cygnet IPsec failed: starter is not running\n"), Ipsec("stop"));
            Assert.False(charon.HasExited);
        }
        finally
        {
            charon.Kill();
        }
    }

    void KillStarter()
    {
        var starter = PidFile.ReadLive($"{_root}/run/starter.charon.pid")!.Value;
        UnixSignal.Send(starter, UnixSignal.Kill);
        Wait(() => PidFile.ReadLive($"{_root}/run/starter.charon.pid") is null, "the starter is dead");
    }
}
