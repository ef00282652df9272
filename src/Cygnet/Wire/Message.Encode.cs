// Writing a message: in the clear, protected by an SK payload, or in protected fragments. RFC 7296 3.1, 3.14; RFC 7383 2.5.
using Cygnet.Crypto;

namespace Cygnet.Wire;

public sealed partial class Message
{
    /// <summary>Length of the fragment numbers in an SKF payload, bytes.</summary>
    const int FragmentNumbersBytes = 4;

    const int HeadBytes = IkeHeader.Bytes + Payload.HeaderBytes;

    /// <summary>Encodes a message without protection. Next payload and length of the header are set here.</summary>
    public static byte[] EncodePlain(IkeHeader header, IReadOnlyList<Payload> payloads)
    {
        var w = new WireWriter();
        (header with { NextPayload = FirstOf(payloads) }).Write(w);
        WriteChain(w, payloads);
        w.PatchU32(IkeHeader.Bytes - 4, (uint)w.Length);
        return w.ToArray();
    }

    /// <summary>Encodes a message whose payloads are all inside one SK payload.</summary>
    public static byte[] EncodeProtected(IkeHeader header, IReadOnlyList<Payload> payloads, IkeProtection protection, IRandom random) =>
        Protect(header, FirstOf(payloads), Inner(payloads).Written, protection, random, 0, 0);

    /// <summary>As <see cref="EncodeFragments(IkeHeader, IReadOnlyList{Payload}, IkeProtection, IRandom, int, out int)"/>.</summary>
    public static List<byte[]> EncodeFragments(IkeHeader header, IReadOnlyList<Payload> payloads, IkeProtection protection, IRandom random, int maxDatagram) =>
        EncodeFragments(header, payloads, protection, random, maxDatagram, out _);

    /// <summary>Bytes of an undivided message with inner payloads of that many bytes.</summary>
    public static int WholeLength(int plaintextLength, IkeProtection protection) => HeadBytes + protection.SealedLength(plaintextLength);

    /// <summary>
    /// Encodes a protected message as one datagram if it fits into <paramref name="maxDatagram"/> bytes of UDP payload, else as fragments,
    /// all but the last of the same size. <paramref name="whole"/> is the length that the undivided message has.
    /// </summary>
    public static List<byte[]> EncodeFragments(IkeHeader header, IReadOnlyList<Payload> payloads, IkeProtection protection, IRandom random, int maxDatagram, out int whole)
    {
        var first = FirstOf(payloads);
        var plaintext = Inner(payloads).Written;
        whole = WholeLength(plaintext.Length, protection);
        if (whole <= maxDatagram) return [Protect(header, first, plaintext, protection, random, 0, 0)];
        var chunk = protection.PlaintextCapacity(maxDatagram - HeadBytes - FragmentNumbersBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunk, 1, nameof(maxDatagram));
        var total = checked((ushort)((plaintext.Length + chunk - 1) / chunk));
        var fragments = new List<byte[]>(total);
        for (var number = 1; number <= total; number++)
        {
            var part = plaintext[..Math.Min(chunk, plaintext.Length)];
            plaintext = plaintext[part.Length..];
            fragments.Add(Protect(header, number == 1 ? first : PayloadType.None, part, protection, random, (ushort)number, total));
        }
        return fragments;
    }

    static byte[] Protect(IkeHeader header, PayloadType first, ReadOnlySpan<byte> plaintext, IkeProtection protection, IRandom random, ushort number, ushort total)
    {
        var isFragment = total != 0;
        var bodyOffset = HeadBytes + (isFragment ? FragmentNumbersBytes : 0);
        var length = bodyOffset + protection.SealedLength(plaintext.Length);
        var w = new WireWriter(length);
        (header with { NextPayload = isFragment ? PayloadType.EncryptedFragment : PayloadType.Encrypted, Length = (uint)length }).Write(w);
        w.U8((byte)first);
        w.U8(0);
        w.U16(checked((ushort)(length - IkeHeader.Bytes)));
        if (isFragment)
        {
            w.U16(number);
            w.U16(total);
        }
        w.Zeros(protection.IvBytes);
        w.Bytes(plaintext);
        w.Zeros(length - w.Length);
        var message = w.Detach();
        protection.Seal(message, bodyOffset, plaintext.Length, random);
        return message;
    }

    static WireWriter Inner(IReadOnlyList<Payload> payloads)
    {
        var w = new WireWriter();
        WriteChain(w, payloads);
        return w;
    }

    static void WriteChain(WireWriter to, IReadOnlyList<Payload> payloads)
    {
        for (var i = 0; i < payloads.Count; i++) payloads[i].Write(to, i + 1 < payloads.Count ? payloads[i + 1].Type : PayloadType.None);
    }

    static PayloadType FirstOf(IReadOnlyList<Payload> payloads) => payloads.Count == 0 ? PayloadType.None : payloads[0].Type;
}
