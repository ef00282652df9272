// Cuts a TCP or UDP super-packet into packets of its segment size. RFC 9293 3.7 (segmentation), RFC 768; as Linux TSO and USO do.
using System.Buffers.Binary;

namespace Cygnet.Esp;

/// <summary>Made from the headers themselves: what the offload values claim is only checked against them.</summary>
readonly ref struct Segmenter
{
    const int TcpSequence = 4, TcpFlags = 13, TcpChecksum = 16, UdpLength = 4, UdpChecksum = 6;
    const byte Fin = 0x01, Psh = 0x08, Cwr = 0x80;

    readonly ReadOnlySpan<byte> _packet;
    readonly int _transportOffset, _headerBytes, _pieceBytes;
    readonly bool _isIPv6, _isTcp;

    Segmenter(ReadOnlySpan<byte> packet, in InnerHeader h, int headerBytes, int pieceBytes)
    {
        _packet = packet;
        (_transportOffset, _headerBytes, _pieceBytes) = (h.TransportOffset, headerBytes, pieceBytes);
        (_isIPv6, _isTcp) = (h.IsIPv6, h.Protocol == InnerHeader.Tcp);
    }

    public int Count => Math.Max(1, (_packet.Length - _headerBytes + _pieceBytes - 1) / _pieceBytes);

    /// <summary>Inner bytes of all segments.</summary>
    public int TotalBytes => _packet.Length + (Count - 1) * _headerBytes;

    public static bool TryCreate(ReadOnlySpan<byte> packet, in InnerHeader h, in Offload offload, out Segmenter segmenter)
    {
        segmenter = default;
        var matches = offload.Gso switch
        {
            GsoType.TcpV4 => h.Protocol == InnerHeader.Tcp && !h.IsIPv6,
            GsoType.TcpV6 => h.Protocol == InnerHeader.Tcp && h.IsIPv6,
            GsoType.UdpL4 => h.Protocol == InnerHeader.Udp,
            _ => false,
        };
        if (!matches || h.IsFirstFragment || h.IsLaterFragment || offload.GsoSize == 0) return false;
        var transport = packet[h.TransportOffset..];
        if (transport.Length < (h.Protocol == InnerHeader.Tcp ? 20 : 8)) return false;
        var transportHeader = h.Protocol == InnerHeader.Tcp ? (transport[12] >> 4) * 4 : 8;
        if (transportHeader < 8 || (h.Protocol == InnerHeader.Tcp && transportHeader < 20) || transportHeader > transport.Length) return false;
        segmenter = new(packet, h, h.TransportOffset + transportHeader, offload.GsoSize);
        return true;
    }

    /// <summary>Length of one segment, headers included.</summary>
    public int Bytes(int index) => _headerBytes + Math.Min(_pieceBytes, _packet.Length - _headerBytes - index * _pieceBytes);

    /// <summary>Writes one segment, with its checksums, into a span of exactly its length.</summary>
    public void Write(int index, Span<byte> to)
    {
        _packet[.._headerBytes].CopyTo(to);
        _packet.Slice(_headerBytes + index * _pieceBytes, to.Length - _headerBytes).CopyTo(to[_headerBytes..]);
        if (_isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(to.Length - 40));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)to.Length);
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(_packet[4..]) + index));
            Checksum.StoreIPv4(to[.._transportOffset]);
        }
        var transport = to[_transportOffset..];
        int checksum;
        if (_isTcp)
        {
            checksum = TcpChecksum;
            var sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[TcpSequence..]);
            BinaryPrimitives.WriteUInt32BigEndian(transport[TcpSequence..], sequence + (uint)(index * _pieceBytes));
            if (index < Count - 1) transport[TcpFlags] &= unchecked((byte)~(Fin | Psh));
            if (index > 0) transport[TcpFlags] &= unchecked((byte)~Cwr);
        }
        else
        {
            checksum = UdpChecksum;
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpLength..], (ushort)transport.Length);
        }
        var protocol = _isTcp ? InnerHeader.Tcp : InnerHeader.Udp;
        Checksum.Store(transport[checksum..], Checksum.Fold(Checksum.PseudoHeader(to, _isIPv6, protocol, transport.Length)));
        Checksum.Finish(to, _transportOffset, checksum, !_isTcp);
    }
}
