// The simulator's crypto door: a small seeded group, so that runs replay byte for byte and ten thousand seeds are cheap.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Tests.Sim;

/// <summary>
/// Diffie-Hellman modulo 2^61 - 1 under the names of several methods, each with a secret of its own; those of ML-KEM have its long public values.
/// No security whatsoever: whoever knows a public key can sign for it.
/// </summary>
public sealed class ToyCrypto(SeededRandom random) : ICryptoDoor
{
    const ulong P = (1UL << 61) - 1, G = 37;

    public static IReadOnlyList<ushort> Methods { get; } = [Ke.Curve25519, Ke.Ecp256, Ke.Curve448, Ke.Ecp384, Ke.Ecp521, Ke.MlKem512, Ke.MlKem768, Ke.MlKem1024];

    public bool Supports(ushort keMethod) => Methods.Contains(keMethod);

    /// <summary>Above the limit for inline work, so that completion order comes from the seed.</summary>
    public int Cost(ushort keMethod) => 1000;

    public KeyExchangeStart Start(ushort keMethod)
    {
        var x = Secret();
        return new Half(keMethod, Encode(keMethod, Power(G, x)), x);
    }

    public KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic)
    {
        var y = Secret();
        return Decode(keMethod, peerPublic) is { } peer ? new(Encode(keMethod, Power(G, y)), Shared(keMethod, Power(peer, y))) : null;
    }

    public byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data) => Signature(key.Public, data);

    public bool Verify(PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => signature.SequenceEqual(Signature(key, data));

    static byte[] Signature(PublicKey key, ReadOnlySpan<byte> data) => SHA512.HashData([.. key.KeyBits, .. data]);

    ulong Secret() => random.Next() % (P - 3) + 2;

    static int PublicBytes(ushort method) => method switch { Ke.MlKem512 => 800, Ke.MlKem768 => 1184, Ke.MlKem1024 => 1568, _ => 32 };

    static byte[] Encode(ushort method, ulong value)
    {
        var bytes = new byte[PublicBytes(method)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(bytes.Length - 8), value);
        return bytes;
    }

    static byte[] Shared(ushort method, ulong value)
    {
        var bytes = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, method);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(24), value);
        return bytes;
    }

    static ulong? Decode(ushort method, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != PublicBytes(method) || bytes[..^8].ContainsAnyExcept((byte)0)) return null;
        var value = BinaryPrimitives.ReadUInt64BigEndian(bytes[^8..]);
        return value is > 1 and < P - 1 ? value : null;
    }

    static ulong Power(ulong b, ulong e)
    {
        UInt128 result = 1, factor = b % P;
        for (; e > 0; e >>= 1)
        {
            if ((e & 1) != 0) result = result * factor % P;
            factor = factor * factor % P;
        }
        return (ulong)result;
    }

    sealed class Half(ushort method, byte[] publicValue, ulong secret) : KeyExchangeStart(method, publicValue)
    {
        public override byte[]? Finish(ReadOnlySpan<byte> peerPublic) => Decode(Method, peerPublic) is { } peer ? Shared(Method, Power(peer, secret)) : null;

        public override void Dispose() { }
    }
}
