// An X.509 attribute certificate: which groups the holder of a certificate belongs to, as an attribute authority says. RFC 5755.
using System.Formats.Asn1;
using System.Text;
using Cygnet.Crypto;
using Cygnet.Policy;

namespace Cygnet.Pki;

/// <summary>The forms in which a group can be named: IetfAttrSyntax, RFC 5755 4.4.</summary>
public enum GroupForm { Text, Oid, Octets }

/// <summary>A group; the value is text, a dotted OID, or hex pairs.</summary>
public sealed record AttributeGroup(GroupForm Form, string Value);

/// <summary>A parsed attribute certificate; immutable. Nothing in it is verified: <see cref="Auth.CredentialStore.GroupsOf"/> does that.</summary>
public sealed partial class AttributeCertificate : IEquatable<AttributeCertificate>
{
    AttributeCertificate(byte[] raw) => Raw = raw;

    /// <summary>The whole DER.</summary>
    public byte[] Raw { get; }

    /// <summary>Serial number as in the certificate, leading zero bytes included.</summary>
    public byte[] SerialNumber { get; private set; } = [];

    /// <summary>Whose it is, by issuer and serial number of the holder's certificate: baseCertificateID. Both or neither are null.</summary>
    public Identity? HolderIssuer { get; private set; }
    public byte[]? HolderSerialNumber { get; private set; }

    /// <summary>Whose it is by name: entityName, of several the first distinguished name, else the first name.</summary>
    public Identity? HolderName { get; private set; }

    /// <summary>Name of the attribute authority, as in its certificate.</summary>
    public Identity Issuer { get; private set; } = Identity.Any;
    public DateTimeOffset NotBefore { get; private set; }
    public DateTimeOffset NotAfter { get; private set; }
    public IReadOnlyList<AttributeGroup> Groups { get; private set; } = [];
    public byte[]? AuthorityKeyId { get; private set; }

    /// <summary>The authority says that it will not revoke this certificate, RFC 5755 4.3.6.</summary>
    public bool HasNoRevocation { get; private set; }

    /// <summary>Critical extensions, in dotted form, that are not evaluated here, targeting among them; with one of them it is not valid.</summary>
    public IReadOnlyList<string> UnknownCriticalExtensions { get; private set; } = [];

    SignatureScheme _scheme;
    byte[] _signature = [];
    ReadOnlyMemory<byte> _tbs;

    public bool IsValidAt(DateTimeOffset now) => now >= NotBefore && now <= NotAfter;

    /// <summary>Whether it is the certificate's: every way in which the holder is named has to fit. RFC 5755 4.2.2.</summary>
    public bool IsHeldBy(Certificate holder)
    {
        if (HolderIssuer is null && HolderName is null) return false;
        if (HolderIssuer is not null && !(HolderIssuer.Equals(holder.Issuer) && IsSerial(HolderSerialNumber, holder.SerialNumber))) return false;
        return HolderName is null || holder.Subject.Equals(HolderName) || holder.SubjectAltNames.Contains(HolderName);
    }

    static bool IsSerial(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.TrimStart((byte)0).SequenceEqual(b.TrimStart((byte)0));

    /// <summary>Whether that certificate is of the authority that it names: by key id if it has one, else by name.</summary>
    public bool NamesAsIssuer(Certificate authority) => Issuer.Equals(authority.Subject)
        && (AuthorityKeyId is not { } id || id.AsSpan().SequenceEqual(authority.PublicKey.KeyId) || id.AsSpan().SequenceEqual(authority.SubjectKeyId));

    public bool IsSignedBy(Certificate authority, ICryptoDoor crypto) =>
        SignatureAlgorithm.KindOf(_scheme) == authority.PublicKey.Kind && crypto.Verify(authority.PublicKey, _scheme, _tbs.Span, _signature);

    public bool Equals(AttributeCertificate? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    public override bool Equals(object? obj) => Equals(obj as AttributeCertificate);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.AddBytes(_signature.AsSpan(0, Math.Min(32, _signature.Length)));
        return h.ToHashCode();
    }

    /// <summary>The serial number as people read it.</summary>
    public string SerialText => SerialNumber.AsSpan().TrimStart((byte)0) is { IsEmpty: false } serial ? Identity.ToHexPairs(serial) : "00";

    public override string ToString() => $"{HolderName ?? HolderIssuer}";
}
