// A few keys of each kind, drawn once: two thousand chains do not need two thousand keys.
using Cygnet.Crypto;
using Cygnet.Pki;
using Cygnet.Pki.Make;

namespace Cygnet.PkiTool.Tests.Corpus;

/// <summary>A private key and the scheme with which it signs certificates.</summary>
sealed record Signer(PrivateKey Key, SignatureScheme Scheme);

/// <summary>Families of keys; a chain is of one family, or changes it from one certificate to the next.</summary>
static class KeyPool
{
    const int OfEach = 6;

    static readonly Dictionary<string, Signer[]> s_pool = new()
    {
        ["rsa"] = Draw(KeyKind.Rsa, 2048, SignatureScheme.RsaPkcs1Sha256),
        ["ecdsa-256"] = Draw(KeyKind.Ecdsa, 256, SignatureScheme.EcdsaSha256Der),
        ["ecdsa-384"] = Draw(KeyKind.Ecdsa, 384, SignatureScheme.EcdsaSha384Der),
        ["ecdsa-521"] = Draw(KeyKind.Ecdsa, 521, SignatureScheme.EcdsaSha512Der),
        ["ed25519"] = Draw(KeyKind.Ed25519, 0, SignatureScheme.Ed25519),
        ["ed448"] = Draw(KeyKind.Ed448, 0, SignatureScheme.Ed448),
    };

    static readonly string[] s_kinds = [.. s_pool.Keys];

    public static readonly string[] Families = [.. s_kinds, "rsa-pss", "mixed"];

    /// <summary>The key of the n-th certificate of a chain of that family.</summary>
    public static Signer Get(string family, int n)
    {
        if (family == "mixed") return Get(s_kinds[n % s_kinds.Length], n);
        return family == "rsa-pss" ? Get("rsa", n) with { Scheme = SignatureScheme.RsaPssSha256 } : s_pool[family][n % OfEach];
    }

    public static Signer One(KeyKind kind, int bits, SignatureScheme scheme)
    {
        var made = KeyMaker.Make(kind, bits);
        var pkcs8 = PrivateKeyFile.Read(made.Der, [], out var reason) ?? throw new InvalidOperationException(reason);
        return new(SoftwareKey.FromDer(pkcs8, out var why) ?? throw new InvalidOperationException(why), scheme);
    }

    static Signer[] Draw(KeyKind kind, int bits, SignatureScheme scheme) => [.. Enumerable.Range(0, OfEach).Select(_ => One(kind, bits, scheme))];
}
