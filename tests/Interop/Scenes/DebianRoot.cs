// A Debian of its own in a folder of a scene: debootstrap from the mirror that this machine's apt uses, and a host whose programs are those of that root.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

/// <summary>A minimal root; its mounts are seen by its host alone and end with it.</summary>
sealed class DebianRoot(Host host, string folder)
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    public string Folder => folder;

    /// <summary>Where to get Debian from; null if this machine's apt names no such mirror, or it cannot be reached.</summary>
    public static (string Mirror, string Suite)? Source()
    {
        if (!OperatingSystem.IsLinux() || !Has("debootstrap") || !Has("apt-get") || !Has("wget")) return null;
        var suite = File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))?.Split('=')[1].Trim('"');
        var targets = Command.Run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages").Output;
        var mirror = targets.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words.Length == 3 && words[1] == suite && words[2] == "main")?[0];
        return mirror is not null && Command.Run("wget", "-q", "--spider", "--timeout=15", "--tries=2", $"{mirror}dists/{suite}/InRelease").ExitCode == 0 ? (mirror, suite!) : null;
    }

    static bool Has(string program) => Command.Run("sh", "-c", $"command -v {program}").ExitCode == 0;

    /// <summary>Makes the root, with these packages more. What debootstrap mounts meanwhile, it mounts for itself.</summary>
    public static DebianRoot Make(Host host, string folder, params ReadOnlySpan<string> packages)
    {
        var (mirror, suite) = Source() ?? throw new BedFailure("no package mirror");
        Command.Run(s_patience, null, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "--mount-proc",
            "debootstrap", "--variant=minbase", $"--include={string.Join(',', packages)}", suite, folder, mirror).ShouldSucceed();
        var root = new DebianRoot(host, folder);
        // Whether the root has devices depends on what debootstrap was allowed to do.
        host.Shell($"""
            set -e
            cd {folder}
            mount -t proc proc proc
            mount -t tmpfs -o mode=755 tmpfs run
            mkdir -p run/lock
            mount -t tmpfs -o mode=755 tmpfs dev
            mkdir -p dev/net
            for device in null zero full random urandom tty net/tun; do touch dev/$device; mount --bind /dev/$device dev/$device; done
            """).ShouldSucceed();
        return root;
    }

    /// <summary>Runs a command in the root, in the namespaces of its host.</summary>
    public Ran Run(params ReadOnlySpan<string> words) =>
        host.RunFor(s_patience, [.. (ReadOnlySpan<string>)["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "chroot", folder], .. words]);

    public Ran Shell(string script) => Run("sh", "-c", script);

    public void Write(string path, string text) => File.WriteAllText(folder + path, text);

    public string Read(string path) => File.ReadAllText(folder + path);

    /// <summary>Every file there is with its mode and owner, but for the package system's own records and what comes and goes by itself.</summary>
    public string[] Files() =>
    [
        .. Shell("find / -xdev -printf '%M %u %p\\n' | grep -vE ' /(proc|dev|run|tmp|var/log|var/cache|var/lib/dpkg|var/lib/apt)(/|$)' | sort").ShouldSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>What is in /run, and which programs run.</summary>
    public string Running() => Shell("find /run -mindepth 1 | sort; ls -d /proc/[0-9]*/exe | xargs -n1 readlink 2>/dev/null | grep -E 'ipsec|charon|starter' || true").Output;
}

/// <summary>A fact that needs Debian's packages.</summary>
sealed class DebianFactAttribute : FactAttribute
{
    public DebianFactAttribute()
    {
        if (DebianRoot.Source() is null) Skip = "needs debootstrap, wget and the package mirror of this machine's apt";
    }
}
