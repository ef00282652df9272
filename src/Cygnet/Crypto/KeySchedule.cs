// Key material of an IKE SA: SKEYSEED and SK_*. RFC 7296 2.14 and 2.18; RFC 5282 7 (no integrity keys with an AEAD); RFC 9370 2.2.2.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>Derives the keys of an IKE SA.</summary>
public static class KeySchedule
{
    /// <summary>
    /// The keys of a new IKE SA: SKEYSEED = prf(Ni | Nr, g^ir), of a PRF with a fixed key the first 64 bits of each nonce. SPIs are those of the initiator and responder as on the wire, read big-endian.
    /// </summary>
    public static IkeKeys Derive(Prf prf, Transform encryption, Transform? integrity, ReadOnlySpan<byte> ni, ReadOnlySpan<byte> nr,
        ReadOnlySpan<byte> sharedSecret, ulong spiI, ulong spiR)
    {
        byte[] nonces = [.. ni, .. nr];
        // "For historical backward compatibility reasons": RFC 7296 2.14.
        var half = prf.KeyBytes / 2;
        var seed = prf.HasFixedKey
            ? prf.Compute([.. ni[..Math.Min(half, ni.Length)], .. nr[..Math.Min(half, nr.Length)]], sharedSecret)
            : prf.Compute(nonces, sharedSecret);
        return Expand(prf, encryption, integrity, seed, nonces, spiI, spiR);
    }

    /// <summary>
    /// The keys of an IKE SA that resumes another by a ticket: SKEYSEED = prf(SK_d (old), "Resumption" | Ni | Nr), with the old SA's suite. RFC 5723 5.1.
    /// </summary>
    public static IkeKeys DeriveResumed(Prf prf, ReadOnlySpan<byte> oldSkD, Transform encryption, Transform? integrity, ReadOnlySpan<byte> ni, ReadOnlySpan<byte> nr, ulong spiI, ulong spiR)
    {
        byte[] nonces = [.. ni, .. nr];
        return Expand(prf, encryption, integrity, prf.Compute(oldSkD, "Resumption"u8, nonces), nonces, spiI, spiR);
    }

    /// <summary>
    /// The keys of an IKE SA that replaces another: SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr), with the old SA's PRF;
    /// expanded with the new one's. With both PRFs equal it is also the step after an additional key exchange of an initial exchange (RFC 9370 2.2.2).
    /// <paramref name="additional"/> are the secrets of those after a CREATE_CHILD_SA exchange, in their order: prf(SK_d (old), g^ir (new) | Ni | Nr | SK(1) | .. SK(n)),
    /// RFC 9370 2.2.4.
    /// </summary>
    public static IkeKeys DeriveRekeyed(Prf oldPrf, ReadOnlySpan<byte> oldSkD, Prf prf, Transform encryption, Transform? integrity,
        ReadOnlySpan<byte> ni, ReadOnlySpan<byte> nr, ReadOnlySpan<byte> sharedSecret, ulong spiI, ulong spiR, ReadOnlySpan<byte> additional = default)
    {
        byte[] nonces = [.. ni, .. nr], fresh = [.. nonces, .. additional];
        var seed = oldPrf.Compute(oldSkD, sharedSecret, fresh);
        CryptographicOperations.ZeroMemory(fresh);
        return Expand(prf, encryption, integrity, seed, nonces, spiI, spiR);
    }

    // {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
    static IkeKeys Expand(Prf prf, Transform encryption, Transform? integrity, byte[] skeyseed, byte[] nonces, ulong spiI, ulong spiR)
    {
        var seed = new byte[nonces.Length + 16];
        nonces.CopyTo(seed, 0);
        BinaryPrimitives.WriteUInt64BigEndian(seed.AsSpan(nonces.Length), spiI);
        BinaryPrimitives.WriteUInt64BigEndian(seed.AsSpan(nonces.Length + 8), spiR);

        var a = integrity is { } i && !Transforms.IsAead(encryption) ? Transforms.KeyMaterialBytes(i) : 0;
        var e = Transforms.KeyMaterialBytes(encryption);
        var p = prf.KeyBytes;
        var material = prf.Plus(skeyseed, seed, 3 * p + 2 * a + 2 * e);
        var at = 0;
        byte[] Next(int length) => material.AsSpan((at += length) - length, length).ToArray();

        var keys = new IkeKeys(Next(p), Next(a), Next(a), Next(e), Next(e), Next(p), Next(p));
        CryptographicOperations.ZeroMemory(material);
        CryptographicOperations.ZeroMemory(skeyseed);
        return keys;
    }
}
