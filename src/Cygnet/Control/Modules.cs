// The modules of this daemon with what each provides and needs: one table for listplugins, listalgs, statusall and the log. The names are those that
// the reference gives to plugins that do the same.
using System.Collections.Immutable;
using System.Globalization;
using Cygnet.Auth;
using Cygnet.Crypto;
using Cygnet.Crypto.MlKem;
using Cygnet.Eap;

namespace Cygnet.Control;

/// <summary>What a line of a module says: it provides that, or what stands above needs it, or can do without it.</summary>
enum FeatureKind { Provide, Depend, Soft }

/// <summary>A feature as listplugins shows it, and whether it is there: an algorithm that fails its self-test is not.</summary>
sealed record ModuleFeature(FeatureKind Kind, string Text, bool IsLoaded = true);

sealed record Module(string Name, IReadOnlyList<ModuleFeature> Features);

/// <summary>The table.</summary>
public static class Modules
{
    /// <summary>libcrypto, .NET's classes over it, and what is our own.</summary>
    internal const string OpenSsl = "openssl", Own = "cygnet", Random = "random", Nonce = "nonce", Kdf = "kdf";

    internal static readonly ImmutableArray<string>
        Hashers = ["HASH_SHA1", "HASH_SHA2_256", "HASH_SHA2_384", "HASH_SHA2_512", "HASH_IDENTITY"],
        Kdfs = ["KDF_PRF", "KDF_PRF_PLUS"],
        Generators = ["RNG_WEAK", "RNG_STRONG", "RNG_TRUE"];

