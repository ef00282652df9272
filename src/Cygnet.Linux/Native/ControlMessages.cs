// Control messages of datagrams: the local address and the traffic class (RFC 3542 6, ip(7)), UDP segment sizes (udp(7)).
using System.Runtime.CompilerServices;
using Cygnet.Policy;

namespace Cygnet.Linux.Native;

/// <summary>Reads and writes struct cmsghdr sequences; fields are in host order and aligned to 8 bytes.</summary>
static class ControlMessages
{
    const int Header = 16;

    /// <summary>Room for a packet info of either family, a traffic class and a segment size.</summary>
    internal const int Room = 96;

    /// <summary>Writes the source address (unless unspecified), the traffic class and the segment size (unless 0); returns the length.</summary>
    internal static int Write(Span<byte> to, Address source, bool isIPv6, byte trafficClass, int segmentSize)
    {
        var at = 0;
        if (!source.IsAny && source.IsIPv6)
        {
            at = Begin(to, at, Sol.IPv6, SockOpt.IPv6PacketInfo, 20, out var value);
            source.Write(value);
        }
        else if (!source.IsAny)
        {
            at = Begin(to, at, Sol.Ip, SockOpt.IpPacketInfo, 12, out var value);
            source.Write(value[4..]); // ipi_spec_dst
        }
        if (trafficClass != 0)
        {
            at = isIPv6 ? Begin(to, at, Sol.IPv6, SockOpt.IPv6TrafficClass, 4, out var value) : Begin(to, at, Sol.Ip, SockOpt.IpTos, 4, out value);
            Unsafe.WriteUnaligned(ref value[0], (int)trafficClass);
        }
        if (segmentSize > 0)
        {
            at = Begin(to, at, Sol.Udp, SockOpt.UdpSegment, 2, out var value);
            Unsafe.WriteUnaligned(ref value[0], (ushort)segmentSize);
        }
        return at;
    }

    static int Begin(Span<byte> to, int at, int level, int type, int length, out Span<byte> value)
    {
        var total = Header + ((length + 7) & ~7);
        to.Slice(at, total).Clear();
        Unsafe.WriteUnaligned(ref to[at], (nint)(Header + length));
        Unsafe.WriteUnaligned(ref to[at + 8], level);
        Unsafe.WriteUnaligned(ref to[at + 12], type);
        value = to.Slice(at + Header, length);
        return at + total;
    }

    /// <summary>Finds the destination address and traffic class of a received datagram, and its segment size if the kernel coalesced several (else 0).</summary>
    internal static void Read(ReadOnlySpan<byte> from, ref Address destination, out byte trafficClass, out int segmentSize)
    {
        (trafficClass, segmentSize) = (0, 0);
        while (from.Length >= Header)
        {
            var length = (int)BitConverter.ToInt64(from);
            if (length < Header || length > from.Length) return;
            var value = from[Header..length];
            switch (BitConverter.ToInt32(from[8..]), BitConverter.ToInt32(from[12..]))
            {
                case (Sol.Ip, SockOpt.IpPacketInfo) when value.Length >= 12:
                    destination = Address.Read(value.Slice(8, 4)); // ipi_addr
                    break;
                case (Sol.IPv6, SockOpt.IPv6PacketInfo) when value.Length >= 20:
                    destination = Address.Read(value[..16]);
                    break;
                case (Sol.Ip, SockOpt.IpTos) when value.Length >= 1:
                    trafficClass = value[0];
                    break;
                case (Sol.IPv6, SockOpt.IPv6TrafficClass) when value.Length >= 4:
                    trafficClass = (byte)BitConverter.ToInt32(value);
                    break;
                case (Sol.Udp, SockOpt.UdpGro) when value.Length >= 4:
                    segmentSize = BitConverter.ToInt32(value);
                    break;
            }
            from = from[Math.Min((length + 7) & ~7, from.Length)..];
        }
    }
}
