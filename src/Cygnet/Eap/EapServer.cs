// The server's conversation. RFC 3748 4.2; RFC 7296 2.16.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>Every packet that is not the answer to the open request ends it with EAP-Failure.</summary>
sealed class EapServer : EapEnd, IEapServer
{
    readonly ServerConversation _conversation;
    readonly EapServerContext _context;
    byte _id, _next;
    bool _hasBegun;

    public EapServer(EapServerContext context)
    {
        _context = context;
        var method = new MethodContext(context.Round.AaaId ?? context.Me, context.Peer, context.Own, context.Round, context.Surroundings, Log, IsInner: false);
        _conversation = new(method, EapMethods.Configured(context.Round.Method));
    }

    protected override Identity? Identity => _conversation.Method?.Authenticated ?? _conversation.Identity;

    public int Microseconds => _conversation.Method?.Microseconds ?? 30;

    public ValueTask<EapStep> Begin() => ValueTask.FromResult(First());

    public ValueTask<EapStep> Receive(ReadOnlyMemory<byte> packet) => ValueTask.FromResult(Next(packet));

    public ValueTask<EapStep> Resume() => ValueTask.FromResult(Follow(_conversation.Method?.Resume() ?? MethodStep.Fail("nothing is pending")));

    EapStep First()
    {
        if (_hasBegun) return Fail("begun twice");
        _hasBegun = true;
        if (_context.Round.Method.Equals(EapServers.RadiusWord, StringComparison.OrdinalIgnoreCase)) return Fail($"'{EapServers.RadiusWord}' needs a RADIUS server in charon.plugins.eap-radius");
        if (_context.Round.EapId is { Kind: IdentityKind.Any }) return Take(_conversation.AskIdentity(_id));
        if (_context.Round.EapId is { } known) _conversation.Assume(known);
        _id = _context.Surroundings.RandomByte();
        return Take(_conversation.BeginMethod(_id));
    }

    EapStep Next(ReadOnlyMemory<byte> packet)
    {
        if (Refuses() is { } over) return Fail(over);
        if (!_hasBegun) return Fail("a response before any request");
        if (EapPacket.TryParse(packet, out var reason) is not { } parsed) return Fail(reason);
        if (parsed.Code != EapCode.Response)
        {
            Log($"received {EapCode.Name(parsed.Code)}, sending EAP_FAILURE");
            return Fail($"the client sent {EapCode.Name(parsed.Code)}");
        }
        if (parsed.Id != _id) return Fail($"the client answered request 0x{parsed.Id:X2}, 0x{_id:X2} is open");
        // after the identity the identifiers of the method begin anywhere
        _next = _conversation.Method is null ? _context.Surroundings.RandomByte() : (byte)(_id + 1);
        if (_next == _id) _next++;
        return Follow(_conversation.Receive(parsed, _next));
    }

    EapStep Follow(MethodStep step)
    {
        if (step.Outcome == EapOutcome.Continue) _id = _next;
        return Take(step);
    }

    EapStep Take(MethodStep step)
    {
        if (step.Outcome == EapOutcome.Continue) return Say(new(EapOutcome.Continue, step.Packet) { Delay = step.Delay });
        if (step.Outcome == EapOutcome.Pending) return Say(new(EapOutcome.Pending, null));
        var method = _conversation.Method;
        if (step.Outcome == EapOutcome.Failure || method is null)
        {
            if (method is not null) Log($"EAP method {method.Type} failed for peer {_context.Peer}");
            return Fail(step.Reason ?? "no method");
        }
        Log($"EAP method {method.Type} succeeded, {(method.Msk is null ? "no " : "")}MSK established");
        return Succeed(new(EapOutcome.Success, EapPacket.Success(_id)) { Msk = method.Msk, Type = method.Type, IsMutual = method.IsMutual });
    }

    EapStep Fail(string reason) => Fail(reason, EapPacket.Failure(_id));

    public void Dispose() => _conversation.Dispose();
}
