// A Debian of its own in memory, and a host whose programs are those of that root.
namespace Cygnet.Interop.Testbed;

/// <summary>A minimal root, seen by its host alone; it ends with the host.</summary>
sealed class DebianRoot
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    readonly Host host;
    readonly string folder;

    /// <summary>Unpacks the root of this run; as /mnt it sees what the run has built itself.</summary>
    public DebianRoot(Host host)
    {
        this.host = host;
        folder = Path.Combine(host.Folder, "root");
        var packages = DebianPackages.OfThisRun;
        host.RunFor(s_patience, "sh", "-ec", $"""
            mkdir {folder}
            mount -t tmpfs -o mode=755 tmpfs {folder}
            cd {folder}
            tar -xpf {packages.Tar}
            mount --bind {packages.Own} mnt
            mount --bind {packages.Lists} var/lib/apt/lists
            mount --bind {packages.Archives} var/cache/apt/archives
            mount -t proc proc proc
            mount -t tmpfs -o mode=755 tmpfs run
            mkdir -p run/lock
            mount -t tmpfs -o mode=755 tmpfs dev
            mkdir -p dev/net
            for device in null zero full random urandom tty net/tun; do touch dev/$device; mount --bind /dev/$device dev/$device; done
            """).ShouldSucceed();
    }

    /// <summary>Where a file of the root lies as this process sees it.</summary>
    public string PathOf(string path) => $"/proc/{host.Pid}/root{folder}{path}";

    /// <summary>Runs a command in the root, in the namespaces of its host.</summary>
    public Ran Run(params ReadOnlySpan<string> words) =>
        host.RunFor(s_patience, [.. (ReadOnlySpan<string>)["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive", "chroot", folder], .. words]);

    public Ran Shell(string script) => Run("sh", "-c", script);

    /// <summary>Installs Debian's packages as an administrator would, but for the questions: a configuration file that is there stays.</summary>
    public Ran Install(params ReadOnlySpan<string> packages)
    {
        DebianPackages.OfThisRun.Fetch(packages);
        return Run([.. (ReadOnlySpan<string>)["apt-get", "-qq", "-y", "--no-download", "--no-install-recommends", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Options::=--force-confold", "install"], .. packages]).ShouldSucceed();
    }

    public void Write(string path, string text, UnixFileMode? mode = null)
    {
        File.WriteAllText(PathOf(path), text);
        if (mode is { } bits) File.SetUnixFileMode(PathOf(path), bits);
    }

    public string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Every file there is with its mode and owner, but for the package system's own records and what comes and goes by itself.</summary>
    public string[] Files() =>
    [
        .. Shell("find / -xdev -printf '%M %u %p\\n' | grep -vE ' /(proc|dev|run|tmp|mnt|var/log|var/cache|var/lib/dpkg|var/lib/apt)(/|$)' | sort").ShouldSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries),
    ];

    /// <summary>What is in /run, and which programs run.</summary>
    public string Running() => Shell("find /run -mindepth 1 | sort; ls -d /proc/[0-9]*/exe | xargs -n1 readlink 2>/dev/null | grep -E 'ipsec|charon|starter' || true").Output;
}
