// Configuration payload. RFC 7296 3.15.
using System.Collections.Immutable;

namespace Cygnet.Wire;

/// <summary>One attribute of a Configuration payload; an empty value asks for one. Types are the wire numbers.</summary>
public sealed record ConfigurationAttribute(ushort Type, byte[] Value);

/// <summary>A request for, a reply with, or a change of internal addresses and servers.</summary>
public sealed record ConfigurationPayload(byte CfgType, ImmutableArray<ConfigurationAttribute> Attributes) : Payload(PayloadType.Configuration)
{
    public const byte Request = 1, Reply = 2, Set = 3, Ack = 4;

    const int MaxAttributes = 256;
    const ushort ReservedBit = 0x8000;

    internal static ConfigurationPayload? Read(ref WireReader r, ref string reason)
    {
        var type = r.U8();
        r.Skip(3);
        var attributes = ImmutableArray.CreateBuilder<ConfigurationAttribute>();
        while (!r.AtEnd)
        {
            if (attributes.Count == MaxAttributes)
            {
                reason = "too many attributes";
                return null;
            }
            var attributeType = (ushort)(r.U16() & ~ReservedBit);
            var length = r.U16();
            attributes.Add(new(attributeType, r.Bytes(length).ToArray()));
        }
        return new(type, attributes.ToImmutable());
    }

    protected override void WriteBody(WireWriter to)
    {
        to.U8(CfgType);
        to.Zeros(3);
        foreach (var a in Attributes)
        {
            to.U16(a.Type);
            to.U16(checked((ushort)a.Value.Length));
            to.Bytes(a.Value);
        }
    }
}
