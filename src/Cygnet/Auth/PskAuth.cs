// AUTH with a shared key. RFC 7296 2.15.
//   AUTH = prf(prf(Shared Secret, "Key Pad for IKEv2"), <SignedOctets>)
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Auth;

/// <summary>Authentication with a pre-shared key, or with the key of an EAP method in its place.</summary>
public static class PskAuth
{
    public static byte[] Compute(Prf prf, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> octets)
    {
        var key = prf.Compute(secret, "Key Pad for IKEv2"u8);
        var auth = prf.Compute(key, octets);
        CryptographicOperations.ZeroMemory(key);
        return auth;
    }

    /// <summary>Whether the peer's AUTH data is that of the secret, in constant time.</summary>
    public static bool Verify(Prf prf, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> auth) =>
        CryptographicOperations.FixedTimeEquals(Compute(prf, secret, octets), auth);
}
