// What stands in a Certificate payload of encoding 12: the hash of a certificate, and where it is. RFC 7296 3.6.
using System.Security.Cryptography;
using System.Text;

namespace Cygnet.Wire;

/// <summary><paramref name="Hash"/> is the SHA-1 of the certificate's DER, 20 bytes. The URL is printable ASCII, of scheme http.</summary>
public sealed record HashAndUrl(byte[] Hash, string Url)
{
    const int HashBytes = 20, MaxUrl = 1024;

    /// <summary>The one scheme that RFC 7296 asks for, and the one that is taken: others reach what is none of a peer's business.</summary>
    const string Scheme = "http://";

    /// <summary>Null if it is too short or too long, or the URL is none of HTTP.</summary>
    public static HashAndUrl? Read(ReadOnlySpan<byte> data)
    {
        var r = new WireReader(data);
        var hash = r.Bytes(HashBytes);
        var url = r.Rest();
        if (r.Failed || url.Length > MaxUrl || url.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)) return null;
        var text = Encoding.ASCII.GetString(url);
        return text.Length > Scheme.Length && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? new(hash.ToArray(), text) : null;
    }

    /// <summary>Of a certificate below a base, under the name that the reference gives it: the hash in hexadecimal.</summary>
    public static HashAndUrl Of(ReadOnlySpan<byte> certificate, string @base)
    {
        var hash = SHA1.HashData(certificate);
        return new(hash, @base + Convert.ToHexStringLower(hash));
    }

    public byte[] ToBytes() => [.. Hash, .. Encoding.ASCII.GetBytes(Url)];

    /// <summary>Whether that is the certificate: what a server sends counts for nothing but this.</summary>
    public bool Names(ReadOnlySpan<byte> certificate) => Hash.AsSpan().SequenceEqual(SHA1.HashData(certificate));
}
