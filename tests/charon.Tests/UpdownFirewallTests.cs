// The default updown script, and the reference's where it is installed, with programs that only write down how they were called.
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Cygnet.Charon.Tests;

public sealed class UpdownFirewallTests : IDisposable
{
    const string Reference = "/usr/lib/ipsec/_updown", OwnPath = "PATH=\"/sbin:/bin:/usr/sbin:/usr/bin:/usr/sbin\"";

    readonly string _folder = Directory.CreateTempSubdirectory("updown").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static string Script([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src/charon/Scripts/_updown"));

    /// <summary>What strongSwan's charon tells about a tunnel between 192.0.2.1 and 192.0.2.2, with more to follow.</summary>
    static Dictionary<string, string> Told(string verb, params (string, string)[] more)
    {
        var v6 = verb.EndsWith("-v6", StringComparison.Ordinal);
        var told = new Dictionary<string, string>
        {
            ["PLUTO_VERSION"] = "1.1", ["PLUTO_VERB"] = verb, ["PLUTO_CONNECTION"] = "net-net", ["PLUTO_INTERFACE"] = "eth0", ["PLUTO_REQID"] = "7", ["PLUTO_PROTO"] = "esp",
            ["PLUTO_ME"] = v6 ? "2001:db8::1" : "192.0.2.1", ["PLUTO_PEER"] = v6 ? "2001:db8::2" : "192.0.2.2", ["PLUTO_MY_ID"] = "moon", ["PLUTO_PEER_ID"] = "C=CH, CN=sun",
            ["PLUTO_MY_CLIENT"] = v6 ? "fd01::/64" : "10.1.0.0/16", ["PLUTO_PEER_CLIENT"] = v6 ? "fd02::/64" : "10.2.0.0/16", ["PLUTO_MY_PORT"] = "0", ["PLUTO_PEER_PORT"] = "0",
            ["PLUTO_MY_PROTOCOL"] = "0", ["PLUTO_PEER_PROTOCOL"] = "0",
        };
        foreach (var (name, value) in more) told[name] = value;
        return told;
    }

    (int ExitCode, string Output, string Errors, string[] Calls) Run(string script, Dictionary<string, string> told, string tools = "iptables ip6tables logger", params string[] args)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        foreach (var old in Directory.EnumerateFiles(bin)) File.Delete(old);
        var calls = Path.Combine(_folder, "calls");
        File.WriteAllText(calls, "");
        foreach (var tool in tools.Split(' '))
        {
            var path = Path.Combine(bin, tool);
            File.WriteAllText(path, $"#!/bin/sh\necho \"{tool} $*\" >> {calls}\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        foreach (var tool in (string[])["tr", "sed", "grep"]) File.CreateSymbolicLink(Path.Combine(bin, tool), $"/usr/bin/{tool}");
        // The reference's sets a PATH of its own, where the real programs are.
        var copy = Path.Combine(_folder, "_updown");
        File.WriteAllText(copy, File.ReadAllText(script).Replace(OwnPath, "", StringComparison.Ordinal));
        var start = new ProcessStartInfo("/bin/sh", [copy, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["PATH"] = bin;
        foreach (var (name, value) in told) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
        process.WaitForExit();
        return (process.ExitCode, output, errors, [.. File.ReadAllLines(calls).Select(Plain)]);
    }

    // -w waits for another iptables, protocol 0 is any, numbers are names: the same rule in other words.
    static string Plain(string call) => call.StartsWith("logger", StringComparison.Ordinal) ? call.Replace(" -- ", " ", StringComparison.Ordinal) : string.Join(' ',
        $" {call} ".Replace(" -w ", " ", StringComparison.Ordinal).Replace(" -p 0 ", " ", StringComparison.Ordinal).Replace(" tcp ", " 6 ", StringComparison.Ordinal)
            .Replace(" icmp ", " 1 ", StringComparison.Ordinal).Replace(" ipv6-icmp ", " 58 ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

    public static TheoryData<string, string[]> Tunnels()
    {
        var all = new TheoryData<string, string[]>();
        foreach (var verb in (string[])["up-client", "down-client", "up-host", "down-host", "up-client-v6", "down-client-v6", "up-host-v6", "down-host-v6"])
        {
            all.Add(verb, []);
            all.Add(verb, ["PLUTO_HOST_ACCESS=1"]);
            all.Add(verb, ["PLUTO_IPCOMP=1"]);
            all.Add(verb, ["PLUTO_MY_PROTOCOL=6", "PLUTO_PEER_PROTOCOL=6", "PLUTO_MY_PORT=80", "PLUTO_HOST_ACCESS=1"]);
            all.Add(verb, ["PLUTO_PEER_CLIENT=" + (verb.EndsWith("-v6", StringComparison.Ordinal) ? "2001:db8::2/128" : "192.0.2.2/32")]);
            var icmp = verb.EndsWith("-v6", StringComparison.Ordinal) ? 58 : 1;
            all.Add(verb, [$"PLUTO_MY_PROTOCOL={icmp}", $"PLUTO_PEER_PROTOCOL={icmp}", "PLUTO_MY_PORT=8"]);
            all.Add(verb, [$"PLUTO_MY_PROTOCOL={icmp}", $"PLUTO_PEER_PROTOCOL={icmp}", "PLUTO_MY_PORT=3", "PLUTO_PEER_PORT=4"]);
        }
        all.Add("up-client", ["PLUTO_MY_SOURCEIP=10.3.0.1", "PLUTO_MY_CLIENT=10.3.0.1/32"]);
        return all;
    }

    /// <summary>With the kernel's data plane the rules are the reference's, and so is the line of syslog.</summary>
    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Iptables_and_syslog_are_told_what_the_reference_tells_them(string verb, string[] more)
    {
        if (!File.Exists(Reference)) return;
        var told = Told(verb, [.. more.Select(m => (m.Split('=')[0], m.Split('=')[1]))]);
        var theirs = Run(Reference, told, args: "iptables");
        var ours = Run(Script(), told, args: "iptables");
        Assert.Equal(theirs.Calls.Order(StringComparer.Ordinal), ours.Calls.Order(StringComparer.Ordinal));
        Assert.Equal((0, "", ""), (ours.ExitCode, ours.Output, ours.Errors));
        Assert.Contains(ours.Calls, c => c.StartsWith("logger -t vpn -p local0.notice", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "up-client", new[] { "iptables" })]
    [InlineData("2.0", "up-client", new[] { "iptables" })]
    [InlineData("1.1", "up-client", new[] { "nosuch" })]
    [InlineData("1.1", "up-client", new[] { "iptables", "more" })]
    [InlineData("1.1", "nosuch", new[] { "iptables" })]
    [InlineData("1.1", "nosuch", new string[0])]
    [InlineData("1.1", "down-host", new string[0])]
    public void What_it_does_not_know_is_said_as_the_reference_says_it(string version, string verb, string[] args)
    {
        if (!File.Exists(Reference)) return;
        var told = Told(verb, ("PLUTO_VERSION", version));
        var (theirs, ours) = (Run(Reference, told, args: args), Run(Script(), told, args: args));
        Assert.Equal((theirs.ExitCode, theirs.Output, theirs.Errors), (ours.ExitCode, ours.Output, ours.Errors));
        Assert.Empty(ours.Calls);
    }

    /// <summary>What goes up comes down again, rule by rule.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("ipsec0")]
    public void Every_rule_of_iptables_is_taken_away(string tun)
    {
        (string, string)[] more = tun.Length > 0 ? [("CYGNET_TUN", tun), ("PLUTO_HOST_ACCESS", "1"), ("PLUTO_IPCOMP", "1")] : [("PLUTO_HOST_ACCESS", "1"), ("PLUTO_IPCOMP", "1")];
        string[] Rules(string verb) => [.. Run(Script(), Told(verb, more), args: "iptables").Calls.Where(c => !c.StartsWith("logger", StringComparison.Ordinal))
            .Select(c => string.Join(' ', c.Split(' ').Where(w => w is not ("-I" or "-D" or "1")))).Order(StringComparer.Ordinal)];
        var up = Rules("up-client");
        Assert.Equal(5, up.Length);
        Assert.Equal(up, Rules("down-client"));
        Assert.All(up, rule => Assert.Equal(tun.Length > 0, rule.Contains(tun.Length > 0 ? tun : "no device") && !rule.Contains("policy")));
    }

    /// <summary>A packet has to pass both.</summary>
    [Theory]
    [InlineData("iptables ip6tables nft logger", 2, true)]
    [InlineData("nft logger", 0, true)]
    [InlineData("iptables ip6tables logger", 2, false)]
    public void Rules_go_to_every_firewall_that_is_there(string tools, int iptables, bool nft)
    {
        var ran = Run(Script(), Told("up-client", ("CYGNET_TUN", "ipsec0")), tools, "iptables");
        Assert.Equal((0, "", ""), (ran.ExitCode, ran.Output, ran.Errors));
        Assert.Equal(iptables, ran.Calls.Count(c => c.Split(' ').Contains("iptables")));
        Assert.Equal(nft, ran.Calls.Any(c => c.Split(' ').Contains("insert")));
    }

    [Fact]
    public void Where_there_is_neither_it_says_so()
    {
        var ran = Run(Script(), Told("up-client"), tools: "logger", args: "iptables");
        Assert.Equal((1, ""), (ran.ExitCode, ran.Output));
        Assert.Contains("neither iptables nor nft is here, no rules for net-net", ran.Errors);
    }
}
