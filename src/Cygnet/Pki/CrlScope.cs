// The issuing distribution point of a CRL: which certificates it is about. RFC 5280 5.2.5.
using System.Collections.Immutable;
using System.Formats.Asn1;

namespace Cygnet.Pki;

/// <summary>
/// The parts of the extension. <paramref name="Uris"/>: names of the distribution point; empty if it has none.
/// </summary>
public sealed record CrlScope(ImmutableArray<string> Uris, bool HasName, bool OnlyUsers, bool OnlyCas, bool OnlySomeReasons, bool IsIndirect, bool OnlyAttributes)
{
    const int MaxNames = 100;

    // IssuingDistributionPoint ::= SEQUENCE { distributionPoint [0], onlyContainsUserCerts [1], onlyContainsCACerts [2], onlySomeReasons [3],
    //                                         indirectCRL [4], onlyContainsAttributeCerts [5] }
    internal static CrlScope Read(AsnReader body)
    {
        var uris = ImmutableArray.CreateBuilder<string>();
        var hasName = false;
        if (Certificate.Tagged(body, 0) is { } name)
        {
            hasName = true;
            if (Certificate.Tagged(name, 0) is { } full)
                while (full.HasData)
                    if (Certificate.ReadUri(full) is { } uri && uris.Count < MaxNames) uris.Add(uri);
        }
        var onlyUsers = Flag(1);
        var onlyCas = Flag(2);
        var reasons = new Asn1Tag(TagClass.ContextSpecific, 3);
        var onlySomeReasons = body.HasData && body.PeekTag() == reasons;
        if (onlySomeReasons) body.ReadBitString(out _, reasons);
        var isIndirect = Flag(4);
        var onlyAttributes = Flag(5);
        body.ThrowIfNotEmpty();
        return new(uris.ToImmutable(), hasName, onlyUsers, onlyCas, onlySomeReasons, isIndirect, onlyAttributes);

        bool Flag(int number)
        {
            var tag = new Asn1Tag(TagClass.ContextSpecific, number);
            return body.HasData && body.PeekTag() == tag && body.ReadBoolean(tag);
        }
    }

    /// <summary>Why the list says nothing of that certificate; null if it does. RFC 5280 6.3.3 (b).</summary>
    public string? Excludes(Certificate certificate)
    {
        if (OnlyAttributes) return "it is about attribute certificates only";
        if (OnlyUsers && certificate.IsCa) return "it is about end entities only";
        if (OnlyCas && !certificate.IsCa) return "it is about CAs only";
        if (OnlySomeReasons) return "it is about some reasons of revocation only";
        return HasName && !certificate.CrlLocations.Any(l => Uris.Contains(l.Uri)) ? "it is that of another distribution point" : null;
    }

    public bool Equals(CrlScope? other) => other is not null && Uris.SequenceEqual(other.Uris)
        && (HasName, OnlyUsers, OnlyCas, OnlySomeReasons, IsIndirect, OnlyAttributes)
        == (other.HasName, other.OnlyUsers, other.OnlyCas, other.OnlySomeReasons, other.IsIndirect, other.OnlyAttributes);

    public override int GetHashCode() => HashCode.Combine(Uris.Length, HasName, OnlyUsers, OnlyCas, IsIndirect);
}
