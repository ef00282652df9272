// AUTH with signatures: choosing the scheme, coding AUTH data. RFC 7296 2.15 and 3.8, RFC 7427, RFC 4754, RFC 8420.
//   method 14: Authentication Data = length (1 byte) | AlgorithmIdentifier (DER) | signature
using System.Formats.Asn1;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Auth;

/// <summary>How we sign: the method of the AUTH payload and the scheme.</summary>
public readonly record struct SignatureChoice(byte Method, SignatureScheme Scheme)
{
    public override string ToString() => SignatureSchemes.Name(Method, Scheme);
}

/// <summary>Authentication with public key signatures.</summary>
public static class SignatureAuth
{
    /// <summary>
    /// The scheme for our key. <paramref name="peerHashes"/> are those of the peer's SIGNATURE_HASH_ALGORITHMS; null (it sent none, or we do not want
    /// RFC 7427) takes the classic methods. Null and the reason if nothing fits.
    /// </summary>
    public static SignatureChoice? Choose(PublicKey key, IReadOnlyList<ushort>? peerHashes, SignatureConstraints constraints, bool rsaPss, out string reason,
        AuthAnnouncement? announced = null)
    {
        reason = "";
        if (peerHashes is null) return Classic(key, out reason);
        var fitting = Candidates(key, rsaPss || constraints.AsksForPss, constraints).Where(s => constraints.Preference(s) >= 0).ToList();
        if (fitting.Count == 0)
        {
            reason = $"a key of type {SignatureSchemes.KeyName(key.Kind)} and {key.Bits} bits fits none of the 'ike:' schemes in 'leftauth='";
            return null;
        }
        var usable = fitting.Where(s => peerHashes.Contains(SignatureSchemes.Hash(s))).ToList();
        if (announced is not null && usable.Count > 0 && !usable.Exists(announced.Accepts))
        {
            reason = $"the peer accepts {announced} (SUPPORTED_AUTH_METHODS); our key of type {SignatureSchemes.KeyName(key.Kind)} signs with {string.Join(", ", usable.Select(s => SignatureSchemes.Name(AuthMethod.DigitalSignature, s)))}";
            return null;
        }
        if (announced is not null) usable.RemoveAll(s => !announced.Accepts(s));
        if (usable.Count > 0) return new(AuthMethod.DigitalSignature, usable.MinBy(constraints.Preference));
        reason = $"peer accepts signatures with {string.Join(", ", peerHashes.Select(SignatureHash.Name))} only; "
            + $"our key of type {SignatureSchemes.KeyName(key.Kind)} needs {string.Join(" or ", fitting.Select(s => SignatureHash.Name(SignatureSchemes.Hash(s))).Distinct())}";
        return null;
    }

    static SignatureChoice? Classic(PublicKey key, out string reason)
    {
        reason = "";
        switch (key)
        {
            case { Kind: KeyKind.Rsa, IsPssOnly: false }: return new(AuthMethod.RsaSignature, SignatureScheme.RsaPkcs1Sha1);
            case { Kind: KeyKind.Ecdsa } when !IsOnNistCurve(key): break;
            case { Kind: KeyKind.Ecdsa, Bits: 256 }: return new(AuthMethod.Ecdsa256, SignatureScheme.Ecdsa256);
            case { Kind: KeyKind.Ecdsa, Bits: 384 }: return new(AuthMethod.Ecdsa384, SignatureScheme.Ecdsa384);
            case { Kind: KeyKind.Ecdsa, Bits: 521 }: return new(AuthMethod.Ecdsa521, SignatureScheme.Ecdsa521);
        }
        reason = $"a key of type {SignatureSchemes.KeyName(key.Kind)} and {key.Bits} bits needs a peer that supports RFC 7427 (it sent no SIGNATURE_HASH_ALGORITHMS), and 'signature_authentication=yes'";
        return null;
    }

