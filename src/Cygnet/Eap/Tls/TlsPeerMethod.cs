// The client of a method on top of TLS: fragments, handshake, alerts. RFC 5216 2.1, RFC 5281 7.
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Eap.Tls;

/// <summary>EAP-TLS, TTLS and PEAP begin alike. What follows the handshake, the method itself says.</summary>
abstract class TlsPeerMethod(MethodContext context, EapTlsSettings settings) : PeerMethod(context)
{
    TlsFraming? _framing;
    bool _wasEstablished;
    string? _doom;

    public override bool IsMutual => true;

    public override int Microseconds => _wasEstablished ? 80 : 4000;

    public override string? Refusal => _doom;

    protected TlsSession? Session { get; private set; }

    protected bool IsEstablished => _doom is null && _wasEstablished;

    TlsFraming Framing => _framing ??= new(Type, settings, isServer: false);

    public override MethodStep Process(EapPacket request)
    {
        // An alert of ours is out: nothing that comes after it counts.
        if (_doom is not null) return MethodStep.Fail(_doom);
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
            : new AuthRound { Id = Context.Own.AaaId, Revocation = Context.Other.Revocation };
        var credential = Context.Surroundings.Credentials.PrivateKeyFor(Context.Own, Context.Peer, []);
        // Who does not have to show a certificate, shows none that libssl cannot sign for.
        if (!NeedsCertificate && credential?.Key is not SoftwareKey) credential = null;
        if (credential is null && NeedsCertificate) return MethodStep.Fail($"no private key found for '{Context.Peer}'; 'leftcert=' must name a certificate whose key a line in ipsec.secrets loads");
        Session = TlsSession.Create(new(IsServer: false, all.TlsMinimum, all.TlsMaximum, credential, AsksForCertificate: false, [],
            received => TlsTrust.Accepts(Context, Context.Server, constraints, received, "server")), out var reason);
        return Session is null ? MethodStep.Fail(reason) : OnFlight(request, []);
    }

    protected virtual bool NeedsCertificate => false;

    MethodStep OnFlight(EapPacket request, byte[] flight)
    {
        var session = Session!;
        session.Receive(flight);
        var data = session.TakeData();
        if (session.Error is null && session.IsEstablished)
        {
            if (!_wasEstablished)
            {
                _wasEstablished = true;
                Log($"negotiated {TlsNames.Of(session.Version)} using suite {session.Suite}");
                OnEstablished(session, serverBegins: data.Length > 0);
            }
            if (data.Length > 0 && OnData(session, data, request) is { } why) return MethodStep.Fail(why);
        }
        if (session.Error is { } error)
        {
            _doom = $"TLS with the server failed: {error}";
            Log(_doom);
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
        if (disposing) Session?.Dispose();
    }
}
