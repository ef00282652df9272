// What the SPD looks at in an inner packet. RFC 791, RFC 8200; RFC 4301 4.4.1.1 for what counts as a port.
using System.Buffers.Binary;

namespace Cygnet.Esp;

/// <summary>Addresses, upper protocol, ports and fragmentation of an IP packet.</summary>
struct InnerHeader
{
    public UInt128 Source;
    public UInt128 Destination;

    /// <summary>Of the whole packet, by its own length field; never more than there is.</summary>
    public int Length;

    /// <summary>Where the upper protocol begins; for a later fragment, where its data begins.</summary>
    public int TransportOffset;
    public uint Identification;

    /// <summary>For ICMP both hold type (high byte) and code.</summary>
    public ushort SourcePort;
    public ushort DestinationPort;
    public byte Protocol;
    public bool IsIPv6;
    public bool IsFirstFragment;
    public bool IsLaterFragment;

    /// <summary>False if the protocol has none or they are in another fragment: only selectors for any port cover the packet then.</summary>
    public bool HasPorts;

    /// <summary>A chain longer than this is nothing that a host sends.</summary>
    const int MostExtensions = 8;

    public const byte Icmp = 1, Tcp = 6, Udp = 17, IcmpV6 = 58;

    public static bool TryRead(ReadOnlySpan<byte> packet, out InnerHeader header)
    {
        header = default;
        if (packet.Length < 20) return false;
        return (packet[0] >> 4) switch
        {
            4 => header.ReadIPv4(packet),
            6 => header.ReadIPv6(packet),
            _ => false,
        };
    }

    bool ReadIPv4(ReadOnlySpan<byte> packet)
    {
        TransportOffset = (packet[0] & 0xf) * 4;
        Length = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (TransportOffset < 20 || Length < TransportOffset || Length > packet.Length) return false;
        Identification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        IsLaterFragment = (fragment & 0x1fff) != 0;
        IsFirstFragment = !IsLaterFragment && (fragment & 0x2000) != 0;
        Protocol = packet[9];
        Source = BinaryPrimitives.ReadUInt32BigEndian(packet[12..]);
        Destination = BinaryPrimitives.ReadUInt32BigEndian(packet[16..]);
        ReadPorts(packet[..Length]);
        return true;
    }

    bool ReadIPv6(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40) return false;
        IsIPv6 = true;
        Length = 40 + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (Length > packet.Length) return false;
        packet = packet[..Length];
        Protocol = packet[6];
        Source = BinaryPrimitives.ReadUInt128BigEndian(packet[8..]);
        Destination = BinaryPrimitives.ReadUInt128BigEndian(packet[24..]);
        TransportOffset = 40;
        for (var i = 0; IsExtension(Protocol) && !IsLaterFragment; i++)
        {
            var rest = packet[TransportOffset..];
            if (i == MostExtensions || rest.Length < 8) return false;
            var length = Protocol switch { 44 => 8, 51 => (rest[1] + 2) * 4, _ => (rest[1] + 1) * 8 };
            if (length > rest.Length) return false;
            if (Protocol == 44)
            {
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                Identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
                IsLaterFragment = (fragment & 0xfff8) != 0;
                IsFirstFragment = !IsLaterFragment && (fragment & 1) != 0;
            }
            Protocol = rest[0];
            TransportOffset += length;
        }
        ReadPorts(packet);
        return true;
    }

    // Hop-by-hop, routing, fragment, authentication header, destination options.
    static bool IsExtension(byte protocol) => protocol is 0 or 43 or 44 or 51 or 60;

    void ReadPorts(ReadOnlySpan<byte> packet)
    {
        var transport = packet[TransportOffset..];
        if (IsLaterFragment || transport.Length < 4) return;
        switch (Protocol)
        {
            case Tcp or Udp or 33 or 132 or 136: // DCCP, SCTP, UDP-Lite
                SourcePort = BinaryPrimitives.ReadUInt16BigEndian(transport);
                DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport[2..]);
                HasPorts = true;
                break;
            case Icmp or IcmpV6:
                SourcePort = DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(transport);
                HasPorts = true;
                break;
        }
    }
}
