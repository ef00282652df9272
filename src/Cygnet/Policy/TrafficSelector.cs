// A traffic selector: a range of addresses, a protocol, a range of ports. RFC 7296 2.9, 3.13.1; RFC 4301 4.4.1.1.
using System.Collections.Immutable;
using System.Numerics;

namespace Cygnet.Policy;

/// <summary>
/// What may flow through a CHILD_SA on one side. Ranges are inclusive. Protocol 0 is any.
/// Ports 0-65535 is any; OPAQUE is written <c>FromPort=65535, ToPort=0</c>. For ICMP the port holds type (high byte) and code.
/// </summary>
public sealed record TrafficSelector(bool IsIPv6, UInt128 From, UInt128 To, byte Protocol = 0, ushort FromPort = 0, ushort ToPort = 65535)
{
    /// <summary>The selector is <c>dynamic</c>: replaced by the end's own (or virtual) address at negotiation.</summary>
    public bool IsDynamic { get; init; }

    public static readonly TrafficSelector Dynamic = new(false, 0, uint.MaxValue) { IsDynamic = true };

    public static TrafficSelector Single(Address a) => new(a.IsIPv6, a.Bits, a.Bits);

    public static TrafficSelector Subnet(Address a, int prefix)
    {
        var host = a.Width - prefix;
        var mask = host == 128 ? UInt128.MaxValue : (UInt128.One << host) - 1;
        return new(a.IsIPv6, a.Bits & ~mask, a.Bits | mask);
    }

    public bool AnyPort => FromPort == 0 && ToPort == 65535;
    public bool IsOpaque => FromPort == 65535 && ToPort == 0;

    /// <summary>Prefix length if the range is exactly one subnet, else -1.</summary>
    public int PrefixLength
    {
        get
        {
            var size = To - From + 1; // wraps to 0 for all of IPv6
            var width = IsIPv6 ? 128 : 32;
            if (size == 0) return 0;
            if (!UInt128.IsPow2(size) || (From & (size - 1)) != 0) return -1;
            return width - (int)UInt128.TrailingZeroCount(size);
        }
    }

    /// <summary>One single address.</summary>
    public bool IsHost => From == To;

    /// <summary>The smallest subnet that has all of the addresses, and perhaps more.</summary>
    public (Address Network, int Prefix) Cover()
    {
        var width = IsIPv6 ? 128 : 32;
        var differing = From ^ To;
        var prefix = (int)UInt128.LeadingZeroCount(differing) - (128 - width);
        var below = differing == 0 ? 0 : UInt128.MaxValue >> (int)UInt128.LeadingZeroCount(differing);
        return (new(From & ~below, IsIPv6), prefix);
    }

    /// <summary>The addresses as the fewest subnets that cover exactly the range.</summary>
    public IEnumerable<(Address Network, int Prefix)> ToSubnets()
    {
        var width = IsIPv6 ? 128 : 32;
        var at = From;
        while (true)
        {
            var align = at == 0 ? width : Math.Min(width, (int)UInt128.TrailingZeroCount(at));
            var left = To - at;
            while (align > 0 && (align == 128 ? UInt128.MaxValue : (UInt128.One << align) - 1) > left) align--;
            yield return (new Address(at, IsIPv6), width - align);
            var step = align == 128 ? UInt128.MaxValue : (UInt128.One << align) - 1;
            if (left == step) yield break;
            at += step + 1;
        }
    }

    public bool Contains(Address a) => a.IsIPv6 == IsIPv6 && a.Bits >= From && a.Bits <= To;

    /// <summary>Whether everything that <paramref name="other"/> allows is allowed here.</summary>
    public bool Contains(TrafficSelector other) => Intersect(other) is { } i && i == other with { IsDynamic = i.IsDynamic };

    /// <summary>What both allow, or null. RFC 7296 2.9.</summary>
    public TrafficSelector? Intersect(TrafficSelector other)
    {
        if (IsIPv6 != other.IsIPv6) return null;
        if (Protocol != 0 && other.Protocol != 0 && Protocol != other.Protocol) return null;
        var from = UInt128.Max(From, other.From);
        var to = UInt128.Min(To, other.To);
        if (from > to) return null;
        ushort fromPort, toPort;
        if (IsOpaque || other.IsOpaque)
        {
            if (!(IsOpaque ? other.IsOpaque || other.AnyPort : AnyPort)) return null;
            (fromPort, toPort) = (65535, 0);
        }
        else
        {
            fromPort = Math.Max(FromPort, other.FromPort);
            toPort = Math.Min(ToPort, other.ToPort);
            if (fromPort > toPort) return null;
        }
        return new(IsIPv6, from, to, Protocol != 0 ? Protocol : other.Protocol, fromPort, toPort);
    }

    /// <summary>Replaces <c>dynamic</c> by the given address, an unspecified one by all of its family, keeping protocol and ports.</summary>
    public TrafficSelector Resolve(Address address) =>
        !IsDynamic ? this
        : address.IsAny ? Subnet(address, 0) with { Protocol = Protocol, FromPort = FromPort, ToPort = ToPort }
        : new(address.IsIPv6, address.Bits, address.Bits, Protocol, FromPort, ToPort);

    /// <summary>All pairwise intersections, in the order of <paramref name="ours"/>, without duplicates and parts of others.</summary>
    public static ImmutableArray<TrafficSelector> Intersect(IReadOnlyList<TrafficSelector> ours, IReadOnlyList<TrafficSelector> theirs)
    {
        var result = new List<TrafficSelector>();
        foreach (var o in ours)
            foreach (var t in theirs)
                if (o.Intersect(t) is { } both && !result.Any(r => r.Contains(both)))
                {
                    result.RemoveAll(both.Contains);
                    result.Add(both);
                }
        return [.. result];
    }

    public override string ToString() => TrafficSelectorText.Format(this);
}
