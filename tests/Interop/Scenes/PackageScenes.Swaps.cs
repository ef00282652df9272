// The Debian package in the place of Libreswan, and strongSwan in the place of the package: the configuration stays, and the tunnel comes up each time.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class PackageScenes
{
    [DebianFact]
    public void It_takes_over_from_Libreswan_and_hands_over_to_strongSwan()
    {
        using var bed = new Bed("package-swaps");
        bed.Play(() =>
        {
            var (moon, root, wire) = Facing(bed);
            root.Install("libreswan");

            // As Libreswan's own files advise: theirs as they are, and a pair of files in ipsec.d.
            root.Write("/etc/ipsec.d/net.conf", Conf.Replace("config setup\n", "").Replace("keyexchange=ikev2", "ikev2=insist"));
            root.Write("/etc/ipsec.d/net.secrets", Secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var written = Configuration(root);
            Assert.Equal(4, written.Length);
            root.Run("apt-get", "-qq", "-y", "--no-install-recommends", "install", s_first.Value).ShouldSucceed();
            Assert.Equal(("config-files", "installed"), (State(root, "libreswan"), State(root, "cygnet")));
            Assert.Equal(written, Configuration(root));
            Verify(root);
            Assert.False(File.Exists(root.PathOf("/usr/libexec/ipsec/pluto")));
            root.Run("ipsec", "checkconf").ShouldSucceed().ShouldSay("/etc/ipsec.d/net.conf:3:2: warning: 'ikev2'", "0 errors");
            StartAndUp(root);
            wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);

            // Its purge takes what it once brought; the daemon does not notice.
            root.Run("dpkg", "--purge", "libreswan").ShouldSucceed().ShouldSay("/etc/ipsec.conf went with another package");
            Assert.Equal(written, Configuration(root));
            Assert.False(Directory.Exists(root.PathOf("/var/lib/cygnet/kept")), "keys are kept a second time for nothing");
            root.Run("ipsec", "update").ShouldSucceed();
            Ping(root);

            // And on to strongSwan. Nothing of ours is in its way, and purge finds that the files are its own now.
            root.Install("strongswan-starter", "strongswan-charon", "libstrongswan-standard-plugins", "libstrongswan-extra-plugins", "libcharon-extra-plugins");
            Assert.Equal(("installed", "config-files"), (State(root, "strongswan-starter"), State(root, "cygnet")));
            Assert.Equal(written, Configuration(root));
            Assert.DoesNotContain("/usr/libexec/ipsec", root.Running());
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.Equal(written, Configuration(root));
            Assert.Equal("libstrongswan: /usr/share/man/man5/strongswan.conf.5.gz", root.Run("dpkg", "-S", "/usr/share/man/man5/strongswan.conf.5.gz").Output.Trim());
            var files = root.Files();
            Assert.Contains("lrwxrwxrwx root /etc/systemd/system/multi-user.target.wants/strongswan-starter.service", files);
            Assert.DoesNotContain(files, line => line.Contains("cygnet") || line.EndsWith("/etc/systemd/system/strongswan-starter.service") || line.EndsWith("/etc/systemd/system/ipsec.service"));
            // The bed's kernel need not have ESP.
            root.Write("/etc/strongswan.d/charon/kernel-libipsec.conf", "kernel-libipsec {\n    load = yes\n}\n");
            StartAndUp(root);
            root.Run("ipsec", "stop").ShouldSucceed();
        });
    }

    [DebianFact]
    public void What_it_made_stays_when_strongSwan_has_taken_it_over()
    {
        using var bed = new Bed("package-given");
        bed.Play(() =>
        {
            var root = new DebianRoot(bed.Host("moon"));
            root.Run("dpkg", "-i", s_first.Value).ShouldSucceed();
            root.Write("/etc/ipsec.conf", Conf);
            root.Write("/etc/ipsec.secrets", Secrets);
            root.Install("strongswan-starter", "strongswan-charon");
            root.Run("dpkg", "--purge", "cygnet").ShouldSucceed();
            Assert.Equal(Conf, root.Read("/etc/ipsec.conf"));
            Assert.Equal(Secrets, root.Read("/etc/ipsec.secrets"));
            Assert.Superset(new HashSet<string> { "-rw------- root /etc/ipsec.secrets", "drwx------ root /etc/ipsec.d/private", "drwxr-xr-x root /etc/ipsec.d/cacerts" }, root.Files().ToHashSet());
        });
    }

    static string State(DebianRoot root, string package) => root.Run("dpkg-query", "-W", "-f", "${db:Status-Status}", package).Output;

    /// <summary>What an administrator has written, with its mode.</summary>
    static string[] Configuration(DebianRoot root) =>
        root.Shell("cd /etc && for file in ipsec.conf ipsec.secrets ipsec.d/net.conf ipsec.d/net.secrets; do echo \"$(stat -c '%A %U' $file) $(sha256sum $file)\"; done").ShouldSucceed().Output.Trim().Split('\n');
}
