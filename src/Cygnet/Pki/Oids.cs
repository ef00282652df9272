// Object identifiers of certificates and keys. RFC 5280, RFC 4055, RFC 5480, RFC 8410, RFC 8018, RFC 5755.
namespace Cygnet.Pki;

/// <summary>Object identifiers in dotted form.</summary>
static class Oids
{
    public const string RsaEncryption = "1.2.840.113549.1.1.1", RsaMgf1 = "1.2.840.113549.1.1.8", RsaPss = "1.2.840.113549.1.1.10",
        RsaMd5 = "1.2.840.113549.1.1.4", RsaSha224 = "1.2.840.113549.1.1.14",
        RsaSha1 = "1.2.840.113549.1.1.5", RsaSha256 = "1.2.840.113549.1.1.11", RsaSha384 = "1.2.840.113549.1.1.12", RsaSha512 = "1.2.840.113549.1.1.13",
        RsaSha3Of224 = "2.16.840.1.101.3.4.3.13", RsaSha3Of256 = "2.16.840.1.101.3.4.3.14", RsaSha3Of384 = "2.16.840.1.101.3.4.3.15", RsaSha3Of512 = "2.16.840.1.101.3.4.3.16",
        EcPublicKey = "1.2.840.10045.2.1", EcdsaSha1 = "1.2.840.10045.4.1", EcdsaSha256 = "1.2.840.10045.4.3.2", EcdsaSha384 = "1.2.840.10045.4.3.3",
        EcdsaSha512 = "1.2.840.10045.4.3.4", Ed25519 = "1.3.101.112", Ed448 = "1.3.101.113",
        Sha224 = "2.16.840.1.101.3.4.2.4", Sha3Of224 = "2.16.840.1.101.3.4.2.7", Sha3Of256 = "2.16.840.1.101.3.4.2.8", Sha3Of384 = "2.16.840.1.101.3.4.2.9", Sha3Of512 = "2.16.840.1.101.3.4.2.10",
        Sha1 = "1.3.14.3.2.26", Sha256 = "2.16.840.1.101.3.4.2.1", Sha384 = "2.16.840.1.101.3.4.2.2", Sha512 = "2.16.840.1.101.3.4.2.3";

    public const string SubjectKeyId = "2.5.29.14", KeyUsage = "2.5.29.15", SubjectAltName = "2.5.29.17", BasicConstraints = "2.5.29.19",
        NameConstraints = "2.5.29.30", CrlDistributionPoints = "2.5.29.31", CertificatePolicies = "2.5.29.32", PolicyMappings = "2.5.29.33",
        AuthorityKeyId = "2.5.29.35", ExtendedKeyUsage = "2.5.29.37", InhibitAnyPolicy = "2.5.29.54", AuthorityInfoAccess = "1.3.6.1.5.5.7.1.1",
        PolicyConstraints = "2.5.29.36", IpAddressBlocks = "1.3.6.1.5.5.7.1.7", CrlNumber = "2.5.29.20", ReasonCode = "2.5.29.21", DeltaCrlIndicator = "2.5.29.27",
        IssuingDistributionPoint = "2.5.29.28", CertificateIssuer = "2.5.29.29", InvalidityDate = "2.5.29.24", FreshestCrl = "2.5.29.46", PolicyStatement = "1.3.6.1.5.5.7.2.1", PolicyUserNotice = "1.3.6.1.5.5.7.2.2";

    // Attribute certificates, RFC 5755.
    public const string Groups = "1.3.6.1.5.5.7.10.4", TargetInformation = "2.5.29.55", NoRevocationAvailable = "2.5.29.56";

    public const string ExtensionRequest = "1.2.840.113549.1.9.14", ChallengePassword = "1.2.840.113549.1.9.7", MsCertificateType = "1.3.6.1.4.1.311.20.2";

