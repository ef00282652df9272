// Whose certificate counts: Cygnet and strongSwan come to the same verdict, and Cygnet says which certificate, which check, and what would change it.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public class TrustScenes
{
    /// <summary>Whether Cygnet initiates, with a certificate that strongSwan judges, or responds and judges strongSwan's.</summary>
    public static readonly TheoryData<bool> Roles = [true, false];

    const string Policy = "1.3.6.1.4.1.99999.1", Leaf = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n", Ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n";

    const string Moon = "C=CH, O=Cygnet Test, CN=moon.cygnet.test", Middle = "C=CH, O=Cygnet Test, CN=Middle CA", Root = "C=CH, O=Cygnet Test, CN=Cygnet Test CA";

    [Theory, MemberData(nameof(Roles))]
    public void A_chain_that_satisfies_everything(bool isInitiator) => Judged("good", isInitiator, new()
    {
        Middle = $"basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nnameConstraints=critical,permitted;DNS:cygnet.test\ncertificatePolicies={Policy}\n",
        Leaf = $"{Leaf}certificatePolicies={Policy}\n",
    }, [$"rightca=\"{Middle}\"", "rightauth=pubkey-sha256"], null,
        $"using untrusted intermediate certificate \"{Middle}\"", $"using trusted ca certificate \"{Root}\"", "reached self-signed root ca with a path length of 1");

    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_that_has_expired(bool isInitiator) => Judged("expired", isInitiator, new() { Days = -1 }, [],
        $"\"{Moon}\" has to be issued anew, or this host's clock be set", "subject certificate invalid (valid from ");

    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_of_a_CA_that_nobody_knows(bool isInitiator) => Judged("untrusted", isInitiator, new() { IsStrange = true }, [],
        "the CA that signed the peer's certificate belongs into ipsec.d/cacerts", "no issuer certificate found for \"", "  issuer is \"");

    // Both products let nobody claim what the own certificate does not hold: moon is known by its subject then, for which sun has no conn.
    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_for_somebody_else(bool isInitiator) => Judged("identity", isInitiator, new() { AltName = "DNS:mars.cygnet.test" }, [],
        $"'rightid={Moon}'", "no matching peer config found");

    [Theory, MemberData(nameof(Roles))]
    public void More_CAs_than_one_of_them_allows(bool isInitiator) => Judged("pathlen", isInitiator,
        new() { IsLonger = true, Middle = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\n" }, [],
        $"\"{Middle}\" may have 0 CAs below it (basicConstraints), \"C=CH, O=Cygnet Test, CN=Lower CA\" is one too many", "path length of 1 violates constraint of 0");

    [Theory, MemberData(nameof(Roles))]
    public void A_name_that_the_CA_may_not_certify(bool isInitiator) => Judged("names", isInitiator, new() { Middle = Ca + "nameConstraints=critical,permitted;DNS:example.org\n" }, [],
        "that CA may not issue certificates for this name", "no trusted RSA public key found for 'moon.cygnet.test'");

    [Theory, MemberData(nameof(Roles))]
    public void A_policy_that_is_not_asserted(bool isInitiator) => Judged("policy", isInitiator, new(), [$"rightcertpolicy={Policy}"],
        $"'rightcertpolicy=' asks for it; \"{Moon}\" does not assert it", $"constraint requires cert policy {Policy}");

    [Theory, MemberData(nameof(Roles))]
    public void Another_CA_than_the_one_required(bool isInitiator) => Judged("rightca", isInitiator, new(), ["rightca=\"C=CH, O=Cygnet Test, CN=Own CA\""],
        $"'rightca=' asks for it; the chain of \"{Moon}\" has \"{Middle}\", \"{Root}\"", "constraint check failed: peer not authenticated by CA 'C=CH, O=Cygnet Test, CN=Own CA'");

    [Theory, MemberData(nameof(Roles))]
    public void A_certificate_that_is_not_for_signatures(bool isInitiator) => Judged("usage", isInitiator, new() { Leaf = "basicConstraints=CA:FALSE\nkeyUsage=keyEncipherment\n" }, [],
        "its CA has to issue another one", "rejecting certificate without digitalSignature or nonRepudiation keyUsage flags");

    [Theory, MemberData(nameof(Roles))]
    public void Signatures_that_are_not_good_enough(bool isInitiator) => Judged("weak", isInitiator, new(), ["rightauth=rsa-4096-sha512"],
        "'rightauth=' says which keys and signatures are good enough");

    [Theory, MemberData(nameof(Roles))]
    public void Raw_public_keys(bool isInitiator)
    {
        using var pair = new Pair($"trust-raw-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            new Setup { Moon = ["authby=pubkey", "leftsigkey=moon.pub", "rightsigkey=sun.pub"], Sun = ["authby=pubkey", "leftsigkey=sun.pub", "rightsigkey=moon.pub"] }.Write(pair);
            foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun])
            {
                gateway.Write("ipsec.d/private/own.key", File.ReadAllText(TestPki.PathOf($"{gateway.Name}-rsa.key")));
                gateway.Write("ipsec.secrets", ": RSA own.key\n");
                foreach (var host in (string[])["moon", "sun"])
                    gateway.Write($"ipsec.d/certs/{host}.pub", Command.Run("openssl", "pkey", "-in", TestPki.PathOf($"{host}-rsa.key"), "-pubout").ShouldSucceed().Output);
            }
            pair.Start();
            pair.Moon.Up("net-net").ShouldSay("authentication of 'sun.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful", "connection 'net-net' established successfully");
            pair.Sun.ShouldHaveLogged("authentication of 'moon.cygnet.test' with RSA_EMSA_PKCS1_SHA2_256 successful");
            pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
            foreach (var gateway in (Gateway[])[pair.Moon, pair.Sun]) gateway.Host.Run("ipsec", "listpubkeys").ShouldSay("List of Raw Public Keys", "subject:  \"moon.cygnet.test\"", "subject:  \"sun.cygnet.test\"", "has private key");
            pair.Moon.Down("net-net").ShouldSucceed();
            pair.ShouldBeClean();
        });
    }

    // moon shows the certificate and sun judges it. Sun logs the lines, whoever it is; what would change it, Cygnet alone says. Without a remedy it is good.
    static void Judged(string scene, bool isInitiator, ChainPki chain, string[] demands, string? remedy, params string[] lines)
    {
        using var _ = chain;
        using var pair = new Pair($"trust-{scene}-{(isInitiator ? "initiates" : "responds")}",
            isInitiator ? Subject.Product : Product.StrongSwan, isInitiator ? Product.StrongSwan : Subject.Product);
        pair.Bed.Play(() =>
        {
            new Setup { Auth = "rsa", Moon = ["leftcert=chain.pem"], Sun = [.. demands] }.Write(pair);
            pair.Moon.Write("ipsec.secrets", TestPki.Give(pair.Moon) + chain.Give(pair.Moon));
            // A CA that is loaded, and has nothing to do with it: the reference drops a rightca that it does not know.
            pair.Sun.Write("ipsec.d/cacerts/own.pem", OwnCa());
            pair.Start();
            var up = pair.Moon.Up("net-net").ShouldSucceed();
            foreach (var line in lines) pair.Sun.ShouldHaveLogged(line);
            if (remedy is null)
            {
                up.ShouldSay("connection 'net-net' established successfully");
                pair.Moon.Ping("10.1.0.1", "10.2.0.1").ShouldSucceed();
                pair.Moon.Down("net-net").ShouldSucceed();
            }
            else
            {
                up.ShouldSay("received AUTHENTICATION_FAILED notify error", "establishing connection 'net-net' failed");
                if (pair.Sun.Product == Product.Cygnet)
                {
                    pair.Sun.ShouldHaveLogged($"; {remedy}");
                    pair.Sun.Host.Run("ipsec", "why").ShouldSay($"we refused: {(scene == "identity" ? "identities" : "authentication")}", $"to change it: {remedy}");
                }
            }
            pair.ShouldBeClean();
        });
    }

    static string OwnCa()
    {
        var folder = Bed.NewFolder("own");
        var file = Path.Combine(folder, "own.pem");
        Command.Run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-keyout", file + ".key", "-out", file,
            "-subj", "/C=CH/O=Cygnet Test/CN=Own CA", "-addext", "basicConstraints=critical,CA:TRUE").ShouldSucceed();
        var text = File.ReadAllText(file);
        Directory.Delete(folder, recursive: true);
        return text;
    }
}
