// What the servers of EAP-SIM and EAP-AKA share: errors of the client, whom it says to be.
using Cygnet.Policy;

namespace Cygnet.Eap.Sim;

abstract class SimAkaServer(MethodContext context) : ServerMethod(context)
{
    public override bool IsMutual => true;

    public override int Microseconds => 60;

    public override Identity? Authenticated => Subscriber;

    /// <summary>Whose triplets or keys are used; an identity inside the method replaces the one before.</summary>
    protected Identity Subscriber { get; private set; } = context.Peer;

    /// <summary>The identity as it came, which the keys are made with.</summary>
    protected byte[] IdentityBytes { get; private set; } = MethodContext.WriteIdentity(context.Peer);

    protected string Kind => Type == EapType.Sim ? "EAP-SIM" : "EAP-AKA";

    public override MethodStep Process(EapPacket response, byte nextId)
    {
        if (SimMessage.TryParse(response, out var reason) is not { } message) return MethodStep.Fail($"{Kind}: {reason}");
        if (message.Subtype != Subtype.ClientError) return On(response, message, nextId);
        var error = message.Number(At.ClientErrorCode) is { } code ? SimText.Of((ClientError)code) : "none";
        Log($"received {Kind} client error '{error}'");
        return MethodStep.Fail($"{Kind}: the client gives up: {error}");
    }

    protected abstract MethodStep On(EapPacket response, SimMessage message, byte nextId);

    protected void Assume(byte[] identity)
    {
        Subscriber = MethodContext.ReadIdentity(identity);
        IdentityBytes = identity;
        Log($"received identity '{Subscriber}'");
    }
}
