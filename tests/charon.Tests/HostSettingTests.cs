// Settings about the host: its sockets, its routes, its name servers, and the servers that it asks.
using System.Net;
using System.Net.Sockets;
using Cygnet.Charon.Logging;
using Cygnet.Crypto;
using Cygnet.Linux;
using Cygnet.Linux.Fetch;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Charon.Tests;

public sealed class HostSettingTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static string Fake(string lines) => $"charon {{\n data_plane = fake\n {lines}\n}}\n";

    [SwanctlFact]
    public async Task Sockets_have_the_mark_and_the_families_of_the_settings()
    {
        await using var charon = new RunningCharon(Fake("plugins {\n socket-default {\n fwmark = 0x42\n use_ipv4 = no\n }\n }"));
        await charon.Ready();
        var sockets = (await charon.Inside("ss -H -ulne")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, sockets.Length);
        Assert.All(sockets, s => Assert.Contains("fwmark:0x42", s));
        foreach (var port in (string[])["500", "4500"]) Assert.Contains(sockets, s => s.Contains($" [::]:{port} ") || s.Contains($" *:{port} "));
        await using var usual = new RunningCharon(Fake(""));
        await usual.Ready();
        Assert.Contains("0.0.0.0:500 ", await usual.Inside("ss -H -ulne"));
    }

    [SwanctlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Packets_leave_from_the_SAs_address_unless_set_source_is_off(bool setsSource)
    {
        using var conf = new WrittenConf($"port = 0\nport_nat_t = 0\nplugins {{\n socket-default {{\n set_source = {(setsSource ? "yes" : "no")}\n }}\n }}");
        using var log = new Log();
        using var sockets = new UdpSockets(Network.SocketOptionsOf(conf.Conf, log));
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        peer.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Null(sockets.Send(new(Address.Parse("127.0.0.9"), sockets.Port), new(Address.Parse("127.0.0.1"), (ushort)((IPEndPoint)peer.LocalEndPoint!).Port), [1, 2, 3]));
        var received = await peer.ReceiveFromAsync(new byte[100], new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Patience);
        Assert.Equal(IPAddress.Parse(setsSource ? "127.0.0.9" : "127.0.0.1"), ((IPEndPoint)received.RemoteEndPoint).Address);
    }

    const string Route = "due to route change", Other = "due to address/link change";

    /// <summary>A route or a rule comes, then a device: the kernel tells of them in this order.</summary>
    [SwanctlTheory]
    [InlineData("", "ip route add 192.0.2.0/24 dev lo", true)]
    [InlineData("process_route = no", "ip route add 192.0.2.0/24 dev lo", false)]
    [InlineData("", "ip rule add from 192.0.2.1 lookup 9", false)]
    [InlineData("plugins {\n kernel-netlink {\n process_rules = yes\n }\n }", "ip rule add from 192.0.2.1 lookup 9", true)]
    [InlineData("plugins {\n kernel-netlink {\n roam_events = no\n }\n }", "ip route add 192.0.2.0/24 dev lo", null)]
    public async Task What_changes_on_the_host_is_followed_as_the_settings_say(string settings, string change, bool? isFollowed)
    {
        var directory = Directory.CreateTempSubdirectory("charon").FullName;
        var path = Path.Combine(directory, "log");
        await using var charon = new RunningCharon(Fake($"filelog {{\n log {{\n path = {path}\n knl = 2\n flush_line = yes\n }}\n }}\n{settings}"), directory);
        await charon.Ready();
        await charon.Inside(change);
        if (isFollowed == true) await charon.Until(() => File.ReadAllText(path).Contains(Route));
        await charon.Inside("ip link add one type veth peer name two");
        if (isFollowed is not null) await charon.Until(() => File.ReadAllText(path).Contains(Other));
        charon.Signal(UnixSignal.Term);
        await charon.End();
        var text = await File.ReadAllTextAsync(path);
        if (isFollowed == true) return;
        Assert.DoesNotContain(Route, text);
        Assert.Equal(isFollowed is not null, text.Contains(Other));
    }

    [Fact]
    public void Resolvconf_is_told_the_prefix_that_is_configured()
    {
        using var conf = new WrittenConf("");
        var (program, calls) = (conf.Path("resolvconf"), conf.Path("calls"));
        File.WriteAllText(program, $"#!/bin/sh\necho \"$1 $2\" >> {calls}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var named = new WrittenConf($"plugins {{\n resolve {{\n resolvconf {{\n path = {program}\n iface_prefix = vpn.\n }}\n }}\n }}");
        using var log = new Log();
        using (var host = new HostConfiguration(named.Conf, conf.Path("state"), log)) host.AddNameServer(Address.Parse("192.0.2.53"));
        Assert.Equal(["-a vpn.192.0.2.53", "-d vpn.192.0.2.53"], File.ReadAllLines(calls));
    }

    [Fact]
    public async Task A_silent_server_is_waited_for_as_long_as_revocation_timeout_says()
    {
        using var conf = new WrittenConf("plugins {\n revocation {\n timeout = 2s\n }\n }");
        var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        try
        {
            using var fetcher = new StatusFetcher(new SystemRandom(), conf.Conf.ToFetch(), _ => { });
            var answer = await fetcher.Fetch(new StatusNeed($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/a.crl")).AsTask().WaitAsync(Patience);
            Assert.Equal("no answer within 2 s", answer.Failure);
        }
        finally { silent.Stop(); }
    }
}
