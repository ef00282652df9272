// INFORMATIONAL, AUTH_LIFETIME: the one that was called tells when the other has to authenticate again. RFC 4478 3.
//                         <--  SK {N(AUTH_LFT)}
//   SK {}  -->
using System.Buffers.Binary;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class AuthLifetime(IkeSa ike) : Exchange(ike)
{
    public override string Task => "IKE_AUTH_LIFETIME";
    public override ExchangeType Type => ExchangeType.Informational;

    public override Exchange? For(IkeSa successor) => new AuthLifetime(successor);

    public override void Begin()
    {
        List<Payload> payloads = [];
        Announce(Ike, payloads);
        if (payloads.Count == 0) Ike.Complete(this);
        else Ike.Request(this, payloads);
    }

    public override void OnResponse(Message response) => Ike.Complete(this);

    public override void OnRequest(Message request)
    {
        Ike.Respond(this, []);
        Note(Ike, request);
    }

    /// <summary>In the last message of IKE_AUTH, or in one of its own.</summary>
    public static void Announce(IkeSa ike, List<Payload> payloads)
    {
        if (!ike.DependsOnItsClient || ike.ReauthenticationIn is not { } left) return;
        var value = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, (uint)Math.Clamp(left.TotalSeconds, 0, uint.MaxValue));
        payloads.Add(new NotifyPayload(NotifyType.AuthLifetime, value));
    }

    public static void Note(IkeSa ike, Message message)
    {
        if (message.Notify(NotifyType.AuthLifetime) is { Data.Length: 4 } notify)
            ike.OnAuthLifetime(TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(notify.Data)));
    }
}