    /// <summary>The names, in the order in which listplugins has them.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "charon", OpenSsl, Own, Random, Nonce, Kdf, "x509", "revocation", "constraints", "pubkey", "pkcs1", "pkcs8", "pkcs12", "pem", "pkcs11", "socket-default", "kernel-libipsec", "vici",
        "updown", "eap-identity",
        .. EapMethods.All.Select(m => EapName(m.Type)), "eap-dynamic", "eap-radius", "counters",
    ];

    /// <summary>All modules. It runs the self-test of every algorithm that has not had its own yet.</summary>
    internal static IEnumerable<Module> All => Names.Select(name => new Module(name, [.. Features(name)]));

    /// <summary>The module that runs an algorithm.</summary>
    internal static string Of(Algorithm a) => (a.Type, a.Id) switch
    {
        (TransformType.Encryption, Encr.Null or Encr.CamelliaCcm8 or Encr.CamelliaCcm12 or Encr.CamelliaCcm16) => Own,
        (TransformType.Integrity or TransformType.Prf, _) when a.Function is { } f && Mac.HasFixedKey(f) => Own,
        (TransformType.KeyExchange, Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024) => PlatformMlKemExchange.IsSupported ? OpenSsl : Own,
        _ => OpenSsl,
    };

    /// <summary>The key lengths of an algorithm in bits; one of zero stands for one that has no such attribute.</summary>
    internal static ImmutableArray<ushort> KeyLengths(Algorithm a) => a.KeyLengths.IsEmpty ? [0] : a.KeyLengths;

    static IEnumerable<ModuleFeature> Features(string module) => module switch
    {
        "charon" => [Provides("CUSTOM:libcharon"), Needs("NONCE_GEN"), Needs("RNG:RNG_STRONG"), Needs("CUSTOM:socket"), Needs("CUSTOM:kernel-ipsec")],
        OpenSsl =>
        [
            .. Algorithms(module), .. Hashers.Select(h => Provides($"HASHER:{h}")),
            .. Enum.GetValues<KeyKind>().Select(k => Provides($"PUBKEY:{SignatureSchemes.KeyName(k)}")), .. Schemes("PUBKEY_VERIFY"),
            .. Enum.GetValues<KeyKind>().Select(k => Provides($"PRIVKEY:{SignatureSchemes.KeyName(k)}")), .. Schemes("PRIVKEY_SIGN"),
        ],
        Own => Algorithms(module),
        Random => Generators.Select(g => Provides($"RNG:{g}")),
        Nonce => [Provides("NONCE_GEN"), Needs("RNG:RNG_WEAK")],
        Kdf => Kdfs.Select(k => Provides($"KDF:{k}")),
        "x509" => [Provides("CERT_DECODE:X509"), Needs("HASHER:HASH_SHA1"), Needs("PUBKEY:ANY"), Provides("CERT_DECODE:X509_CRL"), Provides("CERT_DECODE:OCSP_RESPONSE"), Provides("CERT_DECODE:X509_AC")],
        "revocation" => [Provides("CUSTOM:revocation"), Needs("CERT_DECODE:X509"), Needs("CERT_DECODE:X509_CRL")],
        "constraints" => [Provides("CUSTOM:constraints"), Needs("CERT_DECODE:X509")],
        "pubkey" => [Provides("CERT_DECODE:PUBKEY")],
        "pkcs1" => [Provides("PRIVKEY:RSA")],
        "pkcs8" => [.. Enum.GetValues<KeyKind>().Select(k => Provides($"PRIVKEY:{SignatureSchemes.KeyName(k)}"))],
        "pkcs12" => [Provides("CONTAINER_DECODE:PKCS12")],
        "pkcs11" => [Provides("PRIVKEY:ANY"), Provides("CERT_DECODE:X509")],
        "pem" => [Provides("PRIVKEY:ANY"), Provides("CERT_DECODE:X509"), Needs("CERT_DECODE:X509"), Provides("CERT_DECODE:X509_CRL"), Needs("CERT_DECODE:X509_CRL")],
        "socket-default" => [Provides("CUSTOM:socket"), new(FeatureKind.Soft, "CUSTOM:kernel-ipsec")],
        "kernel-libipsec" => [Provides("CUSTOM:kernel-ipsec")],
        "vici" => [Provides("CUSTOM:vici"), new(FeatureKind.Soft, "CUSTOM:counters")],
        "updown" => [Provides("CUSTOM:updown")],
        "eap-identity" => Eap("ID"),
        "eap-dynamic" => [Provides("EAP_SERVER:DYN")],
        "eap-radius" => [Provides("EAP_SERVER:RAD"), Provides("CUSTOM:eap-radius")],
        "counters" => [Provides("CUSTOM:counters")],
        _ => Eap(module["eap-".Length..].ToUpperInvariant()),
    };

    static ModuleFeature[] Eap(string method) => [Provides($"EAP_SERVER:{method}"), Provides($"EAP_CLIENT:{method}")];

    static string EapName(EapType type) => $"eap-{type.ToString()["EAP_".Length..].ToLowerInvariant()}";

    static IEnumerable<ModuleFeature> Algorithms(string module)
    {
        foreach (var a in Transforms.All.Where(a => a.IsBuilt && a.Id is not null && a.Id != Ke.None && Of(a) == module))
            foreach (var bits in KeyLengths(a))
            {
                var text = a.Type switch
                {
                    TransformType.Encryption => string.Create(CultureInfo.InvariantCulture, $"{(a.IsAead ? "AEAD" : "CRYPTER")}:{a.Name}-{(bits > 0 ? bits / 8 : a.KeyBytes)}"),
                    TransformType.Integrity => $"SIGNER:{a.Name}",
                    TransformType.Prf => $"PRF:{a.Name}",
                    TransformType.KeyExchange => $"KE:{a.Name}",
                    _ => null,
                };
                if (text is not null) yield return new(FeatureKind.Provide, text, SelfTest.Passed(new Transform(a.Type, a.Id!.Value, bits)));
            }
    }

    // With MD5 pki can sign; nothing believes that. PSS is one scheme whose parameters are no part of the feature's name.
    static IEnumerable<ModuleFeature> Schemes(string kind) => Enum.GetValues<SignatureScheme>().Where(s => s != SignatureScheme.RsaPkcs1Md5)
        .GroupBy(s => SignatureSchemes.Name(AuthMethod.DigitalSignature, s) is var name && name.StartsWith(Pss, StringComparison.Ordinal) ? Pss : name)
        .Select(g => new ModuleFeature(FeatureKind.Provide, $"{kind}:{g.Key}", g.All(SelfTest.Passed)));

    const string Pss = "RSA_EMSA_PSS";

    static ModuleFeature Provides(string text) => new(FeatureKind.Provide, text);

    static ModuleFeature Needs(string text) => new(FeatureKind.Depend, text);
}