    public const string OcspBasic = "1.3.6.1.5.5.7.48.1.1", OcspNonce = "1.3.6.1.5.5.7.48.1.2", OcspAcceptable = "1.3.6.1.5.5.7.48.1.4", OcspNoCheck = "1.3.6.1.5.5.7.48.1.5";

    public const string Ocsp = "1.3.6.1.5.5.7.48.1", ServerAuth = "1.3.6.1.5.5.7.3.1", ClientAuth = "1.3.6.1.5.5.7.3.2", OcspSigning = "1.3.6.1.5.5.7.3.9",
        IkeIntermediate = "1.3.6.1.5.5.8.2.2", MsSmartcardLogon = "1.3.6.1.4.1.311.20.2.2";

    public const string Pbes2 = "1.2.840.113549.1.5.13", Pbkdf2 = "1.2.840.113549.1.5.12", Pbmac1 = "1.2.840.113549.1.5.14", Scrypt = "1.3.6.1.4.1.11591.4.11",
        HmacSha1 = "1.2.840.113549.2.7", HmacSha224 = "1.2.840.113549.2.8", HmacSha256 = "1.2.840.113549.2.9", HmacSha384 = "1.2.840.113549.2.10",
        HmacSha512 = "1.2.840.113549.2.11", HmacSha512Of224 = "1.2.840.113549.2.12", HmacSha512Of256 = "1.2.840.113549.2.13",
        Aes128Cbc = "2.16.840.1.101.3.4.1.2", Aes192Cbc = "2.16.840.1.101.3.4.1.22", Aes256Cbc = "2.16.840.1.101.3.4.1.42", DesEde3Cbc = "1.2.840.113549.3.7",
        DesCbc = "1.3.14.3.2.7", Camellia128Cbc = "1.2.392.200011.61.1.1.1.2", Camellia192Cbc = "1.2.392.200011.61.1.1.1.3", Camellia256Cbc = "1.2.392.200011.61.1.1.1.4",
        Aria128Cbc = "1.2.410.200046.1.1.2", Aria192Cbc = "1.2.410.200046.1.1.7", Aria256Cbc = "1.2.410.200046.1.1.12";

    // PBES1 of RFC 8018 A.3, and the schemes of RFC 7292 appendix C.
    public const string PbeMd5Des = "1.2.840.113549.1.5.3", PbeMd5Rc2 = "1.2.840.113549.1.5.6", PbeSha1Des = "1.2.840.113549.1.5.10", PbeSha1Rc2 = "1.2.840.113549.1.5.11",
        PbePkcs12Rc4 = "1.2.840.113549.1.12.1.1", PbePkcs12Rc4Of40 = "1.2.840.113549.1.12.1.2", PbePkcs12TripleDes = "1.2.840.113549.1.12.1.3",
        PbePkcs12TripleDesOf2 = "1.2.840.113549.1.12.1.4", PbePkcs12Rc2 = "1.2.840.113549.1.12.1.5", PbePkcs12Rc2Of40 = "1.2.840.113549.1.12.1.6";

    // RFC 7292 4.2, RFC 5652 4 and 8.
    public const string KeyBag = "1.2.840.113549.1.12.10.1.1", ShroudedKeyBag = "1.2.840.113549.1.12.10.1.2", CertBag = "1.2.840.113549.1.12.10.1.3",
        SafeContentsBag = "1.2.840.113549.1.12.10.1.6", X509Certificate = "1.2.840.113549.1.9.22.1", CmsData = "1.2.840.113549.1.7.1",
        CmsEncryptedData = "1.2.840.113549.1.7.6";

    // RFC 5652 5, 6 and 11, RFC 8017 (OAEP).
    public const string CmsSignedData = "1.2.840.113549.1.7.2", CmsEnvelopedData = "1.2.840.113549.1.7.3", ContentType = "1.2.840.113549.1.9.3",
        MessageDigest = "1.2.840.113549.1.9.4", SigningTime = "1.2.840.113549.1.9.5", RsaOaep = "1.2.840.113549.1.1.7";
}
