// Which server is asked, what is repeated, which replies are believed. RFC 2865 2.4, 3; RFC 3579 3.2; CVE-2024-3596.
using Cygnet.Ike;
using Cygnet.Radius;

namespace Cygnet.Tests.Radius;

public sealed class RadiusClientTests
{
    static RadiusAttributes Hello => new RadiusAttributes().Add(RadiusType.UserName, "carol").AddEap([2, 0, 0, 5, 1]);

    static RadiusReply? Ask(StubRadius net, RadiusCode code = RadiusCode.AccessRequest, string? server = null) => net.Ask(code, Hello, server);

    [Fact]
    public void AnAnswerEndsTheRequest()
    {
        var net = new StubRadius(StubRadius.Server("a")) { Servers = { ["a"] = (r, s) => StubRadius.Reply(RadiusCode.AccessChallenge, r, s) } };
        Assert.Equal(RadiusCode.AccessChallenge, Ask(net)!.Packet.Code);
        Assert.Equal(["sending RADIUS Access-Request to server 'a'", "received RADIUS Access-Challenge from server 'a'"], net.Lines);
        Assert.Equal(Instant.Never, net.Client.Deadline);
        Assert.True(RadiusPacket.TryParse(net.Sent[0].Datagram, out var request, out _));
        Assert.Equal("strongSwan"u8, request.First(RadiusType.NasIdentifier)!.Value.Value.Span);
        Assert.Equal(true, RadiusAuthenticator.HasGoodMessageAuthenticator(request, request.Authenticator, StubRadius.Server("a").Secret));
    }

