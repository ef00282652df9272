// Integrity of a PKCS#12 container. RFC 7292 4 and B.2, RFC 9579 (PBMAC1).
//   MacData ::= SEQUENCE { mac SEQUENCE { AlgorithmIdentifier, digest OCTET STRING }, macSalt OCTET STRING, iterations INTEGER DEFAULT 1 }
using System.Formats.Asn1;
using System.Security.Cryptography;
using Cygnet.Crypto;

namespace Cygnet.Pki;

static class Pkcs12Mac
{
    const int MacPurpose = 3;
    public const string Wrong = "the passphrase does not open the PKCS#12 container, or it is damaged";

    /// <summary>Null if one of the passphrases makes the MAC over the content; else the reason. Adds the work that was done to the rounds.</summary>
    public static string? Check(AsnReader macData, byte[] content, IReadOnlyList<byte[]?> passphrases, ref int rounds)
    {
        var info = macData.ReadSequence();
        var salt = macData.ReadOctetString();
        var iterations = 1;
        if (macData.HasData && (!macData.TryReadInt32(out iterations) || iterations is < 1 or > PassphraseScheme.MaxRounds))
            return $"the PKCS#12 container asks for more than {PassphraseScheme.MaxRounds} rounds of key derivation";
        var algorithm = info.ReadSequence();
        var mac = info.ReadOctetString();
        var oid = algorithm.ReadObjectIdentifier();
        Func<byte[]?, byte[]> derive;
        HashAlgorithmName hash;
        if (oid == Oids.Pbmac1)
        {
            // PBMAC1-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, messageAuthScheme AlgorithmIdentifier }
            var parameters = algorithm.ReadSequence();
            var derivation = parameters.ReadSequence();
            if (derivation.ReadObjectIdentifier() != Oids.Pbkdf2) return "the PKCS#12 container's integrity needs a key derivation other than PBKDF2, which is not supported";
            if (PassphraseScheme.Pbkdf2(derivation.ReadSequence(), null, out iterations, out salt, out var prf) is { } refusal) return refusal;
            if (Hmac(prf) is not { } under || Hmac(parameters.ReadSequence().ReadObjectIdentifier()) is not { } over) return "the PKCS#12 container's integrity is of an HMAC that is not supported";
            hash = over;
            derive = p => Rfc2898DeriveBytes.Pbkdf2(p ?? [], salt, iterations, under, mac.Length);
        }
        else
        {
            if (Hash(oid) is not var (name, bytes)) return $"the PKCS#12 container's integrity is of digest {oid}, which is not supported";
            hash = name;
            derive = p => PassphraseCipher.Pkcs12Key(p, salt, MacPurpose, iterations, bytes, name.Name!);
        }
        foreach (var passphrase in passphrases)
        {
            if ((rounds += iterations) > PassphraseScheme.MaxRounds) return $"the PKCS#12 container asks for more than {PassphraseScheme.MaxRounds} rounds of key derivation";
            var key = derive(passphrase);
            var isGenuine = CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(hash, key, content), mac);
            CryptographicOperations.ZeroMemory(key);
            if (isGenuine) return null;
        }
        return Wrong;
    }

    static (HashAlgorithmName Name, int Bytes)? Hash(string oid) => oid switch
    {
        Oids.Sha1 => (HashAlgorithmName.SHA1, 20),
        Oids.Sha256 => (HashAlgorithmName.SHA256, 32),
        Oids.Sha384 => (HashAlgorithmName.SHA384, 48),
        Oids.Sha512 => (HashAlgorithmName.SHA512, 64),
        _ => null,
    };

    static HashAlgorithmName? Hmac(string oid) => oid switch
    {
        Oids.HmacSha1 => HashAlgorithmName.SHA1,
        Oids.HmacSha256 => HashAlgorithmName.SHA256,
        Oids.HmacSha384 => HashAlgorithmName.SHA384,
        Oids.HmacSha512 => HashAlgorithmName.SHA512,
        _ => null,
    };
}
