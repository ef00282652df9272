// CERTREQ: which authorities each side trusts, and whether it wants OCSP responses. RFC 7296 3.7, RFC 4806 3.
using Cygnet.Pki;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

static class CertificateRequests
{
    const byte X509Signature = 4;
    const int MaxRequested = 256;

    /// <summary>What is asked of the peer that may authenticate for any of the connections.</summary>
    public static IEnumerable<Payload> Payloads(IkeSa ike, params IReadOnlyList<Connection> connections)
    {
        if (ForCertificates(ike, connections) is { } request)
        {
            yield return request;
            if (ike.Engine.Settings.HashAndUrl)
            {
                ike.Handshake!.LooksUpCertificates = true;
                yield return new NotifyPayload(NotifyType.HttpCertLookupSupported, []);
            }
        }
        if (ForResponses(ike, connections) is { } ocsp) yield return ocsp;
    }

    /// <summary>
    /// The hashes of our trust anchors' keys, those that any round of any connection in question allows; null if the peer will not authenticate
    /// with a certificate, or none is loaded.
    /// </summary>
    static CertReqPayload? ForCertificates(IkeSa ike, IReadOnlyList<Connection> connections)
    {
        var store = ike.Engine.Configuration!.Credentials;
        List<Certificate> anchors = [];
        foreach (var round in connections.Where(c => c.SendCertReq).SelectMany(CertificateRounds))
        {
            var allowed = store.TrustAnchors(round);
            anchors.AddRange(allowed.Where(a => !anchors.Contains(a)));
            // no other round can add to what one without a constraint allows
            if (round is { CaId: null, CaCertificates.IsEmpty: true }) break;
        }
        return Payload(ike, anchors);
    }

    static IEnumerable<AuthRound> CertificateRounds(Connection connection) =>
        (connection.Remote.IsEmpty ? [new() { Class = AuthClass.Any }] : connection.Remote).Where(r => r.Class is AuthClass.PublicKey or AuthClass.Any);

    // RFC 4806 3.1: the hashes are those of responders that are trusted beside the CA and whom it appoints; none means that there are no others.
    static CertReqPayload? ForResponses(IkeSa ike, IReadOnlyList<Connection> connections)
    {
        if (!connections.Any(c => c.Ocsp.HasFlag(OcspPolicy.Request) && CertificateRounds(c).Any())) return null;
        var signers = ike.Engine.Configuration!.Credentials.OcspSigners.Where(s => s.IsSelfSigned).ToList();
        foreach (var signer in signers) ike.Log(LogGroup.Ike, 1, $"sending OCSP cert request with self-signed OCSP-signer \"{signer.Subject}\"");
        ike.Handshake!.AsksForOcsp = true;
        return new(CertPayload.OcspContent, [.. signers.SelectMany(s => s.KeyHash)]);
    }

    static CertReqPayload? Payload(IkeSa ike, List<Certificate> anchors)
    {
        if (anchors.Count == 0) return null;
        foreach (var ca in anchors) ike.Log(LogGroup.Ike, 1, $"sending cert request for \"{ca.Subject}\"");
        return new(X509Signature, [.. anchors.SelectMany(ca => ca.KeyHash)]);
    }

    /// <summary>Remembers which authorities the peer asks for, and whether it wants OCSP responses.</summary>
    public static void Note(IkeSa ike, Message message)
    {
        if (ike.Handshake is not { } h) return;
        h.PeerLooksUpCertificates |= message.Has(NotifyType.HttpCertLookupSupported);
        foreach (var request in message.All<CertReqPayload>())
        {
            if (request.Encoding == X509Signature) NoteCas(ike, h, request);
            else if (request.Encoding == CertPayload.OcspContent) NoteResponders(ike, h, request);
        }
    }

    static void NoteCas(IkeSa ike, Handshake h, CertReqPayload request)
    {
        foreach (var hash in request.KeyHashes)
        {
            if (h.RequestedCas.Count >= MaxRequested) return;
            if (h.RequestedCas.Any(known => known.AsSpan().SequenceEqual(hash))) continue;
            h.RequestedCas.Add(hash);
            if (ike.Engine.Configuration!.Credentials.AuthorityByKeyHash(hash) is { } ca) ike.Log(LogGroup.Ike, 1, $"received cert request for \"{ca.Subject}\"");
            else ike.Log(LogGroup.Ike, 2, $"received cert request for unknown ca with keyid {Convert.ToHexStringLower(hash)}");
        }
    }

    // Which responders it trusts besides is for the log: there is one response to be had for a certificate.
    static void NoteResponders(IkeSa ike, Handshake h, CertReqPayload request)
    {
        h.PeerAsksForOcsp = true;
        var unknown = 0;
        List<byte[]> hashes = [.. request.KeyHashes.Take(MaxRequested)];
        foreach (var hash in hashes)
        {
            if (ike.Engine.Configuration!.Credentials.OcspSigners.FirstOrDefault(s => s.KeyHash.AsSpan().SequenceEqual(hash)) is { } signer)
                ike.Log(LogGroup.Ike, 1, $"received OCSP cert request claiming trust for \"{signer.Subject}\"");
            else unknown++;
        }
        if (unknown > 0) ike.Log(LogGroup.Ike, 1, $"received OCSP cert request with {unknown} unknown trusted certificates");
        else if (hashes.Count == 0) ike.Log(LogGroup.Ike, 1, $"received empty OCSP cert request");
    }
}
