// The Internet checksum as RFC 1071 says it, one 16-bit word at a time: what the engine's sums are held to.
using System.Buffers.Binary;

namespace Cygnet.Tests.Esp;

static class NaiveChecksum
{
    /// <summary>The value to store for bytes whose checksum field is zero; 0 if they hold a right one.</summary>
    public static ushort Of(params byte[][] parts)
    {
        var all = parts.SelectMany(p => p).ToList();
        if (all.Count % 2 == 1) all.Add(0);
        uint sum = 0;
        for (var i = 0; i < all.Count; i += 2)
        {
            sum += (uint)(all[i] << 8 | all[i + 1]);
            if (sum > 0xffff) sum = (sum & 0xffff) + 1;
        }
        return (ushort)~sum;
    }

    public static byte[] Pseudo(byte[] packet, int protocol, int transportBytes)
    {
        var is6 = packet[0] >> 4 == 6;
        var pseudo = new byte[(is6 ? 32 : 8) + 4];
        packet.AsSpan(is6 ? 8 : 12, pseudo.Length - 4).CopyTo(pseudo);
        pseudo[^3] = (byte)protocol;
        BinaryPrimitives.WriteUInt16BigEndian(pseudo.AsSpan(pseudo.Length - 2), (ushort)transportBytes);
        return pseudo;
    }

    /// <summary>Whether lengths and all checksums of a TCP or UDP packet without extensions are right.</summary>
    public static bool IsRight(byte[] packet)
    {
        var is6 = packet[0] >> 4 == 6;
        var offset = is6 ? 40 : (packet[0] & 0xf) * 4;
        var length = is6 ? 40 + BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(4)) : BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
        if (length != packet.Length || (!is6 && Of(packet[..offset]) != 0)) return false;
        var protocol = packet[is6 ? 6 : 9];
        if (protocol == 17 && BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(offset + 4)) != packet.Length - offset) return false;
        return Of(Pseudo(packet, protocol, packet.Length - offset), packet[offset..]) == 0;
    }
}
