// What systemd would let a service do and see, made of its unit file without systemd: mounts, capabilities, system call filters. systemd.exec(5).
using System.Globalization;

namespace Cygnet.Interop.Testbed;

/// <summary>
/// The sandbox of a unit for one gateway. A directive that it does not know is a failure, so that nobody adds one that no scene tries. Left out, as a bed
/// cannot have it: control groups, by which DevicePolicy= closes devices (here they are not there), and the watchdog.
/// </summary>
sealed class UnitSandbox
{
    // What has no bearing on what the service may do.
    static readonly string[] s_other =
    [
        "Type", "NotifyAccess", "ExecStart", "ExecStartPost", "ExecReload", "KillMode", "TimeoutStopSec", "Restart", "RestartSec", "RestartPreventExitStatus", "WatchdogSec", "Environment",
    ];

    static readonly Dictionary<string, string[]> s_denied = new()
    {
        ["ProtectClock"] = ["adjtimex", "clock_adjtime", "clock_settime", "settimeofday"],
        ["ProtectHostname"] = ["sethostname", "setdomainname"],
        ["ProtectKernelLogs"] = ["syslog"],
        ["ProtectKernelModules"] = ["init_module", "finit_module", "delete_module"],
        ["LockPersonality"] = ["personality"],
        ["RestrictNamespaces"] = ["setns"],
        ["RestrictRealtime"] = [], ["RestrictSUIDSGID"] = [],
    };

    readonly Dictionary<string, string> directives;
    readonly Gateway gateway;
    readonly string filter;

