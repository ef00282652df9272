// Constraints on keys and signatures, as written in leftauth and rightauth: "rsa-3072-sha256", "ike:ecdsa-sha384". ipsec.conf authentication strings.
using System.Collections.Immutable;
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Pki;

namespace Cygnet.Auth;

/// <summary>What a round demands of the key, of the signatures in the certificate chain, and of the IKE signature.</summary>
public sealed class SignatureConstraints
{
    /// <summary>A key type with one hash, or without (any hash). Kind null: any key. Pss null: either padding.</summary>
    sealed record Term(KeyKind? Kind, bool? Pss, ushort? Hash, bool IsIke);

    readonly List<Term> _terms = [];
    int _minimumRsa, _minimumEcdsa;

    /// <summary>Tokens that mean nothing, for <c>ignoring invalid auth token: '…'</c>.</summary>
    public List<string> InvalidTokens { get; } = [];

    /// <summary>No constraints: anything that is not weak.</summary>
    public static readonly SignatureConstraints None = new();

    public static SignatureConstraints Parse(IEnumerable<string> texts)
    {
        var constraints = new SignatureConstraints();
        foreach (var text in texts) constraints.Add(text);
        return constraints;
    }

    void Add(string text)
    {
        var isIke = false;
        Term? key = null;
        var hashes = 0;
        foreach (var raw in text.Split('-', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var token = raw;
            if (token.StartsWith("ike:", StringComparison.OrdinalIgnoreCase)) (token, isIke) = (token[4..], true);
            if (KeyTerm(token, isIke) is { } next)
            {
                Close();
                (key, hashes) = (next, 0);
            }
            else if (key is not null && HashOf(token) is { } hash)
            {
                _terms.Add(key with { Hash = hash });
                hashes++;
            }
            else if (int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && key?.Kind is KeyKind.Rsa) _minimumRsa = bits;
            else if (key?.Kind is KeyKind.Ecdsa && bits > 0) _minimumEcdsa = bits;
            else InvalidTokens.Add(raw);
        }
        Close();

        void Close()
        {
            if (key is not null && hashes == 0) _terms.Add(key);
        }
    }

    static Term? KeyTerm(string token, bool isIke) => token.ToLowerInvariant() switch
    {
        "pubkey" => new(null, null, null, isIke),
        "rsa" => new(KeyKind.Rsa, false, null, isIke),
        "rsa/pss" => new(KeyKind.Rsa, true, null, isIke),
        "ecdsa" => new(KeyKind.Ecdsa, null, null, isIke),
        "ed25519" => new(KeyKind.Ed25519, null, SignatureHash.Identity, isIke),
        "ed448" => new(KeyKind.Ed448, null, SignatureHash.Identity, isIke),
        _ => null,
    };

    static ushort? HashOf(string token) => token.ToLowerInvariant() switch
    {
        "sha1" => SignatureHash.Sha1,
        "sha256" => SignatureHash.Sha256,
        "sha384" => SignatureHash.Sha384,
        "sha512" => SignatureHash.Sha512,
        "identity" => SignatureHash.Identity,
        // Known words, but nothing signs with them any more: a term that never matches.
        "md5" or "sha224" => 0,
        _ => null,
    };

    IEnumerable<Term> IkeTerms => _terms.Any(t => t.IsIke) ? _terms.Where(t => t.IsIke) : _terms;

    static bool Fits(Term term, SignatureScheme scheme)
    {
        if (term.Kind is { } kind && kind != SignatureAlgorithm.KindOf(scheme)) return false;
        // "rsa" without a hash only names the key type, both paddings are RSA.
        if (term is { Pss: { } pss, Hash: not null } && term.Kind == KeyKind.Rsa && pss != SignatureSchemes.IsPss(scheme)) return false;
        if (term is { Pss: true, Hash: null } && !SignatureSchemes.IsPss(scheme)) return false;
        return term.Hash is not { } hash || hash == SignatureSchemes.Hash(scheme);
    }

    /// <summary>Own signature: the place of the scheme in the order of preference of the <c>ike:</c> terms; -1 if they exclude it.</summary>
    internal int Preference(SignatureScheme scheme)
    {
        var terms = _terms.Where(t => t.IsIke).ToList();
        return terms.Count == 0 ? 0 : terms.FindIndex(t => Fits(t, scheme));
    }

    /// <summary>Whether <c>ike:</c> terms ask for PSS by name.</summary>
    internal bool AsksForPss => _terms.Any(t => t is { IsIke: true, Pss: true });

    internal bool AllowsSha1 => _terms.Any(t => t is { IsIke: true, Hash: SignatureHash.Sha1 });

    /// <summary>
    /// Null if the peer's IKE signature is acceptable, else the reason. Without <c>ike:</c> terms the others count, unless
    /// <paramref name="chainTermsCount"/> says that they speak of the chain alone.
    /// </summary>
    public string? CheckIke(byte method, SignatureScheme scheme, bool chainTermsCount = true) =>
        _terms.Count == 0 || !chainTermsCount && !_terms.Any(t => t.IsIke) || IkeTerms.Any(t => Fits(t, scheme)) ? null
            : $"constraint check failed: signature scheme {SignatureSchemes.Name(method, scheme)} not acceptable for authentication, 'rightauth=' allows {Describe(IkeTerms)}";

    /// <summary>Null if the key has as many bits as are required, else the reason.</summary>
    public string? CheckKey(PublicKey key, string holder)
    {
        var minimum = key.Kind switch { KeyKind.Rsa => _minimumRsa, KeyKind.Ecdsa => _minimumEcdsa, _ => 0 };
        return key.Bits < minimum ? $"constraint check failed: the key of \"{holder}\" has {key.Bits} bits, but {minimum} are required" : null;
    }

    /// <summary>Null if keys and signatures of the chain (end entity first) are acceptable, else the reason. A root's own signature proves nothing and is not looked at.</summary>
    public string? CheckChain(IReadOnlyList<Certificate> chain)
    {
        foreach (var certificate in chain)
            if (CheckKey(certificate.PublicKey, certificate.ToString()) is { } weak) return weak;
        // A key type without hash speaks of the peer's key only, whatever its CA uses.
        if (chain.Count > 0 && _terms.Count > 0 && !_terms.Any(t => t.Kind is null || t.Kind == chain[0].PublicKey.Kind))
            return $"constraint check failed: \"{chain[0]}\" has a key of type {SignatureSchemes.KeyName(chain[0].PublicKey.Kind)}, 'rightauth=' allows {Describe(_terms)}";
        var hashed = _terms.Where(t => t is { IsIke: false, Hash: not null }).ToList();
        if (hashed.Count == 0) return null;
        foreach (var certificate in chain.Where((c, i) => i == 0 || !c.IsSelfSigned))
        {
            if (!hashed.Any(t => Fits(t, certificate.SignatureScheme)))
                return $"constraint check failed: \"{certificate}\" is signed with {SignatureSchemes.Name(AuthMethod.DigitalSignature, certificate.SignatureScheme)}, 'rightauth=' allows {Describe(hashed)}";
        }
        return null;
    }

    static string Describe(IEnumerable<Term> terms) => string.Join(", ", terms.Select(t =>
        (t.IsIke ? "ike:" : "") + (t.Kind is { } k ? SignatureSchemes.KeyName(k).ToLowerInvariant() + (t.Pss == true ? "/pss" : "") : "pubkey")
        + (t.Hash is { } h ? h == 0 ? "-none" : "-" + SignatureHash.Name(h).Replace("SHA2_", "SHA", StringComparison.Ordinal).ToLowerInvariant() : "")));
}
