// The client's conversation. RFC 3748 4.2; RFC 7296 2.16; RFC 5998.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>
/// A Success is believed only when the method says that it is complete, and only once (CVE-2015-8023, CVE-2021-45079).
/// </summary>
sealed class EapPeer : IEapPeer
{
    const int MaxPackets = 250;

    readonly List<string> _lines = [];
    readonly PeerConversation _conversation;
    int _received;
    bool _isOver;
    string? _failure;

    public EapPeer(EapPeerContext context)
    {
        var round = context.Round;
        var method = new MethodContext(round.AaaId ?? context.Peer, context.Me, round, context.Server, context.Surroundings, _lines.Add, IsInner: false);
        var identity = round.EapId is { Kind: not IdentityKind.Any } configured ? configured : context.Me;
        _conversation = new(method, identity, EapMethods.Configured(round.Method), entry => context.IsServerAuthenticated || entry.IsMutual ? null
            : $"EAP-only authentication requires a mutual and MSK deriving EAP method, but {entry.Type} is not");
    }

    public int Microseconds => _conversation.Method?.Microseconds ?? 30;

    public EapStep Receive(ReadOnlyMemory<byte> packet)
    {
        if (_failure is not null) return Fail(_failure);
        if (_isOver) return Fail("received an EAP packet after EAP_SUCCESS");
        if (++_received > MaxPackets) return Fail($"EAP has not come to an end in {MaxPackets} packets");
        if (EapPacket.TryParse(packet, out var reason) is not { } parsed) return Fail(reason);
        return parsed.Code switch
        {
            EapCode.Request => OnRequest(parsed),
            EapCode.Success => OnSuccess(),
            EapCode.Failure => OnFailure(),
            _ => Fail($"received unexpected {EapCode.Name(parsed.Code)} from the server"),
        };
    }

    EapStep OnRequest(EapPacket request)
    {
        var step = _conversation.Receive(request);
        if (step.Outcome == EapOutcome.Continue) return Take(new(EapOutcome.Continue, step.Packet));
        if (_conversation.Method is { } method) _lines.Add($"{method.Type} method failed");
        return Fail(step.Reason!);
    }

    EapStep OnSuccess()
    {
        if (_conversation.Method is not { IsComplete: true } method)
            return Fail($"received {EapCode.Name(EapCode.Success)} before {_conversation.Method?.Type.ToString() ?? "any method"} was complete");
        _isOver = true;
        _lines.Add($"EAP method {method.Type} succeeded, {(method.Msk is null ? "no " : "")}MSK established");
        return Take(new(EapOutcome.Success, null) { Msk = method.Msk, Type = method.Type, IsMutual = method.IsMutual });
    }

    EapStep OnFailure()
    {
        _lines.Add("received EAP_FAILURE, EAP authentication failed");
        return Fail(_conversation.Method is { } method ? method.Refusal ?? $"the server refuses us by {method.Type}" : "the server refuses us before any method of EAP");
    }

    EapStep Fail(string reason)
    {
        _failure = reason;
        return Take(new(EapOutcome.Failure, null) { Reason = reason });
    }

    EapStep Take(EapStep step)
    {
        ImmutableArray<string> lines = [.. _lines];
        _lines.Clear();
        return step with { Identity = _conversation.Identity, Lines = lines };
    }

    public void Dispose() => _conversation.Dispose();
}
