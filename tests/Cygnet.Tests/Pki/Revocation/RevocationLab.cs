// A small PKI whose CRLs and OCSP responses can be made with every defect, and one validation in it.
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;
using Cygnet.Pki.Revocation;
using Cygnet.Policy;

namespace Cygnet.Tests.Pki.Revocation;

sealed class RevocationLab
{
    public const string CrlUri = "http://crl.example/a.crl", OcspUri = "http://ocsp.example/";

    public static readonly DateTimeOffset Now = TestAuthority.Now;
    public static readonly SystemCrypto Crypto = new();

    /// <summary>Nothing is known, and nothing asked.</summary>
    public static readonly StatusCheck NoStatus = new(Crypto, StatusCredentials.None, StatusRound.Offline);

    public TestAuthority Root { get; } = new("root");

    /// <summary>What the daemon has loaded; the round asks for the rest.</summary>
    public List<Crl> Crls { get; } = [];
    public List<AuthorityLocations> Locations { get; } = [];
    public List<Certificate> Signers { get; } = [];
    public List<Certificate> Untrusted { get; } = [];

    /// <summary>What there is to fetch: by URI, of the need.</summary>
    public Dictionary<string, Func<StatusNeed, StatusAnswer>> Servers { get; } = [];
    public StatusCache Cache { get; } = new();
    public StatusSettings Settings { get; set; } = new();

    /// <summary>What was fetched, in order.</summary>
    public List<string> Fetched { get; } = [];

    public void Serve(string uri, byte[] body) => Servers[uri] = _ => StatusAnswer.Of(body, []);

    public void ServeOcsp(string uri, Func<StatusNeed, byte[], byte[]> respond) => Servers[uri] = need =>
    {
        var nonce = RandomNumberGenerator.GetBytes(OcspRequest.NonceBytes);
        return StatusAnswer.Of(respond(need, nonce), nonce);
    };

    /// <summary>Validates as IKE does: in rounds, each with the answers to the needs of those before.</summary>
    public TrustResult Validate(Certificate certificate, RevocationPolicy policy = RevocationPolicy.Relaxed, DateTimeOffset? at = null, bool mayFetch = true)
    {
        var answers = new Dictionary<StatusNeed, StatusAnswer>();
        var cached = Cache.Current;
        string[] written = [];
        for (var i = 0; i < 20; i++)
        {
            var round = new StatusRound(cached, answers, mayFetch) { Settings = Settings };
            var status = new StatusCheck(Crypto, new([Root.Certificate], Untrusted, Signers, Crls, Locations), round);
            var result = new TrustChain(Crypto, [Root.Certificate], Untrusted, at ?? Now, status).Validate(certificate, policy);
            Assert.Equal(result.IsPending, round.Needs.Count > 0);
            // What was logged already stays as it was.
            Assert.Equal(written, result.Lines.Take(written.Length));
            written = [.. result.Lines];
            if (!result.IsPending)
            {
                Cache.Learn(round, at ?? Now);
                return result;
            }
            foreach (var need in round.Needs)
            {
                Fetched.Add(need.Uri);
                answers[need] = Servers.TryGetValue(need.Uri, out var server) ? server(need) : StatusAnswer.Failed("nobody there");
                Cache.Note(need, answers[need], at ?? Now);
            }
        }
        throw new InvalidOperationException("the validation does not end");
    }

    /// <summary>The lines that are about revocation.</summary>
    public static string[] Lines(TrustResult result) => [.. result.Lines.SkipWhile(l => !l.StartsWith("checking", StringComparison.Ordinal))];

    public Certificate Leaf(string name, string? crl = null, string? ocsp = null, TestAuthority? issuer = null) => new TestAuthority(name, issuer ?? Root, isCa: false, extensions: Extensions(crl, ocsp)).Certificate;

    public static X509Extension[] Extensions(string? crl, string? ocsp)
    {
        List<X509Extension> list = [];
        if (crl is not null) list.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension(crl.Split(' ')));
        if (ocsp is not null) list.Add(new X509AuthorityInformationAccessExtension(ocsp.Split(' '), []));
        return [.. list];
    }

    /// <summary>CRLDistributionPoints with a cRLIssuer.</summary>
    public static X509Extension Designated(string uri, string issuer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4)))
                writer.WriteEncodedValue(new X500DistinguishedName(issuer).RawData);
        }
        return new X509Extension("2.5.29.31", writer.Encode(), false);
    }

    public static byte[] Crl(TestAuthority by, int number, params RevokedCertificate[] revoked) => Crl(by, number, revoked, null);

    public static byte[] Crl(TestAuthority by, int number, RevokedCertificate[] revoked, Func<CrlContent, CrlContent>? change)
    {
        var content = new CrlContent(by.Certificate.Subject, by.Certificate.PublicKey.KeyId)
        {
            Number = [(byte)(number >> 8), (byte)number], ThisUpdate = Now.AddHours(-1), NextUpdate = Now.AddHours(1), Revoked = revoked,
        };
        return CrlMaker.Make(change?.Invoke(content) ?? content, Key(by), SignatureScheme.EcdsaSha256Der, Crypto);
    }

    public static Crl Parsed(byte[] crl) => Cygnet.Pki.Crl.TryParse(crl, out var reason) ?? throw new InvalidOperationException(reason);

    public static RevokedCertificate Revoked(Certificate certificate, RevocationReason reason = RevocationReason.KeyCompromise) => new(certificate.SerialNumber, Now.AddDays(-1), reason);

    public static SoftwareKey Key(TestAuthority of) => SoftwareKey.FromDer(of.Pkcs8, out var reason) ?? throw new InvalidOperationException(reason);
}
