// One attribute of a received packet. RFC 2865 5.
using System.Buffers.Binary;
using Cygnet.Policy;
using Cygnet.Wire;

namespace Cygnet.Radius;

/// <summary>Type and value; the value lies in the packet's own copy of the bytes.</summary>
public readonly struct RadiusAttribute(byte type, ReadOnlyMemory<byte> value)
{
    public RadiusType Type { get; } = (RadiusType)type;

    public ReadOnlyMemory<byte> Value { get; } = value;

    /// <summary>An integer; null if the value is none.</summary>
    public uint? Number => Value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value.Span) : null;

    /// <summary>An address; null if the value is none.</summary>
    public Address? Address => Value.Length is 4 or 16 ? Policy.Address.Read(Value.Span) : null;

    /// <summary>Attributes inside Vendor-Specific; none if it does not follow the usual form, or is of another vendor. RFC 2865 5.26.</summary>
    public IReadOnlyList<RadiusAttribute> OfVendor(uint vendor)
    {
        List<RadiusAttribute> inside = [];
        var reader = new WireReader(Value.Span);
        if (Type != RadiusType.VendorSpecific || reader.U32() != vendor) return inside;
        while (!reader.AtEnd)
        {
            var (type, length) = (reader.U8(), reader.U8());
            if (length < 2) return [];
            var at = Value.Length - reader.Left;
            reader.Skip(length - 2);
            if (reader.Failed) return [];
            inside.Add(new(type, Value.Slice(at, length - 2)));
        }
        return reader.Failed ? [] : inside;
    }
}
