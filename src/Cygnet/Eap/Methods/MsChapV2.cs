// The functions of MS-CHAP-V2. RFC 2759 8; keys: RFC 3079 3.
using System.Security.Cryptography;
using System.Text;
using Cygnet.Crypto;

namespace Cygnet.Eap.Methods;

/// <summary>Names are those of the RFCs. Secrets in the arguments stay the caller's.</summary>
static class MsChapV2
{
    public const int ChallengeBytes = 16, NtResponseBytes = 24, HashBytes = 16, MskBytes = 64;
    const int ChallengeHashBytes = 8, MppeKeyBytes = 16, PadBytes = 40;

    /// <summary>MD4 of the password in UTF-16; the password is UTF-8.</summary>
    public static byte[] NtPasswordHash(ReadOnlySpan<byte> password)
    {
        var unicode = Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(password));
        var hash = LegacyDigest.Md4(unicode);
        CryptographicOperations.ZeroMemory(unicode);
        return hash;
    }

    public static byte[] HashNtPasswordHash(ReadOnlySpan<byte> ntHash) => LegacyDigest.Md4(ntHash);

    /// <summary>The user name is without its domain.</summary>
    public static byte[] ChallengeHash(ReadOnlySpan<byte> peerChallenge, ReadOnlySpan<byte> authenticatorChallenge, ReadOnlySpan<byte> userName) =>
        SHA1.HashData([.. peerChallenge, .. authenticatorChallenge, .. userName])[..ChallengeHashBytes];

    /// <summary>NT-Response: three DES encryptions of the challenge hash.</summary>
    public static byte[] ChallengeResponse(ReadOnlySpan<byte> challengeHash, ReadOnlySpan<byte> ntHash)
    {
        Span<byte> keys = stackalloc byte[3 * LegacyDigest.DesKeyBytes];
        keys.Clear();
        ntHash[..HashBytes].CopyTo(keys);
        var response = new byte[NtResponseBytes];
        for (var i = 0; i < 3; i++)
            LegacyDigest.DesEncrypt(keys[(i * LegacyDigest.DesKeyBytes)..], challengeHash, response.AsSpan(i * LegacyDigest.DesBlockBytes));
        keys.Clear();
        return response;
    }

    /// <summary>The 20 bytes by which the server proves that it knows the password; on the wire in hexadecimal behind <c>S=</c>.</summary>
    public static byte[] AuthenticatorResponse(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse, ReadOnlySpan<byte> challengeHash)
    {
        var digest = SHA1.HashData([.. HashNtPasswordHash(ntHash), .. ntResponse, .. "Magic server to client signing constant"u8]);
        return SHA1.HashData([.. digest, .. challengeHash, .. "Pad to make it do more than one iteration"u8]);
    }

    public static byte[] MasterKey(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse) =>
        SHA1.HashData([.. HashNtPasswordHash(ntHash), .. ntResponse, .. "This is the MPPE Master Key"u8])[..MppeKeyBytes];

    /// <summary>GetAsymmetricStartKey for 128 bits; the client's send key is the server's receive key.</summary>
    public static byte[] StartKey(ReadOnlySpan<byte> masterKey, bool clientSends)
    {
        Span<byte> pad1 = stackalloc byte[PadBytes], pad2 = stackalloc byte[PadBytes];
        pad1.Clear();
        pad2.Fill(0xf2);
        var magic = clientSends
            ? "On the client side, this is the send key; on the server side, it is the receive key."u8
            : "On the client side, this is the receive key; on the server side, it is the send key."u8;
        return SHA1.HashData([.. masterKey, .. pad1, .. magic, .. pad2])[..MppeKeyBytes];
    }

    /// <summary>The key for IKE: what the server receives with, what it sends with, 32 zero bytes.</summary>
    public static byte[] Msk(ReadOnlySpan<byte> ntHash, ReadOnlySpan<byte> ntResponse)
    {
        var master = MasterKey(ntHash, ntResponse);
        var msk = new byte[MskBytes];
        StartKey(master, clientSends: true).CopyTo(msk, 0);
        StartKey(master, clientSends: false).CopyTo(msk, MppeKeyBytes);
        CryptographicOperations.ZeroMemory(master);
        return msk;
    }

    /// <summary>The name behind a domain and its backslash.</summary>
    public static ReadOnlySpan<byte> WithoutDomain(ReadOnlySpan<byte> name) => name.IndexOf((byte)'\\') is >= 0 and var at ? name[(at + 1)..] : name;
}
