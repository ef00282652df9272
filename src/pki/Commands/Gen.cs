// pki --gen: makes a private key.
using System.Security.Cryptography;
using Cygnet.Crypto;
using Cygnet.Pki.Make;

namespace Cygnet.PkiTool.Commands;

static class Gen
{
    public static readonly Command Command = new("gen", 'g', "generate a new private key", """
        [--type rsa|ecdsa|ed25519|ed448] [--size bits] [--safe-primes]
                    [--outform der|pem]
        """,
        [
            new("type", 't', true, "type of key, default: rsa"), new("size", 's', true, "keylength in bits, default: rsa 2048, ecdsa 384"),
            new("safe-primes", 'p', false, "generate rsa safe primes"), new("shares", 'n', true, ""),
            new("threshold", 'l', true, ""), new("outform", 'f', true, "encoding of generated private key, default: der"),
        ], Run);

    static int Run(Surroundings world, IReadOnlyList<Given> options)
    {
        var (kind, isPem) = (KeyKind.Rsa, false);
        var hasSafePrimes = false;
        int? size = null;
        foreach (var o in options)
        {
            switch (o.Name)
            {
                case "type": kind = Words.Kind(o.Value) ?? throw Refusal.Usage("invalid key type 'priv': --type takes rsa, ecdsa, ed25519 or ed448"); break;
                case "size": size = Words.Number(o, 1, 16384); break;
                case "outform": isPem = Words.IsPem(o.Value); break;
                case "safe-primes": hasSafePrimes = true; break;
                case "shares" or "threshold":
                    throw new Refusal($"--{o.Name} is not built: strongSwan writes the whole key and no shares all the same; --safe-primes makes that key");
            }
        }
        var bits = size ?? (kind == KeyKind.Rsa ? 2048 : 384);
        if (!KeyMaker.Supports(kind, bits))
            throw new Refusal($"private key generation failed: --size {bits} is not supported; {(kind == KeyKind.Rsa ? "rsa takes 1024 to 16384 in steps of 8" : "ecdsa takes 256, 384 and 521")}");
        if (hasSafePrimes && kind != KeyKind.Rsa) throw Refusal.Usage($"--safe-primes goes with --type rsa: a key of type {Words.Of(kind)} has no primes");
        var key = KeyMaker.Make(kind, bits, hasSafePrimes);
        Files.Write(world, key.Der, key.Label, isPem);
        CryptographicOperations.ZeroMemory(key.Der);
        return 0;
    }
}
