// In-order segments of one TCP flow on their way to becoming a super-packet.
using System.Buffers.Binary;

namespace Cygnet.Esp;

/// <summary>Holds the first segment whole and the payload of those that continue it with otherwise equal headers.</summary>
sealed class TcpRun
{
    const int TcpSequence = 4, TcpFlags = 13, TcpChecksum = 16;
    const byte Psh = 0x08;

    // The checksum of a merged packet is made anew, so a damaged segment must not get in: it would come out right.
    bool _isFirstVerified;
    readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ushort.MaxValue, pinned: true);
    int _length, _transportOffset, _headerBytes, _pieceBytes, _segments;
    uint _nextSequence;
    ushort _lastIdentification;
    bool _isIPv6, _isActive;
    FlowKey _key;

    public bool IsActive => _isActive;

    public ref readonly FlowKey Key => ref _key;

    public void Start(in FlowKey key, ReadOnlySpan<byte> packet, in InnerHeader h, int headerBytes)
    {
        packet.CopyTo(_buffer);
        (_key, _length, _transportOffset, _isIPv6) = (key, packet.Length, h.TransportOffset, h.IsIPv6);
        (_headerBytes, _pieceBytes, _segments) = (headerBytes, packet.Length - headerBytes, 1);
        (_isActive, _isFirstVerified) = (true, false);
        _nextSequence = BinaryPrimitives.ReadUInt32BigEndian(packet[(h.TransportOffset + TcpSequence)..]) + (uint)_pieceBytes;
        _lastIdentification = (ushort)h.Identification;
    }

    /// <summary>Appends a segment's payload if it continues the run; full says that nothing can follow.</summary>
    public bool TryAppend(ReadOnlySpan<byte> packet, int headerBytes, out bool isFull)
    {
        isFull = false;
        var payload = packet.Length - headerBytes;
        if (headerBytes != _headerBytes || payload > _pieceBytes || _length + payload > ushort.MaxValue) return false;
        if (!HasSameHeaders(packet)) return false;
        if (!Checksum.IsRight(packet, _isIPv6, InnerHeader.Tcp, _transportOffset)) return false;
        if (!_isFirstVerified)
        {
            if (!Checksum.IsRight(_buffer.AsSpan(0, _length), _isIPv6, InnerHeader.Tcp, _transportOffset)) return false;
            _isFirstVerified = true;
        }
        packet[headerBytes..].CopyTo(_buffer.AsSpan(_length));
        _length += payload;
        _segments++;
        _nextSequence += (uint)payload;
        if (!_isIPv6) _lastIdentification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        _buffer[_transportOffset + TcpFlags] |= (byte)(packet[_transportOffset + TcpFlags] & Psh);
        isFull = payload < _pieceBytes;
        return true;
    }

    public void Deliver(IEspSink sink)
    {
        _isActive = false;
        var packet = _buffer.AsSpan(0, _length);
        if (_segments == 1)
        {
            sink.Deliver(packet, Offload.None);
            return;
        }
        if (_isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(_length - 40));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)_length);
            Checksum.StoreIPv4(packet[.._transportOffset]);
        }
        var pseudo = Checksum.Fold(Checksum.PseudoHeader(packet, _isIPv6, InnerHeader.Tcp, _length - _transportOffset));
        Checksum.Store(packet[(_transportOffset + TcpChecksum)..], pseudo);
        sink.Deliver(packet, new Offload(_isIPv6 ? GsoType.TcpV6 : GsoType.TcpV4, (ushort)_pieceBytes, (ushort)_headerBytes,
            (ushort)_transportOffset, TcpChecksum, NeedsChecksum: true));
    }

    // Everything equal but lengths, identification, sequence number, PSH and checksums. Addresses and ports are the flow's key.
    bool HasSameHeaders(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> first = _buffer.AsSpan(0, _headerBytes);
        var tcp = packet[_transportOffset.._headerBytes];
        var firstTcp = first[_transportOffset..];
        if (BinaryPrimitives.ReadUInt32BigEndian(tcp[TcpSequence..]) != _nextSequence) return false;
        if (!tcp.Slice(8, 5).SequenceEqual(firstTcp.Slice(8, 5))) return false; // acknowledgement, header length
        if (!tcp.Slice(14, 2).SequenceEqual(firstTcp.Slice(14, 2)) || !tcp[18..].SequenceEqual(firstTcp[18..])) return false; // window, urgent pointer, options
        if (_isIPv6) return packet[..4].SequenceEqual(first[..4]) && packet[7] == first[7]; // class, flow label, hop limit
        if (packet[1] != first[1] || packet[8] != first[8] || !packet.Slice(6, 2).SequenceEqual(first.Slice(6, 2))) return false; // TOS, TTL, DF
        // Cutting the super-packet again counts the identification up; where DF is set it may as well stand still (RFC 6864).
        var identification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        return identification == (ushort)(_lastIdentification + 1) || ((packet[6] & 0x40) != 0 && identification == _lastIdentification);
    }
}
