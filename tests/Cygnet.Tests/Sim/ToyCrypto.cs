// The simulator's crypto door: a small seeded group, so that runs replay byte for byte and ten thousand seeds are cheap.
using System.Buffers.Binary;
using Cygnet.Crypto;

namespace Cygnet.Tests.Sim;

/// <summary>Diffie-Hellman modulo 2^61 - 1 under the name of Curve25519. No security whatsoever; signatures are not simulated.</summary>
public sealed class ToyCrypto(SeededRandom random) : ICryptoDoor
{
    const ulong P = (1UL << 61) - 1, G = 37;
    const int Bytes = 32;

    public bool Supports(ushort keMethod) => keMethod is Ke.Curve25519 or Ke.Ecp256;

    /// <summary>Above the limit for inline work, so that completion order comes from the seed.</summary>
    public int Cost(ushort keMethod) => 1000;

    public KeyExchangeStart Start(ushort keMethod)
    {
        var x = Secret();
        return new Half(keMethod, Encode(Power(G, x)), x);
    }

    public KeyExchangeResult? Respond(ushort keMethod, ReadOnlySpan<byte> peerPublic)
    {
        var y = Secret();
        return Decode(peerPublic) is { } peer ? new(Encode(Power(G, y)), Encode(Power(peer, y))) : null;
    }

    public byte[] Sign(PrivateKey key, SignatureScheme scheme, ReadOnlySpan<byte> data) => throw new NotSupportedException("the simulation authenticates with secrets");

    public bool Verify(PublicKey key, SignatureScheme scheme, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => false;

    ulong Secret() => random.Next() % (P - 3) + 2;

    static byte[] Encode(ulong value)
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(Bytes - 8), value);
        return bytes;
    }

    static ulong? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes || bytes[..(Bytes - 8)].ContainsAnyExcept((byte)0)) return null;
        var value = BinaryPrimitives.ReadUInt64BigEndian(bytes[(Bytes - 8)..]);
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
        public override byte[]? Finish(ReadOnlySpan<byte> peerPublic) => Decode(peerPublic) is { } peer ? Encode(Power(peer, secret)) : null;

        public override void Dispose() { }
    }
}
