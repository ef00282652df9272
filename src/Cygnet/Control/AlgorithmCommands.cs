// get-algorithms: what this build can run, from the one table of algorithms.
using Cygnet.Crypto;
using Cygnet.Crypto.MlKem;

namespace Cygnet.Control;

static class AlgorithmCommands
{
    const string DotNet = "dotnet", Libcrypto = "libcrypto", Own = "cygnet";

    public static void AddTo(Dictionary<string, Command> table) => table["get-algorithms"] = (_, _) => Task.FromResult(List());

    static ViciSection List()
    {
        var s = new ViciSection();
        Add("encryption", Built(TransformType.Encryption).Where(a => !a.IsAead));
        Add("integrity", Built(TransformType.Integrity));
        Add("aead", Built(TransformType.Encryption).Where(a => a.IsAead));
        Named("hasher", ["HASH_SHA1", "HASH_SHA2_256", "HASH_SHA2_384", "HASH_SHA2_512", "HASH_IDENTITY"], DotNet);
        Add("prf", Built(TransformType.Prf));
        Named("xof", [], DotNet);
        Named("kdf", ["KDF_PRF", "KDF_PRF_PLUS"], DotNet);
        Named("drbg", [], DotNet);
        Add("ke", Built(TransformType.KeyExchange).Where(a => a.Id != Ke.None));
        Named("rng", ["RNG_WEAK", "RNG_STRONG", "RNG_TRUE"], DotNet);
        Named("nonce-gen", ["NONCE_GEN"], DotNet);
        return s;

        void Add(string section, IEnumerable<Algorithm> rows)
        {
            var to = s.AddSection(section);
            foreach (var a in rows) to.Add(a.Name, Provider(a));
        }

        void Named(string section, string[] algorithms, string provider)
        {
            var to = s.AddSection(section);
            foreach (var a in algorithms) to.Add(a, provider);
        }
    }

    // What fails its self-test, all key lengths of it, is not offered and so not listed.
    static IEnumerable<Algorithm> Built(TransformType type) => Transforms.All.Where(a => a.Type == type && a.IsBuilt
        && (a.KeyLengths.IsEmpty ? [(ushort)0] : a.KeyLengths).Any(bits => SelfTest.Passed(new Transform(type, a.Id!.Value, bits))));

    static string Provider(Algorithm a) => (a.Type, a.Id) switch
    {
        (TransformType.Encryption, Encr.Null or Encr.CamelliaCcm8 or Encr.CamelliaCcm12 or Encr.CamelliaCcm16) => Own,
        (TransformType.Integrity or TransformType.Prf, _) when a.Function is { } f && Mac.HasFixedKey(f) => Own,
        (TransformType.KeyExchange, Ke.MlKem512 or Ke.MlKem768 or Ke.MlKem1024) => PlatformMlKemExchange.IsSupported ? DotNet : Own,
        _ => Libcrypto,
    };
}
