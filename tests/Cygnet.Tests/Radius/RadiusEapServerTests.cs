// EAP that passes through to a RADIUS server: the order of things, what is granted, and what ends it. RFC 3579 2.
using System.Text;
using Cygnet.Config;
using Cygnet.Eap;
using Cygnet.Policy;
using Cygnet.Radius;
using Cygnet.Tests.Config;
using Cygnet.Tests.Sim;

namespace Cygnet.Tests.Radius;

public sealed class RadiusEapServerTests
{
    static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    static readonly byte[] Challenge = [1, 5, 0, 8, 4, 1, 0xaa, 0xbb], Answer = [2, 5, 0, 8, 4, 1, 0xcc, 0xdd];

    readonly StubRadius _net = new(StubRadius.Server("a"));
    readonly List<RadiusPacket> _asked = [];

    static byte[] IdentityResponse(string name) => [2, 0, 0, (byte)(5 + name.Length), 1, .. Encoding.ASCII.GetBytes(name)];

    static RadiusSettings Settings(string text) =>
        RadiusSettings.Read(StrongswanSettings.Parse("/c", MemoryFiles.With("/c", $"charon {{\n plugins {{\n eap-radius {{\n{text}\n }}\n }}\n}}\n")));

    RadiusEapServer Server(string settings = "", Identity? eapId = null) => new(
        new(new() { Class = AuthClass.Eap, Method = "eap-radius", EapId = eapId }, new(), Identity.Parse("moon"), Identity.Parse("carol@example.org"),
            new(null!, null!, new SeededRandom(1), default, new()))
        { Sa = new(7, "rw", new(Address.Parse("192.0.2.1"), 4500), new(Address.Parse("198.51.100.9"), 1025)) },
        Settings(settings), _net, 1_700_000_000);

    /// <summary>A server that sends these replies, one after the other.</summary>
    void Script(params Func<RadiusPacket, byte[], byte[]>[] replies) => _net.Servers["a"] = (request, secret) =>
    {
        _asked.Add(request);
        return _asked.Count <= replies.Length ? replies[_asked.Count - 1](request, secret) : null;
    };

    static Func<RadiusPacket, byte[], byte[]> Reply(RadiusCode code, Action<RadiusAttributes>? fill = null, byte[]? eap = null) => (r, s) =>
    {
        var a = new RadiusAttributes();
        if (eap is not null) a.AddEap(eap);
        fill?.Invoke(a);
        return StubRadius.Reply(code, r, s, a);
    };

    static Func<RadiusPacket, byte[], byte[]> Accept(Action<RadiusAttributes>? fill = null) => (r, s) => StubRadius.Reply(RadiusCode.AccessAccept, r, s, Filled(fill, r, s));

    static RadiusAttributes Filled(Action<RadiusAttributes>? fill, RadiusPacket request, byte[] secret)
    {
        var a = new RadiusAttributes().AddEap([3, 5, 0, 4])
            .AddVendor(311, 17, MppeEncryption.Encrypt(Key, [0x80, 1], request.Authenticator, secret))
            .AddVendor(311, 16, MppeEncryption.Encrypt([.. Key.Reverse()], [0x80, 2], request.Authenticator, secret));
        fill?.Invoke(a);
        return a;
    }

    static Func<RadiusPacket, byte[], byte[]> Challenged => Reply(RadiusCode.AccessChallenge, a => a.Add(RadiusType.State, "remember"), Challenge);

    string? Text(int request, RadiusType type) => _asked[request].First(type) is { } a ? Encoding.UTF8.GetString(a.Value.Span) : null;

    async Task<EapStep> Succeed(string settings, Action<RadiusAttributes> fill)
    {
        Script(Challenged, Accept(fill));
        var server = Server(settings);
        await server.Begin();
        return await server.Receive(Answer);
    }

    [Fact]
    public async Task TheWholeConversation()
    {
        Script(Challenged, Accept());
        var server = Server(eapId: Identity.Any);
        var step = await server.Begin();
        Assert.Equal(EapOutcome.Continue, step.Outcome);
        Assert.Equal(new byte[] { 1, 0, 0, 5, 1 }, step.Packet);
        Assert.Empty(_asked);

        step = await server.Receive(IdentityResponse("dave"));
        Assert.Equal(Challenge, step.Packet);
        Assert.Equal(["received EAP identity 'dave'", "initiating EAP_MD5 method (id 0x05)"], step.Lines.ToArray());
        Assert.Equal("dave", Text(0, RadiusType.UserName));
        Assert.Equal(IdentityResponse("dave"), _asked[0].EapMessage());
        Assert.Null(_asked[0].First(RadiusType.State));
        Assert.Equal(Address.Parse("192.0.2.1"), _asked[0].First(RadiusType.NasIpAddress)!.Value.Address);
        Assert.Equal(7u, _asked[0].First(RadiusType.NasPort)!.Value.Number);
        Assert.Equal("rw", Text(0, RadiusType.NasPortId));
        Assert.Equal("192.0.2.1[4500]", Text(0, RadiusType.CalledStationId));
        Assert.Equal("198.51.100.9[1025]", Text(0, RadiusType.CallingStationId));
        Assert.Null(_asked[0].First(RadiusType.AcctSessionId));

        step = await server.Receive(Answer);
        Assert.Equal("remember", Text(1, RadiusType.State));
        Assert.Equal("dave", Text(1, RadiusType.UserName));
        Assert.Equal(Answer, _asked[1].EapMessage());
        Assert.Equal(EapOutcome.Success, step.Outcome);
        Assert.Equal(new byte[] { 3, 5, 0, 4 }, step.Packet);
        Assert.Equal([.. Key, .. Key.Reverse()], step.Msk!);
        Assert.Equal(EapType.Md5, step.Type);
        Assert.Equal("dave", step.Identity!.ToString());
        Assert.Equal(["RADIUS authentication of 'dave' successful", "EAP method EAP_MD5 succeeded, MSK established"], step.Lines.ToArray());
        Assert.Equal(EapOutcome.Failure, (await server.Receive(Answer)).Outcome);
    }

