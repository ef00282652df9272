// Requests to end or change a session: from whom, about whom, and what is answered. RFC 5176.
using System.Text;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Tests.Radius;

public sealed class DaeServerTests
{
    static readonly byte[] Secret = "shared"u8.ToArray();
    static readonly Endpoint Client = new(Address.Parse("10.1.0.10"), 40000);
    static readonly DateTimeOffset Clock = DateTimeOffset.FromUnixTimeSeconds(1_750_000_000);

    readonly SessionsScene _scene = new("accounting = yes\nfilter_id = yes\nservers {\n a {\n address = 10.1.0.10\n secret = x\n nas_identifier = gate\n }\n}");
    readonly DaeServer _door;
    readonly List<string> _lines = [];

    public DaeServerTests()
    {
        _door = new(new() { Secret = Secret }, _scene.Sessions, _lines.Add);
        _scene.Establish(1, vips: Address.Parse("10.3.0.1"));
        _scene.Establish(2, "dave", null, Address.Parse("10.3.0.2"), Address.Parse("fec3::2"));
        _scene.Establish(3, vips: Address.Parse("10.3.0.3"));
    }

    static byte[] Request(RadiusCode code, RadiusAttributes attributes, byte id = 1, byte[]? secret = null, bool signed = false) =>
        RadiusAuthenticator.Request(code, id, attributes, secret ?? Secret, signed)!;

    DaeVerdict? Send(byte[] datagram, Endpoint? from = null, bool isClient = true) =>
        _door.Receive(datagram, from ?? Client, isClient, a => a == Address.Parse("192.0.2.1"), Clock, _scene.Now);

    DaeVerdict? Disconnect(RadiusAttributes attributes) => Send(Request(RadiusCode.DisconnectRequest, attributes));

    RadiusPacket Reply(DaeVerdict? verdict, byte[] request)
    {
        Assert.True(RadiusPacket.TryParse(verdict!.Reply, out var reply, out _));
        Assert.True(RadiusAuthenticator.IsResponseTo(reply, request.AsSpan(4, 16), Secret));
        Assert.Equal(true, RadiusAuthenticator.HasGoodMessageAuthenticator(reply, request.AsSpan(4, 16), Secret));
        Assert.Equal(request[1], reply.Identifier);
        return reply;
    }

    void Refuses(RadiusAttributes attributes, uint cause, RadiusCode code = RadiusCode.DisconnectRequest)
    {
        var request = Request(code, attributes);
        var verdict = Send(request);
        Assert.Empty(verdict!.Ikes);
        var reply = Reply(verdict, request);
        Assert.Equal(code == RadiusCode.CoaRequest ? RadiusCode.CoaNak : RadiusCode.DisconnectNak, reply.Code);
        Assert.Equal(cause, reply.First(RadiusType.ErrorCause)!.Value.Number);
    }

    [Fact]
    public void ADisconnectRequestEndsWhatMatches()
    {
        var request = Request(RadiusCode.DisconnectRequest, new RadiusAttributes().Add(RadiusType.UserName, "carol").Add(RadiusType.ProxyState, "p1").Add(RadiusType.ProxyState, "p2"), signed: true);
        var verdict = Send(request);
        Assert.True(verdict!.Disconnects);
        Assert.Equal([1, 3], verdict.Ikes.Order());
        var reply = Reply(verdict, request);
        Assert.Equal(RadiusCode.DisconnectAck, reply.Code);
        Assert.Equal(["p1", "p2"], reply.All(RadiusType.ProxyState).Select(a => Encoding.ASCII.GetString(a.Value.Span)));
        Assert.Equal(["received RADIUS DAE Disconnect-Request for carol from 10.1.0.10[40000]", "closing 2 IKE_SAs matching carol, sending Disconnect-ACK"], _lines);
        _scene.Reply();
        _scene.TakeDown(_scene.Up[1]);
        Assert.Equal((uint)TerminateCause.AdminReset, _scene.Number(_scene.Reports.Count - 1, RadiusType.AcctTerminateCause));
    }

    public static TheoryData<string, int[]> Matches => new()
    {
        { "44:1700000000-2", [2] }, { "1:carol 44:1700000000-2", [] }, { "1:carol 44:1700000000-3", [3] }, { "87:rw", [1, 2, 3] }, { "31:198.51.100.9[1025]", [1, 2, 3] },
        { "31:198.51.100.9", [] }, { "8=0a030003", [3] }, { "168=fec30000000000000000000000000002", [2] }, { "97=0080fec30000000000000000000000000002", [2] },
        { "5=00000002", [2] }, { "5=02", [] }, { "1:carol 4=c0000201 32:gate", [1, 3] }, { "1:Carol", [] }, { "1:", [] },
    };

