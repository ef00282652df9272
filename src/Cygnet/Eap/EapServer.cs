// The server's conversation. RFC 3748 4.2; RFC 7296 2.16.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>Every packet that is not the answer to the open request ends it with EAP-Failure.</summary>
sealed class EapServer : IEapServer
{
    const int MaxPackets = 250;

    readonly List<string> _lines = [];
    readonly ServerConversation _conversation;
    readonly EapServerContext _context;
    byte _id;
    int _received;
    bool _hasBegun;
    string? _failure;

    public EapServer(EapServerContext context)
    {
        _context = context;
        var method = new MethodContext(context.Round.AaaId ?? context.Me, context.Peer, context.Own, context.Round, context.Surroundings, _lines.Add, IsInner: false);
        _conversation = new(method, EapMethods.Configured(context.Round.Method));
    }

    public int Microseconds => _conversation.Method?.Microseconds ?? 30;

    public ValueTask<EapStep> Begin() => ValueTask.FromResult(First());

    public ValueTask<EapStep> Receive(ReadOnlyMemory<byte> packet) => ValueTask.FromResult(Next(packet));

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
        if (_failure is not null) return Fail(_failure);
        if (!_hasBegun) return Fail("a response before any request");
        if (++_received > MaxPackets) return Fail($"EAP has not come to an end in {MaxPackets} packets");
        if (EapPacket.TryParse(packet, out var reason) is not { } parsed) return Fail(reason);
        if (parsed.Code != EapCode.Response)
        {
            _lines.Add($"received {EapCode.Name(parsed.Code)}, sending EAP_FAILURE");
            return Fail($"the client sent {EapCode.Name(parsed.Code)}");
        }
        if (parsed.Id != _id) return Fail($"the client answered request 0x{parsed.Id:X2}, 0x{_id:X2} is open");
        // after the identity the identifiers of the method begin anywhere
        var next = _conversation.Method is null ? _context.Surroundings.RandomByte() : (byte)(_id + 1);
        if (next == _id) next++;
        var step = _conversation.Receive(parsed, next);
        if (step.Outcome == EapOutcome.Continue) _id = next;
        return Take(step);
    }

    EapStep Take(MethodStep step)
    {
        if (step.Outcome == EapOutcome.Continue) return Drain(new(EapOutcome.Continue, step.Packet) { Delay = step.Delay });
        var method = _conversation.Method;
        if (step.Outcome == EapOutcome.Failure || method is null)
        {
            if (method is not null) _lines.Add($"EAP method {method.Type} failed for peer {_context.Peer}");
            return Fail(step.Reason ?? "no method");
        }
        _failure = "received an EAP packet after EAP_SUCCESS";
        _lines.Add($"EAP method {method.Type} succeeded, {(method.Msk is null ? "no " : "")}MSK established");
        return Drain(new(EapOutcome.Success, EapPacket.Success(_id)) { Msk = method.Msk, Type = method.Type, IsMutual = method.IsMutual });
    }

    EapStep Fail(string reason)
    {
        _failure = reason;
        return Drain(new(EapOutcome.Failure, EapPacket.Failure(_id)) { Reason = reason });
    }

    EapStep Drain(EapStep step)
    {
        ImmutableArray<string> lines = [.. _lines];
        _lines.Clear();
        return step with { Identity = _conversation.Method?.Authenticated ?? _conversation.Identity, Lines = lines };
    }

    public void Dispose() => _conversation.Dispose();
}
