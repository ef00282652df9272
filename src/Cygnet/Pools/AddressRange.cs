// The addresses of a pool as addrs= and rightsourceip= write them: 10.3.0.0/28, 10.3.0.5-10.3.0.9, a single one. docs/vici.md.
using System.Globalization;
using Cygnet.Policy;

namespace Cygnet.Pools;

/// <summary>
/// Consecutive addresses. <paramref name="Base"/> is the address as written, <paramref name="First"/> the first that is given away:
/// of a network, neither its own address nor the last one (broadcast) is.
/// </summary>
public readonly record struct AddressRange(Address Base, Address First, uint Size)
{
    /// <summary>More than these are not kept track of.</summary>
    public const uint MostAddresses = 1u << 31;

    const int MostHostBits = 31;

    public Address this[uint offset] => First with { Bits = First.Bits + offset };

    /// <summary>The place of an address in the range, or null if it is outside.</summary>
    public uint? OffsetOf(Address address) =>
        address.IsIPv6 == First.IsIPv6 && address.Bits >= First.Bits && address.Bits - First.Bits < Size ? (uint)(address.Bits - First.Bits) : null;

    /// <summary>A note tells the operator that not the whole network is used; null if there is nothing to tell.</summary>
    public static bool TryParse(string text, out AddressRange range, out string? note)
    {
        note = null;
        range = default;
        if (text.IndexOf('-') is >= 0 and var dash)
            return Address.TryParse(text.AsSpan(0, dash).Trim(), out var from) && Address.TryParse(text.AsSpan(dash + 1).Trim(), out var to) && TryRange(from, to, out range);
        var slash = text.IndexOf('/');
        if (!Address.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address)) return false;
        var prefix = address.Width;
        if (slash >= 0 && !(int.TryParse(text.AsSpan(slash + 1), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out prefix) && prefix <= address.Width)) return false;
        range = OfNetwork(address, prefix, out note);
        return true;
    }

    static bool TryRange(Address from, Address to, out AddressRange range)
    {
        range = default;
        if (from.IsIPv6 != to.IsIPv6 || to.Bits < from.Bits || to.Bits - from.Bits >= MostAddresses) return false;
        range = new(from, from, (uint)(to.Bits - from.Bits) + 1);
        return true;
    }

    static AddressRange OfNetwork(Address address, int prefix, out string? note)
    {
        note = null;
        var hostBits = address.Width - prefix;
        if (hostBits > MostHostBits)
        {
            hostBits = MostHostBits;
            note = $"virtual IP pool too large, limiting to {address}/{address.Width - hostBits}";
        }
        var size = 1u << hostBits;
        // an address inside the network is where giving away begins
        var skipped = (uint)address.Bits & (size - 1);
        if (size <= 2) return new(address, address, size - skipped);
        return skipped == 0 ? new(address, address with { Bits = address.Bits + 1 }, size - 2) : new(address, address, size - skipped - 1);
    }
}
