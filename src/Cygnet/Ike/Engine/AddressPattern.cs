// One word of left= or right=: an address, a subnet, a range, any, or a host name.
using Cygnet.Policy;

namespace Cygnet.Ike;

/// <summary>The addresses from <paramref name="From"/> to <paramref name="To"/>, both included, and how much it says of a peer to be among them.</summary>
/// <param name="Weight">129 for one address, prefix length + 1 for a subnet, 1 for a range or any.</param>
/// <param name="IsName">Any address of either family: who it is cannot be told here without asking; its identity decides.</param>
readonly record struct AddressPattern(Address From, Address To, int Weight, bool IsName = false)
{
    public static AddressPattern Parse(string text)
    {
        switch (text)
        {
            case "%any" or "%defaultroute": return new(default, default, 1, IsName: true);
            case "%any4" or "0.0.0.0": return All(Address.Any4, 1);
            case "%any6" or "::": return All(Address.Any6, 1);
        }
        if (Address.TryParse(text, out var single)) return new(single, single, 129);
        var slash = text.IndexOf('/');
        if (slash > 0 && Address.TryParse(text.AsSpan(0, slash), out var net) && int.TryParse(text.AsSpan(slash + 1), out var prefix) && prefix >= 0 && prefix <= net.Width)
        {
            var subnet = TrafficSelector.Subnet(net, prefix);
            return new(new(subnet.From, net.IsIPv6), new(subnet.To, net.IsIPv6), prefix + 1);
        }
        var dash = text.IndexOf('-');
        if (dash > 0 && Address.TryParse(text.AsSpan(0, dash), out var from) && Address.TryParse(text.AsSpan(dash + 1), out var to)) return new(from, to, 1);
        return new(default, default, 1, IsName: true);
    }

    static AddressPattern All(Address any, int weight) => new(any, new(any.IsIPv6 ? UInt128.MaxValue : uint.MaxValue, any.IsIPv6), weight);

    /// <summary>The weight; 0 for an address that is not among them.</summary>
    public int Score(Address address) =>
        IsName || From.IsIPv6 == address.IsIPv6 && address.Bits >= From.Bits && address.Bits <= To.Bits ? Weight : 0;
}
