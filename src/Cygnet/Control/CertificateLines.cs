// A certificate, attribute certificate, CRL or OCSP response for people, as the list commands and pki --print show it. ipsec(8).
using System.Globalization;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Revocation;

namespace Cygnet.Control;

/// <summary>Writes credentials in the reference's layout, with times in UTC or as the offset of <paramref name="now"/> says.</summary>
public sealed class CertificateLines(TextWriter to, DateTimeOffset now, bool utc, ICryptoDoor crypto)
{
    // The reference's order; the words of the extended usages are options of pki --flag too.
    static readonly (string Oid, string Word)[] s_usages =
    [
        (Oids.OcspSigning, "ocspSigning"), (Oids.ServerAuth, "serverAuth"), (Oids.ClientAuth, "clientAuth"), (Oids.IkeIntermediate, "ikeIntermediate"),
        (Oids.MsSmartcardLogon, "msSmartcardLogon"),
    ];

    public void Write(Certificate c, bool hasPrivateKey = false)
    {
        to.Write($"  subject:  \"{c.Subject}\"\n  issuer:   \"{c.Issuer}\"\n");
        WriteValidity(c.NotBefore, c.NotAfter);
        to.Write($"  serial:    {Pairs(c.SerialNumber.AsSpan().TrimStart((byte)0))}\n");
        if (c.SubjectAltNames.Count > 0) to.Write($"  altNames:  {string.Join(", ", c.SubjectAltNames)}\n");
        WriteFlags(c);
        WriteLocations(c);
        if (c.PathLength is { } length) to.Write($"  pathlen:   {length}\n");
        ConstraintLines.Write(to, c);
        if (c.AuthorityKeyId is { } authority) to.Write($"  authkeyId: {Pairs(authority)}\n");
        to.Write($"  subjkeyId: {Pairs(c.SubjectKeyId ?? c.PublicKey.KeyId)}\n");
        WriteKey("pubkey", c.PublicKey, hasPrivateKey);
    }

    /// <summary>A key; the label is pubkey or privkey.</summary>
    public void WriteKey(string label, PublicKey key, bool hasPrivateKey = false)
    {
        var kind = key.Kind switch { KeyKind.Rsa => "RSA", KeyKind.Ecdsa => "ECDSA", KeyKind.Ed25519 => "ED25519", _ => "ED448" };
        to.Write($"  {label + ":",-11}{kind} {key.Bits} bits{(hasPrivateKey ? ", has private key" : "")}\n");
        to.Write($"  keyid:     {Pairs(System.Security.Cryptography.SHA1.HashData(key.SubjectPublicKeyInfo))}\n  subjkey:   {Pairs(key.KeyId)}\n");
    }

    public void Write(AttributeCertificate ac)
    {
        // Without a name it is the serial number that says whose it is.
        to.Write($"  subject:  \"{ac.HolderName?.ToString() ?? Pairs(ac.HolderSerialNumber.AsSpan().TrimStart((byte)0))}\"\n  issuer:   \"{ac.Issuer}\"\n");
        WriteValidity(ac.NotBefore, ac.NotAfter);
        to.Write($"  serial:    {ac.SerialText}\n");
        if (ac.HolderIssuer is { } issuer) to.Write($"  hissuer:  \"{issuer}\"\n  hserial:   {Pairs(ac.HolderSerialNumber.AsSpan().TrimStart((byte)0))}\n");
        // The reference leaves out what is not printable, as it leaves it out of what members are compared with.
        var groups = ac.Groups.Where(g => g.Form != GroupForm.Text || g.Value.All(c => c is >= ' ' and <= '~')).ToList();
        for (var i = 0; i < groups.Count; i++) to.Write($"  {(i == 0 ? "groups:    " : "           ")}{groups[i].Value}\n");
        if (ac.AuthorityKeyId is { } authority) to.Write($"  authkey:  {Pairs(authority)}\n");
    }

    /// <summary>A raw public key: whose it is and how long it is valid, where that is known.</summary>
    public void Write(PublicKey key, string? subject, DateTimeOffset? from, DateTimeOffset? until, bool hasPrivateKey = false)
    {
        if (subject is not null) to.Write($"  subject:  \"{subject}\"\n");
        if (from is { } first && until is { } last) WriteValidity(first, last);
        WriteKey("pubkey", key, hasPrivateKey);
    }

    public void Write(Crl crl)
    {
        to.Write($"  issuer:   \"{crl.Issuer}\"\n");
        var isFuture = crl.ThisUpdate > now;
        to.Write($"  update:    this on {Time(crl.ThisUpdate)}, {(isFuture ? $"not valid yet (valid in {Span(crl.ThisUpdate)})" : "ok")}\n");
        to.Write($"             next on {(crl.NextUpdate is { } next ? $"{Time(next)}, {Expiry(next)}" : "(unspecified)")}\n");
        to.Write($"  serial:    {Pairs(crl.Number.AsSpan().TrimStart((byte)0))}\n");
        if (crl.BaseNumber is { } number) to.Write($"  delta CRL: for serial {Pairs(number.AsSpan().TrimStart((byte)0))}\n");
        if (crl.AuthorityKeyId is { } authority) to.Write($"  authKeyId: {Pairs(authority)}\n");
        for (var i = 0; i < crl.FreshestLocations.Count; i++)
            to.Write($"  {(i == 0 ? "freshest:  " : "           ")}{Location(crl.FreshestLocations[i])}\n");
    }

