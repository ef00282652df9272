// Key material of a CHILD_SA. RFC 7296 2.17; salts: RFC 4106 8.1, RFC 4309 7.1, RFC 3686 5.1, RFC 7634 2.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>
/// The keys of both directions of a CHILD_SA: I protects what the initiator of the exchange sends, R what the responder sends.
/// Encryption keys end with the salt; integrity keys are empty with an AEAD. The data plane that takes them clears them.
/// </summary>
public sealed record ChildKeys(byte[] EncryptionI, byte[] IntegrityI, byte[] EncryptionR, byte[] IntegrityR)
{
    /// <summary>
    /// KEYMAT = prf+(SK_d, [g^ir (new) |] Ni | Nr [| SK(1) | .. SK(n)]), taken in the order: encryption then integrity of the initiator's direction, then of the responder's.
    /// The shared secret is empty without a key exchange of the child's own; the encryption is null for AH.
    /// <paramref name="additional"/> are the secrets of additional key exchanges in their order, RFC 9370 2.2.4.
    /// </summary>
    public static ChildKeys Derive(Prf prf, ReadOnlySpan<byte> skD, ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> ni, ReadOnlySpan<byte> nr,
        Transform? encryption, Transform? integrity, ReadOnlySpan<byte> additional = default)
    {
        byte[] seed = [.. sharedSecret, .. ni, .. nr, .. additional];
        var e = encryption is { } cipher ? Transforms.KeyMaterialBytes(cipher) : 0;
        var a = integrity is { } mac && !(encryption is { } c && Transforms.IsAead(c)) ? Transforms.KeyMaterialBytes(mac) : 0;
        var material = prf.Plus(skD, seed, 2 * (e + a));
        var at = 0;
        byte[] Next(int length) => material.AsSpan((at += length) - length, length).ToArray();

        var keys = new ChildKeys(Next(e), Next(a), Next(e), Next(a));
        CryptographicOperations.ZeroMemory(material);
        CryptographicOperations.ZeroMemory(seed);
        return keys;
    }
}
