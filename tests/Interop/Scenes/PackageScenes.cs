// The Debian package on a root of its own: it takes over from strongSwan, carries a tunnel, is upgraded under it, and goes without a trace.
using System.Text.RegularExpressions;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class PackageScenes
{
    const string Conf = """
        config setup

        conn net-net
        	keyexchange=ikev2
        	left=192.168.0.1
        	leftid=@moon.cygnet.test
        	leftsubnet=10.1.0.0/16
        	right=192.168.0.2
        	rightid=@sun.cygnet.test
        	rightsubnet=10.2.0.0/16
        	authby=secret
        	auto=add

        """;

    const string Secrets = $"@moon.cygnet.test @sun.cygnet.test : PSK \"{Pair.Secret}\"\n";

    // Built as soon as a scene asks.
    static readonly Lazy<string> s_first = new(() => Package("0.1.0-1")), s_second = new(() => Package("0.1.0-2"));

    [DebianFact]
    public void The_package_installs_upgrades_and_goes()
    {
        using var bed = new Bed("package");
        bed.Play(() =>
        {
            var (moon, root, wire) = Facing(bed);
            root.Install("strongswan", "strongswan-starter", "strongswan-charon", "strongswan-swanctl");

            // strongSwan's administrator has written these, and swaps the package.
            root.Write("/etc/ipsec.conf", Conf);
            root.Write("/etc/ipsec.secrets", Secrets);
            root.Write("/etc/ipsec.d/private/moon.key", "a key\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
            root.Run("dpkg", "-i", s_first.Value).ShouldSucceed();
            root.Run("apt-get", "check").ShouldSucceed();
            root.Run("dpkg", "--purge", "strongswan-starter", "strongswan-charon").ShouldSucceed().ShouldSay("/etc/ipsec.conf went with another package", "/etc/ipsec.d went with another package");
            Assert.Equal(Conf, root.Read("/etc/ipsec.conf"));
            Assert.Equal(Secrets, root.Read("/etc/ipsec.secrets"));
            Assert.Equal("a key\n", root.Read("/etc/ipsec.d/private/moon.key"));
            Assert.Superset(new HashSet<string> { "-rw------- root /etc/ipsec.secrets", "drwx------ root /etc/ipsec.d/private", "-rw------- root /etc/ipsec.d/private/moon.key" }, root.Files().ToHashSet());
            Verify(root);

            var addressing = moon.Addressing();
            StartAndUp(root);
            wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            root.Run("swanctl", "--list-sas").ShouldSucceed().ShouldSay("net-net", "ESTABLISHED");

            // Another build of the same: the same process, the same SAs, which can be rekeyed and closed afterwards.
            var (pid, ids) = (root.Run("cat", "/run/charon.pid").Output, Ids(root));
            root.Run("dpkg", "-i", s_second.Value).ShouldSucceed().ShouldSay("the running charon is left as it is");
            Assert.Equal("0.1.0-2", root.Run("dpkg-query", "-W", "-f", "${Version}", "cygnet").Output);
            Assert.Equal(pid, root.Run("cat", "/run/charon.pid").Output);
            Assert.Equal(ids, Ids(root));
            Ping(root);
            root.Run("swanctl", "--rekey", "--ike", "net-net").ShouldSucceed();
            Wait.Until("the IKE_SA is another", () => Ids(root) is { Length: 2 } now && now[0] != ids[0], 30);
            Ping(root);
            root.Run("ipsec", "update").ShouldSucceed();

            // Removed: nothing runs, nothing of the tunnel is left; the configuration stays.
            root.Run("dpkg", "--remove", "strongswan", "cygnet").ShouldSucceed();
            Assert.DoesNotContain("ipsec", root.Running());
            Assert.Equal(addressing, moon.Addressing());
            Assert.Equal(Conf, root.Read("/etc/ipsec.conf"));
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.Equal(Conf, root.Read("/etc/ipsec.conf"));

            // On a root that never had any of it, purge leaves none.
            root.Shell("dpkg --purge strongswan-swanctl libstrongswan strongswan-libcharon libcharon-extra-plugins 2>/dev/null; rm -rf /etc/ipsec.* /etc/strongswan.* /etc/swanctl /var/lib/strongswan");
            var (files, running) = (root.Files(), root.Running());
            root.Run("dpkg", "-i", s_second.Value).ShouldSucceed();
            Assert.Equal("drwx------ root /etc/ipsec.d/private", root.Files().Single(line => line.EndsWith("/private") && line.Contains("ipsec.d")));
            Assert.Contains("-rw------- root /etc/ipsec.secrets", root.Files());
            root.Run("ipsec", "start").ShouldSucceed();
            Wait.Until("charon answers", () => root.Run("ipsec", "statusall").Output.Contains("Security Associations"), 60);
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.Equal(files, root.Files());
            Assert.Equal(running, root.Running());
            Assert.Equal(addressing, moon.Addressing());
        });
    }

    /// <summary>A Debian root on moon, and sun across the cable, where Cygnet waits for the tunnel.</summary>
    static (Host Moon, DebianRoot Root, Wire Wire) Facing(Bed bed)
    {
        var (moon, sun) = (bed.Host("moon"), bed.Gateway("sun", Product.Cygnet));
        var wire = bed.Cable(moon, "eth0", sun.Host, "eth0");
        moon.AddAddress("eth0", "192.168.0.1/24");
        moon.AddAddress("lo", "10.1.0.1/32");
        sun.Host.AddAddress("eth0", "192.168.0.2/24");
        sun.Host.AddAddress("lo", "10.2.0.1/32");
        moon.Run("ip", "route", "add", "10.2.0.0/16", "via", "192.168.0.2").ShouldSucceed();
        sun.Host.Run("ip", "route", "add", "10.1.0.0/16", "via", "192.168.0.1").ShouldSucceed();
        sun.Configure(Pair.Turned(Conf), Secrets);
        sun.Start();
        return (moon, new DebianRoot(moon), wire);
    }

    static void StartAndUp(DebianRoot root)
    {
        root.Run("ipsec", "start").ShouldSucceed();
        Wait.Until("charon has loaded the conn", () => root.Run("ipsec", "statusall").Output.Contains(" net-net: "), 60);
        root.Run("ipsec", "up", "net-net").ShouldSay("connection 'net-net' established successfully");
        Ping(root);
    }

    static void Ping(DebianRoot root) => root.Run("ping", "-c", "3", "-i", "0.2", "-W", "2", "-I", "10.1.0.1", "10.2.0.1").ShouldSucceed();

    /// <summary>What dpkg finds amiss, and what every package of Debian must have.</summary>
    static void Verify(DebianRoot root)
    {
        Assert.Equal("", root.Run("dpkg", "--verify", "cygnet").ShouldSucceed().Output);
        foreach (var file in (string[])["copyright", "changelog.Debian.gz"]) Assert.True(File.Exists(root.PathOf($"/usr/share/doc/cygnet/{file}")), file);
        root.Run("dpkg", "-L", "cygnet").ShouldSay("/usr/share/man/man8/ipsec.8.gz", "/usr/share/bash-completion/completions/ipsec", "/usr/share/zsh/vendor-completions/_ipsec");
        Assert.Equal("", root.Run("dpkg", "--audit").Output);
    }

    static string[] Ids(DebianRoot root) => [.. SaHead().Matches(root.Run("ipsec", "status").Output).Select(m => m.Value).Distinct()];

    [GeneratedRegex(@"net-net[\[{]\d+[\]}](?=: +(?:ESTABLISHED|INSTALLED))")]
    private static partial Regex SaHead();

    /// <summary>Builds a package of the installed tree.</summary>
    /// <returns>Where the roots see it.</returns>
    static string Package(string version)
    {
        var repository = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(repository, "Cygnet.slnx"))) repository = Path.GetDirectoryName(repository) ?? throw new BedFailure("not inside a checkout");
        var file = Command.Run(TimeSpan.FromMinutes(5), null, Path.Combine(repository, "packaging", "deb"), "--tree", InstalledTree.Prefix, "--output", DebianPackages.OfThisRun.Own, "--version", version, "--compress", "none")
            .ShouldSucceed().Output.Trim();
        return $"/mnt/{Path.GetFileName(file)}";
    }
}