    /// <summary>The revoked certificates of a CRL, which the list commands only count.</summary>
    public void WriteRevoked(Crl crl)
    {
        to.Write($"  {crl.Revoked.Count} revoked certificate{(crl.Revoked.Count == 1 ? "" : "s")}{(crl.Revoked.Count == 0 ? "" : ":")}\n");
        foreach (var entry in crl.Revoked) to.Write($"    {Pairs(entry.SerialNumber.AsSpan().TrimStart((byte)0))}: {Time(entry.Date)}, {Word(entry.Reason)}\n");
    }

    public void Write(OcspResponse response)
    {
        to.Write($"  issuer:   \"{response.Responder}\"\n");
        var isFuture = response.ProducedAt > now;
        to.Write($"  update:    this on {Time(response.ProducedAt)}, {(isFuture ? $"not valid yet (valid in {Span(response.ProducedAt)})" : "ok")}\n");
        to.Write($"             next on {Time(response.Expires)}, {Expiry(response.Expires)}\n");
        for (var i = 0; i < response.Singles.Count; i++)
        {
            var single = response.Singles[i];
            var status = single.Status == OcspStatus.Revoked ? $"revoked on {Time(single.RevokedAt)}, {Word(single.Reason)}" : single.Status.ToString().ToLowerInvariant();
            to.Write($"  {(i == 0 ? "responses: " : "           ")}{Pairs(single.CertId.SerialNumber)}: {status}\n");
        }
    }

    /// <summary>The reference's words for reasons.</summary>
    public static string Word(RevocationReason reason) => reason switch
    {
        RevocationReason.KeyCompromise => "key compromise",
        RevocationReason.CaCompromise => "ca compromise",
        RevocationReason.AffiliationChanged => "affiliation changed",
        RevocationReason.Superseded => "superseded",
        RevocationReason.CessationOfOperation => "cessation of operation",
        RevocationReason.CertificateHold => "certificate hold",
        RevocationReason.RemoveFromCrl => "remove from crl",
        RevocationReason.PrivilegeWithdrawn => "privilege withdrawn",
        RevocationReason.AaCompromise => "aa compromise",
        _ => "unspecified",
    };

    void WriteValidity(DateTimeOffset from, DateTimeOffset until)
    {
        to.Write($"  validity:  not before {Time(from)}, {(from > now ? $"not valid yet (valid in {Span(from)})" : "ok")}\n");
        to.Write($"             not after  {Time(until)}, {Expiry(until)}\n");
    }

    void WriteFlags(Certificate c)
    {
        var flags = new StringBuilder();
        if (c.IsCa) flags.Append("CA ");
        if (c.KeyUsage?.HasFlag(KeyUsages.CrlSign) ?? false) flags.Append("CRLSign ");
        foreach (var (oid, word) in s_usages)
            if (c.ExtendedKeyUsages.Contains(oid)) flags.Append(word).Append(' ');
        if (IsSelfSigned(c)) flags.Append("self-signed ");
        // The reference ends with this word where it is the last, without the blank of the others.
        var text = flags.ToString();
        to.Write($"  flags:     {(text.EndsWith("msSmartcardLogon ", StringComparison.Ordinal) ? text.TrimEnd() : text)}\n");
    }

    // By the key ids if there are any, else by name; the signature decides.
    bool IsSelfSigned(Certificate c) =>
        (c.AuthorityKeyId is { } authority ? authority.AsSpan().SequenceEqual(c.SubjectKeyId ?? c.PublicKey.KeyId) : c.IsSelfIssued) && c.IsSignedBy(c, crypto);

    void WriteLocations(Certificate c)
    {
        for (var i = 0; i < c.CrlLocations.Count; i++) to.Write($"  {(i == 0 ? "CRL URIs:  " : "         ")}{Location(c.CrlLocations[i])}\n");
        for (var i = 0; i < c.OcspUris.Count; i++) to.Write($"  {(i == 0 ? "OCSP URIs: " : "         ")}{c.OcspUris[i]}\n");
    }

    static string Location(CrlLocation location) => location.Issuer is null ? location.Uri : $"{location.Uri} (CRL issuer: {location.Issuer})";

    string Expiry(DateTimeOffset end) => end < now ? $"expired ({Span(end)} ago)" : $"ok (expires in {Span(end)})";

    // Whole seconds on both sides, as time(2) counts them.
    string Span(DateTimeOffset time) => Delta.Of(time.ToUnixTimeSeconds() - now.ToUnixTimeSeconds());

    string Time(DateTimeOffset time) => utc
        ? time.UtcDateTime.ToString("MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture)
        : time.ToOffset(now.Offset).ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);

    static string Pairs(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? "00" : Policy.Identity.ToHexPairs(bytes);
}
