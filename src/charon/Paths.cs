// Where files lie: by the prefix that the program is installed under, or by the environment.
namespace Cygnet.Charon;

/// <summary>With prefix /usr: /etc and /run. With another: PREFIX/etc and PREFIX/var/run.</summary>
sealed record Paths(string ConfDir, string PidDir, string StrongswanConf, string DaemonName = "charon")
{
    /// <summary>Under the name that the starter calls us by.</summary>
    public string PidFile => Path.Combine(PidDir, $"{DaemonName}.pid");

    /// <summary>What has been changed on this host, for the case of a crash.</summary>
    public string HostState => Path.Combine(PidDir, $"{DaemonName}.host");

    public static Paths OfThisProcess() => Of(AppContext.BaseDirectory, Environment.GetEnvironmentVariable);

    internal static Paths Of(string directory, Func<string, string?> environment)
    {
        // A daemon in a build tree behaves as one under /usr.
        const string libexec = "/libexec/ipsec";
        var own = directory.TrimEnd('/');
        var prefix = own.EndsWith(libexec, StringComparison.Ordinal) ? own[..^libexec.Length] : "/usr";
        var (etc, run) = prefix is "/usr" or "" ? ("/etc", "/run") : ($"{prefix}/etc", $"{prefix}/var/run");
        var confDir = Set("IPSEC_CONFDIR") ?? etc;
        return new(confDir, Set("IPSEC_PIDDIR") ?? run, Set("STRONGSWAN_CONF") ?? Path.Combine(confDir, "strongswan.conf"), Set("DAEMON_NAME") ?? "charon");

        string? Set(string name) => environment(name) is { Length: > 0 } value ? value : null;
    }
}
