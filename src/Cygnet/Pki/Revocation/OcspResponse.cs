// Strict parsing of OCSP responses. RFC 6960 4.2. They come from whoever answers at the responder's address.
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki.Revocation;

/// <summary>What a responder says of a certificate.</summary>
public enum OcspStatus { Good, Revoked, Unknown }

/// <summary>One certificate's status. <paramref name="NextUpdate"/> null: newer information is always to be had.</summary>
public sealed record OcspSingle(OcspCertId CertId, OcspStatus Status, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate)
{
    /// <summary>When and why, of a revoked one.</summary>
    public DateTimeOffset RevokedAt { get; init; }
    public RevocationReason Reason { get; init; }
}

/// <summary>A parsed basic response; immutable. Nothing in it is verified.</summary>
public sealed class OcspResponse : IEquatable<OcspResponse>
{
    /// <summary>A response holds a few hundred bytes, and the certificates of its signer.</summary>
    public const int MaxBytes = 1 << 17;

    const int MaxSingles = 1000, MaxCertificates = 10;

    // Without nextUpdate a response is used that long: what the reference does.
    static readonly TimeSpan _shortLife = TimeSpan.FromSeconds(30);

    OcspResponse(byte[] raw) => Raw = raw;

    public byte[] Raw { get; }

    /// <summary>Who signed it: a distinguished name, or a key id (SHA-1 of the key's bits).</summary>
    public Identity Responder { get; private set; } = Identity.Any;
    public DateTimeOffset ProducedAt { get; private set; }
    public IReadOnlyList<OcspSingle> Singles { get; private set; } = [];

    /// <summary>Certificates that came along; not to be trusted for that.</summary>
    public IReadOnlyList<Certificate> Certificates { get; private set; } = [];

    /// <summary>The nonce of the request, echoed; null if there is none.</summary>
    public byte[]? Nonce { get; private set; }

    /// <summary>Critical extensions that are not evaluated: with one of them the response must not be used.</summary>
    public IReadOnlyList<string> UnknownCriticalExtensions => _unknown;

    readonly List<string> _unknown = [];
    SignatureScheme _scheme;
    byte[] _signature = [];
    ReadOnlyMemory<byte> _tbs;
    Certificate? _signer;

    /// <summary>Parses DER. Null and a sentence why not, also for a responder that reports an error; never an exception.</summary>
    public static OcspResponse? TryParse(ReadOnlySpan<byte> der, out string reason)
    {
        if (der.Length > MaxBytes)
        {
            reason = $"OCSP response of {der.Length} bytes; at most {MaxBytes} are taken";
            return null;
        }
        var response = new OcspResponse(der.ToArray());
        try
        {
            reason = response.Read() ?? "";
        }
        catch (AsnContentException e)
        {
            reason = $"malformed OCSP response: {e.Message}";
        }
        return reason.Length == 0 ? response : null;
    }

    /// <summary>Whether the responder that the response names has this certificate.</summary>
    public bool IsNamed(Certificate signer) =>
        Responder.Kind == IdentityKind.KeyId ? Responder.Encoded.AsSpan().SequenceEqual(signer.PublicKey.KeyId) : Responder.Equals(signer.Subject);

    /// <summary>Whether that certificate's key signed it.</summary>
    public bool IsSignedBy(Certificate signer, ICryptoDoor crypto)
    {
        if (signer.Equals(_signer)) return true;
        if (SignatureAlgorithm.KindOf(_scheme) != signer.PublicKey.Kind || !crypto.Verify(signer.PublicKey, _scheme, _tbs.Span, _signature)) return false;
        _signer = signer;
        return true;
    }

    /// <summary>Until when a status may be used.</summary>
    public DateTimeOffset UsableUntil(OcspSingle single) => single.NextUpdate ?? ProducedAt + _shortLife;

    /// <summary>Until when the first of them may.</summary>
    public DateTimeOffset Expires => Singles.Count == 0 ? ProducedAt + _shortLife : Singles.Min(UsableUntil);

    public OcspSingle? Find(Certificate certificate, Certificate issuer) => Singles.FirstOrDefault(s => s.CertId.IsOf(certificate, issuer));

    string? Read()
    {
        var file = new AsnReader(Raw, AsnEncodingRules.DER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var status = outer.ReadEnumeratedBytes().Span;
        if (status is not [0]) return $"the responder says: {StatusWord(status)}";
        if (Certificate.Tagged(outer, 0) is not { } tagged) return "malformed OCSP response: successful, and nothing in it";
        outer.ThrowIfNotEmpty();
        var bytes = tagged.ReadSequence();
        tagged.ThrowIfNotEmpty();
        var type = bytes.ReadObjectIdentifier();
        if (type != Oids.OcspBasic) return $"OCSP response of type {type} is not supported";
        var basic = new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.DER);
        bytes.ThrowIfNotEmpty();
        var body = basic.ReadSequence();
        basic.ThrowIfNotEmpty();
        _tbs = body.PeekEncodedValue();
        var tbs = body.ReadSequence();
        if (SignatureAlgorithm.Read(body, out var why) is not { } scheme) return why;
        _scheme = scheme;
        _signature = body.ReadBitString(out var unused);
        if (unused != 0) return "malformed OCSP response: the signature has unused bits";
        if (Certificate.Tagged(body, 0) is { } certificates)
        {
            ReadCertificates(certificates.ReadSequence());
            certificates.ThrowIfNotEmpty();
        }
        body.ThrowIfNotEmpty();
        return ReadData(tbs);
    }

