// Numbers of the AUTH payload and of SIGNATURE_HASH_ALGORITHMS. RFC 7296 3.8, RFC 7427 4 and 7, RFC 8420.
using System.Buffers.Binary;

namespace Cygnet.Auth;

/// <summary>Authentication methods on the wire.</summary>
public static class AuthMethod
{
    public const byte RsaSignature = 1, SharedKey = 2, DssSignature = 3, Ecdsa256 = 9, Ecdsa384 = 10, Ecdsa521 = 11, SecurePassword = 12, Null = 13,
        DigitalSignature = 14;
}

/// <summary>Hash algorithms that a side accepts in digital signatures; identity is for Ed25519 and Ed448.</summary>
public static class SignatureHash
{
    public const ushort Sha1 = 1, Sha256 = 2, Sha384 = 3, Sha512 = 4, Identity = 5;

    /// <summary>A digest without a number: nobody can announce it. The registry has this one reserved for private use.</summary>
    public const ushort None = ushort.MaxValue;

    /// <summary>What we announce, in the order of the reference.</summary>
    public static readonly ushort[] Announced = [Sha256, Sha384, Sha512, Identity];

    /// <summary>What a peer announces: numbers of two bytes. Most announce what we do, and every SA keeps it: then it is the same array.</summary>
    public static ushort[] Read(ReadOnlySpan<byte> data)
    {
        var hashes = new ushort[data.Length / 2];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = BinaryPrimitives.ReadUInt16BigEndian(data[(2 * i)..]);
        return hashes.AsSpan().SequenceEqual(Announced) ? Announced : hashes;
    }

    public static string Name(ushort hash) => hash switch
    {
        Sha1 => "SHA1",
        Sha256 => "SHA2_256",
        Sha384 => "SHA2_384",
        Sha512 => "SHA2_512",
        Identity => "IDENTITY",
        _ => $"({hash})",
    };
}