    public UnitSandbox(string unit, Gateway gateway)
    {
        this.gateway = gateway;
        var lines = File.ReadAllLines(Checkout.Path("packaging", "systemd", unit));
        directives = lines.SkipWhile(l => l != "[Service]").Skip(1).TakeWhile(l => !l.StartsWith('['))
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('=', 2)).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => string.Join(' ', g.Select(p => p[1])));
        string[] known = [.. s_other, .. s_denied.Keys, "CapabilityBoundingSet", "NoNewPrivileges", "ProtectSystem", "ReadWritePaths", "ProtectHome", "PrivateTmp", "DevicePolicy", "DeviceAllow",
            "RestrictAddressFamilies", "ProtectControlGroups", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber"];
        if (directives.Keys.Except(known).ToArray() is { Length: > 0 } unknown) throw new BedFailure($"what does {string.Join(", ", unknown)} of {unit} take away? This sandbox does not know");
        filter = Compile();
    }

    /// <summary>What the unit runs, with the gateway's programs in the place of those in /usr.</summary>
    public string[] ExecStart => [.. Through, .. Words("ExecStart").Select((word, i) => i == 0 ? Path.GetFileName(word) : word)];

    public string[] ExecReload => [.. Through, .. Words("ExecReload").Select((word, i) => i == 0 ? Path.GetFileName(word) : word)];

    /// <summary>CapabilityBoundingSet as /proc shows it: the numbers of linux/capability.h.</summary>
    public string CapabilityMask => Words("CapabilityBoundingSet").Aggregate(0UL, (mask, name) => mask | 1UL << s_capabilities[name]).ToString("x16", CultureInfo.InvariantCulture);

    static readonly Dictionary<string, int> s_capabilities = new()
    {
        ["CAP_CHOWN"] = 0, ["CAP_DAC_OVERRIDE"] = 1, ["CAP_FOWNER"] = 3, ["CAP_KILL"] = 5, ["CAP_SETGID"] = 6, ["CAP_SETUID"] = 7, ["CAP_NET_BIND_SERVICE"] = 10, ["CAP_NET_ADMIN"] = 12, ["CAP_NET_RAW"] = 13,
    };

    /// <summary>Words before a command of the service: each gets a view of the files of its own, as it does from systemd, but for /tmp.</summary>
    public string[] Through =>
    [
        "env", .. Words("Environment"),
        "unshare", "--mount", "--uts", "--propagation", "private", "sh", "-ec", View(), "sandbox",
        "setpriv", "--inh-caps=-all", $"--bounding-set=-all{string.Concat(Words("CapabilityBoundingSet").Select(c => $",+{c["CAP_".Length..].ToLowerInvariant()}"))}",
        .. Is("NoNewPrivileges") ? (string[])["--no-new-privs"] : [], filter,
    ];

    string[] Words(string directive) => directives.GetValueOrDefault(directive, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    bool Is(string directive) => directives.GetValueOrDefault(directive) is "yes" or "true" or "on" or "1";

    /// <summary>A script that makes the view and runs its arguments in it.</summary>
    string View()
    {
        List<string> script = [];
        // Where the gateway has what a packaged daemon finds at these places; its log stands for /var/log.
        var (etc, run) = (Path.Combine(InstalledTree.Prefix, "etc"), Path.Combine(InstalledTree.Prefix, "var", "run"));
        Dictionary<string, string[]> places = new() { ["/etc"] = [etc], ["/run"] = ["/run", run], ["/var"] = [gateway.Host.Folder] };
        if (directives.GetValueOrDefault("PrivateTmp") is "yes")
        {
            // The tree and the logs may lie there themselves.
            script.Add("private=$(mktemp -d)\nmount -t tmpfs -o mode=1777 tmpfs $private");
            foreach (var kept in ((string[])[InstalledTree.Prefix, gateway.Host.Folder]).Where(f => f.StartsWith("/tmp/", StringComparison.Ordinal)).Select(f => f["/tmp/".Length..]))
                script.Add($"mkdir -p $private/{kept}\nmount --rbind /tmp/{kept} $private/{kept}");
            script.Add("mount --move $private /tmp\nmount -t tmpfs -o mode=1777 tmpfs /var/tmp");
        }
        string[] writable = [.. Words("ReadWritePaths").SelectMany(p => places.GetValueOrDefault(p) ?? throw new BedFailure($"where is {p} on a gateway of the bed?"))];
        // A place of its own can be written to where what is around it cannot.
        foreach (var place in (string[])[.. places.Values.SelectMany(p => p)]) script.Add($"mount --bind {place} {place}");
        if (directives.GetValueOrDefault("DevicePolicy") is "closed")
        {
            script.Add("dev=$(mktemp -d)\nmount -t tmpfs -o mode=755 tmpfs $dev");
            string[] devices = ["null", "zero", "full", "random", "urandom", .. directives.GetValueOrDefault("DeviceAllow", "").Split(' ').Where(w => w.StartsWith("/dev/", StringComparison.Ordinal)).Select(w => w["/dev/".Length..])];
            foreach (var device in devices) script.Add($"mkdir -p $(dirname $dev/{device}); : >$dev/{device}; mount --bind /dev/{device} $dev/{device}");
            script.Add("mount --move $dev /dev");
        }
        if (Is("ProtectKernelModules")) script.Add("[ ! -d /usr/lib/modules ] || mount -t tmpfs -o mode=000 tmpfs /usr/lib/modules");
        // All that is mounted, by its own place; /dev, /proc and /sys are never meant.
        if (directives.GetValueOrDefault("ProtectSystem") is "strict")
            script.Add($"cut -d' ' -f5 /proc/self/mountinfo | while read -r at; do\ncase $at in {string.Concat(writable.Select(w => $"{w}|"))}/dev|/dev/*|/proc|/proc/*|/sys|/sys/*|/tmp|/var/tmp) ;; *) mount -o remount,bind,ro \"$at\" 2>/dev/null || : ;; esac\ndone");
        if (Is("ProtectControlGroups")) script.Add("mount -o remount,bind,ro /sys/fs/cgroup 2>/dev/null || :"); // a host of the bed has none
        if (directives.GetValueOrDefault("ProtectHome") is "read-only") script.Add("for home in /home /root; do [ ! -d $home ] || { mount --bind $home $home && mount -o remount,bind,ro $home; }; done");
        script.Add("exec \"$@\"");
        return string.Join('\n', script);
    }

    /// <summary>The program that lets others run under the unit's filters.</summary>
    string Compile()
    {
        var folder = Directory.CreateDirectory(Path.Combine(gateway.Host.Folder, "filter")).FullName;
        if (directives.GetValueOrDefault("SystemCallErrorNumber") is not "EPERM" || directives.GetValueOrDefault("SystemCallArchitectures") is not "native") throw new BedFailure("unit-filter.c answers EPERM, and knows one architecture");
        File.WriteAllText(Path.Combine(folder, "calls.h"), Numbers(Calls(Words("SystemCallFilter"))));
        File.WriteAllText(Path.Combine(folder, "denied.h"), Numbers(s_denied.Where(d => Is(d.Key)).SelectMany(d => d.Value)));
        File.WriteAllText(Path.Combine(folder, "families.h"), string.Join(", ", Words("RestrictAddressFamilies")));
        var made = Path.Combine(folder, "unit-filter");
        Command.Run(["cc", "-O1", "-I", folder, .. Is("RestrictNamespaces") ? (string[])["-DRESTRICT_NAMESPACES"] : [], .. Is("RestrictSUIDSGID") ? (string[])["-DRESTRICT_SUID_SGID"] : [],
            .. Is("RestrictRealtime") ? (string[])["-DRESTRICT_REALTIME"] : [], "-o", made, Checkout.Path("tests", "Interop", "Testbed", "unit-filter.c")]).ShouldSucceed();
        return made;
    }

    // A name that this architecture does not have is none that a program here could call.
    static string Numbers(IEnumerable<string> calls) => string.Concat(calls.Distinct().Select(c => $"#ifdef SYS_{c}\n    SYS_{c},\n#endif\n"));

    /// <summary>The calls of sets, by systemd's own list.</summary>
    static HashSet<string> Calls(IEnumerable<string> filter)
    {
        var sets = new Dictionary<string, List<string>>();
        List<string> current = [];
        foreach (var line in Command.Run("systemd-analyze", "--no-pager", "syscall-filter").ShouldSucceed().Output.Split('\n'))
        {
            if (line.Length == 0 || line.TrimStart()[0] == '#') continue;
            if (line[0] == '@') sets[line.Trim()] = current = [];
            else current.Add(line.Trim());
        }
        var all = new HashSet<string>();
        // What systemd adds to every list of what is allowed.
        var open = new Queue<string>([.. filter, "@default"]);
        while (open.TryDequeue(out var word))
            if (word[0] == '@') sets[word].ForEach(open.Enqueue);
            else all.Add(word);
        return all;
    }
}
