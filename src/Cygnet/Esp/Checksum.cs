// The Internet checksum. RFC 1071. Sums are kept in the machine's byte order, which the one's complement sum allows (RFC 1071 2B).
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Cygnet.Esp;

static class Checksum
{
    /// <summary>Sum of 32-bit words, not folded. Sums of parts may be added if all but the last have even length; 64 KiB cannot overflow it.</summary>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        var mask = new Vector<ulong>(uint.MaxValue);
        Vector<ulong> low = default, high = default;
        foreach (var v in vectors)
        {
            low += v & mask;
            high += v >>> 32;
        }
        var sum = Vector.Sum(low + high);
        var tail = bytes[(vectors.Length * Vector<byte>.Count)..];
        for (; tail.Length >= 4; tail = tail[4..]) sum += MemoryMarshal.Read<uint>(tail);
        if (tail.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(tail);
            tail = tail[2..];
        }
        if (tail.Length == 1) sum += InMachineOrder((ushort)(tail[0] << 8));
        return sum;
    }

    /// <summary>Sum of the pseudo-header: addresses of the IP header at the start of the packet, protocol, transport length.</summary>
    public static ulong PseudoHeader(ReadOnlySpan<byte> packet, bool isIPv6, byte protocol, int transportBytes) =>
        (isIPv6 ? Sum(packet.Slice(8, 32)) : Sum(packet.Slice(12, 8))) + InMachineOrder(protocol) + InMachineOrder((ushort)transportBytes);

    /// <summary>The sum in 16 bits, not complemented: what a checksum field holds that is yet to be finished.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & uint.MaxValue) + (sum >> 32);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)((sum & ushort.MaxValue) + (sum >> 16));
    }

    public static void Store(Span<byte> field, ushort value) => MemoryMarshal.Write(field, value);

    /// <summary>Computes the header checksum of an IPv4 header whose field may hold anything.</summary>
    public static void StoreIPv4(Span<byte> header)
    {
        Store(header[10..], 0);
        Store(header[10..], (ushort)~Fold(Sum(header)));
    }

    /// <summary>
    /// Finishes a partial checksum: the field holds the pseudo-header's sum, the sum runs from <paramref name="start"/> to the end.
    /// False if the positions lie outside.
    /// </summary>
    public static bool Finish(Span<byte> packet, int start, int offset, bool isUdp)
    {
        if (start + offset + 2 > packet.Length) return false;
        var value = (ushort)~Fold(Sum(packet[start..]));
        // UDP: 0 says that there is no checksum. RFC 768.
        Store(packet[(start + offset)..], value == 0 && isUdp ? ushort.MaxValue : value);
        return true;
    }

    /// <summary>Whether a transport checksum is right: the sum over pseudo-header and transport is all ones.</summary>
    public static bool IsRight(ReadOnlySpan<byte> packet, bool isIPv6, byte protocol, int transportOffset) =>
        Fold(PseudoHeader(packet, isIPv6, protocol, packet.Length - transportOffset) + Sum(packet[transportOffset..])) == ushort.MaxValue;

    static ushort InMachineOrder(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
