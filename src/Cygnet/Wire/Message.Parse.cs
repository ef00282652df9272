// Reading a message in two steps: the datagram up to its protected part, and what that part held. RFC 7296 2.5, 3.1, 3.2, 3.14; RFC 7383 2.5.
namespace Cygnet.Wire;

public sealed partial class Message
{
    const int MaxPayloads = 255;

    /// <summary>About as many as the first messages have.</summary>
    const int UsualPayloads = 12;

    /// <summary>
    /// Reads header and payloads of a datagram. If it holds an SK or SKF payload, that must be the last one and is not opened, see <see cref="Encrypted"/>.
    /// The message holds at least the header if there were 28 bytes, whatever the result.
    /// </summary>
    public static ParseResult TryParse(ReadOnlySpan<byte> datagram, out Message message)
    {
        var complete = IkeHeader.TryRead(datagram, out var header);
        var payloads = new List<Payload>();
        message = new(header, payloads);
        if (!complete) return ParseResult.InvalidSyntax("shorter than a header");
        if (header.MajorVersion != IkeHeader.Version2 >> 4) return ParseResult.InvalidMajorVersion;
        if (header.Length != (uint)datagram.Length) return ParseResult.InvalidSyntax("length field does not match the length of the datagram");
        var result = ParseChain(header.NextPayload, datagram, IkeHeader.Bytes, payloads, out var encrypted);
        message.Encrypted = encrypted;
        return result;
    }

    /// <summary>Reads the payloads that a protected part held and appends them to those that stood in front of it.</summary>
    public static ParseResult ParsePayloads(PayloadType first, ReadOnlySpan<byte> plaintext, List<Payload> into)
    {
        var result = ParseChain(first, plaintext, 0, into, out var encrypted);
        return result.IsOk && encrypted is not null ? ParseResult.InvalidSyntax("protected part inside a protected part") : result;
    }

    /// <summary>The message with the content of its protected part; <paramref name="message"/> is unusable unless the result is Ok.</summary>
    public ParseResult WithPlaintext(PayloadType first, ReadOnlySpan<byte> plaintext, out Message message)
    {
        var all = new List<Payload>(Payloads);
        message = new(Header, all);
        return ParsePayloads(first, plaintext, all);
    }

    static ParseResult ParseChain(PayloadType next, ReadOnlySpan<byte> bytes, int start, List<Payload> into, out EncryptedBody? encrypted)
    {
        encrypted = null;
        var r = new WireReader(bytes);
        r.Skip(start);
        while (next != PayloadType.None)
        {
            if (into.Count == MaxPayloads) return ParseResult.InvalidSyntax("too many payloads");
            var type = next;
            next = (PayloadType)r.U8();
            var critical = Payload.IsCritical(r.U8());
            var body = r.Sub(r.U16() - Payload.HeaderBytes);
            if (body.Failed) return ParseResult.InvalidSyntax($"payload of type {(byte)type} exceeds the message");
            if (type is PayloadType.Encrypted or PayloadType.EncryptedFragment)
                return r.AtEnd
                    ? ReadEncrypted(type, next, ref body, bytes.Length, out encrypted)
                    : ParseResult.InvalidSyntax("protected part is not the last payload");
            if (!IsKnown(type))
            {
                if (critical) return ParseResult.UnsupportedCriticalPayload((byte)type);
            }
            else if (IsSingle(type))
                foreach (var p in into)
                    if (p.Type == type) return ParseResult.InvalidSyntax($"more than one payload of type {(byte)type}");
            if (Payload.Read(type, ref body, out var reason) is not { } payload)
                return ParseResult.InvalidSyntax($"payload of type {(byte)type}: {reason}");
            if (into.Count == 0) into.EnsureCapacity(UsualPayloads);
            into.Add(critical ? payload with { Critical = true } : payload);
        }
        return r.AtEnd ? ParseResult.Ok : ParseResult.InvalidSyntax("bytes after the last payload");
    }

    static ParseResult ReadEncrypted(PayloadType type, PayloadType first, ref WireReader body, int end, out EncryptedBody? encrypted)
    {
        encrypted = null;
        ushort number = 0, total = 0;
        if (type == PayloadType.EncryptedFragment)
        {
            number = body.U16();
            total = body.U16();
            if (body.Failed || number == 0 || number > total) return ParseResult.InvalidSyntax("fragment number is not between 1 and the total");
        }
        encrypted = new(end - body.Left, body.Left, first, number, total);
        return ParseResult.Ok;
    }

    static bool IsKnown(PayloadType type) => type is >= PayloadType.Sa and <= PayloadType.Eap or PayloadType.EncryptedFragment;

    static bool IsSingle(PayloadType type) => type is PayloadType.Sa or PayloadType.Ke or PayloadType.IdInitiator or PayloadType.IdResponder
        or PayloadType.Auth or PayloadType.Nonce or PayloadType.TsInitiator or PayloadType.TsResponder;
}
