// Inner packets for tests, built byte by byte with naive checksums.
using System.Buffers.Binary;
using Cygnet.Policy;

namespace Cygnet.Tests.Esp;

static class InnerPackets
{
    public const byte Fin = 1, Syn = 2, Psh = 8, Ack = 16;

    public static byte[] Ip(string source, string destination, byte protocol, byte[] transport, ushort id = 1, ushort fragment = 0x4000)
    {
        var (s, d) = (Address.Parse(source), Address.Parse(destination));
        byte[] packet;
        if (s.IsIPv6)
        {
            packet = new byte[40 + transport.Length];
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)transport.Length);
            packet[6] = protocol;
            packet[7] = 64;
            s.Write(packet.AsSpan(8));
            d.Write(packet.AsSpan(24));
            transport.CopyTo(packet, 40);
            return packet;
        }
        packet = new byte[20 + transport.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), fragment);
        packet[8] = 64;
        packet[9] = protocol;
        s.Write(packet.AsSpan(12));
        d.Write(packet.AsSpan(16));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), NaiveChecksum.Of(packet[..20]));
        transport.CopyTo(packet, 20);
        return packet;
    }

    public static byte[] Udp(string source, string destination, ushort from, ushort to, byte[] payload)
    {
        var udp = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, from);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        payload.CopyTo(udp, 8);
        return Summed(Ip(source, destination, 17, udp), 6);
    }

    public static byte[] Tcp(string source, string destination, ushort from, ushort to, uint sequence, byte flags, byte[] payload, ushort id = 1, int options = 12)
    {
        var tcp = new byte[20 + options + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, from);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), to);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(8), 0x01020304);
        tcp[12] = (byte)((20 + options) / 4 << 4);
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14), 512);
        for (var i = 0; i < options; i++) tcp[20 + i] = 1;
        payload.CopyTo(tcp, 20 + options);
        return Summed(Ip(source, destination, 6, tcp, id), 16);
    }

    public static byte[] Echo(string source, string destination, int payload = 56, byte type = 8)
    {
        var icmp = new byte[8 + payload];
        icmp[0] = type;
        for (var i = 8; i < icmp.Length; i++) icmp[i] = (byte)i;
        var is6 = source.Contains(':');
        if (!is6) BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(2), NaiveChecksum.Of(icmp));
        var packet = Ip(source, destination, (byte)(is6 ? 58 : 1), icmp);
        return is6 ? Summed(packet, 2) : packet;
    }

    /// <summary>The same packet as its sender hands it to a device that sums: the field holds the pseudo-header's sum only.</summary>
    public static byte[] Unfinished(byte[] packet)
    {
        packet = [.. packet];
        var offset = Offset(packet);
        var pseudo = NaiveChecksum.Of(NaiveChecksum.Pseudo(packet, Protocol(packet), packet.Length - offset));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(offset + Field(packet)), (ushort)~pseudo);
        return packet;
    }

    public static int Offset(byte[] packet) => packet[0] >> 4 == 6 ? 40 : (packet[0] & 0xf) * 4;

    public static int Field(byte[] packet) => Protocol(packet) == 6 ? 16 : 6;

    public static byte Protocol(byte[] packet) => packet[packet[0] >> 4 == 6 ? 6 : 9];

    public static byte[] Payload(byte[] packet)
    {
        var offset = Offset(packet);
        return packet[(Protocol(packet) == 6 ? offset + (packet[offset + 12] >> 4) * 4 : offset + 8)..];
    }

    static byte[] Summed(byte[] packet, int field)
    {
        var offset = Offset(packet);
        packet[offset + field] = packet[offset + field + 1] = 0;
        var sum = NaiveChecksum.Of(NaiveChecksum.Pseudo(packet, Protocol(packet), packet.Length - offset), packet[offset..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(offset + field), sum == 0 && Protocol(packet) == 17 ? (ushort)0xffff : sum);
        return packet;
    }
}
