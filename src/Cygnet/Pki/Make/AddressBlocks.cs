// IP address blocks of a certificate to be made. RFC 3779 2.2.3.
using System.Formats.Asn1;
using System.Numerics;
using Cygnet.Policy;

namespace Cygnet.Pki.Make;

/// <summary>IPAddrBlocks: addresses by family, each a prefix or a range.</summary>
public static class AddressBlocks
{
    public static bool Fits(Identity block) => block.AddressRange() is not null;

    internal static void Write(AsnWriter writer, IReadOnlyList<Identity> blocks)
    {
        using (writer.PushSequence())
        {
            foreach (var isIPv6 in (ReadOnlySpan<bool>)[false, true])
            {
                var family = blocks.Select(b => b.AddressRange()!.Value).Where(r => r.From.IsIPv6 == isIPv6).OrderBy(r => r.From.Bits).ToList();
                if (family.Count == 0) continue;
                using (writer.PushSequence())
                {
                    writer.WriteOctetString([0, isIPv6 ? (byte)2 : (byte)1]);
                    using (writer.PushSequence())
                        foreach (var (from, to) in family) WriteBlock(writer, from, to);
                }
            }
        }
    }

    // What is a prefix must be written as one: RFC 3779 2.2.3.7.
    static void WriteBlock(AsnWriter writer, Address from, Address to)
    {
        var different = from.Bits ^ to.Bits;
        var free = 128 - (int)UInt128.LeadingZeroCount(different);
        var mask = free == 128 ? UInt128.MaxValue : (UInt128.One << free) - 1;
        if ((from.Bits & mask) == 0 && (to.Bits & mask) == mask)
        {
            WriteBits(writer, from, from.Width - free);
            return;
        }
        using (writer.PushSequence())
        {
            WriteBits(writer, from, from.Width - Math.Min(from.Width, (int)UInt128.TrailingZeroCount(from.Bits)));
            WriteBits(writer, to, to.Width - Math.Min(to.Width, (int)UInt128.TrailingZeroCount(~to.Bits)));
        }
    }

    static void WriteBits(AsnWriter writer, Address address, int count)
    {
        var bytes = address.ToBytes().AsSpan(0, (count + 7) / 8);
        var unused = bytes.Length * 8 - count;
        if (unused > 0) bytes[^1] &= (byte)(0xff << unused);
        writer.WriteBitString(bytes, unused);
    }
}
