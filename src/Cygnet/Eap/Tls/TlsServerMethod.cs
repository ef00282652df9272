// The server of a method on top of TLS: fragments, handshake, alerts. RFC 5216 2.1, RFC 5281 7.
using Cygnet.Pki;

namespace Cygnet.Eap.Tls;

/// <summary>EAP-TLS, TTLS and PEAP begin alike. What follows the handshake, the method itself says.</summary>
abstract class TlsServerMethod(MethodContext context, EapTlsSettings settings) : ServerMethod(context)
{
    TlsChannel? _tls;
    byte? _held; // the number of the request that is to follow once revocation is known

    public override bool IsMutual => true;

    public override int Microseconds => Tls.Microseconds;

    protected abstract bool AsksForCertificate { get; }

    // the type is the derived class's to say
    TlsChannel Tls => _tls ??= new(new(Type, settings, isServer: true), "client", Log);

    TlsFraming Framing => Tls.Framing;

    public override MethodStep Begin(byte id)
    {
        var all = Context.Surroundings.Settings;
        if (Context.Surroundings.Credentials.PrivateKeyFor(Context.Own, Context.Server, []) is not { Certificate: not null } credential)
            return MethodStep.Fail($"no certificate with a private key for '{Context.Server}', which {Type} needs; see 'leftcert='");
        IReadOnlyList<Certificate> cas = AsksForCertificate ? Context.Surroundings.Credentials.TrustAnchors(Context.Other) : [];
        var trust = new TlsTrust(Context, Context.Peer, Context.Other, "peer");
        var reason = Tls.Open(new(IsServer: true, all.TlsMinimum, all.TlsMaximum, credential, AsksForCertificate, cas, received => trust.Judge(received) != TlsVerdict.Refused), trust);
        return reason is not null ? MethodStep.Fail(reason) : MethodStep.Send(EapPacket.Request(id, Type, TlsFraming.StartData));
    }

    public override MethodStep Process(EapPacket response, byte nextId)
    {
        if (_held is not null) return MethodStep.Fail("a response before the next request");
        switch (Framing.Receive(response.Data.Span, out var reason))
        {
            case TlsFrame.Piece: return MethodStep.Send(EapPacket.Request(nextId, Type, TlsFraming.AcknowledgementData));
            case TlsFrame.Acknowledgement when Framing.HasMore: return MethodStep.Send(EapPacket.Request(nextId, Type, Framing.Next()));
            case TlsFrame.Acknowledgement when Tls.IsEstablished: return Take(OnAcknowledgement(Tls.Session!, nextId), nextId);
            case TlsFrame.Message when Tls.Doom is null: return OnFlight(Framing.Flight, nextId);
            case TlsFrame.Acknowledgement or TlsFrame.Message: return MethodStep.Fail(Tls.Doom ?? $"an empty {Type} response");
            default:
                Log(reason);
                return MethodStep.Fail(reason.Length > 0 ? reason : $"{Type}: a start from the client");
        }
    }

    MethodStep OnFlight(byte[] flight, byte nextId) => Answer(nextId, (established, data) => Tls.Receive(flight, established, data));

    public override MethodStep Resume()
    {
        if (_held is not { } nextId) return base.Resume();
        _held = null;
        return Answer(nextId, Tls.Resume);
    }

    MethodStep Answer(byte nextId, Action<Action<bool>, Func<byte[], bool>> receive)
    {
        var session = Tls.Session!;
        var step = GoOn;
        receive(_ => OnEstablished(session, nextId), data =>
        {
            step = OnData(session, data, nextId);
            return true;
        });
        if (Tls.IsPending)
        {
            _held = nextId;
            return MethodStep.Pending;
        }
        // an alert goes out before the end
        return Take(Tls.Doom is null ? step : GoOn, nextId);
    }

    // The method has written into the tunnel, or is at its end.
    MethodStep Take(MethodStep step, byte nextId)
    {
        if (step.Outcome != EapOutcome.Continue) return step;
        var output = Tls.Session!.TakeOutput();
        if (output.Length > 0) return step with { Packet = EapPacket.Request(nextId, Type, Framing.Send(output)) };
        if (Tls.Doom is { } doom) return MethodStep.Fail(doom);
        // All was taken and nothing is to be said: the client has more.
        return step with { Packet = EapPacket.Request(nextId, Type, TlsFraming.AcknowledgementData) };
    }

    protected static MethodStep GoOn => MethodStep.Send([]);

    /// <summary>The handshake is over; the server may speak first.</summary>
    protected abstract void OnEstablished(TlsSession session, byte nextId);

    /// <summary>The client has taken all that was sent.</summary>
    protected abstract MethodStep OnAcknowledgement(TlsSession session, byte nextId);

    protected abstract MethodStep OnData(TlsSession session, byte[] data, byte nextId);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _tls?.Dispose();
    }
}