    [Fact]
    public async Task WithoutAskingTheIkeIdentityCounts()
    {
        Script(Challenged);
        var step = await Server("id_prefix = \"pre-\"\naccounting = yes\nstation_id_with_port = no").Begin();
        Assert.Equal(Challenge, step.Packet);
        Assert.Equal("pre-carol@example.org", Text(0, RadiusType.UserName));
        Assert.Equal(IdentityResponse("pre-carol@example.org"), _asked[0].EapMessage());
        Assert.Equal("1700000000-7", Text(0, RadiusType.AcctSessionId));
        Assert.Equal("198.51.100.9", Text(0, RadiusType.CallingStationId));
    }

    [Fact]
    public async Task EapStartLeavesTheIdentityToTheServer()
    {
        Script(Reply(RadiusCode.AccessChallenge, null, [1, 1, 0, 5, 1]), Challenged, Accept());
        var server = Server("eap_start = yes");
        Assert.Equal(new byte[] { 1, 1, 0, 5, 1 }, (await server.Begin()).Packet);
        Assert.Empty(_asked[0].EapMessage()!);
        byte[] identity = IdentityResponse("carol");
        identity[1] = 1;
        Assert.Equal(Challenge, (await server.Receive(identity)).Packet);
        Assert.Equal(identity, _asked[1].EapMessage());
        Assert.Equal(EapOutcome.Success, (await server.Receive(Answer)).Outcome);
    }

    [Fact]
    public async Task WhatIsGrantedIsHandedOn()
    {
        var step = await Succeed("class_group = yes\naccounting_send_class = yes", a => a
            .Add(RadiusType.SessionTimeout, 3600).Add(RadiusType.AcctInterimInterval, 90)
            .Add(RadiusType.FramedIpAddress, Address.Parse("10.3.0.1")).Add(RadiusType.FramedIpv6Address, Address.Parse("fec3::1"))
            .Add(RadiusType.FramedIpNetmask, Address.Parse("255.255.0.0"))
            .Add(RadiusType.Class, "Research").Add(RadiusType.Class, [1, 2, 3])
            .AddVendor(311, 28, [192, 0, 2, 53]).AddVendor(311, 30, [192, 0, 2, 42]).AddVendor(3076, 6, [192, 0, 2, 54])
            .Add(RadiusType.DnsServerIpv6Address, Address.Parse("2001:db8::53")).Add(RadiusType.UserName, "carol.real"));
        var grant = step.Grant!;
        Assert.Equal(TimeSpan.FromHours(1), grant.AuthLifetime);
        Assert.Equal(TimeSpan.FromSeconds(90), grant.InterimInterval);
        Assert.Equal([Address.Parse("10.3.0.1"), Address.Parse("fec3::1")], grant.Addresses.ToArray());
        Assert.Equal(Address.Parse("255.255.0.0"), grant.Netmask);
        Assert.Equal(["192.0.2.53", "192.0.2.54", "2001:db8::53"], grant.Dns.Select(d => d.ToString()));
        Assert.Equal(["192.0.2.42"], grant.Nbns.Select(d => d.ToString()));
        Assert.Equal(["Research"], grant.Groups.ToArray());
        Assert.Equal(2, grant.Classes.Length);
        Assert.Equal("carol.real", grant.UserName);
        Assert.Contains("received group membership 'Research' from RADIUS", step.Lines);
    }

    [Fact]
    public async Task NothingIsGrantedThatWasNotAskedForOrIsNoValue()
    {
        var grant = (await Succeed("", a => a.Add(RadiusType.Class, "Research").Add(RadiusType.FilterId, "x").Add(RadiusType.TunnelType, 9).Add(RadiusType.SessionTimeout, [1, 2])
            .Add(RadiusType.FramedIpAddress, 0xffffffff).Add(RadiusType.FramedIpAddress, 0xfffffffe).Add(RadiusType.FramedIpAddress, [10, 0, 0]).Add(RadiusType.FramedIpNetmask, 0xffffffff))).Grant!;
        Assert.Empty(grant.Groups);
        Assert.Empty(grant.Classes);
        Assert.Empty(grant.Addresses);
        Assert.Null(grant.AuthLifetime);
        Assert.Null(grant.Netmask);
        Assert.Null(grant.UserName);
    }

