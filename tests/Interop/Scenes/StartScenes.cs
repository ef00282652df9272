// ipsec start with each of the starter's options, and ipsec PROGRAM with the environment that ipsec(8) names: strongSwan and the subject say and do the same.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class StartScenes
{
    const string Conf = """
        config setup

        conn %default
        	keyexchange=ikev2
        	authby=secret
        	left=192.168.0.1
        	auto=add

        conn first
        	right=192.168.0.2
        	rightsubnet=10.2.0.0/24

        """;

    /// <summary>A program that tells how it was called; it leaves with a code of its own.</summary>
    const string Teller = "#!/bin/sh\necho \"$0 $# <$1> <$2>\"\nenv | grep -E '^(IPSEC_|PATH=/sbin|DAEMON_NAME)' | sort\necho complaint >&2\nexit 5\n";

    static SideBySide Compare(Pair reference, Pair ours)
    {
        var both = new SideBySide(reference.Moon, ours.Moon);
        both.Ignore(@"^!!.*\n", "the bed's reference has a list of plugins to load");
        both.Allow(@"^(standard error: )?\S+:\d+:\d+: .*\n", "a wrong line in ipsec.conf or ipsec.secrets");
        return both;
    }

    static void Play(string scene, Action<Pair, Pair, SideBySide> scenes)
    {
        using Pair reference = Pair.Compared(scene, Product.StrongSwan, Conf, "config setup\n"), ours = Pair.Compared(scene, Subject.Product, Conf, "config setup\n");
        ours.Bed.Play(() =>
        {
            var both = Compare(reference, ours);
            scenes(reference, ours, both);
            both.ShouldAgree();
        });
    }

    static void Await(Pair reference, Pair ours, string conn)
    {
        foreach (var pair in (Pair[])[reference, ours]) Wait.Until($"{pair.Moon.Product} has '{conn}'", () => pair.Moon.Host.Run("ipsec", "statusall").Output.Contains($" {conn}: "));
    }

    [Fact]
    public void What_start_refuses_and_checks() => Play("start-options", (reference, ours, both) =>
    {
        foreach (var moon in (Gateway[])[reference.Moon, ours.Moon])
        {
            moon.Write("ipsec.d/good.conf", "ca far\n\tcacert=far.pem\n\tauto=ignore\n" + Conf.Replace("first", "good"));
            moon.Write("ipsec.d/warned.conf", "config setup\n\tuniqueids=no\n\tplutostart=no\nconn warned\n\tlfet=1.2.3.4\n\tike=\n\tauto=ignore\nconn bad\n\tauto=nosuch\n\tikelifetime=9x\n");
            moon.Write("ipsec.d/bad.conf", "conn bad\n\talso=missing\n");
        }
        foreach (var line in (string[])["--nosuch", "--help", "stray", "--auto-update", "--auto-update 0", "--auto-update nosuch", "--conf", "--daemon", "--nofork --nosuch",
            "--conftest", "--conftest --nolog", "--conftest --conf /nowhere/ipsec.conf", "--conf /nowhere/ipsec.conf"])
            both.Same(["ipsec", "start", .. line.Split(' ')]);
        foreach (var options in (string[])["--conftest", "--debug --conftest", "--debug-more --conftest", "--debug-all --conftest --debug-more", "--conftest --nolog"])
            foreach (var file in (string[])["good", "warned", "bad"])
                both.Same("sh", "-c", $"cd $(ipsec --confdir) && ipsec start {options} --conf ipsec.d/{file}.conf");
        foreach (var options in (string[])["", "--nofork", "--debug", "--debug-more", "--debug-all --debug", "--nolog"])
            both.Same("sh", "-c", $"cd $(ipsec --confdir) && timeout 5 ipsec start {options} --conf ipsec.d/bad.conf");
    });

    /// <summary>What the starter says while it stays in the foreground, with and without more of it, and what it obeys.</summary>
    [Theory]
    [InlineData("--nofork")]
    [InlineData("--nofork --debug")]
    public void In_the_foreground(string options) => Play("nofork", (reference, ours, both) =>
    {
        both.Ignore(@"(?<=\()\d+(?=\) started after)|(?<=^child )\d+(?= )|(?<= after )\d+(?= ms)", "process ids and times");
        both.Allow(@"^\n", "`ipsec start --nofork`");
        both.Ignore(@"^\d\d\[.*\n", "the daemon's own log comes in between");
        using Background theirs = reference.Moon.Host.Start(["ipsec", "start", .. options.Split(' ')]), own = ours.Moon.Host.Start(["ipsec", "start", .. options.Split(' ')]);
        Await(reference, ours, "first");
        both.Same("ipsec", "start", "--nofork");
        foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Write("ipsec.conf", Conf.Replace("first", "other"));
        both.Same("ipsec", "update");
        Await(reference, ours, "other");
        foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Write("ipsec.conf", "conn bad\n\talso=missing\n");
        both.Same("ipsec", "reload");
        foreach (var running in (Background[])[theirs, own]) Wait.Until("the reload is refused", () => running.Said.Contains("keeping old one"));
        both.Same("ipsec", "stop");
        foreach (var running in (Background[])[theirs, own]) Wait.Until("the starter has ended", () => running.HasEnded);
        both.SameText("exit code", $"{theirs.ExitCode(TimeSpan.FromSeconds(5))}", $"{own.ExitCode(TimeSpan.FromSeconds(5))}");
        both.SameText($"ipsec start {options}", theirs.Said, own.Said);
    });

    [Fact]
    public void Another_file_and_updates_by_themselves() => Play("auto-update", (reference, ours, both) =>
    {
        foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Write("ipsec.d/other.conf", Conf.Replace("first", "there"));
        both.Same("sh", "-c", "cd $(ipsec --confdir) && exec ipsec start --auto-update 1 --conf $PWD/ipsec.d/other.conf");
        Await(reference, ours, "there");
        both.Same("ipsec", "status");
        foreach (var pair in (Pair[])[reference, ours]) pair.Moon.Write("ipsec.d/other.conf", Conf.Replace("first", "changed"));
        Await(reference, ours, "changed");
        both.Same("ipsec", "statusall");
        both.Same("ipsec", "restart", "--nolog");
        Await(reference, ours, "first");
        both.Same("ipsec", "start", "--nolog");
        both.Same("ipsec", "start", "--debug");
        both.Same("ipsec", "stop");
    });

    /// <summary>There --daemon names a program; here charon runs under that name. A debugger of theirs is of no use to ours.</summary>
    [Fact]
    public void Options_that_differ() => Play("daemon-name", (reference, ours, both) =>
    {
        Assert.Equal(1, reference.Moon.Host.Run("ipsec", "start", "--daemon", "other").ShouldSay("IKE daemon '/usr/lib/ipsec/other' not found").ExitCode);
        if (ours.Moon.Product != Product.Cygnet) return;
        ours.Moon.Host.Run("ipsec", "start", "--daemon", "other").ShouldSucceed();
        Wait.Until("it answers under its name", () => ours.Moon.Host.Run("env", "DAEMON_NAME=other", "ipsec", "statusall").Output.Contains(" first: "));
        ours.Moon.Host.Run("sh", "-c", "cat /run/other.pid /run/starter.other.pid").ShouldSucceed();
        Assert.Equal(3, ours.Moon.Host.Run("ipsec", "status").ExitCode);
        ours.Moon.Host.Run("env", "DAEMON_NAME=other", "ipsec", "stop").ShouldSucceed().ShouldSay("Stopping Cygnet IPsec...");
        ours.Moon.Host.Run("ls", "/run").ShouldNotSay("other");
        Assert.Equal(2, ours.Moon.Host.Run("ipsec", "start", "--attach-gdb", "--conf", "/nowhere/ipsec.conf").ShouldSay("--attach-gdb has no effect: ").ExitCode);
    });

    /// <summary>The reference runs those of a list; two of them are on both hosts, and here they tell what they are given.</summary>
    [Fact]
    public void Programs_and_their_environment() => Play("programs", (reference, ours, both) =>
    {
        both.Ignore(@"(?<=^IPSEC_S?BINDIR=)/usr|(?<=^)/usr(?=/bin/pki )", "where it is installed");
        both.Allow(@"(?<=^IPSEC_VERSION=U)[\d.]+", "every text");
        foreach (var pair in (Pair[])[reference, ours])
        {
            pair.Moon.Write("teller", Teller);
            File.SetUnixFileMode(pair.Moon.PathOf("teller"), (UnixFileMode)0b111_101_101);
            pair.Moon.Host.Shell($"mount --bind {pair.Moon.PathOf("teller")} $(ipsec --directory)/_updown && mount --bind {pair.Moon.PathOf("teller")} $(readlink -f $(dirname $(command -v ipsec))/../bin/pki)").ShouldSucceed();
        }
        foreach (var program in (string[])["_updown", "pki"])
        {
            both.Same("ipsec", program);
            both.Same("ipsec", program, "a b", "--c");
            both.Same("env", "DAEMON_NAME=other", "IPSEC_NAME=x", "IPSEC_VERSION=y", "IPSEC_SCRIPT=z", "ipsec", program, "");
            both.Same("sh", "-c", $"ipsec=$(command -v ipsec); PATH= exec $ipsec {program}");
        }
        foreach (var nothing in (string[])["aikgen", "pool", "conftest", "scepclient", "nosuch", "../bin/sh", "./_updown", "starter", "charon", "ipsec"]) both.Same("ipsec", nothing, "a");
    });
}
