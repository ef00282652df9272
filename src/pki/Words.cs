// Words that several commands read: types of keys, output forms, numbers, lifetimes, identities.
using System.Globalization;
using Cygnet.Crypto;
using Cygnet.Pki.Make;
using Cygnet.Policy;

namespace Cygnet.PkiTool;

static class Words
{
    public static string Of(KeyKind kind) => kind switch { KeyKind.Rsa => "rsa", KeyKind.Ecdsa => "ecdsa", KeyKind.Ed25519 => "ed25519", _ => "ed448" };

    /// <summary>rsa, ecdsa, ed25519 or ed448; null for priv, which is any.</summary>
    public static KeyKind? Kind(string word) => word switch
    {
        "priv" => null,
        "rsa" => KeyKind.Rsa,
        "ecdsa" => KeyKind.Ecdsa,
        "ed25519" => KeyKind.Ed25519,
        "ed448" => KeyKind.Ed448,
        "bliss" => throw new Refusal("--type bliss is not built: the reference has removed BLISS since, as its signatures leak the key; take ed25519 or ecdsa"),
        _ => throw Refusal.Usage($"invalid key type '{word}': --type takes priv, rsa, ecdsa, ed25519 or ed448"),
    };

    /// <summary>What a file may hold that has a public key; checks the word without reading anything.</summary>
    public static string InputType(string word)
    {
        if (word is not ("pub" or "pkcs10" or "x509")) Kind(word);
        return word;
    }

    public static bool IsPem(string word) => word switch
    {
        "pem" => true,
        "der" => false,
        _ => throw Refusal.Usage($"invalid output format '{word}': --outform takes der or pem"),
    };

    public static int Number(Given given, int least, int most) =>
        int.TryParse(given.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= least && n <= most
            ? n : throw Refusal.Usage($"invalid --{given.Name} value '{given.Value}': a number from {least} to {most}");

    /// <summary>Bytes in hex, with or without colons.</summary>
    public static byte[] Hex(Given given)
    {
        var digits = given.Value.Replace(":", "", StringComparison.Ordinal);
        if (digits.Length % 2 == 1) digits = "0" + digits;
        var bytes = new byte[digits.Length / 2];
        return bytes.Length is > 0 and <= 20 && Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? bytes : throw Refusal.Usage($"invalid --{given.Name} '{given.Value}': 1 to 20 bytes in hex");
    }

    public static Identity DistinguishedName(Given given)
    {
        var id = Identity.Parse(given.Value);
        return id.Kind == IdentityKind.DistinguishedName
            ? id : throw new Refusal($"supplied --{given.Name} is not a distinguished name: '{given.Value}'; it looks like \"C=CH, O=Example, CN=gateway\"");
    }

    public static Identity AltName(Given given)
    {
        var name = given.Value.StartsWith("uri:", StringComparison.OrdinalIgnoreCase) ? GeneralNames.Uri(given.Value[4..]) : Identity.Parse(given.Value);
        return name is not null && GeneralNames.Fits(name)
            ? name : throw Refusal.Usage($"--{given.Name} '{given.Value}' cannot stand in a certificate: it takes a name, mail or IP address, distinguished name or uri:");
    }

    public static string Oid(Given given, string? text = null)
    {
        text ??= given.Value;
        return IsOid(text) ? text : throw Refusal.Usage($"--{given.Name} '{text}' invalid, it is no OID like 1.2.3.4");
    }

    static bool IsOid(string text)
    {
        var arcs = text.Split('.');
        if (arcs.Length is < 2 or > 64 || !arcs.All(a => a.Length is > 0 and < 30 && a.All(char.IsAsciiDigit) && (a.Length == 1 || a[0] != '0'))) return false;
        return arcs[0] is "0" or "1" ? arcs[1].Length < 3 && int.Parse(arcs[1], CultureInfo.InvariantCulture) < 40 : arcs[0] == "2";
    }

    public static string? Digest(Given given) => given.Value is "md5" or "sha1" or "sha224" or "sha256" or "sha384" or "sha512" or "sha3_224" or "sha3_256" or "sha3_384" or "sha3_512"
        ? given.Value : throw Refusal.Usage($"invalid --digest type '{given.Value}'");

    public static bool IsPss(Given given) => given.Value switch
    {
        "pss" => true,
        "pkcs1" => false,
        _ => throw Refusal.Usage($"invalid RSA padding '{given.Value}': --rsa-padding takes pkcs1 or pss"),
    };

    public static SignatureScheme Scheme(PublicKey key, string? digest, bool isPss) =>
        SchemeChoice.For(key, digest, isPss, out var reason) ?? throw new Refusal($"--digest: {reason}");
}
