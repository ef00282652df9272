// Which implementation protects packets under a negotiated pair of transforms.
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
        CheckSuite(encryption, integrity, encryptionKey.Length, integrityKey.Length);
        return Checked(encryption, integrity, encryptionKey, integrityKey, sha256_96);
    }

    /// <summary>As <see cref="Create"/>, of a suite and keys that passed <see cref="CheckSuite"/>.</summary>
    internal static PacketCipher Checked(Transform encryption, Transform? integrity, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> integrityKey, bool sha256_96 = false)
    {
        var row = Transforms.Find(encryption)!;
        var key = encryptionKey[..^row.SaltBytes];
        var salt = encryptionKey[key.Length..];
        if (row.IsAead) return Aead(encryption, key, salt, row.IvBytes, row.IcvBytes);

        var mac = integrity!.Value;
        var icvBytes = sha256_96 && mac.Id == Integ.HmacSha256_128 ? 12 : Transforms.Find(mac)!.IcvBytes;
        return WithMac(encryption, key, salt, mac, integrityKey, icvBytes);
    }

    /// <summary>Throws as <see cref="Create"/> would, without making anything.</summary>
    internal static void CheckSuite(Transform encryption, Transform? integrity, int encryptionKeyBytes, int integrityKeyBytes)
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

    /// <summary>Unchecked, for known answers. Camellia-CCM is composed: libcrypto has the block cipher and not the mode.</summary>
    internal static PacketCipher Aead(Transform t, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, int ivBytes, int icvBytes) =>
        t.Id is Encr.CamelliaCcm8 or Encr.CamelliaCcm12 or Encr.CamelliaCcm16
            ? new CcmCipher(LibCrypto.Cipher(t with { Id = Encr.CamelliaCtr }), LibCrypto.Cipher(t with { Id = Encr.CamelliaCbc }), key, salt, ivBytes, icvBytes)
            : new AeadCipher(LibCrypto.Cipher(t), key, salt, ivBytes, icvBytes, t.Id is Encr.AesCcm8 or Encr.AesCcm12 or Encr.AesCcm16, t.Id == Encr.NullAesGmac);

    /// <summary>Unchecked, for known answers.</summary>
    internal static PacketCipher WithMac(Transform t, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, Transform integrity, ReadOnlySpan<byte> integrityKey, int icvBytes)
    {
        var row = Transforms.Find(t)!;
        var cipher = LibCrypto.Cipher(t);
        if (cipher == 0 && t.Id != Encr.Null) LibCrypto.Check(0, Transforms.Name(t));
        return new MacCipher(cipher, key, salt, row.IvBytes, row.BlockBytes, Mac.Create(Transforms.Find(integrity)!.Function!.Value, integrityKey), icvBytes);
    }
}
