// Two user-space data planes on a real wire: what passes, what the wire shows, what is left behind. RFC 4303, RFC 3948.
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Cygnet.Esp;
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public class TunDataPlaneTests
{
    static readonly byte[] Marker = "this text must not be seen on the wire"u8.ToArray();

    internal static TestNetwork Network()
    {
        var net = new TestNetwork();
        foreach (var (ns, side) in new[] { (net.A, 1), (net.B, 2) })
        {
            TestNetwork.Run($"ip -n {ns} addr add 10.{side}.0.1/32 dev lo");
            TestNetwork.Run($"ip -n {ns} addr add 2001:db8:{side}::1/128 dev lo nodad");
        }
        return net;
    }

    static void Ping(string ns, string from, string to) => TestNetwork.In(ns, $"ping -q -c 2 -i 0.1 -W 5 -I {from} {to}");

    static bool Reaches(string ns, string from, string to, int seconds = 1)
    {
        try
        {
            TestNetwork.In(ns, $"ping -q -c 1 -W {seconds} -I {from} {to}");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Copies some megabytes each way and compares them.</summary>
    static void Transfer(TestNetwork net, string addressB, int megabytes = 8)
    {
        var address = IPAddress.Parse(addressB);
        using var listener = TestNetwork.Enter(net.B, () =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            socket.Listen();
            return socket;
        });
        // Not bound: the route's source address must be one that the selectors allow.
        using var client = TestNetwork.Enter(net.A, () =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(listener.LocalEndPoint!);
            return socket;
        });
        using var server = listener.Accept();
        var data = new byte[megabytes << 20];
        Random.Shared.NextBytes(data);
        for (var at = 0; at + Marker.Length < data.Length; at += 1000) Marker.CopyTo(data, at);
        foreach (var (from, to) in new[] { (client, server), (server, client) })
        {
            from.SendTimeout = to.ReceiveTimeout = 20_000;
            var sending = Task.Run(() => { for (var at = 0; at < data.Length;) at += from.Send(data.AsSpan(at)); });
            var received = new byte[data.Length];
            for (var at = 0; at < received.Length;)
            {
                var n = to.Receive(received.AsSpan(at));
                Assert.NotEqual(0, n);
                at += n;
            }
            sending.Wait();
            Assert.Equal(SHA256.HashData(data), SHA256.HashData(received));
        }
    }

    [RootTheory]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, false, true)]
    public void Carries_ping_and_tcp_and_shows_only_esp(bool outerIPv6, bool udp, bool innerIPv6)
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        var (outerA, outerB) = outerIPv6 ? ("2001:db8::1", "2001:db8::2") : ("192.0.2.1", "192.0.2.2");
        var (innerA, innerB) = innerIPv6 ? ("2001:db8:1::1", "2001:db8:2::1") : ("10.1.0.1", "10.2.0.1");
        Gateway.Join(a, b, outerA, outerB, udp, ["10.1.0.0/16", "2001:db8:1::/48"], ["10.2.0.0/16", "2001:db8:2::/48"]);
        Ping(net.A, innerA, innerB);
        Ping(net.B, innerB, innerA);
        Transfer(net, innerB);
        Assert.Equal([udp ? "udp 4500" : "esp"], wire.Kinds());
        Assert.False(wire.Saw(Marker));
        foreach (var gateway in new[] { a, b })
        {
            Assert.Empty(gateway.Faults);
            Assert.Equal(0, gateway.Plane.Failures);
            foreach (var reason in new[] { DropReason.Integrity, DropReason.Replay, DropReason.InboundSelector, DropReason.InnerMalformed, DropReason.OutboundMalformed })
                Assert.Equal((reason, 0), (reason, gateway.Plane.Dropped(reason)));
        }
    }

    [RootFact]
    public void Large_and_fragmented_datagrams_pass()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.0/16", "2001:db8:1::/48"], ["10.2.0.0/16", "2001:db8:2::/48"]);
        TestNetwork.In(net.A, "ping -q -c 2 -i 0.1 -W 5 -s 1372 -M do -I 10.1.0.1 10.2.0.1");
        TestNetwork.In(net.A, "ping -q -c 2 -i 0.1 -W 5 -s 20000 -I 10.1.0.1 10.2.0.1");
        TestNetwork.In(net.A, "ping -q -c 2 -i 0.1 -W 5 -s 20000 -I 2001:db8:1::1 2001:db8:2::1");
    }

    [RootFact]
    public void A_default_route_into_the_tunnel_does_not_catch_the_tunnel()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.1/32", "2001:db8:1::1/128"], ["0.0.0.0/0", "::/0"]);
        TestNetwork.Run($"ip -n {net.B} addr add 198.51.100.1/32 dev lo");
        Ping(net.A, "10.1.0.1", "198.51.100.1");
        Ping(net.A, "2001:db8:1::1", "2001:db8:2::1");
        // The peer's outer address is inside the selectors too.
        Ping(net.A, "10.1.0.1", "192.0.2.2");
        Transfer(net, "198.51.100.1", 1);
        Assert.Equal(["udp 4500"], wire.Kinds());
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_hosts_protect_their_own_outer_addresses(bool udp)
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", udp, ["192.0.2.1/32"], ["192.0.2.2/32"]);
        Ping(net.A, "192.0.2.1", "192.0.2.2");
        Transfer(net, "192.0.2.2", 1);
        Assert.Equal([udp ? "udp 4500" : "esp"], wire.Kinds());
    }

    [RootFact]
    public void Routes_have_a_source_and_go_with_the_last_policy_and_rules_with_the_plane()
    {
        using var net = Network();
        string Routes(string family) => TestNetwork.Run($"ip -n {net.A} {family} route show table 220");
        using (var a = new Gateway(net.A))
        {
            var policy = Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16", "2001:db8:1::/48"], ["10.2.0.0/16", "2001:db8:2::/48"]);
            var other = Gateway.Policy(2, "192.0.2.1", "192.0.2.2", ["203.0.113.0/24"], ["10.2.0.0/16", "10.3.0.0/16"]);
            Assert.Null(a.Plane.InstallPolicy(policy));
            Assert.Null(a.Plane.InstallPolicy(policy));
            Assert.Null(a.Plane.InstallPolicy(other));
            Assert.Contains("10.2.0.0/16 dev ipsec0 proto static scope link src 10.1.0.1", Routes("-4"));
            Assert.Contains("10.3.0.0/16 dev ipsec0 proto static scope link", Routes("-4")); // we have no address inside
            Assert.Contains("2001:db8:2::/48 dev ipsec0 proto static src 2001:db8:1::1", Routes("-6"));
            // An address that comes later becomes the source, one that goes takes its routes along and they come back.
            TestNetwork.Run($"ip -n {net.A} addr add 203.0.113.5/32 dev lo");
            Eventually(() => Routes("-4").Contains("10.3.0.0/16 dev ipsec0 proto static scope link src 203.0.113.5"));
            TestNetwork.Run($"ip -n {net.A} addr del 203.0.113.5/32 dev lo");
            Eventually(() => Routes("-4") is var r && r.Contains("10.3.0.0/16") && !r.Contains("203.0.113.5"));

            a.Plane.RemovePolicy(policy);
            Assert.Contains("10.2.0.0/16 dev ipsec0 proto static scope link src 10.1.0.1", Routes("-4"));
            a.Plane.RemovePolicy(policy);
            Assert.Contains("10.2.0.0/16 dev ipsec0 proto static scope link", Routes("-4"));
            Assert.Empty(Routes("-6"));
            a.Plane.RemovePolicy(other);
            Assert.Empty(Routes("-4"));
            Assert.Null(a.Plane.InstallPolicy(other));
            Assert.Contains("not from all fwmark 0xdc lookup 220", TestNetwork.Run($"ip -n {net.A} rule"));
        }
        Assert.Empty(Routes("-4"));
        foreach (var family in new[] { "-4", "-6" }) Assert.DoesNotContain("220", TestNetwork.Run($"ip -n {net.A} {family} rule"));
        Assert.DoesNotContain("ipsec", TestNetwork.Run($"ip -n {net.A} link"));
    }

    static void Eventually(Func<bool> claim)
    {
        var deadline = Environment.TickCount64 + 10_000;
        while (!claim())
        {
            Assert.True(Environment.TickCount64 < deadline, "did not become true");
            Thread.Sleep(10);
        }
    }

    [RootFact]
    public void Several_children_share_a_peer()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        for (var i = 1u; i <= 3; i++)
        {
            TestNetwork.Run($"ip -n {net.B} addr add 10.2.{i}.1/32 dev lo");
            Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.0/16"], [$"10.2.{i}.0/24"], i);
        }
        for (var i = 1; i <= 3; i++) Ping(net.A, "10.1.0.1", $"10.2.{i}.1");
        Assert.Equal(["udp 4500"], wire.Kinds());
        for (var i = 1u; i <= 3; i++) Assert.Equal(2UL, a.Plane.Query(SaDirection.Outbound, 0xd0000000 + i, Address.Parse("192.0.2.2")).Packets);
    }

    [RootFact]
    public void A_peer_behind_another_port_is_reported_and_followed()
    {
        using var net = Network();
        using var a = new Gateway(net.A, sockets: new() { PortNatT = 4510 });
        using var b = new Gateway(net.B);
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.0/16"], ["10.2.0.0/16"]);
        Assert.False(Reaches(net.A, "10.1.0.1", "10.2.0.1")); // the answer goes to port 4500, where nobody listens
        Assert.True(b.Mappings.TryTake(out var mapping, 10_000));
        Assert.Equal((0xd0000001u, new Endpoint(Address.Parse("192.0.2.1"), 4510)), mapping);
        var (local, peer) = (new Endpoint(Address.Parse("192.0.2.2"), 4500), Address.Parse("192.0.2.1"));
        Assert.Null(b.Plane.UpdateSa(SaDirection.Inbound, 0xd0000001, peer, local, mapping.Remote, true));
        Assert.Null(b.Plane.UpdateSa(SaDirection.Outbound, 0xc0000001, peer, local, mapping.Remote, true));
        Ping(net.A, "10.1.0.1", "10.2.0.1");
    }

    [RootFact]
    public void A_pass_shunt_takes_its_traffic_and_nothing_else_past_the_tunnel()
    {
        using var net = Network();
        TestNetwork.Run($"ip -n {net.B} addr add 198.51.100.1/32 dev lo");
        TestNetwork.Run($"ip -n {net.A} route add 198.51.100.0/24 via 192.0.2.2");
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.1/32"], ["0.0.0.0/0"]);
        var pass = Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["192.0.2.0/24"], ["198.51.100.0/24"]) with { Mode = ChildMode.Pass };
        Assert.Null(a.Plane.InstallPolicy(pass));
        Ping(net.A, "192.0.2.1", "198.51.100.1");
        Assert.Equal(["protocol 1"], wire.Kinds());
        // another source, the same destination: no shunt covers it
        Ping(net.A, "10.1.0.1", "198.51.100.1");
        Assert.Equal(["protocol 1", "udp 4500"], wire.Kinds().Order());
        a.Plane.RemovePolicy(pass);
        Assert.DoesNotContain("219", TestNetwork.Run($"ip -n {net.A} rule"));
    }

    [RootFact]
    public void A_drop_shunt_drops_what_no_tunnel_takes_by_port()
    {
        using var net = Network();
        TestNetwork.Run($"ip -n {net.A} route add 10.2.0.0/16 via 192.0.2.2");
        TestNetwork.Run($"ip -n {net.B} route add 10.1.0.0/16 via 192.0.2.1");
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        var drop = Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"]) with { Mode = ChildMode.Drop };
        var port = drop with { RemoteTs = [drop.RemoteTs[0] with { Protocol = 6, FromPort = 7777, ToPort = 7778 }] };
        Assert.Null(a.Plane.InstallPolicy(port));
        Assert.Null(a.Plane.InstallPolicy(port));
        Assert.True(Reaches(net.A, "10.1.0.1", "10.2.0.1"));
        Assert.False(Connects(net, "10.2.0.1", 7777));
        Assert.True(Connects(net, "10.2.0.1", 7779));
        a.Plane.RemovePolicy(port);
        Assert.False(Connects(net, "10.2.0.1", 7778));
        a.Plane.RemovePolicy(port);
        Assert.True(Connects(net, "10.2.0.1", 7778));

        Assert.Null(a.Plane.InstallPolicy(drop));
        Assert.False(Reaches(net.A, "10.1.0.1", "10.2.0.1"));
        // a tunnel comes before it
        Gateway.Join(a, b, "192.0.2.1", "192.0.2.2", true, ["10.1.0.0/16"], ["10.2.0.0/16"]);
        Ping(net.A, "10.1.0.1", "10.2.0.1");
        a.Plane.RemovePolicy(drop);
        foreach (var family in new[] { "-4", "-6" }) Assert.DoesNotContain("blackhole", TestNetwork.Run($"ip -n {net.A} {family} rule"));
    }

    static bool Connects(TestNetwork net, string address, int port)
    {
        using var listener = TestNetwork.Enter(net.B, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen();
            return socket;
        });
        return TestNetwork.Enter(net.A, () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse("10.1.0.1"), 0));
            try
            {
                return socket.ConnectAsync(IPAddress.Parse(address), port).Wait(2000);
            }
            catch (AggregateException)
            {
                return false;
            }
        });
    }

    [RootFact]
    public void A_shunt_that_no_rule_can_say_is_refused()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        var drop = Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"]) with { Mode = ChildMode.Drop };
        Assert.Contains("ICMP types", a.Plane.InstallPolicy(drop with { RemoteTs = [drop.RemoteTs[0] with { Protocol = 1, FromPort = 0x800, ToPort = 0x8ff }] }));
        var odd = new TrafficSelector(false, 0x0a010001, 0x0afffffe);
        Assert.Contains("subnets instead of ranges", a.Plane.InstallPolicy(drop with { LocalTs = [odd, odd with { From = 0x0a010101 }], RemoteTs = [odd, odd with { From = 0x0a010101 }] }));
    }

    [RootFact]
    public void What_a_trap_kept_leaves_with_the_sa()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        Assert.Null(a.Plane.InstallPolicy(Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"], isTrap: true)));
        var ping = Task.Run(() => Reaches(net.A, "10.1.0.1", "10.2.0.1", 10));
        Assert.True(a.Acquires.TryTake(out _, 10_000));
        // b first: as a responder it has its SAs before the initiator
        Gateway.Join(b, a, "192.0.2.2", "192.0.2.1", true, ["10.2.0.0/16"], ["10.1.0.0/16"]);
        // one echo request was sent, and it was answered
        Assert.True(ping.Result);
    }

    [RootFact]
    public void What_a_crashed_process_left_is_removed_at_the_start()
    {
        using var net = Network();
        TestNetwork.Run($"ip -n {net.A} rule add not fwmark 0xdc lookup 220 priority 220");
        TestNetwork.Run($"ip -n {net.A} -6 rule add not fwmark 0xdc lookup 220 priority 220");
        TestNetwork.Run($"ip -n {net.A} route add throw 198.51.100.0/24 table 220 proto static");
        TestNetwork.Run($"ip -n {net.A} rule add to 10.9.0.0/16 blackhole priority 221 protocol 220");
        using var a = new Gateway(net.A);
        Assert.Empty(TestNetwork.Run($"ip -n {net.A} route show table 220"));
        foreach (var family in new[] { "-4", "-6" }) Assert.DoesNotContain("220", TestNetwork.Run($"ip -n {net.A} {family} rule"));
    }

    [RootFact]
    public void What_a_crashed_process_took_stays_blocked_until_it_is_let_go()
    {
        using var net = Network();
        var (v4, v6) = (Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"], isTrap: true),
            Gateway.Policy(2, "192.0.2.1", "192.0.2.2", ["fd01::/16"], ["fd02::/16"], isTrap: true));
        PolicyParameters drop = Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.3.0/24"], ["10.4.0.0/16"]) with { Mode = ChildMode.Drop },
            pass = Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.3.0/24"], ["10.5.0.0/16"]) with { Mode = ChildMode.Pass };
        var crashed = new Gateway(net.A);
        foreach (var policy in (PolicyParameters[])[v4, v6, drop, pass]) Assert.Null(crashed.Plane.InstallPolicy(policy));
        crashed.Plane.Abandon();
        crashed.Sockets.Dispose();
        Assert.Contains("10.2.0.0/16 dev ipsec0", TestNetwork.Run($"ip -n {net.A} route show table 220"));
        Assert.Contains("fd02::/16 dev ipsec0", TestNetwork.Run($"ip -n {net.A} -6 route show table 220"));

        // The next one reads the same device, and packets still go into it, whatever becomes of their source.
        using var next = new Gateway(net.A);
        using var wire = next.Watch();
        Assert.Equal("ipsec0", next.Plane.DeviceName);
        Assert.True(next.Plane.HasLeft);
        Assert.False(Reaches(net.A, "10.1.0.1", "10.2.0.1"));
        Assert.Empty(wire.Kinds());
        foreach (var policy in (PolicyParameters[])[v4, drop]) Assert.Null(next.Plane.InstallPolicy(policy));
        foreach (var left in (string[])["10.4.0.0/16", "10.5.0.0/16"]) Assert.Contains(left, TestNetwork.Run($"ip -n {net.A} rule"));
        next.Plane.Release();
        Assert.False(next.Plane.HasLeft);
        Assert.Contains("10.2.0.0/16 dev ipsec0", TestNetwork.Run($"ip -n {net.A} route show table 220"));
        Assert.DoesNotContain("fd02", TestNetwork.Run($"ip -n {net.A} -6 route show table 220"));
        Assert.Contains("10.4.0.0/16", TestNetwork.Run($"ip -n {net.A} rule"));
        Assert.DoesNotContain("10.5.0.0/16", TestNetwork.Run($"ip -n {net.A} rule"));
        Assert.Empty(next.Warnings);
    }

    [RootFact]
    public void What_a_crashed_process_left_can_be_removed_and_nothing_of_one_that_lives()
    {
        using var net = Network();
        var (policy, drop) = (Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"]), Gateway.Policy(0, "192.0.2.1", "192.0.2.2", ["10.1.3.0/24"], ["10.4.0.0/16"]) with { Mode = ChildMode.Drop });
        var crashed = new Gateway(net.A);
        Assert.Null(crashed.Plane.InstallPolicy(policy));
        Assert.Null(crashed.Plane.InstallPolicy(drop));
        Assert.False(TestNetwork.Enter(net.A, () => TunDataPlane.RemoveLeft(new(), UdpSocketOptions.DefaultMark, null)));
        Assert.Contains("10.2.0.0/16 dev ipsec0", TestNetwork.Run($"ip -n {net.A} route show table 220"));
        crashed.Plane.Abandon();
        crashed.Sockets.Dispose();
        Assert.True(TestNetwork.Enter(net.A, () => TunDataPlane.RemoveLeft(new(), UdpSocketOptions.DefaultMark, null)));
        Assert.DoesNotContain("ipsec", TestNetwork.Run($"ip -n {net.A} -o link"));
        foreach (var family in new[] { "-4", "-6" })
        {
            Assert.DoesNotContain("220", TestNetwork.Run($"ip -n {net.A} {family} rule"));
            Assert.DoesNotContain("blackhole", TestNetwork.Run($"ip -n {net.A} {family} rule"));
        }
    }

    [RootFact]
    public void A_taken_name_gives_the_next_one()
    {
        using var net = Network();
        TestNetwork.Run($"ip -n {net.A} tuntap add ipsec0 mode tun");
        using var a = new Gateway(net.A, new() { Mtu = 1300 });
        Assert.Equal("ipsec1", a.Plane.DeviceName);
        Assert.Contains("mtu 1300", TestNetwork.Run($"ip -n {net.A} link show ipsec1"));
    }

    [RootFact]
    public void Nothing_leaves_in_clear_without_an_sa_and_a_trap_asks_for_one()
    {
        using var net = Network();
        using var a = new Gateway(net.A);
        using var b = new Gateway(net.B);
        using var wire = a.Watch();
        Assert.Null(a.Plane.InstallPolicy(Gateway.Policy(7, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"], isTrap: true)));
        Assert.False(Reaches(net.A, "10.1.0.1", "10.2.0.1"));
        Assert.True(a.Acquires.TryTake(out var acquire, 10_000));
        Assert.Equal(7u, acquire.Reqid);
        Assert.True(acquire.Remote.Contains(Address.Parse("10.2.0.1")));
        Assert.Empty(wire.Kinds());
    }

    [RootFact]
    public void A_strict_return_path_is_warned_of_where_it_would_drop()
    {
        using var net = Network();
        TestNetwork.In(net.A, "sysctl -qw net.ipv4.conf.wire.rp_filter=1");
        using var a = new Gateway(net.A);
        Assert.Null(a.Plane.InstallPolicy(Gateway.Policy(1, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["10.2.0.0/16"])));
        Assert.Empty(a.Warnings);
        // rp_filter files are those of the calling thread's namespace.
        TestNetwork.Enter(net.A, () => Assert.Null(a.Plane.InstallPolicy(Gateway.Policy(2, "192.0.2.1", "192.0.2.2", ["10.1.0.0/16"], ["0.0.0.0/0"]))));
        Assert.True(a.Warnings.TryTake(out var warning));
        Assert.Contains("net.ipv4.conf.wire.rp_filter", warning);
    }
}
