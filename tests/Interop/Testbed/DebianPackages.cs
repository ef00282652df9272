// Debian's packages for the roots of a run: fetched by this machine's apt over one connection, and one debootstrap of which every root is a copy.
namespace Cygnet.Interop.Testbed;

/// <summary>Lists and packages of the mirror that this machine's apt uses, in a folder of the run. A scene asks for what it needs; what is there is not fetched again.</summary>
sealed class DebianPackages
{
    // A busy machine and a slow mirror.
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    // What every root has besides the packages without which Debian calls nothing a system; usr-is-merged, or apt takes usrmerge and all of perl.
    static readonly string[] s_base = ["usr-is-merged", "libssl3", "libstdc++6", "iproute2", "iputils-ping"];

    // What apt and debootstrap say of it.
    static readonly string[] s_away = ["Failed to fetch", "Unable to fetch", "Temporary failure resolving", "Could not resolve", "Could not connect", "Failed getting release file", "Couldn't download"];

    static readonly Lazy<(string Mirror, string Suite)?> s_source = new(Find);
    static readonly Lazy<DebianPackages> s_ofThisRun = new(() => new DebianPackages());

    readonly string folder = Bed.NewFolder("debian");
    readonly string mirror, suite;
    readonly Lock fetching = new();

    DebianPackages()
    {
        (mirror, suite) = Source ?? throw new BedFailure("no package mirror");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove();
        foreach (var name in (ReadOnlySpan<string>)["lists/partial", "archives/partial", "own", "root"]) Directory.CreateDirectory(Path.Combine(folder, name));
        File.WriteAllText(Path.Combine(folder, "sources.list"), $"deb {mirror} {suite} main\n");
        File.WriteAllText(Status, "");
        Apt("update");
        Apt(["--download-only", "install", "?priority(required)", "?essential", "apt", .. s_base]);
        Bootstrap();
    }

    public static DebianPackages OfThisRun => s_ofThisRun.Value;

    /// <summary>Where to get Debian from; null if this machine's apt names no such mirror, or it cannot be reached.</summary>
    public static (string Mirror, string Suite)? Source => s_source.Value;

    /// <summary>The lists of packages, as apt wants them in /var/lib/apt/lists.</summary>
    public string Lists => Path.Combine(folder, "lists");

    /// <summary>The packages, as apt wants them in /var/cache/apt/archives.</summary>
    public string Archives => Path.Combine(folder, "archives");

    /// <summary>What the scenes have built themselves.</summary>
    public string Own => Path.Combine(folder, "own");

    /// <summary>The root that every other is a copy of.</summary>
    public string Tar => Path.Combine(folder, "root.tar");

    string Status => Path.Combine(folder, "status");

    /// <summary>Fetches packages, and whatever a root lacks for them.</summary>
    public void Fetch(params ReadOnlySpan<string> packages)
    {
        lock (fetching) Apt(["--download-only", "install", .. packages]);
    }

    /// <summary>Fetches these packages alone, though they may exclude each other.</summary>
    /// <returns>Their files.</returns>
    public string[] FetchAlone(params ReadOnlySpan<string> packages)
    {
        var alone = Directory.CreateDirectory(Path.Combine(folder, "alone")).FullName;
        string[] command = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", alone, .. AptGet, "download", .. packages];
        lock (fetching) Fetched(() => Command.Run(s_patience, null, command));
        return [.. Directory.EnumerateFiles(alone, "*.deb").Order(StringComparer.Ordinal)];
    }

    /// <summary>The binary packages that are built from a source package.</summary>
    public string[] BuiltFrom(string source) =>
    [
        .. Command.Run(["apt-cache", .. Options, "dumpavail"]).ShouldSucceed().Output.Split("\n\n").Select(Fields)
            .Where(f => f.GetValueOrDefault("Source", f.GetValueOrDefault("Package", "")).Split(' ')[0] == source).Select(f => f["Package"]).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The fields of a package's record, each with its first line.</summary>
    internal static Dictionary<string, string> Fields(string record) =>
        record.Split('\n').Where(line => line.Length > 0 && line[0] != ' ').Select(line => line.Split(": ", 2)).Where(pair => pair.Length == 2).GroupBy(pair => pair[0]).ToDictionary(g => g.Key, g => g.First()[1]);

    void Remove()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A mount is in the way, or a program that still writes: the next run sweeps the folder up.
        }
    }

    // What debootstrap mounts meanwhile, it mounts for itself; in memory, where dpkg's many calls for the disk cost nothing.
    void Bootstrap() => Fetched(() => Command.Run(s_patience, null, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "--mount-proc", "sh", "-ec", $"""
        mount -t tmpfs -o mode=755 tmpfs {folder}/root
        debootstrap --variant=minbase --cache-dir={Archives} --include={string.Join(',', s_base)} {suite} {folder}/root {mirror}
        cp {folder}/root/var/lib/dpkg/status {Status}
        tar -C {folder}/root --one-file-system --exclude ./dev/* --exclude ./proc/* --exclude ./sys/* -cf {Tar} .
        """));

    void Apt(params ReadOnlySpan<string> words)
    {
        string[] command = [.. AptGet, .. words];
        Fetched(() => Command.Run(s_patience, null, command));
    }

    /// <summary>Tries it again if it fails for what the mirror does not give, and the mirror is there.</summary>
    /// <exception cref="MirrorAway">It is not, or it went on failing for that.</exception>
    void Fetched(Func<Ran> fetch)
    {
        const int tries = 3;
        for (var tried = 1; ; tried++)
        {
            var ran = fetch();
            if (ran.ExitCode == 0) return;
            if (!s_away.Any(ran.Text.Contains)) ran.ShouldSucceed();
            if (tried == tries || !Answers(mirror, suite)) throw new MirrorAway(ran.Text.Trim().Split('\n')[^1]);
        }
    }

    string[] AptGet => ["apt-get", .. Options, "-qq", "-y", "--no-install-recommends"];

    // The machine's apt with its proxy and its keys, but with lists, packages and an installed system of the run's own.
    string[] Options =>
    [
        "-o", $"Dir::State::lists={Lists}", "-o", $"Dir::State::status={Status}", "-o", $"Dir::Cache={folder}", "-o", $"Dir::Cache::archives={Archives}",
        "-o", $"Dir::Etc::sourcelist={folder}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::Etc::preferences=/dev/null", "-o", "Dir::Etc::preferencesparts=/dev/null",
        "-o", "Acquire::Languages=none", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=1", "-o", "APT::Update::Error-Mode=any", "-o", "APT::Sandbox::User=root",
    ];

    static (string Mirror, string Suite)? Find()
    {
        if (!OperatingSystem.IsLinux() || !Has("debootstrap") || !Has("apt-get") || !Has("wget")) return null;
        var named = File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))?.Split('=')[1].Trim('"');
        var targets = Command.Run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages").Output;
        var from = targets.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words.Length == 3 && words[1] == named && words[2] == "main")?[0];
        return from is not null && Answers(from, named!) ? (from, named!) : null;
    }

    static bool Answers(string mirror, string suite) => Command.Run("wget", "-q", "--spider", "--timeout=15", "--tries=2", $"{mirror}dists/{suite}/InRelease").ExitCode == 0;

    static bool Has(string program) => Command.Run("sh", "-c", $"command -v {program}").ExitCode == 0;
}
