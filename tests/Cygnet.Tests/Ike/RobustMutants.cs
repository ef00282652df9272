// Mutants of IKE messages: systematic ones of the header, of the chain of payloads and of each body, and seeded random ones.
using System.Buffers.Binary;
using Cygnet.Crypto;
using Cygnet.Tests.Sim;
using Cygnet.Wire;

namespace Cygnet.Tests.Ike;

/// <summary>The payloads of a message as bytes, so that each can be anything.</summary>
public readonly record struct Chain(byte First, byte[] Bytes);

/// <summary>A change of some bytes of the header.</summary>
public readonly record struct HeaderEdit(int Offset, byte[] Value);

public static class RobustMutants
{
    static readonly byte[] _types = [0, 1, 32, .. Enumerable.Range(33, 17).Select(i => (byte)i), 53, 54, 128, 255];
    static readonly ushort[] _lengths = [0, 1, 3, 4, 5, 8, 0x7fff, 0x8000, 0xffff];

    /// <summary>A payload: its type, critical bit and reserved ones, and its body.</summary>
    public sealed record Part(byte Type, byte Flags, byte[] Body);

    /// <summary>Every payload dropped, doubled, moved, cut at every length; every length field, type and flag wrong; every byte of every body changed.</summary>
    public static IEnumerable<Chain> OfChain(Chain genuine)
    {
        var parts = Split(genuine);
        yield return genuine;
        yield return new(0, []);
        yield return new(0, genuine.Bytes);
        yield return new((byte)PayloadType.Encrypted, genuine.Bytes);
        yield return new((byte)PayloadType.EncryptedFragment, genuine.Bytes);
        for (var keep = 0; keep < genuine.Bytes.Length; keep++) yield return genuine with { Bytes = genuine.Bytes[..keep] };
        yield return genuine with { Bytes = [.. genuine.Bytes, 0] };
        yield return genuine with { Bytes = [.. genuine.Bytes, .. genuine.Bytes] };
        yield return Join([.. parts, .. parts]);
        yield return Join([.. parts.AsEnumerable().Reverse()]);
        yield return Join([.. Enumerable.Repeat(new Part((byte)PayloadType.Notify, 0, [0, 0, 0x40, 0]), 255), .. parts]);
        yield return Join([.. parts, new Part((byte)PayloadType.VendorId, 0, new byte[60_000])]);
        for (var i = 0; i <= parts.Count; i++)
            foreach (var flags in (byte[])[0, 0x80, 0xff])
                yield return Join([.. parts[..i], new Part(200, flags, [1, 2, 3]), .. parts[i..]]);
        for (var i = 0; i < parts.Count; i++)
        {
            var (part, index) = (parts[i], i);
            Chain With(params Part[] instead) => Join([.. parts[..index], .. instead, .. parts[(index + 1)..]]);
            yield return With();
            yield return With(part, part);
            yield return Join([.. parts, part]);
            if (i > 0) yield return Join([.. parts[..(i - 1)], part, parts[i - 1], .. parts[(i + 1)..]]);
            foreach (var type in _types) yield return With(part with { Type = type });
            foreach (var flags in (byte[])[0x80, 0x7f, 0xff]) yield return With(part with { Flags = flags });
            for (var keep = 0; keep < part.Body.Length; keep++) yield return With(part with { Body = part.Body[..keep] });
            yield return With(part with { Body = [.. part.Body, 0] });
            yield return With(part with { Body = [.. part.Body, .. part.Body] });
            yield return With(part with { Body = [.. part.Body, .. new byte[300]] });
            foreach (var length in _lengths) yield return SetLength(parts, i, length);
            yield return SetLength(parts, i, (ushort)(part.Body.Length + 3));
            yield return SetLength(parts, i, (ushort)(part.Body.Length + 5));
            for (var at = 0; at < part.Body.Length; at++)
                foreach (var value in (byte[])[0, 1, 0xff, (byte)(part.Body[at] ^ 1), (byte)(part.Body[at] ^ 0x80), (byte)(part.Body[at] + 1)])
                    yield return With(part with { Body = [.. part.Body[..at], value, .. part.Body[(at + 1)..]] });
            for (var at = 0; at + 1 < part.Body.Length; at++)
                foreach (var value in _lengths)
                    yield return With(part with { Body = [.. part.Body[..at], (byte)(value >> 8), (byte)value, .. part.Body[(at + 2)..]] });
        }
    }

