// CERTREQ: which authorities each side trusts. RFC 7296 3.7.
using System.Security.Cryptography;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

static class CertificateRequests
{
    const byte X509Signature = 4;
    const int HashBytes = 20;

    /// <summary>The hashes of our trust anchors' keys; null if the peer will not authenticate with a certificate or none is loaded.</summary>
    public static CertReqPayload? Payload(IkeSa ike, Connection connection)
    {
        var round = connection.Remote.IsEmpty ? null : connection.Remote[0];
        if (!connection.SendCertReq || round is { Class: not (AuthClass.PublicKey or AuthClass.Any) }) return null;
        var anchors = ike.Engine.Configuration!.Credentials.TrustAnchors(round);
        if (anchors.Count == 0) return null;
        foreach (var ca in anchors) ike.Log(LogGroup.Ike, 1, $"sending cert request for \"{ca.Subject}\"");
        return new(X509Signature, [.. anchors.SelectMany(ca => ca.KeyHash)]);
    }

    /// <summary>Remembers which authorities the peer asks for.</summary>
    public static void Note(IkeSa ike, Message message)
    {
        if (ike.Handshake is not { } h) return;
        foreach (var request in message.All<CertReqPayload>().Where(r => r.Encoding == X509Signature))
            for (var at = 0; at + HashBytes <= request.Data.Length && h.RequestedCas.Count < 256; at += HashBytes)
            {
                var hash = request.Data[at..(at + HashBytes)];
                if (h.RequestedCas.Any(known => known.AsSpan().SequenceEqual(hash))) continue;
                h.RequestedCas.Add(hash);
                if (ike.Engine.Configuration!.Credentials.AuthorityByKeyHash(hash) is { } ca) ike.Log(LogGroup.Ike, 1, $"received cert request for \"{ca.Subject}\"");
                else ike.Log(LogGroup.Ike, 2, $"received cert request for unknown ca with keyid {Convert.ToHexStringLower(hash)}");
            }
    }
}