    // RFC 4754 binds its methods to the NIST curves; Brainpool curves of equal size go with RFC 7427 only.
    static bool IsOnNistCurve(PublicKey key)
    {
        ReadOnlySpan<byte> p256 = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], certicom = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00];
        return key.SubjectPublicKeyInfo.AsSpan().IndexOf(p256) >= 0 || key.SubjectPublicKeyInfo.AsSpan().IndexOf(certicom) >= 0;
    }

    // In order of preference: the hash that fits the strength of the key first, weaker ones not at all.
    static IEnumerable<SignatureScheme> Candidates(PublicKey key, bool pssFirst, SignatureConstraints constraints)
    {
        switch (key.Kind)
        {
            case KeyKind.Ed25519: return [SignatureScheme.Ed25519];
            case KeyKind.Ed448: return [SignatureScheme.Ed448];
            case KeyKind.Ecdsa:
                SignatureScheme[] ecdsa = [SignatureScheme.EcdsaSha256Der, SignatureScheme.EcdsaSha384Der, SignatureScheme.EcdsaSha512Der];
                return ecdsa[(key.Bits > 384 ? 2 : key.Bits > 256 ? 1 : 0)..];
        }
        var from = key.Bits > 7680 ? 2 : key.Bits > 3072 ? 1 : 0;
        SignatureScheme[] pkcs1 = [SignatureScheme.RsaPkcs1Sha256, SignatureScheme.RsaPkcs1Sha384, SignatureScheme.RsaPkcs1Sha512];
        SignatureScheme[] pss = [SignatureScheme.RsaPssSha256, SignatureScheme.RsaPssSha384, SignatureScheme.RsaPssSha512];
        // The hashes below the strength come last: a peer that announces SHA-256 only shall not fail.
        IEnumerable<SignatureScheme> Ordered(SignatureScheme[] all) => all[from..].Concat(all[..from].Reverse());
        var schemes = pssFirst ? Ordered(pss).Concat(Ordered(pkcs1)) : Ordered(pkcs1).Concat(Ordered(pss));
        // SHA-1 works only when asked for by name.
        return (constraints.AllowsSha1 ? schemes.Append(SignatureScheme.RsaPkcs1Sha1) : schemes).Where(s => Signatures.Fits(s, key));
    }

    /// <summary>The Authentication Data of our signature.</summary>
    public static byte[] Encode(SignatureChoice choice, ReadOnlySpan<byte> signature)
    {
        if (choice.Method != AuthMethod.DigitalSignature) return signature.ToArray();
        var algorithm = SignatureAlgorithm.Encode(choice.Scheme);
        return [(byte)algorithm.Length, .. algorithm, .. signature];
    }

    /// <summary>
    /// The scheme and the signature in the peer's Authentication Data, for <see cref="ICryptoDoor.Verify"/>; false and the reason if the data is malformed,
    /// the method is no signature, or the key is not one for it.
    /// </summary>
    public static bool Decode(byte method, ReadOnlySpan<byte> data, PublicKey key, out SignatureScheme scheme, out byte[] signature, out string reason)
    {
        scheme = default;
        signature = [];
        reason = "";
        SignatureScheme? found;
        var bits = 0;
        switch (method)
        {
            case AuthMethod.RsaSignature: found = SignatureScheme.RsaPkcs1Sha1; break;
            case AuthMethod.Ecdsa256: (found, bits) = (SignatureScheme.Ecdsa256, 256); break;
            case AuthMethod.Ecdsa384: (found, bits) = (SignatureScheme.Ecdsa384, 384); break;
            case AuthMethod.Ecdsa521: (found, bits) = (SignatureScheme.Ecdsa521, 521); break;
            case AuthMethod.DigitalSignature:
                if (data.Length < 1 || data.Length < 1 + data[0])
                {
                    reason = "AUTH data is shorter than its AlgorithmIdentifier";
                    return false;
                }
                found = ReadAlgorithm(data.Slice(1, data[0]), out reason);
                data = data[(1 + data[0])..];
                break;
            default:
                reason = $"authentication method {method} is not a signature that is supported";
                return false;
        }
        if (found is not { } s) return false;
        if (SignatureAlgorithm.KindOf(s) != key.Kind || (bits != 0 && (key.Bits != bits || !IsOnNistCurve(key))))
        {
            reason = $"signature {SignatureSchemes.Name(method, s)} does not fit the peer's key of type {SignatureSchemes.KeyName(key.Kind)} and {key.Bits} bits";
            return false;
        }
        // We do not announce SHA-1 (RFC 8247 5.1); only the classic method 1, which knows no other hash, may use it.
        if (method == AuthMethod.DigitalSignature && SignatureSchemes.Hash(s) is SignatureHash.Sha1 or SignatureHash.None)
        {
            reason = $"peer signed with {SignatureSchemes.Name(method, s)}; {(SignatureSchemes.Hash(s) == SignatureHash.Sha1 ? "SHA-1" : "its digest")} was not announced";
            return false;
        }
        (scheme, signature) = (s, data.ToArray());
        return true;
    }

    /// <summary>The kind of key that the peer says it signed with; null if the data does not tell.</summary>
    public static KeyKind? KindOf(byte method, ReadOnlySpan<byte> data) => method switch
    {
        AuthMethod.RsaSignature => KeyKind.Rsa,
        AuthMethod.Ecdsa256 or AuthMethod.Ecdsa384 or AuthMethod.Ecdsa521 => KeyKind.Ecdsa,
        AuthMethod.DigitalSignature when data.Length > 0 && data.Length > data[0] && ReadAlgorithm(data.Slice(1, data[0]), out _) is { } scheme => SignatureAlgorithm.KindOf(scheme),
        _ => null,
    };

    static SignatureScheme? ReadAlgorithm(ReadOnlySpan<byte> der, out string reason)
    {
        try
        {
            var reader = new AsnReader(der.ToArray(), AsnEncodingRules.DER);
            var scheme = SignatureAlgorithm.Read(reader, out reason);
            if (scheme is not null) reader.ThrowIfNotEmpty();
            return scheme;
        }
        catch (AsnContentException)
        {
            reason = "AlgorithmIdentifier in AUTH is malformed";
            return null;
        }
    }
}
