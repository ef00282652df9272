// Certificates that are only named, by hash and URL: Cygnet and strongSwan send the names and fetch what they name. RFC 7296 3.6.
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class HashAndUrlScenes
{
    const int Port = 8882;

    static byte[] Der(string host)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(TestPki.PathOf($"{host}-rsa.pem"));
        return certificate.RawData;
    }

    static string Url(string host) => $"http://127.0.0.1:{Port}/{Convert.ToHexStringLower(SHA1.HashData(Der(host)))}";

    static string Section(bool hasPlace) => $"ca test\n\tcacert=ca.pem\n{(hasPlace ? $"\tcerturibase=http://127.0.0.1:{Port}/\n" : "")}\tauto=add\n";

    static Pair Stage(string scene, bool isInitiator)
    {
        var pair = new Pair($"hash-and-url-{scene}-{(isInitiator ? "initiates" : "responds")}", isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun]) gateway.Settings("hash_and_url = yes");
        return pair;
    }

    // Beside each end is the server that has the other's certificate.
    [Theory, InlineData(true), InlineData(false)]
    public void Each_end_names_its_certificate_and_the_other_fetches_it(bool isInitiator)
    {
        using var pair = Stage("both", isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", More = Section(hasPlace: true) }.Write(pair);
            using var atSun = StatusPki.Web(pair.Sun.Host, Port, Der("moon"));
            using var atMoon = StatusPki.Web(pair.Moon.Host, Port, Der("sun"));
            pair.Start();
            pair.Moon.Up("net-net").ShouldSucceed().ShouldSay("connection 'net-net' established successfully");
            foreach (var (gateway, own, other) in new[] { (pair.Moon, "moon", "sun"), (pair.Sun, "sun", "moon") })
            {
                gateway.ShouldHaveLogged($"sending hash-and-url \"{Url(own)}\"");
                gateway.ShouldHaveLogged($"received hash-and-url for end entity cert \"{Url(other)}\"");
                gateway.ShouldHaveLogged($"  fetched certificate \"{TestPki.Subject(other, "rsa")}\"");
            }
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    // strongSwan as moon or sun names a place; Cygnet is not told that it lies in a network of its own, or finds another certificate there.
    [Theory, InlineData("elsewhere", true), InlineData("elsewhere", false), InlineData("another", true), InlineData("another", false)]
    public void What_a_peer_names_is_not_fetched_from_anywhere_and_has_to_be_what_it_says(string what, bool isInitiator)
    {
        using var pair = Stage(what, isInitiator);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", More = Section(hasPlace: true) }.Write(pair);
            var (ours, theirs) = isInitiator ? (pair.Moon, pair.Sun) : (pair.Sun, pair.Moon);
            if (what == "elsewhere") ours.Write("ipsec.conf", File.ReadAllText(ours.PathOf("ipsec.conf")).Replace(Section(hasPlace: true), Section(hasPlace: false)));
            using var web = StatusPki.Web(ours.Host, Port, what == "another" ? Der(ours.Name) : Der(theirs.Name));
            using var other = StatusPki.Web(theirs.Host, Port, Der(ours.Name));
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("establishing connection 'net-net' failed");
            ours.ShouldHaveLogged($"  fetching certificate from '{Url(theirs.Name)}' ...");
            ours.ShouldHaveLogged(what == "another" ? "what is there is not the certificate with hash" : $"port {Port} is asked for by a peer");
            ours.ShouldHaveLogged("  fetching certificate failed");
        });
    }
}
