// An EAP packet, read and written. RFC 3748 4; expanded types 5.7.
using Cygnet.Wire;

namespace Cygnet.Eap;

/// <summary>A packet that has been read. Success and Failure have no type and no data.</summary>
sealed class EapPacket
{
    const int HeaderBytes = 4, ExpandedBytes = 8;
    const byte ExpandedType = 254;

    public byte Code { get; private init; }
    public byte Id { get; private init; }
    public EapType Type { get; private init; }

    /// <summary>The type stood in the expanded form.</summary>
    public bool IsExpanded { get; private init; }

    /// <summary>Type-Data: what follows the type.</summary>
    public ReadOnlyMemory<byte> Data { get; private init; }

    /// <summary>The whole packet.</summary>
    public ReadOnlyMemory<byte> Raw { get; private init; }

    /// <summary>Null, and why, if the length does not fit or a request or response has no whole type.</summary>
    public static EapPacket? TryParse(ReadOnlyMemory<byte> packet, out string reason)
    {
        reason = "";
        var r = new WireReader(packet.Span);
        var (code, id, length) = (r.U8(), r.U8(), r.U16());
        if (r.Failed || length != packet.Length) reason = $"an EAP packet of {packet.Length} bytes says that it has {length}";
        else if (code is not (EapCode.Request or EapCode.Response))
        {
            if (code is EapCode.Success or EapCode.Failure && length == HeaderBytes) return new() { Code = code, Id = id, Raw = packet };
            reason = code is EapCode.Success or EapCode.Failure ? $"{EapCode.Name(code)} of {length} bytes, it has {HeaderBytes}" : $"unknown {EapCode.Name(code)}";
        }
        else
        {
            var type = new EapType(r.U8());
            var isExpanded = type.Type == ExpandedType;
            if (isExpanded)
            {
                // Vendor 0 is the IETF: the same types as in one byte.
                var vendor = (uint)r.U8() << 16 | r.U16();
                type = new(r.U32(), vendor);
            }
            if (!r.Failed && !type.IsNone)
                return new() { Code = code, Id = id, Type = type, IsExpanded = isExpanded, Raw = packet, Data = packet[^r.Left..] };
            reason = $"an {EapCode.Name(code)} without a type";
        }
        return null;
    }

    public static byte[] Request(byte id, EapType type, ReadOnlySpan<byte> data) => Build(EapCode.Request, id, type, data);

    public static byte[] Response(byte id, EapType type, ReadOnlySpan<byte> data) => Build(EapCode.Response, id, type, data);

    /// <summary>The answer to a request has its identifier.</summary>
    public byte[] Respond(EapType type, ReadOnlySpan<byte> data) => Build(EapCode.Response, Id, type, data);

    public static byte[] Success(byte id) => [EapCode.Success, id, 0, HeaderBytes];

    public static byte[] Failure(byte id) => [EapCode.Failure, id, 0, HeaderBytes];

    static byte[] Build(byte code, byte id, EapType type, ReadOnlySpan<byte> data)
    {
        var w = new WireWriter(HeaderBytes + ExpandedBytes + data.Length);
        w.U8(code);
        w.U8(id);
        var length = w.BeginLength16();
        WriteType(w, type, type.Vendor != 0);
        w.Bytes(data);
        w.EndLength16(length, 0);
        return w.ToArray();
    }

    /// <summary>The refusal of a method, with those we would rather have; none: no alternative. RFC 3748 5.3.1 and 5.3.2.</summary>
    public byte[] Nak(IEnumerable<EapType> desired)
    {
        var w = new WireWriter(32);
        w.U8(EapCode.Response);
        w.U8(Id);
        var length = w.BeginLength16();
        WriteType(w, EapType.Nak, IsExpanded);
        var any = false;
        foreach (var type in desired)
        {
            // A one-byte NAK has room for an expanded type only as such.
            if (IsExpanded || type.Vendor == 0) WriteType(w, type, IsExpanded);
            else w.U8(ExpandedType);
            any = true;
        }
        if (!any) WriteType(w, default, IsExpanded);
        w.EndLength16(length, 0);
        return w.ToArray();
    }

    /// <summary>The types that a NAK proposes; a type 0 among them stands for no alternative.</summary>
    public IReadOnlyList<EapType> NakTypes()
    {
        List<EapType> types = [];
        var r = new WireReader(Data.Span);
        while (!r.AtEnd)
        {
            var type = r.U8();
            if (!IsExpanded) types.Add(new(type));
            else if (type == ExpandedType)
            {
                var vendor = (uint)r.U8() << 16 | r.U16();
                var number = r.U32();
                if (!r.Failed) types.Add(new(number, vendor));
            }
            else r.Fail();
        }
        return types;
    }

    static void WriteType(WireWriter w, EapType type, bool expanded)
    {
        if (!expanded)
        {
            w.U8((byte)type.Type);
            return;
        }
        w.U8(ExpandedType);
        w.U8((byte)(type.Vendor >> 16));
        w.U16((ushort)type.Vendor);
        w.U32(type.Type);
    }
}