    [Theory]
    [InlineData(9u, true)]
    [InlineData(0x05000009u, true)] // with a tag
    [InlineData(3u, false)]
    public async Task FilterIdIsAGroupIfTheTunnelIsEsp(uint tunnel, bool counts)
    {
        var step = await Succeed("filter_id = yes", a => a.Add(RadiusType.FilterId, "sales").Add(RadiusType.TunnelType, tunnel));
        Assert.Equal(counts ? new[] { "sales" } : [], step.Grant!.Groups.ToArray());
        Assert.Contains("received RADIUS attribute Filter-Id: 'sales'", step.Lines);
    }

    [Fact]
    public async Task ARejectionSaysWhy()
    {
        Script(Challenged, Reply(RadiusCode.AccessReject, a => a.Add(RadiusType.ReplyMessage, "not \u001b today"), [4, 9, 0, 4]));
        var server = Server();
        await server.Begin();
        var step = await server.Receive(Answer);
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Equal(new byte[] { 4, 9, 0, 4 }, step.Packet);
        Assert.Equal("RADIUS server 'a' rejects 'carol@example.org': not ? today", step.Reason);
        Assert.Contains("RADIUS authentication of 'carol@example.org' failed", step.Lines);
        Assert.Equal(step.Reason, (await server.Receive(Answer)).Reason);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task AServerThatAcceptsBeforeAnyChallengeIsNotBelieved()
    {
        Script(Accept());
        var step = await Server().Begin();
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Null(step.Msk);
        Assert.Contains("accepts without authentication", step.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContradictionsOfTheServerAreFailures()
    {
        Script(Challenged, Reply(RadiusCode.AccessAccept, null, [4, 5, 0, 4]));
        var server = Server();
        await server.Begin();
        Assert.Contains("Access-Accept that says EAP code 4", (await server.Receive(Answer)).Reason, StringComparison.Ordinal);
        foreach (var eap in (byte[]?[])[null, [3, 5, 0, 4], [2, 5, 0, 5, 4], [1, 5, 0, 9, 4], [1]])
        {
            _asked.Clear();
            Script(Reply(RadiusCode.AccessChallenge, null, eap));
            Assert.Equal(EapOutcome.Failure, (await Server().Begin()).Outcome);
        }
    }

    [Fact]
    public async Task ASilentServerIsAFailureWithAReason()
    {
        var step = await Server().Begin();
        Assert.Equal(EapOutcome.Failure, step.Outcome);
        Assert.Equal(new byte[] { 4, 0, 0, 4 }, step.Packet);
        Assert.Contains("no RADIUS server answered", step.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoAnswerToTheOpenRequestNeverReachesTheServer()
    {
        foreach (var packet in (byte[][])[[], [2], [2, 5, 0, 9, 4], [2, 5, 0, 4], [1, 5, 0, 8, 4, 1, 0, 0], [3, 5, 0, 4], [2, 6, 0, 8, 4, 1, 0, 0]])
        {
            _asked.Clear();
            Script(Challenged, Accept());
            var server = Server();
            await server.Begin();
            Assert.Equal(EapOutcome.Failure, (await server.Receive(packet)).Outcome);
            Assert.Single(_asked);
        }
        // a packet that no RADIUS packet can hold, and a name that no attribute can
        _asked.Clear();
        Script(Challenged, Accept());
        var other = Server();
        await other.Begin();
        Assert.Contains("longer", (await other.Receive(new byte[] { 2, 5, 0x10, 0, 4 }.Concat(new byte[0x1000 - 5]).ToArray())).Reason, StringComparison.Ordinal);
        var asking = Server(eapId: Identity.Any);
        await asking.Begin();
        Assert.Contains("longer", (await asking.Receive(new byte[] { 2, 0, 1, 4, 1 }.Concat(Enumerable.Repeat((byte)'a', 255)).ToArray())).Reason, StringComparison.Ordinal);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task SelectedAttributesAreForwardedToThePeer()
    {
        var step = await Succeed("forward {\n radius_to_ike = Reply-Message, 36906:12, nonsense\n}", a => a
            .Add(RadiusType.ReplyMessage, "hi").AddVendor(36906, 12, [7]).AddVendor(36906, 13, [8]).Add(RadiusType.Class, "no"));
        Assert.Equal([(byte[])[18, 4, (byte)'h', (byte)'i'], [26, 9, 0, 0, 0x90, 0x2a, 12, 3, 7]], step.Notifies.ToArray());
    }

    [Fact]
    public async Task AClassThatIsLongHasAnotherPurpose()
    {
        var step = await Succeed("class_group = yes", a => a.Add(RadiusType.Class, new string('a', 44)).Add(RadiusType.Class, new string('b', 43)).Add(RadiusType.Class, new string('b', 43)));
        Assert.Equal([new string('b', 43)], step.Grant!.Groups.AsEnumerable());
    }
}
