// The tokens by which a peer learns that we have lost an IKE_SA: made from its SPIs and a secret that outlives the daemon. RFC 6290 5.
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cygnet.Ike;

/// <summary>Thread safe. Whoever has the secret can end every IKE_SA of this daemon.</summary>
public sealed class CrashTokens
{
    public const int SecretBytes = 32;

    readonly byte[] _secret;

    public CrashTokens(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != SecretBytes) throw new ArgumentException($"a secret of tokens has {SecretBytes} bytes", nameof(secret));
        _secret = secret.ToArray();
    }

    /// <summary>
    /// Our role is part of it: with the flag of the header turned round, an IKE_SA that lives looks like one that we do not know, and what we then
    /// answer must not be its token.
    /// </summary>
    public byte[] Make(ulong initiatorSpi, ulong responderSpi, bool weInitiated)
    {
        Span<byte> data = stackalloc byte[17];
        BinaryPrimitives.WriteUInt64BigEndian(data, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(data[8..], responderSpi);
        data[16] = weInitiated ? (byte)1 : (byte)0;
        return HMACSHA256.HashData(_secret, data);
    }
}
