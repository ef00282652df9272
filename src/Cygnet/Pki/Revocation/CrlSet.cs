// A set of CRLs in which the newer one of an issuer takes the older one's place. RFC 5280 5.2.3.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Pki.Revocation;

/// <summary>At most one base and one delta CRL for each issuer's key and distribution point.</summary>
public static class CrlSet
{
    /// <summary>The set with the CRL in it, or unchanged if it has one as new; the line says which, as the reference does (group LIB), if there was one.</summary>
    public static ImmutableArray<Crl> With(ImmutableArray<Crl> all, Crl crl, out string? line)
    {
        line = null;
        foreach (var old in all)
        {
            if (!IsSameList(old, crl)) continue;
            var isNewer = crl.CompareAge(old) > 0;
            line = $"  crl #{Identity.ToHexPairs(crl.Number)} is {(isNewer ? "newer" : "not newer")} - existing crl #{Identity.ToHexPairs(old.Number)} {(isNewer ? "replaced" : "retained")}";
            if (!isNewer) return all;
        }
        return all.RemoveAll(old => IsSameList(old, crl)).Add(crl);
    }

    static bool IsSameList(Crl a, Crl b)
    {
        if (a.BaseNumber is null != b.BaseNumber is null || !Equals(a.Scope, b.Scope)) return false;
        // Keys first: a CA may use several, and sign a list with each.
        return a.AuthorityKeyId is { } x && b.AuthorityKeyId is { } y ? x.AsSpan().SequenceEqual(y) : a.Issuer.Equals(b.Issuer);
    }
}
