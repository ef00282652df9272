// Strict parsing of certificate revocation lists, base and delta. RFC 5280 5.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>CRLReason, RFC 5280 5.3.1.</summary>
public enum RevocationReason
{
    Unspecified, KeyCompromise, CaCompromise, AffiliationChanged, Superseded, CessationOfOperation, CertificateHold, RemoveFromCrl = 8, PrivilegeWithdrawn = 9, AaCompromise = 10,
}

/// <summary>One revoked certificate.</summary>
public sealed record RevokedCertificate(byte[] SerialNumber, DateTimeOffset Date, RevocationReason Reason)
{
    /// <summary>In an indirect CRL, who issued the certificate; null: the issuer of the CRL. RFC 5280 5.3.3.</summary>
    public Identity? Issuer { get; init; }
}

/// <summary>A parsed CRL; immutable. Nothing in it is verified.</summary>
public sealed partial class Crl : IEquatable<Crl>
{
    // Lists of public CAs reach some megabytes.
    const int MaxBytes = 1 << 26;

    Crl(byte[] raw) => Raw = raw;

    public byte[] Raw { get; }
    public Identity Issuer { get; private set; } = Identity.Any;
    public DateTimeOffset ThisUpdate { get; private set; }

    /// <summary>Null if the list does not say; RFC 5280 demands it, old CAs leave it out.</summary>
    public DateTimeOffset? NextUpdate { get; private set; }

    /// <summary>CRL number, big-endian; empty if there is none.</summary>
    public byte[] Number { get; private set; } = [];

    /// <summary>A delta CRL: number of the base that it adds to.</summary>
    public byte[]? BaseNumber { get; private set; }
    public byte[]? AuthorityKeyId { get; private set; }
    public IReadOnlyList<CrlLocation> FreshestLocations { get; private set; } = [];
    public IReadOnlyList<RevokedCertificate> Revoked { get; private set; } = [];

    /// <summary>Critical extensions of the list or of an entry that are not evaluated: the list must not be used, RFC 5280 5.2.</summary>
    public IReadOnlyList<string> UnknownCriticalExtensions => _unknown;

    readonly List<string> _unknown = [];
    SignatureScheme _scheme;
    byte[] _signature = [];
    ReadOnlyMemory<byte> _tbs;

    /// <summary>Parses DER or the first CRL of a PEM file. Null and a sentence why not; never an exception.</summary>
    public static Crl? TryParse(ReadOnlySpan<byte> derOrPem, out string reason) =>
        SignedFrame.TryParse(derOrPem, "CRL", ["X509 CRL", "CRL"], MaxBytes, der => new Crl(der), crl => crl.Read(), out reason);

    /// <summary>Whether that certificate's key signed the list.</summary>
    public bool IsSignedBy(Certificate issuer, ICryptoDoor crypto)
    {
        if (issuer.Equals(_signer)) return true;
        if (SignatureAlgorithm.KindOf(_scheme) != issuer.PublicKey.Kind || !crypto.Verify(issuer.PublicKey, _scheme, _tbs.Span, _signature)) return false;
        _signer = issuer;
        return true;
    }

    // Neither list nor certificate changes, so neither does this; lists of some megabytes are not hashed for every peer.
    Certificate? _signer;

    /// <summary>The entry of a certificate of that serial number; leading zero bytes do not matter.</summary>
    public RevokedCertificate? Find(ReadOnlySpan<byte> serialNumber) => Find(serialNumber, null);

    string? Read()
    {
        if (SignedFrame.Read(Raw, "CRL", out var why) is not var (signed, tbs, algorithm, scheme, signature)) return why;
        (_tbs, _scheme, _signature) = (signed, scheme, signature);
        var isVersion2 = tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Integer);
        if (isVersion2 && (!tbs.TryReadInt32(out var version) || version != 1)) return "CRL version is neither 1 nor 2";
        if (!tbs.ReadEncodedValue().Span.SequenceEqual(algorithm.Span)) return "signature algorithms inside and outside the signed part differ";
        if (!Identity.TryFromDistinguishedName(tbs.ReadEncodedValue().Span, out var issuer)) return "malformed issuer name";
        Issuer = issuer;
        ThisUpdate = ReadTime(tbs);
        if (tbs.HasData && IsTime(tbs)) NextUpdate = ReadTime(tbs);
        if (tbs.HasData && tbs.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) ReadEntries(tbs.ReadSequence());
        if (tbs.HasData)
        {
            if (!isVersion2) return "extensions in a CRL that is not version 2";
            var tagged = tbs.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
            ReadExtensions(tagged.ReadSequence(), ReadExtension);
            tagged.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();
        return null;
    }

    void ReadEntries(AsnReader entries)
    {
        List<RevokedCertificate> list = [];
        // Holds until the next entry that names another: RFC 5280 5.3.3.
        Identity? certificateIssuer = null;
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            var serial = entry.ReadIntegerBytes().ToArray();
            var date = ReadTime(entry);
            var reason = RevocationReason.Unspecified;
            if (entry.HasData)
            {
                ReadExtensions(entry.ReadSequence(), (oid, value) =>
                {
                    switch (oid)
                    {
                        case Oids.ReasonCode: reason = value.ReadEnumeratedValue<RevocationReason>(); return true;
                        // When it became invalid: for people.
                        case Oids.InvalidityDate: value.ReadEncodedValue(); return true;
                        case Oids.CertificateIssuer: certificateIssuer = ReadDirectoryName(value.ReadSequence()); return true;
                        default: return false;
                    }
                });
            }
            entry.ThrowIfNotEmpty();
            list.Add(new(serial, date, reason) { Issuer = certificateIssuer });
        }
        Revoked = list;
    }

    bool ReadExtension(string oid, AsnReader value)
    {
        switch (oid)
        {
            case Oids.CrlNumber: Number = value.ReadIntegerBytes().ToArray(); return true;
            case Oids.DeltaCrlIndicator: BaseNumber = value.ReadIntegerBytes().ToArray(); return true;
            case Oids.AuthorityKeyId:
                var body = value.ReadSequence();
                var tag = new Asn1Tag(TagClass.ContextSpecific, 0);
                if (body.HasData && body.PeekTag() == tag) AuthorityKeyId = body.ReadOctetString(tag);
                return true;
            case Oids.IssuingDistributionPoint: Scope = CrlScope.Read(value.ReadSequence()); return true;
            case Oids.FreshestCrl: FreshestLocations = Certificate.ReadCrlLocationList(value.ReadSequence()); return true;
            default: return false;
        }
    }

    void ReadExtensions(AsnReader extensions, Func<string, AsnReader, bool> read)
    {
        while (extensions.HasData)
        {
            var extension = Extension.Read(extensions);
            if (!read(extension.Oid, extension.Open()) && extension.IsCritical && !_unknown.Contains(extension.Oid)) _unknown.Add(extension.Oid);
        }
    }

    static bool IsTime(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || reader.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime);

    static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
