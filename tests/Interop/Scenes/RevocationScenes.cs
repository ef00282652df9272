// Revoked or not: Cygnet and strongSwan come to the same verdict, from CRLs on disk and by HTTP and from a responder, under each strictcrlpolicy.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class RevocationScenes
{
    const int WebPort = 8881, ResponderPort = 8880, NobodysPort = 8879;

    const string Moon = "C=CH, O=Cygnet Test, OU=rsa, CN=moon.cygnet.test";

    /// <summary>Where what is known comes from, the policy, whether the certificate is accepted, and whether Cygnet shows the certificate or judges it.</summary>
    public static TheoryData<string, string, bool, bool> Rows()
    {
        var rows = new TheoryData<string, string, bool, bool>();
        foreach (var (source, policy, isAccepted) in new[]
        {
            ("disk good", "yes", true), ("disk revoked", "no", false), ("disk stale", "no", true), ("disk stale", "ifuri", false), ("disk stale", "yes", false),
            ("web good", "yes", true), ("web revoked", "no", false), ("web nobody", "no", true), ("web nobody", "ifuri", false), ("web nobody", "yes", false),
            ("ocsp good", "yes", true), ("ocsp revoked", "no", false), ("ocsp nobody", "no", true), ("ocsp nobody", "ifuri", false), ("ocsp nobody", "yes", false),
            ("ocsp nobody, web good", "yes", true), ("ocsp nobody, web revoked", "no", false),
            ("none", "no", true), ("none", "ifuri", true), ("none", "yes", false),
        })
            foreach (var isInitiator in (bool[])[true, false]) rows.Add(source, policy, isAccepted, isInitiator);
        return rows;
    }

    // moon shows its certificate, sun judges it: sun has the ca section, the CRLs and the policy.
    [Theory, MemberData(nameof(Rows))]
    public void A_certificate_and_what_is_known_of_it(string source, string policy, bool isAccepted, bool isInitiator)
    {
        using var status = new StatusPki("moon-rsa.pem", source.Contains("revoked"));
        using var pair = new Pair($"revocation-{source.Replace(' ', '-').Replace(",", "")}-{policy}-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        List<IDisposable> servers = [];
        pair.Bed.Play(() =>
        {
            try
            {
                new Setup { Auth = "rsa", SunSetup = [$"strictcrlpolicy={policy}"], SunMore = $"ca test\n\tcacert=ca.pem\n{Uris(source)}\tauto=add\n" }.Write(pair);
                if (source.Contains("disk")) pair.Sun.Write("ipsec.d/crls/test.crl", status.Crl(source.Contains("stale")));
                if (source.Contains("web good") || source.Contains("web revoked")) servers.Add(StatusPki.Web(pair.Sun.Host, WebPort, status.Crl()));
                if (source.Contains("ocsp good") || source.Contains("ocsp revoked")) servers.Add(status.Responder(pair.Sun.Host, ResponderPort));
                pair.Start();
                var up = pair.Moon.Up("net-net").ShouldSucceed();
                pair.Sun.ShouldHaveLogged($"checking certificate status of \"{Moon}\"");
                if (isAccepted)
                {
                    up.ShouldSay("connection 'net-net' established successfully");
                    if (source.Contains("good")) pair.Sun.ShouldHaveLogged("certificate status is good");
                    pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                    pair.Moon.Down("net-net").ShouldSucceed();
                }
                else
                {
                    up.ShouldSay("received AUTHENTICATION_FAILED notify error", "establishing connection 'net-net' failed");
                    if (source.Contains("revoked")) pair.Sun.ShouldHaveLogged("certificate was revoked on ");
                    if (pair.Sun.Product == Product.Cygnet) pair.Sun.Host.Run("ipsec", "why").ShouldSay("we refused: authentication", $"\"{Moon}\"", "to change it: ");
                }
                if (source.Contains("web") && !source.Contains("web nobody")) pair.Sun.Host.Run("ipsec", "listcrls").ShouldSay("List of X.509 CRLs", "issuer:   \"C=CH, O=Cygnet Test, CN=Cygnet Test CA\"");
                if (source.Contains("ocsp good")) pair.Sun.Host.Run("ipsec", "listocsp").ShouldSay("List of OCSP Responses");
                pair.ShouldBeClean();
            }
            finally
            {
                foreach (var server in servers) server.Dispose();
            }
        });
    }

    // strongSwan 5.9.8 knows nothing of it (RFC 4806): two of ours, and openssl's responder beside the one that is asked.
    [Theory, InlineData(false), InlineData(true)]
    public void A_gateway_brings_along_what_its_responder_says(bool isRevoked)
    {
        using var status = new StatusPki("sun-rsa.pem", isRevoked);
        using var pair = new Pair($"revocation-brought-along-{(isRevoked ? "revoked" : "good")}", Product.Cygnet, Product.Cygnet);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["x-ocsp=request"], MoonSetup = ["strictcrlpolicy=yes"], SunMore = $"ca test\n\tcacert=ca.pem\n{Uri("ocspuri", ResponderPort)}\tauto=add\n" }.Write(pair);
            using var responder = status.Responder(pair.Sun.Host, ResponderPort);
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay(isRevoked ? "establishing connection 'net-net' failed" : "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("received empty OCSP cert request");
            pair.Sun.ShouldHaveLogged("sending OCSP status for certificate \"C=CH, O=Cygnet Test, OU=rsa, CN=sun.cygnet.test\"");
            pair.Moon.ShouldHaveLogged("received OCSP response issued by \"C=CH, O=Cygnet Test, CN=Cygnet Test CA\"");
            pair.Moon.ShouldHaveLogged(isRevoked ? "certificate was revoked on " : "certificate status is good");
            if (isRevoked) return;
            pair.Moon.Host.Run("ipsec", "listocsp").ShouldSay("List of OCSP Responses");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    static string Uris(string source) =>
        (source.Contains("web nobody") ? Uri("crluri", NobodysPort) : source.Contains("web") ? Uri("crluri", WebPort) : "")
        + (source.Contains("ocsp nobody") ? Uri("ocspuri", NobodysPort) : source.Contains("ocsp") ? Uri("ocspuri", ResponderPort) : "");

    static string Uri(string keyword, int port) => $"\t{keyword}=http://127.0.0.1:{port}/test\n";
}
