// The public key of whatever a file holds: private key, public key, request or certificate.
using Cygnet.Crypto;

namespace Cygnet.PkiTool;

static class Credential
{
    /// <summary>Checks the word without reading anything.</summary>
    public static string Type(string word)
    {
        if (word is not ("pub" or "pkcs10" or "x509")) Words.Kind(word);
        return word;
    }

    public static PublicKey Public(Surroundings world, string type, string? file, string failure) => type switch
    {
        "pub" => Files.PublicKey(world, "in", file, failure),
        "pkcs10" => Files.Request(world, "in", file, failure).PublicKey,
        "x509" => Files.Certificate(world, "in", file, failure).PublicKey,
        _ => Files.PrivateKey(world, "in", file, Words.Kind(type), failure).Public,
    };
}
