// EAP inside IKE_AUTH: the client proves itself by a method, the gateway by its certificate. RFC 7296 2.16.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class EapScenes
{
    /// <summary>The method, and whether Cygnet is the client or the gateway; the other end is strongSwan.</summary>
    public static readonly TheoryData<string, bool> Methods = new()
    {
        { "mschapv2", true }, { "mschapv2", false },
        { "md5", true }, { "md5", false },
        { "gtc", true }, { "gtc", false },
        { "tls", true }, { "tls", false },
        { "ttls", true }, { "ttls", false },
    };

    const string User = "carol : EAP \"a password\"\n";

    static Pair Stage(string scene, bool isClient) => new($"eap-{scene}-{(isClient ? "client" : "gateway")}",
        isClient ? Subject.Product : Product.StrongSwan, isClient ? Product.StrongSwan : Subject.Product);

    static void Write(Pair pair, string method, string moonSecrets)
    {
        var usesCertificate = method == "tls";
        pair.Moon.Configure($"""
            config setup

            conn net-net
                keyexchange=ikev2
                mobike=no
                reauth=no
                left=192.168.0.1
                leftid={(usesCertificate ? "@moon.cygnet.test" : "carol@cygnet.test")}
                leftauth=eap
                {(usesCertificate ? "leftcert=moon-rsa.pem" : "eap_identity=carol")}
                leftsubnet=10.1.0.0/24
                right=192.168.0.2
                rightid=@sun.cygnet.test
                rightauth=pubkey
                rightsubnet=10.2.0.0/24
                auto=add

            """, TestPki.Give(pair.Moon) + moonSecrets);
        pair.Sun.Configure($"""
            config setup

            conn net-net
                keyexchange=ikev2
                mobike=no
                reauth=no
                left=192.168.0.2
                leftid=@sun.cygnet.test
                leftcert=sun-rsa.pem
                leftauth=pubkey
                leftsubnet=10.2.0.0/24
                right=192.168.0.1
                rightid={(usesCertificate ? "@moon.cygnet.test" : "*@cygnet.test")}
                rightauth=eap-{method}
                rightsendcert=never
                {(usesCertificate ? "" : "eap_identity=%identity")}
                rightsubnet=10.1.0.0/24
                auto=add

            """, TestPki.Give(pair.Sun) + User);
    }

    [Theory, MemberData(nameof(Methods))]
    public void A_client_comes_in_by_EAP(string method, bool isClient)
    {
        using var pair = Stage(method, isClient);
        pair.Bed.Play(() =>
        {
            Write(pair, method, User);
            // strongSwan's server asks PAM unless it is told to look into its secrets
            if (method == "gtc") pair.Sun.Settings("plugins {\n    eap-gtc {\n        backend = generic\n    }\n}");
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("authentication of 'sun.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful",
                "(myself) with EAP", "authentication of 'sun.cygnet.test' with EAP successful", "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged($"authentication of '{(method == "tls" ? "moon.cygnet.test" : "carol@cygnet.test")}' with EAP successful");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Wire.ShouldContainOnlyEspAndIke(atLeastEsp: 6);
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    // The gateway fetches the CRL while the client waits.
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_certificate_inside_EAP_may_be_revoked(bool isClient, bool isRevoked)
    {
        const int port = 8881;
        using var status = new StatusPki("moon-rsa.pem", isRevoked);
        using var pair = Stage($"tls-{(isRevoked ? "revoked" : "asked-about")}", isClient);
        pair.Bed.Play(() =>
        {
            Write(pair, "tls", User);
            pair.Sun.Write("ipsec.conf", File.ReadAllText(pair.Sun.PathOf("ipsec.conf")) + $"\nca test\n\tcacert=ca.pem\n\tcrluri=http://127.0.0.1:{port}/test\n\tauto=add\n");
            using var web = StatusPki.Web(pair.Sun.Host, port, status.Crl());
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay(isRevoked ? "establishing connection 'net-net' failed" : "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("received TLS peer certificate");
            pair.Sun.ShouldHaveLogged($"fetching crl from 'http://127.0.0.1:{port}/test'");
            pair.Sun.ShouldHaveLogged(isRevoked ? "certificate was revoked on " : "certificate status is good");
            if (isRevoked) return;
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_wrong_password_is_refused(bool isClient)
    {
        using var pair = Stage("wrong", isClient);
        pair.Bed.Play(() =>
        {
            Write(pair, "mschapv2", User.Replace("a password", "another"));
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("establishing connection 'net-net' failed");
            pair.Moon.ShouldBeClean(); // strongSwan as the gateway waits for its half-open time-out
        });
    }
}