    // ResponseData ::= SEQUENCE { version [0], responderID, producedAt, responses, responseExtensions [1] }
    string? ReadData(AsnReader tbs)
    {
        if (Certificate.Tagged(tbs, 0) is { } version && (!version.TryReadInt32(out var number) || number != 0)) return "OCSP response version is not 1";
        if (Certificate.Tagged(tbs, 1) is { } byName)
        {
            if (!Identity.TryFromDistinguishedName(byName.ReadEncodedValue().Span, out var name)) return "malformed OCSP responder name";
            Responder = name;
            byName.ThrowIfNotEmpty();
        }
        else if (Certificate.Tagged(tbs, 2) is { } byKey)
        {
            Responder = Identity.FromKeyId(byKey.ReadOctetString());
            byKey.ThrowIfNotEmpty();
        }
        else return "malformed OCSP response: no responder";
        ProducedAt = tbs.ReadGeneralizedTime();
        List<OcspSingle> list = [];
        var singles = tbs.ReadSequence();
        while (singles.HasData)
        {
            if (list.Count == MaxSingles) return $"OCSP response with more than {MaxSingles} statuses";
            list.Add(ReadSingle(singles.ReadSequence()));
        }
        Singles = list;
        if (Certificate.Tagged(tbs, 1) is { } extensions)
        {
            ReadExtensions(extensions.ReadSequence(), isResponse: true);
            extensions.ThrowIfNotEmpty();
        }
        tbs.ThrowIfNotEmpty();
        return null;
    }

    // SingleResponse ::= SEQUENCE { certID, certStatus CHOICE { good [0], revoked [1], unknown [2] }, thisUpdate, nextUpdate [0], singleExtensions [1] }
    OcspSingle ReadSingle(AsnReader single)
    {
        var id = OcspCertId.Read(single.ReadSequence());
        var (status, revokedAt, reason) = ReadStatus(single);
        var thisUpdate = single.ReadGeneralizedTime();
        DateTimeOffset? nextUpdate = null;
        if (Certificate.Tagged(single, 0) is { } next)
        {
            nextUpdate = next.ReadGeneralizedTime();
            next.ThrowIfNotEmpty();
        }
        if (Certificate.Tagged(single, 1) is { } extensions)
        {
            ReadExtensions(extensions.ReadSequence(), isResponse: false);
            extensions.ThrowIfNotEmpty();
        }
        single.ThrowIfNotEmpty();
        return new(id, status, thisUpdate, nextUpdate) { RevokedAt = revokedAt, Reason = reason };
    }

    static (OcspStatus, DateTimeOffset, RevocationReason) ReadStatus(AsnReader single)
    {
        var tag = single.PeekTag();
        if (tag == new Asn1Tag(TagClass.ContextSpecific, 0))
        {
            single.ReadNull(tag);
            return (OcspStatus.Good, default, default);
        }
        if (Certificate.Tagged(single, 1) is not { } revoked)
        {
            single.ReadNull(new Asn1Tag(TagClass.ContextSpecific, 2));
            return (OcspStatus.Unknown, default, default);
        }
        var at = revoked.ReadGeneralizedTime();
        var reason = RevocationReason.Unspecified;
        if (Certificate.Tagged(revoked, 0) is { } why)
        {
            reason = why.ReadEnumeratedValue<RevocationReason>();
            why.ThrowIfNotEmpty();
        }
        revoked.ThrowIfNotEmpty();
        return (OcspStatus.Revoked, at, reason);
    }

    void ReadExtensions(AsnReader extensions, bool isResponse)
    {
        while (extensions.HasData)
        {
            var extension = Extension.Read(extensions);
            if (isResponse && extension.Oid == Oids.OcspNonce) Nonce = ReadNonce(extension.Content);
            else if (extension.IsCritical && !_unknown.Contains(extension.Oid)) _unknown.Add(extension.Oid);
        }
    }

    // Old responders send the bare bytes, without the OCTET STRING that RFC 8954 2.1 asks for; they may begin like one.
    static byte[] ReadNonce(byte[] value)
    {
        try
        {
            return AsnDecoder.TryReadPrimitiveOctetString(value, AsnEncodingRules.DER, out var inner, out var consumed) && consumed == value.Length ? inner.ToArray() : value;
        }
        catch (AsnContentException)
        {
            return value;
        }
    }

    // One that is not understood may be of no use to us and of use to others.
    void ReadCertificates(AsnReader certificates)
    {
        List<Certificate> list = [];
        while (certificates.HasData)
        {
            var der = certificates.ReadEncodedValue();
            if (list.Count < MaxCertificates && Certificate.TryParse(der.Span, out _) is { } certificate) list.Add(certificate);
        }
        Certificates = list;
    }

    static string StatusWord(ReadOnlySpan<byte> status) => status switch
    {
        [1] => "malformed request",
        [2] => "internal error",
        [3] => "try later",
        [5] => "signature required",
        [6] => "unauthorized",
        _ => $"status {Convert.ToHexStringLower(status)}",
    };

    public bool Equals(OcspResponse? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    public override bool Equals(object? obj) => Equals(obj as OcspResponse);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.AddBytes(_signature.AsSpan(0, Math.Min(32, _signature.Length)));
        return h.ToHashCode();
    }
}
