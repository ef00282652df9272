// A request that is answered with a notify and changes nothing. RFC 7296 2.21, 2.25.
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class Refusal(IkeSa ike, ExchangeType type, NotifyPayload notify) : Exchange(ike)
{
    public Refusal(IkeSa ike, ExchangeType type, Verdict verdict)
        : this(ike, type, new NotifyPayload(verdict switch
        {
            Verdict.NoAdditionalSas => NotifyType.NoAdditionalSas,
            Verdict.StateNotFound => NotifyType.StateNotFound,
            _ => NotifyType.TemporaryFailure,
        }, [])) { }

    public Refusal(IkeSa ike, ExchangeType type, ParseResult malformed)
        : this(ike, type, malformed.Outcome == ParseOutcome.UnsupportedCriticalPayload
            ? new NotifyPayload(NotifyType.UnsupportedCriticalPayload, [malformed.Type]) : new NotifyPayload(NotifyType.InvalidSyntax, [])) { }

    public override string Task => "INFORMATIONAL";
    public override ExchangeType Type => type;

    public override void OnRequest(Message request) => Send();

    public void Send() => Ike.Respond(this, [notify]);
}
