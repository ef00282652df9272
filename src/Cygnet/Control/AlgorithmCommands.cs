// get-algorithms: what this build can run, from the one table of algorithms.
using Cygnet.Crypto;

namespace Cygnet.Control;

static class AlgorithmCommands
{
    const string Provider = "dotnet", Libcrypto = "libcrypto";

    public static void AddTo(Dictionary<string, Command> table) => table["get-algorithms"] = (_, _) => Task.FromResult(List());

    static ViciSection List()
    {
        var s = new ViciSection();
        Add("encryption", Built(TransformType.Encryption).Where(a => !a.IsAead));
        Add("integrity", Built(TransformType.Integrity));
        Add("aead", Built(TransformType.Encryption).Where(a => a.IsAead));
        Named("hasher", ["HASH_SHA1", "HASH_SHA2_256", "HASH_SHA2_384", "HASH_SHA2_512", "HASH_IDENTITY"], Provider);
        Add("prf", Built(TransformType.Prf));
        Named("xof", [], Provider);
        Named("kdf", ["KDF_PRF", "KDF_PRF_PLUS"], Provider);
        Named("drbg", [], Provider);
        Add("ke", Built(TransformType.KeyExchange).Where(a => a.Id != Ke.None));
        Named("rng", ["RNG_WEAK", "RNG_STRONG", "RNG_TRUE"], Provider);
        Named("nonce-gen", ["NONCE_GEN"], Provider);
        return s;

        void Add(string section, IEnumerable<Algorithm> rows)
        {
            var to = s.AddSection(section);
            foreach (var a in rows) to.Add(a.Name, a.Type is TransformType.Integrity or TransformType.Prf ? Provider : Libcrypto);
        }

        void Named(string section, string[] algorithms, string provider)
        {
            var to = s.AddSection(section);
            foreach (var a in algorithms) to.Add(a, provider);
        }
    }

    static IEnumerable<Algorithm> Built(TransformType type) => Transforms.All.Where(a => a.Type == type && a.IsBuilt);
}
