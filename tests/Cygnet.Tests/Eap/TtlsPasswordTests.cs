// EAP-TTLS with a password of the client's own, without EAP inside: PAP and MS-CHAP-V2. RFC 5281 11.2.4 and 11.2.5.
using System.Text;
using Cygnet.Crypto;
using Cygnet.Eap;
using Cygnet.Eap.Methods;
using Cygnet.Eap.Tls;

namespace Cygnet.Tests.Eap;

public sealed class TtlsPasswordTests
{
    const string User = EapBench.Client;

    // A client of the test's own, up to the end of the handshake; then it says that inside.
    static EapStep Say(Func<TlsSession, IEnumerable<Avp>> inside, Action<TlsSession>? afterwards = null, EapBench? bench = null)
    {
        bench ??= new("eap-ttls");
        using var server = bench.NewServer();
        using var session = TlsSession.Create(new(false, TlsVersion.Tls12, TlsVersion.Tls12, null, false, [], _ => true), out _)!;
        var framing = new TlsFraming(EapType.Ttls, new() { FragmentSize = 60000, MaxMessageCount = 0 }, isServer: false);
        var step = server.Next((byte[])[2, server.First().Packet![1], 0, (byte)(5 + User.Length), 1, .. Encoding.ASCII.GetBytes(User)]);
        while (step.Outcome == EapOutcome.Continue)
        {
            var request = EapPacket.TryParse(step.Packet!, out _)!;
            byte[] data;
            switch (framing.Receive(request.Data.Span, out _))
            {
                case TlsFrame.Piece: data = TlsFraming.AcknowledgementData; break;
                case TlsFrame.Start:
                    session.Receive([]);
                    data = framing.Send(session.TakeOutput());
                    break;
                default:
                    session.Receive(framing.Flight);
                    if (session.IsEstablished)
                    {
                        foreach (var avp in inside(session)) session.Write(avp.ToBytes());
                        step = server.Next(request.Respond(EapType.Ttls, framing.Send(session.TakeOutput())));
                        if (step.Outcome != EapOutcome.Continue) return step;
                        request = EapPacket.TryParse(step.Packet!, out _)!;
                        framing.Receive(request.Data.Span, out _);
                        session.Receive(framing.Flight);
                        afterwards?.Invoke(session);
                        return server.Next(request.Respond(EapType.Ttls, TlsFraming.AcknowledgementData));
                    }
                    data = framing.Send(session.TakeOutput());
                    break;
            }
            step = server.Next(request.Respond(EapType.Ttls, data));
        }
        return step;
    }

    static Avp Name => new(Avp.UserName, 0, Encoding.ASCII.GetBytes(User));

    [Theory]
    [InlineData(EapBench.Password, true)]
    [InlineData(EapBench.Password + "\0\0\0", true)]
    [InlineData("wrong", false)]
    [InlineData("", false)]
    public void PAP_takes_the_password(string password, bool isRight)
    {
        var step = Say(_ => [Name, new(Avp.UserPassword, 0, Encoding.ASCII.GetBytes(password))]);
        Assert.Equal(isRight ? EapOutcome.Success : EapOutcome.Failure, step.Outcome);
        Assert.Equal(isRight ? 64 : null, step.Msk?.Length);
        if (isRight) Assert.Equal(User, step.Identity!.ToString());
    }

    static IEnumerable<Avp> MsChap(TlsSession session, string password, bool ownChallenge)
    {
        var keys = session.Export("ttls challenge"u8, null, 17);
        var challenge = ownChallenge ? new byte[16] : keys[..16];
        byte[] peer = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        var hash = MsChapV2.ChallengeHash(peer, challenge, Encoding.ASCII.GetBytes(User));
        var nt = MsChapV2.ChallengeResponse(hash, MsChapV2.NtPasswordHash(Encoding.ASCII.GetBytes(password)));
        return [Name, new(Avp.MsChapChallenge, Avp.Microsoft, challenge), new(Avp.MsChap2Response, Avp.Microsoft, [keys[16], 0, .. peer, .. new byte[8], .. nt])];
    }

    [Fact]
    public void MS_CHAP_V2_proves_both_sides()
    {
        byte[] answer = [];
        var step = Say(s => MsChap(s, EapBench.Password, false), s => answer = s.TakeData());
        Assert.Equal(EapOutcome.Success, step.Outcome);
        var avp = Assert.Single(Avp.ReadAll(answer, out _)!);
        Assert.Equal((Avp.MsChap2Success, Avp.Microsoft), (avp.Code, avp.Vendor));
        Assert.StartsWith("S=", Encoding.ASCII.GetString(avp.Value.AsSpan(1)));
    }

    [Fact]
    public void MS_CHAP_V2_is_refused_with_a_wrong_password_or_a_challenge_of_the_clients_own()
    {
        Assert.Equal(EapOutcome.Failure, Say(s => MsChap(s, "wrong", false)).Outcome);
        Assert.Contains("challenge that is not that of the keys", Say(s => MsChap(s, EapBench.Password, true)).Reason);
    }

    [Fact]
    public void A_name_alone_is_not_enough()
    {
        Assert.Equal(EapOutcome.Failure, Say(_ => [Name]).Outcome);
        Assert.Equal(EapOutcome.Failure, Say(_ => [new(Avp.UserPassword, 0, Encoding.ASCII.GetBytes(EapBench.Password))]).Outcome);
        Assert.Equal(EapOutcome.Failure, Say(_ => []).Outcome);
    }

    [Fact]
    public void Where_a_certificate_is_wanted_a_password_does_not_do()
    {
        var d = new EapSettings();
        var bench = new EapBench("eap-ttls") { ServerSettings = d with { Ttls = d.Ttls with { RequestPeerAuth = true } } };
        // This client has no certificate: the handshake itself ends.
        Assert.Equal(EapOutcome.Failure, Say(_ => [Name, new(Avp.UserPassword, 0, Encoding.ASCII.GetBytes(EapBench.Password))], bench: bench).Outcome);
    }
}
