// How well an identity fits a configured pattern: the scores by which connections and secrets are chosen.
using System.Buffers.Binary;
using System.Text;

namespace Cygnet.Policy;

public sealed partial class Identity
{
    /// <summary>Scores of <see cref="Match"/>.</summary>
    public const int NoMatch = 0, AnyMatch = 1, WidestMatch = 2, OneWildcard = 19, ExactMatch = 20;

    /// <summary>Whether this is a pattern that more than one identity can match.</summary>
    public bool HasWildcards => Kind switch
    {
        IdentityKind.Any or IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet or IdentityKind.Ipv4Range or IdentityKind.Ipv6Range => true,
        IdentityKind.Fqdn or IdentityKind.Rfc822 => Encoded is [(byte)'*', ..],
        IdentityKind.DistinguishedName => DistinguishedName.HasWildcards(Encoded),
        _ => false,
    };

    /// <summary>
    /// How well this identity matches the configured pattern: 0 not at all, 1 any, 2 to 19 by wildcards, 20 exactly.
    /// Never use what a peer sent as the pattern.
    /// </summary>
    public int Match(Identity pattern, RdnMatching rdns = RdnMatching.Strict)
    {
        if (pattern.Kind == IdentityKind.Any) return AnyMatch;
        if (Equals(pattern)) return ExactMatch;
        switch (pattern.Kind)
        {
            case IdentityKind.Fqdn or IdentityKind.Rfc822 when Kind == pattern.Kind: return MatchSuffix(Encoded, pattern.Encoded);
            case IdentityKind.DistinguishedName when Kind == pattern.Kind: return DistinguishedName.Match(Encoded, pattern.Encoded, rdns);
            case IdentityKind.Ipv4Subnet or IdentityKind.Ipv4Range or IdentityKind.Ipv6Subnet or IdentityKind.Ipv6Range:
                return AddressRange() is { } mine && pattern.AddressRange() is { } wide
                    && mine.From.IsIPv6 == wide.From.IsIPv6 && mine.From.Bits >= wide.From.Bits && mine.To.Bits <= wide.To.Bits ? WidestMatch : NoMatch;
            default: return NoMatch;
        }
    }

    static int MatchSuffix(ReadOnlySpan<byte> name, ReadOnlySpan<byte> pattern)
    {
        if (pattern is not [(byte)'*', ..]) return NoMatch;
        if (pattern.Length == 1) return AnyMatch;
        var suffix = pattern[1..];
        return name.Length >= suffix.Length && Ascii.EqualsIgnoreCase(name[^suffix.Length..], suffix) ? OneWildcard : NoMatch;
    }

    /// <summary>First and last address of an address, subnet or range; null for other kinds, a mask with holes or an upside-down range.</summary>
    internal (Address From, Address To)? AddressRange()
    {
        switch (Kind)
        {
            case IdentityKind.Ipv4 or IdentityKind.Ipv6:
                return (Policy.Address.Read(Encoded), Policy.Address.Read(Encoded));
            case IdentityKind.Ipv4Subnet or IdentityKind.Ipv6Subnet:
                if (PrefixLength() is not { } prefix) return null;
                var first = Policy.Address.Read(Encoded.AsSpan(0, Encoded.Length / 2));
                var hosts = prefix == 0 && first.IsIPv6 ? UInt128.MaxValue : (UInt128.One << (first.Width - prefix)) - 1;
                return (first with { Bits = first.Bits & ~hosts }, first with { Bits = first.Bits | hosts });
            case IdentityKind.Ipv4Range or IdentityKind.Ipv6Range:
                var from = Policy.Address.Read(Encoded.AsSpan(0, Encoded.Length / 2));
                var to = Policy.Address.Read(Encoded.AsSpan(Encoded.Length / 2));
                return from.Bits <= to.Bits ? (from, to) : null;
            default: return null;
        }
    }

    int? PrefixLength()
    {
        var mask = Encoded.AsSpan(Encoded.Length / 2);
        // IPv4 moves to the top, so that leading ones are the prefix for both families.
        var bits = mask.Length == 4 ? (UInt128)BinaryPrimitives.ReadUInt32BigEndian(mask) << 96 : BinaryPrimitives.ReadUInt128BigEndian(mask);
        var prefix = (int)UInt128.LeadingZeroCount(~bits);
        return bits << prefix == 0 || prefix == 128 ? prefix : null;
    }
}
