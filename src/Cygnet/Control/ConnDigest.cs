// The digest of a load-conn section, by which "ipsec update" sees what has changed. docs/vici.md, x-get-conn-digests.
using System.Security.Cryptography;

namespace Cygnet.Control;

/// <summary>Computed alike by the client that sends a connection and by the daemon that has it.</summary>
public static class ConnDigest
{
    /// <summary>SHA-256, in hexadecimal, of what the section holds as the protocol encodes it.</summary>
    public static string Of(ViciSection section)
    {
        using var encoded = new MemoryStream(Vici.LengthOf(section));
        string? reason = null;
        Vici.Encode(section, encoded, ref reason);
        return Convert.ToHexStringLower(SHA256.HashData(encoded.GetBuffer().AsSpan(0, (int)encoded.Length)));
    }
}