    [Fact]
    public void ASilentServerIsAskedAgainWithTheSameBytesAndGrowingPatience()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        var began = net.Now.Milliseconds;
        Assert.Null(Ask(net));
        Assert.Equal([0, 2000, 4800, 8720], net.Sent.Select(s => s.At - began));
        Assert.Equal(14_208, net.Now.Milliseconds - began);
        Assert.Single(net.Sent.Select(s => Convert.ToHexString(s.Datagram)).Distinct());
        Assert.Equal("retransmit 1 of RADIUS Access-Request (timeout: 2.8s)", net.Lines[1]);
        Assert.Equal("RADIUS Access-Request timed out after 4 attempts", net.Lines[^1]);
        Assert.Equal(["a"], net.Reopened);
    }

    [Fact]
    public void TheNextServerIsAskedIfTheFirstIsSilentAndThenFirst()
    {
        var net = new StubRadius(StubRadius.Server("a", 20), StubRadius.Server("b", 10)) { Servers = { ["b"] = (r, s) => StubRadius.Reply(RadiusCode.AccessChallenge, r, s) } };
        Assert.Equal("b", Ask(net)!.Server);
        Assert.Equal(["a", "a", "a", "a", "b"], net.Sent.Select(s => s.Server));
        Assert.Equal("b", Ask(net)!.Server);
        Assert.Equal(6, net.Sent.Count);
        // after a while one request finds out whether it is back, and others do not wait for it
        net.Now += TimeSpan.FromSeconds(61);
        net.Servers["a"] = net.Servers["b"];
        Assert.Equal("a", Ask(net)!.Server);
        Assert.Equal("a", Ask(net)!.Server);
    }

    [Fact]
    public void AConversationStaysWithItsServer()
    {
        var net = new StubRadius(StubRadius.Server("a"), StubRadius.Server("b")) { Servers = { ["b"] = (r, s) => StubRadius.Reply(RadiusCode.AccessChallenge, r, s) } };
        Assert.Null(Ask(net, server: "a"));
        Assert.All(net.Sent, s => Assert.Equal("a", s.Server));
        Assert.Null(Ask(net, server: "no such server"));
    }

    [Fact]
    public void EqualServersShareTheRequests()
    {
        var net = new StubRadius(StubRadius.Server("a"), StubRadius.Server("b"));
        net.Servers["a"] = net.Servers["b"] = (r, s) => StubRadius.Reply(RadiusCode.AccessChallenge, r, s);
        var used = Enumerable.Range(0, 40).Select(_ => Ask(net)!.Server).Distinct();
        Assert.Equal(2, used.Count());
    }

    /// <summary>Blast-RADIUS, CVE-2024-3596: a Response Authenticator can be forged by who is in the middle, so that replies to EAP need more.</summary>
    [Theory]
    [InlineData(RadiusCode.AccessAccept)]
    [InlineData(RadiusCode.AccessReject)]
    [InlineData(RadiusCode.AccessChallenge)]
    public void Cve_2024_3596_a_reply_without_Message_Authenticator_is_not_believed(RadiusCode code)
    {
        var net = new StubRadius(StubRadius.Server("a")) { Servers = { ["a"] = (r, s) => StubRadius.Reply(code, r, s, withMessageAuthenticator: false) } };
        Assert.Null(Ask(net));
        Assert.Contains(net.Lines, l => l.EndsWith("ignored: RADIUS Message-Authenticator attribute missing", StringComparison.Ordinal));
    }

    [Fact]
    public void ForgedRepliesAreIgnoredAndTheTrueOneStillCounts()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        RadiusReply? got = null;
        net.Client.Begin(RadiusCode.AccessRequest, Hello, null, r => got = r, net.Now);
        Assert.True(RadiusPacket.TryParse(net.Sent[0].Datagram, out var request, out _));
        var channel = net.Client.Channels.First(c => c.Waiting > 0);
        var secret = StubRadius.Server("a").Secret;
        byte[] wrongMessageAuthenticator = StubRadius.Reply(RadiusCode.AccessAccept, request, secret);
        wrongMessageAuthenticator[30] ^= 1;
        wrongMessageAuthenticator[4..20].CopyTo(wrongMessageAuthenticator, 4);
        request.Authenticator.CopyTo(wrongMessageAuthenticator.AsSpan(4));
        System.Security.Cryptography.MD5.HashData([.. wrongMessageAuthenticator, .. secret]).CopyTo(wrongMessageAuthenticator, 4);
        var otherIdentifier = StubRadius.Reply(RadiusCode.AccessAccept, request, secret);
        otherIdentifier[1]++;
        foreach (var (forged, why) in new (byte[], string)[]
        {
            (StubRadius.Reply(RadiusCode.AccessAccept, request, [1, 2, 3]), "RADIUS Response-Authenticator verification failed"),
            (wrongMessageAuthenticator, "RADIUS Message-Authenticator verification failed"),
            (StubRadius.Reply(RadiusCode.AccountingResponse, request, secret), "it is no reply to Access-Request"),
            (otherIdentifier, "unexpected ID"),
            ([1, 2, 3], "received invalid RADIUS message"),
        })
        {
            net.Inject(channel, forged);
            Assert.Null(got);
            Assert.Contains(why, net.Lines[^1], StringComparison.Ordinal);
        }
        net.Inject(channel, StubRadius.Reply(RadiusCode.AccessAccept, request, secret));
        Assert.Equal(RadiusCode.AccessAccept, got!.Packet.Code);
        got = null;
        net.Inject(channel, StubRadius.Reply(RadiusCode.AccessAccept, request, secret));
        Assert.Null(got);
    }

    [Fact]
    public void AStrangersDatagramsDoNotFillTheLog()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        var channel = net.Client.Channels.First();
        for (var i = 0; i < 1000; i++) net.Inject(channel, [0]);
        Assert.InRange(net.Lines.Count, 1, 20);
    }

    [Fact]
    public void AccountingGoesToItsOwnChannelAndNeedsNoMessageAuthenticator()
    {
        var net = new StubRadius(StubRadius.Server("a")) { Servers = { ["a"] = (r, s) => StubRadius.Reply(RadiusCode.AccountingResponse, r, s, withMessageAuthenticator: false) } };
        Assert.Equal(RadiusCode.AccountingResponse, Ask(net, RadiusCode.AccountingRequest)!.Packet.Code);
        Assert.True(RadiusPacket.TryParse(net.Sent[0].Datagram, out var request, out _));
        Assert.True(RadiusAuthenticator.IsRequest(request, StubRadius.Server("a").Secret));
    }

    [Fact]
    public void MoreRequestsThanIdentifiersWaitForTheirTurn()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        var ended = 0;
        for (var i = 0; i < 300; i++) net.Client.Begin(RadiusCode.AccessRequest, Hello, null, _ => ended++, net.Now);
        Assert.Equal(256, net.Sent.Count);
        Assert.Equal(256, net.Sent.Select(s => s.Datagram[1]).Distinct().Count());
        Assert.Equal(256, net.Sent.Select(s => Convert.ToHexString(s.Datagram[4..20])).Distinct().Count());
        var channel = net.Client.Channels.First(c => c.Waiting > 0);
        var secret = StubRadius.Server("a").Secret;
        for (var i = 0; i < 300; i++)
        {
            Assert.True(RadiusPacket.TryParse(net.Sent[i].Datagram, out var request, out _));
            net.Inject(channel, StubRadius.Reply(RadiusCode.AccessReject, request, secret));
        }
        Assert.Equal(300, ended);
        Assert.Equal(0, channel.Waiting);
    }

    [Fact]
    public void WhatWaitsIsAbandonedAtTheEnd()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        var ended = 0;
        for (var i = 0; i < 300; i++) net.Client.Begin(RadiusCode.AccessRequest, Hello, null, _ => ended++, net.Now);
        net.Client.Abandon();
        Assert.Equal(300, ended);
        Assert.Equal(Instant.Never, net.Client.Deadline);
    }

    [Fact]
    public void ARequestThatIsTooLongIsNotSent()
    {
        var net = new StubRadius(StubRadius.Server("a"));
        Assert.Null(net.Ask(RadiusCode.AccessRequest, new RadiusAttributes().AddEap(new byte[4096])));
        Assert.Empty(net.Sent);
    }
}
