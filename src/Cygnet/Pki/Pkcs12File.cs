// PKCS#12: private keys and certificates in one file under a passphrase. RFC 7292 4 and 5, RFC 5652 4 and 8.
//   PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, macData MacData OPTIONAL }
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Cygnet.Pki;

/// <summary>What a container holds. The private keys are unencrypted PKCS#8, which the caller clears.</summary>
public sealed class Pkcs12File
{
    const int MaxBytes = 16 << 20, MaxBags = 1000, MaxDepth = 4;
    const string Shut = "the passphrase does not open all parts of the PKCS#12 container";

    readonly List<byte[]> _keys = [], _certificates = [];
    readonly IReadOnlyList<byte[]?> _passphrases;
    string? _refusal;
    bool _isShut;
    int _bags, _rounds;

    Pkcs12File(IReadOnlyList<byte[]?> passphrases) => _passphrases = passphrases;

    public IReadOnlyList<byte[]> Keys => _keys;

    /// <summary>In DER, in the order of the file.</summary>
    public IReadOnlyList<byte[]> Certificates => _certificates;

    /// <summary>
    /// Reads DER, BER or PEM; null and a sentence why not. Every passphrase is tried on every part, for one may guard the integrity and another the
    /// content; without any, the empty one. Parts that hold neither keys nor X.509 certificates are left out.
    /// </summary>
    public static Pkcs12File? Read(ReadOnlySpan<byte> file, IReadOnlyList<byte[]> passphrases, out string reason)
    {
        reason = "the file is too large for a PKCS#12 container";
        if (file.Length > MaxBytes || (Pem.Looks(file) ? Pem.FirstOf(file, ["PKCS12"], out reason) : file.ToArray()) is not { } der) return null;
        // An empty passphrase and none at all are written in two ways (RFC 7292 B.1), and programs disagree on which is which.
        var read = new Pkcs12File([.. passphrases.Where(p => p.Length > 0), .. passphrases.Count == 0 || passphrases.Any(p => p.Length == 0) ? (byte[]?[])[[], null] : []]);
        try
        {
            reason = read.Content(der) ?? "";
        }
        catch (AsnContentException e)
        {
            reason = $"malformed PKCS#12 container: {e.Message}";
        }
        if (reason.Length == 0) reason = read._refusal ?? (read._isShut ? Shut : "");
        if (reason.Length == 0 && read._keys.Count + read._certificates.Count == 0) reason = "the PKCS#12 container holds neither private keys nor certificates";
        if (reason.Length == 0) return read;
        read.Clear();
        return null;
    }

    /// <summary>Whether the file is a container that a passphrase would open.</summary>
    public static bool WantsPassphrase(ReadOnlySpan<byte> file)
    {
        if (Read(file, [], out var reason) is { } open) open.Clear();
        return reason is Pkcs12Mac.Wrong or Shut;
    }

    /// <summary>Overwrites the private keys.</summary>
    public void Clear() => _keys.ForEach(k => CryptographicOperations.ZeroMemory(k));

    // The reason if it cannot be read.
    string? Content(byte[] der)
    {
        var file = new AsnReader(der, AsnEncodingRules.BER);
        var pfx = file.ReadSequence();
        file.ThrowIfNotEmpty();
        if (!pfx.TryReadInt32(out var version) || version != 3) return "this is no PKCS#12 container of version 3";
        var info = pfx.ReadSequence();
        if (info.ReadObjectIdentifier() is var type && type != Oids.CmsData) return $"a PKCS#12 container whose integrity is of type {type} is not supported; one with a passphrase is";
        var content = Explicit(info).ReadOctetString();
        if (pfx.HasData && Pkcs12Mac.Check(pfx.ReadSequence(), content, _passphrases, ref _rounds) is { } refusal) return refusal;
        var safes = new AsnReader(content, AsnEncodingRules.BER).ReadSequence();
        while (safes.HasData)
        {
            var safe = safes.ReadSequence();
            switch (safe.ReadObjectIdentifier())
            {
                case Oids.CmsData:
                    Bags(Explicit(safe).ReadOctetString(), 0);
                    break;
                case Oids.CmsEncryptedData:
                    Encrypted(Explicit(safe));
                    break;
                case var other:
                    _refusal ??= $"a part of type {other} in the PKCS#12 container is not supported";
                    break;
            }
        }
        return null;
    }

    // EncryptedData ::= SEQUENCE { version, EncryptedContentInfo ::= SEQUENCE { contentType, AlgorithmIdentifier, [0] IMPLICIT OCTET STRING } }
    void Encrypted(AsnReader data)
    {
        var body = data.ReadSequence();
        body.ReadInteger();
        var info = body.ReadSequence();
        info.ReadObjectIdentifier();
        var scheme = PassphraseScheme.Read(info.ReadEncodedValue());
        var content = info.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0));
        Open(scheme, content, plain => Bags(plain, 0));
    }

    // Tries all passphrases; content that is none under one of them is one wrong passphrase in 256.
    void Open(PassphraseScheme scheme, byte[] content, Action<byte[]> use)
    {
        if (scheme.Refusal is { } refusal)
        {
            _refusal ??= refusal;
            return;
        }
        foreach (var passphrase in _passphrases)
        {
            if ((_rounds += scheme.Rounds) > PassphraseScheme.MaxRounds)
            {
                _refusal ??= $"the PKCS#12 container asks for more than {PassphraseScheme.MaxRounds} rounds of key derivation";
                return;
            }
            if (scheme.Decrypt(passphrase, content) is not { } plain) continue;
            var (keys, certificates) = (_keys.Count, _certificates.Count);
            try
            {
                use(plain);
                return;
            }
            catch (AsnContentException)
            {
                _keys.RemoveRange(keys, _keys.Count - keys);
                _certificates.RemoveRange(certificates, _certificates.Count - certificates);
            }
            finally { CryptographicOperations.ZeroMemory(plain); }
        }
        _isShut = true;
    }

    // SafeContents ::= SEQUENCE OF SafeBag ::= SEQUENCE { bagId, bagValue [0] EXPLICIT, bagAttributes SET OPTIONAL }
    void Bags(byte[] safeContents, int depth)
    {
        var bags = new AsnReader(safeContents, AsnEncodingRules.BER).ReadSequence();
        while (bags.HasData)
        {
            if (++_bags > MaxBags || depth > MaxDepth) throw new AsnContentException($"more than {MaxBags} parts, or more than {MaxDepth} levels of them");
            var bag = bags.ReadSequence();
            var oid = bag.ReadObjectIdentifier();
            var value = bag.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
            switch (oid)
            {
                case Oids.KeyBag:
                    Key(value.ReadEncodedValue().ToArray());
                    break;
                case Oids.ShroudedKeyBag:
                    var shrouded = EncryptedPkcs8.Read(value.ReadEncodedValue());
                    Open(shrouded.Scheme, shrouded.Content, Key);
                    break;
                case Oids.CertBag:
                    // CertBag ::= SEQUENCE { certId, certValue [0] EXPLICIT }
                    var certificate = value.ReadSequence();
                    if (certificate.ReadObjectIdentifier() == Oids.X509Certificate) _certificates.Add(Explicit(certificate).ReadOctetString());
                    break;
                case Oids.SafeContentsBag:
                    Bags(value.ReadEncodedValue().ToArray(), depth + 1);
                    break;
            }
        }
    }

    void Key(byte[] der)
    {
        if (PrivateKeyFile.ToPkcs8(der, out var why) is { } key) _keys.Add([.. key]);
        else _refusal ??= why;
    }

    static AsnReader Explicit(AsnReader reader) => reader.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true));
}
