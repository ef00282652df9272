// Encryption under a passphrase in files: what is taken, and how much work a file may ask for. RFC 8018 6 and A, RFC 7292 B and C, RFC 7914 7.
using System.Formats.Asn1;
using Cygnet.Crypto;

namespace Cygnet.Pki;

/// <summary>An AlgorithmIdentifier that encrypts under a passphrase: PBES2, PBES1, or one of PKCS#12's own.</summary>
sealed class PassphraseScheme
{
    /// <summary>A second or two of work, a thousand times what programs ask for; a file that wants more is damaged or hostile.</summary>
    public const int MaxRounds = 2_000_000;

    /// <summary>Memory of scrypt that libcrypto grants without being asked, in bytes.</summary>
    const long MaxScryptBytes = 32 << 20;

    readonly byte[] _der;

    PassphraseScheme(byte[] der, string? refusal, int rounds) => (_der, Refusal, Rounds) = (der, refusal, rounds);

    /// <summary>Why it is not taken, or null.</summary>
    public string? Refusal { get; }

    /// <summary>Rounds of key derivation that one try costs.</summary>
    public int Rounds { get; }

    /// <summary>Reads the AlgorithmIdentifier; throws <see cref="AsnContentException"/> if it is malformed.</summary>
    public static PassphraseScheme Read(ReadOnlyMemory<byte> der)
    {
        var algorithm = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var rounds = 0;
        var refusal = oid switch
        {
            Oids.Pbes2 => Pbes2(algorithm, out rounds),
            Oids.PbeMd5Des or Oids.PbeMd5Rc2 or Oids.PbeSha1Des or Oids.PbeSha1Rc2 or Oids.PbePkcs12Rc4 or Oids.PbePkcs12Rc4Of40 or Oids.PbePkcs12Rc2 or Oids.PbePkcs12Rc2Of40
                when !PassphraseCipher.HasOldAlgorithms => $"encryption {oid} is old; on this machine OpenSSL has no provider 'legacy' for it",
            Oids.PbeMd5Des or Oids.PbeMd5Rc2 or Oids.PbeSha1Des or Oids.PbeSha1Rc2 or Oids.PbePkcs12Rc4 or Oids.PbePkcs12Rc4Of40 or Oids.PbePkcs12TripleDes
                or Oids.PbePkcs12TripleDesOf2 or Oids.PbePkcs12Rc2 or Oids.PbePkcs12Rc2Of40 => Pbes1(algorithm, out rounds),
            _ => $"encryption {oid} is not supported; PBES2 is",
        };
        return new(der.ToArray(), refusal, rounds);
    }

    /// <summary>The plain content; null if the passphrase is wrong or the content is damaged. Only where there is no <see cref="Refusal"/>.</summary>
    public byte[]? Decrypt(byte[]? passphrase, ReadOnlySpan<byte> content) => PassphraseCipher.Decrypt(_der, passphrase, content);

    // PBEParameter ::= SEQUENCE { salt OCTET STRING, iterationCount INTEGER }
    static string? Pbes1(AsnReader algorithm, out int rounds)
    {
        var parameters = algorithm.ReadSequence();
        parameters.ReadOctetString();
        return ReadRounds(parameters, out rounds);
    }

    // PBES2-params ::= SEQUENCE { keyDerivationFunc AlgorithmIdentifier, encryptionScheme AlgorithmIdentifier }
    static string? Pbes2(AsnReader algorithm, out int rounds)
    {
        var parameters = algorithm.ReadSequence();
        var derivation = parameters.ReadSequence();
        var cipher = parameters.ReadSequence();
        var (oid, cipherOid) = (derivation.ReadObjectIdentifier(), cipher.ReadObjectIdentifier());
        rounds = 0;
        if (Cipher(cipherOid) is not { } name) return $"encryption {cipherOid} is not supported";
        if (PassphraseCipher.Lengths(name) is not { } lengths) return $"encryption {cipherOid} ({name}) is old; on this machine OpenSSL has no provider 'legacy' for it";
        if (cipher.ReadOctetString().Length != lengths.Iv) return "the initialization vector of the encryption has a wrong length";
        return oid switch
        {
            Oids.Pbkdf2 => Pbkdf2(derivation.ReadSequence(), lengths.Key, out rounds, out _, out _),
            Oids.Scrypt => Scrypt(derivation.ReadSequence(), lengths.Key),
            _ => $"key derivation {oid} is not supported; PBKDF2 and scrypt are",
        };
    }

    /// <summary>PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT HMAC-SHA1 }; the reason if it is not taken.</summary>
    public static string? Pbkdf2(AsnReader parameters, int? keyBytes, out int rounds, out byte[] salt, out string prf)
    {
        salt = parameters.ReadOctetString();
        prf = Oids.HmacSha1;
        if (ReadRounds(parameters, out rounds) is { } refusal) return refusal;
        if (parameters.HasData && parameters.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)
            && (!parameters.TryReadInt32(out var length) || keyBytes is { } wanted && length != wanted)) return "the key derivation makes a key of a wrong length";
        if (parameters.HasData) prf = parameters.ReadSequence().ReadObjectIdentifier();
        return prf is Oids.HmacSha1 or Oids.HmacSha224 or Oids.HmacSha256 or Oids.HmacSha384 or Oids.HmacSha512 or Oids.HmacSha512Of224 or Oids.HmacSha512Of256
            ? null : $"key derivation with {prf} is not supported";
    }

    // scrypt-params ::= SEQUENCE { salt, costParameter N, blockSize r, parallelizationParameter p, keyLength OPTIONAL }
    static string? Scrypt(AsnReader parameters, int keyBytes)
    {
        parameters.ReadOctetString();
        if (!parameters.TryReadInt32(out var n) || !parameters.TryReadInt32(out var r) || !parameters.TryReadInt32(out var p)
            || n < 2 || r < 1 || p is < 1 or > 64 || 128L * r * (n + 2L + p) > MaxScryptBytes) return $"scrypt asks for more than {MaxScryptBytes >> 20} MiB of memory, or for nothing that makes sense";
        return parameters.HasData && (!parameters.TryReadInt32(out var length) || length != keyBytes) ? "the key derivation makes a key of a wrong length" : null;
    }

    static string? ReadRounds(AsnReader parameters, out int rounds) =>
        parameters.TryReadInt32(out rounds) && rounds is >= 1 and <= MaxRounds ? null : $"the encryption asks for more than {MaxRounds} rounds of key derivation";

    static string? Cipher(string oid) => oid switch
    {
        Oids.Aes128Cbc => "AES-128-CBC",
        Oids.Aes192Cbc => "AES-192-CBC",
        Oids.Aes256Cbc => "AES-256-CBC",
        Oids.DesEde3Cbc => "DES-EDE3-CBC",
        Oids.Camellia128Cbc => "CAMELLIA-128-CBC",
        Oids.Camellia192Cbc => "CAMELLIA-192-CBC",
        Oids.Camellia256Cbc => "CAMELLIA-256-CBC",
        Oids.Aria128Cbc => "ARIA-128-CBC",
        Oids.Aria192Cbc => "ARIA-192-CBC",
        Oids.Aria256Cbc => "ARIA-256-CBC",
        Oids.DesCbc => "DES-CBC",
        _ => null,
    };
}
