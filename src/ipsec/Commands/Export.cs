// stroke exportx509, exportconncert, exportconnchain: certificates as PEM. ipsec(8).
using System.Security.Cryptography;
using Cygnet.Control;
using Cygnet.Pki;

namespace Cygnet.Command.Commands;

static class Export
{
    /// <summary>So long a chain is followed; then it goes round in a circle.</summary>
    const int MostIssuers = 16;

    /// <summary>All X.509 certificates of a subject, or with that subjectAltName.</summary>
    public static void BySubject(IVici charon, TextWriter to, string subject)
    {
        foreach (var certificate in Find(charon, subject, null)) Write(to, certificate);
    }

    /// <summary>The peer's certificate of each IKE_SA of that name, with <paramref name="chain"/> the issuers above it too, the root last.</summary>
    public static void ByConnection(IVici charon, TextWriter to, string name, bool chain, DateTimeOffset now)
    {
        foreach (var ike in Status.Events(charon, "list-sas", "list-sa").Where(s => s.Name == name))
        {
            // An SA does not keep it: of several certificates of the peer it is the newest that is valid.
            if (ike.Utf8("remote-id") is not { } peer) continue;
            var certificate = Find(charon, peer, "NONE").Where(c => c.IsValidAt(now)).MaxBy(c => c.NotBefore);
            for (var i = 0; certificate is not null && i < MostIssuers; i++)
            {
                Write(to, certificate);
                var below = certificate;
                certificate = chain && !below.IsSelfIssued
                    ? Find(charon, below.Issuer.ToString(), "CA").OrderByDescending(c => below.AuthorityKeyId is { } id && id.AsSpan().SequenceEqual(c.SubjectKeyId)).FirstOrDefault() : null;
            }
        }
    }

    static List<Certificate> Find(IVici charon, string subject, string? flag)
    {
        var found = new List<Certificate>();
        charon.Call("list-certs", new ViciSection().Add("type", "X509").Add("flag", flag).Add("subject", subject), "list-cert", e =>
        {
            if (Certificate.TryParse(e.Bytes("data") ?? [], out _) is { } certificate) found.Add(certificate);
        });
        return found;
    }

    static void Write(TextWriter to, Certificate certificate) => to.Write(PemEncoding.WriteString("CERTIFICATE", certificate.Raw) + "\n");
}
