// The test bed: hosts in namespaces, the cables between them, and the collection of what they logged.
using System.Globalization;
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>A small network of hosts for one scene; nothing of it outlives the scene.</summary>
public sealed class Bed : IDisposable
{
    const string FolderPrefix = "cygnet-bed-";
    const int Shown = 60;
    static readonly Lock Once = new();
    static int number;
    static bool isSwept;

    readonly List<Host> hosts = [];
    readonly List<Wire> wires = [];

    public Bed(string scene) => Folder = NewFolder(scene);

    public string Folder { get; }

    public IReadOnlyList<Host> Hosts => hosts;

    public Host Host(string name)
    {
        var host = new Host(name, Path.Combine(Folder, name));
        hosts.Add(host);
        return host;
    }

    /// <summary>A host that runs an IPsec product.</summary>
    public Gateway Gateway(string name, Product product) => new(Host(name), product);

    /// <summary>A cable between two hosts, watched until the bed ends.</summary>
    public Wire Cable(Host a, string deviceA, Host b, string deviceB)
    {
        // Both ends are born inside their hosts: this machine's own namespace never sees them.
        Command.Run("ip", "link", "add", deviceA, "netns", $"{a.Pid}", "type", "veth", "peer", "name", deviceB, "netns", $"{b.Pid}").ShouldSucceed();
        var wire = new Wire(a, deviceA, b, deviceB);
        wires.Add(wire);
        a.Run("ip", "link", "set", deviceA, "up").ShouldSucceed();
        b.Run("ip", "link", "set", deviceB, "up").ShouldSucceed();
        return wire;
    }

    /// <summary>Plays a scene; if it fails, the failure carries the logs of every host.</summary>
    public void Play(Action scene)
    {
        try
        {
            scene();
        }
        catch (Exception e) when (e is not MirrorAway)
        {
            throw new BedFailure($"{e.Message}\n{e.StackTrace}\n{Logs()}", e);
        }
    }

    /// <summary>What the last commands of every host said, and the end of every log.</summary>
    public string Logs()
    {
        var text = new StringBuilder();
        foreach (var host in hosts)
            foreach (var ran in host.LastRan)
                text.AppendLine(CultureInfo.InvariantCulture, $"--- {ran.Command} ({ran.ExitCode})\n{string.Join('\n', ran.Text.TrimEnd().Split('\n').TakeLast(Shown))}");
        foreach (var host in hosts)
            foreach (var log in Directory.EnumerateFiles(host.Folder, "*.log").Order())
            {
                var lines = File.ReadAllLines(log);
                text.AppendLine(CultureInfo.InvariantCulture, $"--- {host.Name}: {Path.GetFileName(log)} ({lines.Length} lines)");
                foreach (var line in lines.TakeLast(Shown))
                    text.AppendLine(line);
                Keep(host, log);
            }
        return text.ToString();
    }

    public void Dispose()
    {
        foreach (var wire in wires)
            wire.Dispose();
        foreach (var host in hosts)
            host.Dispose();
        if (Environment.GetEnvironmentVariable("BED_KEEP") is null)
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A folder that a later run removes if this one is killed.</summary>
    internal static string NewFolder(string name)
    {
        lock (Once)
        {
            if (!isSwept)
                SweepStale();
            isSwept = true;
            number++;
            return Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"{FolderPrefix}{Environment.ProcessId}-{StartTime(Environment.ProcessId)}-{number}-{name}")).FullName;
        }
    }

    // The whole logs of a failed scene, where BED_LOGS says.
    void Keep(Host host, string log)
    {
        if (Environment.GetEnvironmentVariable("BED_LOGS") is not { Length: > 0 } logs)
            return;
        var scene = Path.GetFileName(Folder)[FolderPrefix.Length..].Split('-', 4)[3];
        Directory.CreateDirectory(Path.Combine(logs, scene));
        File.Copy(log, Path.Combine(logs, scene, $"{host.Name}-{Path.GetFileName(log)}"), overwrite: true);
    }

    // Hosts end with their owner by themselves; only the folders of an owner that was killed stay.
    static void SweepStale()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var parts = Path.GetFileName(folder)[FolderPrefix.Length..].Split('-');
            if (parts.Length > 2 && int.TryParse(parts[0], out var owner) && StartTime(owner) != parts[1])
                Directory.Delete(folder, recursive: true);
        }
    }

    // Process ids come again; with the start time (proc(5), field 22) they do not.
    static string StartTime(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return "gone";
        }
    }
}
