// A private key in memory.
using System.Security.Cryptography;

namespace Cygnet.Crypto;

/// <summary>A private key that libcrypto holds in memory; safe for many threads.</summary>
public sealed class SoftwareKey : PrivateKey, IDisposable
{
    SoftwareKey(PublicKey publicKey, NativeKey native) : base(publicKey) => Native = native;

    internal NativeKey Native { get; }

    /// <summary>
    /// Reads an unencrypted private key in DER: PKCS#8 (RFC 5958), and also PKCS#1 (RFC 8017 A.1.2) and SEC 1 (RFC 5915) as key files have them.
    /// Null and the reason, a sentence for the operator, if that fails. The caller clears the DER.
    /// </summary>
    public static SoftwareKey? FromDer(ReadOnlySpan<byte> der, out string? reason)
    {
        var native = NativeKey.FromPrivateDer(der);
        if (native is null)
        {
            reason = "not a private key in DER (PKCS#8, PKCS#1 or SEC 1), or damaged";
            return null;
        }
        if (native.SubjectPublicKeyInfo() is { } info && PublicKey.FromSubjectPublicKeyInfo(info, out reason) is { } publicKey)
            return new(publicKey, native);
        native.Dispose();
        reason = "the private key is of no supported kind";
        return null;
    }

    /// <summary>Frees the key at once, where it was only looked at; else the collector does.</summary>
    public void Dispose() => Native.Dispose();

    /// <summary>As <see cref="FromDer"/>; throws <see cref="CryptographicException"/> with the reason.</summary>
    public static SoftwareKey FromPkcs8(ReadOnlySpan<byte> der) => FromDer(der, out var reason) ?? throw new CryptographicException(reason);
}
