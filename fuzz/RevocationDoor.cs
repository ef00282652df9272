// CRLs and OCSP responses: whoever answers at a URI writes them, and they are read before they are verified.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;
using Cygnet.Tests.Pki;
using Cygnet.Tests.Pki.Revocation;
using Cygnet.Wire;

namespace Cygnet.Fuzz;

static class RevocationDoor
{
    static readonly TestAuthority s_ca = new("ca");
    static readonly Certificate s_leaf = s_ca.Leaf("leaf").Certificate;

    // Indefinite and huge lengths, tags and object identifiers of the extensions.
    static readonly byte[][] s_words =
    [
        [0x30, 0x80], [0x30, 0x84, 0xff, 0xff, 0xff, 0xff], [0x06, 0x03, 0x55, 0x1d, 0x1c], [0x06, 0x03, 0x55, 0x1d, 0x14], [0x06, 0x03, 0x55, 0x1d, 0x1b], [0x06, 0x03, 0x55, 0x1d, 0x2e],
        [0x06, 0x03, 0x55, 0x1d, 0x15], [0x06, 0x03, 0x55, 0x1d, 0x1d], [0x01, 1, 0xff], [0x05, 0], [0x02, 1, 0], [0x0a, 1, 0], [0xa0], [0xa1], [0xa2], [0x80, 0], [0x82, 0], [0x18, 0], [0x17, 0],
    ];

    public static Target Crls()
    {
        var entry = RevocationLab.Revoked(s_leaf, RevocationReason.CertificateHold);
        List<byte[]> corpus =
        [
            RevocationLab.Crl(s_ca, 1), RevocationLab.Crl(s_ca, 2, entry),
            RevocationLab.Crl(s_ca, 3, [entry with { Issuer = s_ca.Certificate.Subject }], c => c with { BaseNumber = [2], CriticalExtensions = [("2.5.29.28", [0x30, 3, 0x84, 1, 0xff])] }),
            RevocationLab.Crl(s_ca, 4, [entry], c => c with { FreshestLocations = [new("http://fresh.example/", s_ca.Certificate.Subject)], CriticalExtensions = [("1.2.3", [])] }),
        ];
        return new("crl", corpus, s_words, input =>
        {
            if (Crl.TryParse(input, out var reason) is not { } crl) return reason;
            return Outcome(StatusAnswer.Of(input, []), new("http://x/")) + (crl.Find(s_leaf) is null ? "" : " found");
        });
    }

    public static Target Responses()
    {
        var id = OcspCertId.Of(s_leaf, s_ca.Certificate);
        List<byte[]> corpus =
        [
            new TestResponder(s_ca).Respond(id), new TestResponder(s_ca) { Status = OcspStatus.Revoked, Reason = RevocationReason.Superseded, ByKey = true }.Respond(id),
            new TestResponder(s_ca) { Status = OcspStatus.Unknown, Nonce = new byte[16], EncloseSigner = true, NextUpdate = null }.Respond(id),
            new TestResponder(s_ca) { CriticalOid = "1.2.3", Nonce = new byte[16], BareNonce = true }.Respond(id), [0x30, 3, 0x0a, 1, 6],
        ];
        return new("ocsp", corpus, s_words, input => OcspResponse.TryParse(input, out var reason) is null ? reason : Outcome(StatusAnswer.Of(input, new byte[16]), new("http://x/", id)));
    }

    // What a peer that nobody knows yet says of where its certificate is: it is read whole or not at all, and lies nowhere but where it seems to.
    public static Target Names()
    {
        AuthorityLocations place = new(s_ca.Certificate, [], [], "x") { CertificateBase = "http://certs.example/a/" };
        List<byte[]> corpus =
        [
            HashAndUrl.Of(s_leaf.Raw, place.CertificateBase).ToBytes(), HashAndUrl.Of(s_leaf.Raw, "http://certs.example/a/../b/").ToBytes(),
            HashAndUrl.Of(s_leaf.Raw, "http://user@certs.example:80/a/").ToBytes(), HashAndUrl.Of(s_leaf.Raw, "http://[fe80::1%25lo]/").ToBytes(), new byte[20],
        ];
        return new("hash-and-url", corpus, [.. new[] { "http://", "certs.example", "/a/", "..", "%2e", "@", ":80", ":", "#", "?", "\\", "//" }.Select(System.Text.Encoding.ASCII.GetBytes)], input =>
        {
            if (HashAndUrl.Read(input) is not { } name) return "no name";
            if (!name.ToBytes().AsSpan().SequenceEqual(input)) throw new Fault("read differently from how it is written");
            if (!place.IsAbove(name.Url)) return "elsewhere";
            return new Uri(name.Url) is { Host: "certs.example", Port: 80, UserInfo: "" } uri && uri.AbsolutePath.StartsWith("/a/", StringComparison.Ordinal) ? "below" : throw new Fault($"'{name.Url}' is not below");
        });
    }

    // As a validation uses it: whatever is in it, nothing is thrown, and what its signer did not sign is never good.
    static string Outcome(StatusAnswer answer, StatusNeed need)
    {
        var round = new StatusRound(StatusPicture.Empty, new Dictionary<StatusNeed, StatusAnswer> { [need] = answer }, mayFetch: true);
        AuthorityLocations place = new(s_ca.Certificate, need.CertId is null ? [need.Uri] : [], need.CertId is null ? [] : [need.Uri], "x");
        List<string> lines = [];
        var status = new StatusCheck(new SystemCrypto(), new([s_ca.Certificate], [], [], [], [place]), round).Check(s_leaf, s_ca.Certificate, RevocationLab.Now, lines);
        if (status == CertificateStatus.Good && !lines.Exists(l => l.Contains("correctly signed", StringComparison.Ordinal))) throw new Fault("good, and nobody signed it");
        return $"{status}";
    }
}
