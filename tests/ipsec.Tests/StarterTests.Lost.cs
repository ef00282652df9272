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

    /// <summary>It wins while the starter's own is being started, for the first time or again: it gets the files, and what to do is said.</summary>
    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADaemonThatSomebodyRunsHimselfMayWin(bool isRestart)
    {
        Script("race", $"""
            [ ! -e run/race ] || rm run/race || exit 1
            env -u CYGNET_STARTER {_root}/lib/charon </dev/null >/dev/null 2>&1 &
            until [ "$(cat run/charon.pid 2>/dev/null)" = $! ]; do sleep 0.02; done
            exit 66
            """);
        var script = File.ReadAllText($"{_root}/lib/charon");
        Script("charon", $"[ ! -e run/race ] || exec {_root}/lib/race\n" + script.Split('\n', 3)[2]);
        if (!isRestart) File.WriteAllText($"{_root}/run/race", "");
        using var starter = StartIpsec(["start", "--nofork"]);
        var said = starter.StandardError.ReadToEndAsync();
        Wait(() => Requested("x-loaded"), "the files are read");
        var charon = PidFile.ReadLive($"{_root}/run/charon.pid")!.Value;
        if (isRestart)
        {
            lock (_requests) _requests.Clear();
            UnixSignal.Send(charon, UnixSignal.Kill);
            // Before the starter's turn comes.
            Wait(() => PidFile.ReadLive($"{_root}/run/charon.pid") is null, "charon is dead");
            using var byHand = Process.Start(new ProcessStartInfo($"{_root}/lib/race"))!;
            Wait(() => Requested("x-loaded"), "the files are read again");
            charon = PidFile.ReadLive($"{_root}/run/charon.pid")!.Value;
        }
        Assert.True(Requested("load-conn a") && Requested("initiate a"));
        UnixSignal.Send(starter.Id, UnixSignal.Term);
        Assert.True(starter.WaitForExit(60_000));
        Assert.Equal(charon, PidFile.ReadLive($"{_root}/run/charon.pid"));
        Assert.Equal("Starting Cygnet 0.1.0 IPsec [starter]...\n" + (isRestart ? "charon has died -- restart scheduled (5sec)\n" : "charon refused to be started\n")
            + $"charon ({charon}) was started by somebody else -- it gets the connections, and is neither watched nor stopped; end it and 'ipsec restart' has one started that is\n"
            + "ipsec starter stopped\n", System.Text.RegularExpressions.Regex.Replace(said.Result, @"(?m)^charon \(\d+\) started after \d+ ms\n", ""));
    }

    void KillStarter()
    {
        var starter = PidFile.ReadLive($"{_root}/run/starter.charon.pid")!.Value;
        UnixSignal.Send(starter, UnixSignal.Kill);
        Wait(() => PidFile.ReadLive($"{_root}/run/starter.charon.pid") is null, "the starter is dead");
    }
}