    /// <summary>Every version, exchange type, flag combination, first payload; telling message ids, SPIs and lengths.</summary>
    public static IEnumerable<HeaderEdit> OfHeader(byte[] header)
    {
        for (var value = 0; value < 256; value++)
            for (var at = 16; at < 20; at++)
                if (header[at] != value) yield return new(at, [(byte)value]);
        var id = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(20));
        foreach (var other in (uint[])[0, 1, 2, 3, id - 2, id - 1, id + 1, id + 2, 0x7fffffff, 0x80000000, 0xffffffff])
            if (other != id) yield return new(20, Number(other));
        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(24));
        foreach (var other in (uint[])[0, 1, 27, 28, 29, length - 1, length + 1, 0xffff, 0x10000, 0x7fffffff, 0xffffffff]) yield return new(24, Number(other));
        yield return new(0, new byte[8]);
        yield return new(8, new byte[8]);
        yield return new(0, new byte[16]);
        yield return new(0, [.. header[8..16], .. header[..8]]);
        yield return new(0, [.. header[..8], .. header[..8]]);
        yield return new(0, [.. header[8..16], .. header[8..16]]);
        for (var bit = 0; bit < 128; bit++) yield return new(bit / 8, [(byte)(header[bit / 8] ^ 1 << bit % 8)]);
    }

    /// <summary>Mutants of a whole datagram without regard to what is in it.</summary>
    public static IEnumerable<byte[]> OfDatagram(byte[] datagram)
    {
        for (var keep = 0; keep < datagram.Length; keep++)
        {
            yield return datagram[..keep];
            if (keep >= IkeHeader.Bytes) yield return WithLength(datagram[..keep]);
        }
        for (var more = 1; more < 70; more += 4) yield return WithLength([.. datagram, .. new byte[more]]);
        yield return WithLength([.. datagram, .. datagram]);
        foreach (var edit in OfHeader(datagram)) yield return Apply(datagram, edit);
        for (var bit = 28 * 8; bit < datagram.Length * 8; bit++) yield return Apply(datagram, new(bit / 8, [(byte)(datagram[bit / 8] ^ 1 << bit % 8)]));
    }

    /// <summary>One of endlessly many; never the datagram itself.</summary>
    public static byte[] Random(byte[] datagram, SeededRandom random)
    {
        var mutant = random.Below(8) switch
        {
            0 => datagram[..random.Below(datagram.Length)],
            1 => [.. datagram, .. datagram.AsSpan(random.Below(datagram.Length))],
            _ => (byte[])datagram.Clone(),
        };
        for (var n = 1 + random.Below(4); n > 0 && mutant.Length > 0; n--)
        {
            var at = random.Below(random.Chance(0.3) ? Math.Min(32, mutant.Length) : mutant.Length);
            mutant[at] = random.Below(4) switch { 0 => 0, 1 => 255, 2 => (byte)(mutant[at] ^ 1 << random.Below(8)), _ => (byte)random.Below(256) };
        }
        if (mutant.Length >= IkeHeader.Bytes && random.Below(4) != 0) WithLength(mutant);
        if (mutant.AsSpan().SequenceEqual(datagram)) mutant[^1] ^= 1;
        return mutant;
    }

    public static byte[] Apply(byte[] datagram, HeaderEdit edit)
    {
        var changed = (byte[])datagram.Clone();
        edit.Value.CopyTo(changed, edit.Offset);
        return changed;
    }

    /// <summary>Seals the chain under the header, so that the mutant passes the integrity check; as one fragment if there is a total.</summary>
    public static byte[] Protect(IkeProtection protection, ReadOnlySpan<byte> header, Chain chain, ushort number = 0, ushort total = 0)
    {
        var offset = IkeHeader.Bytes + 4 + (total == 0 ? 0 : 4);
        var message = new byte[offset + protection.SealedLength(chain.Bytes.Length)];
        header[..IkeHeader.Bytes].CopyTo(message);
        message[16] = (byte)(total == 0 ? PayloadType.Encrypted : PayloadType.EncryptedFragment);
        WithLength(message);
        message[28] = chain.First;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(30), (ushort)(message.Length - IkeHeader.Bytes));
        if (total != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(32), number);
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(34), total);
        }
        chain.Bytes.CopyTo(message, offset + protection.IvBytes);
        protection.Seal(message, offset, chain.Bytes.Length, new SeededRandom(1));
        return message;
    }

    /// <summary>The chain unprotected, under the header of a genuine IKE_SA_INIT.</summary>
    public static byte[] Plain(ReadOnlySpan<byte> header, Chain chain)
    {
        byte[] message = [.. header[..IkeHeader.Bytes], .. chain.Bytes];
        message[16] = chain.First;
        return WithLength(message);
    }

    static byte[] WithLength(byte[] datagram)
    {
        BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(24), datagram.Length);
        return datagram;
    }

    static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static List<Part> Split(Chain chain)
    {
        List<Part> parts = [];
        var (type, at) = (chain.First, 0);
        while (type != 0)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(chain.Bytes.AsSpan(at + 2));
            parts.Add(new(type, chain.Bytes[at + 1], chain.Bytes[(at + 4)..(at + length)]));
            type = chain.Bytes[at];
            at += length;
        }
        return parts;
    }

    public static Chain Join(IReadOnlyList<Part> parts)
    {
        var bytes = new byte[parts.Sum(p => p.Body.Length + 4)];
        var at = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            var (length, next) = (parts[i].Body.Length + 4, i + 1 < parts.Count ? parts[i + 1].Type : (byte)0);
            (bytes[at], bytes[at + 1]) = (next, parts[i].Flags);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at + 2), (ushort)length);
            parts[i].Body.CopyTo(bytes, at + 4);
            at += length;
        }
        return new(parts.Count == 0 ? (byte)0 : parts[0].Type, bytes);
    }

    static Chain SetLength(List<Part> parts, int index, ushort length)
    {
        var chain = Join(parts);
        BinaryPrimitives.WriteUInt16BigEndian(chain.Bytes.AsSpan(parts.Take(index).Sum(p => p.Body.Length + 4) + 2), length);
        return chain;
    }
}