    [Theory]
    [MemberData(nameof(Matches))]
    public void EveryAttributeHasToMatch(string attributes, int[] expected)
    {
        var a = new RadiusAttributes();
        foreach (var word in attributes.Split(' '))
        {
            var at = word.IndexOfAny([':', '=']);
            a.Add((RadiusType)byte.Parse(word[..at], null), word[at] == ':' ? Encoding.ASCII.GetBytes(word[(at + 1)..]) : Convert.FromHexString(word[(at + 1)..]));
        }
        if (expected.Length == 0) Refuses(a, 503);
        else Assert.Equal(expected, Disconnect(a)!.Ikes.Order());
    }

    [Fact]
    public void AChangeOfAuthorizationNamesWhatChanges()
    {
        var request = Request(RadiusCode.CoaRequest, new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.SessionTimeout, 120).Add(RadiusType.FilterId, "sales"));
        var verdict = Send(request);
        Assert.Equal([2], verdict!.Ikes.AsEnumerable());
        Assert.False(verdict.Disconnects);
        Assert.Equal(TimeSpan.FromMinutes(2), verdict.AuthLifetime);
        Assert.Equal(["sales"], verdict.Groups!.Value.AsEnumerable());
        Assert.Equal(RadiusCode.CoaAck, Reply(verdict, request).Code);
        Assert.Equal("applying 120s lifetime to 1 IKE_SA matching dave, sending CoA-ACK", _lines[^1]);
    }

    [Fact]
    public void RefusalsHaveTheirCause()
    {
        Refuses(new(), 402);
        Refuses(new RadiusAttributes().Add(RadiusType.EventTimestamp, (uint)Clock.ToUnixTimeSeconds()), 402);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave"), 402, RadiusCode.CoaRequest);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.SessionTimeout, 0), 407, RadiusCode.CoaRequest);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.SessionTimeout, 10), 401);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.ServiceType, 17), 405, RadiusCode.CoaRequest);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add((RadiusType)50, "multi"), 401);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.NasIpAddress, Address.Parse("192.0.2.99")), 403);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.NasIpAddress, [1]), 403);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "dave").Add(RadiusType.NasIdentifier, "other"), 403);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "erin"), 503);
        Refuses(new RadiusAttributes().Add(RadiusType.UserName, "erin").Add(RadiusType.SessionTimeout, 10), 503, RadiusCode.CoaRequest);
    }

    [Fact]
    public void WhatIsNotAuthenticGetsNoAnswer()
    {
        var a = new RadiusAttributes().Add(RadiusType.UserName, "carol");
        Assert.Null(Send(Request(RadiusCode.DisconnectRequest, a, secret: [1])));
        Assert.Null(Send(Request(RadiusCode.DisconnectRequest, a), isClient: false));
        Assert.Null(Send(Request(RadiusCode.AccountingRequest, a)));
        Assert.Null(Send([1, 2, 3]));
        var wrong = Request(RadiusCode.DisconnectRequest, a, signed: true);
        wrong[30] ^= 1;
        wrong.AsSpan(4, 16).Clear();
        System.Security.Cryptography.MD5.HashData([.. wrong, .. Secret]).CopyTo(wrong, 4);
        Assert.Null(Send(wrong));
        foreach (var stamp in (long[])[-301, 301])
            Assert.Null(Disconnect(new RadiusAttributes().AddAll(a).Add(RadiusType.EventTimestamp, (uint)(Clock.ToUnixTimeSeconds() + stamp))));
        Assert.NotNull(Disconnect(new RadiusAttributes().AddAll(a).Add(RadiusType.EventTimestamp, (uint)(Clock.ToUnixTimeSeconds() - 299))));
    }

    [Fact]
    public void ARepetitionIsAnsweredAndNothingDoneAgain()
    {
        var request = Request(RadiusCode.DisconnectRequest, new RadiusAttributes().Add(RadiusType.UserName, "carol"));
        var first = Send(request);
        _scene.TakeDown(_scene.Up[1]);
        var again = Send(request);
        Assert.Equal(first!.Reply, again!.Reply);
        Assert.Empty(again.Ikes);
        Assert.Equal("received retransmit of RADIUS Disconnect-Request, retransmitting Disconnect-ACK to 10.1.0.10[40000]", _lines[^1]);
        // from another port it is another request
        Assert.Equal([3], Send(request, Client with { Port = 40001 })!.Ikes.AsEnumerable());
    }

    [Fact]
    public void AStrangersDatagramsDoNotFillTheLog()
    {
        for (var i = 0; i < 1000; i++) Send([0]);
        Assert.InRange(_lines.Count, 1, 20);
    }
}
