// PID files, detached processes, signals, syslog, names.
using System.Net.Sockets;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public sealed class ProcessTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("cygnet-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    string In(string name) => Path.Combine(_directory, name);

    [Fact]
    public void A_pid_file_names_the_live_process_and_gives_way_to_a_dead_one()
    {
        var path = In("charon.pid");
        var child = DetachedProcess.Start("/bin/sleep", ["/usr/lib/ipsec/charon", "600"]);
        File.WriteAllText(path, $"{child.Pid}\n");
        Assert.Null(PidFile.TryCreate(path, out var running));
        Assert.Equal(child.Pid, running);
        Assert.Equal(child.Pid, PidFile.ReadLive(path));
        Assert.True(UnixSignal.Send(child.Pid, UnixSignal.Term));
        Assert.Equal(128 + UnixSignal.Term, child.Wait());
        Assert.Null(PidFile.ReadLive(path));
        Assert.False(UnixSignal.Send(child.Pid, UnixSignal.Term));
        using (PidFile.TryCreate(path, out _)) Assert.Equal($"{Environment.ProcessId}\n", File.ReadAllText(path));
        Assert.False(File.Exists(path));
        Assert.Null(PidFile.ReadLive(path));
    }

    [Fact]
    public void A_detached_process_has_its_own_session_and_streams()
    {
        var log = In("log");
        // Fields of /proc/self/stat: 6 is the session. SIGPIPE, which the runtime ignores, must not be ignored there (signal 13: 0x1000).
        var child = DetachedProcess.Start("/bin/sh", ["renamed", "-c", "cut -d' ' -f6 /proc/$$/stat; echo $$; echo $0 $X; grep SigIgn /proc/$$/status; readlink /proc/$$/fd/0; echo err >&2; exit 7"],
            log: log, environment: new Dictionary<string, string> { ["X"] = "y" });
        Assert.Equal(7, child.Wait());
        var lines = File.ReadAllLines(log);
        Assert.Equal(lines[1], lines[0]);
        Assert.Equal("renamed y", lines[2]);
        Assert.Equal(0UL, Convert.ToUInt64(lines[3].Split('\t')[1], 16) & 0x1000);
        Assert.Equal(["/dev/null", "err"], lines[4..]);
        Assert.Throws<LinuxException>(() => DetachedProcess.Start(In("nothing"), ["x"]));
    }

    [Fact]
    public void Signals_by_number_arrive()
    {
        using var arrived = new ManualResetEventSlim();
        using var registration = UnixSignal.On(UnixSignal.Usr1, arrived.Set);
        UnixSignal.Send(Environment.ProcessId, UnixSignal.Usr1);
        Assert.True(arrived.Wait(10_000));
    }

    [Fact]
    public void Syslog_lines_carry_priority_and_ident_and_survive_a_restart_of_the_daemon()
    {
        var path = In("log.sock");
        using var syslog = new Syslog("charon", SyslogFacility.AuthPriv, path);
        syslog.Write("nobody listens");
        for (var round = 0; round < 2; round++)
        {
            using var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
            daemon.Bind(new UnixDomainSocketEndPoint(path));
            syslog.Write("one\ntwo");
            var buffer = new byte[512];
            foreach (var text in new[] { "one", "two" })
                Assert.Matches($@"^<86>[A-Z][a-z]{{2}} [ 123]\d \d\d:\d\d:\d\d charon\[{Environment.ProcessId}\]: {text}$", Encoding.UTF8.GetString(buffer, 0, daemon.Receive(buffer)));
            File.Delete(path);
        }
    }

    [Fact]
    public void Names_are_looked_up()
    {
        Assert.Contains(Address.Parse("127.0.0.1"), DnsNames.Lookup("localhost"));
        Assert.Equal([Address.Parse("192.0.2.9")], DnsNames.Lookup("192.0.2.9"));
        Assert.Empty(DnsNames.Lookup("no-such-name.invalid"));
    }
}
