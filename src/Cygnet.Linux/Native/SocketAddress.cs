// struct sockaddr_in and sockaddr_in6, to and from an Endpoint, without allocation.
using System.Buffers.Binary;
using Cygnet.Policy;

namespace Cygnet.Linux.Native;

/// <summary>Socket addresses as the kernel lays them out.</summary>
static class SocketAddress
{
    /// <summary>Length of the larger one, sockaddr_in6.</summary>
    internal const int MaxLength = 28;

    internal static int Write(Endpoint endpoint, Span<byte> to)
    {
        to[..MaxLength].Clear();
        BitConverter.TryWriteBytes(to, (ushort)(endpoint.Address.IsIPv6 ? Af.Inet6 : Af.Inet));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], endpoint.Port);
        endpoint.Address.Write(to[(endpoint.Address.IsIPv6 ? 8 : 4)..]);
        return endpoint.Address.IsIPv6 ? 28 : 16;
    }

    internal static Endpoint Read(ReadOnlySpan<byte> from) =>
        BitConverter.ToUInt16(from) == Af.Inet6
            ? new(Address.Read(from.Slice(8, 16)), BinaryPrimitives.ReadUInt16BigEndian(from[2..]))
            : new(Address.Read(from.Slice(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
}
