// The tree of Cygnet that the gateways run: one given by CYGNET_PREFIX, else one made by ./install.
namespace Cygnet.Interop.Testbed;

/// <summary>Cygnet as installed; made once per test run.</summary>
public static class InstalledTree
{
    static readonly Lazy<string> Made = new(FindOrInstall);

    /// <summary>The prefix of the installation.</summary>
    public static string Prefix => Made.Value;

    static string FindOrInstall()
    {
        if (Environment.GetEnvironmentVariable("CYGNET_PREFIX") is { Length: > 0 } given)
            return Path.GetFullPath(given);
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Cygnet.slnx")))
            root = Path.GetDirectoryName(root) ?? throw new BedFailure("not inside a checkout, and CYGNET_PREFIX is not set");
        var prefix = Path.Combine(root, "artifacts", "installed");
        Command.Run(TimeSpan.FromMinutes(10), null, Path.Combine(root, "install"), "--prefix", prefix).ShouldSucceed();
        return prefix;
    }
}
