// EncryptedPrivateKeyInfo with PBES2. RFC 5958 3, RFC 8018 6.2 and A.4.
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace Cygnet.Pki;

/// <summary>Decryption of encrypted PKCS#8.</summary>
static class EncryptedPkcs8
{
    // About ten seconds of work; a file that asks for more is damaged or hostile.
    const int MaxIterations = 10_000_000;

    sealed record Parameters(HashAlgorithmName Hash, byte[] Salt, int Iterations, int KeyBytes, bool IsAes, byte[] Iv, byte[] Content);

    /// <summary>A SEQUENCE that begins with a SEQUENCE: no form of unencrypted key does.</summary>
    public static bool Looks(byte[] der)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        return file.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) && file.ReadSequence() is { HasData: true } body && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence);
    }

    /// <summary>Why the encryption is not supported, or null.</summary>
    public static string? Refusal(byte[] der)
    {
        var body = new AsnReader(der, AsnEncodingRules.BER).ReadSequence().ReadSequence();
        var oid = body.ReadObjectIdentifier();
        if (oid == Oids.Pbes2) return Read(der, out var why) is null ? why : null;
        return oid.StartsWith("1.2.840.113549.1.5.", StringComparison.Ordinal) || oid.StartsWith("1.2.840.113549.1.12.1.", StringComparison.Ordinal)
            ? null : $"private key encryption {oid} is not supported; PBES2 is";
    }

    /// <summary>The PKCS#8 inside; null if the passphrase is wrong.</summary>
    public static byte[]? Decrypt(byte[] der, string passphrase)
    {
        if (new AsnReader(der, AsnEncodingRules.BER).ReadSequence().ReadSequence().ReadObjectIdentifier() != Oids.Pbes2) return DecryptOld(der, passphrase);
        if (Read(der, out _) is not { } p) return null;
        var secret = Encoding.UTF8.GetBytes(passphrase);
        var key = Rfc2898DeriveBytes.Pbkdf2(secret, p.Salt, p.Iterations, p.Hash, p.KeyBytes);
        CryptographicOperations.ZeroMemory(secret);
        try { return p.IsAes ? BlockDecryption.Aes(key, p.Iv, p.Content) : BlockDecryption.TripleDes(key, p.Iv, p.Content); }
        finally { CryptographicOperations.ZeroMemory(key); }
    }

    // PBES1 and PKCS#12's schemes: .NET reads them, for RSA and elliptic curves.
    static byte[]? DecryptOld(byte[] der, string passphrase)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportEncryptedPkcs8PrivateKey(passphrase, der, out _);
            return rsa.ExportPkcs8PrivateKey();
        }
        catch (CryptographicException) { }
        try
        {
            using var ec = ECDsa.Create();
            ec.ImportEncryptedPkcs8PrivateKey(passphrase, der, out _);
            return ec.ExportPkcs8PrivateKey();
        }
        catch (CryptographicException) { return null; }
    }

    // EncryptedPrivateKeyInfo ::= SEQUENCE { { id-PBES2, { {id-PBKDF2, {salt, iterations, [keyLength], [prf]}}, {cipher, iv} } }, OCTET STRING }
    static Parameters? Read(byte[] der, out string reason)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        var outer = file.ReadSequence();
        file.ThrowIfNotEmpty();
        var algorithm = outer.ReadSequence();
        var content = outer.ReadOctetString();
        algorithm.ReadObjectIdentifier();
        var parameters = algorithm.ReadSequence();
        var kdf = parameters.ReadSequence();
        var cipher = parameters.ReadSequence();
        if (kdf.ReadObjectIdentifier() is var kdfOid && kdfOid != Oids.Pbkdf2)
        {
            reason = $"key derivation {kdfOid} of the private key is not supported; PBKDF2 is";
            return null;
        }
        var derivation = kdf.ReadSequence();
        var salt = derivation.ReadOctetString();
        if (!derivation.TryReadInt32(out var iterations) || iterations is < 1 or > MaxIterations)
        {
            reason = $"the private key asks for more than {MaxIterations} rounds of key derivation";
            return null;
        }
        if (derivation.HasData && derivation.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)) derivation.ReadIntegerBytes();
        var prf = derivation.HasData ? derivation.ReadSequence().ReadObjectIdentifier() : Oids.HmacSha1;
        HashAlgorithmName? hash = prf switch
        {
            Oids.HmacSha1 => HashAlgorithmName.SHA1,
            Oids.HmacSha256 => HashAlgorithmName.SHA256,
            Oids.HmacSha384 => HashAlgorithmName.SHA384,
            Oids.HmacSha512 => HashAlgorithmName.SHA512,
            _ => null,
        };
        var cipherOid = cipher.ReadObjectIdentifier();
        var (isAes, keyBytes) = cipherOid switch
        {
            Oids.Aes128Cbc => (true, 16),
            Oids.Aes192Cbc => (true, 24),
            Oids.Aes256Cbc => (true, 32),
            Oids.DesEde3Cbc => (false, 24),
            _ => (false, 0),
        };
        if (hash is null || keyBytes == 0)
        {
            reason = hash is null ? $"key derivation with {prf} is not supported" : $"private key encryption {cipherOid} is not supported";
            return null;
        }
        var iv = cipher.ReadOctetString();
        reason = iv.Length == (isAes ? 16 : 8) ? "" : "the initialization vector of the private key has a wrong length";
        return reason.Length == 0 ? new(hash.Value, salt, iterations, keyBytes, isAes, iv, content) : null;
    }
}
