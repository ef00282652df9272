// The starter as a process of its own, with a shell script for charon and a canned control socket.
using System.Diagnostics;
using System.Net.Sockets;
using Cygnet.Command.Starter;
using Cygnet.Control;
using Cygnet.Linux;

namespace Cygnet.Command.Tests;

public sealed partial class StarterTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("starter").FullName;
    readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly List<string> _requests = [];
    volatile bool _isDeaf;
    volatile int _unanswered;

    public StarterTests()
    {
        foreach (var d in (string[])["etc", "run", "lib"]) Directory.CreateDirectory($"{_root}/{d}");
        _listener.Bind(new UnixDomainSocketEndPoint($"{_root}/run/answers"));
        _listener.Listen();
        new Thread(Serve) { IsBackground = true }.Start();
        // The starter removes a stale socket before it starts charon, so the script puts ours in its place.
        Script("charon", """
            [ ! -e run/fail ] || { rm run/fail; exit 66; }
            echo "$*" >> run/arguments
            echo "$NOTIFY_SOCKET$WATCHDOG_USEC" > run/notify
            rm -f run/charon.vici; ln run/answers run/charon.vici
            echo $$ > run/charon.pid
            trap 'rm -f run/charon.pid; exit 0' INT TERM
            while :; do sleep 0.05; done
            """);
        File.WriteAllText($"{_root}/etc/ipsec.secrets", ": PSK \"secret\"\n");
        Conf("conn a\n\tleft=10.0.0.1\n\tright=10.0.0.2\n\tkeyexchange=ikev2\n\tauthby=secret\n\tauto=start\n");
    }

    public void Dispose()
    {
        if (PidFile.ReadLive($"{_root}/run/starter.charon.pid") is not null) Ipsec("stop");
        if (PidFile.ReadLive($"{_root}/run/charon.pid") is { } pid) UnixSignal.Send(pid, UnixSignal.Kill);
        _listener.Dispose();
        Directory.Delete(_root, true);
    }

    void Script(string name, string text)
    {
        File.WriteAllText($"{_root}/lib/{name}", $"#!/bin/sh\ncd {_root}\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode($"{_root}/lib/{name}", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    void Conf(string text) => File.WriteAllText($"{_root}/etc/ipsec.conf", text);

    /// <summary>Answers every request with success, and remembers it.</summary>
    void Serve()
    {
        while (true)
        {
            try
            {
                using var client = new NetworkStream(_listener.Accept(), ownsSocket: true);
                var length = new byte[4];
                while (client.ReadAtLeast(length, 4, false) == 4)
                {
                    var body = new byte[length[2] << 8 | length[3]];
                    client.ReadExactly(body);
                    ViciPacket.TryParse(body, out var packet);
                    if (_isDeaf)
                    {
                        _unanswered++;
                        continue;
                    }
                    if (packet.Type != ViciPacketType.CommandRequest)
                    {
                        client.Write(new ViciPacket(ViciPacketType.EventConfirm).ToSegment(out _));
                        continue;
                    }
                    lock (_requests) _requests.Add($"{packet.Name} {packet.Message.Text("child") ?? packet.Message.Sections.FirstOrDefault()?.Name}".TrimEnd());
                    var answer = packet.Name == "x-get-conn-digests" ? new ViciSection() : new ViciSection().Add("success", "yes");
                    client.Write(ViciPacket.Response(answer).ToSegment(out _));
                }
            }
            catch (IOException)
            {
                // The next client.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    Process StartIpsec(string[] args, params (string Name, string Value)[] more)
    {
        // What is started stays, so it must not hold our pipe open: the error stream ends with the command itself.
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ipsec"), args) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["IPSEC_DIR"] = $"{_root}/lib";
        start.Environment["IPSEC_CONFDIR"] = $"{_root}/etc";
        start.Environment["IPSEC_PIDDIR"] = $"{_root}/run";
        start.Environment["STRONGSWAN_CONF"] = $"{_root}/etc/strongswan.conf";
        foreach (var (name, value) in more) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    (int ExitCode, string Error) Ipsec(params string[] args)
    {
        using var process = StartIpsec(args);
        var reading = process.StandardError.ReadToEndAsync();
        if (!reading.Wait(TimeSpan.FromMinutes(1)))
        {
            process.Kill();
            Assert.Fail($"ipsec {string.Join(' ', args)} does not end");
        }
        var error = reading.Result;
        process.WaitForExit();
        return (process.ExitCode, error);
    }

    void Wait(Func<bool> condition, string what)
    {
        for (var i = 0; i < 1500; i++, Thread.Sleep(20))
            if (condition()) return;
        lock (_requests) Assert.Fail($"{what}; requests so far: {string.Join(", ", _requests)}");
    }

    bool Requested(string request, int times = 1)
    {
        lock (_requests) return _requests.Count(r => r == request) >= times;
    }

    [RootFact]
    public void StartsLoadsUpdatesRestartsAndStops()
    {
        Assert.Equal((0, "Starting Cygnet 0.1.0 IPsec [starter]...\n"), Ipsec("start"));
        // At once, without waiting for the daemon.
        Assert.NotNull(PidFile.ReadLive($"{_root}/run/starter.charon.pid"));
        Wait(() => Requested("initiate a"), "conn a is started");
        lock (_requests) Assert.Equal(["x-get-conn-digests", "get-shared", "x-begin", "x-clear-secrets", "load-shared", "load-conn a", "x-commit", "initiate a"], _requests.Where(r => r != "x-loaded"));
        Assert.Equal("--use-syslog\n", File.ReadAllText($"{_root}/run/arguments"));

        Assert.Equal((0, "Starting Cygnet 0.1.0 IPsec [starter]...\n"
            + $"charon is already running ({_root}/run/charon.pid exists) -- skipping daemon start\n"
            + $"starter is already running ({_root}/run/starter.charon.pid exists) -- no fork done\n"), Ipsec("start"));

        Conf("conn b\n\tleft=10.0.0.1\n\tright=10.0.0.2\n\tkeyexchange=ikev2\n\tauthby=secret\n\tauto=add\n");
        Assert.Equal((0, "Updating Cygnet IPsec configuration...\n"), Ipsec("update"));
        Wait(() => Requested("load-conn b"), "conn b is loaded");

        Conf("conn c\n\tright\n");
        Assert.Equal((0, "Reloading Cygnet IPsec configuration...\n"), Ipsec("reload"));
        // A daemon that dies is there again after five seconds, with what the file says by then.
        Conf("conn d\n\tleft=10.0.0.1\n\tright=10.0.0.2\n\tkeyexchange=ikev2\n\tauthby=secret\n\tauto=add\n");
        var charon = PidFile.ReadLive($"{_root}/run/charon.pid")!.Value;
        UnixSignal.Send(charon, UnixSignal.Kill);
        Wait(() => PidFile.ReadLive($"{_root}/run/charon.pid") is { } now && now != charon, "charon is started again");
        Wait(() => Requested("load-conn d"), "conn d is loaded");
        Assert.False(Requested("load-conn c"));

        var starter = PidFile.ReadLive($"{_root}/run/starter.charon.pid")!.Value;
        Assert.Equal((0, "Stopping Cygnet IPsec...\n"), Ipsec("stop"));
        Assert.False(PidFile.IsAlive(starter));
        Assert.False(File.Exists($"{_root}/run/charon.pid"));
        Assert.False(File.Exists($"{_root}/run/starter.charon.pid"));
        Assert.Equal(3, Ipsec("status").ExitCode);
    }

    [RootFact]
    public void ADaemonThatGivesUpEndsTheStarter()
    {
        File.WriteAllText($"{_root}/run/fail", "");
        var (exitCode, error) = Ipsec("start", "--nofork");
        Assert.Equal(1, exitCode);
        Assert.Equal("Starting Cygnet 0.1.0 IPsec [starter]...\ncharon refused to be started\ncharon has quit: initialization failed\n", error);
        Assert.False(File.Exists($"{_root}/run/starter.charon.pid"));
    }

    [RootFact]
    public void ABrokenFileStartsNothing()
    {
        Conf("conn a\n\tright=10.0.0.2\n nonsense\n");
        var (exitCode, error) = Ipsec("start");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("Starting Cygnet 0.1.0 IPsec [starter]...\n", error);
        Assert.Contains($"{_root}/etc/ipsec.conf:3:2: 'nonsense'", error);
        Assert.EndsWith("unable to start Cygnet -- fatal errors in config\n", error);
        Assert.False(File.Exists($"{_root}/run/starter.charon.pid"));
    }

    [RootFact]
    public void StaleFilesAreRemoved()
    {
        File.WriteAllText($"{_root}/run/charon.pid", "4194305\n");
        File.WriteAllText($"{_root}/run/starter.charon.pid", "4194305\n");
        var (exitCode, error) = Ipsec("start");
        Assert.Equal((0, "Starting Cygnet 0.1.0 IPsec [starter]...\n"
            + $"removing pidfile '{_root}/run/charon.pid', process not running\n"
            + $"removing pidfile '{_root}/run/starter.charon.pid', process not running\n"), (exitCode, error));
    }

    [RootFact]
    public void ASupervisorHearsWhatHappens()
    {
        using var supervisor = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        var name = $"cygnet-{Guid.NewGuid():n}";
        supervisor.Bind(new UnixDomainSocketEndPoint($"\0{name}"));
        using var starter = StartIpsec(["start", "--nofork"], ("NOTIFY_SOCKET", $"@{name}"), ("WATCHDOG_USEC", "600000"));
        var said = starter.StandardError.ReadToEndAsync();

        // Ready only when the connections are loaded; signs of life while the daemon answers.
        Hear("READY=1", $"MAINPID={starter.Id}", "STATUS=charon runs, 1 connections loaded");
        Assert.True(Requested("initiate a"));
        Hear("WATCHDOG=1");
        Hear("WATCHDOG=1");
        Assert.True(Requested("stats"));
        // charon is not the one who is asked
        Assert.Equal("", File.ReadAllText($"{_root}/run/notify").Trim());

        Conf("conn b\n\tleft=10.0.0.1\n\tright=10.0.0.2\n\tkeyexchange=ikev2\n\tauthby=secret\n\tauto=add\nconn c\n\talso=b\n\tright=10.0.0.3\n");
        UnixSignal.Send(starter.Id, UnixSignal.Hup);
        Assert.StartsWith("MONOTONIC_USEC=", Hear("RELOADING=1")[1]);
        Hear("READY=1", $"MAINPID={starter.Id}", "STATUS=charon runs, 2 connections loaded");
        Conf("conn b\n nonsense\n");
        UnixSignal.Send(starter.Id, UnixSignal.Usr1);
        Hear("RELOADING=1");
        Hear("READY=1", $"MAINPID={starter.Id}", "STATUS=can't reload config file due to errors -- keeping old one");

        // A daemon that is dead is brought back, with the last files that were right; meanwhile nobody has to kill the starter.
        lock (_requests) _requests.Clear();
        UnixSignal.Send(PidFile.ReadLive($"{_root}/run/charon.pid")!.Value, UnixSignal.Kill);
        Hear("STATUS=charon has died -- restart scheduled (5sec)");
        Hear("WATCHDOG=1");
        Hear("READY=1", $"MAINPID={starter.Id}", "STATUS=charon runs, 2 connections loaded");
        Assert.True(Requested("load-conn b") && Requested("load-conn c"));

        // One that answers nobody is not alive.
        _isDeaf = true;
        Wait(() => _unanswered > 0, "the watchdog asks");
        while (supervisor.Poll(0, SelectMode.SelectRead)) Hear();
        Thread.Sleep(TimeSpan.FromSeconds(1)); // longer than three of its intervals
        Assert.False(supervisor.Poll(0, SelectMode.SelectRead));

        UnixSignal.Send(starter.Id, UnixSignal.Term);
        Hear("STOPPING=1");
        Assert.True(starter.WaitForExit(60_000));
        Assert.Equal(0, starter.ExitCode);
        Assert.EndsWith("ipsec starter stopped\n", said.Result);

        // The next message that begins so; signs of life come between all others.
        string[] Hear(params string[] expected)
        {
            var buffer = new byte[4096];
            while (true)
            {
                var lines = System.Text.Encoding.UTF8.GetString(buffer, 0, supervisor.Receive(buffer)).Split('\n');
                if (expected.Length > 0 && lines[0] == "WATCHDOG=1" && expected[0] != "WATCHDOG=1") continue;
                if (expected is ["WATCHDOG=1"] && lines[0] != "WATCHDOG=1") Assert.Fail(string.Join(", ", lines));
                Assert.Equal(expected, lines.Take(expected.Length));
                return lines;
            }
        }
    }

    [RootFact]
    public void OfTwoThatAreStartedAtOnceOneWinsAndTheOtherSaysWhy()
    {
        using Process first = StartIpsec(["start"]), second = StartIpsec(["start"]);
        var (one, two) = (first.StandardError.ReadToEndAsync(), second.StandardError.ReadToEndAsync());
        Assert.True(first.WaitForExit(60_000) && second.WaitForExit(60_000));
        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Wait(() => Requested("initiate a"), "conn a is started");
        Assert.Single(new[] { one.Result, two.Result }, text => text.Contains($"starter is already running ({_root}/run/starter.charon.pid exists) -- no fork done\n"));
        // One daemon was started, once.
        Assert.Equal("--use-syslog\n", File.ReadAllText($"{_root}/run/arguments"));
        Assert.NotNull(PidFile.ReadLive($"{_root}/run/starter.charon.pid"));
    }

    [RootFact]
    public void ADaemonThatCannotLiveIsTriedEverLessOften()
    {
        Script("charon", "echo x >> run/tries; exit 1");
        using var starter = StartIpsec(["start", "--nofork"]);
        var said = starter.StandardError.ReadToEndAsync();
        // Alarms do not wait for their turn.
        Wait(() => File.Exists($"{_root}/run/tries"), "charon is tried");
        UnixSignal.Send(starter.Id, 14);
        Wait(() => File.ReadAllLines($"{_root}/run/tries").Length == 2, "charon is tried at once");
        UnixSignal.Send(starter.Id, 14);
        Wait(() => File.ReadAllLines($"{_root}/run/tries").Length == 3, "and again");
        UnixSignal.Send(starter.Id, UnixSignal.Int);
        Assert.True(starter.WaitForExit(60_000));
        Assert.Equal(0, starter.ExitCode);
        Assert.Equal("Starting Cygnet 0.1.0 IPsec [starter]...\n"
            + string.Concat(new[] { 5, 10, 20 }.Select(s => $"charon refused to be started\ncharon could not be started -- restart scheduled ({s}sec)\n"))
            + "ipsec starter stopped\n", said.Result);
    }

    [RootFact]
    public void ForeignProcessesWithOurNumbersAreLeftAlone()
    {
        using var stranger = Process.Start(new ProcessStartInfo("/bin/sleep", ["600"]))!;
        File.WriteAllText($"{_root}/run/charon.pid", $"{stranger.Id}\n");
        File.WriteAllText($"{_root}/run/starter.charon.pid", $"{stranger.Id}\n");
        try
        {
            Assert.Equal(1, Ipsec("status").ExitCode);
            Ipsec("stop");
            Assert.False(stranger.HasExited);
            File.WriteAllText($"{_root}/run/starter.charon.pid", $"{stranger.Id}\n");
            var (exitCode, error) = Ipsec("start");
            Assert.Equal((0, "Starting Cygnet 0.1.0 IPsec [starter]...\n"
                + $"removing pidfile '{_root}/run/charon.pid', process not running\n"
                + $"removing pidfile '{_root}/run/starter.charon.pid', process not running\n"), (exitCode, error));
            Wait(() => Requested("initiate a"), "conn a is started");
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public void ADaemonThatIsNotThere()
    {
        File.Delete($"{_root}/lib/charon");
        Assert.Equal((1, $"IKE daemon '{_root}/lib/charon' not found\n"), Ipsec("start"));
    }

    [Theory]
    [InlineData("--auto-update 0")]
    [InlineData("--auto-update x")]
    [InlineData("--auto-update")]
    [InlineData("--conf")]
    [InlineData("--daemon a/b")]
    [InlineData("--bogus")]
    public void SenselessOptions(string options) => Assert.Null(StarterOptions.Parse(options.Split(' ')));

    [Fact]
    public void AllOptions()
    {
        var options = StarterOptions.Parse("--attach-gdb --auto-update 30 --debug-more --conf /x --daemon y --conftest".Split(' '))!;
        Assert.Equal(new StarterOptions { NoFork = true, AttachGdb = true, AutoUpdateSeconds = 30, LogLevel = 3, Conf = "/x", Daemon = "y", ConfTest = true }, options);
    }
}

/// <summary>A fact that needs the superuser, as the starter does.</summary>
sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "the starter wants the superuser";
    }
}

/// <summary>The same for a theory.</summary>
sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "the starter wants the superuser";
    }
}
