// Which implementation protects packets under a negotiated pair of transforms.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

public abstract partial class PacketCipher
{
    /// <summary>
    /// Makes the cipher of a negotiated suite. The encryption key ends with the salt, as derived. With <paramref name="sha256_96"/>
    /// HMAC-SHA2-256 is cut to 96 bits, as Linux before 2.6.33 does. Throws <see cref="NotSupportedException"/> for what is not
    /// built, <see cref="ArgumentException"/> for a key of another length.
    /// </summary>
    public static PacketCipher Create(Transform encryption, Transform? integrity, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> integrityKey, bool sha256_96 = false)
    {
        Check(encryption, integrity, encryptionKey.Length, integrityKey.Length);
        var row = Transforms.Find(encryption)!;
        var keyBytes = encryptionKey.Length - row.SaltBytes;
        var key = encryptionKey[..keyBytes];
        var salt = encryptionKey[keyBytes..];
        if (row.IsAead)
        {
            var isCcm = encryption.Id is Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16;
            return new AeadCipher(LibCrypto.Cipher(encryption), key, salt, row.IvBytes, row.IcvBytes, isCcm);
        }

        var mac = integrity!.Value;
        var icvBytes = sha256_96 && mac.Id == Integ.HmacSha256_128 ? 12 : Transforms.Find(mac)!.IcvBytes;
        return new MacCipher(LibCrypto.Cipher(encryption), key, salt, row.IvBytes, row.BlockBytes, LibCrypto.Hash(mac.Id), integrityKey, icvBytes);
    }

    /// <summary>Throws as <see cref="Create"/> would, without making anything.</summary>
    internal static void Check(Transform encryption, Transform? integrity, int encryptionKeyBytes, int integrityKeyBytes)
    {
        if (encryption.Type != TransformType.Encryption || !SelfTest.Passed(encryption))
            throw new NotSupportedException($"{Transforms.Name(encryption)} is not built, or failed its self-test");
        if (encryptionKeyBytes != Transforms.KeyMaterialBytes(encryption))
            throw new ArgumentException($"{Transforms.Name(encryption)} takes {Transforms.KeyMaterialBytes(encryption)} bytes of key material", nameof(encryptionKeyBytes));
        if (Transforms.IsAead(encryption)) return;
        if (integrity is not { Type: TransformType.Integrity } mac || !SelfTest.Passed(mac))
            throw new NotSupportedException($"{Transforms.Name(encryption)} needs an integrity algorithm that is built and passed its self-test");
        if (integrityKeyBytes != Transforms.KeyMaterialBytes(mac))
            throw new ArgumentException($"{Transforms.Name(mac)} takes {Transforms.KeyMaterialBytes(mac)} bytes of key", nameof(integrityKeyBytes));
    }

    // A failure inside libcrypto that is not a wrong ICV: out of memory, or an algorithm that a policy of the machine forbids.
    private protected static void Check(int result, string what)
    {
        if (result > 0) return;
        LibCrypto.ERR_clear_error();
        throw new CryptographicException($"libcrypto: {what} failed");
    }
}
