// The attributes of a packet to be sent. RFC 2865 5.
using System.Buffers.Binary;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Radius;

/// <summary>A list that grows; attributes keep the order in which they were added.</summary>
public sealed class RadiusAttributes
{
    /// <summary>The longest value of one attribute.</summary>
    public const int MaxValue = 253;

    readonly List<(RadiusType Type, byte[] Value)> _list = [];

    public IReadOnlyList<(RadiusType Type, byte[] Value)> List => _list;

    /// <summary>Bytes on the wire.</summary>
    public int Length => _list.Sum(a => a.Value.Length + 2);

    /// <summary>A value longer than an attribute can hold is cut: a name or a text, never anything that a peer sent as it is.</summary>
    public RadiusAttributes Add(RadiusType type, ReadOnlySpan<byte> value)
    {
        _list.Add((type, value[..Math.Min(value.Length, MaxValue)].ToArray()));
        return this;
    }

    public RadiusAttributes Add(RadiusType type, string text) => Add(type, Encoding.UTF8.GetBytes(text));

    public RadiusAttributes Add(RadiusType type, uint number)
    {
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(value, number);
        return Add(type, value);
    }

    public RadiusAttributes Add(RadiusType type, Address address) => Add(type, address.ToBytes());

    /// <summary>An EAP packet in as many attributes as it needs; an empty one is EAP-Start. RFC 3579 2.1, 3.1.</summary>
    public RadiusAttributes AddEap(ReadOnlySpan<byte> packet)
    {
        do
        {
            var piece = packet[..Math.Min(packet.Length, MaxValue)];
            Add(RadiusType.EapMessage, piece);
            packet = packet[piece.Length..];
        }
        while (!packet.IsEmpty);
        return this;
    }

    /// <summary>RFC 2865 5.26, one attribute of the vendor in each.</summary>
    public RadiusAttributes AddVendor(uint vendor, byte type, ReadOnlySpan<byte> value)
    {
        var inside = new byte[6 + value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(inside, vendor);
        (inside[4], inside[5]) = (type, checked((byte)(value.Length + 2)));
        value.CopyTo(inside.AsSpan(6));
        return Add(RadiusType.VendorSpecific, inside);
    }

    public void Clear() => _list.Clear();

    public RadiusAttributes AddAll(RadiusAttributes other)
    {
        _list.AddRange(other._list);
        return this;
    }
}
