// The client's side of requests: Identity, Notification, NAK and the method. RFC 3748 4.1, 5.1 to 5.3.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>
/// What an <see cref="EapPeer"/> and the client's end of a tunnel share. <paramref name="allows"/> says which methods may be used at all.
/// </summary>
sealed class PeerConversation(MethodContext context, Identity identity, EapType configured, Func<EapMethodEntry, string?> allows) : IDisposable
{
    readonly Identity _identity = identity;
    MethodContext _context = context;

    /// <summary>The method, once a request for it was accepted; there is one in a conversation.</summary>
    public PeerMethod? Method { get; private set; }

    /// <summary>Whom the client says to be, if it was asked.</summary>
    public Identity? Identity { get; private set; }

    public MethodStep Receive(EapPacket request)
    {
        if (request.Type == EapType.Identity) return OnIdentity(request);
        if (request.Type == EapType.Notification)
        {
            _context.Log($"received {EapType.Notification}: '{MethodContext.Quote(request.Data.Span)}'");
            return MethodStep.Send(request.Respond(EapType.Notification, []));
        }
        if (request.Type == EapType.Nak) return MethodStep.Fail("the server sent an EAP_NAK as request");
        if (Method is not null)
        {
            return Method.Type == request.Type ? Method.Process(request)
                : MethodStep.Fail($"the server requested {request.Type} in the middle of {Method.Type}");
        }
        _context.Log($"server requested {Describe(request.Type)} (id 0x{request.Id:X2})");
        if (Choose(request.Type) is not { } entry)
        {
            List<EapType> desired = [.. Desired()];
            _context.Log(!configured.IsNone && request.Type != configured ? $"requesting {Describe(configured)}, sending EAP_NAK" : "EAP method not supported, sending EAP_NAK");
            return MethodStep.Send(request.Nak(desired));
        }
        Method = entry.Peer(_context);
        return Method.Process(request);
    }

    static string Describe(EapType type) => type.Vendor == 0 ? $"{type} authentication" : $"vendor specific EAP method {type}";

    MethodStep OnIdentity(EapPacket request)
    {
        // A new identity in the middle of a method would change what that has computed with.
        if (Method is not null) return MethodStep.Fail($"the server requested {EapType.Identity} in the middle of {Method.Type}");
        _context.Log($"server requested {EapType.Identity} (id 0x{request.Id:X2}), sending '{_identity}'");
        return MethodStep.Send(request.Respond(EapType.Identity, Introduce()));
    }

    /// <summary>The identity, as data of a response.</summary>
    public byte[] Introduce()
    {
        Identity = _identity;
        _context = _context with { Peer = _identity };
        return MethodContext.WriteIdentity(_identity);
    }

    EapMethodEntry? Choose(EapType type)
    {
        if (!configured.IsNone && configured != type || EapMethods.Find(type) is not { } entry) return null;
        if (allows(entry) is { } why)
        {
            _context.Log(why);
            return null;
        }
        return entry;
    }

    // Without a configured method: those that we have a credential for.
    IEnumerable<EapType> Desired() => configured.IsNone
        ? EapMethods.All.Where(e => allows(e) is null && e.HasCredential(_context, false)).Select(e => e.Type)
        : EapMethods.Find(configured) is { } entry && allows(entry) is null ? [configured] : [];

    public void Dispose() => Method?.Dispose();
}
