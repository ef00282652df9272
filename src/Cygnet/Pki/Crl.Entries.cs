// Looking a certificate up in a CRL, and comparing CRLs. RFC 5280 5.2.3, 5.2.5, 5.3.3.
using System.Formats.Asn1;
using Cygnet.Policy;

namespace Cygnet.Pki;

public sealed partial class Crl
{
    /// <summary>Which certificates the list is about; null: all of its issuer.</summary>
    public CrlScope? Scope { get; private set; }

    /// <summary>The entry of a certificate; of an indirect list only if it is about that issuer's certificate.</summary>
    public RevokedCertificate? Find(Certificate certificate) => Find(certificate.SerialNumber, Scope is { IsIndirect: true } ? certificate.Issuer : null);

    RevokedCertificate? Find(ReadOnlySpan<byte> serialNumber, Identity? certificateIssuer)
    {
        serialNumber = serialNumber.TrimStart((byte)0);
        // The last one counts, where a careless CA lists a number twice.
        for (var i = Revoked.Count - 1; i >= 0; i--)
            if (Revoked[i].SerialNumber.AsSpan().TrimStart((byte)0).SequenceEqual(serialNumber)
                && (certificateIssuer is null || certificateIssuer.Equals(Revoked[i].Issuer ?? Issuer))) return Revoked[i];
        return null;
    }

    /// <summary>By CRL number, or by date where one has none. Positive: this is the newer one.</summary>
    public int CompareAge(Crl other) => Number.Length > 0 && other.Number.Length > 0 ? Compare(Number, other.Number) : ThisUpdate.CompareTo(other.ThisUpdate);

    /// <summary>Whether this delta list adds to that base: it begins with that one or one before, and is newer. RFC 5280 5.2.4.</summary>
    public bool Extends(Crl @base) => BaseNumber is { } number && @base.BaseNumber is null && @base.Number.Length > 0
        && Compare(number, @base.Number) <= 0 && Compare(Number, @base.Number) > 0;

    /// <summary>Compares unsigned numbers of any length.</summary>
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        a = a.TrimStart((byte)0);
        b = b.TrimStart((byte)0);
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    public bool Equals(Crl? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    public override bool Equals(object? obj) => Equals(obj as Crl);

    public override int GetHashCode()
    {
        var h = new HashCode();
        h.AddBytes(_signature.AsSpan(0, Math.Min(32, _signature.Length)));
        return h.ToHashCode();
    }

    static Identity? ReadDirectoryName(AsnReader names)
    {
        Identity? found = null;
        while (names.HasData)
            if (Certificate.TryReadGeneralName(names, out var name) && name.Kind == IdentityKind.DistinguishedName) found ??= name;
        return found ?? throw new AsnContentException("a certificate issuer that is no directory name");
    }
}
