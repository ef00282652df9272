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
        var prefix = Checkout.Path("artifacts", "installed");
        Command.Run(TimeSpan.FromMinutes(10), null, Checkout.Path("install"), "--prefix", prefix).ShouldSucceed();
        return prefix;
    }
}
