// Settings of charon.plugins.eap-radius that a server sees: where it is asked and how, and where its own requests are taken. RFC 2865, 5176.
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Linux.Radius;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Charon.Tests;

public sealed class RadiusSettingTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static RadiusSettings Read(string lines)
    {
        using var conf = new WrittenConf($"plugins {{\n eap-radius {{\n{lines}\n }}\n }}");
        return conf.Conf.ToRadius();
    }

    static Socket Bound(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    }

    static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    [Fact]
    public async Task The_server_is_asked_as_the_settings_say()
    {
        using var server = Bound("127.0.0.3");
        var settings = Read($"server = 127.0.0.3\nport = {Port(server)}\nsecret = gv6URkSs\nnas_identifier = gate\nsockets = 3\nretransmit_timeout = 60");
        using var sockets = new RadiusSockets(settings.Servers, new SystemRandom(), _ => { });
        // Each waits for its answer, so that none frees a socket for the next.
        var asked = Enumerable.Range(0, 3).Select(n => sockets.Request(RadiusCode.AccessRequest, new RadiusAttributes().Add(RadiusType.UserName, $"user {n}"))).ToList();
        List<(RadiusPacket Packet, EndPoint From)> requests = [];
        var buffer = new byte[RadiusPacket.MaxBytes];
        while (requests.Count < 3)
        {
            var received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Patience);
            Assert.True(RadiusPacket.TryParse(buffer.AsSpan(0, received.ReceivedBytes), out var packet, out var reason), reason);
            requests.Add((packet, received.RemoteEndPoint));
        }
        Assert.Equal(3, requests.Select(r => r.From).Distinct().Count());
        foreach (var (packet, from) in requests)
        {
            Assert.True(RadiusAuthenticator.HasGoodMessageAuthenticator(packet, packet.Authenticator, "gv6URkSs"u8));
            Assert.Equal("gate", Encoding.UTF8.GetString(packet.First(RadiusType.NasIdentifier)!.Value.Value.Span));
            await server.SendToAsync(RadiusAuthenticator.Response(RadiusCode.AccessAccept, packet.Identifier, packet.Authenticator, new(), "gv6URkSs"u8, withMessageAuthenticator: true)!, from);
        }
        foreach (var reply in asked) Assert.Equal(RadiusCode.AccessAccept, (await reply.WaitAsync(Patience))!.Packet.Code);
    }

    [Fact]
    public async Task Its_requests_are_taken_where_the_settings_say()
    {
        int free;
        using (var taken = Bound("127.0.0.4")) free = Port(taken);
        var settings = Read($"dae {{\n enable = yes\n secret = x\n listen = 127.0.0.4\n port = {free}\n }}");
        using var door = DaeSocket.TryOpen(settings.Dae!, (datagram, _) => [.. datagram, 9], Assert.Fail);
        Assert.NotNull(door);
        using var client = Bound("127.0.0.1");
        await client.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.4"), free));
        await client.SendAsync(new byte[] { 1, 2 });
        var buffer = new byte[10];
        Assert.Equal([1, 2, 9], buffer[..await client.ReceiveAsync(buffer).WaitAsync(Patience)]);
        // Nobody is at the same port of another address: the host itself says so.
        using var astray = Bound("127.0.0.1");
        await astray.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.5"), free));
        await astray.SendAsync(new byte[] { 1, 2 });
        var refused = await Assert.ThrowsAsync<SocketException>(async () => await astray.ReceiveAsync(buffer).WaitAsync(Patience));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }
}
