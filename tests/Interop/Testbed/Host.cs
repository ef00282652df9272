// A machine of the bed: network, mount, process and name namespaces of its own, held by one process.
using System.Diagnostics;

namespace Cygnet.Interop.Testbed;

/// <summary>A host in namespaces that vanish, with everything in them, when its holder ends.</summary>
public sealed class Host : IDisposable
{
    // The holder is process 1 of the host: it reaps what is left to it, and as it reads from a pipe that only the
    // bed's process holds, the whole host ends with the bed, also when the bed is killed.
    const string HolderScript = """
        hostname "$0"
        mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/lock || exit 1
        mount -t tmpfs tmpfs /sys && mount -t sysfs sysfs /sys
        for setting in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 >/proc/sys/net/$setting; done
        for setting in ipv4/conf/all/rp_filter ipv4/conf/default/rp_filter ipv6/conf/default/accept_dad ipv6/conf/default/accept_ra; do echo 0 >/proc/sys/net/$setting; done
        ip link set lo up
        echo ready
        while read -r line; do :; done
        """;

    // A failure shows what the last few commands said: enough for a ping that lost a packet.
    const int Remembered = 4;

    readonly Process holder;
    readonly int pid;
    readonly Queue<Ran> lastRan = [];

    internal Host(string name, string folder)
    {
        Name = name;
        Folder = folder;
        Directory.CreateDirectory(folder);
        holder = Command.Start(["unshare", "--mount", "--net", "--pid", "--uts", "--fork", "--kill-child",
            "--propagation", "private", "--mount-proc", "bash", "-c", HolderScript, name], withInput: true);
        var said = holder.StandardOutput.ReadLine();
        if (said != "ready")
            throw new BedFailure($"cannot make host {name}: {said} {holder.StandardError.ReadToEnd()}");
        pid = int.Parse(File.ReadAllText($"/proc/{holder.Id}/task/{holder.Id}/children").Split(' ')[0]);
        Net = new NetNamespace(pid);
    }

    public string Name { get; }

    /// <summary>The host's files on this machine: configuration and logs.</summary>
    public string Folder { get; }

    public NetNamespace Net { get; }

    /// <summary>The host's process 1, as this machine sees it.</summary>
    public int Pid => pid;

    /// <summary>What commands on this host find first in PATH.</summary>
    public string? ExtraPath { get; set; }

    /// <summary>Runs a command to its end; its exit code is the caller's to judge.</summary>
    public Ran Run(params ReadOnlySpan<string> words) => RunFor(Command.Patience, words);

    public Ran RunFor(TimeSpan patience, params ReadOnlySpan<string> words)
    {
        var ran = Command.Run(patience, null, Entering(words));
        ran = ran with { Command = $"{Name}: {string.Join(' ', words)}" };
        lock (lastRan)
        {
            lastRan.Enqueue(ran);
            if (lastRan.Count > Remembered) lastRan.Dequeue();
        }
        return ran;
    }

    /// <summary>The last commands that ran here to their end, oldest first.</summary>
    public IReadOnlyList<Ran> LastRan
    {
        get
        {
            lock (lastRan)
                return [.. lastRan];
        }
    }

    public Ran Shell(string script) => Run("bash", "-c", script);

    /// <summary>Starts a command that lives until it is disposed, or the host is.</summary>
    public Background Start(params ReadOnlySpan<string> words) => new(this, Command.Start(Entering(words)));

    /// <summary>Lends this host a file or folder at another place; seen by this host alone.</summary>
    public void Bind(string source, string target) => Run("mount", "--bind", source, target).ShouldSucceed();

    public void AddAddress(string device, params ReadOnlySpan<string> addresses)
    {
        foreach (var address in addresses)
            Run(address.Contains(':') ? ["ip", "addr", "add", address, "dev", device, "nodad"]
                : ["ip", "addr", "add", address, "dev", device]).ShouldSucceed();
    }

    /// <summary>Every address, route, rule and kernel SA, for comparing before with after.</summary>
    public string Addressing() => Shell("""
        { ip -o addr show | sed 's/ *\\ .*//'; ip -4 route show table all; ip -6 route show table all; ip rule; ip -6 rule; ip xfrm policy; ip xfrm state; } 2>/dev/null |
            grep -vE '^unreachable|fe80::|ff00::' | sed -E 's/ (linkdown|tentative|expires [0-9]+sec)//g'
        """).Output; // the kernel's own link-local addresses come when they like

    string[] Entering(ReadOnlySpan<string> words)
    {
        List<string> all = ["nsenter", "-t", $"{pid}", "-m", "-n", "-p", "-u", "--"];
        if (ExtraPath is not null)
            all.AddRange(["env", $"PATH={ExtraPath}:{Environment.GetEnvironmentVariable("PATH")}"]);
        all.AddRange(words);
        return [.. all];
    }

    public void Dispose()
    {
        holder.StandardInput.Close();
        if (!holder.WaitForExit(TimeSpan.FromSeconds(5)))
            holder.Kill(entireProcessTree: true);
        holder.Dispose();
    }
}
