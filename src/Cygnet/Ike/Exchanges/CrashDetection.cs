// QUICK_CRASH_DETECTION: a token that proves later, unprotected, that its maker has lost the IKE_SA. RFC 6290 4.1 to 4.5.
//   IKE_AUTH:         SK {.. AUTH, N(CRASH_DET) ..}   in the last message of each end
//   CREATE_CHILD_SA:                       <--  SK {SA, Nr, KEr, N(CRASH_DET)}   of a responder that rekeys the IKE_SA
//   INFORMATIONAL:    SK {N(CRASH_DET)}  -->    <--  SK {}
//   lost:             SK {anything}  -->        <--  HDR, N(INVAL_IKE_SPI), N(CRASH_DET)
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed class CrashDetection(IkeSa ike) : Exchange(ike)
{
    /// <summary>RFC 6290 4.1; and how many of an answer are looked at.</summary>
    const int Shortest = 16, Longest = 128, MostTokens = 4;

    public override string Task => "IKE_QCD";
    public override ExchangeType Type => ExchangeType.Informational;

    public override Exchange? For(IkeSa successor) => null; // the successor has a token of its own

    public override void Begin()
    {
        if (Token(Ike) is { } token) Ike.Request(this, [token]);
        else Ike.Complete(this);
    }

    public override void OnResponse(Message response) => Ike.Complete(this);

    public override void OnRequest(Message request)
    {
        Note(Ike, request);
        Ike.Respond(this, []);
    }

    /// <summary>The SPIs are final, and the message is protected: our token, if this daemon makes any.</summary>
    public static void Announce(IkeSa ike, List<Payload> payloads)
    {
        if (Token(ike) is not { } token) return;
        payloads.Add(token);
        ike.HasSentToken = true;
    }

    static NotifyPayload? Token(IkeSa ike) => ike.Engine.Host.CrashTokens?.Make(ike.InitiatorSpi, ike.ResponderSpi, ike.IsInitiator) is { } token ? Notify(token) : null;

    static NotifyPayload Notify(byte[] token) => new(NotifyType.QuickCrashDetection, token, SecurityProtocol.Ike, []);

    /// <summary>Keeps the peer's token; a newer one takes its place.</summary>
    public static void Note(IkeSa ike, Message message)
    {
        if (ike.Engine.Settings.TakesCrashTokens && message.Notify(NotifyType.QuickCrashDetection) is { Data.Length: >= Shortest and <= Longest } notify) ike.PeerToken = notify.Data;
    }

    /// <summary>What we answer about an IKE_SA that we do not have.</summary>
    public static IReadOnlyList<Payload> Answer(CrashTokens tokens, in IkeHeader header) =>
        [new NotifyPayload(NotifyType.InvalidIkeSpi), Notify(tokens.Make(header.InitiatorSpi, header.ResponderSpi, weInitiated: !header.FromInitiator))];

    /// <summary>Whether an unprotected answer holds the token of the peer of this very IKE_SA; without one it says nothing.</summary>
    public static bool Proves(IkeSa ike, Message response)
    {
        if (ike.PeerToken is not { } token || !response.Has(NotifyType.InvalidIkeSpi)) return false;
        var proves = false;
        foreach (var notify in response.All<NotifyPayload>().Where(n => n.Notify == NotifyType.QuickCrashDetection).Take(MostTokens))
            proves |= CryptographicOperations.FixedTimeEquals(notify.Data, token);
        return proves;
    }
}
