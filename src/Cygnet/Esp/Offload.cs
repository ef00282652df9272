// What a TUN device with IFF_VNET_HDR says about a packet: the virtio network header. VIRTIO 1.2, 5.1.6.
using System.Runtime.InteropServices;

namespace Cygnet.Esp;

/// <summary>Work on a packet that its sender left undone: a checksum to finish, a super-packet to cut.</summary>
/// <param name="Gso">What the packet is to be cut into.</param>
/// <param name="GsoSize">Transport payload of each segment, bytes.</param>
/// <param name="HeaderLength">Network and transport header, bytes. Advice only: the engine reads the headers themselves.</param>
/// <param name="ChecksumStart">Where the sum begins, from the start of the IP header.</param>
/// <param name="ChecksumOffset">Where the sum is to be stored, from <paramref name="ChecksumStart"/>.</param>
/// <param name="NeedsChecksum">The checksum field holds the sum of the pseudo-header only.</param>
public readonly record struct Offload(GsoType Gso, ushort GsoSize, ushort HeaderLength, ushort ChecksumStart, ushort ChecksumOffset, bool NeedsChecksum)
{
    /// <summary>Length of the header without the buffer count of merged buffers, bytes.</summary>
    public const int HeaderBytes = 10;

    /// <summary>A plain packet, wholly summed.</summary>
    public static readonly Offload None;

    const byte NeedsChecksumFlag = 1, EcnBit = 0x80;

    /// <summary>Reads the header in the byte order of this machine, as the kernel writes it. False if it is short or of an unknown kind.</summary>
    public static bool TryRead(ReadOnlySpan<byte> header, out Offload offload)
    {
        offload = default;
        if (header.Length < HeaderBytes) return false;
        var gso = (GsoType)(header[1] & ~EcnBit);
        if (gso is not (GsoType.None or GsoType.TcpV4 or GsoType.TcpV6 or GsoType.UdpL4)) return false;
        offload = new(gso, MemoryMarshal.Read<ushort>(header[4..]), MemoryMarshal.Read<ushort>(header[2..]),
            MemoryMarshal.Read<ushort>(header[6..]), MemoryMarshal.Read<ushort>(header[8..]), (header[0] & NeedsChecksumFlag) != 0);
        return gso == GsoType.None || offload.GsoSize != 0;
    }

    /// <summary>Writes <see cref="HeaderBytes"/> bytes in the byte order of this machine.</summary>
    public void Write(Span<byte> header)
    {
        header[0] = NeedsChecksum ? NeedsChecksumFlag : (byte)0;
        header[1] = (byte)Gso;
        MemoryMarshal.Write(header[2..], HeaderLength);
        MemoryMarshal.Write(header[4..], GsoSize);
        MemoryMarshal.Write(header[6..], ChecksumStart);
        MemoryMarshal.Write(header[8..], ChecksumOffset);
    }
}
