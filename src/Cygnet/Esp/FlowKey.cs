// The 5-tuple of a packet as a value to look up by.
namespace Cygnet.Esp;

/// <summary>Addresses, protocol and ports; later fragments and packets without ports have keys of their own.</summary>
readonly record struct FlowKey(UInt128 Source, UInt128 Destination, ulong Rest)
{
    public static FlowKey Of(in InnerHeader h) => new(h.Source, h.Destination,
        ((uint)h.SourcePort << 16) | h.DestinationPort | ((ulong)h.Protocol << 32)
        | (h.IsIPv6 ? 1ul << 40 : 0) | (h.HasPorts ? 1ul << 41 : 0) | (h.IsLaterFragment ? 1ul << 42 : 0));

    /// <summary>The key of a fragment's packet: what all its fragments have in common.</summary>
    public static FlowKey OfFragment(in InnerHeader h) => new(h.Source, h.Destination,
        h.Identification | ((ulong)h.Protocol << 32) | (h.IsIPv6 ? 1ul << 40 : 0) | (1ul << 43));

    public int Slot(int mask)
    {
        var x = (ulong)Source * 0x9E3779B97F4A7C15 ^ (ulong)(Source >> 64);
        x = (x ^ (ulong)Destination ^ (x >> 32)) * 0xC2B2AE3D27D4EB4F ^ (ulong)(Destination >> 64);
        x = (x ^ Rest ^ (x >> 29)) * 0x9E3779B97F4A7C15;
        return (int)(x >> 40) & mask;
    }
}
