// CERTREQ: which authorities each side trusts. RFC 7296 3.7.
using System.Security.Cryptography;
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

static class CertificateRequests
{
    const byte X509Signature = 4;
    const int HashBytes = 20;

    /// <summary>
    /// The hashes of our trust anchors' keys, those that any round of any connection in question allows; null if the peer will not authenticate
    /// with a certificate, or none is loaded.
    /// </summary>
    public static CertReqPayload? Payload(IkeSa ike, params IEnumerable<Connection> connections)
    {
        var store = ike.Engine.Configuration!.Credentials;
        List<Certificate> anchors = [];
        foreach (var connection in connections)
        {
            if (!connection.SendCertReq) continue;
            foreach (var round in connection.Remote.IsEmpty ? [new() { Class = AuthClass.Any }] : connection.Remote)
            {
                if (round.Class is not (AuthClass.PublicKey or AuthClass.Any)) continue;
                var allowed = store.TrustAnchors(round);
                anchors.AddRange(allowed.Where(a => !anchors.Contains(a)));
                // no other round can add to what one without a constraint allows
                if (round is { CaId: null, CaCertificates.IsEmpty: true }) return Payload(ike, anchors);
            }
        }
        return Payload(ike, anchors);
    }

    static CertReqPayload? Payload(IkeSa ike, List<Certificate> anchors)
    {
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
