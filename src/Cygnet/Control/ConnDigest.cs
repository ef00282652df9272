// The digest of a load-conn section, by which "ipsec update" sees what has changed. docs/vici.md, x-get-conn-digests.
using System.Security.Cryptography;

namespace Cygnet.Control;

/// <summary>Computed alike by the client that sends a connection and by the daemon that has it.</summary>
public static class ConnDigest
{
    /// <summary>SHA-256, in hexadecimal, of what the section holds as the protocol encodes it.</summary>
    public static string Of(ViciSection section) => Of(Vici.Encode(section, out _) ?? []);

    /// <summary>The same of what has been encoded already.</summary>
    public static string Of(ReadOnlySpan<byte> encoded)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(encoded, digest);
        return Convert.ToHexStringLower(digest);
    }
}
