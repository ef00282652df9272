// get-algorithms and x-list-plugins: what this build can run, from the one table of algorithms, and the modules that do it.
using System.Globalization;
using Cygnet.Crypto;

namespace Cygnet.Control;

static class AlgorithmCommands
{
    public static void AddTo(Dictionary<string, Command> table)
    {
        table["get-algorithms"] = (_, _) => Task.FromResult(List());
        table["x-list-plugins"] = (_, _) => Task.FromResult(ListModules());
    }

    static ViciSection List()
    {
        var s = new ViciSection();
        Add("encryption", Built(TransformType.Encryption).Where(a => !a.IsAead));
        Add("integrity", Built(TransformType.Integrity));
        Add("aead", Built(TransformType.Encryption).Where(a => a.IsAead));
        Named("hasher", Modules.Hashers, Modules.OpenSsl);
        Add("prf", Built(TransformType.Prf));
        Named("xof", [], Modules.OpenSsl);
        Named("kdf", Modules.Kdfs, Modules.Kdf);
        Named("drbg", [], Modules.Random);
        Add("ke", Built(TransformType.KeyExchange).Where(a => a.Id != Ke.None));
        Named("rng", Modules.Generators, Modules.Random);
        Named("nonce-gen", ["NONCE_GEN"], Modules.Nonce);
        return s;

        void Add(string section, IEnumerable<Algorithm> rows)
        {
            var to = s.AddSection(section);
            foreach (var a in rows) to.Add(a.Name, Modules.Of(a));
        }

        void Named(string section, IEnumerable<string> algorithms, string provider)
        {
            var to = s.AddSection(section);
            foreach (var a in algorithms) to.Add(a, provider);
        }
    }

    static ViciSection ListModules()
    {
        var s = new ViciSection();
        foreach (var module in Modules.All)
        {
            var to = s.AddSection(module.Name);
            foreach (var (i, feature) in module.Features.Index())
                to.AddSection(i.ToString(CultureInfo.InvariantCulture)).Add("kind", feature.Kind.ToString().ToLowerInvariant()).Add("feature", feature.Text).Add("loaded", feature.IsLoaded);
        }
        return s;
    }

    // What fails its self-test, all key lengths of it, is not offered and so not listed.
    static IEnumerable<Algorithm> Built(TransformType type) => Transforms.All.Where(a => a.Type == type && a.IsBuilt
        && Modules.KeyLengths(a).Any(bits => SelfTest.Passed(new Transform(type, a.Id!.Value, bits))));
}
