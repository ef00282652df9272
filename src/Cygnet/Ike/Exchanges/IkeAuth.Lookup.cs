// IKE_AUTH, certificates that are only named, by their hash and where they are. RFC 7296 3.6 (encoding 12), 3.7 and 3.10.1 (HTTP_CERT_LOOKUP_SUPPORTED).
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Wire;

namespace Cygnet.Ike.Exchanges;

sealed partial class IkeAuth
{
    // Of one message so many are parsed, and of one peer so many fetched: RFC 7296 3.6 asks for four.
    const int MaxCertificates = 16, MaxLookups = 4;

    // What was found under a name, for the next connection that is tried: null, and it was not.
    readonly Dictionary<string, byte[]?> _lookedUp = [];

    /// <summary>One certificate of a message: its bytes, or its name as long as they are not there.</summary>
    sealed record Offered(byte[]? Der, HashAndUrl? Name);

    /// <summary>
    /// The certificates of a message, in its order; those that are only named are fetched first, if we have said that we do that. The peer has proven nothing yet:
    /// what it makes us ask for is bounded here and by the fetcher, and counts only by its hash.
    /// </summary>
    void WithCertificates(Message message, Action<byte[][]> then)
    {
        List<Offered> all = [];
        foreach (var payload in message.All<CertPayload>().Where(c => c.Encoding is X509Signature or CertPayload.HashAndUrlX509).Take(MaxCertificates))
            if (payload.Encoding == X509Signature) Received(payload.Data);
            else if (Named(payload) is { } name)
            {
                if (Known(name) is { } der)
                {
                    Received(der);
                    continue;
                }
                Ike.Log(LogGroup.Ike, 1, $"received hash-and-url for {Role()} cert \"{name.Url}\"");
                all.Add(new(null, name));
            }
        LookUp(all, () => then([.. all.Select(o => o.Der ?? _lookedUp.GetValueOrDefault(Key(o.Name!))).OfType<byte[]>()]));

        string Role() => all.Count == 0 ? "end entity" : "issuer";

        void Received(byte[] der)
        {
            if (KnownCertificates.Parse(der, out var why) is { } parsed) Ike.Log(LogGroup.Ike, 1, $"received {Role()} cert \"{parsed.Subject}\"");
            else Ike.Log(LogGroup.Ike, 1, $"received a certificate that does not parse, ignored: {why}");
            all.Add(new(der, null));
        }
    }

    HashAndUrl? Named(CertPayload payload)
    {
        if (!Ike.Handshake!.LooksUpCertificates)
        {
            Ike.Log(LogGroup.Ike, 1, $"received hash-and-url encoded cert, but we don't accept them, ignore");
            return null;
        }
        if (HashAndUrl.Read(payload.Data) is { } name) return name;
        Ike.Log(LogGroup.Ike, 1, $"received invalid hash-and-url encoded cert, ignore");
        return null;
    }

    // What somebody trusted has vouched for before, or what is loaded, need not be fetched.
    byte[]? Known(HashAndUrl name) => KnownCertificates.Find(name.Hash)?.Raw ?? Ike.Engine.Configuration!.Credentials.CertificateByHash(name.Hash)?.Raw;

    static string Key(HashAndUrl name) => $"{Convert.ToHexStringLower(name.Hash)} {name.Url}";

    void LookUp(List<Offered> all, Action then)
    {
        var names = all.Select(o => o.Name).OfType<HashAndUrl>().DistinctBy(Key).Where(n => !_lookedUp.ContainsKey(Key(n))).ToList();
        List<(HashAndUrl Name, CertificateNeed Need)> wanted = [];
        foreach (var name in names)
        {
            _lookedUp[Key(name)] = null;
            Ike.Log(LogGroup.Cfg, 1, $"  fetching certificate from '{name.Url}' ...");
            if (_lookedUp.Count > MaxLookups) Failed($"more than {MaxLookups} certificates to fetch for one peer");
            else if (Ike.Engine.Host.StatusFetcher is null) Failed("nothing is fetched here");
            else if (!Ike.Engine.Host.Shared.Lookups.Take(Ike.Remote.Address, Ike.Engine.Now)) Failed("too many certificates were fetched for peers within a minute");
            else wanted.Add((name, new(name.Url, Ike.Engine.Configuration!.Credentials.IsBelowCertificateBase(name.Url))));
        }
        if (wanted.Count == 0)
        {
            then();
            return;
        }
        var fetcher = Ike.Engine.Host.StatusFetcher!;
        Ike.Do(this, 1000, async () => await System.Threading.Tasks.Task.WhenAll(wanted.Select(w => fetcher.FetchCertificate(w.Need).AsTask())).ConfigureAwait(false), fetched =>
        {
            for (var i = 0; i < wanted.Count; i++) Take(wanted[i].Name, fetched[i]);
            then();
        });
    }

    void Take(HashAndUrl name, FetchedCertificate fetched)
    {
        if (fetched.Der is not { } der)
        {
            Failed(fetched.Failure ?? "nothing came");
            return;
        }
        if (!name.Names(der)) Failed($"what is there is not the certificate with hash {Convert.ToHexStringLower(name.Hash)}");
        else if (Certificate.TryParse(der, out var why) is { } certificate)
        {
            Ike.Log(LogGroup.Cfg, 1, $"  fetched certificate \"{certificate.Subject}\"");
            _lookedUp[Key(name)] = der;
        }
        else
        {
            Ike.Log(LogGroup.Cfg, 1, $"  {why}");
            Ike.Log(LogGroup.Cfg, 1, $"  parsing fetched certificate failed");
        }
    }

    void Failed(string why)
    {
        Ike.Log(LogGroup.Cfg, 1, $"  {why}");
        Ike.Log(LogGroup.Cfg, 1, $"  fetching certificate failed");
    }

    /// <summary>A certificate of ours as the peer takes it: whole, or where it is, if a ca section says so and the peer has said that it looks there.</summary>
    CertPayload ToShow(Certificate certificate)
    {
        if (Ike.Handshake!.PeerLooksUpCertificates && Ike.Engine.Configuration!.Credentials.CertificateBaseOf(certificate) is { } @base)
        {
            var name = HashAndUrl.Of(certificate.Raw, @base);
            Ike.Log(LogGroup.Ike, 1, $"sending hash-and-url \"{name.Url}\"");
            return new(CertPayload.HashAndUrlX509, name.ToBytes());
        }
        return new(X509Signature, certificate.Raw);
    }
}
