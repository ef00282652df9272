// A message of EAP-SIM or EAP-AKA: subtype and attributes. RFC 4186 8.1, RFC 4187 8.1.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Wire;

namespace Cygnet.Eap.Sim;

/// <summary>A received message. An attribute stands in it at most once; each is at least four bytes long, so that reading always advances (CVE-2026-35330).</summary>
sealed class SimMessage
{
    const int HeaderBytes = 8, MacBytes = 16, Unit = 4;

    readonly Dictionary<byte, byte[]> _attributes = [];
    readonly EapPacket _packet;
    int _macAt = -1;

    SimMessage(EapPacket packet, byte subtype) => (_packet, Subtype) = (packet, subtype);

    public byte Subtype { get; }

    public static SimMessage? TryParse(EapPacket packet, out string reason)
    {
        reason = "";
        var r = new WireReader(packet.Data.Span);
        var message = new SimMessage(packet, r.U8());
        r.U16();
        while (!r.Failed && !r.AtEnd)
        {
            var at = packet.Raw.Length - r.Left;
            var (type, length) = (r.U8(), r.U8());
            if (length == 0) r.Fail();
            var body = r.Bytes(length * Unit - 2);
            if (r.Failed) reason = $"invalid length of attribute {type}";
            else if (!message._attributes.TryAdd(type, body.ToArray()))
            {
                reason = $"attribute {type} stands in the message twice";
                return null;
            }
            if (type == At.Mac) message._macAt = at + 4;
        }
        if (r.Failed && reason.Length == 0) reason = "the message is too short";
        return r.Failed ? null : message;
    }

    public bool Has(byte type) => _attributes.ContainsKey(type);

    /// <summary>The first attribute that is neither named here nor to be skipped; null if there is none.</summary>
    public byte? Unexpected(params ReadOnlySpan<byte> known)
    {
        foreach (var type in _attributes.Keys)
            if (type < At.FirstSkippable && !known.Contains(type)) return type;
        return null;
    }

    /// <summary>A value of two bytes: error code, notification, version.</summary>
    public ushort? Number(byte type) => _attributes.TryGetValue(type, out var body) && body.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(body) : null;

    /// <summary>A value of so many bytes behind two reserved ones; with zero bytes asked for, as many as there are.</summary>
    public byte[]? Fixed(byte type, int bytes = 0) =>
        _attributes.TryGetValue(type, out var body) && body.Length > 2 && (bytes == 0 || body.Length == 2 + bytes) ? body[2..] : null;

    /// <summary>A value behind its length in bytes, or, AT_RES, in bits; padding may follow.</summary>
    public byte[]? Counted(byte type, bool inBits = false)
    {
        if (!_attributes.TryGetValue(type, out var body)) return null;
        var r = new WireReader(body);
        var length = (int)r.U16();
        if (inBits && length % 8 != 0) return null;
        var value = r.Bytes(inBits ? length / 8 : length);
        return r.Failed || r.Left >= Unit ? null : value.ToArray();
    }

    /// <summary>AT_AUTS: 14 bytes, nothing reserved.</summary>
    public byte[]? Auts() => _attributes.TryGetValue(At.Auts, out var body) && body.Length == Milenage.AutsBytes ? body : null;

    /// <summary>Whether AT_MAC is that of the packet with <paramref name="extra"/> behind it. False too if there is none.</summary>
    public bool IsAuthentic(SimKeys keys, ReadOnlySpan<byte> extra)
    {
        if (_macAt < 0 || !_attributes.TryGetValue(At.Mac, out var body) || body.Length != 2 + MacBytes) return false;
        byte[] text = [.. _packet.Raw.Span, .. extra];
        text.AsSpan(_macAt, MacBytes).Clear();
        return CryptographicOperations.FixedTimeEquals(keys.Mac(text), body.AsSpan(2));
    }
}
