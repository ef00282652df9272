// Where the files of an installation lie: by the prefix that the program stands under, or by the environment.
namespace Cygnet.Linux;

/// <summary>
/// With prefix /usr: /etc and /run, printed as /var/run like the reference does. With another prefix: PREFIX/etc and PREFIX/var/run.
/// IPSEC_CONFDIR, IPSEC_PIDDIR, IPSEC_DIR and STRONGSWAN_CONF override, so that several instances run on one machine.
/// </summary>
public sealed record Paths(string Prefix, string LibexecDir, string ConfDir, string PidDir, string StrongswanConf, string DaemonName = "charon")
{
    const string Libexec = "/libexec/ipsec";

    public string SbinDir => $"{Prefix}/sbin";
    public string BinDir => $"{Prefix}/bin";
    public string Charon => $"{LibexecDir}/charon";
    public string Starter => $"{LibexecDir}/starter";
    public string CharonPidFile => $"{PidDir}/{DaemonName}.pid";
    public string StarterPidFile => $"{PidDir}/starter.{DaemonName}.pid";

    /// <summary>What charon has changed on this host.</summary>
    public string HostState => $"{StateDir}/{DaemonName}.host";

    /// <summary>What charon writes while it runs: beside its PID file, unless it runs as a user who may not write there.</summary>
    public string StateDir { get; init; } = PidDir;

    /// <summary>Whether a charon, root or not, has not undone yet what it changed.</summary>
    public bool HasHostState => File.Exists(HostState) || File.Exists(OfUser().HostState);

    /// <summary>The paths of a charon that runs as the user of <c>charon.user</c>.</summary>
    public Paths OfUser() => this with { StateDir = $"{PidDir}/{DaemonName}.state" };
    public string IpsecConf => $"{ConfDir}/ipsec.conf";
    public string IpsecSecrets => $"{ConfDir}/ipsec.secrets";
    public string IpsecD => $"{ConfDir}/ipsec.d";

    /// <summary>The control socket; its name does not follow the daemon's.</summary>
    public string ViciSocket => $"{PidDir}/charon.vici";

    public static Paths OfThisProcess() => Of(AppContext.BaseDirectory, Environment.GetEnvironmentVariable);

    /// <summary>The paths of a program that lies in <paramref name="directory"/>. One in a build tree behaves as if it were under /usr.</summary>
    public static Paths Of(string directory, Func<string, string?> environment)
    {
        var own = directory.TrimEnd('/');
        var installed = own.EndsWith(Libexec, StringComparison.Ordinal);
        var prefix = installed ? own[..^Libexec.Length] : "/usr";
        var (etc, run) = prefix is "/usr" or "" ? ("/etc", "/run") : ($"{prefix}/etc", $"{prefix}/var/run");
        var confDir = Set("IPSEC_CONFDIR") ?? etc;
        return new(prefix, Set("IPSEC_DIR") ?? own, confDir, Set("IPSEC_PIDDIR") ?? run, Set("STRONGSWAN_CONF") ?? $"{confDir}/strongswan.conf",
            Set("DAEMON_NAME") ?? "charon");

        string? Set(string name) => environment(name) is { Length: > 0 } value ? value.Length > 1 ? value.TrimEnd('/') : value : null;
    }

    /// <summary>A path as texts show it.</summary>
    public string Printed(string path) => PidDir == "/run" && (path == PidDir || path.StartsWith("/run/", StringComparison.Ordinal)) ? $"/var{path}" : path;
}
