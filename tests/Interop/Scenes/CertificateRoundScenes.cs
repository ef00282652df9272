// Several certificates of one end, and a second round with a certificate of its own: leftcert with commas, leftcert2, rightcert2, leftca2, rightca2.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class CertificateRoundScenes
{
    /// <summary>Whether Cygnet initiates or responds; the other end is strongSwan. And whether Cygnet is the one with the several certificates.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    const string Ca = "C=CH, O=Cygnet Test, CN=Cygnet Test CA", OtherCa = "C=CH, O=Cygnet Test, CN=Middle CA";

    static string Conf(string me, string peer, string own, string other, params string[] lines) => $"""
        config setup

        conn net-net
            keyexchange=ikev2
            mobike=no
            ike=aes128-sha256-x25519!
            esp=aes128gcm16-x25519!
            left={own}
            leftid=@{me}.cygnet.test
            leftauth=pubkey
            leftauth2=pubkey
            leftcert2={me}-ecdsa.pem
            leftid2="{TestPki.Subject(me, "ecdsa")}"
            right={other}
            rightid=@{peer}.cygnet.test
            rightauth=pubkey
            rightauth2=pubkey
            leftsubnet={(me == "moon" ? "10.1.0.0/24" : "10.2.0.0/24")}
            rightsubnet={(me == "moon" ? "10.2.0.0/24" : "10.1.0.0/24")}
            auto=add
        {string.Concat(lines.Select(line => $"    {line}\n"))}
        """;

    static void GiveCertificates(Gateway to, string of)
    {
        foreach (var kind in TestPki.Kinds) to.Write($"ipsec.d/certs/{of}-{kind}.pem", File.ReadAllText(TestPki.PathOf($"{of}-{kind}.pem")));
    }

    /// <summary>Moon has two certificates for its first round, the one that comes first from a CA that sun does not know; sun names the peer's.</summary>
    static void Configure(Pair pair, ChainPki stranger, string wanted)
    {
        pair.Moon.Configure(Conf("moon", "sun", "192.168.0.1", "192.168.0.2", "leftcert=chain.pem,moon-rsa.pem", $"rightca=\"{Ca}\"", "rightcert2=sun-ecdsa.pem", $"leftca2=\"{Ca}\"", "rightca2=%same"),
            TestPki.Give(pair.Moon) + stranger.Give(pair.Moon));
        pair.Sun.Configure(Conf("sun", "moon", "192.168.0.2", "192.168.0.1", "leftcert=sun-rsa.pem", "rightcert=moon-ed25519.pem,moon-rsa.pem", $"rightid2=\"{TestPki.Subject("moon", "ecdsa")}\"", $"rightca2=\"{wanted}\""), TestPki.Give(pair.Sun));
        GiveCertificates(pair.Moon, "sun");
        GiveCertificates(pair.Sun, "moon");
    }

    static Pair Stage(string scene, bool isMoon) => new($"cert-rounds-{scene}-{(isMoon ? "moon" : "sun")}", isMoon ? Subject.Product : Product.StrongSwan, isMoon ? Product.StrongSwan : Subject.Product);

    [Theory, MemberData(nameof(Roles))]
    public void Each_round_has_the_certificate_that_the_peer_asks_for(bool isMoon)
    {
        using var stranger = new ChainPki { IsStrange = true };
        using var pair = Stage("good", isMoon);
        pair.Bed.Play(() =>
        {
            Configure(pair, stranger, Ca);
            pair.Start();
            foreach (var initiator in (Gateway[])[pair.Moon, pair.Sun])
            {
                initiator.Up("net-net").ShouldSay("connection 'net-net' established successfully");
                foreach (var (me, peer) in ((Gateway, string)[])[(pair.Moon, "sun"), (pair.Sun, "moon")])
                {
                    me.ShouldHaveLogged($"authentication of '{peer}.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful");
                    me.ShouldHaveLogged($"authentication of '{TestPki.Subject(peer, "ecdsa")}' with ECDSA_WITH_SHA256_DER successful");
                }
                Assert.DoesNotContain("CN=Middle CA", pair.Sun.Log);
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                initiator.Down("net-net").ShouldSucceed();
                pair.ShouldBeClean();
            }
        });
    }

    [Theory, MemberData(nameof(Roles))]
    public void Another_CA_in_the_second_round_is_refused(bool isMoon)
    {
        using var stranger = new ChainPki { IsStrange = true };
        using var pair = Stage("ca", isMoon);
        pair.Bed.Play(() =>
        {
            Configure(pair, stranger, OtherCa);
            stranger.Give(pair.Sun);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("establishing connection 'net-net' failed");
            pair.Sun.ShouldHaveLogged($"constraint check failed: peer not authenticated by CA '{OtherCa}'");
            pair.Sun.Up("net-net").ShouldSay("establishing connection 'net-net' failed");
            pair.ShouldBeClean();
        });
    }
}
