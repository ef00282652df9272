// The client of a method on top of TLS: fragments, handshake, alerts. RFC 5216 2.1, RFC 5281 7.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

/// <summary>EAP-TLS, TTLS and PEAP begin alike. What follows the handshake, the method itself says.</summary>
abstract class TlsPeerMethod(MethodContext context, EapTlsSettings settings) : PeerMethod(context)
{
    TlsChannel? _tls;
    EapPacket? _held; // the request that is to be answered once revocation is known

    public override bool IsMutual => true;

    public override int Microseconds => Tls.Microseconds;

    public override string? Refusal => Tls.Doom;

    protected TlsSession? Session => Tls.Session;

    protected bool IsEstablished => Tls.IsEstablished;

    // the type is the derived class's to say
    TlsChannel Tls => _tls ??= new(new(Type, settings, isServer: false), "server", Log);

    TlsFraming Framing => Tls.Framing;

    public override MethodStep Process(EapPacket request)
    {
        // An alert of ours is out: nothing that comes after it counts.
        if (Tls.Doom is { } doom) return MethodStep.Fail(doom);
        if (_held is not null) return MethodStep.Fail("a request before the last one was answered");
        switch (Framing.Receive(request.Data.Span, out var reason))
        {
            case TlsFrame.Start: return Start(request);
            case TlsFrame.Piece: return Acknowledge(request);
            case TlsFrame.Acknowledgement when Framing.HasMore: return MethodStep.Send(request.Respond(Type, Framing.Next()));
            case TlsFrame.Acknowledgement: return MethodStep.Fail($"an empty {Type} request");
            case TlsFrame.Message: return OnFlight(request, Framing.Flight);
            default:
                Log(reason);
                return MethodStep.Fail(reason);
        }
    }

    MethodStep Start(EapPacket request)
    {
        var all = Context.Surroundings.Settings;
        var constraints = Context.Own.AaaId is null ? Context.Other
            // Another server than the one of IKE: what is configured for that one's certificate is not about this one.
            : new AuthRound { Id = Context.Own.AaaId, IsIdLoose = true, Revocation = Context.Other.Revocation };
        var credential = Context.Surroundings.Credentials.PrivateKeyFor(Context.Own, Context.Peer, []);
        // Who does not have to show a certificate, shows none that libssl cannot sign for.
        if (!NeedsCertificate && credential?.Key is not SoftwareKey) credential = null;
        if (credential is null && NeedsCertificate) return MethodStep.Fail($"no private key found for '{Context.Peer}'; 'leftcert=' must name a certificate whose key a line in ipsec.secrets loads");
        var trust = new TlsTrust(Context, Context.Server, constraints, "server");
        var reason = Tls.Open(new(IsServer: false, all.TlsMinimum, all.TlsMaximum, credential, AsksForCertificate: false, [],
            received => trust.Judge(received) != TlsVerdict.Refused), trust);
        return reason is not null ? MethodStep.Fail(reason) : OnFlight(request, []);
    }

    protected virtual bool NeedsCertificate => false;

    MethodStep OnFlight(EapPacket request, byte[] flight) => Answer(request, (established, data) => Tls.Receive(flight, established, data));

    public override MethodStep Resume()
    {
        if (_held is not { } request) return base.Resume();
        _held = null;
        var step = Answer(request, Tls.Resume);
        return Tls.Doom is { } doom ? MethodStep.Fail(doom) : step;
    }

    MethodStep Answer(EapPacket request, Action<Action<bool>, Func<byte[], bool>> receive)
    {
        var session = Session!;
        string? why = null;
        receive(hasData => OnEstablished(session, serverBegins: hasData), data => (why = OnData(session, data, request)) is null);
        if (why is not null) return MethodStep.Fail(why);
        if (Tls.IsPending)
        {
            _held = request;
            return MethodStep.Pending;
        }
        // What is to be sent is an alert perhaps, or nothing: then the packet is an acknowledgement.
        var output = session.TakeOutput();
        return output.Length > 0 ? MethodStep.Send(request.Respond(Type, Framing.Send(output))) : Acknowledge(request);
    }

    MethodStep Acknowledge(EapPacket request) => MethodStep.Send(request.Respond(Type, TlsFraming.AcknowledgementData));

    /// <summary>The server is authenticated; the client may speak first, unless the server has.</summary>
    protected virtual void OnEstablished(TlsSession session, bool serverBegins)
    {
    }

    /// <summary>What the server sent inside; null, or why that is the end.</summary>
    protected abstract string? OnData(TlsSession session, byte[] data, EapPacket request);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _tls?.Dispose();
    }
}
