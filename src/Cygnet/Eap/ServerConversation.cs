// The server's side: Identity, the choice of a method, NAK. RFC 3748 4.1, 5.1 to 5.3.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>What an <see cref="EapServer"/> and the server's end of a tunnel share. Identifiers come from the caller.</summary>
sealed class ServerConversation(MethodContext context, EapType configured) : IDisposable
{
    readonly List<EapType> _tried = [];
    MethodContext _context = context;
    bool _awaitsIdentity, _mayBeRefused = true;

    public ServerMethod? Method { get; private set; }

    /// <summary>The identity that the client gave; null if it was not asked or gave none.</summary>
    public Identity? Identity { get; private set; }

    /// <summary>The type of the request that is to be answered.</summary>
    EapType Pending => _awaitsIdentity ? EapType.Identity : Method?.Type ?? default;

    /// <summary>Asks for the identity; then the method follows.</summary>
    public MethodStep AskIdentity(byte id)
    {
        _awaitsIdentity = true;
        _context.Log($"initiating {EapType.Identity} method (id 0x{id:X2})");
        return MethodStep.Send(EapPacket.Request(id, EapType.Identity, []));
    }

    /// <summary>Waits for an identity that was not asked for: inside a tunnel the client may begin.</summary>
    public void AwaitIdentity() => _awaitsIdentity = true;

    /// <summary>Takes an identity that is known already.</summary>
    public void Assume(Identity identity)
    {
        _context = _context with { Peer = identity };
        Identity = identity;
    }

    /// <summary>The first request of a method: the configured one, else of those we can do the first that <paramref name="desired"/> has, if it is given.</summary>
    public MethodStep BeginMethod(byte id, IReadOnlyList<EapType>? desired = null)
    {
        if (Candidates(desired).FirstOrDefault() is not { } entry)
        {
            _context.Log("no supported EAP method found");
            return MethodStep.Fail(desired is null ? NoMethod() : $"the client refuses {string.Join(", ", _tried)} and proposes {Text(desired)}, none of which we can do for it");
        }
        _tried.Add(entry.Type);
        Method = entry.Server(_context);
        if (configured.IsNone) _context.Log($"{entry.Type} method selected");
        var step = Method.Begin(id);
        _context.Log(step.Outcome == EapOutcome.Continue ? $"initiating {entry.Type} method (id 0x{id:X2})" : $"initiating {entry.Type} method failed");
        return step;
    }

    string NoMethod() => configured.IsNone ? "no method of EAP has a credential for this client" : $"{configured} is not built, or not allowed here";

    IEnumerable<EapMethodEntry> Candidates(IReadOnlyList<EapType>? desired)
    {
        if (!configured.IsNone) return EapMethods.Find(configured) is { } only && IsAllowed(only) && desired is null ? [only] : [];
        var settings = _context.Surroundings.Settings;
        List<EapType> preferred = [.. settings.DynamicPreferred.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(w => EapMethods.Configured("eap-" + w))];
        // those of the setting first, in its order; all others behind
        var all = EapMethods.All.Where(e => IsAllowed(e) && !_tried.Contains(e.Type) && e.HasCredential(_context, true))
            .OrderBy(e => preferred.IndexOf(e.Type) is >= 0 and var place ? place : preferred.Count);
        if (desired is null) return all;
        var common = all.Where(e => desired.Contains(e.Type));
        return settings.DynamicPrefersPeer ? common.OrderBy(e => desired.ToList().IndexOf(e.Type)) : common;
    }

    bool IsAllowed(EapMethodEntry entry) => !(_context.IsInner && entry.IsTunnel);

    public MethodStep Receive(EapPacket response, byte nextId)
    {
        if (Pending.IsNone) return MethodStep.Fail("a response, but no request is open");
        if (response.Type == EapType.Nak) return OnNak(response, nextId);
        if (response.Type != Pending)
        {
            _context.Log("received invalid EAP response, sending EAP_FAILURE");
            return MethodStep.Fail($"the client answered {response.Type} to a request of {Pending}");
        }
        if (_awaitsIdentity) return OnIdentity(response, nextId);
        _mayBeRefused = false;
        return Method!.Process(response, nextId);
    }

    MethodStep OnIdentity(EapPacket response, byte nextId)
    {
        _awaitsIdentity = false;
        if (response.Data.IsEmpty) _context.Log($"client did not send an EAP identity, assume IKE identity '{_context.Peer}'");
        else
        {
            Assume(MethodContext.ReadIdentity(response.Data.Span));
            _context.Log($"received EAP identity '{Identity}'");
        }
        return BeginMethod(nextId);
    }

    MethodStep OnNak(EapPacket response, byte nextId)
    {
        var desired = response.NakTypes();
        // Once, and before the method has gone any further: RFC 3748 5.3.1.
        if (!configured.IsNone || _awaitsIdentity || !_mayBeRefused)
        {
            _context.Log("received EAP_NAK, sending EAP_FAILURE");
            return MethodStep.Fail($"the client refuses {Pending} and proposes {Text(desired)}");
        }
        _mayBeRefused = false;
        _context.Log("received EAP_NAK, selecting a different EAP method");
        Method!.Dispose();
        Method = null;
        return BeginMethod(nextId, desired);
    }

    static string Text(IReadOnlyList<EapType> types) => types.Where(t => t.Type != 0).Take(16).ToList() is { Count: > 0 } some ? string.Join(", ", some) : "nothing else";

    public void Dispose() => Method?.Dispose();
}
