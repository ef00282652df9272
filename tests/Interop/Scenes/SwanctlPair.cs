// A pair whose moon takes its configuration from swanctl.conf, with Debian's swanctl as the client.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

static class SwanctlPair
{
    /// <summary>Both daemons are up; sun has the given files, moon whatever <paramref name="arrange"/> writes.</summary>
    public static Pair Begin(string scene, Product moon, string sunConf, Func<Gateway, string> sunSecrets, Action<Gateway>? arrange = null)
    {
        var pair = new Pair($"swanctl-{scene}", moon, Product.StrongSwan);
        // swanctl looks where Debian has it, whatever the prefix of the daemon.
        if (moon == Product.Cygnet) pair.Moon.Host.Bind(pair.Moon.PathOf("swanctl"), "/etc/swanctl");
        arrange?.Invoke(pair.Moon);
        pair.Sun.Configure(sunConf, sunSecrets(pair.Sun));
        pair.Start();
        Wait.Until("charon answers swanctl", () => pair.Swanctl("--stats").ExitCode == 0);
        return pair;
    }

    public static Ran Swanctl(this Pair pair, params string[] words) => pair.Moon.Host.Run(["swanctl", .. words]);

    /// <summary>A swanctl that listens, beside the scene; it is connected when this returns.</summary>
    public static Background Follow(this Pair pair, params string[] words)
    {
        int Clients() => pair.Moon.Host.Shell("ss -xH state connected src '*charon.vici'").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        var before = Clients();
        var following = pair.Moon.Host.Start(["stdbuf", "-oL", "swanctl", .. words]);
        // what it asks for first is read before what another asks for afterwards
        Wait.Until($"swanctl {string.Join(' ', words)} is connected", () => Clients() > before && pair.Swanctl("--stats").ExitCode == 0);
        return following;
    }
}
