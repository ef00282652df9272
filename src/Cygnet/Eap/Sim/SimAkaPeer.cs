// What the clients of EAP-SIM and EAP-AKA share: notifications, errors, identities. RFC 4186 4.2 and 6, RFC 4187 4.1 and 6.
namespace Cygnet.Eap.Sim;

abstract class SimAkaPeer(MethodContext context) : PeerMethod(context)
{
    const ushort SuccessBit = 0x8000, BeforeChallengeBit = 0x4000;
    const int MaxErrors = 2;

    int _errors;
    bool _isAuthenticated;

    public override bool IsMutual => true;

    public override int Microseconds => 60;

    public override bool IsComplete => _isAuthenticated;

    /// <summary>Known after a challenge.</summary>
    protected SimKeys? Keys { get; set; }

    /// <summary>The identity as it went out last, which the keys are made with.</summary>
    protected byte[] Identity { get; private set; } = MethodContext.WriteIdentity(context.Peer);

    string Kind => Type == EapType.Sim ? "EAP-SIM" : "EAP-AKA";

    public override MethodStep Process(EapPacket request)
    {
        if (SimMessage.TryParse(request, out var reason) is not { } message) return Error(request, ClientError.UnableToProcess, reason);
        if (message.Subtype == Subtype.Notification) return OnNotification(request, message);
        // The challenge is the last thing: after it there is only a notification.
        if (_isAuthenticated) return MethodStep.Fail($"{Kind}: {Subtype.Name(message.Subtype)} after the challenge");
        return On(request, message);
    }

    protected abstract MethodStep On(EapPacket request, SimMessage message);

    protected MethodStep Error(EapPacket request, ClientError error, string why)
    {
        Log($"sending client error '{SimText.Of(error)}'");
        _isAuthenticated = false;
        // Some servers never give up.
        return ++_errors > MaxErrors ? MethodStep.Fail($"{Kind}: {why}")
            : MethodStep.Send(SimWriter.Response(request, Subtype.ClientError).Number(At.ClientErrorCode, (ushort)error).ToPacket());
    }

    protected MethodStep Authenticated(byte[] packet, SimKeys keys)
    {
        (Keys, Msk, _isAuthenticated) = (keys, keys.Msk, true);
        return MethodStep.Send(packet);
    }

    /// <summary>Which identity the server asks for; our only one is permanent.</summary>
    protected static bool AsksForIdentity(SimMessage message) => message.Has(At.AnyIdReq) || message.Has(At.FullAuthIdReq) || message.Has(At.PermanentIdReq);

    MethodStep OnNotification(EapPacket request, SimMessage message)
    {
        if (message.Number(At.Notification) is not { } code || message.Unexpected(At.Notification, At.Mac) is not null)
            return Error(request, ClientError.UnableToProcess, "a notification that is not understood");
        var isBefore = (code & BeforeChallengeBit) != 0;
        // Behind the challenge a notification is authentic, or it is nobody's.
        if (isBefore == _isAuthenticated || (!isBefore && !message.IsAuthentic(Keys!, [])))
            return Error(request, ClientError.UnableToProcess, "a notification without the MAC that it needs, or out of turn");
        var isSuccess = (code & SuccessBit) != 0;
        Log($"received {Kind} notification {(isSuccess ? "" : "error ")}'{SimText.OfNotification(code)}'");
        _isAuthenticated &= isSuccess;
        var response = SimWriter.Response(request, Subtype.Notification);
        return MethodStep.Send(isBefore ? response.ToPacket() : response.ToPacket(Keys!, []));
    }
}
