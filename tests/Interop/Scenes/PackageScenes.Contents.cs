// The Debian package beside Debian's own: whose files it brings too, and what lintian says of it.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class PackageScenes
{
    // Set aside by preinst, as libstrongswan stays.
    const string Diverted = "/usr/share/man/man5/strongswan.conf.5.gz";

    [DebianFact]
    public void It_replaces_every_package_whose_files_it_brings()
    {
        var packages = DebianPackages.OfThisRun;
        var own = Path.Combine(packages.Own, Path.GetFileName(s_first.Value));
        var (files, control) = (Contents(own), DebianPackages.Fields(Command.Run("dpkg-deb", "-f", own).ShouldSucceed().Output));
        HashSet<string> conflicts = [.. control["Conflicts"].Split(", ")], replaces = [.. control["Replaces"].Split(", ")];
        List<string> owners = [];
        foreach (var deb in packages.FetchAlone([.. packages.BuiltFrom("strongswan"), .. packages.BuiltFrom("libreswan")]))
        {
            var name = Path.GetFileName(deb).Split('_')[0];
            string[] both = [.. Contents(deb).Intersect(files)];
            if (both.Length > 0) owners.Add(name);
            if (both.Length == 0 || both is [Diverted]) continue;
            Assert.True(conflicts.Contains(name) && replaces.Contains(name), $"{name} has {string.Join(" ", both)} too");
        }
        Assert.Equal(["charon-systemd", "libreswan", "libstrongswan", "strongswan-pki", "strongswan-starter"], owners);
        // A name that it provides is one whose commands it has; Libreswan's `ipsec whack` is not among them.
        Assert.Equal("ike-server, strongswan-starter, strongswan-charon, strongswan-pki", control["Provides"]);
    }

    [DebianFact]
    public void Lintian_finds_nothing_wrong()
    {
        using var bed = new Bed("package-lintian");
        bed.Play(() =>
        {
            var root = new DebianRoot(bed.Host("moon"));
            root.Install("lintian");
            // Not compressed, as this is a test and shall be quick.
            Assert.Equal("", root.Run("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags", "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball", s_first.Value).Text);
        });
    }

    /// <summary>The files and links of a package.</summary>
    static HashSet<string> Contents(string deb) =>
    [
        .. Command.Run("dpkg-deb", "-c", deb).ShouldSucceed().Output.Split('\n').Where(line => line.Length > 0 && line[0] != 'd').Select(line => line[line.IndexOf("./", StringComparison.Ordinal)..].Split(" -> ")[0][1..]),
    ];
}
