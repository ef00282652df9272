// DSCP and ECN between the inner and the outer header of a tunnel. RFC 6040 4.1 (normal mode), 4.2; RFC 2983; RFC 4301 5.1.2.
using Cygnet.Policy;

namespace Cygnet.Esp;

/// <summary>The octet that IPv4 calls type of service, and IPv6 traffic class: six bits of DSCP, two of ECN.</summary>
static class TrafficClass
{
    const byte Ecn = 3, NotEct = 0, Ect1 = 1, Ect0 = 2, Ce = 3;

    public static byte Of(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6 ? (byte)(packet[0] << 4 | packet[1] >> 4) : packet[1];

    /// <summary>Of the outer header. Where there is no inner one on the way, the outer stands for it.</summary>
    public static byte Outer(SecurityAssociation sa, byte inner) => sa.Mode != ChildMode.Tunnel ? inner
        : (byte)((sa.CopyDscp is DscpCopy.Out or DscpCopy.Both ? inner & ~Ecn : 0) | (sa.CopyEcn ? inner & Ecn : NotEct));

    /// <summary>
    /// Brings what happened to the outer header into the inner one. False: congestion was marked on a packet whose ends would not understand
    /// the mark, it is dropped instead. RFC 6040 4.2.
    /// </summary>
    public static bool TryEnter(SecurityAssociation sa, Span<byte> packet, byte outer)
    {
        var inner = Of(packet);
        var dscp = sa.CopyDscp is DscpCopy.In or DscpCopy.Both ? outer & ~Ecn : inner & ~Ecn;
        var ecn = inner & Ecn;
        if (sa.CopyEcn)
        {
            if (ecn == NotEct && (outer & Ecn) == Ce) return false;
            if (ecn != NotEct && (outer & Ecn) == Ce) ecn = Ce;
            else if (ecn == Ect0 && (outer & Ecn) == Ect1) ecn = Ect1;
        }
        if ((dscp | ecn) != inner) Store(packet, (byte)(dscp | ecn));
        return true;
    }

    static void Store(Span<byte> packet, byte value)
    {
        if (packet[0] >> 4 == 6)
        {
            (packet[0], packet[1]) = ((byte)(0x60 | value >> 4), (byte)(value << 4 | packet[1] & 15));
            return;
        }
        packet[1] = value;
        Checksum.StoreIPv4(packet[..((packet[0] & 15) * 4)]);
    }
}
