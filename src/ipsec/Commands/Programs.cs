// Programs that ipsec runs by name: pki and what lies in its directory. ipsec(8).
using Cygnet.Linux;

namespace Cygnet.Command.Commands;

static class Programs
{
    const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static int Run(Surroundings world, string argument0, string program, string[] args)
    {
        var paths = world.Paths;
        var path = program is "pki" or "aikgen" ? $"{paths.BinDir}/{program}" : $"{paths.LibexecDir}/{program}";
        if (!File.Exists(path) || OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) == 0) return Ipsec.Unknown(world, argument0, program);
        return DetachedProcess.Start(path, [path, .. args], newSession: false, keepOutput: true, environment: Variables(paths)).Wait();
    }

    /// <summary>What everything that ipsec starts finds in its environment.</summary>
    public static Dictionary<string, string> Variables(Paths paths)
    {
        var all = new Dictionary<string, string>
        {
            ["IPSEC_DIR"] = paths.LibexecDir,
            ["IPSEC_BINDIR"] = paths.BinDir,
            ["IPSEC_SBINDIR"] = paths.SbinDir,
            ["IPSEC_CONFDIR"] = paths.ConfDir,
            ["IPSEC_PIDDIR"] = paths.PidDir,
            ["IPSEC_SCRIPT"] = "ipsec",
            ["IPSEC_VERSION"] = Product.VersionCode,
            ["IPSEC_NAME"] = Product.Name,
            ["IPSEC_STARTER_PID"] = paths.StarterPidFile,
            ["IPSEC_CHARON_PID"] = paths.CharonPidFile,
        };
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PATH"))) all["PATH"] = "/sbin:/bin:/usr/sbin:/usr/bin";
        return all;
    }
}
