// Groups by attribute certificates, with strongSwan as the other end. RFC 5755. Debian's charon sends attribute certificates; what judges them, its plugin
// acert, Debian does not ship: so whom it would let in is not seen here, only that it reads what we send.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public sealed class GroupScenes : IDisposable
{
    readonly string _folder = Bed.NewFolder("groups");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string At(string name) => Path.Combine(_folder, name);

    /// <summary>The program that makes what is needed: strongSwan's pki or ours.</summary>
    string Pki(bool isOurs, params ReadOnlySpan<string> words) =>
        Command.Run([isOurs ? Path.Combine(InstalledTree.Prefix, "bin/pki") : "/usr/bin/pki", .. words, "--outform", "pem"]).ShouldSucceed().Output;

    void MakeAuthority(bool isOurs, string name)
    {
        File.WriteAllText(At(name + ".key"), Pki(isOurs, "--gen", "--type", "ed25519"));
        File.WriteAllText(At(name + ".pem"), Pki(isOurs, "--self", "--in", At(name + ".key"), "--dn", $"C=CH, O=Cygnet Test, CN={name}"));
    }

    string Attributes(bool isOurs, string authority, string holder, params ReadOnlySpan<string> groups)
    {
        List<string> words = ["--acert", "--in", TestPki.PathOf($"{holder}-rsa.pem"), "--issuercert", At(authority + ".pem"), "--issuerkey", At(authority + ".key")];
        foreach (var group in groups) words.AddRange(["--group", group]);
        return Pki(isOurs, [.. words]);
    }

    static Pair Stage(string scene, bool weInitiate) => new($"groups-{scene}-{(weInitiate ? "initiates" : "responds")}",
        weInitiate ? Product.Cygnet : Product.StrongSwan, weInitiate ? Product.StrongSwan : Product.Cygnet);

    /// <summary>Whether Cygnet initiates, and whether its pki makes the certificates.</summary>
    public static readonly TheoryData<bool, bool> Roles = new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory, MemberData(nameof(Roles))]
    public void A_member_is_let_in(bool weInitiate, bool oursMakes)
    {
        using var pair = Stage("member", weInitiate);
        pair.Bed.Play(() =>
        {
            var (us, them) = weInitiate ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
            MakeAuthority(oursMakes, "aa");
            us.Write("ipsec.d/aacerts/aa.pem", File.ReadAllText(At("aa.pem")));
            them.Write("ipsec.d/acerts/own.pem", Attributes(oursMakes, "aa", them.Name, "finance", "sales"));
            us.Write("ipsec.d/acerts/own.pem", Attributes(oursMakes, "aa", us.Name, "gateways"));
            Wants("sales", weInitiate).Write(pair);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("sending attribute certificate issued by \"C=CH, O=Cygnet Test, CN=aa\"", "connection 'net-net' established successfully");
            us.ShouldHaveLogged("received attribute certificate issued by \"C=CH, O=Cygnet Test, CN=aa\"");
            us.ShouldHaveLogged("verifying attribute certificate issued by \"C=CH, O=Cygnet Test, CN=aa\"");
            them.ShouldHaveLogged("received attribute certificate issued by \"C=CH, O=Cygnet Test, CN=aa\"");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(false, "other", "the peer is in the groups 'finance' by its attribute certificates; 'rightgroups=' wants one of sales")]
    [InlineData(true, "other", "the peer is in the groups 'finance' by its attribute certificates; 'rightgroups=' wants one of sales")]
    [InlineData(false, "none", "the peer is in no group by a valid attribute certificate; 'rightgroups=' wants one of sales")]
    [InlineData(false, "stranger", "no certificate of the attribute authority \"C=CH, O=Cygnet Test, CN=stranger\" is loaded")]
    [InlineData(false, "anothers", "the peer is in no group by a valid attribute certificate; 'rightgroups=' wants one of sales")]
    public void Who_is_no_member_is_refused_and_told_why(bool weInitiate, string has, string reason)
    {
        using var pair = Stage($"refused-{has}", weInitiate);
        pair.Bed.Play(() =>
        {
            var (us, them) = weInitiate ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
            foreach (var name in (ReadOnlySpan<string>)["aa", "stranger"]) MakeAuthority(false, name);
            us.Write("ipsec.d/aacerts/aa.pem", File.ReadAllText(At("aa.pem")));
            if (has != "none")
                them.Write("ipsec.d/acerts/own.pem", has switch
                {
                    "other" => Attributes(false, "aa", them.Name, "finance"),
                    "stranger" => Attributes(false, "stranger", them.Name, "sales"),
                    _ => Attributes(false, "aa", us.Name, "sales"),
                });
            Wants("sales", weInitiate).Write(pair);
            pair.Start();
            var up = pair.Moon.Up("net-net");
            if (!weInitiate) up.ShouldSay("received AUTHENTICATION_FAILED notify error");
            us.ShouldHaveLogged("constraint check failed: group membership to 'sales' required");
            us.Host.Run("ipsec", "why").ShouldSay(reason, "ipsec.d/aacerts");
            pair.ShouldBeClean();
        });
    }

    [Fact]
    public void The_groups_choose_the_conn_by_what_the_gateway_has_itself()
    {
        using var pair = Stage("cached", weInitiate: false);
        pair.Bed.Play(() =>
        {
            MakeAuthority(false, "aa");
            pair.Sun.Write("ipsec.d/aacerts/aa.pem", File.ReadAllText(At("aa.pem")));
            pair.Sun.Write("ipsec.d/acerts/moon.pem", Attributes(false, "aa", "moon", "finance"));
            new Setup { Auth = "rsa", SunNet = "10.2.0.0/16" }.Write(pair);
            pair.Sun.Configure($"""
                config setup

                conn %default
                    keyexchange=ikev2
                    mobike=no
                    reauth=no
                    ike=aes128-sha256-x25519!
                    esp=aes128gcm16-x25519!
                    left=192.168.0.2
                    leftid=@sun.cygnet.test
                    leftcert=sun-rsa.pem
                    right=192.168.0.1
                    rightid=@moon.cygnet.test
                    rightsubnet=10.1.0.0/24
                    auto=add

                conn sales
                    rightgroups=sales
                    leftsubnet=10.2.1.0/24

                conn finance
                    rightgroups="finance, research"
                    leftsubnet=10.2.0.0/24

                """, TestPki.Give(pair.Sun));
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("switching to peer config 'finance'");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    static Setup Wants(string group, bool weInitiate) => weInitiate
        ? new() { Auth = "rsa", Moon = [$"rightgroups={group}"] } : new() { Auth = "rsa", Sun = [$"rightgroups={group}"] };
}
