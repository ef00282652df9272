// Received certificates that were found trusted: shown again, they are not parsed and their signatures not verified anew.
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Cygnet.Pki;

/// <summary>
/// A memory, not a decision: whether a certificate is trusted now (path, time, revocation, constraints) is found out each time. Only what a trusted
/// authority has signed gets in, so a stranger cannot push out what others had. Thread safe.
/// </summary>
static class KnownCertificates
{
    /// <summary>So many are kept, some KB each; then it begins anew.</summary>
    const int Most = 1024;

    static readonly ConcurrentDictionary<(UInt128, UInt128), Certificate> s_known = new();

    /// <summary>As <see cref="Certificate.TryParse"/>.</summary>
    public static Certificate? Parse(ReadOnlySpan<byte> der, out string reason)
    {
        reason = "";
        return s_known.IsEmpty || !s_known.TryGetValue(Digest(der), out var known) ? Certificate.TryParse(der, out reason) : known;
    }

    /// <summary>The one with that SHA-1, or null.</summary>
    public static Certificate? Find(ReadOnlySpan<byte> sha1)
    {
        foreach (var known in s_known.Values)
            if (known.Fingerprint.AsSpan().SequenceEqual(sha1)) return known;
        return null;
    }

    public static void Keep(Certificate trusted)
    {
        if (s_known.Count >= Most) s_known.Clear();
        s_known.TryAdd(Digest(trusted.Raw), trusted);
    }

    /// <summary>Those that are kept now, in no order.</summary>
    public static IEnumerable<Certificate> All => s_known.Values;

    public static void Clear() => s_known.Clear();

    static (UInt128, UInt128) Digest(ReadOnlySpan<byte> der)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(der, digest);
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}
