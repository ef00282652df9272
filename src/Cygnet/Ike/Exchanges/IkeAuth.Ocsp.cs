// IKE_AUTH, OCSP responses that come and go with certificates. RFC 4806 3 and 4.
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    // A chain has a few certificates; of what a peer sends before it is authenticated, so many are parsed.
    const int MaxReceivedResponses = 8;

    List<OcspResponse> ReceivedResponses(Message message)
    {
        List<OcspResponse> received = [];
        foreach (var payload in message.All<CertPayload>().Where(c => c.Encoding == CertPayload.OcspContent).Take(MaxReceivedResponses))
        {
            if (!Ike.Handshake!.AsksForOcsp)
            {
                Ike.Log(LogGroup.Ike, 1, $"received OCSP response, but we didn't request any, ignore");
                break;
            }
            if (OcspResponse.TryParse(payload.Data, out var reason) is { } response)
            {
                Ike.Log(LogGroup.Ike, 1, $"received OCSP response issued by \"{response.Responder}\"");
                received.Add(response);
            }
            else Ike.Log(LogGroup.Ike, 1, $"received an OCSP response that does not parse, ignored: {reason}");
        }
        return received;
    }

    /// <summary>What responders say of our certificates, if the peer wants to know; what is not known is fetched, and what cannot be is left out.</summary>
    void WithOwnStatus(Certificate? own, Action<IReadOnlyList<CertPayload>> then)
    {
        if (own is null || !Ike.Handshake!.PeerAsksForOcsp || !Connection.Ocsp.HasFlag(OcspPolicy.Reply))
        {
            then([]);
            return;
        }
        var host = Ike.Engine.Host;
        var (crypto, credentials, now, written) = (host.Crypto, Ike.Engine.Configuration!.Credentials, host.WallTime, 0);
        InRounds([], now,
            status =>
            {
                List<string> lines = [];
                return (Found: credentials.StatusOf(crypto, own, now, status, lines), Lines: lines);
            },
            (known, status) =>
            {
                foreach (var line in known.Lines.Skip(written)) Ike.Write(LogGroup.Cfg, 1, line);
                written = known.Lines.Count;
                return status.Needs.Count == 0;
            },
            known =>
            {
                foreach (var (about, _) in known.Found) Ike.Log(LogGroup.Ike, 1, $"sending OCSP status for certificate \"{about.Subject}\"");
                if (known.Found.Count == 0) Ike.Log(LogGroup.Ike, 2, $"no OCSP status for certificate \"{own.Subject}\"");
                then([.. known.Found.Select(f => new CertPayload(CertPayload.OcspContent, f.Response.Raw)).DistinctBy(p => p.Data, ByContent.Instance)]);
            });
    }

    // One response may be about several of them.
    sealed class ByContent : IEqualityComparer<byte[]>
    {
        public static readonly ByContent Instance = new();

        public bool Equals(byte[]? a, byte[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode(byte[] data) => data.Length;
    }
}
