// Reading private key files: PEM and DER, plain and encrypted, to unencrypted PKCS#8. RFC 5958, RFC 8017 A.1.2, RFC 5915, RFC 8410.
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Cygnet.Pki;

/// <summary>Turns the content of a private key file into PKCS#8.</summary>
public static class PrivateKeyFile
{
    const int MaxBytes = 1 << 20;

    /// <summary>
    /// The key as unencrypted PKCS#8, which the caller clears; null and a sentence why not. Every passphrase is tried. Takes PKCS#1, SEC 1, PKCS#8,
    /// encrypted PKCS#8 (PBES2, PBES1 and the schemes of PKCS#12), and OpenSSL's <c>Proc-Type: 4,ENCRYPTED</c>, for RSA (also for PSS alone), ECDSA, Ed25519 and Ed448.
    /// </summary>
    public static byte[]? Read(ReadOnlySpan<byte> file, IReadOnlyList<byte[]> passphrases, out string reason)
    {
        if (file.Length > MaxBytes)
        {
            reason = "the file is too large for a private key";
            return null;
        }
        try
        {
            if (Find(file, out reason) is not { } found) return null;
            return found.DekInfo is { } encryption
                ? ReadEncrypted(passphrases, p => OpenSslPem.Decrypt(found.Content, encryption, p), OpenSslPem.Refusal(encryption), out reason)
                : ReadDer(found.Content, passphrases, out reason);
        }
        catch (AsnContentException e)
        {
            reason = $"malformed private key: {e.Message}";
            return null;
        }
    }

    /// <summary>Whether the file holds a private key that a passphrase would open.</summary>
    public static bool WantsPassphrase(ReadOnlySpan<byte> file)
    {
        try
        {
            if (file.Length > MaxBytes || Find(file, out _) is not { } found) return false;
            return found.DekInfo is { } encryption ? OpenSslPem.Refusal(encryption) is null : EncryptedPkcs8.Looks(found.Content) && EncryptedPkcs8.Read(found.Content).Scheme.Refusal is null;
        }
        catch (AsnContentException) { return false; }
    }

    // The first block with a private key, or the file as it is.
    static (byte[] Content, string? DekInfo)? Find(ReadOnlySpan<byte> file, out string reason)
    {
        reason = "";
        if (!Pem.Looks(file)) return (file.ToArray(), null);
        if (Pem.Read(file, out reason) is not { } blocks) return null;
        reason = "no PEM block with a private key";
        foreach (var block in blocks)
        {
            switch (block.Label)
            {
                case "OPENSSH PRIVATE KEY":
                    reason = "OpenSSH's own key format is not supported; 'ssh-keygen -p -m PKCS8' converts it";
                    return null;
                case "RSA PRIVATE KEY" or "EC PRIVATE KEY" or "PRIVATE KEY" or "ENCRYPTED PRIVATE KEY":
                    reason = "";
                    return (block.Content, block.Header("DEK-Info"));
            }
        }
        return null;
    }

    static byte[]? ReadDer(byte[] der, IReadOnlyList<byte[]> passphrases, out string reason)
    {
        if (!EncryptedPkcs8.Looks(der)) return ToPkcs8(der, out reason);
        var file = EncryptedPkcs8.Read(der);
        return ReadEncrypted(passphrases, file.Decrypt, file.Scheme.Refusal, out reason);
    }

    static byte[]? ReadEncrypted(IReadOnlyList<byte[]> passphrases, Func<byte[], byte[]?> decrypt, string? refusal, out string reason)
    {
        if (refusal is not null)
        {
            reason = refusal;
            return null;
        }
        reason = passphrases.Count == 0 ? "the private key is encrypted and no passphrase is given" : "the passphrase does not open the private key";
        foreach (var passphrase in passphrases)
        {
            if (decrypt(passphrase) is not { } der) continue;
            // One wrong passphrase in 256 ends in good padding, so the content decides.
            byte[]? key = null;
            try { key = ToPkcs8(der, out var why) ?? Say(why, ref reason); }
            catch (AsnContentException) { }
            if (!ReferenceEquals(der, key)) CryptographicOperations.ZeroMemory(der);
            if (key is null) continue;
            reason = "";
            return key;
        }
        return null;
    }

    // It was opened, and holds what we do not take.
    static byte[]? Say(string why, ref string reason)
    {
        reason = why;
        return null;
    }

    // PKCS#8: {version, {OID, ...}, OCTET STRING, ...}; PKCS#1: {0, INTEGER, ...}; SEC 1: {1, OCTET STRING, [0] curve, ...}.
    internal static byte[]? ToPkcs8(byte[] der, out string reason)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        var body = file.ReadSequence();
        file.ThrowIfNotEmpty();
        if (!body.TryReadInt32(out var version) || version is < 0 or > 1) throw new AsnContentException("unknown version");
        var next = body.PeekTag();
        if (next.HasSameClassAndValue(Asn1Tag.Sequence)) return CheckPkcs8(body, der, version, out reason);
        if (next.HasSameClassAndValue(Asn1Tag.Integer)) return WrapRsa(body, der, out reason);
        if (next.HasSameClassAndValue(Asn1Tag.PrimitiveOctetString)) return WrapEc(body, der, out reason);
        throw new AsnContentException("neither PKCS#8, PKCS#1 nor SEC 1");
    }

    static byte[]? CheckPkcs8(AsnReader body, byte[] der, int version, out string reason)
    {
        var algorithm = body.ReadEncodedValue();
        var oid = new AsnReader(algorithm, AsnEncodingRules.BER).ReadSequence().ReadObjectIdentifier();
        var key = body.ReadOctetString();
        var isBare = !body.HasData;
        while (body.HasData) body.ReadEncodedValue();
        reason = oid is Oids.RsaEncryption or Oids.RsaPss or Oids.EcPublicKey or Oids.Ed25519 or Oids.Ed448 ? "" : $"private keys of algorithm {oid} are not supported";
        if (reason.Length > 0) return null;
        // Attributes and the public key of version 2 (RFC 5958 2) say nothing that we need, and not every libcrypto takes them.
        return version == 0 && isBare ? der : Encode(key, w => w.WriteEncodedValue(algorithm.Span));
    }

    static byte[] WrapRsa(AsnReader body, byte[] der, out string reason)
    {
        // n, e, d, p, q, dp, dq, qinv
        for (var i = 0; i < 8; i++) body.ReadIntegerBytes();
        body.ThrowIfNotEmpty();
        reason = "";
        return Wrap(der, w =>
        {
            w.WriteObjectIdentifier(Oids.RsaEncryption);
            w.WriteNull();
        });
    }

    static byte[]? WrapEc(AsnReader body, byte[] der, out string reason)
    {
        body.ReadOctetString();
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (!body.HasData || body.PeekTag() != tag)
        {
            reason = "the elliptic curve key does not name its curve";
            return null;
        }
        var curve = body.ReadSequence(tag).ReadObjectIdentifier();
        reason = "";
        return Wrap(der, w =>
        {
            w.WriteObjectIdentifier(Oids.EcPublicKey);
            w.WriteObjectIdentifier(curve);
        });
    }

    static byte[] Wrap(byte[] key, Action<AsnWriter> algorithm) => Encode(key, w =>
    {
        using (w.PushSequence()) algorithm(w);
    });

    static byte[] Encode(byte[] key, Action<AsnWriter> algorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            algorithm(writer);
            writer.WriteOctetString(key);
        }
        return writer.Encode();
    }
}
