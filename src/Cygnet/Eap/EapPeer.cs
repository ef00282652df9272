// The client's conversation. RFC 3748 4.2; RFC 7296 2.16; RFC 5998.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>
/// A Success is believed only when the method says that it is complete, and only once (CVE-2015-8023, CVE-2021-45079).
/// </summary>
sealed class EapPeer : EapEnd, IEapPeer
{
    readonly PeerConversation _conversation;

    public EapPeer(EapPeerContext context)
    {
        var round = context.Round;
        var method = new MethodContext(round.AaaId ?? context.Peer, context.Me, round, context.Server, context.Surroundings, Log, IsInner: false);
        var identity = round.EapId is { Kind: not IdentityKind.Any } configured ? configured : context.Me;
        _conversation = new(method, identity, EapMethods.Configured(round.Method), entry => context.IsServerAuthenticated || entry.IsMutual ? null
            : $"EAP-only authentication requires a mutual and MSK deriving EAP method, but {entry.Type} is not");
    }

    protected override Identity? Identity => _conversation.Identity;

    public int Microseconds => _conversation.Method?.Microseconds ?? 30;

    public EapStep Receive(ReadOnlyMemory<byte> packet)
    {
        if (Refuses() is { } over) return Fail(over);
        if (EapPacket.TryParse(packet, out var reason) is not { } parsed) return Fail(reason);
        return parsed.Code switch
        {
            EapCode.Request => OnRequest(parsed),
            EapCode.Success => OnSuccess(),
            EapCode.Failure => OnFailure(),
            _ => Fail($"received unexpected {EapCode.Name(parsed.Code)} from the server"),
        };
    }

    public EapStep Resume() => Take(_conversation.Method?.Resume() ?? MethodStep.Fail("nothing is pending"));

    EapStep OnRequest(EapPacket request) => Take(_conversation.Receive(request));

    EapStep Take(MethodStep step)
    {
        if (step.Outcome is EapOutcome.Continue or EapOutcome.Pending) return Say(new(step.Outcome, step.Packet));
        if (_conversation.Method is { } method) Log($"{method.Type} method failed");
        return Fail(step.Reason!);
    }

    EapStep OnSuccess()
    {
        if (_conversation.Method is not { IsComplete: true } method)
            return Fail($"received {EapCode.Name(EapCode.Success)} before {_conversation.Method?.Type.ToString() ?? "any method"} was complete");
        Log($"EAP method {method.Type} succeeded, {(method.Msk is null ? "no " : "")}MSK established");
        return Succeed(new(EapOutcome.Success, null) { Msk = method.Msk, Type = method.Type, IsMutual = method.IsMutual });
    }

    EapStep OnFailure()
    {
        Log("received EAP_FAILURE, EAP authentication failed");
        return Fail(_conversation.Method is { } method ? method.Refusal ?? $"the server refuses us by {method.Type}" : "the server refuses us before any method of EAP");
    }

    EapStep Fail(string reason) => Fail(reason, packet: null);

    public void Dispose() => _conversation.Dispose();
}
