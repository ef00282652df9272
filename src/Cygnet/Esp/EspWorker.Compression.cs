// IPComp between the inner packet and ESP. RFC 3173; DEFLATE: RFC 2394. Only for planes that say so: it allocates.
using System.Buffers.Binary;
using System.IO.Compression;

namespace Cygnet.Esp;

public sealed partial class EspWorker
{
    const byte NextHeaderIpComp = 108;
    const int IpCompHeaderBytes = 4; // next header, flags, CPI

    MemoryStream? _packed;
    byte[]? _unpacked;

    // RFC 3173 2.2: what does not become shorter goes as it is.
    void Compress(ref ReadOnlySpan<byte> content, ref byte nextHeader, ushort cpi)
    {
        _packed ??= new();
        _packed.SetLength(IpCompHeaderBytes);
        _packed.Position = IpCompHeaderBytes;
        using (var deflate = new DeflateStream(_packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(content);
        if (_packed.Length >= content.Length) return;
        var packed = _packed.GetBuffer().AsSpan(0, (int)_packed.Length);
        (packed[0], packed[1]) = (nextHeader, 0);
        BinaryPrimitives.WriteUInt16BigEndian(packed[2..], cpi);
        content = packed;
        nextHeader = NextHeaderIpComp;
    }

    // False if it is not what the peer may send under the CPI that was agreed on. What comes out is never longer than a packet can be.
    bool TryDecompress(ref Span<byte> content, ref byte nextHeader, ushort cpi)
    {
        if (content.Length < IpCompHeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(content[2..]) != cpi) return false;
        _unpacked ??= new byte[ushort.MaxValue + 1];
        var length = 0;
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(content[IpCompHeaderBytes..].ToArray()), CompressionMode.Decompress);
            while (length < _unpacked.Length && inflate.Read(_unpacked.AsSpan(length)) is > 0 and var read) length += read;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        if (length > ushort.MaxValue) return false;
        nextHeader = content[0];
        content = _unpacked.AsSpan(0, length);
        return true;
    }
}
